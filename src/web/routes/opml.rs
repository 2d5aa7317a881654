//! `/-/opml` and `/-/import`: export and import of subscriptions.

use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};

use super::preview;
use crate::feed::opml::{self, List, Outline, Reason};
use crate::model::{BadName, ChannelName, ChannelSet, FeedOptions, Source, Target};
use crate::web::cache_policy::CachePolicy;
use crate::web::client::Client;
use crate::web::error::Error;
use crate::web::extract::collection;
use crate::web::form::Form;
use crate::web::page::{self, PAGE_TTL};
use crate::web::{State, link_redirect, problem, respond};

const TITLE: &str = "feedline";

/// The path of imports, the only one that takes POST.
pub(in crate::web) const IMPORT: &str = "/-/import";

/// The number of feeds beyond the limit of a list.
const LEFT_OUT: HeaderName = HeaderName::from_static("feedline-left-out");

/// The query parameter with channel names.
const CHANNELS: &str = "channels";

/// The OPML file of the followed channels and the collections, or of the channels in the query.
pub(in crate::web) async fn show(client: Client) -> Response {
    problem::respond(&client, export(&client).await)
}

async fn export(client: &Client) -> Result<Response, Error> {
    let state = &client.state;
    let outlines = match client.parameter(CHANNELS) {
        Some(names) => named(client, &names)?,
        None => {
            let collections = state.settings.collections.values();
            let collections: Vec<Source> =
                collections.filter_map(|found| collection(found, state).ok()).collect();
            opml::followed(&state.settings.follow, &collections, &titles(state), &client.links)
        }
    };
    let policy = CachePolicy::For(PAGE_TTL);
    respond::opml(client, opml::write(TITLE, &outlines), policy).await
}

/// The channels of the query. In a query, a plus sign means a space.
fn named(client: &Client, names: &str) -> Result<Vec<Outline>, Error> {
    let mut list = opml::read(&[names.replace(['+', ' ', ','], "\n").as_bytes()], &client.links);
    list.keep_served(|name| client.state.settings.serves(name));
    if let Some(unread) = list.unread.into_iter().find(|unread| unread.reason != Reason::Twice) {
        return Err(Error::Unread { text: unread.text, reason: unread.reason });
    }
    let outline = |entry| Outline::new(entry, &titles(&client.state), &client.links);
    Ok(list.entries.iter().map(outline).collect())
}

/// The cached titles of channels.
fn titles(state: &State) -> impl Fn(&ChannelName) -> Option<String> + '_ {
    |name| state.service.cached_title(name)
}

/// Imports the text, the file, or both, from the form of the start page.
pub(in crate::web) async fn import(client: Client, request: Request) -> Response {
    let mut response = problem::respond(&client, receive(&client, request).await);
    // A redirect after POST is 303, so that the client requests the target with GET.
    if response.status() == StatusCode::FOUND {
        *response.status_mut() = StatusCode::SEE_OTHER;
    }
    response
}

async fn receive(client: &Client, request: Request) -> Result<Response, Error> {
    // SECURITY: many large bodies at once exhaust memory, because each is buffered -> only a few are received at a
    // time.
    let _permit = client.state.imports.acquire().await.map_err(|_| Error::Internal)?;
    let form = Form::read(request, client.state.settings.body_size).await?;
    let as_file = &*form.get("as") == b"opml";
    if let Some(address) = previewed(client, &form).filter(|_| !as_file) {
        return respond::redirect(&address, &CachePolicy::Never, None);
    }
    read(client, form.get(preview::FIELD), form.get("file"), as_file).await
}

/// The preview of a single channel in the form: a page that can be reloaded.
fn previewed(client: &Client, form: &Form) -> Option<String> {
    let text = form.get(preview::FIELD);
    let text = String::from_utf8_lossy(&text);
    let target = only_target(&text).filter(|_| form.get("file").is_empty())?.ok()?;
    // Text that is not a single link is replaced by the target's shortest form.
    let short = || target.to_string().trim_start_matches('@').to_owned();
    let line = only_line(&text).filter(|line| Target::parse(line).is_ok());
    let text = line.map_or_else(short, str::to_owned);
    is_previewed(client, &target).then(|| client.links.pasted(&text))
}

/// Whether the client gets a preview of the channel. Programs are redirected to its page.
fn is_previewed(client: &Client, target: &Target) -> bool {
    client.is_browser && target.message.is_none()
}

