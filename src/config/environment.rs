//! The environment: `FEEDLINE_SECTION__KEY`.

use super::error::Problem;
use super::layer::{Layers, Origin};
use super::setting;

/// What the names of our variables begin with.
const PREFIX: &str = "FEEDLINE_";

/// The process's variables that could be ours. The only place that reads them.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the environment is read here, once")]
pub fn environment() -> Vec<(String, String)> {
    // Unlike `vars`, `vars_os` takes variables that are not UTF-8, which others may well have set.
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
        .collect()
}

/// Puts the variables that are ours into the layers.
///
/// A name without the double underscore is not ours: container platforms set such variables for every service
/// (`FEEDLINE_PORT`, `FEEDLINE_SERVICE_HOST`). Only one that spells a setting with a single underscore is a mistake
/// that would otherwise go unseen; one with a setting's last word alone may be another's, and is warned of ([`unread`]).
pub(super) fn fill(layers: &mut Layers, variables: &[(String, String)]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, value) in variables {
        let Some(rest) = name.strip_prefix(PREFIX) else { continue };
        let origin = Origin::Environment(name.clone());
        if rest.contains("__") {
            let key = rest.replace("__", ".").to_ascii_lowercase();
            layers.put_text(&key, value, &origin);
        } else if let Some(meant) = setting::keys().find(|key| variable(key, "_") == *name) {
            let nearest = Some(variable(meant, "__"));
            problems.push(Problem::Unknown { origin, key: name.clone(), nearest });
        }
    }
    problems
}

/// Variables that are not read, and were probably meant for a setting (`FEEDLINE_LISTEN`) or a flag (`FEEDLINE_CONFIG`).
pub(super) fn unread(variables: &[(String, String)]) -> Vec<Unread> {
    let meant = |name: &str| -> Option<String> {
        let rest = name.strip_prefix(PREFIX)?;
        if rest == "CONFIG" {
            return Some("--config FILE".to_owned());
        }
        let has_word = |key: &&str| {
            key.split_once('.').is_some_and(|(_, word)| word.to_ascii_uppercase() == rest)
        };
        let names: Vec<String> =
            setting::keys().filter(has_word).map(|key| variable(key, "__")).collect();
        (!names.is_empty()).then(|| names.join(" or "))
    };
    let unread = variables
        .iter()
        .filter_map(|(name, _)| Some(Unread { name: name.clone(), meant: meant(name)? }));
    unread.collect()
}

/// A variable that is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Its name.
    pub name: String,
    /// What was probably meant.
    pub meant: String,
}

/// The variable of a setting, its parts joined in some way.
fn variable(key: &str, join: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', join).to_ascii_uppercase())
}
