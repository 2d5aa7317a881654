//! RSS-Bridge: `/?action=display&bridge=TelegramBridge&username=<name>&format=<format>`.

use super::{Moved, parameters};
use crate::model::{BadName, FeedOptions, Format};

pub(super) fn read(query: &str, defaults: &FeedOptions) -> Option<Result<Moved, BadName>> {
    let pairs = parameters(query);
    let value = |wanted: &str| {
        let found = pairs.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.as_str())
    };
    let bridge = value("bridge")?.to_ascii_lowercase();
    let is_ours = value("action").is_none_or(|action| action.eq_ignore_ascii_case("display"))
        && matches!(&*bridge, "telegram" | "telegrambridge");
    is_ours.then(|| {
        let mut moved = Moved::of(value("username").unwrap_or_default(), defaults)?;
        for (name, value) in &pairs {
            map(&mut moved, name, value);
        }
        Ok(moved)
    })
}

fn map(moved: &mut Moved, name: &str, value: &str) {
    match name {
        _ if value.is_empty() => {}
        "format" => match &*value.to_ascii_lowercase() {
            "mrss" | "rss" => moved.format = Some(Format::Rss),
            "atom" => moved.format = Some(Format::Atom),
            "json" => moved.format = Some(Format::Json),
            "html" => moved.format = None,
            _ => moved.lose((name, value)),
        },
        // What names the channel, what we decide ourselves, and a secret of theirs.
        "action" | "bridge" | "username" | "_cache_timeout" | "token" | "context" => {}
        "limit" => moved.map((name, value), "limit", value),
        _ => moved.lose((name, value)),
    }
}
