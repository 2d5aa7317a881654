//! Faults of the file, and recovery from them.

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};

use rusqlite::Connection;

use super::*;

fn garbage(path: &Path, from: u64, bytes: usize) {
    let mut file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(from)).unwrap();
    file.write_all(&vec![0xa5; bytes]).unwrap();
}

/// A closed file with posts.
async fn filled(place: &Place) -> std::path::PathBuf {
    let archive = place.open();
    for number in 0..20 {
        archive.store(page("tea", Some(77), number * 20 + 1, number * 20 + 20)).await.unwrap();
    }
    archive.close().await.unwrap();
    place.settings().path.unwrap()
}

#[tokio::test]
async fn foreign_or_non_database_file_is_refused_unchanged() {
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
async fn damaged_file_is_reported_on_access_and_stays_reported() {
    let place = Place::disk();
    let path = filled(&place).await;
    let length = usize::try_from(fs::metadata(&path).unwrap().len()).unwrap();
    // Everything except the start with the schema, the channels and the root pages of the tables.
    let spared = 40 * 1024;
    garbage(&path, spared as u64, length - spared);
    let archive = Archive::start(&place.settings()).unwrap();
    let error = archive.load(&name("tea"), 50).await.unwrap_err();
    assert_eq!(error.code(), "corrupt");
    assert!(error.to_string().contains("put a backup in its place"), "{error}");
    assert_eq!(archive.health().unwrap_err().code(), "corrupt");
    assert!(archive.check().await.is_err());
    assert!(archive.store(page("tea", Some(77), 400, 410)).await.is_err());
    // Another write succeeds, but the damage is still reported.
    archive.store_visits(vec![]).await.unwrap();
    assert_eq!(archive.health().unwrap_err().code(), "corrupt");
}

#[tokio::test]
async fn archive_starts_with_destroyed_file_and_uses_replacement() {
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
async fn deleted_or_replaced_file_is_unused_until_restart() {
    for is_replaced in [false, true] {
        let (place, other) = (Place::disk(), Place::disk());
        let (path, away) =
            (filled(&place).await, place.settings().path.unwrap().with_extension("away"));
        let archive = Archive::start(&place.settings()).unwrap();
        let channel = archive.store(page("tea", Some(77), 400, 410)).await.unwrap().id;
        archive.load(&name("tea"), 1).await.unwrap();
        let stranger = other.open();
        stranger.store(page("milk", Some(5), 1, 3)).await.unwrap();
        stranger.close().await.unwrap();
        fs::rename(&path, &away).unwrap();
        if is_replaced {
            fs::rename(other.settings().path.unwrap(), &path).unwrap();
        }
        let there = || fs::metadata(&path).ok().map(|file| (file.len(), file.modified().unwrap()));
        let before = there();
        for round in 0..2 {
            assert_eq!(archive.health().unwrap_err().code(), "replaced", "round {round}");
            let codes = [
                archive.load(&name("tea"), 1).await.unwrap_err().code(),
                archive.post(channel, id(2)).await.unwrap_err().code(),
                archive.store(page("tea", Some(77), 411, 412)).await.unwrap_err().code(),
                archive.store_state(channel, state(9)).await.unwrap_err().code(),
            ];
            assert_eq!(codes, ["replaced"; 4], "round {round}");
        }
        assert_eq!(there(), before, "nothing is written there");
        // The file returns, and the archive recovers.
        if is_replaced {
            fs::rename(&path, path.with_extension("other")).unwrap();
        }
        fs::rename(&away, &path).unwrap();
        archive.store(page("tea", Some(77), 411, 412)).await.unwrap();
        assert_eq!(archive.health(), Ok(()));
        assert_eq!(
            archive.load(&name("tea"), 1).await.unwrap().unwrap().posts[0].message(),
            id(412)
        );
    }
}

#[tokio::test]
async fn store_succeeds_again_after_disk_was_full() {
    let place = Place::disk();
    let archive = place.open();
    archive.store(page("tea", Some(77), 1, 5)).await.unwrap();
    let limit = |pages: u32| {
        move |connection: &mut Connection| {
            connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
        }
    };
    archive.write(limit(1)).await.unwrap();
    let large: Vec<PostRow> =
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
async fn locked_file_is_reported_and_written_later() {
    let place = Place::disk();
    let archive = place.open();
    archive.write(|connection| connection.busy_timeout(Duration::from_millis(20))).await.unwrap();
    // A successful task resets the busy timeout.
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
    // Reads do not wait for the lock.
    assert_eq!(archive.load(&name("tea"), 1).await.unwrap(), None);
    drop(other);
    archive.store(page("tea", Some(77), 1, 5)).await.unwrap();
    assert_eq!(archive.health(), Ok(()));
}

#[tokio::test]
async fn two_archives_on_one_file_lose_no_writes() {
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
async fn edit_by_another_program_is_indexed_as_it_is_now() {
    let place = Place::disk();
    let (one, other) = (place.open(), place.open());
    one.store(page("tea", Some(77), 5, 6)).await.unwrap();
    assert_eq!(found(&one, "words : \"en·post\"").await, [6, 5]);
    one.store(page("tea", Some(77), 7, 8)).await.unwrap();
    let put = vec![held(8, "Oolong")];
    other.store(Update { put, ..page("tea", Some(77), 7, 8) }).await.unwrap();
    assert_eq!(found(&one, "words : \"en·oolong\"").await, [8]);
    assert_eq!(found(&one, "words : \"en·post\"").await, [7, 6, 5]);
}

#[tokio::test]
async fn wal_file_is_written_back_while_much_is_stored() {
    let place = Place::disk();
    let archive = place.open();
    let mut random = 7_u64;
    for message in 1..=100 {
        let words = (0..16_000).map(|_| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            format!("{:x} ", random >> 32)
        });
        let put = vec![held(message, &words.collect::<String>())];
        archive.store(Update { put, ..page("tea", Some(77), message, message) }).await.unwrap();
    }
    let path = place.settings().path.unwrap();
    let written = std::fs::metadata(&path).unwrap().len();
    assert!(written > 2 << 20, "{written}");
    let wal = std::fs::metadata(path.with_extension("db-wal")).unwrap().len();
    assert!(wal < 20 << 20, "{wal}");
}

/// The values of a column by row id.
async fn bytes(
    archive: &Archive,
    table: &'static str,
    column: &'static str,
) -> Vec<(i64, Vec<u8>)> {
    let read = move |session: &Session<'_>| {
        let statement = format!("SELECT rowid, CAST({column} AS BLOB) FROM {table} ORDER BY rowid");
        let mut statement = session.prepare(&statement)?;
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    };
    archive.read(read).await.unwrap()
}

async fn execute(archive: &Archive, statement: &'static str) {
    archive.write(move |connection| connection.execute_batch(statement)).await.unwrap();
}

#[tokio::test]
async fn undecodable_post_row_is_skipped_and_not_overwritten() {
    for garbage in ["x'007b226b657074223a317d'", "x''", "x'0100ff'", "x'07'", "x'00226122'"] {
        let place = Place::disk();
        let archive = place.open();
        let mut update = page("tea", Some(77), 1, 6);
        let mut album = kept(5, "Album");
        album.post.members = vec![id(5), id(6)];
        update.put.truncate(4);
        update.put.push(PostRow::new(Arc::new(album), 1));
        update.put[2].deleted = Some(minute(9));
        let channel = archive.store(update.clone()).await.unwrap().id;
        let before = archive.load(&name("tea"), 99).await.unwrap();
        execute(&archive, "CREATE TABLE safe AS SELECT id, payload FROM post").await;
        let spoil = format!("UPDATE post SET payload = {garbage} WHERE message IN (2, 3, 5)");
        archive.write(move |connection| connection.execute_batch(&spoil)).await.unwrap();
        let spoiled = bytes(&archive, "post", "payload").await;
        for _ in 0..3 {
            let held = archive.load(&name("tea"), 99).await.unwrap().unwrap();
            assert_eq!(messages(&held.posts), [4, 1], "{garbage}");
        }
        assert_eq!(archive.rows_set_aside(), 3);
        assert_eq!(archive.undecodable_rows().await, Ok(3));
        assert_eq!(archive.health(), Ok(()), "the file is sound");
        for message in [2, 3, 5, 6] {
            assert_eq!(archive.post(channel, id(message)).await.unwrap(), None, "{message}");
        }
        // The same posts are stored again: by their own messages, and the album by one of its parts.
        let mut again = page("tea", Some(77), 1, 7);
        for message in [1, 4] {
            again.put[message as usize - 1] = held(message, &format!("Post {message}"));
        }
        again.former = vec![kept(2, "Before")];
        archive.store(again).await.unwrap();
        let mut untouched = bytes(&archive, "post", "payload").await;
        untouched.retain(|row| spoiled.contains(row));
        assert_eq!(untouched.len(), spoiled.len(), "{garbage}: no row was written over");
        let held = archive.load(&name("tea"), 99).await.unwrap().unwrap();
        assert_eq!(messages(&held.posts), [7, 4, 1], "{garbage}: the others are stored");
        // The rows become decodable, as with another version of feedline or after a repair.
        execute(
            &archive,
            "DELETE FROM post WHERE message = 7;
             UPDATE post SET payload = (SELECT payload FROM safe WHERE safe.id = post.id)",
        )
        .await;
        let after = archive.load(&name("tea"), 99).await.unwrap();
        assert_eq!(after.unwrap().posts, before.unwrap().posts, "{garbage}");
        assert_eq!(archive.post(channel, id(6)).await.unwrap().unwrap().message(), id(5));
    }
}

#[tokio::test]
async fn undecodable_revision_row_is_skipped_and_not_overwritten() {
    let archive = Place::memory().open();
    let former = vec![kept(5, "First"), kept(5, "Second")];
    let update = Update { former, ..page("tea", Some(77), 5, 5) };
    let channel = archive.store(update).await.unwrap().id;
    execute(&archive, "UPDATE revision SET payload = x'ff' WHERE id = 1").await;
    let spoiled = bytes(&archive, "revision", "payload").await;
    assert_eq!(archive.revisions(channel, id(5)).await.unwrap(), [kept(5, "Second")]);
    archive.store(page("tea", Some(77), 5, 6)).await.unwrap();
    assert_eq!(bytes(&archive, "revision", "payload").await, spoiled);
    assert_eq!(archive.rows_set_aside(), 1);
}

#[tokio::test]
async fn undecodable_channel_row_is_an_error_and_not_overwritten() {
    for column in ["payload", "state", "ranges"] {
        let place = Place::disk();
        let archive = place.open();
        let channel = archive.store(page("tea", Some(77), 1, 5)).await.unwrap().id;
        archive.store(page("milk", Some(5), 1, 3)).await.unwrap();
        let before = archive.load(&name("tea"), 99).await.unwrap();
        execute(&archive, "CREATE TABLE safe AS SELECT * FROM channel").await;
        let spoil = format!("UPDATE channel SET {column} = '{{' WHERE name = 'tea'");
        archive.write(move |connection| connection.execute_batch(&spoil)).await.unwrap();
        let rows = bytes(&archive, "channel", column).await;

        let is_undecodable = |error: Error| assert_eq!(error.code(), "undecodable", "{column}");
        for _ in 0..2 {
            is_undecodable(archive.load(&name("tea"), 99).await.unwrap_err());
        }
        is_undecodable(archive.load_owner(&name("nobody"), Some(77), 99).await.unwrap_err());
        is_undecodable(archive.store_state(channel, state(9)).await.unwrap_err());
        for numeric_id in [Some(77), None] {
            let again = archive.store(page("tea", numeric_id, 5, 9)).await;
            is_undecodable(again.unwrap_err());
        }
        if column == "ranges" {
            is_undecodable(archive.older(channel, id(4), 9).await.unwrap_err());
        }
        let told = archive.load(&name("tea"), 9).await.unwrap_err().to_string();
        assert!(told.contains("feedline.db") && told.contains("nothing is written over"), "{told}");
        assert_eq!(archive.rows_set_aside(), 1, "{column}");
        assert_eq!(archive.health(), Ok(()), "{column}: one row says nothing about the file");

        // Other channels keep working, even if the limits reach posts of this one.
        archive.store(page("milk", Some(5), 3, 4)).await.unwrap();
        assert_eq!(archive.load(&name("milk"), 9).await.unwrap().unwrap().posts.len(), 4);
        assert_eq!(bytes(&archive, "channel", column).await[0], rows[0], "{column}");
        assert_eq!(archive.undecodable_rows().await, Ok(1));

        execute(
            &archive,
            "UPDATE channel SET (payload, state, ranges) =
             (SELECT payload, state, ranges FROM safe WHERE safe.id = channel.id) WHERE id = 1",
        )
        .await;
        assert_eq!(archive.load(&name("tea"), 99).await.unwrap(), before, "{column}");
    }
}

#[tokio::test]
async fn retention_works_beside_undecodable_channel_row() {
    let settings = Settings { keep_for: Some(Duration::from_secs(3600)), ..Settings::default() };
    let archive = Archive::open(&settings).unwrap();
    archive.store(page("tea", Some(77), 1, 5)).await.unwrap();
    execute(&archive, "UPDATE channel SET ranges = '{'").await;
    archive.store(page("milk", Some(5), 100, 103)).await.unwrap();
    assert_eq!(archive.info().await.unwrap().posts, 4);
    assert_eq!(bytes(&archive, "channel", "ranges").await[0].1, b"{");
}

#[tokio::test]
async fn panic_in_archive_job_fails_only_that_job() {
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
async fn folder_that_cannot_be_created_is_reported() {
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
async fn backup_is_complete_and_overwrites_no_file() {
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
    assert_eq!(found(&copy, "words : \"en·post\"").await, [5, 4, 3, 2, 1]);
    copy.check().await.unwrap();
}

#[tokio::test]
async fn committed_store_survives_unclean_shutdown() {
    let place = Place::disk();
    let path = place.settings().path.unwrap();
    let archive = place.open();
    archive.store(page("tea", Some(77), 1, 5)).await.unwrap();
    // The file and its `-wal` as `kill -9` would leave them now.
    let folder = tempfile::tempdir().unwrap();
    for name in ["feedline.db", "feedline.db-wal"] {
        fs::copy(path.with_file_name(name), folder.path().join(name)).unwrap();
    }
    let settings =
        Settings { path: Some(folder.path().join("feedline.db")), ..Settings::default() };
    let held = Archive::open(&settings).unwrap().load(&name("tea"), 9).await.unwrap().unwrap();
    assert_eq!(messages(&held.posts), [5, 4, 3, 2, 1]);
}
