// Renders the pictures of docs/images again: `node documentation.mjs`. The browser encodes them as WebP.

import { mkdir, stat, writeFile } from "node:fs/promises";

import { PROJECT } from "./library.mjs";
import { paste, SETTINGS } from "./place.mjs";
import { open } from "./stage.mjs";

const FOLDER = `${PROJECT}docs/images/`;

/** Limit of all pictures together, in bytes. */
const HEAVIEST = 300 * 1024;

/** WebP quality, of 100: letters stay sharp, and files are small. */
const QUALITY = 80;

const PICTURES = [
    { name: "start-desktop-light", window: { width: 900, height: 760 }, scheme: "light", path: "/" },
    { name: "channel-phone-light", window: { width: 390, height: 844 }, scheme: "light", path: "/tidewater" },
    { name: "channel-phone-dark", window: { width: 390, height: 844 }, scheme: "dark", path: "/zenit_library", locale: "ru" },
    { name: "channel-phone-arabic", window: { width: 390, height: 844 }, scheme: "light", path: "/diwan_alrih" },
    { name: "preview-desktop-light", window: { width: 900, height: 760 }, scheme: "light", pasted: "https://t.me/tidewater" },
    { name: "post-desktop-dark", window: { width: 900, height: 760 }, scheme: "dark", path: "/tidewater/35" },
];

await mkdir(FOLDER, { recursive: true });
const { base, page: newPage, stop } = await open(SETTINGS);
let weight = 0;
try {
    for (const { name, window, scheme, locale, path, pasted } of PICTURES) {
        const page = await newPage({ window, scheme, locale, path });
        if (pasted) await paste(page, base, pasted);
        await page.evaluate(() => {
            const isSeen = (image) => image.getBoundingClientRect().top < innerHeight;
            return Promise.all([...document.images].filter(isSeen).map((image) => image.decode()));
        });
        const session = await page.context().newCDPSession(page);
        const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: QUALITY });
        const file = `${FOLDER}${name}.webp`;
        await writeFile(file, Buffer.from(data, "base64"));
        const { size } = await stat(file);
        weight += size;
        console.log(`${name}.webp: ${size} bytes`);
        await page.context().close();
    }
} finally {
    await stop();
}
if (weight > HEAVIEST) throw new Error(`The pictures weigh ${weight} bytes, ${HEAVIEST} at most.`);
