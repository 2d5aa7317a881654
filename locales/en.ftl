# English. How to add a language: src/locale.rs.

## Numbers, dates and lists

decimal-point = .
seconds = { $number } s
minutes = { $number } min
hours = { $number } h
# $unit is B, KiB, MiB, GiB or TiB.
size = { $amount } { $unit }
day-and-month = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}
date = { day-and-month } { $year }
list-next = { $list }, { $item }
list-last = { $list } and { $item }

## Posts, in feeds and on pages

photo = Photo
    .count = { $number ->
        [1] a photo
       *[other] { $number } photos
    }
video = Video
    .count = { $number ->
        [1] a video
       *[other] { $number } videos
    }
gif = GIF
    .count = { $number ->
        [1] a GIF
       *[other] { $number } GIFs
    }
round-video = Video message
    .count = { $number ->
        [1] a video message
       *[other] { $number } video messages
    }
voice = Voice message
    .count = { $number ->
        [1] a voice message
       *[other] { $number } voice messages
    }
sticker = Sticker
    .count = { $number ->
        [1] a sticker
       *[other] { $number } stickers
    }
photo-of = Photo, { $number } of { $all }
views = { $number ->
    [one] { $number } view
   *[other] { $number } views
}
votes = { $number ->
    [one] { $number } vote
   *[other] { $number } votes
}
more-files = { " " }and { $number } more
forwarded-from = Forwarded from
reply = In reply
    .to = In reply to
via = via
poll = Poll
    .final = final results
quiz = Quiz
    .final = final results
several-answers = several answers
vote = Vote in Telegram
anonymous = anonymous
location = Location
contact = Contact
invoice = Invoice
game = Game
service = Channel news
spoiler = Spoiler
app-only = Post that only Telegram’s app can show
open-in-app = Telegram’s page does not show this: open it in Telegram
too-big = too big for Telegram’s page, open it in Telegram

## The frame of every page

frame-skip = Skip to the content
frame-status = Status

## Start page

start-title = feedline: Telegram channels as feeds
start-heading = Public Telegram channels as feeds
start-lead = Paste a channel’s name or link and get a feed for the reader you already use: no account, no bot.
start-label = A channel, or several
start-hint = Several lines, a reader’s OPML file, or addresses of RSSHub and RSS-Bridge give an OPML file.
start-file = Or a file with them
start-button = Show the feed
start-examples = For example:
start-followed = Followed here
start-channel = Channel
start-last-post = Last post
start-feed = Feed
start-more = { $number ->
    [1] And one more.
   *[other] And { $number } more.
}
start-collections = Collections
start-all = The followed channels and collections as OPML
start-by-hand = Or by hand
start-feed-at = A channel’s feed is at
start-beside = Beside it are
start-several = Several channels are read as one by

## Preview of a channel

preview-subscribe = Copy this address into your reader:
preview-newest = Its newest posts
preview-all = All posts of this channel
preview-another = Another channel

## Form that puts a feed together

builder-summary = Customise
builder-lead = What is chosen here goes into the address of the feed.
builder-include = Only posts containing
builder-exclude = Leave out posts containing
builder-expression = a word or a regular expression, found in title, text and links
builder-tag = Hashtag
builder-limit = At most this many posts
builder-button = Show
builder-address = The address of this feed:
builder-matches = { $all ->
    [0] There are no posts yet.
    [1] { $matched } of 1 post matches.
   *[other] { $matched ->
        [1] { $matched } of the last { $all } posts matches.
       *[other] { $matched } of the last { $all } posts match.
    }
}
builder-kind = Kind
    .all = all
    .pictures = photos and videos
    .photo = photos
    .audio = voice and music
    .file = files
    .poll = polls
    .no-sticker = all but stickers
builder-forwards = Forwarded posts
builder-replies = Replies
presence-all = with all others
presence-only = only these
presence-none = left out
builder-ads = Advertising
    .all = with all others
    .none = left out where it is marked
builder-title = Titles
    .text = first line
    .marked = with a mark of the kind
    .none = none
builder-content = Content
    .full = everything
    .text = words only
builder-media = Files
    .shown = shown
    .none = named only
builder-link = Items lead to
    .telegram = Telegram
    .page = the page here
    .first = the first link in the post
builder-stats = Views and reactions
builder-service = Posts about the channel itself
switch-off = no
switch-on = yes

