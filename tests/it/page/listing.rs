//! Pages with many posts: days, the form, layout, and links.

use std::collections::HashSet;

use feedline::demo::message::Text;
use feedline::demo::{Channel, Message};
use feedline::model::ChannelName;
use feedline::model::options::NAMES;
use feedline::web::TimeZone;
use scraper::Html;

use crate::support::{TestApp, attributes, browse, select, texts};

fn permalinks(html: &Html) -> Vec<String> {
    attributes(html, "article .meta time", "datetime")
}

#[tokio::test]
async fn posts_are_grouped_by_day_in_configured_time_zone() {
    for (zone, days) in [("UTC", 1), ("Asia/Tokyo", 2)] {
        let app = TestApp::with(|config| {
            config.web.time_zone = TimeZone::of_name(zone).unwrap();
        })
        .await;
        let name = ChannelName::parse("night_watch").unwrap();
        let mut channel = Channel::new(name, 777_001, "Night watch");
        for (hour, text) in [(13, "Afternoon"), (16, "Later")] {
            let time = format!("2026-05-09T{hour}:30:00Z").parse().unwrap();
            channel.publish(Message::text(text), time);
        }
        app.telegram.add(channel);
        let html = browse(&app, "/night_watch").await;
        let headings = texts(&html, ".day > h2");
        assert_eq!(headings.len(), days, "{zone}: {headings:?}");
        let articles = scraper::Selector::parse("article").unwrap();
        let first = select(&html, ".day")[0].select(&articles).count();
        assert_eq!(first, 3 - days, "{zone}");
        let dates = attributes(&html, ".day > h2 time", "datetime");
        assert_eq!(dates[0], if days == 1 { "2026-05-09" } else { "2026-05-10" });
        assert_eq!(dates.iter().collect::<HashSet<_>>().len(), dates.len(), "each day once");
    }
}

#[tokio::test]
async fn day_headings_are_localised() {
    let app = TestApp::start().await;
    for (language, day) in [("en", "10 May 2026"), ("ru", "10 мая 2026")] {
        let headers = [("accept", "text/html"), ("accept-language", language)];
        let answer = app.get_with("/tidewater", &headers).await;
        assert!(answer.text().contains(&format!(">{day}</time></h2>")), "{language}");
    }
}

#[tokio::test]
async fn feed_form_shows_short_url_and_matching_posts() {
    let app = TestApp::start().await;
    let plain = browse(&app, "/tidewater").await;
    assert_eq!(select(&plain, "details.builder[open]").len(), 0);
    assert_eq!(attributes(&plain, ".builder form", "method"), ["get"]);
    // The result comes before the form, and is the part in view after submitting.
    let made = format!("{}/tidewater#made", app.base);
    assert_eq!(attributes(&plain, ".builder form", "action"), [made]);
    assert_eq!(select(&plain, "#made ~ form").len(), 1);
    assert_eq!(texts(&plain, ".made code"), [format!("{}/tidewater/rss.xml", app.base)]);
    let named: HashSet<String> =
        attributes(&plain, ".builder [name]", "name").into_iter().collect();
    let expected = NAMES.into_iter().filter(|name| !["q", "before"].contains(name));
    assert_eq!(named, expected.map(str::to_owned).collect(), "every option has its place");
    for name in &named {
        let labels = attributes(&plain, &format!("label[for=b-{name}]"), "for");
        assert_eq!(labels.len(), 1, "{name} has a label");
    }

    // As a browser sends it: every field, including empty and default ones.
    let sent = "include=&exclude=fog%7Ctea&tag=&kind=&forwards=none&replies=all&ads=all&title=text&content=full\
                &media=&link=telegram&stats=0&service=0&limit=";
    let html = browse(&app, &format!("/tidewater?{sent}")).await;
    assert_eq!(select(&html, "details.builder[open]").len(), 1);
    let short = format!("{}/tidewater/rss.xml?exclude=fog%7Ctea&forwards=none", app.base);
    assert_eq!(texts(&html, ".made code"), std::slice::from_ref(&short));
    assert_eq!(attributes(&html, "#b-exclude", "value"), ["fog|tea"]);
    assert_eq!(attributes(&html, "#b-forwards option[selected]", "value"), ["none"]);
    let matches = texts(&html, ".matches").concat();
    let numbers: Vec<usize> =
        matches.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect();
    let feed = app.get(&short.replace(&app.base, "").replace("rss.xml", "feed.json")).await;
    // The page searches further back than the feed goes.
    assert!(numbers[0] >= feed.ids().len(), "{matches}");
    assert!(numbers[0] < numbers[1] && matches.contains("of the last"), "{matches}");
    let examples = attributes(&html, ".builder li a", "href");
    let expected: Vec<String> =
        feed.ids().iter().take(3).map(|id| format!("{}/{id}", app.base)).collect();
    assert_eq!(examples, expected);
    // The page of a tag is for reading, so the form is closed.
    assert!(select(&browse(&app, "/tidewater?tag=tides").await, ".builder[open]").is_empty());
}

#[tokio::test]
async fn feed_form_of_merged_page_builds_merged_url() {
    let app = TestApp::start().await;
    let html = browse(&app, "/tidewater+zenit_library?kind=photo").await;
    let address = format!("{}/tidewater+zenit_library/rss.xml?kind=photo", app.base);
    assert_eq!(texts(&html, ".made code"), [address]);
    let action = format!("{}/tidewater+zenit_library#made", app.base);
    assert_eq!(attributes(&html, ".builder form", "action"), [action]);
    assert!(texts(&html, ".matches").concat().contains(" match"));
}

