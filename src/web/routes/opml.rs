//! `/-/opml` and `/-/import`: lists of subscriptions, out and in.

use axum::extract::{Request, State as Shared};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::StatusCode;

use super::preview;
use crate::feed::opml::{self, BadSubscription, List, Outline, Reason};
use crate::model::{BadName, ChannelName, ChannelSet, FeedOptions, Source, Target};
use crate::web::cache_policy::CachePolicy;
use crate::web::client::Client;
use crate::web::error::Error;
use crate::web::extract::of_collection;
use crate::web::form::Form;
use crate::web::problem::Problem;
use crate::web::{State, link_redirect, page, respond};

/// What the list is called.
const TITLE: &str = "feedline";

/// Where a form is sent to: the one address that takes more than questions.
pub(in crate::web) const IMPORT: &str = "/-/import";

/// The query's name, and that of the box.
const CHANNELS: &str = "channels";

/// What is followed here, or the channels of the query.
pub(in crate::web) async fn show(
    client: Client,
    Shared(state): Shared<State>,
) -> Result<Response, Problem> {
    export(&client, &state).await.map_err(|error| client.refuse(error))
}

async fn export(client: &Client, state: &State) -> Result<Response, Error> {
    let mut pairs = url::form_urlencoded::parse(client.query.as_bytes());
    let outlines = match pairs.find(|(name, _)| name == CHANNELS) {
        Some((_, names)) => named(client, state, &names)?,
        None => {
            let collections = state.settings.collections.iter();
            let collections: Vec<Source> = collections
                .filter_map(|collection| of_collection(collection, state).ok())
                .collect();
            let follow: Vec<ChannelName> = state.settings.follow.clone();
            opml::followed(&follow, &collections, &titles(state), &client.links)
        }
    };
    let policy = CachePolicy::For(page::PAGE_LIFE);
    let now = state.service.clock().now();
    respond::opml(client, opml::write(TITLE, &outlines), policy, now).await
}

/// A plus sign in a query means a space.
fn named(client: &Client, state: &State, names: &str) -> Result<Vec<Outline>, Error> {
    let mut list = opml::read(names.replace(['+', ' ', ','], "\n").as_bytes(), &client.links);
    list.keep_served(|name| state.serves(name));
    if let Some(unread) = list.unread.into_iter().find(|unread| unread.reason != Reason::Twice) {
        return Err(Error::Unread { text: unread.text, reason: unread.reason });
    }
    let outline = |entry| Outline::new(entry, &titles(state), &client.links);
    Ok(list.entries.iter().map(outline).collect())
}

/// What channels call themselves, as far as is known without asking.
fn titles(state: &State) -> impl Fn(&ChannelName) -> Option<String> + '_ {
    |name| state.service.cached_title(name)
}

/// What the box of the start page sends: lines, or a file, or both.
pub(in crate::web) async fn import(
    client: Client,
    Shared(state): Shared<State>,
    request: Request,
) -> Response {
    let answer = receive(&client, &state, request).await;
    answer.unwrap_or_else(|error| client.refuse(error).into_response())
}

async fn receive(client: &Client, state: &State, request: Request) -> Result<Response, Error> {
    // SECURITY: many large bodies at once -> each is held whole, so only so many are received at a time.
    let _turn = state.imports.acquire().await.map_err(|_| Error::Internal)?;
    let form = Form::read(request, state.settings.body_size).await?;
    let as_file = &*form.get("as") == b"opml";
    if let Some(address) = previewed(client, &form).filter(|_| !as_file) {
        return Ok(got(respond::redirect(&address, &CachePolicy::Never, None)?));
    }
    let response = read(client, state, form.get(preview::FIELD), form.get("file"), as_file).await?;
    Ok(got(response))
}

/// Where the one channel that a form names is looked at: a page that can be loaded again.
fn previewed(client: &Client, form: &Form) -> Option<String> {
    let text = form.get(preview::FIELD);
    let text = String::from_utf8_lossy(&text);
    let target = only_target(&text).filter(|_| form.get("file").is_empty())?.ok()?;
    // What is not plainly one link is said in the shortest form.
    let short = || target.to_string().trim_start_matches('@').to_owned();
    let line = only_line(&text).filter(|line| Target::parse(line).is_ok());
    let text = line.map_or_else(short, str::to_owned);
    is_looked_at(client, &target).then(|| client.links.pasted(&text))
}

