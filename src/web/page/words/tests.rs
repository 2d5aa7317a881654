use super::*;
use crate::model::{BadName, BadOption, BadSet};
use crate::service::{self, Cause, Oddity, Outage, Owner, Refusal};

#[test]
fn numbers_take_their_forms_in_each_language() {
    let [english, russian] = [Language::English, Language::Russian].map(Words::of);
    for (number, en, ru) in [
        (2, "2 posts a week", "2 записи в неделю"),
        (5, "5 posts a week", "5 записей в неделю"),
        (21, "21 posts a week", "21 запись в неделю"),
    ] {
        assert_eq!((english.channel.rhythm)(number, Unit::Week), en);
        assert_eq!((russian.channel.rhythm)(number, Unit::Week), ru);
    }
    for (number, en, ru) in [
        (1, "1 channel", "1 канал"),
        (3, "3 channels", "3 канала"),
        (12, "12 channels", "12 каналов"),
    ] {
        assert_eq!((english.import.heading)(number), en);
        assert_eq!((russian.import.heading)(number), ru);
    }
    for (number, en, ru) in [
        ("1", "1 subscriber", "1 подписчик"),
        ("32", "32 subscribers", "32 подписчика"),
        ("12.4K", "12.4K subscribers", "12,4 тыс. подписчиков"),
        ("1.02M", "1.02M subscribers", "1,02 млн подписчиков"),
    ] {
        assert_eq!((english.channel.subscribers)(number), en);
        assert_eq!((russian.channel.subscribers)(number), ru);
    }
}

#[test]
fn the_time_since_a_check_is_told_roughly() {
    let [english, russian] = [Language::English, Language::Russian].map(Words::of);
    for (minutes, en, ru) in [
        (-5, "checked just now", "проверено только что"),
        (0, "checked just now", "проверено только что"),
        (1, "checked 1 min ago", "проверено 1 мин назад"),
        (59, "checked 59 min ago", "проверено 59 мин назад"),
        (61, "checked an hour ago", "проверено час назад"),
        (125, "checked 2 hours ago", "проверено 2 часа назад"),
        (2880, "checked 2 days ago", "проверено 2 дня назад"),
    ] {
        assert_eq!((english.channel.checked)(minutes), en);
        assert_eq!((russian.channel.checked)(minutes), ru);
    }
}

const LANGUAGES: [Language; 2] = [Language::English, Language::Russian];

#[test]
fn russian_numbers_take_the_form_that_they_want() {
    let words = Words::of(Language::Russian);
    for (number, posts, versions, unread) in [
        (1, "1 запись в день", "1 прежний вариант", "Без нового канала: 1 строка"),
        (2, "2 записи в день", "2 прежних варианта", "Без нового канала: 2 строки"),
        (5, "5 записей в день", "5 прежних вариантов", "Без нового канала: 5 строк"),
        (11, "11 записей в день", "11 прежних вариантов", "Без нового канала: 11 строк"),
        (14, "14 записей в день", "14 прежних вариантов", "Без нового канала: 14 строк"),
        (21, "21 запись в день", "21 прежний вариант", "Без нового канала: 21 строка"),
        (104, "104 записи в день", "104 прежних варианта", "Без нового канала: 104 строки"),
        (111, "111 записей в день", "111 прежних вариантов", "Без нового канала: 111 строк"),
        (1021, "1021 запись в день", "1021 прежний вариант", "Без нового канала: 1021 строка"),
    ] {
        assert_eq!((words.channel.rhythm)(i64::try_from(number).unwrap(), Unit::Day), posts);
        assert_eq!((words.post.versions)(number), versions);
        assert_eq!((words.import.unread)(number), unread);
    }
    for (matched, all, told) in [
        (12, 50, "Подходит 12 из последних 50 записей."),
        (1, 21, "Подходит 1 из последней 21 записи."),
        (0, 111, "Подходит 0 из последних 111 записей."),
        (2, 46, "Подходят 2 из последних 46 записей."),
        (23, 50, "Подходят 23 из последних 50 записей."),
        (1, 1, "Подходит 1 из последней 1 записи."),
        (0, 0, "Записей пока нет."),
    ] {
        assert_eq!((words.builder.matches)(matched, all), told);
    }
    let english = Words::of(Language::English);
    for (matched, all, told) in [
        (12, 50, "12 of the last 50 posts match."),
        (1, 46, "1 of the last 46 posts matches."),
        (0, 46, "0 of the last 46 posts match."),
        (0, 1, "0 of 1 post matches."),
        (1, 1, "1 of 1 post matches."),
        (0, 0, "There are no posts yet."),
    ] {
        assert_eq!((english.builder.matches)(matched, all), told);
    }
    assert_eq!((english.status.of_which_pause)(3, 1), "3, of which 1 cools down");
    assert_eq!((english.status.of_which_pause)(3, 2), "3, of which 2 cool down");
    assert_eq!((english.channel.rhythm)(1, Unit::Week), "1 post a week");
    assert_eq!((english.post.versions)(1), "1 earlier version");
    assert_eq!((english.start.more)(1), "And one more.");
}

