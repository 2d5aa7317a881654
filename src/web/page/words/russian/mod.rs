//! Russian.

mod file;
mod number;
mod problem;

use chrono::Datelike as _;

use self::number::{counted, form};
use super::{
    BuilderWords, ChannelWords, FeedWords, FrameWords, ImportWords, MergedWords, PostWords,
    PreviewWords, ProblemWords, SearchWords, StartWords, StatusWords, Unit, Words,
};
use crate::feed::language;
use crate::feed::opml::{BadFile, BadSubscription, Reason};
use crate::model::{BadName, Language};
use crate::service::search::BadQuery;

pub(super) static WORDS: Words = Words {
    language: "ru",
    own: Language::Russian,
    day: |date| {
        let month = language::Words::of(Language::Russian).months[date.month0() as usize];
        format!("{} {month} {}", date.day(), date.year())
    },
    frame: FrameWords { skip: "К содержанию", status: "Состояние" },
    start: StartWords {
        title: "feedline: каналы Telegram в виде лент",
        heading: "Открытые каналы Telegram в виде лент",
        lead: "Вставьте имя канала или ссылку на него и получите ленту для привычной читалки: без учётной записи и без бота.",
        label: "Канал или несколько",
        hint: "Из нескольких строк, файла OPML или адресов RSSHub и RSS-Bridge получится файл OPML.",
        file: "Или файл с ними",
        button: "Показать ленту",
        examples: "Например:",
        followed: "Здесь читают",
        channel: "Канал",
        last_post: "Последняя запись",
        feed: "Лента",
        more: |number| format!("И ещё {number}."),
        collections: "Подборки",
        all: "Каналы и подборки этой страницы в виде OPML",
        by_hand: "Или вручную",
        feed_at: "Лента канала:",
        beside: "Рядом с ней:",
        several: "Несколько каналов читаются как один:",
    },
    preview: PreviewWords {
        subscribe: "Скопируйте этот адрес в свою читалку:",
        newest: "Последние записи",
        all: "Все записи канала",
        another: "Другой канал",
    },
    builder: BuilderWords {
        summary: "Настроить",
        lead: "Всё выбранное здесь войдёт в адрес ленты.",
        include: "Только записи, где есть",
        exclude: "Без записей, где есть",
        expression: "слово или регулярное выражение: ищется в заголовке, тексте и ссылках",
        tag: "Хештег",
        kind: "Вид",
        kinds: [
            "все",
            "фото и видео",
            "фото",
            "голос и музыка",
            "файлы",
            "опросы",
            "все, кроме стикеров",
        ],
        kind_names: [
            ("text", "тексты", "текстов"),
            ("photo", "фото", "фото"),
            ("video", "видео", "видео"),
            ("gif", "GIF", "GIF"),
            ("round", "видеосообщения", "видеосообщений"),
            ("voice", "голосовые", "голосовых"),
            ("music", "музыка", "музыки"),
            ("file", "файлы", "файлов"),
            ("sticker", "стикеры", "стикеров"),
            ("poll", "опросы", "опросов"),
            ("location", "места", "мест"),
            ("contact", "контакты", "контактов"),
            ("link", "ссылки", "ссылок"),
        ],
        without: "без",
        forwards: "Пересланное",
        replies: "Ответы",
        presence: ["вместе с остальными", "только они", "пропустить"],
        ads: "Реклама",
        ads_choice: ["вместе с остальными", "помеченную пропустить"],
        title: "Заголовки",
        titles: ["первая строка", "с пометкой вида", "без заголовков"],
        content: "Содержание",
        contents: ["всё", "только слова"],
        media: "Файлы",
        medias: ["показывать", "только называть"],
        link: "Записи ведут",
        links: ["в Telegram", "на страницу здесь", "по первой ссылке в записи"],
        stats: "Просмотры и реакции",
        service: "Записи о самом канале",
        switch: ["нет", "да"],
        limit: "Записей не больше",
        button: "Показать",
        address: "Адрес этой ленты:",
        matches: |matched, all| {
            if all == 0 {
                return "Записей пока нет.".to_owned();
            }
            let number = |number: usize| i64::try_from(number).unwrap_or(0);
            let verb = form(number(matched), ["Подходит", "Подходят", "Подходит"]);
            let of = form(number(all), ["последней", "последних", "последних"]);
            let posts = form(number(all), ["записи", "записей", "записей"]);
            format!("{verb} {matched} из {of} {all} {posts}.")
        },
    },
    channel: ChannelWords {
        feeds: "Ленты",
        pages: "Страницы",
        newest: "Самые новые",
        newer: "Более новые записи",
        by_reader: "Открыть в читалке",
        older: "Более ранние записи",
        show_all: "Показать все",
        none: "Здесь нет записей.",
        none_match: "Подходящих записей здесь нет.",
        verified: "подтверждён",
        scam: "мошенничество",
        fake: "подделка",
        rhythm: |number, unit| {
            let unit = match unit {
                Unit::Day => "день",
                Unit::Week => "неделю",
                Unit::Month => "месяц",
                Unit::Year => "год",
            };
            format!("{number} {} в {unit}", form(number, ["запись", "записи", "записей"]))
        },
        checked: |minutes| {
            let ago = match minutes {
                ..1 => return "проверено только что".to_owned(),
                1..60 => format!("{minutes} мин"),
                60..120 => "час".to_owned(),
                120..2880 => counted(minutes / 60, ["час", "часа", "часов"]),
                _ => counted(minutes / 1440, ["день", "дня", "дней"]),
            };
            format!("проверено {ago} назад")
        },
        subscribers: |number| {
            let forms = ["подписчик", "подписчика", "подписчиков"];
            let shown = number.replace('.', ",").replace('K', " тыс.").replace('M', " млн");
            format!("{shown} {}", number.parse().map_or(forms[2], |count| form(count, forms)))
        },
        only: |parts| format!("Только записи: {parts}."),
        tagged: |tag| format!("с тегом #{tag}"),
        with_words: |words| format!("со словами «{words}»"),
        quoted: |text| format!("«{text}»"),
        service_too: "И записи о самом канале",
        older_posts: "более ранние записи",
        partial: "Страница Telegram пришла не целиком; остальное появится при следующей загрузке.",
        refreshing: "Это записи, известные к этому часу; новые загружаются.",
        throttled: "Telegram сейчас ограничивает наши запросы; это последние известные записи.",
        busy: "К Telegram сейчас очередь; это последние известные записи.",
        unreachable: "Telegram сейчас недоступен; это последние известные записи.",
        markup_changed: "Страницу Telegram не удалось прочесть; это последние известные записи.",
        gone: "Telegram больше не показывает этот канал; это последние известные записи.",
    },
    post: PostWords {
        edited: "изменено",
        in_telegram: "в Telegram",
        unfold: "Показать целиком",
        read_on: "Читать дальше",
        rest: "Запись длиннее: читать целиком в Telegram",
        published: "Опубликовано",
        noticed: "Последняя правка замечена",
        edited_early: ["Изменено", "до первого прочтения здесь или вскоре после публикации"],
        deleted: |when| format!("Telegram больше не показывает эту запись (замечено {when})."),
        versions: |number| {
            let forms = ["прежний вариант", "прежних варианта", "прежних вариантов"];
            counted(i64::try_from(number).unwrap_or(0), forms)
        },
        version: |since, until| format!("с {since} до {until}"),
        channel: "Канал",
        group: "Группа",
        share: "Адрес записи",
        open_in_telegram: "Открыть в Telegram",
        open_in_app: "Открыть в приложении",
        further: "Ещё из этого канала",
        more_of: |name| format!("Ещё из @{name}"),
        newer: "Новее",
        older: "Старше",
    },
    merged: MergedWords {
        channels: "Каналы",
        opml: "лента каждого канала",
        missing: "Сейчас здесь нет:",
        more: |number| format!("ещё {number}"),
        why: |code| match code {
            "not_found" => "такого имени нет",
            "not_a_channel" => "это человек или бот",
            "group" => "это группа",
            "preview_off" => "виден только в приложении",
            "blocked" => "Telegram его здесь не показывает",
            "throttled" => "Telegram ограничивает наши запросы",
            "busy" => "ждёт своей очереди",
            "unreachable" => "Telegram недоступен",
            "markup_changed" => "страницу Telegram не удалось прочесть",
            "refreshing" => "загружается",
            _ => "Telegram отвечает слишком долго",
        },
    },
    import: ImportWords {
        title: "Прочитанные каналы",
        heading: |number| {
            counted(i64::try_from(number).unwrap_or(0), ["канал", "канала", "каналов"])
        },
        lead: "Загрузите этот файл в свою читалку или подпишитесь на то, что нравится.",
        download: "Скачать файл OPML",
        address: "То же в виде адреса, для читалок, которые берут OPML по адресу:",
        merged: "Все они одной лентой:",
        feed: "лента",
        again: "Другой список",
        lost: "Просили прежние адреса, а здесь этого нет",
        reason,
        unread: |number| {
            let number = i64::try_from(number).unwrap_or(0);
            format!("Без нового канала: {}", counted(number, ["строка", "строки", "строк"]))
        },
        line: |number| format!("строка {number}"),
        left_out: "Было больше, чем читается за один раз: остальное пропущено.",
    },
    search: SearchWords {
        heading: "Поиск",
        label: "Слова в записях",
        button: "Найти",
        ways: [
            ("чай гавань", "оба слова в любой форме"),
            ("\"зелёный чай\"", "именно эти слова в этом порядке"),
            ("#чай", "хештег"),
            ("теле*", "слова с таким началом"),
            ("чай -кофе", "без слова"),
            (
                "чай channel:durov since:2026-01-31 until:2026-02-28",
                "в канале, с одного дня по другой",
            ),
        ],
        none: "В сохранённых здесь записях ничего не нашлось.",
        hint: "Попробуйте меньше слов, другие слова или только начало слова.",
        feeds: "Этот поиск в виде ленты",
        title: |words| format!("Записи со словами «{words}»"),
        refusal,
    },
    status: StatusWords {
        title: "Состояние",
        stretched: |factor| {
            format!(
                "Нужно больше, чем можно спрашивать у Telegram: все каналы обновляются в {factor} раза реже, чем следовало бы."
            )
        },
        late: "Обновления сейчас опаздывают на минуты: сначала люди.",
        all_pause: |minutes| {
            format!("Telegram просит не торопиться: запросов не будет ещё {minutes} мин.")
        },
        archive_fault: |code| {
            format!(
                "Архив не работает ({code}); что делать, сказано в журнале. Ленты пока живут в памяти."
            )
        },
        archive_undecodable: |rows| {
            format!(
                "В архиве есть строки, которые не удаётся прочесть ({rows}); они названы в журнале и остаются как были."
            )
        },
        last_hour: "Запросов за последний час",
        waiting: "Запросов в очереди",
        outbounds: "Исходящих адресов",
        of_which_pause: |all, pausing| format!("{all}, из них на паузе {pausing}"),
        kept: "Хранится здесь",
        channels: "Каналов",
        posts: "Записей",
        ahead: "Каналов, которые обновляются до прихода читателей",
        histories: "Каналов, чья история ещё загружается",
        archive: "Размер архива",
        size: number::size,
        followed: "Каналы, которые здесь читают",
        none: "Пока ни одного: каналы называет в настройках тот, кто держит этот feedline.",
        never: "ещё не проверено",
        next: |minutes| match minutes {
            ..1 => "снова сейчас".to_owned(),
            1..60 => format!("снова через {minutes} мин"),
            _ => format!("снова через {} ч", (minutes + 30) / 60),
        },
        more: |number| format!("Ещё {number} есть в JSON."),
    },
    problem: ProblemWords {
        title: problem::title,
        detail: problem::detail,
        retry: "Попробовать ещё раз",
        channel: "Канал со всеми записями",
        again: "Попробовать другой канал",
        kept: |name| format!("Что хранится здесь от {name}"),
    },
    feed: FeedWords {
        notice: "Это лента: скопируйте её адрес в свою читалку.",
        attachment: "Файл: ",
    },
};

