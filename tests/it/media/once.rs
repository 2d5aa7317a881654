//! Every file of every sample post occurs exactly once in its item, in all formats and on the pages.

use std::collections::BTreeMap;

use feedline::demo::Message;
use scraper::{Html, Selector};

use super::files;
use crate::support::{CHANNELS, TestApp};

/// The files that an item or a page loads: feedline's paths in its HTML, and how often each occurs.
type Loaded = BTreeMap<String, usize>;

/// The paths that a reader or a browser loads to show some HTML, without the base. Panics on a URL of another host.
fn loaded(html: &str, base: &str) -> Loaded {
    let html = Html::parse_fragment(html);
    let mut loaded = Loaded::new();
    for name in ["src", "poster", "srcset"] {
        for element in html.select(&Selector::parse(&format!("[{name}]")).unwrap()) {
            let address = element.attr(name).unwrap();
            let ours =
                address.strip_prefix(base).unwrap_or_else(|| panic!("{address} is not ours"));
            *loaded.entry(ours.to_owned()).or_default() += 1;
        }
    }
    loaded
}

/// Only a channel's files, without the emoji in texts.
fn of_channel(loaded: Loaded) -> Loaded {
    loaded.into_iter().filter(|(address, _)| !address.starts_with("/-/emoji/")).collect()
}

/// The expected files of a post: each one once, and the poster of a video `stills` times. An animated sticker is
/// replaced by its outline, because nothing displays it.
fn expected(channel: &str, message: &Message, stills: usize) -> Loaded {
    let shown = |file: &str| file.replace(".tgs", "-outline.svg");
    let files: Vec<String> = files(message).into_iter().map(|(file, _)| file).collect();
    let is_of_video = |file: &str| {
        let stem = file.strip_suffix("-poster.jpg");
        let is_video =
            |video: &str| files.contains(&format!("{}.{video}", stem.unwrap_or_default()));
        stem.is_some() && (is_video("mp4") || is_video("webm"))
    };
    let count = |file: &str| if is_of_video(file) { stills } else { 1 };
    files.iter().map(|file| (format!("/{channel}/{}", shown(file)), count(file))).collect()
}

/// An item of a feed in any format.
struct Item {
    id: u32,
    html: String,
    /// URL and type of each enclosure.
    enclosures: Vec<(String, String)>,
    thumbnails: Vec<String>,
}

fn number(id: &str) -> u32 {
    id.rsplit('/').next().unwrap().parse().unwrap()
}

fn from_xml(body: &[u8]) -> Vec<Item> {
    let feed = feed_rs::parser::parse(body).unwrap();
    let item = |entry: feed_rs::model::Entry| {
        let content = entry.content.and_then(|content| content.body);
        let html = content.or(entry.summary.map(|summary| summary.content)).unwrap_or_default();
        let links = entry.links.iter().filter(|link| link.rel.as_deref() == Some("enclosure"));
        let links = links.map(|link| (link.href.clone(), link.media_type.clone().unwrap()));
        let files = entry.media.iter().flat_map(|media| &media.content);
        let files = files.filter_map(|file| {
            Some((file.url.as_ref()?.to_string(), file.content_type.as_ref()?.to_string()))
        });
        let thumbnails = entry.media.iter().flat_map(|media| &media.thumbnails);
        Item {
            id: number(&entry.id),
            html,
            enclosures: links.chain(files).collect(),
            thumbnails: thumbnails.map(|thumbnail| thumbnail.image.uri.clone()).collect(),
        }
    };
    feed.entries.into_iter().map(item).collect()
}

fn from_json(json: &serde_json::Value) -> Vec<Item> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let item = |item: &serde_json::Value| Item {
        id: number(&text(&item["id"])),
        html: text(&item["content_html"]),
        enclosures: item["attachments"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|file| (text(&file["url"]), text(&file["mime_type"])))
            .collect(),
        thumbnails: item["image"].as_str().map(str::to_owned).into_iter().collect(),
    };
    json["items"].as_array().unwrap().iter().map(item).collect()
}

