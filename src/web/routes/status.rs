//! `/-/status`: the status as a page and as JSON.

use std::time::Duration;

use axum::response::Response;
use serde_json::{Value, json};

use crate::service::{Followed, OutboundTraffic, Status};
use crate::web::cache_policy::CachePolicy;
use crate::web::client::Client;
use crate::web::error::Error;
use crate::web::page::rfc3339;
use crate::web::{accept, page, problem, respond};

const POLICY: CachePolicy = CachePolicy::For(Duration::from_secs(10));

/// A page, or JSON if the client prefers it.
pub(in crate::web) async fn show(client: Client) -> Response {
    let result = if accept::prefers_json(&client.headers) {
        document(&client).await
    } else {
        html(&client).await
    };
    problem::respond(&client, result)
}

/// JSON, whatever the client prefers.
pub(in crate::web) async fn json(client: Client) -> Response {
    problem::respond(&client, document(&client).await)
}

async fn html(client: &Client) -> Result<Response, Error> {
    let html = page::status(&client.context(), &*client.state.service.status().await)?;
    respond::page(client, html, POLICY).await
}

async fn document(client: &Client) -> Result<Response, Error> {
    let json = json_of(&*client.state.service.status().await);
    respond::json(client, json.to_string().into_bytes(), POLICY).await
}

/// The stable JSON format: members may be added, but never change their meaning.
fn json_of(status: &Status) -> Value {
    let (outlook, traffic) = (&status.outlook, &status.traffic);
    json!({
        "date": rfc3339(status.date),
        "telegram": {
            "requests_last_hour": traffic.last_hour,
            // Requests with a waiting client, and background requests.
            "waiting": traffic.waiting,
            "background": traffic.background,
            "outbound": traffic.outbounds.iter().map(outbound).collect::<Vec<_>>(),
        },
        "kept": {
            "channels": status.channels,
            "posts": status.posts,
            // Bytes; null if the archive cannot be read.
            "archive_size": status.archive_size,
            "archive_fault": status.archive_fault,
            // Rows that could not be decoded.
            "archive_undecodable": status.archive_undecodable,
        },
        "schedule": {
            "channels": outlook.channels,
            "histories": outlook.histories,
            "under_way": outlook.under_way,
            "stretch": (outlook.stretch * 100.0).round() / 100.0,
            "late": outlook.is_late,
        },
        "followed": status.followed.iter().map(followed).collect::<Vec<_>>(),
    })
}

fn outbound(outbound: &OutboundTraffic) -> Value {
    let backoff = outbound.backoff;
    let seconds = backoff.as_secs() + u64::from(backoff.subsec_nanos() > 0);
    json!({ "under_way": outbound.under_way, "cools_down": seconds })
}

fn followed(followed: &Followed) -> Value {
    json!({
        "name": followed.name.as_str(),
        "title": followed.title.as_deref(),
        "fetched": followed.fetched.map(rfc3339),
        "next": followed.next.map(rfc3339),
        "refusal": followed.refusal,
    })
}
