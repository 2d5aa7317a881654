//! Our own words in a channel's language. A language is one file: add it here, in `model::Language`, and nowhere else.

mod english;
mod russian;

use std::time::Duration;

use whatlang::{Lang, Script};

use crate::model::Language;

/// How many characters are looked at to tell a language: the detector is slow, and more make it no surer.
const SAMPLE: usize = 300;

/// All words that feedline writes into feeds and under posts.
pub struct Words {
    /// Which of the three forms of [`Noun::counted`] goes with a number.
    pub form: fn(u64) -> usize,
    /// A photo.
    pub photo: Noun,
    /// A film.
    pub video: Noun,
    /// A silent film that repeats.
    pub gif: Noun,
    /// A round film of its author.
    pub round_video: Noun,
    /// A spoken note.
    pub voice: Noun,
    /// A sticker.
    pub sticker: Noun,
    /// The months as they stand behind a day.
    pub months: [&'static str; 12],
    /// Views of a post, by [`Words::form`].
    pub views: [&'static str; 3],
    /// Votes of a poll, by [`Words::form`].
    pub votes: [&'static str; 3],
    /// Between the last two of a list, with its spaces.
    pub and: &'static str,
    /// Behind the first of several files: how many more there are.
    pub more: fn(usize) -> String,
    /// Behind the name of a photo among several: its number and how many there are.
    pub one_of: fn(usize, usize) -> String,
    /// In front of the origin's name.
    pub forwarded_from: &'static str,
    /// In front of the answered author's name.
    pub reply_to: &'static str,
    /// Instead of it, when the author is not known.
    pub reply: &'static str,
    /// In front of the bot's name.
    pub via: &'static str,
    /// A poll.
    pub poll: &'static str,
    /// A poll with right answers.
    pub quiz: &'static str,
    /// Of a poll with several answers.
    pub several_answers: &'static str,
    /// Of a poll that is over, and of a quiz.
    pub final_results: [&'static str; 2],
    /// Of a poll that is open; it is a link to the post.
    pub vote: &'static str,
    /// Of a poll in which nobody sees who voted.
    pub anonymous: &'static str,
    /// A place.
    pub location: &'static str,
    /// A person's card.
    pub contact: &'static str,
    /// Something for sale.
    pub invoice: &'static str,
    /// A game.
    pub game: &'static str,
    /// A message about the channel itself.
    pub service: &'static str,
    /// The title of a post that is one spoiler.
    pub spoiler: &'static str,
    /// The title of a post that Telegram's page does not show.
    pub app_only: &'static str,
    /// The notice in its place; it is a link to the post.
    pub open_in_app: &'static str,
    /// Behind the name of a film that Telegram's page does not carry; it is a link to the post.
    pub too_big: &'static str,
}

/// What can be counted.
pub struct Noun {
    /// Alone, as a title: `Photo`.
    pub name: &'static str,
    /// One among others: `a photo`.
    pub one: &'static str,
    /// Behind a number, by [`Words::form`]: `photos`.
    pub counted: [&'static str; 3],
}

impl Words {
    /// The words of a language.
    #[must_use]
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &english::WORDS,
            Language::Russian => &russian::WORDS,
        }
    }

    /// `a photo`, `3 photos`.
    #[must_use]
    pub fn count(&self, noun: &Noun, number: usize) -> String {
        if number == 1 {
            return noun.one.to_owned();
        }
        format!("{number} {}", noun.counted[(self.form)(number as u64)])
    }

    /// The same for a number as Telegram writes it: `12.4K views`. What is no whole number takes the last form.
    #[must_use]
    pub fn count_shown(&self, forms: &[&'static str; 3], number: &str) -> String {
        let form = number.parse().map_or(2, self.form);
        format!("{number} {}", forms[form])
    }

    /// `a, b and c`.
    #[must_use]
    pub fn list(&self, parts: &[String]) -> String {
        match parts {
            [] => String::new(),
            [only] => only.clone(),
            [first @ .., last] => format!("{}{}{last}", first.join(", "), self.and),
        }
    }
}

/// How long something plays: `0:42`, `1:02:03`.
#[must_use]
pub fn play_time(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// The language of a channel from some of its texts, when it is one in which we have words.
#[must_use]
pub fn detect<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Option<Language> {
    let info = whatlang::detect(&sample(texts))?;
    match (info.lang(), info.script()) {
        (Lang::Rus, Script::Cyrillic) => Some(Language::Russian),
        (Lang::Eng, Script::Latin) => Some(Language::English),
        _ => None,
    }
}

/// The language in which texts are written, as far as that can be said: BCP 47, empty when it is not known. It decides
/// fonts, hyphens and line breaks, so what is not sure says nothing.
#[must_use]
pub fn tag<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> &'static str {
    let sample = sample(texts);
    match whatlang::detect(&sample) {
        Some(info) if info.is_reliable() => written(info.lang()),
        Some(info) => of_script(info.script()),
        None => "",
    }
}

/// The language of one text among others that are mostly written in the `usual` one: that one, unless it is in another
/// script.
#[must_use]
pub fn tag_among(text: &str, usual: &'static str) -> &'static str {
    let Some(script) = whatlang::detect_script(&sample([text])) else { return usual };
    let is_usual = match usual {
        "" => false,
        "ru" | "uk" | "be" | "bg" | "sr" | "mk" => script == Script::Cyrillic,
        "ar" | "fa" | "ur" => script == Script::Arabic,
        "ja" => matches!(script, Script::Hiragana | Script::Katakana | Script::Mandarin),
        _ if of_script(script).is_empty() => script == Script::Latin,
        _ => of_script(script) == usual,
    };
    if is_usual { usual } else { of_script(script) }
}

/// The language of a script in which hardly any other is written.
fn of_script(script: Script) -> &'static str {
    match script {
        Script::Mandarin => "zh",
        Script::Hiragana | Script::Katakana => "ja",
        Script::Hangul => "ko",
        Script::Arabic => "ar",
        Script::Hebrew => "he",
        Script::Greek => "el",
        Script::Thai => "th",
        Script::Georgian => "ka",
        Script::Armenian => "hy",
        _ => "",
    }
}

fn written(lang: Lang) -> &'static str {
    match lang {
        Lang::Eng => "en",
        Lang::Rus => "ru",
        Lang::Ukr => "uk",
        Lang::Bel => "be",
        Lang::Bul => "bg",
        Lang::Srp => "sr",
        Lang::Mkd => "mk",
        Lang::Ara => "ar",
        Lang::Pes => "fa",
        Lang::Urd => "ur",
        Lang::Heb => "he",
        Lang::Cmn => "zh",
        Lang::Jpn => "ja",
        Lang::Kor => "ko",
        Lang::Deu => "de",
        Lang::Fra => "fr",
        Lang::Spa => "es",
        Lang::Ita => "it",
        Lang::Por => "pt",
        Lang::Pol => "pl",
        Lang::Tur => "tr",
        Lang::Uzb => "uz",
        Lang::Hin => "hi",
        Lang::Ell => "el",
        Lang::Tha => "th",
        Lang::Kat => "ka",
        Lang::Hye => "hy",
        _ => "",
    }
}

/// Whether the texts may be called texts of the language: they are in its script and not surely in another language.
#[must_use]
pub fn is_of<T: AsRef<str>>(language: Language, texts: impl IntoIterator<Item = T>) -> bool {
    let (lang, script) = match language {
        Language::English => (Lang::Eng, Script::Latin),
        Language::Russian => (Lang::Rus, Script::Cyrillic),
    };
    whatlang::detect(&sample(texts))
        .is_some_and(|info| info.script() == script && (info.lang() == lang || !info.is_reliable()))
}

/// The first words of the texts. Links, mentions and hashtags say nothing of a language and are passed over.
fn sample<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    let mut sample = String::new();
    let mut characters = 0;
    let says_something = |word: &&str| !word.starts_with(['#', '@', '$']) && !word.contains("://");
    for text in texts {
        for word in text.as_ref().split_whitespace().filter(says_something) {
            if characters >= SAMPLE {
                return sample;
            }
            sample.extend(word.chars().take(SAMPLE - characters));
            sample.push(' ');
            characters += word.chars().count() + 1;
        }
    }
    sample
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_the_right_form() {
        for (language, number, expected) in [
            (Language::English, 1, "a photo"),
            (Language::English, 2, "2 photos"),
            (Language::English, 21, "21 photos"),
            (Language::Russian, 1, "фото"),
            (Language::Russian, 5, "5 фото"),
        ] {
            let words = Words::of(language);
            assert_eq!(words.count(&words.photo, number), expected);
        }
        let words = Words::of(Language::Russian);
        for (number, expected) in [
            (1, "голосовое сообщение"),
            (2, "2 голосовых сообщения"),
            (5, "5 голосовых сообщений"),
            (11, "11 голосовых сообщений"),
            (14, "14 голосовых сообщений"),
            (21, "21 голосовое сообщение"),
            (23, "23 голосовых сообщения"),
            (111, "111 голосовых сообщений"),
            (0, "0 голосовых сообщений"),
        ] {
            assert_eq!(words.count(&words.voice, number), expected);
        }
    }

    #[test]
    fn telegrams_rounded_numbers_are_many() {
        let (english, russian) = (Words::of(Language::English), Words::of(Language::Russian));
        assert_eq!(english.count_shown(&english.views, "12.4K"), "12.4K views");
        assert_eq!(english.count_shown(&english.views, "1"), "1 view");
        assert_eq!(russian.count_shown(&russian.views, "12.4K"), "12.4K просмотров");
        assert_eq!(russian.count_shown(&russian.views, "22"), "22 просмотра");
    }

    #[test]
    fn lists_and_times_read_naturally() {
        let words = Words::of(Language::English);
        let parts = ["3 photos".to_owned(), "a video".to_owned(), "a GIF".to_owned()];
        assert_eq!(words.list(&parts), "3 photos, a video and a GIF");
        assert_eq!(words.list(&parts[..1]), "3 photos");
        assert_eq!(words.list(&[]), "");
        for (seconds, expected) in [(0, "0:00"), (42, "0:42"), (725, "12:05"), (3723, "1:02:03")] {
            assert_eq!(play_time(Duration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn a_language_is_told_from_a_few_sentences() {
        for (text, expected) in [
            (
                "Сегодня мы заварили молодой пуэр и сравнили его с тем, что лежал десять лет.",
                Some(Language::Russian),
            ),
            (
                "Today we brewed a young tea and compared it with one that had rested for ten years.",
                Some(Language::English),
            ),
            ("今天我们泡了一壶新茶，和放了十年的老茶作比较。", None),
            ("اليوم أعددنا شايًا جديدًا وقارناه بشاي عمره عشر سنوات", None),
            ("#tea @tearoad https://tea.example/english/words", None),
            ("", None),
        ] {
            assert_eq!(detect([text]), expected, "{text}");
        }
    }

    #[test]
    fn the_language_of_a_text_is_told_as_far_as_it_is_sure() {
        let russian =
            "Сегодня мы заварили молодой пуэр и сравнили его с тем, что лежал десять лет.";
        let arabic = "اليوم أعددنا شايًا جديدًا وقارناه بشاي عمره عشر سنوات";
        let chinese = "今天我们泡了一壶新茶，和放了十年的老茶作比较。";
        for (text, expected) in [(russian, "ru"), (arabic, "ar"), (chinese, "zh"), ("", "")] {
            assert_eq!(tag([text]), expected, "{text}");
        }
        for (text, usual, expected) in [
            ("Чай", "ru", "ru"),
            ("Чай", "uk", "uk"),
            ("Tea", "ru", ""),
            ("Tea", "en", "en"),
            ("茶", "ru", "zh"),
            ("茶", "ja", "ja"),
            ("شاي", "fa", "fa"),
            ("شاي", "zh", "ar"),
            ("☕", "ru", "ru"),
        ] {
            assert_eq!(tag_among(text, usual), expected, "{text} among {usual}");
        }
    }

    #[test]
    fn texts_are_called_by_a_language_unless_they_are_surely_in_another() {
        let german = "Heute haben wir einen jungen Tee aufgegossen und ihn mit einem verglichen, der zehn Jahre lag.";
        for (language, text, expected) in [
            (Language::English, "Tea at five", true),
            (Language::English, german, false),
            (Language::English, "今天我们泡了一壶新茶", false),
            (Language::English, "", false),
            (Language::Russian, "Чай в пять", true),
            (Language::Russian, "Tea at five", false),
        ] {
            assert_eq!(is_of(language, [text]), expected, "{text}");
        }
    }
}
