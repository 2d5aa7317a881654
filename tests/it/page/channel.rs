//! Pages in a browser.

use std::collections::HashSet;
use std::time::Duration;

use feedline::demo::message::Author;
use feedline::demo::{Fault, Message, Repeat, Target};
use feedline::model::ChannelName;
use feedline::web::TimeZone;
use reqwest::Method;
use scraper::Selector;

use crate::support::{CHANNELS, TestApp, attributes, browse, page, select, texts};

#[tokio::test]
async fn sample_pages_are_valid_html() {
    let app = TestApp::start().await;
    browse(&app, "/").await;
    let mut pages: Vec<String> = CHANNELS.iter().map(|name| format!("/{name}")).collect();
    let mut seen = HashSet::new();
    while let Some(path) = pages.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let html = browse(&app, &path).await;
        let further = attributes(
            &html,
            ".meta a, .paging a[rel=next], .paging a[rel=prev], .further a",
            "href",
        );
        let ours = further.iter().filter_map(|address| address.strip_prefix(&app.base));
        pages.extend(ours.map(str::to_owned));
    }
    assert!(seen.len() > 100, "{} pages", seen.len());
}

#[tokio::test]
async fn start_form_accepts_any_form_of_link() {
    let app = TestApp::start().await;
    let forms = [
        ("tidewater", "/tidewater"),
        ("%20%40tidewater%0A", "/tidewater"),
        ("t.me%2Ftidewater", "/tidewater"),
        ("https%3A%2F%2Ft.me%2Fs%2Ftidewater%3Fbefore%3D5", "/tidewater"),
        ("https%3A%2F%2Ftelegram.me%2Ftidewater%2F", "/tidewater"),
        ("https://t.me/tidewater/5?single", "/tidewater/5"),
        ("tidewater.t.me", "/tidewater"),
        ("tg%3A%2F%2Fresolve%3Fdomain%3Dtidewater%26post%3D5", "/tidewater/5"),
        ("www.tg-me.com/us/x/com.tidewater/5", "/tidewater/5"),
    ];
    for (pasted, there) in forms {
        let answer = app.get(&format!("/?channel={pasted}")).await;
        assert_eq!(answer.status, 302, "{pasted}");
        assert_eq!(answer.header("location"), format!("{}{there}", app.base), "{pasted}");
    }
    assert_eq!(app.telegram.total(), 0, "programs are led there, and the channel's own page asks");
    for (pasted, there) in forms {
        let path = format!("/?channel={pasted}");
        let answer = app.browse(&path).await;
        if there.ends_with("/5") {
            assert_eq!(answer.header("location"), format!("{}{there}", app.base), "{pasted}");
        } else {
            let feed = format!("{}{there}/rss.xml", app.base);
            assert_eq!(texts(&page(&path, &answer), ".feeds code")[0], feed, "{pasted}");
        }
    }
}

#[tokio::test]
async fn start_form_keeps_invalid_input_and_shows_reason() {
    let app = TestApp::start().await;
    for (pasted, shown, reason) in [
        ("", "", "No channel was given"),
        ("https%3A%2F%2Ft.me%2F%2BAbC", "https://t.me/+AbC", "an invitation to a private chat"),
        ("two+words", "two words", "This is not the name of a channel"),
        ("https://example.com/x", "https://example.com/x", "an address outside Telegram"),
        (
            "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E",
            "\"><script>alert(1)</script>",
            "This is not the name of a channel",
        ),
        ("%00%0A%FF", "\0\n\u{fffd}", "not the name"),
    ] {
        let path = format!("/?channel={pasted}");
        // Validators must not turn an error into a 304.
        let headers = [("accept", "text/html"), ("if-none-match", "*")];
        let answer = app.get_with(&path, &headers).await;
        assert_eq!((answer.status, answer.header("cache-control")), (400, "no-store"), "{path}");
        if !shown.contains('\0') {
            let html = page(&path, &answer);
            assert_eq!(texts(&html, "#channel"), [shown]);
            assert!(texts(&html, "#refusal[role=alert]").concat().contains(reason), "{path}");
            assert_eq!(attributes(&html, "#channel", "aria-describedby"), ["hint refusal"]);
        }
        assert!(!answer.text().contains("<script"));
        let problem = app.get(&path).await;
        assert_eq!((problem.status, &problem.json()["refusal"]), (400, &"bad_name".into()));
    }
}

