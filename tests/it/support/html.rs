//! Pages in a browser, and the invariants of every page.

use std::collections::HashSet;

use scraper::{ElementRef, Html, Selector};

use super::{Answer, TestApp};

pub(crate) fn select<'a>(html: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    html.select(&Selector::parse(selector).unwrap()).collect()
}

pub(crate) fn texts(html: &Html, selector: &str) -> Vec<String> {
    select(html, selector).iter().map(|element| element.text().collect()).collect()
}

pub(crate) fn attributes(html: &Html, selector: &str, name: &str) -> Vec<String> {
    select(html, selector)
        .iter()
        .filter_map(|element| element.attr(name))
        .map(str::to_owned)
        .collect()
}

/// Parses a page and checks the invariants of every page.
pub(crate) fn page(path: &str, answer: &Answer) -> Html {
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{path}");
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'self'; "), "{path}: {policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("script-src"), "{path}: {policy}");
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"));
    assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");

    let html = Html::parse_document(answer.text());
    assert_eq!(html.errors, Vec::<std::borrow::Cow<'_, str>>::new(), "{path}");
    for forbidden in
        ["script", "style", "[style]", "[onclick]", "[onerror]", "iframe", "object", "base"]
    {
        assert!(select(&html, forbidden).is_empty(), "{path} has {forbidden}");
    }
    for element in select(&html, "*") {
        for (name, value) in element.value().attrs() {
            assert!(!name.starts_with("on"), "{path}: {name}");
            let is_script = value.trim_start().to_ascii_lowercase().starts_with("javascript:");
            assert!(!is_script, "{path}: {name}={value}");
        }
    }
    assert_eq!(select(&html, "h1").len(), 1, "{path}: one heading names the page");
    assert_eq!(select(&html, "main#main").len(), 1, "{path}");
    assert!(!texts(&html, "title").concat().trim().is_empty(), "{path}");
    let ids = attributes(&html, "[id]", "id");
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "{path}: an id twice");
    for picture in select(&html, "img") {
        assert!(picture.attr("alt").is_some(), "{path}: a picture without words");
        for side in ["width", "height"] {
            assert!(
                picture.attr(side).is_some(),
                "{path}: a picture without {side} moves the page"
            );
        }
    }
    assert!(answer.body.len() < 100_000, "{path}: {} bytes", answer.body.len());
    html
}

pub(crate) async fn browse(app: &TestApp, path: &str) -> Html {
    let answer = app.browse(path).await;
    assert_eq!(answer.status, 200, "{path}");
    page(path, &answer)
}
