//! Where a file lies today, and what is known of it without asking.

use std::sync::Arc;
use std::time::Duration;

use super::{File, FileKey};
use crate::model::{ChannelName, MessageId, Post, StoredPost};
use crate::service::Key;
use crate::service::freshness::elapsed;
use crate::service::memory::{BESIDES_TTL, ChannelState, SinglePost};
use crate::service::ttl_cache::{Deadline, Outcome};
use crate::service::{COLD_TIMEOUT, ClientId, Error, Inner, is_outage};
use crate::text::Address;
use crate::upstream::{Class, Priority};

/// How long a file's address is trusted: Telegram's live for hours.
const ADDRESS_TTL: Duration = BESIDES_TTL;

/// Where a file lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// Its present address, at a host where Telegram keeps files.
    pub address: Address,
    /// What tells it from another file that an edit puts in its place; `None`: nothing.
    pub identity: Option<u64>,
}

/// What is known of a file without asking anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// By what it is known.
    pub key: FileKey,
    /// Whether its post is known and does not have it.
    pub is_missing: bool,
    /// What tells it from another file in its place, if that is known.
    pub identity: Option<u64>,
}

impl Held {
    /// Whether a file with this identity is certainly not the one that is meant.
    pub fn is_another(&self, identity: Option<u64>) -> bool {
        self.identity.is_some() && identity.is_some() && self.identity != identity
    }
}

impl Inner {
    /// What is known of a file, in memory and in the archive. Of a post that was deleted at Telegram too: the file may have
    /// been kept.
    pub(in crate::service) async fn held_file(
        &self,
        name: &ChannelName,
        file: File,
    ) -> Result<Held, Error> {
        let name = self.memory.resolve(name, self.clock.now());
        let known = self.recall(&name).await?;
        let numeric_id = known.as_ref().and_then(|known| known.snapshot.channel.numeric_id);
        let held =
            Held { key: FileKey::new(numeric_id, &name, file), is_missing: false, identity: None };
        let Some(id) = file.message() else { return Ok(held) };
        let kept = self.newest_of(known.as_deref(), &(Key::from(name.key()), id)).await?;
        Ok(match kept {
            Some(kept) => Held {
                is_missing: file.find(&kept.post).is_none(),
                identity: file.identity(&kept.post),
                ..held
            },
            None => held,
        })
    }

    /// A message's post as it was told of last: by the channel's newest page, by its own, or long ago.
    async fn newest_of(
        &self,
        known: Option<&ChannelState>,
        key: &(Key, MessageId),
    ) -> Result<Option<Arc<StoredPost>>, Error> {
        let Some(single) = self.by_itself(key) else {
            let Some(known) = known else { return Ok(None) };
            return Ok(self.held_post(known, key.1).await?.map(|held| held.kept));
        };
        let newer = known.filter(|known| single.since <= known.snapshot.fetched);
        let listed = newer.and_then(|known| known.listed_with(key.1));
        let own = || single.value.as_ref().ok().map(|single| Arc::clone(&single.post));
        Ok(listed.or_else(own))
    }

    /// What a post's own page told of it.
    fn by_itself(&self, key: &(Key, MessageId)) -> Option<Outcome<SinglePost>> {
        self.singles.get(key).filter(|single| single.value.is_ok())
    }

    /// Where a file lies today. See [`Service::locate`](crate::service::Service::locate).
    pub(in crate::service) async fn locate(
        self: &Arc<Self>,
        name: &ChannelName,
        file: File,
        dead: Option<&Address>,
        class: Class,
        client_id: ClientId,
    ) -> Result<Located, Error> {
        let located = match file.message() {
            Some(id) => self.message_file(name, file, id, dead, class, client_id).await?,
            None => {
                let address = self.avatar(name, dead, class, client_id).await?;
                Located { address, identity: None }
            }
        };
        self.allowed(located)
    }

    /// See [`Service::locate_emoji`](crate::service::Service::locate_emoji).
    pub(in crate::service) async fn locate_emoji(
        self: &Arc<Self>,
        id: u64,
        dead: Option<&Address>,
        class: Class,
        client_id: ClientId,
    ) -> Result<Located, Error> {
        if let Some(dead) = dead {
            self.emoji.discard(&id, |address| address.as_ref() == Some(dead));
        }
        let work = |priority: Priority| {
            let upstream = self.upstream.clone();
            async move { Ok(upstream.emoji(id, &priority).await?) }
        };
        let deadline = Deadline::after(COLD_TIMEOUT);
        let told = self.emoji.fetch(&id, class, deadline, || self.charge(client_id), work).await;
        let address = told.outcome(self.clock.now())?.clone().ok_or(Error::NoSuchFile)?;
        self.allowed(Located { address, identity: Some(id) })
    }

