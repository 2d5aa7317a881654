//! The rules of the archive, each tested on a new archive in memory and on disk.

use super::*;

/// Runs each rule in memory and on disk.
macro_rules! rules {
    ($($rule:ident),* $(,)?) => {
        mod in_memory {
            $(#[tokio::test] async fn $rule() { super::$rule(super::Place::memory().open()).await; })*
        }
        mod on_disk {
            $(#[tokio::test] async fn $rule() {
                let place = super::Place::disk();
                super::$rule(place.open()).await;
            })*
        }
    };
}

rules![
    stored_page_is_loaded_unchanged,
    unknown_channel_loads_as_none,
    load_returns_at_most_requested_number_of_posts,
    load_returns_only_newest_range_without_gap,
    adjacent_stored_ranges_become_one,
    stored_post_replaces_earlier_row,
    absent_and_deleted_marks_are_stored,
    album_is_found_by_any_former_message,
    message_that_moves_to_another_album_leads_there,
    revisions_are_kept_up_to_limit,
    revision_of_unknown_post_is_ignored,
    posts_between_two_messages_are_newest_first,
    history_is_read_backwards_to_first_post,
    history_ends_at_uncovered_range,
    renamed_channel_keeps_posts_and_is_found_by_old_name,
    name_taken_by_another_channel_loads_no_old_posts,
    channel_can_take_back_former_name,
    channel_without_number_is_found_by_name_and_gets_number_later,
    page_without_number_keeps_channel_number,
    names_in_different_case_are_one_channel,
    channel_state_is_stored_separately,
    channels_are_listed_with_post_counts_and_dates,
    search_index_follows_post_changes,
    pending_posts_are_indexed_on_search_or_when_many,
    posts_stored_late_are_found_in_time_order,
    posts_of_same_second_are_all_stored,
    extreme_dates_are_stored_and_loaded,
    visits_are_stored_replaced_and_deleted,
    archive_info_counts_channels_posts_and_revisions,
    cloned_archive_handles_share_one_archive,
    concurrent_writes_are_all_stored,
];

async fn stored_page_is_loaded_unchanged(archive: Archive) {
    let update = page("tea", Some(77), 5, 9);
    let id = archive.store(update.clone()).await.unwrap().id;
    let held = archive.load(&name("tea"), 100).await.unwrap().unwrap();
    assert_eq!(held.id, id);
    assert_eq!(held.channel, update.channel);
    assert_eq!(held.state, update.state);
    assert_eq!(held.ranges, update.covered);
    let mut put = update.put;
    put.reverse();
    assert_eq!(held.posts, put);
    assert_eq!(archive.load_owner(&name("nobody"), Some(77), 100).await.unwrap().0.unwrap(), held);
    assert_eq!(archive.health(), Ok(()));
}

async fn unknown_channel_loads_as_none(archive: Archive) {
    archive.store(page("tea", Some(77), 5, 9)).await.unwrap();
    assert_eq!(archive.load(&name("coffee"), 9).await.unwrap(), None);
    assert_eq!(archive.load_owner(&name("nobody"), Some(78), 9).await.unwrap().0, None);
}

async fn load_returns_at_most_requested_number_of_posts(archive: Archive) {
    archive.store(page("tea", Some(77), 5, 9)).await.unwrap();
    for (asked, posts) in [(0, vec![]), (2, vec![9, 8]), (usize::MAX, vec![9, 8, 7, 6, 5])] {
        let held = archive.load(&name("tea"), asked).await.unwrap().unwrap();
        assert_eq!(messages(&held.posts), posts, "{asked}");
    }
}

async fn load_returns_only_newest_range_without_gap(archive: Archive) {
    archive.store(page("tea", Some(77), 5, 9)).await.unwrap();
    archive.store(page("tea", Some(77), 20, 22)).await.unwrap();
    // A result of Telegram's search: a post without a covered range.
    let find = Update { covered: vec![], ..page("tea", Some(77), 15, 15) };
    archive.store(find).await.unwrap();
    let held = archive.load(&name("tea"), 100).await.unwrap().unwrap();
    assert_eq!(messages(&held.posts), [22, 21, 20]);
    assert_eq!(held.ranges, [range(20, 22, 22), range(5, 9, 9)]);
}

