//! The handle to a running fake Telegram: inject faults, change the world, count requests. Cheap to clone. Changes apply from
//! the next request on.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::answer::{self, Answer};
use super::fault::{Fault, FaultQueue, Latch, Repeat, Target};
use super::message::Message;
use super::request::{Request, RequestKind};
use super::world::{Channel, ChatKind, OldName, World};
use crate::model::{ChannelName, MessageId};

/// The most bytes to which [`Control::lengthen_files`] pads files.
const MAX_FILE: usize = 64 * 1024 * 1024;

/// The number of recorded requests.
const MAX_REQUESTS: usize = 20_000;

#[derive(Clone)]
pub struct Control(Arc<Shared>);

struct Shared {
    base: String,
    started: Instant,
    inner: Mutex<Inner>,
    received: Notify,
}

struct Inner {
    world: World,
    faults: FaultQueue,
    /// See [`Control::advance`].
    shift: TimeDelta,
    total: u64,
    open: usize,
    most_open: usize,
    /// The last [`MAX_REQUESTS`], oldest first.
    requests: VecDeque<Request>,
}

impl Control {
    pub(super) fn new(base: String, world: World) -> Self {
        let inner = Inner {
            world,
            faults: FaultQueue::default(),
            shift: TimeDelta::zero(),
            total: 0,
            open: 0,
            most_open: 0,
            requests: VecDeque::new(),
        };
        Self(Arc::new(Shared {
            base,
            started: Instant::now(),
            inner: Mutex::new(inner),
            received: Notify::new(),
        }))
    }

    /// Such as `http://127.0.0.1:4711`.
    pub fn base(&self) -> &str {
        &self.0.base
    }

    /// The fake's clock: the start of the world, the time since, and [`Control::advance`].
    pub fn now(&self) -> DateTime<Utc> {
        self.now_of(&self.lock())
    }

    /// Moves the fake's clock forward: messages with a later time appear.
    pub fn advance(&self, by: Duration) {
        let by = TimeDelta::from_std(by).unwrap_or(TimeDelta::zero());
        let mut inner = self.lock();
        inner.shift = inner.shift.checked_add(&by).unwrap_or(inner.shift);
    }

    /// Faults of one target queue. Waits apply on top of other faults.
    pub fn fault(&self, target: Target, fault: Fault, repeat: Repeat) {
        self.lock().faults.add(target, fault, repeat);
    }

    /// Holds the requests of this target until the latch is opened.
    pub fn hold(&self, target: Target) -> Latch {
        let latch = Latch::closed();
        self.fault(target, Fault::Hold(latch.clone()), Repeat::Always);
        latch
    }

    pub fn clear_faults(&self) {
        self.lock().faults.clear(None);
    }

    /// Removes the faults of exactly this target.
    pub fn clear_faults_of(&self, target: &Target) {
        self.lock().faults.clear(Some(target));
    }

    /// All channels, by name.
    pub fn channels(&self) -> Vec<Channel> {
        self.lock().world.channels().cloned().collect()
    }

    pub fn channel(&self, name: &str) -> Option<Channel> {
        self.lock().world.channel(name).cloned()
    }

    /// Adds a channel. Returns the one of the same name that it replaces: the name then belongs to another numeric id.
    pub fn add(&self, channel: Channel) -> Option<Channel> {
        self.lock().world.add(channel)
    }

    pub fn remove(&self, name: &str) -> Option<Channel> {
        self.lock().world.remove(name)
    }

    /// `None` if the channel does not exist.
    pub fn change<R>(&self, name: &str, change: impl FnOnce(&mut Channel) -> R) -> Option<R> {
        self.lock().world.channel_mut(name).map(change)
    }

    /// `None` if the message does not exist.
    pub fn change_message<R>(
        &self,
        name: &str,
        id: u32,
        change: impl FnOnce(&mut Message) -> R,
    ) -> Option<R> {
        self.change(name, |channel| channel.message_mut(id).map(change)).flatten()
    }

    /// Publishes a message now. Returns its id.
    pub fn publish(&self, name: &str, message: impl Into<Message>) -> Option<MessageId> {
        let message = message.into();
        let mut inner = self.lock();
        let now = self.now_of(&inner);
        let channel = inner.world.channel_mut(name)?;
        MessageId::new(channel.publish(message, now))
    }

