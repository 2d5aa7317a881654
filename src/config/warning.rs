//! What the operator should hear at the start although nothing is wrong.

use std::fmt;

use super::environment::Unread;
use super::setting;
use super::{AccessMode, Config};

/// Something set that does not do what its name promises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// A variable of the environment that looks like one of ours and is none.
    Variable(Unread),
    /// Checked, and without effect in this version.
    WithoutEffect(&'static str),
    /// Keys do not keep anybody out in this version.
    NoAccessControl,
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(Unread { name, meant }) => write!(
                formatter,
                "the variable {name} is not read: if it was meant for feedline, give {meant} instead"
            ),
            Self::WithoutEffect(key) => {
                write!(formatter, "“{key}” has no effect in this version")
            }
            Self::NoAccessControl => formatter.write_str(
                "“access.mode” is \"keys\", and keys are not asked for in this version: everybody who \
                 reaches the server can read it, so keep it behind a proxy that asks for a password",
            ),
        }
    }
}

/// Settings that differ from their defaults and do not do what their names promise.
#[must_use]
pub fn warnings(config: &Config) -> Vec<Warning> {
    let mut default = Config { folder: config.folder.clone(), ..Config::default() };
    super::resolve_paths(&mut default);
    let mut warnings: Vec<Warning> = config.unread.iter().cloned().map(Warning::Variable).collect();
    if config.access.mode == AccessMode::Keys {
        warnings.push(Warning::NoAccessControl);
    }
    let later = setting::all().filter(|setting| setting.is_later);
    let changed = later.filter(|setting| (setting.get)(config) != (setting.get)(&default));
    warnings.extend(changed.map(|setting| Warning::WithoutEffect(setting.key)));
    warnings
}
