// Languages and scripts: a page's own words, text direction, and narrow windows.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { CHANNELS, path, posts } from "./place.mjs";
import { open, PHONE } from "./stage.mjs";

const { base, page: newPage, stop } = await open();
after(stop);

/** The narrowest window in which a page must not scroll sideways (WCAG 1.4.10). */
const NARROWEST = { width: 320, height: 640 };

for (const locale of ["en", "ru", "ar"]) {
    const expected = locale === "ru" ? "ru" : "en";
    test(`who prefers ${locale} is spoken to in ${expected}`, async () => {
        const page = await newPage({ locale, path: "/tidewater" });
        assert.equal(await page.locator("html").getAttribute("lang"), expected);
        const own = await page.locator("header, nav, .feeds, form").allInnerTexts();
        assert.equal(/[а-я]/i.test(own.join(" ")), expected === "ru", own.join(" "));
    });
}

for (const { name, language, direction } of CHANNELS) {
    test(`the words of ${name} run as ${language} does`, async () => {
        const page = await newPage({ path: `/${name}` });
        const articles = await page.locator("article").evaluateAll((all) => all.map((article) => ({
            language: article.querySelector("[lang]")?.lang,
            paragraphs: [...article.querySelectorAll(".text p[dir=auto]")].map((paragraph) => {
                const words = document.createRange();
                words.selectNodeContents(paragraph);
                const [line] = [...words.getClientRects()].filter((box) => box.width > 0);
                const { left, right } = paragraph.getBoundingClientRect();
                const { direction, fontStyle } = getComputedStyle(paragraph);
                return { text: paragraph.innerText, direction, fontStyle, fromLeft: line && line.left - left, fromRight: line && right - line.right };
            }),
        })));
        assert.ok(articles.length > 10);
        const paragraphs = articles.flatMap(({ paragraphs }) => paragraphs);
        const inScript = paragraphs.filter(({ text }) => /^[\p{L}\s]/u.test(text) && (/\p{Script=Arabic}/u.test(text.slice(0, 3)) === (direction === "rtl")));
        assert.ok(inScript.length > 5, "there is something to read");
        for (const { text, direction: seen, fromLeft, fromRight } of inScript) {
            assert.equal(seen, direction, text);
            // The first line begins at the edge where its script begins.
            assert.ok((direction === "rtl" ? fromRight : fromLeft) < 2, `${text}: ${fromLeft} from the left, ${fromRight} from the right`);
        }
        assert.ok(articles.some((article) => article.language === language), `its language is told: ${articles.map((article) => article.language)}`);
    });
}

test("the bar of an Arabic quote stands at the right", async () => {
    const page = await newPage({ path: "/diwan_alrih?before=20" });
    const bars = await page.locator(".text blockquote").evaluateAll((all) => all.map((quote) => {
        const { borderLeftWidth, borderRightWidth } = getComputedStyle(quote);
        return { text: quote.innerText, left: parseFloat(borderLeftWidth), right: parseFloat(borderRightWidth) };
    }));
    const arabic = bars.filter(({ text }) => /^\p{Script=Arabic}/u.test(text));
    assert.ok(arabic.length > 0);
    for (const { text, left, right } of arabic) assert.ok(right >= 2 && left === 0, `${text}: ${left}, ${right}`);
});

test("Arabic, Chinese and Japanese letters are never slanted", async () => {
    for (const name of ["diwan_alrih", "Cha_Yu_Lun"]) {
        const page = await newPage({ path: `/${name}?limit=100` });
        const styles = await page.locator("article i, article em").evaluateAll((all) => all.map((one) => getComputedStyle(one).fontStyle));
        assert.ok(styles.every((style) => style === "normal"), `${name}: ${styles}`);
    }
});

test("no post is wider than the narrowest window", async () => {
    const page = await newPage({ window: NARROWEST, locale: "ru" });
    const wide = [];
    for (const item of await posts(base)) {
        await page.goto(base + path(item));
        const width = await page.evaluate(() => document.scrollingElement.scrollWidth);
        if (width > NARROWEST.width) wide.push(`${path(item)}: ${width} px`);
    }
    assert.deepEqual(wide, []);
});

test("twice the letters still fit a phone", async () => {
    for (const { name } of CHANNELS) {
        const page = await newPage({ window: PHONE, locale: "ru", path: `/${name}` });
        await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
        const width = await page.evaluate(() => document.scrollingElement.scrollWidth);
        assert.ok(width <= PHONE.width, `/${name} is ${width} px wide`);
    }
});

const COLOURS = {
    light: { paper: "rgb(251, 251, 249)", ink: "rgb(26, 28, 30)" },
    dark: { paper: "rgb(20, 22, 24)", ink: "rgb(228, 230, 231)" },
};
for (const [scheme, colours] of Object.entries(COLOURS)) {
    test(`who prefers ${scheme} gets it, without being asked`, async () => {
        const page = await newPage({ scheme, path: "/tidewater" });
        const seen = await page.evaluate(() => ({ paper: getComputedStyle(document.documentElement).backgroundColor, ink: getComputedStyle(document.body).color }));
        assert.deepEqual(seen, colours);
        const filters = await page.locator("main img").evaluateAll((all) => all.map((image) => getComputedStyle(image).filter));
        assert.ok(filters.every((filter) => filter === "none"), "pictures are left as they are");
    });
}
