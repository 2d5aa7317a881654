//! Changes while the fake Telegram runs: posts, names, counters, time.

use std::time::Duration;

use feedline::demo::media::File;
use feedline::demo::message::{AlbumItem, Body, Medium, Reaction, Views};
use feedline::demo::{Channel, Message, OldName, World};
use feedline::model::ChannelName;
use reqwest::StatusCode;

use super::{all, attributes, get, now, page, posts, start, start_with, texts};

fn name(text: &str) -> ChannelName {
    ChannelName::parse(text).unwrap()
}

/// A channel `pier` with one post.
fn world() -> World {
    let mut channel = Channel::new(name("Pier"), 4_242, "The Pier");
    channel.publish(Message::text("First plank."), now());
    World::empty(now()).with(channel)
}

#[tokio::test]
async fn demo_posts_can_be_published_edited_and_deleted() {
    let (_telegram, control, client) = start_with(world()).await;
    let id = control.publish("pier", "Second plank.").unwrap().get();
    assert!(control.edit("PIER", id, "Second plank, **painted**."));
    let edited = page(&control, &client, "/s/pier").await;
    assert_eq!(posts(&edited), [1, 2]);
    assert_eq!(texts(&edited, ".js-message_text")[1], "Second plank, painted.");
    assert!(texts(&edited, ".tgme_widget_message_meta")[1].starts_with("edited"));
    assert!(control.delete("pier", 1) && !control.delete("pier", 1));
    assert_eq!(posts(&page(&control, &client, "/s/pier").await), [2]);
    assert_eq!(control.publish("pier", "Third.").unwrap().get(), 3);
    assert!(control.publish("nobody", "x").is_none() && !control.edit("pier", 99, "x"));
}

#[tokio::test]
async fn demo_counters_can_change_without_text() {
    let (_telegram, control, client) = start_with(world()).await;
    control.change_message("pier", 1, |message| {
        message.views = Views::Count(12_345);
        message.reactions = Some(vec![Reaction::Emoji("👍".to_owned(), 1_204)]);
    });
    let changed = page(&control, &client, "/s/pier").await;
    assert_eq!(texts(&changed, ".tgme_widget_message_views"), ["12.3K"]);
    assert_eq!(texts(&changed, ".tgme_reaction"), ["👍1.2K"]);
}

#[tokio::test]
async fn demo_poll_votes_change_percentages_and_voters() {
    let (_telegram, control, client) = start().await;
    let messages = control.channel("tidewater").unwrap().messages;
    let id = messages.iter().find(|message| matches!(message.body, Body::Poll(_))).unwrap().id;
    control.change_message("tidewater", id, |message| {
        if let Body::Poll(poll) = &mut message.body {
            poll.voters = 4;
            poll.options.iter_mut().for_each(|option| option.votes = 1);
        }
    });
    let shown = page(&control, &client, &format!("/s/tidewater?before={}", id + 1)).await;
    assert_eq!(texts(&shown, ".tgme_widget_message_poll_option_percent"), ["25%"; 4]);
    assert_eq!(texts(&shown, ".tgme_widget_message_voters"), ["4"]);
}

#[tokio::test]
async fn demo_album_members_can_be_added_and_removed() {
    let (_telegram, control, client) = start_with(world()).await;
    let photo = |id| AlbumItem { id, medium: Medium::Photo(File("fog.jpg")) };
    let album = Message::from(Body::Album(vec![photo(0), photo(1), photo(3)]));
    assert_eq!(control.publish("pier", album).unwrap().get(), 2);
    let members = |ids: &[u32]| -> Vec<String> {
        ids.iter().map(|id| format!("https://t.me/Pier/{id}?single")).collect()
    };
    let shown = page(&control, &client, "/s/pier").await;
    assert_eq!(attributes(&shown, "a.grouped_media_wrap", "href"), members(&[2, 3, 5]));
    assert!(control.delete("pier", 2));
    let shown = page(&control, &client, "/s/pier").await;
    assert_eq!(posts(&shown), [1, 3], "the album goes by its next member");
    assert_eq!(attributes(&shown, "a.grouped_media_wrap", "href"), members(&[3, 5]));
    control.change_message("pier", 3, |message| {
        if let Body::Album(items) = &mut message.body {
            items.push(photo(6));
        }
    });
    let shown = page(&control, &client, "/s/pier").await;
    assert_eq!(attributes(&shown, "a.grouped_media_wrap", "href"), members(&[3, 5, 6]));
    assert_eq!(control.publish("pier", "After.").unwrap().get(), 7);
}