    /// Replaces a message's text and marks it as edited. Returns whether it exists.
    pub fn edit(&self, name: &str, id: u32, text: &str) -> bool {
        let edited = self.change_message(name, id, |message| {
            message.text = Some(text.into());
            message.edited = true;
        });
        edited.is_some()
    }

    /// Deletes a message, or one item of an album. Returns whether it existed.
    pub fn delete(&self, name: &str, id: u32) -> bool {
        self.change(name, |channel| channel.delete(id)).unwrap_or(false)
    }

    /// Renames a channel; its numeric id stays. Returns whether it exists.
    pub fn rename(&self, old: &str, new: ChannelName, state: OldName) -> bool {
        self.lock().world.rename(old, new, state)
    }

    /// Switches a channel's list page on or off.
    pub fn set_preview(&self, name: &str, on: bool) {
        let kind = if on { ChatKind::Channel } else { ChatKind::Hidden };
        self.change(name, |channel| channel.kind = kind);
    }

    /// Expires all file addresses: they answer 404, and pages contain new ones.
    pub fn expire_files(&self) {
        let mut inner = self.lock();
        inner.world.generation = inner.world.generation.wrapping_add(1);
    }

    /// Pads all files to this length, at most 64 MiB. Players ignore the padding.
    pub fn lengthen_files(&self, length: usize) {
        self.lock().world.min_file = length.min(MAX_FILE);
    }

    /// The number of requests for this path, with any query and in any case.
    pub fn hits(&self, path: &str) -> u64 {
        self.count(|request| request.path().eq_ignore_ascii_case(path))
    }

    pub fn hits_of_kind(&self, kind: RequestKind) -> u64 {
        self.count(|request| request.kind == kind)
    }

    fn count(&self, is_counted: impl Fn(&Request) -> bool) -> u64 {
        self.lock().requests.iter().filter(|request| is_counted(request)).count() as u64
    }

    /// The number of all requests.
    pub fn total(&self) -> u64 {
        self.lock().total
    }

    /// The most requests that were open at once.
    pub fn most_open(&self) -> usize {
        self.lock().most_open
    }

    /// The last 20,000 requests, oldest first.
    pub fn requests(&self) -> Vec<Request> {
        self.lock().requests.iter().cloned().collect()
    }

    /// Resets all counts.
    pub fn reset_counts(&self) {
        let mut inner = self.lock();
        inner.total = 0;
        inner.most_open = inner.open;
        inner.requests.clear();
    }

    pub async fn wait_for_hits(&self, path: &str, hits: u64) {
        loop {
            let received = self.0.received.notified();
            tokio::pin!(received);
            received.as_mut().enable();
            if self.hits(path) >= hits {
                return;
            }
            received.await;
        }
    }

    /// Records a request and takes its faults. The request is open until the guard is dropped.
    pub(super) fn receive(&self, request: &Request) -> (OpenRequest, Vec<Fault>, Option<Fault>) {
        let mut inner = self.lock();
        inner.total += 1;
        inner.open += 1;
        inner.most_open = inner.most_open.max(inner.open);
        if inner.requests.len() == MAX_REQUESTS {
            inner.requests.pop_front();
        }
        inner.requests.push_back(request.clone());
        let (waits, fault) = inner.faults.take(request);
        drop(inner);
        self.0.received.notify_waiters();
        (OpenRequest(self.clone()), waits, fault)
    }

    pub(super) fn answer(&self, request: &Request, fault: Option<&Fault>) -> Answer {
        let inner = self.lock();
        let now = self.now_of(&inner);
        answer::State { world: &inner.world, base: &self.0.base, now, fault }.answer(request)
    }

    fn now_of(&self, inner: &Inner) -> DateTime<Utc> {
        let passed = TimeDelta::from_std(self.0.started.elapsed()).unwrap_or(TimeDelta::zero());
        inner.world.start + passed + inner.shift
    }

    /// A panic in a test's closure leaves the world as it is.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request without its response.
pub(super) struct OpenRequest(Control);

impl Drop for OpenRequest {
    fn drop(&mut self) {
        let open = &mut self.0.lock().open;
        *open = open.saturating_sub(1);
    }
}
