//! RSSHub: `/telegram/channel/<name>[/<route parameters>]?<parameters of every route>`.

use percent_encoding::percent_decode_str;

use super::{Moved, parameters};
use crate::model::options::is_ignored;
use crate::model::{BadName, FeedOptions, Format};

/// The parameters of the route. Behind the name stands a query of them; anything else there is what is searched for.
const ROUTE: [&str; 14] = [
    "showLinkPreview",
    "showViaBot",
    "showReplyTo",
    "showFwdFrom",
    "showFwdFromAuthor",
    "showInlineButtons",
    "showMediaTagInTitle",
    "showMediaTagAsEmoji",
    "showHashtagAsHyperlink",
    "includeFwd",
    "includeReply",
    "includeServiceMsg",
    "includeUnsupportedMsg",
    "searchQuery",
];

/// Endings that say the format in older addresses.
const ENDINGS: [(&str, Format); 3] =
    [(".rss", Format::Rss), (".atom", Format::Atom), (".json", Format::Json)];

pub(super) fn read(rest: &str, query: &str, defaults: &FeedOptions) -> Result<Moved, BadName> {
    let (name, route) = rest.split_once('/').unwrap_or((rest, ""));
    let name = percent_decode_str(name).decode_utf8_lossy();
    let ending =
        ENDINGS.into_iter().find_map(|(end, format)| Some((name.strip_suffix(end)?, format)));
    let (name, format) = ending.map_or((&*name, None), |(name, format)| (name, Some(format)));
    let mut moved = Moved::of(name, defaults)?;
    moved.format = format.or(moved.format);
    for (name, value) in route_parameters(route.trim_end_matches('/')) {
        map_route(&mut moved, &name, &value);
    }
    let universal = parameters(query);
    map_filters(&mut moved, &universal);
    for (name, value) in &universal {
        map_universal(&mut moved, name, value);
    }
    Ok(moved)
}

fn route_parameters(route: &str) -> Vec<(String, String)> {
    if route.is_empty() {
        return Vec::new();
    }
    let decoded = percent_decode_str(route).decode_utf8_lossy();
    // A query of them may come encoded as a whole, or not.
    let [raw, decoded] = [parameters(route), parameters(&decoded)];
    let is_known =
        |pairs: &[(String, String)]| pairs.iter().any(|(name, _)| ROUTE.contains(&&**name));
    if is_known(&raw) {
        raw
    } else if is_known(&decoded) {
        decoded
    } else {
        let words = percent_decode_str(route).decode_utf8_lossy().into_owned();
        vec![("searchQuery".to_owned(), words)]
    }
}

/// What a switch is set to.
fn switch(value: &str) -> Option<bool> {
    match value {
        "1" | "true" | "on" | "y" | "yes" => Some(true),
        "0" | "false" | "off" | "n" | "no" => Some(false),
        _ => None,
    }
}

fn map_route(moved: &mut Moved, name: &str, value: &str) {
    if value.is_empty() {
        return;
    }
    let pair = (name, value);
    match (name, switch(value)) {
        ("searchQuery", _) => {
            if moved.options.set_search(value).is_err() {
                moved.lose(pair);
            }
        }
        // What our items hold in any case.
        (
            "showLinkPreview"
            | "showViaBot"
            | "showReplyTo"
            | "showFwdFrom"
            | "showFwdFromAuthor"
            | "showInlineButtons"
            | "showHashtagAsHyperlink"
            | "includeUnsupportedMsg",
            Some(true),
        )
        | ("includeFwd" | "includeReply", Some(true))
        | ("showMediaTagInTitle" | "showMediaTagAsEmoji" | "includeServiceMsg", Some(false)) => {}
        ("showMediaTagInTitle" | "showMediaTagAsEmoji", Some(true)) => {
            moved.map(pair, "title", "marked");
        }
        ("includeFwd", Some(false)) => moved.map(pair, "forwards", "none"),
        ("includeReply", Some(false)) => moved.map(pair, "replies", "none"),
        ("includeServiceMsg", Some(true)) => moved.map(pair, "service", "1"),
        _ => moved.lose(pair),
    }
}

/// Filters that must all be found can be one expression of ours only when there is one of them; those that must not be
/// found become one.
fn map_filters(moved: &mut Moved, pairs: &[(String, String)]) {
    let is_included = |name: &str| matches!(name, "filter" | "filter_title" | "filter_description");
    let is_excluded = |name: &str| matches!(name, "filterout" | "filterout_description");
    let given = || pairs.iter().filter(|(_, value)| !value.is_empty());
    let mut included = given().filter(|(name, _)| is_included(name));
    if let Some((name, value)) = included.next() {
        // Ours looks at title, text and links at once: of a title's filter it finds more, and nothing is lost.
        moved.map((name.as_str(), value.as_str()), "include", value);
    }
    for (name, value) in included {
        moved.lose((name.as_str(), value.as_str()));
    }
    let excluded: Vec<_> = given().filter(|(name, _)| is_excluded(name)).collect();
    match &excluded[..] {
        [] => {}
        [(name, value)] => moved.map((name.as_str(), value.as_str()), "exclude", value),
        several => {
            let parts: Vec<String> =
                several.iter().map(|(_, value)| format!("(?:{value})")).collect();
            if moved.options.set("exclude", &parts.join("|")).is_err() {
                several
                    .iter()
                    .for_each(|(name, value)| moved.lose((name.as_str(), value.as_str())));
            }
        }
    }
}

fn map_universal(moved: &mut Moved, name: &str, value: &str) {
    let pair = (name, value);
    match name {
        _ if value.is_empty() => {}
        // Mapped above, or a secret of theirs, or what pages add.
        "filter"
        | "filter_title"
        | "filter_description"
        | "filterout"
        | "filterout_description"
        | "code" => {}
        _ if is_ignored(name) => {}
        "format" => match value {
            "rss" => moved.format = Some(Format::Rss),
            "atom" => moved.format = Some(Format::Atom),
            "json" => moved.format = Some(Format::Json),
            _ => moved.lose(pair),
        },
        "limit" => match value.parse::<u64>() {
            Ok(0) | Err(_) => moved.lose(pair),
            Ok(limit) => {
                let most = u64::from(crate::model::options::MOST_POSTS);
                moved.map(pair, "limit", &limit.min(most).to_string());
            }
        },
        "filter_category" if value.chars().all(|one| one.is_alphanumeric() || one == '_') => {
            moved.map(pair, "tag", value);
        }
        // Ours never look at case, and are always newest first.
        "filter_case_sensitive" if switch(value) == Some(false) => {}
        "sorted" if switch(value) == Some(true) => {}
        // A parameter of the route in the wrong place does nothing there either.
        _ if ROUTE.contains(&name) => map_route(moved, name, value),
        _ => moved.lose(pair),
    }
}
