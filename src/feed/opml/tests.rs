use proptest::prelude::*;

use super::*;
use crate::links::Base;
use crate::model::{BadName, FeedOptions};

fn links() -> Links {
    Links::new(Base::parse("https://feeds.example/tg").unwrap(), FeedOptions::default())
}

/// The feeds without their common beginning, and the numbers of reported lines.
fn imported(text: &str) -> (Vec<String>, Vec<usize>) {
    let list = read(&[text.as_bytes()], &links());
    let feed =
        |entry: &Entry| entry.subscription.feed(&links()).replace("https://feeds.example/tg/", "");
    (
        list.entries.iter().map(feed).collect(),
        list.unread.iter().map(|unread| unread.line).collect(),
    )
}

#[test]
fn any_channel_url_form_becomes_feed_entry() {
    for (text, feed) in [
        ("TeaRoad", "TeaRoad/rss.xml"),
        ("@TeaRoad", "TeaRoad/rss.xml"),
        ("https://t.me/s/TeaRoad/5", "TeaRoad/rss.xml"),
        ("TeaRoad.t.me", "tearoad/rss.xml"),
        ("tg://resolve?domain=TeaRoad", "TeaRoad/rss.xml"),
        ("feed:https://t.me/TeaRoad", "TeaRoad/rss.xml"),
        ("rsshub://telegram/channel/TeaRoad", "TeaRoad/rss.xml"),
        (
            "RSSHub://telegram/channel/TeaRoad/includeFwd=0?limit=5",
            "TeaRoad/rss.xml?forwards=none&limit=5",
        ),
        ("https://rsshub.app/telegram/channel/TeaRoad", "TeaRoad/rss.xml"),
        (
            "http://192.168.0.2:1200/hub/telegram/channel/TeaRoad/showViaBot=1&includeReply=0?format=atom",
            "TeaRoad/atom.xml?replies=none",
        ),
        ("feed://rsshub.example/telegram/channel/TeaRoad?key=secret", "TeaRoad/rss.xml"),
        (
            "https://bridge.example/x/?action=display&bridge=Telegram&username=%40TeaRoad&format=Json",
            "TeaRoad/feed.json",
        ),
        (
            "https://bridge.example/?action=display&bridge=TelegramBridge&username=TeaRoad&format=Html",
            "TeaRoad/rss.xml",
        ),
        ("https://tg.i-c-a.su/rss/TeaRoad", "TeaRoad/rss.xml"),
        ("tg.i-c-a.su/json/TeaRoad/2?limit=20", "TeaRoad/feed.json?limit=20"),
        ("https://feeds.example/tg/TeaRoad/feed.json?tag=x", "TeaRoad/feed.json?tag=x"),
        ("http://feeds.example/tg/TeaRoad", "TeaRoad/rss.xml"),
        ("https://feeds.example/tg/sea+Tea/atom.xml?before=sea.5", "sea+tea/atom.xml"),
    ] {
        assert_eq!(imported(text), (vec![feed.to_owned()], vec![]), "{text}");
    }
}

#[test]
fn non_channel_lines_are_reported_and_skipped() {
    let text = "# my list\n\n@tea\nhttps://news.example/blog/rss.xml\nt.me/+AbCd\nhttps://t.me/addstickers/x\r\n\
                канал\nhttps://feeds.example/tg/-/collections/x/rss.xml\nhttps://feeds.example/tg/tea/rss.xml?limt=5\n\
                https://tg.i-c-a.su/media/tea/5\nhttps://notfeeds.example/tg/tea/rss.xml\nrsshub://github/issue/x\n@sea";
    let (feeds, unread) = imported(text);
    assert_eq!(feeds, ["tea/rss.xml", "sea/rss.xml"]);
    assert_eq!(unread, [4, 5, 6, 7, 8, 9, 10, 11, 12]);
    let list = read(&[text.as_bytes()], &links());
    let reason = |number: usize| list.unread[number].reason.to_string();
    assert!(reason(0).contains("not a feed of a Telegram channel"), "{}", reason(0));
    assert!(reason(1).contains("invitation") && reason(2).contains("a set of stickers"));
    assert_eq!(list.unread[3].text, "канал");
    let others: Vec<&str> = list.others.iter().map(|other| &*other.feed).collect();
    assert_eq!(
        others,
        [
            "https://news.example/blog/rss.xml",
            "https://tg.i-c-a.su/media/tea/5",
            "https://notfeeds.example/tg/tea/rss.xml",
            "rsshub://github/issue/x",
        ]
    );
}

