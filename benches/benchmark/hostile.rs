//! Pages made to be expensive: the most expensive ones within the input limits, and some over them.

use std::fs::write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::Bench;
use super::machine::{median, ms};
use super::server::folder;
use super::table::{Row, Verdict};

const TIMES: usize = 5;

pub(crate) fn measure(bench: &mut Bench) -> anyhow::Result<Vec<Row>> {
    [("within the input limits", within()), ("over them", over())]
        .into_iter()
        .map(|(what, pages)| row(bench, what, &pages))
        .collect()
}

fn row(bench: &mut Bench, what: &str, pages: &[(&str, String)]) -> anyhow::Result<Row> {
    let mut worst = (0.0, "");
    for (name, html) in pages {
        bench.machine.settle()?;
        let spent = parse(&bench.program, html)?;
        println!("  {name}: {} KB, {spent:.0} ms", html.len() / 1000);
        if spent > worst.0 {
            worst = (spent, name);
        }
    }
    Ok(Row {
        what: format!("costliest hostile page {what}"),
        bar: "250 ms",
        aim: "250 ms",
        measured: format!("{:.0} ms ({})", worst.0, worst.1),
        verdict: Verdict::at_most(worst.0, 250.0, 250.0),
    })
}

/// Wall time of `feedline parse` for a page, including process start.
fn parse(program: &Path, html: &str) -> anyhow::Result<f64> {
    let file = folder()?.join("hostile.html");
    write(&file, html)?;
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let begun = Instant::now();
        let mut command = Command::new(program);
        let code =
            command.arg("parse").arg(&file).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        times.push(ms(begun.elapsed()));
        anyhow::ensure!(code.code().is_some(), "the parser was killed by {}", &html[..60]);
    }
    Ok(median(times))
}

/// Pages close to each limit, and structures of Telegram's pages repeated as often as the limits allow.
fn within() -> Vec<(&'static str, String)> {
    vec![
        ("elements", "<i></i>".repeat(49_999)),
        ("elements in elements", format!("{}{}", "<span>".repeat(250), "<dd></dd>".repeat(15_000))),
        ("entities", "&amp;".repeat(149_999)),
        (
            "formatting opened again",
            format!("<p><b a><b b><b c><b d></p>{}", "<p>x</p>".repeat(13_000)),
        ),
        ("strays in a table", format!("<table>{}", "<b>x</b>".repeat(49_000))),
        ("text", "x ".repeat(2 * 1024 * 1024)),
        ("messages", page(&message("x").repeat(7_000))),
        ("formatting in a message", page(&message(&"<b>x</b>".repeat(40_000)))),
        (
            "links in a message",
            page(&message(&"<a href=\"https://a.example/\">x</a>".repeat(40_000))),
        ),
        ("lines in a message", page(&message(&"x<br>".repeat(90_000)))),
        ("a long message", page(&message(&"word ".repeat(800_000)))),
        (
            "messages in messages",
            page(&format!("{}{}", open(80), message("<i>x</i>").repeat(2_000))),
        ),
        (
            "hashtags in a message",
            page(&message(&"<a href=\"?q=%23tag\">#tag</a> ".repeat(40_000))),
        ),
    ]
}

fn over() -> Vec<(&'static str, String)> {
    let fonts = (0..20_000).map(|number| format!("<font a{number}=1>")).collect();
    vec![
        ("100,000 boxes in boxes", "<div>".repeat(100_000)),
        ("boxes in a page of 4 MiB", "<div>".repeat(4 * 1024 * 1024 / 5)),
        ("formatting of many kinds", fonts),
        ("tags", "<br>".repeat(1_000_000)),
        ("more than 4 MiB of text", "x".repeat(4 * 1024 * 1024 + 1)),
        ("entities of 4 MiB", "&amp;".repeat(800_000)),
    ]
}

fn page(messages: &str) -> String {
    format!(
        "<!DOCTYPE html><html><body><main class=\"tgme_main\"><section class=\"tgme_channel_history js-message_history\">\
         {messages}</section></main></body></html>"
    )
}

fn message(text: &str) -> String {
    format!(
        "<div class=\"tgme_widget_message_wrap\"><div class=\"tgme_widget_message\" data-post=\"bench/7\">\
         <div class=\"tgme_widget_message_text\">{text}</div><time datetime=\"2026-05-10T12:00:00+00:00\" class=\"time\"></time>\
         </div></div>"
    )
}

/// Messages with start tags but no end tags.
fn open(times: usize) -> String {
    "<div class=\"tgme_widget_message_wrap\"><div class=\"tgme_widget_message\" data-post=\"bench/7\">\
     <div class=\"tgme_widget_message_text\">"
        .repeat(times)
}
