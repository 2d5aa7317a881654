use super::*;
use crate::feed::{sample, write};
use crate::model::{ChannelName, StoredPost};
use std::sync::Arc;

struct Scene {
    tea: Channel,
    sea: Channel,
    posts: Vec<(bool, Arc<StoredPost>)>,
}

/// Two channels, one Russian, with the posts of both in turn.
fn scene() -> Scene {
    let tea = sample::snapshot(Vec::new()).channel;
    let name = ChannelName::parse("morye").unwrap();
    let title = "Море & чайки".to_owned();
    let sea = Channel { name: name.clone(), title, avatar: None, ..tea.clone() };
    let posts = (1..=6).rev().map(|number| {
        let is_tea = number % 2 == 0;
        let mut post = sample::text(number, &format!("Post {number}"));
        if !is_tea {
            post.channel = name.clone();
            post.signature = Some("Мария".to_owned());
        }
        (is_tea, sample::kept(post))
    });
    Scene { posts: posts.collect(), tea, sea }
}

fn feed(scene: &Scene, query: &str) -> Feed {
    let entry = |(is_tea, kept): &'_ (bool, Arc<StoredPost>)| {
        let (channel, language) =
            if *is_tea { (&scene.tea, Language::English) } else { (&scene.sea, Language::Russian) };
        (Arc::clone(kept), channel, language)
    };
    let owned: Vec<_> = scene.posts.iter().map(entry).collect();
    let entries: Vec<Entry<'_>> = owned
        .iter()
        .map(|(kept, channel, language)| Entry { kept, channel, language: *language })
        .collect();
    let options = FeedOptions::parse(query, &FeedOptions::default()).unwrap();
    Feed::of_several(&Several {
        id: "https://t.me/s/morye+tearoad",
        title: "morye + tearoad",
        description: Some("Posts of @morye and @tearoad"),
        home: "https://feeds.example/morye+tearoad",
        entries: &entries,
        updated: sample::time(99),
        ttl: Duration::from_secs(900),
        options: &options,
        links: &sample::links(),
        addresses: ["https://x/rss.xml", "https://x/atom.xml", "https://x/feed.json"],
        first: None,
        next: &|items| Some(Format::ALL.map(|format| format!("{items}{}", format.title()))),
    })
}

#[test]
fn each_item_names_its_channel_and_leads_to_its_own_post() {
    let feed = feed(&scene(), "tag=&q=post");
    assert_eq!(feed.title, "morye + tearoad “post”");
    assert_eq!((feed.author, feed.icon, feed.language, feed.minutes), (None, None, None, 15));
    let of = |item: &Item| {
        let source = item.source.clone().unwrap();
        (
            item.id.clone(),
            item.author.name.clone(),
            source.channel.name,
            source.addresses[0].clone(),
        )
    };
    let items: Vec<_> = feed.items.iter().map(of).collect();
    let rss = |name| format!("https://feeds.example/{name}/rss.xml");
    assert_eq!(
        items[..2],
        [
            (
                "https://t.me/TeaRoad/6".to_owned(),
                "The Tea Road".to_owned(),
                "The Tea Road".to_owned(),
                rss("TeaRoad")
            ),
            (
                "https://t.me/morye/5".to_owned(),
                "Мария".to_owned(),
                "Море & чайки".to_owned(),
                rss("morye")
            ),
        ]
    );
}

#[test]
fn a_feed_of_one_language_says_so() {
    let mut scene = scene();
    for (_, kept) in &mut scene.posts {
        let mut post = kept.post.clone();
        post.text = sample::rich("The harbour is open again and the ships are coming in slowly");
        *kept = sample::kept(post);
    }
    assert_eq!(feed(&scene, "").language, None, "our own words in it are of two languages");
    scene.posts.retain(|(is_tea, _)| *is_tea);
    assert_eq!(feed(&scene, "").language, Some("en"));
}

#[test]
fn every_format_writes_the_source_in_its_own_way() {
    let feed = feed(&scene(), "");
    let text = |format| String::from_utf8(write(&feed, format)).unwrap();
    let rss = text(Format::Rss);
    let source = "<source url=\"https://feeds.example/morye/rss.xml\">Море &amp; чайки</source>";
    assert_eq!(rss.matches(source).count(), 3, "{rss}");
    let atom = text(Format::Atom);
    assert_eq!(atom.matches("<source>").count(), 6, "{atom}");
    assert_eq!(atom.matches("<id>https://t.me/s/morye</id>").count(), 3, "{atom}");
    let json: serde_json::Value = serde_json::from_str(&text(Format::Json)).unwrap();
    assert_eq!(json.get("authors"), None);
    let names = |item: usize| {
        let authors = json["items"][item]["authors"].as_array().unwrap();
        authors.iter().map(|author| author["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        (names(0), names(1)),
        (vec!["The Tea Road".into()], vec!["Мария".into(), "Море & чайки".into()])
    );
}

#[test]
fn what_does_not_fit_is_left_to_the_page_behind_the_last_item() {
    let mut scene = scene();
    for (_, kept) in &mut scene.posts {
        let mut post = kept.post.clone();
        post.text = sample::rich(&"<".repeat(30_000));
        *kept = sample::kept(post);
    }
    let cut = feed(&scene, "");
    assert_eq!(cut.items.len(), 2);
    assert_eq!(cut.addresses.unwrap().next.unwrap()[0], "2RSS");
    assert_eq!(feed(&scene, "limit=100").items.len(), 6, "an explicit limit holds");
}
