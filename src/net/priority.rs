//! Who waits for a request, and how that changes while it is queued.

use std::sync::Arc;

use tokio::sync::watch;

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
/// Whoever does the work hands it to [`Client::fetch`](super::Client::fetch); whoever joins raises it, and a
/// request that still waits for its turn moves up at once.
#[derive(Clone, Debug)]
pub struct Priority(Arc<watch::Sender<Class>>);

impl Priority {
    /// Work of this class.
    #[must_use]
    pub fn new(class: Class) -> Self {
        Self(Arc::new(watch::Sender::new(class)))
    }

    /// The present class.
    #[must_use]
    pub fn class(&self) -> Class {
        *self.0.borrow()
    }

    /// Lifts the work to this class; it never sinks.
    pub fn raise(&self, class: Class) {
        self.0.send_if_modified(|present| {
            let higher = class > *present;
            *present = class.max(*present);
            higher
        });
    }

    /// Tells of every change from now on.
    pub(super) fn changes(&self) -> watch::Receiver<Class> {
        self.0.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_priority_rises_for_all_who_share_it_and_never_sinks() {
        let priority = Priority::new(Class::Background);
        let shared = priority.clone();
        shared.raise(Class::Waiting);
        assert_eq!(priority.class(), Class::Waiting);
        shared.raise(Class::Media);
        assert_eq!(priority.class(), Class::Waiting);
    }
}
