//! Freshness: which requests wait for Telegram, for how long, and how often Telegram is requested.

use std::time::Duration;

use feedline::demo::message::Views;
use feedline::demo::{Channel, Fault, Message, OldName, Repeat, RequestKind, Target, Truncation};
use feedline::model::ChannelName;
use futures_util::future::join_all;
use tokio::time::timeout;

use crate::support::{Frozen, HOUR, MINUTE, START, TestApp, list};

const TIDEWATER: &str = "/tidewater/feed.json";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousand_clients_of_cold_channel_cause_one_request() {
    let app = TestApp::start().await;
    let gate = app.telegram.hold(list("tidewater"));
    let clients = join_all((0..1000).map(|_| app.get(TIDEWATER)));
    let open = async {
        app.telegram.wait_for_hits("/s/tidewater", 1).await;
        // Most of the other requests have arrived by then; the rest are cache hits.
        tokio::time::sleep(Duration::from_millis(300)).await;
        gate.open();
    };
    let (answers, ()) = tokio::join!(clients, open);
    assert_eq!(app.telegram.hits("/s/tidewater"), 1);
    assert!(answers[0].status == 200 && answers[0].ids().len() > 4);
    for answer in &answers {
        assert_eq!((answer.status, answer.header("etag")), (200, answers[0].header("etag")));
        assert_eq!(answer.body, answers[0].body);
    }
    let waited = answers.iter().filter(|answer| answer.header("cache-status").contains("fwd=miss"));
    assert!(waited.count() > 1, "some waited for the same fetch");
}

#[tokio::test]
async fn disconnecting_clients_do_not_cancel_fetch_for_others() {
    let app = TestApp::start().await;
    let gate = app.telegram.hold(list("tidewater"));
    let mut leaving = Box::pin(join_all((0..50).map(|_| app.get(TIDEWATER))));
    tokio::select! {
        _ = &mut leaving => panic!("nothing is answered before the gate opens"),
        () = app.telegram.wait_for_hits("/s/tidewater", 1) => {}
    }
    let mut staying = Box::pin(join_all((0..50).map(|_| app.get(TIDEWATER))));
    tokio::select! {
        _ = &mut staying => panic!("nothing is answered before the gate opens"),
        () = tokio::time::sleep(Duration::from_millis(100)) => {}
    }
    drop(leaving);
    gate.open();
    let answers = staying.await;
    assert!(answers.iter().all(|answer| answer.status == 200 && answer.body == answers[0].body));
    assert_eq!(app.telegram.hits("/s/tidewater"), 1);
}

#[tokio::test]
async fn cold_fetch_continues_after_its_only_client_left() {
    let app = TestApp::with(|config| config.net.concurrency = 1).await;
    let gate = app.telegram.hold(list("tidewater"));
    let mut first = Box::pin(app.get(TIDEWATER));
    tokio::select! {
        _ = &mut first => panic!("the gate is closed"),
        () = app.telegram.wait_for_hits("/s/tidewater", 1) => {}
    }
    // The only connection is in use: this request is queued when its client disconnects.
    let second = timeout(Duration::from_millis(150), app.get("/zenit_library/rss.xml")).await;
    assert!(second.is_err() && app.telegram.hits("/s/zenit_library") == 0);
    gate.open();
    assert_eq!(first.await.status, 200);
    let asked = timeout(Duration::from_secs(10), app.telegram.wait_for_hits("/s/zenit_library", 1));
    asked.await.expect("it is asked for though nobody waits");
    assert_eq!(app.get("/zenit_library/rss.xml").await.status, 200);
    assert_eq!(app.telegram.hits("/s/zenit_library"), 1);
}