#[test]
fn line_with_several_links_yields_each_feed_once() {
    for (text, feeds) in [
        ("@tea, @sea; t.me/fog @Tea\nhttps://t.me/tea", &["tea", "sea", "fog"][..]),
        ("tea, sea;fog\tTEA", &["tea", "sea", "fog"]),
        ("https://t.me/tea, https://t.me/sea", &["tea", "sea"]),
        ("https://t.me/tea https://t.me/sea @fog", &["tea", "sea", "fog"]),
        ("https://rsshub.app/telegram/channel/tea,https://t.me/sea", &["tea", "sea"]),
        ("https://rsshub.app/telegram/channel/tea?filter=a,b", &["tea?include=a,b"]),
        ("see <https://t.me/tea> and (t.me/sea)", &["tea", "sea"]),
        ("t.me/s/tea?q=%23jam\nt.me/tea", &["tea?tag=jam", "tea"]),
        (
            "t.me/tea?limit=3&single\nt.me/s/sea?q=fog&kind=photo",
            &["tea?limit=3", "sea?q=fog&kind=photo"],
        ),
    ] {
        let feed = |name: &&str| match name.split_once('?') {
            Some((name, query)) => format!("{name}/rss.xml?{query}"),
            None => format!("{name}/rss.xml"),
        };
        let feeds: Vec<String> = feeds.iter().map(feed).collect();
        assert_eq!(imported(text).0, feeds, "{text}");
    }
}

/// The channels with their titles, and the numbers of reported lines.
fn titled(text: &str) -> (Vec<(String, Option<String>)>, Vec<usize>) {
    let list = read(&[text.as_bytes()], &links());
    let entry = |entry: &Entry| (entry.subscription.title(), entry.title.clone());
    (
        list.entries.iter().map(entry).collect(),
        list.unread.iter().map(|unread| unread.line).collect(),
    )
}

#[test]
fn invalid_options_of_link_are_reported_as_lost() {
    let list = read(&[b"t.me/tea?limt=3&q=fog"], &links());
    assert_eq!(list.entries[0].subscription.feed(&links()), "https://feeds.example/tg/tea/rss.xml");
    assert_eq!(list.entries[0].subscription.lost, ["q=fog", "limt=3"]);
}

#[test]
fn words_beside_link_become_title_but_table_header_does_not() {
    let tea = |title: Option<&str>| vec![("tea".to_owned(), title.map(str::to_owned))];
    for text in [
        "name,url\nTea road,https://t.me/tea",
        "Title;Link;Subscribers\nTea road;https://t.me/tea;1200",
        "Название\tСсылка\nTea road\tt.me/tea",
        "url,name\r\nhttps://t.me/tea,Tea road\r\n",
        "id,name,url\n17,\"Tea road\",https://t.me/tea",
        "| Channel | Address |\n|---|:--|\n| Tea road | @tea |",
        "[Tea road](https://t.me/tea)",
        "1. Tea road – https://t.me/tea",
        "Tea road: https://t.me/tea",
        "• Tea road (@tea)",
        "<li><a href='https://t.me/tea'>Tea road</a></li>",
        "{\"name\": \"Tea road\", \"url\": \"https://t.me/tea\"}",
        "https://t.me/tea Tea road",
    ] {
        assert_eq!(titled(text), (tea(Some("Tea road")), vec![]), "{text}");
    }
    for text in [
        "https://t.me/tea",
        "17,https://t.me/tea,1200",
        "url: https://t.me/tea",
        "🌳 @tea 🌳",
        "https:t.me/tea",
        "https:// t.me/tea",
        "https://t.me/tea%20",
    ] {
        assert_eq!(titled(text), (tea(None), vec![]), "{text}");
    }
    let two = [("tea", Some("Tea")), ("sea", Some("Sea"))];
    let two = two.map(|(name, title)| (name.to_owned(), title.map(str::to_owned)));
    assert_eq!(titled("Tea: @tea, Sea: @sea"), (two.to_vec(), vec![]));
    let untitled = ["tea", "sea"].map(|name| (name.to_owned(), None));
    assert_eq!(titled("My channels: @tea @sea"), (untitled.to_vec(), vec![]));
}

