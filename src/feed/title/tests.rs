use std::time::Duration;

use unicode_width::UnicodeWidthStr;

use super::*;
use crate::feed::sample;
use crate::model::{
    Contact, Coordinates, Forward, Game, Invoice, LinkPreview, ServiceMessage, Venue,
};
use crate::text::{Address, Builder, Span, Style};

fn english(post: &Post) -> String {
    build(post, Language::English)
}

/// Conformance: 11.1
#[test]
fn title_is_first_meaningful_line() {
    for (text, expected) in [
        ("Short words", "Short words"),
        ("Heading\n\nA long story follows here.", "Heading"),
        ("One. Two. Three.", "One. Two. Three."),
        ("  spaces   in   between  ", "spaces in between"),
        ("Сегодня в выпуске:\n— чай\n— кофе", "Сегодня в выпуске"),
        ("今日のお茶：\n煎茶", "今日のお茶"),
        ("First line,\nsecond line", "First line"),
        ("The plan —\nfor tomorrow", "The plan"),
        ("• first point\n• second point", "first point"),
        ("— Где чай?\n— В чайнике.", "Где чай?"),
        ("-5 °C this morning", "-5 °C this morning"),
        ("2026", "2026"),
        ("№ 5", "№ 5"),
        ("🔥 Tea is ready", "🔥 Tea is ready"),
        ("#news Harbour closed", "#news Harbour closed"),
        ("Harbour closed #news", "Harbour closed #news"),
        ("@tearoad opens a shop", "@tearoad opens a shop"),
        // Lines with only hashtags, mentions, emoji or rules are skipped if a better line follows.
        ("#news #harbour\nHarbour closed", "Harbour closed"),
        ("🎆🎆🎆\nHappy new year!", "Happy new year!"),
        ("@tearoad\nopens a shop", "opens a shop"),
        ("———\nAfter the rule", "After the rule"),
        ("1️⃣\nFirst of all", "First of all"),
        ("❗️ #важно | @tearoad\n\nМы переезжаем", "Мы переезжаем"),
        // … and used otherwise.
        ("#news #harbour", "#news #harbour"),
        ("@tearoad", "@tearoad"),
        ("🔥🔥🔥", "🔥🔥🔥"),
        ("👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦"),
        ("🇯🇵", "🇯🇵"),
        ("$TON", "$TON"),
        ("...\n🔥", "🔥"),
        ("...", "..."),
        ("———", "———"),
        ("<b>not bold</b> & co", "<b>not bold</b> & co"),
    ] {
        assert_eq!(english(&sample::text(1, text)), expected, "{text}");
    }
}

