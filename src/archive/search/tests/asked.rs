//! Searches of a whole archive.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::rich;
use crate::archive::search::find::find_gathering;
use crate::archive::search::{Position, Query, SearchQuery, SearchResults};
use crate::archive::{Archive, PostRow, Settings, State, Update};
use crate::model::{
    Channel, ChannelName, Counters, Identity, Language, MessageId, Post, StoredPost,
};
use crate::text::RichText;

fn name(name: &str) -> ChannelName {
    ChannelName::parse(name).unwrap()
}

/// A day in May.
fn day(day: u32) -> DateTime<Utc> {
    format!("2026-05-{day:02}T12:00:00Z").parse().unwrap()
}

fn held(channel: &str, message: u32, published: DateTime<Utc>, text: &str) -> PostRow {
    let id = MessageId::new(message).unwrap();
    let post = Post { text: rich(text), ..Post::new(name(channel), id, published) };
    let identity = Identity { channel: name(channel), message: id, number: None };
    PostRow::new(Arc::new(StoredPost { identity, updated: published, post }), 1)
}

fn update(named: &str, numeric_id: i64, put: Vec<PostRow>) -> Update {
    let channel = Channel {
        name: name(named),
        numeric_id: Some(numeric_id),
        title: format!("Title of {named}"),
        description: RichText::default(),
        avatar: None,
        verified: false,
        scam: false,
        fake: false,
        shares_name: false,
        counters: Counters::default(),
    };
    let state = State {
        language: Language::Russian,
        first_seen_id: None,
        fetched: day(20),
        updated: day(20),
        is_partial: false,
        gone_since: None,
    };
    Update { channel, state, put, former: Vec::new(), covered: Vec::new() }
}

async fn archive() -> Archive {
    let archive = Archive::open(&Settings::default()).unwrap();
    let tea = vec![
        held("tea", 1, day(1), "Чай один"),
        held("tea", 2, day(5), "Чаю два #чай"),
        held("tea", 3, day(9), "Кофе"),
    ];
    archive.store(update("tea", 10, tea)).await.unwrap();
    let sea = vec![held("sea", 7, day(3), "Море и чай"), held("sea", 8, day(7), "Чай у моря")];
    archive.store(update("sea", 20, sea)).await.unwrap();
    archive
}

fn asked(text: &str) -> SearchQuery {
    SearchQuery {
        query: Query::parse(text).unwrap(),
        within: None,
        without: Vec::new(),
        below: None,
        before: None,
        limit: 50,
        with_deleted: false,
    }
}

fn shown(results: &SearchResults) -> String {
    let hit =
        |hit: &crate::archive::search::Hit| format!("{}/{}", hit.channel.name, hit.held.message());
    results.hits.iter().map(hit).collect::<Vec<_>>().join(" ")
}

async fn search(archive: &Archive, asked: SearchQuery) -> String {
    shown(&archive.search(asked).await.unwrap())
}

#[tokio::test]
async fn search_results_of_all_channels_are_newest_first() {
    let archive = archive().await;
    for (text, expected) in [
        ("чай", "sea/8 tea/2 sea/7 tea/1"),
        ("чай море", "sea/8 sea/7"),
        ("чай -море", "tea/2 tea/1"),
        ("#чай", "tea/2"),
        ("чай channel:TEA", "tea/2 tea/1"),
        ("чай channel:tea channel:sea since:2026-05-03 until:2026-05-05", "tea/2 sea/7"),
        ("чай since:2026-05-08", ""),
        ("чай channel:unknown", ""),
        ("молоко", ""),
    ] {
        assert_eq!(search(&archive, asked(text)).await, expected, "{text}");
    }
}

#[tokio::test]
async fn search_is_restricted_to_allowed_channels() {
    let archive = archive().await;
    let tea = || SearchQuery { within: Some(vec![name("tea"), name("other")]), ..asked("чай") };
    assert_eq!(search(&archive, tea()).await, "tea/2 tea/1");
    let query = Query::parse("чай channel:sea").unwrap();
    assert_eq!(search(&archive, SearchQuery { query, ..tea() }).await, "");
    let nowhere = SearchQuery { within: Some(Vec::new()), ..asked("чай") };
    assert_eq!(search(&archive, nowhere).await, "");
    let without = SearchQuery { without: vec![name("tea"), name("other")], ..asked("чай") };
    assert_eq!(search(&archive, without).await, "sea/8 sea/7");
}