#[test]
fn unused_line_is_reported() {
    for (text, channels, unread) in [
        ("My channels:\ntea\nsea", &["tea", "sea"][..], &[1][..]),
        ("Kanalname,Webadresse\nTea,https://t.me/tea", &["tea"], &[1]),
        ("# My channels\ntea\n#sea", &["tea"], &[]),
        ("# @sea\n#https://t.me/fog\n#3 tea", &["tea"], &[1, 2]),
        ("two words\n@two @words", &["two", "words"], &[1]),
        ("Hello, these are all\n@tea", &["tea"], &[1]),
        ("tea\n---\n\n* * *\nsea", &["tea", "sea"], &[]),
        ("tea, x, sea", &["tea", "sea"], &[1]),
        ("Write to a@sea.example\n@tea", &["tea"], &[1]),
        ("t.me/+AbC @tea t.me/c/1/2", &["tea"], &[1, 1]),
        ("username,title\ntea,Tea\nsea,Sea and fog", &["tea", "sea"], &[]),
        ("id;Title;Username\n1;Tea;tea\n2;Sea\nfog", &["tea", "fog"], &[3]),
        ("Название,Канал\nЧай,tea\n\"Море, туман\",sea", &["tea", "sea"], &[]),
        ("title,subscribers\nTea,sea", &[], &[2]),
        ("{\"username\": \"tea\", \"title\": \"Tea\"}", &[], &[1]),
        ("{\"channels\":[\"tea\",\"sea\"]}\n{'channel': 'tea'}", &[], &[1, 2]),
        ("channel = \"tea\"\nCHANNELS=tea,sea\n@tea", &["tea"], &[1, 2]),
        (
            "@tea%20@sea https://t.me/fog%2Chttps%3A%2F%2Ft.me%2Fbuoy",
            &["tea", "sea", "fog", "buoy"],
            &[],
        ),
        ("https://t.me/tea-road\nhttps://t.me/\n@tea", &["tea"], &[1, 2]),
        ("/home/me/tea.opml\n./sea.txt\nC:\\tea\\sea.opml", &[], &[1, 2, 3]),
    ] {
        let (entries, reported) = titled(text);
        let names: Vec<&str> = entries.iter().map(|(name, _)| &**name).collect();
        assert_eq!((&names[..], &reported[..]), (channels, unread), "{text}");
        assert_eq!(read(&[text.as_bytes()], &links()).others, [], "{text}");
    }
}

#[test]
fn followed_channels_are_exported_with_collections() {
    let names = ["tea", "Sea"].map(|name| ChannelName::parse(name).unwrap());
    let set = crate::model::ChannelSet::new(names.to_vec()).unwrap();
    let collections = [Source::collection("coast", Some("The coast"), set)];
    let title = |name: &ChannelName| (*name == names[0]).then(|| "The Tea Road".to_owned());
    let outlines = followed(&names, &collections, &title, &links());
    let actual: Vec<_> = outlines
        .iter()
        .map(|outline| {
            (outline.folders.first().map(String::as_str), &*outline.title, &*outline.feed)
        })
        .collect();
    assert_eq!(
        actual,
        [
            (Some("feedline"), "The Tea Road", "https://feeds.example/tg/tea/rss.xml"),
            (Some("feedline"), "Sea", "https://feeds.example/tg/Sea/rss.xml"),
            (None, "The coast", "https://feeds.example/tg/-/collections/coast/rss.xml"),
        ]
    );
    assert!(followed(&names, &[], &title, &links())[0].folders.is_empty());
}

const LOOSE: &str = r#"
<opml><head><title>x</title></head><body>
<OUTLINE TEXT="News &amp; more">
 <outline text="Tea" title="The Tea Road" type="rss" xmlUrl="https://rsshub.app/telegram/channel/tea" htmlUrl="x"/>
 <outline text="Deep"><outline XMLURL='https://t.me/sea' text="Sea &lt;3 &nbsp; x"></outline></outline>
</OUTLINE>
<outline type="link" text="Fog" url="https://t.me/fog"/>
<outline text="Elsewhere" xmlUrl="https://news.example/feed"/>
<outline text="Tea again" xmlUrl="t.me/s/Tea"/>
</body></opml>"#;

