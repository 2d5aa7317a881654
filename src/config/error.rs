//! What can be wrong with a configuration. Every message says where, what, and what to do.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::collection::BadCollectionName;
use super::layer::Origin;
use crate::model::BadName;
use crate::telemetry::BadLevel;

/// Why there is no [`Config`](super::Config).
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such file, or it may not be read.
    #[error("{} cannot be read: {}", path.display(), reason(cause))]
    Unreadable {
        /// The file, absolute.
        path: PathBuf,
        /// What the system says. It is in the message, so it is no `source`, which would be printed once more.
        cause: io::Error,
    },
    /// Larger than any configuration.
    #[error("{} is larger than 1 MiB: this is no configuration", path.display())]
    TooLarge {
        /// The file, absolute.
        path: PathBuf,
    },
    /// Settings that there are not, or values that they do not take: all of them.
    #[error("{}", lines(.0))]
    Invalid(Vec<Problem>),
}

/// One thing that is wrong with what was set.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum Problem {
    /// Not TOML.
    #[error("{origin}: this is not TOML: {message}.{hint}")]
    Syntax {
        /// Where.
        origin: Origin,
        /// What the reader says; never a part of the file, which may hold secrets.
        message: String,
        /// What to do, after a space; empty when that is not known.
        hint: String,
    },
    /// There is no such setting.
    #[error("{origin}: there is no setting “{key}”.{}", suggestion(nearest))]
    Unknown {
        /// Where it was set.
        origin: Origin,
        /// As it was written.
        key: String,
        /// The settings that were probably meant.
        nearest: Vec<String>,
    },
    /// A setting that there was, or whose feature does not exist yet.
    #[error("{origin}: there is no setting “{key}”: {reason}.")]
    Absent {
        /// Where it was set.
        origin: Origin,
        /// As it was written.
        key: String,
        /// Why, and what to do.
        reason: &'static str,
    },
    /// A variable that sets nothing.
    #[error("the variable {name}: there is no such setting.{}", meaning(meant.as_deref()))]
    Variable {
        /// Its name.
        name: String,
        /// What was probably meant, quoted.
        meant: Option<String>,
    },
    /// A flag that is no `section.key=value`.
    #[error("--set {key}: it takes section.key=value, such as cache.memory=128MiB.")]
    NotASetting {
        /// What is in front of the `=`: what is behind it may be a secret.
        key: String,
    },
    /// The setting does not take the value.
    #[error("{origin}: “{key}” does not take {}: it takes {takes}.{}", shown(value.as_deref()), detail(why))]
    Value {
        /// Where it was set.
        origin: Origin,
        /// The setting.
        key: String,
        /// As it was written, cut; `None` for what may hold a secret.
        value: Option<String>,
        /// What the setting takes.
        takes: &'static str,
        /// What is wrong, when that needs more words.
        why: Why,
    },
    /// Two settings, each right, that cannot both be.
    #[error("{text}. {one}, or {other}.")]
    Conflict {
        /// What is wrong, with the values.
        text: String,
        /// What can be done with the first setting.
        one: Remedy,
        /// What can be done with the second.
        other: Remedy,
    },
    /// A collection without channels is nothing that could be read.
    #[error("The collection “{name}” names no channels: give “collections.{name}.channels”.")]
    EmptyCollection {
        /// Its name.
        name: String,
    },
}

impl Problem {
    /// Where it stands among others.
    pub(super) fn rank(&self) -> (u8, usize) {
        match self {
            Self::Syntax { origin, .. }
            | Self::Unknown { origin, .. }
            | Self::Absent { origin, .. }
            | Self::Value { origin, .. } => origin.rank(),
            Self::Variable { name, .. } => Origin::Environment(name.clone()).rank(),
            Self::NotASetting { key } => Origin::Flag(key.clone()).rank(),
            Self::Conflict { one, .. } => one.origin.rank(),
            Self::EmptyCollection { .. } => Origin::Default.rank(),
        }
    }
}

/// What can be done with a setting.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("{verb} “{key}” ({origin})")]
pub struct Remedy {
    /// Such as “lower”.
    pub verb: &'static str,
    /// The setting.
    pub key: String,
    /// Where it was set.
    pub origin: Origin,
}

/// What is wrong with a value.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum Why {
    /// Not of the shape, or out of the bounds, that the setting's description gives.
    #[error("")]
    Shape,
    /// A channel that is none.
    #[error("“{text}”: {reason}")]
    Channel {
        /// As it was written, cut.
        text: String,
        /// Why it is none.
        reason: BadName,
    },
    /// No level of the log.
    #[error(transparent)]
    Level(#[from] BadLevel),
    /// No name of a collection.
    #[error(transparent)]
    Collection(#[from] BadCollectionName),
    /// No time zone.
    #[error("Did you mean “{nearest}”?")]
    TimeZone {
        /// The zone whose name is most like it.
        nearest: String,
    },
    /// A database of another kind.
    #[error("Other databases than SQLite are not supported yet.")]
    OtherDatabase,
    /// What `feedline config` of an earlier version printed in the place of a password.
    #[error("The password is masked: write the real one.")]
    Masked,
}

/// Why a file cannot be read, and what to do.
fn reason(cause: &io::Error) -> String {
    let told = match cause.kind() {
        io::ErrorKind::NotFound => {
            "there is no such file. Give the path of one that is there, or make it from what \
             `feedline config --default` prints."
        }
        io::ErrorKind::IsADirectory => "it is a folder. Give the path of the file in it.",
        io::ErrorKind::PermissionDenied => {
            "it may not be read. Let the user that runs feedline read it and enter its folder."
        }
        io::ErrorKind::InvalidData => "it is not UTF-8. Save it as UTF-8.",
        _ => return format!("{cause}."),
    };
    told.to_owned()
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}

fn suggestion(nearest: &[String]) -> String {
    if nearest.is_empty() {
        return " `feedline config --default` lists all of them.".to_owned();
    }
    format!(" Did you mean {}?", quoted(nearest))
}

fn meaning(meant: Option<&str>) -> String {
    match meant {
        Some(names) => format!(" Did you mean {names}?"),
        None => " Variables of feedline are called FEEDLINE_SECTION__KEY, and `feedline config --default` lists all \
                 settings. If this one is meant for another program, give it another name."
            .to_owned(),
    }
}

/// Names to choose from.
pub(super) fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("“{name}”")).collect::<Vec<_>>().join(" or ")
}

/// SECURITY: an error goes into logs -> an address with a user in it, which may have a password, is not repeated.
fn shown(value: Option<&str>) -> &str {
    let has_user = |text: &&str| text.split_once("://").is_some_and(|(_, rest)| rest.contains('@'));
    value.filter(|text| !has_user(text)).unwrap_or("its value")
}

fn detail(why: &Why) -> impl fmt::Display {
    if *why == Why::Shape { String::new() } else { format!(" {why}") }
}
