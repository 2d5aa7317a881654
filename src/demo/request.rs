//! A request as the fake Telegram receives it. [`super::Control`] records it for tests.

use http::HeaderMap;
use tokio::time::Instant;

use crate::model::MessageId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// `/s/<name>`: a channel's posts.
    List,
    /// `/<name>`: the landing page of a channel, group, user or bot.
    Landing,
    /// `/<name>/<id>?embed=1`: one post, for other sites.
    Embed,
    /// `/<name>/<id>`: the landing page of one post.
    Post,
    /// `/file/…`: a picture, video or sound.
    File,
    /// `/i/emoji/<id>.json`: the picture of a custom emoji.
    Emoji,
    Other,
}

#[derive(Clone, Debug)]
pub struct Request {
    /// Path and query as received.
    pub target: String,
    pub kind: RequestKind,
    pub is_head: bool,
    pub headers: HeaderMap,
    pub at: Instant,
    /// The name of the channel or file; empty if there is none.
    pub(super) name: String,
    /// The id of the message, as received.
    id: Option<String>,
    query: Vec<(String, String)>,
}

impl Request {
    pub(super) fn new(target: &str, is_head: bool, headers: HeaderMap) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let embedded = query.iter().any(|(key, value)| key == "embed" && value == "1");
        let (kind, name, id) = match segments.as_slice() {
            ["s", name] => (RequestKind::List, *name, None),
            ["s", name, id] => (RequestKind::List, *name, Some(*id)),
            ["file", name] => (RequestKind::File, *name, None),
            ["i", "emoji", file] => (RequestKind::Emoji, file.trim_end_matches(".json"), None),
            ["joinchat", _] | ["robots.txt"] => (RequestKind::Other, "", None),
            [name] => (RequestKind::Landing, *name, None),
            [name, id] if embedded => (RequestKind::Embed, *name, Some(*id)),
            [name, id] => (RequestKind::Post, *name, Some(*id)),
            _ => (RequestKind::Other, "", None),
        };
        Self {
            target: target.to_owned(),
            kind,
            is_head,
            headers,
            at: Instant::now(),
            name: name.to_owned(),
            id: id.map(str::to_owned),
            query,
        }
    }

    pub(super) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    pub(super) fn value(&self, key: &str) -> Option<&str> {
        self.query.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// Anything but a positive number counts as absent.
    pub(super) fn number(&self, key: &str) -> Option<u32> {
        self.value(key).and_then(parse_id)
    }

    pub(super) fn id(&self) -> Option<u32> {
        self.id.as_deref().and_then(parse_id)
    }
}

fn parse_id(text: &str) -> Option<u32> {
    MessageId::parse(text).map(MessageId::get)
}