/// Conformance: 9.3
#[test]
fn loose_opml_keeps_folders_and_titles() {
    let list = read(&[LOOSE.as_bytes()], &links());
    let actual: Vec<_> = list
        .entries
        .iter()
        .map(|entry| {
            (entry.line, entry.folders.first().map(String::as_str), entry.title.as_deref())
        })
        .collect();
    assert_eq!(
        actual,
        [
            (4, Some("News & more"), Some("The Tea Road")),
            (5, Some("News & more / Deep"), Some("Sea <3 x")),
            (7, None, Some("Fog")),
        ]
    );
    let actual: Vec<_> = list
        .unread
        .iter()
        .map(|unread| (unread.line, &*unread.text, unread.reason.clone()))
        .collect();
    let other = Reason::OtherSite;
    assert_eq!(actual, [(8, "https://news.example/feed", other), (9, "Tea", Reason::Twice)]);
}

#[test]
fn foreign_feeds_are_kept_unchanged() {
    let file = "<opml><body><outline text='World'><outline text='Elsewhere &amp; more' type='rss' \
                xmlUrl='https://news.example/feed?a=1&amp;b=2' htmlUrl='https://news.example/'/></outline>\
                <outline xmlUrl='feed:https://bare.example/rss' htmlUrl='javascript:alert(1)'/>\
                <outline text='Bad' xmlUrl='javascript:alert(1)/x.y'/>\
                <outline text='Tea' xmlUrl='t.me/tea'/></body></opml>";
    let list = read(&[file.as_bytes()], &links());
    let written = String::from_utf8(write("x", &list.others)).unwrap();
    for part in [
        "<outline text=\"World\" title=\"World\">",
        "text=\"Elsewhere &amp; more\" title=\"Elsewhere &amp; more\" \
         xmlUrl=\"https://news.example/feed?a=1&amp;b=2\" htmlUrl=\"https://news.example/\"/>",
        "xmlUrl=\"feed:https://bare.example/rss\"/>",
    ] {
        assert!(written.contains(part), "{part}: {written}");
    }
    assert!(!written.contains("javascript"), "{written}");
    assert_eq!(read(&[written.as_bytes()], &links()).others, list.others);
    let many: String = (0..1000).map(|number| format!("https://news.example/{number}\n")).collect();
    let list = read(&[many.as_bytes()], &links());
    assert_eq!((list.others.len(), list.unread.len(), list.is_cut), (1000, MAX_UNREAD, false));
}

/// Conformance: 9.3
#[test]
fn utf_16_opml_with_bom_is_read() {
    let file = "<opml><body><outline title=\"Чай\" xmlUrl=\"t.me/tea\"/></body></opml>";
    let units: Vec<u16> = format!("\u{feff}{file}").encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    for bytes in [format!("\u{feff}{file}").into_bytes(), little, big] {
        let list = read(&[&bytes], &links());
        assert_eq!(list.entries[0].title.as_deref(), Some("Чай"));
    }
    let other = b"<opml><body><outline title=\"\xd7\xe0\xe9\" xmlUrl=\"t.me/tea\"/>";
    assert_eq!(read(&[other], &links()).entries[0].title, None, "better none than a broken one");
}

