// Keyboard only: everything can be reached, in order, with a visible focus.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";

import { PHONE, open } from "./stage.mjs";

const { base, page: newPage, stop } = await open();
after(stop);

const PATHS = ["/", "/tidewater", "/zenit_library", "/tidewater/59", "/tidewater/12", "/tidewater+diwan_alrih", "/-/search", "/-/search?q=tea", "/-/status", "/nobody_here"];

describe("with the keyboard alone", { concurrency: 2 }, () => {
    for (const path of PATHS) {
        for (const window of [undefined, PHONE]) {
            test(`${path}${window ? " on a phone" : ""} is gone through by Tab, in order, and one sees where one is`, async () => {
                const page = await newPage({ path, window });
                const { problems, order } = await goThrough(page);
                assert.deepEqual(problems, []);
                assert.deepEqual(order, await page.evaluate(focusable));
                await page.context().close();
            });
        }
    }

    test("the skip link comes first, and leads past the head", async () => {
        const page = await newPage({ path: "/tidewater" });
        await page.keyboard.press("Tab");
        assert.ok(await page.evaluate(() => document.activeElement.matches("a.skip, a[href='#main']")));
        const box = await page.locator(":focus").boundingBox();
        assert.ok(box.x >= 0 && box.y >= 0 && box.width > 20, "it is seen when it has the focus");
        await page.keyboard.press("Enter");
        await page.keyboard.press("Tab");
        assert.ok(await page.evaluate(() => document.querySelector("main").contains(document.activeElement)));
    });

    test("the box is filled in and sent", async () => {
        const page = await newPage({ path: "/" });
        await tabTo(page, "textarea, input[type=text]");
        await page.keyboard.type("@quiet_corner");
        await tabTo(page, "button");
        await page.keyboard.press("Enter");
        await page.waitForURL((address) => address.href !== `${base}/`);
        assert.match(await page.locator("main").innerText(), /Quiet Corner/);
    });

    test("a spoiler is opened and closed", async () => {
        const page = await newPage({ path: "/tidewater/59" });
        await tabTo(page, "main label.spoiler input");
        const colours = () => page.evaluate(() => {
            const { color, backgroundColor } = getComputedStyle(document.querySelector("label.spoiler span"));
            return { color, backgroundColor };
        });
        const closed = await colours();
        await page.keyboard.press("Space");
        const opened = await colours();
        assert.notDeepEqual(opened, closed);
        assert.equal(opened.color, await page.evaluate(() => getComputedStyle(document.querySelector(".content p")).color), "its words are as the others");
        await page.keyboard.press("Space");
        assert.deepEqual(await colours(), closed);
    });

    test("a long quote is unfolded", async () => {
        const page = await newPage({ path: "/diwan_alrih/34", window: PHONE });
        const quote = page.locator("blockquote:has(input[type=checkbox])");
        const folded = (await quote.boundingBox()).height;
        await tabTo(page, "blockquote input[type=checkbox]");
        await page.keyboard.press("Space");
        const unfolded = (await quote.boundingBox()).height;
        assert.ok(unfolded > folded + 20, `${folded} px, then ${unfolded}`);
    });

    test("a feed is made to measure, and sent with Enter", async () => {
        const page = await newPage({ path: "/tidewater" });
        await tabTo(page, "details summary");
        await page.keyboard.press("Enter");
        await tabTo(page, 'details input[name="exclude"]');
        await page.keyboard.type("kettle");
        await page.keyboard.press("Enter");
        await page.waitForURL(/exclude=kettle/);
        assert.ok((await page.locator("code").allTextContents()).includes(`${base}/tidewater/rss.xml?exclude=kettle`));
    });
});

/** Presses Tab through the whole page. Returns the focused elements in order, and those without a visible focus. */
async function goThrough(page) {
    const problems = [];
    const order = [];
    const most = 20 + 4 * (await page.evaluate(focusable)).length;
    for (let step = 0; step < most; step += 1) {
        await page.keyboard.press("Tab");
        const { name, isSeen, hasRing } = await page.evaluate(focused);
        if (name === null) return { problems, order };
        // A player keeps the focus while Tab goes through its controls.
        if (name === order.at(-1)) continue;
        order.push(name);
        if (!isSeen) problems.push(`out of sight: ${name}`);
        if (!hasRing) problems.push(`no ring: ${name}`);
    }
    return { problems: [...problems, "Tab does not come to an end"], order };
}

async function tabTo(page, selector) {
    for (let step = 0; step < 200; step += 1) {
        await page.keyboard.press("Tab");
        if (await page.evaluate((selector) => document.activeElement.matches(selector), selector)) return;
    }
    assert.fail(`Tab does not come to ${selector}`);
}

/** Runs in the page: names every element that Tab should reach, in document order. */
function focusable() {
    const all = document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, video[controls], audio[controls], [tabindex='0']");
    const seen = [...all].filter((element) => element.checkVisibility({ visibilityProperty: true }));
    // Tab reaches one radio button of each group, the arrow keys reach the others.
    const reached = seen.filter((element) => element.type !== "radio" || element.checked);
    const places = [...document.querySelectorAll("*")];
    return reached.map((element) => `${places.indexOf(element)} ${element.localName} ${(element.textContent ?? "").trim().slice(0, 20)}`);
}

/** Runs in the page: the focused element. */
function focused() {
    const element = document.activeElement;
    if (!element || element === document.body || element === document.documentElement) return { name: null };
    // A hidden checkbox shows its focus on its label.
    const shown = [element, element.nextElementSibling, ...(element.labels ?? [])].filter(Boolean);
    const hasRing = shown.some((one) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(one);
        return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
    });
    const isSeen = shown.some((one) => {
        const box = one.getBoundingClientRect();
        return box.width > 1 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    });
    const places = [...document.querySelectorAll("*")];
    const name = `${places.indexOf(element)} ${element.localName} ${(element.textContent ?? "").trim().slice(0, 20)}`;
    return { name, isSeen, hasRing };
}
