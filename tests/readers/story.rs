//! The changes between a reader's visits, and the items that it must hold after each.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use feedline::demo::message::{Body, Text, Views};
use feedline::demo::{Fault, Repeat, Target};
use feedline::model::Format;

use crate::app::TestApp;
use crate::visit::{Held, Item, Subscriber};
use crate::witness::Witness;

/// The sample channels with many posts.
pub(crate) const CHANNELS: [&str; 4] = ["tidewater", "zenit_library", "diwan_alrih", "Cha_Yu_Lun"];

/// Longer than the TTL of every snapshot, and longer than the period in which an edit counts as a typo fix.
const LATER: Duration = Duration::from_secs(2 * 60 * 60);

/// How a reader treats an item with changed content.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edit {
    /// The new content is shown, and the item is unread again.
    ShownAgain,
    /// The new content replaces the old one; the item stays read.
    Silent,
    /// The reader ignores changes of items that it already has.
    Unseen,
}

/// A reader and its peculiarities.
#[derive(Clone, Copy)]
pub(crate) struct Reader {
    /// Its program in `visit/`.
    pub(crate) name: &'static str,
    pub(crate) formats: &'static [Format],
    pub(crate) edit: Edit,
    /// It treats an item with another title as another item.
    pub(crate) goes_by_title: bool,
    /// It follows the links to older pages.
    pub(crate) reads_pages: bool,
    /// It loses the validators of its first visit.
    pub(crate) forgets_once: bool,
}

impl Reader {
    /// Runs the whole story once in each format.
    pub(crate) async fn check(self) {
        for format in self.formats {
            let mut visits = Visits::start(self, *format).await;
            visits.every_sample_is_read().await;
            visits.nothing_happened().await;
            visits.only_counters_and_addresses_changed().await;
            visits.a_post_was_edited().await;
            visits.a_first_line_was_edited().await;
            visits.a_post_came().await;
            visits.telegram_was_down().await;
            visits.a_refusal_is_an_error().await;
            visits.app.stop().await;
        }
    }
}

struct Visits {
    reader: Reader,
    format: Format,
    app: TestApp,
    witness: Witness,
    subscriber: Subscriber,
    /// The reader's items after the last visit, by id.
    held: BTreeMap<String, Item>,
}

impl Visits {
    async fn start(reader: Reader, format: Format) -> Self {
        let app = TestApp::start().await;
        let witness = Witness::before(&app.base).await;
        let subscriber = Subscriber::new(reader.name);
        Self { reader, format, app, witness, subscriber, held: BTreeMap::new() }
    }

    fn address(&self, channel: &str) -> String {
        format!("{}/{channel}/{}", self.witness.base, self.format.file_name())
    }

    fn told(&self, what: &str) -> String {
        format!("{} in {:?}: {what}", self.reader.name, self.format)
    }

    /// Every item is present once, with its title, link and date.
    async fn every_sample_is_read(&mut self) {
        for channel in CHANNELS {
            let subscriber = Subscriber::new(self.reader.name);
            let held = subscriber.visit(&self.address(channel)).await;
            assert_eq!(held.error, None, "{}", self.told(channel));
            let expected = self.served(channel).await;
            let seen: BTreeSet<_> = held.items.iter().map(identified).collect();
            assert_eq!(seen, expected, "{}", self.told(channel));
            assert_eq!(held.items.len(), expected.len(), "{}", self.told("an item is there twice"));
            assert!(held.items.iter().all(|item| item.unread && !item.text.is_empty()));
        }
        let held = self.subscriber.visit(&self.address("tidewater")).await;
        self.held = by_id(&held);
        self.witness.take();
    }

    async fn nothing_happened(&mut self) {
        if self.reader.forgets_once {
            let held = self.subscriber.visit(&self.address("tidewater")).await;
            self.assert_same(&held, "a second visit without validators");
            self.witness.take();
        }
        let held = self.come_again(304).await;
        self.assert_same(&held, "a second visit");
    }

