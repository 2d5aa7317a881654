//! Polls: with results on list pages, with radio buttons on the embed page of an open one.

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;

use super::Context;
use super::frame::Place;
use super::html::Html;
use super::text::write_title;
use crate::demo::message::{Poll, PollKind};

pub(super) fn write(html: &mut Html, context: &Context<'_>, id: u32, poll: &Poll, place: Place) {
    let class = if poll.multiple {
        "tgme_widget_message_poll js-poll multiple"
    } else {
        "tgme_widget_message_poll js-poll"
    };
    let kind = match poll.kind {
        _ if poll.closed => "Final Results",
        PollKind::Anonymous => "Anonymous Poll",
        PollKind::Public => "Poll",
        PollKind::Quiz => "Anonymous Quiz",
        PollKind::PublicQuiz => "Quiz",
    };
    html.div(class, |html| {
        html.raw("\n  ");
        html.div("tgme_widget_message_poll_question", |html| write_title(html, &poll.question));
        html.raw("\n  ");
        html.labelled("div", "tgme_widget_message_poll_type", kind);
        html.raw("\n  ");
        if place == Place::Embed && !poll.closed {
            votable(html, poll);
        } else {
            let address = context.post_address(id);
            let attributes =
                [("class", "tgme_widget_message_poll_options"), ("href", address.as_str())];
            html.element("a", &attributes, |html| results(html, poll));
        }
        html.raw("\n");
    });
}

/// Percents are of all voters, bars of the leader.
fn results(html: &mut Html, poll: &Poll) {
    let leader = poll.options.iter().map(|option| option.votes).max().unwrap_or(0).max(1);
    for option in &poll.options {
        let class = match option.correct {
            None => "tgme_widget_message_poll_option",
            Some(true) => "tgme_widget_message_poll_option tgme_widget_message_poll_option_correct",
            Some(false) => {
                "tgme_widget_message_poll_option tgme_widget_message_poll_option_incorrect"
            }
        };
        html.div(class, |html| {
            let percent = (option.votes * 100 + poll.voters / 2) / poll.voters.max(1);
            html.labelled("div", "tgme_widget_message_poll_option_percent", &format!("{percent}%"));
            html.div("tgme_widget_message_poll_option_value", |html| {
                html.div("tgme_widget_message_poll_option_text", |html| {
                    write_title(html, &option.text);
                });
                let width = option.votes * 1_000_000 / leader;
                let width = format!("{}.{:04}", width / 10_000, width % 10_000);
                let width = format!("width:{}%", width.trim_end_matches('0').trim_end_matches('.'));
                let class = "tgme_widget_message_poll_option_bar accent_bg";
                html.element("div", &[("class", class), ("style", &width)], |_| {});
            });
        });
    }
}

/// UPSTREAM(2026-08): the embed page of an open poll tells no results, only how many have voted.
fn votable(html: &mut Html, poll: &Poll) {
    html.div("tgme_widget_message_poll_options", |html| {
        for (number, option) in poll.options.iter().enumerate() {
            let value = BASE64_STANDARD_NO_PAD.encode(number.to_string());
            let class = "tgme_widget_message_poll_option tgme_widget_message_poll_option_radio_item js-poll_option";
            html.element("div", &[("class", class), ("data-value", &value)], |html| {
                html.div("tgme_widget_message_poll_option_radio", |_| {});
                html.div("tgme_widget_message_poll_option_value", |html| {
                    html.div("tgme_widget_message_poll_option_text", |html| {
                        write_title(html, &option.text);
                    });
                });
            });
        }
    });
    html.raw("\n  ");
    let votes = format!("{} votes", poll.voters);
    html.labelled("div", "tgme_widget_message_poll_votes", &votes);
}
