//! Each photo, video and sound of the sample channels appears exactly once in a reader's view of the feed, and each
//! video's poster once, as the fallback inside the video's element.
//!
//! The expectations come from the messages of the sample Telegram, not from the feed.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use feedline::demo::message::{Body, Medium, Message, PreviewPicture, Sticker};
use feedline::model::Format;
use tempfile::TempDir;

use crate::app::TestApp;
use crate::story::CHANNELS;

/// Timeout of a view, in seconds.
const LONGEST: &str = "120";

/// Conformance: 6.1
#[tokio::test]
async fn freshrss_shows_each_file_once() {
    every_file_is_shown_once("freshrss").await;
}

/// Conformance: 6.1
#[tokio::test]
async fn newsboat_shows_each_file_once() {
    every_file_is_shown_once("newsboat").await;
}

async fn every_file_is_shown_once(reader: &str) {
    let app = TestApp::start().await;
    for name in CHANNELS {
        for format in [Format::Rss, Format::Atom] {
            let address = format!("{}/{name}/{}?limit=100", app.base, format.file_name());
            let shown = view(reader, &address).await;
            let channel = app.telegram.channel(name).expect("the channel");
            let messages = channel.messages.iter();
            let expected: BTreeMap<_, _> = messages
                .filter(|message| !matches!(message.body, Body::ServiceMessage(_)))
                .map(|message| (format!("https://t.me/{name}/{}", message.id), files(message)))
                .collect();
            let prefix = format!("{}/{name}/", app.base);
            let seen: BTreeMap<_, _> =
                shown.into_iter().map(|(id, files)| (id, stems(&files, &prefix))).collect();
            assert_eq!(seen, expected, "{reader}, {name} in {format:?}");
        }
    }
    app.stop().await;
}

/// The media of a message: the names of feedline's files, without extensions.
fn files(message: &Message) -> Vec<String> {
    let id = message.id;
    let mut files = match &message.body {
        Body::Album(items) => items
            .iter()
            .flat_map(|item| {
                let still = match &item.medium {
                    Medium::Video(video) => video.poster.map(|_| format!("{}-poster", item.id)),
                    Medium::Photo(_) => None,
                };
                still.into_iter().chain([item.id.to_string()])
            })
            .collect(),
        // For a video that is too big for Telegram's page, only the poster exists.
        Body::Video(video) if video.file.is_none() => {
            video.poster.iter().map(|_| format!("{id}-poster")).collect()
        }
        // The poster is inside the element, for readers without video support.
        Body::Video(video) | Body::Gif(video) | Body::Round(video) => {
            let still = video.poster.iter().map(|_| format!("{id}-poster"));
            still.chain([id.to_string()]).collect()
        }
        Body::Sticker(Sticker::Video(..)) => vec![id.to_string(), format!("{id}-poster")],
        Body::Photo(_) | Body::Voice { .. } | Body::Sticker(Sticker::Still(_)) => {
            vec![id.to_string()]
        }
        // An animated sticker is shown by its outline.
        Body::Sticker(_) => vec![format!("{id}-outline")],
        Body::Game { .. } | Body::Invoice { picture: Some(_), .. } => vec![format!("{id}-preview")],
        _ => Vec::new(),
    };
    let card = message.preview.as_ref().map(|preview| preview.picture);
    if !matches!(card, None | Some(PreviewPicture::None)) {
        files.push(format!("{id}-preview"));
    }
    files.sort();
    files
}

/// The names of the channel's files among the addresses, without extensions. Emoji images are excluded.
fn stems(addresses: &[String], prefix: &str) -> Vec<String> {
    let names = addresses.iter().filter_map(|address| address.strip_prefix(prefix));
    let mut stems: Vec<String> =
        names.map(|name| name.split('.').next().unwrap_or(name).to_owned()).collect();
    stems.sort();
    stems
}

/// The addresses of the files that a reader shows with each item, from its program in `view/`.
async fn view(reader: &str, address: &str) -> BTreeMap<String, Vec<String>> {
    let folder = TempDir::new().expect("a folder");
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers/view").join(reader);
    let mut command = Command::new("timeout");
    command.arg(LONGEST).arg(&program).arg(folder.path()).arg(address);
    command.env("no_proxy", "127.0.0.1");
    let running = tokio::task::spawn_blocking(move || command.output());
    let output = running.await.expect("it ends").expect("`timeout` is there");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}: {told}", program.display());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {told}"))
}
