use std::time::Duration;

use super::*;
use crate::feed::sample;
use crate::model::{FeedDefaults, FeedOptions, Language, ServiceMessage, Snapshot};

/// Posts of these ids, newest first, an hour apart.
fn posts(ids: impl DoubleEndedIterator<Item = u32>) -> Vec<Arc<StoredPost>> {
    ids.rev().map(|id| sample::kept(sample::text(id, "Words"))).collect()
}

/// Ids and next of the selection as seen at the time of the newest post.
fn selected(snapshot: &Snapshot, query: &str, window: u16) -> (Vec<u32>, Option<u32>) {
    let options = FeedOptions::parse(query, &FeedOptions::default()).unwrap();
    let defaults = FeedDefaults { window, ..FeedDefaults::default() };
    let selection = select(&Request {
        snapshot,
        posts: &snapshot.posts,
        passed: Passed::default(),
        reaches_start: snapshot.reaches_start,
        options: &options,
        defaults: &defaults,
        now: snapshot.posts.first().map_or(sample::time(1), |kept| kept.post.published),
        links: &sample::links(),
        language: Language::English,
        ttl: Duration::from_secs(300),
    });
    let ids = selection.posts.iter().map(|kept| kept.post.id.get()).collect();
    (ids, selection.next.map(MessageId::get))
}

#[test]
fn the_limit_keeps_the_newest() {
    let snapshot = sample::snapshot(posts(1..=9));
    assert_eq!(selected(&snapshot, "limit=3", 50), (vec![9, 8, 7], Some(7)));
    assert_eq!(selected(&snapshot, "limit=3&before=7", 50), (vec![6, 5, 4], Some(4)));
    assert_eq!(selected(&snapshot, "limit=3&before=4", 50), (vec![3, 2, 1], None));
}

/// Conformance: 11.7
#[test]
fn the_window_is_the_larger_of_a_number_and_a_day() {
    let snapshot = sample::snapshot(posts(1..=60));
    let (ids, next) = selected(&snapshot, "", 10);
    assert_eq!((ids.len(), next), (25, Some(36)), "24 hours, both ends included");
    assert_eq!(selected(&snapshot, "", 50).0.len(), 50);
    assert_eq!(selected(&snapshot, "before=31", 10).0.len(), 10, "a page has the number");
    assert_eq!(selected(&snapshot, "limit=2", 10).0.len(), 2);
}

/// Conformance: 11.7
#[test]
fn a_busy_day_is_bounded() {
    let mut list = posts(1..=400);
    for kept in &mut list {
        Arc::make_mut(kept).post.published = sample::time(400);
    }
    let snapshot = sample::snapshot(list);
    let (ids, next) = selected(&snapshot, "", 50);
    assert_eq!((ids.len(), next), (MOST_POSTS, Some(101)));
    assert_eq!(selected(&snapshot, "limit=350", 50).0.len(), 350);
}

#[test]
fn nothing_older_than_the_first_answer_comes_up_unasked() {
    let mut snapshot = sample::snapshot(posts(1..=30));
    snapshot.floor = Some(sample::id(11));
    let (ids, next) = selected(&snapshot, "", 50);
    assert_eq!((ids.len(), ids.last(), next), (20, Some(&11), Some(11)));
    assert_eq!(selected(&snapshot, "limit=25", 50).0.len(), 25);
    assert_eq!(selected(&snapshot, "before=11", 50).0.len(), 10);
    assert_eq!(selected(&snapshot, "q=words", 50).0.len(), 30);
    for filter in
        ["kind=text", "exclude=x", "include=words", "forwards=none", "replies=none", "ads=none"]
    {
        assert_eq!(selected(&snapshot, filter, 50).0.len(), 30, "{filter}");
    }
    assert_eq!(selected(&snapshot, "service=1&content=text&stats=1", 50).0.len(), 20);
}

#[test]
fn posts_that_were_left_out_before_the_selection_count_and_end_it() {
    let snapshot = sample::snapshot(posts(21..=30));
    let options = FeedOptions::parse("kind=text", &FeedOptions::default()).unwrap();
    let end = (sample::id(5), sample::time(5));
    let selection = |query: &FeedOptions, passed, window| {
        let defaults = FeedDefaults { window, ..FeedDefaults::default() };
        let selection = select(&Request {
            snapshot: &snapshot,
            posts: &snapshot.posts,
            passed,
            reaches_start: false,
            options: query,
            defaults: &defaults,
            now: sample::time(30),
            links: &sample::links(),
            language: Language::English,
            ttl: Duration::from_secs(300),
        });
        let Selection { posts, end, next, considered, matched } = selection;
        let ids = [end, next].map(|id| id.map(MessageId::get));
        (posts.len(), ids, considered, matched)
    };
    let passed = Passed { number: 16, oldest: Some(end) };
    assert_eq!(selection(&options, passed, 50), (10, [Some(5); 2], 26, 10));
    let limited = options.with_limit(4);
    assert_eq!(selection(&limited, passed, 50), (4, [Some(27); 2], 26, 10));
    assert_eq!(selection(&options, Passed::default(), 50), (10, [Some(21); 2], 10, 10));
}

/// Conformance: 5.1
#[test]
fn posts_that_were_read_below_the_floor_do_not_move_the_next_page() {
    let mut list = posts(1..=30);
    // The oldest post of the first answer is one that is left out.
    Arc::make_mut(&mut list[19]).post.service = Some(ServiceMessage::Created);
    let mut snapshot = sample::snapshot(list[..20].to_vec());
    snapshot.floor = Some(sample::id(11));
    let first = selected(&snapshot, "", 50);
    assert_eq!((first.0.last(), first.1), (Some(&12), Some(11)));
    snapshot.posts = list;
    snapshot.reaches_start = true;
    assert_eq!(selected(&snapshot, "", 50), first);
}

#[test]
fn the_next_page_is_left_out_only_at_the_start_of_the_channel() {
    let mut snapshot = sample::snapshot(posts(5..=9));
    assert_eq!(selected(&snapshot, "", 50).1, Some(5));
    assert_eq!(selected(&snapshot, "kind=photo", 50), (vec![], Some(5)), "older ones may match");
    assert_eq!(selected(&snapshot, "before=5", 50), (vec![], None), "no page names itself");
    snapshot.reaches_start = true;
    assert_eq!(selected(&snapshot, "", 50).1, None);
    assert_eq!(selected(&snapshot, "limit=2", 50).1, Some(8));
    let from_one = sample::snapshot(posts(1..=4));
    assert_eq!(selected(&from_one, "", 50).1, None, "there is nothing before message 1");
}

#[test]
fn no_item_comes_twice_and_the_matching_are_counted() {
    let mut list = posts(1..=4);
    list.insert(1, Arc::clone(&list[0]));
    let snapshot = sample::snapshot(list);
    assert_eq!(selected(&snapshot, "", 50).0, [4, 3, 2, 1]);
    let options = FeedOptions::parse("limit=1&q=words", &FeedOptions::default()).unwrap();
    let selection = select(&Request {
        snapshot: &snapshot,
        posts: &snapshot.posts,
        passed: Passed::default(),
        reaches_start: snapshot.reaches_start,
        options: &options,
        defaults: &FeedDefaults::default(),
        now: sample::time(4),
        links: &sample::links(),
        language: Language::English,
        ttl: Duration::from_secs(300),
    });
    assert_eq!((selection.considered, selection.matched, selection.posts.len()), (4, 4, 1));
}
