//! `feedline completions`: what completes commands and flags, for the common shells.

use std::process::ExitCode;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::print;

/// Prints what completes feedline's commands and flags in a shell.
#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// The shell.
    shell: Shell,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    let mut command = super::Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, env!("CARGO_PKG_NAME"), &mut script);
    print(&String::from_utf8_lossy(&script))
}
