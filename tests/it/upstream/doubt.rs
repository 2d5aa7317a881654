//! Whether a failure concerns one channel or all of feedline: throttling, empty pages, the canary.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// Advances the clock of timers and back-offs.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn soft_ban_is_detected_by_canary() {
    let scene = Scene::new().await;
    scene.control.fault(Target::Everything, Fault::SoftBan, Repeat::Always);
    let refusal = scene.refusal("tidewater").await;
    assert_eq!(refusal.code(), "throttled");
    let pause = refusal.retry_after().unwrap();
    assert!(pause > 20 * SECOND && pause <= 30 * SECOND, "the first step, with jitter: {pause:?}");

    scene.control.reset_counts();
    assert_eq!(scene.refusal("zenit_library").await.code(), "throttled");
    assert_eq!(scene.control.total(), 0, "no requests during the back-off");

    scene.control.clear_faults();
    pass(pause).await;
    assert!(scene.page("tidewater").await.is_ok());
}

/// The embed of a blocked channel's first post, and the reason that is read from it.
#[tokio::test]
async fn blocked_channel_reason_is_read_from_first_post() {
    let long = "This channel can't be displayed. ".repeat(100);
    for (text, reason) in [
        ("  This channel\u{202e} is\nblocked.\u{7} ", Some("This channel is blocked.")),
        ("Post not found", None),
        ("Channel with username @tidewater not found", None),
        ("", None),
        (long.leak(), Some("This channel can't be displayed.")),
    ] {
        let scene = Scene::new().await;
        scene.control.change("tidewater", |channel| {
            channel.kind = ChatKind::Blocked { reason: text.into() }
        });
        let Refusal::Blocked { reason: found, .. } = scene.refusal("tidewater").await else {
            panic!("{text}")
        };
        assert!(found.as_ref().is_none_or(|found| found.len() <= 160), "{found:?}");
        let begins = |(found, reason): (Box<str>, &str)| found.starts_with(reason);
        assert!(
            found.is_none() && reason.is_none() || found.zip(reason).is_some_and(begins),
            "{text}"
        );
        assert_eq!((scene.hits("/tidewater/1"), scene.control.total()), (1, 3));
    }
}

#[tokio::test]
async fn blocked_refusal_needs_no_reason_but_yields_to_throttling() {
    let scene = Scene::new().await;
    let embed = || Target::Path("/sunken_cargo/1".to_owned());
    for fault in [
        Fault::Status { code: 500, retry_after: None },
        Fault::Close,
        Fault::NewClasses,
        Fault::Redirect("https://t.me/sunken_cargo".to_owned()),
    ] {
        scene.control.clear_faults();
        scene.control.fault(embed(), fault.clone(), Repeat::Always);
        let refusal = scene.refusal("sunken_cargo").await;
        assert_eq!(refusal, Refusal::Blocked { channel: name("sunken_cargo"), reason: None });
    }
    scene.control.clear_faults();
    let fault = Fault::Status { code: 429, retry_after: Some(7) };
    scene.control.fault(embed(), fault, Repeat::Always);
    let refusal = scene.refusal("sunken_cargo").await;
    assert_eq!(refusal, Refusal::Throttled { retry_after: 7 * SECOND });
    assert_eq!(scene.client.wait(Class::Waiting), Duration::ZERO, "it concerns one channel");
}

#[tokio::test]
async fn soft_ban_is_not_mistaken_for_blocked_channel() {
    let scene = Scene::new().await;
    scene.control.fault(Target::Everything, Fault::SoftBan, Repeat::Always);
    assert_eq!(scene.refusal("sunken_cargo").await.code(), "throttled");
}

#[tokio::test]
async fn continued_soft_ban_lengthens_backoff() {
    let scene = Scene::new().await;
    scene.control.fault(Target::Everything, Fault::SoftBan, Repeat::Always);
    let mut last = Duration::ZERO;
    for _ in 0..4 {
        let pause = scene.refusal("tidewater").await.retry_after().unwrap();
        assert!(pause > last, "{pause:?} after {last:?}");
        last = pause;
        pass(pause).await;
    }
}

#[tokio::test]
async fn throttling_of_one_channel_starts_no_backoff() {
    let scene = Scene::new().await;
    for (fault, pause) in [
        (Fault::Status { code: 429, retry_after: Some(7) }, 7),
        (Fault::Status { code: 429, retry_after: None }, 30),
        (Fault::Status { code: 403, retry_after: None }, 30),
        (Fault::Challenge, 30),
        (Fault::Tiny, 30),
    ] {
        scene.control.clear_faults();
        scene.control.fault(all("tidewater"), fault.clone(), Repeat::Always);
        let refusal = scene.refusal("tidewater").await;
        assert_eq!(refusal, Refusal::Throttled { retry_after: pause * SECOND }, "{fault:?}");
        assert_eq!(scene.client.wait(Class::Waiting), Duration::ZERO, "{fault:?}");
        assert!(scene.page("zenit_library").await.is_ok(), "{fault:?}");
    }
}

#[tokio::test]
async fn throttling_shared_by_canary_starts_backoff() {
    for (fault, pause) in [
        (Fault::Status { code: 429, retry_after: Some(40) }, 40..=40),
        (Fault::Status { code: 429, retry_after: None }, 22..=30),
        (Fault::Status { code: 403, retry_after: None }, 22..=30),
        (Fault::Challenge, 22..=30),
        (Fault::Tiny, 22..=30),
    ] {
        let scene = Scene::new().await;
        scene.control.fault(Target::Everything, fault.clone(), Repeat::Always);
        let refusal = scene.refusal("tidewater").await;
        assert_eq!(refusal.code(), "throttled", "{fault:?}");
        let seconds = refusal.retry_after().unwrap().as_secs();
        assert!(pause.contains(&seconds), "{fault:?}: {seconds}");
        scene.control.clear_faults();
        scene.control.reset_counts();
        assert_eq!(scene.refusal("zenit_library").await.code(), "throttled", "{fault:?}");
        assert_eq!(scene.control.total(), 0, "{fault:?}");
        pass(Duration::from_secs(seconds)).await;
        assert!(scene.page("tidewater").await.is_ok(), "{fault:?}");
    }
}