/// Conformance: 6.1
#[tokio::test]
async fn item_references_each_file_once_in_every_format() {
    let app = TestApp::start().await;
    let mut counts = (0, 0, 0);
    for channel in CHANNELS {
        let messages: BTreeMap<u32, Message> = app
            .telegram
            .channel(channel)
            .unwrap()
            .messages
            .into_iter()
            .map(|message| (message.id, message))
            .collect();
        for format in ["rss.xml", "atom.xml", "feed.json"] {
            let answer = app.get(&format!("/{channel}/{format}?limit=500&service=1")).await;
            let items = match format {
                "feed.json" => from_json(&answer.json()),
                _ => from_xml(&answer.body),
            };
            assert!(!items.is_empty() || messages.is_empty(), "{channel} {format}");
            for Item { id, html, enclosures, thumbnails } in items {
                let place = format!("{channel}/{id} in {format}");
                let message = &messages[&id];
                let found = of_channel(loaded(&html, &app.base));
                // The poster a second time, for readers without `video`.
                assert_eq!(found, expected(channel, message, 2), "{place}:\n{html}");
                counts.0 += found.len();
                let voice = files(message).into_iter().filter(|(file, _)| file.ends_with(".ogg"));
                let voice: Vec<_> = voice
                    .map(|(file, kind)| (format!("{}/{channel}/{file}", app.base), kind.to_owned()))
                    .collect();
                assert_eq!(enclosures, voice, "{place}");
                counts.1 += voice.len();
                for thumbnail in &thumbnails {
                    let ours = thumbnail.strip_prefix(&app.base).unwrap();
                    assert!(found.contains_key(ours), "{place}: {ours} stands for it");
                }
                assert!(thumbnails.len() <= 1, "{place}");
                counts.2 += thumbnails.len();
            }
        }
    }
    assert!(counts.0 > 250 && counts.1 >= 12 && counts.2 > 40, "{counts:?}");
}

#[tokio::test]
async fn page_references_each_file_once_and_no_external_ones() {
    let app = TestApp::start().await;
    let mut files_seen = 0;
    for channel in CHANNELS {
        let avatar = format!("/{channel}/avatar.jpg");
        for message in app.telegram.channel(channel).unwrap().messages {
            let path = format!("/{channel}/{}", message.id);
            let answer = app.browse(&path).await;
            assert_eq!(answer.status, 200, "{path}");
            let policy = answer.header("content-security-policy");
            assert!(policy.contains("img-src 'self'; media-src 'self';"), "{policy}");
            let html = Html::parse_document(answer.text());
            let article = html.select(&Selector::parse("article").unwrap()).next().unwrap();
            let found = of_channel(loaded(&article.html(), &app.base));
            assert_eq!(found, expected(channel, &message, 1), "{path}");
            files_seen += found.len();
            // The rest of the page loads at most the channel's avatar.
            let mut all = of_channel(loaded(answer.text(), &app.base));
            all.retain(|address, _| !found.contains_key(address) && *address != avatar);
            assert_eq!(all, Loaded::new(), "{path}");
        }
    }
    assert!(files_seen > 50, "{files_seen}");
}

#[tokio::test]
async fn media_none_loads_no_files_and_media_redirect_marks_all_urls() {
    let app = TestApp::start().await;
    for format in ["rss.xml", "atom.xml", "feed.json"] {
        let none = app.get(&format!("/tidewater/{format}?limit=500&media=none")).await;
        for ending in [".jpg", ".mp4", ".ogg", ".webp", ".webm", ".tgs"] {
            let named = format!("{}/tidewater/", app.base);
            let addresses = none.text().match_indices(&named).map(|(at, _)| &none.text()[at..]);
            let mut ends = addresses.filter_map(|rest| rest.split(['"', '<', '&', '\\']).next());
            assert!(ends.all(|address| !address.ends_with(ending)), "{format} {ending}");
        }
        let redirect = app.get(&format!("/tidewater/{format}?limit=500&media=redirect")).await;
        assert_eq!(redirect.status, 200);
        let items = match format {
            "feed.json" => from_json(&redirect.json()),
            _ => from_xml(&redirect.body),
        };
        let all: Vec<String> = items
            .iter()
            .flat_map(|item| {
                let enclosures = item
                    .enclosures
                    .iter()
                    .map(|(address, _)| address.strip_prefix(&app.base).unwrap().to_owned());
                loaded(&item.html, &app.base).into_keys().chain(enclosures)
            })
            .collect();
        assert!(all.len() > 30, "{format}: {}", all.len());
        // Outlines are drawn by feedline, so `media` does not affect them.
        for address in all.iter().filter(|address| !address.ends_with("-outline.svg")) {
            assert!(address.ends_with("?media=redirect"), "{format}: {address}");
        }
    }
    // The source of the files does not change the identity of a feed.
    let id = async |query: &str| {
        let answer = app.get(&format!("/tidewater/atom.xml{query}")).await;
        feed_rs::parser::parse(&answer.body[..]).unwrap().id
    };
    assert_eq!(id("").await, id("?media=redirect").await);
    assert_ne!(id("").await, id("?media=none").await);
}
