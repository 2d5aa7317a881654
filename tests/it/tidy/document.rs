//! The parts of `docs/` that can be checked against the code.

use std::path::{Path, PathBuf};

use feedline::model::options;

use crate::cli::program as cli;

use crate::support::client;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files with an extension below a folder.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![root().join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_str().unwrap().ends_with(ending) {
                files.push(path);
            }
        }
    }
    assert!(!files.is_empty(), "{folder} has {ending}");
    files.sort();
    files
}

#[test]
fn configuration_page_is_up_to_date() {
    assert!(
        read("docs/configuration.md") == feedline::config::markdown(),
        "docs/configuration.md is stale: cargo run -- config --markdown > docs/configuration.md"
    );
}

#[test]
fn http_api_page_lists_all_options_and_refusals() {
    let page = read("docs/http-api.md");
    for option in options::NAMES {
        assert!(page.contains(&format!("\n| `{option}` |")), "the option {option} has no row");
    }
    // The codes are in two source files, each next to its meaning.
    let codes = [
        "bad_name",
        "not_found",
        "not_a_channel",
        "group",
        "preview_off",
        "blocked",
        "throttled",
        "busy",
        "unreachable",
        "markup_changed",
        "timeout",
    ];
    let sources = read("src/upstream/refusal.rs") + &read("src/web/error.rs");
    for code in codes {
        assert!(page.contains(&format!("\n| `{code}` |")), "the refusal {code} has no row");
        assert!(sources.contains(&format!("\"{code}\"")), "there is no refusal {code} any more");
    }
    let rows = page.lines().skip_while(|line| !line.starts_with("| refusal |")).skip(2);
    assert_eq!(rows.take_while(|line| line.starts_with("| `")).count(), codes.len());
}

#[tokio::test]
async fn shell_examples_quote_special_characters() {
    let mut commands: Vec<String> = Vec::new();
    let documents = files("docs", ".md").into_iter();
    for file in documents.chain(["README.md", "CONTRIBUTING.md", "SECURITY.md"].map(PathBuf::from))
    {
        let text = read(&file);
        commands.extend(text.lines().filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned));
        let code = text.split('`').skip(1).step_by(2);
        let is_command = |code: &&str| {
            ["curl ", "feedline ", "FEEDLINE_"].iter().any(|start| code.starts_with(start))
                && !code.contains("; ")
        };
        commands.extend(code.filter(is_command).map(str::to_owned));
    }
    assert!(commands.len() > 40, "{commands:?}");
    for command in
        ["", "serve", "fetch", "parse", "check", "health", "demo", "config", "archive", "opml"]
    {
        let arguments: Vec<&str> =
            [command, "--help"].into_iter().filter(|word| !word.is_empty()).collect();
        let help = cli::output(&arguments).await;
        let examples = help.lines().map(str::trim).filter(|line| line.starts_with("feedline "));
        commands.extend(examples.filter_map(|line| line.split("   ").next()).map(str::to_owned));
    }
    for command in &commands {
        assert_eq!(unquoted(command).find(['?', '*', '[', '&']), None, "{command}");
        assert!(!command.contains(":80 ") && !command.ends_with(":80"), "{command}");
    }
}

/// The unquoted part of a shell command.
fn unquoted(command: &str) -> String {
    let mut quote = None;
    let mut seen = String::new();
    for character in command.chars() {
        match quote {
            None if matches!(character, '\'' | '"') => quote = Some(character),
            None => seen.push(character),
            Some(mark) if mark == character => quote = None,
            Some(_) => {}
        }
    }
    seen
}

#[tokio::test]
async fn http_api_page_examples_work_in_demo() {
    let page = read("docs/http-api.md");
    let examples = examples(&page);
    assert!(examples.len() > 35, "{examples:?}");
    let (running, text) = cli::demo();
    let base = cli::first_address(&text);
    for path in examples {
        let answer = client().get(format!("{base}{path}")).send().await.unwrap();
        let status = answer.status().as_u16();
        let expected = REFUSED.iter().find(|(refused, _)| path == *refused);
        match expected {
            Some((_, expected)) => assert_eq!(status, *expected, "{path}"),
            None => assert!((200..400).contains(&status), "{path}: {status}"),
        }
    }
    let video = client().get(format!("{base}/tidewater/12.mp4")).send().await.unwrap();
    let length = video.bytes().await.unwrap().len();
    for told in
        ["content-length: ", "bytes 0-99/", "bytes */"].map(|told| format!("{told}{length}"))
    {
        assert!(page.contains(&told), "the example of a video does not say {told}");
    }
    assert_eq!(running.stop("-TERM").0.code(), Some(0));
}