#[tokio::test]
async fn search_pages_lose_no_result() {
    let archive = archive().await;
    let (mut before, mut pages) = (None, Vec::new());
    loop {
        let asked = SearchQuery { before, limit: 3, ..asked("чай") };
        let results = archive.search(asked).await.unwrap();
        pages.push(shown(&results));
        before = results.next;
        let Some(next) = results.next else { break };
        assert_eq!(Position::parse(&next.to_string()), Some(next));
    }
    assert_eq!(pages, ["sea/8 tea/2 sea/7", "tea/1"]);
    let all = SearchQuery { limit: 4, ..asked("чай") };
    assert_eq!(archive.search(all).await.unwrap().next, None);
}

#[tokio::test]
async fn broad_prefix_search_falls_back_to_scan_with_same_results() {
    let archive = archive().await;
    archive.catch_up().await;
    for (text, expected) in [
        ("ча*", "sea/8 tea/2 sea/7 tea/1"),
        ("мор* -од*", "sea/8 sea/7"),
        ("ко* channel:tea", "tea/3"),
        ("чай -мо*", "tea/2 tea/1"),
        ("ча* #чай", "tea/2"),
        ("ча* since:2026-05-03 until:2026-05-05", "tea/2 sea/7"),
        ("мол*", ""),
    ] {
        for limit in [1, 2, 50] {
            for without in [Vec::new(), vec![name("sea")]] {
                let asked = SearchQuery { limit, without, ..asked(text) };
                let of = |most| {
                    let asked = asked.clone();
                    archive.read(move |connection| find_gathering(connection, &asked, most))
                };
                let (gathered, looked_at) = (of(u64::MAX).await.unwrap(), of(0).await.unwrap());
                assert_eq!(shown(&looked_at), shown(&gathered), "{asked:?}");
                if limit == 50 && asked.without.is_empty() {
                    assert_eq!(shown(&looked_at), expected, "{text}");
                }
                // A scan may report a next page that turns out empty, but must not miss one.
                assert!(looked_at.next.is_some() || gathered.next.is_none(), "{asked:?}");
            }
        }
    }
}

#[tokio::test]
async fn scan_search_is_bounded_and_resumes_on_next_page() {
    let archive = Archive::open(&Settings::default()).unwrap();
    let text = |message| if message == 2 { "Чайка" } else { "Океан" };
    let at = |message| day(1) + chrono::TimeDelta::minutes(i64::from(message));
    let put = (1..=2_500).map(|message| held("tea", message, at(message), text(message)));
    archive.store(update("tea", 10, put.collect())).await.unwrap();
    archive.catch_up().await;
    let look = async |before| {
        let asked = SearchQuery { before, ..asked("ча*") };
        archive.read(move |connection| find_gathering(connection, &asked, 0)).await.unwrap()
    };
    let first = look(None).await;
    assert!(first.hits.is_empty() && first.next.is_some());
    let second = look(first.next).await;
    assert_eq!((shown(&second), second.next), ("tea/2".to_owned(), None));
}

#[tokio::test]
async fn deleted_posts_are_found_only_on_request() {
    let archive = archive().await;
    let mut gone = held("tea", 2, day(5), "Чаю два #чай");
    gone.deleted = Some(day(10));
    archive.store(update("tea", 10, vec![gone])).await.unwrap();
    assert_eq!(search(&archive, asked("#чай")).await, "");
    let with_deleted = SearchQuery { with_deleted: true, ..asked("#чай") };
    assert_eq!(search(&archive, with_deleted).await, "tea/2");
}

#[tokio::test]
async fn edited_post_is_found_by_new_words_only() {
    let archive = archive().await;
    archive.store(update("tea", 10, vec![held("tea", 1, day(1), "Молоко")])).await.unwrap();
    assert_eq!(search(&archive, asked("чай channel:tea")).await, "tea/2");
    assert_eq!(search(&archive, asked("молоко")).await, "tea/1");
}

#[tokio::test]
async fn search_hides_posts_of_former_name_owner() {
    let archive = archive().await;
    archive.store(update("tea", 30, vec![held("tea", 1, day(6), "Новый чай")])).await.unwrap();
    assert_eq!(search(&archive, asked("чай")).await, "sea/8 tea/1 sea/7");
    // A renamed channel is found by either name, and the results have the present one.
    archive.store(update("ocean", 20, Vec::new())).await.unwrap();
    assert_eq!(search(&archive, asked("чай channel:sea")).await, "ocean/8 ocean/7");
}

#[test]
fn search_position_is_hexadecimal_only() {
    for text in ["", "+1", "-1", "0x1", " 1", "g", "ffffffffffffffff", "11111111111111111"] {
        assert_eq!(Position::parse(text), None, "{text}");
    }
    assert!(Position::parse("6a1b2c3d4e5f6").is_some());
}
