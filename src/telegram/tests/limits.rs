//! Input limits: hostile pages are rejected; accepted pages give a bounded tree in bounded time.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use scraper::Html;

use super::super::limits::{Limit, MAX_BYTES, MAX_NESTING, MAX_STEPS, MAX_TAGS, parse};

fn refused(html: &str) -> Option<Limit> {
    parse(html).err()
}

/// Depth and number of nodes of a tree.
fn size(tree: &Html) -> (usize, usize) {
    let mut depths = std::collections::HashMap::new();
    let mut deepest = 0;
    for node in tree.tree.root().descendants() {
        let depth =
            node.parent().and_then(|parent| depths.get(&parent.id()).copied()).unwrap_or(0) + 1;
        depths.insert(node.id(), depth);
        deepest = deepest.max(depth);
    }
    (deepest, depths.len())
}

fn distinct(before: &str, after: &str, times: usize) -> String {
    (0..times).map(|number| format!("{before}{number}{after}")).collect()
}

#[test]
fn hostile_pages_are_refused_with_exceeded_limit() {
    let fonts = |times| distinct("<font a", "=1>", times);
    let bold = format!("<b{}>", distinct(" a", "=1", 60));
    for (html, limit) in [
        ("x".repeat(MAX_BYTES + 1), Limit::Bytes),
        ("<br>".repeat(MAX_TAGS + 1), Limit::Tags),
        ("<!---->".repeat(MAX_TAGS + 1), Limit::Tags),
        ("</p>".repeat(MAX_TAGS + 1), Limit::Tags),
        ("<div>".repeat(100_000), Limit::Nesting),
        ("<div/>".repeat(300), Limit::Nesting),
        (fonts(20_000), Limit::Nesting),
        (format!("<i{}>", distinct(" a", "", 65)), Limit::Attributes),
        (format!("</i{}>", distinct(" a", "", 65)), Limit::Attributes),
        (format!("<i{}>", distinct(" a", "", 500_000)), Limit::Attributes),
        (format!("<i{}>", distinct("/a", "=''", 300_000)), Limit::Attributes),
        (distinct("<body a", " b></body>", 70), Limit::Attributes),
        (format!("{}{}", fonts(60), "<font></font>".repeat(10_000)), Limit::Steps),
        (format!("{}{}", bold.repeat(240), "<b></b>".repeat(45_000)), Limit::Steps),
        (format!("<p>{}</p>{}", fonts(200), "<p>x</p>".repeat(5_000)), Limit::Steps),
        ("&amp;".repeat(MAX_STEPS / 2 + 1), Limit::Steps),
        (format!("<i title=\"{}\">", "&amp;".repeat(MAX_STEPS / 2 + 1)), Limit::Steps),
        (format!("<title>{}", "&lt;".repeat(MAX_STEPS / 2 + 1)), Limit::Steps),
        ("<".repeat(MAX_STEPS + 1), Limit::Steps),
    ] {
        assert_eq!(refused(&html), Some(limit), "{html:.60}");
    }
}

#[test]
fn tags_behind_odd_quotes_count_towards_limits() {
    let hidden = "<div>".repeat(300);
    for before in [
        "<p title='>'>",
        "<p =\">",
        "<p a=b\"c>",
        "<!--><!-- --!>",
        "<!-- --! <i a=\"-->",
        "<script></SCRIPT/x>",
        "<title></title\n>",
        "<select><style></select></style>",
        "<iframe><p title=\"</iframe>",
        "<svg><style>",
        "<svg><p></p></svg><title><p a='</title>",
        "<svg><desc><script><p a='</script>",
        "<math><mi></math><title><p a=\"</title>",
        "</div x=\">\">",
        "<?php >",
        "<!DOCTYPE \">\">",
    ] {
        assert_eq!(refused(&format!("{before}{hidden}")), Some(Limit::Nesting), "{before}");
    }
    for before in ["<script><!--<script></script>", "<svg><![CDATA[", "<textarea>", "<plaintext>"] {
        assert_eq!(refused(&format!("{before}{hidden}")), None, "{before}: this is text");
    }
}

