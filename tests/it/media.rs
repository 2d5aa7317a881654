//! Files: our addresses of them lead to where they lie at Telegram today, and every address that we print leads somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use feedline::demo::message::{Body, Item, Medium, PreviewPicture, Service, Sticker, Video};
use feedline::demo::{Asked, Fault, Message, Target, Times};
use futures_util::future::join_all;

use crate::app::{Answer, TestApp, client};

const MINUTE: Duration = Duration::from_secs(60);

/// The sample channels that have posts for everybody.
pub(crate) const CHANNELS: [&str; 8] = [
    "tidewater",
    "zenit_library",
    "diwan_alrih",
    "Cha_Yu_Lun",
    "telegram",
    "quiet_corner",
    "free_boats_now",
    "tidewater_official",
];

/// Follows a redirect to Telegram and tells what lies there.
async fn follow(answer: &Answer) -> (u16, String) {
    let file = client().get(answer.header("location")).send().await.expect("an answer");
    let media_type = file.headers()["content-type"].to_str().unwrap().to_owned();
    (file.status().as_u16(), media_type)
}

fn film(id: u32, video: &Video) -> Vec<(String, &'static str)> {
    let file = video.file.map(|_| (format!("{id}.mp4"), "video/mp4"));
    let poster = video.poster.map(|_| (format!("{id}-poster.jpg"), "image/jpeg"));
    file.into_iter().chain(poster).collect()
}

fn member(item: &Item) -> Vec<(String, &'static str)> {
    match &item.medium {
        Medium::Photo(_) => vec![(format!("{}.jpg", item.id), "image/jpeg")],
        Medium::Video(video) => film(item.id, video),
    }
}

/// Every file that a message has for everybody: its name here, and its type.
pub(crate) fn files(message: &Message) -> Vec<(String, &'static str)> {
    let id = message.id;
    let mut files = match &message.body {
        Body::Photo(_) | Body::Service(Service::PhotoUpdated(_)) => {
            vec![(format!("{id}.jpg"), "image/jpeg")]
        }
        Body::Album(items) => items.iter().flat_map(member).collect(),
        Body::Video(video) | Body::Gif(video) | Body::Round(video) => film(id, video),
        Body::Voice(_) => vec![(format!("{id}.ogg"), "audio/ogg")],
        Body::Sticker(Sticker::Still(_)) => vec![(format!("{id}.webp"), "image/webp")],
        Body::Sticker(Sticker::Animated(_)) => {
            vec![(format!("{id}.tgs"), "application/x-tgsticker")]
        }
        Body::Sticker(Sticker::Film(..)) => {
            vec![(format!("{id}.webm"), "video/webm"), (format!("{id}-poster.jpg"), "image/webp")]
        }
        Body::Invoice { picture: Some(_), .. } | Body::Game { .. } => {
            vec![(format!("{id}-preview.jpg"), "image/jpeg")]
        }
        _ => Vec::new(),
    };
    let picture = message.preview.as_ref().map(|preview| preview.picture);
    if picture.is_some_and(|picture| !matches!(picture, PreviewPicture::None)) {
        files.push((format!("{id}-preview.jpg"), "image/jpeg"));
    }
    files
}

