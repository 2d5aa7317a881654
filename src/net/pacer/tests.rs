use std::collections::HashMap;

use futures_util::future::{FutureExt, join_all};
use proptest::prelude::*;

use super::schedule::LONGEST_WAIT;
use super::*;

const HALF: Duration = Duration::from_millis(500);
const MINUTE: Duration = Duration::from_secs(60);
const DIRECT: OutboundId = OutboundId(0);

fn settings(burst: u32, concurrency: usize, queue: usize) -> Settings {
    Settings { rate: 2.0, burst, concurrency, queue, ..Settings::default() }
}

/// A schedule at two requests a second.
fn schedule(settings: &Settings, lanes: usize, now: Instant) -> Schedule {
    Schedule::new(settings, HALF, lanes, now)
}

/// Starts all that can start up to a moment, each answered at once, and tells who and when.
fn run(schedule: &mut Schedule, now: &mut Instant, until: Instant) -> Vec<(Ticket, Instant)> {
    let mut started = Vec::new();
    loop {
        while let Some((ticket, outbound)) = schedule.start(*now) {
            schedule.finish(outbound, Duration::ZERO);
            started.push((ticket, *now));
        }
        match schedule.next_start(*now) {
            Some(next) if next <= until => *now = next,
            _ => return started,
        }
    }
}

#[test]
fn people_go_before_media_and_media_before_background() {
    let now = Instant::now();
    let mut schedule = schedule(&settings(1, 8, 10), 1, now);
    let background = schedule.join(Class::Background, None, now).unwrap();
    let media = schedule.join(Class::Media, None, now).unwrap();
    let person = schedule.join(Class::Waiting, None, now).unwrap();
    let order = run(&mut schedule, &mut now.clone(), now + MINUTE);
    assert_eq!(order, [(person, now), (media, now + HALF), (background, now + HALF * 2)]);
}

#[test]
fn a_burst_is_for_people_only() {
    let now = Instant::now();
    for (class, at_once) in [(Class::Waiting, 20), (Class::Media, 1), (Class::Background, 1)] {
        let mut schedule = schedule(&settings(20, 100, 100), 1, now);
        for _ in 0..30 {
            schedule.join(class, None, now).unwrap();
        }
        let started = run(&mut schedule, &mut now.clone(), now).len();
        assert_eq!(started, at_once, "{class:?}");
    }
}

#[test]
fn background_gets_a_quarter_of_what_grows_while_people_flood() {
    let now = Instant::now();
    let mut schedule = schedule(&settings(20, 8, 10_000), 1, now);
    let background: Vec<Ticket> =
        (0..100).map(|_| schedule.join(Class::Background, None, now).unwrap()).collect();
    for _ in 0..20 {
        schedule.join(Class::Waiting, None, now).unwrap();
    }
    let mut moment = now;
    let mut started = run(&mut schedule, &mut moment, now);
    for _ in 0..60 {
        schedule.join(Class::Waiting, None, moment).unwrap();
        let until = moment + HALF;
        started.extend(run(&mut schedule, &mut moment, until));
    }
    let grown = 60;
    let got = started.iter().filter(|(ticket, _)| background.contains(ticket)).count();
    assert!(got >= grown / 4, "{got} of {grown}");
    assert!(got <= grown / 4 + 2, "and people get the rest: {got}");
}

#[test]
fn a_lifted_request_goes_before_those_it_was_behind() {
    let now = Instant::now();
    let mut schedule = schedule(&settings(1, 8, 10), 1, now);
    schedule.join(Class::Waiting, None, now).unwrap();
    schedule.start(now).unwrap();
    let first = schedule.join(Class::Background, None, now).unwrap();
    let second = schedule.join(Class::Background, None, now).unwrap();
    schedule.change_class(second, Class::Waiting);
    let order = run(&mut schedule, &mut now.clone(), now + MINUTE);
    assert_eq!(order.iter().map(|(ticket, _)| *ticket).collect::<Vec<_>>(), [second, first]);
}

#[test]
fn a_request_that_nobody_waits_for_any_more_goes_behind_those_that_somebody_does() {
    let now = Instant::now();
    let mut schedule = schedule(&settings(1, 8, 10), 1, now);
    let left = schedule.join(Class::Waiting, None, now).unwrap();
    let waiting = schedule.join(Class::Waiting, None, now).unwrap();
    schedule.change_class(left, Class::Background);
    let order = run(&mut schedule, &mut now.clone(), now + MINUTE);
    assert_eq!(order.iter().map(|(ticket, _)| *ticket).collect::<Vec<_>>(), [waiting, left]);
}

