//! File responses: every kind, with all headers, from disk, in little memory.

use super::*;

use crate::support::START;

#[tokio::test]
async fn file_kinds_are_served_and_then_cached() {
    let app = TestApp::start().await;
    let mut kinds = BTreeMap::new();
    for channel in CHANNELS {
        for message in app.telegram.channel(channel).unwrap().messages {
            for (file, media_type) in files(&message) {
                let path = format!("/{channel}/{file}");
                let answer = app.get(&path).await;
                assert_eq!(answer.status, 200, "{path}: {:?}", answer.headers);
                assert_eq!(answer.header("content-type"), media_type, "{path}");
                let is_that = |file: &MediaFile| file.bytes == answer.body;
                assert!(feedline::demo::media::ALL.iter().any(is_that), "{path}: other bytes");
                let how = if file.ends_with(".tgs") { "attachment" } else { "inline" };
                let saved = format!("{how}; filename=\"{channel}-{file}\"");
                assert_eq!(answer.header("content-disposition"), saved, "{path}");
                let requests = app.telegram.total();
                let again = app.get(&path).await;
                assert_eq!(again.header("cache-status"), "feedline; hit", "{path}");
                assert_eq!(again.header("etag"), answer.header("etag"), "{path}");
                assert!(again.body == answer.body, "{path}");
                assert_eq!(app.telegram.total(), requests, "{path}");
                let kind = file.trim_start_matches(|digit: char| digit.is_ascii_digit());
                *kinds.entry(kind.to_owned()).or_insert(0) += 1;
            }
        }
    }
    let seen: Vec<&str> = kinds.keys().map(String::as_str).collect();
    let all = ["-poster.jpg", "-preview.jpg", ".jpg", ".mp4", ".ogg", ".tgs", ".webm", ".webp"];
    assert_eq!(seen, all, "the samples have every kind");
}

#[tokio::test]
async fn file_response_has_all_headers_on_miss_and_hit() {
    let app = TestApp::start().await;
    for (path, media_type) in [
        ("/tidewater/12.mp4", "video/mp4"),
        ("/tidewater/avatar.jpg", "image/jpeg"),
        ("/-/emoji/5389033296086709487.webp", "image/webp"),
    ] {
        // The first is streamed from Telegram, the second comes from disk.
        for from in ["fwd=miss; stored", "hit"] {
            let answer = app.get(path).await;
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
            for (name, value) in [
                ("content-type", media_type),
                ("content-length", &answer.body.len().to_string()),
                ("cache-control", "public, max-age=86400"),
                ("cache-status", &format!("feedline; {from}")),
                ("accept-ranges", "bytes"),
                ("access-control-allow-origin", "*"),
                ("cross-origin-resource-policy", "cross-origin"),
                ("content-security-policy", "sandbox; default-src 'none'"),
                ("x-content-type-options", "nosniff"),
                ("x-robots-tag", "noindex"),
                ("set-cookie", ""),
                ("content-encoding", ""),
                ("link", ""),
                ("refresh", ""),
                ("server", ""),
                ("access-control-allow-credentials", ""),
            ] {
                assert_eq!(answer.header(name), value, "{path}: {name}");
            }
            let etag = answer.header("etag");
            assert!(etag.starts_with('"') && etag.ends_with('"') && etag.len() > 10, "{etag}");
            let modified = answer.header("last-modified").to_owned();
            assert!(httpdate::parse_http_date(&modified).is_ok(), "{modified}");
            if from == "fwd=miss; stored" {
                wait_until_cached(&app, path).await;
            }
        }
    }
    assert_eq!(app.get("/-/emoji/5389033296086709487.webp").await.body, sample("gull.webp"));
}

#[tokio::test]
async fn client_headers_are_not_sent_to_telegram() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    app.telegram.reset_counts();
    let headers = [
        ("cookie", "session=1"),
        ("authorization", "Basic YTpi"),
        ("referer", "https://reader.example/"),
        ("origin", "https://reader.example"),
        ("x-forwarded-for", "203.0.113.9"),
        ("forwarded", "for=203.0.113.9"),
        ("via", "1.1 proxy"),
        ("accept-language", "ru"),
        ("if-none-match", "\"x\""),
        ("if-modified-since", "Mon, 01 Jan 1990 00:00:00 GMT"),
        ("if-range", "\"x\""),
        ("range", "bytes=2-5"),
        ("x-anything", "y"),
    ];
    assert_eq!(app.get_with("/tidewater/12.mp4", &headers).await.status, 200);
    let mut seen = app.telegram.requests();
    seen.retain(|seen| seen.kind == RequestKind::File);
    assert_eq!(seen.len(), 1);
    let names: BTreeSet<&str> = seen[0].headers.keys().map(http::HeaderName::as_str).collect();
    let ours = BTreeSet::from(["accept", "accept-encoding", "host", "user-agent"]);
    assert!(names.is_subset(&ours), "{names:?}");
}

