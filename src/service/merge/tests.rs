use super::*;
use crate::feed::sample;
use crate::model::{Game, Invoice, Media, MediaKind, Reply};
use crate::service::tests::{channel, id, minute, post};
use crate::text::{Address, Builder, RichText, Span, Style};

const MIN_AGE: Duration = Duration::from_secs(5 * 60);

/// Merges pages one after another, at given minutes.
struct Channel7 {
    merged: Merged,
    parser: u32,
    number: Option<i64>,
}

impl Channel7 {
    fn new() -> Self {
        Self { merged: Merged::default(), parser: 1, number: None }
    }

    fn read(&mut self, at: i64, page: &Page) -> &Merged {
        self.read_up_to(at, page, MessageId::LAST)
    }

    fn read_up_to(&mut self, at: i64, page: &Page, high: MessageId) -> &Merged {
        let reading = Reading {
            page: page.clone(),
            high,
            now: minute(at),
            min_ttl: MIN_AGE,
            parser: self.parser,
            number: self.number,
        };
        self.merged = read(&self.merged.rows, reading);
        &self.merged
    }
}

impl Merged {
    /// The posts that are not deleted, newest first.
    fn shown(&self) -> Vec<u32> {
        let shown = self.rows.iter().filter(|row| row.deleted.is_none());
        shown.map(|row| row.kept.post.id.get()).collect()
    }

    fn post(&self, number: u32) -> &StoredPost {
        let row = self.rows.iter().find(|row| row.kept.post.id == id(number));
        &row.expect("it is known").kept
    }

    fn put(&self) -> Vec<u32> {
        let mut put: Vec<u32> = self.put.iter().map(|row| row.kept.post.id.get()).collect();
        put.sort_unstable();
        put
    }