#[test]
fn no_more_requests_are_under_way_than_allowed() {
    let now = Instant::now();
    let mut schedule = schedule(&settings(20, 3, 100), 1, now);
    for _ in 0..10 {
        schedule.join(Class::Waiting, None, now).unwrap();
    }
    let under_way = std::iter::from_fn(|| schedule.start(now)).count();
    assert_eq!(under_way, 3);
    assert_eq!(schedule.next_start(now), None, "only an answer helps");
    schedule.finish(DIRECT, HALF);
    assert!(schedule.start(now).is_some());
    assert!(schedule.start(now).is_none());
}

#[test]
fn a_full_queue_refuses_but_a_person_takes_the_last_background_place() {
    let now = Instant::now();
    let mut schedule = schedule(&settings(1, 1, 2), 1, now);
    let first = schedule.join(Class::Background, None, now).unwrap();
    let last = schedule.join(Class::Background, None, now).unwrap();
    assert!(matches!(schedule.join(Class::Background, None, now), Err(Refused::Busy { .. })));
    assert!(matches!(schedule.join(Class::Media, None, now), Err(Refused::Busy { .. })));
    schedule.join(Class::Waiting, None, now).unwrap();
    let refused = schedule.take_refused();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].0, last);
    schedule.leave(first);
    schedule.join(Class::Waiting, None, now).unwrap();
    assert!(
        matches!(schedule.join(Class::Waiting, None, now), Err(Refused::Busy { .. })),
        "people do not take each other's places"
    );
}

#[test]
fn a_person_who_would_wait_too_long_is_told_when_to_come_back() {
    let now = Instant::now();
    let mut schedule = schedule(&settings(1, 8, 1000), 1, now);
    for _ in 0..37 {
        schedule.join(Class::Waiting, None, now).unwrap();
    }
    assert_eq!(schedule.wait(Class::Waiting, now), LONGEST_WAIT + HALF);
    let refused = schedule.join(Class::Waiting, None, now);
    assert_eq!(refused, Err(Refused::Busy { retry_after: HALF }));
    assert!(schedule.join(Class::Background, None, now).is_ok(), "nobody waits for background");
}

#[test]
fn the_wait_is_known_beforehand() {
    let now = Instant::now();
    for (people, background, class, expected) in [
        (0, 0, Class::Waiting, 0.0),
        (19, 0, Class::Waiting, 0.0),
        (20, 0, Class::Waiting, 0.5),
        (23, 0, Class::Waiting, 2.0),
        (0, 9, Class::Waiting, 0.0),
        (22, 9, Class::Waiting, 2.0),
        (0, 0, Class::Background, 0.0),
        (0, 4, Class::Background, 2.0),
        (20, 0, Class::Background, 0.0),
    ] {
        let mut schedule = schedule(&settings(20, 100, 1000), 1, now);
        for _ in 0..people {
            schedule.join(Class::Waiting, None, now).unwrap();
        }
        for _ in 0..background {
            schedule.join(Class::Background, None, now).unwrap();
        }
        let wait = schedule.wait(class, now).as_secs_f64();
        assert!((wait - expected).abs() < 1e-6, "{people} {background} {class:?}: {wait}");
    }
}

#[test]
fn slow_answers_make_the_wait_longer() {
    let now = Instant::now();
    let mut schedule = schedule(&settings(20, 2, 1000), 1, now);
    for _ in 0..2 {
        schedule.join(Class::Waiting, None, now).unwrap();
        schedule.start(now).unwrap();
    }
    schedule.finish(DIRECT, Duration::from_secs(4));
    schedule.join(Class::Waiting, None, now).unwrap();
    schedule.start(now).unwrap();
    assert_eq!(schedule.wait(Class::Waiting, now), Duration::from_secs(2));
}

