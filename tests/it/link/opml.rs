//! Subscription lists: export, import, and migration from other bridges.

use feedline::config::Config;
use feedline::model::{ChannelName, ChannelSet, Source};
use quick_xml::events::Event;
use reqwest::Method;

use crate::feed::validator::validate_xml;
use crate::support::{Answer, TestApp, client};

const BROWSER: (&str, &str) = ("accept", "text/html,*/*;q=0.8");

fn names(names: &[&str]) -> Vec<ChannelName> {
    names.iter().map(|name| ChannelName::parse(name).unwrap()).collect()
}

fn follow(config: &mut Config) {
    config.web.follow = names(&["tidewater", "Cha_Yu_Lun"]);
    let channels = ChannelSet::parse("tidewater+telegram").unwrap();
    let coast = Source::collection("coast", Some("The coast & more"), channels);
    config.web.collections.insert("coast".to_owned(), coast);
}

/// The attributes of all outlines, from an independent parser.
fn outlines(answer: &Answer) -> Vec<Vec<(String, String)>> {
    validate_xml(&answer.body);
    let mut reader = quick_xml::Reader::from_str(answer.text());
    let mut outlines = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) | Event::Empty(tag) if tag.name().as_ref() == b"outline" => {
                let pair = |attribute: quick_xml::events::attributes::Attribute<'_>| {
                    let name = String::from_utf8(attribute.key.as_ref().to_vec()).unwrap();
                    let value = attribute.normalized_value(quick_xml::XmlVersion::default());
                    (name, value.unwrap().into_owned())
                };
                outlines.push(tag.attributes().map(Result::unwrap).map(pair).collect());
            }
            Event::Eof => return outlines,
            _ => {}
        }
    }
}

pub(crate) fn values(answer: &Answer, name: &str) -> Vec<String> {
    let outlines = outlines(answer).into_iter().flatten();
    outlines.filter(|(key, _)| key == name).map(|(_, value)| value).collect()
}

/// Submits the box's form, like a browser with or without a file.
pub(crate) async fn send(app: &TestApp, fields: &[(&str, &str)], accept: &str) -> Answer {
    let mut body = String::new();
    for (name, value) in fields {
        body.push_str(&format!("--BoUnDaRy\r\nContent-Disposition: form-data; name=\"{name}\""));
        body.push_str(&format!("\r\n\r\n{value}\r\n"));
    }
    body.push_str("--BoUnDaRy--\r\n");
    post(app, "multipart/form-data; boundary=BoUnDaRy", body, accept).await
}

async fn post(app: &TestApp, kind: &str, body: String, accept: &str) -> Answer {
    let request = client().post(format!("{}/-/import", app.base));
    let request = request.header("content-type", kind).header("accept", accept).body(body);
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, body: response.bytes().await.unwrap().to_vec() }
}

/// Conformance: 9.2
#[tokio::test]
async fn followed_channels_are_exported_as_opml() {
    let app = TestApp::with(follow).await;
    let answer = app.get("/-/opml").await;
    assert_eq!(answer.header("content-type"), "text/x-opml; charset=utf-8");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"feedline.opml\"");
    assert!(answer.header("cache-control").starts_with("public, max-age="));
    let base = &app.base;
    let feeds = ["/tidewater/rss.xml", "/Cha_Yu_Lun/rss.xml", "/-/collections/coast/rss.xml"];
    assert_eq!(values(&answer, "xmlUrl"), feeds.map(|path| format!("{base}{path}")));
    let pages = ["/tidewater", "/Cha_Yu_Lun", "/-/collections/coast"];
    assert_eq!(values(&answer, "htmlUrl"), pages.map(|path| format!("{base}{path}")));
    assert_eq!(values(&answer, "type"), ["rss", "rss", "rss"]);
    assert_eq!(values(&answer, "title"), values(&answer, "text"));
    assert_eq!(values(&answer, "title")[1], "tidewater");
    for path in values(&answer, "xmlUrl") {
        assert_eq!(app.get(path.strip_prefix(base.as_str()).unwrap()).await.status, 200, "{path}");
    }
    let known = app.get("/-/opml").await;
    assert_eq!(values(&known, "title")[1], "Tidewater Light", "by now its title is known");
    let etag = known.header("etag").to_owned();
    assert_eq!(app.get_with("/-/opml", &[("if-none-match", &etag)]).await.status, 304);
}