# Kinds of posts; `.without` is what a list of posts leaves out.
kind-text = texts
    .without = no texts
kind-photo = photos
    .without = no photos
kind-video = videos
    .without = no videos
kind-gif = GIFs
    .without = no GIFs
kind-round = video messages
    .without = no video messages
kind-voice = voice messages
    .without = no voice messages
kind-music = music
    .without = no music
kind-file = files
    .without = no files
kind-sticker = stickers
    .without = no stickers
kind-poll = polls
    .without = no polls
kind-location = locations
    .without = no locations
kind-contact = contacts
    .without = no contacts
kind-link = links
    .without = no links

## Channel page

channel-feeds = Feeds
channel-pages = Pages
channel-newest = Newest posts
channel-newer = Newer posts
channel-older = Older posts
channel-open-in-reader = Open in your reader
channel-show-all = Show all
channel-none = There are no posts here.
channel-none-match = There are no posts here that match.
channel-verified = verified
channel-scam = scam
channel-fake = fake
# $unit is day, week, month or year.
channel-frequency = { $number ->
    [one] { $number } post a { $unit }
   *[other] { $number } posts a { $unit }
}
channel-checked-now = checked just now
channel-checked-minutes = checked { $number } min ago
channel-checked-hours = { $number ->
    [1] checked an hour ago
   *[other] checked { $number } hours ago
}
channel-checked-days = checked { $number } days ago
# $unit is K, M or none; $number may have a fraction.
channel-subscribers = { $unit ->
    [K] { $number }K subscribers
    [M] { $number }M subscribers
   *[none] { $number ->
        [one] { $number } subscriber
       *[other] { $number } subscribers
    }
}
channel-only = Only posts { $conditions }.
channel-tagged = tagged #{ $tag }
channel-with-words = with “{ $words }”
channel-containing = Only posts containing “{ $text }”.
channel-not-containing = Leave out posts containing “{ $text }”.
channel-service-too = Posts about the channel itself too.
channel-older-posts = older posts
channel-partial = Part of Telegram’s page was missing; the rest comes at the next check.
channel-refreshing = These are the posts known so far; fresh ones are being fetched.
channel-throttled = Telegram throttles us at the moment; these are the last posts known.
channel-busy = There is a queue for Telegram at the moment; these are the last posts known.
channel-unreachable = Telegram cannot be reached at the moment; these are the last posts known.
channel-markup-changed = Telegram’s page could not be read; these are the last posts known.
channel-gone = Telegram does not show this channel any more; these are the last posts known.
quoted = “{ $text }”

## Post page

post-edited = edited
post-in-telegram = in Telegram
post-unfold = Show all of it
post-read-on = Read on
post-rest = The post is longer: read all of it in Telegram
post-published = Published
post-noticed = Last edit noticed
post-edited-early = Edited
    .when = before it was first read here, or soon after it was published
post-deleted = Telegram does not show this post any more (noticed { $when }).
post-versions = { $number ->
    [one] { $number } earlier version
   *[other] { $number } earlier versions
}
post-version = { $since } to { $until }
post-channel = Channel
post-group = Group
post-share = Address to share
post-open-in-telegram = Open in Telegram
post-open-in-app = Open in the app
post-further = More of this channel
post-more-of = More of @{ $channel }
post-newer = Newer
post-older = Older

## Several channels as one

merged-channels = Channels
merged-opml = the feed of each channel
merged-missing = Not here at the moment:
merged-more = { $number } more
reason-not-found = nobody has this name
reason-not-a-channel = a person or a bot
reason-group = a group
reason-preview-off = can be read in the app only
reason-blocked = Telegram does not show it here
reason-throttled = Telegram throttles us
reason-busy = waits for its turn
reason-unreachable = Telegram cannot be reached
reason-markup-changed = Telegram’s page could not be read
reason-refreshing = is being fetched
reason-timeout = Telegram is too slow

## Imported list

