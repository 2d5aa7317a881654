//! The fake Telegram over a real socket, as the other tests and `feedline demo` use it.

mod change;
mod fault;
mod file;
mod kind;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use feedline::demo::message::Body;
use feedline::demo::{Control, Telegram, World};
use reqwest::{Response, StatusCode};
use scraper::{ElementRef, Html, Selector};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

async fn start() -> (Telegram, Control, reqwest::Client) {
    start_with(World::sample(now())).await
}

async fn start_with(world: World) -> (Telegram, Control, reqwest::Client) {
    // Another test of this binary may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let telegram = Telegram::start(listener, world).unwrap();
    let control = telegram.control();
    let client =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    (telegram, control, client)
}

async fn get(control: &Control, client: &reqwest::Client, path: &str) -> Response {
    client.get(format!("{}{path}", control.base())).send().await.unwrap()
}

async fn page(control: &Control, client: &reqwest::Client, path: &str) -> Html {
    let response = get(control, client, path).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    Html::parse_document(&response.text().await.unwrap())
}

fn all<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

fn texts(page: &Html, selector: &str) -> Vec<String> {
    all(page, selector).iter().map(|element| element.text().collect()).collect()
}

fn attributes(page: &Html, selector: &str, name: &str) -> Vec<String> {
    let values = all(page, selector).into_iter().filter_map(|element| element.attr(name));
    values.map(str::to_owned).collect()
}

/// The ids of the messages on a page; for an album, the id of its first message.
fn posts(page: &Html) -> Vec<u32> {
    attributes(page, ".tgme_widget_message[data-post]", "data-post")
        .iter()
        .map(|post| post.split_once('/').unwrap().1.parse().unwrap())
        .collect()
}

#[tokio::test]
async fn demo_list_page_has_header_posts_and_footer() {
    let (_telegram, control, client) = start().await;
    let response = get(&control, &client, "/s/tidewater").await;
    let text = response.text().await.unwrap();
    assert!(
        text.trim_end().ends_with("ms -->") && text.contains("</html>\n<!-- page generated in")
    );
    let page = Html::parse_document(&text);
    assert_eq!(texts(&page, "title"), ["Tidewater Light – Telegram"]);
    for (selector, name, value) in [
        ("meta[property='og:title']", "content", "Tidewater Light"),
        ("meta[property='og:site_name']", "content", "Telegram"),
        ("meta[property='al:ios:url']", "content", "tg://resolve?domain=tidewater"),
        ("main.tgme_main", "data-url", "/tidewater"),
        (".tgme_channel_info_header_username a", "href", "https://t.me/tidewater"),
    ] {
        assert_eq!(attributes(&page, selector, name), [value], "{selector}");
    }
    assert_eq!(texts(&page, ".tgme_channel_info_counter .counter_value")[0], "12.4K");
    assert_eq!(texts(&page, ".tgme_header_info .tgme_header_counter"), ["12.4K subscribers"]);
    assert_eq!(all(&page, ".tgme_page_photo_image img").len(), 2, "card and mobile copy");
    let ids = posts(&page);
    assert!(ids.is_sorted() && ids.len() >= 4);
    let canonical = attributes(&page, "link[rel=canonical]", "href");
    assert_eq!(canonical, [format!("/s/tidewater?before={}", ids.last().unwrap() + 1)]);
    let previous = format!("/s/tidewater?before={}", ids[0]);
    assert_eq!(attributes(&page, "link[rel=prev]", "href"), [previous.as_str()]);
    assert_eq!(attributes(&page, "a.tme_messages_more[data-before]", "href"), [previous]);
    assert!(all(&page, "link[rel=next], a[data-after]").is_empty());
}

#[tokio::test]
async fn demo_messages_have_channel_number_and_time() {
    use base64::Engine;
    let (_telegram, control, client) = start().await;
    let page = page(&control, &client, "/s/zenit_library").await;
    for message in all(&page, ".tgme_widget_message[data-post]") {
        let view = base64::prelude::BASE64_URL_SAFE_NO_PAD
            .decode(message.attr("data-view").unwrap())
            .unwrap();
        let view: serde_json::Value = serde_json::from_slice(&view).unwrap();
        assert_eq!(view["c"], -1_700_400_102);
        let time = Selector::parse("a.tgme_widget_message_date > time[datetime]").unwrap();
        let time = message.select(&time).next().unwrap().attr("datetime").unwrap();
        let time = DateTime::parse_from_rfc3339(time).unwrap();
        assert!(time < now() && time > now() - chrono::TimeDelta::days(60), "{time}");
    }
}

