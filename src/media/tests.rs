//! A disk that fills while a file arrives: what no integration test can bring about.

use std::fs::OpenOptions;
use std::sync::Mutex as Lock;

use futures_util::TryStreamExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

use super::arrival::{self, Arrival, Ground, Progress, State};
use super::cache::{Entry, Temporary};
use super::form::Form;
use super::*;
use crate::net::FileHosts;

/// A picture of 200,000 bytes.
fn picture() -> Vec<u8> {
    let rest = (0..200_000 - 3_u32).map(|at| u8::try_from(at % 251).unwrap());
    [&b"\xff\xd8\xff"[..], &rest.collect::<Vec<u8>>()].concat()
}

/// Serves the picture, or the part of it from `first` on that a second request asks for; keeps the heads of requests.
async fn server(heads: Arc<Lock<Vec<String>>>) -> (Url, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/a.jpg", listener.local_addr().unwrap()).parse().unwrap();
    let mut task = JoinSet::new();
    task.spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (mut head, mut buffer) = (Vec::new(), [0; 1024]);
            while !head.ends_with(b"\r\n\r\n") {
                let length = stream.read(&mut buffer).await.unwrap();
                head.extend_from_slice(&buffer[..length]);
            }
            let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
            let range = head.split("range: bytes=").nth(1).and_then(|rest| rest.split('-').next());
            let first: usize = range.map_or(0, |first| first.parse().unwrap());
            let (status, length) = (if range.is_some() { 206 } else { 200 }, 200_000 - first);
            let answer = format!(
                "HTTP/1.1 {status} x\r\ncontent-type: image/jpeg\r\ncontent-length: {length}\r\n\
                 content-range: bytes {first}-199999/200000\r\nconnection: close\r\n\r\n"
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.write_all(&picture()[first..]).await.unwrap();
            heads.lock().unwrap().push(head);
        }
    });
    (url, task)
}

#[tokio::test]
async fn a_disk_that_fills_ends_the_keeping_and_not_the_file() {
    let heads = Arc::default();
    let (url, _task) = server(Arc::clone(&heads)).await;
    let hosts = FileHosts::new([url.origin().ascii_serialization().as_str()]);
    let files = FileClient::new(&crate::net::Settings::default(), hosts).unwrap();
    let Clock::Simulated(time) = Clock::simulated("2026-05-10T12:00:00Z".parse().unwrap()) else {
        unreachable!("it was just made")
    };
    let clock = Clock::Simulated(time.clone());
    let folder = tempfile::TempDir::new().unwrap();
    let cache = Cache::new(Some(folder.path().to_owned()), 1 << 20, clock.clone());
    cache.read().await;

    // A file that is there already: it has to make room, in vain.
    let (key, old) = (FileKey::emoji(1), cache.begin().await.unwrap());
    let entry =
        Entry { identity: None, fingerprint: 5, length: 3, modified: 0, media_type: "image/jpeg" };
    cache.write(&old, 0, "old".into()).await.unwrap();
    cache.keep(key, entry, old).await;
    assert!(cache.open(key, None).await.is_some());

    let download = files.fetch(&url, None, 1 << 20).await.unwrap();
    let begun = arrival::begin(download, url, Form::Picture, None, clock.now()).await.unwrap();
    let origin = Arc::new(begun.origin);
    let full = OpenOptions::new().read(true).write(true).open("/dev/full").unwrap();
    let temporary = Temporary::over(full);
    let (sender, progress) = watch::channel(Progress { came: 0, state: State::Coming });
    let file = Arc::clone(&temporary.file);
    let arrival = Arc::new(Arrival { origin: Arc::clone(&origin), file, progress });
    let body = Body::arriving(Arc::clone(&arrival), files.clone(), 0, Some(200_000));
    let ground = Ground { cache: &cache, files: &files, stop: &CancellationToken::new() };
    let fetched = (origin, begun.start, begun.rest);
    let received = arrival::receive(&ground, FileKey::emoji(2), fetched, temporary, &sender).await;
    assert_eq!((received, arrival.progress.borrow().state), (Ok(()), State::Unwritten));

    let pieces: Vec<bytes::Bytes> = body.try_collect().await.unwrap();
    assert!(pieces.concat() == picture(), "the rest comes from where it lies");
    let heads = heads.lock().unwrap().clone();
    assert_eq!(heads.len(), 2);
    assert!(heads[1].contains("range: bytes=0-199999"), "{}", heads[1]);
    assert!(cache.open(key, None).await.is_none(), "it made room");
    assert!(cache.begin().await.is_none(), "nothing is tried for a minute");
    time.leap(Duration::from_secs(61));
    assert!(cache.begin().await.is_some());
}
