//! Media files over HTTP. Feedline's URLs serve a file or redirect to its current URL at Telegram, and every printed
//! URL works.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use feedline::demo::media::{File, LARGE, LARGE_VIDEO, MediaFile, find};
use feedline::demo::message::{
    AlbumItem, Body, Medium as Part, PreviewPicture, ServiceMessage, Sticker, Video,
};
use feedline::demo::{Channel, Fault, Latch, Message, Repeat, RequestKind, Target, Truncation};
use feedline::model::ChannelName;
use feedline::model::options::MediaMode;
use futures_util::future::join_all;
use reqwest::Method;

use crate::support::{Answer, CHANNELS, TestApp, client};

mod cache;
mod fail;
mod given;
mod guard;
mod once;
mod part;
mod redirect;

const MINUTE: Duration = Duration::from_secs(60);

/// Whether a path names something that is no channel.
fn names_nobody(app: &TestApp, path: &str) -> bool {
    let name = path.split('/').nth(1).unwrap_or_default();
    let channel = app.telegram.channel(name);
    ChannelName::parse(name).is_ok()
        && channel.is_none_or(|channel| channel.kind != feedline::demo::ChatKind::Channel)
}

fn video_files(id: u32, video: &Video) -> Vec<(String, &'static str)> {
    let file = video.file.map(|_| (format!("{id}.mp4"), "video/mp4"));
    let poster = video.poster.map(|_| (format!("{id}-poster.jpg"), "image/jpeg"));
    file.into_iter().chain(poster).collect()
}

fn member(item: &AlbumItem) -> Vec<(String, &'static str)> {
    match &item.medium {
        Part::Photo(_) => vec![(format!("{}.jpg", item.id), "image/jpeg")],
        Part::Video(video) => video_files(item.id, video),
    }
}

/// Every publicly available file of a message: its name in feedline, and its type.
pub(crate) fn files(message: &Message) -> Vec<(String, &'static str)> {
    let id = message.id;
    let mut files = match &message.body {
        Body::Photo(_) | Body::ServiceMessage(ServiceMessage::PhotoUpdated(_)) => {
            vec![(format!("{id}.jpg"), "image/jpeg")]
        }
        Body::Album(items) => items.iter().flat_map(member).collect(),
        Body::Video(video) | Body::Gif(video) | Body::Round(video) => video_files(id, video),
        Body::Voice { .. } => vec![(format!("{id}.ogg"), "audio/ogg")],
        Body::Sticker(Sticker::Still(_)) => vec![(format!("{id}.webp"), "image/webp")],
        Body::Sticker(Sticker::Animated(_)) => {
            vec![(format!("{id}.tgs"), "application/x-tgsticker")]
        }
        Body::Sticker(Sticker::Video(..)) => {
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

/// The bytes of a sample file.
fn sample(name: &str) -> &'static [u8] {
    find(name).expect("a sample").bytes
}

/// Waits until a file is a cache hit.
async fn wait_until_cached(app: &TestApp, path: &str) {
    for _ in 0..2000 {
        if app.get(path).await.header("cache-status") == "feedline; hit" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{path} is not cached");
}

/// Follows a redirect to Telegram, and returns status and media type.
async fn follow(answer: &Answer) -> (u16, String) {
    let file = client().get(answer.header("location")).send().await.expect("an answer");
    let media_type = file.headers()["content-type"].to_str().unwrap().to_owned();
    (file.status().as_u16(), media_type)
}

/// The newest photo of `tidewater`.
fn new_photo(app: &TestApp) -> u32 {
    let messages = app.telegram.channel("tidewater").unwrap().messages;
    let photo = |message: &&Message| matches!(message.body, Body::Photo(_));
    messages.iter().rev().find(photo).unwrap().id
}

/// A feedline that redirects file requests to Telegram.
async fn redirecting(mode: MediaMode) -> TestApp {
    TestApp::with(|config| config.media.mode = mode).await
}

/// The URLs under a base in a text, with escapes decoded.
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

/// Conformance: 10.5
#[tokio::test]
async fn all_printed_urls_work() {
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
            200 if answer.header("content-type").starts_with("text/") => kinds.0 += 1,
            200 if !answer.header("accept-ranges").is_empty() => {
                kinds.1 += 1;
                continue;
            }
            200 => kinds.0 += 1,
            // Posts mention people and channels that do not exist; an error is the correct response for these.
            404 if names_nobody(&app, &path) => continue,
            _ => panic!("{path}: {answer:?}"),
        }
        let Ok(text) = std::str::from_utf8(&answer.body) else { continue };
        assert!(!text.contains(app.telegram.base()), "{path} prints an address that will die");
        // Links between posts are followed, but only to a page and its content.
        open.extend(addresses(text, &app.base));
    }
    assert!(kinds.0 > 200 && kinds.1 > 80, "{kinds:?}");
}
