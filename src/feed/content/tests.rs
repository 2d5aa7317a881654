use std::time::Duration;

use super::*;
use crate::feed::sample;
use crate::model::{
    Button, Contact, Coordinates, Document, DocumentKind, Forward, Invoice, LinkPreview, Location,
    MediaKind, Outline, Person, PollOption, PreviewPicture, Ratio, Reaction, ReactionKind, Reply,
    Venue,
};
use crate::text::{Address, Builder, RichText, Span, Style};

fn html(post: &Post, query: &str) -> String {
    at(Place::Feed, post, query)
}

fn at(place: Place, post: &Post, query: &str) -> String {
    let options = FeedOptions::parse(query, &FeedOptions::default()).unwrap();
    let links = sample::links();
    write(post, &Context::new(place, &links, Language::English, &options))
}

fn thumbnail_of(post: &Post, query: &str) -> Option<String> {
    let options = FeedOptions::parse(query, &FeedOptions::default()).unwrap();
    let links = sample::links();
    thumbnail(post, &Context::new(Place::Feed, &links, Language::English, &options))
}

fn address(text: &str) -> Option<Address> {
    Some(Address::parse(text).unwrap())
}

fn with_media(kinds: &[MediaKind]) -> Post {
    let mut post = sample::text(7, "");
    post.media = kinds.iter().zip(7..).map(|(kind, id)| sample::media(id, *kind)).collect();
    post
}

fn document(number: u32, kind: DocumentKind, title: &str, extra: &str, caption: &str) -> Document {
    Document {
        message: sample::id(number),
        kind,
        title: title.to_owned(),
        extra: Some(extra.to_owned()),
        thumbnail: None,
        caption: sample::rich(caption),
    }
}

fn preview() -> LinkPreview {
    LinkPreview {
        address: Address::parse("https://tea.example/green").unwrap(),
        site_name: Some("Tea & Co".into()),
        title: Some("Green <tea>".into()),
        description: RichText::from_plain("All about it"),
        picture: Some(PreviewPicture {
            file: Address::parse("https://cdn1.telesco.pe/file/preview").unwrap(),
            large: true,
            ratio: Ratio::new(2.0),
        }),
        video: None,
    }
}

/// A post with every part.
fn everything() -> Post {
    let mut post = sample::album(7, &[7, 8]);
    post.text = sample::rich("The text #tea");
    post.forward = Some(Forward {
        name: "Slow Trains".into(),
        address: address("https://t.me/slowtrains/5"),
        author: Some("Conductor".into()),
    });
    post.via_bot = Some(Person { name: "@teabot".into(), address: address("https://t.me/teabot") });
    post.reply = Some(Reply {
        author: Some("Anna".into()),
        text: RichText::from_plain("The question"),
        is_media: false,
        address: address("https://t.me/TeaRoad/3"),
    });
    post.documents = vec![document(9, DocumentKind::File, "tea.pdf", "689 KB", "The caption")];
    post.location = Some(Location {
        coordinates: Some(Coordinates { latitude: "59.9".into(), longitude: "30.3".into() }),
        link: None,
        venue: Some(Venue { title: "Tea house".into(), address: Some("Harbour street".into()) }),
    });
    post.contact = Some(Contact { name: "Anna Samovar".into(), phone: "+7 900 000".into() });
    post.poll = Some(sample::poll());
    post.link_preview = Some(preview());
    post.buttons = vec![vec![
        Button { text: "Shop".into(), address: address("https://shop.example/") },
        Button { text: "Vote".into(), address: None },
    ]];
    post.unsupported = Some("Please open Telegram to view this post".into());
    post.views = Some("12.4K".into());
    post.reactions = vec![
        Reaction { kind: ReactionKind::Emoji("👍".into()), count: "55.2K".into() },
        Reaction { kind: ReactionKind::Custom(5), count: "7".into() },
        Reaction { kind: ReactionKind::Paid, count: "3".into() },
    ];
    post
}

