//! Pasted links through every entry point: request paths, the start page, lists, the command line. The forms of links
//! and paths are tested next to their parsers (`src/model/link/tests.rs`, `src/model/route.rs`).

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::opml::{send, values};
use crate::support::{TestApp, page, texts};

const BROWSER: &str = "text/html,*/*;q=0.8";

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

#[tokio::test]
async fn link_in_request_path_redirects_to_its_target() {
    let app = TestApp::start().await;
    for (path, there) in [
        ("/https://t.me/tidewater/12/55", "/tidewater/55"),
        ("/https://t.me/s/tidewater?q=%23fog", "/tidewater?tag=fog"),
        ("/s/tidewater?q=%23fog", "/tidewater?tag=fog"),
        ("/(https://t.me/tidewater),", "/tidewater"),
        ("/https%3A%2F%2Ft.me%2Fs%2Ftidewater%3Fq%3D%2523fog", "/tidewater?tag=fog"),
        ("/tg:resolve?domain=tidewater", "/tidewater"),
        (
            "/https://web.telegram.org/a/?tgaddr=tg%3A%2F%2Fresolve%3Fdomain%3Dtidewater",
            "/tidewater",
        ),
        ("/https://t.me/tidewater,https://t.me/telegram", "/telegram+tidewater"),
        ("/https://t.me/tidewater%20@telegram", "/telegram+tidewater"),
        ("/@tidewater,@telegram/feed.json", "/telegram+tidewater/feed.json"),
    ] {
        let answer = app.get(path).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (302, &*format!("{}{there}", app.base)),
            "{path}"
        );
    }
    for (path, reason) in [
        ("/tidewater.t.me/s/7", "a story"),
        ("/https://t.me/tidewater/s/7", "a story"),
        ("/https://t.me/addstyle/x", "a style"),
        ("/https://call.t.me/x", "a call"),
        ("/https://web.t.me", "Telegram’s web app"),
        ("/-1001234567890", "A numeric id cannot be resolved"),
        ("/tg://user?id=5", "A numeric id cannot be resolved"),
    ] {
        let answer = app.get(path).await;
        assert_eq!((answer.status, &answer.json()["refusal"]), (400, &"bad_name".into()), "{path}");
        assert!(answer.text().contains(reason), "{path}: {}", answer.text());
    }
    for path in ["/wp-login.php", "/.git/config", "/blog/index.php", "/https://evilt.me/tidewater"]
    {
        let status = app.get(path).await.status;
        assert!(matches!(status, 400 | 404), "{path}: {status}");
    }
    assert_eq!(app.telegram.total(), 0, "no request to Telegram");
}

#[tokio::test]
async fn alternative_spellings_redirect_with_format_and_options() {
    let app = TestApp::start().await;
    for (path, there) in [
        ("/@tidewater/rss.xml", "/tidewater/rss.xml"),
        ("/https:/t.me/s/tidewater/feed.json?limit=3", "/tidewater/feed.json?limit=3"),
        ("/@tidewater/feed.json/?limit=3", "/tidewater/feed.json?limit=3"),
        ("/@tidewater?tag=fog", "/tidewater?tag=fog"),
        ("/https://t.me/tidewater?tag=fog&ysclid=x", "/tidewater?tag=fog"),
        ("/@tidewater/avatar.jpg", "/tidewater/avatar.jpg"),
    ] {
        let answer = app.get(path).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (302, &*format!("{}{there}", app.base)),
            "{path}"
        );
    }
    for path in ["/@tidewater/rss.xml?limt=3", "/s/tidewater?limt=3", "/@tidewater?limt=3"] {
        let mut answer = app.get(path).await;
        if answer.status == 302 {
            let there =
                answer.header("location").strip_prefix(app.base.as_str()).unwrap().to_owned();
            answer = app.get(&there).await;
        }
        assert_eq!(answer.status, 400, "{path}");
        assert!(answer.text().contains("Did you mean “limit”"), "{path}: {}", answer.text());
    }
    assert_eq!(app.telegram.total(), 0, "no request to Telegram");
}