#[test]
fn void_elements_nest_inside_svg_and_mathml() {
    for name in ["image", "input", "link", "source", "path"] {
        for around in ["<svg>", "<math>"] {
            let html = format!("{around}{}", format!("<{name}>").repeat(300));
            assert_eq!(refused(&html), Some(Limit::Nesting), "{html:.40}");
        }
    }
    for html in [
        "<svg><image href='a'/><filter><use/></filter></svg><br><input><img>",
        "<svg><title>x</title><g><path d=\"M0\"/><path d/><path d=\"M1\"></path></g></svg>",
        "<svg/><math/>",
    ] {
        assert_eq!(refused(&html.repeat(1_000)), None, "{html}");
    }
}

#[test]
fn ordinary_pages_stay_within_input_limits() {
    for html in
        ["", "<", "<p", "<p title=\"", "<!--", "<script>", "<p a=", "</p", "\u{feff}", "я<p>я"]
    {
        assert_eq!(refused(html), None, "{html}");
    }
    for html in [
        "<script>if (a < b && b<c) { document.write('<div>'); }</script><!-- x -->",
        "<img><br><br/><input/><meta><link>",
        "a &amp; b < c",
        "<a href='x'><b>x</b></a>",
        "<html></html><body></body>",
    ] {
        assert_eq!(refused(&html.repeat(300)), None, "{html}");
    }
    let picture = format!("<img src=\"data:image/png;base64,{}\">", "abc/".repeat(16_384));
    assert_eq!(refused(&picture), None, "a long value is not many attributes");
}

/// The most expensive accepted pages.
fn costliest() -> Vec<(&'static str, String)> {
    vec![
        ("elements", "<i></i>".repeat(49_999)),
        ("deep", format!("{}{}", "<span>".repeat(250), "<dd></dd>".repeat(12_000))),
        ("entities", "&amp;".repeat(MAX_STEPS / 2 - 9)),
        ("bad entities", "&x".repeat(MAX_STEPS / 2 - 9)),
        ("signs", "<".repeat(MAX_STEPS - 9)),
        ("script", format!("<script>{}", "<x ".repeat(MAX_STEPS - 9))),
        ("comments", "<!---->".repeat(MAX_TAGS)),
        ("open again", format!("<p>{}</p>{}", "<b a><b b><b c><b d>", "<p>x</p>".repeat(13_000))),
        ("table", format!("<table>{}", "<b>x</b>".repeat(49_000))),
        ("text", "x ".repeat(MAX_BYTES / 2)),
        ("lines", "\n".repeat(MAX_BYTES)),
        ("attributes", format!("<br{}>", distinct(" a", "", 64)).repeat(4_000)),
    ]
}

#[test]
fn costliest_accepted_pages_are_parsed_in_time() {
    // Without optimisation, the parser is ten times slower.
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

    #[test]
    fn accepted_html_yields_unmodified_tree_of_bounded_size(
        parts in prop::collection::vec(prop::sample::select(PIECES), 1..40),
        times in 1_usize..60,
    ) {
        let html = parts.concat().repeat(times);
        if let Ok(tree) = parse(&html) {
            prop_assert_eq!(&tree.tree, &Html::parse_document(&html).tree, "{:.300}", html);
            let (deepest, nodes) = size(&tree);
            // A table cell implies two more elements.
            prop_assert!(deepest <= 3 * MAX_NESTING + 8, "{deepest} deep: {html:.300}");
            prop_assert!(nodes <= 3 * MAX_STEPS, "{nodes} nodes: {html:.300}");
        }
    }
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
    "<P A=1 a=2 b>",
    "</P x=y>",
    "<p/a=b/>",
    "<p a='?b=1&copy=2&amp=3&lt;'>",
    "<!DOCTYPE html>",
    "&lt",
    "&notit;",
    "&#0;",
    "&#x80;",
    "&#x1F600",
    "&",
    "\0",
    "\r\n",
    "\r",
    "\u{c}",
    "я",
];
