//! Corrupt files, and files locked by other processes.

use std::io::{Seek as _, SeekFrom, Write as _};

use crate::program::Place;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn corrupt_archive_is_reported_and_requests_get_503() {
    let world = Place::new().await;
    let program = world.start();
    world.ids(&program, "pier").await.expect("an answer");
    program.stop();
    let length = std::fs::metadata(&world.archive).expect("a file").len();
    let mut file = std::fs::OpenOptions::new().write(true).open(&world.archive).expect("a file");
    file.seek(SeekFrom::Start(100)).expect("a place");
    let garbage: Vec<u8> = (0..length - 100).map(|at| (at * 7 % 251) as u8).collect();
    file.write_all(&garbage).expect("a broken file");
    drop(file);
    let program = world.start();
    let (status, problem) = world.get(&program, "/pier/rss.xml").await.expect("an answer");
    assert_eq!(status, 503, "{problem}");
    assert!(problem.contains("The archive cannot be read"), "{problem}");
    assert_eq!(world.ready(&program).await, "archive corrupt", "{}", program.log());
    program.logs("is damaged").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn locked_archive_is_awaited_and_then_used() {
    let world = Place::new().await;
    let program = world.start();
    world.ids(&program, "pier").await.expect("an answer");
    let holder = rusqlite::Connection::open(&world.archive).expect("a database");
    holder.execute_batch("BEGIN IMMEDIATE").expect("a lock");
    let new = world.publish("pier", "Written while it was held.");
    world.pass();
    assert!(world.ids(&program, "pier").await.expect("an answer").contains(&new));
    assert_eq!(world.ready(&program).await, "archive locked", "{}", program.log());
    holder.execute_batch("ROLLBACK").expect("an end");
    let last = world.publish("pier", "Written afterwards.");
    world.pass();
    assert!(world.ids(&program, "pier").await.expect("an answer").contains(&last));
    world.becomes(&program, "ready").await;
    drop(program);
    world.break_telegram();
    let program = world.start();
    let ids = world.ids(&program, "pier").await.expect("an answer");
    assert!(ids.contains(&new) && ids.contains(&last), "{ids:?}");
}
