// A proxy between feedline and the sample Telegram: transparent until a test injects a fault or replaces a text.

import { once } from "node:events";
import http from "node:http";

export class Upstream {
    /** In front of the Telegram at this address. */
    static async before(files) {
        const upstream = new Upstream(files);
        upstream.server.listen(0, "127.0.0.1");
        await once(upstream.server, "listening");
        upstream.base = `http://127.0.0.1:${upstream.server.address().port}`;
        return upstream;
    }

    constructor(files) {
        /** The origin of the files, which pages name by absolute URL. */
        this.files = files;
        /** The response in place of pages: status, headers and body, or silence. */
        this.fault = null;
        /** Texts in pages, and their replacements. */
        this.edits = new Map();
        this.server = http.createServer((request, response) => this.#answer(request, response));
    }

    async stop() {
        this.server.closeAllConnections();
        this.server.close();
        await once(this.server, "close");
    }

    async #answer(request, response) {
        if (this.fault?.silent) return;
        if (this.fault) {
            response.writeHead(this.fault.status, this.fault.headers);
            response.end(this.fault.body);
            return;
        }
        const answer = await fetch(this.files + request.url, { redirect: "manual" });
        let page = await answer.text();
        for (const [text, other] of this.edits) page = page.replaceAll(text, other);
        const location = answer.headers.get("location");
        response.writeHead(answer.status, { "content-type": answer.headers.get("content-type"), ...(location && { location }) });
        response.end(page);
    }
}

/** Faults of all of Telegram. */
export const FAULTS = {
    throttled: { status: 429, headers: { "retry-after": "120" }, body: "" },
    unreachable: { status: 502, body: "<html><body>Bad gateway</body></html>" },
    markup_changed: { status: 200, headers: { "content-type": "text/html" }, body: `<html><body>${"<p>Nothing that is known.</p>".repeat(200)}</body></html>` },
    timeout: { silent: true },
};
