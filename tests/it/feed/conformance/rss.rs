//! RSS 2.0, its best-practices profile, and Media RSS.

use chrono::{DateTime, Datelike as _};
use feedline::model::Format;
use rss::validation::Validate as _;

use super::tree::Element;
use super::{addresses_in, is_address, is_language, samples};
use crate::support::TestApp;

/// Every sample's path and channel element.
async fn channels(app: &TestApp) -> Vec<(String, Element)> {
    let channel = |text: &str| {
        let mut rss = Element::parse(text);
        assert_eq!((rss.name.as_str(), rss.attribute("version")), ("rss", Some("2.0")));
        assert_eq!(rss.children.len(), 1, "one channel and nothing else");
        rss.children.pop().unwrap()
    };
    let samples = samples(app, Format::Rss).await.into_iter();
    samples.map(|sample| (sample.path, channel(sample.answer.text()))).collect()
}

/// Conformance: 2.1
#[tokio::test]
async fn rss_channel_has_title_link_and_description_once() {
    let app = TestApp::start().await;
    for (path, channel) in channels(&app).await {
        for name in ["title", "link", "description"] {
            assert!(!channel.one(name).text.trim().is_empty(), "{path}: {name}");
        }
        assert!(is_address(&channel.one("link").text), "{path}");
        assert_eq!(channel.one("generator").text, "feedline");
    }
}

/// Conformance: 2.4, 2.6, 2.10, 2.13
#[tokio::test]
async fn rss_elements_are_in_specification_or_namespace() {
    let channel_elements = [
        "title",
        "link",
        "description",
        "language",
        "lastBuildDate",
        "generator",
        "ttl",
        "image",
        "item",
        "atom:link",
    ];
    let item_elements = [
        "title",
        "link",
        "description",
        "category",
        "enclosure",
        "itunes:duration",
        "guid",
        "pubDate",
        "media:thumbnail",
        "dc:creator",
        "source",
    ];
    let app = TestApp::start().await;
    for (path, channel) in channels(&app).await {
        for child in &channel.children {
            assert!(channel_elements.contains(&&*child.name), "{path}: {}", child.name);
        }
        for child in channel.all("item").flat_map(|item| &item.children) {
            assert!(item_elements.contains(&&*child.name), "{path}: {}", child.name);
        }
        for element in channel.walk() {
            let is_empty = element.children.is_empty() && element.text.trim().is_empty();
            assert!(!is_empty || !element.attributes.is_empty(), "{path}: <{}/>", element.name);
        }
    }
}

/// Conformance: 2.4, 2.6, 2.12, 11.5
#[tokio::test]
async fn rss_item_elements_are_not_repeated() {
    let app = TestApp::start().await;
    for (path, channel) in channels(&app).await {
        for item in channel.all("item") {
            for name in ["link", "description", "guid", "pubDate", "dc:creator"] {
                assert!(!item.one(name).text.trim().is_empty(), "{path}: {name}");
            }
            let has_title = item.at_most_one("title").is_some();
            assert_eq!(has_title, !path.contains("title=none"), "{path}");
            let categories: Vec<&str> = item.all("category").map(|tag| &*tag.text).collect();
            let distinct: std::collections::BTreeSet<&&str> = categories.iter().collect();
            assert_eq!(distinct.len(), categories.len(), "{path}: {categories:?}");
            assert!(categories.iter().all(|tag| !tag.starts_with('#')), "{path}: {categories:?}");
        }
    }
}

/// Conformance: 2.5
#[tokio::test]
async fn rss_guid_is_permalink_exactly_if_equal_to_link() {
    let app = TestApp::start().await;
    for (path, channel) in channels(&app).await {
        for item in channel.all("item") {
            let guid = item.one("guid");
            let is_permalink = guid.attribute("isPermaLink").unwrap_or("true");
            assert_eq!(is_permalink, (guid.text == item.one("link").text).to_string(), "{path}");
            assert!(guid.text.starts_with("https://t.me/"), "{path}: {}", guid.text);
        }
    }
}

/// Conformance: 2.3
#[tokio::test]
async fn rss_dates_are_rfc_822_with_correct_weekday() {
    let app = TestApp::start().await;
    let mut seen = 0;
    for (path, channel) in channels(&app).await {
        let items = channel.all("item").map(|item| item.one("pubDate"));
        for date in items.chain([channel.one("lastBuildDate")]) {
            let text = &date.text;
            let parsed = DateTime::parse_from_rfc2822(text).unwrap();
            assert!(text.ends_with(" +0000") || text.ends_with(" GMT"), "{path}: {text}");
            let (weekday, rest) = text.split_once(", ").unwrap();
            assert_eq!(weekday, parsed.weekday().to_string(), "{path}: {text}");
            let year = rest.split(' ').nth(2).unwrap();
            assert_eq!(year, parsed.year().to_string(), "{path}: four digits");
            seen += 1;
        }
    }
    assert!(seen > 200, "{seen} dates");
}

