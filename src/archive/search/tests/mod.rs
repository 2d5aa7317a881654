//! Matches of queries and posts, by SQLite and in memory.

mod asked;
mod pairs;
mod query;

use proptest::prelude::*;
use rusqlite::Connection;

use super::*;
use crate::model::{
    ChannelName, Contact, Coordinates, Document, DocumentKind, Forward, LinkPreview, Location,
    MessageId, Poll, PollOption, Post, Venue,
};
use crate::text::{Address, Builder, RichText, Span, Style};

/// A text with marked hashtags, as in Telegram's posts.
fn rich(text: &str) -> RichText {
    let mut builder = Builder::new();
    let mut rest = text;
    while let Some(at) = rest.find('#') {
        let (before, tag) = rest.split_at(at);
        let end = tag[1..].find(|character: char| !character.is_alphanumeric() && character != '_');
        let (tag, after) = tag.split_at(end.map_or(tag.len(), |end| end + 1));
        builder.text(before);
        builder.tag(tag);
        rest = after;
    }
    builder.text(rest);
    builder.finish()
}

fn empty() -> Post {
    let published = "2026-05-10T12:00:00Z".parse().unwrap();
    Post::new(ChannelName::parse("tearoad").unwrap(), MessageId::new(7).unwrap(), published)
}

fn post(text: &str) -> Post {
    Post { text: rich(text), ..empty() }
}

/// Posts in a search table. The first has row id 1.
struct Table {
    database: Connection,
    posts: Vec<Post>,
}

impl Table {
    fn of<'p>(posts: impl IntoIterator<Item = &'p Post>) -> Self {
        let database = Connection::open_in_memory().unwrap();
        database.execute_batch(TABLE).unwrap();
        let posts: Vec<Post> = posts.into_iter().cloned().collect();
        for (number, post) in (1_i64..).zip(&posts) {
            database.execute(INSERT, (number, index_text(post), place(1))).unwrap();
        }
        Self { database, posts }
    }

    /// The row ids of the matches, newest first.
    fn find(&self, query: &str) -> Vec<i64> {
        self.ask(&Query::parse(query).unwrap(), None, u64::MAX)
    }

    /// The same in some channels, with at most `most` posts for a prefix.
    fn ask(&self, query: &Query, within: Option<&[i64]>, most: u64) -> Vec<i64> {
        let plan = find::Plan::new(&self.database, query, most).unwrap();
        let given: Vec<i64> = match plan.expression(within, &[]) {
            Some(expression) => {
                let question =
                    "SELECT rowid FROM post_text WHERE post_text MATCH ? ORDER BY rowid DESC";
                let mut statement = self.database.prepare(question).unwrap();
                let rows = statement.query_map([expression], |row| row.get(0)).unwrap();
                rows.map(Result::unwrap).collect()
            }
            None => (1..=i64::try_from(self.posts.len()).unwrap()).rev().collect(),
        };
        let is_meant = |row: &i64| plan.accepts(&self.posts[usize::try_from(*row).unwrap() - 1]);
        given.into_iter().filter(is_meant).collect()
    }
}

#[test]
fn search_recall_reaches_95_percent() {
    let (mut total, mut missed) = (0, Vec::new());
    for (language, pairs) in pairs::WANTED {
        assert!(pairs.len() >= 16, "{language}");
        for (query, text) in pairs {
            total += 1;
            let query = query.replace(" channel:any", "");
            if Table::of([&post(text)]).find(&query).is_empty() {
                missed.push(format!("{language}: {query}: {text}"));
            }
        }
    }
    assert!(total >= 80, "{total} pairs");
    let recall = f64::from(total - i32::try_from(missed.len()).unwrap()) / f64::from(total);
    assert!(recall >= 0.95, "{recall}: {missed:#?}");
}

#[test]
fn search_does_not_return_unwanted_pairs() {
    let found = pairs::UNWANTED
        .iter()
        .filter(|(query, text)| !Table::of([&post(text)]).find(query).is_empty());
    assert_eq!(found.collect::<Vec<_>>(), Vec::<&(&str, &str)>::new());
}

