//! Builds a page's tree, and stops at the first input limit that the page exceeds.
//!
//! SECURITY: a page made to cost minutes of CPU -> the limits below. html5ever's tree builder is quadratic or worse in
//! nesting, in formatting elements that it reopens, and in attributes. [`Limiter`] counts the tokens between the tokenizer
//! and the tree builder, so that count and tree cannot disagree. html5gum's tokenizer takes half of the time of
//! html5ever's, and stops at the first limit, even inside a tag.

use html5ever::interface::{Attribute, QualName};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    Doctype, EndTag, StartTag, Tag, TagKind, Token, TokenSink, TokenSinkResult,
};
use html5ever::tree_builder::{TreeBuilder, TreeSink};
use html5ever::{LocalName, local_name, ns};
use html5gum::emitters::callback::{Callback, CallbackEmitter, CallbackEvent};
use html5gum::{Emitter, ForwardingEmitter, Span, State, Tokenizer};
use scraper::{Html, HtmlTreeSink};

type NodeId = <HtmlTreeSink as TreeSink>::Handle;

pub(super) const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Start tags, end tags and comments.
pub(super) const MAX_TAGS: usize = 100_000;
/// Per tag.
pub(super) const MAX_ATTRIBUTES: usize = 64;
/// Elements open at once.
pub(super) const MAX_NESTING: usize = 256;
/// Work of the parser, roughly in microseconds. A page of Telegram takes 5,000 to 20,000 steps. A `<` is one step, a `&` two.
/// A tag is one more for each of its attributes, for each open formatting element and its attributes, and for every 32 open
/// elements, which the parser may search.
pub(super) const MAX_STEPS: usize = 300_000;

/// The limit that a page exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Limit {
    #[error("more than {MAX_BYTES} bytes")]
    Bytes,
    #[error("more than {MAX_TAGS} tags")]
    Tags,
    #[error("a tag with more than {MAX_ATTRIBUTES} attributes")]
    Attributes,
    #[error("elements nested deeper than {MAX_NESTING}")]
    Nesting,
    #[error("more than {MAX_STEPS} steps of work for the parser")]
    Steps,
}

pub(super) fn parse(html: &str) -> Result<Html, Limit> {
    if html.len() > MAX_BYTES {
        return Err(Limit::Bytes);
    }
    let tree = TreeBuilder::new(HtmlTreeSink::new(Html::new_document()), Default::default());
    let mut limiter = Limiter { tree, counts: Counts::default(), tag: None, next_state: None };
    let brackets = memchr::memchr_iter(b'<', html.as_bytes()).count();
    let references = memchr::memchr_iter(b'&', html.as_bytes()).count();
    limiter.counts.charge(brackets + 2 * references);
    if let Some(limit) = limiter.counts.exceeded {
        return Err(limit);
    }
    // Without the byte order mark.
    let text = html.strip_prefix('\u{feff}').unwrap_or(html);
    let bridge = Bridge { emitter: CallbackEmitter::new(&mut limiter) };
    // The emitter yields nothing but a limit.
    if let Some(Ok(limit)) = Tokenizer::new_with_emitter(text, bridge).next() {
        return Err(limit);
    }
    limiter.finish()
}

/// Turns html5gum's events into html5ever's tokens, and passes them on to the tree builder until a limit is exceeded.
struct Limiter {
    tree: TreeBuilder<NodeId, HtmlTreeSink>,
    counts: Counts,
    /// The open start tag.
    tag: Option<Tag>,
    /// How the tree builder wants the content of the last element to be read.
    next_state: Option<State>,
}

#[derive(Default)]
struct Counts {
    exceeded: Option<Limit>,
    /// Attributes of the current tag.
    attributes: usize,
    tags: usize,
    steps: usize,
    /// Attributes of all `html` and `body` tags: the parser collects them in one list each.
    root_attributes: usize,
    /// Open elements with their formatting cost. Only its own end tag closes an element here, so that the parser never has
    /// more open elements, or formatting elements to reopen, than these and those that it implies.
    open: Vec<(LocalName, usize)>,
    /// Sum of the costs in `open`.
    formatting: usize,
}

