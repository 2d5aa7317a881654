//! More requests than the rate limit allows: priority, 429 responses, and recovery. In simulated time over real
//! sockets, with the default rate limit unless a test changes it.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use feedline::demo::{Channel, Message, RequestKind};
use feedline::model::ChannelName;
use futures_util::future::join_all;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::support::{Answer, Simulation, TestApp};

const SECOND: Duration = Duration::from_secs(1);

/// A feedline with the default rate limit, and additional channels `flood_0`, `flood_1` and so on.
async fn scene(channels: usize, change: impl FnOnce(&mut feedline::net::Settings)) -> TestApp {
    let app = TestApp::with(|config| {
        (config.net.rate, config.net.burst) = (2.0, 20);
        change(&mut config.net);
    })
    .await;
    for number in 0..channels {
        let name = ChannelName::parse(&format!("flood_{number}")).unwrap();
        let mut channel = Channel::new(name, 6_000_000 + number as u64, "Flood");
        channel.publish(Message::text("A post."), app.telegram.now());
        app.telegram.add(channel);
    }
    app
}

/// A person requests a channel.
async fn ask(app: &TestApp, person: usize, channel: usize) -> Answer {
    let address = format!("203.0.113.{person}");
    app.get_with(&format!("/flood_{channel}/rss.xml"), &[("x-forwarded-for", &address)]).await
}

/// Readers request the channels from 0 on and disconnect at once, so that queued fetches continue in the background.
async fn leave_work_behind(app: &TestApp, channels: usize) {
    let visits = (0..channels).map(|channel| timeout(SECOND / 5, ask(app, 0, channel)));
    join_all(visits).await;
}

/// The number of list requests for these channels in a period.
fn fetched(app: &TestApp, channels: Range<usize>, time: Range<Instant>) -> usize {
    let number = |target: &str| target.strip_prefix("/s/flood_").and_then(|rest| rest.parse().ok());
    let seen = app.telegram.requests();
    let seen = seen.iter().filter(|seen| seen.kind == RequestKind::List && time.contains(&seen.at));
    seen.filter_map(|seen| number(&seen.target)).filter(|number| channels.contains(number)).count()
}

#[tokio::test]
async fn waiting_request_goes_before_background_work() {
    let _simulation = Simulation::begin();
    let (app, begin) = (scene(100, |_| {}).await, Instant::now());
    leave_work_behind(&app, 60).await;
    let left = 60 - fetched(&app, 0..60, begin..Instant::now());
    assert!(left >= 35, "{left}");
    for person in 1..=3 {
        let asked = Instant::now();
        assert_eq!(ask(&app, person, 60 + person).await.status, 200);
        assert!(asked.elapsed() <= SECOND * 2, "{:?}", asked.elapsed());
    }
    sleep(SECOND * 30).await;
    assert_eq!(
        fetched(&app, 0..60, begin..Instant::now()),
        60,
        "and the work is done too, once each"
    );
}

#[tokio::test]
async fn flood_leaves_every_fourth_turn_to_background_work() {
    const PEOPLE: usize = 100;
    const TIME: Duration = Duration::from_secs(60);
    let _simulation = Simulation::begin();
    let app = scene(2000, |_| {}).await;
    leave_work_behind(&app, 60).await;
    let (begin, next) = (Instant::now(), AtomicUsize::new(60));
    let (served, put_off) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let person = async |person: usize| {
        let mut channel = next.fetch_add(1, Ordering::Relaxed);
        while begin.elapsed() < TIME {
            let asked = Instant::now();
            let Ok(answer) = timeout_at(begin + TIME, ask(&app, person, channel)).await else {
                return;
            };
            assert!(asked.elapsed() < SECOND * 19, "{:?}", asked.elapsed());
            if answer.status == 200 {
                served.fetch_add(1, Ordering::Relaxed);
                channel = next.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            assert_eq!(answer.status, 429, "{}", answer.text());
            assert_eq!(answer.json()["refusal"], "busy");
            put_off.fetch_add(1, Ordering::Relaxed);
            sleep(SECOND * answer.header("retry-after").parse().unwrap()).await;
        }
    };
    join_all((1..=PEOPLE).map(person)).await;
    let time = begin..begin + TIME;
    let background = fetched(&app, 0..60, time.clone());
    let people = fetched(&app, 60..2000, time);
    let all = background + people;
    assert!((119..=121).contains(&all), "two a second: {all}");
    assert!(background >= 29 && people >= 80, "{background} of {all}");
    let (served, put_off) = (served.into_inner(), put_off.into_inner());
    // The exact number depends on thread scheduling. Many 429 responses are what makes it a flood.
    assert!(served >= 80 && put_off >= PEOPLE / 2, "{served} served, {put_off} put off");
    assert!(app.telegram.most_open() <= 8);
}

#[tokio::test]
async fn full_queue_refuses_requests_at_once() {
    const PEOPLE: usize = 250;
    let _simulation = Simulation::begin();
    let app = scene(PEOPLE, |net| {
        net.queue = 50;
        net.rate = 20.0;
    })
    .await;
    let begin = Instant::now();
    let visit = async |person: usize| (ask(&app, person, person).await, begin.elapsed());
    let visits = (0..PEOPLE).map(visit);
    let (mut served, mut told) = (0, 0);
    for (answer, took) in join_all(visits).await {
        match answer.status {
            200 => served += 1,
            status => {
                assert_eq!((status, answer.json()["refusal"].as_str()), (429, Some("busy")));
                assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
                assert!(took < SECOND, "{took:?}");
                told += 1;
            }
        }
    }
    assert!((50..=80).contains(&served), "a burst of 20, and 50 places: {served}");
    assert_eq!(served + told, PEOPLE);
    sleep(SECOND * 20).await;
    assert!(app.telegram.total() <= 80, "{}", app.telegram.total());
}
