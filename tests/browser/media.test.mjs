// Video and audio: playing and seeking through feedline.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { posts, path } from "./place.mjs";
import { open } from "./stage.mjs";

const { base, page: newPage, stop } = await open();
after(stop);

const items = await posts(base);

const PLAYED = [
    ["a video", "/tidewater/12", "video"],
    ["a round video", "/tidewater/28", "video"],
    ["a GIF", "/tidewater/23", "video"],
    ["a video in an album", "/Cha_Yu_Lun/21", "video"],
    ["a voice", "/tidewater/10", "audio"],
];

for (const [what, path, element] of PLAYED) {
    test(`${what} plays, and can be moved through`, async () => {
        const page = await newPage();
        const answers = [];
        page.on("response", (response) => {
            if (response.request().resourceType() === "media") answers.push(response);
        });
        await page.goto(base + path);
        const player = page.locator(element).first();
        await player.scrollIntoViewIfNeeded();
        const isAtRest = await player.evaluate((player) => player.paused && player.preload === "none");
        if (isAtRest) assert.equal(answers.length, 0, "nothing is loaded before it is asked for");
        // Like a person: focus the player and press the space bar.
        await player.focus();
        if (isAtRest) await page.keyboard.press("Space");
        await page.waitForFunction(isMoving, await player.elementHandle());
        const length = await player.evaluate((player) => player.duration);
        assert.ok(Number.isFinite(length) && length > 1, `its length is known: ${length}`);
        const at = await player.evaluate(seek, length * 0.7);
        assert.ok(Math.abs(at - length * 0.7) < 0.5, `it is at ${at} of ${length}`);
        await page.waitForFunction(({ player, at }) => player.currentTime > at || player.ended || player.currentTime < at - 0.5, { player: await player.elementHandle(), at });
        assert.ok(answers.length > 0);
        for (const answer of answers) {
            assert.equal(answer.status(), 206, "in parts");
            assert.equal(new URL(answer.url()).origin, base, "from here");
            assert.match(answer.headers()["content-range"], /^bytes \d+-\d+\/\d+$/);
        }
    });
}

test("every picture, video and sound of the feeds is on the post’s page, once", async () => {
    const page = await newPage();
    for (const item of items) {
        const files = [...item.content_html.matchAll(/(?:src|poster)="([^"]+)"/g)].map(([, address]) => address);
        if (files.length === 0) continue;
        await page.goto(base + path(item));
        const shown = await page.locator("article").first().evaluate((article) => {
            const media = [...article.querySelectorAll("img, video, audio, source")];
            return media.flatMap((one) => [one.getAttribute("src") && one.src, one.poster]).filter(Boolean);
        });
        for (const file of files) {
            assert.equal(shown.filter((one) => one === file).length, 1, `${file} on ${path(item)}: ${shown}`);
        }
    }
});

test("every picture of the samples can be shown", async () => {
    const page = await newPage();
    const broken = [];
    for (const item of items) {
        if (!/<img|poster=/.test(item.content_html)) continue;
        await page.goto(base + path(item));
        broken.push(...(await page.evaluate(async () => {
            const posters = [...document.querySelectorAll("video[poster]")].map((video) => video.poster);
            const pictures = [...new Set([...[...document.images].map((image) => image.src), ...posters])];
            const shown = await Promise.all(pictures.map((address) => {
                const image = new Image();
                image.src = address;
                return image.decode().then(() => true, () => false);
            }));
            return pictures.filter((_, at) => !shown[at]);
        })));
    }
    assert.deepEqual(broken, []);
});

/** Runs in the page: whether the player is playing. */
function isMoving(player) {
    return !player.paused && player.currentTime > 0.2;
}

/** Runs in the page: seeks to a time, and returns the new position. */
function seek(player, to) {
    return new Promise((done) => {
        player.addEventListener("seeked", () => done(player.currentTime), { once: true });
        player.currentTime = to;
    });
}