#[test]
fn a_cool_down_holds_back_what_it_can_and_refuses_the_rest() {
    let now = Instant::now();
    let mut schedule = schedule(&settings(20, 8, 10), 1, now);
    let ticket = schedule.join(Class::Background, None, now).unwrap();
    schedule.throttled(DIRECT, Some(Duration::from_secs(2)), 0.0, now);
    assert!(schedule.start(now).is_none());
    let next = schedule.next_start(now).unwrap();
    assert_eq!(next, now + Duration::from_secs(2) + HALF, "without a burst after it");
    assert_eq!(schedule.start(next), Some((ticket, DIRECT)));
    schedule.finish(DIRECT, Duration::ZERO);

    let ticket = schedule.join(Class::Waiting, None, next).unwrap();
    schedule.throttled(DIRECT, None, 0.0, next);
    let pause = MINUTE;
    assert_eq!(schedule.take_refused(), [(ticket, Refused::CoolDown { retry_after: pause })]);
    let refused = schedule.join(Class::Background, None, next);
    assert_eq!(refused, Err(Refused::CoolDown { retry_after: pause }));
    assert!(schedule.wait(Class::Waiting, next) > pause);
    assert!(schedule.join(Class::Waiting, None, next + pause).is_ok());
}

#[test]
fn a_cooling_address_is_passed_over_unless_it_is_the_one_wanted() {
    let now = Instant::now();
    let mut schedule = schedule(&settings(20, 8, 100), 2, now);
    schedule.throttled(DIRECT, Some(Duration::from_secs(10)), 0.0, now);
    let bound = schedule.join(Class::Waiting, Some(DIRECT), now).unwrap();
    for _ in 0..5 {
        let ticket = schedule.join(Class::Waiting, None, now).unwrap();
        assert_eq!(schedule.start(now), Some((ticket, OutboundId(1))));
    }
    assert_eq!(schedule.wait(Class::Waiting, now), Duration::ZERO);
    let next = schedule.next_start(now).unwrap();
    assert_eq!(schedule.start(next), Some((bound, DIRECT)));
    schedule.throttled(DIRECT, None, 0.0, next);
    let refused = schedule.join(Class::Waiting, Some(DIRECT), next);
    assert!(matches!(refused, Err(Refused::CoolDown { .. })), "{refused:?}");
}

#[test]
fn each_address_has_tokens_of_its_own_and_the_fuller_one_is_taken() {
    let now = Instant::now();
    let mut schedule = schedule(&settings(2, 8, 100), 2, now);
    for _ in 0..6 {
        schedule.join(Class::Waiting, None, now).unwrap();
    }
    let taken: Vec<usize> =
        std::iter::from_fn(|| schedule.start(now)).map(|(_, outbound)| outbound.0).collect();
    assert_eq!(taken, [0, 1, 0, 1]);
}

#[test]
fn an_address_that_failed_is_passed_over_while_another_works() {
    let now = Instant::now();
    let mut schedule = schedule(&settings(2, 8, 100), 2, now);
    schedule.failed(DIRECT, now);
    for _ in 0..4 {
        schedule.join(Class::Waiting, None, now).unwrap();
    }
    let taken: Vec<usize> =
        std::iter::from_fn(|| schedule.start(now)).map(|(_, outbound)| outbound.0).collect();
    assert_eq!(taken, [1, 1]);
    assert_eq!(schedule.next_start(now), Some(now + HALF), "waits for the one that works");
    schedule.failed(OutboundId(1), now);
    assert!(schedule.start(now).is_some(), "when all failed, all are tried");
    schedule.answered(DIRECT, now);
    assert_eq!(schedule.start(now).map(|(_, outbound)| outbound), Some(DIRECT));
}

#[test]
fn what_continues_begun_work_goes_first_in_its_class() {
    let now = Instant::now();
    let mut schedule = schedule(&settings(1, 8, 2), 1, now);
    let fresh = schedule.join(Class::Waiting, None, now).unwrap();
    schedule.join(Class::Background, None, now).unwrap();
    let begun = schedule.join(Class::Waiting, Some(DIRECT), now).unwrap();
    let order = run(&mut schedule, &mut now.clone(), now + HALF);
    assert_eq!(order.iter().map(|(ticket, _)| *ticket).collect::<Vec<_>>(), [begun, fresh]);
}

