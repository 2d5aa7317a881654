//! What went wrong, in Russian: what, why, and what to do.

use super::number::{counted, pause, size};
use super::{file, refusal as bad_query};
use crate::model::{BadName, BadOption, BadSet};
use crate::service::{self, Outage, Owner, Refusal};
use crate::web::error::Error;

/// What happened, in a few words.
pub(super) fn title(error: &Error) -> String {
    let told = match error {
        Error::Name(BadName::Empty | BadName::Malformed) => "Это не имя канала",
        Error::Name(_) => "Это не открытый канал",
        Error::Option(_) => "Такой ленты не бывает",
        Error::Set(_) => "Это не список каналов",
        Error::Query(_) => "По этому ничего не найти",
        Error::Service(service::Error::Refused(refusal) | service::Error::Gone(refusal)) => {
            return refused(refusal);
        }
        Error::Service(service::Error::NoArchive) => "Архив сейчас недоступен",
        Error::Service(service::Error::NoSuchFile) => "Такого файла нет",
        Error::Service(service::Error::Internal) | Error::Internal => "Ошибка на нашей стороне",
        Error::File(error) => file::title(error),
        Error::NoSuchPage => "Такой страницы нет",
        Error::Unread { .. } => "Это не канал",
        Error::TooLarge { .. } => "Слишком много",
        Error::NoForm => "Это не форма",
        Error::Another => "Это другой файл",
        Error::NoSuchCollection { .. } => "Такой подборки нет",
        Error::Method { takes_form: false } => "Здесь можно только читать",
        Error::Method { takes_form: true } => "Так сюда не обращаются",
        Error::NotServed => "Здесь этого канала нет",
        Error::TooSlow => "Слишком долго",
    };
    told.to_owned()
}

/// Why, and what to do.
pub(super) fn detail(error: &Error) -> String {
    let told = match error {
        Error::Name(reason) => return name(reason),
        Error::Option(reason) => return option(reason),
        Error::Set(reason) => return set(reason),
        Error::Query(reason) => return bad_query(reason),
        Error::Service(service::Error::Refused(refusal) | service::Error::Gone(refusal)) => {
            return why(refusal);
        }
        Error::Service(service::Error::NoArchive) => {
            "Архив сейчас не читается, а без него старые записи показались бы новыми. Попробуйте через несколько минут; что делать, сказано в журнале feedline."
        }
        Error::Service(service::Error::NoSuchFile) => {
            "У записи нет такого файла, или Telegram показывает его только в приложении. Откройте запись в Telegram."
        }
        Error::Service(service::Error::Internal) | Error::Internal => {
            "Такого случиться не должно было. Подробности в журнале feedline; попробуйте ещё раз."
        }
        Error::File(error) => return file::detail(error),
        Error::NoSuchPage => {
            "По этому адресу ничего нет. Канал живёт по адресу /имя, его ленты – /имя/rss.xml, /имя/atom.xml и /имя/feed.json."
        }
        Error::Unread { text, .. } => {
            return format!(
                "Строка «{text}» не похожа ни на имя, ни на ссылку. Вставьте имя канала или ссылку на него, например https://t.me/telegram."
            );
        }
        Error::TooLarge { limit } => {
            return format!("Список больше, чем {}. Отправьте его по частям.", size(*limit));
        }
        Error::NoForm => {
            "Этот адрес принимает форму с полем «channel» или «file». Она есть на начальной странице."
        }
        Error::Another => {
            "Часть, которая у вас есть, из другого файла. Запросите его целиком, без If-Match и If-Unmodified-Since."
        }
        Error::NoSuchCollection { known } if known.is_empty() => {
            "Подборок здесь нет: их называет в настройках владелец сервера."
        }
        Error::NoSuchCollection { known } => {
            return format!("Подборки с таким именем нет. Есть такие: {}.", known.join(", "));
        }
        Error::Method { takes_form: false } => {
            "Этот адрес можно только читать. Подойдут запросы GET и HEAD."
        }
        Error::Method { takes_form: true } => {
            "Этот адрес принимает форму. Подойдут запросы POST, GET и HEAD."
        }
        Error::NotServed => {
            "Этот feedline такого канала не показывает: какие показывать, решает владелец сервера. Выберите другой канал или другой сервер."
        }
        Error::TooSlow => "Ответ готовился слишком долго. Попробуйте через минуту.",
    };
    told.to_owned()
}