#[tokio::test]
async fn tracking_parameters_are_ignored_but_unknown_options_refused() {
    let app = TestApp::start().await;
    let plain = app.get("/tidewater/rss.xml?limit=3").await;
    for parameter in [
        "utm_source",
        "utm_id",
        "UTM_Campaign",
        "ysclid",
        "yclid",
        "msclkid",
        "mc_cid",
        "mc_eid",
        "_gl",
        "_ga",
        "si",
        "igshid",
        "gad_source",
        "gbraid",
        "wbraid",
        "twclid",
        "ttclid",
        "dclid",
        "_openstat",
        "ref_src",
        "mtm_campaign",
        "fbclid",
        "srsltid",
    ] {
        for path in [
            format!("/tidewater/rss.xml?limit=3&{parameter}=x"),
            format!("/tidewater+telegram?{parameter}=x"),
        ] {
            assert_eq!(app.get(&path).await.status, 200, "{path}");
        }
        let with = app.get(&format!("/tidewater/rss.xml?{parameter}=x&limit=3")).await;
        assert_eq!(with.body, plain.body, "{parameter}");
    }
    for parameter in ["limt", "tags", "utm", "sid", "clid", "x"] {
        let answer = app.get(&format!("/tidewater/rss.xml?{parameter}=3")).await;
        assert_eq!(answer.status, 400, "{parameter}");
    }
}

#[tokio::test]
async fn bridge_urls_redirect_below_any_prefix() {
    let app = TestApp::start().await;
    let display = "action=display&bridge=TelegramBridge&username=%40tidewater&format=Atom";
    for path in [
        format!("/bridge01/?{display}"),
        format!("/bridge01?{display}"),
        format!("/index.php?{display}"),
        format!("/rss-service/index.php?{display}"),
        format!("/a/b/c/?{display}"),
        "/telegram/channel/tidewater/?format=atom".to_owned(),
        "/rsshub/telegram/channel/tidewater?format=atom".to_owned(),
        "/telegram/channel/https%3A%2F%2Ft.me%2Ftidewater?format=atom".to_owned(),
    ] {
        let answer = app.get(&path).await;
        let there = format!("{}/tidewater/atom.xml", app.base);
        assert_eq!((answer.status, answer.header("location")), (301, &*there), "{path}");
    }
    let bare = app.get("/telegram/channel/tidewater/").await;
    assert_eq!(
        (bare.status, bare.header("location")),
        (301, &*format!("{}/tidewater/rss.xml", app.base))
    );
    assert_eq!(app.get("/bridge01/?action=display&bridge=Other&username=x").await.status, 302);
    assert_eq!(app.telegram.total(), 0);
}

#[tokio::test]
async fn start_form_finds_link_in_text_and_keeps_search() {
    let app = TestApp::start().await;
    for (text, there) in [
        ("Read https://t.me/tidewater, it is good.", "/tidewater"),
        ("[Tidewater](https://t.me/tidewater)", "/tidewater"),
        ("<a href='https://t.me/tidewater'>Tidewater</a>", "/tidewater"),
        ("<https://t.me/tidewater>", "/tidewater"),
        ("“https://t.me/tidewater”", "/tidewater"),
        ("Light,https://t.me/tidewater,fog", "/tidewater"),
        ("https%3A%2F%2Ft.me%2Ftidewater", "/tidewater"),
        ("https://web.telegram.org/k/#@tidewater", "/tidewater"),
        ("\u{feff}@tidewater\u{200b}\r\n", "/tidewater"),
        ("@tidewater\n@Tidewater", "/tidewater"),
        ("https://t.me/tidewater/12/60", "/tidewater/60"),
        ("tidewater/60", "/tidewater/60"),
        ("https://t.me/s/tidewater?q=%23tides", "/tidewater?tag=tides"),
        ("https://t.me/s/tidewater?q=buoy", "/tidewater?q=buoy"),
        ("https://t.me/tidewater?kind=photo&single", "/tidewater?kind=photo"),
    ] {
        let program = app.get(&format!("/?channel={}", escaped(text))).await;
        assert_eq!(program.header("location"), format!("{}{there}", app.base), "{text}");
        let form = send(&app, &[("channel", text)], BROWSER).await;
        assert_eq!(form.status, 303, "{text}");
        let form = form.header("location").strip_prefix(app.base.as_str()).unwrap().to_owned();
        if there.ends_with("/60") {
            assert_eq!(form, there, "{text}");
            continue;
        }
        let (name, query) = there
            .split_once('?')
            .map_or((there, String::new()), |(name, query)| (name, format!("?{query}")));
        let feed = format!("{}{name}/rss.xml{query}", app.base);
        for path in [form, format!("/?channel={}", escaped(text))] {
            let html = page(&path, &app.browse(&path).await);
            assert_eq!(texts(&html, ".feeds code")[0], feed, "{path}");
        }
    }
    for (text, reason) in [
        ("https://web.telegram.org/k/#-1001234567890", "numeric id"),
        ("tidewater.t.me/s/7", "a story"),
        ("See https://t.me/addstyle/x", "a style"),
        ("https://t.me/tidewater?limt=3", "Did you mean “limit”"),
    ] {
        let refused = app.browse(&format!("/?channel={}", escaped(text))).await;
        assert_eq!(refused.status, 400, "{text}");
        assert!(texts(&page(text, &refused), "#refusal").concat().contains(reason), "{text}");
    }
}