#[tokio::test]
async fn newer_and_older_links_page_through_filter() {
    let app = TestApp::start().await;
    let mut path = "/tidewater?kind=photo,text&limit=4".to_owned();
    let mut pages = Vec::new();
    loop {
        let html = browse(&app, &path).await;
        let older = attributes(&html, ".paging a[rel=next]", "href").pop();
        pages.push((path, permalinks(&html)));
        match older {
            Some(older) => path = older.replace(&app.base, ""),
            None => break,
        }
        assert!(pages.len() < 100);
    }
    assert!(pages.len() > 4, "{}", pages.len());
    let mut path = pages.last().unwrap().0.clone();
    for (expected, shown) in pages.iter().rev().skip(1) {
        let html = browse(&app, &path).await;
        path = attributes(&html, ".paging a[rel=prev]", "href").concat().replace(&app.base, "");
        assert_eq!(&permalinks(&browse(&app, &path).await), shown, "{path} is {expected}");
    }
    assert!(!path.contains("before="), "{path} is the first page");
}

#[tokio::test]
async fn page_of_long_posts_shows_fewer_and_loses_none() {
    let app = TestApp::start().await;
    let long = "Не видно ни зги, и маяк молчит. ".repeat(120);
    for number in 0..40 {
        let text = format!("Запись {number}.\n{long}");
        app.telegram.publish("tidewater", Message::text(text)).unwrap();
    }
    for begin in ["/tidewater", "/tidewater+quiet_corner"] {
        let (mut path, mut seen, mut fewest) = (begin.to_owned(), Vec::new(), usize::MAX);
        loop {
            let html = browse(&app, &path).await;
            let numbers = texts(&html, "article .content");
            let numbers: Vec<String> = numbers
                .iter()
                .filter_map(|text| {
                    Some(text.strip_prefix("Запись ")?.split('.').next()?.to_owned())
                })
                .collect();
            if !numbers.is_empty() {
                fewest = fewest.min(numbers.len());
            }
            seen.extend(numbers);
            match attributes(&html, ".paging a[rel=next]", "href").pop() {
                Some(older) if seen.len() < 40 => path = older.replace(&app.base, ""),
                _ => break,
            }
        }
        let expected: Vec<String> = (0..40).rev().map(|number| number.to_string()).collect();
        assert_eq!(seen, expected, "{begin}");
        assert!(fewest < 20, "{begin}: {fewest}");
    }
}

#[tokio::test]
async fn huge_post_is_cut_and_links_to_full_text() {
    let app = TestApp::start().await;
    let words = "fog ".repeat(50_000);
    let links = "<a href=\"https://fog.example/?a=&amp;b=&amp;c=\">&amp;&lt;&gt;</a> ".repeat(3000);
    for (channel, text) in [("tidewater", Text::from(words)), ("quiet_corner", Text::Html(links))] {
        let id = app.telegram.publish(channel, Message::text(text)).unwrap();
        let list = browse(&app, &format!("/{channel}")).await;
        let read_on = attributes(&list, "article > p:not(.meta) > a", "href");
        assert!(read_on.contains(&format!("{}/{channel}/{id}", app.base)), "{read_on:?}");
        let alone = browse(&app, &format!("/{channel}/{id}")).await;
        let rest = attributes(&alone, "article.alone > p:not(.meta) > a", "href");
        assert!(rest.contains(&format!("https://t.me/{channel}/{id}")), "{rest:?}");
    }
}

#[tokio::test]
async fn mentioned_channels_link_to_own_pages_and_telegram() {
    let app = TestApp::start().await;
    let text = "See @zenit_library and https://t.me/telegram/3 and https://t.me/+AbCdEf";
    app.telegram.publish("tidewater", Message::text(text)).unwrap();
    let html = browse(&app, "/tidewater").await;
    let first = attributes(&html, "article:first-of-type .text a", "href");
    let here = |path: &str| format!("{}/{path}", app.base);
    assert_eq!(
        first[..5],
        [
            here("zenit_library"),
            "https://t.me/zenit_library".to_owned(),
            here("telegram/3"),
            "https://t.me/telegram/3".to_owned(),
            "https://t.me/+AbCdEf".to_owned(),
        ]
    );
    let beside = texts(&html, "article:first-of-type .text a.there");
    assert_eq!(beside[..2], ["in Telegram", "in Telegram"]);
    let feed = app.get("/tidewater/feed.json").await;
    let content = feed.json()["items"][0]["content_html"].as_str().unwrap().to_owned();
    assert!(content.contains("https://t.me/zenit_library") && !content.contains(&here("zenit")));
}

#[tokio::test]
async fn post_text_has_lang_attribute_of_its_language() {
    let app = TestApp::start().await;
    for (channel, language) in
        [("zenit_library", "ru"), ("diwan_alrih", "ar"), ("Cha_Yu_Lun", "zh"), ("tidewater", "en")]
    {
        let html = browse(&app, &format!("/{channel}")).await;
        let languages = attributes(&html, ".content > .text", "lang");
        let own = languages.iter().filter(|tag| *tag == language).count();
        assert!(own * 10 >= languages.len() * 7, "{channel}: {languages:?}");
        assert_eq!(attributes(&html, ".description", "lang"), [language]);
        assert_eq!(attributes(&html, "html", "lang"), ["en"]);
    }
}
