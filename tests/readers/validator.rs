//! Strict validators of formats: every sample feed passes expat, a RELAX NG grammar of RFC 4287 and a schema of JSON
//! Feed.

use std::path::Path;
use std::process::{Command, Output};

use feedline::model::Format;

use crate::app::{CHANNELS, TestApp};

/// Queries that change the content of a feed.
const QUERIES: [&str; 7] = [
    "",
    "limit=100&service=1&stats=1",
    "limit=3",
    "before=20",
    "title=none&media=none",
    "title=marked&link=page",
    "content=text&tag=fog",
];

async fn validate(arguments: Vec<String>) -> Output {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers/validate/strict");
    let running = tokio::task::spawn_blocking(move || {
        Command::new(program).args(arguments).env("no_proxy", "127.0.0.1").output()
    });
    running.await.expect("it ends").expect("it can be run")
}

/// Conformance: 1.1, 3.1, 4.7
#[tokio::test]
async fn strict_validators_accept_all_sample_feeds() {
    let app = TestApp::start().await;
    let mut addresses = Vec::new();
    for channel in CHANNELS {
        for format in Format::ALL {
            for query in QUERIES {
                addresses.push(format!("{}/{channel}/{}?{query}", app.base, format.file_name()));
            }
        }
    }
    let output = validate(addresses).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn strict_validators_reject_defects() {
    let output = validate(vec!["--defects".to_owned()]).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