#[test]
fn days_are_written_as_people_write_them() {
    let [english, russian] = LANGUAGES.map(Words::of);
    for (date, en, ru) in [
        ("2026-03-07", "7 March 2026", "7 марта 2026"),
        ("2025-12-31", "31 December 2025", "31 декабря 2025"),
        ("2024-02-29", "29 February 2024", "29 февраля 2024"),
    ] {
        let date = date.parse().unwrap();
        assert_eq!(((english.day)(date), (russian.day)(date)), (en.to_owned(), ru.to_owned()));
    }
}

fn refusals() -> [Refusal; 18] {
    let channel = crate::model::ChannelName::parse("tearoad").unwrap();
    let second = std::time::Duration::from_secs(1);
    [
        Refusal::NotFound { channel: channel.clone() },
        Refusal::PostNotFound {
            channel: channel.clone(),
            id: crate::model::MessageId::new(7).unwrap(),
        },
        Refusal::NotAChannel { channel: channel.clone(), owner: Owner::User },
        Refusal::NotAChannel { channel: channel.clone(), owner: Owner::Bot },
        Refusal::Group { channel: channel.clone() },
        Refusal::PreviewOff { channel: channel.clone() },
        Refusal::Blocked { channel: channel.clone(), reason: None },
        Refusal::Blocked { channel, reason: Some("This channel broke a law.".into()) },
        Refusal::Throttled { retry_after: 200 * second },
        Refusal::Busy { retry_after: 40 * second },
        Refusal::OverBudget { retry_after: 9000 * second },
        Refusal::Unreachable(Outage::Status(502)),
        Refusal::Unreachable(Outage::Cut),
        Refusal::Unreachable(Outage::Network {
            host: "t.me".to_owned(),
            cause: Cause::Dns,
            proxied: false,
        }),
        Refusal::Timeout { limit: 15 * second },
        Refusal::MarkupChanged(Oddity::Card),
        Refusal::MarkupChanged(Oddity::TooLarge { limit: 4 << 20 }),
        Refusal::MarkupChanged(Oddity::Status(418)),
    ]
}

/// One of each thing that can go wrong.
fn errors() -> Vec<Error> {
    let names = [
        BadName::Empty,
        BadName::Malformed,
        BadName::Private("an invitation"),
        BadName::NotAChannel("a proxy"),
        BadName::Numeric,
        BadName::OtherSite,
    ];
    let options = [
        BadOption::Unknown { option: "limt".to_owned(), nearest: Some("limit".to_owned()) },
        BadOption::Unknown { option: "x".to_owned(), nearest: None },
        BadOption::Value { option: "limit", value: "0".to_owned(), takes: "a number" },
        BadOption::TooLong { option: "q", takes: "at most 256 bytes of text" },
        BadOption::Expression { option: "include", why: "unclosed group".to_owned() },
        BadOption::Twice { option: "tag".to_owned() },
        BadOption::TooMany,
    ];
    let others = [
        Error::Set(BadSet::Empty),
        Error::Set(BadSet::TooMany { number: 51 }),
        Error::Set(BadSet::Name { text: "x".to_owned(), reason: BadName::Malformed }),
        Error::Query(BadQuery::Empty),
        Error::Query(BadQuery::ShortBeginning { beginning: "t".to_owned() }),
        Error::Service(service::Error::NoArchive),
        Error::Service(service::Error::NoSuchFile),
        Error::Service(service::Error::Internal),
        Error::NoSuchPage,
        Error::Unread {
            text: "x y".to_owned(),
            reason: "This is not the name of a channel.".to_owned(),
        },
        Error::TooLarge { limit: bytesize::ByteSize::mib(2) },
        Error::NoForm,
        Error::Another,
        Error::NoSuchCollection { known: vec!["news".to_owned()] },
        Error::NoSuchCollection { known: Vec::new() },
        Error::Method { takes_form: false },
        Error::Method { takes_form: true },
        Error::NotServed,
        Error::TooSlow,
        Error::Internal,
    ];
    let refused = refusals().into_iter().map(Error::from);
    refused
        .chain(names.into_iter().map(Error::Name))
        .chain(options.into_iter().map(Error::Option))
        .chain(others)
        .collect()
}