#[tokio::test]
async fn channels_in_query_are_exported_as_opml() {
    let app = TestApp::with(|config| config.web.deny = names(&["telegram"])).await;
    let none = app.get("/-/opml").await;
    assert_eq!(values(&none, "xmlUrl"), Vec::<String>::new());
    assert_eq!(outlines(&none).len(), 1, "a body is never empty");
    for query in ["a_b+Sea+a_b", "a_b%2BSea", "a_b%20@Sea", "a_b,https://t.me/Sea"] {
        let answer = app.get(&format!("/-/opml?channels={query}")).await;
        let feeds = ["/a_b/rss.xml", "/Sea/rss.xml"].map(|path| format!("{}{path}", app.base));
        assert_eq!(values(&answer, "xmlUrl"), feeds, "{query}");
    }
    for (query, reason) in
        [("a_b+x", "“x” names no channel. This is not the name"), ("telegram", "does not serve")]
    {
        let answer = app.get(&format!("/-/opml?channels={query}")).await;
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains(reason), "{}", answer.text());
    }
    assert_eq!(app.telegram.total(), 0);
}

#[tokio::test]
async fn single_pasted_line_redirects_to_its_channel() {
    let app = TestApp::start().await;
    for (pasted, there) in
        [("@tidewater", "/tidewater"), (" https://t.me/s/tidewater/5 \r\n", "/tidewater/5")]
    {
        let preview = if pasted == "@tidewater" { "/?channel=%40tidewater" } else { there };
        let form = format!("channel={pasted}");
        for (answer, there) in [
            (send(&app, &[("channel", pasted), ("file", "")], BROWSER.1).await, preview),
            (post(&app, "application/x-www-form-urlencoded", form, "*/*").await, there),
        ] {
            assert_eq!(answer.status, 303, "{pasted}");
            assert_eq!(answer.header("location"), format!("{}{there}", app.base));
        }
    }
    let refused = send(&app, &[("channel", "https://t.me/+AbCd")], BROWSER.1).await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.text().contains("invitation to a private chat</p>")
            || refused.text().contains("invitation")
    );
    assert!(refused.text().contains("https://t.me/+AbCd</textarea>"), "{}", refused.text());
    let back = app.get("/-/import").await;
    assert_eq!((back.status, back.header("location")), (302, format!("{}/", app.base).as_str()));
    assert_eq!(app.telegram.total(), 0);
}

#[tokio::test]
async fn single_pasted_set_or_own_url_redirects_to_its_page() {
    let app = TestApp::start().await;
    let ours = format!("{}/tidewater/rss.xml", app.base);
    for (pasted, there) in [
        ("tidewater+zenit_library", "/tidewater+zenit_library"),
        (ours.as_str(), "/?channel=tidewater"),
        ("@tidewater\n@Tidewater", "/?channel=tidewater"),
        ("rsshub://telegram/channel/tidewater", "/?channel=tidewater"),
    ] {
        let answer = send(&app, &[("channel", pasted)], BROWSER.1).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, &*format!("{}{there}", app.base)),
            "{pasted}"
        );
    }
    // A redirect to the page would lose the feed options, and an invitation link names no channel.
    let filtered = send(&app, &[("channel", &format!("{ours}?tag=fog"))], BROWSER.1).await;
    assert!(filtered.status == 200 && filtered.text().contains("rss.xml?tag=fog"));
    assert_eq!(send(&app, &[("channel", "+AbCdEf")], BROWSER.1).await.status, 400);
    // Programs get the file.
    let program = send(&app, &[("channel", &ours)], "*/*").await;
    assert_eq!(program.header("content-type"), "text/x-opml; charset=utf-8");
    assert_eq!(app.telegram.total(), 0);
}

#[tokio::test]
async fn several_pasted_lines_become_feed_urls_and_opml_file() {
    let app = TestApp::start().await;
    let text = "@tidewater\nhttps://rsshub.app/telegram/channel/telegram\n\nt.me/addstickers/x\nchannel <b>\n";
    let page = send(&app, &[("channel", text)], BROWSER.1).await;
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
    let html = page.text();
    for there in [
        "<h1>2 channels</h1>",
        &format!("{}/tidewater/rss.xml", app.base),
        &format!("{}/telegram", app.base),
        &format!("{}/-/opml?channels=tidewater+telegram", app.base),
        &format!("{}/telegram+tidewater", app.base),
        "2 lines added no channel",
        "line 4",
        "a set of stickers",
        "line 5",
    ] {
        let escaped = there.replace('&', "&#38;");
        assert!(html.contains(there) || html.contains(&escaped), "{there} in {html}");
    }
    assert!(!html.contains("channel <b>"), "{html}");
    let by_address = app.browse("/?channel=%40tidewater%0Atelegram").await;
    assert!(by_address.text().contains("<h1>2 channels</h1>"), "{}", by_address.text());

    let russian = client()
        .get(format!("{}/?channel=%40tidewater%0Ax", app.base))
        .header("accept", BROWSER.1)
        .header("accept-language", "ru");
    let russian = russian.send().await.unwrap().text().await.unwrap();
    for words in
        ["<h1>1 канал</h1>", "Без нового канала: 1 строка", "строка 2", "Это не имя канала"]
    {
        assert!(russian.contains(words), "{words} in {russian}");
    }
    assert_eq!(app.telegram.total(), 0, "no request to Telegram for a list");
}