#[tokio::test]
async fn start_page_lists_followed_channels_and_base_url() {
    let names = ["tidewater", "Cha_Yu_Lun"].map(|name| ChannelName::parse(name).unwrap());
    let app = TestApp::with(|config| config.web.follow = names.to_vec()).await;
    let html = browse(&app, "/").await;
    let links = attributes(&html, ".followed a", "href");
    for path in ["/tidewater", "/tidewater/rss.xml", "/Cha_Yu_Lun", "/Cha_Yu_Lun/rss.xml"] {
        assert!(links.contains(&format!("{}{path}", app.base)), "{path}: {links:?}");
    }
    assert!(texts(&html, "code").concat().contains(&app.base));
}

/// Conformance: 9.1
#[tokio::test]
async fn channel_page_links_to_feeds_with_same_options() {
    let app = TestApp::start().await;
    for (query, feed_query) in
        [("", ""), ("?tag=tides", "?tag=tides"), ("?tag=tides&before=60", "?tag=tides")]
    {
        let html = browse(&app, &format!("/tidewater{query}")).await;
        let alternates = select(&html, "head link[rel=alternate]");
        let expected = [
            ("application/rss+xml", "rss.xml"),
            ("application/atom+xml", "atom.xml"),
            ("application/feed+json", "feed.json"),
        ];
        assert_eq!(alternates.len(), expected.len());
        for (link, (media_type, file)) in alternates.iter().zip(expected) {
            assert_eq!(link.attr("type"), Some(media_type));
            let address = format!("{}/tidewater/{file}{feed_query}", app.base);
            assert_eq!(link.attr("href"), Some(address.as_str()));
            assert!(texts(&html, ".feeds code").contains(&address), "{address} can be copied");
        }
    }
}

#[tokio::test]
async fn channel_page_shows_channel_details_and_posts() {
    let app = TestApp::start().await;
    let html = browse(&app, "/tidewater").await;
    assert_eq!(texts(&html, "h1"), ["Tidewater Light"]);
    assert_eq!(texts(&html, "title"), ["Tidewater Light · feedline"]);
    let head = texts(&html, ".about").concat();
    assert!(head.contains("checked just now") && head.contains("12.4K subscribers"), "{head}");
    assert!(head.contains("posts a week") || head.contains("posts a day"), "{head}");
    assert!(texts(&html, ".description").concat().contains("Notes from a lamp"));
    assert_eq!(attributes(&html, ".avatar", "src"), [format!("{}/tidewater/avatar.jpg", app.base)]);

    let feed = app.get("/tidewater/feed.json").await;
    let permalinks = attributes(&html, "article .meta a:first-child", "href");
    let ids = feed.ids();
    let expected: Vec<String> =
        ids.iter().take(permalinks.len()).map(|id| format!("{}/{id}", app.base)).collect();
    assert_eq!(permalinks, expected, "the newest posts of the feed, in its order");
    assert!(permalinks.len() >= 10);
    let times = attributes(&html, "article time", "datetime");
    assert_eq!(times.len(), permalinks.len());
    assert_eq!(times[0], feed.json()["items"][0]["date_published"]);
    let metas = texts(&html, "article > .meta");
    assert!(metas.iter().any(|meta| meta.contains("edited")));
    assert!(metas.iter().any(|meta| meta.contains("Ada Merrow")), "{metas:?}");
}

#[tokio::test]
async fn channel_paging_reaches_first_post_and_back() {
    let app = TestApp::start().await;
    let mut path = "/tidewater".to_owned();
    let mut shown = Vec::new();
    loop {
        let html = browse(&app, &path).await;
        shown.extend(attributes(&html, "article .meta a:first-child", "href"));
        let newer = attributes(&html, ".paging a[rel=prev]", "href");
        assert_eq!(newer.len(), usize::from(path != "/tidewater"), "{path}");
        let Some(older) = attributes(&html, ".paging a[rel=next]", "href").pop() else { break };
        path = older.strip_prefix(&app.base).unwrap().to_owned();
        assert!(shown.len() < 200, "it ends");
    }
    assert_eq!(shown.iter().collect::<HashSet<_>>().len(), shown.len(), "no post twice");
    assert_eq!(shown.last(), Some(&format!("{}/tidewater/3", app.base)), "the first post");
}

