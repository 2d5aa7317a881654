//! The lines that `check` prints, and whether anything in them is wrong.

use std::process::ExitCode;

use crate::cli::print;

/// What was found so far. Each line is printed as soon as it is known: the network may take its time.
#[derive(Debug, Default)]
pub(super) struct Report {
    sections: usize,
    wrong: usize,
}

impl Report {
    /// Begins a group of lines.
    pub(super) fn section(&mut self, title: &str) -> anyhow::Result<()> {
        let space = if self.sections == 0 { "" } else { "\n" };
        self.sections += 1;
        write(&format!("{space}{title}\n"))
    }

    /// Something is as it should be.
    pub(super) fn good(&mut self, text: &str) -> anyhow::Result<()> {
        write(&format!("  ✓ {}\n", line(text)))
    }

    /// Something that one should know, and that is not wrong.
    pub(super) fn note(&mut self, text: &str) -> anyhow::Result<()> {
        write(&format!("  ! {}\n", line(text)))
    }

    /// Something is wrong; `advice` says what to do, and may be empty.
    pub(super) fn wrong(&mut self, text: &str, advice: &str) -> anyhow::Result<()> {
        self.wrong += 1;
        write(&format!("  ✗ {}\n", line(text)))?;
        if advice.is_empty() { Ok(()) } else { write(&format!("    {}\n", line(advice))) }
    }

    /// The last line, and the exit code.
    pub(super) fn finish(self) -> anyhow::Result<ExitCode> {
        write(
            match self.wrong {
                0 => "\nAll is well.\n".to_owned(),
                1 => "\nOne thing is wrong.\n".to_owned(),
                more => format!("\n{more} things are wrong.\n"),
            }
            .as_str(),
        )?;
        Ok(if self.wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// SECURITY: a title with control characters, which could move a terminal's cursor -> they are taken out, and each finding
/// stays on its line.
fn line(text: &str) -> String {
    crate::text::clean(text).replace(['\n', '\t'], " ")
}

fn write(text: &str) -> anyhow::Result<()> {
    print(text).map(|_| ())
}
