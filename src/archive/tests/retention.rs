//! Retention limits.

use bytesize::ByteSize;

use super::*;

fn limited(change: impl FnOnce(&mut Settings)) -> Archive {
    let mut settings = Settings::default();
    change(&mut settings);
    Archive::open(&settings).unwrap()
}

#[tokio::test]
async fn retention_keeps_newest_posts_and_uncovers_dropped_range() {
    let archive = limited(|settings| settings.keep_posts = 4);
    let mut first = page("tea", Some(77), 1, 3);
    first.former = vec![kept(1, "Before")];
    let channel = archive.store(first).await.unwrap().id;
    archive.store(page("coffee", Some(78), 1, 4)).await.unwrap();
    let held = archive.load(&name("tea"), 100).await.unwrap().unwrap();
    assert_eq!((messages(&held.posts), held.ranges), (vec![3, 2, 1], vec![range(1, 3, 3)]));
    assert_eq!(archive.revisions(channel, id(1)).await.unwrap().len(), 1);

    archive.store(page("tea", Some(77), 3, 6)).await.unwrap();
    let held = archive.load(&name("tea"), 100).await.unwrap().unwrap();
    assert_eq!((messages(&held.posts), held.ranges), (vec![6, 5, 4, 3], vec![range(3, 6, 6)]));
    assert_eq!(archive.post(channel, id(2)).await.unwrap(), None);
    assert_eq!(archive.info().await.unwrap().revisions, 0);
    assert_eq!(found(&archive, "words : \"en·post\" AND place : c1").await, [6, 5, 4, 3]);
    let stretch = archive.older(channel, id(3), 9).await.unwrap();
    assert!(!stretch.is_covered && stretch.next == Some(id(3)));
    // Each channel has its own limit.
    let coffee = archive.load(&name("coffee"), 100).await.unwrap().unwrap();
    assert_eq!(messages(&coffee.posts), [4, 3, 2, 1]);
}

#[tokio::test]
async fn dropped_album_drops_all_its_messages() {
    let archive = limited(|settings| settings.keep_posts = 1);
    let mut album = kept(5, "Album");
    album.post.members = vec![id(5), id(6), id(7)];
    let mut update = page("tea", Some(77), 5, 8);
    update.put = vec![PostRow::new(Arc::new(album), 1), held(8, "Next")];
    let channel = archive.store(update).await.unwrap().id;
    let held = archive.load(&name("tea"), 100).await.unwrap().unwrap();
    assert_eq!((messages(&held.posts), held.ranges), (vec![8], vec![range(8, 8, 8)]));
    for message in 5..=7 {
        assert_eq!(archive.post(channel, id(message)).await.unwrap(), None);
    }
}

#[tokio::test]
async fn posts_older_than_keep_for_are_dropped_from_every_channel() {
    let archive = limited(|settings| settings.keep_for = Some(Duration::from_secs(600)));
    archive.store(page("tea", Some(77), 1, 5)).await.unwrap();
    archive.store(page("coffee", Some(78), 12, 13)).await.unwrap();
    let held = archive.load(&name("tea"), 100).await.unwrap().unwrap();
    assert_eq!((messages(&held.posts), held.ranges), (vec![5, 4, 3], vec![range(3, 5, 5)]));
    // The limit uses the date of the store, not the machine's clock.
    archive.store(page("coffee", Some(78), 100, 100)).await.unwrap();
    let info = archive.info().await.unwrap();
    assert_eq!((info.posts, info.oldest), (1, Some(minute(100))));
}

#[tokio::test]
async fn store_drops_bounded_number_of_old_posts() {
    let place = Place::disk();
    place.open().store(page("tea", Some(77), 1, 400)).await.unwrap();
    let archive = Archive::open(&Settings { keep_posts: 10, ..place.settings() }).unwrap();
    let mut left = vec![400];
    while *left.last().unwrap() > 10 && left.len() < 20 {
        archive.store(page("tea", Some(77), 400, 400)).await.unwrap();
        left.push(archive.info().await.unwrap().posts);
    }
    assert_eq!(left, [400, 336, 272, 208, 144, 80, 16, 10]);
}

#[tokio::test]
async fn archive_file_stays_below_max_size() {
    let place = Place::disk();
    let max_size = ByteSize::mib(4);
    let archive =
        Archive::open(&Settings { max_size: Some(max_size), ..place.settings() }).unwrap();
    let text: String = (0..400_u64)
        .map(|number| format!("{} ", number.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
        .collect();
    for number in 0..200_u32 {
        let low = number * 10 + 1;
        let mut update = page("tea", Some(77), low, low + 9);
        update.put = (low..low + 10)
            .map(|message| {
                let from = (message as usize * 7) % 3000;
                held(message, &text[from..from + 4000])
            })
            .collect();
        archive.store(update).await.unwrap();
    }
    archive.clone().close().await.unwrap();
    let info = archive.info().await.unwrap();
    assert!((200..1900).contains(&info.posts), "{info:?}");
    assert!(info.size <= max_size.as_u64(), "{info:?}");
    let held = archive.load(&name("tea"), 1).await.unwrap().unwrap();
    assert_eq!(messages(&held.posts), [2000]);
    assert_eq!(held.ranges[0].high, id(2000));
    assert!(held.ranges[0].low > id(1));
    archive.check().await.unwrap();
}
