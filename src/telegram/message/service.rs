//! Messages about the channel itself.

use scraper::ElementRef;

use crate::model::{Post, ServiceMessage};
use crate::telegram::selectors as class;
use crate::telegram::tree::{find, has_class};

/// What a service message tells, from its structure first and its words (English, which we ask for) second.
pub(super) fn kind(message: ElementRef<'_>, post: &Post) -> ServiceMessage {
    if find(message, class::SERVICE_PHOTO).is_some() || !post.media.is_empty() {
        return ServiceMessage::PhotoUpdated;
    }
    let Some(text) = find(message, class::TEXT) else { return ServiceMessage::Other };
    // Only a pinned message names who did it: nothing else in a service text has an author.
    if find(text, class::AUTHOR_NAME).is_some() && find(text, class::SERVICE_STRONG).is_some() {
        return ServiceMessage::Pinned;
    }
    let words = super::line(text);
    let begins = |beginning: &str| words.starts_with(beginning);
    match () {
        () if begins("Channel created") => ServiceMessage::Created,
        () if begins("Channel name was changed") => ServiceMessage::Renamed,
        () if begins("Channel photo updated") || has_class(message, "service_message_photo") => {
            ServiceMessage::PhotoUpdated
        }
        () if begins("Channel photo removed") => ServiceMessage::PhotoRemoved,
        () if begins("Live stream") || begins("Video chat") => ServiceMessage::LiveStream,
        () => ServiceMessage::Other,
    }
}