fn refused(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NotFound { channel } => format!("Канала @{channel} нет"),
        Refusal::PostNotFound { channel, id } => format!("Записи {id} в @{channel} нет"),
        Refusal::NotAChannel { channel, owner: Owner::User } => {
            format!("@{channel} – человек, а не канал")
        }
        Refusal::NotAChannel { channel, owner: Owner::Bot } => {
            format!("@{channel} – бот, а не канал")
        }
        Refusal::Group { channel } => format!("@{channel} – группа, а не канал"),
        Refusal::PreviewOff { channel } => {
            format!("@{channel} не показывает записи за пределами Telegram")
        }
        Refusal::Blocked { channel, .. } => format!("Telegram не показывает здесь @{channel}"),
        Refusal::Throttled { .. } => "Telegram просит не торопиться".to_owned(),
        Refusal::Busy { .. } => "Слишком большая очередь".to_owned(),
        Refusal::OverBudget { .. } => "Слишком много нового сразу".to_owned(),
        Refusal::Unreachable(_) => "Telegram недоступен".to_owned(),
        Refusal::Timeout { .. } => "Telegram отвечает слишком долго".to_owned(),
        Refusal::MarkupChanged(_) => "Страница Telegram не такая, как обычно".to_owned(),
    }
}

fn why(refusal: &Refusal) -> String {
    let told = match refusal {
        Refusal::NotFound { .. } => {
            "Telegram не знает никого с таким именем. Проверьте, как оно пишется; на переименованный канал надо подписаться под новым именем, а закрытый прочесть нельзя."
        }
        Refusal::PostNotFound { .. } => {
            "Telegram её не показывает: она удалена, никогда не существовала или видна только в приложении. Проверьте номер или откройте сам канал."
        }
        Refusal::NotAChannel { .. } => {
            "Записи, которые можно прочесть, есть только у открытых каналов. Если у этого человека или бота есть канал, вставьте ссылку на него."
        }
        Refusal::Group { .. } => {
            "Telegram не показывает списка сообщений группы, поэтому ленты у неё нет. Ссылки на отдельные сообщения группы работают."
        }
        Refusal::PreviewOff { .. } => {
            "Канал существует, но его владелец или Telegram отключил просмотр вне приложения. Читать его можно только там; если просмотр включат снова, этот адрес заработает."
        }
        Refusal::Blocked { reason, .. } => {
            let said = reason
                .as_ref()
                .map(|said| format!(" Причина, как её называет Telegram: «{said}»."));
            return format!(
                "Канал существует, но Telegram не показывает его записи на своих страницах.{} Возможно, он открывается в приложении; если Telegram покажет его снова, этот адрес заработает.",
                said.unwrap_or_default()
            );
        }
        Refusal::Throttled { retry_after } => {
            return format!(
                "Этот сервер спрашивал Telegram чаще, чем тому нравится, и теперь ждёт. С каналом всё в порядке. Попробуйте через {}.",
                pause(*retry_after)
            );
        }
        Refusal::Busy { retry_after } => {
            return format!(
                "Сейчас спрашивают столько каналов сразу, что очередь до этого дойдёт слишком поздно. Попробуйте через {}.",
                pause(*retry_after)
            );
        }
        Refusal::OverBudget { retry_after } => {
            return format!(
                "Чтобы хватало всем, каждому можно просить за раз столько-то каналов, поисков и старых записей, которых здесь ещё нет. Известное не считается. Попробуйте через {}.",
                pause(*retry_after)
            );
        }
        Refusal::Unreachable(outage) => {
            return format!(
                "{}. Обычно это проходит: попробуйте через минуту.",
                unreachable(outage)
            );
        }
        Refusal::Timeout { limit } => {
            return format!(
                "Целого ответа не было за {}. Обычно это проходит: попробуйте через минуту.",
                pause(*limit)
            );
        }
        Refusal::MarkupChanged(_) => {
            "Telegram отвечает, но прочесть его ответ здесь не удаётся. Попробуйте позже; если так и останется, этому серверу может понадобиться более новая версия feedline."
        }
    };
    told.to_owned()
}

/// What only helps an operator, hosts and causes, is in the log.
fn unreachable(outage: &Outage) -> String {
    match outage {
        Outage::Status(status) => format!("Telegram отвечает ошибкой сервера {status}"),
        Outage::Cut => "Ответ Telegram обрывается в самом начале".to_owned(),
        Outage::Network { .. } => "Соединиться с Telegram этому серверу не удаётся".to_owned(),
    }
}