impl Counts {
    fn check(&mut self, limit: Limit, count: usize, max: usize) {
        if count > max && self.exceeded.is_none() {
            self.exceeded = Some(limit);
        }
    }

    fn charge(&mut self, steps: usize) {
        self.steps += steps;
        self.check(Limit::Steps, self.steps, MAX_STEPS);
    }

    fn add_tag(&mut self) {
        self.tags += 1;
        self.check(Limit::Tags, self.tags, MAX_TAGS);
    }

    fn add_attribute(&mut self) {
        self.attributes += 1;
        self.check(Limit::Attributes, self.attributes, MAX_ATTRIBUTES);
    }

    /// Counts a tag before the tree builder sees it. An end tag closes its element.
    fn add(&mut self, kind: TagKind, name: &LocalName) {
        self.add_tag();
        let attributes = std::mem::take(&mut self.attributes);
        if matches!(*name, local_name!("html") | local_name!("body")) {
            self.root_attributes += attributes;
            self.check(Limit::Attributes, self.root_attributes, MAX_ATTRIBUTES);
        }
        self.charge(attributes + self.formatting + self.open.len() / 32);
        if kind == EndTag
            && let Some((_, cost)) = self.open.pop_if(|(open, _)| open == name)
        {
            self.formatting -= cost;
        }
    }

    fn open(&mut self, name: LocalName, attributes: usize) {
        // The tree builder compares a formatting element with others and reopens it.
        let cost = if FORMATTING.contains(&&*name) { 1 + attributes } else { 0 };
        self.formatting += cost;
        self.open.push((name, cost));
        self.check(Limit::Nesting, self.open.len(), MAX_NESTING);
    }
}

impl Limiter {
    fn add_attribute(&mut self, name: &[u8]) {
        self.counts.add_attribute();
        let Some(tag) = &mut self.tag else { return };
        let name = QualName::new(None, ns!(), local_name(name));
        tag.attrs.push(Attribute { name, value: StrTendril::new() });
    }

    fn process_start_tag(&mut self, mut tag: Tag) {
        self.counts.add(StartTag, &tag.name);
        if self.counts.exceeded.is_some() {
            return;
        }
        remove_duplicates(&mut tag.attrs);
        let (name, has_slash, attributes) = (tag.name.clone(), tag.self_closing, tag.attrs.len());
        let is_void = VOID.contains(&&*name);
        // Other elements stay open in any namespace.
        let may_close = has_slash || is_void;
        let was_foreign = may_close && self.is_foreign();
        self.process(Token::TagToken(tag));
        let is_closed = may_close
            && match name {
                local_name!("svg") | local_name!("math") => has_slash,
                _ if self.is_foreign() => was_foreign && has_slash,
                _ => is_void,
            };
        if !is_closed {
            self.counts.open(name, attributes);
        }
    }

    fn process_end_tag(&mut self, name: &[u8]) {
        let name = local_name(name);
        self.counts.add(EndTag, &name);
        self.process(Token::TagToken(tag(EndTag, name)));
    }

    /// The tokenizer leaves it to the tree builder to drop a null character.
    fn process_text(&mut self, text: &str) {
        for (number, part) in text.split('\0').enumerate() {
            if number > 0 {
                self.process(Token::NullCharacterToken);
            }
            if !part.is_empty() {
                self.process(Token::CharacterTokens(part.into()));
            }
        }
    }

    fn process(&mut self, token: Token) {
        if self.counts.exceeded.is_some() {
            return;
        }
        self.next_state = match self.tree.process_token(token, 1) {
            TokenSinkResult::Plaintext => Some(State::PlainText),
            TokenSinkResult::RawData(RawKind::Rcdata) => Some(State::RcData),
            TokenSinkResult::RawData(RawKind::Rawtext) => Some(State::RawText),
            TokenSinkResult::RawData(_) => Some(State::ScriptData),
            // Scripts and encoding declarations are irrelevant here.
            _ => None,
        };
    }

