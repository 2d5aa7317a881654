use std::time::{Duration, Instant};

use proptest::prelude::*;
use scraper::Html;

use super::*;

fn refused(html: &str) -> Option<Bound> {
    match check(html) {
        Ok(()) => None,
        Err(NotAPage::Bounds(bound)) => Some(bound),
        Err(other) => panic!("{other}"),
    }
}

/// The depth of the tree that the parser makes, and its nodes.
fn tree(html: &str) -> (usize, usize) {
    let tree = Html::parse_document(html);
    let mut depths = std::collections::HashMap::new();
    let mut deepest = 0;
    let mut nodes = 0;
    for node in tree.tree.root().descendants() {
        let depth =
            node.parent().and_then(|parent| depths.get(&parent.id()).copied()).unwrap_or(0) + 1;
        depths.insert(node.id(), depth);
        deepest = deepest.max(depth);
        nodes += 1;
    }
    (deepest, nodes)
}

#[test]
fn hostile_pages_are_refused_by_the_bound_that_they_break() {
    let fonts = |range: std::ops::Range<usize>| -> String {
        range.map(|i| format!("<font a{i}=1>")).collect()
    };
    let attributes: String = (0..65).map(|i| format!(" a{i}")).collect();
    for (html, bound) in [
        ("x".repeat(MOST_BYTES + 1), Bound::Bytes),
        ("<br>".repeat(MOST_TAGS + 1), Bound::Tags),
        ("<!---->".repeat(MOST_TAGS + 1), Bound::Tags),
        ("</p>".repeat(MOST_TAGS + 1), Bound::Tags),
        ("<div>".repeat(100_000), Bound::Nesting),
        (fonts(0..20_000), Bound::Nesting),
        (format!("<i{attributes}>"), Bound::Attributes),
        (format!("</i{attributes}>"), Bound::Attributes),
        (format!("{}{}", fonts(0..60), "<font></font>".repeat(10_000)), Bound::Steps),
        (format!("<p>{}</p>{}", fonts(0..200), "<p>x</p>".repeat(5_000)), Bound::Steps),
        ("&amp;".repeat(MOST_STEPS / 2 + 1), Bound::Steps),
        (format!("<i title=\"{}\">", "&amp;".repeat(MOST_STEPS / 2 + 1)), Bound::Steps),
        (format!("<title>{}", "&lt;".repeat(MOST_STEPS / 2 + 1)), Bound::Steps),
        ("<".repeat(MOST_STEPS + 1), Bound::Steps),
        ("<svg><![CDATA[ <div> ]]></svg>".to_owned(), Bound::Ambiguous),
        ("<script><!--<script></script>".to_owned(), Bound::Ambiguous),
    ] {
        assert_eq!(refused(&html), Some(bound), "{html:.60}");
    }
}

#[test]
fn tags_hidden_from_a_simple_count_are_counted() {
    let hidden = "<div>".repeat(300);
    for before in [
        "<p title='>'>",
        "<p title=\"</script>\">",
        "<p =\">",
        "<p a=b\"c>",
        "<p a='\"' \">",
        "<!--><!-- --!>",
        "<!--->",
        "<!-- --! <i a=\"-->",
        "<script></script >",
        "<script></SCRIPT/x>",
        "<title></title\n>",
        "<select><style></select>",
        "<iframe><p title=\"</iframe>",
        "<noscript><!--</noscript>",
        "<xmp><p title='</xmp>",
        "<noembed><p title='</noembed>",
        "<noframes></noframes >",
        "<svg><style>",
        "<svg><title>",
        "<math><title>",
        "<frameset><title>",
        "<template><textarea>",
        "</div x=\">\">",
        "<?php >",
        "<!DOCTYPE \">\">",
        "</ a=\">",
    ] {
        assert_eq!(refused(&format!("{before}{hidden}")), Some(Bound::Nesting), "{before}");
    }
}

