//! The answers of the fake Telegram: a request and a world in, an answer out. No sockets, no clock.

use askama::Template;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::StatusCode;

use super::fault::Fault;
use super::media;
use super::message::Message;
use super::page::{Card, Context, Embed, Landing, List, Range};
use super::request::{Request, RequestKind};
use super::world::{Channel, ChatKind, Resolved, World};
use crate::model::ChannelName;

/// The deepest page that [`Fault::Deep`] makes.
const MAX_DEPTH: usize = 1_000_000;

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) media_type: &'static str,
    pub(super) location: Option<String>,
    pub(super) body: Bytes,
}

impl Answer {
    fn new(media_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self { status: StatusCode::OK, media_type, location: None, body: body.into() }
    }

    fn html(html: String) -> Self {
        Self::new("text/html; charset=utf-8", html)
    }

    fn redirect(location: String) -> Self {
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

    fn error(status: StatusCode, text: &str) -> Self {
        let html = format!(
            "<html>\n<head><title>{text}</title></head>\n<body><center><h1>{text}</h1></center></body>\n</html>\n"
        );
        Self { status, ..Self::html(html) }
    }

    fn home() -> Self {
        Self::redirect("https://telegram.org/".to_owned())
    }

    fn landing(card: Card<'_>) -> Self {
        Self::page(&Landing { card })
    }

    fn embed_error(text: &str) -> Self {
        Self::page(&Embed::error(text))
    }

    fn unknown_channel(name: &str) -> Self {
        Self::embed_error(&format!("Channel with username @{name} not found"))
    }
}

/// The state that an answer depends on.
pub(super) struct State<'a> {
    pub(super) world: &'a World,
    pub(super) base: &'a str,
    pub(super) now: DateTime<Utc>,
    pub(super) fault: Option<&'a Fault>,
}

