//! Clock jumps.

use crate::program::Place;

const HOUR: i64 = 60 * 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clock_jump_loses_no_post_and_reverts_no_date() {
    let world = Place::new().await;
    let mut program = world.start();
    let mut posts = world.ids(&program, "pier").await.expect("an answer");
    let mut modified = String::new();
    for (number, jump) in
        [3 * HOUR, -30 * HOUR, 400 * HOUR, -800 * HOUR, 2 * HOUR, -HOUR, 26 * HOUR]
            .into_iter()
            .enumerate()
    {
        world.turn_clock(jump);
        posts.insert(world.publish("pier", &format!("After jump {number}.")));
        let held = world.ids(&program, "pier").await.expect("an answer");
        assert_eq!(held, posts, "jump {number}: {}", program.log());
        let (status, feed) = world.get(&program, "/pier/atom.xml").await.expect("an answer");
        let updated = feed.split("<updated>").nth(1).and_then(|rest| rest.split('<').next());
        let updated = updated.expect("a date").to_owned();
        assert_eq!(status, 200);
        assert!(updated >= modified, "jump {number}: {updated} after {modified}");
        modified = updated;
        if number % 2 == 1 {
            program.kill();
            program = world.start();
            assert_eq!(world.ids(&program, "pier").await.expect("an answer"), posts);
        }
    }
    assert_eq!(world.ready(&program).await, "ready");
}