#[test]
fn long_title_is_cut_in_any_script() {
    for (text, expected) in [
        (
            "The harbour stays closed until Monday morning. All ships have to wait outside of the bay until then.",
            "The harbour stays closed until Monday morning.",
        ),
        (
            "No! The harbour stays closed until Monday morning and all ships wait outside of the bay",
            "No! The harbour stays closed until Monday morning and all ships wait outside of…",
        ),
        (
            "The captain (who came late, as every year) said that the harbour (the old one, east of town) is closed",
            "The captain (who came late, as every year) said that the harbour (the old one…)",
        ),
        (
            "Вышла новая книга «Чайные дороги от Кяхты до Петербурга и обратно за сорок долгих зимних дней»",
            "Вышла новая книга «Чайные дороги от Кяхты до Петербурга и обратно за сорок…»",
        ),
        (
            "Мы открылись на ул. Садовой, д. 5, кв. 7, и ждём всех, кто любит чай, книги и долгие разговоры",
            "Мы открылись на ул. Садовой, д. 5, кв. 7, и ждём всех, кто любит чай, книги и…",
        ),
        (
            "今天港口因为大雾关闭，所有船只都在海湾外面等待，明天早上八点以后才能重新开放，请各位旅客耐心等待通知。",
            "今天港口因为大雾关闭，所有船只都在海湾外面等待，明天早上八点以后才能重新开放…",
        ),
        (
            "今天港口因为大雾关闭。所有船只都在海湾外面等待，明天早上八点以后才能重新开放，请各位旅客耐心等待通知。",
            "今天港口因为大雾关闭。",
        ),
        (
            "昨日の夜に港で「とても大きな船が来て、見たことのない荷物をたくさん降ろしていった、と漁師たちが話していた」",
            "昨日の夜に港で「とても大きな船が来て、見たことのない荷物をたくさん降ろしてい…」",
        ),
        (
            "أُغلق الميناء اليوم بسبب الضباب الكثيف، وتنتظر جميع السفن خارج الخليج؟ وسيُفتح غدًا في الساعة الثامنة صباحًا إن شاء الله",
            "أُغلق الميناء اليوم بسبب الضباب الكثيف، وتنتظر جميع السفن خارج الخليج؟",
        ),
        (
            "הנמל סגור היום בגלל ערפל כבד, וכל האוניות מחכות מחוץ למפרץ עד מחר בבוקר בשעה שמונה בערך",
            "הנמל סגור היום בגלל ערפל כבד, וכל האוניות מחכות מחוץ למפרץ עד מחר בבוקר בשעה…",
        ),
        (
            "아침 안개 때문에 항구가 닫혔고 모든 배가 만 밖에서 기다리고 있으며 내일 아침 여덟 시에 다시 열립니다",
            "아침 안개 때문에 항구가 닫혔고 모든 배가 만 밖에서 기다리고 있으며 내일 아침…",
        ),
    ] {
        let title = english(&sample::text(1, text));
        assert_eq!(title, expected);
        assert!(title.width() <= MAX_COLUMNS, "{title}");
    }
    let family = "👨‍👩‍👧‍👦".repeat(60);
    let title = english(&sample::text(1, &family));
    assert_eq!(title, format!("{}…", "👨‍👩‍👧‍👦".repeat(39)));
    let word = "x".repeat(500);
    assert_eq!(english(&sample::text(1, &word)), format!("{}…", "x".repeat(79)));
}

#[test]
fn title_of_essay_is_its_heading() {
    let mut builder = Builder::new();
    builder.open(Span::Style(Style::Bold));
    builder.text("Почему мы завариваем чай трижды:");
    builder.line_break();
    builder.line_break();
    builder.close();
    for (number, address) in
        ["https://tea.example/first", "https://tea.example/second"].iter().enumerate()
    {
        builder.text(&format!("{}. ", number + 1));
        builder.open(Span::Link(Address::parse(address).unwrap()));
        builder.text(address);
        builder.close();
        builder.line_break();
    }
    builder.tag("#чай");
    builder.text(" ");
    builder.tag("#эссе");
    let mut post = sample::text(1, "");
    post.text = builder.finish();
    assert_eq!(build(&post, Language::Russian), "Почему мы завариваем чай трижды");
}

#[test]
fn title_of_link_is_its_text_or_page_title() {
    let linked = |shown: &str| {
        let mut builder = Builder::new();
        builder.open(Span::Link(Address::parse("https://tea.example/green").unwrap()));
        builder.text(shown);
        builder.close();
        let mut post = sample::text(1, "");
        post.text = builder.finish();
        post
    };
    assert_eq!(english(&linked("All about green tea")), "All about green tea");
    let mut post = linked("https://tea.example/green/");
    assert_eq!(english(&post), "tea.example/green");
    post.link_preview = Some(LinkPreview {
        address: Address::parse("https://tea.example/green").unwrap(),
        site_name: Some("Tea".into()),
        title: Some("Green tea".into()),
        description: RichText::default(),
        picture: None,
        video: None,
    });
    assert_eq!(english(&post), "Green tea");
    let mut tag = post.clone();
    tag.text = sample::rich("#tea");
    assert_eq!(english(&tag), "#tea", "a late preview changes no title but a bare link's");
    post.text = RichText::default();
    assert_eq!(english(&post), "Green tea");
}

