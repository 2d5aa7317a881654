use super::*;
use crate::bridge::tests::{channel, id, minute, post};
use crate::model::{Media, MediaKind};
use crate::text::{Address, RichText};

const MIN_AGE: Duration = Duration::from_secs(5 * 60);

/// Pages applied one after another, by the minute.
struct Channel7 {
    snapshot: Option<Snapshot>,
    absent: Absent,
}

impl Channel7 {
    fn new() -> Self {
        Self { snapshot: None, absent: Absent::new() }
    }

    fn apply(&mut self, at: i64, page: Page) -> &Snapshot {
        self.apply_gapped(at, page, true)
    }

    fn apply_gapped(&mut self, at: i64, page: Page, is_contiguous: bool) -> &Snapshot {
        let previous = self.snapshot.as_ref().map(|snapshot| (snapshot, &self.absent));
        let (snapshot, absent) =
            newest(previous, &Newest { page, is_contiguous }, minute(at), MIN_AGE);
        self.absent = absent;
        self.snapshot.insert(snapshot)
    }
}

fn page(posts: Vec<Post>) -> Page {
    Page {
        channel: channel("tearoad"),
        older: posts.first().map(|post| post.id),
        blocks: posts.len(),
        posts,
        newer: None,
        is_whole: true,
        says_empty: false,
        unreadable: Vec::new(),
        has_nameless_block: false,
    }
}

fn posts(numbers: impl IntoIterator<Item = u32>) -> Vec<Post> {
    numbers
        .into_iter()
        .map(|number| post(number, minute(i64::from(number)), &format!("post {number}")))
        .collect()
}

fn numbers(snapshot: &Snapshot) -> Vec<u32> {
    snapshot.posts.iter().map(|kept| kept.post.id.get()).collect()
}

fn album(number: u32, members: &[u32]) -> Post {
    let mut album = post(number, minute(0), "");
    album.members = members.iter().map(|member| id(*member)).collect();
    album.media = members.iter().map(|member| photo(*member, "a")).collect();
    album
}

fn photo(number: u32, file: &str) -> Media {
    Media {
        message: id(number),
        kind: MediaKind::Photo,
        file: Address::parse(&format!("https://cdn.example/{file}.jpg")),
        poster: None,
        photo_id: None,
        duration: None,
        ratio: None,
        width: None,
        too_big: false,
    }
}

#[test]
fn the_first_page_gives_the_floor_and_dates_nothing_now() {
    let mut channel = Channel7::new();
    let snapshot = channel.apply(100, page(posts([3, 5, 8])));
    assert_eq!(numbers(snapshot), [8, 5, 3]);
    assert_eq!(snapshot.floor, Some(id(3)));
    assert_eq!(snapshot.updated, minute(8), "the newest post's date, not the time of the fetch");
    assert!(!snapshot.reaches_start);
}

#[test]
fn new_posts_come_in_front_and_older_ones_stay() {
    let mut channel = Channel7::new();
    channel.apply(10, page(posts([1, 2, 3])));
    let snapshot = channel.apply(20, page(posts([2, 3, 4, 6])));
    assert_eq!(numbers(snapshot), [6, 4, 3, 2, 1]);
    assert_eq!(snapshot.updated, minute(20));
    assert_eq!(snapshot.floor, Some(id(1)));
}

#[test]
fn across_a_gap_nothing_old_is_kept() {
    let mut channel = Channel7::new();
    channel.apply(10, page(posts([1, 2, 3])));
    let snapshot = channel.apply_gapped(20, page(posts([50, 51])), false);
    assert_eq!(numbers(snapshot), [51, 50], "paging would skip what lies between");
}

#[test]
fn an_edit_is_the_same_item_with_a_new_date() {
    let mut channel = Channel7::new();
    channel.apply(10, page(posts([1])));
    let mut edited = posts([1]);
    edited[0].text = RichText::from_plain("post 1, with more to say");
    let snapshot = channel.apply(60, page(edited));
    assert_eq!(snapshot.posts[0].identity.message, id(1));
    assert_eq!(snapshot.posts[0].updated, minute(60));
    assert_eq!(snapshot.updated, minute(60));
}

