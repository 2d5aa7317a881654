use std::collections::HashMap;
use std::ops::{Deref, DerefMut};

use futures_util::future::{FutureExt, join_all};
use proptest::prelude::*;
use tokio::sync::oneshot;

use super::scheduler::{MAX_WAIT, Turn};
use super::*;

const HALF: Duration = Duration::from_millis(500);
const MINUTE: Duration = Duration::from_secs(60);
const DIRECT: OutboundId = OutboundId(0);

fn settings(burst: u32, concurrency: usize, queue: usize) -> Settings {
    Settings { rate: 2.0, burst, concurrency, queue, ..Settings::default() }
}

/// The number of a request, in order of arrival.
type Number = usize;

/// A scheduler with its callers.
struct Callers {
    scheduler: Scheduler,
    /// By [`Number`]; without a receiver if the request was answered or its caller has left.
    requests: Vec<(Priority, Option<oneshot::Receiver<Turn>>)>,
}

/// A scheduler at two requests a second.
fn scheduler(settings: &Settings, outbounds: usize, now: Instant) -> Callers {
    let scheduler = Scheduler::new(settings, HALF, outbounds, now);
    Callers { scheduler, requests: Vec::new() }
}

impl Callers {
    fn join(
        &mut self,
        class: Class,
        through: Option<OutboundId>,
        now: Instant,
    ) -> Result<Number, Error> {
        let priority = Priority::new(class);
        let turn = self.scheduler.join(priority.clone(), through, now)?;
        self.requests.push((priority, Some(turn)));
        Ok(self.requests.len() - 1)
    }

    fn leave(&mut self, number: Number) {
        self.requests[number].1 = None;
    }

    fn start(&mut self, now: Instant) -> Option<(Number, OutboundId)> {
        let (outbound, caller) = self.scheduler.start(now)?;
        drop(caller.send(Err(Error::busy(Duration::ZERO))));
        let (number, _) = self.take_refused().pop()?;
        Some((number, outbound))
    }

    /// Takes the requests that were refused since the last call.
    fn take_refused(&mut self) -> Vec<(Number, Error)> {
        let mut refused = Vec::new();
        for (number, (_, turn)) in self.requests.iter_mut().enumerate() {
            if let Some(Ok(Err(error))) = turn.as_mut().map(oneshot::Receiver::try_recv) {
                *turn = None;
                refused.push((number, error));
            }
        }
        refused
    }
}

impl Deref for Callers {
    type Target = Scheduler;

    fn deref(&self) -> &Scheduler {
        &self.scheduler
    }
}

impl DerefMut for Callers {
    fn deref_mut(&mut self) -> &mut Scheduler {
        &mut self.scheduler
    }
}

/// Starts every request that can start until a moment, each answered at once. Returns the requests with their start
/// times.
fn run(scheduler: &mut Callers, now: &mut Instant, until: Instant) -> Vec<(Number, Instant)> {
    let mut started = Vec::new();
    loop {
        while let Some((number, outbound)) = scheduler.start(*now) {
            scheduler.finish(outbound, Duration::ZERO);
            started.push((number, *now));
        }
        match scheduler.next_start(*now) {
            Some(next) if next <= until => *now = next,
            _ => return started,
        }
    }
}

#[test]
fn scheduler_orders_waiting_before_media_before_background() {
    let now = Instant::now();
    let mut scheduler = scheduler(&settings(1, 8, 10), 1, now);
    let background = scheduler.join(Class::Background, None, now).unwrap();
    let media = scheduler.join(Class::Media, None, now).unwrap();
    let person = scheduler.join(Class::Waiting, None, now).unwrap();
    let order = run(&mut scheduler, &mut now.clone(), now + MINUTE);
    assert_eq!(order, [(person, now), (media, now + HALF), (background, now + HALF * 2)]);
}

#[test]
fn burst_is_for_waiting_class_only() {
    let now = Instant::now();
    for (class, at_once) in [(Class::Waiting, 20), (Class::Media, 1), (Class::Background, 1)] {
        let mut scheduler = scheduler(&settings(20, 100, 100), 1, now);
        for _ in 0..30 {
            scheduler.join(class, None, now).unwrap();
        }
        let started = run(&mut scheduler, &mut now.clone(), now).len();
        assert_eq!(started, at_once, "{class:?}");
    }
}

