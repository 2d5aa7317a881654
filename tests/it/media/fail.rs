//! Error responses for files, and how often Telegram is requested for them.

use super::*;

#[tokio::test]
async fn missing_file_is_404_and_wrong_extension_redirects() {
    let app = TestApp::start().await;
    let messages = app.telegram.channel("tidewater").unwrap().messages;
    let find = |wanted: fn(&Body) -> bool| {
        messages.iter().find(|message| wanted(&message.body)).unwrap().id
    };
    let photo = find(|body| matches!(body, Body::Photo(_)));
    let text = find(|body| matches!(body, Body::Text));
    let too_big = find(|body| matches!(body, Body::Video(Video { file: None, .. })));
    for file in [
        format!("{photo}-poster.jpg"),
        format!("{photo}-preview.jpg"),
        format!("{text}.jpg"),
        format!("{too_big}.mp4"),
        format!("{too_big}.jpg"),
        "99999.jpg".to_owned(),
        "99999-poster.jpg".to_owned(),
    ] {
        let answer = app.get(&format!("/tidewater/{file}")).await;
        assert_eq!(answer.status, 404, "{file}");
        assert_eq!(answer.header("content-type"), "application/problem+json; charset=utf-8");
    }
    for (file, query) in [("mp4", ""), ("webp", "?media=redirect")] {
        let answer = app.get(&format!("/tidewater/{photo}.{file}{query}")).await;
        let there = format!("{}/tidewater/{photo}.jpg{query}", app.base);
        assert_eq!((answer.status, answer.header("location")), (301, there.as_str()));
    }
    assert_eq!(app.get("/quiet_corner/avatar.jpg").await.status, 404);
    assert_eq!(app.get("/-/emoji/18446744073709551615.webp").await.status, 200);
    let requests = app.telegram.total();
    for path in [
        "/tidewater/0.jpg",
        "/tidewater/x.jpg",
        "/tidewater/5.exe",
        "/tidewater/5-thumb.jpg",
        "/tidewater/5-poster.png",
        "/tidewater/-5.jpg",
        "/tidewater/5.jpg.jpg",
        "/-/emoji/0.webp",
        "/-/emoji/05.webp",
        "/-/emoji/-5.webp",
        "/-/emoji/5.png",
        "/-/emoji/18446744073709551616.webp",
        "/-/emoji/.webp",
    ] {
        assert_eq!(app.get(path).await.status, 404, "{path}");
    }
    assert_eq!(app.telegram.total(), requests, "an impossible file is not requested");
}

#[tokio::test]
async fn dead_url_is_renewed_once_for_concurrent_requests() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml").await;
    let id = new_photo(&app);
    let (file, embed) = (format!("/tidewater/{id}.jpg"), format!("/tidewater/{id}"));
    app.telegram.expire_files();
    let forbidden = Fault::Status { code: 403, retry_after: None };
    app.telegram.fault(Target::Kind(RequestKind::File), forbidden, Repeat::Times(1));
    let many = join_all((0..50).map(|_| app.get(&file))).await;
    let others: Vec<_> = many.iter().filter(|answer| answer.status != 200).collect();
    assert!(others.is_empty(), "{}: {:?}", others.len(), others[0]);
    assert!(many.iter().all(|answer| answer.body == many[0].body));
    assert_eq!(app.telegram.hits(&embed), 1);
    assert_eq!(
        app.telegram.hits_of_kind(RequestKind::File),
        2,
        "the dead address, and the renewed one"
    );
}

#[tokio::test]
async fn file_error_page_names_reason() {
    let app = TestApp::start().await;
    let id = new_photo(&app);
    let path = format!("/tidewater/{id}.jpg");
    app.get("/tidewater/rss.xml").await;
    let status = |code| Fault::Status { code, retry_after: None };
    for (fault, status, reason) in [
        (status(404), 404, "nobody loaded it here while it did"),
        (status(500), 502, "try again in a minute"),
        (
            Fault::Instead { media_type: "text/html", body: b"<html>what picture?</html>" },
            502,
            "of another kind",
        ),
    ] {
        app.telegram.clear_faults();
        app.telegram.fault(Target::Kind(RequestKind::File), fault.clone(), Repeat::Always);
        app.pass(MINUTE * 30);
        let answer = app.get(&path).await;
        assert_eq!(answer.status, status, "{fault:?}: {answer:?}");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(reason), "{fault:?}: {detail}");
        // A browser that loads an image must not get an HTML page; a navigation to the file gets one.
        for (accept, kind, varies_by) in [
            (
                "image/avif,image/webp,image/*,*/*;q=0.8",
                "application/problem+json; charset=utf-8",
                "Accept",
            ),
            (
                "text/html,application/xhtml+xml,*/*;q=0.8",
                "text/html; charset=utf-8",
                "Accept, Accept-Language",
            ),
        ] {
            let answer = app.get_with(&path, &[("accept", accept)]).await;
            assert_eq!((answer.status, answer.header("content-type")), (status, kind), "{fault:?}");
            assert_eq!(answer.header("vary"), varies_by);
        }
    }
    app.telegram.clear_faults();
    app.telegram.delete("tidewater", id);
    app.pass(MINUTE * 61);
    let gone = app.get(&path).await;
    assert_eq!((gone.status, &gone.json()["refusal"]), (404, &"not_found".into()));
    assert_eq!(gone.header("cache-control"), "public, max-age=300");
}

#[tokio::test]
async fn refused_post_has_negative_ttl() {
    let app = TestApp::start().await;
    let gone = |app: &TestApp| app.telegram.hits("/tidewater/99999");
    for path in ["/tidewater/99999.jpg", "/tidewater/99999", "/tidewater/99999-poster.jpg"] {
        let answer = app.get(path).await;
        assert_eq!((answer.status, &answer.json()["refusal"]), (404, &"not_found".into()));
    }
    assert_eq!(gone(&app), 1);
    app.pass(MINUTE * 61);
    app.get("/tidewater/99999.jpg").await;
    assert_eq!(gone(&app), 2);
    let broken = Fault::Status { code: 500, retry_after: None };
    app.telegram.fault(Target::Kind(RequestKind::Embed), broken, Repeat::Always);
    for _ in 0..3 {
        assert_eq!(app.get("/tidewater/6.jpg").await.status, 502);
    }
    assert_eq!(app.telegram.hits("/tidewater/6"), 1);
    app.telegram.clear_faults();
    app.pass(Duration::from_secs(31));
    assert_eq!(app.get("/tidewater/6.jpg").await.status, 200);
}
