//! Rendered feeds for the base of each request, when `server.base_url` is not set.

use bytesize::ByteSize;
use feedline::links::Base;
use feedline::model::{ChannelName, ChannelSet, FeedOptions, Format, Source};

use crate::support::TestApp;

async fn ask(app: &TestApp, host: &str, path: &str) -> String {
    let answer = app.get_with(path, &[("host", host)]).await;
    assert_eq!(answer.status, 200, "{host}: {answer:?}");
    assert!(answer.text().contains(&format!("http://{host}/")), "{host}");
    answer.header("cache-status").to_owned()
}

#[tokio::test]
async fn fake_hosts_do_not_evict_feed_of_real_host() {
    let base = Base::parse("http://feeds.example").unwrap();
    for hosts in [8, 1000] {
        // Enough for a few dozen of these feeds.
        let app = TestApp::with(|config| config.service.memory = ByteSize::mib(8)).await;
        for number in 0..hosts {
            ask(&app, &format!("invented{number}.example"), "/tidewater/rss.xml").await;
        }
        let source = Source::channel(ChannelName::parse("tidewater").unwrap());
        let warm =
            || app.service().feeds().cached(&source, &FeedOptions::default(), Format::Rss, &base);
        assert!(warm().is_none(), "{hosts}");
        ask(&app, "feeds.example", "/tidewater/rss.xml").await;
        let first = warm().expect("the first request put it into the cache").rendered;
        let status = ask(&app, "feeds.example", "/tidewater/rss.xml").await;
        assert!(status.starts_with("feedline; hit"), "{hosts}: {status}");
        let second = warm().unwrap().rendered;
        assert!(std::sync::Arc::ptr_eq(&first, &second), "{hosts}: it was rendered again");
    }
}

#[tokio::test]
async fn fake_hosts_do_not_evict_merged_feed_of_real_host() {
    let base = Base::parse("http://feeds.example").unwrap();
    let app = TestApp::with(|config| config.service.memory = ByteSize::mib(8)).await;
    for number in 0..100 {
        ask(&app, &format!("invented{number}.example"), "/quiet_corner+tidewater/rss.xml").await;
    }
    let names = ChannelSet::parse("quiet_corner+tidewater").unwrap();
    let source = Source::Channels(names);
    let warm =
        || app.service().feeds().cached(&source, &FeedOptions::default(), Format::Rss, &base);
    ask(&app, "feeds.example", "/quiet_corner+tidewater/rss.xml").await;
    let first = warm().expect("the first request put it into the cache").rendered;
    ask(&app, "feeds.example", "/quiet_corner+tidewater/rss.xml").await;
    assert!(std::sync::Arc::ptr_eq(&first, &warm().unwrap().rendered), "it was rendered again");
}
