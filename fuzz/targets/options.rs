//! The query of a feed URL.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|query: &str| feedline_fuzz::judge_options(query));
