//! The program as a user or a script runs it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use feedline::demo::{Fault, Repeat, Target, Telegram, World};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::support::{CHANNELS, START, client};

/// The result of a run.
#[derive(Debug)]
struct Outcome {
    code: Option<i32>,
    output: String,
    errors: String,
}

impl Outcome {
    /// The lines of the output, each parsed as JSON.
    fn json_lines(&self) -> Vec<serde_json::Value> {
        self.output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// The program in its own folder, without inherited settings.
fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_feedline"));
    command.args(arguments).current_dir(folder).env_clear().stdin(Stdio::null());
    command
}

/// Runs the program to its end while the fake Telegram keeps answering.
async fn run_in(folder: &Path, arguments: &[&str]) -> Outcome {
    outcome(program(folder, arguments)).await
}

async fn outcome(mut command: Command) -> Outcome {
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    Outcome {
        code: output.status.code(),
        output: String::from_utf8(output.stdout).unwrap(),
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

async fn run(arguments: &[&str]) -> Outcome {
    run_in(TempDir::new().unwrap().path(), arguments).await
}

/// The standard output of a run.
pub(crate) async fn output(arguments: &[&str]) -> String {
    run(arguments).await.output
}

async fn telegram() -> Telegram {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    Telegram::start(listener, World::sample(START.parse().unwrap())).unwrap()
}

/// The arguments, with the settings for the fake Telegram.
fn asking<'a>(arguments: &[&'a str], url: &'a str) -> Vec<&'a str> {
    let settings = ["--set", url, "--set", "upstream.fallback=[]", "--set", "upstream.rate=100"];
    [arguments, &settings].concat()
}

fn url(telegram: &Telegram) -> String {
    format!("upstream.url={}", telegram.base())
}

/// Saves a page of the fake Telegram.
async fn save(telegram: &Telegram, path: &str, file: &Path) -> String {
    let html = client().get(format!("{}{path}", telegram.base())).send().await.unwrap();
    let html = html.text().await.unwrap();
    write(file, &html);
    html
}

fn write(file: &Path, text: &str) {
    std::fs::File::create(file).unwrap().write_all(text.as_bytes()).unwrap();
}

/// A running program. Its standard error is read line by line.
pub(crate) struct Running {
    child: Child,
    errors: BufReader<std::process::ChildStderr>,
    _folder: TempDir,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let mut command = program(folder.path(), arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        Self { child, errors, _folder: folder }
    }

    /// The next line on standard error that contains this text.
    fn line_with(&mut self, part: &str) -> String {
        let mut all = String::new();
        loop {
            let mut line = String::new();
            let read = self.errors.read_line(&mut line).unwrap();
            assert!(read > 0, "no line with {part:?} in {all}");
            if line.contains(part) {
                return line;
            }
            all.push_str(&line);
        }
    }

    /// Sends a signal, waits for the exit, and returns the rest of standard error.
    pub(crate) fn stop(mut self, signal: &str) -> (ExitStatus, String) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(sent.unwrap().success());
        let mut rest = String::new();
        self.errors.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap(), rest)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Only a failed test leaves a running process.
        let _ = self.child.kill();
    }
}

/// The first `http://…` in a text, up to a space.
pub(crate) fn first_address(text: &str) -> String {
    let start = text.find("http://").unwrap_or_else(|| panic!("no address in {text}"));
    text[start..].split([' ', ';', '\n']).next().unwrap().trim_end_matches('/').to_owned()
}

#[tokio::test]
async fn parse_prints_one_post_per_line_and_warnings_to_stderr() {
    let (telegram, folder) = (telegram().await, TempDir::new().unwrap());
    let file = |name: &str| folder.path().join(name);
    let list = save(&telegram, "/s/tidewater", &file("list.html")).await;
    let parsed = run_in(folder.path(), &["parse", "list.html"]).await;
    assert_eq!((parsed.code, parsed.errors.as_str()), (Some(0), ""));
    let posts = parsed.json_lines();
    assert_eq!(posts.len(), list.matches("js-widget_message\"").count());
    assert!(posts.iter().all(|post| post["channel"] == "tidewater" && post["id"].is_u64()));

    save(&telegram, "/tidewater/60?embed=1&mode=tme", &file("embed.html")).await;
    let embed = run_in(folder.path(), &["parse", "embed.html"]).await;
    let posts = embed.json_lines();
    assert_eq!((embed.code, posts.len(), &posts[0]["id"]), (Some(0), 1, &60.into()));

    save(&telegram, "/ada_merrow", &file("landing.html")).await;
    let landing = run_in(folder.path(), &["parse", "landing.html"]).await;
    assert_eq!((landing.code, landing.json_lines().len()), (Some(0), 1));
    assert!(landing.output.contains("\"landing\""), "{}", landing.output);

    let start = list.find("<div class=\"tgme_widget_message_wrap").unwrap();
    let end = list[start + 1..].find("<div class=\"tgme_widget_message_wrap").unwrap();
    write(&file("part.html"), &list[start..=start + end]);
    let part = run_in(folder.path(), &["parse", "part.html"]).await;
    assert_eq!((part.code, part.json_lines().len()), (Some(0), 1));

    let both = run_in(folder.path(), &["parse", "part.html", "embed.html"]).await;
    assert_eq!(both.json_lines().len(), 2, "several files, one after the other");
}

