//! One post, through the page that others embed; of public groups too, which have no list.

use std::time::Duration;

use super::canary::{Freshness, Page};
use super::document::{self, Answer, Outcome};
use super::query::embed_path;
use super::{Face, NetworkError, Refusal, Stop, UnexpectedPage};
use crate::model::{ChannelName, MessageId, Post};
use crate::net::{OutboundId, Priority};
use crate::telegram::{Warning, embed};

/// One post, as it came.
#[derive(Clone, Debug)]
pub struct FetchedPost {
    /// The post; the message that was asked for is one of its members.
    pub post: Post,
    /// The title of its channel or group.
    pub title: Option<String>,
    /// Telegram vouches for the channel.
    pub verified: bool,
    /// What looked strange on it.
    pub warnings: Vec<Warning>,
    /// The outbound address that it came through.
    pub outbound: OutboundId,
    /// What the page itself took, without the queue and other requests.
    pub elapsed: Duration,
}

impl Face {
    /// One attempt at a post, through whichever outbound address can first.
    pub(super) async fn post(
        &self,
        channel: &ChannelName,
        id: MessageId,
        priority: &Priority,
    ) -> Result<FetchedPost, Stop> {
        let path = embed_path(channel, id);
        let name = channel.clone();
        let parse = move |html: &str| embed::parse_of(&name, html);
        let answer = document::fetch(&self.hosts, &path, None, priority, parse).await?;
        let Answer { outcome, outbound, elapsed } = answer;
        match outcome {
            // Half a post is none: its text or media may be missing.
            Outcome::Document { is_whole: false, .. } => {
                Err(Refusal::Unreachable(NetworkError::Truncated).into())
            }
            Outcome::Document {
                value: embed::Answer::Post { post, title, verified, warnings },
                ..
            } => {
                // UPSTREAM(2026-08): an embed may answer with another post than was asked for; an
                // album answers for each of its members.
                if !post.members.contains(&id) {
                    return Err(Refusal::MarkupChanged(UnexpectedPage::AnotherPost).into());
                }
                self.hosts.client.answered(outbound);
                let post = *post;
                Ok(FetchedPost { post, title, verified, warnings, outbound, elapsed })
            }
            Outcome::Document { value: embed::Answer::Refused(_), .. } | Outcome::Redirect(_) => {
                self.consult(Page::Landing, Freshness::Held, outbound, priority).await?;
                Err(Refusal::PostNotFound { channel: channel.clone(), id }.into())
            }
            Outcome::Throttled { retry_after } => {
                Err(self.doubt(retry_after, outbound, priority).await)
            }
        }
    }
}
