//! The `feedline` program: parse the command line, call the library, set the exit code.

use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    match feedline::cli::run() {
        Ok(code) => code,
        Err(error) => {
            // If standard error is closed, the error cannot be reported.
            let _ = writeln!(std::io::stderr(), "feedline: {error:#}");
            ExitCode::FAILURE
        }
    }
}