#[tokio::test]
async fn parse_fails_on_invalid_page_and_in_strict_mode_on_warnings() {
    let (telegram, folder) = (telegram().await, TempDir::new().unwrap());
    let file = |name: &str| folder.path().join(name);
    let list = save(&telegram, "/s/tidewater", &file("list.html")).await;
    let strange = list.replace("tgme_widget_message_footer", "tgme_widget_message_hologram");
    write(&file("strange.html"), &strange);
    let told = run_in(folder.path(), &["parse", "strange.html"]).await;
    assert_eq!(told.code, Some(0));
    assert!(told.errors.lines().all(|line| line.starts_with("strange.html: ")), "{}", told.errors);
    assert!(told.errors.contains("tgme_widget_message_hologram"), "{}", told.errors);
    let strict = run_in(folder.path(), &["parse", "--strict", "strange.html"]).await;
    assert_eq!((strict.code, strict.output), (Some(1), told.output));
    assert_eq!(run_in(folder.path(), &["parse", "--strict", "list.html"]).await.code, Some(0));

    write(&file("other.html"), "<p>Hello</p>");
    let other = run_in(folder.path(), &["parse", "other.html", "list.html"]).await;
    assert_eq!(other.code, Some(1));
    assert!(other.errors.starts_with("other.html: "), "{}", other.errors);
    assert!(!other.output.is_empty(), "the others are read all the same");

    let missing = run_in(folder.path(), &["parse", "nothing.html"]).await;
    assert_eq!((missing.code, missing.output.as_str()), (Some(1), ""));
    let said = "feedline: nothing.html cannot be read: No such file or directory";
    assert!(missing.errors.starts_with(said) && missing.errors.lines().count() == 1);
}

#[tokio::test]
async fn parse_reads_standard_input() {
    let (telegram, folder) = (telegram().await, TempDir::new().unwrap());
    let file = folder.path().join("embed.html");
    save(&telegram, "/tidewater/60?embed=1&mode=tme", &file).await;
    let mut command = program(folder.path(), &["parse", "-"]);
    command.stdin(std::fs::File::open(file).unwrap());
    let output = command.output().unwrap();
    let post: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &post["id"]), (Some(0), &60.into()));
}

