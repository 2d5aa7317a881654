//! Requests to the fake Telegram over a real socket: every refusal is recognised.

mod doubt;
mod proxy;
mod way;

use std::time::Duration;

use bytesize::ByteSize;
use chrono::DateTime;
use feedline::demo::{
    ChatKind, Control, Fault, OldName, Repeat, RequestKind, Target, Telegram, Truncation, World,
};
use feedline::model::{ChannelName, MessageId};
use feedline::net::{self, Class, Client, Priority};
use feedline::telegram::LandingKind;
use feedline::upstream::{
    self, Fetched, NetworkError, Owner, Query, Refusal, UnexpectedPage, Upstream,
};
use tokio::net::TcpListener;
use url::Url;

/// A running fake Telegram, and an upstream that uses it.
struct Scene {
    _telegram: Telegram,
    control: Control,
    client: Client,
    upstream: Upstream,
}

impl Scene {
    async fn new() -> Self {
        Self::with(paceless()).await
    }

    async fn with(settings: net::Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let start = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let telegram = Telegram::start(listener, World::sample(start)).unwrap();
        let control = telegram.control();
        let client = Client::new(&settings).unwrap();
        let upstream = Upstream::new(client.clone(), &hosts(&[control.base()]));
        Self { _telegram: telegram, control, client, upstream }
    }

    async fn page(&self, channel: &str) -> Result<Fetched, Refusal> {
        self.ask(channel, &Query::Newest).await
    }

    async fn ask(&self, channel: &str, query: &Query) -> Result<Fetched, Refusal> {
        self.upstream.page(&name(channel), query, &Priority::new(Class::Waiting)).await
    }

    async fn refusal(&self, channel: &str) -> Refusal {
        self.page(channel).await.map(|fetched| fetched.page.channel.name).unwrap_err()
    }

    /// The number of requests for a path since the counts were last reset.
    fn hits(&self, path: &str) -> u64 {
        self.control.hits(path)
    }
}

/// Settings without a wait for the rate limit.
fn paceless() -> net::Settings {
    net::Settings { rate: 1000.0, burst: 1000, ..net::Settings::default() }
}

fn hosts(bases: &[&str]) -> upstream::Settings {
    let mut bases = bases.iter().map(|base| base.parse::<Url>().unwrap());
    upstream::Settings {
        url: bases.next().unwrap(),
        fallback: bases.collect(),
        ..upstream::Settings::default()
    }
}

fn name(text: &str) -> ChannelName {
    ChannelName::parse(text).unwrap()
}

fn all(channel: &str) -> Target {
    Target::Channel(channel.to_owned())
}

#[tokio::test]
async fn upstream_fetches_newest_older_and_newer_posts() {
    let scene = Scene::new().await;
    let newest = scene.page("TideWater").await.unwrap();
    assert_eq!(newest.page.channel.name.as_str(), "tidewater");
    assert!(newest.page.is_whole && newest.page.posts.len() > 4);
    assert!(newest.warnings.is_empty(), "{:?}", newest.warnings);
    let older = newest.page.older.unwrap();
    let before = scene.ask("tidewater", &Query::Before(older)).await.unwrap();
    assert!(before.page.newest() < newest.page.oldest());
    let after = scene.ask("tidewater", &Query::After(before.page.newest().unwrap())).await.unwrap();
    assert!(after.page.oldest() > before.page.newest());
    assert_eq!(scene.control.total(), 3, "a good page is fetched once");
}

#[tokio::test]
async fn unreadable_names_yield_specific_refusals() {
    let scene = Scene::new().await;
    let reason = "This channel can't be displayed because of a complaint about its cargo.";
    for (text, expected) in [
        ("nobody_at_home", Refusal::NotFound { channel: name("nobody_at_home") }),
        ("ada_merrow", Refusal::NotAChannel { channel: name("ada_merrow"), owner: Owner::User }),
        (
            "harbour_bell_bot",
            Refusal::NotAChannel { channel: name("harbour_bell_bot"), owner: Owner::Bot },
        ),
        ("tidewater_harbour", Refusal::Group { channel: name("tidewater_harbour") }),
        ("closed_shutters", Refusal::PreviewOff { channel: name("closed_shutters") }),
        (
            "sunken_cargo",
            Refusal::Blocked { channel: name("sunken_cargo"), reason: Some(reason.into()) },
        ),
    ] {
        assert_eq!(scene.refusal(text).await, expected);
    }
    assert_eq!(scene.client.wait(Class::Waiting), Duration::ZERO, "none of them is our fault");
}

