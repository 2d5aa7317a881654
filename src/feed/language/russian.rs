//! Russian.

use super::{Noun, Words};

pub(super) const WORDS: Words = Words {
    form: |number| match (number % 10, number % 100) {
        (_, 11..=14) => 2,
        (1, _) => 0,
        (2..=4, _) => 1,
        _ => 2,
    },
    photo: Noun {
        name: "Фото", one: "фото", counted: ["фото", "фото", "фото"]
    },
    video: Noun {
        name: "Видео", one: "видео", counted: ["видео", "видео", "видео"]
    },
    gif: Noun { name: "GIF", one: "GIF", counted: ["GIF", "GIF", "GIF"] },
    round_video: Noun {
        name: "Видеосообщение",
        one: "видеосообщение",
        counted: ["видеосообщение", "видеосообщения", "видеосообщений"],
    },
    voice: Noun {
        name: "Голосовое сообщение",
        one: "голосовое сообщение",
        counted: ["голосовое сообщение", "голосовых сообщения", "голосовых сообщений"],
    },
    sticker: Noun {
        name: "Стикер", one: "стикер", counted: ["стикер", "стикера", "стикеров"]
    },
    months: [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ],
    views: ["просмотр", "просмотра", "просмотров"],
    votes: ["голос", "голоса", "голосов"],
    and: " и ",
    more: |number| format!(" и ещё {number}"),
    one_of: |number, all| format!("{number} из {all}"),
    forwarded_from: "Переслано из",
    reply_to: "В ответ:",
    reply: "В ответ",
    via: "через",
    poll: "Опрос",
    quiz: "Викторина",
    several_answers: "несколько ответов",
    final_results: ["завершён", "завершена"],
    vote: "Проголосовать в Telegram",
    anonymous: "анонимно",
    location: "Место на карте",
    contact: "Контакт",
    invoice: "Счёт",
    game: "Игра",
    service: "О канале",
    spoiler: "Спойлер",
    app_only: "Сообщение, которое видно только в приложении Telegram",
    open_in_app: "Страница Telegram этого не показывает: откройте в Telegram",
    too_big: "слишком большое для страницы Telegram, откройте в Telegram",
};
