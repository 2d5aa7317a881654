//! A post of every kind.

use std::time::Duration;

use feedline::model::{
    Button, ChannelName, Contact, Coordinates, Document, DocumentKind, Forward, Game, Invoice,
    LinkPreview, Location, Media, MediaKind, MessageId, Person, Poll, PollOption, Post,
    PreviewPicture, Ratio, Reaction, ReactionKind, Reply, ServiceMessage, Venue,
};
use feedline::text::{Address, Builder, RichText, Span, Style};

use super::time;

/// One of each kind, oldest first.
pub(super) fn every_kind() -> Vec<Post> {
    vec![
        service(1),
        words(2),
        essay(3),
        album(4),
        video_post(8),
        too_big(9),
        short_films(10),
        voice(13),
        stickers(14),
        files(17),
        music(20),
        open_poll(21),
        closed_quiz(22),
        place(23),
        card(24),
        offer(25),
        game(26),
        link(27),
        forward(28),
        reply(29),
        hidden(30),
        unsupported(31),
        right_to_left(32),
        hostile(33),
    ]
}

fn id(number: u32) -> MessageId {
    MessageId::new(number).unwrap()
}

fn new(number: u32) -> Post {
    Post::new(ChannelName::parse("TeaRoad").unwrap(), id(number), time(number))
}

