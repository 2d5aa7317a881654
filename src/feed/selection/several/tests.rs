use super::*;
use crate::feed::sample;
use crate::model::{FeedOptions, Forward, Post};
use crate::text::Address;

/// A channel with posts at these hours, numbered from 1 on.
struct Scene {
    channel: ChannelName,
    posts: Vec<Arc<StoredPost>>,
    reaches_start: bool,
    is_given_up: bool,
    passed: Passed,
    floor: Option<u32>,
}

fn scene(name: &str, hours: &[u32]) -> Scene {
    let channel = ChannelName::parse(name).unwrap();
    let post = |(hour, number): (&u32, u32)| {
        let mut post = sample::text(number, "Words");
        post.channel = channel.clone();
        post.published = sample::time(*hour);
        sample::kept(post)
    };
    let mut posts: Vec<_> = hours.iter().zip(1..).map(post).collect();
    posts.reverse();
    Scene {
        channel,
        posts,
        reaches_start: true,
        is_given_up: false,
        passed: Passed::default(),
        floor: None,
    }
}

/// Only the newest posts are known.
fn known(mut scene: Scene, posts: usize) -> Scene {
    scene.posts.truncate(posts);
    scene.reaches_start = false;
    scene
}

fn change(scene: &mut Scene, number: u32, change: impl FnOnce(&mut Post)) {
    let kept = scene.posts.iter_mut().find(|kept| kept.post.id.get() == number).unwrap();
    let mut post = kept.post.clone();
    change(&mut post);
    *kept = sample::kept(post);
}

fn forward(post: &mut Post, address: &str) {
    let address = Address::parse(address);
    post.forward = Some(Forward { name: "Origin".to_owned(), address, author: None });
}

fn selected(scenes: &[Scene], query: &str) -> SeveralSelection {
    let parts: Vec<Part<'_>> = scenes
        .iter()
        .map(|scene| Part {
            channel: &scene.channel,
            posts: &scene.posts,
            passed: scene.passed,
            reaches_start: scene.reaches_start,
            is_given_up: scene.is_given_up,
            floor: scene.floor.map(sample::id),
            language: Language::English,
        })
        .collect();
    let asked = MergedOptions::parse(query, &FeedOptions::default()).unwrap();
    select_several(&parts, &asked, &FeedDefaults { window: 6, ..FeedDefaults::default() })
}

fn ids(selection: &SeveralSelection) -> Vec<String> {
    let id =
        |(_, kept): &(usize, Arc<StoredPost>)| format!("{}.{}", kept.post.channel, kept.post.id);
    selection.entries.iter().map(id).collect()
}

fn next(selection: &SeveralSelection) -> Option<String> {
    selection.cursor(selection.entries.len()).map(|cursor| cursor.to_text())
}

#[test]
fn posts_of_all_channels_come_newest_first() {
    let scenes = [scene("fog", &[10, 40]), scene("sea", &[20, 30, 50])];
    let selection = selected(&scenes, "");
    assert_eq!(ids(&selection), ["sea.3", "fog.2", "sea.2", "sea.1", "fog.1"]);
    assert_eq!((next(&selection), selection.lacking.len()), (None, 0));
    assert_eq!(ids(&selected(&[scene("fog", &[7]), scene("sea", &[7])], "")), ["fog.1", "sea.1"]);
    assert_eq!(next(&selected(&[], "")), None);
}

