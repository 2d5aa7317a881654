use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::html::{Context, SpoilerStyle};
use super::*;

fn built(build: impl FnOnce(&mut Builder)) -> RichText {
    let mut builder = Builder::new();
    build(&mut builder);
    builder.finish()
}

fn html(text: &RichText) -> String {
    let mut html = String::new();
    let tag = |tag: &str| format!("/tea?tag={}", &tag[1..]);
    let context = Context {
        tag: &tag,
        emoji: &|_| None,
        spoilers: SpoilerStyle::Link("https://feeds.example/tea/7"),
        page: None,
    };
    text.write_html(&context, &mut html);
    html
}

/// Conformance: 10.3
#[test]
fn custom_emoji_is_image_in_html_and_character_in_plain_text() {
    let text = built(|builder| {
        builder.text("It is ");
        builder.custom_emoji(5_389_033_296_086_709_487, "⌚\u{fe0f}");
    });
    assert_eq!(html(&text), "<p dir=\"auto\">It is ⌚\u{fe0f}</p>");
    let address = |id: u64| Some(format!("https://feeds.example/-/emoji/{id}.webp?a&b"));
    let context = Context {
        tag: &str::to_owned,
        emoji: &address,
        spoilers: SpoilerStyle::Reveal,
        page: None,
    };
    let mut pictured = String::new();
    text.write_html(&context, &mut pictured);
    assert_eq!(
        pictured,
        "<p dir=\"auto\">It is <img src=\"https://feeds.example/-/emoji/5389033296086709487.webp?a&amp;b\" \
         alt=\"⌚\u{fe0f}\" width=\"20\" height=\"20\"></p>"
    );
    assert_eq!(text.plain(Spoilers::Mask), "It is ⌚\u{fe0f}");
}

/// Conformance: 10.4
#[test]
fn blank_lines_separate_paragraphs() {
    let text = RichText::from_plain("one\ntwo\n\n\nthree\n \nfour\n");
    assert_eq!(
        html(&text),
        "<p dir=\"auto\">one<br>two</p><p dir=\"auto\">three</p><p dir=\"auto\">four</p>"
    );
    assert_eq!(text.plain(Spoilers::Mask), "one\ntwo\n\nthree\n\nfour");
}

#[test]
fn span_across_blank_line_is_split() {
    let text = built(|builder| {
        builder.open(Span::Style(Style::Bold));
        builder.text("Head");
        builder.line_break();
        builder.line_break();
        builder.open(Span::Style(Style::Italic));
        builder.text("body");
        builder.close();
        builder.close();
        builder.text(" tail");
    });
    assert_eq!(
        html(&text),
        "<p dir=\"auto\"><b>Head</b></p><p dir=\"auto\"><b><i>body</i></b> tail</p>"
    );
}

#[test]
fn line_break_at_end_of_span_moves_behind_it() {
    let text = built(|builder| {
        builder.open(Span::Style(Style::Bold));
        builder.text("Head ");
        builder.line_break();
        builder.close();
        builder.text(" body");
    });
    assert_eq!(html(&text), "<p dir=\"auto\"><b>Head</b><br>body</p>");
}

#[test]
fn spaces_between_spans_collapse_and_trailing_ones_vanish() {
    let text = built(|builder| {
        builder.text("\n   one ");
        builder.open(Span::Style(Style::Bold));
        builder.text(" two");
        builder.close();
        builder.text("\n  three   four  ");
        builder.line_break();
        builder.text("  five");
    });
    assert_eq!(html(&text), "<p dir=\"auto\">one <b>two</b> three   four<br>five</p>");
}

/// Conformance: 10.4
#[test]
fn quotes_and_code_are_separate_blocks() {
    let text = built(|builder| {
        builder.text("before");
        builder.open_quote(true);
        builder.text("first");
        builder.line_break();
        builder.line_break();
        builder.text("second");
        builder.close_quote();
        builder.preformatted(Some("rust"), "\nfn main() {\n    let a = \"<&>\";\n}\n");
        builder.preformatted(Some("not a language\""), "x");
        builder.open_quote(false);
        builder.close_quote();
        builder.text("after");
    });
    assert_eq!(
        html(&text),
        "<p dir=\"auto\">before</p><blockquote><p dir=\"auto\">first</p><p dir=\"auto\">second</p></blockquote>\
         <pre><code class=\"language-rust\">fn main() {\n    let a = &quot;&lt;&amp;&gt;&quot;;\n}</code></pre>\
         <pre><code>x</code></pre><p dir=\"auto\">after</p>"
    );
}