async fn adjacent_stored_ranges_become_one(archive: Archive) {
    for (low, high) in [(5, 9), (20, 22), (10, 19)] {
        archive.store(page("tea", Some(77), low, high)).await.unwrap();
    }
    let held = archive.load(&name("tea"), 100).await.unwrap().unwrap();
    assert_eq!(held.ranges, [range(5, 22, 22)]);
    assert_eq!(held.posts.len(), 18);
}

async fn stored_post_replaces_earlier_row(archive: Archive) {
    let id_ = archive.store(page("tea", Some(77), 5, 9)).await.unwrap().id;
    let edited = StoredPost { updated: minute(500), ..kept(7, "Edited") };
    let edited = PostRow::new(Arc::new(edited), 2);
    let update = Update { put: vec![edited.clone()], ..page("tea", Some(77), 5, 9) };
    archive.store(update).await.unwrap();
    let held = archive.load(&name("tea"), 100).await.unwrap().unwrap();
    assert_eq!(messages(&held.posts), [9, 8, 7, 6, 5]);
    assert_eq!(held.posts[2], edited);
    assert_eq!(archive.post(id_, id(7)).await.unwrap(), Some(edited));
}

async fn absent_and_deleted_marks_are_stored(archive: Archive) {
    let mut update = page("tea", Some(77), 5, 7);
    update.put[0].absent_since = Some(minute(30));
    update.put[1].deleted = Some(minute(40));
    let id = archive.store(update).await.unwrap().id;
    let held = archive.load(&name("tea"), 100).await.unwrap().unwrap();
    assert_eq!(messages(&held.posts), [7, 6, 5]);
    assert_eq!(held.posts[1].deleted, Some(minute(40)));
    assert_eq!(held.posts[2].absent_since, Some(minute(30)));
    let stretch = archive.older(id, super::id(8), 10).await.unwrap();
    assert_eq!(stretch.posts, held.posts);
    // The posts are on Telegram's page again.
    archive.store(page("tea", Some(77), 5, 7)).await.unwrap();
    let held = archive.load(&name("tea"), 100).await.unwrap().unwrap();
    assert!(held.posts.iter().all(|post| post.deleted.is_none() && post.absent_since.is_none()));
}

fn album(first_seen: u32, members: &[u32]) -> PostRow {
    let mut kept = kept(first_seen, "Album");
    kept.post.id = id(members[0]);
    kept.post.members = members.iter().map(|member| id(*member)).collect();
    PostRow::new(Arc::new(kept), 1)
}

async fn album_is_found_by_any_former_message(archive: Archive) {
    let first = Update { put: vec![album(6, &[6, 7, 8])], ..page("tea", Some(77), 5, 9) };
    let channel = archive.store(first).await.unwrap().id;
    // Messages 6 (the first seen) and 7 have left the album; 9 is new.
    let later = album(6, &[8, 9]);
    let second = Update { put: vec![later.clone()], ..page("tea", Some(77), 5, 9) };
    archive.store(second).await.unwrap();
    for message in 6..=9 {
        let post = archive.post(channel, id(message)).await.unwrap();
        assert_eq!(post.as_ref(), Some(&later), "{message}");
    }
    assert_eq!(archive.post(channel, id(5)).await.unwrap(), None);
    assert_eq!(archive.post(channel, id(10)).await.unwrap(), None);
}

async fn message_that_moves_to_another_album_leads_there(archive: Archive) {
    let update = Update {
        put: vec![album(5, &[5, 6, 7]), album(8, &[8, 9])],
        ..page("tea", Some(77), 5, 9)
    };
    let channel = archive.store(update).await.unwrap().id;
    let update = Update { put: vec![album(8, &[7, 8, 9])], ..page("tea", Some(77), 5, 9) };
    archive.store(update).await.unwrap();
    for (message, identity) in [(5, 5), (6, 5), (7, 8), (8, 8), (9, 8)] {
        let post = archive.post(channel, id(message)).await.unwrap().unwrap();
        assert_eq!(post.message(), id(identity), "{message}");
    }
}

