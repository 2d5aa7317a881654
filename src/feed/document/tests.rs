use std::sync::Arc;

use super::*;
use crate::feed::{Candidates, sample, select, write};
use crate::model::{ChannelSet, FeedDefaults, Language, Person, Snapshot};

fn feed(snapshot: &Snapshot, query: &str) -> Feed {
    let options = FeedOptions::parse(query, &FeedOptions::default()).unwrap();
    let source = Source::channel(snapshot.channel.name.clone());
    let candidates = [Candidates::of(snapshot, Language::English)];
    let request = Request {
        source: &source,
        channel: Some(&snapshot.channel),
        options: &options,
        links: &sample::links(),
        updated: snapshot.updated,
        ttl: Duration::from_secs(1799),
    };
    Feed::build(&request, &select(&source, &candidates, &options, &FeedDefaults::default()))
}

fn snapshot(posts: Vec<Post>) -> Snapshot {
    sample::snapshot(posts.into_iter().map(sample::stored).collect())
}

/// Conformance: 11.10
#[test]
fn feed_has_title_description_icon_and_addresses() {
    let mut snapshot = snapshot(vec![
        sample::text(9, "The harbour is open again and the ships are coming in slowly"),
        sample::text(8, "Words"),
    ]);
    let feed_of = |snapshot: &Snapshot, query| feed(snapshot, query);
    let feed = feed_of(&snapshot, "limit=1");
    assert_eq!(feed.id, "https://t.me/s/TeaRoad");
    assert_eq!(feed.title, "The Tea Road");
    assert_eq!(feed.description.as_deref(), Some("Tea, harbours\nand slow trains"));
    assert_eq!(feed.home, "https://t.me/TeaRoad");
    assert_eq!(feed.icon.as_deref(), Some("https://feeds.example/TeaRoad/avatar.jpg"));
    assert_eq!(feed.language, Some("en"));
    assert_eq!((feed.updated, feed.minutes), (sample::time(99), 29));
    let addresses = feed.addresses.unwrap();
    let own = of(&addresses.own, Format::Atom);
    assert_eq!(own, "https://feeds.example/TeaRoad/atom.xml?limit=1");
    assert_eq!(addresses.first, None);
    let next = addresses.next.unwrap();
    assert_eq!(of(&next, Format::Json), "https://feeds.example/TeaRoad/feed.json?limit=1&before=9");

    let page = feed_of(&snapshot, "before=9&tag=x&q=a%20b&link=page");
    assert_eq!(page.title, "The Tea Road #x “a b”");
    assert_eq!(page.home, "https://feeds.example/TeaRoad?q=a%20b&tag=x&link=page");
    assert_eq!(page.id, "https://t.me/s/TeaRoad?q=a%20b&tag=x&link=page");
    let first = page.addresses.unwrap().first.unwrap();
    assert_eq!(
        of(&first, Format::Rss),
        "https://feeds.example/TeaRoad/rss.xml?q=a%20b&tag=x&link=page"
    );

    snapshot.channel.avatar = None;
    snapshot.channel.title = " \n".into();
    let bare = feed_of(&snapshot, "");
    assert_eq!((bare.title.as_str(), bare.icon), ("TeaRoad", None));
}

#[test]
fn feed_in_unsupported_language_has_no_language() {
    let arabic =
        snapshot(vec![sample::text(1, "اليوم أعددنا شايًا جديدًا وقارناه بشاي عمره عشر سنوات")]);
    assert_eq!(feed(&arabic, "").language, None);
    assert_eq!(feed(&snapshot(vec![]), "").language, None);
}

#[test]
fn item_has_fields_of_its_post() {
    let mut post = sample::text(9, "Words #Tea #чай #tea");
    post.signature = Some(" Anna\nSamovar ".into());
    post.media = vec![sample::media(9, MediaKind::Voice)];
    post.media[0].duration = Some(Duration::from_secs(42));
    post.media[0].length = Some(4_711);
    let feed = feed(&snapshot(vec![post]), "");
    let item = &feed.items[0];
    assert_eq!((&*item.id, &*item.link), ("https://t.me/TeaRoad/9", "https://t.me/TeaRoad/9"));
    assert_eq!(item.title, "Words #Tea #чай #tea");
    assert_eq!((item.published, item.updated), (sample::time(9), sample::time(9)));
    assert_eq!(item.author.name, "Anna Samovar");
    assert_eq!(item.categories, ["Tea", "чай"]);
    let attachment = item.attachment.as_ref().unwrap();
    assert_eq!(attachment.url, "https://feeds.example/TeaRoad/9.ogg");
    let Attachment { media_type, length, seconds, .. } = *attachment;
    assert_eq!((media_type, length, seconds), ("audio/ogg", 4_711, Some(42)));
    assert!(item.html.contains(&attachment.url));
}

