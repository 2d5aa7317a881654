use super::*;
use crate::model::ChannelName;
use crate::service::tests::minute;

const MIN_AGE: Duration = Duration::from_secs(300);

fn settings(follow: usize) -> Settings {
    let name = |number| ChannelName::parse(&format!("channel{number}")).unwrap();
    Settings { follow: (0..follow).map(name).collect(), ..Settings::default() }
}

fn key(number: usize) -> Key {
    format!("channel{number}").into()
}

fn news(fetched: DateTime<Utc>, ttl: u64) -> News {
    News { fetched, ttl: Duration::from_secs(ttl * 60), has_gap: false }
}

fn refresh(number: usize) -> Job {
    Job { channel: key(number), work: Work::Refresh }
}

fn history(number: usize) -> Job {
    Job { channel: key(number), work: Work::History }
}

/// Lets the plan work until a moment: each refresh gives a snapshot with such a ttl, and takes a second. Gives what began
/// when.
fn run(
    plan: &mut Plan,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    ttl: u64,
) -> Vec<(DateTime<Utc>, Job)> {
    let mut now = from;
    let mut begun = Vec::new();
    while now < to {
        for job in plan.start(2.0, 16, now) {
            let outcome = match job.work {
                Work::Refresh => Outcome::Refreshed(news(now, ttl)),
                Work::History => Outcome::Done,
            };
            plan.finish(&job, outcome, now);
            begun.push((now, job));
        }
        now = plan.wake().max(now + Duration::from_millis(1));
    }
    begun
}

#[test]
fn followed_channels_are_begun_politely_and_kept_at_their_rhythm() {
    let start = minute(0);
    let mut plan = Plan::new(settings(100), start);
    let begun = run(&mut plan, start, minute(60), 10);
    let refreshes: Vec<_> =
        begun.iter().filter(|(_, job)| job.work == Work::Refresh).map(|(at, _)| *at).collect();
    for pair in refreshes.windows(BURST as usize + 2) {
        let (first, last) = (pair[0], pair[pair.len() - 1]);
        assert!(last - first >= chrono::TimeDelta::milliseconds(600), "{first} {last}");
    }
    for number in 0..100 {
        let count = begun.iter().filter(|(_, job)| *job == refresh(number)).count();
        assert!((6..=7).contains(&count), "{number}: {count} in an hour, every ten minutes");
        assert!(begun.iter().any(|(_, job)| *job == history(number)), "{number} has no history");
    }
    assert_eq!(plan.outlook().stretch, 1.0);
    assert!(!plan.outlook().is_late);
}

#[test]
fn when_there_is_too_little_all_are_stretched_by_the_same() {
    let start = minute(0);
    // Three times as much as three quarters of two a second.
    let mut plan = Plan::new(settings(1350), start);
    let begun = run(&mut plan, start, minute(240), 5);
    let outlook = plan.outlook();
    assert!((2.9..3.1).contains(&outlook.stretch), "{outlook:?}");
    let late = begun.iter().filter(|(at, job)| *at >= minute(120) && job.work == Work::Refresh);
    let mut counts = vec![0_u32; 1350];
    for (_, job) in late {
        counts[job.channel["channel".len()..].parse::<usize>().unwrap()] += 1;
    }
    // Every quarter of an hour instead of every five minutes, each of them.
    let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
    assert!(*least >= 7 && *most <= 10, "{least} to {most} in two hours");
}

#[test]
fn readers_that_come_together_find_all_their_channels_renewed() {
    let mut plan = Plan::new(settings(0), minute(0));
    for hour in 0..3 {
        for number in 0..600 {
            plan.visited(&key(number), news(minute(hour * 60), 20), minute(hour * 60));
            plan.refreshed(&key(number), news(minute(hour * 60), 20), minute(hour * 60));
        }
    }
    let begun = run(&mut plan, minute(125), minute(180), 20);
    let refreshes = begun.iter().filter(|(_, job)| job.work == Work::Refresh);
    let times: Vec<_> = refreshes.map(|(at, _)| *at).collect();
    assert_eq!(times.len(), 600, "before the visit, and not again without one");
    let (first, last) = (times[0], times[599]);
    assert!(last <= minute(179) && first > minute(170), "{first} to {last}");
}

#[test]
fn a_refresh_of_what_is_alive_is_wanted_only_while_it_was_decided() {
    let start = minute(0);
    let mut plan = Plan::new(settings(1), start);
    plan.refreshed(&key(0), news(start, 10), start);
    assert!(!plan.wants(&key(0), start));
    let jobs = plan.start(2.0, 16, minute(10));
    assert!(jobs.contains(&refresh(0)), "{jobs:?}");
    assert!(plan.wants(&key(0), start) && !plan.wants(&key(0), minute(10)));
    plan.finish(&refresh(0), Outcome::Refreshed(news(minute(10), 10)), minute(10));
    assert!(!plan.wants(&key(0), start));
}

#[test]
fn what_comes_back_unchanged_is_not_asked_for_again_at_once() {
    let mut plan = Plan::new(settings(1), minute(0));
    plan.refreshed(&key(0), news(minute(0), 10), minute(0));
    assert!(plan.start(2.0, 16, minute(10)).contains(&refresh(0)));
    // Another name's posts, or a snapshot that was there already.
    plan.finish(&refresh(0), Outcome::Refreshed(news(minute(0), 10)), minute(10));
    assert_eq!(plan.deadline(&key(0)), Some(minute(10) + MIN_AGE));
}

