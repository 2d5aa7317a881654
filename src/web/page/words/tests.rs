use super::*;

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
        ("12.4K", "12.4K subscribers", "12.4K подписчиков"),
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
