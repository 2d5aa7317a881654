// A channel's page: feed discovery, older and newer posts, and a filtered feed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, test } from "node:test";

import { CHANNELS, path } from "./place.mjs";
import { open } from "./stage.mjs";

const { base, page: newPage, stop } = await open();
after(stop);

for (const { name } of CHANNELS) {
    test(`a reader finds the feeds of ${name} by its page, and reads them`, async () => {
        const page = await (await fetch(`${base}/${name}`, { headers: { accept: "text/html" } })).text();
        const found = run("sfeed_web", [`${base}/${name}`], page);
        const feeds = found.trim().split("\n").map((line) => line.split("\t")[0]);
        // sfeed_web does not support JSON Feed.
        assert.deepEqual(feeds, ["rss.xml", "atom.xml"].map((file) => `${base}/${name}/${file}`));
        for (const feed of feeds) {
            const items = run("sfeed", [base], await (await fetch(feed)).text()).trim().split("\n");
            const links = items.map((line) => line.split("\t")[2]);
            const page = await (await fetch(`${base}/${name}/feed.json`)).json();
            assert.deepEqual(links, page.items.map(({ url }) => url));
        }
    });
}

test("older leads to the first post, and newer back to the newest", async () => {
    const { items } = await (await fetch(`${base}/tidewater/feed.json?limit=500`)).json();
    const expected = items.map(path);
    const page = await newPage({ path: "/tidewater" });
    const down = [await shown(page)];
    while (await follow(page, "next")) down.push(await shown(page));
    assert.deepEqual(down.flat(), expected, "every post, once, in order");
    assert.ok(down.length > 1, "there is more than a page");
    const up = [await shown(page)];
    while (await follow(page, "prev")) up.push(await shown(page));
    // The steps back may differ, but they end at the newest page and skip no post.
    assert.deepEqual(up.at(-1), down[0]);
    assert.deepEqual(new Set(up.flat()), new Set(expected));
});

test("a feed made to measure has a short address, tells what matches, and works", async () => {
    const page = await newPage({ path: "/tidewater" });
    await page.locator("details summary", { hasText: /customi[sz]e/i }).click();
    const form = page.locator("details form");
    await form.locator('[name="exclude"]').fill("fog|kettle");
    await form.locator('[name="forwards"]').selectOption("none");
    await Promise.all([page.waitForNavigation(), form.locator("button[type=submit]").click()]);
    const wanted = /\/tidewater\/rss\.xml\?\S+/;
    const address = (await page.locator("code").allTextContents()).find((text) => wanted.test(text));
    assert.ok(address, "the feed's address stands there");
    const options = new URL(address).searchParams;
    assert.deepEqual(Object.fromEntries(options), { exclude: "fog|kettle", forwards: "none" }, "defaults are left out");
    const text = await page.locator("main").innerText();
    const [, matches, of] = /(\d+) of the last (\d+) posts match/.exec(text) ?? assert.fail("the number of matches is told");
    const items = (await (await fetch(address.replace("rss.xml", "feed.json"))).json()).items;
    assert.ok(Number(matches) > 0 && Number(matches) < Number(of), `${matches} of ${of}`);
    assert.ok(items.length > 0);
    for (const item of items) {
        assert.doesNotMatch(`${item.title} ${item.content_html.replaceAll(/<[^>]*>/g, "")}`, /fog|kettle/i);
    }
});

test("a hashtag leads to the posts that carry it, with a feed of their own", async () => {
    const page = await newPage({ path: "/tidewater" });
    await page.getByRole("link", { name: "#fog", exact: true }).first().click();
    assert.equal(new URL(page.url()).search, "?tag=fog");
    for (const article of await page.locator("article").allInnerTexts()) assert.match(article, /#fog/);
    const feed = await page.locator('link[rel="alternate"]').first().getAttribute("href");
    assert.equal(feed, `${base}/tidewater/rss.xml?tag=fog`);
});

test("what is sought is found, and marked", async () => {
    // A channel that was visited once is archived and can be found.
    const page = await newPage({ path: "/zenit_library" });
    await page.goto(`${base}/`);
    await page.locator(`a[href="${base}/-/search"]`).first().click();
    await page.getByRole("textbox").first().fill("звезда");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/-\/search\?q=/);
    const marked = await page.locator("mark").allTextContents();
    assert.ok(marked.length > 0, "another form of the word is found");
    assert.ok(marked.every((word) => /зв[её]зд/i.test(word)), `${marked}`);
});

/** The paths of the posts on a page, from their permanent links. */
async function shown(page) {
    const links = await page.locator("article a:has(> time)").evaluateAll((all) => all.map((link) => link.pathname));
    return links;
}

async function follow(page, rel) {
    const link = page.locator(`main a[rel~="${rel}"]`);
    if ((await link.count()) === 0) return false;
    await Promise.all([page.waitForNavigation(), link.first().click()]);
    return true;
}

function run(program, args, input) {
    const { status, stdout, stderr } = spawnSync(program, args, { input, encoding: "utf8" });
    assert.equal(status, 0, stderr);
    return stdout;
}