/// The feeds that a text is converted to, without the common prefix.
async fn feeds(app: &TestApp, text: &str) -> Vec<String> {
    let answer = send(app, &[("as", "opml"), ("channel", text)], BROWSER).await;
    assert_eq!(answer.status, 200, "{text}: {}", answer.text());
    values(&answer, "xmlUrl").iter().map(|feed| feed.replace(&app.base, "")).collect()
}

#[tokio::test]
async fn pasted_lists_of_any_kind_become_feeds() {
    let app = TestApp::start().await;
    let three = ["/tidewater/rss.xml", "/telegram/rss.xml", "/zenit_library/rss.xml"];
    for text in [
        "https://t.me/tidewater, https://t.me/telegram, @zenit_library",
        "https://t.me/tidewater https://t.me/telegram @zenit_library",
        "name,url\nTides,https://t.me/tidewater\nPlane,https://t.me/telegram\nBooks,@zenit_library\n",
        "Tides;https://t.me/tidewater;fog\r\nPlane;https://t.me/telegram;news\r\nBooks;https://t.me/zenit_library;books\r\n",
        "| channel | link |\n|---|---|\n| Tides | https://t.me/tidewater |\n| Plane | t.me/telegram |\n| Books | @zenit_library |",
        "1. tidewater\n2. telegram\n3. zenit_library",
        "• tidewater\r• telegram\r• zenit_library",
        "- [Tides](https://t.me/tidewater)\n- [Plane](https://t.me/telegram)\n- [Books](https://t.me/zenit_library)",
        "<ul>\n<li><a href=\"https://t.me/tidewater\">Tides</a></li>\n<li><a href='https://t.me/telegram'>Plane</a>\n<li>@zenit_library\n</ul>",
        "{\"feeds\":[{\"name\":\"Tides\",\"url\":\"https:\\/\\/t.me\\/tidewater\"},\n{\"url\":\"https://t.me/telegram\"},{\"url\":\"t.me/zenit_library\"}]}",
        "I read @tidewater and t.me/telegram (news), and at night https://t.me/zenit_library!",
        "tidewater\ttelegram\tzenit_library",
    ] {
        assert_eq!(feeds(&app, text).await, three, "{text}");
    }
    let links = "https://t.me/s/tidewater?q=%23tides\nhttps://t.me/tidewater\nhttps://t.me/s/tidewater?q=buoy";
    let searches =
        ["/tidewater/rss.xml?tag=tides", "/tidewater/rss.xml", "/tidewater/rss.xml?q=buoy"];
    assert_eq!(feeds(&app, links).await, searches);
    let ours = [
        "/@tidewater/feed.json?limit=3",
        "/s/telegram/atom.xml",
        "/https://t.me/zenit_library/rss.xml?tag=x",
    ];
    let ours = ours.map(|path| format!("{}{path}", app.base)).join("\n");
    assert_eq!(
        feeds(&app, &ours).await,
        ["/tidewater/feed.json?limit=3", "/telegram/atom.xml", "/zenit_library/rss.xml?tag=x"]
    );
    assert_eq!(app.telegram.total(), 0);
}

#[tokio::test]
async fn pasted_list_keeps_titles_and_reports_unused_lines() {
    let app = TestApp::start().await;
    let text = "name,url\nTides & more,https://t.me/tidewater\n\"Plane, paper\",@telegram\nnot a link here\nhttps://t.me/c/5/6\n# https://t.me/zenit_library\n# a remark\n-----";
    let file = send(&app, &[("as", "opml"), ("channel", text)], BROWSER).await;
    assert_eq!(values(&file, "title"), ["Tides & more", "Plane, paper"]);
    let page = send(&app, &[("channel", text)], BROWSER).await;
    for there in [
        "<h1>2 channels</h1>",
        "3 lines added no channel",
        "line 4",
        "line 5",
        "line 6",
        "it is a comment",
    ] {
        assert!(page.text().contains(there), "{there} in {}", page.text());
    }
    // The hidden field of the page's form preserves the titles.
    let html = scraper::Html::parse_document(page.text());
    let hidden = scraper::Selector::parse("input[type=hidden][name=channel]").unwrap();
    let list = html.select(&hidden).next().unwrap().attr("value").unwrap().to_owned();
    let again = send(&app, &[("as", "opml"), ("channel", &list)], BROWSER).await;
    assert_eq!(again.body, file.body);
}
