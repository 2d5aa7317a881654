//! Every page stays under 100 KB, whatever there is to show, and is in the reader's language throughout.

use feedline::demo::Message;
use feedline::model::ChannelName;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use scraper::{Html, Node};

use crate::app::{Answer, TestApp, client};
use crate::page::{browse, page, select, texts};

/// What is the same in every language.
const NAMES: [&str; 26] = [
    "feedline",
    "telegram",
    "rss",
    "atom",
    "json",
    "feed",
    "opml",
    "rsshub",
    "rss-bridge",
    "utc",
    "a",
    "b",
    "xml",
    "channel",
    "durov",
    "since",
    "until",
    "get",
    "head",
    "кб",
    "kib",
    "mib",
    "b",
    "https",
    "t.me",
    "nobody_here",
];

/// Our own words on a page: what neither authors wrote nor addresses are.
fn own_words(html: &Html) -> Vec<String> {
    let foreign = ["code", "bdi", "textarea", "title", "option"];
    let main = select(html, "main")[0];
    let mut words = Vec::new();
    for node in main.descendants() {
        let Node::Text(text) = node.value() else { continue };
        let is_foreign = node.ancestors().any(|ancestor| {
            ancestor.value().as_element().is_some_and(|element| {
                foreign.contains(&element.name())
                    || element
                        .attr("class")
                        .is_some_and(|class| class == "content" || class == "description")
            })
        });
        if !is_foreign {
            words.extend(
                text.split(|character: char| !character.is_alphabetic()).map(str::to_lowercase),
            );
        }
    }
    words
}

#[tokio::test]
async fn a_russian_page_has_no_english_words_of_ours() {
    let names = ["tidewater"].map(|name| ChannelName::parse(name).unwrap());
    let app = TestApp::with(|config| config.channels.follow = names.to_vec()).await;
    let headers = [("accept", "text/html"), ("accept-language", "ru")];
    for path in [
        "/",
        "/?channel=zenit_library",
        "/zenit_library",
        "/zenit_library?exclude=x&limit=3",
        "/zenit_library/20",
        "/zenit_library+nobody_here",
        "/-/search",
        "/-/search?q=%D1%87%D0%B0%D0%B9",
        "/-/status",
        "/nobody_here",
        "/zenit_library?kind=fish",
        "/-/nothing",
        "/-/collections/none",
    ] {
        let answer = app.get_with(path, &headers).await;
        let html = page(path, &answer);
        assert_eq!(select(&html, "html[lang=ru]").len(), 1, "{path}");
        let is_latin = |word: &&String| word.chars().any(|one| one.is_ascii_alphabetic());
        let words = own_words(&html);
        let english: Vec<&String> = words
            .iter()
            .filter(is_latin)
            .filter(|word| {
                !NAMES.contains(&word.as_str())
                    && !feedline::model::options::NAMES.contains(&word.as_str())
            })
            .filter(|word| !path.contains(word.as_str()))
            .collect();
        assert!(english.is_empty(), "{path}: {english:?}");
    }
}

#[tokio::test]
async fn many_followed_channels_and_collections_do_not_make_the_pages_long() {
    let follow = (0..400).map(|number| ChannelName::parse(&format!("followed_channel_{number}")));
    let follow: Vec<ChannelName> = follow.map(Result::unwrap).collect();
    let app = TestApp::with(|config| {
        config.channels.follow.clone_from(&follow);
    })
    .await;
    let start = browse(&app, "/").await;
    assert_eq!(select(&start, ".followed tbody tr").len(), 60);
    assert!(texts(&start, "main").concat().contains("And 340 more."));
    let status = browse(&app, "/-/status").await;
    assert_eq!(select(&status, ".states li").len(), 150);
}

async fn import(app: &TestApp, lines: &str) -> Answer {
    let body = url_encoded(lines);
    let request = client().post(format!("{}/-/import", app.base)).body(body);
    let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let response = request.header(ACCEPT, "text/html").send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, body: response.bytes().await.unwrap().to_vec() }
}

fn url_encoded(lines: &str) -> String {
    format!("channel={}", lines.replace('\n', "%0A").replace(' ', "+"))
}

#[tokio::test]
async fn a_long_list_of_channels_gives_a_page_that_is_not() {
    let app = TestApp::start().await;
    let channels = (0..1500).map(|number| format!("a_channel_with_a_long_name_{number}\n"));
    let unread = (0..500).map(|number| format!("this is no channel {number}\n"));
    let lines: String = channels.chain(unread).collect();
    let answer = import(&app, &lines).await;
    let html = page("/-/import", &answer);
    assert_eq!(texts(&html, "h1"), ["1500 channels"]);
    assert_eq!(select(&html, ".plain li").len(), 200);
    assert_eq!(select(&html, ".unread li").len(), 100);
    assert!(texts(&html, "main").concat().contains("And 1300 more."));
    // The file has all of them.
    let list = select(&html, "input[name=channel]")[0].attr("value").unwrap().to_owned();
    let body = format!("as=opml&{}", url_encoded(&list));
    let request = client().post(format!("{}/-/import", app.base)).body(body);
    let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let file = request.header(ACCEPT, "text/html").send().await.unwrap().text().await.unwrap();
    assert_eq!(file.matches("<outline ").count(), 1500);
}

#[tokio::test]
async fn a_search_shows_as_many_finds_as_a_page_has_room_for() {
    let app = TestApp::start().await;
    for number in 0..60 {
        let text = format!("Fog number {number}. {}", "More fog, and more. ".repeat(100));
        app.telegram.publish("quiet_corner", Message::text(text)).unwrap();
    }
    for before in ["", "?before=40", "?before=20"] {
        browse(&app, &format!("/quiet_corner{before}")).await;
    }
    let html = browse(&app, "/-/search?q=fog&limit=500").await;
    assert_eq!(select(&html, "article").len(), 50);
    let feeds = texts(&html, ".feeds code").concat();
    assert!(feeds.contains("limit=500"), "the feed holds what it is asked for: {feeds}");
}