/// Whether a person is shown the channel before its page; programs are led there.
fn is_looked_at(client: &Client, target: &Target) -> bool {
    client.is_browser && target.message.is_none()
}

/// The form was sent by POST; what it leads to is to be got.
fn got(mut response: Response) -> Response {
    if response.status() == StatusCode::FOUND {
        *response.status_mut() = StatusCode::SEE_OTHER;
    }
    response
}

/// One name or link is looked at before anybody subscribes, a post's link leads to its page, and what is none stays in the
/// box; a list becomes addresses.
pub(super) async fn read(
    client: &Client,
    state: &State,
    text: Bytes,
    file: Bytes,
    as_file: bool,
) -> Result<Response, Error> {
    let pasted = String::from_utf8_lossy(&text).into_owned();
    let is_text = file.is_empty() && !as_file;
    let target = only_target(&pasted).filter(|_| is_text);
    if let Some(Ok(target)) = &target {
        return if is_looked_at(client, target) {
            preview::show(client, state, pasted.trim(), target).await
        } else {
            link_redirect::lead_to(client, target)
        };
    }
    let links = client.links.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let mut list = opml::read(&text, &links);
        list.extend(opml::read(&file, &links), &links);
        list
    });
    let mut list = reading.await.map_err(|_| Error::Internal)?;
    list.keep_served(|name| state.serves(name));
    let line = only_line(&pasted).filter(|_| is_text);
    if let Some(address) = only_place(client, line, &list).filter(|_| !as_file) {
        return respond::redirect(&address, &CachePolicy::Never, None);
    }
    match target {
        Some(Err(reason)) if list.entries.is_empty() => {
            preview::refuse(client, state, &pasted, reason.into(), None).await
        }
        _ => answer(client, state, &list, as_file).await,
    }
}

/// Where a list leads that is one thing, in a browser: several channels as one (`a+b`), or a channel that is written in
/// another way, as the address of a feed.
fn only_place(client: &Client, line: Option<&str>, list: &List) -> Option<String> {
    let is_lone = list.others.is_empty() && list.is_used();
    match list.entries.as_slice() {
        _ if !client.is_browser => None,
        [] => {
            // A plus sign in front is an invitation's.
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

/// The one channel or post that a text names, or why it names none; `None` when it names several, or is a file.
fn only_target(text: &str) -> Option<Result<Target, BadName>> {
    if opml::is_file(text) {
        return None;
    }
    match Target::find_all(text) {
        Ok(targets) => <[Target; 1]>::try_from(targets).ok().map(|[target]| Ok(target)),
        Err(reason) => Some(Err(reason)),
    }
}

/// The text without space around it, when it is one line and no file.
fn only_line(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.contains(['\n', '\r']) && !opml::is_file(text)).then_some(text)
}

/// A list as a page, or as the file itself.
async fn answer(
    client: &Client,
    state: &State,
    list: &List,
    as_file: bool,
) -> Result<Response, Error> {
    if let Some(reason) = reason(list).filter(|_| !client.is_browser) {
        return Err(reason);
    }
    let titles = titles(state);
    let outline = |entry| Outline::new(entry, &titles, &client.links);
    let outlines: Vec<Outline> = list.entries.iter().map(outline).collect();
    let file = opml::write(TITLE, &[&*outlines, &*list.others].concat());
    if as_file || !client.is_browser {
        return respond::opml(client, file, CachePolicy::Never, state.service.clock().now()).await;
    }
    let html = page::import(client.words, &client.links, list, &outlines, &file)?;
    let status = if list.entries.is_empty() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    Ok(respond::unkept_page(client, status, html))
}

/// Why there is nothing in a list; none when there is something.
fn reason(list: &List) -> Option<Error> {
    if !list.entries.is_empty() {
        return None;
    }
    Some(match list.unread.first() {
        Some(opml::Unread {
            reason: Reason::Subscription(BadSubscription::Name(reason)), ..
        }) => reason.clone().into(),
        Some(unread) => Error::Unread { text: unread.text.clone(), reason: unread.reason.clone() },
        None => BadName::Empty.into(),
    })
}
