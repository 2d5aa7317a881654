//! What can be wrong with a configuration. Every message says where, what, and what to do.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::access::BadKey;
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
    /// Not TOML.
    #[error("{}, line {line}: this is not TOML: {message}", path.display())]
    Syntax {
        /// The file, absolute.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What the reader says; never a part of the file, which may hold secrets.
        message: String,
    },
    /// Settings that there are not, or values that they do not take: all of them.
    #[error("{}", lines(.0))]
    Invalid(Vec<Problem>),
}

/// One thing that is wrong with what was set.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum Problem {
    /// There is no such setting.
    #[error("{origin}: there is no setting “{key}”.{}", suggestion(nearest.as_deref()))]
    Unknown {
        /// Where it was set.
        origin: Origin,
        /// As it was written.
        key: String,
        /// The setting that was probably meant.
        nearest: Option<String>,
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
            Self::Unknown { origin, .. } | Self::Value { origin, .. } => origin.rank(),
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
    /// No key.
    #[error(transparent)]
    Key(#[from] BadKey),
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
    #[error("Only SQLite is there.")]
    OtherDatabase,
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

fn suggestion(nearest: Option<&str>) -> String {
    match nearest {
        Some(name) => format!(" Did you mean “{name}”?"),
        None => " `feedline config --default` lists all of them.".to_owned(),
    }
}

fn shown(value: Option<&str>) -> &str {
    value.unwrap_or("its value")
}

fn detail(why: &Why) -> impl fmt::Display {
    if *why == Why::Shape { String::new() } else { format!(" {why}") }
}