/// Responds to the input of the form: a preview for a name or link, a redirect for a post's link, the form with the
/// reason for invalid input, and feeds for a list.
pub(super) async fn read(
    client: &Client,
    text: Bytes,
    file: Bytes,
    as_file: bool,
) -> Result<Response, Error> {
    let pasted = String::from_utf8_lossy(&text).into_owned();
    let is_text = file.is_empty() && !as_file;
    let target = only_target(&pasted).filter(|_| is_text);
    if let Some(Ok(target)) = &target {
        return if is_previewed(client, target) {
            preview::show(client, pasted.trim(), target).await
        } else {
            link_redirect::to_target(client, target)
        };
    }
    let links = client.links.clone();
    let reading = tokio::task::spawn_blocking(move || opml::read(&[&text, &file], &links));
    let mut list = reading.await.map_err(|_| Error::Internal)?;
    list.keep_served(|name| client.state.settings.serves(name));
    let line = only_line(&pasted).filter(|_| is_text);
    if let Some(address) = only_place(client, line, &list).filter(|_| !as_file) {
        return respond::redirect(&address, &CachePolicy::Never, None);
    }
    match target {
        Some(Err(reason)) if list.entries.is_empty() => {
            preview::refuse(client, &pasted, reason.into(), None).await
        }
        _ => answer(client, &list, as_file).await,
    }
}

/// The target of a list with a single destination, in a browser: several channels as one (`a+b`), or a channel in
/// another notation, such as a feed's URL.
fn only_place(client: &Client, line: Option<&str>, list: &List) -> Option<String> {
    let is_lone = list.others.is_empty() && list.is_used();
    match list.entries.as_slice() {
        _ if !client.is_browser => None,
        [] => {
            // A leading plus sign marks an invitation.
            let is_set =
                |line: &&str| !line.starts_with('+') && !line.contains(char::is_whitespace);
            let set = ChannelSet::parse(line.filter(is_set)?).ok()?;
            (set.names().len() > 1)
                .then(|| client.links.page(&Source::Channels(set), &FeedOptions::default()))
        }
        [entry] if is_lone && entry.subscription.is_plain(client.links.defaults()) => {
            entry.subscription.channel().map(|name| client.links.pasted(name.as_str()))
        }
        _ => None,
    }
}

/// The only channel or post in a text, or the reason why there is none. `None` for several, and for files.
fn only_target(text: &str) -> Option<Result<Target, BadName>> {
    if opml::is_file(text) {
        return None;
    }
    match Target::find_all(text) {
        Ok(targets) => <[Target; 1]>::try_from(targets).ok().map(|[target]| Ok(target)),
        Err(reason) => Some(Err(reason)),
    }
}

/// The trimmed text, if it is a single line and no file.
fn only_line(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.contains(['\n', '\r']) && !opml::is_file(text)).then_some(text)
}

/// The list as a page, or as OPML.
async fn answer(client: &Client, list: &List, as_file: bool) -> Result<Response, Error> {
    if let Some(reason) = reason(list).filter(|_| !client.is_browser) {
        return Err(reason);
    }
    let titles = titles(&client.state);
    let outline = |entry| Outline::new(entry, &titles, &client.links);
    let outlines: Vec<Outline> = list.entries.iter().map(outline).collect();
    let file = opml::write(TITLE, &[&*outlines, &*list.others].concat());
    if as_file || !client.is_browser {
        let mut response = respond::opml(client, file, CachePolicy::Never).await?;
        if list.left_out > 0 {
            response.headers_mut().insert(LEFT_OUT, HeaderValue::from(list.left_out));
        }
        return Ok(response);
    }
    let html = page::import(&client.context(), list, &outlines, &file)?;
    let status = if list.entries.is_empty() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    Ok(respond::uncached_page(client, status, html))
}

/// The reason why a list is empty; `None` if it is not.
fn reason(list: &List) -> Option<Error> {
    if !list.entries.is_empty() {
        return None;
    }
    Some(match list.unread.first() {
        Some(opml::Unread { reason: Reason::Name(reason), .. }) => reason.clone().into(),
        Some(unread) => Error::Unread { text: unread.text.clone(), reason: unread.reason.clone() },
        None => BadName::Empty.into(),
    })
}
