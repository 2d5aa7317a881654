//! Telegram refuses, does not respond or sends garbage: the error for readers, programs and browsers, and its TTL.

use std::time::Duration;

use bytesize::ByteSize;
use feedline::demo::{ChatKind, Fault, Repeat, RequestKind, Target, Truncation};
use reqwest::Method;

use crate::support::{Answer, Frozen, HOUR, MINUTE, TestApp, list};

const SECOND: Duration = Duration::from_secs(1);

fn status(code: u16, retry_after: Option<u32>) -> Fault {
    Fault::Status { code, retry_after }
}

/// A request, a fault, and the expected error.
struct Case {
    channel: &'static str,
    fault: Option<(Target, Fault)>,
    status: u16,
    refusal: &'static str,
    title: &'static str,
    /// TTL of the cached refusal.
    kept: Duration,
    retry_after: &'static str,
}

impl Case {
    fn new(channel: &'static str, status: u16, refusal: &'static str, kept: Duration) -> Self {
        Self { channel, fault: None, status, refusal, title: "", kept, retry_after: "" }
    }

    fn titled(self, title: &'static str) -> Self {
        Self { title, ..self }
    }

    /// A fault in the list of `tidewater` only.
    fn fault(fault: Fault, status: u16, refusal: &'static str, kept: Duration) -> Self {
        let fault = Some((list("tidewater"), fault));
        Self { fault, ..Self::new("tidewater", status, refusal, kept) }
    }

    fn retry_after(self, retry_after: &'static str) -> Self {
        Self { retry_after, ..self }
    }
}

/// Each row of the table except `bad_name` and `busy`, which are not cached.
fn table() -> Vec<Case> {
    let (day, quarter, five) = (24 * HOUR, 6 * HOUR, 5 * MINUTE);
    let half = 30 * SECOND;
    vec![
        Case::new("nobody_at_all", 404, "not_found", HOUR)
            .titled("There is no channel @nobody_at_all"),
        Case::new("ada_merrow", 404, "not_a_channel", day)
            .titled("@ada_merrow is a person, not a channel"),
        Case::new("harbour_bell_bot", 404, "not_a_channel", day)
            .titled("@harbour_bell_bot is a bot, not a channel"),
        Case::new("tidewater_harbour", 404, "group", day)
            .titled("@tidewater_harbour is a group, not a channel"),
        Case::new("closed_shutters", 404, "preview_off", quarter)
            .titled("@closed_shutters does not show its posts outside Telegram"),
        Case::new("sunken_cargo", 404, "blocked", quarter)
            .titled("Telegram does not show @sunken_cargo here"),
        Case::fault(status(429, Some(120)), 429, "throttled", 120 * SECOND)
            .titled("Telegram asks us to slow down")
            .retry_after("120"),
        Case::fault(Fault::Challenge, 429, "throttled", half).retry_after("30"),
        Case::fault(Fault::Tiny, 429, "throttled", half).retry_after("30"),
        Case::fault(status(500, None), 502, "unreachable", half)
            .titled("Telegram cannot be reached"),
        Case::fault(status(502, None), 502, "unreachable", half),
        Case::fault(Fault::Close, 502, "unreachable", half),
        Case::fault(Fault::Truncated(Truncation::ShortOfLength(5)), 502, "unreachable", half),
        Case::fault(Fault::Hang, 504, "timeout", half).titled("Telegram takes too long to answer"),
        Case::fault(Fault::NewClasses, 502, "markup_changed", five)
            .titled("Telegram’s page is not as we know it"),
        Case::fault(Fault::NewInsides, 502, "markup_changed", five),
        Case::fault(Fault::Garbage, 502, "markup_changed", five),
        Case::fault(Fault::Deep(100_000), 502, "markup_changed", five),
        Case::fault(Fault::Oversize(5 * 1024 * 1024), 502, "markup_changed", five),
        Case::fault(status(418, None), 502, "markup_changed", five),
    ]
}

#[track_caller]
fn assert_problem(answer: &Answer, case: &Case) {
    let name = case.refusal;
    assert_eq!(answer.status, case.status, "{name}: {answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json; charset=utf-8");
    assert_eq!(answer.header("vary"), "Accept", "{name}");
    let problem = answer.json();
    assert_eq!(problem["status"], case.status);
    assert_eq!(problem["refusal"], name);
    let title = problem["title"].as_str().unwrap().replace('\'', "’");
    assert!(case.title.is_empty() || title == case.title, "{title}");
    assert!(problem["detail"].as_str().unwrap().len() > 40, "it says what to do: {problem}");
}