import-title = Channels read
import-heading = { $number ->
    [one] { $number } channel
   *[other] { $number } channels
}
import-lead = Import this file in your reader, or subscribe to what you like.
import-download = Download the OPML file
import-address = The same as an address, for readers that load OPML from one:
import-merged = All of them as one feed:
import-feed = feed
import-again = Another list
import-lost = Options of the old addresses without an equivalent here
import-unread = { $number ->
    [1] One line added no channel
   *[other] { $number } lines added no channel
}
import-line = line { $number }
import-left-out = { $number ->
    [one] { $number } more feed was left out: a list has at most { $max }.
   *[other] { $number } more feeds were left out: a list has at most { $max }.
}
import-cut = The list is too long: a part of it was not read.

## Search page

search-heading = Search
search-label = Words in posts
search-button = Find
search-words = tea harbour
    .meaning = both words, in any form
search-phrase = "green tea"
    .meaning = exactly these words in this order
search-hashtag = #tea
    .meaning = a hashtag
search-prefix = tele*
    .meaning = words that begin so
search-without = tea -coffee
    .meaning = without a word
search-place = tea channel:durov since:2026-01-31 until:2026-02-28
    .meaning = in a channel, from day to day
search-none = Nothing was found in the posts that are kept here.
search-hint = Try fewer or other words, or only the beginning of one.
search-feeds = This search as a feed
search-title = Posts with “{ $words }”

## Status page

status-title = Status
status-stretched = There is more to fetch than may be asked of Telegram: all channels are refreshed { $factor } times less often than they should be.
status-late = Refreshes begin minutes late at the moment: people go first.
status-paused = Telegram asks us to slow down: nothing is fetched for { $minutes } min.
status-archive-fault = The archive does not work ({ $code }); the log says what to do. Feeds go on from memory.
status-archive-undecodable = { $number ->
    [one] The archive has { $number } row that cannot be decoded: see the log. Nothing is written over.
   *[other] The archive has { $number } rows that cannot be decoded: see the log. Nothing is written over.
}
status-last-hour = Requests in the last hour
status-waiting = Requests that wait for their turn
status-outbounds = Outbound addresses
status-outbounds-paused = { $paused ->
    [1] { $all }, of which 1 cools down
   *[other] { $all }, of which { $paused } cool down
}
status-archive-heading = In the archive
status-channels = Channels
status-posts = Posts
status-ahead = Channels that are refreshed ahead of readers
status-histories = Channels whose history is still to come
status-archive = The archive’s size
status-followed = Followed channels
status-none = No channels are followed. The operator can add some in the settings.
status-never = not fetched yet
status-next-now = next one now
status-next-minutes = next one in { $number } min
status-next-hours = next one in { $number } h
status-more = And { $number } more, in the JSON.

## Feed opened in a browser

feed-notice = This is a feed: copy its address into your reader.
feed-attachment = File:

## Pages of errors: links to go on

problem-retry = Try again
problem-channel = The channel, with all of its posts
problem-again = Try another channel
problem-archived = Archived posts of { $channel }

## Errors: what happened, and what to do (.detail)

name-empty = No channel was given: paste its name or link, such as @telegram or https://t.me/telegram.
name-malformed = This is not the name of a channel: a name has 2 to 32 Latin letters, digits and underscores and begins with a letter. Paste the channel’s name or its link, such as https://t.me/telegram.
name-private = This link is { $what }: only public channels, those with a name of their own, can be read.
name-not-a-channel = This link is { $what }, not a channel: paste the channel’s own link, such as https://t.me/telegram.
name-numeric = A numeric id cannot be resolved to a channel: paste the channel’s name or its link, such as https://t.me/telegram.
name-other-site = This is an address outside Telegram: paste the channel’s own link, such as https://t.me/telegram.

# What links into Telegram lead to.
feature-boost = a boost link
feature-business = a business chat
feature-call = a call
feature-background = a chat background
feature-collectible = a collectible
feature-confirmation = a confirmation link
feature-contact = a contact
feature-gift = a gift
feature-auction = a gift auction
feature-language = a language pack
feature-app = a link into the app
feature-bot = a link that creates a bot
feature-login = a login link
feature-settings = a page of the app’s settings
feature-phone = a phone number
feature-private-message = a private channel’s message
feature-proxy = a proxy
feature-search = a search in the app
feature-emoji = a set of emoji
feature-stickers = a set of stickers
feature-share = a share link
feature-folder = a shared folder
feature-story = a story
feature-style = a style
feature-theme = a theme
feature-web-app = an address of Telegram’s web app without a channel
feature-instant-view = an instant view
feature-invitation = an invitation to a private chat
feature-invoice = an invoice