#[tokio::test]
async fn landing_page_is_fetched_for_any_existing_name() {
    let scene = Scene::new().await;
    let priority = Priority::new(Class::Waiting);
    for (text, kind) in [
        ("tidewater", LandingKind::Channel { has_preview: true }),
        ("closed_shutters", LandingKind::Channel { has_preview: false }),
        ("sunken_cargo", LandingKind::Blocked),
        ("tidewater_harbour", LandingKind::Group),
        ("ada_merrow", LandingKind::User),
    ] {
        let landing = scene.upstream.landing(&name(text), &priority).await.unwrap();
        assert_eq!(landing.kind, kind, "{text}");
    }
    let channel = name("nobody_at_home");
    let refusal = scene.upstream.landing(&channel, &priority).await.unwrap_err();
    assert_eq!(refusal, Refusal::NotFound { channel });
}

#[tokio::test]
async fn unknown_landing_page_is_not_proof_of_missing_channel() {
    let scene = Scene::new().await;
    let list = Target::Path("/s/tidewater".to_owned());
    scene.control.fault(list, Fault::Redirect("https://t.me/tidewater".to_owned()), Repeat::Always);
    let card = Target::Path("/tidewater".to_owned());
    scene.control.fault(card, Fault::NewClasses, Repeat::Always);
    assert_eq!(scene.refusal("tidewater").await.code(), "markup_changed");
}

#[tokio::test]
async fn unknown_markup_yields_markup_changed() {
    let settings = net::Settings { max_body: ByteSize::kib(512), ..paceless() };
    let scene = Scene::with(settings).await;
    for fault in [
        Fault::NewClasses,
        Fault::NewInsides,
        Fault::Garbage,
        Fault::Deep(5000),
        Fault::Oversize(600 * 1024),
        Fault::Status { code: 418, retry_after: None },
    ] {
        scene.control.clear_faults();
        scene.control.fault(all("tidewater"), fault.clone(), Repeat::Always);
        let refusal = scene.refusal("tidewater").await;
        assert_eq!(refusal.code(), "markup_changed", "{fault:?}: {refusal:?}");
    }
    assert_eq!(scene.hits("/telegram"), 0, "no reason to doubt");
}

#[tokio::test]
async fn page_without_channel_name_uses_requested_name() {
    let scene = Scene::new().await;
    let priority = Priority::new(Class::Media);
    for channel in ["tidewater", "diwan_alrih", "zenit_library"] {
        let named = scene.page(channel).await.unwrap().page;
        scene.control.fault(all(channel), Fault::NoNames, Repeat::Always);
        let nameless = scene.page(channel).await.unwrap();
        assert!(nameless.warnings.is_empty(), "{:?}", nameless.warnings);
        for (nameless, named) in nameless.page.posts.iter().zip(&named.posts) {
            assert_eq!(nameless, named);
        }
        assert_eq!(nameless.page, named, "{channel}");
        let album = named.posts.iter().find(|post| post.members.len() > 1);
        for id in [named.posts.first(), album].into_iter().flatten().flat_map(|post| &post.members)
        {
            let fetched = scene.upstream.post(&name(channel), *id, &priority).await.unwrap();
            assert_eq!(fetched.post.channel, named.channel.name);
            assert!(fetched.post.members.contains(id), "{channel} {id}");
            assert!(fetched.warnings.is_empty(), "{:?}", fetched.warnings);
        }
        scene.control.clear_faults();
    }
}

#[tokio::test]
async fn server_error_is_refused_without_retry() {
    let scene = Scene::new().await;
    for code in [500, 502, 503] {
        scene.control.reset_counts();
        let fault = Fault::Status { code, retry_after: None };
        scene.control.fault(Target::Everything, fault, Repeat::Times(1));
        let refusal = scene.refusal("tidewater").await;
        assert_eq!(refusal, Refusal::Unreachable(NetworkError::Status(code)));
        assert_eq!(scene.control.total(), 1);
    }
}