#[test]
fn spoilers_are_masked_in_title() {
    let mut builder = Builder::new();
    builder.text("It was ");
    builder.open(Span::Style(Style::Spoiler));
    builder.text("the gardener");
    builder.close();
    let mut post = sample::text(1, "");
    post.text = builder.finish();
    assert_eq!(english(&post), "It was ▒▒▒");
    let mut builder = Builder::new();
    builder.open(Span::Style(Style::Spoiler));
    builder.text("all of it");
    builder.close();
    post.text = builder.finish();
    assert_eq!(english(&post), "Spoiler");
    assert_eq!(build(&post, Language::Russian), "Спойлер");
    post.media = vec![sample::media(1, MediaKind::Photo)];
    assert_eq!(english(&post), "Photo, 3 August");
}

#[test]
fn title_of_media_without_text_is_localised() {
    use MediaKind::{AnimatedSticker, Gif, Photo, RoundVideo, Sticker, Video, VideoSticker, Voice};
    for (kinds, english, russian) in [
        (&[Photo][..], "Photo", "Фото"),
        (&[Photo, Photo, Photo], "3 photos", "3 фото"),
        (&[Photo, Photo, Photo, Video], "3 photos and a video", "3 фото и видео"),
        (&[Video, Photo], "A video and a photo", "Видео и фото"),
        (&[Photo, Video, Gif], "A photo, a video and a GIF", "Фото, видео и GIF"),
        (&[Voice; 2], "2 voice messages", "2 голосовых сообщения"),
        (&[RoundVideo; 5], "5 video messages", "5 видеосообщений"),
        (&[Sticker], "Sticker", "Стикер"),
        (&[VideoSticker], "Sticker", "Стикер"),
        (&[AnimatedSticker], "Sticker", "Стикер"),
        (&[Sticker, AnimatedSticker], "2 stickers", "2 стикера"),
        (&[RoundVideo], "Video message", "Видеосообщение"),
    ] {
        let mut post = sample::text(1, "");
        post.media = kinds.iter().zip(1..).map(|(kind, id)| sample::media(id, *kind)).collect();
        assert_eq!(build(&post, Language::English), format!("{english}, 3 August"));
        assert_eq!(build(&post, Language::Russian), format!("{russian}, 3 августа"));
    }
    for (kind, seconds, english, russian) in [
        (Voice, 42, "Voice message, 0:42", "Голосовое сообщение, 0:42"),
        (Video, 3723, "Video, 1:02:03", "Видео, 1:02:03"),
    ] {
        let mut post = sample::text(1, "");
        post.media = vec![sample::media(1, kind)];
        post.media[0].duration = Some(Duration::from_secs(seconds));
        assert_eq!(build(&post, Language::English), english);
        assert_eq!(build(&post, Language::Russian), russian);
    }
}

fn document(number: u32, kind: DocumentKind, title: &str, extra: Option<&str>) -> Document {
    Document {
        message: sample::id(number),
        kind,
        title: title.to_owned(),
        extra: extra.map(str::to_owned),
        thumbnail: None,
        caption: RichText::default(),
    }
}

#[test]
fn title_of_file_has_size_and_of_music_performer() {
    use DocumentKind::{File, Music};
    for (documents, expected) in [
        (vec![document(1, File, "tea.pdf", Some("689 KB"))], "tea.pdf (689 KB)"),
        (vec![document(1, File, "tea.pdf", None)], "tea.pdf"),
        (vec![document(1, Music, "Slow train", Some("The Samovars"))], "The Samovars – Slow train"),
        (vec![document(1, Music, "Slow train", None)], "Slow train"),
        (
            vec![
                document(1, File, "a.pdf", Some("1 MB")),
                document(2, File, "b.pdf", None),
                document(3, File, "c.pdf", None),
            ],
            "a.pdf (1 MB) and 2 more",
        ),
    ] {
        let mut post = sample::text(1, "");
        post.documents = documents;
        assert_eq!(english(&post), expected);
        post.text = sample::rich("#files");
        assert_eq!(english(&post), expected, "a name says more than a hashtag");
    }
    let mut post = sample::text(1, "");
    post.documents = (1..4).map(|id| document(id, File, &"long ".repeat(40), None)).collect();
    let title = english(&post);
    assert!(title.ends_with("… and 2 more") && title.width() <= MAX_COLUMNS, "{title}");
}

