//! `/<channel>`, `/<a>+<b>`, `/-/collections/<name>` and the resources below: pages, feeds, posts and files.

use axum::response::Response;
use http::Method;

use super::{PAGE_TIMEOUT, file, within_page};
use crate::model::{ChannelName, FeedOptions, Format, MessageId, Source};
use crate::service::Listing;
use crate::web::cache_policy::CachePolicy;
use crate::web::client::Client;
use crate::web::error::Error;
use crate::web::extract::{Parsed, Requested};
use crate::web::page::{Newer, PAGE_TTL};
use crate::web::{accept, page, problem, respond};

pub(in crate::web) async fn show(
    method: Method,
    Parsed { client, what }: Parsed<Requested>,
) -> Response {
    let client = &client;
    match &what {
        Requested::Page(source, options) => {
            let result = posts(client, source, options).await;
            match source.single() {
                Some(name) => problem::respond_about(client, name, result).await,
                None => problem::respond(client, result),
            }
        }
        Requested::Post(name, id) => {
            problem::respond_about(client, name, post(client, name, *id).await).await
        }
        Requested::Feed(source, format, options) => {
            problem::respond(client, feed(client, source, *format, options).await)
        }
        Requested::Outline(name, id) => {
            problem::respond(client, file::outline(client, name, *id).await)
        }
        Requested::File(name, file, origin) => {
            problem::respond(client, file::answer(client, &method, name, *file, *origin).await)
        }
    }
}

/// The page of posts, or a redirect to the preferred feed.
async fn posts(client: &Client, source: &Source, options: &FeedOptions) -> Result<Response, Error> {
    let redirect =
        |address: &str| respond::redirect(address, &CachePolicy::For(PAGE_TTL), Some("Accept"));
    if let Some(format) = accept::preferred_feed(&client.headers) {
        return redirect(&client.links.feed_of(source, format, options));
    }
    let wanted = within_page(options);
    let feeds = client.state.service.feeds();
    let listing = feeds.page(source, &wanted, PAGE_TIMEOUT, client.client_id).await?;
    if let Some((source, options)) = listing.channels.moved(source, options) {
        return redirect(&client.links.page(&source, &options));
    }
    let newer = newer(client, source, &listing, options).await?;
    let html = page::posts(&client.context(), source, &listing, options, newer, client.now())?;
    let policy = CachePolicy::Page(listing.channels.freshness(), listing.channels.missing);
    respond::page(client, html, policy).await
}

/// The start of the page with newer posts; `None` for several channels.
async fn newer(
    client: &Client,
    source: &Source,
    listing: &Listing,
    options: &FeedOptions,
) -> Result<Option<Newer>, Error> {
    let channel = source.single().zip(listing.channels.states.first());
    let Some((name, channel)) = channel else { return Ok(None) };
    let Some(before) = options.before().and_then(|before| before.of(name)) else { return Ok(None) };
    let posts = within_page(options).limit().map_or(page::MAX_POSTS, usize::from);
    Ok(Some(Newer(client.state.service.feeds().newer(channel, options, before, posts).await?)))
}

async fn feed(
    client: &Client,
    source: &Source,
    format: Format,
    options: &FeedOptions,
) -> Result<Response, Error> {
    let feeds = client.state.service.feeds();
    let feed = feeds.feed(source, options, format, client.base(), client.client_id).await?;
    if let Some((source, options)) = &feed.moved {
        let address = client.links.feed_of(source, format, options);
        return respond::redirect(&address, &CachePolicy::For(PAGE_TTL), None);
    }
    respond::feed(client, &feed, format).await
}

async fn post(client: &Client, name: &ChannelName, id: MessageId) -> Result<Response, Error> {
    let view = client.state.service.post(name, id, client.client_id).await?;
    let html = page::post(&client.context(), &view)?;
    respond::page(client, html, CachePolicy::For(PAGE_TTL)).await
}