#[tokio::test]
async fn slow_upstream_response_times_out() {
    let limit = Duration::from_millis(250);
    let scene = Scene::with(net::Settings { timeout: limit, ..paceless() }).await;
    for fault in [Fault::Hang, Fault::Drip { piece: 1, pause: Duration::from_millis(20) }] {
        scene.control.clear_faults();
        scene.control.fault(all("tidewater"), fault, Repeat::Always);
        assert_eq!(scene.refusal("tidewater").await, Refusal::Timeout { limit });
    }
}

#[tokio::test]
async fn full_queue_yields_busy_refusal() {
    let settings = net::Settings { rate: 1.0, burst: 1, queue: 2, ..net::Settings::default() };
    let scene = Scene::with(settings).await;
    let others = [scene.page("tidewater"), scene.page("zenit_library"), scene.page("diwan_alrih")];
    let late = async {
        tokio::task::yield_now().await;
        scene.refusal("Cha_Yu_Lun").await
    };
    let (_, refusal) = tokio::join!(futures_util::future::join_all(others), late);
    assert_eq!(refusal.code(), "busy", "{refusal:?}");
    assert!(refusal.retry_after().unwrap() >= Duration::from_secs(1));
    assert_eq!(scene.hits("/s/Cha_Yu_Lun"), 0);
}

#[tokio::test]
async fn truncated_page_is_fetched_once_more() {
    let scene = Scene::new().await;
    for cut in
        [Truncation::ShortOfLength(60), Truncation::CleanChunks(60), Truncation::BrokenChunks(60)]
    {
        scene.control.reset_counts();
        scene.control.fault(all("tidewater"), Fault::Truncated(cut), Repeat::Times(1));
        let fetched = scene.page("tidewater").await.unwrap();
        assert!(fetched.page.is_whole, "{cut:?}");
        assert_eq!(scene.control.total(), 2, "{cut:?}");
    }
}

#[tokio::test]
async fn page_truncated_twice_is_partial_without_last_block() {
    let scene = Scene::new().await;
    let whole = scene.page("tidewater").await.unwrap().page;
    for fault in [
        Fault::Truncated(Truncation::ShortOfLength(60)),
        Fault::Truncated(Truncation::CleanChunks(60)),
        Fault::Truncated(Truncation::BrokenChunks(60)),
        Fault::BrokenGzip,
    ] {
        scene.control.clear_faults();
        scene.control.reset_counts();
        scene.control.fault(all("tidewater"), fault.clone(), Repeat::Always);
        let part = scene.page("tidewater").await.unwrap().page;
        assert_eq!(scene.control.total(), 2, "{fault:?}");
        assert!(!part.is_whole, "{fault:?}");
        assert!(!part.posts.is_empty() && part.posts.len() < whole.posts.len(), "{fault:?}");
        assert_eq!(part.posts, whole.posts[..part.posts.len()], "{fault:?}: no half post");
    }
}

#[tokio::test]
async fn page_truncated_before_posts_is_unreachable_not_empty() {
    let scene = Scene::new().await;
    for share in [1, 5] {
        scene.control.clear_faults();
        let fault = Fault::Truncated(Truncation::ShortOfLength(share));
        scene.control.fault(all("tidewater"), fault, Repeat::Always);
        assert_eq!(scene.refusal("tidewater").await, Refusal::Unreachable(NetworkError::Truncated));
    }
}

#[tokio::test]
async fn renamed_channel_redirect_is_followed_once() {
    let scene = Scene::new().await;
    assert!(scene.control.rename("tidewater", name("new_tide"), OldName::Redirect));
    assert_eq!(scene.page("tidewater").await.unwrap().page.channel.name, name("new_tide"));
    let to = format!("{}/s/zenit_library", scene.control.base());
    scene.control.fault(all("new_tide"), Fault::Redirect(to), Repeat::Always);
    let to = format!("{}/s/new_tide", scene.control.base());
    scene.control.fault(all("zenit_library"), Fault::Redirect(to), Repeat::Always);
    scene.control.reset_counts();
    assert!(scene.page("new_tide").await.is_err(), "two names that lead to each other");
    assert!(scene.control.total() <= 5);
}