impl<'a> State<'a> {
    pub(super) fn answer(&self, request: &Request) -> Answer {
        if let Some(answer) = self.fault.and_then(canned) {
            return answer;
        }
        let name = request.name.as_str();
        let is_banned = matches!(self.fault, Some(Fault::SoftBan));
        match request.kind {
            RequestKind::File => self.file(request),
            RequestKind::Emoji => self.emoji(request),
            // UPSTREAM(2026-08): for a throttled client, no name exists.
            RequestKind::List if is_banned => Answer::redirect(format!("https://t.me/{name}")),
            RequestKind::Embed if is_banned => Answer::unknown_channel(name),
            _ if is_banned => Answer::landing(Card::Nobody(name)),
            RequestKind::List => self.list(request),
            RequestKind::Landing => self.landing(request),
            RequestKind::Embed => self.embed(request),
            RequestKind::Post => self.post(request),
            RequestKind::Other if request.path() == "/" => Answer::home(),
            RequestKind::Other if request.path().starts_with("/joinchat/") => {
                Answer::landing(Card::Invitation)
            }
            RequestKind::Other => Answer::not_found(),
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
        match self.world.resolve(&request.name) {
            Resolved::Channel(channel) if channel.kind == ChatKind::Channel => {
                let context = self.context(channel, request.value("q").unwrap_or_default());
                Answer::page(&List::new(context, range(request), self.fault))
            }
            Resolved::Redirect(channel) => {
                Answer::redirect(format!("https://t.me/s/{}", channel.name))
            }
            Resolved::Channel(_) | Resolved::Nothing => {
                Answer::redirect(format!("https://t.me/{}", request.name))
            }
        }
    }

    fn landing(&self, request: &Request) -> Answer {
        let name = request.name.as_str();
        if name.starts_with('+') {
            return Answer::landing(Card::Invitation);
        }
        if ChannelName::parse(name).is_err() {
            return Answer::home();
        }
        match self.world.resolve(name) {
            Resolved::Channel(Channel { kind: ChatKind::Blocked { .. }, .. }) => {
                Answer::landing(Card::Blocked(name))
            }
            Resolved::Channel(channel) => Answer::landing(Card::Channel(self.context(channel, ""))),
            Resolved::Redirect(channel) => {
                Answer::redirect(format!("https://t.me/{}", channel.name))
            }
            Resolved::Nothing => Answer::landing(Card::Nobody(name)),
        }
    }

    fn embed(&self, request: &Request) -> Answer {
        let (Resolved::Channel(channel) | Resolved::Redirect(channel)) =
            self.world.resolve(&request.name)
        else {
            return Answer::unknown_channel(&request.name);
        };
        match &channel.kind {
            ChatKind::Channel | ChatKind::Group { .. } => {}
            ChatKind::Hidden => {
                return Answer::embed_error(
                    "Unfortunately, this channel couldn't be displayed on your device.",
                );
            }
            ChatKind::Blocked { reason } => return Answer::embed_error(reason),
            ChatKind::User | ChatKind::Bot => return Answer::unknown_channel(&request.name),
        }
        let Some(id) = request.id() else { return Answer::embed_error("Post not found") };
        let Some(message) = self.message(channel, id) else {
            return Answer::embed_error("Post not found");
        };
        let context = self.context(channel, "");
        match request.value("single") {
            Some(_) => Answer::page(&Embed::new(context, &message.single(id))),
            None => Answer::page(&Embed::new(context, message)),
        }
    }

    fn post(&self, request: &Request) -> Answer {
        let (Some(id), Resolved::Channel(channel) | Resolved::Redirect(channel)) =
            (request.id(), self.world.resolve(&request.name))
        else {
            return self.landing(request);
        };
        let message = self.message(channel, id);
        Answer::landing(Card::Post(self.context(channel, ""), id, message))
    }

    /// The message, if it is published.
    fn message<'b>(&self, channel: &'b Channel, id: u32) -> Option<&'b Message> {
        channel.message(id).filter(|message| message.time <= self.now)
    }

    fn file(&self, request: &Request) -> Answer {
        let token = request.value("token");
        let Some(file) = media::resolve(&request.name, token, self.world.generation) else {
            return Answer::not_found();
        };
        if file.bytes.len() >= self.world.min_file {
            return Answer::new(file.media_type, file.bytes);
        }
        let mut body = file.bytes.to_vec();
        // Padding in which no two parts are equal.
        body.extend((body.len()..self.world.min_file).map(|at| (at / 251 + at % 251) as u8));
        Answer::new(file.media_type, body)
    }

    /// Every id but 0 has a picture; an odd id has a video and a still picture.
    ///
    /// UPSTREAM(2026-09): an unknown emoji is an error with status 200.
    fn emoji(&self, request: &Request) -> Answer {
        let media_type = "application/json; charset=utf-8";
        let id: u64 = request.name.parse().unwrap_or(0);
        if id == 0 {
            return Answer::new(media_type, r#"{"error":"NOT_FOUND"}"#);
        }
        let slot = u32::try_from(id % 1_000_000_000).unwrap_or_default();
        let generation = self.world.generation;
        let picture = media::address(self.base, "gull.webp", 0, slot, generation);
        let video = media::address(self.base, "gull.webm", 0, slot, generation);
        let json = if id.is_multiple_of(2) {
            format!(r#"{{"type":"webp","emoji":"{picture}","size":100}}"#)
        } else {
            format!(r#"{{"type":"webm","emoji":"{video}","thumb":"{picture}","size":100}}"#)
        };
        Answer::new(media_type, json)
    }
}

fn range(request: &Request) -> Range {
    if let Some(id) = request.id() {
        Range::Around(id)
    } else if let Some(id) = request.number("before") {
        Range::Before(id)
    } else if let Some(id) = request.number("after") {
        Range::After(id)
    } else {
        Range::Newest
    }
}

/// The answer of a fault that needs no real one.
fn canned(fault: &Fault) -> Option<Answer> {
    let answer = match fault {
        Fault::Status { code, .. } => {
            let status = StatusCode::from_u16(*code).ok().filter(|it| !it.is_informational());
            let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Answer::error(status, status.as_str())
        }
        Fault::Challenge => {
            let text = "Just a moment, we are checking your browser";
            Answer::error(StatusCode::SERVICE_UNAVAILABLE, text)
        }
        Fault::Tiny => Answer::html("<html><body>ok</body></html>".to_owned()),
        Fault::Redirect(location) => Answer::redirect(location.clone()),
        Fault::Garbage => {
            let bytes = (0..3000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8);
            let body = bytes.collect::<Vec<u8>>().into();
            Answer { body, ..Answer::html(String::new()) }
        }
        Fault::Instead { media_type, body } => Answer::new(media_type, *body),
        Fault::Deep(levels) => {
            let levels = (*levels).min(MAX_DEPTH);
            let body = format!("{}{}", "<div>".repeat(levels), "</div>".repeat(levels));
            Answer::html(format!("<!DOCTYPE html>\n<html><body>{body}</body></html>\n"))
        }
        _ => return None,
    };
    Some(answer)
}
