//! Each fault has its effect, the given number of times, on the targeted requests only.

use std::time::Duration;

use feedline::demo::{Fault, Repeat, RequestKind, Target, Truncation};
use reqwest::StatusCode;
use scraper::Html;

use super::{all, get, page, posts, start, texts};

fn tidewater() -> Target {
    Target::Path("/s/tidewater".to_owned())
}

#[tokio::test]
async fn status_fault_applies_to_its_target_and_number_of_requests() {
    let (_telegram, control, client) = start().await;
    let fault = Fault::Status { code: 429, retry_after: Some(7) };
    control.fault(tidewater(), fault, Repeat::Times(2));
    let other = get(&control, &client, "/s/zenit_library").await;
    assert_eq!(other.status(), StatusCode::OK);
    for _ in 0..2 {
        let refused = get(&control, &client, "/s/tidewater?before=9").await;
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refused.headers()["retry-after"], "7");
    }
    assert_eq!(get(&control, &client, "/s/tidewater").await.status(), StatusCode::OK);
    let fault = Fault::Status { code: 500, retry_after: None };
    control.fault(Target::Kind(RequestKind::Landing), fault, Repeat::Always);
    let failed = get(&control, &client, "/tidewater").await;
    assert_eq!(failed.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(failed.headers().get("retry-after").is_none());
    control.clear_faults();
    assert_eq!(get(&control, &client, "/tidewater").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn soft_ban_fault_makes_all_names_look_missing() {
    let (_telegram, control, client) = start().await;
    control.fault(Target::Everything, Fault::SoftBan, Repeat::Always);
    for name in ["tidewater", "telegram"] {
        let list = get(&control, &client, &format!("/s/{name}")).await;
        assert_eq!(list.status(), StatusCode::FOUND);
        assert_eq!(list.headers()["location"], format!("https://t.me/{name}"));
        let landing = page(&control, &client, &format!("/{name}")).await;
        assert_eq!(all(&landing, ".tgme_icon_user").len(), 1);
        assert!(all(&landing, ".tgme_page_title").is_empty());
        let embed = page(&control, &client, &format!("/{name}/3?embed=1")).await;
        assert_eq!(all(&embed, ".err_message").len(), 1);
    }
}

#[tokio::test]
async fn content_faults_yield_pages_without_posts_links_or_classes() {
    let (_telegram, control, client) = start().await;
    for fault in [Fault::NoPosts, Fault::NoMoreLinks, Fault::NewClasses, Fault::NewInsides] {
        control.fault(tidewater(), fault, Repeat::Times(1));
    }
    let empty = page(&control, &client, "/s/tidewater").await;
    assert_eq!(texts(&empty, ".tme_no_messages_found"), ["No posts found"]);
    assert_eq!(texts(&empty, ".tgme_channel_info_header_title"), ["Tidewater Light"]);
    let unlinked = page(&control, &client, "/s/tidewater").await;
    assert!(!posts(&unlinked).is_empty());
    assert!(all(&unlinked, "link[rel=prev], a.tme_messages_more").is_empty());
    let renamed = page(&control, &client, "/s/tidewater").await;
    assert!(all(&renamed, "[class*=tgme_]").is_empty());
    assert!(!all(&renamed, "[data-post]").is_empty());
    let hollow = page(&control, &client, "/s/tidewater").await;
    assert!(!posts(&hollow).is_empty());
    assert!(all(&hollow, "[class*=tgme_widget_message_], time[datetime]").is_empty());
    assert!(!posts(&page(&control, &client, "/s/tidewater").await).is_empty(), "all used up");
}

#[tokio::test]
async fn body_faults_yield_tiny_huge_deep_or_garbage_bodies() {
    let (_telegram, control, client) = start().await;
    let faults = [
        Fault::Tiny,
        Fault::Garbage,
        Fault::Oversize(5_000_000),
        Fault::Deep(3_000),
        Fault::Challenge,
    ];
    for fault in faults {
        control.fault(tidewater(), fault, Repeat::Times(1));
    }
    let tiny = get(&control, &client, "/s/tidewater").await;
    assert_eq!(tiny.status(), StatusCode::OK);
    assert!(tiny.bytes().await.unwrap().len() < 500);
    let garbage = get(&control, &client, "/s/tidewater").await.bytes().await.unwrap();
    assert!(std::str::from_utf8(&garbage).is_err());
    let huge = get(&control, &client, "/s/tidewater").await;
    assert_eq!(huge.content_length(), Some(5_000_000));
    assert_eq!(huge.bytes().await.unwrap().len(), 5_000_000);
    let deep = get(&control, &client, "/s/tidewater").await.text().await.unwrap();
    assert_eq!(deep.matches("<div>").count(), 3_000);
    let challenge = get(&control, &client, "/s/tidewater").await;
    assert_eq!(challenge.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(challenge.text().await.unwrap().contains("checking your browser"));
}

#[tokio::test]
async fn cut_faults_end_body_early() {
    let (_telegram, control, client) = start().await;
    let whole = get(&control, &client, "/s/tidewater").await.bytes().await.unwrap();
    for cut in
        [Truncation::ShortOfLength(60), Truncation::BrokenChunks(60), Truncation::CleanChunks(60)]
    {
        control.fault(tidewater(), Fault::Truncated(cut), Repeat::Times(1));
    }
    let short = get(&control, &client, "/s/tidewater").await;
    assert_eq!(short.content_length(), Some(whole.len() as u64));
    assert!(short.bytes().await.is_err());
    let broken = get(&control, &client, "/s/tidewater").await;
    assert_eq!(broken.content_length(), None);
    assert!(broken.bytes().await.is_err());
    let clean = get(&control, &client, "/s/tidewater").await.text().await.unwrap();
    assert_eq!(clean.len(), whole.len() * 60 / 100);
    assert!(!clean.contains("</html>"));
    assert!(!posts(&Html::parse_document(&clean)).is_empty());
    control.fault(tidewater(), Fault::BrokenGzip, Repeat::Times(1));
    let gzip = get(&control, &client, "/s/tidewater").await;
    assert_eq!(gzip.status(), StatusCode::OK);
    assert!(gzip.bytes().await.is_err());
}

#[tokio::test]
async fn compressed_demo_pages_equal_plain_ones() {
    let (_telegram, control, client) = start().await;
    let address = format!("{}/s/tidewater", control.base());
    let plain = client.get(&address).header("accept-encoding", "identity").send().await.unwrap();
    assert!(plain.headers().get("content-encoding").is_none());
    let plain = plain.text().await.unwrap();
    let raw = reqwest::Client::builder().no_gzip().build().unwrap();
    let packed = raw.get(&address).header("accept-encoding", "gzip, br").send().await.unwrap();
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    assert!(packed.bytes().await.unwrap().len() < plain.len() / 3);
    assert_eq!(get(&control, &client, "/s/tidewater").await.text().await.unwrap(), plain);
}

#[tokio::test]
async fn delay_fault_adds_to_other_faults() {
    let (_telegram, control, client) = start().await;
    let wait = Duration::from_millis(40);
    control.fault(tidewater(), Fault::Delay(wait), Repeat::Times(1));
    control.fault(tidewater(), Fault::Tiny, Repeat::Times(1));
    let began = tokio::time::Instant::now();
    let body = get(&control, &client, "/s/tidewater").await.bytes().await.unwrap();
    assert!(began.elapsed() >= wait && body.len() < 500);
    let drip = Fault::Drip { piece: 40_000, pause: Duration::from_millis(5) };
    control.fault(tidewater(), drip, Repeat::Times(1));
    let began = tokio::time::Instant::now();
    let dripped = page(&control, &client, "/s/tidewater").await;
    assert!(began.elapsed() >= Duration::from_millis(5) && !posts(&dripped).is_empty());
}

#[tokio::test]
async fn gate_holds_requests_until_opened() {
    let (_telegram, control, client) = start().await;
    let gate = control.hold(Target::Channel("tidewater".to_owned()));
    let held = async {
        tokio::join!(
            get(&control, &client, "/s/tidewater"),
            get(&control, &client, "/s/tidewater"),
            get(&control, &client, "/tidewater/3?embed=1"),
        )
    };
    tokio::pin!(held);
    tokio::select! {
        _ = &mut held => panic!("nothing passes a closed gate"),
        () = async {
            control.wait_for_hits("/s/tidewater", 2).await;
            control.wait_for_hits("/tidewater/3", 1).await;
        } => {}
    }
    assert_eq!(control.most_open(), 3);
    gate.open();
    let (first, second, third) = held.await;
    for response in [first, second, third] {
        assert_eq!(response.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn connection_faults_hang_close_or_redirect() {
    let (_telegram, control, client) = start().await;
    control.fault(tidewater(), Fault::Hang, Repeat::Times(1));
    let hanging = client
        .get(format!("{}/s/tidewater", control.base()))
        .timeout(Duration::from_millis(60))
        .send()
        .await;
    assert!(hanging.unwrap_err().is_timeout());
    control.fault(tidewater(), Fault::Close, Repeat::Always);
    let closed = client.get(format!("{}/s/tidewater", control.base())).send().await;
    assert!(!closed.unwrap_err().is_timeout());
    control.clear_faults_of(&tidewater());
    let elsewhere = "https://example.org/blocked".to_owned();
    control.fault(tidewater(), Fault::Redirect(elsewhere.clone()), Repeat::Times(1));
    let redirect = get(&control, &client, "/s/tidewater").await;
    assert_eq!(redirect.status(), StatusCode::FOUND);
    assert_eq!(redirect.headers()["location"], elsewhere);
    assert_eq!(get(&control, &client, "/s/tidewater").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn close_fault_resets_connection() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (telegram, control, _client) = start().await;
    control.fault(Target::Everything, Fault::Close, Repeat::Always);
    let mut stream = tokio::net::TcpStream::connect(telegram.address()).await.unwrap();
    stream.write_all(b"GET /s/tidewater HTTP/1.1\r\nHost: t.me\r\n\r\n").await.unwrap();
    let error = stream.read_to_end(&mut Vec::new()).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn demo_counts_requests_by_path_and_kind() {
    let (_telegram, control, client) = start().await;
    for path in ["/s/tidewater", "/s/TideWater?before=9", "/tidewater", "/tidewater/3?embed=1"] {
        get(&control, &client, path).await.bytes().await.unwrap();
    }
    get(&control, &client, "/file/nothing.jpg").await.bytes().await.unwrap();
    assert_eq!((control.hits("/s/tidewater"), control.hits("/tidewater/3")), (2, 1));
    assert_eq!(control.total(), 5);
    for (asked, hits) in [
        (RequestKind::List, 2),
        (RequestKind::Landing, 1),
        (RequestKind::Embed, 1),
        (RequestKind::File, 1),
        (RequestKind::Post, 0),
    ] {
        assert_eq!(control.hits_of_kind(asked), hits, "{asked:?}");
    }
    let seen = control.requests();
    assert_eq!(seen[1].target, "/s/TideWater?before=9");
    assert!(seen[1].headers.contains_key("accept-encoding"));
    assert!(seen.is_sorted_by_key(|seen| seen.at));
    assert_eq!(control.most_open(), 1);
    control.reset_counts();
    assert_eq!((control.total(), control.hits("/s/tidewater")), (0, 0));
}

#[tokio::test]
async fn stopped_demo_server_accepts_no_requests() {
    let (telegram, control, client) = start().await;
    get(&control, &client, "/s/tidewater").await.bytes().await.unwrap();
    control.fault(tidewater(), Fault::Hang, Repeat::Always);
    let hanging = client.get(format!("{}/s/tidewater", control.base())).send();
    let stop = async {
        control.wait_for_hits("/s/tidewater", 2).await;
        telegram.stop();
    };
    let (hanging, ()) = tokio::join!(hanging, stop);
    assert!(hanging.is_err(), "open requests are cut");
    assert!(client.get(control.base()).send().await.unwrap_err().is_connect());
}