#[tokio::test]
async fn channel_page_shows_active_filter_and_reason_for_stale_posts() {
    let app = TestApp::start().await;
    let filtered = browse(&app, "/tidewater?tag=tides").await;
    assert_eq!(texts(&filtered, ".notice"), ["Only posts tagged #tides. Show all"]);
    assert_eq!(texts(&filtered, "title"), ["#tides – Tidewater Light · feedline"]);
    let feeds = attributes(&filtered, "link[rel=alternate]", "title");
    assert_eq!(feeds[0], "Tidewater Light #tides (RSS)");
    let older = browse(&app, "/tidewater?before=40").await;
    let shared = attributes(&older, "meta[property='og:title']", "content");
    assert_eq!(shared, ["Tidewater Light – older posts"]);
    let left = browse(&app, "/tidewater?exclude=kettle&kind=photo,video").await;
    assert_eq!(
        texts(&left, ".notice"),
        ["Leave out posts containing “kettle”. Kind: photos, videos. Show all"]
    );
    let nothing = browse(&app, "/tidewater?exclude=.").await;
    assert!(texts(&nothing, "main").concat().contains("There are no posts here that match."));
    let odd = browse(&app, "/tidewater?include=%3Cb%3E%26quot%3B").await;
    assert!(texts(&odd, ".notice").concat().contains("<b>&quot;"), "escaped, and shown as it is");
    let empty = browse(&app, "/blank_page").await;
    assert!(texts(&empty, "main").concat().contains("There are no posts here."));
    assert!(select(&empty, ".notice").is_empty());

    app.pass(Duration::from_secs(2 * 60 * 60));
    app.telegram.fault(
        Target::Everything,
        Fault::Status { code: 502, retry_after: None },
        Repeat::Always,
    );
    let stale = browse(&app, "/tidewater").await;
    let notice = texts(&stale, ".notice[role=status]").concat();
    assert!(notice.contains("cannot be reached at the moment"), "{notice}");
    assert!(texts(&stale, ".about").concat().contains("checked 2 hours ago"));
    assert!(select(&stale, "article").len() >= 10, "the posts are there all the same");
}

#[tokio::test]
async fn paragraphs_have_text_direction_and_spoilers_labels() {
    let app = TestApp::start().await;
    let arabic = browse(&app, "/diwan_alrih").await;
    let paragraphs = select(&arabic, ".text > p[dir=auto]");
    assert!(paragraphs.len() > 10);
    assert_eq!(select(&arabic, "h1 bdi").len(), 1, "a name does not turn the line around it");
    let mut spoilers = 0;
    for path in ["/tidewater", "/tidewater?before=30"] {
        let html = browse(&app, path).await;
        for label in select(&html, "label.spoiler") {
            let children: Vec<&str> =
                label.child_elements().map(|child| child.value().name()).collect();
            assert_eq!(children, ["input", "span"], "the box, then the words that it shows");
            spoilers += 1;
        }
    }
    assert!(spoilers >= 2, "{spoilers}");
}

#[tokio::test]
async fn post_page_shows_post_permalink_and_neighbours() {
    let app = TestApp::start().await;
    let alone = browse(&app, "/tidewater/60").await;
    assert_eq!(attributes(&alone, ".of a", "href"), [format!("{}/tidewater", app.base)]);
    assert_eq!(select(&alone, "head link[rel=alternate]").len(), 3);
    assert_eq!(app.telegram.total(), 1, "one post is one question");

    browse(&app, "/tidewater").await;
    let html = browse(&app, "/tidewater/60").await;
    assert_eq!(texts(&html, "title"), ["Does anyone have a spare left boot? · Tidewater Light"]);
    assert!(texts(&html, "code").contains(&format!("{}/tidewater/60", app.base)));
    assert_eq!(attributes(&html, "a[rel=prev]", "href"), [format!("{}/tidewater/61", app.base)]);
    assert_eq!(attributes(&html, "a[rel=next]", "href"), [format!("{}/tidewater/59", app.base)]);
    let links = attributes(&html, "a", "href");
    for link in ["https://t.me/tidewater/60", "tg://resolve?domain=tidewater&post=60"] {
        assert!(links.iter().any(|href| href == link), "{link}");
    }
    assert_eq!(attributes(&html, "head link[rel=alternate]", "href").len(), 3);

    let newest = browse(&app, "/tidewater/63").await;
    assert!(select(&newest, "a[rel=prev]").is_empty(), "nothing is newer");
}