#[test]
fn content_parts_have_fixed_order() {
    let html = html(&everything(), "stats=1");
    let mut rest = &*html;
    for part in [
        "<p>Forwarded from <a href=\"https://t.me/slowtrains/5\">Slow Trains</a> (Conductor), \
         via <a href=\"https://t.me/teabot\">@teabot</a></p>",
        "<blockquote><p><a href=\"https://t.me/TeaRoad/3\">In reply to Anna</a></p>\
         <p dir=\"auto\">The question</p></blockquote>",
        "<p dir=\"auto\">The text <a href=\"https://feeds.example/TeaRoad?tag=tea\">#tea</a></p>",
        "<p><img src=\"https://feeds.example/TeaRoad/7.jpg\" alt=\"Photo, 1 of 2\" width=\"600\" height=\"400\"></p>",
        "<p><img src=\"https://feeds.example/TeaRoad/8.jpg\" alt=\"Photo, 2 of 2\"",
        "<p>📎 <a href=\"https://t.me/TeaRoad/9\">tea.pdf (689 KB)</a></p><p dir=\"auto\">The caption</p>",
        "📍 <a href=\"https://www.openstreetmap.org/?mlat=59.9&amp;mlon=30.3#map=15/59.9/30.3\">Tea house</a>\
         <br>Harbour street</p>",
        "<p>👤 <b>Anna Samovar</b><br>+7 900 000</p>",
        "<p dir=\"auto\"><b>Which tea in the morning?</b></p><ul><li dir=\"auto\">Green – 70%</li>\
         <li dir=\"auto\">Black – 30%</li></ul><p>Poll · <a href=\"https://t.me/TeaRoad/7\">Vote in Telegram</a></p>",
        "<blockquote><p dir=\"auto\">Tea &amp; Co<br><b><a href=\"https://tea.example/green\">Green &lt;tea&gt;</a></b></p>\
         <p dir=\"auto\">All about it</p><p><img src=\"https://feeds.example/TeaRoad/7-preview.jpg\" alt=\"\" \
         width=\"800\" height=\"400\"></p></blockquote>",
        "<p><a href=\"https://shop.example/\">Shop</a> · Vote</p>",
        "<p><a href=\"https://t.me/TeaRoad/7\">Telegram’s page does not show this",
        "<p>12.4K views · 👍 55.2K · 🔹 7 · ⭐ 3 · 746 votes</p>",
    ] {
        let at = rest.find(part).unwrap_or_else(|| panic!("{part}\nis not in the rest\n{rest}"));
        rest = &rest[at + part.len()..];
    }
}

/// Conformance: 10.5
#[test]
fn counters_and_new_urls_do_not_change_default_content() {
    let post = everything();
    let mut later = post.clone();
    later.views = Some("13K".into());
    later.reactions.pop();
    later.buttons[0][1].text = "👍 4.9K".into();
    later.buttons.push(vec![Button { text: "👎 3".into(), address: None }]);
    for media in &mut later.media {
        media.file = address("https://cdn4.telesco.pe/file/other");
    }
    if let Some(picture) = later.link_preview.as_mut().and_then(|preview| preview.picture.as_mut())
    {
        picture.file = Address::parse("https://cdn4.telesco.pe/file/other").unwrap();
    }
    if let Some(poll) = &mut later.poll {
        poll.options[0].percent = Some(71);
        poll.voters = Some("1.2K".into());
    }
    assert_eq!(html(&post, ""), html(&later, ""));
    assert_ne!(html(&post, "stats=1"), html(&later, "stats=1"));
}