#[test]
fn what_may_hide_tags_is_refused_where_content_may_be_text() {
    let hidden = "<div>".repeat(300);
    for before in [
        "<select><input><title><p a=\"</title>",
        "<select><input><title><!--</title>",
        "<select><input><textarea><p a='</textarea>",
        "<math><title><p a=\"</title>",
        "<math><mi></math><title><p a=\"</title>",
        "<template><col><title><p a=\"</title>",
        "<frameset></frameset><style><p a='</style>",
        "<svg><p></p></svg><title><p a='</title>",
        "<svg><desc><script><p a='</script>",
    ] {
        assert_eq!(refused(&format!("{before}{hidden}\"-->")), Some(Bound::Ambiguous), "{before}");
    }
    for open in
        ["<p title=\"</p>\">", "<!-- </p> -->", "<svg><title>a</title><g/></svg><p a='</p>'>"]
    {
        assert_eq!(refused(open), None, "{open}: nothing is in doubt");
    }
}

#[test]
fn elements_without_content_nest_in_drawings() {
    for name in ["image", "input", "link", "source", "wbr", "area", "param", "col", "frame"] {
        for around in ["<svg>", "<math>", "<svg><desc>", "<template>"] {
            let html = format!("{around}{}", format!("<{name}>").repeat(300));
            assert_eq!(refused(&html), Some(Bound::Nesting), "{html:.40}");
        }
        assert_eq!(refused(&format!("<{name}>").repeat(300)), None);
    }
    let drawn = "<svg><image href='a'/><filter><use/></filter></svg><br><input><img>".repeat(300);
    assert_eq!(refused(&drawn), None);
}

#[test]
fn the_attributes_of_all_tags_of_the_body_are_one_list() {
    let tags: String = (0..40).map(|tag| format!("<body a{tag} b{tag}></body>")).collect();
    assert_eq!(refused(&tags), Some(Bound::Attributes));
    assert_eq!(refused(&"<body></body><html></html>".repeat(300)), None);
}

#[test]
fn a_slash_closes_nothing_where_the_parser_does_not_heed_it() {
    for html in [
        "<div/>".repeat(300),
        format!("<svg>{}", "<div/>".repeat(300)),
        format!("<svg><div></div>{}", "<path/>".repeat(300)),
        format!("<svg><title><i></i></title>{}", "<path/>".repeat(300)),
        format!("<svg></p>{}", "<path/>".repeat(300)),
        format!("<math>{}", "<path/>".repeat(300)),
        format!("<svg>{}", "<path d=a/>".repeat(300)),
        format!("<svg>{}", "<path d= />".repeat(300)),
        format!("<svg>{}", "<path d/ >".repeat(300)),
    ] {
        assert_eq!(refused(&html), Some(Bound::Nesting), "{html:.40}");
    }
    let drawing =
        "<svg><title>x</title><g><path d=\"M0\"/><path d/><path d=\"M1\"></path></g></svg>";
    assert_eq!(refused(&drawing.repeat(1_000)), None);
}

#[test]
fn an_ordinary_page_stays_far_below_the_bounds() {
    for html in [
        "",
        "no tags at all",
        "<",
        "<p",
        "<p title=\"",
        "<!--",
        "<!-- x",
        "<script>",
        "<p a=",
        "</p",
        "<",
    ] {
        assert_eq!(refused(html), None, "{html}");
    }
    for html in [
        "<script>if (a < b && b<c) { document.write('<div>'); }</script><!-- x -->",
        "<script><!-- hidden from browsers of 1996 --></script>",
        "<textarea><div><div></textarea>",
        "<img><br><br/><input/><meta><link>",
        "a &amp; b < c",
        "<a href='x'><b>x</b></a>",
    ] {
        assert_eq!(refused(&html.repeat(300)), None, "{html}");
    }
}

#[test]
fn misnested_formatting_costs_what_the_parser_copies() {
    let formatting = |times| -> String { (0..times).map(|i| format!("<b a{i}>")).collect() };
    let page =
        |open, times| format!("<div>{}</div>{}", formatting(open), "<div>x</div>".repeat(times));
    assert_eq!(refused(&page(60, 100)), None);
    let (_, nodes) = tree(&page(60, 100));
    assert!(nodes > 6_000, "the parser opens them again: {nodes}");
    assert_eq!(refused(&page(60, 2_000)), Some(Bound::Steps));
}

