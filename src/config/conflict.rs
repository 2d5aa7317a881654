//! Settings that are right by themselves and wrong together.

use super::error::Problem;
use super::layer::Layers;
use super::{AccessMode, Config};

/// All that contradicts itself.
pub(super) fn find(config: &Config, layers: &Layers) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut conflict = |wrong: bool, one: &str, other: &str, text: &'static str| {
        if wrong {
            problems.push(Problem::Conflict {
                text,
                one: one.to_owned(),
                one_origin: layers.origin(one),
                other: other.to_owned(),
                other_origin: layers.origin(other),
            });
        }
    };
    conflict(
        config.bridge.min_age > config.bridge.max_age,
        "cache.min_age",
        "cache.max_age",
        "The shortest life of a snapshot is longer than the longest.",
    );
    conflict(
        config.media.max_file > config.media.cache_size,
        "media.max_file",
        "media.cache_size",
        "The largest kept file is larger than all kept files together.",
    );
    conflict(
        config.access.mode == AccessMode::Keys && config.access.keys.is_empty(),
        "access.mode",
        "access.keys",
        "Only those with a key may read, and there is no key.",
    );
    conflict(
        config.channels.allow.iter().any(|channel| config.channels.deny.contains(channel)),
        "channels.allow",
        "channels.deny",
        "A channel is both allowed and denied.",
    );
    conflict(
        config.channels.follow.iter().any(|channel| config.channels.deny.contains(channel)),
        "channels.follow",
        "channels.deny",
        "A channel is both followed and denied.",
    );
    let unlisted = |channel| !config.channels.allow.contains(channel);
    conflict(
        !config.channels.allow.is_empty() && config.channels.follow.iter().any(unlisted),
        "channels.follow",
        "channels.allow",
        "A channel is followed, and is not among those that are allowed.",
    );
    let empty = config.collections.iter().filter(|(_, collection)| collection.channels.is_empty());
    problems.extend(empty.map(|(name, _)| Problem::EmptyCollection { name: name.to_string() }));
    problems
}
