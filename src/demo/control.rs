//! The handle to a running fake Telegram: make it misbehave, change what it shows, count what it was asked.
//! Cheap to clone; everything takes effect with the next request.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderMap;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::channel::{Channel, Kind};
use super::count::{Count, Seen};
use super::fault::{Fault, Gate, Plan, Target, Times};
use super::markup::Missing;
use super::message::Message;
use super::route::{self, Answer, Asked, Request};
use super::world::{OldName, World};
use crate::model::{ChannelName, MessageId};

/// The longest file that [`Control::lengthen_files`] makes.
const LONGEST_FILE: usize = 64 * 1024 * 1024;

/// A channel worth a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Its name.
    pub name: ChannelName,
    /// Its title.
    pub title: String,
    /// What there is to see, in a sentence.
    pub shows: &'static str,
}

/// The handle. See the module's head.
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
    count: Count,
    /// How far the clock was moved by hand.
    shift: TimeDelta,
}

impl Control {
    pub(super) fn new(base: String, world: World) -> Self {
        let inner = Inner {
            world,
            plan: Plan::default(),
            count: Count::default(),
            shift: TimeDelta::zero(),
        };
        Self(Arc::new(Shared {
            base,
            started: Instant::now(),
            inner: Mutex::new(inner),
            arrived: Notify::new(),
        }))
    }

    /// The address under which it answers, such as `http://127.0.0.1:4711`, without a slash at the end.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.0.base
    }

    /// The time that the fake believes it is: its start, plus what has passed, plus [`Control::advance`].
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.time(&self.lock())
    }

    /// Moves the fake's clock forward; what its channels publish later comes to light.
    pub fn advance(&self, by: Duration) {
        let by = TimeDelta::from_std(by).unwrap_or(TimeDelta::zero());
        let mut inner = self.lock();
        inner.shift = inner.shift.checked_add(&by).unwrap_or(inner.shift);
    }
}

/// Faults.
impl Control {
    /// Makes these requests go wrong, in this way, so often. Faults queue; waits come on top of other faults.
    pub fn fault(&self, target: Target, fault: Fault, times: Times) {
        self.lock().plan.add(target, fault, times);
    }

    /// Holds these requests back until the gate is opened.
    #[must_use]
    pub fn hold(&self, target: Target) -> Gate {
        let gate = Gate::closed();
        self.fault(target, Fault::Hold(gate.clone()), Times::Always);
        gate
    }

    /// Ends every fault.
    pub fn heal(&self) {
        self.lock().plan.heal(None);
    }

    /// Ends the faults that were put on exactly this target.
    pub fn heal_target(&self, target: &Target) {
        self.lock().plan.heal(Some(target));
    }
}

/// Changes.
impl Control {
    /// The channels worth a visit, by name.
    #[must_use]
    pub fn channels(&self) -> Vec<Sight> {
        let inner = self.lock();
        let worth = inner.world.channels().filter(|channel| !channel.shows.is_empty());
        worth
            .map(|channel| Sight {
                name: channel.name.clone(),
                title: channel.title.clone(),
                shows: channel.shows,
            })
            .collect()
    }

    /// A copy of what a name leads to.
    #[must_use]
    pub fn channel(&self, name: &str) -> Option<Channel> {
        self.lock().world.channel(name).cloned()
    }

    /// Adds a channel. One that had its name is gone: this is how a name goes to another channel, with another numeric
    /// id. Hands the former one back.
    pub fn add(&self, channel: Channel) -> Option<Channel> {
        self.lock().world.add(channel)
    }

    /// Takes a channel away.
    pub fn remove(&self, name: &str) -> Option<Channel> {
        self.lock().world.remove(name)
    }

    /// Changes a channel; `None` when there is none of this name.
    pub fn change<R>(&self, name: &str, change: impl FnOnce(&mut Channel) -> R) -> Option<R> {
        self.lock().world.channel_mut(name).map(change)
    }

    /// Changes a message; `None` when there is none with this id.
    pub fn change_message<R>(
        &self,
        name: &str,
        id: u32,
        change: impl FnOnce(&mut Message) -> R,
    ) -> Option<R> {
        self.change(name, |channel| channel.message_mut(id).map(change)).flatten()
    }