#[test]
fn a_typing_error_mended_within_a_quarter_of_an_hour_moves_no_date_of_the_post() {
    let mut channel = Channel7::new();
    channel.apply(2, page(posts([1])));
    let mut edited = posts([1]);
    edited[0].text = RichText::from_plain("post one");
    let snapshot = channel.apply(16, page(edited));
    assert_eq!(
        snapshot.posts[0].updated,
        minute(1),
        "published at minute 1, mended 15 minutes later"
    );
    assert_eq!(snapshot.updated, minute(16), "but what is served did change");
    assert_eq!(snapshot.posts[0].post.text.plain(crate::text::Spoilers::Show), "post one");
}

#[test]
fn counters_and_new_file_addresses_change_nothing_that_is_dated() {
    let mut channel = Channel7::new();
    let mut before = posts([1]);
    before[0].media.push(photo(1, "today"));
    channel.apply(10, page(before));
    let mut after = posts([1]);
    after[0].media.push(photo(1, "tomorrow"));
    after[0].views = Some("12.3K".to_owned());
    let snapshot = channel.apply(600, page(after));
    assert_eq!((snapshot.updated, snapshot.posts[0].updated), (minute(1), minute(1)));
    let file = snapshot.posts[0].post.media[0].file.as_ref().unwrap();
    assert_eq!(
        file.as_str(),
        "https://cdn.example/tomorrow.jpg",
        "the present address is known all the same"
    );
}

#[test]
fn a_late_link_preview_waits_for_the_next_edit() {
    let mut channel = Channel7::new();
    channel.apply(10, page(posts([1])));
    let mut after = posts([1]);
    after[0].link_preview = Some(crate::model::LinkPreview {
        address: Address::parse("https://tea.example/").unwrap(),
        site_name: Some("Tea".to_owned()),
        title: None,
        description: RichText::default(),
        picture: None,
        video: None,
    });
    let early = channel.apply(12, page(after.clone()));
    assert!(
        early.posts[0].post.link_preview.is_some(),
        "within a quarter of an hour it is part of the post"
    );
    assert_eq!((early.updated, early.posts[0].updated), (minute(12), minute(1)));
    let mut channel = Channel7::new();
    channel.apply(10, page(posts([1])));
    let snapshot = channel.apply(600, page(after.clone()));
    assert_eq!((snapshot.updated, snapshot.posts[0].updated), (minute(1), minute(1)));
    assert_eq!(snapshot.posts[0].post.link_preview, None);
    after[0].text = RichText::from_plain("post 1, edited");
    let snapshot = channel.apply(700, page(after));
    assert!(snapshot.posts[0].post.link_preview.is_some());
    assert_eq!(snapshot.posts[0].updated, minute(700));
}

#[test]
fn an_album_is_the_item_of_any_member_it_ever_held() {
    let mut channel = Channel7::new();
    channel.apply(10, page(vec![album(5, &[5, 6])]));
    let snapshot = channel.apply(20, page(vec![album(4, &[4, 5, 6, 7])]));
    assert_eq!(snapshot.posts.len(), 1);
    assert_eq!(snapshot.posts[0].identity.message, id(5), "first seen as 5");
    let snapshot = channel.apply(30, page(vec![album(6, &[6, 7])]));
    assert_eq!(snapshot.posts[0].identity.message, id(5), "5 itself was deleted");
    assert_eq!(snapshot.posts[0].post.id, id(6));
}

#[test]
fn a_deletion_is_believed_when_two_whole_pages_prove_it() {
    let mut channel = Channel7::new();
    channel.apply(10, page(posts([1, 2, 3, 4])));
    assert_eq!(numbers(channel.apply(20, page(posts([1, 2, 4])))), [4, 3, 2, 1], "seen once");
    assert_eq!(numbers(channel.apply(24, page(posts([1, 2, 4])))), [4, 3, 2, 1], "too soon after");
    let snapshot = channel.apply(25, page(posts([1, 2, 4])));
    assert_eq!(numbers(snapshot), [4, 2, 1]);
    assert_eq!(snapshot.updated, minute(25), "what is served did change");
}

#[test]
fn a_post_that_comes_back_was_never_gone() {
    let mut channel = Channel7::new();
    channel.apply(10, page(posts([1, 2, 3, 4])));
    channel.apply(20, page(posts([1, 2, 4])));
    channel.apply(30, page(posts([1, 2, 3, 4])));
    assert_eq!(numbers(channel.apply(40, page(posts([1, 2, 4])))), [4, 3, 2, 1]);
}

/// Makes a page prove nothing.
type Spoil = fn(Page) -> Page;