#[tokio::test]
async fn cached_file_is_served_after_restart_during_outage() {
    let mut app = TestApp::start().await;
    let id = new_photo(&app);
    let paths = [format!("/tidewater/{id}.jpg"), "/tidewater/12.mp4".to_owned()];
    let mut bodies = Vec::new();
    for path in &paths {
        wait_until_cached(&app, path).await;
        bodies.push(app.get(path).await.body);
    }
    let broken = Fault::Status { code: 502, retry_after: None };
    app.telegram.fault(Target::Everything, broken, Repeat::Always);
    app.telegram.expire_files();
    app.restart().await;
    app.pass(MINUTE * 60 * 24 * 3);
    app.telegram.reset_counts();
    for (path, body) in paths.iter().zip(&bodies) {
        let answer = app.get(path).await;
        assert_eq!((answer.status, answer.header("cache-status")), (200, "feedline; hit"));
        assert!(answer.body == *body, "{path}");
        let part = app.get_with(path, &[("range", "bytes=2-5")]).await;
        assert_eq!((part.status, &part.body[..]), (206, &body[2..=5]));
    }
    assert_eq!(app.telegram.hits_of_kind(RequestKind::File), 0);
}

#[tokio::test]
async fn files_of_groups_and_unknown_channels_are_found_via_posts() {
    let app = TestApp::start().await;
    for path in ["/tidewater_harbour/4.jpg", "/diwan_alrih/4.jpg"] {
        let answer = app.get(path).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "image/jpeg"), "{path}");
    }
    let page = app.browse("/tidewater_harbour/4").await;
    assert!(page.text().contains("Caught the evening."));
    assert!(page.text().contains(&format!("{}/tidewater_harbour/4.jpg", app.base)));
    assert_eq!(
        (
            app.telegram.hits_of_kind(RequestKind::Embed),
            app.telegram.hits_of_kind(RequestKind::List)
        ),
        (2, 0)
    );
    assert_eq!(app.get("/tidewater_harbour/avatar.jpg").await.json()["refusal"], "group");
}

/// For a voice note in each format: the feed's `ETag`, and the length of its enclosure.
async fn enclosures(app: &TestApp, file: &str) -> Vec<(String, Option<String>)> {
    let mut responses = Vec::new();
    for (format, item, before) in [
        ("rss.xml", "<item>", " length=\""),
        ("atom.xml", "<entry>", " length=\""),
        ("feed.json", "{\"id\":", "\"size_in_bytes\":"),
    ] {
        let answer = app.get(&format!("/pier/{format}")).await;
        let item = answer.text().split(item).find(|item| item.contains(file));
        let length = item.expect("the content has the note").split(before).nth(1);
        let length = length.and_then(|rest| rest.split(['"', ',', '}']).next());
        responses.push((answer.header("etag").to_owned(), length.map(str::to_owned)));
    }
    responses
}

/// Adds a channel with one voice note, and returns the note's path.
fn voice_note(app: &TestApp) -> String {
    let mut channel = Channel::new(ChannelName::parse("pier").unwrap(), 4_242, "The Pier");
    let note = Body::Voice { file: File("hum.ogg"), seconds: 5 };
    let id = channel.publish(Message::from(note), START.parse().unwrap());
    app.telegram.add(channel);
    format!("/pier/{id}.ogg")
}

fn lengths(responses: &[(String, Option<String>)]) -> Vec<Option<&str>> {
    responses.iter().map(|(_, length)| length.as_deref()).collect()
}

/// Conformance: 6.4
#[tokio::test]
async fn voice_note_length_is_requested_once_for_enclosure() {
    let folder = tempfile::TempDir::new().unwrap();
    let archive = folder.path().join("feedline.db");
    let mut app = TestApp::with(|config| config.archive.path = Some(archive)).await;
    let file = voice_note(&app);
    let length = sample("hum.ogg").len().to_string();
    let first = enclosures(&app, &file).await;
    assert_eq!(lengths(&first), [Some(&*length); 3]);
    let path = |target: &str| target.split('?').next().unwrap_or_default().to_owned();
    let seen = app.telegram.requests().into_iter().filter(|seen| seen.kind == RequestKind::File);
    let requests: Vec<_> = seen.map(|seen| (path(&seen.target), seen.is_head)).collect();
    assert!(matches!(&requests[..], [(_, true)]), "no byte of it: {requests:?}");
    app.telegram.reset_counts();
    app.telegram.expire_files();
    app.pass(MINUTE * 61);
    assert_eq!(enclosures(&app, &file).await, first);
    app.restart().await;
    app.pass(MINUTE * 61);
    let restarted = enclosures(&app, &file).await;
    assert_eq!(lengths(&restarted), lengths(&first), "the archive has it");
    let again = app.telegram.requests().iter().any(|seen| path(&seen.target) == requests[0].0);
    assert!(!again, "it is not requested again");
}

