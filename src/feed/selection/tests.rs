use super::*;
use crate::feed::sample;
use crate::model::{ChannelSet, Forward, Post, ServiceMessage};
use crate::text::Address;

/// Posts with these ids, newest first, one hour apart.
fn posts(ids: impl DoubleEndedIterator<Item = u32>) -> Vec<Arc<StoredPost>> {
    ids.rev().map(|id| sample::stored(sample::text(id, "Words"))).collect()
}

/// The selection of a channel's feed; `window` is the default number of posts.
fn select_from(candidates: Candidates, query: &str, window: u16) -> Selection {
    let source = Source::channel(candidates.channel.name.clone());
    let options = FeedOptions::parse(query, &FeedOptions::default()).unwrap();
    let defaults = FeedDefaults { window, ..FeedDefaults::default() };
    select(&source, &[candidates], &options, &defaults)
}

/// The selected ids, and the next page.
fn selected(snapshot: &Snapshot, query: &str, window: u16) -> (Vec<u32>, Option<u32>) {
    let selection = select_from(Candidates::of(snapshot, Language::English), query, window);
    let ids = selection.entries.iter().map(|entry| entry.post.post.id.get()).collect();
    (ids, next_of_one(&selection))
}

fn next_of_one(selection: &Selection) -> Option<u32> {
    match selection.cursor(selection.entries.len())? {
        Cursor::Message(id) => Some(id.get()),
        other => panic!("{other} is no cursor of one channel"),
    }
}

#[test]
fn limit_keeps_newest_posts() {
    let snapshot = sample::snapshot(posts(1..=9));
    assert_eq!(selected(&snapshot, "limit=3", 50), (vec![9, 8, 7], Some(7)));
    assert_eq!(selected(&snapshot, "limit=3&before=7", 50), (vec![6, 5, 4], Some(4)));
    assert_eq!(selected(&snapshot, "limit=3&before=4", 50), (vec![3, 2, 1], None));
}

/// Conformance: 11.7
#[test]
fn merged_window_is_larger_of_count_and_day() {
    let snapshot = sample::snapshot(posts(1..=60));
    let (ids, next) = selected(&snapshot, "", 10);
    assert_eq!((ids.len(), next), (25, Some(36)), "24 hours, both ends included");
    assert_eq!(selected(&snapshot, "", 50).0.len(), 50);
    assert_eq!(selected(&snapshot, "before=31", 10).0.len(), 10, "a page has the number");
    assert_eq!(selected(&snapshot, "limit=2", 10).0.len(), 2);
}

/// Conformance: 11.7
#[test]
fn posts_of_busy_day_are_bounded() {
    let mut list = posts(1..=400);
    for stored in &mut list {
        Arc::make_mut(stored).post.published = sample::time(400);
    }
    let snapshot = sample::snapshot(list);
    let (ids, next) = selected(&snapshot, "", 50);
    assert_eq!((ids.len(), next), (MAX_POSTS, Some(101)));
    assert_eq!(selected(&snapshot, "limit=350", 50).0.len(), 350);
}