fn name(reason: &BadName) -> String {
    let example = "например https://t.me/telegram";
    match reason {
        BadName::Empty => {
            "Канал не назван. Вставьте его имя или ссылку, например @telegram или https://t.me/telegram."
                .to_owned()
        }
        BadName::Malformed => {
            "Так канал называться не может: в имени от 2 до 32 латинских букв, цифр и подчёркиваний, и начинается оно с буквы. Вставьте имя канала или ссылку на него."
                .to_owned()
        }
        BadName::Private(what) => format!(
            "По этой ссылке – {}. Читать можно только открытые каналы, у которых есть собственное имя.",
            feature(what)
        ),
        BadName::NotAChannel(what) => {
            format!("По этой ссылке – {}, а не канал. Вставьте ссылку на сам канал, {example}.", feature(what))
        }
        BadName::Numeric => format!(
            "По числовому номеру канал найти нельзя. Вставьте имя канала или ссылку на него, {example}."
        ),
        BadName::OtherSite => {
            format!("Это адрес вне Telegram. Вставьте ссылку на сам канал, {example}.")
        }
    }
}

/// A feature of Telegram to which a link leads.
pub(super) fn feature(what: &str) -> &'static str {
    match what {
        "a boost link" => "голос за канал",
        "a business chat" => "чат с компанией",
        "a call" => "звонок",
        "a chat background" => "фон чата",
        "a collectible" => "коллекционный подарок",
        "a confirmation link" => "подтверждение номера",
        "a contact" => "контакт",
        "a gift" => "подарок",
        "a gift auction" => "аукцион подарков",
        "a language pack" => "перевод приложения",
        "a link into the app" => "страница приложения",
        "a link that creates a bot" => "создание бота",
        "a login link" => "вход в Telegram",
        "a page of the app’s settings" => "настройки приложения",
        "a phone number" => "номер телефона",
        "a private channel’s message" => "сообщение закрытого канала",
        "a proxy" => "прокси",
        "a search in the app" => "поиск в приложении",
        "a set of emoji" => "набор эмодзи",
        "a set of stickers" => "набор стикеров",
        "a share link" => "кнопка «Поделиться»",
        "a shared folder" => "папка с чатами",
        "a story" => "история",
        "a style" => "стиль текста",
        "a theme" => "тема оформления",
        "an address of Telegram’s web app without a channel" => "веб-версия Telegram",
        "an instant view" => "быстрый просмотр",
        "an invitation to a private chat" => "приглашение в закрытый канал или чат",
        "an invoice" => "счёт",
        _ => "что-то другое",
    }
}

fn option(reason: &BadOption) -> String {
    match reason {
        BadOption::Unknown { option, nearest: Some(nearest) } => {
            format!("Параметра «{option}» нет. Может быть, это «{nearest}»?")
        }
        BadOption::Unknown { option, nearest: None } => {
            let names = crate::model::options::NAMES.join(", ");
            format!("Параметра «{option}» нет. Есть такие: {names}.")
        }
        BadOption::Value { option, value, .. } => {
            format!("Параметр «{option}» не бывает «{value}». Он принимает {}.", takes(option))
        }
        BadOption::TooLong { option, .. } => {
            format!("Параметр «{option}» слишком длинный. Он принимает {}.", takes(option))
        }
        BadOption::Expression { option, why } => {
            format!("Параметр «{option}» – регулярное выражение, а это не оно ({why}).")
        }
        BadOption::Twice { option } => {
            format!("Параметр «{option}» указан дважды. Укажите его один раз.")
        }
        BadOption::TooMany => {
            "Слишком много параметров: их всего 16, и каждый указывается один раз.".to_owned()
        }
    }
}

fn takes(option: &str) -> &'static str {
    match option {
        "limit" => "число записей от 1 до 500",
        "before" => "номер из адреса следующей страницы",
        "q" | "tag" => "слова, не больше 256 байт",
        "include" | "exclude" => "регулярное выражение не длиннее 512 байт и не слишком сложное",
        "kind" => {
            "через запятую text, photo, video, gif, round, voice, music, file, sticker, poll, location, contact, link; с минусом впереди – без этого"
        }
        "forwards" | "replies" => "all, only или none",
        "service" | "stats" => "1 или 0",
        "ads" => "all или none",
        "title" => "text, marked или none",
        "content" => "full или text",
        "link" => "telegram, page или first",
        _ => "только то, что названо в описании",
    }
}

fn set(reason: &BadSet) -> String {
    match reason {
        BadSet::Empty => {
            "Ни одного канала не названо. Имена пишутся через плюс, например telegram+durov."
                .to_owned()
        }
        BadSet::TooMany { number } => {
            let named = i64::try_from(*number).unwrap_or(i64::MAX);
            let named = counted(named, ["канал", "канала", "каналов"]);
            format!("Здесь {named}, а вместе читается не больше 50.")
        }
        BadSet::Name { text, reason } => format!("Имя «{text}» не подходит. {}", name(reason)),
    }
}