#[test]
fn background_gets_a_quarter_of_new_tokens_during_flood() {
    let now = Instant::now();
    let mut scheduler = scheduler(&settings(20, 8, 10_000), 1, now);
    let background: Vec<Number> =
        (0..100).map(|_| scheduler.join(Class::Background, None, now).unwrap()).collect();
    for _ in 0..20 {
        scheduler.join(Class::Waiting, None, now).unwrap();
    }
    let mut moment = now;
    let mut started = run(&mut scheduler, &mut moment, now);
    for _ in 0..60 {
        scheduler.join(Class::Waiting, None, moment).unwrap();
        let until = moment + HALF;
        started.extend(run(&mut scheduler, &mut moment, until));
    }
    let grown = 60;
    let got = started.iter().filter(|(number, _)| background.contains(number)).count();
    assert!(got >= grown / 4, "{got} of {grown}");
    assert!(got <= grown / 4 + 2, "and people get the rest: {got}");
}

#[test]
fn promoted_request_overtakes_earlier_ones() {
    let now = Instant::now();
    let mut scheduler = scheduler(&settings(1, 8, 10), 1, now);
    scheduler.join(Class::Waiting, None, now).unwrap();
    scheduler.start(now).unwrap();
    let first = scheduler.join(Class::Background, None, now).unwrap();
    let second = scheduler.join(Class::Background, None, now).unwrap();
    scheduler.requests[second].0.promote(Class::Waiting);
    let order = run(&mut scheduler, &mut now.clone(), now + MINUTE);
    assert_eq!(order.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [second, first]);
}

#[test]
fn demoted_request_goes_behind_waiting_ones() {
    let now = Instant::now();
    let mut scheduler = scheduler(&settings(1, 8, 10), 1, now);
    let left = scheduler.join(Class::Waiting, None, now).unwrap();
    let waiting = scheduler.join(Class::Waiting, None, now).unwrap();
    scheduler.requests[left].0.demote();
    let order = run(&mut scheduler, &mut now.clone(), now + MINUTE);
    assert_eq!(order.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [waiting, left]);
}

#[test]
fn requests_in_flight_are_limited() {
    let now = Instant::now();
    let mut scheduler = scheduler(&settings(20, 3, 100), 1, now);
    for _ in 0..10 {
        scheduler.join(Class::Waiting, None, now).unwrap();
    }
    let in_flight = std::iter::from_fn(|| scheduler.start(now)).count();
    assert_eq!(in_flight, 3);
    assert_eq!(scheduler.next_start(now), None, "only an answer helps");
    scheduler.finish(DIRECT, HALF);
    assert!(scheduler.start(now).is_some());
    assert!(scheduler.start(now).is_none());
}

#[test]
fn full_queue_refuses_but_waiting_request_evicts_background() {
    let now = Instant::now();
    let mut scheduler = scheduler(&settings(1, 1, 2), 1, now);
    let first = scheduler.join(Class::Background, None, now).unwrap();
    let last = scheduler.join(Class::Background, None, now).unwrap();
    assert!(matches!(scheduler.join(Class::Background, None, now), Err(Error::Busy { .. })));
    assert!(matches!(scheduler.join(Class::Media, None, now), Err(Error::Busy { .. })));
    scheduler.join(Class::Waiting, None, now).unwrap();
    let refused = scheduler.take_refused();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].0, last);
    scheduler.leave(first);
    scheduler.join(Class::Waiting, None, now).unwrap();
    assert!(
        matches!(scheduler.join(Class::Waiting, None, now), Err(Error::Busy { .. })),
        "people do not take each other's places"
    );
}

#[test]
fn waiting_request_beyond_max_wait_gets_retry_after() {
    let now = Instant::now();
    let mut scheduler = scheduler(&settings(1, 8, 1000), 1, now);
    for _ in 0..37 {
        scheduler.join(Class::Waiting, None, now).unwrap();
    }
    assert_eq!(scheduler.wait(Class::Waiting, now), MAX_WAIT + HALF);
    let refused = scheduler.join(Class::Waiting, None, now);
    assert_eq!(refused, Err(Error::Busy { retry_after: HALF * 2 }), "in whole seconds");
    assert!(scheduler.join(Class::Background, None, now).is_ok(), "nobody waits for background");
}

#[test]
fn expected_wait_is_computed_from_queue() {
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
        let mut scheduler = scheduler(&settings(20, 100, 1000), 1, now);
        for _ in 0..people {
            scheduler.join(Class::Waiting, None, now).unwrap();
        }
        for _ in 0..background {
            scheduler.join(Class::Background, None, now).unwrap();
        }
        let wait = scheduler.wait(class, now).as_secs_f64();
        assert!((wait - expected).abs() < 1e-6, "{people} {background} {class:?}: {wait}");
    }
}

