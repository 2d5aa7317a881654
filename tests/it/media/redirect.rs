//! Files that stay at Telegram: feedline's URLs redirect to them.

use super::*;

#[tokio::test]
async fn file_urls_redirect_without_caching_if_proxy_is_off() {
    for mode in [MediaMode::Redirect, MediaMode::None] {
        let app = redirecting(mode).await;
        for channel in CHANNELS {
            for message in app.telegram.channel(channel).unwrap().messages {
                for (file, media_type) in files(&message) {
                    let path = format!("/{channel}/{file}");
                    let answer = app.get(&path).await;
                    assert_eq!(answer.status, 302, "{path}: {answer:?}");
                    assert_eq!(answer.header("cache-control"), "public, max-age=600", "{path}");
                    assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
                    assert_eq!(follow(&answer).await, (200, media_type.to_owned()), "{path}");
                }
            }
        }
        for path in ["/tidewater/avatar.jpg", "/-/emoji/6.webp"] {
            assert_eq!(follow(&app.get(path).await).await.0, 200, "{path}");
        }
        assert!(!app.files.path().join("media").exists(), "no folder is made");
    }
}

#[tokio::test]
async fn pages_follow_media_mode() {
    let page = async |mode: MediaMode| {
        let app = redirecting(mode).await;
        let answer = app.browse("/tidewater?limit=100").await;
        (answer.text().contains(".jpg"), answer.header("content-security-policy").to_owned(), app)
    };
    let (shows, policy, app) = page(MediaMode::Redirect).await;
    assert!(
        shows && policy.contains(&format!("img-src 'self' {}", app.telegram.base())),
        "{policy}"
    );
    let (shows, _, app) = page(MediaMode::None).await;
    assert!(!shows);
    let post = app.browse(&format!("/tidewater/{}", new_photo(&app))).await;
    assert!(!post.text().contains(".jpg"), "a post's page too");
    let page = app.browse("/tidewater?limit=100&media=redirect").await;
    assert!(page.text().contains(".jpg"), "the page references photos");
    let app = TestApp::start().await;
    let page = app.browse("/tidewater?limit=100&media=redirect").await;
    assert!(
        page.text().contains(".jpg\"") && !page.text().contains(".jpg?media"),
        "none leads away"
    );
}

#[tokio::test]
async fn media_redirect_option_redirects_in_proxy_mode() {
    let app = TestApp::start().await;
    let id = new_photo(&app);
    for path in [
        format!("/tidewater/{id}.jpg"),
        "/tidewater/12-poster.jpg".to_owned(),
        "/tidewater/avatar.jpg".to_owned(),
        "/-/emoji/6.webp".to_owned(),
    ] {
        let answer = app.get(&format!("{path}?media=redirect")).await;
        assert_eq!(answer.status, 302, "{path}");
        assert_eq!(follow(&answer).await.0, 200, "{path}");
        for query in ["?media=proxy", "?utm_source=x", "?"] {
            assert_eq!(app.get(&format!("{path}{query}")).await.status, 200, "{path}{query}");
        }
    }
}

#[tokio::test]
async fn file_url_from_channel_page_is_used_for_an_hour() {
    let app = redirecting(MediaMode::Redirect).await;
    let id = new_photo(&app);
    let (file, embed) = (format!("/tidewater/{id}.jpg"), format!("/tidewater/{id}"));
    app.get("/tidewater/rss.xml").await;
    app.pass(MINUTE * 59);
    let listed = app.get(&file).await;
    assert_eq!((listed.status, app.telegram.total()), (302, 1), "only the list was requested");
    app.telegram.expire_files();
    assert_eq!(follow(&listed).await.0, 404);
    app.pass(MINUTE * 2);
    let renewed = join_all((0..50).map(|_| app.get(&file))).await;
    assert_eq!(app.telegram.hits(&embed), 1);
    for answer in &renewed {
        assert_eq!(answer.header("location"), renewed[0].header("location"));
    }
    assert_eq!(follow(&renewed[0]).await, (200, "image/jpeg".to_owned()));
    app.pass(MINUTE * 59);
    app.get(&file).await;
    assert_eq!(app.telegram.hits(&embed), 1, "it holds for an hour");
    app.pass(MINUTE * 2);
    app.get(&file).await;
    assert_eq!((app.telegram.hits(&embed), app.telegram.hits("/s/tidewater")), (2, 1));
}

