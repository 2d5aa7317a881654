//! Files: types, lengths, ranges, and expiring URLs.

use std::collections::BTreeSet;

use feedline::demo::Control;
use reqwest::StatusCode;
use scraper::Html;

use super::{attributes, get, start};

/// Every file URL on the pages of a channel.
async fn files(control: &Control, client: &reqwest::Client, name: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut path = Some(format!("/s/{name}"));
    while let Some(address) = path {
        let text = get(control, client, &address).await.text().await.unwrap();
        let start = format!("{}/file/", control.base());
        for part in text.split(&start).skip(1) {
            let end = part.find(['\'', '"', '<']).unwrap();
            found.insert(format!("/file/{}", &part[..end]));
        }
        path = attributes(&Html::parse_document(&text), "link[rel=prev]", "href").pop();
    }
    found
}

#[tokio::test]
async fn demo_files_have_type_length_and_ranges() {
    let (_telegram, control, client) = start().await;
    let mut types = BTreeSet::new();
    for name in ["tidewater", "zenit_library", "diwan_alrih", "cha_yu_lun"] {
        for file in files(&control, &client, name).await {
            let response = get(&control, &client, &file).await;
            assert_eq!(response.status(), StatusCode::OK, "{file}");
            let media_type = response.headers()["content-type"].to_str().unwrap().to_owned();
            let length = response.content_length().unwrap();
            let body = response.bytes().await.unwrap();
            assert_eq!(body.len() as u64, length, "{file}");
            let tokened = file.contains("?token=");
            assert_eq!(tokened, media_type != "image/jpeg", "{file} is {media_type}");
            types.insert(media_type);
        }
    }
    let known = [
        "application/x-tgsticker",
        "audio/ogg",
        "image/jpeg",
        "image/webp",
        "video/mp4",
        "video/webm",
    ];
    assert_eq!(types, known.iter().map(ToString::to_string).collect());
    let file = files(&control, &client, "tidewater").await.pop_first().unwrap();
    let whole = get(&control, &client, &file).await.bytes().await.unwrap();
    let address = format!("{}{file}", control.base());
    let part = client.get(&address).header("range", "bytes=2-5").send().await.unwrap();
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.headers()["content-range"], format!("bytes 2-5/{}", whole.len()));
    assert_eq!(part.bytes().await.unwrap(), whole.slice(2..6));
    let outside = client.get(&address).header("range", "bytes=99999999-").send().await.unwrap();
    assert_eq!(outside.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    let head = client.head(&address).send().await.unwrap();
    assert_eq!(head.headers()["content-length"], whole.len().to_string().as_str());
}

#[tokio::test]
async fn expired_demo_urls_die_and_pages_have_new_ones() {
    let (_telegram, control, client) = start().await;
    let old = files(&control, &client, "cha_yu_lun").await;
    control.expire_files();
    let new = files(&control, &client, "cha_yu_lun").await;
    assert!(old.is_disjoint(&new) && old.len() == new.len());
    let stable = |files: &BTreeSet<String>| -> BTreeSet<String> {
        let tokened = files.iter().filter_map(|file| file.split_once("?token="));
        tokened.map(|(stable, _)| stable.to_owned()).collect()
    };
    assert_eq!(stable(&old), stable(&new), "videos keep the part before the token");
    for (files, status) in [(old, StatusCode::NOT_FOUND), (new, StatusCode::OK)] {
        for file in files {
            assert_eq!(get(&control, &client, &file).await.status(), status, "{file}");
        }
    }
}