/// The examples that are errors.
const REFUSED: [(&str, u16); 1] = [("/nobody_has_this/rss.xml", 404)];

/// The path of an example, without the host.
fn example(place: &str) -> Option<&str> {
    let starts = ["/tidewater", "/-/", "/telegram/", "/?", "/https:", "/@", "/s/"];
    let is_below = || starts.iter().any(|start| place.starts_with(start));
    place.strip_prefix("http://127.0.0.1:8417").or_else(|| is_below().then_some(place))
}

/// The paths in a page's tables and code blocks, without patterns (`…`) and suffixes (`/rss.xml`).
fn examples(page: &str) -> Vec<&str> {
    let mut examples: Vec<&str> = Vec::new();
    let mut is_code = false;
    for line in page.lines() {
        is_code ^= line.starts_with("```");
        let places: Vec<&str> = match (is_code, line.starts_with('|')) {
            (true, _) => line.split([' ', '\'']).collect(),
            (false, true) => line.split('`').skip(1).step_by(2).collect(),
            (false, false) => continue,
        };
        examples
            .extend(places.into_iter().filter_map(example).filter(|place| !place.contains('…')));
    }
    examples.sort_unstable();
    examples.dedup();
    examples
}

#[test]
fn settings_named_in_documents_exist() {
    let known = read("docs/configuration.md");
    let is_known = |key: &str| known.contains(&format!("\n| `{key}` |"));
    let sections: Vec<&str> =
        known.lines().filter_map(|line| line.strip_prefix("## `[")?.split(']').next()).collect();
    let mut documents = files("docs", ".md");
    documents.extend(files("deploy", ""));
    documents.push(root().join("README.md"));
    let mut named = 0;
    for document in documents {
        let text = read(&document);
        for word in
            text.split(|letter: char| !letter.is_ascii_alphanumeric() && !"._".contains(letter))
        {
            let word = word.trim_end_matches('.');
            let key = match word.strip_prefix("FEEDLINE_").filter(|rest| rest.contains("__")) {
                Some(variable) => variable.to_lowercase().replacen("__", ".", 1),
                None => word.to_owned(),
            };
            let Some((section, name)) = key.split_once('.') else { continue };
            let is_file = ["toml", "md", "rs", "json", "css"].contains(&name);
            if !sections.contains(&section) || is_file || key == "section.key" {
                continue;
            }
            named += 1;
            assert!(is_known(&key), "{} names {word}, which is no setting", document.display());
        }
    }
    assert!(named > 60, "only {named} settings are named");
}

#[test]
fn container_image_uses_rust_version_of_toolchain() {
    let toolchain: toml::Table = toml::from_str(&read("rust-toolchain.toml")).unwrap();
    let version = toolchain["toolchain"]["channel"].as_str().unwrap();
    assert!(read("deploy/Containerfile").contains(&format!("FROM rust:{version}-")), "{version}");
}

#[test]
fn links_between_documents_resolve() {
    let mut documents = files("docs", ".md");
    documents.extend(
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"]
            .map(|name| root().join(name)),
    );
    for document in documents {
        let text = read(&document);
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (path, part) = target.split_once('#').unwrap_or((target, ""));
            if target.contains("://") || path.contains(' ') {
                continue;
            }
            let file = if path.is_empty() {
                document.clone()
            } else {
                document.parent().unwrap().join(path)
            };
            assert!(file.exists(), "{} links to {target}", document.display());
            if !part.is_empty() {
                let has =
                    read(&file).lines().any(|line| line.starts_with('#') && anchor(line) == part);
                assert!(has, "{} links to {target}", document.display());
            }
        }
    }
}

/// The anchor of a heading.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars()
        .filter_map(|letter| match letter {
            ' ' => Some('-'),
            letter if letter.is_alphanumeric() || matches!(letter, '-' | '_') => Some(letter),
            _ => None,
        })
        .collect()
}