#[test]
fn poll_result_is_shown_if_final_or_requested() {
    let mut post = sample::text(7, "");
    let mut poll = sample::poll();
    poll.is_quiz = true;
    poll.is_multiple = true;
    poll.options.push(PollOption { text: "None".into(), percent: None, correct: Some(true) });
    post.poll = Some(poll.clone());
    assert_eq!(
        html(&post, ""),
        "<p dir=\"auto\"><b>Which tea in the morning?</b></p><ul><li dir=\"auto\">Green</li>\
         <li dir=\"auto\">Black</li><li dir=\"auto\">None</li></ul>\
         <p>Quiz, several answers · <a href=\"https://t.me/TeaRoad/7\">Vote in Telegram</a></p>"
    );
    let with_stats = html(&post, "stats=1");
    assert!(
        with_stats.contains("Green – 70%") && with_stats.ends_with("<p>746 votes</p>"),
        "{with_stats}"
    );
    poll.is_closed = true;
    post.poll = Some(poll);
    assert_eq!(
        html(&post, ""),
        "<p dir=\"auto\"><b>Which tea in the morning?</b></p><ul><li dir=\"auto\">Green – 70%</li>\
         <li dir=\"auto\">Black – 30%</li><li dir=\"auto\">None ✓</li></ul>\
         <p>Quiz, several answers, final results, 746 votes</p>"
    );
    assert_eq!(html(&post, "").matches("746").count(), 1);
    assert_eq!(html(&post, "stats=1").matches("746").count(), 1, "a final result is shown once");
    let page = at(Place::Page, &post, "");
    let leading = "<li class=\"lead\"><bdi>Green</bdi> 70%<meter min=\"0\" max=\"100\" value=\"70\" aria-label=\"Green\"></meter></li>";
    assert!(page.contains(leading), "{page}");
    let about = "Quiz · several answers · final results · 746 votes · anonymous</p>";
    assert!(page.ends_with(about), "{page}");
}

/// Conformance: 10.3
#[test]
fn media_kinds_have_their_html_element() {
    use MediaKind::{AnimatedSticker, Gif, Photo, RoundVideo, Sticker, Video, VideoSticker, Voice};
    let size = "width=\"600\" height=\"400\"";
    for (kind, expected) in [
        (Photo, format!("<p><img src=\"https://feeds.example/TeaRoad/7.jpg\" alt=\"Photo\" {size}></p>")),
        (
            Video,
            format!(
                "<p><video controls=\"\" preload=\"none\" src=\"https://feeds.example/TeaRoad/7.mp4\" {size}></video>\
                 <br><a href=\"https://t.me/TeaRoad/7\">Video</a></p>"
            ),
        ),
        (
            Gif,
            format!(
                "<p><video controls=\"\" preload=\"none\" loop=\"\" muted=\"\" \
                 src=\"https://feeds.example/TeaRoad/7.mp4\" {size}></video>\
                 <br><a href=\"https://t.me/TeaRoad/7\">GIF</a></p>"
            ),
        ),
        (
            RoundVideo,
            "<p><video controls=\"\" preload=\"none\" src=\"https://feeds.example/TeaRoad/7.mp4\" width=\"320\" \
                 height=\"213\"></video><br><a href=\"https://t.me/TeaRoad/7\">Video message</a></p>"
                .to_owned(),
        ),
        (
            Voice,
            "<p><audio controls=\"\" preload=\"none\" src=\"https://feeds.example/TeaRoad/7.ogg\"></audio>\
             <br><a href=\"https://t.me/TeaRoad/7\">Voice message</a></p>"
                .to_owned(),
        ),
        (
            Sticker,
            "<p><img src=\"https://feeds.example/TeaRoad/7.webp\" alt=\"Sticker\" width=\"256\" height=\"170\"></p>"
                .to_owned(),
        ),
        (
            VideoSticker,
            "<p><video controls=\"\" preload=\"none\" loop=\"\" muted=\"\" \
             src=\"https://feeds.example/TeaRoad/7.webm\" width=\"256\" height=\"170\"></video>\
             <br><a href=\"https://t.me/TeaRoad/7\">Sticker</a></p>"
                .to_owned(),
        ),
        (AnimatedSticker, "<p><a href=\"https://t.me/TeaRoad/7\">Sticker</a></p>".to_owned()),
    ] {
        assert_eq!(html(&with_media(&[kind]), ""), expected);
    }
}