async fn revisions_are_kept_up_to_limit(archive: Archive) {
    let channel = archive.store(page("tea", Some(77), 5, 9)).await.unwrap().id;
    assert_eq!(archive.revisions(channel, id(7)).await.unwrap(), []);
    for number in 1..=7 {
        let update = Update {
            put: vec![held(7, &format!("Version {}", number + 1))],
            former: vec![kept(7, &format!("Version {number}"))],
            ..page("tea", Some(77), 5, 9)
        };
        archive.store(update).await.unwrap();
    }
    let kept_versions: Vec<StoredPost> =
        (3..=7).map(|number| kept(7, &format!("Version {number}"))).collect();
    assert_eq!(archive.revisions(channel, id(7)).await.unwrap(), kept_versions);
    assert_eq!(archive.revisions(channel, id(8)).await.unwrap(), []);
}

async fn revision_of_unknown_post_is_ignored(archive: Archive) {
    let update = Update { former: vec![kept(40, "Old")], ..page("tea", Some(77), 5, 9) };
    let channel = archive.store(update).await.unwrap().id;
    assert_eq!(archive.revisions(channel, id(40)).await.unwrap(), []);
    assert_eq!(archive.info().await.unwrap().revisions, 0);
}

async fn posts_between_two_messages_are_newest_first(archive: Archive) {
    let channel = archive.store(page("tea", Some(77), 5, 9)).await.unwrap().id;
    archive.store(page("coffee", Some(78), 5, 9)).await.unwrap();
    for (low, high, posts) in
        [(6, 8, vec![8, 7, 6]), (1, 5, vec![5]), (10, 99, vec![]), (8, 6, vec![])]
    {
        let between = archive.between(channel, id(low), id(high)).await.unwrap();
        assert_eq!(messages(&between), posts, "{low} to {high}");
    }
}

async fn history_is_read_backwards_to_first_post(archive: Archive) {
    let mut update = page("tea", Some(77), 3, 30);
    update.covered = vec![range(1, 30, 30)];
    let channel = archive.store(update).await.unwrap().id;
    let (mut before, mut read) = (id(31), Vec::new());
    loop {
        let stretch = archive.older(channel, before, 9).await.unwrap();
        assert!(stretch.is_covered);
        read.extend(messages(&stretch.posts));
        match stretch.next {
            Some(next) => before = next,
            None => break,
        }
    }
    assert_eq!(read, (3..=30).rev().collect::<Vec<_>>());
    let nothing = Stretch { posts: vec![], next: None, is_covered: true };
    assert_eq!(archive.older(channel, id(1), 9).await.unwrap(), nothing);
}

async fn history_ends_at_uncovered_range(archive: Archive) {
    archive.store(page("tea", Some(77), 5, 9)).await.unwrap();
    let channel = archive.store(page("tea", Some(77), 20, 25)).await.unwrap().id;
    for (before, posts, next, is_covered) in [
        (26, vec![25, 24, 23, 22, 21, 20], Some(20), true),
        (23, vec![22, 21, 20], Some(20), true),
        (20, vec![], Some(20), false),
        (27, vec![], Some(27), false),
        (10, vec![9, 8, 7, 6, 5], Some(5), true),
        (7, vec![6, 5], Some(5), true),
        (5, vec![], Some(5), false),
    ] {
        let stretch = archive.older(channel, id(before), 50).await.unwrap();
        assert_eq!(messages(&stretch.posts), posts, "{before}");
        assert_eq!(stretch.next.map(MessageId::get), next, "{before}");
        assert_eq!(stretch.is_covered, is_covered, "{before}");
    }
    // The limit is the number of remaining posts. The next request reports that nothing more is covered.
    let stretch = archive.older(channel, id(26), 6).await.unwrap();
    assert_eq!((stretch.posts.len(), stretch.next), (6, Some(id(20))));
    let unknown = archive.older(ChannelId::new(999), id(26), 6).await.unwrap();
    assert!(!unknown.is_covered && unknown.posts.is_empty());
}

async fn renamed_channel_keeps_posts_and_is_found_by_old_name(archive: Archive) {
    let old = archive.store(page("tea", Some(77), 5, 9)).await.unwrap().id;
    let new = archive.store(page("greentea", Some(77), 9, 12)).await.unwrap().id;
    assert_eq!(old, new);
    for asked in ["tea", "greentea"] {
        let held = archive.load(&name(asked), 100).await.unwrap().unwrap();
        assert_eq!((held.id, held.channel.name), (new, name("greentea")), "{asked}");
        assert_eq!(messages(&held.posts), (5..=12).rev().collect::<Vec<_>>(), "{asked}");
        // The identity does not change.
        assert_eq!(held.posts[7].kept.identity.channel, name("tea"));
    }
}