#[tokio::test]
async fn every_file_of_every_kind_is_found_by_its_message() {
    let app = TestApp::start().await;
    let mut kinds = BTreeMap::new();
    for channel in CHANNELS {
        for message in app.telegram.channel(channel).unwrap().messages {
            for (file, media_type) in files(&message) {
                let path = format!("/{channel}/{file}");
                let answer = app.get(&path).await;
                assert_eq!(answer.status, 302, "{path}: {answer:?}");
                assert_eq!(answer.header("cache-control"), "public, max-age=600", "{path}");
                assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
                assert_eq!(follow(&answer).await, (200, media_type.to_owned()), "{path}");
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
async fn what_has_no_file_is_not_found() {
    let app = TestApp::start().await;
    let messages = app.telegram.channel("tidewater").unwrap().messages;
    let find = |wanted: fn(&Body) -> bool| {
        messages.iter().find(|message| wanted(&message.body)).unwrap().id
    };
    let photo = find(|body| matches!(body, Body::Photo(_)));
    let text = find(|body| matches!(body, Body::Text));
    let too_big = find(|body| matches!(body, Body::Video(Video { file: None, .. })));
    for file in [
        format!("{photo}.mp4"),
        format!("{photo}.webp"),
        format!("{photo}-poster.jpg"),
        format!("{photo}-preview.jpg"),
        format!("{text}.jpg"),
        format!("{too_big}.mp4"),
        "99999.jpg".to_owned(),
        "99999-poster.jpg".to_owned(),
    ] {
        let answer = app.get(&format!("/tidewater/{file}")).await;
        assert_eq!(answer.status, 404, "{file}");
        assert_eq!(answer.header("content-type"), "application/problem+json; charset=utf-8");
    }
    assert_eq!(app.get("/quiet_corner/avatar.jpg").await.status, 404);
    let asked = app.telegram.total();
    for file in ["0.jpg", "x.jpg", "5.exe", "5-thumb.jpg", "5-poster.png", "-5.jpg", "5.jpg.jpg"] {
        assert_eq!(app.get(&format!("/tidewater/{file}")).await.status, 404, "{file}");
    }
    assert_eq!(app.telegram.total(), asked, "what cannot be is not asked for");
}

/// A photo of the newest page of `tidewater`.
fn new_photo(app: &TestApp) -> u32 {
    let messages = app.telegram.channel("tidewater").unwrap().messages;
    let photo = |message: &&Message| matches!(message.body, Body::Photo(_));
    messages.iter().rev().find(photo).unwrap().id
}

#[tokio::test]
async fn an_address_of_the_list_is_used_for_an_hour_and_then_renewed_once_for_all() {
    let app = TestApp::start().await;
    let id = new_photo(&app);
    let (file, embed) = (format!("/tidewater/{id}.jpg"), format!("/tidewater/{id}"));
    app.get("/tidewater/rss.xml").await;
    app.pass(MINUTE * 59);
    let listed = app.get(&file).await;
    assert_eq!((listed.status, app.telegram.total()), (302, 1), "nothing but the list was asked");
    app.telegram.expire_files();
    assert_eq!(follow(&listed).await.0, 404);
    app.pass(MINUTE * 2);
    let renewed = join_all((0..50).map(|_| app.get(&file))).await;
    assert_eq!(app.telegram.hits(&embed), 1);
    for answer in &renewed {
        assert_eq!(answer.header("location"), renewed[0].header("location"));
    }
    assert_eq!(follow(&renewed[0]).await, (200, "image/jpeg".to_owned()));
    app.pass(MINUTE * 59);
    app.get(&file).await;
    assert_eq!(app.telegram.hits(&embed), 1, "it holds for an hour");
    app.pass(MINUTE * 2);
    app.get(&file).await;
    assert_eq!((app.telegram.hits(&embed), app.telegram.hits("/s/tidewater")), (2, 1));
}

#[tokio::test]
async fn an_older_posts_address_is_renewed_though_the_channel_was_just_seen() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml?limit=100").await;
    app.pass(MINUTE * 61);
    app.telegram.expire_files();
    app.get("/tidewater/rss.xml").await;
    let lists = app.telegram.hits("/s/tidewater");
    // The oldest photo: the post is known, from a page of more than an hour ago.
    let many = join_all((0..20).map(|_| app.get("/tidewater/6.jpg"))).await;
    assert!(many.iter().all(|answer| answer.status == 302), "{:?}", many[0]);
    assert_eq!(follow(&many[0]).await, (200, "image/jpeg".to_owned()));
    assert_eq!(app.telegram.hits("/tidewater/6"), 1);
    let id = new_photo(&app);
    let listed = app.get(&format!("/tidewater/{id}.jpg")).await;
    assert_eq!(follow(&listed).await.0, 200);
    assert_eq!(app.telegram.hits_of(Asked::Embed), 1, "the newest page has fresh addresses");
    assert_eq!(app.telegram.hits("/s/tidewater"), lists);
}

#[tokio::test]
async fn the_files_of_an_older_page_come_with_it() {
    let app = TestApp::start().await;
    let page = app.browse("/tidewater?before=20").await;
    assert_eq!(page.status, 200);
    for file in ["6.jpg", "12.mp4", "12-poster.jpg", "13.jpg"] {
        assert!(page.text().contains(&format!("/tidewater/{file}")), "{file}: {}", page.text());
        assert_eq!(follow(&app.get(&format!("/tidewater/{file}")).await).await.0, 200, "{file}");
    }
    assert_eq!(app.telegram.hits_of(Asked::Embed), 0);
}

#[tokio::test]
async fn files_of_groups_and_of_channels_never_seen_come_by_their_posts() {
    let app = TestApp::start().await;
    for path in ["/tidewater_harbour/4.jpg", "/diwan_alrih/4.jpg"] {
        let answer = app.get(path).await;
        assert_eq!(answer.status, 302, "{path}: {answer:?}");
        assert_eq!(follow(&answer).await, (200, "image/jpeg".to_owned()), "{path}");
    }
    let page = app.browse("/tidewater_harbour/4").await;
    assert!(page.text().contains("Caught the evening."));
    assert_eq!((app.telegram.hits_of(Asked::Embed), app.telegram.hits_of(Asked::List)), (2, 0));
}

#[tokio::test]
async fn a_refused_post_is_not_asked_for_again_while_the_refusal_is_kept() {
    let app = TestApp::start().await;
    let gone = |app: &TestApp| app.telegram.hits("/tidewater/99999");
    for path in ["/tidewater/99999.jpg", "/tidewater/99999", "/tidewater/99999-poster.jpg"] {
        let answer = app.get(path).await;
        assert_eq!((answer.status, &answer.json()["refusal"]), (404, &"not_found".into()));
    }
    assert_eq!(gone(&app), 1);
    app.pass(MINUTE * 61);
    app.get("/tidewater/99999.jpg").await;
    assert_eq!(gone(&app), 2);
    let broken = Fault::Status { code: 500, retry_after: None };
    app.telegram.fault(Target::Asked(Asked::Embed), broken, Times::Always);
    for _ in 0..3 {
        assert_eq!(app.get("/tidewater/6.jpg").await.status, 502);
    }
    assert_eq!(app.telegram.hits("/tidewater/6"), 1);
    app.telegram.heal();
    app.pass(Duration::from_secs(31));
    assert_eq!(app.get("/tidewater/6.jpg").await.status, 302);
}

#[tokio::test]
async fn in_an_outage_the_last_known_address_is_better_than_none() {
    let app = TestApp::start().await;
    let id = new_photo(&app);
    let file = format!("/tidewater/{id}.jpg");
    app.get("/tidewater/rss.xml").await;
    let listed = app.get(&file).await;
    let broken = Fault::Status { code: 502, retry_after: None };
    app.telegram.fault(Target::Asked(Asked::Embed), broken, Times::Always);
    app.pass(MINUTE * 120);
    let former = app.get(&file).await;
    assert_eq!((former.status, former.header("location")), (302, listed.header("location")));
    app.telegram.heal();
    app.telegram.delete("tidewater", id);
    app.pass(MINUTE);
    assert_eq!(app.get(&file).await.status, 404, "Telegram says that it is gone");
}

#[tokio::test]
async fn an_avatar_is_as_fresh_as_its_channel() {
    let app = TestApp::start().await;
    let first = app.get("/tidewater/avatar.jpg").await;
    assert_eq!((first.status, follow(&first).await), (302, (200, "image/jpeg".to_owned())));
    app.telegram.expire_files();
    app.pass(MINUTE * 61);
    let renewed = app.get("/tidewater/avatar.jpg").await;
    assert_eq!((follow(&renewed).await.0, app.telegram.hits("/s/tidewater")), (200, 2));
    assert_eq!(app.telegram.hits_of(Asked::Embed), 0);
    assert_eq!(app.get("/tidewater_harbour/avatar.jpg").await.json()["refusal"], "group");
}

/// The addresses under a base in a text, whatever is escaped in it.
fn addresses(text: &str, base: &str) -> BTreeSet<String> {
    let mut plain = text.to_owned();
    for _ in 0..2 {
        for (escape, character) in
            [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#34;", "\""), ("&#38;", "&")]
        {
            plain = plain.replace(escape, character);
        }
        plain = plain.replace("&amp;", "&");
    }
    let ends = |character: char| character.is_whitespace() || "\"'<>\\)".contains(character);
    let rest = plain.split(base).skip(1);
    rest.map(|rest| rest.split(ends).next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_address_that_is_printed_leads_somewhere() {
    let app = TestApp::start().await;
    let mut known: BTreeSet<String> = BTreeSet::new();
    let mut open: Vec<String> = Vec::new();
    for channel in CHANNELS {
        let feeds = ["rss.xml", "atom.xml", "feed.json"];
        open.extend(feeds.map(|feed| format!("/{channel}/{feed}?limit=500&link=page")));
        open.push(format!("/{channel}"));
    }
    open.push("/tidewater_harbour/4".to_owned());
    let mut kinds = (0, 0);
    while let Some(path) = open.pop() {
        // The placeholder of the start page's example.
        if path.contains("/&lt;") || path == "/" || !known.insert(path.clone()) {
            continue;
        }
        let answer = app.browse(&path).await;
        match answer.status {
            200 => kinds.0 += 1,
            302 if answer.header("location").starts_with(app.telegram.base()) => {
                assert_eq!(follow(&answer).await.0, 200, "{path}");
                kinds.1 += 1;
                continue;
            }
            _ => panic!("{path}: {answer:?}"),
        }
        let Ok(text) = std::str::from_utf8(&answer.body) else { continue };
        assert!(!text.contains(app.telegram.base()), "{path} prints an address that will die");
        // Links of posts to their neighbours are followed as far as a page and what is on it.
        open.extend(addresses(text, &app.base));
    }
    assert!(kinds.0 > 200 && kinds.1 > 80, "{kinds:?}");
}
