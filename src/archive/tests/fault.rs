//! What goes wrong with a file, and that the archive goes on afterwards.

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};

use rusqlite::Connection;

use super::*;

fn garbage(path: &Path, from: u64, bytes: usize) {
    let mut file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(from)).unwrap();
    file.write_all(&vec![0xa5; bytes]).unwrap();
}

/// A file with posts, closed.
async fn filled(place: &Place) -> std::path::PathBuf {
    let archive = place.open();
    for number in 0..20 {
        archive.store(page("tea", Some(77), number * 20 + 1, number * 20 + 20)).await.unwrap();
    }
    archive.close().await.unwrap();
    place.settings().path.unwrap()
}

#[tokio::test]
async fn what_is_no_database_or_one_of_others_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    let settings = Settings { path: Some(path.clone()), ..Settings::default() };
    fs::File::create(&path).unwrap().write_all(&b"no database at all ".repeat(100)).unwrap();
    let error = Archive::open(&settings).unwrap_err();
    assert_eq!(error, Error::NotADatabase { path: path.clone() });
    assert_eq!(fs::metadata(&path).unwrap().len(), 1900);
    fs::remove_file(&path).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE song (title TEXT)").unwrap();
    let error = Archive::start(&settings).unwrap_err();
    assert_eq!(error, Error::Foreign { path: path.clone() });
    let tables: i64 =
        other.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
    assert_eq!(tables, 1);
}

#[tokio::test]
async fn a_damaged_file_is_told_when_the_damage_is_met_and_stays_told() {
    let place = Place::disk();
    let path = filled(&place).await;
    let length = usize::try_from(fs::metadata(&path).unwrap().len()).unwrap();
    // Everything but the beginning, with the schema, the channels and where each table begins.
    let spared = 40 * 1024;
    garbage(&path, spared as u64, length - spared);
    let archive = Archive::start(&place.settings()).unwrap();
    let error = archive.load(&name("tea"), 50).await.unwrap_err();
    assert_eq!(error.code(), "corrupt");
    assert!(error.to_string().contains("put a backup in its place"), "{error}");
    assert_eq!(archive.health().unwrap_err().code(), "corrupt");
    assert!(archive.check().await.is_err());
    assert!(archive.store(page("tea", Some(77), 400, 410)).await.is_err());
    // Something else can be written; the damage is still there.
    archive.store_visits(vec![]).await.unwrap();
    assert_eq!(archive.health().unwrap_err().code(), "corrupt");
}

#[tokio::test]
async fn a_service_starts_beside_a_destroyed_file_and_goes_on_with_another() {
    let place = Place::disk();
    let path = filled(&place).await;
    let backup = path.with_file_name("backup.db");
    let archive = place.open();
    archive.backup(&backup).await.unwrap();
    archive.close().await.unwrap();
    garbage(&path, 0, 4096);
    assert_eq!(Archive::open(&place.settings()).unwrap_err().code(), "not_a_database");
    let archive = Archive::start(&place.settings()).unwrap();
    assert_eq!(archive.health().unwrap_err().code(), "not_a_database");
    assert!(archive.load(&name("tea"), 50).await.is_err());
    fs::rename(&backup, &path).unwrap();
    assert_eq!(archive.load(&name("tea"), 1).await.unwrap().unwrap().posts.len(), 1);
    archive.store(page("tea", Some(77), 400, 410)).await.unwrap();
    assert_eq!(archive.health(), Ok(()));
}

#[tokio::test]
async fn a_full_disk_loses_one_store_and_not_the_next() {
    let place = Place::disk();
    let archive = place.open();
    archive.store(page("tea", Some(77), 1, 5)).await.unwrap();
    let limit = |pages: u32| {
        move |connection: &mut Connection| {
            connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
        }
    };
    archive.write(limit(1)).await.unwrap();
    let large: Vec<HeldPost> =
        (10..60).map(|message| held(message, &format!("{message} ").repeat(2000))).collect();
    let update = Update { put: large, ..page("tea", Some(77), 10, 60) };
    let error = archive.store(update.clone()).await.unwrap_err();
    assert_eq!(error.code(), "full");
    assert_eq!(archive.health(), Err(error));
    let held = archive.load(&name("tea"), 100).await.unwrap().unwrap();
    assert_eq!((messages(&held.posts), held.ranges), (vec![5, 4, 3, 2, 1], vec![range(1, 5, 5)]));
    archive.write(limit(1_000_000)).await.unwrap();
    archive.store(update).await.unwrap();
    assert_eq!(archive.health(), Ok(()));
    assert_eq!(archive.info().await.unwrap().posts, 55);
}