#[test]
fn in_memory_match_respects_date_operators() {
    // The post is of 10 May.
    let post = post("tea");
    for (text, expected) in [
        ("tea since:2026-05-10 until:2026-05-10", true),
        ("tea since:2026-05-11", false),
        ("tea until:2026-05-09", false),
        ("tea -green", true),
        ("coffee", false),
    ] {
        assert_eq!(matches(&Query::parse(text).unwrap(), &post), expected, "{text}");
    }
}

#[test]
fn symbols_match_literally() {
    let mut builder = Builder::new();
    builder.text("The lamp is \u{2764}\u{fe0f} tonight :-D ");
    builder.open(Span::Style(Style::Spoiler));
    builder.text("🔥");
    builder.close();
    let post = Post { text: builder.finish(), ..empty() };
    for (symbols, expected) in
        [("🔥", true), ("❤ 🔥", true), ("❤\u{fe0f}", true), ("🌊", false), ("🔥 🌊", false)]
    {
        let query = Query::parse_in_channel(symbols).unwrap();
        assert_eq!(matches(&query, &post), expected, "{symbols}");
    }
}

/// The FTS5 expression of a query.
fn expression(query: &Query, within: Option<&[i64]>, without: &[i64]) -> Option<String> {
    let database = Connection::open_in_memory().unwrap();
    database.execute_batch(TABLE).unwrap();
    find::Plan::new(&database, query, u64::MAX).unwrap().expression(within, without)
}