#[tokio::test]
async fn demo_rename_keeps_number_and_applies_old_name_mode() {
    for (fate, list, location) in [
        (OldName::Free, StatusCode::FOUND, Some("https://t.me/pier")),
        (OldName::Redirect, StatusCode::FOUND, Some("https://t.me/s/jetty")),
        (OldName::Alias, StatusCode::OK, None),
    ] {
        let (_telegram, control, client) = start_with(world()).await;
        let view = |page: &scraper::Html| attributes(page, "[data-view]", "data-view");
        let before = view(&page(&control, &client, "/s/pier").await);
        assert!(control.rename("pier", name("jetty"), fate));
        let after = page(&control, &client, "/s/jetty").await;
        assert_eq!(attributes(&after, "[data-post]", "data-post"), ["jetty/1"]);
        assert_eq!(view(&after), before, "{fate:?}");
        let old = get(&control, &client, "/s/pier").await;
        assert_eq!(old.status(), list, "{fate:?}");
        let header = old.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(header.as_deref(), location);
        if fate == OldName::Alias {
            let body = scraper::Html::parse_document(&old.text().await.unwrap());
            assert_eq!(attributes(&body, "[data-post]", "data-post"), ["jetty/1"]);
        }
        let landing = get(&control, &client, "/pier").await.text().await.unwrap();
        assert_eq!(landing.contains("tgme_icon_user"), fate == OldName::Free, "{fate:?}");
    }
}

#[tokio::test]
async fn demo_name_can_pass_to_another_channel() {
    let (_telegram, control, client) = start_with(world()).await;
    let mut other = Channel::new(name("pier"), 777, "Another Pier");
    other.publish(Message::text("Not the same."), now());
    assert_eq!(control.add(other).unwrap().number, 4_242);
    let embed = page(&control, &client, "/pier/1?embed=1").await;
    assert!(attributes(&embed, "[data-peer]", "data-peer")[0].starts_with("c777_"));
    assert!(control.remove("pier").is_some());
    assert_eq!(get(&control, &client, "/s/pier").await.status(), StatusCode::FOUND);
}

#[tokio::test]
async fn demo_preview_can_be_switched_off_and_on() {
    let (_telegram, control, client) = start_with(world()).await;
    control.set_preview("pier", false);
    assert_eq!(get(&control, &client, "/s/pier").await.status(), StatusCode::FOUND);
    assert!(all(&page(&control, &client, "/pier").await, ".tgme_page_context_link").is_empty());
    control.set_preview("pier", true);
    assert_eq!(get(&control, &client, "/s/pier").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn living_demo_world_publishes_over_time() {
    let (_telegram, control, client) = start_with(World::living(now())).await;
    let before = posts(&page(&control, &client, "/s/tidewater").await);
    let newest = *before.last().unwrap();
    let missing = page(&control, &client, &format!("/tidewater/{}?embed=1", newest + 1)).await;
    assert_eq!(texts(&missing, ".tgme_widget_message_error"), ["Post not found"]);
    control.advance(Duration::from_secs(10 * 60));
    let after = posts(&page(&control, &client, "/s/tidewater").await);
    assert_eq!(after[after.len() - 3..], [newest, newest + 1, newest + 2]);
}

#[tokio::test]
async fn demo_samples_are_deterministic() {
    let (_first, control, client) = start().await;
    let (_second, other, _) = start().await;
    let mut pages = Vec::new();
    for control in [&control, &other] {
        let page = page(control, &client, "/s/tidewater").await;
        pages.push((texts(&page, "main"), attributes(&page, "time[datetime]", "datetime")));
    }
    assert_eq!(pages[0], pages[1]);
    let names: Vec<String> =
        control.channels().iter().map(|sight| sight.name.to_string()).collect();
    assert_eq!(names.len(), 14);
    assert!(control.channels().iter().all(|sight| sight.shows.ends_with('.')));
}
