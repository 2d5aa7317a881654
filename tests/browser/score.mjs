// The score of each page: the tests write it, the report reads it.

import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";

import { OUT } from "./library.mjs";

const FILE = `${OUT}scores.jsonl`;

/** Deletes the scores of an earlier run. */
export function forget() {
    mkdirSync(OUT, { recursive: true });
    rmSync(FILE, { force: true });
}

/** Stores the score of a page in one window. */
export function record(place, side, score) {
    appendFileSync(FILE, `${JSON.stringify({ place, side, score })}\n`);
}

/** The scores as a table: a row for each page, with the worst value of its windows. */
export function table() {
    if (!existsSync(FILE)) return "";
    const pages = new Map();
    for (const line of readFileSync(FILE, "utf8").trim().split("\n")) {
        const { place, score } = JSON.parse(line);
        pages.set(place, [...(pages.get(place) ?? []), score]);
    }
    const rows = [["page", "axe grave", "axe moderate", "html bytes", "with style", "requests", "shift"]];
    for (const [place, scores] of pages) {
        const worst = (number) => Math.max(...scores.map(number));
        rows.push([
            place,
            worst(({ grave }) => grave),
            worst(({ moderate }) => moderate.length),
            worst(({ html }) => html),
            worst(({ total }) => total),
            worst(({ requests }) => requests),
            worst(({ shift }) => shift).toFixed(4).replace(/\.0000$/, ""),
        ]);
    }
    const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => [...String(row[column])].length)));
    const line = (row) => row.map((cell, column) => (column === 0 ? String(cell).padEnd(widths[0]) : String(cell).padStart(widths[column]))).join("  ");
    const moderate = new Set([...pages.values()].flat().flatMap(({ moderate }) => moderate.map((text) => text.split(" at ")[0])));
    const named = moderate.size > 0 ? `\nmoderate and minor: ${[...moderate].join(", ")}\n` : "";
    return `${rows.map(line).join("\n")}\n${named}`;
}