#[test]
fn slow_responses_lengthen_expected_wait() {
    let now = Instant::now();
    let mut scheduler = scheduler(&settings(20, 2, 1000), 1, now);
    for _ in 0..2 {
        scheduler.join(Class::Waiting, None, now).unwrap();
        scheduler.start(now).unwrap();
    }
    scheduler.finish(DIRECT, Duration::from_secs(4));
    scheduler.join(Class::Waiting, None, now).unwrap();
    scheduler.start(now).unwrap();
    assert_eq!(scheduler.wait(Class::Waiting, now), Duration::from_secs(2));
}

#[test]
fn backoff_delays_short_waits_and_refuses_long_ones() {
    let now = Instant::now();
    let mut scheduler = scheduler(&settings(20, 8, 10), 1, now);
    let number = scheduler.join(Class::Background, None, now).unwrap();
    scheduler.throttled(DIRECT, Some(Duration::from_secs(2)), 0.0, now);
    assert!(scheduler.start(now).is_none());
    let next = scheduler.next_start(now).unwrap();
    assert_eq!(next, now + Duration::from_secs(2) + HALF, "without a burst after it");
    assert_eq!(scheduler.start(next), Some((number, DIRECT)));
    scheduler.finish(DIRECT, Duration::ZERO);

    let number = scheduler.join(Class::Waiting, None, next).unwrap();
    scheduler.throttled(DIRECT, None, 0.0, next);
    let pause = MINUTE;
    assert_eq!(scheduler.take_refused(), [(number, Error::Backoff { retry_after: pause })]);
    let refused = scheduler.join(Class::Background, None, next);
    assert_eq!(refused, Err(Error::Backoff { retry_after: pause }));
    assert!(scheduler.wait(Class::Waiting, next) > pause);
    assert!(scheduler.join(Class::Waiting, None, next + pause).is_ok());
}

#[test]
fn address_in_backoff_is_skipped_except_by_bound_requests() {
    let now = Instant::now();
    let mut scheduler = scheduler(&settings(20, 8, 100), 2, now);
    scheduler.throttled(DIRECT, Some(Duration::from_secs(10)), 0.0, now);
    let bound = scheduler.join(Class::Waiting, Some(DIRECT), now).unwrap();
    for _ in 0..5 {
        let number = scheduler.join(Class::Waiting, None, now).unwrap();
        assert_eq!(scheduler.start(now), Some((number, OutboundId(1))));
    }
    assert_eq!(scheduler.wait(Class::Waiting, now), Duration::ZERO);
    let next = scheduler.next_start(now).unwrap();
    assert_eq!(scheduler.start(next), Some((bound, DIRECT)));
    scheduler.throttled(DIRECT, None, 0.0, next);
    let refused = scheduler.join(Class::Waiting, Some(DIRECT), next);
    assert!(matches!(refused, Err(Error::Backoff { .. })), "{refused:?}");
}

#[test]
fn address_with_most_tokens_is_chosen() {
    let now = Instant::now();
    let mut scheduler = scheduler(&settings(2, 8, 100), 2, now);
    for _ in 0..6 {
        scheduler.join(Class::Waiting, None, now).unwrap();
    }
    let taken: Vec<usize> =
        std::iter::from_fn(|| scheduler.start(now)).map(|(_, outbound)| outbound.0).collect();
    assert_eq!(taken, [0, 1, 0, 1]);
}

#[test]
fn failed_address_is_skipped_while_another_works() {
    let now = Instant::now();
    let mut scheduler = scheduler(&settings(2, 8, 100), 2, now);
    scheduler.failed(DIRECT, now);
    for _ in 0..4 {
        scheduler.join(Class::Waiting, None, now).unwrap();
    }
    let taken: Vec<usize> =
        std::iter::from_fn(|| scheduler.start(now)).map(|(_, outbound)| outbound.0).collect();
    assert_eq!(taken, [1, 1]);
    assert_eq!(scheduler.next_start(now), Some(now + HALF), "waits for the one that works");
    scheduler.failed(OutboundId(1), now);
    assert!(scheduler.start(now).is_some(), "when all failed, all are tried");
    scheduler.answered(DIRECT, now);
    assert_eq!(scheduler.start(now).map(|(_, outbound)| outbound), Some(DIRECT));
}

#[test]
fn request_that_continues_work_goes_first_in_its_class() {
    let now = Instant::now();
    let mut scheduler = scheduler(&settings(1, 8, 2), 1, now);
    let fresh = scheduler.join(Class::Waiting, None, now).unwrap();
    scheduler.join(Class::Background, None, now).unwrap();
    let begun = scheduler.join(Class::Waiting, Some(DIRECT), now).unwrap();
    let order = run(&mut scheduler, &mut now.clone(), now + HALF);
    assert_eq!(order.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [begun, fresh]);
}

