//! The embed of one post, or any other input.
#![no_main]

use feedline::telegram::{Answer, embed};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(Answer::Post { post, .. }) = embed::parse(&String::from_utf8_lossy(bytes)) {
        feedline_fuzz::judge_post(&post);
    }
});