#[tokio::test]
async fn short_backoff_is_awaited() {
    let scene = Scene::new().await;
    let fault = Fault::Status { code: 429, retry_after: Some(1) };
    scene.control.fault(Target::Everything, fault, Repeat::Times(2));
    assert_eq!(scene.refusal("tidewater").await, Refusal::Throttled { retry_after: SECOND });
    assert!(scene.page("tidewater").await.is_ok());
}

#[tokio::test]
async fn concurrent_doubts_share_one_canary_request() {
    let scene = Scene::new().await;
    let names: Vec<String> = (0..20).map(|number| format!("nobody_{number}")).collect();
    let gate = scene.control.hold(Target::Path("/telegram".to_owned()));
    let all = futures_util::future::join_all(names.iter().map(|name| scene.refusal(name)));
    let open = async {
        while scene.control.hits_of_kind(RequestKind::Landing) < 8 {
            tokio::task::yield_now().await;
        }
        gate.open();
    };
    let (refusals, ()) = tokio::join!(all, open);
    assert!(refusals.iter().all(|refusal| refusal.code() == "not_found"));
    assert_eq!(scene.hits("/telegram"), 1);
}

#[tokio::test]
async fn successful_canary_result_is_cached_for_one_minute() {
    let scene = Scene::new().await;
    for (wait, checks) in [(0, 1), (50, 1), (11, 2)] {
        pass(wait * SECOND).await;
        assert_eq!(scene.refusal("nobody_at_home").await.code(), "not_found");
        assert_eq!(scene.hits("/telegram"), checks);
    }
}

#[tokio::test]
async fn explicit_throttling_ignores_cached_canary_result() {
    let scene = Scene::new().await;
    assert_eq!(scene.refusal("nobody_at_home").await.code(), "not_found");
    let fault = Fault::Status { code: 429, retry_after: Some(9) };
    scene.control.fault(Target::Everything, fault, Repeat::Always);
    let refusal = scene.refusal("tidewater").await;
    assert_eq!(refusal, Refusal::Throttled { retry_after: 9 * SECOND });
    assert_eq!(scene.client.backoff(None).as_secs() + 1, 9, "the address cools down");
}

#[tokio::test]
async fn empty_page_is_fetched_twice() {
    let scene = Scene::new().await;
    scene.control.fault(all("tidewater"), Fault::NoPosts, Repeat::Times(1));
    let fetched = scene.page("tidewater").await.unwrap();
    assert!(!fetched.page.posts.is_empty());
    assert_eq!(scene.hits("/s/tidewater"), 2);
    assert_eq!(scene.hits("/s/telegram"), 0, "no doubt is left");
}

#[tokio::test]
async fn empty_channel_is_accepted_if_canary_has_posts() {
    let scene = Scene::new().await;
    let fetched = scene.page("blank_page").await.unwrap();
    assert!(fetched.page.posts.is_empty() && fetched.page.is_whole);
    assert_eq!(fetched.page.channel.name, name("blank_page"));
    assert_eq!((scene.hits("/s/blank_page"), scene.hits("/s/telegram")), (2, 1));
}

#[tokio::test]
async fn empty_canary_list_means_throttling() {
    let scene = Scene::new().await;
    scene.control.fault(Target::Everything, Fault::NoPosts, Repeat::Always);
    assert_eq!(scene.refusal("tidewater").await.code(), "throttled");
    assert!(!scene.client.backoff(None).is_zero());
}

#[tokio::test]
async fn empty_older_or_search_page_is_accepted() {
    let scene = Scene::new().await;
    let first = MessageId::new(1).unwrap();
    for query in [Query::Before(first), Query::Words("no such words anywhere".to_owned())] {
        scene.control.reset_counts();
        let fetched = scene.ask("tidewater", &query).await.unwrap();
        assert!(fetched.page.posts.is_empty(), "{query:?}");
        assert_eq!(scene.control.total(), 1, "{query:?}");
    }
}

#[tokio::test]
async fn redirecting_list_with_preview_is_checked_with_canary() {
    let redirect = |path: &str| Fault::Redirect(format!("https://t.me/{path}"));
    let scene = Scene::new().await;
    let list = Target::Path("/s/tidewater".to_owned());
    scene.control.fault(list, redirect("tidewater"), Repeat::Always);
    assert_eq!(scene.refusal("tidewater").await.code(), "preview_off");
    assert_eq!(scene.hits("/s/telegram"), 1);
    let list = Target::Path("/s/telegram".to_owned());
    scene.control.fault(list, redirect("telegram"), Repeat::Always);
    pass(61 * SECOND).await;
    assert_eq!(scene.refusal("tidewater").await.code(), "throttled");
}

#[tokio::test]
async fn unreachable_canary_yields_unreachable_refusal() {
    let scene = Scene::new().await;
    let fault = Fault::Status { code: 500, retry_after: None };
    scene.control.fault(all("telegram"), fault, Repeat::Always);
    let refusal = scene.refusal("nobody_at_home").await;
    assert_eq!(
        refusal,
        Refusal::Unreachable(NetworkError::Status(500)),
        "not: there is no such channel"
    );
    assert!(scene.client.backoff(None).is_zero());
}
