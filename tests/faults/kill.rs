//! `kill -9` at any moment.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::program::{CHANNELS, Place, integrity};

const KILLS: u64 = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_during_writes_loses_no_answered_post() {
    let world = Place::new().await;
    let mut answered: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut cut = 0;
    for round in 0..KILLS {
        for (number, channel) in CHANNELS.into_iter().enumerate() {
            for post in 0..=(round + number as u64) % 3 {
                world.publish(channel, &format!("Round {round}, post {post}, of the {channel}."));
            }
        }
        world.pass();
        let program = world.start();
        let asking = CHANNELS.map(|channel| world.ids(&program, channel));
        let asked = futures_util::future::join_all(asking);
        // The kill comes between the time before the first page arrives and the time after the last page is stored.
        // Every tenth round waits for all responses, so that slow machines make progress too.
        let is_waited_for = round % 10 == 8;
        let moment = Duration::from_millis(if is_waited_for { 30_000 } else { round * 7 % 60 });
        let killed = async {
            tokio::time::sleep(moment).await;
        };
        tokio::pin!(asked);
        let answers = tokio::select! {
            answers = &mut asked => Some(answers),
            () = killed => None,
        };
        program.kill();
        let answers = match answers {
            Some(answers) => answers,
            None => asked.await,
        };
        cut += answers.iter().filter(|answer| answer.is_none()).count();
        for (channel, ids) in CHANNELS.into_iter().zip(answers) {
            answered.entry(channel).or_default().extend(ids.into_iter().flatten());
        }
        if round % 10 == 9 {
            holds(&world, &answered).await;
        }
    }
    assert!(cut > 10, "it was killed in the middle: {cut}");
    let most = answered.values().map(BTreeSet::len).max();
    assert!(most > Some(60), "and it answered: {most:?}");
    assert_eq!(integrity(&world.archive), "ok");
}

/// During an outage of Telegram, every post of every earlier response is still served.
async fn holds(world: &Place, answered: &BTreeMap<&str, BTreeSet<String>>) {
    world.break_telegram();
    let program = world.start();
    for (channel, ids) in answered.iter().filter(|(_, ids)| !ids.is_empty()) {
        let held = world.ids(&program, channel).await.expect("an answer");
        let lost: Vec<&String> = ids.difference(&held).collect();
        assert!(lost.is_empty(), "{channel} lost {lost:?}");
    }
    assert_eq!(world.ready(&program).await, "ready");
    program.kill();
    world.telegram.clear_faults();
}
