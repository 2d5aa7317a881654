//! The output of `check`.

use std::process::ExitCode;

use crate::cli::print;
use crate::text::counted;

/// Prints each finding at once and counts the problems.
#[derive(Debug, Default)]
pub(super) struct Report {
    sections: usize,
    problems: usize,
    /// The first failure to print, which `finish` returns.
    error: Option<anyhow::Error>,
}

impl Report {
    pub(super) fn section(&mut self, title: impl AsRef<str>) {
        let space = if self.sections == 0 { "" } else { "\n" };
        self.sections += 1;
        self.print(&format!("{space}{}\n", title.as_ref()));
    }

    pub(super) fn good(&mut self, text: impl AsRef<str>) {
        self.print(&format!("  ✓ {}\n", line(text.as_ref())));
    }

    pub(super) fn note(&mut self, text: impl AsRef<str>) {
        self.print(&format!("  ! {}\n", line(text.as_ref())));
    }

    /// `advice` may be empty.
    pub(super) fn problem(&mut self, text: impl AsRef<str>, advice: &str) {
        self.problems += 1;
        self.print(&format!("  ✗ {}\n", line(text.as_ref())));
        if !advice.is_empty() {
            self.print(&format!("    {}\n", line(advice)));
        }
    }

    /// The exit code is 1 if there is a problem.
    pub(super) fn finish(mut self) -> anyhow::Result<ExitCode> {
        match self.problems {
            0 => self.print("\nNo problems found.\n"),
            count => self.print(&format!("\n{} found.\n", counted(count, "problem"))),
        }
        match self.error {
            Some(error) => Err(error),
            None if self.problems == 0 => Ok(ExitCode::SUCCESS),
            None => Ok(ExitCode::FAILURE),
        }
    }

    fn print(&mut self, text: &str) {
        if let Err(error) = print(text) {
            self.error.get_or_insert(error);
        }
    }
}

/// SECURITY: terminal control characters in titles -> removed, so that each finding stays on its line.
fn line(text: &str) -> String {
    crate::text::clean(text).replace(['\n', '\t'], " ")
}
