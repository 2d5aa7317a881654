// Screenshots of every page, for review: `node screenshot.mjs DIR [NAME…]`, NAME being a part of a page's name.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { places, SETTINGS } from "./place.mjs";
import { open, DESKTOP, PHONE } from "./stage.mjs";

const WINDOWS = { phone: PHONE, desktop: DESKTOP };

/** The maximum height of a picture, in pixels: the rest of a long page shows nothing new. */
const HIGHEST = 6000;

const [folder, ...names] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const { base, page: newPage, stop } = await open(SETTINGS);
const all = (await places(base)).filter(({ name }) => names.length === 0 || names.some((part) => name.includes(part)));

try {
    for (const place of all) {
        for (const locale of ["en", "ru"]) {
            for (const [kind, window] of Object.entries(WINDOWS)) {
                const page = await newPage({ window, locale });
                await place.visit(page, base);
                await fill(page);
                const session = await page.context().newCDPSession(page);
                for (const scheme of ["light", "dark"]) {
                    await page.emulateMedia({ colorScheme: scheme });
                    const name = `${place.name.replaceAll(/[^\p{L}\p{N}]+/gu, "-")}.${locale}.${kind}.${scheme}.png`;
                    const height = await page.evaluate(() => document.documentElement.scrollHeight);
                    const clip = { x: 0, y: 0, width: window.width, height: Math.min(height, HIGHEST), scale: 1 };
                    // The library's own method never returns for a feed, which is not HTML.
                    const { data } = await session.send("Page.captureScreenshot", { captureBeyondViewport: true, clip });
                    await writeFile(join(folder, name), Buffer.from(data, "base64"));
                }
                await page.context().close();
            }
        }
        console.log(place.name);
    }
} finally {
    await stop();
}

/** Scrolls through the page, so that everything is loaded. */
async function fill(page) {
    await page.evaluate(async () => {
        for (let at = 0; at < document.documentElement.scrollHeight; at += innerHeight) {
            scrollTo(0, at);
            await new Promise(requestAnimationFrame);
        }
        const loaded = (image) => image.complete || new Promise((done) => (image.onload = image.onerror = done));
        await Promise.all([...document.images].map(loaded));
        scrollTo(0, 0);
    });
}
