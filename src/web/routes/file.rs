//! `/<channel>/<id>.<ext>`, `/<id>-poster.jpg`, `/<id>-preview.jpg`, `/<channel>/avatar.jpg`, `/-/emoji/<id>.webp`: files.
//!
//! They come from us, or by a redirect from Telegram: the operator decides, and where they come from us an address can ask
//! for the redirect. Ours are conditional and can be asked for in parts (RFC 9110, sections 13 and 14).

use std::time::Duration;

use axum::response::Response;
use http::{Method, StatusCode};

use crate::media::{self, Answer, Ask};
use crate::model::{ChannelName, MessageId};
use crate::service::{self, Class, ClientId, File};
use crate::text::Address;
use crate::web::cache_policy::CachePolicy;
use crate::web::delivery::{self, Delivery};
use crate::web::error::{Error, Problem};
use crate::web::extract::{Client, Emoji, Origin, Parsed};
use crate::web::{State, conditional, respond};

/// How long a redirect to a file may be followed: the address lives a little longer.
const REDIRECT_LIFE: CachePolicy = CachePolicy::For(Duration::from_secs(10 * 60));

/// A file that is asked for.
#[derive(Clone, Copy)]
enum Wanted<'a> {
    Of(&'a ChannelName, File),
    Emoji(u64),
}

impl Wanted<'_> {
    async fn open(
        self,
        state: &State,
        ask: &Ask,
        client_id: ClientId,
    ) -> Result<Answer, media::Error> {
        match self {
            Self::Of(name, file) => state.media.open(name, file, ask, client_id).await,
            Self::Emoji(id) => state.media.open_emoji(id, ask, client_id).await,
        }
    }

    /// Where it lies at Telegram.
    async fn find(self, state: &State, client_id: ClientId) -> Result<Address, service::Error> {
        match self {
            Self::Of(name, file) => state.service.file(name, file, client_id).await,
            Self::Emoji(id) => {
                let found = state.service.locate_emoji(id, None, Class::Media, client_id).await;
                found.map(|found| found.address)
            }
        }
    }

    /// The name under which a browser saves it; `segment` is the end of its address.
    fn name(self, segment: &str) -> String {
        match self {
            Self::Of(name, _) => format!("{name}-{segment}"),
            Self::Emoji(_) => format!("emoji-{segment}"),
        }
    }
}

/// The picture of an emoji of Telegram's own.
pub(in crate::web) async fn emoji(
    method: Method,
    Parsed { client, state, what: Emoji(id, from) }: Parsed<Emoji>,
) -> Result<Response, Problem> {
    let answer = serve(&client, &state, &method, Wanted::Emoji(id), from).await;
    answer.map_err(|error| client.refuse(error))
}

/// A file of a channel's.
pub(super) async fn answer(
    client: &Client,
    state: &State,
    method: &Method,
    (name, file, from): (&ChannelName, File, Origin),
) -> Result<Response, Error> {
    let answer = serve(client, state, method, Wanted::Of(name, file), from).await;
    match (answer, file) {
        (Err(Error::Service(service::Error::NoSuchFile)), File::Media(id, extension)) => {
            // Somebody who knows the message's number may not know what it carries.
            let media = state.service.media_at_hand(name, id).await?;
            let other = media.filter(|media| media.kind.extension() != extension);
            let other = other.ok_or(Error::Service(service::Error::NoSuchFile))?;
            let address = client.links.media(name, &other, from.mode(client));
            let mut response = respond::redirect(&address, &delivery::FILE_LIFE, None)?;
            *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
            Ok(response)
        }
        (answer, _) => answer,
    }
}

/// The outline of a drawn sticker: a drawing of ours, for which nothing has to be fetched where the post is known.
pub(super) async fn outline(
    client: &Client,
    state: &State,
    name: &ChannelName,
    id: MessageId,
) -> Result<Response, Error> {
    let at_hand = state.service.media_at_hand(name, id).await?;
    let media = match at_hand {
        Some(media) => Some(media),
        None => {
            let post = state.service.post(name, id, client.client_id).await?.kept;
            post.post.media.iter().find(|media| media.message == id).cloned()
        }
    };
    let outline = media.and_then(|media| media.outline);
    let svg = outline.ok_or(Error::Service(service::Error::NoSuchFile))?.to_svg();
    Ok(delivery::drawing(&client.headers, svg, state.service.clock().now()))
}

/// Sends what of a file is wanted: the way to it; nothing, when the client has it; a part; the whole.
async fn serve(
    client: &Client,
    state: &State,
    method: &Method,
    wanted: Wanted<'_>,
    from: Origin,
) -> Result<Response, Error> {
    let client_id = client.client_id;
    if from == Origin::Telegram {
        let address = wanted.find(state, client_id).await?;
        return respond::redirect(address.as_str(), &REDIRECT_LIFE, None);
    }
    let ask = if method == Method::HEAD {
        Ask { is_head: true, ..Ask::default() }
    } else {
        delivery::asked(&client.headers)
    };
    let mut opened = wanted.open(state, &ask, client_id).await;
    // Whether the client has the file already decides before what part of it is wanted.
    let outside = opened.as_ref().err().filter(|error| is_unsatisfiable(error)).cloned();
    if outside.is_some() && conditional::is_conditional(&client.headers) {
        opened = wanted.open(state, &Ask::default(), client_id).await;
    }
    let opened = match opened? {
        Answer::Redirect(address) => {
            return respond::redirect(address.as_str(), &REDIRECT_LIFE, None);
        }
        Answer::File(opened) => *opened,
    };
    let segment = client.path.rsplit('/').next().unwrap_or_default();
    let now = state.service.clock().now();
    let delivery = Delivery { opened, file_name: wanted.name(segment), now };
    match outside {
        _ if delivery.is_another(&client.headers) => Err(Error::Another),
        _ if delivery.is_known(&client.headers) => Ok(delivery.not_modified()),
        Some(outside) => Err(outside.into()),
        None => Ok(delivery.send()),
    }
}

fn is_unsatisfiable(error: &media::Error) -> bool {
    matches!(error, media::Error::Unsatisfiable { .. })
}