/// The pages that cost the parser most and pass the door.
fn costliest() -> Vec<(&'static str, String)> {
    vec![
        ("elements", "<i></i>".repeat(49_999)),
        ("deep", format!("{}{}", "<span>".repeat(250), "<dd></dd>".repeat(15_000))),
        ("entities", "&amp;".repeat(MOST_STEPS / 2 - 1)),
        ("bad entities", "&x".repeat(MOST_STEPS / 2 - 1)),
        ("signs", "<".repeat(MOST_STEPS - 1)),
        ("title", format!("<title>{}", "&lt;".repeat(MOST_STEPS / 2 - 9))),
        ("script", format!("<script>{}", "<x ".repeat(MOST_STEPS / 2 - 9))),
        ("comments", "<!---->".repeat(MOST_TAGS)),
        ("open again", format!("<p>{}</p>{}", "<b a><b b><b c><b d>", "<p>x</p>".repeat(13_000))),
        ("table", format!("<table>{}", "<b>x</b>".repeat(49_000))),
        ("text", "x ".repeat(MOST_BYTES / 2)),
    ]
}

#[test]
fn the_costliest_pages_that_pass_are_parsed_in_time() {
    // Unoptimised, the parser is ten times slower; the bound that counts is that of a release.
    let most = Duration::from_millis(if cfg!(debug_assertions) { 10_000 } else { 250 });
    for (name, html) in costliest() {
        assert_eq!(refused(&html), None, "{name}");
        let begun = Instant::now();
        let _ = crate::telegram::recognise(&html);
        let spent = begun.elapsed();
        assert!(spent < most, "{name}: {spent:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever passes the door makes a tree whose depth and size are bounded: the door never counts less than the
    /// parser builds.
    #[test]
    fn what_passes_the_door_is_bounded_as_a_tree(parts in prop::collection::vec(piece(), 1..40), times in 1_usize..60) {
        let html = parts.concat().repeat(times);
        if check(&html).is_ok() {
            let (deepest, nodes) = tree(&html);
            // A cell of a table opens two more elements that its author did not write.
            prop_assert!(deepest <= 3 * DEEPEST + 8, "{deepest} deep: {html:.300}");
            prop_assert!(nodes <= 3 * MOST_STEPS, "{nodes} nodes: {html:.300}");
        }
    }
}

fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(PIECES)
}

const PIECES: &[&str] = &[
    "<div>",
    "</div>",
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<b a=1>",
    "<i>",
    "</i>",
    "<a>",
    "<a b>",
    "</a>",
    "<span>",
    "</span>",
    "<div/>",
    "<path/>",
    "<path d=a/>",
    "<path d/ >",
    "<svg>",
    "</svg>",
    "<svg/>",
    "<g>",
    "</g>",
    "<title>",
    "</title>",
    "<style>",
    "</style>",
    "<script>",
    "</script>",
    "<script/>",
    "<textarea>",
    "</textarea>",
    "<select>",
    "</select>",
    "<option>",
    "<table>",
    "</table>",
    "<tr>",
    "<td>",
    "</td>",
    "<caption>",
    "<template>",
    "</template>",
    "<math>",
    "</math>",
    "<mi>",
    "<frameset>",
    "<noscript>",
    "</noscript>",
    "<iframe>",
    "</iframe>",
    "<plaintext>",
    "<!--",
    "-->",
    "--!>",
    "<!-->",
    "->",
    "<![CDATA[",
    "]]>",
    "<?",
    "<!x",
    ">",
    "<",
    "</",
    "\"",
    "'",
    "=",
    "<p a=\"",
    "<p a='",
    "<p a=\"</title>",
    "<p a='</iframe>",
    "<p a=\"</style>",
    "<!-- </textarea>",
    "<noscript>",
    "<noembed>",
    "<noframes>",
    "<input>",
    "<image>",
    "<link>",
    "<col>",
    "<p a=",
    " ",
    "x",
    "&amp;",
    "<button>",
    "</button>",
    "<li>",
    "<dd>",
    "<form>",
    "</form>",
    "<foreignObject>",
    "</foreignObject>",
    "<desc>",
    "</desc>",
    "<font color=a>",
    "</font>",
    "<nobr>",
    "<h1>",
    "</h1>",
    "<br/>",
    "</br>",
    "<img>",
    "<body x>",
    "<html y>",
    "</body>",
    "</html>",
    "<marquee>",
    "<object>",
    "</object>",
    "<xmp>",
    "</xmp>",
    "<annotation-xml encoding='text/html'>",
];
