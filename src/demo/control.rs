//! The handle to a running fake Telegram: inject faults, change what it shows, count requests. Cheap to clone; everything
//! takes effect with the next request.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderMap;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::fault::{Fault, Gate, Plan, Target, Times};
use super::message::Message;
use super::page::Omit;
use super::route::{Answer, Asked, Request, State};
use super::world::{Channel, Kind, OldName, World};
use crate::model::{ChannelName, MessageId};

/// The longest file that [`Control::lengthen_files`] makes.
const MAX_FILE: usize = 64 * 1024 * 1024;

/// The number of requests that [`Control::seen`] returns, and of paths that are counted.
const MAX_SEEN: usize = 20_000;

/// A channel that `feedline demo` lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    pub name: ChannelName,
    pub title: String,
    /// What it shows, in a sentence.
    pub shows: String,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Path and query.
    pub target: String,
    pub asked: Asked,
    pub is_head: bool,
    pub at: Instant,
    pub headers: HeaderMap,
}

#[derive(Clone)]
pub struct Control(Arc<Shared>);

struct Shared {
    base: String,
    started: Instant,
    inner: Mutex<Inner>,
    arrived: Notify,
}

struct Inner {
    world: World,
    plan: Plan,
    counts: Counts,
    /// See [`Control::advance`].
    shift: TimeDelta,
}

#[derive(Default)]
struct Counts {
    total: u64,
    open: usize,
    most_open: usize,
    seen: VecDeque<Seen>,
    /// By lower-case path.
    paths: HashMap<String, u64>,
    kinds: HashMap<Asked, u64>,
}

impl Control {
    pub(super) fn new(base: String, world: World) -> Self {
        let inner = Inner {
            world,
            plan: Plan::default(),
            counts: Counts::default(),
            shift: TimeDelta::zero(),
        };
        Self(Arc::new(Shared {
            base,
            started: Instant::now(),
            inner: Mutex::new(inner),
            arrived: Notify::new(),
        }))
    }