#[test]
fn pages_that_prove_nothing_delete_nothing() {
    let cut = |mut page: Page| {
        page.is_whole = false;
        page
    };
    let nameless = |mut page: Page| {
        page.has_nameless_block = true;
        page
    };
    let unreadable = |mut page: Page| {
        page.unreadable.push(id(3));
        page
    };
    let empty = |mut page: Page| {
        page.posts.clear();
        page.says_empty = true;
        page
    };
    let thinned = |mut page: Page| {
        page.posts.retain(|post| post.id == id(1));
        page
    };
    let cases: [(&str, Spoil); 5] = [
        ("cut short", cut),
        ("a block without an id", nameless),
        ("the block is there but did not parse", unreadable),
        ("empty", empty),
        ("more than half is gone", thinned),
    ];
    for (name, spoil) in cases {
        let mut channel = Channel7::new();
        channel.apply(10, page(posts([1, 2, 3, 4])));
        for at in [20, 30, 40] {
            let snapshot = channel.apply(at, spoil(page(posts([1, 2, 4]))));
            assert_eq!(numbers(snapshot), [4, 3, 2, 1], "{name}, minute {at}");
            assert_eq!(snapshot.updated, minute(4), "{name}, minute {at}");
        }
    }
}

#[test]
fn a_deleted_newest_post_is_noticed_too() {
    let mut channel = Channel7::new();
    channel.apply(10, page(posts([1, 2, 3])));
    channel.apply(20, page(posts([1, 2])));
    assert_eq!(numbers(channel.apply(30, page(posts([1, 2])))), [2, 1]);
}

#[test]
fn posts_below_the_page_are_not_judged_by_it() {
    let mut channel = Channel7::new();
    channel.apply(10, page(posts([1, 2, 3, 4])));
    channel.apply(20, page(posts([3, 4, 5])));
    assert_eq!(numbers(channel.apply(30, page(posts([3, 4, 5])))), [5, 4, 3, 2, 1]);
}

#[test]
fn a_renamed_channel_keeps_its_posts_and_their_names() {
    let mut known = Channel7::new();
    known.apply(10, page(posts([1, 2])));
    let mut renamed = page(posts([1, 2, 3]));
    renamed.channel.name = crate::model::ChannelName::parse("TeaStreet").unwrap();
    for post in &mut renamed.posts {
        post.channel = renamed.channel.name.clone();
    }
    let snapshot = known.apply(20, renamed);
    let names: Vec<&str> =
        snapshot.posts.iter().map(|kept| kept.identity.channel.as_str()).collect();
    assert_eq!(names, ["TeaStreet", "tearoad", "tearoad"]);
    assert_eq!(snapshot.channel.name.as_str(), "TeaStreet");
}

#[test]
fn another_channel_under_a_known_name_starts_anew() {
    let mut known = Channel7::new();
    known.apply(10, page(posts([1, 2])));
    let mut other = page(posts([7]));
    other.channel.numeric_id = Some(8);
    let snapshot = known.apply(20, other);
    assert_eq!(numbers(snapshot), [7]);
    assert_eq!(snapshot.floor, Some(id(7)));
}

#[test]
fn a_page_without_a_numeric_id_does_not_make_it_forgotten() {
    let mut known = Channel7::new();
    known.apply(10, page(posts([1, 2])));
    let mut silent = page(posts([1, 2]));
    silent.channel.numeric_id = None;
    assert_eq!(known.apply(20, silent).channel.numeric_id, Some(7));
}

#[test]
fn history_is_put_behind_and_ends_at_the_first_post() {
    let mut known = Channel7::new();
    let snapshot = known.apply(10, page(posts([4, 5]))).clone();
    let mut history = page(posts([2, 3]));
    let longer = older(&snapshot, &history);
    assert_eq!(numbers(&longer), [5, 4, 3, 2]);
    assert!(!longer.reaches_start);
    assert_eq!((longer.floor, longer.updated), (snapshot.floor, snapshot.updated));
    history.older = None;
    assert!(older(&snapshot, &history).reaches_start);
}

#[test]
fn no_more_posts_are_kept_than_a_feed_can_ask_for() {
    let mut known = Channel7::new();
    let mut first = page(posts(1..=400));
    first.older = None;
    assert!(known.apply(10, first).reaches_start);
    let snapshot = known.apply(20, page(posts(390..=700)));
    assert_eq!(snapshot.posts.len(), MOST_KEPT);
    assert_eq!(numbers(snapshot)[0], 700);
    assert!(!snapshot.reaches_start, "the first posts were dropped");
}
