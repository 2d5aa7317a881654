//! Messages about the channel itself.

use scraper::ElementRef;

use crate::model::{Post, Service};
use crate::telegram::selectors as class;
use crate::telegram::tree::{find, has_class};

/// What a service message tells, from its structure first and its words (English, which we ask for) second.
pub(super) fn kind(message: ElementRef<'_>, post: &Post) -> Service {
    if find(message, class::SERVICE_PHOTO).is_some() || !post.media.is_empty() {
        return Service::PhotoUpdated;
    }
    let Some(text) = find(message, class::TEXT) else { return Service::Other };
    // Only a pinned message names who did it: nothing else in a service text has an author.
    if find(text, class::AUTHOR_NAME).is_some() && find(text, class::SERVICE_STRONG).is_some() {
        return Service::Pinned;
    }
    let words = super::line(text);
    let begins = |beginning: &str| words.starts_with(beginning);
    match () {
        () if begins("Channel created") => Service::Created,
        () if begins("Channel name was changed") => Service::Renamed,
        () if begins("Channel photo updated") || has_class(message, "service_message_photo") => {
            Service::PhotoUpdated
        }
        () if begins("Channel photo removed") => Service::PhotoRemoved,
        () if begins("Live stream") || begins("Video chat") => Service::LiveStream,
        () => Service::Other,
    }
}
