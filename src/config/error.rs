//! Configuration errors. Each message states the location, the problem and a fix.

use std::fmt;
use std::io;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    // The message contains the cause. As a `source` it would be printed twice.
    #[error("{} cannot be read: {}", path.display(), reason(cause))]
    Unreadable { path: PathBuf, cause: io::Error },
    #[error("{} is larger than 1 MiB: this is no configuration", path.display())]
    TooLarge { path: PathBuf },
    #[error("{}", lines(.0))]
    Invalid(Vec<Problem>),
}

/// One invalid setting, as a line of text.
#[derive(Debug)]
pub struct Problem {
    /// The sort key: problems are listed by source, those in the file by line.
    pub(super) rank: (u8, usize),
    pub(super) text: String,
}

impl Problem {
    pub(super) fn at(origin: &Origin, text: &str) -> Self {
        Self { rank: origin.rank(), text: format!("{origin}: {text}") }
    }
}

/// The source of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// `line` counts from 1.
    File {
        path: PathBuf,
        line: usize,
    },
    Environment(String),
    /// Such as `--listen` or `--set server.listen`.
    Flag(String),
    Default,
}

impl Origin {
    /// Sort key: the file, then the environment, then flags.
    pub(super) fn rank(&self) -> (u8, usize) {
        match self {
            Self::File { line, .. } => (0, *line),
            Self::Environment(_) => (1, 0),
            Self::Flag(_) => (2, 0),
            Self::Default => (3, 0),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line } => write!(formatter, "{}, line {line}", path.display()),
            Self::Environment(name) => write!(formatter, "the variable {name}"),
            Self::Flag(flag) => formatter.write_str(flag),
            Self::Default => formatter.write_str("the default"),
        }
    }
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(|problem| problem.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// The reason in words, with a fix.
fn reason(cause: &io::Error) -> String {
    let reason = match cause.kind() {
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
    reason.to_owned()
}
