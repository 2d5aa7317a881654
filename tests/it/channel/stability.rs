//! Items are stable: ids, dates and bytes stay the same when counters, files, albums or names change.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use feedline::demo::media::File;
use feedline::demo::message::{AlbumItem, Body, Button, Medium, Preview, Reaction, Views};
use feedline::demo::{Channel, Fault, Message, OldName, Repeat, Target, Truncation};

use crate::support::{HOUR, MINUTE, TestApp, add_channel, etags, name, start};

/// `pier`: ten posts, one every `every` minutes, the last one published now.
async fn pier(every: i64) -> TestApp {
    let app = TestApp::start().await;
    add_channel(&app, "pier", 4_242, 10, TimeDelta::minutes(every));
    app
}

/// The publication and update time of each item, by id.
async fn dates(app: &TestApp, path: &str) -> BTreeMap<String, (DateTime<Utc>, DateTime<Utc>)> {
    let answer = app.get(path).await;
    assert_eq!(answer.status, 200, "{path}");
    let feed = feed_rs::parser::parse(&answer.body[..]).unwrap();
    let item = |entry: &feed_rs::model::Entry| {
        let id = entry.id.replace("https://t.me/", "");
        (id, (entry.published.unwrap(), entry.updated.unwrap()))
    };
    feed.entries.iter().map(item).collect()
}

/// Changes without new content: views, reactions, votes, file URLs.
fn stir(app: &TestApp, channel: &str, hour: u64) {
    app.telegram.expire_files();
    app.telegram.change(channel, |channel| {
        for message in &mut channel.messages {
            if let Views::Count(views) = &mut message.views {
                *views += 7 + hour;
            }
            for reaction in message.reactions.iter_mut().flatten() {
                if let Reaction::Emoji(_, count) = reaction {
                    *count += hour % 3;
                }
            }
            if let Body::Poll(poll) = &mut message.body
                && !poll.closed
            {
                poll.voters += 1;
                let place = usize::try_from(hour).unwrap() % poll.options.len();
                poll.options[place].votes += 1;
            }
        }
    });
}

/// Conformance: 11.4
#[tokio::test]
async fn counters_and_new_file_urls_change_no_feed_bytes() {
    let app = TestApp::start().await;
    for channel in ["tidewater", "zenit_library"] {
        let first = etags(&app, channel).await;
        let counted = app.get(&format!("/{channel}/feed.json?stats=1")).await;
        for hour in 1..=7 * 24 {
            stir(&app, channel, hour);
            app.pass(HOUR + Duration::from_secs(1));
            assert_eq!(etags(&app, channel).await, first, "{channel}, hour {hour}");
        }
        let asked = app.telegram.hits(&format!("/s/{channel}"));
        assert_eq!(asked, 1 + 7 * 24, "each poll looked");
        let recounted = app.get(&format!("/{channel}/feed.json?stats=1")).await;
        assert_ne!(recounted.header("etag"), counted.header("etag"), "with counters it differs");
        assert_eq!(recounted.ids(), counted.ids());
    }
}

#[tokio::test]
async fn button_counters_change_feed_only_with_stats_option() {
    let app = pier(60).await;
    let label = |likes: u32| -> Vec<Vec<Button>> {
        let link = Button::Link {
            label: format!("Comments ({likes})"),
            address: "https://comments.example/pier/11".to_owned(),
        };
        vec![vec![Button::Callback { label: format!("👍 {likes}.8K") }], vec![link]]
    };
    let mut message = Message::text("Do you like the pier?");
    message.keyboard = label(4);
    let id = app.telegram.publish("pier", message).unwrap().get();
    let first = etags(&app, "pier").await;
    let modified = app.get("/pier/rss.xml").await.header("last-modified").to_owned();
    for likes in 5..8 {
        app.telegram.change_message("pier", id, |message| message.keyboard = label(likes));
        app.pass(HOUR * 2);
        assert_eq!(etags(&app, "pier").await, first);
        let answer = app.get("/pier/rss.xml").await;
        assert_eq!(answer.header("last-modified"), modified);
        assert!(!answer.text().contains(".8K") && answer.text().contains("Comments (4)"));
        let counted = app.get("/pier/rss.xml?stats=1").await;
        assert!(counted.text().contains(&format!("👍 {likes}.8K")), "{counted:?}");
        let dates = dates(&app, "/pier/atom.xml").await;
        assert!(dates.values().all(|(published, updated)| published == updated));
    }
    assert!(!app.get(&format!("/pier/{id}")).await.text().contains(".8K"), "nor on its page");
}