async fn name_taken_by_another_channel_loads_no_old_posts(archive: Archive) {
    archive.store(page("leaf", Some(77), 1, 2)).await.unwrap();
    let old = archive.store(page("tea", Some(77), 5, 9)).await.unwrap().id;
    let new = archive.store(page("tea", Some(99), 1, 2)).await.unwrap().id;
    assert_ne!(old, new);
    let held = archive.load(&name("tea"), 100).await.unwrap().unwrap();
    assert_eq!((held.id, messages(&held.posts)), (new, vec![2, 1]));
    assert!(held.channel.shares_name && !held.has_lost_name);
    for (asked, number, is_other) in [
        ("tea", 99, true),
        ("tea", 77, true),
        ("leaf", 77, false),
        ("leaf", 99, true),
        ("cup", 9, false),
    ] {
        let told = archive.has_other_owner(&name(asked), number).await.unwrap();
        assert_eq!(told, is_other, "{asked} {number}");
    }
    // The old channel has no name of its own, so its former name leads nowhere. Its number still leads to its posts.
    assert_eq!(archive.load(&name("leaf"), 100).await.unwrap(), None);
    let lost = archive.load_owner(&name("nobody"), Some(77), 100).await.unwrap().0.unwrap();
    assert_eq!((lost.id, messages(&lost.posts)), (old, vec![9, 8, 7, 6, 5]));
    assert!(lost.has_lost_name);
    // The old channel returns under another name.
    archive.store(page("blacktea", Some(77), 9, 10)).await.unwrap();
    let back = archive.load(&name("blacktea"), 100).await.unwrap().unwrap();
    assert_eq!((back.id, messages(&back.posts)), (old, vec![10, 9, 8, 7, 6, 5]));
    assert_eq!(archive.load(&name("leaf"), 100).await.unwrap().unwrap().id, old);
    assert_eq!(archive.load(&name("tea"), 100).await.unwrap().unwrap().id, new);
}

async fn channel_can_take_back_former_name(archive: Archive) {
    let id = archive.store(page("tea", Some(77), 5, 6)).await.unwrap().id;
    archive.store(page("greentea", Some(77), 6, 7)).await.unwrap();
    archive.store(page("tea", Some(77), 7, 8)).await.unwrap();
    for asked in ["tea", "greentea"] {
        let held = archive.load(&name(asked), 100).await.unwrap().unwrap();
        assert_eq!((held.id, held.channel.name), (id, name("tea")), "{asked}");
    }
    // A former name that another channel takes leads to that channel.
    let other = archive.store(page("greentea", Some(5), 1, 2)).await.unwrap().id;
    assert_eq!(archive.load(&name("greentea"), 1).await.unwrap().unwrap().id, other);
    assert_eq!(archive.load(&name("tea"), 1).await.unwrap().unwrap().id, id);
}

async fn channel_without_number_is_found_by_name_and_gets_number_later(archive: Archive) {
    let first = archive.store(page("tea", None, 5, 6)).await.unwrap().id;
    let second = archive.store(page("tea", None, 6, 7)).await.unwrap().id;
    let third = archive.store(page("tea", Some(77), 7, 8)).await.unwrap().id;
    assert_eq!((first, second), (second, third));
    let held = archive.load_owner(&name("nobody"), Some(77), 100).await.unwrap().0.unwrap();
    assert_eq!(messages(&held.posts), [8, 7, 6, 5]);
}

async fn page_without_number_keeps_channel_number(archive: Archive) {
    let first = archive.store(page("tea", Some(77), 5, 6)).await.unwrap().id;
    let second = archive.store(page("tea", None, 6, 7)).await.unwrap().id;
    assert_eq!(first, second);
    let held = archive.load(&name("tea"), 100).await.unwrap().unwrap();
    assert_eq!(held.channel.numeric_id, Some(77));
    assert_eq!(
        archive.load_owner(&name("nobody"), Some(77), 100).await.unwrap().0.unwrap().id,
        first
    );
}

async fn names_in_different_case_are_one_channel(archive: Archive) {
    let first = archive.store(page("tea", Some(77), 5, 6)).await.unwrap().id;
    let second = archive.store(page("Tea", Some(77), 6, 7)).await.unwrap().id;
    assert_eq!(first, second);
    let held = archive.load(&name("TEA"), 100).await.unwrap().unwrap();
    assert_eq!(held.channel.name.as_str(), "Tea");
    assert_eq!(archive.channels().await.unwrap().len(), 1);
}