#[tokio::test]
async fn formats_page_and_name_cases_share_one_fetch() {
    let app = TestApp::start().await;
    let paths = ["/cha_yu_lun/rss.xml", "/Cha_Yu_Lun/atom.xml", "/CHA_YU_LUN/feed.json"];
    let pages = ["/cha_yu_lun", "/CHA_yu_lun?stats=1", "/cha_yu_lun/feed.json?title=marked"];
    for path in paths.into_iter().chain(pages) {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
    assert_eq!(app.telegram.hits_of_kind(RequestKind::List), 1);
    let shouted = app.get("/CHA_YU_LUN/feed.json").await;
    assert_eq!(shouted.body, app.get("/cha_yu_lun/feed.json").await.body);
    assert!(shouted.text().contains("/Cha_Yu_Lun/feed.json"), "the channel's own case is printed");
}

#[tokio::test]
async fn snapshot_is_reused_while_fresh_and_refreshed_once_when_stale() {
    let app = TestApp::start().await;
    let first = app.get(TIDEWATER).await;
    app.pass(HOUR - MINUTE);
    let second = app.get(TIDEWATER).await;
    assert!(second.header("cache-status").starts_with("feedline; hit; ttl="));
    assert_eq!((app.telegram.hits("/s/tidewater"), second.header("age")), (1, "3540"));
    app.telegram.publish("tidewater", "A sail. #sails").unwrap();
    app.pass(MINUTE * 2);
    let many = join_all((0..50).map(|_| app.get(TIDEWATER))).await;
    assert_eq!(app.telegram.hits("/s/tidewater"), 2);
    for answer in &many {
        assert!(answer.text().contains("A sail.") && answer.header("etag") != first.header("etag"));
        assert!(answer.header("cache-status").starts_with("feedline; fwd=miss; stored; ttl="));
    }
}

#[tokio::test]
async fn slow_refresh_serves_stale_feed_and_completes_later() {
    let time = Frozen::time();
    let app = TestApp::with(|config| config.net.timeout = Duration::from_secs(120)).await;
    let mut etags = Vec::new();
    for path in [TIDEWATER, "/tidewater/rss.xml", "/tidewater/atom.xml"] {
        etags.push((path, app.get(path).await.header("etag").to_owned()));
    }
    app.telegram.publish("tidewater", "Too late for the impatient.").unwrap();
    app.pass(HOUR * 2);
    let gate = app.telegram.hold(list("tidewater"));
    let (answer, waited) = time.until(app.get(TIDEWATER)).await;
    // Below the timeout of a cold channel, 18 s.
    assert!((8.0..16.0).contains(&waited.as_secs_f64()), "{waited:?}");
    assert_eq!(answer.status, 200);
    assert!(answer.header("cache-status").ends_with("; detail=refreshing"), "{answer:?}");
    assert!(answer.header("cache-control").starts_with("public, max-age=60, "));
    assert_eq!(answer.header("age"), "0", "the minute begins now");
    for (path, etag) in &etags {
        let same = [("if-none-match", etag.as_str())];
        assert_eq!(time.until(app.get_with(path, &same)).await.0.status, 304, "{path}");
    }
    let (page, waited) = time.until(app.browse("/tidewater")).await;
    assert!((2.0..7.0).contains(&waited.as_secs_f64()), "people wait less: {waited:?}");
    assert!(page.text().contains("fresh ones are being fetched"));
    gate.open();
    time.settle().await;
    let fresh = time.until(app.get(TIDEWATER)).await.0;
    assert!(fresh.text().contains("Too late for the impatient."));
    assert_eq!(app.telegram.hits("/s/tidewater"), 2, "one refresh for all of them");
}

#[tokio::test]
async fn refresh_timeout_is_configurable() {
    let time = Frozen::time();
    let app = TestApp::with(|config| config.service.refresh_timeout = Duration::from_secs(3)).await;
    app.get(TIDEWATER).await;
    app.pass(HOUR * 2);
    let _gate = app.telegram.hold(list("tidewater"));
    let (answer, waited) = time.until(app.get(TIDEWATER)).await;
    assert_eq!(answer.status, 200);
    // Below the default, 8 s.
    assert!((3.0..7.0).contains(&waited.as_secs_f64()), "{waited:?}");
}

#[tokio::test]
async fn stale_feed_is_served_at_once_if_queue_exceeds_timeout() {
    let time = Frozen::time();
    // One request in 50 seconds.
    let slow =
        |config: &mut feedline::config::Config| (config.net.rate, config.net.burst) = (0.02, 1);
    let app = TestApp::with(slow).await;
    let first = app.get(TIDEWATER).await;
    app.telegram.publish("tidewater", "In fifty seconds.").unwrap();
    app.pass(HOUR * 2);
    let stale = time.at_once(app.get(TIDEWATER)).await;
    assert!(stale.header("cache-status").ends_with("; detail=refreshing"), "{stale:?}");
    assert_eq!((stale.body, app.telegram.hits("/s/tidewater")), (first.body, 1));
    let hit = time.until(app.telegram.wait_for_hits("/s/tidewater", 2)).await.1;
    assert!((45.0..75.0).contains(&hit.as_secs_f64()), "it goes on in the background: {hit:?}");
    assert!(time.until(app.get(TIDEWATER)).await.0.text().contains("In fifty seconds."));
}

#[tokio::test]
async fn stale_feed_is_served_at_once_during_backoff() {
    let time = Frozen::time();
    let app = TestApp::start().await;
    let first = app.get(TIDEWATER).await;
    let ban = Fault::Status { code: 429, retry_after: Some(600) };
    app.telegram.fault(Target::Everything, ban, Repeat::Always);
    assert_eq!(app.get("/zenit_library/rss.xml").await.status, 429);
    app.pass(HOUR * 2);
    let hits = app.telegram.total();
    for _ in 0..5 {
        let stale = time.at_once(app.get(TIDEWATER)).await;
        assert_eq!((stale.status, stale.header("etag")), (200, first.header("etag")));
        let status = stale.header("cache-status");
        assert!(status.ends_with("=refreshing") || status.ends_with("=throttled"), "{status}");
    }
    assert_eq!(app.telegram.total(), hits, "nothing is asked before the time is over");
}

#[tokio::test]
async fn cold_request_times_out_and_retry_is_served_from_memory() {
    let time = Frozen::time();
    let app = TestApp::with(|config| config.net.timeout = Duration::from_secs(60)).await;
    let gate = app.telegram.hold(list("tidewater"));
    let (answer, waited) = time.until(app.get(TIDEWATER)).await;
    // Below the client's own timeout, which is 60 s here.
    assert!((18.0..30.0).contains(&waited.as_secs_f64()), "{waited:?}");
    assert_eq!((answer.status, answer.json()["refusal"].as_str()), (504, Some("timeout")));
    gate.open();
    let again = time.until(app.get(TIDEWATER)).await.0;
    assert_eq!((again.status, app.telegram.hits("/s/tidewater")), (200, 1));
}

#[tokio::test]
async fn cold_request_stuck_in_queue_gets_retry_after() {
    let time = Frozen::time();
    let app = TestApp::with(|config| {
        config.net.timeout = Duration::from_secs(60);
        config.net.concurrency = 1;
    })
    .await;
    let gate = app.telegram.hold(list("tidewater"));
    let mut first = Box::pin(app.get(TIDEWATER));
    tokio::select! {
        _ = &mut first => panic!("the gate is closed"),
        () = app.telegram.wait_for_hits("/s/tidewater", 1) => {}
    }
    let (answer, waited) = time.until(app.get("/zenit_library/rss.xml")).await;
    assert!((18.0..30.0).contains(&waited.as_secs_f64()), "{waited:?}");
    assert_eq!((answer.status, answer.json()["refusal"].as_str()), (429, Some("busy")));
    assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
    gate.open();
    time.until(app.telegram.wait_for_hits("/s/zenit_library", 1)).await;
    assert_eq!(time.until(app.get("/zenit_library/rss.xml")).await.0.status, 200);
    assert_eq!(app.telegram.hits("/s/zenit_library"), 1);
}

/// A channel with a post every `every` minutes, the last one published now.
fn busy(name: &str, number: u64, every: i64, posts: i64) -> Channel {
    let now: chrono::DateTime<chrono::Utc> = START.parse().unwrap();
    let mut channel = Channel::new(ChannelName::parse(name).unwrap(), number, "Busy");
    for back in (0..posts).rev() {
        let time = now - chrono::TimeDelta::minutes(every * back);
        channel.publish(Message::text(format!("Post number {back} from the end.")), time);
    }
    channel
}

#[tokio::test]
async fn feed_ttl_follows_posting_frequency() {
    let app = TestApp::start().await;
    for (name, number, every, life) in
        [("minutely", 1, 1, 300), ("quarterly", 2, 40, 1200), ("daily", 3, 1440, 3600)]
    {
        app.telegram.add(busy(name, number, every, 12));
        let path = format!("/{name}/rss.xml");
        let answer = app.get(&path).await;
        let control = answer.header("cache-control");
        assert!(control.starts_with(&format!("public, max-age={life}, ")), "{name}: {control}");
        app.pass(Duration::from_secs(life - 10));
        app.get(&path).await;
        assert_eq!(app.telegram.hits(&format!("/s/{name}")), 1, "{name}");
        app.pass(Duration::from_secs(20));
        app.get(&path).await;
        assert_eq!(app.telegram.hits(&format!("/s/{name}")), 2, "{name}");
    }
}

#[tokio::test]
async fn truncated_page_adds_posts_and_removes_none() {
    let app = TestApp::start().await;
    let first = app.get(TIDEWATER).await;
    app.telegram.publish("tidewater", "At the end of the page.").unwrap();
    for cut in
        [Truncation::CleanChunks(70), Truncation::ShortOfLength(70), Truncation::BrokenChunks(70)]
    {
        app.pass(HOUR * 2);
        app.telegram.fault(list("tidewater"), Fault::Truncated(cut), Repeat::Times(2));
        let before = app.telegram.hits("/s/tidewater");
        let partial = app.get(TIDEWATER).await;
        assert_eq!(app.telegram.hits("/s/tidewater") - before, 2, "a cut page is asked once more");
        assert_eq!((partial.status, partial.ids()), (200, first.ids()), "{cut:?}");
        assert!(partial.header("cache-status").ends_with("; detail=partial"), "{partial:?}");
        assert!(partial.header("cache-control").starts_with("public, max-age=300, "));
        assert_eq!(partial.header("etag"), first.header("etag"));
    }
    app.pass(MINUTE * 6);
    let whole = app.get(TIDEWATER).await;
    assert!(whole.ids().len() == first.ids().len() + 1 && whole.text().contains("At the end"));
    assert!(!whole.header("cache-status").contains("detail"));
}

#[tokio::test]
async fn truncated_first_page_is_served_as_partial() {
    let app = TestApp::start().await;
    app.telegram.fault(
        list("tidewater"),
        Fault::Truncated(Truncation::CleanChunks(70)),
        Repeat::Times(2),
    );
    let partial = app.get(TIDEWATER).await;
    assert!(partial.status == 200 && partial.header("cache-status").ends_with("detail=partial"));
    app.pass(MINUTE * 6);
    let whole = app.get(TIDEWATER).await;
    assert!(whole.ids().len() > partial.ids().len() && !partial.ids().is_empty());
    assert!(whole.ids().ends_with(&partial.ids()), "the newest were missing");
}

#[tokio::test]
async fn page_without_posts_does_not_empty_feed() {
    let time = Frozen::time();
    let app = TestApp::start().await;
    let first = app.get(TIDEWATER).await;
    app.telegram.fault(list("tidewater"), Fault::NoPosts, Repeat::Always);
    for _ in 0..3 {
        app.pass(HOUR * 2);
        let kept = time.until(app.get(TIDEWATER)).await.0;
        assert_eq!((kept.status, kept.header("etag")), (200, first.header("etag")));
    }
    app.telegram.clear_faults();
    app.telegram.publish("tidewater", "Back again.").unwrap();
    app.pass(HOUR * 2);
    let back = time.until(app.get(TIDEWATER)).await.0;
    assert_eq!(back.ids().len(), first.ids().len() + 1);
}

#[tokio::test]
async fn channel_without_posts_is_empty_after_canary_check() {
    let time = Frozen::time();
    let app = TestApp::start().await;
    let empty = time.until(app.get("/blank_page/feed.json")).await.0;
    assert_eq!((empty.status, empty.ids().len()), (200, 0));
    assert_eq!((app.telegram.hits("/s/blank_page"), app.telegram.hits("/s/telegram")), (2, 1));
    app.telegram.fault(Target::Everything, Fault::NoPosts, Repeat::Always);
    // The canary's result is cached for a minute.
    time.pass(MINUTE).await;
    let other = time.until(app.get("/quiet_corner/feed.json")).await.0;
    let refusal = other.json()["refusal"].as_str().map(str::to_owned);
    assert_eq!((other.status, refusal.as_deref()), (429, Some("throttled")));
}

/// The page of the old name arrives slowly; meanwhile the new name is requested and answered.
#[tokio::test]
async fn outdated_page_does_not_overwrite_newer_one() {
    let time = Frozen::time();
    let app = TestApp::with(|config| config.net.timeout = HOUR).await;
    app.telegram.add(busy("pier", 7_007, 60, 10));
    let views = |app: &TestApp, channel: &str, views| {
        let change = |message: &mut Message| message.views = Views::Count(views);
        app.telegram.change_message(channel, 10, change).unwrap();
    };
    views(&app, "pier", 1_110_000);
    app.get("/pier/feed.json").await;
    app.telegram.rename("pier", ChannelName::parse("jetty").unwrap(), OldName::Alias);
    app.pass(HOUR * 2);
    let drip = Fault::Drip { piece: 16_000, pause: MINUTE };
    app.telegram.fault(list("pier"), drip, Repeat::Times(1));
    let old = time.until(app.get("/pier/feed.json?stats=1")).await.0;
    assert!(old.header("cache-status").ends_with("detail=refreshing"), "{old:?}");
    views(&app, "jetty", 2_220_000);
    let new = time.at_once(app.get("/jetty/feed.json?stats=1")).await;
    assert!(new.text().contains("2.22M") && !new.text().contains("1.11M"), "{}", new.text());
    for _ in 0..10 {
        time.pass(MINUTE / 2).await;
    }
    assert_eq!(time.at_once(app.get("/jetty/feed.json?stats=1")).await.body, new.body);
    let moved = app.get("/pier/feed.json").await;
    assert_eq!(moved.header("location"), format!("{}/jetty/feed.json", app.base));
    assert_eq!(app.telegram.hits_of_kind(RequestKind::List), 3);
}