/// Conformance: 10.3
#[test]
fn video_has_poster_and_duration() {
    let mut post = with_media(&[MediaKind::Video]);
    post.media[0].poster = address("https://cdn1.telesco.pe/file/still");
    post.media[0].duration = Some(Duration::from_secs(725));
    let shown = html(&post, "");
    assert!(shown.contains(" poster=\"https://feeds.example/TeaRoad/7-poster.jpg\""), "{shown}");
    let fallback = "width=\"600\" height=\"400\"><a href=\"https://t.me/TeaRoad/7\"><img \
                    src=\"https://feeds.example/TeaRoad/7-poster.jpg\" alt=\"Video, 12:05\" width=\"600\" height=\"400\">\
                    </a></video><br><a href=\"https://t.me/TeaRoad/7\">Video, 12:05</a></p>";
    assert!(shown.ends_with(fallback), "{shown}");
    assert!(!at(Place::Page, &post, "").contains("<img"), "a browser would load it");
    post.media[0].too_big = true;
    let still = "<p><img src=\"https://feeds.example/TeaRoad/7-poster.jpg\" alt=\"Video, 12:05\" width=\"600\" \
                 height=\"400\"><br><a href=\"https://t.me/TeaRoad/7\">Video, 12:05: too big for Telegram’s page, \
                 open it in Telegram</a></p>";
    assert_eq!(html(&post, ""), still);
    post.media[0].poster = None;
    assert!(!html(&post, "").contains("<img"));
    post.media[0].too_big = false;
    post.media[0].file = None;
    assert_eq!(html(&post, ""), "<p><a href=\"https://t.me/TeaRoad/7\">Video, 12:05</a></p>");
}

/// Conformance: 10.3
#[test]
fn photo_has_both_dimensions_or_none() {
    let mut post = with_media(&[MediaKind::Photo]);
    post.media[0].width = Some(2560);
    assert!(html(&post, "").contains("width=\"800\" height=\"533\""));
    post.media[0].width = None;
    assert!(html(&post, "").contains("width=\"800\" height=\"533\""));
    post.media[0].ratio = None;
    assert!(!html(&post, "").contains("width"), "it may be small");
}

#[test]
fn stickers_and_round_videos_have_small_size() {
    use MediaKind::{AnimatedSticker, RoundVideo, Sticker, VideoSticker};
    let mut post = with_media(&[RoundVideo]);
    (post.media[0].width, post.media[0].ratio) = (None, Ratio::new(1.0));
    assert!(html(&post, "").contains(" width=\"320\" height=\"320\"></video>"));
    for kind in [Sticker, VideoSticker, AnimatedSticker] {
        for (width, ratio) in [(None, None), (Some(512), None), (None, Ratio::new(1.0))] {
            let mut post = with_media(&[kind]);
            (post.media[0].width, post.media[0].ratio) = (width, ratio);
            post.media[0].outline =
                Outline::from_svg("<svg viewBox=\"0 0 512 512\"><path d=\"M0 0z\"/></svg>");
            let height = ratio.map(|_| " height=\"256\"").unwrap_or_default();
            let shown = html(&post, "");
            assert!(shown.contains(&format!(" width=\"256\"{height}>")), "{kind:?}: {shown}");
        }
    }
    let mut card = sample::text(7, "Words");
    card.link_preview = Some(preview());
    let picture = &mut card.link_preview.as_mut().unwrap().picture;
    *picture =
        picture.take().map(|picture| PreviewPicture { large: false, ratio: None, ..picture });
    assert!(html(&card, "").contains("/7-preview.jpg\" alt=\"\" width=\"120\">"));
    let mut song = sample::text(7, "");
    song.documents = vec![document(9, DocumentKind::Music, "Song", "Band", "")];
    song.documents[0].thumbnail = address("https://cdn1.telesco.pe/file/cover");
    assert!(html(&song, "").contains("/9-poster.jpg\" alt=\"\" width=\"120\">"));
}