    /// The address of the fake, such as `http://127.0.0.1:4711`, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.0.base
    }

    /// The time of the fake's clock: its start, the time since, and [`Control::advance`].
    pub fn now(&self) -> DateTime<Utc> {
        self.time(&self.lock())
    }

    /// Moves the fake's clock forward: messages with a later time appear.
    pub fn advance(&self, by: Duration) {
        let by = TimeDelta::from_std(by).unwrap_or(TimeDelta::zero());
        let mut inner = self.lock();
        inner.shift = inner.shift.checked_add(&by).unwrap_or(inner.shift);
    }

    // Faults.

    /// Affects the requests of this target. Faults queue; waits come on top of other faults.
    pub fn fault(&self, target: Target, fault: Fault, times: Times) {
        self.lock().plan.add(target, fault, times);
    }

    /// Holds the requests of this target until the gate is opened.
    pub fn hold(&self, target: Target) -> Gate {
        let gate = Gate::closed();
        self.fault(target, Fault::Hold(gate.clone()), Times::Always);
        gate
    }

    /// Ends every fault.
    pub fn heal(&self) {
        self.lock().plan.heal(None);
    }

    /// Ends the faults of exactly this target.
    pub fn heal_target(&self, target: &Target) {
        self.lock().plan.heal(Some(target));
    }

    // Changes.

    /// The channels that `feedline demo` lists, by name.
    pub fn channels(&self) -> Vec<Sight> {
        let inner = self.lock();
        let listed = inner.world.channels().filter(|channel| !channel.shows.is_empty());
        listed
            .map(|channel| Sight {
                name: channel.name.clone(),
                title: channel.title.clone(),
                shows: channel.shows.clone(),
            })
            .collect()
    }

    /// A copy of the channel with this name.
    pub fn channel(&self, name: &str) -> Option<Channel> {
        self.lock().world.channel(name).cloned()
    }

    /// Adds a channel and returns the one of the same name that it replaces. So a name goes to another channel, with
    /// another numeric id.
    pub fn add(&self, channel: Channel) -> Option<Channel> {
        self.lock().world.add(channel)
    }

    pub fn remove(&self, name: &str) -> Option<Channel> {
        self.lock().world.remove(name)
    }

    /// Changes a channel; `None` if it does not exist.
    pub fn change<R>(&self, name: &str, change: impl FnOnce(&mut Channel) -> R) -> Option<R> {
        self.lock().world.channel_mut(name).map(change)
    }

    /// Changes a message; `None` if it does not exist.
    pub fn change_message<R>(
        &self,
        name: &str,
        id: u32,
        change: impl FnOnce(&mut Message) -> R,
    ) -> Option<R> {
        self.change(name, |channel| channel.message_mut(id).map(change)).flatten()
    }

    /// Publishes a message now and returns its id.
    pub fn publish(&self, name: &str, message: impl Into<Message>) -> Option<MessageId> {
        let message = message.into();
        let mut inner = self.lock();
        let now = self.time(&inner);
        let channel = inner.world.channel_mut(name)?;
        MessageId::new(channel.publish(message, now))
    }

    /// Gives a message another text and marks it as edited. Returns whether it exists.
    pub fn edit(&self, name: &str, id: u32, text: &str) -> bool {
        let change = |message: &mut Message| {
            message.text = Some(text.into());
            message.edited = true;
        };
        self.change_message(name, id, change).is_some()
    }

    /// Deletes a message, or one member of an album. Returns whether it existed.
    pub fn delete(&self, name: &str, id: u32) -> bool {
        self.change(name, |channel| channel.delete(id)).unwrap_or(false)
    }

    /// Gives a channel another name; its numeric id stays. Returns whether it exists.
    pub fn rename(&self, old: &str, new: ChannelName, fate: OldName) -> bool {
        self.lock().world.rename(old, new, fate)
    }

    /// Switches a channel's list page on or off.
    pub fn set_preview(&self, name: &str, on: bool) {
        let kind = if on { Kind::Channel } else { Kind::Hidden };
        self.change(name, |channel| channel.kind = kind);
    }

    /// Expires all file addresses: they answer 404, and pages contain new ones.
    pub fn expire_files(&self) {
        let mut inner = self.lock();
        inner.world.generation = inner.world.generation.wrapping_add(1);
    }

    /// Makes all files at least this long, at most 64 MiB. The added bytes tell their place; pictures and videos look as
    /// before.
    pub fn lengthen_files(&self, length: usize) {
        self.lock().world.min_file = length.min(MAX_FILE);
    }

    // Counts.

    /// The requests for this path, whatever the query and the case.
    pub fn hits(&self, path: &str) -> u64 {
        self.lock().counts.paths.get(&path.to_ascii_lowercase()).copied().unwrap_or(0)
    }

    pub fn hits_of(&self, asked: Asked) -> u64 {
        self.lock().counts.kinds.get(&asked).copied().unwrap_or(0)
    }

    /// The number of all requests.
    pub fn total(&self) -> u64 {
        self.lock().counts.total
    }

    /// The most requests that were open at once.
    pub fn most_open(&self) -> usize {
        self.lock().counts.most_open
    }

    /// The last 20,000 requests, oldest first.
    pub fn seen(&self) -> Vec<Seen> {
        self.lock().counts.seen.iter().cloned().collect()
    }

    /// Starts counting anew; open requests stay open.
    pub fn forget(&self) {
        let counts = &mut self.lock().counts;
        *counts = Counts { open: counts.open, most_open: counts.open, ..Counts::default() };
    }

    /// Waits for this number of requests for a path.
    pub async fn wait_for_hits(&self, path: &str, hits: u64) {
        loop {
            let arrived = self.0.arrived.notified();
            tokio::pin!(arrived);
            arrived.as_mut().enable();
            if self.hits(path) >= hits {
                return;
            }
            arrived.await;
        }
    }

    // For the server.

    /// Counts a request and draws its faults. The request is open while the guard lives.
    pub(super) fn arrive(
        &self,
        request: &Request,
        is_head: bool,
        headers: &HeaderMap,
    ) -> (Open, Vec<Fault>, Option<Fault>) {
        let mut inner = self.lock();
        inner.counts.add(request, is_head, headers);
        let (waits, fault) = inner.plan.draw(request);
        drop(inner);
        self.0.arrived.notify_waiters();
        (Open(self.clone()), waits, fault)
    }

    pub(super) fn answer(&self, request: &Request, banned: bool, omit: Omit) -> Answer {
        let inner = self.lock();
        let now = self.time(&inner);
        State { world: &inner.world, base: &self.0.base, now, banned, omit }.answer(request)
    }

    fn time(&self, inner: &Inner) -> DateTime<Utc> {
        let passed = TimeDelta::from_std(self.0.started.elapsed()).unwrap_or(TimeDelta::zero());
        inner.world.start + passed + inner.shift
    }

    /// After a panic in a test's closure the world stays as the closure left it.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn add(&mut self, request: &Request, is_head: bool, headers: &HeaderMap) {
        self.total += 1;
        self.open += 1;
        self.most_open = self.most_open.max(self.open);
        *self.kinds.entry(request.asked).or_default() += 1;
        let path = request.path.to_ascii_lowercase();
        if self.paths.len() < MAX_SEEN || self.paths.contains_key(&path) {
            *self.paths.entry(path).or_default() += 1;
        }
        if self.seen.len() == MAX_SEEN {
            self.seen.pop_front();
        }
        self.seen.push_back(Seen {
            target: request.target.clone(),
            asked: request.asked,
            is_head,
            at: Instant::now(),
            headers: headers.clone(),
        });
    }
}

/// A request that is not yet answered.
pub(super) struct Open(Control);

impl Drop for Open {
    fn drop(&mut self) {
        let counts = &mut self.0.lock().counts;
        counts.open = counts.open.saturating_sub(1);
    }
}
