//! Routes to Telegram: unreachable hosts, throttled proxies.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

/// Answers every connection with the same bytes until the test ends, and returns its address.
#[expect(clippy::disallowed_methods, reason = "the server's task ends with the test's runtime")]
pub(super) async fn serve(answer: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            if stream.read(&mut request).await.is_ok_and(|length| length > 0) {
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        }
    });
    base
}

/// An address without a listener.
async fn dead() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

async fn page(upstream: &Upstream, channel: &str) -> Result<Fetched, Refusal> {
    upstream.page(&name(channel), &Query::Newest, &Priority::new(Class::Waiting)).await
}

#[tokio::test]
async fn unreachable_host_is_replaced_by_fallback() {
    let scene = Scene::new().await;
    let reset = serve(String::new()).await;
    for broken in [dead().await, reset] {
        let upstream =
            Upstream::new(scene.client.clone(), &hosts(&[&broken, scene.control.base()]));
        assert!(page(&upstream, "tidewater").await.is_ok());
        assert_eq!(upstream.reach().await.unwrap().host, "127.0.0.1");
    }
}

#[tokio::test]
async fn host_that_closes_connection_is_retried_once() {
    let scene = Scene::new().await;
    scene.control.fault(Target::Everything, Fault::Close, Repeat::Times(1));
    assert!(scene.page("tidewater").await.is_ok());
    assert_eq!(scene.control.total(), 2);
}

#[tokio::test]
async fn failed_host_is_tried_last_for_one_minute() {
    let scene = Scene::new().await;
    let other = Scene::new().await;
    let settings = hosts(&[scene.control.base(), other.control.base()]);
    let upstream = Upstream::new(scene.client.clone(), &settings);
    scene.control.fault(Target::Everything, Fault::Close, Repeat::Always);
    assert!(page(&upstream, "tidewater").await.is_ok());
    let requests = scene.control.total();
    assert!(requests >= 1);
    scene.control.clear_faults();
    assert!(page(&upstream, "tidewater").await.is_ok());
    assert_eq!(scene.control.total(), requests);
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(60)).await;
    tokio::time::resume();
    assert!(page(&upstream, "tidewater").await.is_ok());
    assert_eq!(scene.control.total(), requests + 1);
}

#[tokio::test]
async fn fallback_host_is_used_for_network_errors_only() {
    let settings = net::Settings { timeout: Duration::from_millis(300), ..paceless() };
    let scene = Scene::with(settings).await;
    let other = Scene::new().await;
    let upstream =
        Upstream::new(scene.client.clone(), &hosts(&[scene.control.base(), other.control.base()]));
    for (fault, code) in [
        (Fault::Status { code: 500, retry_after: None }, "unreachable"),
        (Fault::Hang, "timeout"),
        (Fault::NewClasses, "markup_changed"),
        (Fault::Status { code: 429, retry_after: Some(1) }, "throttled"),
    ] {
        scene.control.clear_faults();
        scene.control.fault(Target::Everything, fault, Repeat::Always);
        assert_eq!(page(&upstream, "tidewater").await.unwrap_err().code(), code);
    }
    assert_eq!(other.control.total(), 0);
}

#[tokio::test]
async fn first_hosts_error_is_reported_if_none_is_reachable() {
    let client = Client::new(&paceless()).unwrap();
    let fallback = dead().await.replace("127.0.0.1", "localhost");
    let upstream = Upstream::new(client.clone(), &hosts(&[&dead().await, &fallback]));
    let expected = Refusal::Unreachable(NetworkError::Network {
        host: "127.0.0.1".to_owned(),
        cause: net::Cause::Refused,
        proxied: false,
    });
    assert_eq!(page(&upstream, "tidewater").await.unwrap_err(), expected);
    assert_eq!(upstream.reach().await.unwrap_err(), expected);
    assert_eq!(client.wait(Class::Waiting), Duration::ZERO, "an outage is no throttling");
}

#[tokio::test]
async fn throttled_proxy_is_replaced_by_another() {
    let (banned, free) = (Scene::new().await, Scene::new().await);
    banned.control.fault(Target::Everything, Fault::SoftBan, Repeat::Always);
    let proxies = [&banned, &free].map(|scene| scene.control.base().parse().unwrap());
    let client = Client::new(&net::Settings { proxies: proxies.to_vec(), ..paceless() }).unwrap();
    let upstream = Upstream::new(client.clone(), &hosts(&["http://telegram.invalid"]));
    for _ in 0..4 {
        let fetched = page(&upstream, "tidewater").await.unwrap();
        assert_eq!(fetched.page.channel.name, name("tidewater"));
    }
    assert!(client.backoff(None).is_zero());
    assert_eq!(banned.hits("/telegram"), 1, "it was unmasked once and left alone");
    free.control.fault(Target::Everything, Fault::SoftBan, Repeat::Always);
    assert_eq!(page(&upstream, "tidewater").await.unwrap_err().code(), "throttled");
    assert!(!client.backoff(None).is_zero());
}

#[tokio::test]
async fn unreachable_proxy_is_skipped() {
    let scene = Scene::new().await;
    let proxies = vec![dead().await.parse().unwrap(), scene.control.base().parse().unwrap()];
    let client = Client::new(&net::Settings { proxies, ..paceless() }).unwrap();
    let upstream =
        Upstream::new(client, &hosts(&["http://telegram.invalid", "http://telegram-too.invalid"]));
    for channel in ["tidewater", "zenit_library", "diwan_alrih", "Cha_Yu_Lun"] {
        assert!(page(&upstream, channel).await.is_ok(), "{channel}");
    }
}
