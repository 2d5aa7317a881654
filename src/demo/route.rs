//! What the fake Telegram answers: a request and a world in, an answer out. No sockets, no clock.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::StatusCode;

use super::channel::{Channel, Kind};
use super::file;
use super::markup::{self, Context, Missing, Range};
use super::world::{Found, World};
use crate::model::{ChannelName, MessageId};

/// The kinds of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    /// The list of a channel's posts, `/s/<name>`.
    List,
    /// The card of a name, `/<name>`.
    Landing,
    /// One post for other sites, `/<name>/<id>?embed=1`.
    Embed,
    /// The page of one post, `/<name>/<id>`.
    Post,
    /// A picture, film or sound, `/file/…`.
    File,
    /// Where the picture of a custom emoji lies, `/i/emoji/<id>.json`.
    Emoji,
    /// Anything else.
    Other,
}

/// A request, taken apart.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// Path and query as they came.
    pub(super) target: String,
    /// The path.
    pub(super) path: String,
    /// What is asked for.
    pub(super) asked: Asked,
    /// The channel's name, or the file's; empty when there is none.
    pub(super) name: String,
    /// The message's id as it came.
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
        self.id.as_deref().and_then(MessageId::parse).map(MessageId::get)
    }
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) media_type: &'static str,
    pub(super) location: Option<String>,
    pub(super) body: Bytes,
}

impl Answer {
    pub(super) fn page(html: String) -> Self {
        let media_type = "text/html; charset=utf-8";
        Self { status: StatusCode::OK, media_type, location: None, body: html.into() }
    }

    pub(super) fn redirect(location: String) -> Self {
        let answer = Self::page(String::new());
        Self { status: StatusCode::FOUND, location: Some(location), ..answer }
    }

    fn missing() -> Self {
        Self { status: StatusCode::NOT_FOUND, ..Self::page(String::new()) }
    }
}

/// What the answer depends on beside the request.
pub(super) struct State<'a> {
    pub(super) world: &'a World,
    pub(super) base: &'a str,
    pub(super) now: DateTime<Utc>,
    /// Whether this address is banned softly.
    pub(super) banned: bool,
    pub(super) missing: Missing,
}

impl State<'_> {
    fn context<'a>(&'a self, channel: &'a Channel, query: &'a str) -> Context<'a> {
        let generation = self.world.generation;
        Context { base: self.base, generation, now: self.now, channel, query }
    }
}

pub(super) fn answer(state: &State<'_>, request: &Request) -> Answer {
    if state.banned && !matches!(request.asked, Asked::File | Asked::Emoji) {
        return banned(request);
    }
    match request.asked {
        Asked::List => list(state, request),
        Asked::Landing => landing(state, request),
        Asked::Embed => embed(state, request),
        Asked::Post => post(state, request),
        Asked::File => file_answer(state, request),
        Asked::Emoji => emoji(state, request),
        Asked::Other if request.path == "/" => home(),
        Asked::Other if request.path.starts_with("/joinchat/") => {
            Answer::page(markup::invitation())
        }
        Asked::Other => Answer::missing(),
    }
}

/// UPSTREAM(2026-08): who asks too much is told that nothing exists.
fn banned(request: &Request) -> Answer {
    match request.asked {
        Asked::List => Answer::redirect(format!("https://t.me/{}", request.name)),
        Asked::Embed => Answer::page(markup::embed_error(&not_found(&request.name))),
        _ => Answer::page(markup::nonexistent(&request.name)),
    }
}

fn home() -> Answer {
    Answer::redirect("https://telegram.org/".to_owned())
}

fn not_found(name: &str) -> String {
    format!("Channel with username @{name} not found")
}

fn list(state: &State<'_>, request: &Request) -> Answer {
    let to_landing = || Answer::redirect(format!("https://t.me/{}", request.name));
    let channel = match state.world.find(&request.name) {
        Found::Channel(channel) if channel.kind == Kind::Channel => channel,
        Found::Moved(channel) => {
            return Answer::redirect(format!("https://t.me/s/{}", channel.name));
        }
        Found::Channel(_) | Found::Nothing => return to_landing(),
    };
    let context = state.context(channel, request.value("q").unwrap_or_default());
    Answer::page(markup::list(&context, range(request), state.missing))
}