#[test]
fn content_references_each_file_once() {
    use MediaKind::{Gif, Photo, RoundVideo, Sticker, Video, VideoSticker, Voice};
    let mut post = with_media(&[Photo, Video, Gif, RoundVideo, Voice, Sticker, VideoSticker]);
    for media in &mut post.media {
        media.poster = address("https://cdn1.telesco.pe/file/still");
    }
    let shown = html(&post, "");
    let links = sample::links();
    for media in &post.media {
        let file = format!("\"{}\"", links.media(&post.channel, media, MediaMode::Proxy));
        assert_eq!(shown.matches(&file).count(), 1, "{file}");
    }
    for number in [8, 9, 10, 13] {
        let still = format!("\"https://feeds.example/TeaRoad/{number}-poster.jpg\"");
        assert_eq!(shown.matches(&still).count(), 2, "{still}: of the video, and in its place");
    }
}

#[test]
fn media_none_names_files_without_loading() {
    let mut post = everything();
    post.media.push(sample::media(10, MediaKind::Video));
    for query in ["media=none", "content=text"] {
        let shown = html(&post, query);
        let named = "<p><a href=\"https://t.me/TeaRoad/7\">[2 photos and a video]</a></p>";
        assert_eq!(shown.matches(named).count(), 1, "{query}: {shown}");
        for element in ["<img", "<video", "<audio", ".jpg", ".mp4"] {
            assert!(!shown.contains(element), "{query} has {element}");
        }
        assert!(shown.contains("tea.pdf (689 KB)") && shown.contains("The caption"));
        assert_eq!(thumbnail_of(&post, query), None);
    }
    assert!(html(&post, "media=none").contains("Green &lt;tea&gt;"));
    assert!(html(&post, "media=none").contains("shop.example"));
    assert!(!html(&post, "content=text").contains("Green &lt;tea&gt;"));
    assert!(!html(&post, "content=text").contains("shop.example"));
    let photo = with_media(&[MediaKind::Photo]);
    assert_eq!(
        html(&photo, "content=text"),
        "<p><a href=\"https://t.me/TeaRoad/7\">[Photo]</a></p>",
        "an item is never empty"
    );
}

#[test]
fn thumbnail_is_first_image_of_content() {
    use MediaKind::{AnimatedSticker, Photo, Sticker, Video, Voice};
    let base = "https://feeds.example/TeaRoad";
    let mut video = with_media(&[Video]);
    assert_eq!(thumbnail_of(&video, ""), None);
    video.media[0].poster = address("https://cdn1.telesco.pe/file/still");
    let mut song = sample::text(7, "");
    song.documents = vec![document(9, DocumentKind::Music, "Song", "Band", "")];
    song.documents[0].thumbnail = address("https://cdn1.telesco.pe/file/cover");
    let mut card = sample::text(7, "Words");
    card.link_preview = Some(preview());
    let mut offer = sample::text(7, "");
    offer.invoice = Some(Invoice {
        title: "Tea".into(),
        description: RichText::default(),
        total: Some("5 €".into()),
        picture: address("https://cdn1.telesco.pe/file/tea"),
    });
    for (post, expected) in [
        (with_media(&[Voice, Photo, Photo]), Some(format!("{base}/8.jpg"))),
        (video, Some(format!("{base}/7-poster.jpg"))),
        (with_media(&[Sticker]), Some(format!("{base}/7.webp"))),
        (with_media(&[AnimatedSticker]), None),
        (song, Some(format!("{base}/9-poster.jpg"))),
        (card, Some(format!("{base}/7-preview.jpg"))),
        (offer, Some(format!("{base}/7-preview.jpg"))),
        (sample::text(7, "Words"), None),
    ] {
        let thumbnail = thumbnail_of(&post, "");
        assert_eq!(thumbnail, expected);
        let shown = html(&post, "");
        assert!(thumbnail.is_none_or(|address| shown.contains(&address)), "{shown}");
    }
}