async fn channel_state_is_stored_separately(archive: Archive) {
    let id = archive.store(page("tea", Some(77), 5, 6)).await.unwrap().id;
    let changed = State {
        gone_since: Some(minute(70)),
        is_partial: true,
        first_seen_id: None,
        language: Language::English,
        ..state(80)
    };
    archive.store_state(id, changed.clone()).await.unwrap();
    let held = archive.load(&name("tea"), 100).await.unwrap().unwrap();
    assert_eq!(held.state, changed);
    assert_eq!(messages(&held.posts), [6, 5]);
    archive.store_state(ChannelId::new(999), changed).await.unwrap();
    assert_eq!(archive.channels().await.unwrap().len(), 1);
}

async fn channels_are_listed_with_post_counts_and_dates(archive: Archive) {
    let tea = archive.store(page("tea", Some(77), 5, 9)).await.unwrap().id;
    archive.store(page("tea", Some(77), 8, 10)).await.unwrap();
    let coffee = archive.store(page("coffee", None, 1, 1)).await.unwrap().id;
    let milk =
        archive.store(Update { put: vec![], ..page("milk", Some(5), 1, 1) }).await.unwrap().id;
    let thief = archive.store(page("milk", Some(6), 1, 1)).await.unwrap().id;
    let listed: Vec<_> = archive
        .channels()
        .await
        .unwrap()
        .into_iter()
        .map(|channel| {
            let name = channel.name.map(|name| name.to_string());
            (channel.id, name, channel.posts, channel.oldest, channel.newest)
        })
        .collect();
    let named = |name: &str| Some(name.to_owned());
    let date = |at| Some(minute(at));
    assert_eq!(
        listed,
        [
            (coffee, named("coffee"), 1, date(1), date(1)),
            (thief, named("milk"), 1, date(1), date(1)),
            (tea, named("tea"), 6, date(5), date(10)),
            (milk, None, 0, None, None),
        ]
    );
}

async fn search_index_follows_post_changes(archive: Archive) {
    archive.store(page("tea", Some(77), 5, 7)).await.unwrap();
    assert_eq!(found(&archive, "words : \"en·post\"").await, [7, 6, 5]);
    let put = vec![held(6, "Oolong")];
    archive.store(Update { put, ..page("tea", Some(77), 5, 7) }).await.unwrap();
    assert_eq!(found(&archive, "words : \"en·post\"").await, [7, 5]);
    assert_eq!(found(&archive, "words : \"en·oolong\"").await, [6]);
    archive.store(page("coffee", Some(78), 1, 1)).await.unwrap();
    assert_eq!(found(&archive, "words : \"en·post\" AND place : c1").await, [7, 5]);
}

async fn pending_posts_are_indexed_on_search_or_when_many(archive: Archive) {
    archive.store(page("tea", Some(77), 5, 9)).await.unwrap();
    let put = vec![held(6, "Oolong")];
    archive.store(Update { put, ..page("tea", Some(77), 5, 9) }).await.unwrap();
    assert_eq!(noted(&archive).await, 5, "a few wait");
    assert_eq!(found(&archive, "words : \"en·post\"").await, [9, 8, 7, 5]);
    assert_eq!(noted(&archive).await, 0);
    for low in [100, 200, 300] {
        archive.store(page("tea", Some(77), low, low + 99)).await.unwrap();
    }
    for _ in 0..20 {
        // In memory, reads also run on the writer's thread. The wait is longer than its pause before indexing.
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        if noted(&archive).await < 128 {
            return;
        }
    }
    panic!("many do not wait for a search");
}

/// The number of posts queued for the index.
async fn noted(archive: &Archive) -> i64 {
    let count = |connection: &Session<'_>| {
        connection.query_row("SELECT count(*) FROM unindexed", [], |row| row.get(0))
    };
    archive.read(count).await.unwrap()
}

async fn posts_stored_late_are_found_in_time_order(archive: Archive) {
    archive.store(page("tea", Some(77), 50, 55)).await.unwrap();
    archive.store(page("coffee", Some(78), 20, 22)).await.unwrap();
    archive.store(page("tea", Some(77), 10, 12)).await.unwrap();
    let found = found(&archive, "words : \"en·post\"").await;
    assert_eq!(found, [55, 54, 53, 52, 51, 50, 22, 21, 20, 12, 11, 10]);
}