#[test]
fn nothing_begins_while_all_outbound_addresses_cool_down_or_all_places_are_taken() {
    let start = minute(0);
    let mut plan = Plan::new(settings(50), start);
    assert_eq!(plan.start(0.0, 16, minute(5)), []);
    assert!(plan.wake() > minute(5), "there is no hurry then");
    assert_eq!(plan.start(2.0, 0, minute(5)), []);
    let begun = plan.start(2.0, 3, minute(5)).len();
    assert_eq!(begun, 3);
    assert_eq!(plan.outlook().under_way, 3);
}

#[test]
fn history_comes_after_refreshes_and_again_where_more_is_wanted() {
    let start = minute(0);
    let mut plan = Plan::new(settings(1), start);
    plan.refreshed(&key(0), news(start, 10), start);
    assert_eq!(plan.start(2.0, 16, start), [history(0)]);
    plan.finish(&history(0), Outcome::MoreHistory, start);
    assert_eq!(plan.outlook().histories, 1);
    assert_eq!(plan.start(2.0, 16, start), [], "at its pace");
    assert_eq!(plan.start(2.0, 16, start + Duration::from_secs(2)), [history(0)]);
    plan.finish(&history(0), Outcome::Done, start + Duration::from_secs(2));
    assert_eq!(plan.outlook().histories, 0);
    // A refresh that leaves a gap wants its pages.
    plan.refreshed(&key(0), News { has_gap: true, ..news(minute(5), 10) }, minute(5));
    assert_eq!(plan.start(2.0, 16, minute(5)), [history(0)]);
    let outage = Failure { code: "timeout", kept: Duration::from_secs(30), is_certain: false };
    plan.finish(&history(0), Outcome::Refused(outage), minute(5));
    assert_eq!(plan.start(2.0, 16, minute(5) + Duration::from_secs(59)), []);
    assert_eq!(plan.start(2.0, 16, minute(6)), [history(0)]);
    assert_eq!(plan.last(&key(0)).1, None, "its newest posts are well");
}

#[test]
fn history_is_for_channels_that_are_asked_for_twice() {
    let mut plan = Plan::new(settings(0), minute(0));
    plan.visited(&key(0), news(minute(0), 60), minute(0));
    assert_eq!(plan.outlook().histories, 0);
    plan.visited(&key(0), news(minute(0), 60), minute(30));
    assert_eq!(plan.outlook().histories, 1);
}

#[test]
fn a_flood_of_names_takes_no_more_memory_and_not_the_place_of_those_who_come_again() {
    let mut plan = Plan::new(settings(1), minute(0));
    for hour in 0..3 {
        plan.visited(&key(1), news(minute(hour * 60), 20), minute(hour * 60));
    }
    for number in 2..MOST_CHANNELS * 2 {
        plan.visited(&key(number), news(minute(121), 20), minute(121));
    }
    assert!(plan.entries.len() <= MOST_CHANNELS, "{}", plan.entries.len());
    assert!(plan.entries.contains_key(&key(0)) && plan.entries.contains_key(&key(1)));
    let mut off = Plan::new(Settings { active_for: Duration::ZERO, ..settings(0) }, minute(0));
    off.visited(&key(1), news(minute(0), 20), minute(0));
    assert!(off.entries.is_empty());
}

#[test]
fn a_channels_first_visit_is_stored_soon() {
    let mut plan = Plan::new(settings(0), minute(0));
    plan.visited(&key(0), news(minute(0), 20), minute(0));
    assert_eq!(plan.store_due(), Some(minute(0) + STORE_FIRST));
    assert_eq!(plan.take_changed().len(), 1);
    assert_eq!(plan.store_due(), None);
    plan.visited(&key(0), news(minute(5), 20), minute(5));
    assert_eq!(plan.store_due(), None, "further ones wait");
}

#[test]
fn a_restart_forgets_nothing_that_was_remembered() {
    let mut plan = Plan::new(settings(0), minute(0));
    for hour in 0..3 {
        plan.visited(&key(0), news(minute(hour * 60), 20), minute(hour * 60));
    }
    let changed = plan.take_changed();
    assert_eq!(changed.len(), 1);
    assert!(plan.take_changed().is_empty(), "it was handed out");
    let json = changed[0].1.as_ref().unwrap().to_json();
    assert!(json.len() < 120, "{json}");

    let mut next = Plan::new(settings(0), minute(130));
    next.recall(&key(0), &Remembered::from_json(&json).unwrap(), minute(130));
    let deadline = next.deadline(&key(0)).unwrap();
    assert!((minute(178)..minute(180)).contains(&deadline), "{deadline}");
    // Days later nobody cares, and it is to be forgotten there too.
    let mut late = Plan::new(settings(0), minute(10_000));
    late.recall(&key(0), &Remembered::from_json(&json).unwrap(), minute(10_000));
    assert_eq!(late.take_changed(), [(key(0), None)]);
    for json in ["", "[]", "{\"v\":[-1],\"t\":0}", "{\"v\":[1],\"t\":300}", &"[".repeat(9999)] {
        assert_eq!(Remembered::from_json(json), None, "{json}");
    }
}

#[test]
fn a_clock_that_goes_back_stops_nothing() {
    let start = minute(600);
    let mut plan = Plan::new(settings(10), start);
    run(&mut plan, start, minute(660), 10);
    let begun = run(&mut plan, minute(0), minute(120), 10);
    for number in 0..10 {
        assert!(begun.iter().any(|(_, job)| *job == refresh(number)), "{number}");
    }
}