#[tokio::test]
async fn any_album_message_url_shows_whole_album() {
    let app = TestApp::start().await;
    let html = browse(&app, "/Cha_Yu_Lun?before=25").await;
    let albums = select(&html, ".album");
    let album = albums.iter().find(|album| album.child_elements().count() == 4).unwrap();
    let link = Selector::parse(".photo a").unwrap();
    let photos: Vec<&str> = album.select(&link).filter_map(|link| link.attr("href")).collect();
    assert_eq!(photos.len(), 2, "between two videos");
    let third = photos[1].strip_suffix(".jpg").unwrap().strip_prefix(&app.base).unwrap();
    let html = browse(&app, third).await;
    assert_eq!(select(&html, ".album > *").len(), 4);
    let permalink = attributes(&html, "article .meta a:first-child", "href").concat();
    assert!(!permalink.ends_with(third), "{permalink} is the whole album's");
}

#[tokio::test]
async fn group_post_has_page_but_no_feeds() {
    let app = TestApp::start().await;
    let html = browse(&app, "/tidewater_harbour/2").await;
    assert!(texts(&html, "article").concat().contains("Is the slipway free tomorrow at eight?"));
    assert!(texts(&html, "article .meta").concat().contains("Bram Oke"));
    assert!(texts(&html, ".of").concat().contains("Tidewater Harbour"));
    assert_eq!(attributes(&html, ".of a", "href"), ["https://t.me/tidewater_harbour"]);
    assert!(select(&html, "link[rel=alternate]").is_empty());
}

#[tokio::test]
async fn pages_are_conditional_and_compressed() {
    let app = TestApp::start().await;
    for path in ["/", "/tidewater", "/tidewater/60"] {
        let plain = app.browse(path).await;
        let etag = plain.header("etag").to_owned();
        assert_eq!(plain.header("vary"), "Accept, Accept-Encoding, Accept-Language");
        let again = app.get_with(path, &[("accept", "text/html"), ("if-none-match", &etag)]).await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
        for header in
            ["etag", "cache-control", "vary", "content-security-policy", "referrer-policy"]
        {
            assert_eq!(again.header(header), plain.header(header), "{path} {header}");
        }
        let zipped =
            app.get_with(path, &[("accept", "text/html"), ("accept-encoding", "gzip")]).await;
        assert_eq!(zipped.header("content-encoding"), "gzip", "{path}");
        assert!(zipped.body.len() < plain.body.len() && zipped.header("etag") != etag, "{path}");
        let head = app.request(Method::HEAD, path, &[("accept", "text/html")]).await;
        assert_eq!((head.status, head.header("etag")), (200, etag.as_str()), "{path}");
    }
}

#[tokio::test]
async fn page_resources_exist_and_are_allowed_by_csp() {
    let app = TestApp::start().await;
    let html = browse(&app, "/tidewater").await;
    let style = attributes(&html, "link[rel=stylesheet]", "href").concat();
    let style = app.get(style.strip_prefix(&app.base).unwrap()).await;
    assert_eq!((style.status, style.header("content-type")), (200, "text/css; charset=utf-8"));
    assert!(style.header("cache-control").contains("immutable"));
    assert!(style.body.len() <= 12 * 1024, "{} bytes", style.body.len());
    assert!(!style.text().contains("url(") && !style.text().contains("@import"));
    let icon = attributes(&html, "link[rel=icon]", "href").concat();
    assert_eq!(app.get(icon.strip_prefix(&app.base).unwrap()).await.status, 200);

    let answer = app.browse("/tidewater").await;
    let policy = answer.header("content-security-policy");
    let pictures = attributes(&html, "img, video, audio", "src");
    assert!(pictures.len() > 3);
    for address in pictures {
        let file = app.get(address.strip_prefix(&app.base).expect("an address of ours")).await;
        assert_eq!(file.status, 200, "{address}");
        let kind = file.header("content-type");
        assert!(
            ["image/", "video/", "audio/"].iter().any(|start| kind.starts_with(start)),
            "{kind}"
        );
    }
    let elsewhere = "img-src 'self'; media-src 'self';";
    assert!(policy.contains(elsewhere), "no file comes from elsewhere: {policy}");
}