option-unknown = There is no option “{ $option }”. There are: { $names }.
option-unknown-nearest = There is no option “{ $option }”. Did you mean “{ $nearest }”?
option-takes = { $option ->
    [limit] a number of posts from 1 to 500
    [before] what the address of the next page carries
    [q] words, at most 256 bytes
    [tag] words, at most 256 bytes
    [include] a regular expression of at most 512 bytes that is not too complex
    [exclude] a regular expression of at most 512 bytes that is not too complex
    [kind] text, photo, video, gif, round, voice, music, file, sticker, poll, location, contact, link, separated by commas, each with - in front to leave it out
    [forwards] all, only or none
    [replies] all, only or none
    [ads] none or all
    [title] text, marked or none
    [content] full or text
    [media] proxy, redirect or none
    [link] telegram, page or first
   *[other] 1 or 0
}
option-value = The option “{ $option }” does not take “{ $value }”: it takes { option-takes }.
option-too-long = The option “{ $option }” is too long: it takes { option-takes }.
option-expression = The option “{ $option }” takes a regular expression, and this is none: { $why }.
option-twice = The option “{ $option }” is given twice: give it once.
option-too-many = There are too many options: there are 16, and each is given once.

set-empty = No channel was given: put names between plus signs, such as telegram+durov.
set-too-many = { $number ->
    [one] This is { $number } channel, and at most 50 are read as one.
   *[other] These are { $number } channels, and at most 50 are read as one.
}
set-name = “{ $text }” names no channel. { $reason }

query-empty = Nothing to look for was given: write a word, a "phrase" or a #hashtag.
query-no-word = There is no word in this: posts are found by words, "phrases" and #hashtags.
query-only-unwanted = This says only what is not wanted: add a word that the posts hold.
query-short-prefix = “{ $prefix }*” is too short: a prefix has at least two letters or digits.
query-too-long = This is too long: a search takes at most 512 bytes.
query-too-many = These are too many words: a search takes at most 16 words, phrases and hashtags, and as many channels.
query-date = “{ $operator }:” takes a date such as 2026-01-31.
query-backwards = “since:” names a later day than “until:”: nothing lies between them.
query-page = “before” takes what the address of a page of older finds carries.
query-channel = “channel:” takes a channel’s name. { $reason }

list-not-telegram = This is not a feed of a Telegram channel: it stays in the list as it is.
list-ours = This address of feedline cannot be taken over: subscribe to its channels by name.
list-zip = This is a ZIP archive: unpack it and give the file that is in it.
list-gzip = This gzip file is damaged, or incomplete: unpack it and give the file that is in it.
list-binary = This is not a text file: give an OPML file, or lines with names and links.
list-no-outlines = This file has no outlines, so it is not an OPML file.
list-twice = This feed is in the list already.
list-no-address = This outline has no address of a feed.
list-left-out = This is not a feed of a Telegram channel, and not an address that can stay in a list.
list-comment = This line begins with #, so it is a comment: take the # away if it is a channel.
list-heading = This line looks like a heading of those below it: its words are not read as names.
list-broken = The file is no XML from here on: what follows was not read.
list-entities = The file declares entities, as no list of subscriptions does: nothing of it was read.

refusal-not-found = There is no channel @{ $channel }
    .detail = Telegram knows nobody by this name. Check its spelling; a channel that was renamed has to be subscribed to under its new name, and a private one cannot be read.
refusal-post-not-found = There is no post { $id } in @{ $channel }
    .detail = Telegram does not show it: it was deleted, never existed, or can be read in the app only. Check the number, or open the channel itself.
refusal-person = @{ $channel } is a person, not a channel
    .detail = Only public channels have posts that can be read. If you look for this person’s channel, paste the channel’s own link.
refusal-bot = @{ $channel } is a bot, not a channel
    .detail = Only public channels have posts that can be read. If you look for this bot’s channel, paste the channel’s own link.
refusal-group = @{ $channel } is a group, not a channel
    .detail = Telegram shows no list of a group’s messages, so there is no feed of it. Links to single messages of the group work.
refusal-preview-off = @{ $channel } does not show its posts outside Telegram
    .detail = The channel exists, but its owner or Telegram switched the public preview off. It can be read in the app only; if the preview is switched on again, this address begins to work.