/// Conformance: 2.3
#[tokio::test]
async fn rss_build_date_is_time_of_last_content_change() {
    let app = TestApp::start().await;
    let built = async || {
        let answer = app.get("/tidewater/rss.xml").await;
        let date = Element::parse(answer.text()).one("channel").one("lastBuildDate").text.clone();
        let date = DateTime::parse_from_rfc2822(&date).unwrap();
        let header = DateTime::parse_from_rfc2822(answer.header("last-modified")).unwrap();
        assert_eq!(date, header);
        date
    };
    let first = built().await;
    app.pass(std::time::Duration::from_secs(2 * 60 * 60));
    assert_eq!(built().await, first, "it is not now");
    app.telegram.publish("tidewater", "The horn is silent.");
    app.pass(std::time::Duration::from_secs(2 * 60 * 60));
    assert!(built().await > first);
}

/// Conformance: 2.7
#[tokio::test]
async fn rss_crate_validates_every_feed() {
    let app = TestApp::start().await;
    for sample in samples(&app, Format::Rss).await {
        let channel = rss::Channel::read_from(&sample.answer.body[..]).unwrap();
        channel.validate().unwrap_or_else(|error| panic!("{}: {error}", sample.path));
    }
}

/// Conformance: 2.7, 6.3, 6.4
#[tokio::test]
async fn rss_item_has_one_enclosure_with_url_length_and_type() {
    let app = TestApp::start().await;
    let mut seen = 0;
    for (path, channel) in channels(&app).await {
        for item in channel.all("item") {
            let Some(enclosure) = item.at_most_one("enclosure") else { continue };
            seen += 1;
            let address = enclosure.attribute("url").unwrap();
            assert!(is_address(address), "{path}: {address}");
            assert!(address.split('?').next().unwrap().ends_with(".ogg"), "{path}: {address}");
            let length = enclosure.attribute("length").unwrap();
            assert!(length.parse::<u64>().is_ok_and(|length| length > 0), "{path}: {length}");
            assert!(item.one("itunes:duration").text.parse::<u64>().is_ok(), "{path}");
            assert_eq!(enclosure.attribute("type"), Some("audio/ogg"), "{path}");
        }
        if path.contains("media=none") {
            assert!(channel.all("item").all(|item| item.all("enclosure").count() == 0), "{path}");
        }
    }
    assert!(seen > 0, "the samples have spoken notes");
}

/// Conformance: 6.1
#[tokio::test]
async fn rss_thumbnail_is_single_and_in_content() {
    let app = TestApp::start().await;
    let mut seen = 0;
    for (path, channel) in channels(&app).await {
        for item in channel.all("item") {
            let Some(thumbnail) = item.at_most_one("media:thumbnail") else { continue };
            seen += 1;
            let address = thumbnail.attribute("url").unwrap();
            let content = addresses_in(&item.one("description").text);
            assert!(content.iter().any(|known| known == address), "{path}: {address}");
            assert!(thumbnail.children.is_empty() && thumbnail.text.trim().is_empty(), "{path}");
        }
    }
    assert!(seen > 20, "{seen} thumbnails");
}

/// Conformance: 2.11
#[tokio::test]
async fn rss_image_repeats_channel_title_and_link() {
    let app = TestApp::start().await;
    for (path, channel) in channels(&app).await {
        let Some(image) = channel.at_most_one("image") else {
            let without = ["quiet_corner", "blank_page", "free_boats_now", "tidewater_official"];
            let has_none =
                path.contains("media=none") || without.iter().any(|channel| path.contains(channel));
            assert!(has_none, "{path}");
            continue;
        };
        assert_eq!(image.one("title").text, channel.one("title").text, "{path}");
        assert_eq!(image.one("link").text, channel.one("link").text, "{path}");
        assert!(is_address(&image.one("url").text), "{path}");
        assert_eq!(image.children.len(), 3, "{path}: no size is better than a wrong one");
    }
}

/// Conformance: 2.12, 7.7, 11.9
#[tokio::test]
async fn rss_ttl_is_whole_minutes_within_max_age() {
    let app = TestApp::start().await;
    for channel in super::CHANNELS {
        let answer = app.get(&format!("/{channel}/rss.xml")).await;
        let rss = Element::parse(answer.text());
        let minutes: u64 = rss.one("channel").one("ttl").text.parse().unwrap();
        let life = answer.header("cache-control").split("max-age=").nth(1).unwrap();
        let life: u64 = life.split(',').next().unwrap().parse().unwrap();
        assert!(minutes >= 1 && minutes * 60 <= life, "{channel}: {minutes} min, {life} s");
        if let Some(language) = rss.one("channel").at_most_one("language") {
            assert!(is_language(&language.text), "{channel}: {}", language.text);
        }
    }
}

/// Conformance: 2.12
#[tokio::test]
async fn rss_merged_items_have_source_of_their_channel() {
    let app = TestApp::start().await;
    for (path, channel) in channels(&app).await {
        for item in channel.all("item") {
            let source = item.at_most_one("source");
            assert_eq!(source.is_some(), path.contains('+'), "{path}");
            let Some(source) = source else { continue };
            let address = source.attribute("url").unwrap();
            let name = address.strip_suffix("/rss.xml").unwrap().rsplit('/').next().unwrap();
            assert_eq!(address, format!("{}/{name}/rss.xml", app.base));
            assert!(item.one("guid").text.contains(&format!("t.me/{name}/")), "{path}");
            assert!(!source.text.trim().is_empty(), "{path}");
        }
    }
}
