// All pages, each with the way in which a person gets there.

/** The sample channels with many posts, and their languages. */
export const CHANNELS = [
    { name: "tidewater", language: "en", direction: "ltr" },
    { name: "zenit_library", language: "ru", direction: "ltr" },
    { name: "diwan_alrih", language: "ar", direction: "rtl" },
    { name: "Cha_Yu_Lun", language: "zh", direction: "ltr" },
];

const SMALL_CHANNELS = ["telegram", "quiet_corner", "blank_page", "free_boats_now", "tidewater_official"];

/** The demo's settings under which all of these pages exist. */
export const SETTINGS = `
[collections.evening]
title = "Evening reading"
channels = ["zenit_library", "diwan_alrih", "Cha_Yu_Lun"]
`;

/** A pasted list: channels in several forms, and an invitation, which is not a channel. */
export const PASTED = "https://t.me/tidewater\n@zenit_library\nt.me/s/diwan_alrih\nt.me/joinchat/AAAA\n";

const FIXED = [
    at("start", "/"),
    ...CHANNELS.map(({ name }) => at(`channel ${name}`, `/${name}`)),
    ...SMALL_CHANNELS.map((name) => at(`channel ${name}`, `/${name}`)),
    at("channel, older", "/tidewater?before=40"),
    at("channel, a tag", "/tidewater?tag=fog"),
    at("channel, words", "/zenit_library?q=звёзды"),
    at("channel, none match", "/tidewater?tag=nothing"),
    at("channel, options", "/tidewater?exclude=kettle&kind=photo,video&forwards=none&title=marked"),
    at("merged", "/tidewater+zenit_library+diwan_alrih"),
    at("merged, one is missing", "/tidewater+nobody_here+closed_shutters"),
    at("collection", "/-/collections/evening"),
    at("search", "/-/search"),
    at("search, hits", "/-/search?q=tea"),
    at("search, hits in Russian", "/-/search?q=небо"),
    at("search, none", "/-/search?q=zeppelin"),
    at("search, refused", "/-/search?q=since:yesterday", 400),
    at("status", "/-/status"),
    at("feed rss.xml", "/tidewater/rss.xml"),
    at("feed atom.xml", "/diwan_alrih/atom.xml"),
    at("group’s post", "/tidewater_harbour/2"),
    at("error, bad name", "/1_bad_name", 400),
    at("error, bad option", "/tidewater?limit=many", 400),
    at("error, not found", "/nobody_here", 404),
    at("error, a person", "/ada_merrow", 404),
    at("error, a bot", "/harbour_bell_bot", 404),
    at("error, a group", "/tidewater_harbour", 404),
    at("error, preview off", "/closed_shutters", 404),
    at("error, no such post", "/tidewater/99999", 404),
    at("error, no such address", "/-/nowhere", 404),
    { name: "box, one channel", status: 200, visit: (page, base) => paste(page, base, "@tidewater") },
    { name: "box, several channels", status: 200, visit: (page, base) => paste(page, base, PASTED) },
    { name: "box, refused", status: 404, visit: (page, base) => paste(page, base, "@nobody_here") },
];

/** The kinds of posts, as in the feed's items. */
const KINDS = "text photo video gif round voice music file sticker poll location contact link".split(" ");

/** Posts with notable content, by a pattern of their HTML. */
const REMARKABLE = [
    ["album", /A year in ten pictures/],
    ["album with a film", /^(?=[^]*<video)[^]*一天的四个瞬间/],
    ["spoiler", /^<p dir="auto"><a[^>]*>▒▒▒<\/a><\/p>$/],
    ["spoiler among words", /^(?![^]*<blockquote)[^]*in order of usefulness/],
    ["film that plays", /Six seconds of the lamp/],
    ["long quote", /في البدء كان الصوت/],
    ["code", /<pre/],
    ["buttons", /I come ☕/],
    ["forwarded", /Harbour Office/],
    ["essay", /Почему ночное небо тёмное/],
    ["invoice", /Lamp oil/],
    ["game", /Semaphore/],
    ["film that is too big", /The whole night/],
    ["quiz", /Сколько звёзд видно/],
    ["in the app only", /Страница Telegram этого не/],
    ["animated sticker", /tidewater\/57/],
    ["service", /pinned «House rules/],
];

function at(name, path, status = 200) {
    return { name, path, status, visit: (page, base) => page.goto(base + path) };
}

/** Pastes a text into the start page's box and submits it. */
export async function paste(page, base, text) {
    await page.goto(`${base}/`);
    await page.locator("form textarea, form input[type=text]").first().fill(text);
    const [answer] = await Promise.all([
        page.waitForResponse((response) => response.request().isNavigationRequest() && response.status() < 300 || response.status() >= 400),
        page.locator("form button[type=submit]").first().click(),
    ]);
    await page.waitForLoadState();
    return answer;
}

/** All places: the fixed ones, and a post of every kind in the sample channels. */
export async function places(base) {
    return [...FIXED, ...(await postsOfEveryKind(base))];
}

/** All posts of these channels, as items of their feeds. */
export async function posts(base) {
    // A limit above the number of posts, so that all older pages are fetched and every kind is found.
    const lists = await Promise.all(CHANNELS.map(({ name }) => feed(base, name, "limit=500&service=1")));
    return lists.flat();
}

async function postsOfEveryKind(base) {
    const items = await posts(base);
    const found = [];
    for (const kind of KINDS) {
        const lists = await Promise.all(CHANNELS.map(({ name }) => feed(base, name, `kind=${kind}&limit=500`)));
        const [item] = lists.flat();
        if (!item) throw new Error(`the sample channels hold no post of the kind ${kind}`);
        found.push(at(`post, ${kind}`, path(item)));
    }
    for (const [name, mark] of REMARKABLE) {
        const item = items.find((item) => mark.test(item.content_html));
        if (!item) throw new Error(`the sample channels hold no “${name}”`);
        found.push(at(`post, ${name}`, path(item)));
    }
    return found;
}

/** The path of feedline's page of a feed item. */
export function path(item) {
    return new URL(item.id).pathname;
}

async function feed(base, channel, query) {
    const answer = await fetch(`${base}/${channel}/feed.json?${query}`);
    return (await answer.json()).items;
}