    /// Whether nothing changed and nothing is to be stored.
    fn is_still(&self) -> bool {
        !self.has_new && !self.has_changed && self.put.is_empty() && self.former.is_empty()
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

fn album(number: u32, members: &[u32]) -> Post {
    let mut album = post(number, minute(0), "");
    album.members = members.iter().map(|member| id(*member)).collect();
    album.media = members.iter().map(|member| photo(*member, "a")).collect();
    album
}

fn photo(number: u32, file: &str) -> Media {
    Media {
        file: Address::parse(&format!("https://cdn.example/{file}.jpg")),
        photo_id: None,
        ..sample::media(number, MediaKind::Photo)
    }
}

fn edited(number: u32, text: &str) -> Page {
    let mut edited = posts([number]);
    edited[0].text = RichText::from_plain(text);
    page(edited)
}

#[test]
fn first_page_keeps_publication_dates() {
    let mut channel = Channel7::new();
    let merged = channel.read(100, &page(posts([3, 5, 8])));
    assert_eq!((merged.shown(), merged.put()), (vec![8, 5, 3], vec![3, 5, 8]));
    assert_eq!(merged.post(8).updated, minute(8), "its own date, not the time of the fetch");
    assert!(merged.has_new && !merged.has_changed);
}

#[test]
fn new_posts_are_prepended_and_older_ones_stay() {
    let mut channel = Channel7::new();
    channel.read(10, &page(posts([1, 2, 3])));
    let merged = channel.read(20, &page(posts([2, 3, 4, 6])));
    assert_eq!((merged.shown(), merged.put()), (vec![6, 4, 3, 2, 1], vec![4, 6]));
}

#[test]
fn unchanged_page_writes_nothing() {
    let mut channel = Channel7::new();
    channel.read(10, &page(posts([1, 2, 3])));
    assert!(channel.read(20, &page(posts([1, 2, 3]))).is_still());
}

#[test]
fn edit_keeps_item_with_new_date_and_former_version() {
    let mut channel = Channel7::new();
    channel.read(10, &page(posts([1])));
    let merged = channel.read(60, &edited(1, "post 1, with more to say"));
    assert_eq!(merged.post(1).identity.message, id(1));
    assert_eq!(merged.post(1).updated, minute(60));
    assert!(merged.has_changed && !merged.has_new);
    assert_eq!((merged.put(), merged.former.len()), (vec![1], 1));
    assert_eq!(merged.former[0].post.text.plain(crate::text::Spoilers::Show), "post 1");
}

/// Conformance: 3.4
#[test]
fn changed_texts_of_polls_invoices_and_games_are_edits() {
    type Change = fn(&mut Post);
    let changes: [(Change, Change); 3] = [
        (
            |post| post.poll = Some(sample::poll()),
            |post| post.poll.as_mut().unwrap().options[0].text.push_str(" (new)"),
        ),
        (
            |post| {
                post.invoice = Some(Invoice {
                    title: "Green tea".to_owned(),
                    description: RichText::default(),
                    total: Some("€7.00".to_owned()),
                    picture: None,
                });
            },
            |post| post.invoice.as_mut().unwrap().total = Some("€8.00".to_owned()),
        ),
        (
            |post| {
                let (title, description) = ("Tea race".to_owned(), RichText::default());
                post.game = Some(Game { title, description, picture: None });
            },
            |post| post.game.as_mut().unwrap().description = RichText::from_plain("Now faster"),
        ),
    ];
    for (before, change) in changes {
        let mut channel = Channel7::new();
        let mut post = posts([1]).remove(0);
        before(&mut post);
        channel.read(10, &page(vec![post.clone()]));
        change(&mut post);
        let merged = channel.read(60, &page(vec![post]));
        assert_eq!((merged.post(1).updated, merged.former.len()), (minute(60), 1));
    }
}

#[test]
fn edit_within_15_minutes_keeps_updated_date() {
    let mut channel = Channel7::new();
    channel.read(2, &page(posts([1])));
    let merged = channel.read(16, &edited(1, "post one"));
    let post = merged.post(1);
    assert_eq!(post.updated, minute(1), "published at minute 1, mended 15 minutes later");
    assert!(merged.has_changed, "but what is served did change");
    assert_eq!(post.post.text.plain(crate::text::Spoilers::Show), "post one");
    assert_eq!((merged.put(), merged.former.len()), (vec![1], 0));
}

#[test]
fn newer_parser_rewrites_posts_without_marking_edits() {
    let mut channel = Channel7::new();
    channel.read(10, &page(posts([1, 2])));
    channel.parser = 2;
    let mut again = posts([1, 2]);
    again[0].text = RichText::from_plain("post 1, better read");
    let merged = channel.read(600, &page(again));
    assert_eq!(merged.post(1).updated, minute(1));
    assert_eq!(merged.post(1).post.text.plain(crate::text::Spoilers::Show), "post 1, better read");
    assert!(merged.has_changed && merged.former.is_empty());
    assert_eq!(merged.put(), [1, 2], "both are known to have been read by the new one");
    let merged = channel.read(700, &edited(1, "post 1, edited"));
    assert_eq!(merged.post(1).updated, minute(700), "from then on an edit is one again");
}

#[test]
fn new_counters_and_file_urls_are_not_edits() {
    let mut channel = Channel7::new();
    let mut before = posts([1]);
    before[0].media.push(photo(1, "today"));
    channel.read(10, &page(before));
    let mut after = posts([1]);
    after[0].media.push(photo(1, "tomorrow"));
    after[0].views = Some("12.3K".to_owned());
    let merged = channel.read(600, &page(after));
    assert!(merged.is_still());
    assert_eq!(merged.post(1).updated, minute(1));
    let file = merged.post(1).post.media[0].file.as_ref().unwrap();
    assert_eq!(
        file.as_str(),
        "https://cdn.example/tomorrow.jpg",
        "the present address is known all the same"
    );
}

#[test]
fn button_counters_are_not_edits() {
    let button = |text: &str, address: Option<&str>| Button {
        text: text.to_owned(),
        address: address.map(|address| Address::parse(address).unwrap()),
    };
    let with = |likes: &str, comments: &str| {
        let mut post = posts([1]);
        post[0].buttons = vec![
            vec![button(likes, None)],
            vec![button(comments, Some("https://comments.example/1"))],
        ];
        page(post)
    };
    let mut channel = Channel7::new();
    channel.read(10, &with("👍 4.8K", "Comments (12)"));
    for (at, likes, comments) in [
        (12, "👍 4.9K", "Comments (13)"),
        (60, "👍 5K", "Comments (1,024)"),
        (120, "👎", "Comments (2K)"),
    ] {
        let page = with(likes, comments);
        let merged = channel.read(at, &page);
        assert!(merged.is_still(), "{likes} {comments}");
        assert_eq!(merged.post(1).updated, minute(1));
        assert_eq!(merged.post(1).post.buttons[0][0].text, likes, "the present count is known");
    }
    let mut channel = Channel7::new();
    channel.read(10, &with("👍 1", "Comments (12)"));
    let mut without = posts([1]);
    without[0].buttons = with("", "Comments (13)").posts[0].buttons[1..].to_vec();
    assert!(channel.read(60, &page(without)).is_still(), "the row is gone with its button");
    let renamed = channel.read(120, &with("👍 1", "Discussion (13)"));
    assert!(renamed.has_changed, "another label is a change of what is shown");
    assert_eq!(renamed.post(1).updated, minute(1), "but no edit of the text");
}

#[test]
fn late_link_preview_is_not_an_edit() {
    let mut after = posts([1]);
    after[0].link_preview = Some(crate::model::LinkPreview {
        address: Address::parse("https://tea.example/").unwrap(),
        site_name: Some("Tea".to_owned()),
        title: None,
        description: RichText::default(),
        picture: None,
        video: None,
    });
    let mut channel = Channel7::new();
    channel.read(10, &page(posts([1])));
    let early = channel.read(12, &page(after.clone()));
    assert!(early.post(1).post.link_preview.is_some(), "it is part of a young post");
    assert!(early.has_changed && early.post(1).updated == minute(1));
    let mut channel = Channel7::new();
    channel.read(10, &page(posts([1])));
    let late = channel.read(600, &page(after.clone()));
    assert!(late.is_still() && late.post(1).post.link_preview.is_none());
    after[0].text = RichText::from_plain("post 1, edited");
    let merged = channel.read(700, &page(after));
    assert!(merged.post(1).post.link_preview.is_some());
    assert_eq!(merged.post(1).updated, minute(700));
}

/// Conformance: 6.4
#[test]
fn voice_note_length_is_stored_once() {
    let mut tea = Channel7::new();
    let voice = |address: &str, length| {
        let mut spoken = post(2, minute(0), "");
        let media = Media { kind: MediaKind::Voice, photo_id: None, ..photo(2, address) };
        spoken.media = vec![Media { length, ..media }];
        page(vec![post(1, minute(0), "words"), spoken])
    };
    let length = |tea: &Channel7| tea.merged.post(2).post.media[0].length;
    tea.read(60, &voice("a", None));
    assert_eq!(length(&tea), None);
    let measured = tea.read(120, &voice("b", Some(4_711)));
    assert!(measured.has_changed && measured.former.is_empty(), "the item gains its enclosure");
    assert_eq!((measured.put(), measured.post(2).updated), (vec![2], minute(0)), "it is no edit");
    for (at, bytes) in [(180, None), (240, Some(9)), (300, None)] {
        assert!(tea.read(at, &voice("c", bytes)).is_still(), "it is requested once");
        assert_eq!(length(&tea), Some(4_711));
    }
}

#[test]
fn spoiler_in_quotation_stays_hidden_after_merge() {
    let original = |hidden: bool| {
        let mut builder = Builder::new();
        if hidden {
            builder.open(Span::Style(Style::Spoiler));
        }
        builder.text("the gardener");
        builder.finish()
    };
    let answer = |text: RichText| {
        let mut answer = post(2, minute(0), "really?");
        answer.reply = Some(Reply { author: None, text, is_media: false, address: None });
        page(vec![answer])
    };
    let mut channel = Channel7::new();
    channel.read(10, &answer(original(false)));
    assert!(channel.read(60, &answer(original(true))).has_changed, "the original is known now");
    assert!(channel.read(120, &answer(original(false))).is_still(), "and not known any more");
    channel.parser += 1;
    channel.read(180, &answer(original(false)));
    assert_eq!(channel.merged.post(2).post.reply.as_ref().unwrap().text, original(true));
    let other = answer(RichText::from_plain("the butler"));
    assert!(channel.read(240, &other).has_changed, "other words are shown");
    assert_eq!(channel.merged.post(2).updated, minute(0), "what is quoted is not the author's");
}

/// Conformance: 11.6
#[test]
fn album_keeps_identity_of_any_former_member() {
    let mut channel = Channel7::new();
    channel.read(10, &page(vec![album(5, &[5, 6])]));
    let merged = channel.read(20, &page(vec![album(4, &[4, 5, 6, 7])]));
    assert_eq!(merged.shown(), [4]);
    assert_eq!(merged.post(4).identity.message, id(5), "first seen as 5");
    let merged = channel.read(30, &page(vec![album(6, &[6, 7])]));
    assert_eq!(merged.post(6).identity.message, id(5), "5 itself was deleted");
}

#[test]
fn album_parts_seen_separately_become_one_item() {
    let mut channel = Channel7::new();
    channel.read(10, &page(vec![album(5, &[5]), album(6, &[6])]));
    let merged = channel.read(20, &page(vec![album(5, &[5, 6])]));
    assert_eq!((merged.shown(), merged.put()), (vec![5], vec![5, 6]));
    assert!(merged.rows.iter().any(|row| row.kept.post.id == id(6) && row.deleted.is_some()));
    let merged = channel.read(30, &page(vec![album(5, &[5, 6])]));
    assert_eq!(merged.shown(), [5], "the part that is gone takes nothing back");
    assert!(merged.is_still());
}

#[test]
fn published_ids_stay_if_name_becomes_shared() {
    let mut channel = Channel7::new();
    channel.read(10, &page(posts([1, 2])));
    channel.number = Some(777);
    let mut later = posts([1, 2, 3]);
    later[1].text = RichText::from_plain("post 2, edited");
    let merged = channel.read(60, &page(later));
    let number = |message| merged.post(message).identity.number;
    assert_eq!((number(1), number(2), number(3)), (None, None, Some(777)));
    channel.number = None;
    let merged = channel.read(90, &page(posts([1, 2, 3])));
    assert_eq!(merged.post(3).identity.number, Some(777), "it is fixed");
}

/// Conformance: 11.7
#[test]
fn deletion_is_accepted_after_two_complete_pages() {
    let mut channel = Channel7::new();
    channel.read(10, &page(posts([1, 2, 3, 4])));
    let merged = channel.read(20, &page(posts([1, 2, 4])));
    assert_eq!((merged.shown(), merged.put()), (vec![4, 3, 2, 1], vec![3]), "seen once");
    assert!(!merged.has_changed);
    let merged = channel.read(24, &page(posts([1, 2, 4])));
    assert_eq!(merged.shown(), [4, 3, 2, 1], "too soon after");
    let merged = channel.read(25, &page(posts([1, 2, 4])));
    assert_eq!((merged.shown(), merged.put()), (vec![4, 2, 1], vec![3]));
    assert!(merged.has_changed, "what is served did change");
    assert!(channel.read(60, &page(posts([1, 2, 4]))).is_still());
}

#[test]
fn restored_post_keeps_its_identity() {
    let mut channel = Channel7::new();
    channel.read(10, &page(vec![album(5, &[5, 6]), album(9, &[9])]));
    channel.read(20, &page(vec![album(9, &[9])]));
    assert_eq!(channel.read(30, &page(vec![album(9, &[9])])).shown(), [9, 5], "below the page");
    let whole = || page(vec![album(2, &[2]), album(9, &[9])]);
    channel.read(40, &whole());
    assert_eq!(channel.read(50, &whole()).shown(), [9, 2]);
    let merged = channel.read(60, &page(vec![album(6, &[6]), album(9, &[9])]));
    assert_eq!(merged.shown(), [9, 6, 2]);
    assert_eq!(merged.post(6).identity.message, id(5));
    assert!(merged.has_changed && !merged.has_new);
}

#[test]
fn post_missing_from_one_page_is_not_deleted() {
    let mut channel = Channel7::new();
    channel.read(10, &page(posts([1, 2, 3, 4])));
    channel.read(20, &page(posts([1, 2, 4])));
    channel.read(30, &page(posts([1, 2, 3, 4])));
    assert_eq!(channel.read(40, &page(posts([1, 2, 4]))).shown(), [4, 3, 2, 1]);
}

/// Changes a page so that it proves nothing.
type Spoil = fn(Page) -> Page;

#[test]
fn incomplete_pages_delete_nothing() {
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
        channel.read(10, &page(posts([1, 2, 3, 4])));
        for at in [20, 30, 40] {
            let merged = channel.read(at, &spoil(page(posts([1, 2, 4]))));
            assert_eq!(merged.shown(), [4, 3, 2, 1], "{name}, minute {at}");
            assert!(merged.is_still(), "{name}, minute {at}");
        }
    }
}

#[test]
fn deleted_newest_post_is_noticed() {
    let mut channel = Channel7::new();
    channel.read(10, &page(posts([1, 2, 3])));
    channel.read(20, &page(posts([1, 2])));
    assert_eq!(channel.read(30, &page(posts([1, 2]))).shown(), [2, 1]);
}

#[test]
fn posts_outside_page_range_are_not_deleted() {
    let mut channel = Channel7::new();
    channel.read(10, &page(posts([1, 2, 3, 4])));
    channel.read(20, &page(posts([3, 4, 5])));
    assert_eq!(channel.read(30, &page(posts([3, 4, 5]))).shown(), [5, 4, 3, 2, 1]);
    channel.read_up_to(40, &page(posts([1, 3])), id(3));
    assert_eq!(channel.read_up_to(50, &page(posts([1, 3])), id(3)).shown(), [5, 4, 3, 1]);
}

#[test]
fn same_channel_is_decided_by_name_and_number() {
    let named = |name: &str, number: Option<i64>| Channel { numeric_id: number, ..channel(name) };
    for (known, page, is_same) in [
        (named("tearoad", Some(7)), named("teastreet", Some(7)), true),
        (named("tearoad", Some(7)), named("tearoad", Some(8)), false),
        (named("tearoad", Some(7)), named("tearoad", None), true),
        (named("tearoad", None), named("teastreet", Some(7)), false),
    ] {
        assert_eq!(
            is_same_channel(&known, &page.name, page.numeric_id),
            is_same,
            "{known:?} {page:?}"
        );
    }
}