const OLD: &str = r#"<?xml version="1.0"?><opml version="1.0"><body>
<outline text="Tg"><outline text="Light" type="rss" xmlUrl="https://bridge.example/?action=display&amp;bridge=Telegram&amp;username=tidewater&amp;format=Atom"/>
<outline title="Own &amp; only" xmlUrl="https://rsshub.app/telegram/channel/telegram/includeFwd=0?limit=5"/></outline>
<outline text="Elsewhere" xmlUrl="https://news.example/rss"/></body></opml>"#;

/// Conformance: 9.3
#[tokio::test]
async fn opml_upload_returns_own_urls_with_folders_titles_and_options() {
    let app = TestApp::start().await;
    let page = send(&app, &[("channel", ""), ("file", OLD)], BROWSER.1).await;
    assert!(page.text().contains("<h1>2 channels</h1>"), "{}", page.text());
    assert!(page.text().contains("not a feed of a Telegram channel"));
    // The hidden field of the page's form.
    let html = scraper::Html::parse_document(page.text());
    let hidden = scraper::Selector::parse("input[type=hidden][name=channel]").unwrap();
    let list = html.select(&hidden).next().unwrap().attr("value").unwrap().to_owned();
    let file = send(&app, &[("as", "opml"), ("channel", &list)], BROWSER.1).await;
    assert_eq!(file.status, 200);
    assert_eq!(file.header("content-type"), "text/x-opml; charset=utf-8");
    let feeds = ["/tidewater/atom.xml", "/telegram/rss.xml?forwards=none&limit=5"];
    let mut feeds = feeds.map(|path| format!("{}{path}", app.base)).to_vec();
    feeds.push("https://news.example/rss".to_owned());
    assert_eq!(values(&file, "xmlUrl"), feeds, "what is no channel stays as it is");
    assert_eq!(values(&file, "title"), ["Tg", "Light", "Own & only", "Elsewhere"]);
    // A program gets the file at once.
    let direct = send(&app, &[("file", OLD)], "*/*").await;
    assert_eq!(direct.body, file.body);
    let pasted = send(&app, &[("channel", OLD)], "*/*").await;
    assert_eq!(pasted.body, file.body);
}

#[tokio::test]
async fn opml_upload_is_decoded_by_declared_or_form_charset() {
    let app = TestApp::start().await;
    let file = |head: &str| {
        let outline = "<opml><outline text=\"&laquo;";
        let end = "&raquo;\" xmlUrl=\"t.me/tidewater\" category=\"Garden,Fruit\"/></opml>";
        [head.as_bytes(), outline.as_bytes(), b"\xd7\xe0\xe9", end.as_bytes()].concat()
    };
    let declared = file("<?xml version=\"1.0\" encoding=\"windows-1251\"?>");
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packer, &declared).unwrap();
    for (kind, file) in [
        ("text/xml", declared),
        ("text/x-opml; charset=windows-1251", file("")),
        ("application/gzip", packer.finish().unwrap()),
    ] {
        let head = format!(
            "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\nContent-Type: {kind}\r\n\r\n"
        );
        let body = [head.as_bytes(), &file, b"\r\n--X--\r\n"].concat();
        let request = client().post(format!("{}/-/import", app.base));
        let request = request.header("content-type", "multipart/form-data; boundary=X");
        let text = request.body(body).send().await.unwrap().text().await.unwrap();
        assert!(text.contains("<outline text=\"Garden\""), "{kind}: {text}");
        assert!(text.contains("<outline text=\"Fruit\""), "{kind}: {text}");
        assert_eq!(text.matches("text=\"«Чай»\"").count(), 2, "{kind}: {text}");
    }
    let picture = include_bytes!("../../../src/demo/media/fog.jpg");
    let head = b"--X\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n";
    let body = [&head[..], picture, b"\r\n--X--\r\n"].concat();
    let request = client().post(format!("{}/-/import", app.base));
    let request = request
        .header("content-type", "multipart/form-data; boundary=X")
        .header("accept", BROWSER.1);
    let refused = request.body(body).send().await.unwrap();
    assert_eq!(refused.status(), 400);
    assert!(refused.text().await.unwrap().contains("This is not a text file"));
}

#[tokio::test]
async fn import_reports_number_of_feeds_beyond_limit() {
    let app = TestApp::start().await;
    let names: String = (0..2003).map(|number| format!("name{number}\n")).collect();
    let page = send(&app, &[("file", &names)], BROWSER.1).await;
    assert!(page.text().contains("3 more feeds were left out"), "{}", page.text());
    let file = send(&app, &[("file", &names)], "*/*").await;
    assert_eq!(file.header("feedline-left-out"), "3");
    assert_eq!(values(&file, "xmlUrl").len(), 2000);
}

