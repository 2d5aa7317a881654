use super::*;

const MINUTE: u32 = 60;

const RULE: Rule = Rule {
    min_ttl: Duration::from_secs(300),
    active_for: Duration::from_secs(3 * 24 * 60 * 60),
    stretch: 1.0,
};

fn minute(minutes: i64) -> DateTime<Utc> {
    crate::service::tests::minute(minutes)
}

/// A channel that was asked for at these minutes and fetched at one, with a snapshot that lives so long.
fn entry(visits: &[i64], fetched: i64, ttl: u32) -> Entry {
    let mut entry = Entry::new();
    for visit in visits {
        entry.visited(minute(*visit));
    }
    entry.refreshed(minute(fetched), Duration::from_secs(u64::from(ttl * MINUTE)));
    entry
}

/// After how many seconds from its last visit on the next refresh begins.
fn plan(entry: &mut Entry) -> Option<i64> {
    let last = DateTime::from_timestamp(entry.visits.last()?.into(), 0)?;
    let planned = entry.plan("tearoad", last + Duration::from_secs(60), RULE)?;
    Some((planned - last).num_seconds())
}

#[test]
fn a_channel_is_renewed_just_before_a_visit_that_would_find_it_old() {
    // An even row may be half a minute early, and the refresh takes its time.
    let early = 30 + i64::try_from(LEAD.as_secs()).unwrap();
    for (visits, fetched, ttl, expected) in [
        // Asked for once: that says nothing.
        (&[0][..], 0, 30, None),
        (&[0, 5], 0, 30, None),
        // Twice, far enough apart.
        (&[0, 60], 60, 30, Some(3600 - early)),
        (&[0, 60, 120], 120, 60, Some(3600 - early)),
        // Every quarter of an hour, and a snapshot that lives an hour: each second visit is worth it.
        (&[0, 15, 30, 45], 45, 60, Some(1800 - early)),
        // Every ten minutes, and posts every minute.
        (&[0, 10, 20, 30], 30, 5, Some(600 - early)),
        // At no even distances, and seldom: a visit renews it.
        (&[0, 13, 71, 95, 161], 161, 5, None),
    ] {
        assert_eq!(plan(&mut entry(visits, fetched, ttl)), expected, "{visits:?}, {ttl}");
    }
}

#[test]
fn a_channel_that_is_asked_for_all_the_time_is_renewed_before_its_life_ends() {
    let mut entry = entry(&[0, 3, 5, 11, 14, 18, 23, 26], 20, 60);
    let lead = i64::try_from(LEAD.as_secs()).unwrap();
    let planned = plan(&mut entry).unwrap();
    assert!((60 * (50 - 26) - 75..=60 * (80 - 26) - lead).contains(&planned), "{planned}");
}

#[test]
fn after_a_refresh_ahead_the_next_one_waits_for_a_visit() {
    let mut entry = entry(&[0, 60, 120], 120, 30);
    assert!(plan(&mut entry).is_some());
    entry.begin(minute(179));
    entry.begun = None;
    entry.refreshed(minute(179), Duration::from_secs(1800));
    assert_eq!(plan(&mut entry), None);
    entry.visited(minute(180));
    assert_eq!(plan(&mut entry), Some(3600 - 75));
}

#[test]
fn a_followed_channel_is_renewed_at_its_own_rhythm_and_aligned_to_visits() {
    let mut followed = Entry { is_followed: true, ..entry(&[], 0, 20) };
    for stretch in [1.0, 3.0] {
        let planned = followed.plan("tearoad", minute(1), Rule { stretch, ..RULE }).unwrap();
        let share = (planned - minute(0)).as_seconds_f64() / (20.0 * 60.0 * stretch);
        assert!((0.95 / stretch..=1.0).contains(&share), "{share}");
        assert!(planned <= minute(20) + Duration::from_secs(1200).mul_f64(stretch - 1.0));
    }
    let mut visited = Entry { is_followed: true, ..entry(&[0, 40, 80, 120], 120, 60) };
    assert_eq!(
        plan(&mut visited),
        Some(40 * 60 - 75),
        "before the visit, and not twenty minutes later"
    );
}

