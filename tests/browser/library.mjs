// The libraries that drive the browser and validate pages, from the folder where scripts/browser installs them.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const PROJECT = fileURLToPath(new URL("../../", import.meta.url));

/** The output folder of these tests. */
export const OUT = `${PROJECT}target/browser/`;

const installed = createRequire(OUT);

export const { chromium } = installed("playwright-core");

/** The accessibility validator, as source text to run in a page. */
export const AXE = readFileSync(installed.resolve("axe-core/axe.min.js"), "utf8");