    /// SECURITY: a page that names a file elsewhere, to have it fetched from there or readers sent there -> no such file.
    fn allowed(&self, located: Located) -> Result<Located, Error> {
        if self.upstream.keeps_files_at(&located.address) {
            return Ok(located);
        }
        tracing::warn!(
            file.host = located.address.to_url().and_then(|url| url.host_str().map(str::to_owned)),
            "a file lies at a host that upstream.media_hosts does not name"
        );
        Err(Error::NoSuchFile)
    }

    async fn message_file(
        self: &Arc<Self>,
        name: &ChannelName,
        file: File,
        id: MessageId,
        dead: Option<&Address>,
        class: Class,
        client_id: ClientId,
    ) -> Result<Located, Error> {
        let name = self.present(name, client_id).await;
        let key = (Key::from(name.key()), id);
        let known = self.recall(&name).await?;
        let kept = match &known {
            Some(known) => self.shown_post(known, id).await?,
            None => None,
        };
        if let (Some(known), Some(kept)) = (&known, &kept)
            && self.is_listed(known, kept, &key)
        {
            let listed = located(file, &kept.post)?;
            if dead != Some(&listed.address) {
                return Ok(listed);
            }
        }
        if let Some(dead) = dead {
            self.discard_dead(known.as_deref(), file, &key, dead);
        }
        // The files of a known channel's feed are no news.
        let toll = || if kept.is_some() { Ok(()) } else { self.charge(client_id) };
        let single = self.single(&name, id, class, toll).await;
        match single.outcome(self.clock.now()) {
            Ok(single) => located(file, &single.post.post),
            // An old address may work still, an answer that says no does not.
            Err(Error::Refused(refusal)) if is_outage(&refusal) => {
                let former = kept.as_ref().and_then(|kept| located(file, &kept.post).ok());
                let former = former.filter(|former| dead != Some(&former.address));
                former.ok_or(Error::Refused(refusal))
            }
            Err(error) => Err(error),
        }
    }

    /// Where an address is dead, so is what was told before it: of a newer page's, the post's own too.
    fn discard_dead(
        &self,
        known: Option<&ChannelState>,
        file: File,
        key: &(Key, MessageId),
        dead: &Address,
    ) {
        let fetched = known.map(|known| known.snapshot.fetched);
        let is_older = self.by_itself(key).zip(fetched).is_some_and(|(one, at)| one.since <= at);
        self.singles.discard(key, |single: &SinglePost| {
            is_older || file.find(&single.post.post) == Some(dead)
        });
    }

    /// Whether the newest page that is known shows a post, and is the last that told where its files lie.
    fn is_listed(&self, known: &ChannelState, kept: &StoredPost, key: &(Key, MessageId)) -> bool {
        let fetched = known.snapshot.fetched;
        let by_itself = self.by_itself(key);
        elapsed(fetched, self.clock.now()) < ADDRESS_TTL
            && known.shown.contains(&kept.post.id)
            && by_itself.is_none_or(|single| single.since <= fetched)
    }

    async fn avatar(
        self: &Arc<Self>,
        name: &ChannelName,
        dead: Option<&Address>,
        class: Class,
        client_id: ClientId,
    ) -> Result<Address, Error> {
        let view = self.view(name, self.settings.refresh_timeout, client_id).await?;
        let channel = &view.known.snapshot.channel;
        let avatar = channel.avatar.clone().ok_or(Error::NoSuchFile)?;
        if dead != Some(&avatar) {
            return Ok(avatar);
        }
        let landing = self.upstream.landing(&channel.name, &Priority::new(class)).await?;
        landing.avatar.filter(|avatar| dead != Some(avatar)).ok_or(Error::NoSuchFile)
    }
}

fn located(file: File, post: &Post) -> Result<Located, Error> {
    let address = file.find(post).cloned().ok_or(Error::NoSuchFile)?;
    Ok(Located { address, identity: file.identity(post) })
}