#[tokio::test]
async fn demo_paging_reaches_first_post_without_repeats() {
    let (_telegram, control, client) = start().await;
    for name in ["tidewater", "zenit_library", "diwan_alrih", "cha_yu_lun"] {
        let mut path = format!("/s/{name}");
        let mut ids = Vec::new();
        let mut pages = 0;
        loop {
            pages += 1;
            let page = page(&control, &client, &path).await;
            ids.splice(0..0, posts(&page));
            let Some(older) = attributes(&page, "link[rel=prev]", "href").pop() else { break };
            path = older;
        }
        assert!(pages >= 3, "{name} has {pages} pages");
        assert_eq!(ids.first(), Some(&1));
        let unique: BTreeSet<u32> = ids.iter().copied().collect();
        assert!(ids.is_sorted() && unique.len() == ids.len(), "{name}: {ids:?}");
        let known = control.channel(name).unwrap().messages;
        assert_eq!(ids, known.iter().map(|message| message.id).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn demo_cursors_are_exclusive_and_invalid_ones_ignored() {
    let (_telegram, control, client) = start().await;
    let newest = posts(&page(&control, &client, "/s/tidewater").await);
    for nonsense in ["before=0", "before=-4", "before=x", "after=", "search=lamp"] {
        let same = posts(&page(&control, &client, &format!("/s/tidewater?{nonsense}")).await);
        assert_eq!(same, newest, "{nonsense}");
    }
    let after = page(&control, &client, "/s/tidewater?after=1").await;
    assert_eq!(posts(&after)[0], 2);
    assert_eq!(all(&after, "link[rel=next]").len(), 1);
    assert_eq!(all(&after, "a.tme_messages_more[data-after]").len(), 1);
    let none = page(&control, &client, "/s/tidewater?before=1").await;
    assert_eq!(
        texts(&none, ".tgme_widget_message_wrap .tme_no_messages_found"),
        ["No posts found"]
    );
    let around = posts(&page(&control, &client, "/s/tidewater/12").await);
    assert!(around.contains(&12) && around.iter().any(|id| *id > 12));
}

#[tokio::test]
async fn demo_search_finds_posts_by_word_prefixes() {
    let (_telegram, control, client) = start().await;
    let found = page(&control, &client, "/s/tidewater?q=fog%20horn").await;
    assert_eq!(posts(&found).len(), 2);
    assert!(texts(&found, "mark.highlight").contains(&"fog".to_owned()));
    assert_eq!(attributes(&found, "input[name=q]", "value"), ["fog horn"]);
    let tagged = page(&control, &client, "/s/tidewater?q=%23fog").await;
    let has_tag = |text: &String| text.split_whitespace().any(|word| word == "#fog");
    let found = texts(&tagged, ".js-message_text");
    assert!(!found.is_empty() && found.iter().all(has_tag), "{found:?}");
    let none = page(&control, &client, "/s/tidewater?q=aardvark").await;
    assert_eq!(all(&none, ".tme_no_messages_found").len(), 1);
}

#[tokio::test]
async fn demo_names_without_list_redirect_to_landing_page() {
    let (_telegram, control, client) = start().await;
    for (name, extra, preview) in [
        ("tidewater", Some("12 431 subscribers"), true),
        ("telegram", Some("11 110 268 subscribers"), true),
        ("quiet_corner", Some("1 subscriber"), true),
        ("closed_shutters", Some("2 805 subscribers"), false),
        ("tidewater_harbour", Some("1 674 members, 36 online"), false),
        ("ada_merrow", Some("@ada_merrow"), false),
        ("harbour_bell_bot", Some("7 618 monthly users"), false),
        ("nobody_at_all", None, false),
    ] {
        let list = get(&control, &client, &format!("/s/{name}")).await;
        let landing = page(&control, &client, &format!("/{name}")).await;
        assert_eq!(all(&landing, "a.tgme_page_context_link").len(), usize::from(preview), "{name}");
        let extras = texts(&landing, ".tgme_page_extra");
        assert_eq!(extras.first().map(String::as_str), extra, "{name}");
        assert_eq!(all(&landing, ".tgme_icon_user").len(), usize::from(extra.is_none()), "{name}");
        assert_eq!(all(&landing, ".tgme_page_title").len(), usize::from(extra.is_some()));
        if preview {
            assert_eq!(list.status(), StatusCode::OK);
        } else {
            assert_eq!(list.status(), StatusCode::FOUND, "{name}");
            assert_eq!(list.headers()["location"], format!("https://t.me/{name}"));
            assert_eq!(list.text().await.unwrap(), "");
        }
    }
    assert_eq!(
        get(&control, &client, "/1bad").await.headers()["location"],
        "https://telegram.org/"
    );
    assert_eq!(get(&control, &client, "/robots.txt").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn demo_embeds_show_posts_and_report_missing_ones() {
    let (_telegram, control, client) = start().await;
    let embed = |path: &str| format!("/{path}?embed=1&mode=tme");
    let post = page(&control, &client, &embed("tidewater/3")).await;
    assert_eq!(posts(&post), [3]);
    let peer = attributes(&post, ".tgme_widget_message", "data-peer");
    assert!(peer[0].starts_with("c1700400101_"));
    assert_eq!(texts(&post, ".tgme_widget_message_link a"), ["t.me/tidewater/3"]);
    assert!(texts(&post, "time.datetime")[0].contains(" at "));
    let group = page(&control, &client, &embed("tidewater_harbour/2")).await;
    assert!(attributes(&group, ".tgme_widget_message", "data-view").is_empty());
    assert_eq!(texts(&group, "a.tgme_widget_message_author_name"), ["Bram Oke"]);
    assert_eq!(texts(&group, ".tgme_widget_message_owner_name"), ["Tidewater Harbour"]);
    let nameless = page(&control, &client, &embed("tidewater_harbour/4")).await;
    assert_eq!(texts(&nameless, "span.tgme_widget_message_author_name"), ["Old Tom"]);
    let service = page(&control, &client, &embed("tidewater_harbour/1")).await;
    assert_eq!(texts(&service, ".message_media_not_supported_label"), ["Service message"]);
    for (path, text) in [
        ("tidewater/99999", "Post not found"),
        ("nobody_at_all/1", "Channel with username @nobody_at_all not found"),
        (
            "sunken_cargo/1",
            "This channel can't be displayed because of a complaint about its cargo.",
        ),
        ("closed_shutters/1", "Unfortunately, this channel couldn't be displayed on your device."),
    ] {
        let error = page(&control, &client, &embed(path)).await;
        assert_eq!(texts(&error, ".err_message .tgme_widget_message_error"), [text]);
        assert!(posts(&error).is_empty());
    }
}

#[tokio::test]
async fn demo_embed_shows_whole_album_unless_single() {
    let (_telegram, control, client) = start().await;
    let messages = control.channel("diwan_alrih").unwrap().messages;
    let album = messages.iter().find(|message| message.ids().len() == 5).unwrap();
    let ids = album.ids();
    assert!(ids[4] - ids[0] > 4, "its ids have gaps: {ids:?}");
    let last = ids[4];
    let whole = page(&control, &client, &format!("/diwan_alrih/{last}?embed=1&mode=tme")).await;
    assert_eq!(posts(&whole), [ids[0]]);
    assert_eq!(all(&whole, "a.grouped_media_wrap[href$='?single']").len(), 5);
    let single = format!("/diwan_alrih/{last}?embed=1&mode=tme&single");
    assert_eq!(all(&page(&control, &client, &single).await, "a.grouped_media_wrap").len(), 1);
}

#[tokio::test]
async fn demo_open_poll_shows_results_in_list_only() {
    let (_telegram, control, client) = start().await;
    let messages = control.channel("tidewater").unwrap().messages;
    let poll = messages.iter().find(|message| matches!(message.body, Body::Poll(_))).unwrap();
    let list = page(&control, &client, &format!("/s/tidewater?before={}", poll.id + 1)).await;
    assert_eq!(
        texts(&list, ".tgme_widget_message_poll_option_percent"),
        ["28%", "25%", "43%", "4%"]
    );
    assert_eq!(texts(&list, ".tgme_widget_message_voters"), ["746"]);
    let embed = page(&control, &client, &format!("/tidewater/{}?embed=1", poll.id)).await;
    assert!(all(&embed, ".tgme_widget_message_poll_option_percent").is_empty());
    assert_eq!(all(&embed, ".js-poll_option[data-value]").len(), 4);
    assert_eq!(texts(&embed, ".tgme_widget_message_poll_votes"), ["746 votes"]);
}

#[tokio::test]
async fn demo_post_page_has_description() {
    let (_telegram, control, client) = start().await;
    let post = page(&control, &client, "/tidewater/3").await;
    let description = attributes(&post, "meta[property='og:description']", "content");
    assert!(description[0].starts_with("First entry. The lamp works"));
    let source = attributes(&post, ".tgme_page_post iframe", "src");
    assert_eq!(source, ["https://t.me/tidewater/3?embed=1&mode=tme"]);
    let missing = page(&control, &client, "/tidewater/99999").await;
    let description = attributes(&missing, "meta[property='og:description']", "content");
    assert!(description[0].starts_with("Notes from a lamp"), "the channel's own words");
}
