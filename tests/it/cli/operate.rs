//! The operator's commands, run as the real program: `check`, `health`, `completions`.

use std::path::{Path, PathBuf};
use std::process::Command;

use feedline::demo::{Fault, Repeat, Target};
use feedline::links::Base;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::support::TestApp;

/// The result of a run.
struct Run {
    is_success: bool,
    output: String,
    errors: String,
}

impl Run {
    /// The lines that begin with a marker, without it.
    fn lines(&self, mark: char) -> Vec<&str> {
        self.output
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix(mark))
            .map(str::trim)
            .collect()
    }
}

/// Runs the program in an empty folder. All settings come from its arguments.
async fn feedline(arguments: &[&str]) -> Run {
    let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
    let run = move || {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedline"));
        command.args(arguments).current_dir(folder.path()).env_clear().output().unwrap()
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run {
        is_success: output.status.success(),
        output: text(output.stdout),
        errors: text(output.stderr),
    }
}

/// Runs `check` against fake Telegrams at these addresses, with the channel `tidewater` as the canary.
async fn check(hosts: &[&str], more: &[&str]) -> Run {
    let (url, fallback) = hosts.split_first().unwrap();
    let url = format!("upstream.url={url}");
    let fallback = format!("upstream.fallback={fallback:?}");
    let mut arguments = vec!["check", "--set", &url, "--set", &fallback];
    arguments.extend(["--set", "upstream.canary=tidewater"]);
    if !more.contains(&"--listen") {
        arguments.extend(["--listen", "127.0.0.1:0"]);
    }
    arguments.extend(more);
    feedline(&arguments).await
}

/// An address without a listener.
async fn dead() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().to_string()
}

/// Answers every request with the same bytes, and returns its address.
async fn serve(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            if stream.read(&mut [0; 4096]).await.is_ok_and(|length| length > 0) {
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        }
    });
    address
}

fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/telegram");
    folder.join(name).display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn health_succeeds_for_any_listen_address_and_base_url() {
    let prefixed = "https://example.org/feeds";
    for (listen, base) in [("127.0.0.1:0", None), ("0.0.0.0:0", None), ("[::]:0", Some(prefixed))] {
        let app = TestApp::with(|config| {
            config.web.listen = listen.parse().unwrap();
            config.web.base_url = base.map(|base| Base::parse(base).unwrap());
        })
        .await;
        let listen = app.base.trim_start_matches("http://").to_owned();
        let mut arguments = vec!["health", "--listen", &listen];
        let set = format!("server.base_url={prefixed}");
        arguments.extend(base.iter().flat_map(|_| ["--set", set.as_str()]));
        let run = feedline(&arguments).await;
        assert_eq!((run.is_success, &*run.output, &*run.errors), (true, "ready\n", ""), "{listen}");
        app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_reports_unready_server_in_one_line() {
    let stopping = serve(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 9\r\nconnection: close\r\n\r\nstopping\n",
    );
    let full = serve(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 13\r\nconnection: close\r\n\r\narchive full\n",
    );
    let other = serve("HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello");
    let mute = serve("\u{1}\u{2}\r\n\r\n");
    for (address, told) in [
        (dead().await, "nothing listens at"),
        (stopping.await, "is not ready: it is stopping"),
        (full.await, "is not ready: its archive cannot store posts (full), see its log"),
        (other.await, "is not feedline: it responds with 200 OK"),
        (mute.await, "is not feedline"),
        ("127.0.0.1:0".to_owned(), "server.listen has the port 0"),
    ] {
        let run = feedline(&["health", "--listen", &address]).await;
        assert!(!run.is_success && run.output.is_empty(), "{address}: {}", run.output);
        assert!(run.errors.contains(told), "{}", run.errors);
        assert_eq!(run.errors.lines().count(), 1, "{}", run.errors);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn check_reports_working_parts_and_channel_content() {
    let app = TestApp::start().await;
    let listen = app.base.trim_start_matches("http://");
    let telegram = app.telegram.base();
    let run = check(&[telegram], &["--listen", listen, "https://t.me/tidewater/61"]).await;
    assert!(run.is_success, "{}{}", run.output, run.errors);
    let good = run.lines('✓');
    let host = telegram.trim_start_matches("http://");
    for told in [
        &*format!("feedline runs at {listen} and is ready"),
        &*format!("{host} answers in "),
        "the canary @tidewater shows 1",
        "Tidewater Light (@tidewater), 12.4K subscribers",
        "older posts: before=",
        "no unknown elements",
        "@tidewater, post 61 of 20",
        "kinds: photo 1",
    ] {
        assert!(good.iter().any(|line| line.starts_with(told)), "{told}: {}", run.output);
    }
    assert!(run.output.ends_with("\nNo problems found.\n"));
}

/// All files and folders below a folder, with the files' content.
fn content(folder: &Path) -> Vec<(PathBuf, Option<Vec<u8>>)> {
    let mut all: Vec<(PathBuf, Option<Vec<u8>>)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| match path.is_dir() {
            true => [vec![(path.clone(), None)], content(&path)].concat(),
            false => vec![(path.clone(), Some(std::fs::read(&path).unwrap()))],
        })
        .collect();
    all.sort();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn check_inspects_disk_without_changing_it() {
    let app = TestApp::start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/feedline.db");
    let media = format!("media.cache_dir={}", folder.path().join("files/kept").display());
    let url = format!("archive.url=sqlite://{}", path.display());
    let settings = ["--set", url.as_str(), "--set", media.as_str()];
    for told in ["does not exist yet and can be created, ", "can be read and written: "] {
        let before = content(folder.path());
        let run = check(&[app.telegram.base()], &settings).await;
        assert!(run.is_success, "{}", run.output);
        let good = run.lines('✓');
        assert!(good.iter().any(|line| line.contains(told)), "{told}: {}", run.output);
        assert!(good.iter().any(|line| line.starts_with("media can be cached in ")));
        assert_eq!(content(folder.path()), before);
        let settings =
            feedline::archive::Settings { path: Some(path.clone()), ..Default::default() };
        feedline::archive::Archive::open(&settings).unwrap().close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn check_reports_unusable_disk() {
    let app = TestApp::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "This is no database, however long one looks at it.").unwrap();
    let inside = file.join("x/y").display().to_string();
    let file = file.display().to_string();
    for (setting, told) in [
        (format!("archive.url=sqlite://{inside}"), format!("cannot be written: {file} is a file")),
        (format!("archive.url=sqlite://{file}"), format!("the archive {file} is no database")),
        (
            "archive.url=sqlite:///proc/x/y.db".to_owned(),
            "nothing can be created in /proc".to_owned(),
        ),
        (format!("media.cache_dir={inside}"), format!("cannot be cached in {inside}: {file} is a")),
    ] {
        let run = check(&[app.telegram.base()], &["--set", &setting]).await;
        assert!(!run.is_success, "{setting}: {}", run.output);
        let [wrong] = run.lines('✗')[..] else { panic!("{setting}: {}", run.output) };
        assert!(wrong.contains(&told), "{setting}: {wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn check_tries_each_host_through_each_proxy() {
    let app = TestApp::start().await;
    let dead = dead().await;
    let telegram = app.telegram.base();
    let run = check(&[telegram, &format!("http://{dead}")], &[]).await;
    assert!(!run.is_success);
    assert_eq!(run.lines('✗'), [format!("{dead} cannot be reached: the connection is refused")]);
    assert!(run.output.contains("remove it from upstream.fallback"));
    assert!(run.output.contains("the canary @tidewater shows"), "the other host serves");
    let run = check(&[&format!("http://{dead}"), telegram], &[]).await;
    assert!(run.output.contains("another host of Telegram as upstream.url"), "{}", run.output);
    assert!(!run.output.contains("upstream.fallback"), "{}", run.output);

    // A plain HTTP proxy gets the absolute URL in the request line; the fake Telegram accepts it as its own.
    let proxies = format!("upstream.proxies=[\"{telegram}\", \"http://anna:hunter2@{dead}\"]");
    let run = check(&[telegram], &["--set", &proxies]).await;
    assert!(!run.is_success);
    assert!(run.output.contains(&format!("\nTelegram, through {telegram}\n")), "{}", run.output);
    assert!(run.output.contains(&format!("\nTelegram, through http://{dead}\n")), "{}", run.output);
    assert_eq!(run.lines('✗').len(), 1, "{}", run.output);
    assert!(run.output.contains("Check that the proxy of upstream.proxies is running"));
    assert!(!run.output.contains("hunter2") && !run.errors.contains("hunter2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn check_reports_problems_with_advice() {
    let app = TestApp::start().await;
    let telegram = app.telegram.base();
    for (subject, told) in [
        ("nobody_has_this", "There is no channel @nobody_has_this"),
        ("@harbour_bell_bot", "@harbour_bell_bot is a bot"),
    ] {
        let run = check(&[telegram], &[subject]).await;
        assert!(!run.is_success, "{subject}");
        assert!(run.lines('✗')[0].starts_with(told), "{}", run.output);
    }
    app.telegram.fault(
        Target::Everything,
        Fault::Status { code: 429, retry_after: None },
        Repeat::Always,
    );
    let run = check(&[telegram], &[]).await;
    assert_eq!(run.lines('✗'), ["the canary @tidewater is refused: Telegram asks us to slow down"]);
    assert!(run.output.contains("set upstream.canary to a public channel"), "{}", run.output);

    let late = serve(
        "HTTP/1.1 200 OK\r\ndate: Tue, 01 Sep 2020 10:00:00 GMT\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    );
    let run = check(&[&format!("http://{}", late.await)], &[]).await;
    assert!(run.lines('✗')[0].starts_with("this machine's clock is "), "{}", run.output);
    assert!(run.lines('✗')[0].contains(" ahead of that of 127.0.0.1"), "{}", run.output);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_accepts_group_post_but_not_group() {
    let app = TestApp::start().await;
    let run = check(&[app.telegram.base()], &["t.me/tidewater_harbour/2"]).await;
    assert!(run.is_success, "{}", run.output);
    assert_eq!(run.lines('!'), ["@tidewater_harbour is a group, not a channel: it has no feed"]);
    let run = check(&[app.telegram.base()], &["t.me/tidewater_harbour"]).await;
    assert!(!run.is_success, "{}", run.output);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_reports_all_invalid_settings_without_requests() {
    let run = feedline(&["check", "--set", "cache.memry=1MiB", "--set", "upstream.rate=0"]).await;
    assert!(!run.is_success);
    assert_eq!(run.lines('✗').len(), 2, "{}", run.output);
    assert!(run.lines('✗')[0].contains("Did you mean “cache.memory”?"), "{}", run.output);
    assert!(!run.output.contains("Telegram,"), "{}", run.output);
    assert!(run.output.ends_with("\n2 problems found.\n"), "{}", run.output);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_reports_port_taken_by_another_program() {
    let app = TestApp::start().await;
    let other =
        serve("HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello").await;
    let run = check(&[app.telegram.base()], &["--listen", &other]).await;
    assert!(!run.is_success);
    assert!(run.lines('✗')[0].starts_with(&format!("{other} is in use: ")), "{}", run.output);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_reads_saved_page_without_settings_or_network() {
    for (name, told) in [
        ("albums.html", "kinds: "),
        ("list-newest.html", "4 posts of 6 messages, ids 501 to 507, "),
        ("embed-post.html", "kinds: "),
        ("landing-group.html", "landing page of a group: Harbour chat, 5 021 members"),
        ("landing-channel.html", "landing page of a channel with a public list of posts: "),
        ("landing-missing.html", "landing page of an unknown name"),
        ("landing-blocked.html", "landing page of a channel that Telegram blocks here"),
        ("loose-parts.html", "parts of messages: "),
    ] {
        let run = feedline(&["check", &fixture(name), "--set", "no.setting=1"]).await;
        assert!(run.is_success, "{name}: {}{}", run.output, run.errors);
        assert!(run.lines('✓').iter().any(|line| line.starts_with(told)), "{name}: {}", run.output);
    }
    for (name, told) in [
        ("list-broken-blocks.html", "post 35: unknown class .tgme_widget_message_story (once)"),
        ("list-cut-short.html", "the page is truncated"),
        ("embed-refused.html", "Telegram refuses to show this post"),
        ("landing-invitation.html", "landing page of an unknown kind"),
    ] {
        let run = feedline(&["check", &fixture(name)]).await;
        assert!(!run.is_success, "{name}: {}", run.output);
        assert!(run.lines('✗').iter().any(|line| line.starts_with(told)), "{name}: {}", run.output);
    }
    let run = feedline(&["check", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]).await;
    assert!(!run.is_success && run.lines('✗')[0].starts_with("not a known Telegram page"));
    let run = feedline(&["check", "no-such-file.html"]).await;
    assert!(
        !run.is_success && run.errors.contains("neither a file nor a channel"),
        "{}",
        run.errors
    );
    let run = feedline(&["check", env!("CARGO_MANIFEST_DIR")]).await;
    let told = " is a folder: give a saved page in it. It is not a channel either: ";
    assert!(!run.is_success && run.errors.contains(told), "{}", run.errors);
}

#[tokio::test(flavor = "multi_thread")]
async fn completions_cover_all_commands_for_each_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = feedline(&["completions", shell]).await;
        assert!(run.is_success, "{shell}: {}", run.errors);
        for command in ["serve", "fetch", "parse", "check", "health", "demo", "config"] {
            assert!(run.output.contains(command), "{shell}: {command}");
        }
    }
    let run = feedline(&["completions", "cmd"]).await;
    assert!(!run.is_success && run.errors.contains("[possible values: bash,"), "{}", run.errors);
}
