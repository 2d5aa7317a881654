//! Every page stays under 100 KB with any content, and is entirely in the reader's language.

use feedline::demo::Message;
use feedline::model::ChannelName;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use scraper::{ElementRef, Html, Node, Selector};

use crate::support::{Answer, TestApp, browse, client, page, select, texts};

/// Words that are the same in every language, in addition to the names of options.
const NAMES: [&str; 22] = [
    "feedline", "telegram", "rss", "atom", "json", "feed", "opml", "rsshub", "bridge", "utc", "a",
    "b", "xml", "channel", "until", "since", "kib", "mib", "https", "t", "me", "dome",
];

/// Feedline's own words on a page: without texts of authors, names and addresses.
fn own_words(html: &Html) -> Vec<String> {
    let foreign = Selector::parse(
        "code, bdi, textarea, .content, .description, .examples a, .small, .head .dim a",
    )
    .unwrap();
    let mut words = Vec::new();
    for node in select(html, "main")[0].descendants() {
        let Node::Text(text) = node.value() else { continue };
        let mut around = node.ancestors().filter_map(ElementRef::wrap);
        if !around.any(|element| foreign.matches(&element)) {
            let split = text.split(|character: char| !character.is_alphabetic());
            words.extend(split.map(str::to_lowercase));
        }
    }
    words
}

#[tokio::test]
async fn russian_pages_contain_no_english_messages() {
    let names = ["tidewater"].map(|name| ChannelName::parse(name).unwrap());
    let app = TestApp::with(|config| config.web.follow = names.to_vec()).await;
    let headers = [("accept", "text/html"), ("accept-language", "ru")];
    let mut found: Vec<(&str, String)> = Vec::new();
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
        "/zenit_library?limit=0",
        "/-/nothing",
        "/-/collections/none",
    ] {
        let answer = app.get_with(path, &headers).await;
        let html = page(path, &answer);
        assert_eq!(select(&html, "html[lang=ru]").len(), 1, "{path}");
        let options = feedline::model::options::NAMES;
        let is_english = |word: &String| {
            word.chars().any(|one| one.is_ascii_alphabetic())
                && !NAMES.contains(&word.as_str())
                && !options.contains(&word.as_str())
                && !path.contains(word.as_str())
        };
        found.extend(own_words(&html).into_iter().filter(is_english).map(|word| (path, word)));
    }
    assert!(found.is_empty(), "{found:?}");
}

#[tokio::test]
async fn pages_stay_small_with_many_followed_channels() {
    let follow = (0..400).map(|number| ChannelName::parse(&format!("followed_channel_{number}")));
    let follow: Vec<ChannelName> = follow.map(Result::unwrap).collect();
    let app = TestApp::with(|config| {
        config.web.follow.clone_from(&follow);
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
async fn import_page_stays_small_for_long_list() {
    let app = TestApp::start().await;
    let channels = (0..1500).map(|number| format!("a_channel_with_a_long_name_{number}\n"));
    let unread = (0..500).map(|number| format!("this is no channel {number}\n"));
    let lines: String = channels.chain(unread).collect();
    let answer = import(&app, &lines).await;
    let html = page("/-/import", &answer);
    assert_eq!(texts(&html, "h1"), ["1500 channels"]);
    assert_eq!(select(&html, ".plain li").len(), 100);
    assert_eq!(select(&html, ".unread li").len(), 50);
    assert!(texts(&html, "main").concat().contains("And 1400 more."));
    // The file has all of them.
    let list = select(&html, "input[name=channel]")[0].attr("value").unwrap().to_owned();
    let body = format!("as=opml&{}", url_encoded(&list));
    let request = client().post(format!("{}/-/import", app.base)).body(body);
    let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let file = request.header(ACCEPT, "text/html").send().await.unwrap().text().await.unwrap();
    assert_eq!(file.matches("<outline ").count(), 1500);
}

#[tokio::test]
async fn search_page_shows_results_up_to_size_limit() {
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
