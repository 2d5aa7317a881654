//! Files of other versions.

use rusqlite::Connection;

use super::*;
use crate::archive::payload::{encode, to_text};
use crate::archive::schema::{STEPS, Step, migrate, version};

/// The schema of a later version.
const LATER: &[Step] = &[STEPS[0], STEPS[1], STEPS[2], STEPS[3], |connection| {
    connection.execute_batch("ALTER TABLE post ADD COLUMN note TEXT")
}];

const BROKEN: &[Step] = &[STEPS[0], STEPS[1], STEPS[2], STEPS[3], |connection| {
    connection.execute_batch("ALTER TABLE post ADD COLUMN note TEXT; nonsense")
}];

fn names_beside(path: &Path) -> Vec<String> {
    let names = std::fs::read_dir(path.parent().unwrap()).unwrap();
    let mut names: Vec<String> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn older_file_is_copied_before_migration() {
    let place = Place::disk();
    let path = place.settings().path.unwrap();
    let archive = place.open();
    archive.store(page("tea", Some(77), 5, 9)).await.unwrap();
    archive.close().await.unwrap();

    let mut connection = Connection::open(&path).unwrap();
    // A partial copy from an interrupted attempt.
    std::fs::File::create(path.with_extension("db.v4")).unwrap();
    migrate(&mut connection, Some(&path), LATER).unwrap();
    assert_eq!(version(&connection).unwrap(), 5);
    connection.query_row("SELECT note FROM post LIMIT 1", [], |_| Ok(())).unwrap();
    drop(connection);

    // This version rejects the later file and leaves it unchanged. The copy works.
    let error = Archive::open(&place.settings()).unwrap_err();
    assert_eq!(error, Error::Newer { path: path.clone(), found: 5, known: 4 });
    assert!(error.to_string().contains("install that version again"), "{error}");
    assert_eq!(Archive::start(&place.settings()).unwrap_err(), error);
    let copy = Settings { path: Some(path.with_extension("db.v4")), ..Settings::default() };
    let held = Archive::open(&copy).unwrap().load(&name("tea"), 9).await.unwrap().unwrap();
    assert_eq!(messages(&held.posts), [9, 8, 7, 6, 5]);
}

#[tokio::test]
async fn version_1_file_keeps_posts_and_search() {
    let place = Place::disk();
    let path = place.settings().path.unwrap();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut connection = Connection::open(&path).unwrap();
    migrate(&mut connection, Some(&path), &STEPS[..1]).unwrap();
    let payload = |id| encode(&held(id, &format!("Post {id}"))).unwrap();
    let channel = "INSERT INTO channel (id, numeric_id, name, posts, payload, state, ranges) \
                   VALUES (1, 77, 'tea', 1, ?1, ?2, '[]')";
    let update = page("tea", Some(77), 5, 5);
    let values = (to_text(&update.channel).unwrap(), to_text(&update.state).unwrap());
    connection.execute(channel, values).unwrap();
    let post = "INSERT INTO post (id, channel, message, is_deleted, words, payload) VALUES (9, 1, 5, 0, 0, ?1)";
    connection.execute(post, [payload(5)]).unwrap();
    let words = "INSERT INTO post_text (rowid, place, words) VALUES (9, 'c1', 'post 5')";
    connection.execute(words, []).unwrap();
    drop(connection);

    let archive = place.open();
    // The post was reindexed.
    assert_eq!(found(&archive, "words : \"en·post\"").await, [5]);
    archive.store(page("tea", Some(77), 5, 6)).await.unwrap();
    assert_eq!(found(&archive, "words : \"en·post\"").await, [6, 5]);
    assert_eq!(archive.count(ChannelId::new(1)).await.unwrap(), 2);
}

#[tokio::test]
async fn version_2_file_keeps_former_names_and_restores_lost_ones() {
    let place = Place::disk();
    let path = place.settings().path.unwrap();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut connection = Connection::open(&path).unwrap();
    migrate(&mut connection, Some(&path), &STEPS[..2]).unwrap();
    let add = |id: i64, named: &str, key: Option<&str>| {
        let update = page(named, Some(70 + id), 5, 5);
        let statement = "INSERT INTO channel (id, numeric_id, name, payload, state, ranges) \
                         VALUES (?1, ?2, ?3, ?4, ?5, '[]')";
        let texts = (to_text(&update.channel).unwrap(), to_text(&update.state).unwrap());
        connection.execute(statement, (id, 70 + id, key, texts.0, texts.1)).unwrap();
    };
    add(1, "GreenTea", Some("greentea"));
    add(2, "Milk", None);
    add(3, "milk", Some("milk"));
    connection.execute("INSERT INTO former_name VALUES ('tea', 1)", []).unwrap();
    let spoiled = "INSERT INTO channel (id, numeric_id, payload, state, ranges) VALUES (4, 74, '{', '{', '{')";
    connection.execute(spoiled, []).unwrap();
    drop(connection);
    let archive = place.open();
    assert_eq!(
        archive.load(&name("tea"), 1).await.unwrap().unwrap().channel.name,
        name("greentea")
    );
    assert_eq!(archive.has_other_owner(&name("tea"), 71).await, Ok(false));
    assert_eq!(archive.has_other_owner(&name("tea"), 99).await, Ok(true));
    assert_eq!(archive.has_other_owner(&name("milk"), 73).await, Ok(true), "72 had it");
    assert!(archive.load(&name("milk"), 1).await.unwrap().unwrap().channel.shares_name);
}

/// A file of schema version 3: 72 posts of the demo's channels in four languages.
const VERSION_3: &[u8] = include_bytes!("version3.db.gz");

#[tokio::test]
async fn version_3_file_is_migrated_and_reindexed() {
    let place = Place::disk();
    let path = place.settings().path.unwrap();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut file = std::fs::File::create(&path).unwrap();
    std::io::copy(&mut flate2::read::GzDecoder::new(VERSION_3), &mut file).unwrap();
    let archive = place.open();
    assert!(path.with_extension("db.v3").exists());
    assert_eq!(archive.undecodable_rows().await, Ok(0));
    let info = archive.info().await.unwrap();
    assert_eq!((info.version, info.channels, info.posts), (4, 4, 72));
    for (text, expected) in [
        ("lamp", "tidewater"),
        ("вокзал", "zenit_library"),
        ("القهوة", "diwan_alrih"),
        ("晚安", "Cha_Yu_Lun"),
    ] {
        let asked = SearchQuery {
            query: search::Query::parse(text).unwrap(),
            within: None,
            without: Vec::new(),
            before: None,
            below: None,
            limit: 50,
            with_deleted: false,
        };
        let results = archive.search(asked).await.unwrap();
        let names: Vec<_> = results.hits.iter().map(|hit| hit.channel.name.as_str()).collect();
        assert!(names.contains(&expected), "{text}: {names:?}");
    }
    // Old and new rows are read and overwritten alike.
    let held = archive.load(&name("tidewater"), 50).await.unwrap().unwrap();
    let posts = held.posts.len();
    let update = Update {
        channel: held.channel,
        state: held.state,
        put: held.posts[..3].to_vec(),
        former: Vec::new(),
        covered: Vec::new(),
    };
    archive.store(update).await.unwrap();
    let again = archive.load(&name("tidewater"), 50).await.unwrap().unwrap();
    assert_eq!((again.posts.len(), &again.posts[..3]), (posts, &held.posts[..3]));
}

#[tokio::test]
async fn failed_migration_step_changes_nothing() {
    let place = Place::disk();
    let path = place.settings().path.unwrap();
    let archive = place.open();
    archive.store(page("tea", Some(77), 5, 9)).await.unwrap();
    archive.close().await.unwrap();
    let mut connection = Connection::open(&path).unwrap();
    assert!(migrate(&mut connection, Some(&path), BROKEN).is_err());
    drop(connection);
    let held = place.open().load(&name("tea"), 9).await.unwrap().unwrap();
    assert_eq!(messages(&held.posts), [9, 8, 7, 6, 5]);
}

#[tokio::test]
async fn file_migrated_by_newer_program_while_open_is_not_written() {
    let place = Place::disk();
    let archive = place.open();
    archive.store(page("tea", Some(77), 5, 9)).await.unwrap();
    let other = Connection::open(place.settings().path.unwrap()).unwrap();
    other.pragma_update(None, "user_version", 9).unwrap();
    let error = archive.store(page("tea", Some(77), 9, 10)).await.unwrap_err();
    assert_eq!(error.code(), "newer");
    assert_eq!(archive.health(), Err(error));
    let posts: i64 = other.query_row("SELECT count(*) FROM post", [], |row| row.get(0)).unwrap();
    assert_eq!(posts, 5);
}

#[test]
fn new_file_is_created_with_folder_and_without_backup() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::disk();
    let path = place.settings().path.unwrap();
    let archive = place.open();
    let names = names_beside(&path);
    assert_eq!(names, ["feedline.db", "feedline.db-shm", "feedline.db-wal"]);
    for name in names {
        let file = path.with_file_name(name);
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", file.display());
    }
    drop(archive);
}