/// Conformance: 9.3
#[test]
fn entity_declarations_are_refused_and_truncation_is_reported() {
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE opml [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>\
                <opml><body><outline text=\"&b;\" xmlUrl=\"t.me/tea\"/></body></opml>";
    let list = read(&[bomb.as_bytes()], &links());
    assert!(list.entries.is_empty());
    assert_eq!(list.unread[0].reason, Reason::Entities);
    let plain = bomb.replace("[<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]", "");
    assert_eq!(
        read(&[plain.as_bytes()], &links()).entries.len(),
        1,
        "a document type alone is none"
    );
    let broken =
        read(&[b"<opml>\n<outline xmlUrl='t.me/tea'/>\n<outline xmlUrl='t.me/se"], &links());
    assert_eq!((broken.entries.len(), broken.unread[0].line), (1, 3));
    assert_eq!(broken.unread[0].reason, Reason::Broken);
}

#[test]
fn opml_sizes_are_bounded() {
    let names: String = (0..3000).map(|number| format!("name{number}\n")).collect();
    let list = read(&[names.as_bytes()], &links());
    assert_eq!((list.entries.len(), list.left_out, list.is_cut), (MAX_FEEDS, 1000, false));
    let bad: String = (0..3000).map(|number| format!("{number}\n")).collect();
    let list = read(&[bad.as_bytes()], &links());
    assert_eq!((list.unread.len(), list.is_cut), (MAX_UNREAD, true));
    let deep = "<outline text='x'>".repeat(50_000);
    assert!(read(&[deep.as_bytes()], &links()).is_cut);
    let long = format!("<outline text='{}' xmlUrl='t.me/tea'/>", "x".repeat(100_000));
    assert_eq!(read(&[long.as_bytes()], &links()).entries[0].title.as_ref().unwrap().len(), 200);
    let large = " ".repeat(MAX_SIZE + 1);
    assert!(read(&[large.as_bytes()], &links()).is_cut);
}

/// Conformance: 9.2
#[test]
fn written_opml_is_readable_and_has_all_attributes() {
    let list = read(&[LOOSE.as_bytes()], &links());
    let outlines: Vec<Outline> =
        list.entries.iter().map(|entry| Outline::new(entry, &|_| None, &links())).collect();
    let file = write("Mine \u{b}& <yours>", &outlines);
    let text = std::str::from_utf8(&file).unwrap();
    assert!(
        text.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<opml version=\"2.0\">"),
        "{text}"
    );
    assert!(text.contains("<title>Mine &amp; &lt;yours&gt;</title>"), "{text}");
    let tea = "<outline type=\"rss\" text=\"The Tea Road\" title=\"The Tea Road\" \
               xmlUrl=\"https://feeds.example/tg/tea/rss.xml\" htmlUrl=\"https://feeds.example/tg/tea\"/>";
    assert!(text.contains(tea), "{text}");
    let again = read(&[&file], &links());
    let strip = |list: &List| -> Vec<_> {
        let entries = list.entries.iter();
        entries.map(|entry| (entry.folders.clone(), entry.subscription.clone())).collect()
    };
    assert_eq!((strip(&again), again.unread.len()), (strip(&list), 0));
    let twice = [outlines[0].clone(), outlines[0].clone()];
    assert_eq!(read(&[&write("x", &twice)], &links()).entries.len(), 1);
    let nothing = write("x", &[]);
    assert!(std::str::from_utf8(&nothing).unwrap().contains("<outline text=\"feedline\"/>"));
}

/// The list as `write` writes it, channels and other feeds.
fn rewritten(list: &List) -> String {
    let mut outlines: Vec<Outline> =
        list.entries.iter().map(|entry| Outline::new(entry, &|_| None, &links())).collect();
    outlines.extend(list.others.clone());
    String::from_utf8(write("x", &outlines)).unwrap()
}

const FRESHRSS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0" xmlns:frss="https://freshrss.org/opml">
<body>
<outline text="Fruit">
<outline text="Plums" title="All plums" type="HTML+XPath" xmlUrl="https://plums.example/list?a=1&amp;b=2" htmlUrl="https://plums.example/"
 description="Plums&#10;and more" frss:priority="important" frss:xPathItem="//div[@class=&quot;plum&quot; or 1 &lt; 2]" frss:cssFullContent="main &gt; p" category="Garden"/>
<outline text="Tea" type="rss" xmlUrl="https://rsshub.app/telegram/channel/tea" frss:priority="main"/>
</outline>
<outline text="Scraped" type="JSON+DotNotation" xmlUrl="https://json.example/x" language="de" custom-key='"a"' xml:lang="de" undeclared:x="1"/>
</body></opml>"#;

