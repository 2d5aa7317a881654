//! Imports between modules only go down: every `crate::` path is checked against this table.

use super::path::rooted;
use super::{Source, assert_none, sources};

/// Each module with the modules that it may import. A module comes after all its imports, so that the table cannot have
/// a cycle. A new entry is a design change.
const LAYERS: [(&str, &[&str]); 18] = [
    ("setting", &[]),
    ("text", &[]),
    ("locale", &[]),
    ("model", &["setting", "text", "locale"]),
    ("archive", &["setting", "text", "locale", "model"]),
    ("telegram", &["text", "model"]),
    ("links", &["text", "model"]),
    ("feed", &["text", "locale", "model", "links"]),
    ("net", &["setting"]),
    ("upstream", &["setting", "text", "model", "telegram", "net"]),
    // `net` for request priorities, which a joining request can raise, and for file lengths.
    ("service", &["setting", "text", "model", "links", "feed", "net", "upstream", "archive"]),
    ("media", &["setting", "text", "model", "net", "service"]),
    ("web", &["setting", "text", "locale", "model", "links", "feed", "service", "media"]),
    ("telemetry", &[]),
    ("demo", &["model"]),
    (
        "config",
        &[
            "setting",
            "text",
            "model",
            "archive",
            "links",
            "net",
            "upstream",
            "service",
            "media",
            "web",
            "telemetry",
        ],
    ),
    (
        "app",
        &[
            "text",
            "model",
            "archive",
            "links",
            "feed",
            "net",
            "upstream",
            "service",
            "media",
            "web",
            "telemetry",
            "demo",
            "config",
        ],
    ),
    (
        "cli",
        &[
            "text",
            "model",
            "archive",
            "telegram",
            "links",
            "feed",
            "net",
            "upstream",
            "service",
            "media",
            "web",
            "telemetry",
            "demo",
            "config",
            "app",
        ],
    ),
];

/// Modules of pure functions.
const PURE: [&str; 7] = ["setting", "text", "locale", "model", "telegram", "links", "feed"];

/// Names that a pure module must not use.
const IMPURE: [&str; 10] = [
    "async fn",
    "async move",
    ".await",
    "tokio::",
    "tracing::",
    "std::fs",
    "std::env",
    "Utc::now",
    "Instant::now",
    "SystemTime",
];

/// Crates that only some modules may use.
const OWNERS: [(&str, &[&str]); 17] = [
    ("anyhow", &["app", "cli", "main"]),
    ("askama", &["web", "demo"]),
    ("atom_syndication", &["feed"]),
    ("axum", &["web", "demo"]),
    ("clap", &["cli", "main"]),
    ("clap_complete", &["cli"]),
    ("fluent_bundle", &["locale"]),
    ("icu_normalizer", &["archive"]),
    ("moka", &["service", "media"]),
    ("quick_xml", &["feed"]),
    ("reqwest", &["net"]),
    ("rusqlite", &["archive"]),
    ("rust_stemmers", &["archive"]),
    ("rustls", &["net"]),
    ("scraper", &["telegram"]),
    ("toml", &["config", "demo"]),
    ("tracing_subscriber", &["telemetry"]),
];

/// The module of a file.
fn module(source: &Source) -> &str {
    let path = source.path.trim_start_matches("src/").trim_end_matches(".rs");
    path.split('/').next().unwrap()
}

/// The modules that code names after `root`, as in `crate::model::Post` and `use crate::{model, text::RichText};`.
fn named(code: &str, root: &str) -> Vec<String> {
    let firsts = rooted(code, root).flatten().filter_map(|path| path.into_iter().next());
    firsts.collect()
}

#[test]
fn layer_table_is_ordered_bottom_up() {
    for (number, (module, below)) in LAYERS.iter().enumerate() {
        for name in *below {
            let is_below = LAYERS[..number].iter().any(|(lower, _)| lower == name);
            assert!(is_below, "{module} may name {name}, and {name} does not stand before it");
        }
    }
}

#[test]
fn modules_and_layers_correspond() {
    let files = sources("src");
    let modules: Vec<&str> =
        files.iter().map(module).filter(|module| !matches!(*module, "lib" | "main")).collect();
    for module in &modules {
        assert!(LAYERS.iter().any(|(name, _)| name == module), "src/{module} has no layer");
    }
    for (name, _) in LAYERS {
        assert!(modules.contains(&name), "the layer {name} has no module");
    }
}

#[test]
fn imports_go_only_to_lower_layers() {
    let mut found = Vec::new();
    for source in sources("src") {
        let module = module(&source);
        let Some((_, below)) = LAYERS.iter().find(|(name, _)| *name == module) else { continue };
        // Groups may span lines.
        let code = source.code().join("\n");
        for name in named(&code, "crate") {
            let is_module = LAYERS.iter().any(|(known, _)| *known == name);
            if !is_module || (name != module && !below.contains(&&*name)) {
                found.push(format!("{}: crate::{name}", source.path));
            }
        }
    }
    assert_none(&found, "these imports are not in the table of layers");
}

#[test]
fn imports_do_not_leave_module_through_super() {
    let mut found = Vec::new();
    for source in sources("src") {
        // A visibility is not an import: `pub(in super::super)`.
        let code = source.code().join("\n").replace(concat!("(in super::", "super"), "(in");
        let is_top = source.path.ends_with("/mod.rs") && source.path.matches('/').count() == 2
            || source.path.matches('/').count() == 1;
        if code.contains(concat!("super::", "super")) || (is_top && code.contains("super::")) {
            found.push(source.path);
        }
    }
    assert_none(&found, "`crate::` shows the way, and is held against the table of layers");
}

#[test]
fn pure_modules_use_no_clock_io_or_await() {
    let mut found = Vec::new();
    for source in sources("src").iter().filter(|source| PURE.contains(&module(source))) {
        for (number, line) in source.code().iter().enumerate() {
            let impure = IMPURE.iter().filter(|word| line.contains(**word));
            found.extend(impure.map(|word| format!("{}:{}: {word}", source.path, number + 1)));
        }
    }
    assert_none(&found, "no await, no clock, no I/O in these modules");
}

#[test]
fn crates_are_used_only_by_their_modules() {
    let mut found = Vec::new();
    for source in sources("src") {
        let code = source.code().join("\n");
        for (name, owners) in OWNERS {
            let is_named = !named(&code, name).is_empty();
            if is_named && !owners.contains(&module(&source)) {
                found.push(format!("{}: {name} belongs to {}", source.path, owners.join(", ")));
            }
        }
    }
    assert_none(&found, "these modules reach for what is not theirs");
}