#[test]
fn tags_inside_link_are_text_and_spoiler_hides_its_url() {
    let link = || Span::Link(Address::parse("https://a.example/").unwrap());
    let tagged = built(|builder| {
        builder.open(link());
        builder.tag("#tea");
        builder.text(" by ");
        builder.mention("tearoad");
        builder.close();
    });
    assert_eq!(
        html(&tagged),
        "<p dir=\"auto\"><a href=\"https://a.example/\">#tea by @tearoad</a></p>"
    );
    let hidden = built(|builder| {
        builder.text("see ");
        builder.open(link());
        builder.text("the ");
        builder.open(Span::Style(Style::Spoiler));
        builder.text("end");
        builder.close();
        builder.close();
    });
    let masked = html(&hidden);
    assert!(masked.ends_with("▒▒▒</a></p>") && !masked.contains("a.example"), "{masked}");
}

/// Conformance: 10.2
#[test]
fn links_are_validated_and_never_nested() {
    for refused in [
        "javascript:alert(1)",
        "data:text/html,x",
        "/relative",
        "ftp://x/y",
        "http://",
        "mailto:",
        "",
    ] {
        assert_eq!(Address::parse(refused), None, "{refused}");
    }
    assert_eq!(
        Address::parse("//telegram.org/x y").unwrap().as_str(),
        "https://telegram.org/x%20y"
    );
    let text = built(|builder| {
        builder.open(Span::Link(Address::parse("https://a.example/?x=1&y=\"2\"").unwrap()));
        builder.text("a");
        builder.open(Span::Link(Address::parse("https://b.example/").unwrap()));
        builder.text("b");
        builder.close();
        builder.close();
        builder.open(Span::Link(Address::parse("https://hidden.example/").unwrap()));
        builder.text("\u{200b}");
        builder.close();
        builder.open(Span::Link(Address::parse("tg://resolve?domain=tea").unwrap()));
        builder.text("app");
        builder.close();
    });
    assert_eq!(
        html(&text),
        "<p dir=\"auto\"><a href=\"https://a.example/?x=1&amp;y=%222%22\">ab</a>\u{200b}app</p>"
    );
}

#[test]
fn nesting_beyond_limit_keeps_text_without_format() {
    let text = built(|builder| {
        for _ in 0..200 {
            builder.open(Span::Style(Style::Bold));
        }
        builder.text("deep");
        for _ in 0..200 {
            builder.close();
        }
        for _ in 0..200 {
            builder.open_quote(false);
        }
        builder.text("quoted");
        for _ in 0..200 {
            builder.close_quote();
        }
        builder.text("out");
    });
    let html = html(&text);
    assert_eq!(html.matches("<b>").count(), MAX_DEPTH - 1);
    assert_eq!(html.matches("<blockquote>").count(), MAX_DEPTH - 1);
    assert!(html.ends_with("<p dir=\"auto\">out</p>"), "{html}");
}

/// Conformance: 10.1
#[test]
fn spoiler_is_masked_and_links_to_post() {
    let text = built(|builder| {
        builder.text("It was ");
        builder.open(Span::Style(Style::Spoiler));
        builder.text("the gardener");
        builder.close();
        builder.text("!");
    });
    assert_eq!(text.plain(Spoilers::Mask), "It was ▒▒▒!");
    assert_eq!(text.plain(Spoilers::Show), "It was the gardener!");
    assert_eq!(
        html(&text),
        "<p dir=\"auto\">It was <a href=\"https://feeds.example/tea/7\">▒▒▒</a>!</p>"
    );
}

#[test]
fn spoiler_over_whole_text_masks_each_paragraph() {
    let text = built(|builder| {
        builder.open(Span::Style(Style::Spoiler));
        builder.text("all");
        builder.line_break();
        builder.line_break();
        builder.text("of it");
        builder.close();
    });
    let mask = "<p dir=\"auto\"><a href=\"https://feeds.example/tea/7\">▒▒▒</a></p>";
    assert_eq!(html(&text), mask.repeat(2));
}

