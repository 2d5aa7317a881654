//! The program as a person or a script runs it: commands, settings, the demo.

mod config;
mod demo;
mod operate;
mod parse;
pub(crate) mod program;