#[test]
fn spoilers_are_masked_in_feeds_and_revealable_on_pages() {
    let mut builder = Builder::new();
    builder.text("It was ");
    builder.open(Span::Style(Style::Spoiler));
    builder.text("the gardener");
    builder.close();
    builder.open(Span::Link(Address::parse("tg://resolve?domain=tea").unwrap()));
    builder.text(" app");
    builder.close();
    let mut post = sample::text(7, "");
    post.text = builder.finish();
    assert_eq!(
        html(&post, ""),
        "<p dir=\"auto\">It was <a href=\"https://feeds.example/TeaRoad/7\">▒▒▒</a> app</p>"
    );
    assert_eq!(
        at(Place::Page, &post, ""),
        "<p dir=\"auto\">It was <label class=\"spoiler\"><input type=\"checkbox\"><span>the gardener</span></label> \
         <a href=\"tg://resolve?domain=tea\">app</a></p>"
    );
}

#[test]
fn reply_to_media_names_kind_in_channel_language() {
    let mut post = sample::text(7, "Words");
    let reply = |text: &str| Reply {
        author: None,
        text: RichText::from_plain(text),
        is_media: true,
        address: None,
    };
    let links = sample::links();
    let options = FeedOptions::default();
    for (label, expected) in
        [("Photo", "[Фото]"), ("Poll", "[Опрос]"), ("Checklist", "[Checklist]")]
    {
        post.reply = Some(reply(label));
        let context = Context::new(Place::Feed, &links, Language::Russian, &options);
        let shown = write(&post, &context);
        let quoted =
            format!("<blockquote><p>В ответ</p><p dir=\"auto\">{expected}</p></blockquote>");
        assert!(shown.starts_with(&quoted), "{shown}");
    }
    let mut long = reply(&"word ".repeat(100));
    long.is_media = false;
    post.reply = Some(long);
    let shown = html(&post, "");
    assert!(shown.contains("word…</p></blockquote>") && shown.len() < 400, "{shown}");
}

#[test]
fn invoice_shows_price_and_photo_once() {
    let mut post = sample::text(7, "");
    post.invoice = Some(Invoice {
        title: "A pound of tea".into(),
        description: RichText::from_plain("Fresh"),
        total: Some("5 €".into()),
        picture: address("https://cdn1.telesco.pe/file/tea"),
    });
    post.link_preview = Some(preview());
    let shown = html(&post, "");
    assert!(
        shown.starts_with(
            "<blockquote><p dir=\"auto\"><b><a href=\"https://t.me/TeaRoad/7\">A pound of tea – 5 €</a></b></p>\
             <p dir=\"auto\">Fresh</p>"
        ),
        "{shown}"
    );
    assert_eq!(shown.matches("7-preview.jpg").count(), 1);
}

#[test]
fn link_preview_omits_missing_parts() {
    let mut post = sample::text(7, "");
    let bare = LinkPreview {
        site_name: None,
        title: None,
        description: RichText::default(),
        picture: None,
        ..preview()
    };
    post.link_preview = Some(bare.clone());
    assert_eq!(
        html(&post, ""),
        "<blockquote><p dir=\"auto\"><b><a href=\"https://tea.example/green\">https://tea.example/green</a></b></p>\
         </blockquote>"
    );
    post.link_preview = Some(LinkPreview { site_name: Some("Tea".into()), ..bare });
    assert_eq!(
        html(&post, ""),
        "<blockquote><p dir=\"auto\"><b><a href=\"https://tea.example/green\">Tea</a></b></p></blockquote>"
    );
}