#[test]
fn walking_from_page_to_page_shows_everything_once() {
    let hours: Vec<u32> = (1..30).map(|number| number * 3).collect();
    // Of the third a post was late, and two are of the same time.
    let scenes =
        [scene("fog", &hours), scene("sea", &[4, 6, 50]), scene("tea", &[9, 8, 30, 30, 61, 90])];
    for query in ["limit=1", "limit=2", "limit=7", ""] {
        let mut seen = Vec::new();
        let mut page = query.to_owned();
        loop {
            let selection = selected(&scenes, &page);
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
fn a_page_that_was_cut_goes_on_behind_its_last_entry() {
    let scenes = [scene("fog", &[10, 40]), scene("sea", &[20, 30, 50])];
    let selection = selected(&scenes, "");
    let cursor = |entries| selection.cursor(entries).map(|cursor| cursor.to_text());
    assert_eq!(cursor(0).as_deref(), Some(""));
    assert_eq!(cursor(1).as_deref(), Some("sea.3"));
    assert_eq!(cursor(2).as_deref(), Some("fog.2,sea.3"));
    assert_eq!(cursor(4).as_deref(), Some("fog.2,sea.1"));
    assert_eq!(cursor(5), None);
}

#[test]
fn unwanted_posts_are_walked_past() {
    let mut scenes = [scene("fog", &[10, 40]), scene("sea", &[20, 30, 50])];
    for scene in &mut scenes {
        change(scene, 2, |post| post.text = sample::rich("#tag"));
    }
    let selection = selected(&scenes, "tag=tag");
    assert_eq!(ids(&selection), ["fog.2", "sea.2"]);
    assert_eq!(next(&selection), None);
    let selection = selected(&scenes, "tag=tag&limit=1");
    assert_eq!(ids(&selection), ["fog.2"]);
    assert_eq!(next(&selection).as_deref(), Some("fog.2,sea.3"));
}

#[test]
fn the_window_is_the_larger_of_a_number_and_a_day() {
    let many: Vec<u32> = (1..40).collect();
    let selection = selected(&[scene("fog", &many), scene("sea", &[39])], "");
    assert_eq!(selection.entries.len(), 26, "24 hours with both ends, and the other channel's");
    let rare: Vec<u32> = (1..40).map(|number| number * 50).collect();
    assert_eq!(selected(&[scene("fog", &rare)], "").entries.len(), 6);
    assert_eq!(selected(&[scene("fog", &many)], "before=fog.30").entries.len(), 6, "a page");
    let busy = [scene("fog", &[5; 400]), scene("sea", &[5; 400])];
    assert_eq!(selected(&busy, "").entries.len(), MOST_POSTS);
    assert_eq!(selected(&busy, "limit=500").entries.len(), 500);
}

#[test]
fn a_feed_that_is_not_asked_to_go_back_stays_above_each_channels_floor() {
    let floored = || {
        let mut fog = scene("fog", &[10, 20, 30]);
        fog.floor = Some(2);
        [fog, scene("sea", &[15])]
    };
    let selection = selected(&floored(), "");
    assert_eq!(ids(&selection), ["fog.3", "fog.2", "sea.1"]);
    assert_eq!(next(&selection).as_deref(), Some("fog.2,sea.1"));
    assert_eq!(ids(&selected(&floored(), "before=fog.2,sea.1")), ["fog.1"]);
    assert_eq!(selected(&floored(), "limit=9").entries.len(), 4);
}

#[test]
fn a_filtered_feed_has_no_floor_and_goes_on_behind_what_was_left_out() {
    let mut fog = known(scene("fog", &[10, 20, 30, 40]), 2);
    fog.floor = Some(4);
    fog.passed = Passed { number: 9, oldest: Some((sample::id(2), sample::time(20))) };
    let mut sea = known(scene("sea", &[15]), 0);
    sea.passed = Passed { number: 1, oldest: Some((sample::id(1), sample::time(15))) };
    let scenes = [fog, sea];
    let selection = selected(&scenes, "kind=text");
    assert_eq!(ids(&selection), ["fog.4", "fog.3"], "nobody waits for the other's posts");
    assert_eq!((selection.considered, selection.lacking.len()), (12, 0));
    assert_eq!(next(&selection).as_deref(), Some("fog.2,sea.1"));
    let nothing = selected(&scenes[1..], "kind=photo");
    assert_eq!((ids(&nothing).len(), next(&nothing).as_deref()), (0, Some("sea.1")));
}

#[test]
fn older_posts_wait_for_what_may_come_to_light_before_them() {
    let scenes = || [known(scene("fog", &[10, 20, 30, 40]), 2), scene("sea", &[5, 15, 35])];
    let selection = selected(&scenes(), "limit=9");
    assert_eq!(ids(&selection), ["fog.4", "sea.3", "fog.3"]);
    assert_eq!(selection.lacking, [0], "what lies behind must be known first");
    assert_eq!(next(&selection).as_deref(), Some("fog.3,sea.3"));
    let full = selected(&scenes(), "limit=3");
    assert_eq!((full.entries.len(), full.lacking.len()), (3, 0));
    let selection = selected(&scenes(), "");
    assert_eq!(selection.entries.len(), 5, "a first page shows what each channel's own shows");
    let mut given_up = scenes();
    given_up[0].is_given_up = true;
    let selection = selected(&given_up, "limit=9");
    assert_eq!(ids(&selection), ["fog.4", "sea.3", "fog.3", "sea.2", "sea.1"]);
    assert_eq!(next(&selection).as_deref(), Some("fog.3,sea.1"), "its older posts are not lost");
}

#[test]
fn a_page_far_back_waits_for_the_channel_that_is_newest_there() {
    let scenes = [
        known(scene("fog", &[10, 20, 30, 40]), 1),
        known(scene("sea", &[11, 21, 31]), 1),
        scene("tea", &[7, 39]),
    ];
    let selection = selected(&scenes, "before=fog.4,sea.3,tea.3");
    assert_eq!(selection.lacking, [0, 1]);
    assert!(selection.entries.is_empty(), "{:?}", ids(&selection));
    assert_eq!(next(&selection).as_deref(), Some("fog.4,sea.3,tea.3"));
}

#[test]
fn the_same_forward_comes_once() {
    let mut scenes =
        [scene("fog", &[10, 40]), scene("sea", &[20, 30, 50]), scene("tea", &[31, 32])];
    // The original is the first channel's own; by the number of an album's second photo.
    change(&mut scenes[0], 1, |post| post.members.push(sample::id(7)));
    change(&mut scenes[1], 1, |post| forward(post, "https://t.me/FOG/7"));
    // Two pass on the same post of a channel that is not here.
    change(&mut scenes[1], 3, |post| forward(post, "https://t.me/elsewhere/5"));
    change(&mut scenes[2], 1, |post| forward(post, "https://t.me/Elsewhere/5"));
    // Others of the same channel, or of nobody who can be named, are none of these.
    change(&mut scenes[1], 2, |post| forward(post, "https://t.me/elsewhere"));
    change(&mut scenes[2], 2, |post| forward(post, "https://t.me/elsewhere/6"));
    let selection = selected(&scenes, "");
    assert_eq!(ids(&selection), ["fog.2", "tea.2", "tea.1", "sea.2", "fog.1"]);
    let forwards = selected(&scenes, "forwards=only");
    assert_eq!(
        ids(&forwards),
        ["tea.2", "tea.1", "sea.2", "sea.1"],
        "the original is not wanted here, so its forward stands for it"
    );
    assert_eq!(next(&selection), None);
}

#[test]
fn channels_that_claim_each_others_posts_lose_none() {
    let mut scenes = [scene("fog", &[10]), scene("sea", &[20])];
    change(&mut scenes[0], 1, |post| forward(post, "https://t.me/sea/1"));
    change(&mut scenes[1], 1, |post| forward(post, "https://t.me/fog/1"));
    assert_eq!(ids(&selected(&scenes, "")), ["sea.1", "fog.1"]);
}
