use std::time::{Duration, Instant};

use scraper::Html;

use super::*;

fn refused(html: &str) -> Option<Bound> {
    match check(html) {
        Ok(()) => None,
        Err(NotAPage::Bounds(bound)) => Some(bound),
        Err(other) => panic!("{other}"),
    }
}
