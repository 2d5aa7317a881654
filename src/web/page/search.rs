//! The page of a search: what was found, each with the lines in which it stands.

use askama::Template;

use super::channel::{Paging, shown};
use super::context::{Context, plain_page};
use super::item::rfc3339;
use super::{Error, Frame, feeds, render};
use crate::feed::title;
use crate::locale::Message;
use crate::service::search::{BadQuery, Hit, Piece, SearchOptions, SearchResults, Snippet};

const WAYS: [&str; 6] = [
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
    frame: Frame,
    text: &'a str,
    refusal: Option<String>,
    /// None when nothing was looked for.
    finds: Option<Vec<Find>>,
    /// Examples of what can be written, each with its meaning: as long as nothing was found.
    ways: Vec<(&'static str, &'static str)>,
    paging: Paging,
}

/// A post that was found.
struct Find {
    channel_title: String,
    channel: String,
    page: String,
    /// RFC 3339.
    datetime: String,
    time: String,
    /// The lines where it was found, or the title of a post without words.
    pieces: Vec<Piece>,
}

/// The page of what was found; of nothing but the box, when nothing was looked for or nothing can be.
pub(in crate::web) fn search(
    context: &Context<'_>,
    found: Option<(&SearchOptions, &SearchResults)>,
    refused: Option<(&str, &BadQuery)>,
) -> Result<String, Error> {
    let (words, links) = (context.words, context.links);
    let title = match found {
        Some((asked, _)) => {
            words.message(&Message::new("search-title").with("words", asked.query.text()))
        }
        None => words.tr("search-heading").to_owned(),
    };
    let mut frame = Frame::new(words, links, format!("{title} · feedline"));
    let defaults = links.defaults();
    let address = |asked: &SearchOptions| links.finds(&asked.to_query(defaults));
    if let Some((asked, _)) = found {
        let query = asked.with_before(None).to_query(defaults);
        frame.feeds = feeds(&title, |format| links.finds_feed(format, &query));
    }
    let find = |asked: &SearchOptions, hit: &Hit| Find::new(context, asked, hit);
    let page = Page {
        frame,
        text: found
            .map(|(asked, _)| asked.query.text())
            .or(refused.map(|(text, _)| text))
            .unwrap_or_default(),
        refusal: refused.map(|(_, reason)| words.message(&reason.message())),
        finds: found.map(|(asked, finds)| finds.hits.iter().map(|hit| find(asked, hit)).collect()),
        ways: match found {
            Some((_, finds)) if !finds.hits.is_empty() => Vec::new(),
            _ => WAYS.map(|way| (words.tr(way), words.tr(&format!("{way}.meaning")))).into(),
        },
        paging: Paging {
            newest: found
                .filter(|(asked, _)| asked.before.is_some())
                .map(|(asked, _)| address(&asked.with_before(None))),
            newer: None,
            older: found
                .and_then(|(asked, finds)| Some(address(&asked.with_before(Some(finds.next?))))),
        },
    };
    render(&page)
}

impl Find {
    fn new(context: &Context<'_>, asked: &SearchOptions, hit: &Hit) -> Self {
        let post = &hit.held.kept.post;
        let mut pieces = Snippet::new(post, &asked.query).pieces;
        if pieces.is_empty() {
            pieces.push(Piece {
                text: title::build(post, context.words.language()),
                is_found: false,
            });
        }
        let channel = &hit.channel;
        Self {
            channel_title: shown(&channel.title),
            channel: plain_page(context.links, &channel.name),
            page: context.links.post(&channel.name, post.id),
            datetime: rfc3339(post.published),
            time: context.when(post.published),
            pieces,
        }
    }
}
