# Russian. How to add a language: src/locale.rs.

## Numbers, dates and lists

decimal-point = ,
seconds = { $number } с
minutes = { $number } мин
hours = { $number } ч
# $unit is B, KiB, MiB, GiB or TiB.
size = { $amount } { $unit ->
   *[B] Б
    [KiB] КиБ
    [MiB] МиБ
    [GiB] ГиБ
    [TiB] ТиБ
}
day-and-month = { $day } { $month ->
    [1] января
    [2] февраля
    [3] марта
    [4] апреля
    [5] мая
    [6] июня
    [7] июля
    [8] августа
    [9] сентября
    [10] октября
    [11] ноября
   *[12] декабря
}
date = { day-and-month } { $year }
list-next = { $list }, { $item }
list-last = { $list } и { $item }

## Posts, in feeds and on pages

photo = Фото
    .count = { $number ->
        [1] фото
       *[other] { $number } фото
    }
video = Видео
    .count = { $number ->
        [1] видео
       *[other] { $number } видео
    }
gif = GIF
    .count = { $number ->
        [1] GIF
       *[other] { $number } GIF
    }
round-video = Видеосообщение
    .count = { $number ->
        [1] видеосообщение
        [one] { $number } видеосообщение
        [few] { $number } видеосообщения
       *[many] { $number } видеосообщений
    }
voice = Голосовое сообщение
    .count = { $number ->
        [1] голосовое сообщение
        [one] { $number } голосовое сообщение
        [few] { $number } голосовых сообщения
       *[many] { $number } голосовых сообщений
    }
sticker = Стикер
    .count = { $number ->
        [1] стикер
        [one] { $number } стикер
        [few] { $number } стикера
       *[many] { $number } стикеров
    }
photo-of = Фото, { $number } из { $all }
views = { $number ->
    [one] { $number } просмотр
    [few] { $number } просмотра
   *[many] { $number } просмотров
}
votes = { $number ->
    [one] { $number } голос
    [few] { $number } голоса
   *[many] { $number } голосов
}
more-files = { " " }и ещё { $number }
forwarded-from = Переслано из
reply = В ответ
    .to = В ответ:
via = через
poll = Опрос
    .final = завершён
quiz = Викторина
    .final = завершена
several-answers = несколько ответов
vote = Проголосовать в Telegram
anonymous = анонимно
location = Место на карте
contact = Контакт
invoice = Счёт
game = Игра
service = О канале
spoiler = Спойлер
app-only = Сообщение, которое видно только в приложении Telegram
open-in-app = Страница Telegram этого не показывает: откройте в Telegram
too-big = слишком большое для страницы Telegram, откройте в Telegram

## The frame of every page

frame-skip = К содержанию
frame-status = Состояние

## Start page

start-title = feedline: каналы Telegram в виде лент
start-heading = Открытые каналы Telegram в виде лент
start-lead = Вставьте имя канала или ссылку на него и получите ленту для привычной читалки: без учётной записи и без бота.
start-label = Канал или несколько
start-hint = Из нескольких строк, файла OPML или адресов RSSHub и RSS-Bridge получится файл OPML.
start-file = Или файл с ними
start-button = Показать ленту
start-examples = Например:
start-followed = Здесь читают
start-channel = Канал
start-last-post = Последняя запись
start-feed = Лента
start-more = И ещё { $number }.
start-collections = Подборки
start-all = Каналы и подборки этой страницы в виде OPML
start-by-hand = Или вручную
start-feed-at = Лента канала:
start-beside = Рядом с ней:
start-several = Несколько каналов читаются как один:

## Preview of a channel

preview-subscribe = Скопируйте этот адрес в свою читалку:
preview-newest = Последние записи
preview-all = Все записи канала
preview-another = Другой канал

## Form that puts a feed together

builder-summary = Настроить
builder-lead = Всё выбранное здесь войдёт в адрес ленты.
builder-include = Только записи, где есть
builder-exclude = Без записей, где есть
builder-expression = слово или регулярное выражение: ищется в заголовке, тексте и ссылках
builder-tag = Хештег
builder-limit = Записей не больше
builder-button = Показать
builder-address = Адрес этой ленты:
builder-matches = { $all ->
    [0] Записей пока нет.
   *[other] { $matched ->
        [few] Подходят
       *[other] Подходит
    } { $matched } из { $all ->
        [one] последней { $all } записи
       *[other] последних { $all } записей
    }.
}
builder-kind = Вид
    .all = все
    .pictures = фото и видео
    .photo = фото
    .audio = голос и музыка
    .file = файлы
    .poll = опросы
    .no-sticker = все, кроме стикеров
