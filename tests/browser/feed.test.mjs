// A feed's URL in a browser: readable, neither source text nor a download.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { open, PHONE } from "./stage.mjs";

const { base, page: newPage, stop } = await open();
after(stop);

for (const file of ["rss.xml", "atom.xml"]) {
    for (const [scheme, paper] of [["light", "rgb(251, 251, 249)"], ["dark", "rgb(20, 22, 24)"]]) {
        test(`${file} is readable in a ${scheme} browser`, async () => {
            const page = await newPage({ scheme, window: PHONE });
            const asked = [];
            page.on("request", (request) => asked.push(new URL(request.url())));
            await page.goto(`${base}/tidewater/${file}`);
            const seen = await page.evaluate(() => ({
                paper: getComputedStyle(document.documentElement).backgroundColor,
                text: document.documentElement.innerText ?? getSelection().selectAllChildren(document.documentElement) ?? getSelection().toString(),
                width: document.documentElement.scrollWidth,
            }));
            assert.equal(seen.paper, paper);
            assert.match(seen.text, /Tidewater Light/);
            assert.match(seen.text, /Fog lifting/);
            assert.doesNotMatch(seen.text, /<p|<!\[CDATA|&lt;/, "no markup");
            assert.ok(seen.width <= PHONE.width, `${seen.width} px`);
            assert.ok(asked.length >= 2, "it has a stylesheet");
            assert.ok(asked.every(({ origin }) => origin === base));
        });
    }
}

for (const file of ["rss.xml", "atom.xml"]) {
    test(`${file} in Arabic begins at the right`, async () => {
        const page = await newPage({ window: PHONE });
        await page.goto(`${base}/diwan_alrih/${file}`);
        const gap = await page.evaluate(() => {
            const title = document.querySelector("title");
            const words = document.createRange();
            words.selectNodeContents(title);
            return title.getBoundingClientRect().right - words.getBoundingClientRect().right;
        });
        assert.ok(gap < 1, `${gap} px from the right`);
    });
}

test("a reader gets the same bytes and type as ever", async () => {
    const plain = await fetch(`${base}/tidewater/rss.xml`);
    assert.match(plain.headers.get("content-type"), /^application\/rss\+xml/);
});
