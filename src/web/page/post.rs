//! The page of a post.

use askama::Template;

use super::context::Context;
use super::item::{Item, MAX_ALONE, app, content, rfc3339, usual_language};
use super::posts::shown;
use super::{Error, Frame, Meta, feeds, render};
use crate::feed::{content as post_content, language, title};
use crate::links::telegram_channel;
use crate::locale::Message;
use crate::model::{FeedOptions, Post, StoredPost};
use crate::service::PostView;
use crate::text::{self, excerpt};

/// The width of the Open Graph description, in columns.
const DESCRIPTION: usize = 200;

/// The limits of an earlier version's HTML, and of all together, in bytes.
const MAX_VERSION: usize = 12 * 1024;
const MAX_VERSIONS: usize = 24 * 1024;

/// The number of further links beside the previous and the next post.
const FURTHER: usize = 3;

#[derive(Template)]
#[template(path = "post.html")]
struct Page<'a> {
    frame: Frame<'a>,
    heading: Heading,
    item: Item,
    channel_title: String,
    channel: String,
    avatar: Option<String>,
    is_group: bool,
    /// The time when the last edit was detected: RFC 3339, and for display.
    noticed: Option<(String, String)>,
    /// Telegram marks the post as edited, and no edit was detected here.
    is_edited_early: bool,
    deleted: Option<String>,
    app: String,
    versions_heading: String,
    versions: Vec<Version>,
    more_of: String,
    /// Page and title, as of the others.
    newer: Option<(String, String)>,
    older: Option<(String, String)>,
    further: Vec<(String, String)>,
}

