//! Pasted channel names: a parsed name can be printed and parsed again.
#![no_main]

use feedline::model::{ChannelName, Target};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(name) = ChannelName::parse(text) {
        assert_eq!(name.as_str(), text);
        // Some names are paths of Telegram's own features in a link.
        assert!(Target::parse(text).is_ok_and(|target| target.channel == name));
    }
    let _ = Target::find_all(text);
    let Ok(target) = Target::parse(text) else { return };
    assert!(ChannelName::parse(target.channel.as_str()).is_ok());
    let printed = target.to_string();
    assert_eq!(Target::parse(&printed), Ok(target), "{printed}");
});