builder-forwards = Пересланное
builder-replies = Ответы
presence-all = вместе с остальными
presence-only = только они
presence-none = пропустить
builder-ads = Реклама
    .all = вместе с остальными
    .none = помеченную пропустить
builder-title = Заголовки
    .text = первая строка
    .marked = с пометкой вида
    .none = без заголовков
builder-content = Содержание
    .full = всё
    .text = только слова
builder-media = Файлы
    .shown = показывать
    .none = только называть
builder-link = Записи ведут
    .telegram = в Telegram
    .page = на страницу здесь
    .first = по первой ссылке в записи
builder-stats = Просмотры и реакции
builder-service = Записи о самом канале
switch-off = нет
switch-on = да

# Kinds of posts; `.without` is what a list of posts leaves out.
kind-text = тексты
    .without = без текстов
kind-photo = фото
    .without = без фото
kind-video = видео
    .without = без видео
kind-gif = GIF
    .without = без GIF
kind-round = видеосообщения
    .without = без видеосообщений
kind-voice = голосовые
    .without = без голосовых
kind-music = музыка
    .without = без музыки
kind-file = файлы
    .without = без файлов
kind-sticker = стикеры
    .without = без стикеров
kind-poll = опросы
    .without = без опросов
kind-location = места
    .without = без мест
kind-contact = контакты
    .without = без контактов
kind-link = ссылки
    .without = без ссылок

## Channel page

channel-feeds = Ленты
channel-pages = Страницы
channel-newest = Самые новые
channel-newer = Более новые записи
channel-older = Более ранние записи
channel-open-in-reader = Открыть в читалке
channel-show-all = Показать все
channel-none = Здесь нет записей.
channel-none-match = Подходящих записей здесь нет.
channel-verified = подтверждён
channel-scam = мошенничество
channel-fake = подделка
# $unit is day, week, month or year.
channel-frequency = { $number ->
    [one] { $number } запись
    [few] { $number } записи
   *[many] { $number } записей
} в { $unit ->
   *[day] день
    [week] неделю
    [month] месяц
    [year] год
}
channel-checked-now = проверено только что
channel-checked-minutes = проверено { $number } мин назад
channel-checked-hours = проверено { $number ->
    [1] час
    [one] { $number } час
    [few] { $number } часа
   *[many] { $number } часов
} назад
channel-checked-days = проверено { $number ->
    [one] { $number } день
    [few] { $number } дня
   *[many] { $number } дней
} назад
# $unit is K, M or none; $number may have a fraction.
channel-subscribers = { $unit ->
    [K] { $number } тыс. подписчиков
    [M] { $number } млн подписчиков
   *[none] { $number ->
        [one] { $number } подписчик
        [few] { $number } подписчика
       *[many] { $number } подписчиков
    }
}
channel-only = Только записи: { $conditions }.
channel-tagged = с тегом #{ $tag }
channel-with-words = со словами «{ $words }»
channel-containing = Только записи, где есть «{ $text }».
channel-not-containing = Без записей, где есть «{ $text }».
channel-service-too = И записи о самом канале.
channel-older-posts = более ранние записи
channel-partial = Часть страницы Telegram не пришла; остальное появится при следующей проверке.
channel-refreshing = Это записи, известные к этому часу; новые загружаются.
channel-throttled = Telegram сейчас ограничивает наши запросы; это последние известные записи.
channel-busy = К Telegram сейчас очередь; это последние известные записи.
channel-unreachable = Telegram сейчас недоступен; это последние известные записи.
channel-markup-changed = Страницу Telegram не удалось прочесть; это последние известные записи.
channel-gone = Telegram больше не показывает этот канал; это последние известные записи.
quoted = «{ $text }»

## Post page