#[test]
fn foreign_feeds_keep_type_and_attributes() {
    let list = read(&[FRESHRSS.as_bytes()], &links());
    let written = rewritten(&list);
    for part in [
        "<opml version=\"2.0\" xmlns:frss=\"https://freshrss.org/opml\">",
        "<outline type=\"HTML+XPath\" text=\"Plums\" title=\"All plums\" xmlUrl=\"https://plums.example/list?a=1&amp;b=2\" \
         htmlUrl=\"https://plums.example/\" description=\"Plums&#10;and more\" frss:priority=\"important\" \
         frss:xPathItem=\"//div[@class=&quot;plum&quot; or 1 &lt; 2]\" frss:cssFullContent=\"main &gt; p\" category=\"Garden\"/>",
        "<outline type=\"JSON+DotNotation\" text=\"Scraped\" title=\"Scraped\" xmlUrl=\"https://json.example/x\" language=\"de\" \
         custom-key=\"&quot;a&quot;\" xml:lang=\"de\"/>",
        "<outline type=\"rss\" text=\"Tea\" title=\"Tea\" xmlUrl=\"https://feeds.example/tg/tea/rss.xml\"",
    ] {
        assert!(written.contains(part), "{part}: {written}");
    }
    assert!(!written.contains("undeclared"), "{written}");
    let again = read(&[written.as_bytes()], &links());
    assert_eq!(again.others, list.others);
    assert_eq!(rewritten(&again), written);

    // A prefix with another meaning in another file, and one without a declaration.
    let lost =
        "<opml><outline text='Lost' xmlUrl='https://lost.example/x' frss:priority='feed'/></opml>";
    let other = "<opml xmlns:frss='urn:other'><outline text='Other' xmlUrl='https://other.example/x' \
                 frss:priority='5'/></opml>";
    let both = read(&[lost.as_bytes(), other.as_bytes()], &links());
    let written = rewritten(&both);
    assert!(
        written.contains("<opml version=\"2.0\" xmlns:frss=\"https://freshrss.org/opml\">"),
        "{written}"
    );
    assert!(written.contains("xmlns:frss=\"urn:other\" frss:priority=\"5\"/>"), "{written}");
}

#[test]
fn opml_categories_and_tags_become_folders() {
    let folders = |text: &str| -> Vec<Vec<String>> {
        let list = read(&[text.as_bytes()], &links());
        let entries = list.entries.iter().map(|entry| entry.folders.clone());
        entries.chain(list.others.iter().map(|other| other.folders.clone())).collect()
    };
    for (text, expected) in [
        (
            "<opml><outline xmlUrl='t.me/tea' category='Garden,Fruit'/></opml>",
            &["Garden", "Fruit"][..],
        ),
        ("<opml><outline xmlUrl='t.me/tea' category=' Garden , Garden,,/'/></opml>", &["Garden"]),
        ("<opml><outline xmlUrl='t.me/tea' category='/Garden/Fruit'/></opml>", &["Garden / Fruit"]),
        ("<opml><outline xmlUrl='t.me/tea' category=''/></opml>", &[]),
        (
            "<opml><outline xmlUrl='https://x.example/' category='Garden,Fruit'/></opml>",
            &["Garden", "Fruit"],
        ),
        (
            "<opml><outline text='Sea'><outline xmlUrl='t.me/tea' category='Garden'/></outline></opml>",
            &["Sea"],
        ),
        // As readers write a feed in two folders.
        (
            "<opml><outline text='A'><outline xmlUrl='t.me/tea'/></outline>\
             <outline text='B'><outline xmlUrl='t.me/Tea'/></outline></opml>",
            &["A", "B"],
        ),
        ("https://t.me/tea \"garden\" \"my fruit\" \"~Tea\"", &["garden", "my fruit"]),
        ("https://news.example/rss \"garden\" \"~News\"", &["garden"]),
    ] {
        assert_eq!(folders(text), [expected], "{text}");
    }
    let newsboat = "https://t.me/tea \"garden\" \"fruit\" \"~Tea &amp; more\"\nhttps://news.example/rss \"fruit\" \"~News\"";
    let list = read(&[newsboat.as_bytes()], &links());
    assert_eq!(list.entries[0].title.as_deref(), Some("Tea &amp; more"), "no XML");
    let written = rewritten(&list);
    let feed = "<outline type=\"rss\" text=\"Tea &amp;amp; more\"";
    assert_eq!(written.matches(feed).count(), 2, "once in each folder: {written}");
    assert!(
        written.contains("text=\"News\" title=\"News\" xmlUrl=\"https://news.example/rss\"/>"),
        "{written}"
    );
    let again = read(&[written.as_bytes()], &links());
    assert_eq!(again.entries[0].folders, ["garden", "fruit"]);
    assert_eq!(again.unread.len(), 1, "the feed of something else alone: {:?}", again.unread);
}