/// Conformance: 7.9
#[tokio::test]
async fn refusals_have_status_headers_and_negative_ttl() {
    let time = Frozen::time();
    for case in table() {
        let app = TestApp::start().await;
        if let Some((target, fault)) = &case.fault {
            app.telegram.fault(target.clone(), fault.clone(), Repeat::Always);
        }
        let name = format!("{} {:?}", case.refusal, case.fault);
        let path = format!("/{}/rss.xml", case.channel);
        let answer = time.until(app.get(&path)).await.0;
        assert_problem(&answer, &case);
        assert_eq!(answer.header("retry-after"), case.retry_after, "{name}");
        let asked = app.telegram.total();
        time.pass(case.kept - 10 * SECOND).await;
        assert_problem(&app.get(&path.replace("rss", "atom")).await, &case);
        assert_eq!(app.telegram.total(), asked, "{name}: it is kept");
        let head = app.request(Method::HEAD, &path, &[]).await;
        assert_eq!((head.status, head.body.len()), (case.status, 0), "{name}");
        time.pass(11 * SECOND).await;
        time.until(app.get(&path)).await;
        assert!(app.telegram.total() > asked, "{name}: it is asked again");
    }
}

#[tokio::test]
async fn refusal_page_has_same_text_as_problem() {
    let app = TestApp::start().await;
    for (path, status, words) in [
        ("/nobody_at_all/rss.xml", 404, "There is no channel @nobody_at_all"),
        ("/ada_merrow", 404, "@ada_merrow is a person, not a channel"),
        ("/tidewater/99999", 404, "There is no post 99999 in @tidewater"),
        ("/x/rss.xml", 400, "Not the name of a channel"),
    ] {
        let page = app.browse(path).await;
        let vary = "Accept, Accept-Language";
        assert_eq!((page.status, page.header("vary")), (status, vary), "{path}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert!(page.text().contains(words), "{path}: {}", page.text());
        assert!(page.header("content-security-policy").contains("default-src 'none'"));
        let problem = app.get(path).await;
        assert_eq!((problem.status, problem.header("vary")), (status, "Accept"), "{path}");
        assert_eq!(problem.json()["title"], words);
    }
}

#[tokio::test]
async fn invalid_name_causes_no_upstream_request() {
    let app = TestApp::start().await;
    for path in ["/x/rss.xml", "/1tidewater/rss.xml", "/tide-water/feed.json", "/+abcdef/atom.xml"]
    {
        let answer = app.get(path).await;
        assert_eq!((answer.status, answer.json()["refusal"].as_str()), (400, Some("bad_name")));
    }
    assert_eq!(app.telegram.total(), 0);
}

#[tokio::test]
async fn throttle_of_one_channel_ends_on_time_and_spares_others() {
    let time = Frozen::time();
    let app = TestApp::start().await;
    app.telegram.fault(list("tidewater"), status(429, Some(120)), Repeat::Always);
    assert_eq!(app.get("/tidewater/rss.xml").await.header("retry-after"), "120");
    time.pass(50 * SECOND).await;
    assert_eq!(app.get("/tidewater/rss.xml").await.header("retry-after"), "70");
    assert_eq!(app.get("/zenit_library/rss.xml").await.status, 200, "nothing cools down");
    app.telegram.clear_faults();
    time.pass(71 * SECOND).await;
    assert_eq!(app.get("/tidewater/rss.xml").await.status, 200);
}

#[tokio::test]
async fn retry_after_of_one_channel_is_capped_for_readers() {
    let time = Frozen::time();
    let app = TestApp::start().await;
    let fault = || status(429, Some(3600));
    app.telegram.fault(list("tidewater"), fault(), Repeat::Always);
    app.telegram.fault(Target::Path("/quiet_corner/3".to_owned()), fault(), Repeat::Always);
    for path in [
        "/tidewater/rss.xml",
        "/tidewater/atom.xml",
        "/tidewater/feed.json",
        "/tidewater/rss.xml?tag=yearbook",
        "/tidewater/rss.xml?before=40",
        "/tidewater",
        "/tidewater/avatar.jpg",
        "/tidewater+closed_shutters/rss.xml",
        "/tidewater+nobody_at_all",
        "/?channel=tidewater",
        "/quiet_corner/3",
        "/quiet_corner/3.jpg",
    ] {
        for accept in ["*/*", "text/html"] {
            let answer = app.get_with(path, &[("accept", accept)]).await;
            if path.starts_with("/?") && accept == "*/*" {
                assert_eq!(answer.status, 302, "{path}: programs are sent to the channel");
                continue;
            }
            assert_eq!((answer.status, answer.header("retry-after")), (429, "120"), "{path}");
        }
    }
    assert_eq!(app.get("/zenit_library/rss.xml").await.status, 200, "others are served");
    // Clients that come back earlier get the cached refusal. Telegram is requested again only after its own
    // `Retry-After`.
    let asked = app.telegram.hits("/s/tidewater");
    for (passed, retry_after) in [(121, "120"), (3300, "120"), (100, "79")] {
        time.pass(passed * SECOND).await;
        let again = app.get("/tidewater/rss.xml").await;
        assert_eq!((again.status, again.header("retry-after")), (429, retry_after));
    }
    assert_eq!(app.telegram.hits("/s/tidewater"), asked);
    time.pass(80 * SECOND).await;
    time.until(app.get("/tidewater/rss.xml")).await;
    assert!(app.telegram.hits("/s/tidewater") > asked);
}

#[tokio::test]
async fn outbound_backoff_outlasts_advertised_retry_after() {
    let time = Frozen::time();
    let app = TestApp::start().await;
    let known = app.get("/zenit_library/rss.xml").await;
    app.telegram.fault(Target::Everything, status(429, Some(3600)), Repeat::Always);
    for path in ["/tidewater/rss.xml", "/quiet_corner/atom.xml", "/blank_page/1"] {
        let answer = app.get(path).await;
        assert_eq!((answer.status, answer.header("retry-after")), (429, "120"), "{path}");
    }
    let asked = app.telegram.total();
    time.pass(1000 * SECOND).await;
    assert_eq!(app.get("/tidewater/rss.xml").await.header("retry-after"), "120");
    let cached = app.get("/zenit_library/rss.xml").await;
    assert_eq!((cached.status, cached.header("etag")), (200, known.header("etag")));
    assert_eq!(app.telegram.total(), asked, "Telegram's pause holds inside");
}

#[tokio::test]
async fn soft_ban_is_not_mistaken_for_missing_channels() {
    let time = Frozen::time();
    let app = TestApp::start().await;
    let good = app.get("/tidewater/feed.json").await;
    app.telegram.fault(Target::Everything, Fault::SoftBan, Repeat::Always);
    time.pass(2 * HOUR).await;
    let channels = ["tidewater", "zenit_library", "nobody_at_all", "closed_shutters", "ada_merrow"];
    for channel in channels.into_iter().skip(1) {
        let answer = app.get(&format!("/{channel}/feed.json")).await;
        assert_eq!((answer.status, &answer.json()["refusal"]), (429, &"throttled".into()));
        let seconds: u64 = answer.header("retry-after").parse().unwrap();
        assert!((20..=30).contains(&seconds), "{channel}: {seconds}");
    }
    for path in ["/tidewater/34.jpg", "/zenit_library/3", "/tidewater_harbour/2"] {
        assert_ne!(app.get(path).await.status, 404, "{path}");
    }
    let kept = app.get("/tidewater/feed.json").await;
    assert_eq!((kept.status, kept.header("etag")), (200, good.header("etag")));
    app.telegram.clear_faults();
    time.pass(31 * SECOND).await;
    assert_eq!(app.get("/zenit_library/rss.xml").await.status, 200);
    assert_eq!(app.get("/nobody_at_all/rss.xml").await.status, 404);
}

/// Outages of all of Telegram, with the refusal's code and TTL.
fn outages() -> Vec<(Target, Fault, &'static str, Duration)> {
    let all = || Target::Everything;
    let lists = || Target::Kind(RequestKind::List);
    let half = 31 * SECOND;
    let (hour, five) = (HOUR + SECOND, 5 * MINUTE + SECOND);
    vec![
        (all(), status(500, None), "unreachable", half),
        (all(), status(429, Some(40)), "throttled", 41 * SECOND),
        (all(), Fault::Challenge, "throttled", half),
        (all(), Fault::SoftBan, "throttled", half),
        (all(), Fault::Tiny, "throttled", half),
        (all(), Fault::Hang, "timeout", half),
        (all(), Fault::Close, "unreachable", half),
        (all(), Fault::Truncated(Truncation::ShortOfLength(2)), "unreachable", half),
        (all(), Fault::BrokenGzip, "partial", five),
        (all(), Fault::Redirect("https://example.org/".to_owned()), "throttled", half),
        (lists(), Fault::Redirect("https://t.me/tidewater".to_owned()), "throttled", half),
        (all(), Fault::NewClasses, "markup_changed", five),
        (all(), Fault::NewInsides, "markup_changed", five),
        (all(), Fault::Oversize(5 * 1024 * 1024), "markup_changed", five),
        (all(), Fault::Garbage, "markup_changed", five),
        (all(), Fault::Deep(50_000), "markup_changed", five),
        (list("tidewater"), Fault::SoftBan, "preview_off", 6 * HOUR + SECOND),
        (Target::Channel("tidewater".to_owned()), Fault::SoftBan, "not_found", hour),
    ]
}

/// Conformance: 7.6
#[tokio::test]
async fn outages_serve_last_good_feed() {
    let time = Frozen::time();
    for (target, fault, code, kept) in outages() {
        let name = format!("{fault:?}");
        let app = TestApp::with(|config| config.net.max_body = ByteSize::mib(4)).await;
        let paths = ["/tidewater/rss.xml", "/tidewater/atom.xml", "/tidewater/feed.json"];
        let mut good = Vec::new();
        for path in paths {
            good.push((path, app.get(path).await));
        }
        app.telegram.publish("tidewater", "After the outage.").unwrap();
        time.pass(2 * HOUR).await;
        app.telegram.fault(target, fault, Repeat::Always);
        // Longer than the refresh timeout, so that the refusal is cached.
        time.until(async {
            app.get(paths[0]).await;
            tokio::time::sleep(15 * SECOND).await;
        })
        .await;
        let asked = app.telegram.total();
        for (path, first) in &good {
            let answer = time.until(app.get(path)).await.0;
            assert_eq!((answer.status, &answer.body), (200, &first.body), "{name} {path}");
            assert_eq!(answer.header("etag"), first.header("etag"), "{name}");
            assert_eq!(answer.header("last-modified"), first.header("last-modified"), "{name}");
            let status = answer.header("cache-status");
            assert!(status.starts_with("feedline; hit; ttl="), "{name}: {status}");
            assert!(status.ends_with(&format!("; detail={code}")), "{name}: {status}");
            let same = [("if-none-match", first.header("etag"))];
            assert_eq!(app.get_with(path, &same).await.status, 304, "{name} {path}");
            if code != "partial" {
                assert!(answer.header("cache-control").starts_with("public, max-age=60, "));
            }
        }
        assert_eq!(app.telegram.total(), asked, "{name}: the refusal is kept");
        app.telegram.clear_faults();
        time.pass(kept).await;
        let healed = time.until(app.get(paths[2])).await.0;
        assert!(healed.text().contains("After the outage."), "{name}: {healed:?}");
        assert!(!healed.header("cache-status").contains("detail"), "{name}: {healed:?}");
    }
}

#[tokio::test]
async fn channel_without_preview_for_a_week_is_410_gone() {
    let app = TestApp::start().await;
    let good = app.get("/tidewater/rss.xml").await;
    app.telegram.set_preview("tidewater", false);
    for hours in [2, 24, 140] {
        app.pass(hours * HOUR);
        let kept = app.get("/tidewater/rss.xml").await;
        assert_eq!((kept.status, kept.header("etag")), (200, good.header("etag")), "{hours}");
        assert!(kept.header("cache-status").ends_with("; detail=preview_off"), "{kept:?}");
    }
    app.pass(5 * HOUR);
    let broken = status(500, None);
    app.telegram.fault(Target::Everything, broken, Repeat::Always);
    app.pass(7 * HOUR);
    assert_eq!(app.get("/tidewater/rss.xml").await.status, 200, "an outage proves nothing");
    app.telegram.clear_faults();
    app.pass(MINUTE);
    for path in ["/tidewater/rss.xml", "/tidewater/atom.xml", "/tidewater"] {
        let gone = app.get(path).await;
        assert_eq!((gone.status, &gone.json()["refusal"]), (410, &"preview_off".into()), "{path}");
        assert_eq!(gone.header("cache-control"), "public, max-age=300");
    }
    app.telegram.set_preview("tidewater", true);
    app.pass(7 * HOUR);
    let back = app.get("/tidewater/rss.xml").await;
    assert_eq!((back.status, back.body), (200, good.body));
}

#[tokio::test]
async fn blocked_channel_keeps_posts_and_is_never_410() {
    let app = TestApp::start().await;
    let good = app.get("/tidewater/rss.xml").await;
    let reason = "This channel can't be displayed because it violated local laws.";
    app.telegram
        .change("tidewater", |channel| channel.kind = ChatKind::Blocked { reason: reason.into() });
    for hours in [2, 24, 24 * 8, 24 * 8] {
        app.pass(hours * HOUR);
        let kept = app.get("/tidewater/rss.xml").await;
        assert_eq!((kept.status, kept.header("etag")), (200, good.header("etag")), "{hours}");
        assert!(kept.header("cache-status").ends_with("; detail=blocked"), "{kept:?}");
    }
    app.telegram.set_preview("tidewater", true);
    app.pass(7 * HOUR);
    let back = app.get("/tidewater/rss.xml").await;
    assert!(!back.header("cache-status").contains("detail"), "{back:?}");
}

#[tokio::test]
async fn blocked_channel_error_contains_telegrams_reason() {
    let app = TestApp::start().await;
    let reason = "a complaint about its cargo";
    let problem = app.get("/sunken_cargo/rss.xml").await.json();
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("exists") && detail.contains(reason), "{detail}");
    for language in ["en", "ru"] {
        let headers = [("accept", "text/html"), ("accept-language", language)];
        let page = app.get_with("/sunken_cargo", &headers).await;
        assert!(page.text().contains(reason), "{language}: {}", page.text());
    }
}

