//! The faults of the fake Telegram, and the requests that they affect. `server`, `answer` and `response` carry them out.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::request::{Request, RequestKind};

#[derive(Clone, Debug)]
pub enum Fault {
    /// Waits, then continues. Combines with other faults.
    Delay(Duration),
    /// Waits until the latch is open. Combines with other faults.
    Hold(Latch),
    /// This status with a short page.
    Status {
        code: u16,
        /// In seconds.
        retry_after: Option<u32>,
    },
    /// 503 with a page that asks for a browser.
    Challenge,
    /// Every name looks unknown, as for a throttled client.
    SoftBan,
    /// A list page without posts, as under overload.
    NoPosts,
    /// A list page without links to older and newer posts.
    NoMoreLinks,
    /// 200 with a few bytes.
    Tiny,
    Truncated(Truncation),
    /// The body in pieces.
    Drip {
        /// In bytes, at least 1.
        piece: usize,
        /// Before each piece.
        pause: Duration,
    },
    /// Never answers.
    Hang,
    /// Resets the connection.
    Close,
    /// A gzip body that ends in the middle; `Content-Length` matches.
    BrokenGzip,
    /// 302 to this address.
    Redirect(String),
    /// A page whose classes have other names.
    NewClasses,
    /// A page whose messages have other classes and attributes inside.
    NewInsides,
    /// A page without its channel's name in `data-post` and links.
    NoNames,
    /// The page, padded with white space to this many bytes, at most 64 MiB.
    Oversize(usize),
    /// 200 with bytes that are neither HTML nor UTF-8.
    Garbage,
    /// 200 with this body.
    Instead {
        media_type: &'static str,
        body: &'static [u8],
    },
    /// A page of nested boxes, at most a million.
    Deep(usize),
}

/// A body that ends early. The number is the percentage that is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truncation {
    /// `Content-Length` is that of the whole body.
    ShortOfLength(u8),
    /// In chunks with a correct end: only the HTML is incomplete.
    CleanChunks(u8),
    /// In chunks without the last one.
    BrokenChunks(u8),
}

/// The requests that a fault affects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Everything,
    /// A path without its query, such as `/s/tidewater`.
    Path(String),
    /// List, landing page, posts and embeds of this name.
    Channel(String),
    Kind(RequestKind),
}

impl Target {
    fn matches(&self, request: &Request) -> bool {
        match self {
            Self::Everything => true,
            Self::Path(path) => request.path().eq_ignore_ascii_case(path),
            Self::Channel(name) => request.name.eq_ignore_ascii_case(name),
            Self::Kind(kind) => request.kind == *kind,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    Times(u32),
    /// Until [`super::Control::clear_faults`].
    Always,
}

/// Holds requests until it is opened or every handle is dropped.
#[derive(Clone, Debug)]
pub struct Latch(Arc<watch::Sender<bool>>);

impl Latch {
    pub fn closed() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Lets all requests through, now and later.
    pub fn open(&self) {
        self.0.send_replace(true);
    }

    pub(super) async fn pass(self) {
        let mut state = self.0.subscribe();
        drop(self);
        // An error means that every handle is dropped.
        let _ = state.wait_for(|open| *open).await;
    }
}

/// The active faults.
#[derive(Debug, Default)]
pub(super) struct FaultQueue(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    target: Target,
    fault: Fault,
    repeat: Repeat,
}

/// A further rule replaces the oldest one.
const MAX_RULES: usize = 256;

impl FaultQueue {
    pub(super) fn add(&mut self, target: Target, fault: Fault, repeat: Repeat) {
        if self.0.len() == MAX_RULES {
            self.0.remove(0);
        }
        self.0.push(Rule { target, fault, repeat });
    }

    /// Removes the faults of exactly this target, or all.
    pub(super) fn clear(&mut self, target: Option<&Target>) {
        self.0.retain(|rule| target.is_some_and(|target| rule.target != *target));
    }

    /// The faults of this request: every wait, and the first of the others. They count as used.
    pub(super) fn take(&mut self, request: &Request) -> (Vec<Fault>, Option<Fault>) {
        let mut waits = Vec::new();
        let mut fault = None;
        for rule in &mut self.0 {
            let is_wait = matches!(rule.fault, Fault::Delay(_) | Fault::Hold(_));
            if !rule.target.matches(request) || (!is_wait && fault.is_some()) {
                continue;
            }
            if let Repeat::Times(left) = &mut rule.repeat {
                if *left == 0 {
                    continue;
                }
                *left -= 1;
            }
            if is_wait {
                waits.push(rule.fault.clone());
            } else {
                fault = Some(rule.fault.clone());
            }
        }
        self.0.retain(|rule| rule.repeat != Repeat::Times(0));
        (waits, fault)
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, FaultQueue, Repeat, Request, RequestKind, Target};

    fn request(target: &str) -> Request {
        Request::new(target, false, http::HeaderMap::new())
    }

    #[test]
    fn fault_affects_matching_requests_until_used_up() {
        let mut queue = FaultQueue::default();
        queue.add(Target::Path("/s/tea".to_owned()), Fault::Tiny, Repeat::Times(2));
        assert!(queue.take(&request("/s/other")).1.is_none());
        assert!(queue.take(&request("/s/tea?before=4")).1.is_some());
        assert!(queue.take(&request("/s/TEA")).1.is_some());
        assert!(queue.take(&request("/s/tea")).1.is_none());
    }

    #[test]
    fn delays_add_up_and_other_faults_queue() {
        let mut queue = FaultQueue::default();
        queue.add(
            Target::Everything,
            Fault::Delay(std::time::Duration::from_secs(1)),
            Repeat::Always,
        );
        queue.add(Target::Kind(RequestKind::List), Fault::Tiny, Repeat::Times(1));
        queue.add(Target::Channel("tea".to_owned()), Fault::Garbage, Repeat::Times(1));
        let (waits, fault) = queue.take(&request("/s/tea"));
        assert_eq!(waits.len(), 1);
        assert!(matches!(fault, Some(Fault::Tiny)));
        assert!(matches!(queue.take(&request("/s/tea")).1, Some(Fault::Garbage)));
        assert!(queue.take(&request("/s/tea")).1.is_none());
    }

    #[test]
    fn clear_removes_faults() {
        let mut queue = FaultQueue::default();
        queue.add(Target::Everything, Fault::Tiny, Repeat::Always);
        queue.add(Target::Kind(RequestKind::File), Fault::Garbage, Repeat::Always);
        queue.clear(Some(&Target::Everything));
        assert!(queue.take(&request("/s/tea")).1.is_none());
        assert!(queue.take(&request("/file/x.jpg")).1.is_some());
        queue.clear(None);
        assert!(queue.take(&request("/file/x.jpg")).1.is_none());
    }
}
