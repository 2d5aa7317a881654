//! A landing page, or any other input.
#![no_main]

use feedline::telegram::landing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(landing) = landing::parse(&String::from_utf8_lossy(bytes)) {
        feedline_fuzz::judge_text(&landing.description);
        assert!(landing.title.is_none_or(|title| title.len() < 5000));
    }
});
