//! A list page, or any other input: it is parsed or rejected, within limits, and its feeds are valid.
#![no_main]

use feedline::telegram::{preview, recognise};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let html = String::from_utf8_lossy(bytes);
    let _ = recognise(&html);
    let Ok(parsed) = preview::parse(&html) else { return };
    assert!(parsed.warnings.len() <= 201 && parsed.page.posts.len() <= 500);
    parsed.page.posts.iter().for_each(feedline_fuzz::judge_post);
    feedline_fuzz::judge_text(&parsed.page.channel.description);
    feedline_fuzz::judge_page(parsed.page);
});