#[test]
fn location_links_to_venue_page_or_map() {
    let map = "https://www.openstreetmap.org/?mlat=59.9&amp;mlon=30.3#map=15/59.9/30.3";
    let site = "https://foursquare.com/v/4b0588";
    for (has_coordinates, has_venue, has_link, expected) in [
        (true, true, false, format!("<a href=\"{map}\">Tea house</a><br>Quay 1")),
        (true, false, false, format!("<a href=\"{map}\">59.9, 30.3</a>")),
        (false, true, true, format!("<a href=\"{site}\">Tea house</a><br>Quay 1")),
        (
            true,
            true,
            true,
            format!(
                "<a href=\"{site}\">Tea house</a><br>Quay 1<br><a href=\"{map}\">59.9, 30.3</a>"
            ),
        ),
        (false, true, false, "Tea house<br>Quay 1".to_owned()),
        (false, false, true, format!("<a href=\"{site}\">Location</a>")),
    ] {
        let mut post = sample::text(7, "");
        post.location = Some(Location {
            coordinates: has_coordinates
                .then(|| Coordinates { latitude: "59.9".into(), longitude: "30.3".into() }),
            venue: has_venue
                .then(|| Venue { title: "Tea house".into(), address: Some("Quay 1".into()) }),
            link: address(site).filter(|_| has_link),
        });
        assert_eq!(html(&post, ""), format!("<p>📍 {expected}</p>"));
        let json = serde_json::to_string(&post).unwrap();
        assert_eq!(serde_json::from_str::<Post>(&json).unwrap(), post, "{json}");
    }
    let old = r#"{"latitude":"59.9","longitude":"30.3"}"#;
    let old: Location = serde_json::from_str(old).unwrap();
    assert_eq!(old.coordinates.unwrap().longitude, "30.3");
}

#[test]
fn post_without_known_content_links_to_telegram() {
    let expected =
        "<p><a href=\"https://t.me/TeaRoad/7\">Post that only Telegram’s app can show</a></p>";
    assert_eq!(html(&sample::text(7, ""), ""), expected);
    assert_eq!(html(&sample::text(7, ""), "content=text&media=none&stats=1"), expected);
    let mut post = sample::text(7, "");
    post.link_preview = Some(preview());
    assert_eq!(
        html(&post, "content=text"),
        "<p><a href=\"https://t.me/TeaRoad/7\">Green &lt;tea&gt;</a></p>"
    );
}

#[test]
fn html_in_post_fields_is_escaped() {
    let evil = "\"><script>alert(1)</script>&\u{0}\u{b}";
    let mut post = everything();
    if let Some(forward) = &mut post.forward {
        forward.name = evil.into();
        forward.author = Some(evil.into());
    }
    if let Some(reply) = &mut post.reply {
        reply.author = Some(evil.into());
        reply.text = RichText::from_plain(evil);
    }
    post.documents[0].title = evil.into();
    post.documents[0].extra = Some(evil.into());
    post.location = Some(Location {
        coordinates: Some(Coordinates { latitude: evil.into(), longitude: evil.into() }),
        link: None,
        venue: Some(Venue { title: evil.into(), address: Some(evil.into()) }),
    });
    post.contact = Some(Contact { name: evil.into(), phone: evil.into() });
    if let Some(poll) = &mut post.poll {
        poll.question = evil.into();
        poll.options[0].text = evil.into();
        poll.voters = Some(evil.into());
    }
    post.views = Some(evil.into());
    post.reactions[0].kind = ReactionKind::Emoji(evil.into());
    post.buttons[0][0].text = evil.into();
    if let Some(preview) = &mut post.link_preview {
        preview.title = Some(evil.into());
        preview.site_name = Some(evil.into());
    }
    for place in [Place::Feed, Place::Page] {
        let shown = at(place, &post, "stats=1");
        assert!(!shown.contains("<script") && !shown.contains("\"><s"), "{shown}");
        assert!(!shown.contains(['\u{0}', '\u{b}']));
        assert!(shown.contains("&lt;script&gt;"));
    }
}