#[derive(Clone, Debug)]
enum Step {
    Join(Class),
    Leave(usize),
    Lift(usize),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let class = prop_oneof![Just(Class::Waiting), Just(Class::Media), Just(Class::Background)];
    prop_oneof![
        6 => class.prop_map(Step::Join),
        1 => (0..50_usize).prop_map(Step::Leave),
        1 => (0..50_usize).prop_map(Step::Lift),
        3 => (1..2000_u64).prop_map(Step::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_window_holds_more_than_the_rate_and_the_burst(
        steps in prop::collection::vec(step(), 1..300),
        burst in 1..8_u32,
        limit in 1..40_usize,
    ) {
        let origin = Instant::now();
        let (mut now, mut schedule) =
            (origin, Schedule::new(&settings(burst, 8, limit), HALF, 1, origin));
        let (mut classes, mut waiting) = (HashMap::new(), Vec::new());
        let mut started: Vec<(Instant, Class)> = Vec::new();
        for step in steps {
            match step {
                Step::Join(class) => {
                    if let Ok(ticket) = schedule.join(class, None, now) {
                        classes.insert(ticket, class);
                        waiting.push(ticket);
                    }
                }
                Step::Leave(index) if index < waiting.len() => {
                    schedule.leave(waiting.swap_remove(index));
                }
                Step::Lift(index) if index < waiting.len() => {
                    schedule.change_class(waiting[index], Class::Waiting);
                    classes.insert(waiting[index], Class::Waiting);
                }
                Step::Pass(milliseconds) => {
                    let until = now + Duration::from_millis(milliseconds);
                    for (ticket, moment) in run(&mut schedule, &mut now, until) {
                        prop_assert!(waiting.contains(&ticket), "a ghost starts");
                        waiting.retain(|other| *other != ticket);
                        started.push((moment, classes[&ticket]));
                    }
                    now = until;
                }
                Step::Leave(_) | Step::Lift(_) => {}
            }
            for (ticket, _) in schedule.take_refused() {
                waiting.retain(|other| *other != ticket);
            }
            prop_assert!(waiting.len() <= limit);
        }
        for (index, (from, _)) in started.iter().enumerate() {
            let (mut all, mut unhurried) = (0.0, 0.0);
            for (to, class) in &started[index..] {
                all += 1.0;
                unhurried += f64::from(u8::from(*class != Class::Waiting));
                let grown = 2.0 * to.duration_since(*from).as_secs_f64() + 1e-6;
                prop_assert!(all <= grown + f64::from(burst));
                prop_assert!(unhurried <= grown + 1.0);
            }
        }
    }

    #[test]
    fn background_that_waits_gets_one_of_any_four_tokens_that_grow(
        joins in prop::collection::vec(prop_oneof![Just(Class::Waiting), Just(Class::Media)], 0..200),
    ) {
        let mut now = Instant::now();
        let mut schedule = Schedule::new(&settings(1, 8, 1000), HALF, 1, now);
        let mut background: Vec<Ticket> = Vec::new();
        for _ in 0..200 {
            background.push(schedule.join(Class::Background, None, now).unwrap());
        }
        let mut passed = 0;
        for class in joins {
            // Refused when too many people wait already: then the flood is there anyway.
            let _ = schedule.join(class, None, now);
            let until = now + HALF;
            for (ticket, _) in run(&mut schedule, &mut now, until) {
                passed = if background.contains(&ticket) { 0 } else { passed + 1 };
                prop_assert!(passed < 4);
            }
        }
    }
}

fn pacer(settings: &Settings) -> Arc<Pacer> {
    Arc::new(Pacer::new(settings, HALF, 1))
}

#[tokio::test(start_paused = true)]
async fn turns_come_at_the_rate_after_the_burst() {
    let pacer = pacer(&settings(3, 8, 100));
    let start = Instant::now();
    let priority = Priority::new(Class::Waiting);
    let turns = join_all((0..6).map(|_| async {
        pacer.turn(&priority, None).await.unwrap();
        start.elapsed()
    }));
    assert_eq!(turns.await, [0, 0, 0, 500, 1000, 1500].map(Duration::from_millis));
}

#[tokio::test(start_paused = true)]
async fn a_request_is_lifted_while_it_waits() {
    let pacer = pacer(&settings(1, 100, 100));
    let start = Instant::now();
    let (background, joined) = (Priority::new(Class::Background), Priority::new(Class::Background));
    drop(pacer.turn(&background, None).await.unwrap());
    let others = join_all((0..20).map(|_| pacer.turn(&background, None)));
    let lifted = async {
        let (turn, ()) = tokio::join!(pacer.turn(&joined, None), async {
            tokio::time::sleep(Duration::from_millis(700)).await;
            joined.raise(Class::Waiting);
        });
        turn.unwrap();
        start.elapsed()
    };
    let (_, moment) = tokio::join!(others, lifted);
    assert_eq!(moment, Duration::from_millis(1000), "the next token after it was lifted");
}

#[tokio::test(start_paused = true)]
async fn a_request_sinks_while_it_waits_and_counts_as_started_after_its_turn() {
    let pacer = pacer(&settings(1, 100, 100));
    let start = Instant::now();
    let (left, other) = (Priority::new(Class::Waiting), Priority::new(Class::Waiting));
    drop(pacer.turn(&other, None).await.unwrap());
    let (first, second, ()) = tokio::join!(
        async {
            drop(pacer.turn(&left, None).await.unwrap());
            start.elapsed()
        },
        async {
            drop(pacer.turn(&other, None).await.unwrap());
            start.elapsed()
        },
        async {
            assert!(left.started().is_none() && left.sink());
        }
    );
    assert_eq!((second, first), (HALF, HALF * 2));
    assert!(left.started().is_some() && !left.sink());
}

#[tokio::test(start_paused = true)]
async fn a_dropped_request_leaves_no_ghost() {
    let pacer = pacer(&settings(1, 1, 3));
    let priority = Priority::new(Class::Background);
    let held = pacer.turn(&priority, None).await.unwrap();
    for _ in 0..10 {
        let mut waiting: Vec<_> = (0..3).map(|_| Box::pin(pacer.turn(&priority, None))).collect();
        for turn in &mut waiting {
            assert!(turn.as_mut().now_or_never().is_none());
        }
        let refused = pacer.turn(&priority, None).await;
        assert!(matches!(refused, Err(Error::Busy { .. })), "{refused:?}");
        drop(waiting);
    }
    drop(held);
    tokio::time::advance(HALF).await;
    drop(pacer.turn(&priority, None).now_or_never().expect("the queue is empty").unwrap());
    assert!(pacer.lock().waiters.is_empty());
    assert_eq!(pacer.lock().timekeeper, None);
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_nobody_takes_frees_its_place() {
    let pacer = pacer(&settings(5, 1, 10));
    let priority = Priority::new(Class::Waiting);
    let held = pacer.turn(&priority, None).await.unwrap();
    let mut given = Box::pin(pacer.turn(&priority, None));
    assert!(given.as_mut().now_or_never().is_none());
    drop(held);
    drop(given);
    let next = tokio::time::timeout(MINUTE, pacer.turn(&priority, None)).await;
    assert!(next.is_ok(), "the place of the one who left is free");
}

#[tokio::test(start_paused = true)]
async fn when_the_timekeeper_leaves_another_one_keeps_the_time() {
    let pacer = pacer(&settings(1, 8, 10));
    let priority = Priority::new(Class::Waiting);
    drop(pacer.turn(&priority, None).await.unwrap());
    let mut first = Box::pin(pacer.turn(&priority, None));
    assert!(first.as_mut().now_or_never().is_none());
    let second = pacer.turn(&priority, None);
    let leave = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        drop(first);
    };
    let outcome = tokio::time::timeout(MINUTE, async { tokio::join!(second, leave) }).await;
    assert!(outcome.is_ok_and(|(turn, ())| turn.is_ok()));
}

#[tokio::test(start_paused = true)]
async fn a_cool_down_refuses_those_who_wait_and_those_who_come() {
    let pacer = pacer(&settings(1, 8, 10));
    let priority = Priority::new(Class::Waiting);
    drop(pacer.turn(&priority, None).await.unwrap());
    let (waiting, ()) = tokio::join!(pacer.turn(&priority, None), async {
        pacer.throttled(DIRECT, Some(MINUTE));
    });
    let expected = Error::CoolDown { retry_after: MINUTE };
    assert_eq!(waiting.unwrap_err(), expected);
    assert_eq!(pacer.turn(&priority, None).await.unwrap_err(), expected);
    assert!(pacer.wait(Class::Background) >= MINUTE);
    tokio::time::advance(MINUTE).await;
    pacer.turn(&priority, None).await.unwrap();
}

#[test]
fn chance_is_a_fraction_that_changes() {
    let drawn: Vec<f64> = (0..20).map(|_| chance()).collect();
    assert!(drawn.iter().all(|chance| (0.0..=1.0).contains(chance)));
    assert!(drawn.iter().any(|chance| (chance - drawn[0]).abs() > f64::EPSILON));
}