    async fn only_counters_and_addresses_changed(&mut self) {
        let asked = self.app.telegram.hits("/s/tidewater");
        self.app.telegram.change("tidewater", |channel| {
            channel.audience += 1000;
            for message in &mut channel.messages {
                message.views = Views::Count(987_654);
                message.reactions = None;
                if let Body::Poll(poll) = &mut message.body {
                    poll.voters += 100;
                }
            }
        });
        self.app.telegram.expire_files();
        self.app.pass(LATER);
        let held = self.come_again(304).await;
        self.assert_same(&held, "changed counters");
        assert!(self.app.telegram.hits("/s/tidewater") > asked, "Telegram was asked anew");
    }

    async fn a_post_was_edited(&mut self) {
        let (id, text) = self.words();
        assert!(self.app.telegram.edit(
            "tidewater",
            number(&id),
            &format!("{text}\n\nNobody was hurt.")
        ));
        self.app.pass(LATER);
        let held = self.come_again(200).await;
        let now = by_id(&held);
        assert_eq!(held.items.len(), now.len(), "{}", self.told("an edit"));
        let ids = |items: &BTreeMap<String, Item>| items.keys().cloned().collect::<BTreeSet<_>>();
        let served = self.served_ids().await;
        // A reader that follows older pages drops them when the first page changes, and keeps only the items of that
        // page.
        let expected = if self.reader.reads_pages { served } else { ids(&self.held) };
        assert_eq!(ids(&now), expected, "{}", self.told("an edit"));
        let is_shown = now[&id].text.contains("Nobody was hurt.");
        assert_eq!(is_shown, self.reader.edit != Edit::Unseen, "{}", self.told("the edit's words"));
        self.assert_unread(&held, (self.reader.edit == Edit::ShownAgain).then_some(&*id));
        self.held = now;
    }

    async fn a_first_line_was_edited(&mut self) {
        let (id, text) = self.words();
        self.app.telegram.edit("tidewater", number(&id), &format!("Another beginning.\n{text}"));
        self.app.pass(LATER);
        let held = self.come_again(200).await;
        let titles: Vec<&str> =
            held.items.iter().filter(|item| item.id == id).map(|item| &*item.title).collect();
        if self.reader.goes_by_title {
            assert_eq!(titles.len(), 2, "{}", self.told("a second item"));
            assert!(titles.contains(&"Another beginning."), "{titles:?}");
            self.held = by_id(&held);
            return;
        }
        assert_eq!(titles, ["Another beginning."], "{}", self.told("a new title"));
        self.assert_unread(&held, (self.reader.edit == Edit::ShownAgain).then_some(&*id));
        self.held = by_id(&held);
    }

    async fn a_post_came(&mut self) {
        let id = self
            .app
            .telegram
            .publish("tidewater", "Ropes & knots: “a short course”")
            .expect("an id");
        self.app.pass(LATER);
        let held = self.come_again(200).await;
        let id = format!("https://t.me/tidewater/{id}");
        let now = by_id(&held);
        assert_eq!(now.len(), self.held.len() + 1, "{}", self.told("a new post"));
        assert_eq!(now[&id].title, "Ropes & knots: “a short course”", "{}", self.told("its title"));
        self.assert_unread(&held, Some(&id));
        self.held = now;
    }

    async fn telegram_was_down(&mut self) {
        let down = Fault::Status { code: 502, retry_after: None };
        self.app.telegram.fault(Target::Everything, down, Repeat::Always);
        self.app.pass(LATER);
        let held = self.come_again(304).await;
        self.assert_same(&held, "an outage");
        // A new subscriber gets an error during the outage, and all items after it.
        let other = Subscriber::new(self.reader.name);
        let held = other.visit(&self.address("quiet_corner")).await;
        self.assert_refused(&held, "quiet_corner", 502);
        self.app.telegram.clear_faults();
        self.app.pass(LATER);
        let held = other.visit(&self.address("quiet_corner")).await;
        assert_eq!(held.items.len(), 2, "{}", self.told("after the outage"));
        self.witness.take();
    }

    async fn a_refusal_is_an_error(&mut self) {
        for name in ["nobody_here", "ada_merrow", "tidewater_harbour", "closed_shutters"] {
            let held = Subscriber::new(self.reader.name).visit(&self.address(name)).await;
            self.assert_refused(&held, name, 404);
        }
    }