post-edited = изменено
post-in-telegram = в Telegram
post-unfold = Показать целиком
post-read-on = Читать дальше
post-rest = Запись длиннее: читать целиком в Telegram
post-published = Опубликовано
post-noticed = Последняя правка замечена
post-edited-early = Изменено
    .when = до первого прочтения здесь или вскоре после публикации
post-deleted = Telegram больше не показывает эту запись (замечено { $when }).
post-versions = { $number ->
    [one] { $number } прежний вариант
    [few] { $number } прежних варианта
   *[many] { $number } прежних вариантов
}
post-version = с { $since } до { $until }
post-channel = Канал
post-group = Группа
post-share = Адрес записи
post-open-in-telegram = Открыть в Telegram
post-open-in-app = Открыть в приложении
post-further = Ещё из этого канала
post-more-of = Ещё из @{ $channel }
post-newer = Новее
post-older = Старше

## Several channels as one

merged-channels = Каналы
merged-opml = лента каждого канала
merged-missing = Сейчас здесь нет:
merged-more = ещё { $number }
reason-not-found = такого имени нет
reason-not-a-channel = это человек или бот
reason-group = это группа
reason-preview-off = виден только в приложении
reason-blocked = Telegram его здесь не показывает
reason-throttled = Telegram ограничивает наши запросы
reason-busy = ждёт своей очереди
reason-unreachable = Telegram недоступен
reason-markup-changed = страницу Telegram не удалось прочесть
reason-refreshing = загружается
reason-timeout = Telegram отвечает слишком долго

## Imported list

import-title = Прочитанные каналы
import-heading = { $number ->
    [one] { $number } канал
    [few] { $number } канала
   *[many] { $number } каналов
}
import-lead = Загрузите этот файл в свою читалку или подпишитесь на то, что нравится.
import-download = Скачать файл OPML
import-address = То же в виде адреса, для читалок, которые берут OPML по адресу:
import-merged = Все они одной лентой:
import-feed = лента
import-again = Другой список
import-lost = Параметры прежних адресов, которых здесь нет
import-unread = Без нового канала: { $number ->
    [one] { $number } строка
    [few] { $number } строки
   *[many] { $number } строк
}
import-line = строка { $number }
import-left-out = { $number ->
    [one] Ещё { $number } лента пропущена: в списке их не больше { $max }.
    [few] Ещё { $number } ленты пропущены: в списке их не больше { $max }.
   *[many] Ещё { $number } лент пропущено: в списке их не больше { $max }.
}
import-cut = Список слишком длинный: прочитана только его часть.

## Search page

search-heading = Поиск
search-label = Слова в записях
search-button = Найти
search-words = чай гавань
    .meaning = оба слова в любой форме
search-phrase = "зелёный чай"
    .meaning = именно эти слова в этом порядке
search-hashtag = #чай
    .meaning = хештег
search-prefix = теле*
    .meaning = слова с таким началом
search-without = чай -кофе
    .meaning = без слова
search-place = чай channel:durov since:2026-01-31 until:2026-02-28
    .meaning = в канале, с одного дня по другой
search-none = В сохранённых здесь записях ничего не нашлось.
search-hint = Попробуйте меньше слов, другие слова или только начало слова.
search-feeds = Этот поиск в виде ленты
search-title = Записи со словами «{ $words }»

## Status page

status-title = Состояние
status-stretched = Нужно больше, чем можно спрашивать у Telegram: все каналы обновляются в { $factor } раза реже, чем следовало бы.
status-late = Обновления сейчас опаздывают на минуты: сначала люди.
status-paused = Telegram просит не торопиться: запросов не будет ещё { $minutes } мин.
status-archive-fault = Архив не работает ({ $code }); что делать, сказано в журнале. Ленты пока живут в памяти.
status-archive-undecodable = В архиве есть строки, которые не удаётся прочесть ({ $number }); они названы в журнале и остаются как были.
status-last-hour = Запросов за последний час
status-waiting = Запросов в очереди
status-outbounds = Исходящих адресов
status-outbounds-paused = { $all }, из них на паузе { $paused }
status-archive-heading = В архиве
status-channels = Каналов
status-posts = Записей
status-ahead = Каналов, которые обновляются до прихода читателей
status-histories = Каналов, чья история ещё загружается
status-archive = Размер архива
status-followed = Каналы, которые здесь читают
status-none = Пока ни одного: каналы называет в настройках тот, кто держит этот feedline.
status-never = ещё не проверено
status-next-now = снова сейчас
status-next-minutes = снова через { $number } мин
status-next-hours = снова через { $number } ч
status-more = Ещё { $number } есть в JSON.