    /// Publishes a message now and tells its id.
    pub fn publish(&self, name: &str, message: impl Into<Message>) -> Option<MessageId> {
        let message = message.into();
        let mut inner = self.lock();
        let now = self.time(&inner);
        let channel = inner.world.channel_mut(name)?;
        MessageId::new(channel.publish(message, now))
    }

    /// Gives a message another text and marks it as edited. Says whether there was such a message.
    pub fn edit(&self, name: &str, id: u32, text: &str) -> bool {
        let change = |message: &mut Message| {
            message.text = Some(text.into());
            message.edited = true;
        };
        self.change_message(name, id, change).is_some()
    }

    /// Deletes a message, or the one member of an album. Says whether there was such a message.
    pub fn delete(&self, name: &str, id: u32) -> bool {
        self.change(name, |channel| channel.delete(id)).unwrap_or(false)
    }

    /// Gives a channel another name; its numeric id stays. Says whether there was such a channel.
    pub fn rename(&self, old: &str, new: ChannelName, fate: OldName) -> bool {
        self.lock().world.rename(old, new, fate)
    }

    /// Switches a channel's public page off or on again.
    pub fn set_preview(&self, name: &str, on: bool) {
        let kind = if on { Kind::Channel } else { Kind::Hidden };
        self.change(name, |channel| channel.kind = kind);
    }

    /// Lets all file addresses die: they answer 404, pages carry new ones.
    pub fn expire_files(&self) {
        let mut inner = self.lock();
        inner.world.generation = inner.world.generation.wrapping_add(1);
    }
}

/// Files.
impl Control {
    /// Makes all files at least so long (at most 64 MiB): behind the end of each follow bytes that tell where they stand. A
    /// picture or film is shown as before.
    pub fn lengthen_files(&self, length: usize) {
        self.lock().world.least_file = length.min(LONGEST_FILE);
    }
}

/// Counts.
impl Control {
    /// How often this path was asked for, whatever its query. Case does not matter.
    #[must_use]
    pub fn hits(&self, path: &str) -> u64 {
        self.lock().count.path(path)
    }

    /// How many requests of this kind came.
    #[must_use]
    pub fn hits_of(&self, asked: Asked) -> u64 {
        self.lock().count.kind(asked)
    }

    /// How many requests came.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.lock().count.total
    }

    /// The most requests that were open at once.
    #[must_use]
    pub fn most_open(&self) -> usize {
        self.lock().count.most_open
    }

    /// The last 20,000 requests, oldest first.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.lock().count.seen.iter().cloned().collect()
    }

    /// Starts counting anew.
    pub fn forget(&self) {
        self.lock().count.forget();
    }

    /// Waits until this path was asked for so often.
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
}

/// For the server.
impl Control {
    /// Counts a request and draws its faults; the guard keeps it open.
    pub(super) fn arrive(
        &self,
        request: &Request,
        is_head: bool,
        headers: HeaderMap,
    ) -> (Open, Vec<Fault>, Option<Fault>) {
        let mut inner = self.lock();
        inner.count.arrive(request, is_head, Instant::now(), headers);
        let (waits, fault) = inner.plan.draw(request);
        drop(inner);
        self.0.arrived.notify_waiters();
        (Open(self.clone()), waits, fault)
    }

    pub(super) fn answer(&self, request: &Request, banned: bool, missing: Missing) -> Answer {
        let inner = self.lock();
        let now = self.time(&inner);
        let state = route::State { world: &inner.world, base: &self.0.base, now, banned, missing };
        route::answer(&state, request)
    }

    fn time(&self, inner: &Inner) -> DateTime<Utc> {
        let passed = TimeDelta::from_std(self.0.started.elapsed()).unwrap_or(TimeDelta::zero());
        inner.world.start + passed + inner.shift
    }

    /// A panic in a test's closure spoils nothing: the world stays as the closure left it.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that has not been answered to the end.
pub(super) struct Open(Control);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.lock().count.leave();
    }
}