#[tokio::test]
async fn unused_former_name_is_not_found() {
    let scene = Scene::new().await;
    assert!(scene.control.rename("tidewater", name("new_tide"), OldName::Free));
    assert_eq!(scene.refusal("tidewater").await, Refusal::NotFound { channel: name("tidewater") });
    assert!(scene.page("new_tide").await.is_ok());
}

#[tokio::test]
async fn redirect_to_foreign_host_is_not_followed() {
    let scene = Scene::new().await;
    let stranger = Scene::new().await;
    let to = format!("{}/s/zenit_library", stranger.control.base());
    scene.control.fault(
        Target::Path("/s/tidewater".to_owned()),
        Fault::Redirect(to),
        Repeat::Always,
    );
    let refusal = scene.refusal("tidewater").await;
    assert_eq!(refusal, Refusal::PreviewOff { channel: name("tidewater") });
    assert_eq!(stranger.control.total(), 0);
}

#[tokio::test]
async fn single_posts_are_fetched_from_channels_and_groups() {
    let scene = Scene::new().await;
    let priority = Priority::new(Class::Media);
    let page = scene.page("tidewater").await.unwrap().page;
    for post in &page.posts {
        for id in &post.members {
            let fetched = scene.upstream.post(&name("tidewater"), *id, &priority).await.unwrap();
            assert!(fetched.post.members.contains(id), "{id}");
        }
    }
    let group = name("tidewater_harbour");
    let ids: Vec<u32> = scene
        .control
        .channel("tidewater_harbour")
        .unwrap()
        .messages
        .iter()
        .map(|message| message.id)
        .collect();
    let id = MessageId::new(ids[0]).unwrap();
    let fetched = scene.upstream.post(&group, id, &priority).await.unwrap();
    assert_eq!((fetched.post.channel, fetched.post.id), (group, id));
}

#[tokio::test]
async fn missing_post_is_distinguished_from_soft_ban() {
    let scene = Scene::new().await;
    let (priority, id) = (Priority::new(Class::Media), MessageId::new(99_999).unwrap());
    let channel = name("tidewater");
    let refusal = scene.upstream.post(&channel, id, &priority).await.unwrap_err();
    assert_eq!(refusal, Refusal::PostNotFound { channel: channel.clone(), id });
    assert_eq!(scene.hits("/telegram"), 1, "the canary was fetched");

    let scene = Scene::new().await;
    scene.control.fault(Target::Everything, Fault::SoftBan, Repeat::Always);
    let refusal = scene.upstream.post(&channel, id, &priority).await.unwrap_err();
    assert_eq!(refusal.code(), "throttled");
}

#[tokio::test]
async fn truncated_or_wrong_post_is_refused() {
    let scene = Scene::new().await;
    let (priority, channel) = (Priority::new(Class::Media), name("tidewater"));
    let page = scene.page("tidewater").await.unwrap().page;
    let id = page.posts[0].id;
    scene.control.fault(
        Target::Kind(RequestKind::Embed),
        Fault::Truncated(Truncation::CleanChunks(90)),
        Repeat::Always,
    );
    let refusal = scene.upstream.post(&channel, id, &priority).await.unwrap_err();
    assert_eq!(refusal, Refusal::Unreachable(NetworkError::Truncated));
    scene.control.clear_faults();

    // A server that answers every request with the same post.
    let client = Client::new(&paceless()).unwrap();
    let url = format!("{}/tidewater/{id}?embed=1&mode=tme", scene.control.base());
    let embed = client.fetch(&url.parse().unwrap(), None, &priority).await.unwrap().text;
    let base = way::serve(format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{embed}",
        embed.len()
    ))
    .await;
    let upstream = Upstream::new(client, &hosts(&[&base]));
    assert!(upstream.post(&channel, id, &priority).await.is_ok());
    let refusal = upstream.post(&channel, page.posts[1].id, &priority).await.unwrap_err();
    assert_eq!(refusal, Refusal::MarkupChanged(UnexpectedPage::AnotherPost));
}
