//! Files as they are opened: from the disk, as they arrive, straight through, or where they lie.

mod ahead;
mod disk;
mod kept;
mod part;
mod renew;
mod share;

use std::time::Duration;

use bytes::Bytes;
use feedline::demo::message::Body;
use feedline::demo::{Message, media};
use feedline::media::{Answer, Ask, Error, Opened, Source};
use feedline::model::{ChannelName, MessageId};
use feedline::service::{ClientId, File};
use futures_util::StreamExt as _;

use crate::app::TestApp;

/// The sample channel with one of each.
pub(crate) const CHANNEL: &str = "tidewater";

pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// What is waited for is looked at so often, with so long a pause: ten seconds in all.
const MOST_LOOKS: u32 = 5000;
const LOOK: Duration = Duration::from_millis(2);

pub(crate) fn name(channel: &str) -> ChannelName {
    ChannelName::parse(channel).unwrap()
}

pub(crate) fn file(segment: &str) -> File {
    File::parse(segment).unwrap()
}

/// Opens a file of the sample channel.
pub(crate) async fn open(app: &TestApp, segment: &str) -> Result<Answer, Error> {
    open_of(app, CHANNEL, segment, &Ask::default()).await
}

pub(crate) async fn open_of(
    app: &TestApp,
    channel: &str,
    segment: &str,
    ask: &Ask,
) -> Result<Answer, Error> {
    app.media().open(&name(channel), file(segment), ask, ClientId::OPERATOR).await
}

/// What is served, and nothing else.
pub(crate) fn served(answer: Result<Answer, Error>) -> Opened {
    match answer {
        Ok(Answer::File(opened)) => *opened,
        other => panic!("no file: {other:?}"),
    }
}

/// All bytes, or `None` when they break off.
pub(crate) async fn read(opened: Opened) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut body = opened.body;
    while let Some(piece) = body.next().await {
        let piece: Bytes = piece.ok()?;
        assert!(!piece.is_empty() && piece.len() <= 64 * 1024);
        bytes.extend_from_slice(&piece);
    }
    Some(bytes)
}

/// Opens a file and reads all of it.
pub(crate) async fn load(app: &TestApp, segment: &str) -> Vec<u8> {
    read(served(open(app, segment).await)).await.expect("a whole file")
}

/// Opens a file from the cache, once it is there: that is a moment after its name stands in the folder.
pub(crate) async fn open_kept(app: &TestApp, segment: &str) -> Opened {
    for _ in 0..MOST_LOOKS {
        let opened = served(open(app, segment).await);
        if opened.source == Source::Kept {
            return opened;
        }
        tokio::time::sleep(LOOK).await;
    }
    panic!("it never was kept: {segment}");
}

/// What the fake Telegram serves as a file of this name that is so long.
pub(crate) fn sample(name: &str, length: usize) -> Vec<u8> {
    let mut bytes = media::find(name).unwrap().bytes.to_vec();
    bytes.extend((bytes.len()..length).map(|at| (at / 251 + at % 251) as u8));
    bytes
}

/// The messages of the sample channel with a photo by itself: their ids, and the names of the files.
pub(crate) fn photos(app: &TestApp) -> Vec<(u32, &'static str)> {
    let messages = app.telegram.channel(CHANNEL).unwrap().messages;
    let photo = |message: &Message| match &message.body {
        Body::Photo(photo) => Some((message.id, photo.file)),
        _ => None,
    };
    messages.iter().filter_map(photo).collect()
}

/// The newest photo: its address, and its file's name.
pub(crate) fn new_photo(app: &TestApp) -> (String, &'static str) {
    let (id, file) = *photos(app).last().unwrap();
    (format!("{id}.jpg"), file)
}

/// The film of the sample channel that has a file.
pub(crate) fn film(app: &TestApp) -> (String, &'static str) {
    let messages = app.telegram.channel(CHANNEL).unwrap().messages;
    let film = |message: &Message| match &message.body {
        Body::Video(video) => video.file.map(|file| (format!("{}.mp4", message.id), file)),
        _ => None,
    };
    messages.iter().find_map(film).unwrap()
}

/// The whole files that are on the disk, by name, and those that arrive.
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

/// Waits until something is so.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..MOST_LOOKS {
        if is_so() {
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
    panic!("it never came: {what}");
}

/// The number of a message.
pub(crate) fn number(segment: &str) -> MessageId {
    MessageId::parse(segment.split(['.', '-']).next().unwrap()).unwrap()
}
