//! `docs/conformance.md`, generated from `rules.toml` and from the tests that name a rule.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

use crate::tidy::{read, sources};

#[derive(Deserialize)]
struct Page {
    introduction: String,
    sections: Vec<Section>,
}

#[derive(Deserialize)]
struct Section {
    title: String,
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    text: String,
    not_applicable: Option<String>,
}

/// The name of a test's ring on the page.
fn ring(path: &str) -> &'static str {
    match path.split('/').nth(1) {
        Some("readers") => "feed readers",
        Some("it") => "tests over HTTP",
        _ => "unit tests",
    }
}

/// The rules that tests name, each with the rings of its tests.
fn rings_by_rule() -> BTreeMap<String, BTreeSet<&'static str>> {
    let mut rings: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for source in sources("src").into_iter().chain(sources("tests")) {
        let ring = ring(&source.path);
        let lines = source.text.lines().map(str::trim);
        for numbers in lines.filter_map(|line| line.strip_prefix("/// Conformance: ")) {
            for number in numbers.split(", ") {
                rings.entry(number.to_owned()).or_default().insert(ring);
            }
        }
    }
    rings
}

fn generate() -> String {
    let page: Page = toml::from_str(&read("tests/it/feed/conformance/rules.toml")).unwrap();
    let mut rings = rings_by_rule();
    let mut text = page.introduction.trim().to_owned();
    for (section, number) in page.sections.iter().zip(1..) {
        write!(
            text,
            "\n\n## {number}. {}\n\n| no. | rule | checked by |\n|---|---|---|",
            section.title
        )
        .unwrap();
        for (rule, index) in section.rules.iter().zip(1..) {
            let number = format!("{number}.{index}");
            let checked_by = match (rings.remove(&number), &rule.not_applicable) {
                (Some(rings), None) => rings.into_iter().collect::<Vec<_>>().join(", "),
                (None, Some(reason)) => format!("not applicable: {reason}"),
                (None, None) => panic!("no test names rule {number}"),
                (Some(_), Some(_)) => panic!("rule {number} is not applicable but has tests"),
            };
            write!(text, "\n| {number} | {} | {checked_by} |", rule.text).unwrap();
        }
    }
    assert!(rings.is_empty(), "tests name rules that are not in rules.toml: {rings:?}");
    text + "\n"
}

#[test]
fn conformance_page_is_generated_from_rules_and_tests() {
    let generated = generate();
    if read("docs/conformance.md") != generated {
        let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance.md");
        std::fs::write(&copy, generated).unwrap();
        panic!("docs/conformance.md is stale: cp {} docs/conformance.md", copy.display());
    }
}
