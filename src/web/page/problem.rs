//! The page of an error: summary, cause and advice, and the archived posts of the channel.

use std::sync::Arc;

use askama::Template;

use super::context::Context;
use super::posts::shown;
use super::{Frame, render};
use crate::feed::title;
use crate::locale::Message;
use crate::model::{Snapshot, StoredPost};
use crate::web::error::Error;

/// The most archived posts on the page.
const MAX_POSTS: usize = 10;

/// The archived posts of a channel that cannot be served.
pub(in crate::web) struct Archived {
    pub(super) heading: String,
    pub(super) page: String,
    /// Page and title, newest first.
    pub(super) posts: Vec<(String, String)>,
}

impl Archived {
    /// The newest posts of a snapshot; `None` if there are none.
    pub(in crate::web) fn new(context: &Context<'_>, snapshot: &Snapshot) -> Option<Self> {
        let (words, links, channel) = (context.words, context.links, &snapshot.channel);
        let post = |stored: &Arc<StoredPost>| {
            let page = links.post(&stored.post.channel, stored.post.id);
            (page, title::build(&stored.post, words.language()))
        };
        let posts = snapshot.posts.iter().filter(|stored| stored.post.service.is_none());
        let posts: Vec<_> = posts.take(MAX_POSTS).map(post).collect();
        let heading = Message::new("problem-archived").with("channel", shown(&channel.title));
        (!posts.is_empty()).then(|| Self {
            heading: words.message(&heading),
            page: links.channel(&channel.name, links.defaults()),
            posts,
        })
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Page<'a> {
    frame: Frame<'a>,
    status: u16,
    heading: String,
    detail: String,
    /// URL and label.
    links: Vec<(String, &'static str)>,
    archived: Option<Archived>,
}

pub(in crate::web) fn problem(
    context: &Context<'_>,
    error: &Error,
    links: Vec<(String, &'static str)>,
    archived: Option<Archived>,
) -> Result<String, Error> {
    let heading = context.words.message(&error.title());
    let page = Page {
        frame: Frame::new(context, format!("{heading} · feedline")),
        status: error.status().as_u16(),
        heading,
        detail: context.words.message(&error.detail()),
        links,
        archived,
    };
    render(&page)
}
