//! Posts in memory: what a query says of them is what the database says of their rows.

use super::*;

#[test]
fn a_post_in_memory_meets_a_query_if_and_only_if_the_database_finds_it() {
    let all = pairs::WANTED.iter().flat_map(|(_, pairs)| pairs.iter()).chain(&pairs::UNWANTED);
    let posts: Vec<Post> = all.clone().map(|(_, text)| post(text)).collect();
    let table = Table::of(&posts);
    let mut met = 0;
    for (text, _) in all {
        let query = Query::parse(&text.replace(" channel:any", "")).unwrap();
        let meets = |number: &i64| query.meets(&posts[usize::try_from(*number).unwrap() - 1]);
        let numbers = (1..=i64::try_from(posts.len()).unwrap()).rev().filter(meets);
        let numbers: Vec<i64> = numbers.collect();
        assert_eq!(numbers, table.find(query.text()), "{text}");
        met += numbers.len();
    }
    assert!(met > 100, "{met}");
}

#[test]
fn a_post_in_memory_is_of_the_days_that_are_named() {
    // It was published on the tenth of May.
    let post = post("tea");
    for (text, expected) in [
        ("tea since:2026-05-10 until:2026-05-10", true),
        ("tea since:2026-05-11", false),
        ("tea until:2026-05-09", false),
    ] {
        assert_eq!(Query::parse(text).unwrap().meets(&post), expected, "{text}");
    }
}

#[test]
fn signs_are_found_as_they_stand() {
    let mut builder = Builder::new();
    builder.text("The lamp is \u{2764}\u{fe0f} tonight :-D ");
    builder.open(Span::Style(Style::Spoiler));
    builder.text("🔥");
    builder.close();
    let post = Post { text: builder.finish(), ..empty() };
    for (signs, expected) in
        [("🔥", true), ("❤ 🔥", true), ("❤\u{fe0f}", true), ("🌊", false), ("🔥 🌊", false)]
    {
        assert_eq!(ChannelQuery::parse(signs).unwrap().meets(&post), expected, "{signs}");
    }
}
