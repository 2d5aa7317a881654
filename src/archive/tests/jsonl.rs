//! Round trips of export and import.

use std::io::Cursor;
use std::sync::{Arc, Mutex};

use super::{Place, found, held, id, kept, messages, minute, name, page, range};
use crate::archive::{Amount, Archive, Error, Imported, Lines, PostRow, Settings, Update};

/// An output whose content the test can read.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn exported(archive: &Archive) -> (String, Amount) {
    let paper = Paper::default();
    let amount = archive.export(paper.clone(), |_| {}).await.unwrap();
    let bytes = paper.0.lock().unwrap().clone();
    (String::from_utf8(bytes).unwrap(), amount)
}

async fn import(archive: &Archive, text: impl Into<String>) -> Result<Imported, Error> {
    archive.import(Lines::begin(Cursor::new(text.into()))?, |_| {}).await
}

/// An archive with every state that a channel can have.
async fn filled() -> Archive {
    let archive = Place::memory().open();
    archive.store(page("leaf", Some(77), 1, 2)).await.unwrap();
    let mut update = page("tea", Some(77), 5, 9);
    update.put[1].absent_since = Some(minute(60));
    update.put[2].deleted = Some(minute(61));
    let mut album = kept(8, "Album <b> & \u{202e}");
    album.post.members = vec![id(8), id(9)];
    update.put[3] = PostRow::new(Arc::new(album), 1);
    update.put.truncate(4);
    archive.store(update.clone()).await.unwrap();
    update.former = vec![kept(5, "Before"), kept(5, "Between")];
    archive.store(update).await.unwrap();
    archive.store(page("milk", Some(5), 3, 3)).await.unwrap();
    archive.store(page("milk", Some(6), 1, 450)).await.unwrap();
    archive.store(Update { put: vec![], ..page("empty", None, 1, 1) }).await.unwrap();
    archive
}

#[tokio::test]
async fn export_is_imported_unchanged() {
    let archive = filled().await;
    let (text, amount) = exported(&archive).await;
    assert_eq!((amount.channels, amount.posts, amount.bytes), (4, 457, text.len() as u64));
    assert_eq!(text.lines().count(), 1 + 4 + 457);
    assert!(text.starts_with("{\"feedline_archive\":1}\n"), "{}", &text[..50]);

    let other = Place::memory().open();
    let reports = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&reports);
    let imported = other
        .import(Lines::begin(Cursor::new(text.clone())).unwrap(), move |amount| {
            heard.lock().unwrap().push(amount)
        })
        .await
        .unwrap();
    assert_eq!(imported, Imported { amount, ..Imported::default() });
    let reports = reports.lock().unwrap().clone();
    assert_eq!(reports.last(), Some(&amount));
    assert!(reports.len() > 3 && reports.is_sorted_by_key(|amount| amount.bytes));

    assert_eq!(exported(&other).await.0, text);
    for asked in ["leaf", "tea"] {
        let tea = other.load(&name(asked), 10).await.unwrap().unwrap();
        assert_eq!(tea, archive.load(&name("tea"), 10).await.unwrap().unwrap());
        let revisions = other.revisions(tea.id, id(5)).await.unwrap();
        assert_eq!(revisions, [kept(5, "Before"), kept(5, "Between")]);
        assert_eq!(other.post(tea.id, id(9)).await.unwrap().unwrap().message(), id(8));
    }
    let milk = other.load(&name("milk"), 1).await.unwrap().unwrap();
    assert_eq!(milk.channel.numeric_id, Some(6));
    assert_eq!(
        other.load_owner(&name("nobody"), Some(5), 1).await.unwrap().0.unwrap().posts.len(),
        1
    );
    assert!(other.load(&name("empty"), 1).await.unwrap().is_some());
    assert_eq!(found(&other, "words : \"en·album\"").await, [8]);
}

#[tokio::test]
async fn import_keeps_existing_post_unless_line_is_newer() {
    let archive = Place::memory().open();
    let mut update = page("tea", Some(77), 5, 9);
    update.put[0] = held(5, "Ours");
    archive.store(update.clone()).await.unwrap();
    let (early, _) = exported(&archive).await;
    let mut later = kept(5, "Later");
    later.updated = minute(600);
    archive
        .store(Update {
            put: vec![PostRow::new(Arc::new(later), 1), held(10, "New")],
            ..page("tea", Some(77), 5, 20)
        })
        .await
        .unwrap();
    let (late, _) = exported(&archive).await;

    let imported = import(&archive, early.clone()).await.unwrap();
    assert_eq!((imported.known, imported.refused), (5, 0));
    assert_eq!(exported(&archive).await.0, late);

    let other = Place::memory().open();
    import(&other, early).await.unwrap();
    let imported = import(&other, late.clone()).await.unwrap();
    assert_eq!((imported.known, imported.amount.posts), (4, 6));
    assert_eq!(exported(&other).await.0, late);
    let tea = other.load(&name("tea"), 99).await.unwrap().unwrap();
    assert_eq!(
        (messages(&tea.posts), tea.ranges),
        (vec![10, 9, 8, 7, 6, 5], vec![range(5, 20, 20)])
    );
}