#[test]
fn every_outline_and_line_is_imported_or_reported() {
    let unread = |text: &str| -> Vec<(usize, String, Reason)> {
        let list = read(&[text.as_bytes()], &links());
        list.unread.into_iter().map(|unread| (unread.line, unread.text, unread.reason)).collect()
    };
    let file = "<opml><body>\n<outline text='Tea' type='rss'/>\n<outline text='Folder'></outline>\n\
                <outline text='Used'><outline xmlUrl='t.me/tea'/></outline>\n<outline/>\n\
                <outline text='Bad' xmlUrl='javascript:alert(1)'/>\n<outline xmlUrl='t.me/TEA'/>\n\
                <outline text='Used'><outline xmlUrl='t.me/tea'/></outline>\n<outline text='Open'>\n";
    let none = |line, text: &str| (line, text.to_owned(), Reason::NoAddress);
    assert_eq!(
        unread(file),
        [
            none(2, "Tea"),
            none(3, "Folder"),
            none(5, ""),
            (6, "javascript:alert(1)".to_owned(), Reason::Name(BadName::Malformed)),
            (7, "TEA".to_owned(), Reason::Twice),
            (8, "tea".to_owned(), Reason::Twice),
            none(9, "Open"),
        ]
    );
    assert_eq!(
        unread(
            "@tea\n@Tea\nhttps://news.example/x\nhttps://news.example/x\nrsshub://x/y \"a b\"\n\"rsshub://x/y z\" \"a\""
        ),
        [
            (2, "Tea".to_owned(), Reason::Twice),
            (3, "https://news.example/x".to_owned(), Reason::OtherSite),
            (4, "https://news.example/x".to_owned(), Reason::Twice),
            (5, "rsshub://x/y".to_owned(), Reason::OtherSite),
            (6, "rsshub://x/y z".to_owned(), Reason::LeftOut),
        ]
    );
    assert_eq!(
        unread("<?xml version='1.0'?><rss><channel/></rss>"),
        [(1, String::new(), Reason::NoOutlines)]
    );
    let list = read(&[b"@tea\n@sea", b"@Sea\n@fog"], &links());
    assert_eq!((list.entries.len(), list.unread.len()), (3, 1));
    assert_eq!(list.unread[0].reason, Reason::Twice);
    assert!(
        unread(std::str::from_utf8(&write("x", &[])).unwrap()).is_empty(),
        "our own placeholder"
    );
}

#[test]
fn opml_file_is_decompressed_and_decoded() {
    let file =
        b"<?xml version=\"1.0\" encoding=\"windows-1251\"?><opml><outline title=\"\xd7\xe0\xe9\" \
                 xmlUrl=\"t.me/tea\"/></opml>";
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packer, file).unwrap();
    for bytes in [file.to_vec(), packer.finish().unwrap()] {
        assert_eq!(read(&[&bytes], &links()).entries[0].title.as_deref(), Some("Чай"));
    }
    for (bytes, reason) in
        [(&b"PK\x03\x04\x14\0"[..], Reason::Zip), (b"\x89PNG\r\n\x1a\n\0", Reason::Binary)]
    {
        let list = read(&[bytes], &links());
        assert!(list.entries.is_empty() && list.others.is_empty());
        assert_eq!((list.unread.len(), &list.unread[0].reason), (1, &reason));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_list_file_round_trips_through_opml(
        parts in proptest::collection::vec(prop_oneof![
            any::<String>(),
            "<[!?/]?(opml|outline|body)( (text|title|xmlUrl|URL)=['\"]?(https?://|t\\.me/|&a;|[a-z]{2,9}){0,3}['\"]?){0,3} ?/?>",
            "(rsshub://|https://[a-z.]{1,9}/|@|)(telegram/channel/|rss/|)[a-z+]{0,9}[/?&=a-z]{0,9}[\n ,]",
        ], 0..20),
    ) {
        let text = parts.concat();
        let list = read(&[text.as_bytes()], &links());
        let outlines: Vec<Outline> =
            list.entries.iter().map(|entry| Outline::new(entry, &|_| None, &links())).collect();
        let again = read(&[&write("x", &outlines)], &links());
        let feeds = |list: &List| -> std::collections::BTreeSet<String> {
            list.entries.iter().map(|entry| entry.subscription.feed(&links())).collect()
        };
        prop_assert_eq!(feeds(&again), feeds(&list));
        prop_assert!(again.unread.is_empty());
    }
}