#[tokio::test]
async fn late_link_preview_changes_no_feed_bytes_until_edit() {
    let app = pier(60).await;
    let id = app.telegram.publish("pier", "Look: https://knots.example/bowline").unwrap().get();
    let first = etags(&app, "pier").await;
    app.pass(HOUR * 3);
    app.telegram.change_message("pier", id, |message| {
        message.preview = Some(Preview {
            address: "https://knots.example/bowline".to_owned(),
            title: Some("The bowline".to_owned()),
            ..Preview::default()
        });
    });
    assert_eq!(etags(&app, "pier").await, first);
    app.telegram.edit("pier", id, "Look closely: https://knots.example/bowline");
    app.pass(HOUR * 3);
    let second = etags(&app, "pier").await;
    assert!(first.iter().zip(&second).all(|(first, second)| first != second));
    assert!(app.get("/pier/rss.xml").await.text().contains("The bowline"));
    app.pass(HOUR * 3);
    assert_eq!(etags(&app, "pier").await, second, "once");
}

/// Conformance: 3.4
#[tokio::test]
async fn edit_changes_only_updated_date_except_for_early_fixes() {
    let app = pier(1).await;
    let first = dates(&app, "/pier/atom.xml").await;
    let newest = first["pier/10"];
    assert_eq!(newest, (start(), start()));
    app.telegram.edit("pier", 10, "Plank 10 of the pier!");
    app.pass(MINUTE * 6);
    assert!(app.get("/pier/atom.xml").await.text().contains("Plank 10 of the pier!"));
    assert_eq!(dates(&app, "/pier/atom.xml").await, first, "within a quarter of an hour");
    app.telegram.edit("pier", 10, "Plank 10 is loose.");
    app.telegram.edit("pier", 3, "Plank 3 of the pier."); // The same words, marked as edited.
    app.pass(MINUTE * 20);
    let edited = dates(&app, "/pier/atom.xml").await;
    assert_eq!(edited.keys().collect::<Vec<_>>(), first.keys().collect::<Vec<_>>());
    let (published, updated) = edited["pier/10"];
    assert_eq!((published, updated.timestamp() / 60), (start(), start().timestamp() / 60 + 26));
    for (id, dates) in &edited {
        assert!(id == "pier/10" || *dates == first[id], "{id}");
    }
    let rss = app.get("/pier/rss.xml").await;
    assert!(rss.text().contains(">https://t.me/pier/10</guid>"));
    app.pass(HOUR * 2);
    assert_eq!(dates(&app, "/pier/atom.xml").await, edited, "it stays as it was first seen");
}

/// Conformance: 11.6
#[tokio::test]
async fn album_stays_one_item_with_changing_members() {
    let app = pier(60).await;
    let photo = |id| AlbumItem { id, medium: Medium::Photo(File("fog.jpg")) };
    let album = Message::from(Body::Album(vec![photo(0), photo(1), photo(2)]));
    assert_eq!(app.telegram.publish("pier", album).unwrap().get(), 11);
    let first = app.get("/pier/feed.json").await.ids();
    assert_eq!(first[0], "pier/11");
    app.telegram.delete("pier", 11);
    app.pass(HOUR * 2);
    let without = app.get("/pier/feed.json").await;
    assert_eq!(without.ids(), first, "the first member is gone");
    assert!(!without.text().contains("/pier/11.jpg") && without.text().contains("/pier/12.jpg"));
    app.telegram.change_message("pier", 12, |message| {
        if let Body::Album(items) = &mut message.body {
            items.push(photo(14));
        }
    });
    app.pass(HOUR * 2);
    let with = app.get("/pier/feed.json").await;
    assert_eq!(with.ids(), first);
    assert!(with.text().contains("/pier/14.jpg"));
    app.telegram.delete("pier", 12);
    app.telegram.delete("pier", 13);
    for _ in 0..3 {
        app.pass(HOUR * 2);
        assert_eq!(app.get("/pier/feed.json").await.ids(), first);
    }
}

/// Conformance: 11.7
#[tokio::test]
async fn post_missing_on_two_complete_pages_is_removed() {
    let app = pier(60).await;
    let first = app.get("/pier/feed.json").await;
    app.telegram.delete("pier", 7);
    app.pass(HOUR * 2);
    let once = app.get("/pier/feed.json").await;
    assert_eq!(once.header("etag"), first.header("etag"), "one page proves nothing");
    app.pass(HOUR * 2);
    let cut = Fault::Truncated(Truncation::CleanChunks(80));
    app.telegram.fault(Target::Path("/s/pier".to_owned()), cut, Repeat::Times(2));
    assert_eq!(app.get("/pier/feed.json").await.ids(), first.ids(), "nor does half a page");
    app.pass(MINUTE * 6);
    let gone = app.get("/pier/feed.json").await;
    assert!(!gone.ids().contains(&"pier/7".to_owned()) && gone.ids().len() == 9);
    assert!(gone.header("last-modified") != first.header("last-modified"));
    let mut rest = gone.ids();
    rest.insert(3, "pier/7".to_owned());
    assert_eq!(rest, first.ids());
}