## Feed opened in a browser

feed-notice = Это лента: скопируйте её адрес в свою читалку.
feed-attachment = Файл:

## Pages of errors: links to go on

problem-retry = Попробовать ещё раз
problem-channel = Канал со всеми записями
problem-again = Попробовать другой канал
problem-archived = Записи в архиве: { $channel }

## Errors: what happened, and what to do (.detail)

name-empty = Канал не назван. Вставьте его имя или ссылку, например @telegram или https://t.me/telegram.
name-malformed = Это не имя канала: в имени от 2 до 32 латинских букв, цифр и подчёркиваний, и начинается оно с буквы. Вставьте имя канала или ссылку на него, например https://t.me/telegram.
name-private = По этой ссылке – { $what }. Читать можно только открытые каналы, у которых есть собственное имя.
name-not-a-channel = По этой ссылке – { $what }, а не канал. Вставьте ссылку на сам канал, например https://t.me/telegram.
name-numeric = По числовому номеру канал найти нельзя. Вставьте имя канала или ссылку на него, например https://t.me/telegram.
name-other-site = Это адрес вне Telegram. Вставьте ссылку на сам канал, например https://t.me/telegram.

# What links into Telegram lead to.
feature-boost = голос за канал
feature-business = чат с компанией
feature-call = звонок
feature-background = фон чата
feature-collectible = коллекционный подарок
feature-confirmation = подтверждение номера
feature-contact = контакт
feature-gift = подарок
feature-auction = аукцион подарков
feature-language = перевод приложения
feature-app = страница приложения
feature-bot = создание бота
feature-login = вход в Telegram
feature-settings = настройки приложения
feature-phone = номер телефона
feature-private-message = сообщение закрытого канала
feature-proxy = прокси
feature-search = поиск в приложении
feature-emoji = набор эмодзи
feature-stickers = набор стикеров
feature-share = кнопка «Поделиться»
feature-folder = папка с чатами
feature-story = история
feature-style = стиль текста
feature-theme = тема оформления
feature-web-app = веб-версия Telegram
feature-instant-view = быстрый просмотр
feature-invitation = приглашение в закрытый канал или чат
feature-invoice = счёт

option-unknown = Параметра «{ $option }» нет. Есть такие: { $names }.
option-unknown-nearest = Параметра «{ $option }» нет. Может быть, это «{ $nearest }»?
option-takes = { $option ->
    [limit] число записей от 1 до 500
    [before] номер из адреса следующей страницы
    [q] слова, не больше 256 байт
    [tag] слова, не больше 256 байт
    [include] регулярное выражение не длиннее 512 байт и не слишком сложное
    [exclude] регулярное выражение не длиннее 512 байт и не слишком сложное
    [kind] через запятую text, photo, video, gif, round, voice, music, file, sticker, poll, location, contact, link; с минусом впереди – без этого
    [forwards] all, only или none
    [replies] all, only или none
    [ads] all или none
    [title] text, marked или none
    [content] full или text
    [media] proxy, redirect или none
    [link] telegram, page или first
   *[other] 1 или 0
}
option-value = Параметр «{ $option }» не бывает «{ $value }». Он принимает { option-takes }.
option-too-long = Параметр «{ $option }» слишком длинный. Он принимает { option-takes }.
option-expression = Параметр «{ $option }» – регулярное выражение, а это не оно ({ $why }).
option-twice = Параметр «{ $option }» указан дважды. Укажите его один раз.
option-too-many = Слишком много параметров: их всего 16, и каждый указывается один раз.

set-empty = Ни одного канала не названо. Имена пишутся через плюс, например telegram+durov.
set-too-many = Здесь { $number ->
    [one] { $number } канал
    [few] { $number } канала
   *[many] { $number } каналов
}, а вместе читается не больше 50.
set-name = Имя «{ $text }» не подходит. { $reason }