async fn posts_of_same_second_are_all_stored(archive: Archive) {
    let mut update = page("tea", Some(77), 1, 300);
    for held in &mut update.put {
        let mut kept = StoredPost::clone(&held.kept);
        kept.post.published = minute(0);
        held.kept = Arc::new(kept);
    }
    archive.store(update).await.unwrap();
    let held = archive.load(&name("tea"), 1000).await.unwrap().unwrap();
    assert_eq!(held.posts.len(), 300);
}

async fn extreme_dates_are_stored_and_loaded(archive: Archive) {
    let mut update = page("tea", Some(77), 1, 3);
    for (held, date) in update.put.iter_mut().zip([
        DateTime::<Utc>::MIN_UTC,
        DateTime::<Utc>::MAX_UTC,
        DateTime::from_timestamp(-1, 999_999_999).unwrap(),
    ]) {
        let mut kept = StoredPost::clone(&held.kept);
        kept.post.published = date;
        held.kept = Arc::new(kept);
    }
    archive.store(update.clone()).await.unwrap();
    archive.store(update).await.unwrap();
    let held = archive.load(&name("tea"), 10).await.unwrap().unwrap();
    assert_eq!(messages(&held.posts), [3, 2, 1]);
    assert_eq!(held.posts[2].kept.post.published, DateTime::<Utc>::MIN_UTC);
    assert!(archive.info().await.is_ok() && archive.channels().await.is_ok());
}

async fn visits_are_stored_replaced_and_deleted(archive: Archive) {
    let own = |visits: &[(&str, Option<&str>)]| {
        visits.iter().map(|(key, visit)| ((*key).to_owned(), visit.map(str::to_owned))).collect()
    };
    archive.store_visits(own(&[("tea", Some("[1]")), ("milk", Some("[2]"))])).await.unwrap();
    archive.store_visits(own(&[("tea", Some("[3]")), ("milk", None), ("x", None)])).await.unwrap();
    assert_eq!(archive.visits().await.unwrap(), [("tea".to_owned(), "[3]".to_owned())]);
}

async fn archive_info_counts_channels_posts_and_revisions(archive: Archive) {
    let info = archive.info().await.unwrap();
    assert_eq!((info.channels, info.posts, info.oldest), (0, 0, None));
    archive.store(page("tea", Some(77), 5, 9)).await.unwrap();
    let former = vec![kept(5, "Before")];
    archive.store(Update { former, ..page("coffee", Some(78), 2, 3) }).await.unwrap();
    let former = vec![kept(5, "Before")];
    archive.store(Update { former, ..page("tea", Some(77), 5, 9) }).await.unwrap();
    let info = archive.info().await.unwrap();
    assert_eq!((info.version, info.channels, info.posts, info.revisions), (4, 2, 7, 1));
    assert_eq!((info.oldest, info.newest), (Some(minute(2)), Some(minute(9))));
    assert!(info.size + info.pending > 4096, "{info:?}");
    archive.compact().await.unwrap();
    archive.check().await.unwrap();
    assert_eq!(archive.info().await.unwrap().posts, 7);
    assert_eq!(found(&archive, "words : \"en·post\"").await.len(), 7);
}

async fn cloned_archive_handles_share_one_archive(archive: Archive) {
    let copy = archive.clone();
    archive.store(page("tea", Some(77), 5, 9)).await.unwrap();
    drop(archive);
    assert!(copy.load(&name("tea"), 1).await.unwrap().is_some());
}

async fn concurrent_writes_are_all_stored(archive: Archive) {
    let names: Vec<String> = (0..40).map(|number| format!("channel{number}")).collect();
    let stores =
        names.iter().zip(1..).map(|(name, number)| archive.store(page(name, Some(number), 1, 5)));
    for outcome in futures_util::future::join_all(stores).await {
        outcome.unwrap();
    }
    assert_eq!(archive.info().await.unwrap().posts, 200);
    let loads = names.iter().map(|named| {
        let named = name(named);
        let archive = &archive;
        async move { archive.load(&named, 9).await }
    });
    for held in futures_util::future::join_all(loads).await {
        assert_eq!(held.unwrap().unwrap().posts.len(), 5);
    }
}