#[tokio::test]
async fn a_file_that_another_program_holds_is_told_and_written_later() {
    let place = Place::disk();
    let archive = place.open();
    archive.write(|connection| connection.busy_timeout(Duration::from_millis(20))).await.unwrap();
    // A piece of work that is done sets the patience anew.
    let hold = |archive: &Archive| {
        let path = archive.path().unwrap().to_owned();
        let other = Connection::open(path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        other
    };
    let other = hold(&archive);
    let error = archive.store(page("tea", Some(77), 1, 5)).await.unwrap_err();
    assert_eq!(error.code(), "locked");
    assert_eq!(archive.health(), Err(error));
    // Reads do not wait for it.
    assert_eq!(archive.load(&name("tea"), 1).await.unwrap(), None);
    drop(other);
    archive.store(page("tea", Some(77), 1, 5)).await.unwrap();
    assert_eq!(archive.health(), Ok(()));
}

#[tokio::test]
async fn two_archives_on_one_file_lose_nothing_of_each_other() {
    let place = Place::disk();
    let (one, other) = (place.open(), place.open());
    let names: Vec<String> = (0..20).map(|number| format!("channel{number}")).collect();
    let stores = names.iter().zip(1..).flat_map(|(name, number)| {
        [one.store(page(name, Some(number), 1, 5)), other.store(page(name, Some(number), 5, 9))]
    });
    for outcome in futures_util::future::join_all(stores).await {
        outcome.unwrap();
    }
    for named in &names {
        let held = one.load(&name(named), 99).await.unwrap().unwrap();
        assert_eq!(held.posts.len(), 9, "{named}");
        assert_eq!(held.ranges, [range(1, 9, 9)]);
        assert_eq!(other.load(&name(named), 99).await.unwrap().unwrap(), held);
    }
}

#[tokio::test]
async fn what_cannot_be_read_of_a_row_is_passed_over() {
    let place = Place::disk();
    let archive = place.open();
    let channel = archive.store(page("tea", Some(77), 1, 5)).await.unwrap();
    archive
        .write(|connection| {
            let change = "UPDATE post SET payload = ?1 WHERE message = ?2";
            connection.execute(change, (&b"\x00{\"kept\":1}"[..], 2))?;
            connection.execute(change, (&b""[..], 3))?;
            connection.execute(change, (&b"\x01\x00\xff"[..], 4))
        })
        .await
        .unwrap();
    let held = archive.load(&name("tea"), 99).await.unwrap().unwrap();
    assert_eq!(messages(&held.posts), [5, 1]);
    assert_eq!(archive.post(channel, id(3)).await.unwrap(), None);
    // It is fetched again, and written over.
    archive.store(page("tea", Some(77), 3, 3)).await.unwrap();
    assert!(archive.post(channel, id(3)).await.unwrap().is_some());
    archive
        .write(|connection| connection.execute("UPDATE channel SET payload = '{}'", []))
        .await
        .unwrap();
    assert_eq!(archive.load(&name("tea"), 99).await.unwrap(), None);
    assert_eq!(archive.channels().await.unwrap(), []);
    archive.store(page("tea", Some(77), 5, 6)).await.unwrap();
    assert_eq!(
        messages(&archive.load(&name("tea"), 99).await.unwrap().unwrap().posts),
        [6, 5, 3, 1]
    );
}

#[tokio::test]
async fn a_panic_ends_one_piece_of_work() {
    let place = Place::disk();
    let archive = place.open();
    let panicking = archive.write(|connection| -> rusqlite::Result<()> {
        let transaction = connection.transaction()?;
        transaction.execute("INSERT INTO visit (key, payload) VALUES ('x', '')", [])?;
        panic!("a fault of ours")
    });
    assert_eq!(panicking.await.unwrap_err().code(), "refused");
    archive.store(page("tea", Some(77), 1, 5)).await.unwrap();
    assert_eq!(archive.visits().await.unwrap(), []);
    let panicking = archive.read(|_| -> rusqlite::Result<()> { panic!("a fault of ours") });
    assert_eq!(panicking.await.unwrap_err().code(), "refused");
    assert!(archive.load(&name("tea"), 1).await.unwrap().is_some());
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::File::create(&file).unwrap();
    let settings = Settings { path: Some(file.join("data/feedline.db")), ..Settings::default() };
    let error = Archive::open(&settings).unwrap_err();
    assert_eq!(error.code(), "io");
    let archive = Archive::start(&settings).unwrap();
    assert_eq!(archive.health(), Err(error));
    fs::remove_file(&file).unwrap();
    archive.store(page("tea", Some(77), 1, 5)).await.unwrap();
    assert_eq!(archive.health(), Ok(()));
}

#[tokio::test]
async fn a_backup_is_whole_and_overwrites_nothing() {
    let place = Place::disk();
    let archive = place.open();
    archive.store(page("tea", Some(77), 1, 5)).await.unwrap();
    let to = place.settings().path.unwrap().with_file_name("backup.db");
    archive.backup(&to).await.unwrap();
    archive.store(page("tea", Some(77), 6, 9)).await.unwrap();
    assert_eq!(archive.backup(&to).await.unwrap_err().code(), "exists");
    let copy = Archive::open(&Settings { path: Some(to), ..Settings::default() }).unwrap();
    let held = copy.load(&name("tea"), 99).await.unwrap().unwrap();
    assert_eq!(messages(&held.posts), [5, 4, 3, 2, 1]);
    assert_eq!(found(&copy, "words : post").await, [5, 4, 3, 2, 1]);
    copy.check().await.unwrap();
}

#[tokio::test]
async fn what_was_answered_is_there_when_the_file_is_opened_again_without_a_close() {
    let place = Place::disk();
    let path = place.settings().path.unwrap();
    let archive = place.open();
    archive.store(page("tea", Some(77), 1, 5)).await.unwrap();
    // As `kill -9` leaves it: the file and its `-wal`, at this moment.
    let folder = tempfile::tempdir().unwrap();
    for name in ["feedline.db", "feedline.db-wal"] {
        fs::copy(path.with_file_name(name), folder.path().join(name)).unwrap();
    }
    let settings =
        Settings { path: Some(folder.path().join("feedline.db")), ..Settings::default() };
    let held = Archive::open(&settings).unwrap().load(&name("tea"), 9).await.unwrap().unwrap();
    assert_eq!(messages(&held.posts), [5, 4, 3, 2, 1]);
}