/// Conformance: 6.5
#[test]
fn every_kind_of_post_has_title() {
    let with = |change: &dyn Fn(&mut Post)| {
        let mut post = sample::text(1, "");
        change(&mut post);
        (build(&post, Language::English), build(&post, Language::Russian))
    };
    let location = |venue: Option<(&str, Option<&str>)>| Location {
        coordinates: Some(Coordinates { latitude: "59.9".into(), longitude: "30.3".into() }),
        link: None,
        venue: venue.map(|(title, address)| Venue {
            title: title.into(),
            address: address.map(Into::into),
        }),
    };
    let both = |text: &str| (text.to_owned(), text.to_owned());
    let two = |english: &str, russian: &str| (english.to_owned(), russian.to_owned());
    assert_eq!(with(&|post| post.poll = Some(sample::poll())), both("Which tea in the morning?"));
    assert_eq!(
        with(&|post| {
            post.poll = Some(sample::poll());
            post.text = sample::rich("#poll");
        }),
        both("Which tea in the morning?")
    );
    assert_eq!(
        with(&|post| post.location = Some(location(None))),
        two("Location", "Место на карте")
    );
    let venue = Some(("Tea house", Some("Harbour street 5")));
    assert_eq!(
        with(&|post| post.location = Some(location(venue))),
        both("Tea house, Harbour street 5")
    );
    let venue = Some(("Tea house", None));
    assert_eq!(with(&|post| post.location = Some(location(venue))), both("Tea house"));
    let contact = || Contact { name: "Anna Samovar".into(), phone: "+7 900 000".into() };
    assert_eq!(with(&|post| post.contact = Some(contact())), both("Anna Samovar"));
    let invoice = || Invoice {
        title: "A pound of tea".into(),
        description: RichText::default(),
        total: None,
        picture: None,
    };
    assert_eq!(with(&|post| post.invoice = Some(invoice())), both("A pound of tea"));
    let game = || Game { title: "Teapot".into(), description: RichText::default(), picture: None };
    assert_eq!(with(&|post| post.game = Some(game())), both("Teapot"));
    assert_eq!(
        with(&|post| post.unsupported = Some("Please open Telegram".into())),
        two(
            "Post that only Telegram’s app can show",
            "Сообщение, которое видно только в приложении Telegram"
        )
    );
    assert_eq!(
        with(&|post| post.service = Some(ServiceMessage::Pinned)),
        two("Channel news", "О канале")
    );
    let forward = || Forward { name: "Slow Trains".into(), address: None, author: None };
    assert_eq!(
        with(&|post| post.forward = Some(forward())),
        two("Forwarded from Slow Trains", "Переслано из Slow Trains")
    );
    assert_eq!(
        with(&|_| ()),
        two(
            "Post that only Telegram’s app can show",
            "Сообщение, которое видно только в приложении Telegram"
        )
    );
}

#[test]
fn title_option_marks_or_omits_title() {
    let title = |post: &Post, form| of(post, Language::English, form);
    let words = sample::text(1, "Only words");
    let mut photo = sample::album(2, &[2, 3]);
    photo.text = sample::rich("Harbour");
    let mut many = photo.clone();
    many.poll = Some(sample::poll());
    many.media.push(sample::media(4, MediaKind::Voice));
    many.media.push(sample::media(5, MediaKind::Video));
    assert_eq!(title(&words, options::Title::Marked).unwrap(), "Only words");
    assert_eq!(title(&photo, options::Title::Marked).unwrap(), "🖼️ Harbour");
    assert_eq!(title(&many, options::Title::Marked).unwrap(), "🖼️🎬🎤 Harbour");
    assert_eq!(title(&many, options::Title::Text).unwrap(), "Harbour");
    assert_eq!(title(&photo, options::Title::None), None);
}

#[test]
fn title_is_one_clean_line() {
    let mut post = sample::text(1, "");
    let mut poll = sample::poll();
    poll.question = "\u{1}\u{b}  ".into();
    post.poll = Some(poll);
    post.media = vec![sample::media(1, MediaKind::Photo)];
    assert_eq!(english(&post), "Photo, 3 August");
    if let Some(poll) = &mut post.poll {
        poll.question = "Which\ntea\u{202e}?\u{0}".into();
    }
    assert_eq!(english(&post), "Which tea?");
}
