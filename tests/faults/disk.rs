//! Full disks and read-only disks.

use std::path::Path;
use std::process::Command;

use crate::program::Place;

/// Mounts a file system of this size over the archive's folder.
fn mount(folder: &Path, size: &str) {
    run("mount", &["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs", &text(folder)]);
}

fn unmount(folder: &Path) {
    run("umount", &["-l", &text(folder)]);
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn run(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).status();
    assert!(status.expect("a program").success(), "{program} {arguments:?}");
}

/// Fills the remaining space.
fn fill(file: &Path) {
    let mut bytes = vec![7_u8; 1 << 16];
    let mut sink =
        std::fs::OpenOptions::new().create(true).append(true).open(file).expect("a file");
    while !bytes.is_empty() {
        while std::io::Write::write_all(&mut sink, &bytes).is_ok() {}
        bytes.truncate(bytes.len() / 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn full_disk_keeps_feeds_and_missed_posts_are_stored_later() {
    let world = Place::new().await;
    let data = world.archive.parent().expect("a folder").to_owned();
    mount(&data, "6m");
    let program = world.start();
    assert_eq!(world.ids(&program, "pier").await.expect("an answer").len(), 12);
    assert_eq!(world.ready(&program).await, "ready");
    let filler = data.join("filler");
    fill(&filler);
    let mut missed = Vec::new();
    for number in 0..8 {
        missed.push(world.publish("pier", &format!("{number} {}", "Long words. ".repeat(1500))));
        world.pass();
        fill(&filler);
        let ids = world.ids(&program, "pier").await.expect("an answer");
        assert!(missed.iter().all(|id| ids.contains(id)), "{missed:?} {ids:?}");
    }
    assert_eq!(world.ready(&program).await, "archive full", "{}", program.log());
    program.logs("there is no room left").await;
    std::fs::remove_file(&filler).expect("room");
    let last = world.publish("pier", "After the flood.");
    world.pass();
    assert!(world.ids(&program, "pier").await.expect("an answer").contains(&last));
    world.becomes(&program, "ready").await;
    program.kill();
    world.break_telegram();
    let program = world.start();
    let ids = world.ids(&program, "pier").await.expect("an answer");
    assert!(missed.iter().chain([&last]).all(|id| ids.contains(id)), "{missed:?} {ids:?}");
    drop(program);
    unmount(&data);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn read_only_archive_is_read_and_reported() {
    let world = Place::new().await;
    let data = world.archive.parent().expect("a folder").to_owned();
    mount(&data, "6m");
    let program = world.start();
    let before = world.ids(&program, "pier").await.expect("an answer");
    program.stop();
    run("mount", &["-o", "remount,ro", &text(&data)]);
    world.break_telegram();
    let program = world.start();
    assert_eq!(
        world.ids(&program, "pier").await.expect("an answer"),
        before,
        "what is there is read"
    );
    world.telegram.clear_faults();
    let new = world.publish("pier", "Written in water.");
    world.pass();
    assert!(world.ids(&program, "pier").await.expect("an answer").contains(&new));
    assert_eq!(world.ready(&program).await, "archive read_only", "{}", program.log());
    program.logs("cannot be written").await;
    drop(program);
    unmount(&data);
}
