//! Who waits for a request, and how that changes while it is queued.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::Instant;

/// Who waits for a request; the later ones of this list go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Nobody: refreshes ahead of demand, history.
    Background,
    /// A page with media that is being looked at.
    Media,
    /// A person, or their reader.
    Waiting,
}

impl Class {
    /// All of them, the most urgent first.
    pub(super) const DOWNWARDS: [Self; 3] = [Self::Waiting, Self::Media, Self::Background];
}

/// The class of one piece of work, shared by all who are interested in it.
///
/// Whoever does the work hands it to [`Client::fetch`](super::Client::fetch); whoever joins promotes it, and a
/// request that still waits for its turn moves up at once. When the last one has left, it is demoted.
#[derive(Clone, Debug)]
pub struct Priority(Arc<watch::Sender<State>>);

#[derive(Clone, Copy, Debug)]
struct State {
    class: Class,
    started: Option<Instant>,
}

impl Priority {
    /// Work of this class.
    pub fn new(class: Class) -> Self {
        Self(Arc::new(watch::Sender::new(State { class, started: None })))
    }

    /// The present class.
    pub fn class(&self) -> Class {
        self.0.borrow().class
    }

    /// When the first request of this work had its turn.
    pub fn started(&self) -> Option<Instant> {
        self.0.borrow().started
    }

    /// Promotes the work to this class.
    pub fn promote(&self, class: Class) {
        self.0.send_if_modified(|state| {
            let is_higher = class > state.class;
            state.class = class.max(state.class);
            is_higher
        });
    }

    /// Nobody waits any more: work whose first request still waits for its turn becomes background work. Tells whether
    /// it was so; what has started keeps its class and is finished.
    pub fn demote(&self) -> bool {
        self.0.send_if_modified(|state| {
            if state.started.is_none() {
                state.class = Class::Background;
            }
            state.started.is_none()
        })
    }

    /// A request of this work has its turn.
    pub(crate) fn start(&self) {
        self.0.send_if_modified(|state| {
            state.started.get_or_insert_with(Instant::now);
            false
        });
    }

    /// Tells of every change from now on.
    pub(super) fn changes(&self) -> Changes {
        Changes(self.0.subscribe())
    }
}

/// The changes of a class.
pub(super) struct Changes(watch::Receiver<State>);

impl Changes {
    /// The class now.
    pub(super) fn class(&mut self) -> Class {
        self.0.borrow_and_update().class
    }

    /// Waits for the next change; for ever when nobody can make one.
    pub(super) async fn changed(&mut self) -> Class {
        match self.0.changed().await {
            Ok(()) => self.class(),
            Err(_) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_priority_is_promoted_for_all_who_share_it_and_demoted_only_before_its_turn() {
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