#[derive(Clone, Debug)]
enum Step {
    Join(Class),
    Leave(usize),
    Promote(usize),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let class = prop_oneof![Just(Class::Waiting), Just(Class::Media), Just(Class::Background)];
    prop_oneof![
        6 => class.prop_map(Step::Join),
        1 => (0..50_usize).prop_map(Step::Leave),
        1 => (0..50_usize).prop_map(Step::Promote),
        3 => (1..2000_u64).prop_map(Step::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn requests_in_any_window_stay_within_rate_and_burst(
        steps in prop::collection::vec(step(), 1..300),
        burst in 1..8_u32,
        limit in 1..40_usize,
    ) {
        let origin = Instant::now();
        let (mut now, mut scheduler) =
            (origin, scheduler(&settings(burst, 8, limit), 1, origin));
        let (mut classes, mut waiting) = (HashMap::new(), Vec::new());
        let mut started: Vec<(Instant, Class)> = Vec::new();
        for step in steps {
            match step {
                Step::Join(class) => {
                    if let Ok(number) = scheduler.join(class, None, now) {
                        classes.insert(number, class);
                        waiting.push(number);
                    }
                }
                Step::Leave(index) if index < waiting.len() => {
                    scheduler.leave(waiting.swap_remove(index));
                }
                Step::Promote(index) if index < waiting.len() => {
                    scheduler.requests[waiting[index]].0.promote(Class::Waiting);
                    classes.insert(waiting[index], Class::Waiting);
                }
                Step::Pass(milliseconds) => {
                    let until = now + Duration::from_millis(milliseconds);
                    for (number, moment) in run(&mut scheduler, &mut now, until) {
                        prop_assert!(waiting.contains(&number), "a ghost starts");
                        waiting.retain(|other| *other != number);
                        started.push((moment, classes[&number]));
                    }
                    now = until;
                }
                Step::Leave(_) | Step::Promote(_) => {}
            }
            for (number, _) in scheduler.take_refused() {
                waiting.retain(|other| *other != number);
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
    fn queued_background_gets_one_of_any_four_new_tokens(
        joins in prop::collection::vec(prop_oneof![Just(Class::Waiting), Just(Class::Media)], 0..200),
    ) {
        let mut now = Instant::now();
        let mut scheduler = scheduler(&settings(1, 8, 1000), 1, now);
        let mut background: Vec<Number> = Vec::new();
        for _ in 0..200 {
            background.push(scheduler.join(Class::Background, None, now).unwrap());
        }
        let mut passed = 0;
        for class in joins {
            // A refusal changes nothing: enough requests wait already.
            let _ = scheduler.join(class, None, now);
            let until = now + HALF;
            for (number, _) in run(&mut scheduler, &mut now, until) {
                passed = if background.contains(&number) { 0 } else { passed + 1 };
                prop_assert!(passed < 4);
            }
        }
    }
}

fn limiter(settings: &Settings) -> RateLimiter {
    RateLimiter::new(settings, HALF, 1)
}

#[tokio::test(start_paused = true)]
async fn turns_follow_rate_after_burst() {
    let limiter = limiter(&settings(3, 8, 100));
    let start = Instant::now();
    let priority = Priority::new(Class::Waiting);
    let turns = join_all((0..6).map(|_| async {
        limiter.acquire(&priority, None).await.unwrap();
        start.elapsed()
    }));
    assert_eq!(turns.await, [0, 0, 0, 500, 1000, 1500].map(Duration::from_millis));
}

#[tokio::test(start_paused = true)]
async fn queued_request_can_be_promoted() {
    let limiter = limiter(&settings(1, 100, 100));
    let start = Instant::now();
    let (background, joined) = (Priority::new(Class::Background), Priority::new(Class::Background));
    drop(limiter.acquire(&background, None).await.unwrap());
    let others = join_all((0..20).map(|_| limiter.acquire(&background, None)));
    let promoted = async {
        let (turn, ()) = tokio::join!(limiter.acquire(&joined, None), async {
            tokio::time::sleep(Duration::from_millis(700)).await;
            joined.promote(Class::Waiting);
        });
        turn.unwrap();
        start.elapsed()
    };
    let (_, moment) = tokio::join!(others, promoted);
    assert_eq!(moment, Duration::from_millis(1000), "the next token after it was promoted");
}

#[tokio::test(start_paused = true)]
async fn queued_request_can_be_demoted_until_it_starts() {
    let limiter = limiter(&settings(1, 100, 100));
    let start = Instant::now();
    let (left, other) = (Priority::new(Class::Waiting), Priority::new(Class::Waiting));
    drop(limiter.acquire(&other, None).await.unwrap());
    let (first, second, ()) = tokio::join!(
        async {
            drop(limiter.acquire(&left, None).await.unwrap());
            start.elapsed()
        },
        async {
            drop(limiter.acquire(&other, None).await.unwrap());
            start.elapsed()
        },
        async {
            assert!(left.started().is_none() && left.demote());
        }
    );
    assert_eq!((second, first), (HALF, HALF * 2));
    assert!(left.started().is_some() && !left.demote());
}

#[tokio::test(start_paused = true)]
async fn dropped_request_leaves_queue() {
    let limiter = limiter(&settings(1, 1, 3));
    let priority = Priority::new(Class::Background);
    let permit = limiter.acquire(&priority, None).await.unwrap();
    for _ in 0..10 {
        let mut waiting: Vec<_> =
            (0..3).map(|_| Box::pin(limiter.acquire(&priority, None))).collect();
        for turn in &mut waiting {
            assert!(turn.as_mut().now_or_never().is_none());
        }
        let refused = limiter.acquire(&priority, None).await;
        assert!(matches!(refused, Err(Error::Busy { .. })), "{refused:?}");
        drop(waiting);
    }
    drop(permit);
    tokio::time::advance(HALF).await;
    drop(limiter.acquire(&priority, None).now_or_never().expect("the queue is empty").unwrap());
    assert_eq!(limiter.traffic().background, 0);
}

#[tokio::test(start_paused = true)]
async fn untaken_turn_frees_its_slot() {
    let limiter = limiter(&settings(5, 1, 10));
    let priority = Priority::new(Class::Waiting);
    let permit = limiter.acquire(&priority, None).await.unwrap();
    let mut given = Box::pin(limiter.acquire(&priority, None));
    assert!(given.as_mut().now_or_never().is_none());
    drop(permit);
    drop(given);
    let next = tokio::time::timeout(MINUTE, limiter.acquire(&priority, None)).await;
    assert!(next.is_ok(), "the place of the one who left is free");
}

#[tokio::test(start_paused = true)]
async fn next_request_gets_turn_if_first_leaves_queue() {
    let limiter = limiter(&settings(1, 8, 10));
    let priority = Priority::new(Class::Waiting);
    drop(limiter.acquire(&priority, None).await.unwrap());
    let mut first = Box::pin(limiter.acquire(&priority, None));
    assert!(first.as_mut().now_or_never().is_none());
    let second = limiter.acquire(&priority, None);
    let leave = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        drop(first);
    };
    let outcome = tokio::time::timeout(MINUTE, async { tokio::join!(second, leave) }).await;
    assert!(outcome.is_ok_and(|(turn, ())| turn.is_ok()));
}

#[tokio::test(start_paused = true)]
async fn backoff_refuses_queued_and_new_requests() {
    let limiter = limiter(&settings(1, 8, 10));
    let priority = Priority::new(Class::Waiting);
    drop(limiter.acquire(&priority, None).await.unwrap());
    let (waiting, ()) = tokio::join!(limiter.acquire(&priority, None), async {
        limiter.throttled(DIRECT, Some(MINUTE));
    });
    let expected = Error::Backoff { retry_after: MINUTE };
    assert_eq!(waiting.unwrap_err(), expected);
    assert_eq!(limiter.acquire(&priority, None).await.unwrap_err(), expected);
    assert!(limiter.wait(Class::Background) >= MINUTE);
    tokio::time::advance(MINUTE).await;
    limiter.acquire(&priority, None).await.unwrap();
}

#[test]
fn random_returns_varying_fractions() {
    let drawn: Vec<f64> = (0..20).map(|_| random()).collect();
    assert!(drawn.iter().all(|random| (0.0..=1.0).contains(random)));
    assert!(drawn.iter().any(|random| (random - drawn[0]).abs() > f64::EPSILON));
}

#[test]
fn hourly_count_drops_requests_older_than_an_hour() {
    let start = Instant::now();
    let mut hour = LastHour::new(start);
    for minute in 0..90 {
        hour.count(start + MINUTE * minute);
        hour.count(start + MINUTE * minute);
    }
    assert_eq!(hour.total(start + MINUTE * 89), 120);
    assert_eq!(hour.total(start + MINUTE * 119), 60);
    assert_eq!(hour.total(start + MINUTE * 1000), 0);
    hour.count(start + MINUTE * 1000);
    assert_eq!(hour.total(start + MINUTE * 1059), 1);
    assert_eq!(hour.total(start + MINUTE * 1060), 0);
}
