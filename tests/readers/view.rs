//! Media once: each picture, video and sound of the sample channels is seen exactly once in a reader's view of the feed, and
//! each video's still picture once, as the fallback inside the video's element.
//!
//! What is expected comes from the sample Telegram's messages, not from the feed.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use feedline::demo::message::{Body, Medium, Message, PreviewPicture, Sticker};
use feedline::model::Format;
use tempfile::TempDir;

use crate::app::TestApp;
use crate::story::CHANNELS;

/// No view takes longer, in seconds.
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

/// What a message holds that can be seen or heard: the names under which we serve it, without their endings.
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
        // A video that is too big for Telegram's page is its still picture.
        Body::Video(video) if video.file.is_none() => {
            video.poster.iter().map(|_| format!("{id}-poster")).collect()
        }
        // Its still picture stands inside the element, for readers that show no videos.
        Body::Video(video) | Body::Gif(video) | Body::Round(video) => {
            let still = video.poster.iter().map(|_| format!("{id}-poster"));
            still.chain([id.to_string()]).collect()
        }
        Body::Sticker(Sticker::Video(..)) => vec![id.to_string(), format!("{id}-poster")],
        Body::Photo(_) | Body::Voice { .. } | Body::Sticker(Sticker::Still(_)) => {
            vec![id.to_string()]
        }
        // A drawn one is shown by its outline.
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

/// Names of the channel's files among those shown, without their endings; pictures of emoji are letters.
fn stems(addresses: &[String], prefix: &str) -> Vec<String> {
    let names = addresses.iter().filter_map(|address| address.strip_prefix(prefix));
    let mut stems: Vec<String> =
        names.map(|name| name.split('.').next().unwrap_or(name).to_owned()).collect();
    stems.sort();
    stems
}

/// The addresses of files that a reader shows with each item: its program in `view/` is run.
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
