//! Telegram's markup, written from the samples: the pages are built here as the real ones are, quirks included.
//!
//! Pure: values in, a page out. The quirks are those of Telegram's pages in August 2026.

mod embed;
mod footer;
mod frame;
mod header;
mod html;
mod landing;
mod list;
mod medium;
mod origin;
mod poll;
mod service;
mod social;
mod text;

use chrono::{DateTime, Utc};

use super::channel::{Channel, Mark};
use super::message::{Body, File, Medium, Message};
pub(super) use embed::{error as embed_error, write as embed};
use html::Html;
pub(super) use landing::{
    blocked, channel as landing, invitation, nonexistent, post as post_landing,
};
pub(super) use list::{Missing, Range, write as list};
pub(super) use text::plain;

/// What every page needs to know beside its content.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    /// The address of the fake itself, under which the files are.
    pub(super) base: &'a str,
    /// Grows whenever the file addresses expire.
    pub(super) generation: u32,
    /// The time of the request.
    pub(super) now: DateTime<Utc>,
    /// Whose page it is.
    pub(super) channel: &'a Channel,
    /// The words that were searched for.
    pub(super) query: &'a str,
}

impl Context<'_> {
    /// A picture's address: no token, the signature is the name itself.
    fn picture(&self, file: File, slot: u32) -> String {
        format!("{}/file/{}.jpg", self.base, self.token(file, slot))
    }

    /// A poster's address: without an extension.
    fn poster(&self, file: File, slot: u32) -> String {
        format!("{}/file/{}", self.base, self.token(file, slot))
    }

    /// The address of a film, recording or sticker: its name stays when the address is renewed, the token does not.
    fn film(&self, file: File, slot: u32) -> String {
        let extension = file.rsplit('.').next().unwrap_or_default();
        let name = super::file::stable_name(file, self.channel.number, slot);
        format!("{}/file/{name}.{extension}?token={}", self.base, self.token(file, slot))
    }

    fn token(&self, file: File, slot: u32) -> String {
        super::file::token(file, self.channel.number, slot, self.generation)
    }

    /// `https://t.me/<name>`: links in pages name the real host.
    fn address(&self) -> String {
        format!("https://t.me/{}", self.channel.name)
    }

    /// `https://t.me/<name>/<id>`.
    fn post_address(&self, id: u32) -> String {
        format!("https://t.me/{}/{id}", self.channel.name)
    }

    /// A number from 0 to 7 that goes with the channel: the colour behind its letters.
    fn colour(&self) -> u64 {
        self.channel.number % 7 + 1
    }
}

/// The first letters of the title's first words, as they stand in for a photo.
fn initials(title: &str, count: usize) -> String {
    title
        .split_whitespace()
        .filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()))
        .take(count)
        .collect()
}

/// The photo of a channel, or the letters in its place.
fn avatar(html: &mut Html, context: &Context<'_>, class: &str, letters: usize) {
    let class = format!("{class} bgcolor{}", context.colour());
    let initials = initials(&context.channel.title, letters);
    html.element("i", &[("class", &class), ("data-content", &initials)], |html| {
        if let Some(file) = context.channel.avatar {
            html.void("img", &[("src", &context.picture(file, 0))]);
        }
    });
}

/// The mark beside a title.
fn mark(html: &mut Html, mark: Option<Mark>) {
    match mark {
        None => {}
        Some(Mark::Verified) => html.raw("<i class=\"verified-icon\"> ✔</i>"),
        Some(Mark::Scam) => html.raw("<mark class=\"label\">SCAM</mark>"),
        Some(Mark::Fake) => html.raw("<mark class=\"label\">FAKE</mark>"),
    }
}

/// `992`, `1.69K`, `12.4K`, `11.1M`.
fn abbreviated(number: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are kept")]
    let scaled = |unit: u64| number as f64 / unit as f64;
    let (value, unit) = match number {
        0..1_000 => return number.to_string(),
        1_000..1_000_000 => (scaled(1_000), "K"),
        _ => (scaled(1_000_000), "M"),
    };
    let digits = if value < 10.0 { 2 } else { 1 };
    let text = format!("{value:.digits$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text}{unit}")
}

/// `11 110 268`: groups of three digits, as landing pages show them.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// The picture that a page about this message shows to those who share it.
fn message_picture(message: &Message) -> Option<File> {
    match &message.body {
        Body::Photo(photo) => Some(photo.file),
        Body::Video(video) | Body::Gif(video) | Body::Round(video) => video.poster,
        Body::Album(items) => items.iter().find_map(|item| match item.medium {
            Medium::Photo(photo) => Some(photo.file),
            Medium::Video(video) => video.poster,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{abbreviated, grouped, initials};

    #[test]
    fn counters_are_shortened_as_telegram_does() {
        for (number, text) in [
            (2, "2"),
            (992, "992"),
            (1_000, "1K"),
            (1_110, "1.11K"),
            (1_700, "1.7K"),
            (12_400, "12.4K"),
            (436_600, "436.6K"),
            (3_420_000, "3.42M"),
            (11_110_268, "11.1M"),
        ] {
            assert_eq!(abbreviated(number), text);
        }
    }

    #[test]
    fn exact_numbers_are_grouped_with_spaces() {
        for (number, text) in [(7, "7"), (16_674, "16 674"), (11_110_268, "11 110 268")] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn letters_stand_in_for_a_photo_in_any_script() {
        assert_eq!(initials("Tidewater Light", 2), "TL");
        assert_eq!(initials("🌒 Клуб", 2), "К");
        assert_eq!(initials("茶与单车", 2), "茶");
    }
}
