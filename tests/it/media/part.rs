//! Partial and conditional requests for files: HEAD, validators, ranges.

use super::*;

/// Conformance: 6.3
#[tokio::test]
async fn file_head_has_same_headers_as_get() {
    let app = TestApp::start().await;
    for path in ["/tidewater/12.mp4", "/tidewater/12-poster.jpg", "/tidewater/avatar.jpg"] {
        wait_until_cached(&app, path).await;
        let get = app.get(path).await;
        // `Range` has no meaning for HEAD.
        for headers in [&[][..], &[("range", "bytes=0-9")]] {
            let head = app.request(Method::HEAD, path, headers).await;
            assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
            for (name, value) in &get.headers {
                if !["date", "x-request-id"].contains(&name.as_str()) {
                    assert_eq!(head.headers.get(name), Some(value), "{path}: {name}");
                }
            }
        }
    }
    let refused = app.request(Method::POST, "/tidewater/12.mp4", &[]).await;
    assert_eq!((refused.status, refused.header("allow")), (405, "GET, HEAD"));
}

#[tokio::test]
async fn head_downloads_only_start_of_file() {
    let app = TestApp::start().await;
    app.get("/tidewater/rss.xml?limit=100").await;
    let length = 8 * 1024 * 1024;
    app.telegram.lengthen_files(length);
    app.telegram.expire_files();
    let path = "/tidewater/12.mp4";
    let head = app.request(Method::HEAD, path, &[]).await;
    assert_eq!((head.status, head.header("content-type")), (200, "video/mp4"));
    assert_eq!(head.header("content-length"), length.to_string());
    assert_eq!(head.header("cache-status"), "feedline; fwd=miss");
    assert_eq!(
        app.telegram.hits_of_kind(RequestKind::Embed),
        1,
        "a dead address is renewed for it too"
    );
    let get = app.get(path).await;
    assert_eq!(
        (get.header("cache-status"), get.body.len()),
        ("feedline; fwd=miss; stored", length)
    );
    assert_eq!(get.header("etag"), head.header("etag"));
}

#[tokio::test]
async fn file_without_length_has_cache_control_no_store() {
    let app = TestApp::start().await;
    let path = "/tidewater/12.mp4";
    let mut tags = Vec::new();
    for method in [Method::GET, Method::HEAD, Method::GET] {
        let clean = Fault::Truncated(Truncation::CleanChunks(90));
        app.telegram.fault(Target::Kind(RequestKind::File), clean, Repeat::Times(1));
        let answer = app.request(method.clone(), path, &[]).await;
        assert_eq!((answer.status, answer.header("content-length")), (200, ""), "{method}");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("cache-status"), "feedline; fwd=miss");
        tags.push(answer.header("etag").to_owned());
    }
    assert!(tags[0] != tags[1] && tags[1] != tags[2], "files that begin alike: {tags:?}");
}

