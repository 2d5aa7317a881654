//! What was asked of the fake Telegram, and when. Bounded: the oldest requests are forgotten, the totals are not.

use std::collections::{HashMap, VecDeque};

use http::HeaderMap;
use tokio::time::Instant;

use super::route::{Asked, Request};

/// The requests that are remembered one by one, and the paths that are counted.
const MOST: usize = 20_000;

/// One request.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Path and query.
    pub target: String,
    /// What it asked for.
    pub asked: Asked,
    /// Whether it asked for the head alone.
    pub is_head: bool,
    /// When it arrived.
    pub at: Instant,
    /// Its headers.
    pub headers: HeaderMap,
}

#[derive(Debug, Default)]
pub(super) struct Count {
    pub(super) total: u64,
    pub(super) open: usize,
    pub(super) most_open: usize,
    pub(super) seen: VecDeque<Seen>,
    paths: HashMap<String, u64>,
    kinds: HashMap<Asked, u64>,
}

impl Count {
    pub(super) fn arrive(
        &mut self,
        request: &Request,
        is_head: bool,
        at: Instant,
        headers: HeaderMap,
    ) {
        self.total += 1;
        self.open += 1;
        self.most_open = self.most_open.max(self.open);
        *self.kinds.entry(request.asked).or_default() += 1;
        let path = request.path.to_ascii_lowercase();
        if self.paths.len() < MOST || self.paths.contains_key(&path) {
            *self.paths.entry(path).or_default() += 1;
        }
        if self.seen.len() == MOST {
            self.seen.pop_front();
        }
        let target = request.target.clone();
        self.seen.push_back(Seen { target, asked: request.asked, is_head, at, headers });
    }

    pub(super) fn leave(&mut self) {
        self.open = self.open.saturating_sub(1);
    }

    pub(super) fn path(&self, path: &str) -> u64 {
        self.paths.get(&path.to_ascii_lowercase()).copied().unwrap_or(0)
    }

    pub(super) fn kind(&self, asked: Asked) -> u64 {
        self.kinds.get(&asked).copied().unwrap_or(0)
    }

    /// Forgets everything but the requests that are open.
    pub(super) fn forget(&mut self) {
        *self = Self { open: self.open, most_open: self.open, ..Self::default() };
    }
}