refusal-blocked = Telegram does not show @{ $channel } here
    .detail = The channel exists, but Telegram blocks it on the web. It may be readable in the app; if Telegram shows it again, this address begins to work.
refusal-blocked-because = Telegram does not show @{ $channel } here
    .detail = The channel exists, but Telegram blocks it on the web. Telegram says: “{ $reason }”. It may be readable in the app; if Telegram shows it again, this address begins to work.
refusal-throttled = Telegram asks us to slow down
    .detail = This server has asked Telegram too often and is pausing. Nothing is wrong with the channel. Try again in { $pause }.
refusal-busy = Too many requests are waiting
    .detail = So many channels are asked for at once that this one’s turn would come too late. Try again in { $pause }.
refusal-over-budget = You ask for too much that is new
    .detail = So that there is a turn for everybody, each client may ask for so many channels, searches and older posts at a time that are not known here yet. What is known is not counted. Try again in { $pause }.
refusal-server-error = Telegram cannot be reached
    .detail = Telegram answers with the server error { $status }. This usually passes: try again in a minute.
refusal-no-connection = Telegram cannot be reached
    .detail = This server gets no connection to Telegram. This usually passes: try again in a minute.
refusal-truncated = Telegram cannot be reached
    .detail = Telegram’s answer breaks off before there is anything in it. This usually passes: try again in a minute.
refusal-timeout = Telegram takes too long to answer
    .detail = There was no whole answer within { $limit }. This usually passes: try again in a minute.
refusal-markup-changed = Telegram’s page is not as we know it
    .detail = Telegram answers, but not with a page that can be read here. Try again later; if it stays so, this server may need a newer version of feedline.

error-name = Not the name of a channel
error-not-public = Not a public channel
error-option = A feed cannot be asked for this
error-set = Not a list of channels
error-query = Nothing can be looked for by this
error-no-archive = The archive cannot be read
    .detail = The archive cannot be read at the moment, and without it old posts would look new: try again in a few minutes. The log of feedline says what to do.
error-no-file = No such file
    .detail = The post has no such file, or Telegram keeps it to its app: open the post in Telegram.
error-internal = Internal error
    .detail = This should not have happened: the log of feedline tells more.
error-no-page = No such page
    .detail = There is no such page here: a channel is at /name, its feeds at /name/rss.xml, /name/atom.xml and /name/feed.json.
error-unread = Not a channel
    .detail = “{ $text }” names no channel. { $reason }
error-too-large = Too large
    .detail = The list is larger than { $limit }: send it in parts.
error-no-form = Not a form
    .detail = This address takes a form with the field “channel” or “file”: use the box of the start page.
error-another-file = Another file
    .detail = This is another file than the one of which you have a part: ask for the whole, without If-Match and If-Unmodified-Since.
error-no-collections = No such collection
    .detail = There are no collections here: the operator names them in the settings.
error-no-collection = No such collection
    .detail = There is no collection of this name. There are: { $names }.
error-read-only = Method not allowed
    .detail = This address can only be read: ask with GET or HEAD.
error-takes-form = Method not allowed
    .detail = This address takes a form: send it with POST, or ask with GET or HEAD.
error-not-served = Not served here
    .detail = This feedline does not serve that channel: its operator decides which ones it does.
error-too-slow = Too slow
    .detail = The answer took too long: try again in a minute.
error-file-gone = The file is gone
    .detail = Telegram does not give this file any more, and nobody loaded it here while it did: what is gone at Telegram is kept only if it was asked for before. Open the post in Telegram.
error-no-part = No such part
    .detail = The file has { $bytes } bytes, none of which is in the part that was asked for: ask for the whole.
error-files-busy = Too many files at once
    .detail = Too many files are being fetched from Telegram: try again in a few seconds.
error-file-network = The file cannot be fetched now
    .detail = Telegram’s servers of files do not give it, for the connection fails: try again in a minute.
error-file-slow = The file cannot be fetched now
    .detail = Telegram’s servers of files do not give it, for it takes too long: try again in a minute.
error-file-status = The file cannot be fetched now
    .detail = Telegram’s servers of files do not give it, for they answer with status { $status }: try again in a minute.
error-wrong-file = Not the file that it should be
    .detail = What Telegram’s servers gave is of another kind than this file, and is not passed on: open the post in Telegram.
