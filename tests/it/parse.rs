//! Telegram's pages: saved ones in our own words, each with the model that it must give.
#![expect(clippy::disallowed_methods, reason = "tests read their fixtures and their switches")]

use std::path::{Path, PathBuf};

use feedline::telegram::{Answer, Recognised, Warning, recognise};

/// Reads a page of `tests/fixtures/telegram` and compares all that it gives with the snapshot beside it.
fn check(name: &str) {
    let path = fixtures().join(format!("{name}.html"));
    let html = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let recognised = recognise(&html).unwrap_or_else(|error| panic!("{name}: {error}"));
    insta::with_settings!({
        snapshot_path => fixtures(),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_json_snapshot!(name, recognised);
    });
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/telegram")
}

/// Real pages, which are no part of the project: `FEEDLINE_PAGES`, or `../shared/telegram` beside the repository.
/// Without them the test says so and passes.
#[test]
fn real_pages_are_read_without_a_loss() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/telegram");
    let folder = std::env::var_os("FEEDLINE_PAGES").map_or_else(beside, PathBuf::from);
    let mut files = Vec::new();
    for kind in ["pages", "messages", "embeds", "landings"] {
        let Ok(entries) = std::fs::read_dir(folder.join(kind)) else { continue };
        files.extend(entries.map(|entry| entry.unwrap().path()));
    }
    files.sort();
    if files.is_empty() {
        println!("no real pages in {}: nothing was tested", folder.display());
    }
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let html = std::fs::read_to_string(&file).unwrap();
        let recognised = recognise(&html).unwrap_or_else(|error| panic!("{name}: {error}"));
        let messages = html.matches("data-post=\"").count();
        let (found, summary, warnings) = summarise(&recognised);
        println!("{name}: {summary}");
        for warning in &warnings {
            println!("    {warning}");
        }
        assert_eq!(found, messages, "{name}: every message is read");
    }
}

/// How many posts, a line about them, and the warnings.
fn summarise(recognised: &Recognised) -> (usize, String, Vec<Warning>) {
    match recognised {
        Recognised::List(parsed) => {
            let page = &parsed.page;
            let media: usize = page.posts.iter().map(|post| post.media.len()).sum();
            let documents: usize = page.posts.iter().map(|post| post.documents.len()).sum();
            let summary = format!(
                "list, {} posts, {media} media, {documents} documents, older {:?}, whole {}, empty {}",
                page.posts.len(),
                page.older.map(|id| id.get()),
                page.is_whole,
                page.says_empty
            );
            (page.posts.len(), summary, parsed.warnings.clone())
        }
        Recognised::Embed(answer) => match &**answer {
            Answer::Post { post, warnings, .. } => {
                (1, format!("embed, {} media", post.media.len()), warnings.clone())
            }
            Answer::Refused(refusal) => (0, format!("refused: {}", refusal.text), Vec::new()),
        },
        Recognised::Landing(landing) => {
            (0, format!("landing, {:?}, {:?}", landing.kind, landing.subscribers), Vec::new())
        }
        Recognised::Parts(parts) => {
            let summary = format!(
                "parts, {} media, {} characters",
                parts.media.len(),
                parts.text.plain(feedline::text::Spoilers::Show).len()
            );
            (0, summary, parts.warnings.clone())
        }
    }
}
