// Every page, in English on a desktop and in Russian on a phone, in light and dark.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";

import { look } from "./look.mjs";
import { places, SETTINGS } from "./place.mjs";
import { record } from "./score.mjs";
import { browse, DESKTOP, Feedline, PHONE } from "./stage.mjs";

const SIDES = [
    { name: "desktop, English", window: DESKTOP, locale: "en", schemes: ["light", "dark"] },
    { name: "phone, Russian", window: PHONE, locale: "ru", schemes: ["dark", "light"] },
];

const feedline = await Feedline.demo(SETTINGS);
const browser = await browse();
const all = await places(feedline.base);

describe("every page", { concurrency: 2 }, () => {
    after(async () => {
        await browser.close();
        await feedline.stop();
    });

    for (const place of all) {
        test(`${place.name} is light, still, reachable and well-behaved`, async () => {
            const problems = [];
            for (const { name, ...side } of SIDES) {
                const { problems: found, score } = await look(browser, feedline.base, place, side);
                record(place.name, name, score);
                problems.push(...found.map((problem) => `${name}: ${problem}`));
            }
            assert.deepEqual(problems, []);
        });
    }
});
