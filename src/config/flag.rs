//! The flags: `--set section.key=value` and `--listen`.

use super::Sources;
use super::error::Problem;
use super::layer::{Layers, Origin};

/// Puts the flags into the layers.
pub(super) fn fill(layers: &mut Layers, sources: &Sources) -> Vec<Problem> {
    let mut problems = Vec::new();
    for text in &sources.overrides {
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        let (key, value) = (key.trim(), value.trim());
        if text.contains('=') && !key.is_empty() {
            layers.put_text(key, value, &Origin::Flag(format!("--set {key}")));
        } else {
            problems.push(Problem::NotASetting { key: key.to_owned() });
        }
    }
    if let Some(listen) = &sources.listen {
        layers.put_text("server.listen", listen, &Origin::Flag("--listen".to_owned()));
    }
    problems
}