#[tokio::test]
async fn mass_disappearance_removes_no_posts() {
    let app = pier(60).await;
    let first = app.get("/pier/feed.json").await.ids();
    for id in 3..=9 {
        app.telegram.delete("pier", id);
    }
    for _ in 0..4 {
        app.pass(HOUR * 2);
        assert_eq!(app.get("/pier/feed.json").await.ids(), first);
    }
}

/// Conformance: 7.10
#[tokio::test]
async fn renamed_channel_keeps_items_and_redirects_old_urls() {
    for fate in [OldName::Redirect, OldName::Alias, OldName::Free] {
        let app = pier(60).await;
        let first = app.get("/pier/feed.json").await.ids();
        app.telegram.rename("pier", name("jetty"), fate);
        app.pass(HOUR * 2);
        if fate == OldName::Free {
            // The old name does not lead to the new one, so a reader has to request the new name first.
            let kept = app.get("/pier/feed.json").await;
            assert!(kept.header("cache-status").ends_with("; detail=not_found"), "{kept:?}");
            assert_eq!(app.get("/jetty/feed.json").await.ids(), first);
        }
        for _ in 0..4 {
            for (old, new) in [
                ("/pier/feed.json", "/jetty/feed.json"),
                ("/Pier/rss.xml?limit=3", "/jetty/rss.xml?limit=3"),
                ("/pier", "/jetty"),
            ] {
                let moved = app.get(old).await;
                assert_eq!(moved.status, 302, "{fate:?} {old}: {moved:?}");
                assert_eq!(moved.header("location"), format!("{}{new}", app.base), "{fate:?}");
            }
            assert_eq!(app.get("/jetty/feed.json").await.ids(), first, "{fate:?}");
            app.pass(HOUR * 2);
        }
        app.telegram.publish("jetty", "Under the new name.").unwrap();
        app.pass(HOUR * 2);
        let ids = app.get("/jetty/feed.json").await.ids();
        assert_eq!((ids[0].as_str(), &ids[1..]), ("jetty/11", &first[..]), "{fate:?}");
        assert_eq!(
            app.get("/pier/3").await.status,
            200,
            "{fate:?}: posts are found by either name"
        );
        let mut other = Channel::new(name("pier"), 777, "Another Pier");
        other.publish(Message::text("Not the same."), start());
        app.telegram.add(other);
        app.pass(HOUR * 2);
        assert_eq!(app.get("/pier/feed.json").await.ids(), ["pier/1?channel=777"], "{fate:?}");
        assert_eq!(app.get("/jetty/feed.json").await.ids(), ids, "{fate:?}: each its own");
    }
}

#[tokio::test]
async fn outage_keeps_redirect_of_renamed_channel() {
    let app = pier(60).await;
    app.get("/pier/rss.xml").await;
    app.telegram.rename("pier", name("jetty"), OldName::Redirect);
    app.pass(HOUR * 2);
    assert_eq!(app.get("/pier/rss.xml").await.status, 302);
    let broken = Fault::Status { code: 500, retry_after: None };
    app.telegram.fault(Target::Everything, broken, Repeat::Always);
    app.pass(HOUR * 2);
    assert_eq!(app.get("/pier/rss.xml").await.status, 302);
    assert_eq!(app.get("/jetty/rss.xml").await.status, 200);
}

#[tokio::test]
async fn name_taken_by_another_channel_hides_former_posts() {
    let app = pier(60).await;
    let first = app.get("/pier/feed.json").await;
    let mut other = Channel::new(name("pier"), 777, "Another Pier");
    for number in 1..=3 {
        other.publish(Message::text(format!("Other plank {number}.")), start());
    }
    app.telegram.add(other);
    app.pass(HOUR * 2);
    let second = app.get("/pier/feed.json").await;
    let ids = [3, 2, 1].map(|number| format!("pier/{number}?channel=777"));
    assert_eq!(second.ids(), ids, "and no id of the former's");
    assert!(first.text().contains("Plank 2 of") && !second.text().contains("Plank 2 of"));
    assert_eq!(second.json()["title"], "Another Pier");
    assert!(app.get("/pier/2").await.text().contains("Other plank 2."));
}