#[test]
fn query_becomes_fts_expression_of_quoted_terms() {
    for (text, within, without, expected) in [
        ("\"green tea\"", None, &[][..], r##"(words : (("en·green en·tea")))"##),
        ("2026 #Tea", None, &[], r##"(words : (("2026") AND ("#tea")))"##),
        ("茶", Some(&[1, 22][..]), &[], r##"(words : (("茶"))) AND (place : ("c1" OR "c22"))"##),
        ("35 -36 -#x", None, &[], r##"((words : (("35")))) NOT (words : (("36") OR ("#x")))"##),
        ("35 -\"green tea\"", None, &[], r##"(words : (("35")))"##),
        ("35", None, &[4], r##"((words : (("35")))) NOT (place : ("c4"))"##),
        ("don't", None, &[], r##"(words : (((("en·don t") OR "en·dont"))))"##),
        ("чай", None, &[], r##"(words : ((("ru·ча"))))"##),
        ("чай*", None, &[], r##"(words : ((("ru·ча" OR "чай" * OR "ru·чай" * OR "ru·ча"))))"##),
        ("\"green te*\"", None, &[], r##"(words : (("en·green te")))"##),
    ] {
        let query = Query::parse(text).unwrap();
        assert_eq!(expression(&query, within, without).unwrap(), expected, "{text}");
    }
}

#[test]
fn in_memory_match_agrees_with_database() {
    let all = pairs::WANTED.iter().flat_map(|(_, pairs)| pairs.iter()).chain(&pairs::UNWANTED);
    let posts: Vec<Post> = all.clone().map(|(_, text)| post(text)).collect();
    let table = Table::of(&posts);
    let more = [
        "теле*",
        "\"green te*\"",
        "te* -gr*",
        "covid-19*",
        "l'hom*",
        "новост* -по*",
        "भार",
        "1 茶",
    ];
    let mut found = 0;
    for text in all.map(|(query, _)| *query).chain(more) {
        let query = Query::parse(&text.replace(" channel:any", "")).unwrap();
        let meets = |number: &i64| matches(&query, &posts[usize::try_from(*number).unwrap() - 1]);
        let numbers = (1..=i64::try_from(posts.len()).unwrap()).rev().filter(meets);
        let numbers: Vec<i64> = numbers.collect();
        assert_eq!(numbers, table.find(query.text()), "{text}");
        assert_eq!(numbers, table.ask(&query, None, 0), "{text}");
        found += numbers.len();
    }
    assert!(found > 100, "{found}");
}

#[test]
fn query_finds_its_post_among_all_others() {
    let all: Vec<&(&str, &str)> =
        pairs::WANTED.iter().flat_map(|(_, pairs)| pairs.iter()).collect();
    let posts: Vec<Post> = all.iter().map(|(_, text)| post(text)).collect();
    let table = Table::of(&posts);
    let mut strangers = 0;
    for (query, _) in &all {
        strangers += table.find(&query.replace(" channel:any", "")).len().saturating_sub(1);
    }
    // Some posts occur twice, and some queries match several posts.
    assert!(
        strangers <= all.len() / 3,
        "{strangers} posts of other queries for {} queries",
        all.len()
    );
}

#[test]
fn search_covers_every_text_of_post() {
    let mut post = post("main text #МаленькаяБухта");
    post.documents = vec![Document {
        message: MessageId::new(7).unwrap(),
        kind: DocumentKind::Music,
        title: "Nocturne".into(),
        extra: Some("Field Trio".into()),
        thumbnail: None,
        caption: rich("caption here"),
    }];
    post.poll = Some(Poll {
        question: "Which harbour?".into(),
        label: None,
        is_quiz: false,
        is_multiple: false,
        is_closed: false,
        options: vec![PollOption { text: "The northern".into(), percent: None, correct: None }],
        voters: None,
    });
    post.location = Some(Location {
        coordinates: Some(Coordinates { latitude: "1".into(), longitude: "2".into() }),
        link: None,
        venue: Some(Venue { title: "Lamp Museum".into(), address: Some("Pier Street".into()) }),
    });
    post.contact = Some(Contact { name: "Ada Lock".into(), phone: "+1 555".into() });
    post.link_preview = Some(LinkPreview {
        address: Address::parse("https://tides.example/").unwrap(),
        site_name: None,
        title: Some("Tide tables".into()),
        description: rich("For all coasts"),
        picture: None,
        video: None,
    });
    post.forward = Some(Forward { name: "Harbour Office".into(), address: None, author: None });
    let table = Table::of([&post]);
    for query in [
        "main text",
        "nocturne",
        "\"field trio\"",
        "captions",
        "which harbour",
        "northern",
        "lamp museum",
        "\"pier street\"",
        "\"ada lock\"",
        "tide tables",
        "coasts",
        "\"harbour office\"",
        "#маленькаябухта",
        "бухты",
        "маленькая",
    ] {
        assert_eq!(table.find(query), [1], "{query}");
    }
    // No phrase matches across parts.
    for query in ["\"nocturne caption\"", "\"tables for\"", "555"] {
        assert_eq!(table.find(query), Vec::<i64>::new(), "{query}");
    }
}

#[test]
fn index_results_are_newest_first_and_per_channel() {
    let table = Table::of(&[post("tea one"), post("coffee"), post("tea two")]);
    assert_eq!(table.find("tea"), [3, 1]);
    let query = Query::parse("tea").unwrap();
    assert_eq!(table.ask(&query, Some(&[1]), 9), [3, 1]);
    assert_eq!(table.ask(&query, Some(&[11]), 9), Vec::<i64>::new());
    // The token of the column `place` is not a word.
    assert_eq!(table.find("c1"), Vec::<i64>::new());
}

#[test]
fn spoiler_is_found_but_masked_in_snippet() {
    let mut builder = Builder::new();
    builder.text("It was ");
    builder.open(Span::Style(Style::Spoiler));
    builder.text("the butler");
    builder.close();
    builder.text(" in the library");
    let post = Post { text: builder.finish(), ..empty() };
    assert_eq!(Table::of([&post]).find("butler"), [1]);
    let snippet = Snippet::new(&post, &Query::parse("butler").unwrap());
    assert_eq!(snippet.text(), "It was ▒▒▒ in the library");
    assert!(snippet.pieces.iter().all(|piece| !piece.is_found));
}

/// A snippet with its matches in brackets.
fn marked(query: &str, post: &Post) -> String {
    let snippet = Snippet::new(post, &Query::parse(query).unwrap());
    let piece = |piece: &Piece| {
        if piece.is_found { format!("[{}]", piece.text) } else { piece.text.clone() }
    };
    snippet.pieces.iter().map(piece).collect()
}

#[test]
fn snippet_highlights_matched_words() {
    for (query, text, expected) in [
        ("новости", "Свежие новостях дня", "Свежие [новостях] дня"),
        ("елка", "Наша Ёлка, и ещё ёлки", "Наша [Ёлка], и ещё [ёлки]"),
        (
            "\"green tea\" leaves",
            "Green   tea\nleaves, green mint",
            "[Green tea] [leaves], green mint",
        ),
        ("人工智能", "关于人工智能的文章", "关于[人工智能]的文章"),
        ("茶", "喝茶叶茶", "喝[茶]叶[茶]"),
        ("#чай", "Пьём #чай, #чайдня и чай", "Пьём [#чай], #чайдня и чай"),
        ("don't", "I dont and I don’t", "I [dont] and I [don’t]"),
        ("iphone15", "The iPhone 15 here", "The [iPhone 15] here"),
        ("теле*", "Телескоп и телефон", "[Телескоп] и [телефон]"),
        ("кофе -чай", "Просто кофе", "Просто [кофе]"),
        ("🔥 fire", "🔥 fire 🔥", "🔥 [fire] 🔥"),
    ] {
        assert_eq!(marked(query, &post(text)), expected, "{query}");
    }
}

#[test]
fn snippet_of_long_text_surrounds_first_match() {
    let text = format!("{} needle {}", "hay ".repeat(100), "straw ".repeat(100));
    let shown = marked("needle", &post(&text));
    assert!(shown.starts_with("…hay hay") && shown.ends_with("straw…"), "{shown}");
    assert!(shown.contains("hay [needle] straw"));
    assert!(shown.chars().count() <= 250, "{}", shown.chars().count());
    let unspaced = format!("{}针{}", "草".repeat(500), "麦".repeat(500));
    let shown = marked("针", &post(&unspaced));
    assert!(shown.contains("草[针]麦") && shown.chars().count() <= 250, "{shown}");
    assert_eq!(Snippet::new(&empty(), &Query::parse("x").unwrap()), Snippet::default());
}

#[test]
fn snippet_comes_from_part_with_most_matches() {
    let mut post = post("An album of tea");
    post.poll = Some(Poll {
        question: "Green tea or mint?".into(),
        label: None,
        is_quiz: false,
        is_multiple: false,
        is_closed: false,
        options: Vec::new(),
        voters: None,
    });
    assert_eq!(marked("tea", &post), "An album of [tea]");
    assert_eq!(marked("mint tea", &post), "Green [tea] or [mint]?");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_parsed_query_is_valid_for_database(text in prop_oneof![
        any::<String>(),
        "[-#\"'*^:(){}+ .a-cA-C0-2а-вёїє字茶ｶﾞ\u{301}\u{640}اأةي,«»„“”]{0,60}",
        "((NOT|AND|OR|NEAR|words|place|channel:abc|since:2026-01-01|-|\"|\\*|\\(|\\)|:|чай|tea|茶叶) ?){0,12}",
    ]) {
        if let Ok(query) = Query::parse(&text) {
            let post = post(&text);
            let table = Table::of([&post]);
            table.ask(&query, Some(&[1, 2]), 9);
            let is_found = !table.ask(&query, None, u64::MAX).is_empty();
            prop_assert_eq!(!table.ask(&query, None, 0).is_empty(), is_found);
            if query.since().or(query.until()).is_none() {
                prop_assert_eq!(matches(&query, &post), is_found);
            }
            let _ = Snippet::new(&post, &query);
        }
    }

    #[test]
    fn any_word_of_text_finds_it(text in "([a-zA-Zà-ÿ]{1,12}|[а-яёіїєґА-ЯЁІЇЄҐ]{1,12}|[ء-ي\u{64b}-\u{652}]{1,9}|[一-龥]{1,5}|[0-9]{1,4}|[α-ωά-ώ]{1,9}| |, ){1,12}") {
        let post = post(&text);
        let table = Table::of([&post]);
        for word in text.split([' ', ',']).filter(|word| !word.is_empty()) {
            if let Ok(query) = Query::parse(word) {
                prop_assert_eq!(table.find(query.text()), vec![1], "{}", word);
            }
        }
    }

    #[test]
    fn snippet_is_part_of_post_text(text in "[ a-zа-яё#茶叶'’\"-]{0,400}", word in "[a-zа-яё茶叶]{1,4}") {
        let post = post(&text);
        if let Ok(query) = Query::parse(&word) {
            let shown = Snippet::new(&post, &query).text();
            let plain: String = post.text.plain(crate::text::Spoilers::Mask).split_whitespace().collect::<Vec<_>>().join(" ");
            prop_assert!(plain.contains(shown.trim_matches('…')), "{} in {}", shown, plain);
        }
    }
}
