// The checks that every page must pass, in every window and colour scheme.

import { AXE } from "./library.mjs";

/** Limit of a page's transfer size without pictures, in bytes. */
const HEAVIEST = 100 * 1024;

/** Impacts that fail a page; the others are counted. */
const GRAVE = ["serious", "critical"];

/** The minimum size of a target, in CSS pixels. */
const TARGET = 44;

/** Rules about colours, which run in each scheme. */
const COLOUR_RULES = ["color-contrast", "link-in-text-block"];

/**
 * Visits a place in one window, in both colour schemes. Returns the problems as text, and the page's score.
 */
export async function look(browser, base, place, { window, locale, schemes }) {
    const context = await browser.newContext({ viewport: window, locale, colorScheme: schemes[0], reducedMotion: "reduce" });
    try {
        const page = await context.newPage();
        const seen = watch(page, base, place);
        await page.addInitScript(observe);
        const answer = await place.visit(page, base);
        const problems = [];
        if (answer.status() !== place.status) problems.push(`answered with ${answer.status()}`);
        await scroll(page);
        const measured = await page.evaluate(measure, TARGET);
        problems.push(...measured.problems);
        const isFeed = !(await page.evaluate(() => document.documentElement.matches("html")));
        // A feed is not HTML, so the rules do not apply.
        const found = isFeed ? [] : await judge(page, schemes);
        const grave = found.filter(({ impact }) => GRAVE.includes(impact));
        problems.push(...grave.map(({ impact, text }) => `axe, ${impact}: ${text}`));
        problems.push(...seen.problems);
        const weight = await seen.weight(answer);
        if (weight.total > HEAVIEST) problems.push(`weighs ${weight.total} bytes`);
        if (weight.pages !== 1) problems.push(`${weight.pages} requests for a page`);
        if (weight.styles !== 1) problems.push(`${weight.styles} requests for a stylesheet`);
        const others = found.filter((one) => !grave.includes(one));
        return { problems, score: { ...weight, shift: measured.shift, grave: grave.length, moderate: others.map(({ text }) => text) } };
    } finally {
        await context.close();
    }
}

