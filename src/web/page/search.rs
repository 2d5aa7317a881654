//! The search page: results with their matching lines.

use askama::Template;

use super::context::Context;
use super::item::rfc3339;
use super::posts::{Paging, shown};
use super::{Error, Frame, feeds, render};
use crate::feed::{Entry, Selection, title};
use crate::locale::Message;
use crate::model::{FeedOptions, Source};
use crate::service::search::{BadQuery, Piece, Query, Snippet};

const SYNTAX: [&str; 6] = [
    "search-words",
    "search-phrase",
    "search-hashtag",
    "search-prefix",
    "search-without",
    "search-place",
];

#[derive(Template)]
#[template(path = "search.html")]
struct Page<'a> {
    frame: Frame<'a>,
    text: &'a str,
    refusal: Option<String>,
    /// `None` without a query.
    results: Option<Vec<SearchResult>>,
    /// Examples of the query syntax with their meaning, shown until there are results.
    syntax: Vec<(&'static str, &'static str)>,
    paging: Paging,
}

/// A search result.
struct SearchResult {
    channel_title: String,
    channel: String,
    page: String,
    /// RFC 3339.
    datetime: String,
    time: String,
    /// The matching lines, or the title of a post without text.
    pieces: Vec<Piece>,
}

/// The page of the results. Without a query or with an invalid one, it has only the form.
pub(in crate::web) fn search(
    context: &Context<'_>,
    found: Option<(&Source, &FeedOptions, &Selection)>,
    refused: Option<(&str, &BadQuery)>,
) -> Result<String, Error> {
    let (words, links) = (context.words, context.links);
    let mut page = Page {
        frame: Frame::new(context, format!("{} · feedline", words.tr("search-heading"))),
        text: refused.map_or("", |(text, _)| text),
        refusal: refused.map(|(_, reason)| words.message(&reason.message())),
        results: None,
        syntax: SYNTAX.map(|key| (words.tr(key), words.tr(&format!("{key}.meaning")))).into(),
        paging: Paging::default(),
    };
    let Some((source, options, selection)) = found else { return render(&page) };
    let Source::Search { query: text, .. } = source else { return Err(Error::Internal) };
    let query = Query::parse(text)?;
    let title = words.message(&Message::new("search-title").with("words", &**text));
    page.frame.title = format!("{title} · feedline");
    let first = options.with_before(None);
    page.frame.feeds = feeds(&title, |format| links.feed_of(source, format, &first));
    page.text = text;
    let entries = &selection.entries;
    page.results =
        Some(entries.iter().map(|entry| SearchResult::new(context, &query, entry)).collect());
    if !entries.is_empty() {
        page.syntax.clear();
    }
    let older = selection.cursor(entries.len());
    page.paging = Paging {
        newest: options.before().map(|_| links.page(source, &first)),
        newer: None,
        older: older.map(|older| links.page(source, &options.with_before(Some(older)))),
    };
    render(&page)
}

impl SearchResult {
    fn new(context: &Context<'_>, query: &Query, entry: &Entry) -> Self {
        let (post, channel) = (&entry.post.post, &entry.channel);
        let mut pieces = Snippet::new(post, query).pieces;
        if pieces.is_empty() {
            pieces.push(Piece {
                text: title::build(post, context.words.language()),
                is_found: false,
            });
        }
        Self {
            channel_title: shown(&channel.title),
            channel: context.page(&channel.name),
            page: context.links.post(&channel.name, post.id),
            datetime: rfc3339(post.published),
            time: context.when(post.published),
            pieces,
        }
    }
}
