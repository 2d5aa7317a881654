// The report of a run: a line for each test, full failures, the scores of the pages, and cargo's closing line.

import { forget, table } from "./score.mjs";

/** A reporter of node's test runner. */
export default async function* report(events) {
    forget();
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for await (const { type, data } of events) {
        if (type === "test:pass" || type === "test:fail") {
            // A suite is not a test.
            if (data.details?.type === "suite" || isFile(data)) continue;
            const what = outcome(type, data);
            counts[what] += 1;
            yield `${what === "passed" ? "ok" : what.toUpperCase()}  ${data.name} (${(data.details.duration_ms / 1000).toFixed(1)} s)\n`;
            if (what === "failed") yield `${indented(told(data.details.error))}\n`;
        } else if (type === "test:stderr" || type === "test:stdout") {
            yield data.message;
        }
    }
    yield `\n${table()}\n`;
    const word = counts.failed > 0 || counts.passed === 0 ? "FAILED" : "ok";
    yield `test result: ${word}. ${counts.passed} passed; ${counts.failed} failed; ${counts.skipped} ignored; 0 measured; 0 filtered out\n`;
}

/** A file that fails as a whole is reported and counted as a test; one that passes is not. */
function isFile({ name, details }) {
    return name.endsWith(".mjs") && details?.error === undefined;
}

function outcome(type, { skip, todo }) {
    if (skip !== undefined || todo !== undefined) return "skipped";
    return type === "test:pass" ? "passed" : "failed";
}

function told(error) {
    const cause = error?.cause ?? error;
    // A failed comparison with an empty list of problems is reported as the list.
    if (cause?.code === "ERR_ASSERTION" && Array.isArray(cause.actual) && Array.isArray(cause.expected)) {
        const others = cause.actual.filter((one) => !cause.expected.includes(one));
        if (cause.expected.length === 0) return others.map((one) => `- ${String(one)}`).join("\n");
    }
    return cause?.stack ?? String(cause);
}

function indented(text) {
    return text.replaceAll(/^/gm, "    ");
}