/// Conformance: 6.4
#[test]
fn voice_note_is_enclosure_only_if_length_is_known() {
    let mut post = sample::text(9, "");
    post.media = vec![sample::media(9, MediaKind::Voice)];
    post.media[0].duration = Some(Duration::from_secs(42));
    for length in [None, Some(0)] {
        post.media[0].length = length;
        let feed = feed(&snapshot(vec![post.clone()]), "");
        for format in Format::ALL {
            let written = String::from_utf8(write(&feed, format)).unwrap();
            for part in ["enclosure", "attachments", "itunes"] {
                assert!(!written.contains(part), "{length:?}: {written}");
            }
            assert!(written.contains("/TeaRoad/9.ogg"), "it can be heard all the same");
        }
    }
    post.media[0].length = Some(4_711);
    let feed = feed(&snapshot(vec![post]), "");
    let written = |format| String::from_utf8(write(&feed, format)).unwrap();
    let rss = written(Format::Rss);
    let enclosure = "<enclosure url=\"https://feeds.example/TeaRoad/9.ogg\" length=\"4711\" type=\"audio/ogg\"/>";
    assert!(
        rss.contains(enclosure) && rss.contains("<itunes:duration>42</itunes:duration>"),
        "{rss}"
    );
    assert!(rss.contains(" xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\""), "{rss}");
    let atom = written(Format::Atom);
    assert!(atom.contains("rel=\"enclosure\"") && atom.contains("length=\"4711\""), "{atom}");
    let json = written(Format::Json);
    assert!(json.contains("\"size_in_bytes\":4711,\"duration_in_seconds\":42"), "{json}");
}

#[test]
fn item_author_is_sender_signature_or_channel() {
    let plain = sample::text(1, "Words");
    let mut sent = sample::text(2, "Words");
    sent.signature = Some("Signature".into());
    sent.sender = Some(Person { name: "Sender".into(), address: None });
    let mut blank = sample::text(3, "Words");
    blank.signature = Some("\u{0} ".into());
    let authors: Vec<String> = feed(&snapshot(vec![blank, sent, plain]), "")
        .items
        .into_iter()
        .map(|item| item.author.name)
        .collect();
    assert_eq!(authors, ["The Tea Road", "Sender", "The Tea Road"]);
}

/// Conformance: 2.5
#[test]
fn item_id_survives_renamed_channel_and_changed_album() {
    let stored = sample::stored(sample::album(10, &[10, 11]));
    let mut later = Arc::unwrap_or_clone(stored);
    later.identity.channel = crate::model::ChannelName::parse("OldName").unwrap();
    later.identity.message = sample::id(9);
    later.updated = sample::time(10) - chrono::TimeDelta::days(1);
    let feed = feed(&sample::snapshot(vec![Arc::new(later)]), "");
    let item = &feed.items[0];
    assert_eq!((&*item.id, &*item.link), ("https://t.me/OldName/9", "https://t.me/TeaRoad/10"));
    assert_eq!(item.updated, item.published, "nothing is changed before it is published");
    let rss = String::from_utf8(write(&feed, Format::Rss)).unwrap();
    assert!(rss.contains("<guid isPermaLink=\"false\">https://t.me/OldName/9</guid>"), "{rss}");
}

#[test]
fn late_link_preview_changes_content_but_not_date() {
    let bare = sample::text(9, "Words");
    let mut later = bare.clone();
    later.link_preview = Some(crate::model::LinkPreview {
        address: crate::text::Address::parse("https://tea.example/").unwrap(),
        site_name: None,
        title: Some("Tea".into()),
        description: crate::text::RichText::default(),
        picture: None,
        video: None,
    });
    let (before, after) = (feed(&snapshot(vec![bare]), ""), feed(&snapshot(vec![later]), ""));
    assert_ne!(before.items[0].html, after.items[0].html);
    assert_eq!(before.items[0].updated, after.items[0].updated);
    assert_eq!(before.items[0].title, after.items[0].title);
    assert_eq!(before.updated, after.updated);
}

/// Conformance: 11.8
#[test]
fn feed_without_limit_is_cut_at_size_limit() {
    // Every character has to be escaped, so that each format is as large as possible.
    let large = "<&\"'> ".repeat(4000);
    let posts = (1..=40).rev().map(|id| sample::text(id, &large)).collect();
    let snapshot = snapshot(posts);
    let small = feed(&snapshot, "");
    assert!((2..40).contains(&small.items.len()), "{}", small.items.len());
    for format in Format::ALL {
        let size = write(&small, format).len();
        assert!(size <= MAX_FEED_BYTES, "{format:?}: {size}");
    }
    let oldest = small.items.last().unwrap().id.rsplit('/').next().unwrap().to_owned();
    assert_eq!(small.items[0].id, "https://t.me/TeaRoad/40");
    let next = small.addresses.unwrap().next.unwrap();
    assert!(of(&next, Format::Rss).ends_with(&format!("?before={oldest}")));
    assert_eq!(feed(&snapshot, "limit=40").items.len(), 40);
    let huge = "<".repeat(300_000);
    let single = self::snapshot(vec![sample::text(2, &huge), sample::text(1, "Words")]);
    assert_eq!(feed(&single, "").items.len(), 1, "the newest post is always there");
}

