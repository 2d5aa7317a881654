//! `/<channel>/<id>.<ext>`, `/<id>-poster.jpg`, `/<id>-preview.jpg`, `/<channel>/avatar.jpg`, `/-/emoji/<id>.webp`:
//! media files.
//!
//! The operator decides whether feedline serves files or redirects to Telegram. If it serves them, `?media=redirect`
//! requests the redirect.

use std::time::Duration;

use axum::response::Response;
use http::{Method, StatusCode};

use crate::media::{Answer, MediaRef};
use crate::model::{ChannelName, File, MessageId};
use crate::service;
use crate::web::cache_policy::{CachePolicy, FILE_TTL};
use crate::web::client::Client;
use crate::web::error::Error;
use crate::web::extract::{Emoji, Origin, Parsed};
use crate::web::{file_response, problem, respond};

/// The TTL of a redirect to a file, shorter than the lifetime of its URL.
const REDIRECT_TTL: CachePolicy = CachePolicy::For(Duration::from_secs(10 * 60));

pub(in crate::web) async fn emoji(
    method: Method,
    Parsed { client, what: Emoji(id, origin) }: Parsed<Emoji>,
) -> Response {
    let result = serve(&client, &method, &MediaRef::Emoji(id), origin).await;
    problem::respond(&client, result)
}

pub(super) async fn answer(
    client: &Client,
    method: &Method,
    name: &ChannelName,
    file: File,
    origin: Origin,
) -> Result<Response, Error> {
    let answer = serve(client, method, &MediaRef::File(name.clone(), file), origin).await;
    match (answer, file) {
        (Err(Error::Service(service::Error::NoSuchFile)), File::Media(id, extension)) => {
            // The client may know the message's ID without the type of its file: redirect to the right extension.
            let media = client.state.service.files().media(name, id).await?;
            let other = media.filter(|media| media.kind.extension() != extension);
            let other = other.ok_or(Error::Service(service::Error::NoSuchFile))?;
            let address = client.links.media(name, &other, origin.mode(client));
            let policy = CachePolicy::For(FILE_TTL);
            let mut response = respond::redirect(&address, &policy, None)?;
            *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
            Ok(response)
        }
        (answer, _) => answer,
    }
}

/// The outline of an animated sticker, a generated SVG. If the post is known, nothing is fetched.
pub(super) async fn outline(
    client: &Client,
    name: &ChannelName,
    id: MessageId,
) -> Result<Response, Error> {
    let service = &client.state.service;
    let media = match service.files().media(name, id).await? {
        Some(media) => Some(media),
        None => {
            let post = service.post(name, id, client.client_id).await?.post;
            post.post.media.iter().find(|media| media.message == id).cloned()
        }
    };
    let outline = media.and_then(|media| media.outline);
    let svg = outline.ok_or(Error::Service(service::Error::NoSuchFile))?.to_svg();
    Ok(file_response::svg(&client.headers, svg, client.now()))
}

async fn serve(
    client: &Client,
    method: &Method,
    media: &MediaRef,
    origin: Origin,
) -> Result<Response, Error> {
    let state = &client.state;
    if origin == Origin::Telegram {
        let address = state.media.locate(media, client.client_id).await?;
        return respond::redirect(address.as_str(), &REDIRECT_TTL, None);
    }
    match state.media.open(media, method == Method::HEAD, client.client_id).await? {
        Answer::Redirect(address) => respond::redirect(address.as_str(), &REDIRECT_TTL, None),
        Answer::File(file) => {
            let segment = client.path.rsplit('/').next().unwrap_or_default();
            let name = match media {
                MediaRef::File(name, _) => format!("{name}-{segment}"),
                MediaRef::Emoji(_) => format!("emoji-{segment}"),
            };
            file_response::respond(client, method, file, &name).await
        }
    }
}