#[tokio::test]
async fn import_refuses_non_lists_and_large_bodies() {
    let app = TestApp::with(|config| config.web.body_size = bytesize::ByteSize::kib(8)).await;
    let large = "tidewater\n".repeat(2000);
    let answer = send(&app, &[("file", &large)], "*/*").await;
    assert_eq!(answer.status, 413, "{}", answer.text());
    for (kind, body) in
        [("text/plain", "tidewater"), ("multipart/form-data", "x"), ("application/json", "{}")]
    {
        assert_eq!(post(&app, kind, body.into(), "*/*").await.status, 415, "{kind}");
    }
    let bomb =
        "<!DOCTYPE opml [<!ENTITY a \"t.me/tidewater\">]><opml><outline xmlUrl=\"&a;\"/></opml>";
    let answer = send(&app, &[("file", bomb)], "*/*").await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("declares entities"), "{}", answer.text());
    for empty in [&[("channel", "")][..], &[("channel", " \n ")], &[]] {
        let answer = send(&app, empty, "*/*").await;
        assert_eq!((answer.status, &answer.json()["refusal"]), (400, &"bad_name".into()));
        assert_eq!(send(&app, empty, BROWSER.1).await.status, 400);
    }
    let put = app.request(Method::PUT, "/-/import", &[]).await;
    assert_eq!(put.status, 405);
    assert_eq!(app.telegram.total(), 0);
}

#[tokio::test]
async fn rsshub_urls_redirect_permanently() {
    let app = TestApp::start().await;
    for (path, there, lost) in [
        ("tidewater", "/tidewater/rss.xml", ""),
        ("tidewater?format=atom&limit=5", "/tidewater/atom.xml?limit=5", ""),
        (
            "tidewater/includeFwd=0&includeReply=0&showViaBot=1?format=json",
            "/tidewater/feed.json?forwards=none&replies=none",
            "",
        ),
        ("tidewater/%23fog", "/tidewater/rss.xml?tag=fog", ""),
        (
            "Tidewater/showFwdFrom=0?filterout=x&filter_time=60&tgiv=%D1%91%0D%0AX:%20y",
            "/Tidewater/rss.xml?exclude=x",
            "showFwdFrom=0, filter_time=60, tgiv=%D1%91%20X:%20y",
        ),
    ] {
        let answer = app.get(&format!("/telegram/channel/{path}")).await;
        assert_eq!(answer.status, 301, "{path}");
        assert_eq!(answer.header("location"), format!("{}{there}", app.base), "{path}");
        assert_eq!(answer.header("feedline-not-mapped"), lost, "{path}");
        assert_eq!(answer.text().contains("Without a counterpart here"), !lost.is_empty());
        assert!(answer.header("cache-control").starts_with("public, max-age="), "{path}");
        if there.starts_with("/tidewater") {
            assert_eq!(app.get(there).await.status, 200, "{there}");
        }
    }
    let bad = app.get("/telegram/channel/x").await;
    assert_eq!((bad.status, &bad.json()["refusal"]), (400, &"bad_name".into()));
    assert_eq!(
        app.get("/telegram/feed.json").await.status,
        200,
        "the channel of this name is there"
    );
    assert_eq!(app.get("/telegram").await.status, 200);
}

#[tokio::test]
async fn rss_bridge_url_redirects_permanently() {
    let app = TestApp::start().await;
    let display = "/?action=display&bridge=TelegramBridge&username=";
    for (query, there, lost) in [
        ("%40tidewater&format=Atom", "/tidewater/atom.xml", ""),
        ("https%3A%2F%2Ft.me%2Fs%2Ftidewater&format=Mrss", "/tidewater/rss.xml", ""),
        ("tidewater&format=Json&_cache_timeout=60", "/tidewater/feed.json", ""),
        ("tidewater&format=Html", "/tidewater", ""),
        ("tidewater&format=Sfeed&_noproxy=on", "/tidewater/rss.xml", "format=Sfeed, _noproxy=on"),
    ] {
        let answer = app.get(&format!("{display}{query}")).await;
        assert_eq!(answer.status, 301, "{query}");
        assert_eq!(answer.header("location"), format!("{}{there}", app.base), "{query}");
        assert_eq!(answer.header("feedline-not-mapped"), lost, "{query}");
    }
    assert_eq!(app.get(&format!("{display}x")).await.status, 400);
    assert_eq!(app.browse("/?action=display&bridge=YoutubeBridge&u=x").await.status, 200);
    assert_eq!(app.telegram.total(), 0);
}
