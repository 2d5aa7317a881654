//! JSON Feed 1.1. `scripts/readers` also validates against the schema in `tests/it/feed/schema`.

use feedline::model::Format;
use serde_json::{Map, Value};

use super::{Sample, is_address, is_language, samples};
use crate::support::TestApp;

/// The members of an object in document order, without those of nested objects.
const FEED: [&str; 10] = [
    "version",
    "title",
    "home_page_url",
    "feed_url",
    "description",
    "next_url",
    "icon",
    "authors",
    "language",
    "items",
];

const ITEM: [&str; 10] = [
    "id",
    "url",
    "title",
    "content_html",
    "image",
    "date_published",
    "date_modified",
    "authors",
    "tags",
    "attachments",
];

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().expect("an object")
}

fn items(json: &Value) -> impl Iterator<Item = &Map<String, Value>> {
    json["items"].as_array().expect("items").iter().map(object)
}

/// Every value with the name of its member.
fn walk<'a>(name: &'a str, value: &'a Value, seen: &mut Vec<(&'a str, &'a Value)>) {
    seen.push((name, value));
    match value {
        Value::Array(values) => values.iter().for_each(|value| walk(name, value, seen)),
        Value::Object(members) => members.iter().for_each(|(name, value)| walk(name, value, seen)),
        _ => {}
    }
}

async fn feeds(app: &TestApp) -> Vec<(Sample, Value)> {
    let samples = samples(app, Format::Json).await.into_iter();
    samples
        .map(|sample| {
            let json = sample.answer.json();
            (sample, json)
        })
        .collect()
}

/// Conformance: 4.1
#[tokio::test]
async fn json_feed_starts_with_version_and_has_urls() {
    let app = TestApp::start().await;
    for (sample, json) in feeds(&app).await {
        let beginning = "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"";
        assert!(sample.answer.text().starts_with(beginning), "{}", sample.path);
        for member in ["home_page_url", "feed_url"] {
            assert!(is_address(json[member].as_str().unwrap()), "{}: {member}", sample.path);
        }
        assert!(object(&json).keys().all(|name| FEED.contains(&&**name)), "{}", sample.path);
        assert!(json["language"].as_str().is_none_or(is_language), "{}", sample.path);
    }
}

/// Conformance: 4.2, 4.3, 4.4
#[tokio::test]
async fn json_item_has_id_url_and_content() {
    let app = TestApp::start().await;
    for (sample, json) in feeds(&app).await {
        for item in items(&json) {
            assert!(item.keys().all(|name| ITEM.contains(&&**name)), "{}: {item:?}", sample.path);
            for member in ["id", "url", "content_html"] {
                assert!(
                    item[member].as_str().is_some_and(|text| !text.is_empty()),
                    "{}",
                    sample.path
                );
            }
            assert!(is_address(item["url"].as_str().unwrap()));
            assert_eq!(item.contains_key("title"), !sample.query.contains("title=none"));
            for member in ["date_published", "date_modified"] {
                let date = item[member].as_str().unwrap();
                assert!(
                    chrono::DateTime::parse_from_rfc3339(date).is_ok() && date.ends_with('Z'),
                    "{date}"
                );
            }
            let tags = item.get("tags").map(|tags| tags.as_array().unwrap());
            assert!(tags.is_none_or(|tags| tags.iter().all(Value::is_string)));
        }
    }
}

/// Conformance: 4.8
#[tokio::test]
async fn json_feed_omits_empty_members() {
    let app = TestApp::start().await;
    for (sample, json) in feeds(&app).await {
        let mut seen = Vec::new();
        walk("", &json, &mut seen);
        for (name, value) in seen {
            let is_nothing = match value {
                Value::Null => true,
                Value::String(text) => text.is_empty(),
                Value::Array(values) => values.is_empty() && name != "items",
                Value::Object(members) => members.is_empty(),
                _ => false,
            };
            assert!(!is_nothing, "{}: {name}: {value}", sample.path);
        }
    }
}

/// Conformance: 4.4, 4.5
#[tokio::test]
async fn json_authors_and_attachments_are_complete() {
    let app = TestApp::start().await;
    let mut attachments = 0;
    for (sample, json) in feeds(&app).await {
        let mut seen = Vec::new();
        walk("", &json, &mut seen);
        for (name, value) in seen.into_iter().filter(|(_, value)| value.is_object()) {
            match name {
                "authors" => {
                    assert!(value["name"].is_string(), "{}", sample.path);
                    assert!(value["url"].as_str().is_none_or(is_address), "{}", sample.path);
                }
                "attachments" => {
                    attachments += 1;
                    assert!(is_address(value["url"].as_str().unwrap()), "{}", sample.path);
                    assert_eq!(value["mime_type"], "audio/ogg", "{}", sample.path);
                    assert!(value["size_in_bytes"].as_u64().is_some_and(|size| size > 0));
                    assert!(value["duration_in_seconds"].is_u64(), "{}", sample.path);
                }
                "" | "items" => {}
                _ => panic!("{}: {name} is an object", sample.path),
            }
        }
        assert!(json.get("author").is_none(), "1.0's member");
    }
    assert!(attachments > 0, "the samples have spoken notes");
}

/// Conformance: 4.6
#[tokio::test]
async fn json_next_url_differs_from_feed_url() {
    let app = TestApp::start().await;
    let mut seen = 0;
    for (sample, json) in feeds(&app).await {
        let Some(next) = json["next_url"].as_str() else { continue };
        seen += 1;
        assert!(is_address(next), "{}", sample.path);
        assert_ne!(json["next_url"], json["feed_url"], "{}", sample.path);
    }
    assert!(seen > 10, "{seen} pages lead on");
}

/// Conformance: 4.7
#[tokio::test]
async fn json_objects_have_no_duplicate_members() {
    let app = TestApp::start().await;
    for (sample, json) in feeds(&app).await {
        // A parser drops all but one of two duplicate members, so the output would be shorter.
        let written = serde_json::to_string(&json).unwrap();
        assert_eq!(written.len(), sample.answer.body.len(), "{}", sample.path);
    }
}
