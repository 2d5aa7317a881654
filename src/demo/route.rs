//! What the fake Telegram answers: a request and a world in, an answer out. No sockets, no clock.

use askama::Template;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::StatusCode;

use super::media;
use super::message::Message;
use super::page::{Context, Embed, Landing, List, Omit, Range};
use super::world::{Channel, Found, Kind, World};
use crate::model::{ChannelName, MessageId};

/// The kinds of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    /// `/s/<name>`: the list of a channel's posts.
    List,
    /// `/<name>`: the card of a channel, group, person or bot.
    Landing,
    /// `/<name>/<id>?embed=1`: one post for other sites.
    Embed,
    /// `/<name>/<id>`: the page of one post.
    Post,
    /// `/file/…`: a picture, video or sound.
    File,
    /// `/i/emoji/<id>.json`: the address of the picture of a custom emoji.
    Emoji,
    Other,
}

#[derive(Clone, Debug)]
pub(super) struct Request {
    /// Path and query as received.
    pub(super) target: String,
    pub(super) path: String,
    pub(super) asked: Asked,
    /// The name of the channel or file; empty if there is none.
    pub(super) name: String,
    /// The id of the message, as received.
    id: Option<String>,
    query: Vec<(String, String)>,
}

impl Request {
    pub(super) fn parse(target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let embedded = query.iter().any(|(key, value)| key == "embed" && value == "1");
        let (asked, name, id) = match segments.as_slice() {
            ["s", name] => (Asked::List, *name, None),
            ["s", name, id] => (Asked::List, *name, Some(*id)),
            ["file", name] => (Asked::File, *name, None),
            ["i", "emoji", file] => (Asked::Emoji, file.trim_end_matches(".json"), None),
            ["joinchat", _] | ["robots.txt"] => (Asked::Other, "", None),
            [name] => (Asked::Landing, *name, None),
            [name, id] if embedded => (Asked::Embed, *name, Some(*id)),
            [name, id] => (Asked::Post, *name, Some(*id)),
            _ => (Asked::Other, "", None),
        };
        Self {
            target: target.to_owned(),
            path: path.to_owned(),
            asked,
            name: name.to_owned(),
            id: id.map(str::to_owned),
            query,
        }
    }

    fn value(&self, key: &str) -> Option<&str> {
        self.query.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    fn id(&self) -> Option<u32> {
        self.id.as_deref().and_then(number)
    }

    /// Anything but a positive number counts as absent.
    fn range(&self) -> Range {
        if let Some(id) = self.id() {
            Range::Around(id)
        } else if let Some(id) = self.value("before").and_then(number) {
            Range::Before(id)
        } else if let Some(id) = self.value("after").and_then(number) {
            Range::After(id)
        } else {
            Range::Newest
        }
    }
}

fn number(text: &str) -> Option<u32> {
    MessageId::parse(text).map(MessageId::get)
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) media_type: &'static str,
    pub(super) location: Option<String>,
    pub(super) body: Bytes,
}

impl Answer {
    pub(super) fn new(media_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self { status: StatusCode::OK, media_type, location: None, body: body.into() }
    }

    pub(super) fn html(html: String) -> Self {
        Self::new("text/html; charset=utf-8", html)
    }

    pub(super) fn redirect(location: String) -> Self {
        Self { status: StatusCode::FOUND, location: Some(location), ..Self::html(String::new()) }
    }

    fn page(page: &impl Template) -> Self {
        match page.render() {
            Ok(html) => Self::html(html),
            Err(error) => Self {
                status: StatusCode::INTERNAL_SERVER_ERROR,
                ..Self::new("text/plain", error.to_string())
            },
        }
    }

    fn not_found() -> Self {
        Self { status: StatusCode::NOT_FOUND, ..Self::html(String::new()) }
    }

    fn home() -> Self {
        Self::redirect("https://telegram.org/".to_owned())
    }

    fn unknown_channel(name: &str) -> Self {
        Self::page(&Embed::error(&format!("Channel with username @{name} not found")))
    }
}

/// What an answer depends on beside the request.
pub(super) struct State<'a> {
    pub(super) world: &'a World,
    pub(super) base: &'a str,
    pub(super) now: DateTime<Utc>,
    /// Whether the client is banned softly.
    pub(super) banned: bool,
    pub(super) omit: Omit,
}

impl<'a> State<'a> {
    pub(super) fn answer(&self, request: &Request) -> Answer {
        let name = request.name.as_str();
        match request.asked {
            Asked::File => self.file(request),
            Asked::Emoji => self.emoji(request),
            // UPSTREAM(2026-08): a client that requests too much is told that nothing exists.
            Asked::List if self.banned => Answer::redirect(format!("https://t.me/{name}")),
            Asked::Embed if self.banned => Answer::unknown_channel(name),
            _ if self.banned => Answer::page(&Landing::nobody(name)),
            Asked::List => self.list(request),
            Asked::Landing => self.landing(request),
            Asked::Embed => self.embed(request),
            Asked::Post => self.post(request),
            Asked::Other if request.path == "/" => Answer::home(),
            Asked::Other if request.path.starts_with("/joinchat/") => {
                Answer::page(&Landing::invitation())
            }
            Asked::Other => Answer::not_found(),
        }
    }

