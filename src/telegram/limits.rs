//! Input limits: builds a page's tree, and stops at the first limit that the page exceeds.
//!
//! SECURITY: a page made to cost minutes of CPU -> the limits below. html5ever is quadratic or worse in nesting, in
//! formatting elements that it reopens and in attributes. [`Limiter`] stands between its tokenizer and its tree builder and
//! counts what passes, so that the count and the tree cannot disagree. The page is fed in pieces, because the tokenizer
//! cannot be stopped inside one.

use std::cell::{Cell, RefCell};
use std::fmt;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{StartTag, Tag, TagToken, Token, TokenSink, TokenSinkResult, Tokenizer};
use html5ever::tree_builder::{TreeBuilder, TreeSink};
use html5ever::{LocalName, local_name};
use memchr::memchr2_iter;
use scraper::{Html, HtmlTreeSink};

type NodeId = <HtmlTreeSink as TreeSink>::Handle;

pub(super) const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Start tags, end tags and comments.
pub(super) const MAX_TAGS: usize = 100_000;
/// Attributes of one tag.
pub(super) const MAX_ATTRIBUTES: usize = 64;
/// Elements open at once.
pub(super) const MAX_NESTING: usize = 256;
/// Steps of the parser, roughly a microsecond each: see [`Limiter::charge`]. A page of Telegram takes 5,000 to 20,000.
pub(super) const MAX_STEPS: usize = 300_000;
/// Characters that may separate attributes in a tag that does not end. The tokenizer compares each attribute with all
/// before it, and shows none of them before the tag ends.
pub(super) const MAX_SEPARATORS: usize = 16_384;
/// Bytes that are fed at once.
const PIECE: usize = 8 * 1024;

/// The limit that a page exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    Bytes,
    Tags,
    Attributes,
    Nesting,
    Steps,
}

impl fmt::Display for Limit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes => write!(formatter, "more than {MAX_BYTES} bytes"),
            Self::Tags => write!(formatter, "more than {MAX_TAGS} tags"),
            Self::Attributes => {
                write!(formatter, "a tag with more than {MAX_ATTRIBUTES} attributes")
            }
            Self::Nesting => write!(formatter, "elements nested deeper than {MAX_NESTING}"),
            Self::Steps => write!(formatter, "more than {MAX_STEPS} steps of work for the parser"),
        }
    }
}

/// Builds the tree of a page.
pub(super) fn parse(html: &str) -> Result<Html, Limit> {
    if html.len() > MAX_BYTES {
        return Err(Limit::Bytes);
    }
    let tree = TreeBuilder::new(HtmlTreeSink::new(Html::new_document()), Default::default());
    let tokenizer = Tokenizer::new(Limiter::new(tree), Default::default());
    let queue = BufferQueue::default();
    let mut rest = html;
    let mut separators = 0;
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(rest.floor_char_boundary(PIECE));
        rest = behind;
        let limiter = &tokenizer.sink;
        let tokens = limiter.tokens.get();
        // A character reference costs the tokenizer about twice as much as a tag.
        let references = memchr::memchr_iter(b'&', piece.as_bytes()).count();
        limiter.charge(memchr2_iter(b'<', b'&', piece.as_bytes()).count() + references);
        queue.push_back(StrTendril::from_slice(piece));
        // It pauses after scripts and declarations of an encoding, which mean nothing here.
        while !matches!(tokenizer.feed(&queue), html5ever::TokenizerResult::Done) {}
        if let Some(limit) = limiter.exceeded.get() {
            return Err(limit);
        }
        separators =
            if limiter.tokens.get() == tokens { separators + separators_in(piece) } else { 0 };
        if separators > MAX_SEPARATORS {
            return Err(Limit::Attributes);
        }
    }
    tokenizer.end();
    match tokenizer.sink.exceeded.get() {
        Some(limit) => Err(limit),
        None => Ok(tokenizer.sink.tree.sink.finish()),
    }
}

fn separators_in(piece: &str) -> usize {
    piece
        .bytes()
        .filter(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'"' | b'\''))
        .count()
}

/// Counts tokens on their way to the tree builder, which gets none after a limit is exceeded.
struct Limiter {
    tree: TreeBuilder<NodeId, HtmlTreeSink>,
    exceeded: Cell<Option<Limit>>,
    /// All but errors.
    tokens: Cell<usize>,
    tags: Cell<usize>,
    steps: Cell<usize>,
    /// Attributes of all `html` and `body` tags: the parser collects them in one list each.
    collected: Cell<usize>,
    /// Elements that are open. Only its own end tag closes an element, so that the parser never has more open elements, nor
    /// formatting elements to reopen, than these and those that it implies.
    open: RefCell<Vec<Open>>,
    /// The cost of all that are open.
    formatting: Cell<usize>,
}