fn refusal(reason: &BadQuery) -> String {
    match reason {
        BadQuery::Empty => "Искать нечего: напишите слово, \"фразу\" или #хештег.".to_owned(),
        BadQuery::NoWord => {
            "Здесь нет слов: записи ищутся по словам, \"фразам\" и #хештегам.".to_owned()
        }
        BadQuery::OnlyUnwanted => {
            "Здесь сказано только, чего быть не должно: добавьте слово, которое должно быть."
                .to_owned()
        }
        BadQuery::ShortBeginning { beginning } => {
            format!("«{beginning}*» слишком коротко: в начале слова не меньше двух букв или цифр.")
        }
        BadQuery::TooLong => "Слишком длинно: не больше 512 байт.".to_owned(),
        BadQuery::TooMany => {
            "Слишком много слов: не больше 16 слов, фраз и хештегов, и столько же каналов."
                .to_owned()
        }
        BadQuery::Date { operator } => {
            format!("После «{operator}:» пишется день, например 2026-01-31.")
        }
        BadQuery::Backwards => {
            "День после «since:» позже дня после «until:»: между ними ничего нет.".to_owned()
        }
        BadQuery::Page => {
            "«before» берётся из адреса страницы с более ранними находками.".to_owned()
        }
        BadQuery::Channel(_) => "После «channel:» пишется имя канала, например durov.".to_owned(),
    }
}