#[tokio::test]
async fn if_match_and_if_unmodified_since_mismatch_yields_412() {
    let app = TestApp::start().await;
    let path = "/tidewater/12.mp4";
    wait_until_cached(&app, path).await;
    let whole = app.get(path).await;
    let (etag, modified) = (whole.header("etag"), whole.header("last-modified"));
    let weak = format!("W/{etag}");
    let compressed = format!("{}-gzip\"", etag.trim_end_matches('"'));
    for (name, value, status) in [
        ("if-match", etag, 206),
        ("if-match", "*", 206),
        ("if-match", "\"x\"", 412),
        ("if-match", &weak, 412),
        // The compressed representation has other bytes, so a range of this one cannot continue it.
        ("if-match", &compressed, 412),
        ("if-unmodified-since", modified, 206),
        ("if-unmodified-since", "Mon, 01 Jan 1990 00:00:00 GMT", 412),
    ] {
        let answer = app.get_with(path, &[("range", "bytes=5-9"), (name, value)]).await;
        assert_eq!(answer.status, status, "{name}: {value}");
        if status == 412 {
            assert_eq!(answer.header("content-type"), "application/problem+json; charset=utf-8");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
    // Preconditions come before an unsatisfiable range.
    let headers = [("range", "bytes=99999999-"), ("if-match", "\"x\"")];
    assert_eq!(app.get_with(path, &headers).await.status, 412);
}

/// Conformance: 7.12
#[tokio::test]
async fn file_known_to_client_is_answered_with_304() {
    let app = TestApp::start().await;
    let path = "/tidewater/12.mp4";
    let whole = app.get(path).await;
    let (etag, modified) =
        (whole.header("etag").to_owned(), whole.header("last-modified").to_owned());
    let weak = format!("W/{etag}");
    let list = format!("\"x\", {etag}");
    for (headers, status) in [
        (vec![("if-none-match", etag.as_str())], 304),
        (vec![("if-none-match", weak.as_str())], 304),
        (vec![("if-none-match", list.as_str())], 304),
        (vec![("if-none-match", "*")], 304),
        (vec![("if-none-match", "\"x\"")], 200),
        (vec![("if-modified-since", modified.as_str())], 304),
        (vec![("if-modified-since", "Mon, 01 Jan 1990 00:00:00 GMT")], 200),
        (vec![("if-none-match", "\"x\""), ("if-modified-since", modified.as_str())], 200),
        // `If-None-Match` comes before `Range`.
        (vec![("if-none-match", etag.as_str()), ("range", "bytes=0-9")], 304),
        (vec![("if-none-match", etag.as_str()), ("range", "bytes=99999999-")], 304),
        (vec![("if-none-match", "\"x\""), ("range", "bytes=99999999-")], 416),
    ] {
        let answer = app.get_with(path, &headers).await;
        assert_eq!(answer.status, status, "{headers:?}");
        if status == 304 {
            assert!(answer.body.is_empty(), "{headers:?}");
            for name in ["etag", "last-modified", "cache-control", "access-control-allow-origin"] {
                assert_eq!(answer.header(name), whole.header(name), "{headers:?}: {name}");
            }
            assert_eq!(answer.header("content-type"), "", "{headers:?}");
        }
    }
    // The length of the empty response body must not replace the length of the file.
    for path in [path, "/tidewater", "/tidewater/rss.xml", "/-/opml?channels=tidewater"] {
        let get = app.get(path).await;
        let known = [("if-none-match", get.header("etag"))];
        for method in [Method::GET, Method::HEAD] {
            let answer = app.request(method.clone(), path, &known).await;
            assert_eq!(
                (answer.status, answer.header("content-length")),
                (304, ""),
                "{method} {path}"
            );
        }
    }
}

/// Conformance: 6.3, 7.12
#[tokio::test]
async fn range_requests_respect_if_range() {
    let app = TestApp::start().await;
    let path = "/tidewater/12.mp4";
    wait_until_cached(&app, path).await;
    let whole = app.get(path).await;
    let (video, length) = (sample("lamp.mp4"), whole.body.len());
    assert_eq!(whole.body, video);
    for (range, first, last) in [
        ("bytes=0-0", 0, 0),
        ("bytes=1-99", 1, 99),
        ("bytes=100-", 100, length - 1),
        ("bytes=-7", length - 7, length - 1),
        ("bytes=5-99999999", 5, length - 1),
        ("bytes=-99999999", 0, length - 1),
    ] {
        let part = app.get_with(path, &[("range", range)]).await;
        assert_eq!(part.status, 206, "{range}");
        assert_eq!(part.header("content-range"), format!("bytes {first}-{last}/{length}"));
        assert_eq!(part.header("content-length"), (last - first + 1).to_string(), "{range}");
        assert!(part.body == video[first..=last], "{range}");
        for name in ["etag", "last-modified", "content-type", "cache-control", "accept-ranges"] {
            assert_eq!(part.header(name), whole.header(name), "{range}: {name}");
        }
    }
    // Sending the whole file is always allowed.
    for range in ["bytes=0-1,5-9", "lines=1-2", "bytes=9-5", "bytes=x-", "bytes"] {
        let answer = app.get_with(path, &[("range", range)]).await;
        assert_eq!((answer.status, answer.body.len()), (200, length), "{range}");
    }
    for range in ["bytes=99999999-", "bytes=-0"] {
        let answer = app.get_with(path, &[("range", range)]).await;
        assert_eq!(answer.status, 416, "{range}");
        assert_eq!(answer.header("content-range"), format!("bytes */{length}"), "{range}");
        assert_eq!(answer.header("content-type"), "application/problem+json; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "no-store", "{range}");
    }
    let (etag, modified) = (whole.header("etag"), whole.header("last-modified"));
    let weak = format!("W/{etag}");
    for (if_range, status) in [
        (etag, 206),
        (modified, 206),
        (weak.as_str(), 200),
        ("\"x\"", 200),
        ("Mon, 01 Jan 1990 00:00:00 GMT", 200),
        ("nonsense", 200),
    ] {
        let answer = app.get_with(path, &[("range", "bytes=1-9"), ("if-range", if_range)]).await;
        assert_eq!(answer.status, status, "{if_range}");
    }
}
