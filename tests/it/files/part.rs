//! Parts of files: from the disk, while they arrive, and from far behind what has arrived.

use std::time::Duration;

use feedline::demo::{Asked, Fault, Target, Times};
use feedline::media::Answer;
use feedline::media::{IfRange, Part, Range};

use super::*;

const LENGTH: usize = 4 * 1024 * 1024;

fn ask(range: Range) -> Ask {
    Ask { range: Some(range), ..Ask::default() }
}

/// Opens a part, checks it against the whole, and tells where it came from.
async fn part(app: &TestApp, segment: &str, ask: &Ask, whole: &[u8]) -> (Option<Part>, Source) {
    let opened = served(open_of(app, CHANNEL, segment, ask).await);
    let (part, source) = (opened.part, opened.source);
    assert_eq!(opened.length, Some(whole.len() as u64));
    let body_length = opened.body_length().unwrap();
    let bytes = read(opened).await.unwrap();
    assert_eq!(bytes.len() as u64, body_length);
    let (first, last) = part.map_or((0, whole.len() as u64 - 1), |part| (part.first, part.last));
    assert!(bytes == whole[first as usize..=last as usize], "{ask:?}");
    (part, source)
}

/// A film of four mebibytes, of which the channel is known: its address and its bytes.
async fn long_film(app: &TestApp) -> (String, Vec<u8>) {
    app.get("/tidewater/rss.xml?limit=100").await;
    app.telegram.lengthen_files(LENGTH);
    let (segment, file) = film(app);
    (segment, sample(file, LENGTH))
}

#[tokio::test]
async fn parts_of_a_kept_file_are_read_from_the_disk() {
    let app = TestApp::start().await;
    let (segment, whole) = long_film(&app).await;
    load(&app, &segment).await;
    app.telegram.forget();
    let end = whole.len() as u64 - 1;
    for (range, first, last) in [
        (Range::From(0), 0, end),
        (Range::From(end), end, end),
        (Range::Between(0, 0), 0, 0),
        (Range::Between(100_000, 300_000), 100_000, 300_000),
        (Range::Between(end - 5, u64::MAX), end - 5, end),
        (Range::Last(70_000), end - 69_999, end),
        (Range::Last(u64::MAX), 0, end),
    ] {
        let found = part(&app, &segment, &ask(range), &whole).await;
        assert_eq!(found, (Some(Part { first, last }), Source::Kept), "{range:?}");
    }
    for range in [Range::From(end + 1), Range::Between(end + 1, end + 2), Range::Last(0)] {
        let refused = open_of(&app, CHANNEL, &segment, &ask(range)).await.unwrap_err();
        assert_eq!(refused, Error::Unsatisfiable { length: end + 1 }, "{range:?}");
    }
    assert_eq!(app.telegram.total(), 0);
}

#[tokio::test]
async fn a_part_of_another_file_than_the_one_that_is_there_is_the_whole() {
    let app = TestApp::start().await;
    let (segment, whole) = long_film(&app).await;
    let opened = served(open(&app, &segment).await);
    let (etag, modified) = (opened.etag.clone(), opened.modified);
    assert!(read(opened).await.unwrap() == whole);
    let range = Some(Range::Between(5, 9));
    let same = Some(Part { first: 5, last: 9 });
    for (if_range, expected) in [
        (IfRange::Tag(etag.clone()), same),
        (IfRange::Tag(format!("W/{etag}")), None),
        (IfRange::Tag("\"other\"".to_owned()), None),
        (IfRange::Date(modified), same),
        (IfRange::Date(modified - chrono::TimeDelta::seconds(1)), None),
    ] {
        let ask = Ask { range, if_range: Some(if_range), ..Ask::default() };
        assert_eq!(part(&app, &segment, &ask, &whole).await.0, expected, "{ask:?}");
    }
}

#[tokio::test]
async fn a_film_is_wound_while_it_arrives() {
    let app = TestApp::start().await;
    let (segment, whole) = long_film(&app).await;
    let end = whole.len() as u64 - 1;
    // The whole comes slowly, parts beside it at once.
    let slow = Fault::Drip { piece: 64 * 1024, pause: Duration::from_millis(20) };
    app.telegram.fault(Target::Asked(Asked::File), slow, Times::Next(1));
    let viewer = served(open(&app, &segment).await);
    let etag = viewer.etag.clone();
    app.telegram.forget();
    let far = Ask {
        range: Some(Range::Last(50_000)),
        if_range: Some(IfRange::Tag(etag)),
        ..Ask::default()
    };
    let found = part(&app, &segment, &far, &whole).await;
    let last = Some(Part { first: end - 49_999, last: end });
    assert_eq!(found, (last, Source::Passing), "far behind what has come: from its origin");
    assert_eq!(app.telegram.hits_of(Asked::File), 1);
    let near = part(&app, &segment, &ask(Range::Between(200_000, 500_000)), &whole).await;
    assert_eq!(near.1, Source::Arriving, "near: it comes by itself");
    assert_eq!(app.telegram.hits_of(Asked::File), 1);
    let outside = open_of(&app, CHANNEL, &segment, &ask(Range::From(end + 1))).await;
    assert_eq!(outside.unwrap_err(), Error::Unsatisfiable { length: end + 1 });
    assert!(read(viewer).await.unwrap() == whole);
    assert_eq!(part(&app, &segment, &far, &whole).await.1, Source::Kept);
}

#[tokio::test]
async fn a_part_that_cannot_be_had_beside_is_waited_for() {
    let app = TestApp::start().await;
    let (segment, whole) = long_film(&app).await;
    let slow = Fault::Drip { piece: 256 * 1024, pause: Duration::from_millis(10) };
    app.telegram.fault(Target::Asked(Asked::File), slow, Times::Next(1));
    let viewer = served(open(&app, &segment).await);
    let broken = Fault::Status { code: 503, retry_after: None };
    app.telegram.fault(Target::Asked(Asked::File), broken, Times::Always);
    let found = part(&app, &segment, &ask(Range::Last(50_000)), &whole).await;
    assert_eq!(found.1, Source::Arriving);
    drop(viewer);
}

#[tokio::test]
async fn a_file_without_a_length_has_no_parts() {
    let app = TestApp::start().await;
    let (segment, whole) = long_film(&app).await;
    let unannounced = Fault::Cut(feedline::demo::Cut::CleanChunks(100));
    app.telegram.fault(Target::Asked(Asked::File), unannounced, Times::Next(1));
    let opened = open_of(&app, CHANNEL, &segment, &ask(Range::From(5))).await;
    let Ok(Answer::File(opened)) = opened else { panic!("{opened:?}") };
    assert_eq!((opened.part, opened.length), (None, None));
    assert!(read(*opened).await.unwrap() == whole);
}