fn plain(number: u32, text: &str) -> Post {
    Post { text: RichText::from_plain(text), ..new(number) }
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn media(number: u32, kind: MediaKind) -> Media {
    Media {
        message: id(number),
        kind,
        file: Some(address("https://cdn1.telesco.pe/file/abc?token=1")),
        poster: None,
        photo_id: None,
        duration: None,
        ratio: Ratio::new(1.5),
        width: Some(600),
        outline: None,
        length: None,
        too_big: false,
    }
}

fn service(number: u32) -> Post {
    Post { service: Some(ServiceMessage::Created), ..plain(number, "Channel created") }
}

fn words(number: u32) -> Post {
    Post {
        signature: Some("Anna Samovar".into()),
        edited: true,
        ..plain(number, "The harbour is open again.\nShips come in.\n\nTea is served at five.")
    }
}

fn essay(number: u32) -> Post {
    let mut builder = Builder::new();
    builder.open(Span::Style(Style::Bold));
    builder.text("Why we brew it three times:");
    builder.close();
    builder.line_break();
    builder.line_break();
    builder.open_quote(true);
    builder.text("The first is for the cup");
    builder.close_quote();
    builder.preformatted(Some("rust"), "let tea = \"<green & black>\";\nbrew(tea);");
    for (style, word) in [
        (Style::Italic, "second"),
        (Style::Underline, "for"),
        (Style::Strike, "me"),
        (Style::Spoiler, "you"),
    ] {
        builder.open(Span::Style(style));
        builder.text(word);
        builder.close();
        builder.text(" ");
    }
    builder.code("steep(3)");
    builder.text(" ");
    builder.open(Span::Link(address("https://tea.example/?a=1&b=2")));
    builder.text("read on");
    builder.close();
    builder.text(" ");
    builder.open(Span::Link(address("tg://resolve?domain=tea")));
    builder.text("in the app");
    builder.close();
    builder.line_break();
    for tag in ["#Tea", "#чай", "#茶", "$TON"] {
        builder.tag(tag);
        builder.text(" ");
    }
    builder.mention("slowtrains");
    builder.text(" ");
    builder.custom_emoji(5_368_324_170_671_202_286, "🍵");
    Post { text: builder.finish(), ..new(number) }
}

fn album(number: u32) -> Post {
    let mut post = plain(number, "Three views of the bay");
    post.members = (number..number + 4).map(id).collect();
    post.media = (number..number + 3).map(|id| media(id, MediaKind::Photo)).collect();
    post.media.push(media(number + 3, MediaKind::Video));
    post.media[3].poster = Some(address("https://cdn1.telesco.pe/file/still"));
    post.views = Some("12.4K".into());
    post.reactions = vec![
        Reaction { kind: ReactionKind::Emoji("👍".into()), count: "55.2K".into() },
        Reaction { kind: ReactionKind::Custom(5), count: "7".into() },
        Reaction { kind: ReactionKind::Paid, count: "3".into() },
    ];
    post
}

fn video_post(number: u32) -> Post {
    let mut video = media(number, MediaKind::Video);
    video.poster = Some(address("https://cdn1.telesco.pe/file/still"));
    video.duration = Some(Duration::from_secs(725));
    Post { media: vec![video], ..new(number) }
}

fn too_big(number: u32) -> Post {
    let mut post = video_post(number);
    post.media[0].file = None;
    post.media[0].too_big = true;
    post
}

fn short_films(number: u32) -> Post {
    let mut post = new(number);
    post.members = vec![id(number), id(number + 1)];
    post.media = vec![media(number, MediaKind::Gif), media(number + 1, MediaKind::RoundVideo)];
    post.media[1].ratio = Ratio::new(1.0);
    post
}

fn voice(number: u32) -> Post {
    let mut note = media(number, MediaKind::Voice);
    note.duration = Some(Duration::from_secs(42));
    note.ratio = None;
    note.length = Some(9_089);
    Post { media: vec![note], ..new(number) }
}

fn stickers(number: u32) -> Post {
    let kinds = [MediaKind::Sticker, MediaKind::VideoSticker, MediaKind::AnimatedSticker];
    let media = kinds.iter().zip(number..).map(|(kind, id)| media(id, *kind)).collect();
    Post { media, ..new(number) }
}

fn document(number: u32, kind: DocumentKind, title: &str, extra: &str) -> Document {
    Document {
        message: id(number),
        kind,
        title: title.into(),
        extra: Some(extra.into()),
        thumbnail: None,
        caption: RichText::default(),
    }
}

fn files(number: u32) -> Post {
    let mut documents: Vec<Document> = ["tides.pdf", "ships.csv", "bay.jpg"]
        .iter()
        .zip(number..)
        .map(|(title, id)| document(id, DocumentKind::File, title, "689 KB"))
        .collect();
    documents[0].caption = RichText::from_plain("The tides of August");
    documents[2].thumbnail = Some(address("https://cdn1.telesco.pe/file/small"));
    Post { documents, ..new(number) }
}

fn music(number: u32) -> Post {
    let track = document(number, DocumentKind::Music, "Slow train", "The Samovars");
    Post { documents: vec![track], ..new(number) }
}

fn poll(is_quiz: bool, is_closed: bool) -> Poll {
    let option = |text: &str, percent, correct| PollOption {
        text: text.into(),
        percent: Some(percent),
        correct: (is_quiz && is_closed).then_some(correct),
    };
    Poll {
        question: "Which tea in the morning?".into(),
        label: Some("Anonymous Poll".into()),
        is_quiz,
        is_multiple: !is_quiz,
        is_closed,
        options: vec![option("Green", 70, true), option("Black", 30, false)],
        voters: Some("746".into()),
    }
}

fn open_poll(number: u32) -> Post {
    Post { poll: Some(poll(false, false)), ..new(number) }
}

fn closed_quiz(number: u32) -> Post {
    Post { poll: Some(poll(true, true)), ..new(number) }
}

fn place(number: u32) -> Post {
    let venue = Venue { title: "Tea house".into(), address: Some("Harbour street 5".into()) };
    let location = Location {
        coordinates: Some(Coordinates { latitude: "59.9".into(), longitude: "30.3".into() }),
        link: None,
        venue: Some(venue),
    };
    Post { location: Some(location), ..new(number) }
}

fn card(number: u32) -> Post {
    let contact = Contact { name: "Anna Samovar".into(), phone: "+7 900 000-00-00".into() };
    Post { contact: Some(contact), ..new(number) }
}

fn offer(number: u32) -> Post {
    let invoice = Invoice {
        title: "A pound of tea".into(),
        description: RichText::from_plain("Fresh from the road"),
        total: Some("5 €".into()),
        picture: Some(address("https://cdn1.telesco.pe/file/tea")),
    };
    let button = Button { text: "Pay 5 €".into(), address: None };
    Post { invoice: Some(invoice), buttons: vec![vec![button]], ..new(number) }
}

fn game(number: u32) -> Post {
    let game =
        Game { title: "Teapot".into(), description: RichText::from_plain("Pour!"), picture: None };
    Post { game: Some(game), ..new(number) }
}

fn link(number: u32) -> Post {
    let target = address("https://tea.example/green");
    let mut builder = Builder::new();
    builder.open(Span::Link(target.clone()));
    builder.text("https://tea.example/green");
    builder.close();
    let preview = LinkPreview {
        address: target,
        site_name: Some("Tea".into()),
        title: Some("Green tea".into()),
        description: RichText::from_plain("All about it"),
        picture: Some(PreviewPicture {
            file: address("https://cdn1.telesco.pe/file/preview"),
            large: true,
            ratio: Ratio::new(1.91),
        }),
        video: None,
    };
    let button = |text: &str, to: &str| Button { text: text.into(), address: Address::parse(to) };
    Post {
        text: builder.finish(),
        link_preview: Some(preview),
        buttons: vec![
            vec![button("Shop", "https://shop.example/"), button("App", "tg://resolve?domain=tea")],
            vec![button("Vote", "")],
        ],
        ..new(number)
    }
}

fn forward(number: u32) -> Post {
    let forward = Forward {
        name: "Slow Trains".into(),
        address: Some(address("https://t.me/slowtrains/5")),
        author: Some("Conductor".into()),
    };
    let bot = Person { name: "@teabot".into(), address: Some(address("https://t.me/teabot")) };
    Post { forward: Some(forward), via_bot: Some(bot), ..plain(number, "The night train is late") }
}

fn reply(number: u32) -> Post {
    let reply = Reply {
        author: Some("Anna".into()),
        text: RichText::from_plain("When does the harbour open?"),
        is_media: false,
        address: Some(address("https://t.me/TeaRoad/2")),
    };
    Post { reply: Some(reply), ..plain(number, "On Monday.") }
}

fn hidden(number: u32) -> Post {
    let mut builder = Builder::new();
    builder.open(Span::Style(Style::Spoiler));
    builder.text("It was the gardener");
    builder.line_break();
    builder.line_break();
    builder.text("all along");
    builder.close();
    Post { text: builder.finish(), ..new(number) }
}

fn unsupported(number: u32) -> Post {
    Post { unsupported: Some("Please open Telegram to view this post".into()), ..new(number) }
}

fn right_to_left(number: u32) -> Post {
    plain(number, "أُغلق الميناء اليوم\nهل تنتظر السفن؟")
}

/// A post with every kind of text that could break a document.
fn hostile(number: u32) -> Post {
    Post {
        signature: Some("<b>&amp; \u{1}\u{b}\"'".into()),
        ..plain(
            number,
            "]]> <script>alert(1)</script> &lt;b&gt; & \u{0}\u{1b}\u{fffe}\u{85} \u{202e}turned",
        )
    }
}
