//! The faults of the fake Telegram, and the requests that they affect. `server` and `reply` carry them out.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use tokio::sync::watch;

use super::route::{Answer, Asked, Request};

/// The deepest page that [`Fault::Deep`] makes.
const MAX_DEPTH: usize = 1_000_000;

#[derive(Clone, Debug)]
pub enum Fault {
    /// Waits before it continues; other faults apply as well.
    Delay(Duration),
    /// Waits until the gate is open; other faults apply as well.
    Hold(Gate),
    /// This status with a short page.
    Status {
        code: u16,
        /// In seconds.
        retry_after: Option<u32>,
    },
    /// 503 with a page that asks for a browser.
    Challenge,
    /// Every name looks as if it did not exist, as for a client that requests too much.
    SoftBan,
    /// A list page without posts, as under overload.
    NoPosts,
    /// A list page without links to older and newer posts.
    NoMoreLinks,
    /// 200 with a few bytes.
    Tiny,
    /// A body that ends early.
    Cut(Cut),
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
    /// A compressed body that ends in the middle, with that length.
    BrokenGzip,
    /// 302 to this address.
    Redirect(String),
    /// A page whose classes have other names.
    NewClasses,
    /// A page whose messages have other classes and attributes inside.
    NewInsides,
    /// A page without its channel's name in `data-post` and links.
    NoNames,
    /// The page, and white space up to this many bytes, at most 64 MiB.
    Oversize(usize),
    /// 200 with bytes that are neither HTML nor UTF-8.
    Garbage,
    /// 200 with this body.
    Instead { media_type: &'static str, body: &'static [u8] },
    /// A page of nested boxes, at most a million.
    Deep(usize),
}

/// How a body ends early. The number is the share that is sent, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// `Content-Length` is that of the whole body.
    ShortOfLength(u8),
    /// In chunks with a proper end: only the page shows that it is incomplete.
    CleanChunks(u8),
    /// In chunks without the last one.
    BrokenChunks(u8),
}

impl Fault {
    /// The answer that replaces the real one, if the fault needs no real one.
    pub(super) fn answer(&self) -> Option<Answer> {
        let error = |status: StatusCode, text: &str| Answer {
            status,
            ..Answer::html(format!(
                "<html>\n<head><title>{text}</title></head>\n<body><center><h1>{text}</h1></center></body>\n</html>\n"
            ))
        };
        match self {
            Self::Status { code, .. } => {
                let status = StatusCode::from_u16(*code).ok().filter(|it| !it.is_informational());
                let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                Some(error(status, status.as_str()))
            }
            Self::Challenge => {
                let text = "Just a moment, we are checking your browser";
                Some(error(StatusCode::SERVICE_UNAVAILABLE, text))
            }
            Self::Tiny => Some(Answer::html("<html><body>ok</body></html>".to_owned())),
            Self::Redirect(location) => Some(Answer::redirect(location.clone())),
            Self::Garbage => {
                let bytes = (0..3000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8);
                let body = bytes.collect::<Vec<u8>>().into();
                Some(Answer { body, ..Answer::html(String::new()) })
            }
            Self::Instead { media_type, body } => Some(Answer::new(media_type, *body)),
            Self::Deep(levels) => {
                let levels = (*levels).min(MAX_DEPTH);
                let body = format!("{}{}", "<div>".repeat(levels), "</div>".repeat(levels));
                Some(Answer::html(format!("<!DOCTYPE html>\n<html><body>{body}</body></html>\n")))
            }
            _ => None,
        }
    }
}

/// The requests that a fault affects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Everything,
    /// A path without its query, such as `/s/tidewater`.
    Path(String),
    /// List, landing page, posts and embeds of this name.
    Channel(String),
    Asked(Asked),
}

impl Target {
    fn covers(&self, request: &Request) -> bool {
        match self {
            Self::Everything => true,
            Self::Path(path) => request.path.eq_ignore_ascii_case(path),
            Self::Channel(name) => request.name.eq_ignore_ascii_case(name),
            Self::Asked(asked) => request.asked == *asked,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// The next requests, this many.
    Next(u32),
    /// Until [`super::Control::heal`].
    Always,
}

/// Holds requests until it is opened, or every handle to it is dropped.
#[derive(Clone, Debug)]
pub struct Gate(Arc<watch::Sender<bool>>);

impl Gate {
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

/// The faults in force.
#[derive(Debug, Default)]
pub(super) struct Plan(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    target: Target,
    fault: Fault,
    times: Times,
}

/// The oldest rules give way.
const MAX_RULES: usize = 256;

impl Plan {
    pub(super) fn add(&mut self, target: Target, fault: Fault, times: Times) {
        if self.0.len() == MAX_RULES {
            self.0.remove(0);
        }
        self.0.push(Rule { target, fault, times });
    }

    /// Ends the faults of exactly this target, or all.
    pub(super) fn heal(&mut self, target: Option<&Target>) {
        self.0.retain(|rule| target.is_some_and(|target| rule.target != *target));
    }

    /// The faults of this request: every wait, and the first of the others. They count as used.
    pub(super) fn draw(&mut self, request: &Request) -> (Vec<Fault>, Option<Fault>) {
        let mut waits = Vec::new();
        let mut fault = None;
        for rule in &mut self.0 {
            let is_wait = matches!(rule.fault, Fault::Delay(_) | Fault::Hold(_));
            if !rule.target.covers(request) || (!is_wait && fault.is_some()) {
                continue;
            }
            if let Times::Next(left) = &mut rule.times {
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
    fn a_fault_affects_its_requests_and_is_used_up() {
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
    fn healing_ends_faults() {
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
