//! The priority of a request, which may change while it is queued.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::Instant;

/// Later variants go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Scheduled refreshes, history.
    Background,
    /// Media of an open page.
    Media,
    /// A client waits.
    Waiting,
}

impl Class {
    /// The most urgent first.
    pub(super) const DOWNWARDS: [Self; 3] = [Self::Waiting, Self::Media, Self::Background];
}

/// The class of one task, shared by all who wait for it.
///
/// A further waiter promotes it: a queued request moves up at once. When the last waiter leaves, it is demoted.
#[derive(Clone, Debug)]
pub struct Priority(Arc<watch::Sender<State>>);

#[derive(Clone, Copy, Debug)]
struct State {
    class: Class,
    started: Option<Instant>,
}

impl Priority {
    pub fn new(class: Class) -> Self {
        Self(Arc::new(watch::Sender::new(State { class, started: None })))
    }

    pub fn class(&self) -> Class {
        self.0.borrow().class
    }

    /// When the first request of the task started.
    pub fn started(&self) -> Option<Instant> {
        self.0.borrow().started
    }

    /// Raises the class to this one.
    pub fn promote(&self, class: Class) {
        self.0.send_if_modified(|state| {
            let is_higher = class > state.class;
            state.class = class.max(state.class);
            is_higher
        });
    }

    /// Lowers the class to background, unless the first request has started. Returns whether it did.
    pub fn demote(&self) -> bool {
        self.0.send_if_modified(|state| {
            if state.started.is_none() {
                state.class = Class::Background;
            }
            state.started.is_none()
        })
    }

    pub(crate) fn start(&self) {
        self.0.send_if_modified(|state| {
            state.started.get_or_insert_with(Instant::now);
            false
        });
    }

    pub(super) fn changes(&self) -> Changes {
        Changes(self.0.subscribe())
    }
}

pub(super) struct Changes(watch::Receiver<State>);

impl Changes {
    /// Waits for the next change, forever if all handles are dropped.
    pub(super) async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending().await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_priority_is_promoted_and_demoted_only_before_start() {
        let priority = Priority::new(Class::Background);
        let shared = priority.clone();
        shared.promote(Class::Waiting);
        assert_eq!(priority.class(), Class::Waiting);
        shared.promote(Class::Media);
        assert_eq!(priority.class(), Class::Waiting);
        assert!(shared.demote());
        assert_eq!(priority.class(), Class::Background);
        priority.promote(Class::Media);
        priority.start();
        assert!(shared.started().is_some() && !shared.demote());
        assert_eq!(priority.class(), Class::Media);
    }
}