/** Records a page's console messages and requests. */
function watch(page, base, place) {
    const problems = [];
    let requests = [];
    page.on("console", (message) => {
        if (!["error", "warning", "assert"].includes(message.type())) return;
        // The browser also logs the expected status of an error page.
        const isRefusal = place.status >= 400 && message.text().includes(`status of ${place.status}`);
        if (!isRefusal) problems.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
    page.on("request", (request) => {
        // Earlier requests belong to the previous page, the one with the box.
        if (request.isNavigationRequest() && request.redirectedFrom() === null) requests = [];
        requests.push(request);
        if (new URL(request.url()).origin !== base) problems.push(`asked elsewhere: ${request.url()}`);
    });
    page.on("requestfailed", (request) => {
        // A browser aborts the request of a video when it has enough data.
        if (request.resourceType() !== "media") problems.push(`failed: ${request.url()}`);
    });
    page.on("response", (response) => {
        if (response.status() >= 400 && !response.request().isNavigationRequest()) {
            problems.push(`${response.status()}: ${response.url()}`);
        }
    });
    const weight = async (answer) => {
        // The response to a form is a redirect to the page.
        const ofType = (type) => requests.filter((request) => request.resourceType() === type && request.redirectedTo() === null);
        const html = await bytes(answer.request());
        const styles = await Promise.all(ofType("stylesheet").map(bytes));
        const total = styles.reduce((sum, size) => sum + size, html);
        return { html, total, pages: ofType("document").length, styles: styles.length, requests: requests.length };
    };
    return { problems, weight };
}

async function bytes(request) {
    // The size of a response from the browser's cache is reported as negative.
    return Math.max(0, (await request.sizes()).responseBodySize);
}

/** Runs in the page before everything else: records layout shifts and violations of the content security policy. */
function observe() {
    globalThis.noted = { shifts: [], violations: [] };
    const note = (list) => list.getEntries().forEach((entry) => globalThis.noted.shifts.push(entry));
    new PerformanceObserver(note).observe({ type: "layout-shift", buffered: true });
    addEventListener("securitypolicyviolation", (event) => {
        globalThis.noted.violations.push(`${event.violatedDirective}: ${event.blockedURI}`);
    });
}

/** Scrolls down the whole page and back, so that everything is loaded. */
async function scroll(page) {
    await page.evaluate(async () => {
        const frame = () => new Promise(requestAnimationFrame);
        const root = document.scrollingElement ?? document.documentElement;
        for (let at = 0; at < root.scrollHeight; at += innerHeight) {
            scrollTo(0, at);
            await frame();
        }
        const loaded = (image) => image.complete || new Promise((done) => (image.onload = image.onerror = done));
        await Promise.all([...document.images].map(loaded));
        await frame();
        await frame();
        scrollTo(0, 0);
        await frame();
    });
}

/** Runs in the page: checks its layout. */
function measure(target) {
    const problems = [];
    const kind = (element) => [element.parentElement, element].map((one) => [one?.localName, ...(one?.classList ?? [])].join(".")).join(" > ");
    const name = (element) => {
        const words = (element.getAttribute("aria-label") ?? element.textContent ?? "").trim().slice(0, 30);
        return `${kind(element)} “${words}”`;
    };
    const isVisible = (element) => {
        const box = element.getBoundingClientRect();
        const isThere = element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true });
        return isThere && box.width > 1 && box.height > 1 && box.right > 0 && box.bottom + scrollY > 0;
    };
    // A link in running text, or in the text of a post, has the height of its line (WCAG 2.5.5 exempts those); any
    // other link is a target of its own.
    const isAmongWords = (element) => {
        if (element.closest(".text")) return true;
        if (getComputedStyle(element).display !== "inline") return false;
        let block = element.parentElement;
        while (getComputedStyle(block).display === "inline") block = block.parentElement;
        const words = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
        while (words.nextNode()) {
            const text = words.currentNode;
            if (!text.parentElement.closest("a, button, label, summary") && /[\p{L}\p{N}]/u.test(text.data)) return true;
        }
        return false;
    };

    // A player lays out its own controls; the page has no influence on that.
    const players = [...document.querySelectorAll("audio, video")].map((player) => player.getBoundingClientRect());
    const isWithinPlayer = ({ node, currentRect: { left, right, top, bottom } }) =>
        node === null && players.some((box) => left >= box.left && right <= box.right && top >= box.top && bottom <= box.bottom);
    const { violations } = globalThis.noted;
    const shifts = globalThis.noted.shifts.filter(({ sources }) => sources.length === 0 || !sources.every(isWithinPlayer));
    const shift = shifts.reduce((sum, entry) => sum + entry.value, 0);
    for (const entry of shifts) {
        problems.push(`moved by ${entry.value.toFixed(4)}: ${entry.sources.map(({ node }) => (node?.localName ? name(node) : "?")).join(", ")}`);
    }
    problems.push(...violations.map((violation) => `against its policy: ${violation}`));

    const root = document.scrollingElement ?? document.documentElement;
    if (root.scrollWidth > innerWidth) {
        const wide = [...document.body?.querySelectorAll("*") ?? []].filter((element) => element.getBoundingClientRect().right > innerWidth + 1 || element.getBoundingClientRect().left < -1);
        problems.push(`${root.scrollWidth} px in a window of ${innerWidth}: ${wide.slice(0, 3).map(name).join(", ")}`);
    }
    for (const image of document.images) {
        if (image.naturalWidth === 0) problems.push(`broken picture: ${image.getAttribute("src")}`);
    }
    const small = new Map();
    for (const element of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
        if (!isVisible(element) || isAmongWords(element)) continue;
        const boxes = [element, ...(element.labels ?? [])].map((one) => one.getBoundingClientRect());
        const width = Math.max(...boxes.map((box) => box.width));
        const height = Math.max(...boxes.map((box) => box.height));
        // Half a pixel is rounding of rem.
        if (height < target - 0.5 || width < target - 0.5) {
            const alike = small.get(kind(element)) ?? [];
            small.set(kind(element), [...alike, `${Math.round(width)} × ${Math.round(height)}: ${name(element)}`]);
        }
    }
    for (const alike of small.values()) problems.push(`${alike.length} small targets, such as ${alike[0]}`);
    const headings = document.querySelectorAll("h1").length;
    if (document.documentElement.matches("html") && headings !== 1) problems.push(`${headings} first headings`);
    return { problems, shift };
}

/** The violations that axe finds with all details open, in each colour scheme. */
async function judge(page, schemes) {
    await page.evaluate(AXE);
    const found = new Map();
    for (const scheme of schemes) {
        await page.emulateMedia({ colorScheme: scheme });
        const rules = scheme === schemes[0] ? null : COLOUR_RULES;
        const violations = await page.evaluate(async (rules) => {
            document.querySelectorAll("details").forEach((details) => (details.open = true));
            const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
            const runOnly = rules ? { type: "rule", values: rules } : { type: "tag", values: tags };
            const result = await globalThis.axe.run(document, { runOnly, resultTypes: ["violations"], iframes: false });
            return result.violations.map(({ id, impact, nodes }) => ({
                id,
                impact,
                nodes: nodes.map(({ target, failureSummary }) => `${target.join(" ")} (${failureSummary.split("\n")[1]?.trim()})`),
            }));
        }, rules);
        for (const { id, impact, nodes } of violations) {
            found.set(`${id}${rules ? scheme : ""}`, { impact, text: `${id} at ${nodes.length}: ${nodes.slice(0, 3).join("; ")}` });
        }
    }
    return [...found.values()];
}
