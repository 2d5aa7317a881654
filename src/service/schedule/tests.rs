use std::time::Duration;

use super::*;
use crate::service::tests::minute;

#[test]
fn only_the_first_visit_of_a_minute_is_reported() {
    let seen = Seen::new();
    assert!(seen.is_new("tearoad", minute(0)));
    assert!(!seen.is_new("tearoad", minute(0)));
    assert!(seen.is_new("tearoad", minute(1)));
    assert!(!seen.is_new("TeaRoad", minute(1)), "it is the same channel");
    assert!(seen.is_new("tidewater", minute(1)));
    // A crowd of channels in few places: none is lost, some are looked at twice.
    let crowd: Vec<String> = (0..10_000).map(|number| format!("channel{number}")).collect();
    assert!(crowd.iter().all(|key| seen.is_new(key, minute(2))));
}

#[test]
fn a_refusal_about_the_channel_is_certain_and_others_are_not() {
    let channel = ChannelName::parse("tearoad").unwrap();
    let pause = Duration::from_secs(90);
    for (refusal, is_certain, ttl) in [
        (Refusal::NotFound { channel: channel.clone() }, true, 3600),
        (Refusal::Group { channel: channel.clone() }, true, 24 * 3600),
        (Refusal::PreviewOff { channel: channel.clone() }, true, 6 * 3600),
        (Refusal::Blocked { channel, reason: None }, true, 6 * 3600),
        (Refusal::Throttled { retry_after: pause }, false, 90),
        (Refusal::Busy { retry_after: pause }, false, 90),
        (Refusal::Timeout { limit: pause }, false, 30),
    ] {
        let failure = super::failure(&refusal);
        assert_eq!((failure.is_certain, failure.ttl.as_secs()), (is_certain, ttl), "{refusal}");
        assert_eq!(failure.code, refusal.code());
    }
}