query-empty = Искать нечего: напишите слово, "фразу" или #хештег.
query-no-word = Здесь нет слов: записи ищутся по словам, "фразам" и #хештегам.
query-only-unwanted = Здесь сказано только, чего быть не должно: добавьте слово, которое должно быть.
query-short-prefix = «{ $prefix }*» слишком коротко: в начале слова не меньше двух букв или цифр.
query-too-long = Слишком длинно: не больше 512 байт.
query-too-many = Слишком много слов: не больше 16 слов, фраз и хештегов, и столько же каналов.
query-date = После «{ $operator }:» пишется день, например 2026-01-31.
query-backwards = День после «since:» позже дня после «until:»: между ними ничего нет.
query-page = «before» берётся из адреса страницы с более ранними находками.
query-channel = После «channel:» пишется имя канала, например durov. { $reason }

list-not-telegram = Это лента не из Telegram: она остаётся в списке как есть.
list-ours = Этот адрес feedline перенять нельзя: подпишитесь на его каналы по имени.
list-zip = Это архив ZIP: распакуйте его и дайте файл, который внутри.
list-gzip = Этот файл gzip повреждён или неполон: распакуйте его и дайте файл, который внутри.
list-binary = Это не текстовый файл: нужен файл OPML или строки с именами и ссылками.
list-no-outlines = В файле нет ни одного элемента outline, так что это не OPML.
list-twice = Эта лента уже есть в списке.
list-no-address = В этом элементе outline нет адреса ленты.
list-left-out = Это лента не из Telegram, и её адрес в списке остаться не может.
list-comment = Строка начинается с #, это комментарий: если это канал, уберите этот знак.
list-heading = Строка похожа на заголовок следующих: имён каналов в ней не ищется.
list-broken = Отсюда файл перестаёт быть XML: дальше он не прочитан.
list-entities = В файле объявлены сущности, каких в списках подписок не бывает: он не прочитан.

refusal-not-found = Канала @{ $channel } нет
    .detail = Telegram не знает никого с таким именем. Проверьте, как оно пишется; на переименованный канал надо подписаться под новым именем, а закрытый прочесть нельзя.
refusal-post-not-found = Записи { $id } в @{ $channel } нет
    .detail = Telegram её не показывает: она удалена, никогда не существовала или видна только в приложении. Проверьте номер или откройте сам канал.
refusal-person = @{ $channel } – человек, а не канал
    .detail = Записи, которые можно прочесть, есть только у открытых каналов. Если у этого человека есть канал, вставьте ссылку на него.
refusal-bot = @{ $channel } – бот, а не канал
    .detail = Записи, которые можно прочесть, есть только у открытых каналов. Если у этого бота есть канал, вставьте ссылку на него.
refusal-group = @{ $channel } – группа, а не канал
    .detail = Telegram не показывает списка сообщений группы, поэтому ленты у неё нет. Ссылки на отдельные сообщения группы работают.
refusal-preview-off = @{ $channel } не показывает записи за пределами Telegram
    .detail = Канал существует, но его владелец или Telegram отключил просмотр вне приложения. Читать его можно только там; если просмотр включат снова, этот адрес заработает.
refusal-blocked = Telegram не показывает здесь @{ $channel }
    .detail = Канал существует, но Telegram не показывает его записи на своих страницах. Возможно, он открывается в приложении; если Telegram покажет его снова, этот адрес заработает.
refusal-blocked-because = Telegram не показывает здесь @{ $channel }
    .detail = Канал существует, но Telegram не показывает его записи на своих страницах. Причина, как её называет Telegram: «{ $reason }». Возможно, он открывается в приложении; если Telegram покажет его снова, этот адрес заработает.
refusal-throttled = Telegram просит не торопиться
    .detail = Этот сервер спрашивал Telegram чаще, чем тому нравится, и теперь ждёт. С каналом всё в порядке. Попробуйте через { $pause }.
refusal-busy = Слишком большая очередь
    .detail = Сейчас спрашивают столько каналов сразу, что очередь до этого дойдёт слишком поздно. Попробуйте через { $pause }.
refusal-over-budget = Слишком много нового сразу
    .detail = Чтобы хватало всем, каждому можно просить за раз столько-то каналов, поисков и старых записей, которых здесь ещё нет. Известное не считается. Попробуйте через { $pause }.
