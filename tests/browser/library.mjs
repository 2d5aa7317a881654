// The kept libraries that drive the browser and judge pages, from where scripts/browser has installed them.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const PROJECT = fileURLToPath(new URL("../../", import.meta.url));

/** Where everything goes that these tests write. */
export const OUT = `${PROJECT}target/browser/`;

const installed = createRequire(OUT);

export const { chromium } = installed("playwright-core");

/** The accessibility judge, as text to be run in a page. */
export const AXE = readFileSync(installed.resolve("axe-core/axe.min.js"), "utf8");
