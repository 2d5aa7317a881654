//! Calls of the builder of formatted text: each is an opcode byte followed by its arguments.
#![no_main]

use feedline::text::{Address, Builder, Span, Spoilers, Style, excerpt};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut builder = Builder::new();
    let mut parts = text
        .split_inclusive(['\u{1}', '\u{2}', '\u{3}', '\u{4}', '\u{5}', '\u{6}', '\u{7}', '\u{8}']);
    for part in &mut parts {
        let order = part.chars().next_back().unwrap_or(' ');
        let words = part.trim_end_matches(order);
        match (order, words.len() % 7) {
            ('\u{1}', 0..3) => builder.line_break(),
            ('\u{1}', _) => builder.text(words),
            ('\u{2}', 0..2) => builder.open(Span::Style(Style::Bold)),
            ('\u{2}', 2) => builder.open(Span::Style(Style::Spoiler)),
            ('\u{2}', _) => match Address::parse(words) {
                Some(address) => builder.open(Span::Link(address)),
                None => builder.open(Span::Style(Style::Italic)),
            },
            ('\u{3}', _) => builder.close(),
            ('\u{4}', expandable) => builder.open_quote(expandable == 0),
            ('\u{5}', _) => builder.close_quote(),
            ('\u{6}', 0..4) => builder.code(words),
            ('\u{6}', _) => builder.preformatted(Some(words), words),
            ('\u{7}', 0..4) => builder.tag(words),
            ('\u{7}', _) => builder.mention(words),
            ('\u{8}', _) => builder.custom_emoji(5, words),
            _ => builder.text(part),
        }
    }
    let built = builder.finish();
    feedline_fuzz::judge_text(&built);
    for block in built.blocks() {
        assert!(!matches!(block, feedline::text::Block::Paragraph(content) if content.is_empty()));
    }
    let plain = built.plain(Spoilers::Mask);
    let cut = excerpt(&plain, 80);
    assert!(!cut.contains('\n') && cut.chars().count() <= 80 * 16);
    for line in built.lines() {
        assert_eq!(line.text.trim(), line.text);
    }
});