/// What is no positive number is as good as nothing.
fn range(request: &Request) -> Range {
    let number = |key: &str| request.value(key).and_then(MessageId::parse).map(MessageId::get);
    if let Some(id) = request.id() {
        return Range::Around(id);
    }
    match (number("before"), number("after")) {
        (Some(id), _) => Range::Before(id),
        (None, Some(id)) => Range::After(id),
        (None, None) => Range::Newest,
    }
}

fn landing(state: &State<'_>, request: &Request) -> Answer {
    if request.name.starts_with('+') {
        return Answer::page(markup::invitation());
    }
    if ChannelName::parse(&request.name).is_err() {
        return home();
    }
    match state.world.find(&request.name) {
        Found::Channel(channel) if matches!(channel.kind, Kind::Blocked { .. }) => {
            Answer::page(markup::blocked(&request.name))
        }
        Found::Channel(channel) => Answer::page(markup::landing(&state.context(channel, ""))),
        Found::Moved(channel) => Answer::redirect(format!("https://t.me/{}", channel.name)),
        Found::Nothing => Answer::page(markup::nonexistent(&request.name)),
    }
}

fn embed(state: &State<'_>, request: &Request) -> Answer {
    let error = |text: &str| Answer::page(markup::embed_error(text));
    let (Found::Channel(channel) | Found::Moved(channel)) = state.world.find(&request.name) else {
        return error(&not_found(&request.name));
    };
    match channel.kind {
        Kind::Channel | Kind::Group { .. } => {}
        Kind::Hidden => {
            return error("Unfortunately, this channel couldn't be displayed on your device.");
        }
        Kind::Blocked { reason } => return error(reason),
        Kind::User | Kind::Bot => return error(&not_found(&request.name)),
    }
    let found = request.id().and_then(|id| Some((id, channel.message(id)?)));
    let Some((id, message)) = found.filter(|(_, message)| message.time <= state.now) else {
        return error("Post not found");
    };
    let single = request.value("single").map(|_| id);
    Answer::page(markup::embed(&state.context(channel, ""), message, single))
}

fn post(state: &State<'_>, request: &Request) -> Answer {
    let (Some(id), Found::Channel(channel) | Found::Moved(channel)) =
        (request.id(), state.world.find(&request.name))
    else {
        return landing(state, request);
    };
    let message = channel.message(id).filter(|message| message.time <= state.now);
    Answer::page(markup::post_landing(&state.context(channel, ""), id, message))
}

fn file_answer(state: &State<'_>, request: &Request) -> Answer {
    let found = file::resolve(&request.name, request.value("token"), state.world.generation);
    let Some(medium) = found else { return Answer::missing() };
    if medium.bytes.len() >= state.world.least_file {
        let body = Bytes::from_static(medium.bytes);
        return Answer {
            status: StatusCode::OK,
            media_type: medium.media_type,
            location: None,
            body,
        };
    }
    let mut body = medium.bytes.to_vec();
    // A file's own bytes, then their places: no two pieces of a long one are alike.
    let more = (body.len()..state.world.least_file).map(|at| (at / 251 + at % 251) as u8);
    body.extend(more);
    let body = body.into();
    Answer { status: StatusCode::OK, media_type: medium.media_type, location: None, body }
}

/// UPSTREAM(2026-09): the pages ask for each custom emoji that they show; one that is not known has an error, with status 200.
fn emoji(state: &State<'_>, request: &Request) -> Answer {
    let json = match request.name.parse::<u64>() {
        // Every number but 0 has a picture; of those with an odd number a still one beside a film.
        Ok(number) if number > 0 => {
            let slot = u32::try_from(number % 1_000_000_000).unwrap_or_default();
            let address = |file, ending: &str| {
                let token = file::token(file, 0, slot, state.world.generation);
                let name = file::stable_name(file, 0, slot);
                format!("{}/file/{name}.{ending}?token={token}", state.base)
            };
            let (film, picture) = (address("gull.webm", "webm"), address("gull.webp", "webp"));
            if number.is_multiple_of(2) {
                format!(r#"{{"type":"webp","emoji":"{picture}","size":100}}"#)
            } else {
                format!(r#"{{"type":"webm","emoji":"{film}","thumb":"{picture}","size":100}}"#)
            }
        }
        _ => r#"{"error":"NOT_FOUND"}"#.to_owned(),
    };
    let media_type = "application/json; charset=utf-8";
    Answer { media_type, ..Answer::page(json) }
}