#[tokio::test]
async fn stale_page_shows_reason() {
    for (fault, words) in [
        (status(500, None), "Telegram cannot be reached at the moment"),
        (status(429, Some(60)), "Telegram throttles us at the moment"),
        (Fault::NewClasses, "page could not be read"),
    ] {
        let app = TestApp::start().await;
        assert!(!app.browse("/tidewater").await.text().contains("these are the last posts known"));
        app.telegram.fault(Target::Everything, fault, Repeat::Always);
        app.pass(2 * HOUR);
        let page = app.browse("/tidewater").await;
        assert_eq!(page.status, 200);
        assert!(page.text().contains(words) && page.text().contains("Good morning"), "{words}");
    }
}

/// Under any fault, a feed contains posts of the channel, or the response is an error.
/// Conformance: 7.6
#[tokio::test]
async fn failures_never_yield_empty_feed_or_error_item() {
    let time = Frozen::time();
    for (target, fault, code, _) in outages() {
        let app = TestApp::start().await;
        let good = app.get("/tidewater/feed.json").await.ids();
        let queries = ["before=20", "q=lamp", "q=zzzz", "limit=500", "tag=nothing", "kind=music"];
        app.telegram.fault(target, fault.clone(), Repeat::Always);
        for query in queries {
            let path = format!("/tidewater/feed.json?{query}");
            let answer = time.until(app.get(&path)).await.0;
            if answer.status == 200 {
                let known = |id: &String| good.contains(id);
                let ids = answer.ids();
                assert!(ids.iter().all(known), "{code} {fault:?} {query}: {ids:?}");
                // Older and unseen posts are unavailable. A partial page of search results, and one that reports no
                // results, count as results.
                let is_answered = code == "partial" || matches!(fault, Fault::NewInsides);
                let is_beyond = query.starts_with("before") || query == "q=zzzz" && !is_answered;
                assert!(!is_beyond, "{code} {fault:?} {query}");
            } else {
                assert!(answer.json()["refusal"].is_string(), "{answer:?}");
            }
        }
        let cold = time.until(app.get("/cha_yu_lun/feed.json")).await.0;
        assert!(cold.status >= 400 || !cold.ids().is_empty(), "{code} {fault:?}");
    }
}