#[test]
fn what_goes_wrong_is_told_in_each_language_with_what_to_do() {
    let is_cyrillic = |character: &char| matches!(character, 'а'..='я' | 'А'..='Я' | 'ё');
    for error in errors() {
        let [english, russian] = LANGUAGES.map(|language| {
            let words = &Words::of(language).problem;
            ((words.title)(&error), (words.detail)(&error))
        });
        assert!(!english.0.chars().any(|one| is_cyrillic(&one)), "{english:?}");
        for told in [&russian.0, &russian.1] {
            let own = told.chars().filter(is_cyrillic).count();
            assert!(own * 6 >= told.chars().filter(|one| one.is_alphabetic()).count(), "{told}");
        }
        for (title, detail) in [&english, &russian] {
            assert!(!title.ends_with('.') && title.chars().count() < 80, "{title}");
            let is_sentence = detail.ends_with(['.', '?']) && detail.chars().count() > 30;
            assert!(is_sentence, "{title}: {detail}");
        }
    }
}

#[test]
fn visitors_are_told_nothing_that_only_an_operator_can_change() {
    for refusal in refusals() {
        let error = Error::from(refusal);
        for language in LANGUAGES {
            let detail = (Words::of(language).problem.detail)(&error);
            for internal in ["upstream", "bytes", "байт", "t.me cannot", "имени нет адреса"]
            {
                assert!(!detail.contains(internal), "{detail}");
            }
        }
    }
}

#[test]
fn a_size_is_written_as_each_language_writes_it() {
    for (size, en, ru) in [
        (512, "512 B", "512 Б"),
        (220 << 10, "220.0 KiB", "220 КиБ"),
        (3 << 19, "1.5 MiB", "1,5 МиБ"),
        (2 << 30, "2.0 GiB", "2 ГиБ"),
    ] {
        let [english, russian] =
            LANGUAGES.map(Words::of).map(|words| (words.status.size)(bytesize::ByteSize::b(size)));
        assert_eq!((english.as_str(), russian.as_str()), (en, ru));
    }
}

#[test]
fn a_pause_is_told_in_units_that_people_wait_in() {
    let words = &Words::of(Language::Russian).problem;
    for (seconds, told) in [
        (0, "1 с."),
        (40, "40 с."),
        (60, "1 мин."),
        (86, "1 мин 26 с."),
        (7200, "2 ч."),
        (7201, "2 ч 1 мин."),
    ] {
        let retry_after = std::time::Duration::from_secs(seconds);
        let detail = (words.detail)(&Refusal::Busy { retry_after }.into());
        assert!(detail.ends_with(&format!("Попробуйте через {told}")), "{detail}");
    }
}

#[test]
fn every_feature_of_telegrams_links_has_russian_words() {
    let russian = Words::of(LANGUAGES[1]);
    for what in crate::model::link::features() {
        for reason in [BadName::NotAChannel(what), BadName::Private(what)] {
            let told = (russian.problem.detail)(&Error::Name(reason));
            assert!(!told.contains("что-то другое") && !told.contains(what), "{what}: {told}");
        }
    }
}
