//! Attacks on the media proxy through Telegram's pages and servers: each is refused.

use feedline::demo::{Fault, Repeat, RequestKind, Target};
use feedline::media::Error;
use feedline::net::{Cause, FileError};
use feedline::text::Address;
use tokio::net::TcpListener;

use super::cache::{CHANNEL, error_of, get, load, new_photo, on_disk, sample, until};
use crate::support::TestApp;

/// A feedline that has fetched its sample channel, and the path segment of a photo there.
async fn start() -> (TestApp, String) {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml?limit=100").await;
    let (segment, _) = new_photo(&app);
    (app, segment)
}

fn on_files(app: &TestApp, fault: Fault) {
    app.telegram.fault(Target::Kind(RequestKind::File), fault, Repeat::Always);
}

#[tokio::test]
async fn html_and_svg_are_refused_as_images() {
    let page: &[u8] = b"<!DOCTYPE html><html><script>alert(document.domain)</script></html>";
    let drawing: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";
    let picture: &[u8] = b"\xff\xd8\xff\xe0 and the rest of it";
    for (media_type, body) in [
        ("text/html", page),
        ("image/jpeg", page),
        ("application/octet-stream", page),
        ("image/svg+xml", drawing),
        ("image/jpeg", drawing),
        // A picture with the media type of a page or a drawing is refused too.
        ("text/html", picture),
        ("image/svg+xml", picture),
    ] {
        let (app, segment) = start().await;
        app.telegram.reset_counts();
        on_files(&app, Fault::Instead { media_type, body });
        assert_eq!(error_of(&app, &segment).await, Error::Unfit, "{media_type}");
        assert_eq!(on_disk(&app), (vec![], vec![]));
        assert_eq!(error_of(&app, &segment).await, Error::Unfit);
        assert_eq!(
            app.telegram.hits_of_kind(RequestKind::File),
            1,
            "it is not requested again at once"
        );
    }
}

#[tokio::test]
async fn image_is_refused_as_video() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml?limit=100").await;
    on_files(&app, Fault::Instead { media_type: "image/png", body: b"\x89PNG\r\n\x1a\n...." });
    let (video, _) = super::cache::video(&app);
    assert_eq!(error_of(&app, &video).await, Error::Unfit);
    let (photo, _) = new_photo(&app);
    assert_eq!(get(&app, &photo).await.header("content-type"), "image/png", "as its bytes say");
}

#[tokio::test]
async fn file_redirects_off_host_list_are_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = listener.local_addr().unwrap();
    for location in [
        format!("http://{here}/a.jpg"),
        format!("http://localhost:{}/a.jpg", here.port()),
        format!("http://[::ffff:127.0.0.1]:{}/a.jpg", here.port()),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "https://evil.example/a.jpg".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        let (app, segment) = start().await;
        on_files(&app, Fault::Redirect(location.clone()));
        assert_eq!(error_of(&app, &segment).await, Error::Unfit, "{location}");
    }
    let nobody = tokio::time::timeout(std::time::Duration::from_millis(50), listener.accept());
    assert!(nobody.await.is_err(), "nobody came");
    let (app, segment) = start().await;
    app.telegram.reset_counts();
    on_files(&app, Fault::Redirect("/file/again".to_owned()));
    assert_eq!(error_of(&app, &segment).await, Error::Unfit, "in a circle");
    assert_eq!(app.telegram.hits_of_kind(RequestKind::File), 4);
}

#[tokio::test]
async fn file_url_off_host_list_is_not_requested() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = listener.local_addr().unwrap();
    // All URLs on the pages point to the fake Telegram, which is not on this list.
    let app = TestApp::with(|config| {
        config.upstream.media_hosts = vec!["telesco.pe".to_owned(), format!("http://{here}")];
    })
    .await;
    app.get("/tidewater/rss.xml?limit=100").await;
    let (segment, _) = new_photo(&app);
    let missing = Error::Service(feedline::service::Error::NoSuchFile);
    assert_eq!(error_of(&app, &segment).await, missing);
    assert_eq!(app.telegram.hits_of_kind(RequestKind::File), 0);
}

#[tokio::test]
async fn default_file_hosts_refuse_lookalikes() {
    let hosts = feedline::upstream::Settings::default().file_hosts();
    for (address, expected) in [
        ("https://cdn4.telesco.pe/file/a.jpg", true),
        ("https://evilt.me/file/a.jpg", false),
        ("https://t.me.evil.example/a.jpg", false),
        ("https://t.me@evil.example/a.jpg", false),
        ("https://evil@t.me/a.jpg", false),
        ("https://t.me:8443/a.jpg", false),
        ("http://t.me/a.jpg", false),
        ("https://2130706433/a.jpg", false),
        ("https://0x7f.1/a.jpg", false),
        ("https://[::ffff:7f00:1]/a.jpg", false),
        ("https://[64:ff9b::7f00:1]/a.jpg", false),
    ] {
        let url = Address::parse(address).unwrap().to_url();
        assert_eq!(url.is_some_and(|url| hosts.allows(&url)), expected, "{address}");
    }
}

#[tokio::test]
async fn requests_to_file_servers_have_fixed_headers() {
    let (app, segment) = start().await;
    load(&app, &segment).await;
    let seen = app.telegram.requests();
    let request = seen.iter().find(|seen| seen.kind == RequestKind::File).unwrap();
    let mut names: Vec<&str> = request.headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "accept-encoding", "host", "user-agent"]);
    assert_eq!(request.headers["accept-encoding"], "identity");
    assert_eq!(request.headers["accept"], "*/*");
}

#[tokio::test]
async fn compressed_files_are_refused() {
    let (app, segment) = start().await;
    on_files(&app, Fault::BrokenGzip);
    assert_eq!(error_of(&app, &segment).await, Error::Unfit);
    assert_eq!(on_disk(&app), (vec![], vec![]));
}

#[tokio::test]
async fn silent_and_closing_servers_time_out() {
    let app =
        TestApp::with(|config| config.net.timeout = std::time::Duration::from_millis(300)).await;
    app.get("/tidewater/rss.xml?limit=100").await;
    let (segment, file) = new_photo(&app);
    for (fault, expected) in
        [(Fault::Hang, FileError::Slow), (Fault::Close, FileError::Network(Cause::Closed))]
    {
        on_files(&app, fault);
        assert_eq!(error_of(&app, &segment).await, Error::Unreachable(expected));
        app.telegram.clear_faults();
        app.pass(std::time::Duration::from_secs(11));
    }
    let silent = Fault::Drip { piece: 17_000, pause: std::time::Duration::from_secs(2) };
    on_files(&app, silent);
    assert_eq!(error_of(&app, &segment).await, Error::Unreachable(FileError::Slow));
    app.telegram.clear_faults();
    app.pass(std::time::Duration::from_secs(11));
    assert!(load(&app, &segment).await == sample(file, 0));
    until("nothing incomplete is left", || on_disk(&app).1.is_empty()).await;
    assert!(app.telegram.channel(CHANNEL).is_some());
}
