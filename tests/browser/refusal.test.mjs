// Pages while Telegram fails: the error, its reason and what to do. Archived posts take precedence over an error.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { look } from "./look.mjs";
import { record } from "./score.mjs";
import { browse, DESKTOP, overUpstream, PHONE } from "./stage.mjs";
import { FAULTS } from "./upstream.mjs";

/** The shortest TTL that the settings allow, in seconds. */
const LIFE = 10;

const { feedline, upstream, stop } = await overUpstream(`cache.min_ttl = "${LIFE}s"\ncache.max_ttl = "${LIFE}s"\nupstream.timeout = "2s"\n`);
const { base } = feedline;
const browser = await browse();
after(async () => {
    await browser.close();
    await stop();
});

const SIDES = [
    { name: "desktop, English", window: DESKTOP, locale: "en", schemes: ["light", "dark"] },
    { name: "phone, Russian", window: PHONE, locale: "ru", schemes: ["dark", "light"] },
];

// Throttling comes last, because back-off follows it.
const REFUSALS = [
    ["markup_changed", "tidewater", 502, [/page is not as we know it/, /не такая, как обычно/]],
    ["timeout", "zenit_library", 504, [/too long to answer/, /слишком долго/]],
    ["unreachable", "diwan_alrih", 502, [/cannot be reached/, /недоступен/]],
    ["throttled", "Cha_Yu_Lun", 429, [/asks us to slow down/, /просит не торопиться/]],
];

test("kept posts beat a refusal, and the page says why they are old", async () => {
    const page = await browser.newPage();
    await page.goto(`${base}/quiet_corner`);
    upstream.fault = FAULTS.unreachable;
    await pause((LIFE + 1) * 1000);
    const answer = await page.goto(`${base}/quiet_corner`);
    assert.equal(answer.status(), 200);
    assert.ok((await page.locator("article").count()) >= 2);
    assert.match(await page.locator("[role=status]").innerText(), /cannot be reached/);
});

for (const [fault, channel, status, words] of REFUSALS) {
    test(`${fault} is told on a page that is as good as others`, async () => {
        upstream.fault = FAULTS[fault];
        const place = { name: `error, ${fault}`, status, visit: (page) => page.goto(`${base}/${channel}`) };
        for (const [at, { name, ...side }] of SIDES.entries()) {
            const said = async (page) => {
                const answer = await place.visit(page);
                assert.match(await page.locator("main").innerText(), words[at]);
                return answer;
            };
            const { problems, score } = await look(browser, base, { ...place, visit: said }, side);
            record(place.name, name, score);
            assert.deepEqual(problems, [], name);
        }
    });
}
