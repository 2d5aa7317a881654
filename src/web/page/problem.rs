//! The page of what went wrong: what, why, what to do; then what is kept of the channel.

use std::sync::Arc;

use askama::Template;

use super::channel::shown;
use super::{Frame, Words, render};
use crate::feed::title;
use crate::links::Links;
use crate::model::{KeptPost, Snapshot};
use crate::web::error::Error;

/// The posts that are named of what is kept.
const NAMED: usize = 10;

/// What is kept of a channel that gives no good answer.
#[derive(Clone, Debug)]
pub(in crate::web) struct Kept {
    /// What it calls itself.
    pub(in crate::web) title: String,
    /// Its newest posts.
    pub(in crate::web) posts: Vec<Arc<KeptPost>>,
}

impl Kept {
    /// What a snapshot holds; none when that is nothing.
    pub(in crate::web) fn of(snapshot: &Snapshot) -> Option<Self> {
        let said = snapshot.posts.iter().filter(|kept| kept.post.service.is_none());
        let posts: Vec<_> = said.take(NAMED).cloned().collect();
        (!posts.is_empty()).then(|| Self { title: snapshot.channel.title.clone(), posts })
    }
}

/// What is kept, as a page lists it.
pub(super) struct Listed {
    pub(super) heading: String,
    /// Page and title.
    pub(super) posts: Vec<(String, String)>,
}

impl Listed {
    pub(super) fn new(words: &Words, links: &Links, kept: &Kept) -> Self {
        let post = |kept: &Arc<KeptPost>| {
            let page = links.post(&kept.post.channel, kept.post.id);
            (page, title::build(&kept.post, words.own))
        };
        Self {
            heading: (words.problem.kept)(&shown(&kept.title)),
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
    kept: Option<Listed>,
}

/// The page of an error; `None` when even that fails.
pub(in crate::web) fn problem(
    words: &'static Words,
    links: &Links,
    status: u16,
    error: &Error,
    kept: Option<&Kept>,
) -> Option<String> {
    let heading = (words.problem.title)(error);
    let frame = Frame::new(words, links, format!("{heading} · feedline"));
    let page = Problem {
        frame,
        status,
        heading,
        detail: (words.problem.detail)(error),
        kept: kept.map(|kept| Listed::new(words, links, kept)),
    };
    render(&page).ok()
}