#[test]
fn page_rewrites_telegram_links_to_own_pages() {
    let mut post = sample::text(7, "");
    let mut builder = Builder::new();
    builder.mention("tearoad");
    builder.text(" and ");
    builder.open(Span::Link(Address::parse("https://t.me/sea/5").unwrap()));
    builder.text("this");
    builder.close();
    builder.text(", ");
    builder.mention("tea_bot");
    post.text = builder.finish();
    post.forward =
        Some(Forward { name: "Sea".into(), address: address("https://t.me/sea/4"), author: None });
    let links = sample::links();
    let ours = |address: &str| links.of_telegram(address, &|_| true);
    let in_telegram = Some("in Telegram");
    let text = crate::text::html::Page { ours: &ours, in_telegram, unfold: "all" };
    let options = FeedOptions::default();
    let context = Context::new(Place::Page, &links, Language::English, &options);
    let page = write(&post, &context.on_page(Page { text, language: "en" }));
    let there = |address: &str| format!(" <a class=\"there\" href=\"{address}\">in Telegram</a>");
    assert_eq!(
        page,
        format!(
            "<p class=\"origin\">Forwarded from <a href=\"https://feeds.example/sea/4\">Sea</a>{}</p>\
             <div class=\"text\" lang=\"en\"><p dir=\"auto\"><a href=\"https://feeds.example/tearoad\">@tearoad</a>{} and \
             <a href=\"https://feeds.example/sea/5\">this</a>{}, <a href=\"https://t.me/tea_bot\">@tea_bot</a></p></div>",
            there("https://t.me/sea/4"),
            there("https://t.me/tearoad"),
            there("https://t.me/sea/5"),
        )
    );
    let feed = html(&post, "");
    assert!(feed.contains("https://t.me/tearoad") && !feed.contains("feeds.example"), "{feed}");
}

#[test]
fn long_expandable_quote_is_folded_on_pages_only() {
    let quote = |expandable: bool, words: &str| {
        let mut builder = Builder::new();
        builder.open_quote(expandable);
        builder.text(words);
        builder.close_quote();
        let mut post = sample::text(7, "");
        post.text = builder.finish();
        post
    };
    let links = sample::links();
    let text = crate::text::html::Page { ours: &|_| None, in_telegram: None, unfold: "Show <all>" };
    let options = FeedOptions::default();
    let context = Context::new(Place::Page, &links, Language::English, &options);
    let context = context.on_page(Page { text, language: "" });
    let long = "fog and more fog ".repeat(20);
    let page = write(&quote(true, &long), &context);
    assert!(page.contains("<blockquote class=\"fold\"><div><p dir=\"auto\">fog"), "{page}");
    let label =
        "</div><label><input type=\"checkbox\"><span>Show &lt;all&gt;</span></label></blockquote>";
    assert!(page.contains(label), "{page}");
    for (expandable, words) in [(true, "short"), (false, long.as_str())] {
        let page = write(&quote(expandable, words), &context);
        assert!(page.contains("<blockquote><p"), "{page}");
    }
    assert!(!html(&quote(true, &long), "").contains("fold"));
}

#[test]
fn page_photos_have_reserved_size_and_tall_ones_fit_screen() {
    let mut post = with_media(&[MediaKind::Photo]);
    for (ratio, expected) in [
        (Ratio::new(1.5), "width=\"800\" height=\"533\""),
        (Ratio::new(0.75), "class=\"h7\" width=\"800\" height=\"1066\""),
        (Ratio::new(0.05), "class=\"h0\" width=\"800\" height=\"16000\""),
        (None, "class=\"any\" width=\"800\" height=\"600\""),
    ] {
        post.media[0].ratio = ratio;
        post.media[0].width = None;
        let page = at(Place::Page, &post, "");
        assert!(page.contains(expected), "{page}");
        assert_eq!(html(&post, "").contains("width="), ratio.is_some());
    }
}

#[test]
fn content_has_css_classes_on_pages_only() {
    let page = at(Place::Page, &everything(), "");
    for part in [
        "<p class=\"origin\">",
        "<blockquote class=\"reply\">",
        "<div class=\"album of-2\"><figure class=\"photo\"><a href=\"https://feeds.example/TeaRoad/7.jpg\"><img ",
        "loading=\"lazy\"></a></figure></div>",
        "<p class=\"file\">",
        "<p class=\"location\">",
        "<p class=\"contact\">",
        "<ul class=\"poll\">",
        "<blockquote class=\"card\">",
        "<p class=\"buttons\">",
        "<p class=\"unsupported\">",
    ] {
        assert!(page.contains(part), "{part}\nis not in\n{page}");
    }
    assert!(!html(&everything(), "stats=1").contains("class"));
}
