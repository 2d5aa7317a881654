//! `/-/status`: how this feedline is doing, as a page and as JSON.

use std::time::Duration;

use axum::extract::State as Shared;
use axum::response::Response;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::service::{Followed, OutboundTraffic, Status};
use crate::web::cache_policy::CachePolicy;
use crate::web::client::Client;
use crate::web::error::Error;
use crate::web::problem::Problem;
use crate::web::{State, accept, page, respond};

/// How long it is right.
const LIFE: CachePolicy = CachePolicy::For(Duration::from_secs(10));

/// A page, unless a program asks.
pub(in crate::web) async fn show(
    client: Client,
    Shared(state): Shared<State>,
) -> Result<Response, Problem> {
    let answer = if accept::prefers_json(&client.headers) {
        document(&client, &state).await
    } else {
        html(&client, &state).await
    };
    answer.map_err(|error| client.refuse(error))
}

/// JSON, whoever asks.
pub(in crate::web) async fn json(
    client: Client,
    Shared(state): Shared<State>,
) -> Result<Response, Problem> {
    document(&client, &state).await.map_err(|error| client.refuse(error))
}

async fn html(client: &Client, state: &State) -> Result<Response, Error> {
    let status = state.service.status().await;
    let html = page::status(client.words, &client.links, &status)?;
    respond::page(client, html, LIFE, status.date).await
}

async fn document(client: &Client, state: &State) -> Result<Response, Error> {
    let status = state.service.status().await;
    let json = serde_json::to_vec(&Document::new(&status)).map_err(|_| Error::Internal)?;
    respond::json(client, json, LIFE, status.date).await
}

/// The form that programs get: members may be added, none changes its meaning.
#[derive(Serialize)]
struct Document<'a> {
    date: String,
    telegram: Telegram,
    kept: Kept,
    schedule: Schedule,
    followed: Vec<Channel<'a>>,
}

#[derive(Serialize)]
struct Telegram {
    requests_last_hour: u64,
    /// Requests that somebody waits for, and those that nobody does.
    waiting: usize,
    background: usize,
    outbound: Vec<Outbound>,
}

#[derive(Serialize)]
struct Outbound {
    under_way: usize,
    /// Seconds.
    cools_down: u64,
}

#[derive(Serialize)]
struct Kept {
    channels: u64,
    posts: u64,
    /// Bytes; none when the archive cannot be read.
    archive_size: Option<u64>,
    archive_fault: Option<&'static str>,
    /// Rows that were met and cannot be decoded.
    archive_undecodable: usize,
}

#[derive(Serialize)]
struct Schedule {
    channels: usize,
    histories: usize,
    under_way: usize,
    stretch: f64,
    late: bool,
}

#[derive(Serialize)]
struct Channel<'a> {
    name: &'a str,
    title: Option<&'a str>,
    fetched: Option<String>,
    next: Option<String>,
    refusal: Option<&'static str>,
}

impl<'a> Document<'a> {
    fn new(status: &'a Status) -> Self {
        let (outlook, traffic) = (&status.outlook, &status.traffic);
        Self {
            date: rfc3339(status.date),
            telegram: Telegram {
                requests_last_hour: traffic.last_hour,
                waiting: traffic.waiting,
                background: traffic.background,
                outbound: traffic.outbounds.iter().map(Outbound::new).collect(),
            },
            kept: Kept {
                channels: status.channels,
                posts: status.posts,
                archive_size: status.archive_size,
                archive_fault: status.archive_fault,
                archive_undecodable: status.archive_undecodable,
            },
            schedule: Schedule {
                channels: outlook.channels,
                histories: outlook.histories,
                under_way: outlook.under_way,
                stretch: (outlook.stretch * 100.0).round() / 100.0,
                late: outlook.is_late,
            },
            followed: status.followed.iter().map(Channel::new).collect(),
        }
    }
}

impl Outbound {
    fn new(outbound: &OutboundTraffic) -> Self {
        let cools_down =
            outbound.backoff.as_secs() + u64::from(outbound.backoff.subsec_nanos() > 0);
        Self { under_way: outbound.under_way, cools_down }
    }
}

impl<'a> Channel<'a> {
    fn new(followed: &'a Followed) -> Self {
        Self {
            name: followed.name.as_str(),
            title: followed.title.as_deref(),
            fetched: followed.fetched.map(rfc3339),
            next: followed.next.map(rfc3339),
            refusal: followed.refusal,
        }
    }
}

fn rfc3339(date: DateTime<Utc>) -> String {
    date.to_rfc3339_opts(SecondsFormat::Secs, true)
}