struct Open {
    name: LocalName,
    /// Of a formatting element: what it costs the parser to compare it with another one, and to reopen it.
    cost: usize,
}

impl Limiter {
    fn new(tree: TreeBuilder<NodeId, HtmlTreeSink>) -> Self {
        Self {
            tree,
            exceeded: Cell::default(),
            tokens: Cell::default(),
            tags: Cell::default(),
            steps: Cell::default(),
            formatting: Cell::default(),
            collected: Cell::default(),
            open: RefCell::default(),
        }
    }

    fn check(&self, limit: Limit, count: usize, max: usize) {
        if count > max && self.exceeded.get().is_none() {
            self.exceeded.set(Some(limit));
        }
    }

    /// Charges a step for each `<`, and two for each `&`. A tag costs one more for each of its attributes, for each open
    /// formatting element and each attribute of those, and for every 32 open elements, which the parser may search.
    fn charge(&self, steps: usize) {
        self.steps.set(self.steps.get() + steps);
        self.check(Limit::Steps, self.steps.get(), MAX_STEPS);
    }

    fn count_tag(&self) {
        self.tags.set(self.tags.get() + 1);
        self.check(Limit::Tags, self.tags.get(), MAX_TAGS);
    }

    /// What a tag says of itself, before the parser sees it.
    fn count(&self, tag: &Tag) {
        self.count_tag();
        self.check(Limit::Attributes, tag.attrs.len(), MAX_ATTRIBUTES);
        if matches!(tag.name, local_name!("html") | local_name!("body")) {
            self.collected.set(self.collected.get() + tag.attrs.len());
            self.check(Limit::Attributes, self.collected.get(), MAX_ATTRIBUTES);
        }
        self.charge(tag.attrs.len() + self.formatting.get() + self.open.borrow().len() / 32);
    }

    fn process_tag(&self, tag: Tag, line: u64) -> TokenSinkResult<NodeId> {
        self.count(&tag);
        if self.exceeded.get().is_some() {
            return TokenSinkResult::Continue;
        }
        let mut open = self.open.borrow_mut();
        if tag.kind != StartTag {
            let closed = open.pop_if(|open| open.name == tag.name);
            self.formatting.update(|cost| cost - closed.map_or(0, |open| open.cost));
            return self.tree.process_token(TagToken(tag), line);
        }
        let (name, has_slash, attributes) = (tag.name.clone(), tag.self_closing, tag.attrs.len());
        let was_foreign = self.is_foreign();
        let result = self.tree.process_token(TagToken(tag), line);
        let is_foreign = self.is_foreign();
        let is_closed = match name {
            local_name!("svg") | local_name!("math") => has_slash,
            _ if is_foreign => was_foreign && has_slash,
            _ => VOID.contains(&&*name),
        };
        if !is_closed {
            let cost = if FORMATTING.contains(&&*name) { 1 + attributes } else { 0 };
            self.formatting.update(|all| all + cost);
            open.push(Open { name, cost });
            self.check(Limit::Nesting, open.len(), MAX_NESTING);
        }
        result
    }

    fn is_foreign(&self) -> bool {
        self.tree.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

impl TokenSink for Limiter {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<NodeId> {
        if let Token::ParseError(_) = token {
            // They also come from inside a tag. The tree would keep a list of them, which nobody reads.
            return TokenSinkResult::Continue;
        }
        self.tokens.set(self.tokens.get() + 1);
        match token {
            TagToken(tag) => self.process_tag(tag, line),
            token => {
                if let Token::CommentToken(_) = token {
                    self.count_tag();
                }
                if self.exceeded.get().is_some() {
                    return TokenSinkResult::Continue;
                }
                self.tree.process_token(token, line)
            }
        }
    }

    fn end(&self) {
        self.tree.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.is_foreign()
    }
}

/// Elements of HTML that have no content and no end tag.
const VOID: [&str; 19] = [
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "image", "img",
    "input", "keygen", "link", "meta", "param", "source", "track", "wbr",
];

/// Elements that the parser reopens when they are closed out of order.
const FORMATTING: [&str; 14] = [
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
];