    fn context<'b>(&self, channel: &'b Channel, query: &'b str) -> Context<'b>
    where
        'a: 'b,
    {
        let generation = self.world.generation;
        Context { base: self.base, generation, now: self.now, channel, query }
    }

    fn list(&self, request: &Request) -> Answer {
        match self.world.find(&request.name) {
            Found::Channel(channel) if channel.kind == Kind::Channel => {
                let context = self.context(channel, request.value("q").unwrap_or_default());
                Answer::page(&List::new(context, request.range(), self.omit))
            }
            Found::Moved(channel) => Answer::redirect(format!("https://t.me/s/{}", channel.name)),
            Found::Channel(_) | Found::Nothing => {
                Answer::redirect(format!("https://t.me/{}", request.name))
            }
        }
    }

    fn landing(&self, request: &Request) -> Answer {
        let name = request.name.as_str();
        if name.starts_with('+') {
            return Answer::page(&Landing::invitation());
        }
        if ChannelName::parse(name).is_err() {
            return Answer::home();
        }
        match self.world.find(name) {
            Found::Channel(channel) if matches!(channel.kind, Kind::Blocked { .. }) => {
                Answer::page(&Landing::blocked(name))
            }
            Found::Channel(channel) => Answer::page(&Landing::channel(self.context(channel, ""))),
            Found::Moved(channel) => Answer::redirect(format!("https://t.me/{}", channel.name)),
            Found::Nothing => Answer::page(&Landing::nobody(name)),
        }
    }

    fn embed(&self, request: &Request) -> Answer {
        let error = |text: &str| Answer::page(&Embed::error(text));
        let (Found::Channel(channel) | Found::Moved(channel)) = self.world.find(&request.name)
        else {
            return Answer::unknown_channel(&request.name);
        };
        match &channel.kind {
            Kind::Channel | Kind::Group { .. } => {}
            Kind::Hidden => {
                return error("Unfortunately, this channel couldn't be displayed on your device.");
            }
            Kind::Blocked { reason } => return error(reason),
            Kind::User | Kind::Bot => return Answer::unknown_channel(&request.name),
        }
        let Some((id, message)) = self.message(channel, request) else {
            return error("Post not found");
        };
        let context = self.context(channel, "");
        match request.value("single") {
            Some(_) => Answer::page(&Embed::new(context, &message.member(id))),
            None => Answer::page(&Embed::new(context, message)),
        }
    }

    fn post(&self, request: &Request) -> Answer {
        let (Some(id), Found::Channel(channel) | Found::Moved(channel)) =
            (request.id(), self.world.find(&request.name))
        else {
            return self.landing(request);
        };
        let message = self.message(channel, request).map(|(_, message)| message);
        Answer::page(&Landing::post(self.context(channel, ""), id, message))
    }

    /// The requested message, if it is published.
    fn message<'b>(&self, channel: &'b Channel, request: &Request) -> Option<(u32, &'b Message)> {
        let id = request.id()?;
        let message = channel.message(id).filter(|message| message.time <= self.now)?;
        Some((id, message))
    }

    fn file(&self, request: &Request) -> Answer {
        let token = request.value("token");
        let Some(medium) = media::resolve(&request.name, token, self.world.generation) else {
            return Answer::not_found();
        };
        if medium.bytes.len() >= self.world.min_file {
            return Answer::new(medium.media_type, medium.bytes);
        }
        let mut body = medium.bytes.to_vec();
        // The file's own bytes, then their places: no two pieces of a long file are alike.
        body.extend((body.len()..self.world.min_file).map(|at| (at / 251 + at % 251) as u8));
        Answer::new(medium.media_type, body)
    }

    /// Every id but 0 has a picture; an odd id has a video and a still picture.
    ///
    /// UPSTREAM(2026-09): an unknown emoji is an error with status 200.
    fn emoji(&self, request: &Request) -> Answer {
        let json = match request.name.parse::<u64>() {
            Ok(id) if id > 0 => {
                let slot = u32::try_from(id % 1_000_000_000).unwrap_or_default();
                let address =
                    |file| media::address(self.base, file, 0, slot, self.world.generation);
                let picture = address("gull.webp");
                if id.is_multiple_of(2) {
                    format!(r#"{{"type":"webp","emoji":"{picture}","size":100}}"#)
                } else {
                    let video = address("gull.webm");
                    format!(r#"{{"type":"webm","emoji":"{video}","thumb":"{picture}","size":100}}"#)
                }
            }
            _ => r#"{"error":"NOT_FOUND"}"#.to_owned(),
        };
        Answer::new("application/json; charset=utf-8", json)
    }
}