#[tokio::test]
async fn file_url_of_older_post_is_renewed_after_fresh_page() {
    let app = redirecting(MediaMode::Redirect).await;
    app.get("/tidewater/rss.xml?limit=100").await;
    app.pass(MINUTE * 61);
    app.telegram.expire_files();
    app.get("/tidewater/rss.xml").await;
    let lists = app.telegram.hits("/s/tidewater");
    // The oldest photo: its post is known from a page that is over an hour old.
    let many = join_all((0..20).map(|_| app.get("/tidewater/6.jpg"))).await;
    assert!(many.iter().all(|answer| answer.status == 302), "{:?}", many[0]);
    assert_eq!(follow(&many[0]).await, (200, "image/jpeg".to_owned()));
    assert_eq!(app.telegram.hits("/tidewater/6"), 1);
    let id = new_photo(&app);
    let listed = app.get(&format!("/tidewater/{id}.jpg")).await;
    assert_eq!(follow(&listed).await.0, 200);
    assert_eq!(
        app.telegram.hits_of_kind(RequestKind::Embed),
        1,
        "the newest page has fresh addresses"
    );
    assert_eq!(app.telegram.hits("/s/tidewater"), lists);
}

#[tokio::test]
async fn older_page_has_working_files() {
    let app = redirecting(MediaMode::Redirect).await;
    let page = app.browse("/tidewater?before=20").await;
    assert_eq!(page.status, 200);
    for file in ["6.jpg", "12.mp4", "12-poster.jpg", "13.jpg"] {
        assert!(page.text().contains(&format!("/tidewater/{file}")), "{file}: {}", page.text());
        assert_eq!(follow(&app.get(&format!("/tidewater/{file}")).await).await.0, 200, "{file}");
    }
    assert_eq!(app.telegram.hits_of_kind(RequestKind::Embed), 0);
}

#[tokio::test]
async fn outage_redirects_to_last_known_file_url() {
    let app = redirecting(MediaMode::Redirect).await;
    let id = new_photo(&app);
    let file = format!("/tidewater/{id}.jpg");
    app.get("/tidewater/rss.xml").await;
    let listed = app.get(&file).await;
    let broken = Fault::Status { code: 502, retry_after: None };
    app.telegram.fault(Target::Kind(RequestKind::Embed), broken, Repeat::Always);
    app.pass(MINUTE * 120);
    let former = app.get(&file).await;
    assert_eq!((former.status, former.header("location")), (302, listed.header("location")));
    app.telegram.clear_faults();
    app.telegram.delete("tidewater", id);
    app.pass(MINUTE);
    assert_eq!(app.get(&file).await.status, 404, "Telegram says that it is gone");
}

#[tokio::test]
async fn avatar_url_is_renewed_with_its_channel() {
    let app = redirecting(MediaMode::Redirect).await;
    let first = app.get("/tidewater/avatar.jpg").await;
    assert_eq!((first.status, follow(&first).await), (302, (200, "image/jpeg".to_owned())));
    app.telegram.expire_files();
    app.pass(MINUTE * 61);
    let renewed = app.get("/tidewater/avatar.jpg").await;
    assert_eq!((follow(&renewed).await.0, app.telegram.hits("/s/tidewater")), (200, 2));
    assert_eq!(app.telegram.hits_of_kind(RequestKind::Embed), 0);
    assert_eq!(app.get("/tidewater_harbour/avatar.jpg").await.json()["refusal"], "group");
}