#[tokio::test]
async fn text_of_posts_and_channels_is_escaped_on_pages() {
    let app = TestApp::start().await;
    let evil =
        "<script>alert(1)</script> \"><img src=x onerror=alert(1)> &lt;b&gt; ' </title></style>";
    app.telegram.change("tidewater", |channel| {
        channel.title = evil.to_owned();
        channel.about = Some(evil.into());
    });
    let id = app.telegram.publish("tidewater", Message::text(evil)).unwrap();
    app.telegram.change_message("tidewater", id.get(), |message| {
        message.author = Some(Author { name: evil.to_owned(), user: None });
    });
    let post = format!("/tidewater/{id}");
    for path in ["/tidewater", &post, "/?channel=tidewater"] {
        let html = browse(&app, path).await;
        assert!(texts(&html, "h1").concat().contains(evil), "{path}");
        assert!(texts(&html, "main").concat().matches("<script>alert(1)</script>").count() > 1);
    }
}

#[tokio::test]
async fn error_pages_reveal_no_internals() {
    let app = TestApp::start().await;
    for (fault, status) in [
        (Fault::Status { code: 500, retry_after: None }, 502),
        (Fault::NewClasses, 502),
        (Fault::Garbage, 502),
        (Fault::Close, 502),
    ] {
        app.telegram.clear_faults();
        app.telegram.fault(Target::Channel("tidewater".to_owned()), fault.clone(), Repeat::Always);
        let answer = app.browse("/tidewater").await;
        assert_eq!(answer.status, status, "{fault:?}");
        let html = page("/tidewater", &answer);
        let text = texts(&html, "main").concat();
        for inside in
            ["feedline::", "reqwest", "hyper", "src/", "panicked", ".rs:", "Some(", "Error"]
        {
            assert!(!text.contains(inside), "{fault:?} tells {inside}: {text}");
        }
        app.pass(Duration::from_secs(10 * 60));
    }
}

#[tokio::test]
async fn page_times_use_configured_time_zone() {
    let app =
        TestApp::with(|config| config.web.time_zone = TimeZone::of_name("Europe/Berlin").unwrap())
            .await;
    let page = app.browse("/tidewater").await;
    let shown = "title=\"10 May 2026, 13:35 CEST\">13:35</time>";
    assert!(page.text().contains(shown), "11:35 UTC, in summer");
    assert!(page.text().contains("datetime=\"2026-05-10T11:35:27Z\""));
}

#[tokio::test]
async fn filtered_page_shows_matches_far_back() {
    let app = TestApp::start().await;
    // The channel's newest page has no match.
    for (path, post) in
        [("/tidewater?tag=yearbook", "/tidewater/35"), ("/zenit_library?kind=voice", "")]
    {
        let page = app.browse(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.text().contains("<article"), "{path}: {}", page.text());
        assert!(page.text().contains(post), "{path}");
    }
}

#[tokio::test]
async fn page_with_check_time_has_max_age_of_one_minute() {
    let app = TestApp::start().await;
    for path in ["/tidewater", "/tidewater+zenit_library", "/?channel=tidewater"] {
        let page = app.browse(path).await;
        assert!(page.header("cache-control").starts_with("public, max-age="), "{path}");
        if page.status == 200 {
            assert!(page.header("cache-control").starts_with("public, max-age=60,"), "{path}");
            assert_eq!(page.header("age"), "", "{path}");
        }
    }
}
