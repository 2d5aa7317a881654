//! The page of an error: summary, cause and advice, and the stored posts of the channel.

use std::sync::Arc;

use askama::Template;

use super::posts::shown;
use super::{Frame, render};
use crate::feed::title;
use crate::links::Links;
use crate::locale::{Message, Words};
use crate::model::{ChannelName, Snapshot, StoredPost};
use crate::web::error::Error;

/// The most stored posts on the page.
const NAMED: usize = 10;

/// The stored posts of a channel that cannot be served.
#[derive(Clone, Debug)]
pub(in crate::web) struct Kept {
    pub(in crate::web) name: ChannelName,
    pub(in crate::web) title: String,
    /// Newest first.
    pub(in crate::web) posts: Vec<Arc<StoredPost>>,
}

impl Kept {
    /// The newest posts of a snapshot; `None` if there are none.
    pub(in crate::web) fn of(snapshot: &Snapshot) -> Option<Self> {
        let said = snapshot.posts.iter().filter(|kept| kept.post.service.is_none());
        let posts: Vec<_> = said.take(NAMED).cloned().collect();
        let channel = &snapshot.channel;
        (!posts.is_empty()).then(|| Self {
            name: channel.name.clone(),
            title: channel.title.clone(),
            posts,
        })
    }
}

/// The stored posts as a page lists them.
pub(super) struct Listed {
    pub(super) heading: String,
    pub(super) page: String,
    /// Page and title.
    pub(super) posts: Vec<(String, String)>,
}

impl Listed {
    pub(super) fn new(words: &'static Words, links: &Links, kept: &Kept) -> Self {
        let post = |kept: &Arc<StoredPost>| {
            let page = links.post(&kept.post.channel, kept.post.id);
            (page, title::build(&kept.post, words.language()))
        };
        Self {
            heading: words
                .message(&Message::new("problem-kept").with("channel", shown(&kept.title))),
            page: links.channel(&kept.name, links.defaults()),
            posts: kept.posts.iter().map(post).collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Problem {
    frame: Frame,
    status: u16,
    heading: String,
    detail: String,
    /// Links: URL and label.
    ways: Vec<(String, &'static str)>,
    kept: Option<Listed>,
}

/// The links of an error page.
#[derive(Clone, Debug, Default)]
pub(in crate::web) struct Ways {
    /// The same URL, to retry.
    pub(in crate::web) here: Option<String>,
    /// The channel without the invalid options.
    pub(in crate::web) channel: Option<String>,
}

impl Ways {
    fn in_words(self, words: &'static Words) -> Vec<(String, &'static str)> {
        let here = self.here.map(|address| (address, words.tr("problem-retry")));
        let channel = self.channel.map(|address| (address, words.tr("problem-channel")));
        here.into_iter().chain(channel).collect()
    }
}

/// The page of an error; `None` if rendering fails.
pub(in crate::web) fn problem(
    words: &'static Words,
    links: &Links,
    status: u16,
    error: &Error,
    ways: Ways,
    kept: Option<&Kept>,
) -> Option<String> {
    let heading = words.message(&error.title());
    let frame = Frame::new(words, links, format!("{heading} · feedline"));
    let page = Problem {
        frame,
        status,
        heading,
        detail: words.message(&error.detail()),
        ways: ways.in_words(words),
        kept: kept.map(|kept| Listed::new(words, links, kept)),
    };
    render(&page).ok()
}