/// Conformance: 3.8
#[test]
fn title_none_keeps_titles_in_atom_only() {
    let feed = feed(&snapshot(vec![sample::text(9, "Words")]), "title=none");
    let written = Format::ALL.map(|format| String::from_utf8(write(&feed, format)).unwrap());
    let [rss, atom, json] = &written;
    let item = &rss[rss.find("<item>").unwrap()..];
    assert!(!item.contains("<title>"), "{item}");
    assert!(atom.contains("<title>Words</title>"), "{atom}");
    let json: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(json["items"][0].get("title"), None);
}

/// Two channels, one of them Russian, with alternating posts.
fn scene() -> [Candidates; 2] {
    let mut tea = sample::snapshot(Vec::new());
    tea.reaches_start = true;
    let mut sea = tea.clone();
    sea.channel.name = ChannelName::parse("morye").unwrap();
    sea.channel.title = "Море & чайки".to_owned();
    sea.channel.avatar = None;
    let mut scene =
        [Candidates::of(&tea, Language::English), Candidates::of(&sea, Language::Russian)];
    for number in (1..=6).rev() {
        let mut post = sample::text(number, &format!("Post {number}"));
        if number % 2 == 1 {
            post.channel = sea.channel.name.clone();
            post.signature = Some("Мария".to_owned());
        }
        scene[usize::from(number % 2 == 1)].posts.push(sample::stored(post));
    }
    scene
}

/// The same scene with other texts.
fn reworded(mut scene: [Candidates; 2], words: &str) -> [Candidates; 2] {
    for stored in scene.iter_mut().flat_map(|candidates| &mut candidates.posts) {
        let text = sample::rich(words);
        *stored = sample::stored(Post { text, ..stored.post.clone() });
    }
    scene
}

fn merged(scene: &[Candidates], query: &str) -> Feed {
    let source = Source::Channels(ChannelSet::parse("tearoad+morye").unwrap());
    let options = source.options(query, &FeedOptions::default()).unwrap();
    let request = Request {
        source: &source,
        channel: None,
        options: &options,
        links: &sample::links(),
        updated: sample::time(99),
        ttl: Duration::from_secs(900),
    };
    Feed::build(&request, &select(&source, scene, &options, &FeedDefaults::default()))
}

#[test]
fn merged_item_names_its_channel_and_links_to_its_post() {
    let feed = merged(&scene(), "tag=&q=post");
    assert_eq!(feed.title, "morye + tearoad “post”");
    assert_eq!((feed.author, feed.icon, feed.language, feed.minutes), (None, None, None, 15));
    let of = |item: &Item| {
        let source = item.source.clone().unwrap();
        (
            item.id.clone(),
            item.author.name.clone(),
            source.channel.name,
            source.addresses[0].clone(),
        )
    };
    let items: Vec<_> = feed.items.iter().map(of).collect();
    let rss = |name| format!("https://feeds.example/{name}/rss.xml");
    assert_eq!(
        items[..2],
        [
            (
                "https://t.me/TeaRoad/6".to_owned(),
                "The Tea Road".to_owned(),
                "The Tea Road".to_owned(),
                rss("TeaRoad")
            ),
            (
                "https://t.me/morye/5".to_owned(),
                "Мария".to_owned(),
                "Море & чайки".to_owned(),
                rss("morye")
            ),
        ]
    );
}

#[test]
fn merged_feed_has_language_if_all_items_share_it() {
    let words = "The harbour is open again and the ships are coming in slowly";
    let scene = reworded(scene(), words);
    assert_eq!(merged(&scene, "").language, None, "our own words in it are of two languages");
    assert_eq!(merged(&scene[..1], "").language, Some("en"));
}

#[test]
fn merged_formats_write_item_source() {
    let feed = merged(&scene(), "");
    let text = |format| String::from_utf8(write(&feed, format)).unwrap();
    let rss = text(Format::Rss);
    let source = "<source url=\"https://feeds.example/morye/rss.xml\">Море &amp; чайки</source>";
    assert_eq!(rss.matches(source).count(), 3, "{rss}");
    let atom = text(Format::Atom);
    assert_eq!(atom.matches("<source>").count(), 6, "{atom}");
    assert_eq!(atom.matches("<id>https://t.me/s/morye</id>").count(), 3, "{atom}");
    let json: serde_json::Value = serde_json::from_str(&text(Format::Json)).unwrap();
    assert_eq!(json.get("authors"), None);
    let names = |item: usize| {
        let authors = json["items"][item]["authors"].as_array().unwrap();
        authors.iter().map(|author| author["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        (names(0), names(1)),
        (vec!["The Tea Road".into()], vec!["Мария".into(), "Море & чайки".into()])
    );
}

#[test]
fn merged_feed_cut_by_size_continues_on_next_page() {
    let scene = reworded(scene(), &"<".repeat(30_000));
    let cut = merged(&scene, "");
    assert_eq!(cut.items.len(), 2);
    let next = "https://feeds.example/morye+tearoad/rss.xml?before=morye.5,tearoad.6";
    assert_eq!(cut.addresses.unwrap().next.unwrap()[0], next);
    assert_eq!(merged(&scene, "limit=100").items.len(), 6, "an explicit limit holds");
}
