// A post's page, and how it shows an edit.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { browse, overUpstream } from "./stage.mjs";

/** The shortest TTL that the settings allow, in seconds. */
const LIFE = 10;

const { feedline, upstream, stop } = await overUpstream(`cache.min_ttl = "${LIFE}s"\ncache.max_ttl = "${LIFE}s"\n`);
const { base } = feedline;
const browser = await browse();
after(async () => {
    await browser.close();
    await stop();
});

test("a post’s page says where it is, and leads on", async () => {
    const page = await browser.newPage();
    await page.goto(`${base}/tidewater`);
    await page.goto(`${base}/tidewater/59`);
    assert.match(await page.locator("h1").innerText(), /Things found on the beach this week/);
    const code = await page.locator("code").allTextContents();
    assert.ok(code.includes(`${base}/tidewater/59`), "the address to share, as text");
    const links = await page.locator("main a").evaluateAll((all) => all.map((link) => link.href));
    for (const address of ["https://t.me/tidewater/59", "tg://resolve?domain=tidewater&post=59", `${base}/tidewater`]) {
        assert.ok(links.includes(address), `a link to ${address}`);
    }
    await page.locator('main a[rel~="prev"]').first().click();
    assert.equal(page.url(), `${base}/tidewater/60`);
    await page.locator('main a[rel~="next"]').first().click();
    assert.equal(page.url(), `${base}/tidewater/59`);
    await page.locator('main a[rel~="next"]').first().click();
    assert.equal(page.url(), `${base}/tidewater/58`);
});

test("the line that is the heading is not said again", async () => {
    const page = await browser.newPage();
    await page.goto(`${base}/tidewater/59`);
    const text = await page.locator("main").innerText();
    assert.equal(text.split("Things found on the beach this week").length - 1, 1);
});

test("an edited post tells when, and what it said before", async () => {
    const page = await browser.newPage();
    // The page is requested before and after the edit.
    await page.goto(`${base}/tidewater`);
    upstream.edits.set("The horn is on.", "The horn is off again.");
    await pause((LIFE + 1) * 1000);
    await page.goto(`${base}/tidewater`);
    await page.goto(`${base}/tidewater/61`);
    const main = page.locator("main");
    await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
    const text = await main.innerText();
    assert.match(text, /The horn is off again\./);
    assert.match(text, /edit/i, "that it was edited");
    assert.match(text, /The horn is on\./, "the earlier version");
    assert.ok((await main.locator("time").count()) >= 2, "both times");
});

test("a public group’s post has a page", async () => {
    const page = await browser.newPage();
    const answer = await page.goto(`${base}/tidewater_harbour/2`);
    assert.equal(answer.status(), 200);
    assert.match(await page.locator("main").innerText(), /Is the slipway free tomorrow at eight\?/);
});
