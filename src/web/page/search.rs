//! The page of a search: what was found, each with the lines in which it stands.

use askama::Template;

use super::words::Words;
use super::{Error, Frame, feeds, render};
use crate::bridge::search::{BadQuery, Finds, Hit, Piece, SearchOptions, Snippet};
use crate::feed::title;
use crate::links::Links;
use crate::model::FeedOptions;
use crate::web::TimeZone;

/// What a page of a search is made with.
pub(in crate::web) struct SearchPage<'a> {
    pub(in crate::web) words: &'static Words,
    pub(in crate::web) links: &'a Links,
    pub(in crate::web) zone: &'a TimeZone,
}

#[derive(Template)]
#[template(path = "search.html")]
struct Page<'a> {
    frame: Frame,
    text: &'a str,
    refusal: Option<String>,
    /// None when nothing was looked for.
    finds: Option<Vec<Find>>,
    newest: Option<String>,
    older: Option<String>,
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
    page: &SearchPage<'_>,
    found: Option<(&SearchOptions, &Finds)>,
    refused: Option<(&str, &BadQuery)>,
) -> Result<String, Error> {
    let SearchPage { words, links, zone } = page;
    let own = &words.search;
    let title =
        found.map_or_else(|| own.heading.to_owned(), |(asked, _)| (own.title)(asked.query.text()));
    let mut frame = Frame::new(words, links, format!("{title} · feedline"));
    let defaults = links.defaults();
    let address = |asked: &SearchOptions| links.finds(&asked.to_query(defaults));
    if let Some((asked, _)) = found {
        let query = asked.with_before(None).to_query(defaults);
        frame.feeds = feeds(&title, |format| links.finds_feed(format, &query));
    }
    let find = |asked: &SearchOptions, hit: &Hit| Find::new(links, asked, hit, zone);
    let page = Page {
        frame,
        text: found
            .map(|(asked, _)| asked.query.text())
            .or(refused.map(|(text, _)| text))
            .unwrap_or_default(),
        refusal: refused.map(|(_, reason)| (own.refusal)(reason)),
        finds: found.map(|(asked, finds)| finds.hits.iter().map(|hit| find(asked, hit)).collect()),
        newest: found
            .filter(|(asked, _)| asked.before.is_some())
            .map(|(asked, _)| address(&asked.with_before(None))),
        older: found
            .and_then(|(asked, finds)| Some(address(&asked.with_before(Some(finds.next?))))),
    };
    render(&page)
}

impl Find {
    fn new(links: &Links, asked: &SearchOptions, hit: &Hit, zone: &TimeZone) -> Self {
        let post = &hit.held.kept.post;
        let mut pieces = Snippet::new(post, &asked.query).pieces;
        if pieces.is_empty() {
            pieces.push(Piece { text: title::build(post, hit.language), is_found: false });
        }
        let channel = &hit.channel;
        Self {
            channel_title: channel.title.clone(),
            channel: links.channel(&channel.name, &FeedOptions::default()),
            page: links.post(&channel.name, post.id),
            datetime: post.published.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            time: zone.format(post.published),
            pieces,
        }
    }
}
