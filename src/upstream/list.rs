//! A channel's list of posts.

use std::time::Duration;

use tokio::time::sleep;

use super::canary::{Freshness, Page as CanaryPage};
use super::document::{self, Answer, Outcome, Parser};
use super::query::{Query, list_path, redirected_to};
use super::{Face, NetworkError, Refusal, Stop};
use crate::model::{ChannelName, Page};
use crate::net::{OutboundId, Priority};
use crate::telegram::Warning;
use crate::telegram::preview::{self, Parsed};

/// How long an empty page is given to fill.
const SECOND_LOOK: Duration = Duration::from_secs(2);

/// A page of a channel's posts, as it came.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The page. When it is not whole, its last block is left out, and nothing may be concluded from it.
    pub page: Page,
    /// What looked strange on it.
    pub warnings: Vec<Warning>,
    /// The outbound address that it came through.
    pub outbound: OutboundId,
    /// What the page itself took, without the queue and other requests.
    pub elapsed: Duration,
}

impl Face {
    /// One attempt at a page, through whichever outbound address can first.
    pub(super) async fn list(
        &self,
        channel: &ChannelName,
        query: &Query,
        priority: &Priority,
    ) -> Result<Fetched, Stop> {
        let (mut name, mut through) = (channel.clone(), None);
        loop {
            let path = list_path(&name, query);
            let answer =
                document::fetch(&self.hosts, &path, through, priority, parser(&name)).await?;
            let is_first = through.is_none();
            through = Some(answer.outbound);
            if let Outcome::Redirect(Some(location)) = &answer.outcome {
                let other = redirected_to(location, self.hosts.bases());
                // A channel that was renamed: followed once.
                if let Some(other) = other.filter(|other| is_first && *other != name) {
                    name = other;
                    continue;
                }
            }
            return self.read(&name, query, answer, priority).await;
        }
    }

    /// What an answer means that leads nowhere else.
    async fn read(
        &self,
        name: &ChannelName,
        query: &Query,
        answer: Answer<Parsed>,
        priority: &Priority,
    ) -> Result<Fetched, Stop> {
        let is_blank = matches!(&answer.outcome,
            Outcome::Document { value, is_whole: true } if has_no_posts(&value.page));
        // UPSTREAM(2026-08): "No posts found" on a newest page may be the answer of an overloaded server.
        // With a position or words it means what it says.
        if !is_blank || *query != Query::Newest {
            return self.conclude(name, answer, priority).await;
        }
        sleep(SECOND_LOOK).await;
        let (path, outbound) = (list_path(name, query), Some(answer.outbound));
        let again = document::fetch(&self.hosts, &path, outbound, priority, parser(name)).await?;
        let outbound = again.outbound;
        let is_blank = matches!(&again.outcome,
            Outcome::Document { value, .. } if has_no_posts(&value.page));
        if is_blank {
            self.consult(CanaryPage::List, Freshness::Held, outbound, priority).await?;
        }
        self.conclude(name, again, priority).await
    }

    async fn conclude(
        &self,
        name: &ChannelName,
        answer: Answer<Parsed>,
        priority: &Priority,
    ) -> Result<Fetched, Stop> {
        let Answer { outcome, outbound, elapsed } = answer;
        match outcome {
            Outcome::Document { value: Parsed { mut page, warnings }, is_whole } => {
                page.is_whole &= is_whole;
                if !page.is_whole {
                    drop_last_block(&mut page);
                    if page.posts.is_empty() {
                        return Err(Refusal::Unreachable(NetworkError::Truncated).into());
                    }
                }
                if !page.posts.is_empty() {
                    self.hosts.client.answered(outbound);
                }
                Ok(Fetched { page, warnings, outbound, elapsed })
            }
            Outcome::Redirect(_) => Err(self.explain(name, outbound, priority).await),
            Outcome::Throttled { retry_after } => {
                Err(self.doubt(retry_after, outbound, priority).await)
            }
        }
    }
}

/// Reads the list of this name.
fn parser(name: &ChannelName) -> impl Parser<Parsed> + use<> {
    let name = name.clone();
    move |html: &str| preview::parse_of(&name, html)
}

fn has_no_posts(page: &Page) -> bool {
    page.posts.is_empty() && (page.says_empty || page.blocks == 0)
}

/// The last block of a page that breaks off may be half a post: it is as if it had not come.
fn drop_last_block(page: &mut Page) {
    let last_post = page.posts.last().and_then(|post| post.members.iter().max().copied());
    let last_unreadable = page.unreadable.iter().max().copied();
    if last_unreadable > last_post {
        page.unreadable.retain(|id| Some(*id) != last_unreadable);
    } else {
        page.posts.pop();
    }
    page.blocks = page.blocks.saturating_sub(1);
}