#[test]
fn spoiler_stays_hidden_in_quotes_code_and_deep_nesting() {
    let deep = |open: &dyn Fn(&mut Builder)| {
        built(|builder| {
            (0..200).for_each(|_| open(builder));
            builder.open(Span::Style(Style::Spoiler));
            builder.text("secret");
            builder.close();
        })
    };
    let bold = deep(&|builder| builder.open(Span::Style(Style::Bold)));
    let quoted = deep(&|builder| builder.open_quote(false));
    let spoilers = deep(&|builder| builder.open(Span::Style(Style::Spoiler)));
    let around = |body: &dyn Fn(&mut Builder)| {
        built(|builder| {
            builder.text("before");
            builder.open(Span::Style(Style::Spoiler));
            body(builder);
            builder.close();
            builder.text("behind");
        })
    };
    let code = around(&|builder| builder.preformatted(Some("rust"), "secret\n\n secret()"));
    let quote = around(&|builder| {
        builder.open_quote(true);
        builder.text("secret");
        builder.close_quote();
    });
    let heavy = around(&|builder| builder.text(&"secret ".repeat(MAX_WEIGHT)));
    for text in [bold, quoted, spoilers, code, quote, heavy] {
        let (html, plain) = (html(&text), text.plain(Spoilers::Mask));
        assert!(html.contains(MASK) && plain.contains(MASK), "{html}");
        assert!(!html.contains("secret") && !plain.contains("secret"), "{html}");
        let written = serde_json::to_string(&text).unwrap();
        assert_eq!(serde_json::from_str::<RichText>(&written).unwrap(), text);
    }
}

#[test]
fn masked_spoilers_yield_no_tags_or_links() {
    let link = |text: &str| Span::Link(Address::parse(text).unwrap());
    let text = built(|builder| {
        builder.open(Span::Style(Style::Spoiler));
        builder.tag("#hidden");
        builder.open(link("https://hidden.example/"));
        builder.text("there");
        builder.close();
        builder.close();
        builder.open(link("https://half.example/"));
        builder.text("half ");
        builder.open(Span::Style(Style::Spoiler));
        builder.text("hidden");
        builder.close();
        builder.close();
        builder.tag("#open");
        builder.open(link("https://open.example/"));
        builder.text("here");
    });
    let addresses = |spoilers| -> Vec<&str> {
        text.addresses(spoilers).into_iter().map(Address::as_str).collect()
    };
    assert_eq!(addresses(Spoilers::Mask), ["https://open.example/"]);
    assert_eq!(addresses(Spoilers::Show).len(), 3);
    assert_eq!(text.hashtags(Spoilers::Mask), ["open".into()]);
    assert_eq!(text.hashtags(Spoilers::Show), ["hidden".into(), "open".into()]);
}

#[test]
fn hashtags_are_listed_once_in_order() {
    let text = built(|builder| {
        for tag in ["#Чай", "#tea", "$TON", "#чай", "#苔"] {
            builder.tag(tag);
            builder.text(" ");
        }
    });
    assert_eq!(text.hashtags(Spoilers::Show), ["Чай".into(), "tea".into(), "苔".into()]);
}

#[test]
fn line_of_tags_or_links_only_is_bare() {
    let text = built(|builder| {
        builder.text("🎆 ");
        builder.tag("#news");
        builder.text(" — ");
        builder.mention("tea");
        builder.line_break();
        builder.open(Span::Link(Address::parse("https://a.example/b").unwrap()));
        builder.text("a.example/b");
        builder.close();
        builder.line_break();
        builder.open(Span::Link(Address::parse("https://a.example/b").unwrap()));
        builder.text("The harbour at night");
        builder.close();
    });
    let lines: Vec<_> = text.lines().collect();
    let bare: Vec<(&str, bool)> =
        lines.iter().map(|line| (line.text.as_str(), line.is_bare)).collect();
    assert_eq!(
        bare,
        [("🎆 #news — @tea", true), ("a.example/b", true), ("The harbour at night", false)]
    );
}

/// Conformance: 1.2
#[test]
fn rich_text_drops_characters_forbidden_in_xml() {
    let text = built(|builder| {
        builder.text("a\u{0}b\u{b}c\u{1b}d\u{85}e\u{fffe}f\u{ffff}g\u{fdd0}h\r\ni\tj");
        builder.code("\u{7f}k");
        builder.preformatted(None, "l\u{c}m\r\nn");
    });
    assert_eq!(text.plain(Spoilers::Show), "abcdefgh i\tjk\n\nlm\nn");
}