#[tokio::test]
async fn unreadable_import_line_is_reported_and_skipped() {
    let archive = Place::memory().open();
    archive.store(page("tea", Some(77), 1, 3)).await.unwrap();
    archive.store(page("milk", Some(78), 1, 2)).await.unwrap();
    let (text, _) = exported(&archive).await;
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines[2] = lines[2].replace("Post 1", "Post \\u0000");
    lines[3].truncate(40);
    lines.insert(4, String::new());
    // The channel of the last two posts.
    lines[6] = lines[6].replace("\"milk\"", "\"no name\"");
    let other = Place::memory().open();
    let imported = import(&other, lines.join("\n")).await.unwrap();
    let faults: Vec<(u64, &str)> =
        imported.faults.iter().map(|fault| (fault.line, fault.why.as_str())).collect();
    assert_eq!(imported.refused, 5, "{faults:?}");
    for ((line, why), (expected_line, part)) in faults.into_iter().zip([
        (3, "character"),
        (4, "EOF"),
        (7, "not the name of a channel"),
        (8, "its channel"),
        (9, "its channel"),
    ]) {
        assert!(line == expected_line && why.contains(part), "{line}: {why}");
    }
    let tea = other.load(&name("tea"), 99).await.unwrap().unwrap();
    assert_eq!(messages(&tea.posts), [3]);
    assert_eq!(other.channels().await.unwrap().len(), 1);
}

#[tokio::test]
async fn file_without_export_header_is_refused() {
    let archive = Place::memory().open();
    for (text, why) in [
        ("", "does not begin"),
        ("<rss/>", "does not begin"),
        ("{\"post\":{}}", "does not begin"),
        ("{\"feedline_archive\":2}", "newer feedline"),
    ] {
        let error = import(&archive, text).await.unwrap_err();
        assert_eq!(error.code(), "unreadable");
        assert!(error.to_string().contains(why), "{text}: {error}");
    }
    assert_eq!(archive.channels().await.unwrap(), []);
}

#[tokio::test]
async fn import_respects_retention_limits() {
    let (text, _) = exported(&filled().await).await;
    let settings = Settings { keep_posts: 3, revisions: 1, ..Settings::default() };
    let other = Archive::open(&settings).unwrap();
    import(&other, text).await.unwrap();
    let milk = other.load(&name("milk"), 99).await.unwrap().unwrap();
    assert_eq!(
        (messages(&milk.posts), milk.ranges),
        (vec![450, 449, 448], vec![range(448, 450, 450)])
    );
}

#[tokio::test]
async fn failing_output_ends_export() {
    struct Broken;
    impl std::io::Write for Broken {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::from(std::io::ErrorKind::StorageFull))
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let archive = filled().await;
    assert_eq!(archive.export(Broken, |_| {}).await.unwrap_err().code(), "unwritable");
    assert_eq!(archive.health(), Ok(()));
}

#[tokio::test]
async fn undecodable_rows_are_counted_by_export_and_kept_by_import() {
    let archive = filled().await;
    let (text, _) = exported(&archive).await;
    archive
        .write(|connection| {
            connection.execute("UPDATE post SET payload = x'ff' WHERE message = 5", [])?;
            connection.execute("UPDATE channel SET state = '{' WHERE numeric_id = 6", [])
        })
        .await
        .unwrap();
    // The posts of a channel with an undecodable row are not exported either: 450 are missing.
    let (short, amount) = exported(&archive).await;
    assert_eq!((amount.channels, amount.set_aside), (3, 2));
    assert!(!short.contains("\"numeric_id\":6"), "{}", amount.posts);
    let imported = import(&archive, text).await.unwrap();
    assert_eq!(imported.refused, 1 + 1 + 450);
    let told = &imported.faults[0].why;
    assert!(told.contains("cannot be decoded"), "{told}");
    let spoiled = archive.undecodable_rows().await.unwrap();
    assert_eq!(spoiled, 3, "nothing was written over them: two posts have the number 5");
}
