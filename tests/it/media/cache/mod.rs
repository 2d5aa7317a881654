//! The sources of a media file: the cache, a download in single flight, or a pass-through.

mod cached;
mod disk;
mod large;
mod prefetch;
mod renew;
mod single_flight;

use std::time::Duration;

use feedline::demo::message::Body;
use feedline::demo::{Message, media};
use feedline::media::{Answer as Opened, Error, MediaRef};
use feedline::model::{ChannelName, File, MessageId};
use feedline::service::ClientId;

use crate::support::{Answer, TestApp, client};

/// The sample channel with a file of every kind.
pub(crate) const CHANNEL: &str = "tidewater";

pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// `Cache-Status` of a file from the cache, of a download for the request, and of a pass-through.
const HIT: &str = "feedline; hit";
const STORED: &str = "feedline; fwd=miss; stored";
const MISS: &str = "feedline; fwd=miss";

/// The number of checks of a condition, and the pause between two: ten seconds in all.
const MAX_CHECKS: u32 = 5000;
const CHECK: Duration = Duration::from_millis(2);

pub(crate) fn name(channel: &str) -> ChannelName {
    ChannelName::parse(channel).unwrap()
}

/// A file of the sample channel.
pub(crate) fn media_ref(segment: &str) -> MediaRef {
    MediaRef::File(name(CHANNEL), File::parse(segment).unwrap())
}

/// Opens a file of the sample channel, without HTTP.
pub(crate) async fn open(app: &TestApp, segment: &str) -> Result<Opened, Error> {
    app.media().open(&media_ref(segment), false, ClientId::OPERATOR).await
}

/// The error for a file of the sample channel.
pub(crate) async fn error_of(app: &TestApp, segment: &str) -> Error {
    open(app, segment).await.expect_err("no file")
}

/// The response with a file of the sample channel.
pub(crate) async fn get(app: &TestApp, segment: &str) -> Answer {
    let answer = app.get(&format!("/{CHANNEL}/{segment}")).await;
    assert_eq!(answer.status, 200, "{segment}: {:?}", answer.headers);
    answer
}

/// The bytes of a file of the sample channel.
pub(crate) async fn load(app: &TestApp, segment: &str) -> Vec<u8> {
    get(app, segment).await.body
}

/// The bytes of a response with status 200, or `None` if it is truncated.
async fn try_load(app: &TestApp, segment: &str) -> Option<Vec<u8>> {
    let response = client().get(format!("{}/{CHANNEL}/{segment}", app.base)).send().await.unwrap();
    assert_eq!(response.status(), 200);
    response.bytes().await.ok().map(Vec::from)
}

/// The response with a file, once it is a cache hit.
pub(crate) async fn get_cached(app: &TestApp, segment: &str) -> Answer {
    for _ in 0..MAX_CHECKS {
        let answer = get(app, segment).await;
        if answer.header("cache-status") == HIT {
            return answer;
        }
        tokio::time::sleep(CHECK).await;
    }
    panic!("{segment} was never cached");
}

/// The fake Telegram's bytes for a file of this name and length.
pub(crate) fn sample(name: &str, length: usize) -> Vec<u8> {
    let mut bytes = media::find(name).unwrap().bytes.to_vec();
    bytes.extend((bytes.len()..length).map(|at| (at / 251 + at % 251) as u8));
    bytes
}

/// The single-photo messages of the sample channel: their ids, and the names of the files.
pub(crate) fn photos(app: &TestApp) -> Vec<(u32, &'static str)> {
    let messages = app.telegram.channel(CHANNEL).unwrap().messages;
    let photo = |message: &Message| match &message.body {
        Body::Photo(file) => Some((message.id, file.0)),
        _ => None,
    };
    messages.iter().filter_map(photo).collect()
}

/// The newest photo: its path segment and its file's name.
pub(crate) fn new_photo(app: &TestApp) -> (String, &'static str) {
    let (id, file) = *photos(app).last().unwrap();
    (format!("{id}.jpg"), file)
}

/// The video of the sample channel that has a file: its path segment and its file's name.
pub(crate) fn video(app: &TestApp) -> (String, &'static str) {
    let messages = app.telegram.channel(CHANNEL).unwrap().messages;
    let video = |message: &Message| match &message.body {
        Body::Video(video) => video.file.map(|file| (format!("{}.mp4", message.id), file.0)),
        _ => None,
    };
    messages.iter().find_map(video).unwrap()
}

/// The names of the complete and of the partial files in the cache.
pub(crate) fn on_disk(app: &TestApp) -> (Vec<String>, Vec<String>) {
    let folder = app.files.path().join("media");
    let (mut whole, mut incoming) = (Vec::new(), Vec::new());
    for shelf in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        for entry in std::fs::read_dir(shelf.path()).into_iter().flatten().flatten() {
            let names = if shelf.file_name() == "incoming" { &mut incoming } else { &mut whole };
            names.push(entry.file_name().to_str().unwrap().to_owned());
        }
    }
    (whole, incoming)
}

/// Waits until a condition holds.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..MAX_CHECKS {
        if is_so() {
            return;
        }
        tokio::time::sleep(CHECK).await;
    }
    panic!("never happened: {what}");
}

/// The number of a file's message.
pub(crate) fn number(segment: &str) -> MessageId {
    MessageId::parse(segment.split(['.', '-']).next().unwrap()).unwrap()
}
