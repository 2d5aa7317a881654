//! The program on the command line: commands, settings, the demo.

mod config;
mod demo;
mod operate;
mod parse;
pub(crate) mod program;
