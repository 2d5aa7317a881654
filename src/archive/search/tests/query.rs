//! Parsing of queries.

use crate::archive::search::query::*;
use crate::model::{BadName, ChannelName};

fn parsed(text: &str) -> Query {
    Query::parse(text).unwrap()
}

/// The terms in query syntax.
fn shown(terms: &[Term]) -> String {
    let shown = terms.iter().map(|term| match term {
        Term::Word(parts) => {
            let part = |part: &Part| match &part.prefix {
                Some(prefix) if *prefix != part.word => format!("{}|{prefix}*", part.word),
                Some(prefix) => format!("{prefix}*"),
                None => part.word.to_string(),
            };
            parts.iter().map(part).collect::<Vec<_>>().join("-")
        }
        Term::Phrase { words, is_prefix, whole, .. } => {
            let star = if *is_prefix { "*" } else { "" };
            let whole = whole.as_ref().map(|(whole, _)| format!("|{whole}")).unwrap_or_default();
            format!("\"{}{star}\"{whole}", words.join(" "))
        }
        Term::Hashtag(tag) => format!("#{tag}"),
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[test]
fn query_syntax_is_parsed() {
    for (text, wanted, unwanted) in [
        ("Чай", "чай", ""),
        ("  green   TEA ", "green tea", ""),
        ("tea tea", "tea", ""),
        ("\"green tea\" leaves", "\"green tea\" leaves", ""),
        ("«Война и мир»", "\"война и мир\"", ""),
        ("“green tea", "\"green tea\"", ""),
        ("say\"this now\"", "say \"this now\"", ""),
        ("#ЧайДня чай", "#чайдня чай", ""),
        ("＃チャイ", "#チャイ", ""),
        ("чай -кофе -\"с молоком\" -#реклама", "чай", "кофе \"с молоком\" #реклама"),
        ("чай - кофе", "чай кофе", ""),
        ("теле*", "теле*", ""),
        ("l'hom*", "\"l hom*\"|lhom", ""),
        ("covid-19*", "\"covid 19*\"", ""),
        ("茶*", "\"茶\"", ""),
        ("COVID-19", "\"covid 19\"", ""),
        ("интернет-магазины", "интернет-магазины", ""),
        ("Су-35", "\"су 35\"", ""),
        ("iPhone15", "\"iphone 15\"", ""),
        ("2026", "\"2026\"", ""),
        ("人工智能", "\"人工 工智 智能\"", ""),
        ("茶", "\"茶\"", ""),
        ("iPhone茶", "\"iphone 茶*\"", ""),
        ("iPhone发布", "\"iphone 发布\"", ""),
        ("don't", "\"don t\"|dont", ""),
        ("п'ять", "пять", ""),
        ("שלום", "שלום*", ""),
        ("українські ніч", "украінські|украінсь* ніч", ""),
        ("note: this", "note this", ""),
        ("tea AND NOT coffee OR (x NEAR y)", "tea and not coffee or x near y", ""),
        ("words:tea ^tea tea\"\" {a}:b *", "words-tea tea \"a b\"", ""),
        ("c++ 🔥", "c", ""),
    ] {
        let query = parsed(text);
        assert_eq!(
            (shown(query.wanted()).as_str(), shown(query.unwanted()).as_str()),
            (wanted, unwanted),
            "{text}"
        );
    }
}

#[test]
fn query_operators_select_channels_and_days() {
    let query = parsed(
        "чай channel:@TeaRoad from:https://t.me/durov channel:tearoad since:2026-01-31 UNTIL:2026-02-28",
    );
    let names: Vec<&str> = query.channels().iter().map(ChannelName::as_str).collect();
    assert_eq!(names, ["TeaRoad", "durov"]);
    assert_eq!(query.since().unwrap().to_rfc3339(), "2026-01-31T00:00:00+00:00");
    assert_eq!(query.until().unwrap().to_rfc3339(), "2026-03-01T00:00:00+00:00");
    assert_eq!(shown(query.wanted()), "чай");
}

#[test]
fn invalid_query_is_refused_with_reason() {
    let date = |operator| BadQuery::Date { operator };
    let short = |beginning: &str| BadQuery::ShortBeginning { beginning: beginning.to_owned() };
    for (text, reason) in [
        ("", BadQuery::Empty),
        (" \u{b}\t ", BadQuery::Empty),
        ("!!! 🔥 \"\" *", BadQuery::NoWord),
        ("channel:durov since:2026-01-01", BadQuery::NoWord),
        ("-чай", BadQuery::OnlyUnwanted),
        ("a* tea", short("a")),
        ("tea -T*", short("t")),
        ("covid-1*", short("1")),
        ("чай since:31.01.2026", date("since")),
        ("чай until:2026-02-30", date("until")),
        ("чай until:", date("until")),
        ("чай since:+002026-1-1", date("since")),
        ("чай since:2026-03-01 until:2026-02-01", BadQuery::Backwards),
        ("чай channel:1", BadQuery::Channel(BadName::Malformed)),
        ("чай channel:", BadQuery::Channel(BadName::Empty)),
        (&"ч".repeat(LONGEST / 2 + 1), BadQuery::TooLong),
        ("a b c d e f g h i j k l m n o p q", BadQuery::TooMany),
    ] {
        assert_eq!(Query::parse(text), Err(reason), "{text}");
    }
    assert!(Query::parse("a b c d e f g h i j k l m n o p").is_ok());
    let channels: String =
        (0..=MOST_CHANNELS).map(|number| format!(" channel:channel{number}")).collect();
    assert_eq!(Query::parse(&format!("tea{channels}")), Err(BadQuery::TooMany));
}

#[test]
fn query_within_channel_accepts_symbols() {
    let parse = Query::parse_in_channel;
    let tea = Query::parse("tea channel:pier").unwrap();
    let words = parse("tea channel:pier").unwrap();
    assert_eq!((words.wanted(), words.channels()), (tea.wanted(), &[][..]));
    for (text, symbols) in [
        ("🔥", &["🔥"][..]),
        (" 🔥  :-) ", &["🔥", ":-)"]),
        ("\"🔥 ❤\"", &["🔥", "❤"]),
        ("%", &["%"]),
    ] {
        let query = parse(text).unwrap();
        assert!(!query.has_words() && query.is_plain());
        assert_eq!(query.symbols().iter().map(|symbol| &**symbol).collect::<Vec<_>>(), symbols);
    }
    for (text, reason) in [
        ("\"\"", BadQuery::NoWord),
        ("since:2026-05-01", BadQuery::NoWord),
        ("🔥 since:2026-05-01", BadQuery::NoWord),
        ("channel:pier", BadQuery::NoWord),
        ("-tea", BadQuery::OnlyUnwanted),
        ("🔥 -tea", BadQuery::OnlyUnwanted),
        ("tea since:foo", BadQuery::Date { operator: "since" }),
        ("", BadQuery::Empty),
    ] {
        assert_eq!(parse(text), Err(reason), "{text}");
    }
}