    /// Visits once more: one conditional request for the feed, with this response status.
    async fn come_again(&self, status: u16) -> Held {
        let held = self.subscriber.visit(&self.address("tidewater")).await;
        assert_eq!(held.error, None, "{}", self.told("a later visit"));
        let seen = self.witness.take();
        let first = seen.first().expect("it asked");
        assert!(first.is_conditional, "{}", self.told("it sent back its validators"));
        assert_eq!(first.target, format!("/tidewater/{}", self.format.file_name()));
        assert_eq!(first.status, status, "{}: {seen:?}", self.told("the answer"));
        if status == 304 {
            assert_eq!(seen.len(), 1, "{}: {seen:?}", self.told("one request is enough"));
        }
        held
    }

    fn assert_same(&self, held: &Held, what: &str) {
        let was: BTreeMap<_, _> = self.held.iter().map(|(id, item)| (id, content(item))).collect();
        let now = by_id(held);
        assert_eq!(
            now.iter().map(|(id, item)| (id, content(item))).collect::<BTreeMap<_, _>>(),
            was,
            "{}",
            self.told(what)
        );
        self.assert_unread(held, None);
    }

    fn assert_unread(&self, held: &Held, expected: Option<&str>) {
        let unread: Vec<&str> =
            held.items.iter().filter(|item| item.unread).map(|item| &*item.id).collect();
        assert_eq!(unread, expected.as_slice(), "{}", self.told("unread"));
    }

    fn assert_refused(&self, held: &Held, channel: &str, status: u16) {
        assert!(held.error.is_some(), "{}", self.told(&format!("{channel} is no error")));
        assert!(held.items.is_empty(), "{}: {:?}", self.told(channel), held.items);
        let seen = self.witness.take();
        let statuses: BTreeSet<u16> = seen.iter().map(|exchange| exchange.status).collect();
        assert_eq!(statuses, BTreeSet::from([status]), "{}", self.told(channel));
    }

    /// A text-only post in the feed: its id and its current text.
    fn words(&self) -> (String, String) {
        let channel = self.app.telegram.channel("tidewater").expect("the channel");
        let words = channel.messages.iter().rev().find_map(|message| {
            match (&message.body, &message.text) {
                (Body::Text, Some(Text::Written(text))) => Some((message.id, text.clone())),
                _ => None,
            }
        });
        let (id, text) = words.expect("a post of words");
        (format!("https://t.me/tidewater/{id}"), text)
    }

    /// The ids of the feed's first page.
    async fn served_ids(&self) -> BTreeSet<String> {
        let page = self.app.get("/tidewater/feed.json").await.json();
        let items = page["items"].as_array().expect("items").iter();
        items.map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
    }

    /// The feed's items, with those of its older pages if the reader follows them.
    async fn served(&self, channel: &str) -> BTreeSet<(String, String, String, i64)> {
        let mut items = BTreeSet::new();
        let mut next = Some(format!("/{channel}/feed.json"));
        while let Some(path) = next {
            let page = self.app.get(&path).await.json();
            for item in page["items"].as_array().expect("items") {
                let text = |member: &str| item[member].as_str().expect("a text").to_owned();
                let published = text("date_published").parse::<chrono::DateTime<chrono::Utc>>();
                let published = published.expect("a date").timestamp();
                items.insert((text("id"), text("title"), text("url"), published));
            }
            let older = page["next_url"].as_str().and_then(|url| url.strip_prefix(&self.app.base));
            next = older.filter(|_| self.reader.reads_pages).map(str::to_owned);
        }
        items
    }
}

fn identified(item: &Item) -> (String, String, String, i64) {
    (item.id.clone(), item.title.clone(), item.link.clone(), item.published)
}

/// An item's content, without the reader's own state.
fn content(item: &Item) -> (&str, &str, &str) {
    (&item.title, &item.link, &item.text)
}

fn by_id(held: &Held) -> BTreeMap<String, Item> {
    held.items.iter().map(|item| (item.id.clone(), item.clone())).collect()
}

fn number(id: &str) -> u32 {
    id.rsplit('/').next().and_then(|number| number.parse().ok()).expect("an id ends in a number")
}
