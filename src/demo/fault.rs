//! What can go wrong at Telegram, and for which requests. Plain data; `server` does what is said here.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::route::{Asked, Request};

/// A way to misbehave.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Waits, then goes on as if nothing were (other faults included).
    Delay(Duration),
    /// Waits until the gate is opened, then goes on as if nothing were.
    Hold(Gate),
    /// An answer with this status and a short page; `Retry-After` in seconds when given.
    Status {
        /// Such as 429, 500 or 502.
        code: u16,
        /// The header's value.
        retry_after: Option<u32>,
    },
    /// 503 with the page of a guard that wants to see a browser.
    Challenge,
    /// Every name is answered as if it did not exist: what Telegram shows to an address that asks too much.
    SoftBan,
    /// A list page without posts, as Telegram gives when it is overloaded.
    NoPosts,
    /// A list page without links to older and newer posts.
    NoMoreLinks,
    /// 200 and a body of a few bytes without any structure.
    Tiny,
    /// A body that ends early.
    Cut(Cut),
    /// The body in small pieces.
    Drip {
        /// The size of a piece in bytes, at least 1.
        piece: usize,
        /// The time before each.
        pause: Duration,
    },
    /// Takes the request and never answers.
    Hang,
    /// Resets the connection.
    Close,
    /// A compressed body that ends in the middle, of the length announced.
    BrokenGzip,
    /// 302 to this address.
    Redirect(String),
    /// The page with every class of Telegram renamed.
    NewClasses,
    /// The page with its frame as ever, but nothing inside its messages named as before.
    NewInsides,
    /// The page with its channel's name in no `data-post` and no link.
    NoNames,
    /// The page, then white space up to this many bytes (at most 64 MiB).
    Oversize(usize),
    /// 200 and bytes that are no HTML and no UTF-8.
    Garbage,
    /// 200 and this body in place of a page or file.
    Instead {
        /// What it says that it is.
        media_type: &'static str,
        /// The body.
        body: &'static [u8],
    },
    /// The page of boxes within boxes, so many (at most a million).
    Deep(usize),
}

/// How a body ends early. The share that is sent is given in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The whole length is announced, and the connection ends before it.
    ShortOfLength(u8),
    /// In chunks, properly ended: only the page itself tells that it is not whole.
    CleanChunks(u8),
    /// In chunks, and the connection ends without the last one.
    BrokenChunks(u8),
}

/// Which requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// All.
    Everything,
    /// Those for this path, without its query: `/s/tidewater`.
    Path(String),
    /// All about this name: list, landing, posts and embeds.
    Channel(String),
    /// All of this kind.
    Asked(Asked),
}

impl Target {
    pub(super) fn covers(&self, request: &Request) -> bool {
        match self {
            Self::Everything => true,
            Self::Path(path) => request.path.eq_ignore_ascii_case(path),
            Self::Channel(name) => request.name.eq_ignore_ascii_case(name),
            Self::Asked(asked) => request.asked == *asked,
        }
    }
}

/// How often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// The next so many requests.
    Next(u32),
    /// Until healed.
    Always,
}

/// Holds requests back until it is opened (or every handle to it is dropped).
#[derive(Clone, Debug)]
pub struct Gate(Arc<watch::Sender<bool>>);

impl Gate {
    /// A closed gate.
    #[must_use]
    pub fn closed() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Lets everyone through, now and later.
    pub fn open(&self) {
        self.0.send_replace(true);
    }

    pub(super) async fn pass(self) {
        let mut state = self.0.subscribe();
        drop(self);
        // An error means that the gate is gone, and with it what it held.
        let _ = state.wait_for(|open| *open).await;
    }
}

/// The faults in force.
#[derive(Debug, Default)]
pub(super) struct Plan(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    target: Target,
    fault: Fault,
    times: Times,
}

/// At most this many faults are in force at once; the oldest give way.
const MOST_RULES: usize = 256;

impl Plan {
    pub(super) fn add(&mut self, target: Target, fault: Fault, times: Times) {
        if self.0.len() == MOST_RULES {
            self.0.remove(0);
        }
        self.0.push(Rule { target, fault, times });
    }

    pub(super) fn heal(&mut self, target: Option<&Target>) {
        self.0.retain(|rule| target.is_some_and(|target| rule.target != *target));
    }

    /// What happens to this request: every wait, and the first of the other faults. What was used up is gone.
    pub(super) fn draw(&mut self, request: &Request) -> (Vec<Fault>, Option<Fault>) {
        let mut waits = Vec::new();
        let mut fault = None;
        for rule in &mut self.0 {
            let is_wait = matches!(rule.fault, Fault::Delay(_) | Fault::Hold(_));
            if !rule.target.covers(request) || (!is_wait && fault.is_some()) {
                continue;
            }
            match &mut rule.times {
                Times::Next(0) => continue,
                Times::Next(left) => *left -= 1,
                Times::Always => {}
            }
            if is_wait {
                waits.push(rule.fault.clone());
            } else {
                fault = Some(rule.fault.clone());
            }
        }
        self.0.retain(|rule| rule.times != Times::Next(0));
        (waits, fault)
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, Fault, Plan, Request, Target, Times};

    fn request(target: &str) -> Request {
        Request::parse(target)
    }

    #[test]
    fn a_fault_meets_its_requests_and_is_used_up() {
        let mut plan = Plan::default();
        plan.add(Target::Path("/s/tea".to_owned()), Fault::Tiny, Times::Next(2));
        assert!(plan.draw(&request("/s/other")).1.is_none());
        assert!(plan.draw(&request("/s/tea?before=4")).1.is_some());
        assert!(plan.draw(&request("/s/TEA")).1.is_some());
        assert!(plan.draw(&request("/s/tea")).1.is_none());
    }

    #[test]
    fn waits_add_up_and_other_faults_queue() {
        let mut plan = Plan::default();
        plan.add(
            Target::Everything,
            Fault::Delay(std::time::Duration::from_secs(1)),
            Times::Always,
        );
        plan.add(Target::Asked(Asked::List), Fault::Tiny, Times::Next(1));
        plan.add(Target::Channel("tea".to_owned()), Fault::Garbage, Times::Next(1));
        let (waits, fault) = plan.draw(&request("/s/tea"));
        assert_eq!(waits.len(), 1);
        assert!(matches!(fault, Some(Fault::Tiny)));
        assert!(matches!(plan.draw(&request("/s/tea")).1, Some(Fault::Garbage)));
        assert!(plan.draw(&request("/s/tea")).1.is_none());
    }

    #[test]
    fn healing_takes_faults_away() {
        let mut plan = Plan::default();
        plan.add(Target::Everything, Fault::Tiny, Times::Always);
        plan.add(Target::Asked(Asked::File), Fault::Garbage, Times::Always);
        plan.heal(Some(&Target::Everything));
        assert!(plan.draw(&request("/s/tea")).1.is_none());
        assert!(plan.draw(&request("/file/x.jpg")).1.is_some());
        plan.heal(None);
        assert!(plan.draw(&request("/file/x.jpg")).1.is_none());
    }
}