/// Conformance: 6.4
#[tokio::test]
async fn voice_note_becomes_enclosure_once_length_is_known() {
    let app = TestApp::start().await;
    let file = voice_note(&app);
    let broken = Fault::Status { code: 502, retry_after: None };
    app.telegram.fault(Target::Kind(RequestKind::File), broken, Repeat::Times(1));
    let first = enclosures(&app, &file).await;
    assert_eq!(lengths(&first), [None; 3]);
    app.pass(MINUTE * 30);
    assert_eq!(enclosures(&app, &file).await, first, "it is not requested again at once");
    assert_eq!(app.telegram.hits_of_kind(RequestKind::File), 1);
    app.pass(MINUTE * 61);
    let second = enclosures(&app, &file).await;
    let length = sample("hum.ogg").len().to_string();
    assert_eq!(lengths(&second), [Some(&*length); 3]);
    app.pass(MINUTE * 61);
    assert_eq!(enclosures(&app, &file).await, second, "once");
}

#[tokio::test]
async fn slow_file_server_delays_no_feed() {
    let app = TestApp::start().await;
    let file = voice_note(&app);
    let gate = Latch::closed();
    app.telegram.fault(Target::Kind(RequestKind::File), Fault::Hold(gate.clone()), Repeat::Always);
    let begun = std::time::Instant::now();
    let first = enclosures(&app, &file).await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(lengths(&first), [None; 3]);
    gate.open();
    tokio::time::sleep(Duration::from_millis(300)).await;
    app.pass(MINUTE * 61);
    let second = enclosures(&app, &file).await;
    assert!(lengths(&second).iter().all(Option::is_some), "{second:?}");
    assert_eq!(
        app.telegram.hits_of_kind(RequestKind::File),
        1,
        "the answer that came late is used"
    );
}

#[tokio::test]
async fn large_video_takes_little_memory() {
    let app = TestApp::start().await;
    let video = Video { file: Some(LARGE_VIDEO), poster: None, seconds: 600, size: (640, 360) };
    let id = app.telegram.publish("tidewater", Message::from(Body::Video(video))).unwrap();
    let bytes = find(LARGE_VIDEO.0).unwrap().bytes;
    let before = resident();
    let mut most = 0;
    // Streamed from Telegram, then from disk.
    for _ in 0..2 {
        let address = format!("{}/tidewater/{id}.mp4", app.base);
        let mut answer = client().get(address).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.content_length(), Some(LARGE as u64));
        let mut came = 0;
        while let Some(piece) = answer.chunk().await.unwrap() {
            assert!(piece == bytes[came..came + piece.len()], "other bytes at {came}");
            came += piece.len();
            most = most.max(resident());
        }
        assert_eq!(came, LARGE);
    }
    let grown = most.saturating_sub(before);
    assert!(grown < 24 << 20, "{} MiB more", grown >> 20);
}

/// Resident memory of this process, in bytes.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

#[tokio::test]
async fn prefetched_photo_is_served_during_outage() {
    let app = TestApp::with(|config| {
        config.web.follow = vec![ChannelName::parse("tidewater").unwrap()];
    })
    .await;
    app.quiet().await;
    let (mut fetched, mut stands) = (0, 0);
    while fetched == 0 || stands < 20 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = app.telegram.hits_of_kind(RequestKind::File);
        stands = if now == fetched { stands + 1 } else { 0 };
        fetched = now;
    }
    let broken = Fault::Status { code: 500, retry_after: None };
    app.telegram.fault(Target::Everything, broken, Repeat::Always);
    let answer = app.get(&format!("/tidewater/{}.jpg", new_photo(&app))).await;
    assert_eq!((answer.status, answer.header("cache-status")), (200, "feedline; hit"));
    assert_eq!(app.telegram.hits_of_kind(RequestKind::Embed), 0, "the list has their addresses");
}

#[tokio::test]
async fn animated_sticker_has_svg_outline() {
    let app = TestApp::start().await;
    let drawn = |message: &&Message| matches!(message.body, Body::Sticker(Sticker::Animated(_)));
    let messages = app.telegram.channel("tidewater").unwrap().messages;
    let id = messages.iter().find(drawn).unwrap().id;
    let path = format!("/tidewater/{id}-outline.svg");
    let answer = app.get(&path).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "image/svg+xml"));
    assert_eq!(answer.header("content-security-policy"), "sandbox; default-src 'none'");
    assert_eq!(answer.header("cache-control"), "public, max-age=86400");
    assert!(
        answer
            .text()
            .starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 512 512\">")
    );
    assert!(answer.text().contains(" d=\"M256 40l60 144") && !answer.text().contains("url("));
    let known = app.get_with(&path, &[("if-none-match", answer.header("etag"))]).await;
    assert_eq!((known.status, known.body.len()), (304, 0));
    assert_eq!(app.get(&format!("/tidewater/{}-outline.svg", new_photo(&app))).await.status, 404);
    assert_eq!(app.get("/tidewater/x-outline.svg").await.status, 404);
    assert_eq!(app.telegram.hits_of_kind(RequestKind::File), 0, "it stands on the page");
    let feed = app.get("/tidewater/rss.xml?limit=500").await;
    assert!(feed.text().contains(&format!("{}{path}", app.base)));
}
