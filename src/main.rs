//! The `feedline` program.
fn main() {}