#[test]
fn oversized_text_is_cut_with_ellipsis() {
    let address = Address::parse(&format!("https://x.example/{}", "y".repeat(4000))).unwrap();
    let paragraphs = |builder: &mut Builder| {
        for _ in 0..50_000 {
            builder.text("x");
            builder.line_break();
            builder.line_break();
        }
    };
    for text in [
        built(|builder| builder.text(&"я".repeat(MAX_WEIGHT))),
        built(|builder| builder.preformatted(None, &"x\n".repeat(MAX_WEIGHT))),
        built(|builder| (0..MAX_WEIGHT).for_each(|_| builder.text("x "))),
        built(|builder| (0..20_000).for_each(|_| builder.mention("tea"))),
        built(paragraphs),
        built(|builder| {
            builder.open(Span::Link(address.clone()));
            paragraphs(builder);
        }),
        built(|builder| {
            (0..MAX_DEPTH).for_each(|_| builder.open(Span::Style(Style::Bold)));
            paragraphs(builder);
        }),
        built(|builder| {
            for _ in 0..20_000 {
                builder.open_quote(false);
                builder.text("x");
                builder.close_quote();
            }
        }),
    ] {
        let plain = text.plain(Spoilers::Show);
        assert!(plain.ends_with('…'), "{:?}", plain.chars().rev().take(9).collect::<String>());
        assert_eq!(plain.matches('…').count(), 1);
        assert!((150..=MAX_WEIGHT + 5).contains(&plain.len()), "{}", plain.len());
        assert!(text.weight() < MAX_WEIGHT + 1024, "{}", text.weight());
        let html = html(&text).len();
        assert!(html < 2 * MAX_WEIGHT, "{html}");
    }
    let longest_post = built(|builder| {
        for _ in 0..100 {
            builder.open(Span::Link(address.clone()));
            builder.text(&"茶".repeat(40));
            builder.close();
            builder.line_break();
        }
    });
    let links = longest_post.addresses(Spoilers::Show).len();
    // Each weighs the 4,096 bytes of its address and its text. A hundred exceed the limit.
    assert_eq!(links, 60, "of a hundred links as long as can be");
}

#[test]
fn adjacent_text_pieces_are_joined() {
    let text = built(|builder| {
        for _ in 0..100_000 {
            builder.text("x");
        }
    });
    let [Block::Paragraph(inlines)] = text.blocks() else { panic!("one paragraph") };
    assert_eq!(*inlines, [Inline::Text("x".repeat(100_000).into())]);
}

#[test]
fn number_of_hashtags_is_bounded() {
    let text = built(|builder| (0..3_000).for_each(|number| builder.tag(&format!("#t{number}"))));
    assert_eq!(text.hashtags(Spoilers::Show).len(), MAX_HASHTAGS);
}

#[test]
fn counted_uses_singular_for_one_only() {
    assert_eq!(counted(1, "post"), "1 post");
    for (number, expected) in
        [("0", "0 posts"), ("2", "2 posts"), ("11", "11 posts"), ("1.1K", "1.1K posts")]
    {
        assert_eq!(counted(number, "post"), expected);
    }
}

/// Calls a method of the builder.
fn obey(builder: &mut Builder, order: u8, words: &str) {
    let address = || Address::parse(&format!("https://a.example/{words}"));
    match order {
        0 => builder.line_break(),
        1 => builder.open(Span::Style(Style::Bold)),
        2 => builder.open(Span::Style(Style::Spoiler)),
        3 => builder.open(address().map_or(Span::Style(Style::Italic), Span::Link)),
        4..=6 => builder.close(),
        7 => builder.open_quote(true),
        8 => builder.close_quote(),
        9 => builder.code(words),
        10 => builder.preformatted(Some("rust"), words),
        11 => builder.tag(&format!("#{words}")),
        12 => builder.mention(words),
        13 => builder.custom_emoji(5, words),
        _ => builder.text(words),
    }
}

/// Keeps only what the HTML of a text may contain.
fn sanitiser() -> ammonia::Builder<'static> {
    let mut sanitiser = ammonia::Builder::new();
    sanitiser
        .tags(HashSet::from(["a", "b", "blockquote", "br", "code", "i", "p", "pre", "s", "u"]))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href"])),
            ("code", HashSet::from(["class"])),
            ("p", HashSet::from(["dir"])),
        ]))
        .generic_attributes(HashSet::new())
        .url_schemes(HashSet::from(["http", "https"]))
        .url_relative(ammonia::UrlRelative::PassThrough)
        .link_rel(None);
    sanitiser
}

/// The HTML parsed and serialised: different spellings of one tree become equal.
fn tree(html: &str) -> String {
    scraper::Html::parse_fragment(html).html()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn built_html_passes_sanitiser_unchanged(orders in prop::collection::vec((0_u8..20, "[a-z#é茶<>&\"' \n\u{0}-\u{1f}\u{200b}\u{202e}]{0,12}"), 0..60)) {
        let text = built(|builder| orders.iter().for_each(|(order, words)| obey(builder, *order, words)));
        let html = html(&text);
        let cleaned = sanitiser().clean(&html).to_string();
        prop_assert_eq!(tree(&cleaned), tree(&html));
        prop_assert_eq!(sanitiser().clean(&cleaned).to_string(), cleaned);
        prop_assert!(scraper::Html::parse_fragment(&html).errors.is_empty(), "{}", html);
        prop_assert!(text.blocks().iter().all(|block| !matches!(block, Block::Paragraph(content) if content.is_empty())));
    }
}