enum Heading {
    /// The post's first line or sentence as HTML, removed from the content, and its language.
    Line(String, &'static str),
    /// The title of a post that does not begin with a line. The content shows the same, so only screen readers read it.
    Heard(String),
}

/// The content before an edit.
struct Version {
    when: String,
    /// HTML.
    content: String,
}

pub(in crate::web) fn post(context: &Context<'_>, view: &PostView) -> Result<String, Error> {
    let (words, links) = (context.words, context.links);
    let stored = &view.post;
    let post = &stored.post;
    let options = context.options();
    let channel = view.channel.as_ref().map(|state| &state.snapshot.channel);
    let usual = match &view.channel {
        Some(state) => usual_language(state.snapshot.posts.iter()),
        None => usual_language(std::iter::once(stored)),
    };
    // Only posts of groups have senders, and a group has no list of posts for a page or feeds. A group's service posts
    // have no sender, so without a channel the owner of a service post is unknown.
    let is_group = post.sender.is_some() || (post.service.is_some() && channel.is_none());
    let named = title::build(post, words.language());
    let mut frame = Frame::new(context, format!("{named} · {}", shown(&view.title)));
    if !is_group {
        frame.feeds = feeds(&view.title, |format| links.feed(&post.channel, format, &options));
    }
    frame.meta = Some(meta(context, post, named.clone(), &options));
    let (heading, rest) = heading(context, post, named, usual);
    let mut item = Item::new(context, stored, &options, channel, usual);
    (item.content, item.is_cut) = match &heading {
        Heading::Line(..) if is_bare(&rest) => (String::new(), false),
        _ => content(context, &rest, &options, usual, MAX_ALONE),
    };
    let (versions, number) = versions(context, stored, &view.former, usual);
    let neighbour = |stored: &StoredPost| {
        let page = links.post(&stored.post.channel, stored.post.id);
        (page, title::build(&stored.post, words.language()))
    };
    let is_noticed = stored.updated > post.published;
    let mut older = view.older.iter().map(|stored| neighbour(stored));
    let page = Page {
        frame,
        heading,
        item,
        channel_title: shown(&view.title),
        channel: match is_group {
            true => telegram_channel(&post.channel),
            false => context.page(&post.channel),
        },
        avatar: channel.and_then(|channel| context.avatar(channel)),
        is_group,
        noticed: is_noticed.then(|| (rfc3339(stored.updated), context.when(stored.updated))),
        is_edited_early: post.edited && !is_noticed,
        deleted: view.deleted.map(|date| {
            words.message(&Message::new("post-deleted").with("when", context.when(date)))
        }),
        app: app(post),
        versions_heading: words.tr_count("post-versions", number),
        versions,
        more_of: words
            .message(&Message::new("post-more-of").with("channel", post.channel.as_str())),
        newer: view.newer.as_deref().map(neighbour),
        older: older.next(),
        further: older.take(FURTHER).collect(),
    };
    render(&page)
}

/// The page's heading, and the rest of the post.
fn heading(
    context: &Context<'_>,
    post: &Post,
    named: String,
    usual: &'static str,
) -> (Heading, Post) {
    // A reply or forward header comes before the text and would be separated from it.
    let is_first = post.reply.is_none() && post.forward.is_none();
    let Some((line, text)) = post.text.heading().filter(|_| is_first) else {
        return (Heading::Heard(named), post.clone());
    };
    let html = context.written(&post.channel, |place, html| line.write_line_html(place, html));
    let language = language::tag_among(&line.plain(text::Spoilers::Show), usual);
    (Heading::Line(html, language), Post { text, ..post.clone() })
}

/// Whether nothing remains of a post that consists of the heading only.
fn is_bare(post: &Post) -> bool {
    let bare = Post {
        members: post.members.clone(),
        numeric_channel_id: post.numeric_channel_id,
        edited: post.edited,
        sender: post.sender.clone(),
        signature: post.signature.clone(),
        views: post.views.clone(),
        reactions: post.reactions.clone(),
        service: post.service,
        ..Post::new(post.channel.clone(), post.id, post.published)
    };
    *post == bare
}

/// The Open Graph metadata, with masked spoilers.
fn meta(context: &Context<'_>, post: &Post, title: String, options: &FeedOptions) -> Meta {
    let said = post.text.plain(text::Spoilers::Mask);
    let (place, own) = (post_content::Place::Page, context.words.language());
    let place = post_content::Context::new(place, context.links, own, options);
    Meta {
        kind: "article",
        description: excerpt(&said, DESCRIPTION),
        page: context.links.post(&post.channel, post.id),
        picture: post_content::thumbnail(post, &place),
        title,
    }
}

/// The earlier versions, newest first, within the size limit, and the number of all.
fn versions(
    context: &Context<'_>,
    stored: &StoredPost,
    former: &[StoredPost],
    usual: &'static str,
) -> (Vec<Version>, usize) {
    let options = context.options();
    let mut left = MAX_VERSIONS;
    let mut until = stored.updated;
    let mut versions = Vec::new();
    for version in former {
        let (html, _) = content(context, &version.post, &options, usual, MAX_VERSION);
        let Some(rest) = left.checked_sub(html.len()) else { break };
        left = rest;
        let when = Message::new("post-version")
            .with("since", context.when(version.updated))
            .with("until", context.when(until));
        versions.push(Version { when: context.words.message(&when), content: html });
        until = version.updated;
    }
    (versions, former.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::sample;
    use crate::links::{Base, Links};
    use crate::locale::{Language, Words};
    use crate::web::Settings;

    #[test]
    fn forwarded_post_keeps_its_first_line_in_text() {
        let settings = Settings::default();
        let links = Links::new(Base::local(), FeedOptions::default());
        let words = Words::of(Language::English);
        let context = Context { words, links: &links, settings: &settings };
        let mut post = sample::text(7, "");
        post.text = crate::text::RichText::from_plain("Fog at last\nNothing to see.");
        let (line, rest) = heading(&context, &post, "Fog at last".to_owned(), "en");
        assert!(matches!(line, Heading::Line(html, "en") if html == "Fog at last"));
        assert_eq!(rest.text.plain(text::Spoilers::Mask), "Nothing to see.");
        post.forward =
            Some(crate::model::Forward { name: "Tea".to_owned(), address: None, author: None });
        let (line, rest) = heading(&context, &post, "Fog at last".to_owned(), "en");
        assert!(matches!(line, Heading::Heard(title) if title == "Fog at last"));
        assert_eq!(rest, post);
    }

    #[test]
    fn post_heading_contains_only_authors_words() {
        let settings = Settings::default();
        let links = Links::new(Base::local(), FeedOptions::default());
        let words = Words::of(Language::English);
        let context = Context { words, links: &links, settings: &settings };
        let mut builder = crate::text::Builder::new();
        builder.text("A postcard from ");
        builder.mention("tearoad");
        let post = Post { text: builder.finish(), ..sample::text(7, "") };
        let (line, _) = heading(&context, &post, String::new(), "en");
        let Heading::Line(html, _) = line else { panic!("it has no line") };
        assert!(
            html.contains("/tearoad\">@tearoad</a>") && !html.contains("in Telegram"),
            "{html}"
        );
    }
}