    fn is_foreign(&self) -> bool {
        self.tree.adjusted_current_node_present_but_not_in_html_namespace()
    }

    fn finish(mut self) -> Result<Html, Limit> {
        self.process(Token::EOFToken);
        self.tree.end();
        match self.counts.exceeded {
            Some(limit) => Err(limit),
            None => Ok(self.tree.sink.finish()),
        }
    }
}

impl Callback<Limit, ()> for &mut Limiter {
    fn handle_event(&mut self, event: CallbackEvent<'_>, _: Span<()>) -> Option<Limit> {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag = Some(tag(StartTag, local_name(name)));
            }
            CallbackEvent::AttributeName { name } => self.add_attribute(name),
            CallbackEvent::AttributeValue { value } => {
                if let Some(attribute) = self.tag.as_mut().and_then(|tag| tag.attrs.last_mut()) {
                    attribute.value = tendril(value);
                }
            }
            CallbackEvent::CloseStartTag { self_closing } => {
                if let Some(tag) = self.tag.take() {
                    self.process_start_tag(Tag { self_closing, ..tag });
                }
            }
            CallbackEvent::EndTag { name } => self.process_end_tag(name),
            CallbackEvent::String { value } => self.process_text(utf8(value)),
            CallbackEvent::Comment { value } => {
                self.counts.add_tag();
                self.process(Token::CommentToken(tendril(value)));
            }
            CallbackEvent::Doctype { name, public_identifier, system_identifier, force_quirks } => {
                self.process(Token::DoctypeToken(Doctype {
                    name: Some(name).filter(|name| !name.is_empty()).map(tendril),
                    public_id: public_identifier.map(tendril),
                    system_id: system_identifier.map(tendril),
                    force_quirks,
                }));
            }
            CallbackEvent::Error(_) => {}
        }
        self.counts.exceeded
    }
}

/// Connects the tokenizer and the tree builder: each decides how the other goes on.
struct Bridge<'a> {
    emitter: CallbackEmitter<&'a mut Limiter, Limit>,
}

impl ForwardingEmitter for Bridge<'_> {
    type Token = Limit;

    fn inner(&mut self) -> &mut impl Emitter<Token = Limit> {
        &mut self.emitter
    }

    /// The tree does not need them, and html5gum would examine every character.
    fn should_emit_errors(&mut self) -> bool {
        false
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        let naive = self.emitter.emit_current_tag();
        self.emitter.callback_mut().next_state.take().or(naive)
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        self.emitter.callback_mut().is_foreign()
    }
}

fn tag(kind: TagKind, name: LocalName) -> Tag {
    Tag { kind, name, self_closing: false, attrs: Vec::new(), had_duplicate_attributes: false }
}

/// Of attributes with the same name, the first one counts.
fn remove_duplicates(attributes: &mut Vec<Attribute>) {
    let mut number = 1;
    while number < attributes.len() {
        let (before, rest) = attributes.split_at(number);
        if before.iter().any(|other| other.name.local == rest[0].name.local) {
            attributes.remove(number);
        } else {
            number += 1;
        }
    }
}

/// The input is valid UTF-8, and the tokenizer never cuts inside a character.
fn utf8(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

fn local_name(name: &[u8]) -> LocalName {
    LocalName::from(utf8(name))
}

fn tendril(text: &[u8]) -> StrTendril {
    utf8(text).into()
}

/// HTML elements without content and end tag.
const VOID: [&str; 19] = [
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "image", "img",
    "input", "keygen", "link", "meta", "param", "source", "track", "wbr",
];

/// Elements that the tree builder reopens if they are closed out of order.
const FORMATTING: [&str; 14] = [
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
];