fn reason(reason: &Reason) -> String {
    let told = match reason {
        Reason::Subscription(BadSubscription::Name(name)) => match name {
            BadName::Empty => "Здесь не назван канал.",
            BadName::Malformed => {
                "Это не имя канала: в имени от 2 до 32 латинских букв, цифр и подчёркиваний, и начинается оно с буквы."
            }
            BadName::Private(what) | BadName::NotAChannel(what) => {
                return format!(
                    "По этой ссылке – {}, а не открытый канал.",
                    problem::feature(what)
                );
            }
            BadName::Numeric => "По числовому номеру канал найти нельзя: нужно его имя.",
            BadName::OtherSite => "Это адрес вне Telegram.",
        },
        Reason::Subscription(BadSubscription::Set(_)) => "Это не список каналов.",
        Reason::Subscription(BadSubscription::Other) => {
            "Это лента не из Telegram: она остаётся в списке как есть."
        }
        Reason::Subscription(BadSubscription::Ours) => {
            "Этот адрес feedline перенять нельзя: подпишитесь на его каналы по имени."
        }
        Reason::File(BadFile::Zip) => "Это архив ZIP: распакуйте его и дайте файл, который внутри.",
        Reason::File(BadFile::Gzip) => {
            "Этот файл gzip повреждён или неполон: распакуйте его и дайте файл, который внутри."
        }
        Reason::File(BadFile::Binary) => {
            "Это не текстовый файл: нужен файл OPML или строки с именами и ссылками."
        }
        Reason::File(BadFile::NoOutlines) => {
            "В файле нет ни одного элемента outline, так что это не OPML."
        }
        Reason::Twice => "Эта лента уже есть в списке.",
        Reason::NoAddress => "В этом элементе outline нет адреса ленты.",
        Reason::LeftOut => "Это лента не из Telegram, и её адрес в списке остаться не может.",
        Reason::NotServed => "Этот канал здесь не показывают: так решил владелец сервера.",
        Reason::Comment => {
            "Строка начинается с #, это комментарий: если это канал, уберите этот знак."
        }
        Reason::Heading => "Строка похожа на заголовок следующих: имён каналов в ней не ищется.",
        Reason::Broken => "Отсюда файл перестаёт быть XML: дальше он не прочитан.",
        Reason::Entities => {
            "В файле объявлены сущности, каких в списках подписок не бывает: он не прочитан."
        }
    };
    told.to_owned()
}
