// The environment of a test: the real program over the sample Telegram, and a real browser.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { chromium, PROJECT } from "./library.mjs";
import { Upstream } from "./upstream.mjs";

const PROGRAM = process.env.FEEDLINE_PROGRAM ?? `${PROJECT}target/debug/feedline`;
const CHROMIUM = process.env.FEEDLINE_CHROMIUM ?? "/usr/bin/chromium";

/** The timeout of the program's start, in milliseconds: long, because the machine may be busy. */
const PATIENCE = 60_000;

/** A running `feedline` in its own folder. */
export class Feedline {
    /** The demo, with the content of its configuration file. */
    static async demo(settings = "") {
        const started = await Feedline.#start(["demo", "--listen", "127.0.0.1:0"], settings);
        await started.#until(() => /ready: (\S+)\//.test(started.output));
        started.base = /ready: (\S+)\//.exec(started.output)[1];
        return started;
    }

    /** The service, over a Telegram with injected faults. */
    static async serve(upstream, settings = "") {
        const port = await freePort();
        const own = [
            `upstream.url = "${upstream.base}"`,
            "upstream.fallback = []",
            `upstream.media_hosts = ["${upstream.files}"]`,
            "upstream.rate = 100.0",
            "upstream.burst = 100",
        ];
        const started = await Feedline.#start(["serve", "--listen", `127.0.0.1:${port}`], `${own.join("\n")}\n${settings}`);
        started.base = `http://127.0.0.1:${port}`;
        await started.#until(() => fetch(`${started.base}/-/ready`).then((answer) => answer.ok, () => false));
        return started;
    }

    static async #start(args, settings) {
        const folder = await mkdtemp(join(tmpdir(), "feedline-browser-"));
        await writeFile(join(folder, "config.toml"), settings);
        // It must not see the settings in the caller's environment.
        const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("FEEDLINE_"));
        const child = spawn(PROGRAM, [...args, "--set", "log.level=warn"], { cwd: folder, env: Object.fromEntries(kept) });
        return new Feedline(child, folder);
    }

    constructor(child, folder) {
        this.child = child;
        this.folder = folder;
        this.output = "";
        /** Its log: warnings and errors. */
        this.log = "";
        child.stdout.on("data", (data) => (this.output += data));
        child.stderr.on("data", (data) => (this.log += data));
    }

    async #until(isReady) {
        const end = Date.now() + PATIENCE;
        while (!(await isReady())) {
            if (this.child.exitCode !== null || Date.now() > end) {
                this.child.kill("SIGKILL");
                throw new Error(`feedline did not start:\n${this.output}\n${this.log}`);
            }
            await pause(20);
        }
    }

    async stop() {
        if (this.child.exitCode === null) {
            this.child.kill("SIGTERM");
            await once(this.child, "exit");
        }
        await rm(this.folder, { recursive: true, force: true });
    }
}

/** The demo's Telegram behind an `Upstream`, and a feedline over that: `{ feedline, upstream, stop }`. */
export async function overUpstream(settings = "") {
    // Only the demo's Telegram is used. A redirect to a file gives its address.
    const demo = await Feedline.demo('media.mode = "redirect"\n');
    const file = await fetch(`${demo.base}/tidewater/avatar.jpg`, { redirect: "manual" });
    const upstream = await Upstream.before(new URL(file.headers.get("location")).origin);
    const feedline = await Feedline.serve(upstream, settings);
    const stop = async () => {
        await feedline.stop();
        await upstream.stop();
        await demo.stop();
    };
    return { feedline, upstream, stop };
}

/** The demo and a browser for the tests of one file: `{ base, browser, page, stop }`. */
export async function open(settings = "") {
    const feedline = await Feedline.demo(settings);
    const browser = await browse();
    const { base } = feedline;
    /** A new page in its own window, without shared state. */
    const page = async ({ window = DESKTOP, locale = "en", scheme = "light", path } = {}) => {
        const context = await browser.newContext({ viewport: window, locale, colorScheme: scheme, reducedMotion: "reduce" });
        const opened = await context.newPage();
        if (path) await opened.goto(base + path);
        return opened;
    };
    const stop = async () => {
        await browser.close();
        await feedline.stop();
    };
    return { base, browser, page, stop };
}

/** A browser without network access beyond this machine. */
export async function browse() {
    return chromium.launch({
        executablePath: CHROMIUM,
        args: ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
    });
}

/** The window sizes of the tests. */
export const PHONE = { width: 360, height: 740 };
export const DESKTOP = { width: 1000, height: 800 };

async function freePort() {
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address();
    server.close();
    await once(server, "close");
    return port;
}
