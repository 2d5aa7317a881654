//! Helpers that read feeds like a reader.

use super::{Answer, FEEDS, TestApp};

/// The ids of the posts of `pier` with these numbers, newest first.
pub(crate) fn planks(numbers: impl DoubleEndedIterator<Item = u32>) -> Vec<String> {
    numbers.rev().map(|number| format!("pier/{number}")).collect()
}

/// The ids of the items of a feed in any format, without the common prefix.
pub(crate) fn ids(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{answer:?}");
    if answer.header("content-type").contains("json") {
        return answer.ids();
    }
    let feed = feed_rs::parser::parse(&answer.body[..]).unwrap();
    feed.entries.iter().map(|entry| entry.id.replace("https://t.me/", "")).collect()
}

/// The URL of the page of older posts, as each format links it.
pub(crate) fn next_page(answer: &Answer) -> Option<String> {
    if answer.header("content-type").contains("json") {
        return answer.json()["next_url"].as_str().map(str::to_owned);
    }
    let rest = answer.text().split('<').find(|tag| tag.contains("rel=\"next\""))?;
    let address = rest.split("href=\"").nth(1)?.split('"').next()?;
    Some(address.replace("&amp;", "&"))
}

/// All pages of a feed, newest first.
pub(crate) async fn all_pages(app: &TestApp, path: &str) -> Vec<Answer> {
    let mut answers = vec![app.ok(path).await];
    while let Some(address) = next_page(answers.last().unwrap()) {
        assert!(answers.len() < 60, "{path} comes to an end");
        answers.push(app.ok(address.strip_prefix(&app.base).unwrap()).await);
    }
    answers
}

/// The `ETag`s of a channel's feeds in all formats.
pub(crate) async fn etags(app: &TestApp, channel: &str) -> Vec<String> {
    let mut etags = Vec::new();
    for feed in FEEDS {
        etags.push(app.ok(&format!("/{channel}/{feed}")).await.header("etag").to_owned());
    }
    etags
}
