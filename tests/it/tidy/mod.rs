//! Rules of this code base that no lint checks, tested on the source text.

mod cycle;
mod document;
mod layer;
mod path;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Module names that say nothing about their content.
const EMPTY_NAMES: [&str; 10] =
    ["util", "utils", "helper", "helpers", "common", "manager", "managers", "types", "misc", "lib"];

/// Text that finished code must not contain, with the reason.
const UNFINISHED: [(&str, &str); 7] = [
    (".unwrap()", "an error has a type"),
    ("todo!(", "nothing is half there"),
    ("unimplemented!(", "nothing is half there"),
    ("dbg!(", "the log is for that"),
    ("TODO", "an issue, or the thing itself"),
    ("FIXME", "an issue, or the thing itself"),
    ("XXX", "an issue, or the thing itself"),
];

/// A source file of the project.
pub(crate) struct Source {
    /// Relative to the project, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
    /// Whether it is compiled for tests only.
    is_test: bool,
}

impl Source {
    /// The lines of the file without comments and without its test module.
    fn code(&self) -> Vec<&str> {
        let lines = self.lines_without_tests().into_iter();
        let code = lines.map(|line| {
            if line.trim_start().starts_with("//") {
                ""
            } else {
                line.split(" // ").next().unwrap()
            }
        });
        code.collect()
    }

    /// The lines of the file before its test module; none for a test file.
    fn lines_without_tests(&self) -> Vec<&str> {
        if self.is_test {
            return Vec::new();
        }
        let lines: Vec<&str> = self.text.lines().collect();
        let is_tests = |pair: &[&str]| pair[0] == "#[cfg(test)]" && pair[1].ends_with('{');
        let end = lines.windows(2).position(is_tests).unwrap_or(lines.len());
        lines[..end].to_vec()
    }

    /// The test-only modules that this file declares, as paths without extension. Everything below them is test code
    /// too.
    fn test_modules(&self) -> Vec<String> {
        let folder = match self.path.strip_suffix("/mod.rs").or(self.path.strip_suffix("/lib.rs")) {
            Some(folder) => folder,
            None => self.path.trim_end_matches(".rs"),
        };
        let lines: Vec<&str> = self.text.lines().collect();
        let tests = lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]");
        let names = tests.filter_map(|pair| pair[1].rsplit_once("mod ")?.1.strip_suffix(';'));
        names.map(|name| format!("{folder}/{name}")).collect()
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder of the project, by path; none if the folder does not exist.
fn files_below(folder: &str) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    files.sort();
    files
}

#[expect(clippy::disallowed_methods, reason = "the rules are read off the sources")]
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The Rust files below a folder.
pub(crate) fn sources(folder: &str) -> Vec<Source> {
    let rust = files_below(folder).into_iter().filter(|path| path.ends_with(".rs"));
    let mut sources: Vec<_> = rust
        .map(|path| Source { text: read(&path), is_test: path.starts_with("tests/"), path })
        .collect();
    assert!(!sources.is_empty(), "{folder} has Rust files");
    let tests: BTreeSet<String> = sources.iter().flat_map(Source::test_modules).collect();
    for source in &mut sources {
        let inside = |module: &String| {
            source
                .path
                .strip_prefix(module.as_str())
                .is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        };
        source.is_test |= tests.iter().any(inside);
    }
    sources
}

/// Fails with every line of a list.
fn assert_none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

#[test]
fn modules_have_meaningful_names() {
    let found: Vec<_> = files_below("src")
        .into_iter()
        .filter(|path| path != "src/lib.rs")
        .filter(|path| {
            let parts = path.trim_end_matches(".rs").split('/');
            parts.into_iter().any(|part| EMPTY_NAMES.contains(&part))
        })
        .collect();
    assert_none(&found, "these names say nothing");
}

#[test]
fn sources_contain_no_unfinished_code() {
    let mut found = Vec::new();
    for source in sources("src") {
        for (number, line) in source.lines_without_tests().iter().enumerate() {
            let of_line = UNFINISHED.iter().filter(|(word, _)| line.contains(word));
            let told = of_line
                .map(|(word, why)| format!("{}:{}: {word} ({why})", source.path, number + 1));
            found.extend(told);
        }
    }
    assert_none(&found, "this is not finished");
}

#[test]
fn lints_are_expected_with_reason_and_no_test_is_ignored() {
    // Split, so that this file does not violate its own rule.
    let allow = concat!("al", "low(");
    let words = [format!("#[{allow}"), format!("#![{allow}"), concat!("#[", "ignore").to_owned()];
    let mut found = Vec::new();
    for source in sources("src").into_iter().chain(sources("tests")) {
        for (number, line) in source.text.lines().enumerate() {
            if words.iter().any(|word| line.contains(word.as_str())) {
                found.push(format!("{}:{}: {}", source.path, number + 1, line.trim()));
            }
        }
    }
    assert_none(&found, "`expect` with a reason takes the place of these");
}

#[test]
fn clippy_bans_have_reasons() {
    let table: toml::Table = toml::from_str(&read("clippy.toml")).unwrap();
    let mut seen = BTreeSet::new();
    for list in ["disallowed-types", "disallowed-methods"] {
        for ban in table[list].as_array().unwrap() {
            let path = ban["path"].as_str().unwrap();
            let reason = ban.get("reason").and_then(toml::Value::as_str).unwrap_or_default();
            assert!(reason.len() > 10, "{path} is banned without a reason");
            assert!(seen.insert(path.to_owned()), "{path} is banned twice");
        }
    }
}

#[test]
fn fixtures_are_used() {
    let tests: String =
        sources("tests").into_iter().chain(sources("src")).map(|source| source.text).collect();
    let is_named = |path: &String| {
        let path = Path::new(path);
        let [name, stem] =
            [path.file_name(), path.file_stem()].map(|part| part.unwrap().to_str().unwrap());
        tests.contains(name) || tests.contains(&format!("\"{stem}\""))
    };
    let found: Vec<_> =
        files_below("tests/fixtures").into_iter().filter(|path| !is_named(path)).collect();
    assert_none(&found, "no test names these files");
}

#[test]
fn project_documents_exist() {
    for path in [
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "SECURITY.md",
    ] {
        assert!(read(path).len() > 200, "{path} says too little");
    }
    assert!(read("CHANGELOG.md").contains("## [Unreleased]"));
    assert!(read("README.md").lines().count() <= 100, "README.md has one hundred lines at most");
}