#[tokio::test]
async fn parse_ends_quietly_on_closed_pipe() {
    let (telegram, folder) = (telegram().await, TempDir::new().unwrap());
    save(&telegram, "/s/tidewater", &folder.path().join("list.html")).await;
    let mut command = program(folder.path(), &["parse", "list.html", "list.html"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let outcome = child.wait_with_output().unwrap();
    assert_eq!((outcome.status.code(), outcome.stderr), (Some(0), vec![]));
}

#[tokio::test]
async fn fetch_prints_channel_in_every_format() {
    let telegram = telegram().await;
    let url = url(&telegram);
    for (format, start, holds) in [
        ("rss", "<?xml", "<title>Tidewater Light</title>"),
        ("atom", "<?xml", "http://www.w3.org/2005/Atom"),
        ("json", "{", "https://jsonfeed.org/version/1.1"),
        ("html", "<!DOCTYPE html>", "Does anyone have a spare left boot?"),
        ("text", "Tidewater Light (@tidewater)", "https://t.me/tidewater/60"),
    ] {
        let arguments = asking(&["fetch", "https://t.me/s/tidewater", "--format", format], &url);
        let fetched = run(&arguments).await;
        assert_eq!((fetched.code, fetched.errors.as_str()), (Some(0), ""), "{format}");
        assert!(fetched.output.starts_with(start), "{format}: {:.200}", fetched.output);
        assert!(fetched.output.contains(holds), "{format}");
        assert!(fetched.output.contains("▒▒▒"), "{format} masks what is hidden");
        assert!(!fetched.output.contains("please recycle"), "{format}");
    }
    let plain = run(&asking(&["fetch", "tidewater"], &url)).await;
    assert!(plain.output.contains("<rss"), "RSS unless told otherwise");
}

/// Every output format of `fetch`, with the options that change addresses.
fn fetches() -> Vec<Vec<&'static str>> {
    let mut fetches = Vec::new();
    for channel in CHANNELS {
        for format in ["rss", "atom", "json", "html", "text"] {
            fetches.push(vec!["fetch", channel, "--format", format, "-o", "service=1"]);
        }
    }
    for options in [
        &["--posts", "60"][..],
        &["-o", "link=page"],
        &["-o", "media=redirect"],
        &["-o", "link=page", "-o", "tag=tides", "-o", "stats=1"],
        &["-o", "q=harbour", "-o", "before=60"],
        &["--archive", "--posts", "30"],
    ] {
        for format in ["rss", "atom", "json", "html", "text"] {
            let fetch = ["fetch", "tidewater", "--format", format];
            fetches.push([&fetch[..], options].concat());
        }
    }
    for format in ["html", "text"] {
        fetches.push(vec!["fetch", "t.me/tidewater/60", "--format", format]);
    }
    fetches
}

#[tokio::test]
async fn fetch_without_base_url_links_to_telegram() {
    let telegram = telegram().await;
    let url = url(&telegram);
    let files = telegram.control().base().to_owned();
    let folder = TempDir::new().unwrap();
    let mut all = String::new();
    for fetch in fetches() {
        let fetched = run_in(folder.path(), &asking(&fetch, &url)).await;
        assert_eq!((fetched.code, fetched.errors.as_str()), (Some(0), ""), "{fetch:?}");
        let output = &fetched.output;
        for ours in
            ["8417", "localhost", "/-/", "rel=\"self\"", "feed_url", "next_url", "-poster.jpg"]
        {
            assert!(!output.contains(ours), "{fetch:?} prints {ours}: {output}");
        }
        for address in output.split(files.as_str()).skip(1) {
            assert!(address.starts_with("/file/"), "{fetch:?}: {address:.80}");
        }
        all.push_str(output);
    }
    for there in [
        "https://t.me/s/tidewater?q=%23",
        "https://t.me/tidewater/60",
        "https://t.me/tidewater</link>",
    ] {
        assert!(all.contains(there), "{there}");
    }
    let json =
        run(&asking(&["fetch", "tidewater", "--format", "json", "--posts", "60"], &url)).await;
    let feed: serde_json::Value = serde_json::from_str(&json.output).unwrap();
    assert_eq!(feed["home_page_url"], "https://t.me/tidewater");
    let file = |value: &serde_json::Value| value.as_str().unwrap().starts_with(&files);
    assert!(file(&feed["icon"]), "{}", feed["icon"]);
    let items = feed["items"].as_array().unwrap();
    assert!(items.iter().filter(|item| item["image"].is_string()).count() > 5);
    assert!(items.iter().filter_map(|item| item.get("image")).all(file));
    let voices: Vec<_> = items.iter().filter_map(|item| item.get("attachments")).collect();
    assert!(!voices.is_empty() && voices.iter().all(|voice| file(&voice[0]["url"])));
}

/// The words and the file addresses of an item's HTML.
fn parts(html: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut is_in_video = false;
    for piece in html.split('<') {
        let (tag, text) = piece.split_once('>').unwrap_or(("", piece));
        is_in_video = tag.starts_with("video") || is_in_video && tag != "/video";
        parts.extend(text.split_whitespace().map(str::to_owned));
        let source = tag.split_once(" src=\"").and_then(|(_, rest)| rest.split('"').next());
        // The picture inside a video is the fallback for readers without video support.
        let is_fallback = is_in_video && tag.starts_with("img ");
        parts.extend(source.filter(|_| !is_fallback).map(str::to_owned));
    }
    let unescaped = |part: String| {
        part.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
    };
    parts.into_iter().map(unescaped).collect()
}

#[tokio::test]
async fn fetch_text_output_has_all_parts_of_item() {
    let telegram = telegram().await;
    let url = url(&telegram);
    let mut all = String::new();
    for channel in CHANNELS {
        let fetch =
            |format| ["fetch", channel, "--posts", "60", "-o", "service=1", "--format", format];
        let text = run(&asking(&fetch("text"), &url)).await.output;
        let json = run(&asking(&fetch("json"), &url)).await.output;
        let feed: serde_json::Value = serde_json::from_str(&json).unwrap();
        for item in feed["items"].as_array().unwrap() {
            let id = item["id"].as_str().unwrap();
            let post = text.split("\n— ").find(|post| post.lines().next().unwrap().ends_with(id));
            let post = post.unwrap_or_else(|| panic!("{id} is not in {text}"));
            for part in parts(item["content_html"].as_str().unwrap()) {
                assert!(post.contains(&part), "{id} lacks {part}: {post}");
            }
        }
        all.push_str(&text);
    }
    for part in [
        "[Photo",
        ".mp4",
        "📎",
        "🎵",
        "📍",
        "👤",
        "\n- ",
        "\n> ",
        "open it in Telegram <https://t.me/",
    ] {
        assert!(all.contains(part), "{part}");
    }
    for format in ["text", "html"] {
        let post =
            run(&asking(&["fetch", "t.me/tidewater/59", "--format", format], &url)).await.output;
        assert!(post.contains("▒▒▒") && !post.contains("please recycle"), "{format}: {post}");
    }
    let named = ["fetch", "tidewater", "--format", "text", "-o", "media=none", "-o", "stats=1"];
    let named = run(&asking(&named, &url)).await.output;
    assert!(
        !named.contains("/file/") && named.contains("[Photo]"),
        "options apply to text: {named}"
    );
    assert!(named.contains("views"), "{named}");
}

#[tokio::test]
async fn fetch_links_to_configured_base_url() {
    let telegram = telegram().await;
    let url = url(&telegram);
    let folder = TempDir::new().unwrap();
    write(&folder.path().join("feeds.toml"), "[server]\nbase_url = \"https://feeds.example/tg\"\n");
    let fetch = asking(&["fetch", "tidewater", "--posts", "60"], &url);
    let by_file = [&["--config", "feeds.toml"][..], &fetch].concat();
    let by_flag = [&fetch[..], &["--set", "server.base_url=https://feeds.example/tg"]].concat();
    let mut by_environment = program(folder.path(), &fetch);
    by_environment.env("FEEDLINE_SERVER__BASE_URL", "https://feeds.example/tg");
    let outputs = [
        run_in(folder.path(), &by_file).await.output,
        run_in(folder.path(), &by_flag).await.output,
        outcome(by_environment).await.output,
    ];
    let base = "https://feeds.example/tg";
    for output in &outputs {
        assert_eq!(output, &outputs[0], "however it is set");
        for ours in [
            "/tidewater/avatar.jpg",
            "/tidewater/rss.xml",
            "/tidewater?tag=",
            "/tidewater/58-poster.jpg",
            "/-/feed.css",
        ] {
            assert!(output.contains(&format!("{base}{ours}")), "{ours}");
        }
        assert!(!output.contains(telegram.control().base()), "Telegram's files are not linked to");
    }
}

#[tokio::test]
async fn fetch_accepts_number_of_posts_and_feed_options() {
    let telegram = telegram().await;
    let url = url(&telegram);
    let items = |fetched: &Outcome| {
        let feed: serde_json::Value = serde_json::from_str(&fetched.output).unwrap();
        feed["items"].as_array().unwrap().clone()
    };
    let some = ["fetch", "tidewater", "--format", "json", "--posts", "30"];
    assert_eq!(items(&run(&asking(&some, &url)).await).len(), 30);
    let all = ["fetch", "tidewater", "--format", "json", "--posts", "60"];
    let all = items(&run(&asking(&all, &url)).await);
    assert_eq!(all.last().unwrap()["id"], "https://t.me/tidewater/3", "the channel's first post");
    assert!(telegram.control().hits("/s/tidewater") >= 3, "page by page");

    let tagged =
        ["fetch", "tidewater", "--format", "json", "--option", "tag=tides", "-o", "media=none"];
    let tagged = items(&run(&asking(&tagged, &url)).await);
    let has_tag =
        |item: &serde_json::Value| item["tags"].as_array().unwrap().contains(&"tides".into());
    assert!(!tagged.is_empty() && tagged.iter().all(has_tag));
    assert!(tagged.iter().all(|item| !item["content_html"].as_str().unwrap().contains("<img")));
}

#[tokio::test]
async fn fetch_prints_post_named_by_link() {
    let telegram = telegram().await;
    let url = url(&telegram);
    for (link, head, place) in [
        ("t.me/tidewater/60", "Tidewater Light (@tidewater)\n", "https://t.me/tidewater/60\n"),
        (
            "https://t.me/tidewater_harbour/2",
            "Tidewater Harbour (@tidewater_harbour)\n",
            "https://t.me/tidewater_harbour/2\n",
        ),
    ] {
        let post = run(&asking(&["fetch", link], &url)).await;
        assert_eq!((post.code, post.errors.as_str()), (Some(0), ""), "{link}");
        assert!(post.output.starts_with(head) && post.output.contains(place), "{}", post.output);
        assert_eq!(post.output.matches("\n— ").count(), 1, "{}", post.output);
        let html = run(&asking(&["fetch", link, "--format", "html"], &url)).await;
        assert_eq!(html.output.matches("<article>").count(), 1, "{}", html.output);
    }
    for more in [&["--format", "rss"][..], &["--posts", "5"], &["-o", "tag=x"]] {
        let refused = run(&asking(&[&["fetch", "t.me/tidewater/60"], more].concat(), &url)).await;
        assert_eq!((refused.code, refused.output.as_str()), (Some(1), ""), "{more:?}");
        assert!(refused.errors.contains("remove the number from the link"), "{}", refused.errors);
    }
    let gone = run(&asking(&["fetch", "t.me/tidewater/99999"], &url)).await;
    assert!(gone.errors.starts_with("feedline: There is no post 99999"), "{}", gone.errors);
}

#[tokio::test]
async fn fetch_accepts_copied_link_with_search() {
    let telegram = telegram().await;
    let url = url(&telegram);
    let fetch = async |text: &str| {
        let fetched = run(&asking(&["fetch", text, "--format", "json"], &url)).await;
        assert_eq!((fetched.code, fetched.errors.as_str()), (Some(0), ""), "{text}");
        let feed: serde_json::Value = serde_json::from_str(&fetched.output).unwrap();
        feed["items"].as_array().unwrap().iter().map(|item| item["id"].to_string()).collect()
    };
    let all: Vec<String> = fetch("tidewater").await;
    for text in [
        "(https://t.me/tidewater).",
        "Read https://t.me/tidewater, it is good",
        "[Light](https://t.me/tidewater)",
        "https%3A%2F%2Ft.me%2Ftidewater",
        "<a href=\"https://t.me/tidewater\">Light</a>",
        "tg:resolve?domain=tidewater",
        "https://web.telegram.org/k/#@tidewater",
        "s/tidewater",
    ] {
        assert_eq!(fetch(text).await, all, "{text}");
    }
    let tagged: Vec<String> = fetch("https://t.me/s/tidewater?q=%23tides").await;
    assert!(!tagged.is_empty() && tagged.len() < all.len(), "{tagged:?}");
    let option =
        run(&asking(&["fetch", "tidewater", "--format", "json", "-o", "tag=tides"], &url)).await;
    let option: serde_json::Value = serde_json::from_str(&option.output).unwrap();
    assert_eq!(option["items"].as_array().unwrap().len(), tagged.len());
    let found: Vec<String> = fetch("https://t.me/s/tidewater?q=lamp").await;
    assert!(!found.is_empty() && found.len() < all.len(), "{found:?}");
    let both = ["fetch", "https://t.me/s/tidewater?q=lamp", "-o", "q=tea"];
    let both = run(&asking(&both, &url)).await;
    assert!(both.errors.contains("“q” is given twice"), "{}", both.errors);
    for (text, option) in [
        ("tidewater?limit=3", "-o limit=3"),
        ("tidewater?tag=fog", "-o tag=fog"),
        ("https://t.me/s/tidewater?before=20", "-o before=20"),
        ("https://t.me/s/tidewater?q=lamp&kind=photo", "-o kind=photo"),
    ] {
        let fetched = run(&asking(&["fetch", text], &url)).await;
        assert_eq!((fetched.code, fetched.output.as_str()), (Some(1), ""), "{text}");
        assert!(fetched.errors.contains(option), "{}", fetched.errors);
    }
}

#[tokio::test]
async fn fetch_selection_does_not_depend_on_number_of_posts() {
    let telegram = telegram().await;
    let url = url(&telegram);
    let ids = async |arguments: &[&str]| {
        let given = [&["fetch", "tidewater", "--format", "json"], arguments].concat();
        let fetched = run(&asking(&given, &url)).await;
        let feed: serde_json::Value = serde_json::from_str(&fetched.output).unwrap();
        let items = feed["items"].as_array().unwrap().iter();
        items.map(|item| item["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for (option, number) in [
        ("before=40", "2"),
        ("before=58", "2"),
        ("q=\"tea and\"", "5"),
        ("q=lamp", "2"),
        ("q=lamps -tea", "1"),
        ("q=lamps since:2099-01-01", "2"),
        ("q=☀", "2"),
    ] {
        let feed = ids(&["-o", option, "-o", &format!("limit={number}")]).await;
        let walked = ids(&["-o", option, "--posts", number]).await;
        assert_eq!(walked, feed, "{option}");
        assert_eq!(feed.is_empty(), option.contains("2099"), "{option}: {feed:?}");
    }
    let hits = telegram.control().hits("/s/tidewater");
    assert_eq!(ids(&["-o", "before=20", "--posts", "3"]).await.len(), 3);
    assert_eq!(telegram.control().hits("/s/tidewater"), hits + 2, "not through all that is newer");
}

#[tokio::test]
async fn fetch_reports_refusal_in_one_sentence() {
    let telegram = telegram().await;
    let url = url(&telegram);
    for (arguments, sentence) in [
        (&["fetch", "nobody_here"][..], "feedline: There is no channel @nobody_here: "),
        (&["fetch", "ada_merrow"], "feedline: @ada_merrow is a person, not a channel: "),
        (
            &["fetch", "tidewater_harbour"],
            "feedline: @tidewater_harbour is a group, not a channel: ",
        ),
        (&["fetch", "t.me/+AbCd"], "feedline: This link is an invitation to a private chat: "),
        (&["fetch", "two words"], "feedline: This is not the name of a channel: "),
        (&["fetch", "tidewater.t.me/s/7"], "feedline: This link is a story, not a channel: "),
        (&["fetch", "-1001234567890"], "feedline: A numeric id cannot be resolved"),
        (&["fetch", "https://web.telegram.org/k/#-100123"], "feedline: A numeric id cannot be "),
        (
            &["fetch", "@tidewater, @telegram"],
            "feedline: these are several channels: @tidewater, @telegram. Give only one",
        ),
        (
            &["fetch", "tidewater", "-o", "limt=5"],
            "feedline: There is no option “limt”. Did you mean “limit”?",
        ),
        (
            &["fetch", "tidewater", "-o", "q=-tea"],
            "feedline: This says only what is not wanted: add a word that the posts hold.",
        ),
        (&["fetch", "tidewater", "-o", "limit"], "feedline: --option takes NAME=VALUE, not limit"),
        (
            &["fetch", "tidewater", "--posts", "30", "-o", "limit=5"],
            "feedline: --posts and the option limit exclude each other",
        ),
        (&["fetch", "tidewater", "-o", "tag=a", "-o", "tag=b"], "feedline: The option “tag” "),
    ] {
        let refused = run(&asking(arguments, &url)).await;
        assert_eq!((refused.code, refused.output.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(refused.errors.starts_with(sentence), "{arguments:?}: {}", refused.errors);
        assert_eq!(refused.errors.lines().count(), 1, "{arguments:?}: {}", refused.errors);
    }
    telegram.control().fault(
        Target::Everything,
        Fault::Status { code: 502, retry_after: None },
        Repeat::Always,
    );
    let down = run(&asking(&["fetch", "tidewater"], &url)).await;
    assert_eq!((down.code, down.output.as_str()), (Some(1), ""));
    assert!(down.errors.starts_with("feedline: Telegram cannot be reached: "), "{}", down.errors);
    assert!(down.errors.ends_with("try again in a minute.\n"), "{}", down.errors);
    let off = ["fetch", "tidewater", "--set", "upstream.fallback=[\"http://localhost:1\"]"];
    let off = run(&[&off[..], &["--set", "upstream.url=http://127.0.0.1:1"]].concat()).await;
    let said = "feedline: Telegram cannot be reached: 127.0.0.1 cannot be reached: ";
    assert!(off.errors.starts_with(said), "{}", off.errors);
    assert!(off.errors.contains("set upstream.proxies. `feedline check`"), "{}", off.errors);
    assert!(!off.errors.contains("whoever runs this server"), "{}", off.errors);
    let dead = ["fetch", "tidewater", "--set", "upstream.proxies=[\"socks5h://127.0.0.1:1\"]"];
    let dead = run(&asking(&dead, &url)).await;
    assert!(
        dead.errors.contains("Check that the proxies of upstream.proxies run"),
        "{}",
        dead.errors
    );
    assert!(!dead.errors.contains("set upstream.proxies"), "{}", dead.errors);
}

#[tokio::test]
async fn config_prints_effective_settings_or_default_file() {
    let folder = TempDir::new().unwrap();
    let shipped = run_in(folder.path(), &["config", "--default"]).await;
    assert_eq!((shipped.code, shipped.errors.as_str()), (Some(0), ""));
    assert_eq!(shipped.output, feedline::config::DEFAULT_FILE);
    let defaults = run_in(folder.path(), &["config"]).await;
    write(&folder.path().join("config.toml"), &shipped.output);
    let from_file = run_in(folder.path(), &["config"]).await;
    let settings = |outcome: &Outcome| outcome.output.split_once('\n').unwrap().1.to_owned();
    assert_eq!(settings(&from_file), settings(&defaults), "the file changes nothing as it is");
    write(&folder.path().join("other.toml"), &defaults.output);
    let again = run_in(folder.path(), &["config", "--config", "other.toml"]).await;
    assert_eq!(
        (again.code, settings(&again)),
        (Some(0), settings(&defaults)),
        "it can be read again"
    );
    let set =
        run_in(folder.path(), &["config", "--set", "upstream.rate=1.5", "--listen", "[::1]:99"])
            .await;
    assert!(set.output.contains("rate = 1.5") && set.output.contains("listen = \"[::1]:99\""));
}

#[tokio::test]
async fn command_failure_is_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let in_use = format!(
        "feedline: cannot listen on {address}, choose another with --listen or server.listen: "
    );
    for (arguments, line) in [
        (&["--listen", address.as_str()][..], in_use.as_str()),
        (
            &["--set", "upstream.rat=1"],
            "feedline: --set upstream.rat: there is no setting “upstream.rat”. Did you mean “upstream.rate”?",
        ),
        (
            &["--listen", "nonsense"],
            "feedline: --listen: “server.listen” does not take \"nonsense\": ",
        ),
        (&["--set", "nonsense"], "feedline: --set nonsense: it takes section.key=value"),
        (&["--config", "missing.toml"], "feedline: "),
    ] {
        let failed = run(arguments).await;
        assert_eq!((failed.code, failed.output.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(failed.errors.starts_with(line), "{arguments:?}: {}", failed.errors);
        assert_eq!(failed.errors.lines().count(), 1, "{arguments:?}: {}", failed.errors);
    }
}

#[tokio::test]
async fn help_lists_commands_and_suggests_corrections() {
    let help = run(&["--help"]).await;
    assert_eq!(help.code, Some(0));
    for part in [
        "serve",
        "fetch",
        "parse",
        "demo",
        "config",
        "--listen",
        "--set",
        "Examples:",
        "FEEDLINE_SECTION__KEY",
    ] {
        assert!(help.output.contains(part), "{part}");
    }
    let fetch = run(&["fetch", "--help"]).await;
    assert!(fetch.output.contains("Examples:") && fetch.output.contains("newsboat"));
    assert_eq!(
        run(&["--version"]).await.output,
        concat!("feedline ", env!("CARGO_PKG_VERSION"), "\n")
    );
    let unknown = run(&["serv"]).await;
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.errors.contains("'serve'"), "{}", unknown.errors);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serve_logs_address_and_telegram_status_and_stops_on_signal() {
    let telegram = telegram().await;
    let url = url(&telegram);
    let mut running = Running::start(&asking(&["--listen", "127.0.0.1:0"], &url));
    let line = running.line_with("");
    assert!(line.contains("feedline is ready: http://127.0.0.1:"), "the first line: {line}");
    let base = first_address(&line);
    running.line_with("URLs in feeds begin with the host of each request");
    running.line_with("the archive is /");
    let answers = running.line_with("answers in");
    assert!(answers.contains("127.0.0.1 answers in ") && answers.contains(" ms"), "{answers}");
    let feed = client().get(format!("{base}/tidewater/rss.xml")).send().await.unwrap();
    assert_eq!(feed.status(), 200);
    let (status, rest) = running.stop("-INT");
    assert_eq!(status.code(), Some(0));
    assert!(rest.contains("stopping") && rest.contains("stopped"), "{rest}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serve_logs_advice_if_telegram_does_not_answer() {
    let settings = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--set",
        "upstream.url=http://127.0.0.1:1",
        "--set",
        "upstream.fallback=[]",
        "--set",
        "server.base_url=https://feeds.example/tg",
        "--set",
        "log.format=json",
    ];
    let mut running = Running::start(&settings);
    let line = running.line_with("feedline is ready");
    let log: serde_json::Value = serde_json::from_str(&line).unwrap();
    let message = log["message"].as_str().unwrap();
    running.line_with("URLs in feeds begin with https://feeds.example/tg");
    let warning = running.line_with("\"refusal\":\"unreachable\"");
    assert!(warning.contains("upstream.proxies") && warning.contains("\"WARN\""), "{warning}");
    let base = first_address(message);
    assert_eq!(client().get(format!("{base}/-/ready")).send().await.unwrap().status(), 200);
    assert_eq!(running.stop("-TERM").0.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serve_logs_archive_path_only_if_open() {
    let telegram = telegram().await;
    let url = url(&telegram);
    for (archive, is_kept) in
        [("archive.url=sqlite://a.db", true), ("archive.url=sqlite:///proc/x/y.db", false)]
    {
        let mut running = Running::start(&asking(
            &["--listen", "127.0.0.1:0", "--set", archive, "--set", "log.format=text"],
            &url,
        ));
        let mut before = String::new();
        while !before.contains("answers in") {
            assert!(running.errors.read_line(&mut before).unwrap() > 0, "{before}");
        }
        assert_eq!(before.contains("the archive is "), is_kept, "{before}");
        running.stop("-TERM");
    }
}

/// Starts the demo, and returns its startup message.
pub(crate) fn demo() -> (Running, String) {
    let mut running = Running::start(&["demo", "--listen", "127.0.0.1:0"]);
    let mut output = BufReader::new(running.child.stdout.take().unwrap());
    let mut text = String::new();
    while !text.contains("Press Ctrl-C to stop.") {
        assert!(output.read_line(&mut text).unwrap() > 0, "{text}");
    }
    (running, text)
}

#[tokio::test]
async fn demo_prints_working_fetch_command() {
    let (running, text) = demo();
    let is_command = |line: &&str| line.trim_start().starts_with("feedline fetch ");
    let command = text.lines().find(is_command).unwrap().replace('\'', "");
    let mut arguments: Vec<&str> = command.split_whitespace().skip(1).collect();
    arguments.extend(["--posts", "1", "--option", "tag=fog"]);
    let fetched = run(&arguments).await;
    assert_eq!((fetched.code, fetched.errors.as_str()), (Some(0), ""), "{command}");
    assert!(fetched.output.contains("<category>fog</category>"), "{}", fetched.output);
    assert_eq!(running.stop("-TERM").0.code(), Some(0));
}

/// The addresses of the pictures in a feed.
fn pictures(feed: &str) -> Vec<String> {
    let parts = feed.split("src=\"").skip(1).filter_map(|part| part.split('"').next());
    parts.filter(|address| address.ends_with(".jpg")).map(str::to_owned).collect()
}

/// Requests a feed and all its pictures; each must exist.
async fn expect_pictures(base: &str) {
    let feed = client().get(format!("{base}/tidewater/rss.xml")).send().await.unwrap();
    let pictures = pictures(&feed.text().await.unwrap());
    assert!(pictures.len() > 3, "{pictures:?}");
    for address in pictures {
        let answer = client().get(&address).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{address}");
        assert_eq!(answer.headers()["content-type"], "image/jpeg", "{address}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serve_with_another_upstream_serves_its_images() {
    let telegram = telegram().await;
    let mut running =
        Running::start(&asking(&["serve", "--listen", "127.0.0.1:0"], &url(&telegram)));
    expect_pictures(&first_address(&running.line_with("feedline is ready"))).await;
    running.stop("-TERM");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn demo_prints_working_serve_command() {
    let (demo, text) = demo();
    let is_command = |line: &&str| line.trim_start().starts_with("feedline serve ");
    let command = text.lines().find(is_command).unwrap().replace('\'', "");
    // Another test may use the demo's suggested port.
    let command = command.replace("--listen 127.0.0.1:8418", "--listen 127.0.0.1:0");
    let arguments: Vec<&str> = command.split_whitespace().skip(1).collect();
    let mut running = Running::start(&arguments);
    expect_pictures(&first_address(&running.line_with("feedline is ready"))).await;
    running.stop("-TERM");
    demo.stop("-TERM");
}

#[tokio::test]
async fn unknown_environment_variable_is_startup_error() {
    for (name, value) in [("FEEDLINE_PORT", "80"), ("feedline_server__listen", "127.0.0.1:0")] {
        let mut command = program(TempDir::new().unwrap().path(), &["config"]);
        let output = command.current_dir("/").env(name, value).output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && output.stdout.is_empty(), "{errors}");
        let told = format!("the variable {name}: there is no such setting. Did you mean");
        assert!(errors.contains(&told) && errors.contains("FEEDLINE_SERVER__LISTEN"), "{errors}");
    }
    let mut command = program(TempDir::new().unwrap().path(), &["config"]);
    let command = command.current_dir("/").env("FEEDLINE_PORT", "tcp://10.0.0.1:8417");
    assert!(command.output().unwrap().status.success(), "a service link is no setting");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn demo_prints_addresses_with_expected_status() {
    let (running, text) = demo();
    let (channels, refusals) = text.split_once("Refusals:").unwrap();
    let addresses = |text: &str| -> Vec<String> {
        let lines = text.lines().map(str::trim).filter(|line| line.starts_with("http://"));
        lines.filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
    };
    let (channels, refusals) = (addresses(channels), addresses(refusals));
    assert!(channels.len() >= 4 * 4 && refusals.len() >= 4);
    let names = ["/tidewater", "/zenit_library", "/diwan_alrih", "/Cha_Yu_Lun"];
    for (block, name) in channels.chunks(4).zip(names) {
        assert!(block.iter().all(|address| address.contains(name)), "{block:?}");
    }
    for (addresses, status) in [(channels, 200), (refusals, 404)] {
        for address in addresses {
            let answer = client().get(&address).timeout(Duration::from_secs(20)).send().await;
            assert_eq!(answer.unwrap().status(), status, "{address}");
        }
    }
    assert_eq!(running.stop("-TERM").0.code(), Some(0));
}

#[tokio::test]
async fn opml_command_imports_and_exports_lists() {
    let folder = TempDir::new().unwrap();
    let list = folder.path().join("old.txt");
    write(
        &list,
        "@tidewater\nhttps://rsshub.app/telegram/channel/telegram/showFwdFrom=0?limit=5\nt.me/+AbCd\nhttps://news.example/rss\n",
    );
    let list = list.to_str().unwrap();
    let read =
        run_in(folder.path(), &["opml", "import", list, "--base", "https://feeds.example/tg"])
            .await;
    assert_eq!(read.code, Some(0), "{}", read.errors);
    let address = "xmlUrl=\"https://feeds.example/tg/telegram/rss.xml?limit=5\"";
    assert!(read.output.starts_with("<?xml ") && read.output.contains(address), "{}", read.output);
    let refused = "old.txt:3: t.me/+AbCd: This link is an invitation to a private chat";
    assert!(read.errors.contains(refused), "{}", read.errors);
    assert!(read.errors.contains("old.txt:2: feedline has no equivalent of showFwdFrom=0"));

    let other = "xmlUrl=\"https://news.example/rss\"";
    assert!(read.output.contains(other), "feeds of something else stay: {}", read.output);

    write(&folder.path().join("new.opml"), &read.output);
    let arguments = [
        "opml",
        "import",
        "new.opml",
        list,
        "--names",
        "--set",
        "server.base_url=https://feeds.example/tg",
    ];
    let names = run_in(folder.path(), &arguments).await;
    assert_eq!(names.output, "tidewater\ntelegram\n", "{}", names.errors);

    write(&folder.path().join("none.txt"), "https://news.example/rss\n");
    let none = run_in(folder.path(), &["opml", "import", "none.txt"]).await;
    assert_eq!((none.code, none.output.as_str()), (Some(1), ""));
    assert!(none.errors.ends_with("no channel was found\n"), "{}", none.errors);
    let gone = run_in(folder.path(), &["opml", "import", "gone.txt"]).await;
    assert!(
        gone.code != Some(0) && gone.errors.contains("gone.txt cannot be read"),
        "{}",
        gone.errors
    );

    write(
        &folder.path().join("config.toml"),
        "[channels]\nfollow = [\"tidewater\"]\n[collections.coast]\ntitle = \"The coast\"\nchannels = [\"tidewater\"]\n",
    );
    let export = run_in(folder.path(), &["opml", "export"]).await;
    assert_eq!((export.code, export.errors.as_str()), (Some(0), ""));
    for part in [
        "http://127.0.0.1:8417/tidewater/rss.xml",
        "/-/collections/coast/rss.xml",
        "text=\"The coast\"",
    ] {
        assert!(export.output.contains(part), "{part}: {}", export.output);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn opml_export_with_read_flag_lists_visited_channels() {
    let (telegram, folder) = (telegram().await, TempDir::new().unwrap());
    let archive = format!("archive.url=sqlite://{}", folder.path().join("posts.db").display());
    let url = url(&telegram);
    let with = |arguments: &[&'static str]| -> Vec<String> {
        let all = asking(arguments, &url).into_iter().chain(["--set", &archive]);
        all.map(str::to_owned).collect()
    };
    let none = run_in(folder.path(), &["opml", "export", "--read", "--set", &archive]).await;
    assert!(
        none.code == Some(1) && none.errors.contains("there is no archive at"),
        "{}",
        none.errors
    );

    let serve = with(&["serve", "--listen", "127.0.0.1:0"]);
    let serve: Vec<&str> = serve.iter().map(String::as_str).collect();
    let mut running = Running::start(&serve);
    let base = first_address(&running.line_with("feedline is ready"));
    for path in ["/cha_yu_lun/rss.xml", "/tidewater", "/nobody_at_all/rss.xml"] {
        client().get(format!("{base}{path}")).send().await.unwrap();
    }
    running.stop("-TERM");
    let export = with(&["opml", "export", "--read", "--set", "channels.follow=['zenit_library']"]);
    let export: Vec<&str> = export.iter().map(String::as_str).collect();
    let feeds = |output: &str| -> Vec<String> {
        let parts = output.split("xmlUrl=\"").skip(1).filter_map(|part| part.split('"').next());
        parts.map(|feed| feed.replace("http://127.0.0.1:8417/", "")).collect()
    };
    let read = ["zenit_library/rss.xml", "Cha_Yu_Lun/rss.xml", "tidewater/rss.xml"];
    let alone = run_in(folder.path(), &export).await;
    assert_eq!(feeds(&alone.output), read, "{}", alone.errors);
    assert!(alone.output.contains("title=\"Tidewater Light\""), "{}", alone.output);

    let mut running = Running::start(&serve);
    running.line_with("feedline is ready");
    let beside = run_in(folder.path(), &export).await;
    assert_eq!((feeds(&beside.output), &*beside.errors), (read.map(str::to_owned).to_vec(), ""));
    let denied = [&export[..], &["--set", "channels.deny=['tidewater']"]].concat();
    assert_eq!(feeds(&run_in(folder.path(), &denied).await.output), read[..2]);
    let never = [&export[..], &["--set", "refresh.active_for=0s"]].concat();
    let never = run_in(folder.path(), &never).await;
    assert!(
        never.code == Some(1) && never.errors.contains("refresh.active_for"),
        "{}",
        never.errors
    );
    running.stop("-TERM");
    let followed = run_in(folder.path(), &["opml", "export"]).await;
    assert_eq!(feeds(&followed.output), Vec::<String>::new());
}

#[tokio::test]
async fn opml_import_refuses_binary_files_and_reads_gzip() {
    let folder = TempDir::new().unwrap();
    let put = |name: &str, bytes: &[u8]| {
        std::fs::File::create(folder.path().join(name)).unwrap().write_all(bytes).unwrap();
    };
    let picture = include_bytes!("../../../src/demo/media/fog.jpg");
    put("picture.opml", picture);
    put("list.zip", b"PK\x03\x04\x14\0\0\0\x08\0list");
    for (file, told) in
        [("picture.opml", "This is not a text file"), ("list.zip", "This is a ZIP archive")]
    {
        let refused = run_in(folder.path(), &["opml", "import", file]).await;
        assert_eq!((refused.code, refused.output.as_str()), (Some(1), ""), "{file}");
        let expected = format!("{file}:1: {told}");
        assert!(refused.errors.starts_with(&expected), "{}", refused.errors);
        assert_eq!(refused.errors.lines().count(), 2, "{}", refused.errors);
    }
    let file = b"<?xml version=\"1.0\" encoding=\"windows-1251\"?><opml><outline text=\"\xd7\xe0\xe9&nbsp;&laquo;\xe9&raquo;\" \
                 xmlUrl=\"t.me/tea\"/></opml>";
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(file).unwrap();
    put("list.opml.gz", &packer.finish().unwrap());
    let read = run_in(folder.path(), &["opml", "import", "list.opml.gz"]).await;
    assert_eq!((read.code, read.errors.as_str()), (Some(0), ""));
    assert!(read.output.contains("text=\"Чай «й»\""), "{}", read.output);
}