#[test]
fn selection_stays_above_floor_unless_requested() {
    let mut snapshot = sample::snapshot(posts(1..=30));
    snapshot.first_seen_id = Some(sample::id(11));
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
fn posts_filtered_before_selection_count_and_set_cursor() {
    let snapshot = sample::snapshot(posts(21..=30));
    let selection = |query: &str, skipped, oldest: Option<u32>| {
        let mut candidates = Candidates::of(&snapshot, Language::English);
        candidates.skipped = skipped;
        candidates.oldest = oldest.map(|id| (sample::id(id), sample::time(id)));
        let selection = select_from(candidates, query, 50);
        let end = selection.oldest(selection.entries.len()).map(MessageId::get);
        let Selection { entries, considered, matched, .. } = &selection;
        (entries.len(), [end, next_of_one(&selection)], *considered, *matched)
    };
    assert_eq!(selection("kind=text", 16, Some(5)), (10, [Some(5); 2], 26, 10));
    assert_eq!(selection("kind=text&limit=4", 16, Some(5)), (4, [Some(27); 2], 26, 10));
    assert_eq!(selection("kind=text", 0, None), (10, [Some(21); 2], 10, 10));
}

/// Conformance: 5.1
#[test]
fn posts_below_the_first_answer_do_not_move_the_next_page() {
    let mut list = posts(1..=30);
    // The oldest post of the first response is rejected by the options.
    Arc::make_mut(&mut list[19]).post.service = Some(ServiceMessage::Created);
    let mut snapshot = sample::snapshot(list[..20].to_vec());
    snapshot.first_seen_id = Some(sample::id(11));
    let first = selected(&snapshot, "", 50);
    assert_eq!((first.0.last(), first.1), (Some(&12), Some(11)));
    snapshot.posts = list;
    snapshot.reaches_start = true;
    assert_eq!(selected(&snapshot, "", 50), first);
}

#[test]
fn next_page_is_absent_only_at_start_of_channel() {
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
fn duplicates_are_dropped_and_matches_counted() {
    let mut list = posts(1..=4);
    list.insert(1, Arc::clone(&list[0]));
    let snapshot = sample::snapshot(list);
    assert_eq!(selected(&snapshot, "", 50).0, [4, 3, 2, 1]);
    let candidates = Candidates::of(&snapshot, Language::English);
    let selection = select_from(candidates, "limit=1&q=words", 50);
    assert_eq!((selection.considered, selection.matched, selection.entries.len()), (4, 4, 1));
}

#[test]
fn full_page_without_further_matches_is_last_page() {
    let mut snapshot = sample::snapshot(posts(1..=5));
    snapshot.reaches_start = true;
    for stored in &mut snapshot.posts[2..] {
        Arc::make_mut(stored).post.service = Some(ServiceMessage::Pinned);
    }
    assert_eq!(selected(&snapshot, "limit=2", 50), (vec![5, 4], None));
}

/// A channel with posts at these hours, numbered from 1.
fn scene(name: &str, hours: &[u32]) -> Candidates {
    let channel = ChannelName::parse(name).unwrap();
    let post = |(hour, number): (&u32, u32)| {
        let mut post = sample::text(number, "Words");
        post.channel = channel.clone();
        post.published = sample::time(*hour);
        sample::stored(post)
    };
    let mut posts: Vec<_> = hours.iter().zip(1..).map(post).collect();
    posts.reverse();
    let mut snapshot = sample::snapshot(posts);
    snapshot.channel.name = channel;
    snapshot.reaches_start = true;
    Candidates::of(&snapshot, Language::English)
}

/// The scene with only the newest posts known.
fn known(mut scene: Candidates, posts: usize) -> Candidates {
    scene.posts.truncate(posts);
    scene.reaches_start = false;
    scene
}

fn change(scene: &mut Candidates, number: u32, change: impl FnOnce(&mut Post)) {
    let stored = scene.posts.iter_mut().find(|stored| stored.post.id.get() == number).unwrap();
    let mut post = stored.post.clone();
    change(&mut post);
    *stored = sample::stored(post);
}

fn forward(post: &mut Post, address: &str) {
    let address = Address::parse(address);
    post.forward = Some(Forward { name: "Origin".to_owned(), address, author: None });
}

fn merged(scenes: &[Candidates], query: &str) -> Selection {
    let names = scenes.iter().map(|scene| scene.channel.name.clone()).collect();
    let source = Source::collection("scene", None, ChannelSet::new(names).unwrap());
    let options = source.options(query, &FeedOptions::default()).unwrap();
    let defaults = FeedDefaults { window: 6, ..FeedDefaults::default() };
    select(&source, scenes, &options, &defaults)
}

fn ids(selection: &Selection) -> Vec<String> {
    let id = |entry: &Entry| format!("{}.{}", entry.post.post.channel, entry.post.post.id);
    selection.entries.iter().map(id).collect()
}

fn next(selection: &Selection) -> Option<String> {
    selection.cursor(selection.entries.len()).map(|cursor| cursor.to_string())
}

#[test]
fn merged_selection_is_newest_first() {
    let scenes = [scene("fog", &[10, 40]), scene("sea", &[20, 30, 50])];
    let selection = merged(&scenes, "");
    assert_eq!(ids(&selection), ["sea.3", "fog.2", "sea.2", "sea.1", "fog.1"]);
    assert_eq!((next(&selection), selection.lacking.len()), (None, 0));
    assert_eq!(ids(&merged(&[scene("fog", &[7]), scene("sea", &[7])], "")), ["fog.1", "sea.1"]);
}

#[test]
fn merged_paging_shows_each_post_once() {
    let hours: Vec<u32> = (1..30).map(|number| number * 3).collect();
    // The third channel has a late post, and two posts with equal times.
    let scenes =
        [scene("fog", &hours), scene("sea", &[4, 6, 50]), scene("tea", &[9, 8, 30, 30, 61, 90])];
    for query in ["limit=1", "limit=2", "limit=7", ""] {
        let mut seen = Vec::new();
        let mut page = query.to_owned();
        loop {
            let selection = merged(&scenes, &page);
            seen.extend(ids(&selection));
            assert!(seen.len() <= 38, "{query}: {seen:?}");
            let Some(next) = next(&selection) else { break };
            page = format!("{query}&before={next}");
        }
        let distinct: HashSet<&String> = seen.iter().collect();
        assert_eq!((seen.len(), distinct.len()), (38, 38), "{query}: {seen:?}");
    }
}

#[test]
fn merged_cursor_continues_behind_last_entry() {
    let scenes = [scene("fog", &[10, 40]), scene("sea", &[20, 30, 50])];
    let selection = merged(&scenes, "");
    let cursor = |entries| selection.cursor(entries).map(|cursor| cursor.to_string());
    assert_eq!(cursor(0).as_deref(), Some(""));
    assert_eq!(cursor(1).as_deref(), Some("sea.3"));
    assert_eq!(cursor(2).as_deref(), Some("fog.2,sea.3"));
    assert_eq!(cursor(4).as_deref(), Some("fog.2,sea.1"));
    assert_eq!(cursor(5), None);
}

#[test]
fn merged_selection_skips_filtered_posts() {
    let mut scenes = [scene("fog", &[10, 40]), scene("sea", &[20, 30, 50])];
    for scene in &mut scenes {
        change(scene, 2, |post| post.text = sample::rich("#tag"));
    }
    let selection = merged(&scenes, "tag=tag");
    assert_eq!(ids(&selection), ["fog.2", "sea.2"]);
    assert_eq!(next(&selection), None);
    let selection = merged(&scenes, "tag=tag&limit=1");
    assert_eq!(ids(&selection), ["fog.2"]);
    assert_eq!(next(&selection).as_deref(), Some("fog.2,sea.3"));
}

#[test]
fn merged_window_is_larger_of_number_and_day() {
    let many: Vec<u32> = (1..40).collect();
    let selection = merged(&[scene("fog", &many), scene("sea", &[39])], "");
    assert_eq!(selection.entries.len(), 26, "24 hours with both ends, and the other channel's");
    let rare: Vec<u32> = (1..40).map(|number| number * 50).collect();
    assert_eq!(merged(&[scene("fog", &rare)], "").entries.len(), 6);
    assert_eq!(merged(&[scene("fog", &many)], "before=fog.30").entries.len(), 6, "a page");
    let busy = [scene("fog", &[5; 400]), scene("sea", &[5; 400])];
    assert_eq!(merged(&busy, "").entries.len(), MAX_POSTS);
    assert_eq!(merged(&busy, "limit=500").entries.len(), 500);
}

#[test]
fn plain_feed_stops_at_each_channels_first_answer() {
    let candidates = || {
        let mut fog = scene("fog", &[10, 20, 30]);
        fog.first_seen_id = Some(sample::id(2));
        [fog, scene("sea", &[15])]
    };
    let selection = merged(&candidates(), "");
    assert_eq!(ids(&selection), ["fog.3", "fog.2", "sea.1"]);
    assert_eq!(next(&selection).as_deref(), Some("fog.2,sea.1"));
    assert_eq!(ids(&merged(&candidates(), "before=fog.2,sea.1")), ["fog.1"]);
    assert_eq!(merged(&candidates(), "limit=9").entries.len(), 4);
}

#[test]
fn filtered_feed_goes_back_behind_the_first_answer() {
    let mut fog = known(scene("fog", &[10, 20, 30, 40]), 2);
    fog.first_seen_id = Some(sample::id(4));
    fog.skipped = 9;
    fog.oldest = Some((sample::id(2), sample::time(20)));
    let mut sea = known(scene("sea", &[15]), 0);
    sea.skipped = 1;
    sea.oldest = Some((sample::id(1), sample::time(15)));
    let scenes = [fog, sea];
    let selection = merged(&scenes, "kind=text");
    assert_eq!(ids(&selection), ["fog.4", "fog.3"], "nobody waits for the other's posts");
    assert_eq!((selection.considered, selection.lacking.len()), (12, 0));
    assert_eq!(next(&selection).as_deref(), Some("fog.2,sea.1"));
    let nothing = merged(&scenes[1..], "kind=photo");
    assert_eq!((ids(&nothing).len(), next(&nothing)), (0, None), "nothing is older than message 1");
}

#[test]
fn merged_selection_waits_for_missing_newer_posts() {
    let scenes = || [known(scene("fog", &[10, 20, 30, 40]), 2), scene("sea", &[5, 15, 35])];
    let selection = merged(&scenes(), "limit=9");
    assert_eq!(ids(&selection), ["fog.4", "sea.3", "fog.3"]);
    assert_eq!(selection.lacking, [0], "what lies behind must be known first");
    assert_eq!(next(&selection).as_deref(), Some("fog.3,sea.3"));
    let full = merged(&scenes(), "limit=3");
    assert_eq!((full.entries.len(), full.lacking.len()), (3, 0));
    let selection = merged(&scenes(), "");
    assert_eq!(selection.entries.len(), 5, "a first page shows what each channel's own shows");
    let mut given_up = scenes();
    given_up[0].is_given_up = true;
    let selection = merged(&given_up, "limit=9");
    assert_eq!(ids(&selection), ["fog.4", "sea.3", "fog.3", "sea.2", "sea.1"]);
    assert_eq!(next(&selection).as_deref(), Some("fog.3,sea.1"), "its older posts are not lost");
}

#[test]
fn merged_page_far_back_waits_for_newest_channel_there() {
    let scenes = [
        known(scene("fog", &[10, 20, 30, 40]), 1),
        known(scene("sea", &[11, 21, 31]), 1),
        scene("tea", &[7, 39]),
    ];
    let selection = merged(&scenes, "before=fog.4,sea.3,tea.3");
    assert_eq!(selection.lacking, [0, 1]);
    assert!(selection.entries.is_empty(), "{:?}", ids(&selection));
    assert!(selection.is_stuck());
    assert_eq!(next(&selection), None, "no page leads to itself");
}

#[test]
fn merged_selection_drops_duplicate_forwards() {
    let mut scenes =
        [scene("fog", &[10, 40]), scene("sea", &[20, 30, 50]), scene("tea", &[31, 32])];
    // The original is in the first channel, under the id of an album's second photo.
    change(&mut scenes[0], 1, |post| post.members.push(sample::id(7)));
    change(&mut scenes[1], 1, |post| forward(post, "https://t.me/FOG/7"));
    // Two forwards of the same post of a channel outside the feed.
    change(&mut scenes[1], 3, |post| forward(post, "https://t.me/elsewhere/5"));
    change(&mut scenes[2], 1, |post| forward(post, "https://t.me/Elsewhere/5"));
    // Forwards of other posts of that channel, or without a post, are no duplicates.
    change(&mut scenes[1], 2, |post| forward(post, "https://t.me/elsewhere"));
    change(&mut scenes[2], 2, |post| forward(post, "https://t.me/elsewhere/6"));
    let selection = merged(&scenes, "");
    assert_eq!(ids(&selection), ["fog.2", "tea.2", "tea.1", "sea.2", "fog.1"]);
    let forwards = merged(&scenes, "forwards=only");
    assert_eq!(
        ids(&forwards),
        ["tea.2", "tea.1", "sea.2", "sea.1"],
        "the original is not wanted here, so its forward stands for it"
    );
    assert_eq!(next(&selection), None);
}

#[test]
fn mutual_forwards_keep_both_posts() {
    let mut scenes = [scene("fog", &[10]), scene("sea", &[20])];
    change(&mut scenes[0], 1, |post| forward(post, "https://t.me/sea/1"));
    change(&mut scenes[1], 1, |post| forward(post, "https://t.me/fog/1"));
    assert_eq!(ids(&merged(&scenes, "")), ["sea.1", "fog.1"]);
}
