// The start page's box: pasted text and its result.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";

import { PASTED, paste } from "./place.mjs";
import { open } from "./stage.mjs";

const { base, page: newPage, stop } = await open();
after(stop);

/** The copyable addresses on a page. */
const addresses = (page) => page.locator("code").allTextContents();

test("a pasted link gives three posts and an address that is a feed", async () => {
    const page = await newPage();
    await paste(page, base, "https://t.me/s/tidewater?before=40");
    assert.ok((await page.locator("article").count()) >= 3, "posts to look at before one subscribes");
    const address = `${base}/tidewater/rss.xml`;
    assert.ok((await addresses(page)).includes(address), "the whole address, as text");
    const feed = await fetch(address);
    assert.equal(feed.status, 200);
    assert.match(await feed.text(), /<title>Tidewater Light<\/title>/);
});

test("one tap takes the whole address", async () => {
    const page = await newPage();
    await paste(page, base, "tidewater");
    await page.locator("code", { hasText: "/tidewater/rss.xml" }).first().click();
    assert.equal(await page.evaluate(() => getSelection().toString()), `${base}/tidewater/rss.xml`);
});

const REASONS = [
    ["@nobody_here", /nobody/i],
    ["t.me/ada_merrow", /person/i],
    ["harbour_bell_bot", /bot/i],
    ["https://t.me/tidewater_harbour", /group/i],
    ["closed_shutters", /preview|the app/i],
    ["t.me/+AbCdEf", /private|invit/i],
    ["Tidewater Light!", /name/i],
];
for (const [text, reason] of REASONS) {
    test(`“${text}” is refused with its reason`, async () => {
        const page = await newPage();
        const answer = await paste(page, base, text);
        assert.ok([400, 404].includes(answer.status()), `${answer.status()}`);
        assert.match(await page.locator("main").innerText(), reason);
        assert.equal(await page.locator('link[rel="alternate"]').count(), 0, "no feed is offered");
    });
}

test("several links give an OPML file with these channels", async () => {
    const page = await newPage();
    await paste(page, base, PASTED);
    assert.match(await page.locator("main").innerText(), /joinchat/, "the line that is no channel is named");
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: /OPML/ }).click()]);
    const opml = await readFile(await download.path(), "utf8");
    const feeds = [...opml.matchAll(/xmlUrl="([^"]+)"/g)].map(([, address]) => address);
    assert.deepEqual(feeds, ["tidewater", "zenit_library", "diwan_alrih"].map((name) => `${base}/${name}/rss.xml`));
});
