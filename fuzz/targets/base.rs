//! The base of all URLs that feedline prints.
#![no_main]

use feedline::links::Base;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(base) = Base::parse(text) else { return };
    let printed = base.as_str();
    assert!(printed.starts_with("http://") || printed.starts_with("https://"));
    assert!(printed.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>?#".contains(&byte)));
    assert!(!printed.ends_with('/') && printed.ends_with(base.prefix()));
    assert_eq!(Base::parse(printed).as_ref(), Ok(&base));
});
