//! The flags: `--set section.key=value` and `--listen`.

use super::Sources;
use super::layer::{Layers, Origin};

/// Takes `section.key=value` apart.
///
/// # Errors
/// [`NotASetting`] when there is no `=` or nothing before it.
pub fn parse_pair(text: &str) -> Result<(String, String), NotASetting> {
    match text.split_once('=') {
        Some((key, value)) if key.contains('.') => {
            Ok((key.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err(NotASetting),
    }
}

/// Not `section.key=value`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("takes section.key=value, such as cache.memory=128MiB")]
pub struct NotASetting;

/// Puts the flags into the layers.
pub(super) fn fill(layers: &mut Layers, sources: &Sources) {
    for (key, value) in &sources.overrides {
        layers.put_text(key, value, &Origin::Flag(format!("--set {key}")));
    }
    if let Some(listen) = &sources.listen {
        layers.put_text("server.listen", listen, &Origin::Flag("--listen".to_owned()));
    }
}
