//! Tests of the archive.
//!
//! `conformance` uses only an opened [`Archive`], so another database can run it with another [`Place`]. The other
//! tests are about the file.

mod conformance;
mod fault;
mod jsonl;
mod migration;
mod retention;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tempfile::TempDir;

use super::*;
use crate::model::{Channel, Counters, Identity, Language, Post};
use crate::text::RichText;

/// The location of a test's archive.
pub(in crate::archive) struct Place {
    /// `None`: in memory.
    folder: Option<TempDir>,
}

impl Place {
    pub(in crate::archive) fn memory() -> Self {
        Self { folder: None }
    }

    pub(in crate::archive) fn disk() -> Self {
        Self { folder: Some(tempfile::tempdir().unwrap()) }
    }

    pub(in crate::archive) fn settings(&self) -> Settings {
        let path = self.folder.as_ref().map(|folder| folder.path().join("data/feedline.db"));
        Settings { path, ..Settings::default() }
    }

    pub(in crate::archive) fn open(&self) -> Archive {
        Archive::open(&self.settings()).unwrap()
    }
}

pub(in crate::archive) fn id(id: u32) -> MessageId {
    MessageId::new(id).unwrap()
}

pub(in crate::archive) fn name(name: &str) -> ChannelName {
    ChannelName::parse(name).unwrap()
}

/// Minutes after a fixed date.
pub(in crate::archive) fn minute(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000 + minute * 60, 0).unwrap()
}

pub(in crate::archive) fn channel(named: &str, numeric_id: Option<i64>) -> Channel {
    Channel {
        name: name(named),
        numeric_id,
        title: format!("Notes of {named}"),
        description: RichText::from_plain("About tea"),
        avatar: None,
        verified: false,
        scam: false,
        fake: false,
        shares_name: false,
        counters: Counters::default(),
    }
}

pub(in crate::archive) fn state(at: i64) -> State {
    State {
        language: Language::Russian,
        first_seen_id: Some(id(3)),
        fetched: minute(at),
        updated: minute(at - 1),
        is_partial: false,
        gone_since: None,
    }
}

/// A post of `tea`, published in the minute of its message id.
pub(in crate::archive) fn kept(message: u32, text: &str) -> StoredPost {
    let published = minute(i64::from(message));
    let mut post = Post::new(name("tea"), id(message), published);
    post.text = RichText::from_plain(text);
    let identity = Identity { channel: name("tea"), message: id(message), number: None };
    StoredPost { identity, updated: published, post }
}

pub(in crate::archive) fn held(message: u32, text: &str) -> PostRow {
    PostRow::new(Arc::new(kept(message, text)), 1)
}

pub(in crate::archive) fn range(low: u32, high: u32, at: i64) -> Range {
    Range { low: id(low), high: id(high), fetched: minute(at) }
}

/// The update from a page of a channel with the messages `low` to `high`.
pub(in crate::archive) fn page(
    named: &str,
    numeric_id: Option<i64>,
    low: u32,
    high: u32,
) -> Update {
    Update {
        channel: channel(named, numeric_id),
        state: state(i64::from(high)),
        put: (low..=high).map(|message| held(message, &format!("Post {message}"))).collect(),
        former: Vec::new(),
        covered: vec![range(low, high, i64::from(high))],
    }
}

pub(in crate::archive) fn messages(posts: &[PostRow]) -> Vec<u32> {
    posts.iter().map(|held| held.message().get()).collect()
}

/// The messages of posts that match an FTS5 expression, newest first.
pub(in crate::archive) async fn found(archive: &Archive, words: &'static str) -> Vec<u32> {
    let find = move |connection: &Session<'_>| {
        let mut statement = connection.prepare(
            "SELECT post.message FROM post_text JOIN post ON post.id = post_text.rowid
             WHERE post_text MATCH ?1 ORDER BY post_text.rowid DESC",
        )?;
        statement.query_map([words], |row| row.get(0))?.collect()
    };
    archive.catch_up().await;
    archive.read(find).await.unwrap()
}