refusal-server-error = Telegram недоступен
    .detail = Telegram отвечает ошибкой сервера { $status }. Обычно это проходит: попробуйте через минуту.
refusal-no-connection = Telegram недоступен
    .detail = Соединиться с Telegram этому серверу не удаётся. Обычно это проходит: попробуйте через минуту.
refusal-truncated = Telegram недоступен
    .detail = Ответ Telegram обрывается в самом начале. Обычно это проходит: попробуйте через минуту.
refusal-timeout = Telegram отвечает слишком долго
    .detail = Целого ответа не было за { $limit }. Обычно это проходит: попробуйте через минуту.
refusal-markup-changed = Страница Telegram не такая, как обычно
    .detail = Telegram отвечает, но прочесть его ответ здесь не удаётся. Попробуйте позже; если так и останется, этому серверу может понадобиться более новая версия feedline.

error-name = Это не имя канала
error-not-public = Это не открытый канал
error-option = Такой ленты не бывает
error-set = Это не список каналов
error-query = По этому ничего не найти
error-no-archive = Архив сейчас недоступен
    .detail = Архив сейчас не читается, а без него старые записи показались бы новыми. Попробуйте через несколько минут; что делать, сказано в журнале feedline.
error-no-file = Такого файла нет
    .detail = У записи нет такого файла, или Telegram показывает его только в приложении. Откройте запись в Telegram.
error-internal = Ошибка на нашей стороне
    .detail = Такого случиться не должно было. Подробности в журнале feedline; попробуйте ещё раз.
error-no-page = Такой страницы нет
    .detail = По этому адресу ничего нет. Канал живёт по адресу /имя, его ленты – /имя/rss.xml, /имя/atom.xml и /имя/feed.json.
error-unread = Это не канал
    .detail = Строка «{ $text }» не похожа ни на имя, ни на ссылку. { $reason }
error-too-large = Слишком много
    .detail = Список больше, чем { $limit }. Отправьте его по частям.
error-no-form = Это не форма
    .detail = Этот адрес принимает форму с полем «channel» или «file». Она есть на начальной странице.
error-another-file = Это другой файл
    .detail = Часть, которая у вас есть, из другого файла. Запросите его целиком, без If-Match и If-Unmodified-Since.
error-no-collections = Такой подборки нет
    .detail = Подборок здесь нет: их называет в настройках владелец сервера.
error-no-collection = Такой подборки нет
    .detail = Подборки с таким именем нет. Есть такие: { $names }.
error-read-only = Здесь можно только читать
    .detail = Этот адрес можно только читать. Подойдут запросы GET и HEAD.
error-takes-form = Так сюда не обращаются
    .detail = Этот адрес принимает форму. Подойдут запросы POST, GET и HEAD.
error-not-served = Здесь этого канала нет
    .detail = Этот feedline такого канала не показывает: какие показывать, решает владелец сервера. Выберите другой канал или другой сервер.
error-too-slow = Слишком долго
    .detail = Ответ готовился слишком долго. Попробуйте через минуту.
error-file-gone = Файла больше нет
    .detail = Telegram больше не отдаёт этот файл, а пока отдавал, здесь его никто не открывал: сохраняется только то, что открывали. Откройте запись в Telegram.
error-no-part = Такой части нет
    .detail = В файле { $bytes } байт, и запрошенная часть лежит за его концом. Запросите файл целиком.
error-files-busy = Слишком много файлов сразу
    .detail = Из Telegram загружается слишком много файлов сразу. Попробуйте через несколько секунд.
error-file-network = Файл сейчас не получить
    .detail = Соединиться с серверами файлов Telegram не удалось. Попробуйте через минуту.
error-file-slow = Файл сейчас не получить
    .detail = Серверы файлов Telegram отвечают слишком долго. Попробуйте через минуту.
error-file-status = Файл сейчас не получить
    .detail = Серверы файлов Telegram отвечают кодом { $status }. Попробуйте через минуту.
error-wrong-file = Это не тот файл
    .detail = Серверы Telegram прислали нечто другого рода, и дальше оно не передаётся. Откройте запись в Telegram.