#[test]
fn nobody_asks_any_more_and_it_stops() {
    let mut entry = entry(&[0, 60, 120], 120, 60);
    let day = 24 * 60;
    assert!(entry.is_kept_fresh(minute(120 + 3 * day - 1), RULE.active_for));
    assert!(!entry.is_kept_fresh(minute(120 + 3 * day), RULE.active_for));
    assert_eq!(entry.plan("tearoad", minute(120 + 3 * day), RULE), None);
    entry.is_followed = true;
    assert!(entry.plan("tearoad", minute(120 + 3 * day), RULE).is_some());
}

#[test]
fn failures_put_off_the_next_refresh_longer_each_time() {
    let outage = Failure { code: "unreachable", kept: Duration::from_secs(30), is_certain: false };
    let mut failing = Entry { is_followed: true, ..entry(&[], 0, 5) };
    let mut pauses = Vec::new();
    for _ in 0..10 {
        failing.refused(outage, "tearoad", minute(10));
        let planned = failing.plan("tearoad", minute(10), RULE).unwrap();
        pauses.push((planned - minute(10)).num_seconds());
    }
    let bounds = [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600];
    for (pause, least) in pauses.iter().zip(bounds) {
        assert!((least..=least * 6 / 5).contains(pause), "{pauses:?}");
    }
    assert_eq!(failing.refusal, Some("unreachable"));
    failing.refreshed(minute(11), Duration::from_secs(300));
    assert_eq!(failing.refusal, None);
    let planned = failing.plan("tearoad", minute(11), RULE).unwrap();
    assert!(planned <= minute(16), "and all is as before");
}

#[test]
fn a_channel_that_is_gone_is_asked_for_seldom_if_followed_and_else_not_at_all() {
    let gone = Failure { code: "not_found", kept: Duration::from_secs(3600), is_certain: true };
    let mut followed = Entry { is_followed: true, ..entry(&[], 0, 5) };
    let mut pauses = Vec::new();
    for _ in 0..7 {
        followed.refused(gone, "tearoad", minute(10));
        let planned = followed.plan("tearoad", minute(10), RULE).unwrap();
        pauses.push((planned - minute(10)).num_hours());
    }
    assert!(pauses.is_sorted() && pauses[0] == 1 && (24..29).contains(&pauses[6]), "{pauses:?}");
    let mut visited = entry(&[0, 60, 120], 120, 5);
    visited.refused(gone, "tearoad", minute(121));
    assert_eq!(plan(&mut visited), None);
    visited.refreshed(minute(122), Duration::from_secs(300));
    assert!(plan(&mut visited).is_some(), "it is back");
}

#[test]
fn visits_that_do_not_come_when_expected_are_left_to_themselves_until_they_do() {
    let mut entry = entry(&[0, 60, 120], 120, 30);
    assert!(plan(&mut entry).is_some());
    for (visit, is_believed) in [
        // One that is late may be chance.
        (197, true),
        (257, true),
        (317, true),
        // The second one is not.
        (394, false),
        (454, false),
        (514, false),
        // It comes when it was expected, again and again.
        (574, false),
        (634, false),
    ] {
        entry.visited(minute(visit));
        entry.refreshed(minute(visit), Duration::from_secs(1800));
        // What is expected now is what the next visit is judged by.
        let planned = plan(&mut entry);
        assert_eq!(entry.trust >= TRUSTED, is_believed, "{visit}: {}", entry.trust);
        assert!(is_believed || planned.is_none(), "{visit}: {planned:?}");
    }
    for hour in 0..8 {
        entry.visited(minute(694 + 60 * hour));
        entry.refreshed(minute(694 + 60 * hour), Duration::from_secs(1800));
        let _ = plan(&mut entry);
    }
    assert!(entry.trust >= TRUSTED && plan(&mut entry).is_some(), "{}", entry.trust);
}
