use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::locale::Message;

/// The channels of a text with their messages and searches, or the error.
fn found(text: &str) -> String {
    let of = |target: &Target| match (&target.message, &target.search) {
        (Some(id), _) => format!("{}/{id}", target.channel),
        (None, Some(words)) => format!("{}?{words}", target.channel),
        (None, None) => target.channel.to_string(),
    };
    match Target::find_all(text) {
        Ok(targets) => targets.iter().map(of).collect::<Vec<_>>().join(" "),
        Err(BadName::Empty) => "(empty)".to_owned(),
        Err(BadName::Malformed) => "(malformed)".to_owned(),
        Err(BadName::Numeric) => "(numeric id)".to_owned(),
        Err(BadName::OtherSite) => "(other site)".to_owned(),
        Err(BadName::Private(what) | BadName::NotAChannel(what)) => feature(what),
    }
}

fn feature(what: &str) -> String {
    format!("({})", Message::new(format!("feature-{what}")))
}

fn check(table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter(|(text, expected)| found(text) != *expected)
        .map(|(text, expected)| format!("{text:?} gives {}, not {expected}", found(text)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn channel_link_in_any_form_is_parsed() {
    check(&[
        ("plumtree", "plumtree"),
        ("  plumtree\n", "plumtree"),
        ("PlumTree", "PlumTree"),
        ("@plumtree", "plumtree"),
        ("@plumtree/", "plumtree"),
        ("plumtree/55", "plumtree/55"),
        ("@plumtree/55", "plumtree/55"),
        ("@plumtree/12/55", "plumtree/55"),
        ("s/plumtree", "plumtree"),
        ("S/plumtree/55", "plumtree/55"),
        ("t.me/plumtree", "plumtree"),
        ("t.me/plumtree/", "plumtree"),
        ("t.me/@plumtree", "plumtree"),
        ("T.ME/plumtree", "plumtree"),
        ("http://t.me/plumtree", "plumtree"),
        ("HTTPS://T.ME/plumtree", "plumtree"),
        ("https:/t.me/plumtree", "plumtree"),
        ("https:///t.me/plumtree", "plumtree"),
        ("//t.me/plumtree", "plumtree"),
        ("https://www.t.me/plumtree?utm_source=x", "plumtree"),
        ("https://t.me:443/plumtree", "plumtree"),
        ("http://t.me:80/plumtree/7", "plumtree/7"),
        ("https://t.me./plumtree", "plumtree"),
        ("t.me./plumtree", "plumtree"),
        ("https://somebody@t.me/plumtree", "plumtree"),
        ("https://t.me/s/plumtree", "plumtree"),
        ("https://t.me/S/plumtree", "plumtree"),
        ("https://t.me/s/plumtree/?before=3", "plumtree"),
        ("https://t.me/s/plumtree/123", "plumtree/123"),
        ("https://t.me/plumtree/123?single", "plumtree/123"),
        ("https://t.me/plumtree/123?comment=9", "plumtree/123"),
        ("https://t.me/plumtree/123#comments", "plumtree/123"),
        ("https://t.me/orchard/12/55", "orchard/55"),
        ("https://t.me/orchard/12/55?single", "orchard/55"),
        ("https://t.me//plumtree//55", "plumtree/55"),
        ("https://t.me/plumtree/0", "plumtree"),
        ("https://t.me/plumtree/99999999999", "plumtree"),
        ("telegram.me/plumtree/7", "plumtree/7"),
        ("https://telegram.dog/s/plumtree", "plumtree"),
        ("plumtree.t.me", "plumtree"),
        ("https://plumtree.t.me/55", "plumtree/55"),
        ("https://plumtree.t.me/12/55", "plumtree/55"),
        ("https://plumtree.t.me/?q=jam", "plumtree?jam"),
        ("https://plum_tree.telegram.me", "plum_tree"),
        ("tg://resolve?domain=plumtree&post=123", "plumtree/123"),
        ("tg://resolve/?domain=plumtree", "plumtree"),
        ("TG://resolve?post=9&domain=plumtree", "plumtree/9"),
        ("tg:resolve?domain=plumtree", "plumtree"),
        ("tg:/resolve?domain=plumtree", "plumtree"),
        ("TG://RESOLVE?DOMAIN=plumtree&POST=5", "plumtree/5"),
        ("TG:@plumtree", "plumtree"),
        ("tg://resolve?domain=@plumtree&thread=12&post=55", "plumtree/55"),
        ("tg-me.com/plumtree/19", "plumtree/19"),
        ("tg-me.com/s/plumtree/19", "plumtree/19"),
        ("https://www.tg-me.com/us/Plum/com.plumtree/19", "plumtree/19"),
        ("https://www.tg-me.com/us/Plum/com.plumtree", "plumtree"),
        // Names that are features only in a link.
        ("share", "share"),
        ("@proxy", "proxy"),
        ("t.me/telegram", "telegram"),
        ("t.me/settings", "settings"),
        ("t.me/premium", "premium"),
        ("t.me/contacts", "contacts"),
    ]);
}

#[test]
fn web_app_url_yields_its_channel() {
    check(&[
        ("https://web.telegram.org/k/#@plumtree", "plumtree"),
        ("https://web.telegram.org/a/#@plumtree", "plumtree"),
        ("https://web.telegram.org/z/#@plumtree", "plumtree"),
        ("web.telegram.org/k/#@plumtree", "plumtree"),
        ("https://web.telegram.org/#/im?p=@plumtree", "plumtree"),
        ("https://web.telegram.org/#/im?p=%40plumtree", "plumtree"),
        ("https://web.telegram.org/?legacy=1#/im?p=@plumtree", "plumtree"),
        ("https://web.telegram.org/k/#%40plumtree", "plumtree"),
        ("https://web.telegram.org/k/#@plumtree/55", "plumtree/55"),
        ("https://webk.telegram.org/#@plumtree", "plumtree"),
        ("https://webz.telegram.org/#@plumtree", "plumtree"),
        ("https://web.telegram.org/k/#?tgaddr=tg%3A%2F%2Fresolve%3Fdomain%3Dplumtree", "plumtree"),
        (
            "https://web.telegram.org/a/#?tgaddr=tg%3A%2F%2Fresolve%3Fdomain%3Dplumtree%26post%3D55",
            "plumtree/55",
        ),
        ("https://web.telegram.org/a/?tgaddr=tg%3A%2F%2Fresolve%3Fdomain%3Dplumtree", "plumtree"),
        ("https://web.telegram.org/#/im?tgaddr=tg:%2F%2Fresolve%3Fdomain=plumtree", "plumtree"),
        ("https://web.telegram.org/k/#-1001234567890", "(numeric id)"),
        ("https://web.telegram.org/a/#-1001234567890_55", "(numeric id)"),
        ("https://web.telegram.org/z/#777000", "(numeric id)"),
        ("https://web.telegram.org/#/im?p=c1234567890_1234", "(numeric id)"),
        ("https://web.telegram.org/k/", "(an address of Telegram’s web app without a channel)"),
        (
            "https://web.telegram.org/a/#?tgaddr=tg%3A%2F%2Fjoin%3Finvite%3DAbC",
            "(an invitation to a private chat)",
        ),
    ]);
}

#[test]
fn link_keeps_telegrams_search_query() {
    check(&[
        ("t.me/s/plumtree?q=%23jam", "plumtree?#jam"),
        ("https://t.me/s/plumtree?q=word", "plumtree?word"),
        ("HTTPS://T.ME/S/PLUMTREE?Q=WORD", "PLUMTREE?WORD"),
        ("https://t.me/s/plumtree?q=two+words", "plumtree?two words"),
        ("https://t.me/s/plumtree?q=two%20words&before=5", "plumtree?two words"),
        ("https://t.me/s/plumtree?before=5&q=%D1%87%D0%B0%D0%B9", "plumtree?чай"),
        ("https://t.me/s/plumtree?q=чай", "plumtree?чай"),
        ("https://t.me/s/plumtree?q=a,b", "plumtree?a,b"),
        ("https://t.me/plumtree?q=%23jam", "plumtree?#jam"),
        ("https://t.me/s/plumtree?q=", "plumtree"),
        ("https://t.me/s/plumtree?q=+", "plumtree"),
        ("https://t.me/s/plumtree/55?q=jam", "plumtree/55"),
        ("s/plumtree?q=%23jam", "plumtree?#jam"),
        ("@plumtree?q=%23jam", "plumtree?#jam"),
        ("plumtree?q=jam, figtree", "plumtree?jam figtree"),
        ("Do you read @plumtree?yes=1, or @figtree?", "plumtree figtree"),
        ("(https://t.me/s/plumtree?q=jam)", "plumtree?jam"),
        ("https://t.me/s/plumtree https://t.me/s/plumtree?q=%23jam", "plumtree plumtree?#jam"),
        ("https://t.me/s/plumtree?q=a&amp;before=5", "plumtree?a"),
    ]);
    for (text, query) in [
        ("t.me/s/plumtree?q=%23jam", "tag=jam"),
        ("t.me/s/plumtree?q=%23Jam@plumtree", "tag=jam"),
        ("t.me/s/plumtree?q=%23jam+apples", "q=%23jam%20apples"),
        ("t.me/s/plumtree?q=word", "q=word"),
        ("t.me/plumtree/5?q=word", ""),
        ("t.me/plumtree", ""),
    ] {
        let defaults = FeedOptions::default();
        let options = Target::parse(text).unwrap().options(&defaults).unwrap();
        assert_eq!(options.to_query(&defaults), query, "{text}");
    }
    let long = Target::parse(&format!("t.me/s/plumtree?q={}", "x".repeat(300))).unwrap();
    assert!(long.options(&FeedOptions::default()).is_err());
}

#[test]
fn all_links_in_text_are_found() {
    let three = "plumtree figtree dashtree";
    check(&[
        ("https://t.me/plumtree, https://t.me/figtree", "plumtree figtree"),
        ("https://t.me/plumtree,https://t.me/figtree", "plumtree figtree"),
        ("https://t.me/plumtree;https://t.me/figtree", "plumtree figtree"),
        ("https://t.me/plumtree ; https://t.me/figtree;", "plumtree figtree"),
        ("https://t.me/plumtree\thttps://t.me/figtree", "plumtree figtree"),
        ("https://t.me/plumtree|https://t.me/figtree", "plumtree figtree"),
        ("https://t.me/plumtree https://t.me/figtree @dashtree", three),
        ("t.me/plumtree,t.me/figtree;@dashtree", three),
        ("t.me/plumtree, @figtree; dashtree.t.me", three),
        ("plumtree, figtree, dashtree", three),
        ("plumtree;figtree;dashtree", three),
        ("plumtree\tfigtree\tdashtree", three),
        ("plumtree，figtree、dashtree", three),
        ("@plumtree @figtree @dashtree", three),
        ("@plumtree,@figtree,@dashtree", three),
        ("@plumtree/@figtree/@dashtree", three),
        ("@plumtree\r\n@figtree\r\ndashtree\r\n", three),
        ("@plumtree\r@figtree\rdashtree", three),
        ("\u{feff}@plumtree\n@figtree\ndashtree", three),
        ("@plumtree\u{a0}@figtree\u{2003}@dashtree", three),
        ("@plumtree\u{200b}@figtree\u{2028}@dashtree", three),
        ("@plumtree, @PLUMTREE, t.me/plumtree", "plumtree"),
        ("https://t.me/plumtreehttps://t.me/figtree", "plumtree figtree"),
        ("https://t.me/plumtree%20https://t.me/figtree", "plumtree figtree"),
        ("https://t.me/plumtree/5, https://t.me/plumtree", "plumtree/5 plumtree"),
        ("https://t.me/s/plumtree?q=a,https://t.me/figtree", "plumtree?a figtree"),
        ("https%3A%2F%2Ft.me%2Fplumtree%2C%20https%3A%2F%2Ft.me%2Ffigtree", "plumtree figtree"),
        ("1. @plumtree 2. @figtree 3. @dashtree", three),
        ("tg://resolve?domain=plumtree, tg:resolve?domain=figtree", "plumtree figtree"),
        ("https://t.me/plumtree and https://t.me/figtree or @dashtree.", three),
    ]);
}

#[test]
fn link_in_prose_is_found_without_punctuation() {
    check(&[
        ("https://t.me/plumtree.", "plumtree"),
        ("https://t.me/plumtree,", "plumtree"),
        ("https://t.me/plumtree)", "plumtree"),
        ("https://t.me/plumtree]", "plumtree"),
        ("https://t.me/plumtree»", "plumtree"),
        ("https://t.me/plumtree”", "plumtree"),
        ("https://t.me/plumtree:", "plumtree"),
        ("https://t.me/plumtree;", "plumtree"),
        ("https://t.me/plumtree!", "plumtree"),
        ("https://t.me/plumtree?", "plumtree"),
        ("https://t.me/plumtree?!", "plumtree"),
        ("https://t.me/plumtree…", "plumtree"),
        ("https://t.me/plumtree...", "plumtree"),
        ("https://t.me/plumtree—", "plumtree"),
        ("(https://t.me/plumtree)", "plumtree"),
        ("(see t.me/plumtree/55).", "plumtree/55"),
        ("[t.me/plumtree]", "plumtree"),
        ("{t.me/plumtree}", "plumtree"),
        ("«https://t.me/plumtree»", "plumtree"),
        ("„https://t.me/plumtree“", "plumtree"),
        ("\"https://t.me/plumtree\"", "plumtree"),
        ("'https://t.me/plumtree'", "plumtree"),
        ("‘https://t.me/plumtree’", "plumtree"),
        ("`https://t.me/plumtree`", "plumtree"),
        ("「https://t.me/plumtree」", "plumtree"),
        ("（https://t.me/plumtree）", "plumtree"),
        ("【@plumtree】", "plumtree"),
        ("<https://t.me/plumtree>", "plumtree"),
        ("<@plumtree>", "plumtree"),
        ("<plumtree>", "plumtree"),
        ("\"plumtree\"", "plumtree"),
        ("plumtree.", "plumtree"),
        ("plumtree🌳", "plumtree"),
        ("🌳 plumtree", "plumtree"),
        ("• https://t.me/plumtree", "plumtree"),
        ("• plumtree", "plumtree"),
        ("- @plumtree", "plumtree"),
        ("- plumtree", "plumtree"),
        ("* plumtree", "plumtree"),
        ("1. plumtree", "plumtree"),
        ("12) plumtree", "plumtree"),
        ("(3) plumtree", "plumtree"),
        ("#4 plumtree", "plumtree"),
        ("№ 5 plumtree", "plumtree"),
        ("1️⃣ @plumtree", "plumtree"),
        ("- [x] plumtree", "plumtree"),
        ("- [ ] https://t.me/plumtree", "plumtree"),
        ("> https://t.me/plumtree", "plumtree"),
        ("Read https://t.me/plumtree today", "plumtree"),
        ("Read @plumtree, it is good", "plumtree"),
        ("Read @plumtree.", "plumtree"),
        ("Is it @plumtree?", "plumtree"),
        ("@plumtree's best posts", "plumtree"),
        ("@plumtree’s best posts", "plumtree"),
        ("https://t.me/plumtree's best posts", "plumtree"),
        (".@plumtree says", "plumtree"),
        ("Сад: https://t.me/plumtree — про сливы", "plumtree"),
        ("Канал(https://t.me/plumtree)про сливы", "plumtree"),
        ("каналhttps://t.me/plumtree", "plumtree"),
        ("seehttps://t.me/plumtree", "plumtree"),
        ("关注@plumtree频道", "plumtree"),
        ("关注https://t.me/plumtree频道", "plumtree"),
        ("频道：https://t.me/plumtree。", "plumtree"),
        ("@plumtree에서", "plumtree"),
        ("قناة\u{200f} https://t.me/plumtree\u{200e}، رائعة", "plumtree"),
        ("\u{202b}https://t.me/plumtree\u{202c}", "plumtree"),
        ("\u{2068}@plumtree\u{2069}", "plumtree"),
        ("https://t.me/plumtree\u{200b}", "plumtree"),
        ("https://\u{200b}t.me/\u{200b}plum\u{ad}tree", "plumtree"),
        ("https://t.me/plumtree\u{a0}", "plumtree"),
        ("https://t.me/plumtree%20", "plumtree"),
        ("https://t.me/plumtree%E2%80%8B", "plumtree"),
        ("https://t.me/plumtree%C2%A0and", "plumtree"),
        ("https://t.me/plumtree%0D%0A", "plumtree"),
        ("https://t.me/plumtree%29", "plumtree"),
        ("https://t.me/plumtree🌳🌳", "plumtree"),
        ("https://t.me/plumtree/55👍", "plumtree/55"),
        ("👉@plumtree👈", "plumtree"),
    ]);
}

#[test]
fn link_is_found_in_markup_tables_and_escapes() {
    check(&[
        ("https%3A%2F%2Ft.me%2Fplumtree", "plumtree"),
        ("https%253A%252F%252Ft.me%252Fplumtree%252F55", "plumtree/55"),
        ("HTTPS%3a%2f%2fT.me%2fplumtree", "plumtree"),
        ("t.me%2Fs%2Fplumtree", "plumtree"),
        ("%40plumtree", "plumtree"),
        ("https://t.me/s%2Fplumtree", "plumtree"),
        ("https://t.me%2Fplumtree%2F55", "plumtree/55"),
        ("https://t.me/plumtree%3Fq%3Djam", "plumtree?jam"),
        ("(https://t.me/s/plumtree%3Fq%3D%2523jam%26before%3D5).", "plumtree?#jam"),
        ("https://www.tg-me.com/us/AC%2FDC%3F/com.plumtree/5", "plumtree/5"),
        ("%22https%3A%2F%2Ft.me%2Fplumtree%22", "plumtree"),
        ("@plumtree%20@figtree", "plumtree figtree"),
        ("@plumtree%2C%20%40figtree", "plumtree figtree"),
        ("https://t.me/plumtree%0Ahttps%3A%2F%2Ft.me%2Ffigtree", "plumtree figtree"),
        ("tg%3A%2F%2Fresolve%3Fdomain%3Dplumtree", "plumtree"),
        ("url=https%3A%2F%2Ft.me%2Fplumtree", "plumtree"),
        ("**https://t.me/plumtree**", "plumtree"),
        ("*@plumtree*", "plumtree"),
        ("_https://t.me/plumtree_", "plumtree"),
        ("__@plum_tree__", "plum_tree"),
        ("~~https://t.me/plumtree~~", "plumtree"),
        ("[Plums](https://t.me/plumtree)", "plumtree"),
        ("[Plums](https://t.me/plumtree \"The plums\")", "plumtree"),
        ("[https://t.me/plumtree](https://t.me/plumtree)", "plumtree"),
        ("- **[Plums](t.me/plumtree)** and [Figs](<https://t.me/figtree>)", "plumtree figtree"),
        ("[1]: https://t.me/plumtree", "plumtree"),
        ("| Plums | https://t.me/plumtree |", "plumtree"),
        ("|Plums|https://t.me/plumtree|fruit|", "plumtree"),
        ("<a href=\"https://t.me/plumtree\">Plums</a>", "plumtree"),
        ("<a href='https://t.me/plumtree'>Plums</a>", "plumtree"),
        ("<A HREF=https://t.me/plumtree target=_blank>Plums</A>", "plumtree"),
        ("<li><a class=\"x\" href=\"t.me/plumtree\">@figtree</a><br>", "plumtree figtree"),
        ("&lt;a href=&quot;https://t.me/plumtree&quot;&gt;", "plumtree"),
        ("https://t.me/plumtree<br>https://t.me/figtree", "plumtree figtree"),
        ("https://t.me/plumtree&nbsp;", "plumtree"),
        ("<img src=\"https://t.me/i/x.jpg\"> @plumtree", "plumtree"),
        ("{\"name\":\"Plums\",\"url\":\"https:\\/\\/t.me\\/plumtree\"}", "plumtree"),
        ("[\"@plumtree\",\"t.me/figtree\"]", "plumtree figtree"),
        ("{'channel': '@plumtree'}", "plumtree"),
        ("{\"username\":\"plumtree\"}", "(malformed)"),
        ("channel=\"plumtree\"", "(malformed)"),
        ("channel=@plumtree", "plumtree"),
        ("https:\\\\t.me\\plumtree", "plumtree"),
        ("\"Plums, and jam\",https://t.me/plumtree,12", "plumtree"),
        ("Plums;https://t.me/plumtree;fruit", "plumtree"),
        ("Plums\thttps://t.me/plumtree\tfruit", "plumtree"),
        ("Plums,@plumtree", "plumtree"),
        ("Write to a@plumtree.example or read @figtree", "figtree"),
    ]);
}

#[test]
fn link_to_non_channel_reports_its_kind() {
    let invitation = "(an invitation to a private chat)";
    let web = "(an address of Telegram’s web app without a channel)";
    check(&[
        ("", "(empty)"),
        (" \n\t", "(empty)"),
        ("https://t.me/", "(empty)"),
        ("t.me/s/", "(empty)"),
        ("t.me/c/1234567/5", "(a private channel’s message)"),
        ("c/1234567/5", "(a private channel’s message)"),
        ("tg://privatepost?channel=1234567&post=5", "(a private channel’s message)"),
        ("https://t.me/+AbCdEf123", invitation),
        ("+AbCdEf123", invitation),
        ("https://t.me/%2BAbCdEf123", invitation),
        ("https://t.me/joinchat/AbC", invitation),
        ("joinchat.t.me/AbC", invitation),
        ("tg://join?invite=AbC", invitation),
        ("tg:join?invite=AbC", invitation),
        ("https://t.me/+79991234567", "(a phone number)"),
        ("tg://resolve?phone=79991234567", "(a phone number)"),
        ("https://t.me/addstickers/Cats", "(a set of stickers)"),
        ("https://t.me/AddStickers/Cats", "(a set of stickers)"),
        ("addstickers.t.me/Cats", "(a set of stickers)"),
        ("https://t.me/addemoji/Cats", "(a set of emoji)"),
        ("https://t.me/addlist/x", "(a shared folder)"),
        ("tg://addlist?slug=x", "(a shared folder)"),
        ("https://t.me/addstyle/x", "(a style)"),
        ("https://t.me/addtheme/x", "(a theme)"),
        ("https://t.me/auction/x", "(a gift auction)"),
        ("https://t.me/auth/x", "(a login link)"),
        ("https://auth.t.me", "(a login link)"),
        ("https://t.me/bg/x", "(a chat background)"),
        ("https://t.me/boost/plumtree", "(a boost link)"),
        ("https://t.me/boost?c=1234", "(a boost link)"),
        ("https://t.me/call/x", "(a call)"),
        ("call.t.me", "(a call)"),
        ("https://t.me/confirmphone?phone=1&hash=x", "(a confirmation link)"),
        ("https://t.me/contact/x", "(a contact)"),
        ("https://t.me/giftcode/x", "(a gift)"),
        ("https://t.me/invoice/x", "(an invoice)"),
        ("https://t.me/$x", "(an invoice)"),
        ("https://t.me/iv?url=https://t.me/plumtree&rhash=1", "(an instant view)"),
        ("https://t.me/login/12345", "(a login link)"),
        ("https://t.me/m/x", "(a business chat)"),
        ("https://t.me/msg?url=x", "(a share link)"),
        ("https://t.me/newbot/a/b", "(a link that creates a bot)"),
        ("https://t.me/nft/x-1", "(a collectible)"),
        ("https://t.me/passport", "(a login link)"),
        ("https://t.me/proxy?server=x", "(a proxy)"),
        ("https://t.me/socks?server=x", "(a proxy)"),
        ("https://t.me/setlanguage/x", "(a language pack)"),
        ("https://t.me/share/url?url=https://t.me/plumtree", "(a share link)"),
        ("https://t.me/share?url=x", "(a share link)"),
        ("share/url?url=x", "(a share link)"),
        ("https://t.me/stickers", "(a set of stickers)"),
        ("https://t.me/web", web),
        ("web.t.me", web),
        ("https://k.t.me", web),
        ("https://t.me/a/", web),
        ("tg://settings", "(a page of the app’s settings)"),
        ("tg://settings/themes", "(a link into the app)"),
        ("tg://premium_offer?ref=x", "(a link into the app)"),
        ("tg://resolve?post=5", "(a link into the app)"),
        ("tg://user?id=1234", "(numeric id)"),
        ("tg://openmessage?chat_id=1234&message_id=5", "(numeric id)"),
        ("-1001234567890", "(numeric id)"),
        ("1234567890", "(numeric id)"),
        ("https://t.me/1234567890", "(numeric id)"),
        ("https://plumtree.t.me/s/7", "(a story)"),
        ("https://t.me/plumtree/s/7", "(a story)"),
        ("tg://resolve?domain=plumtree&story=7", "(a story)"),
    ]);
}

#[test]
fn other_sites_and_malformed_names_are_refused() {
    check(&[
        ("/plumtree", "(malformed)"),
        ("channel <b>", "(malformed)"),
        ("https://example.com/plumtree", "(other site)"),
        ("https://evilt.me/plumtree", "(other site)"),
        ("https://t.me.example/plumtree", "(other site)"),
        ("https://t.me@evil.example/plumtree", "(other site)"),
        ("https://t.me:8443/plumtree", "(other site)"),
        ("https://т.me/plumtree", "(other site)"),
        ("https://t.mе/plumtree", "(other site)"),
        ("т.me/plumtree", "(other site)"),
        ("https://xn--t-8ka.me/plumtree", "(other site)"),
        ("https://www.youtube.com/@plumtree", "(other site)"),
        ("mastodon.social/@plumtree", "(other site)"),
        ("https://web.archive.org/web/2023/https://t.me/s/plumtree", "(other site)"),
        ("https://www.google.com/url?q=https://t.me/plumtree&sa=D", "(other site)"),
        ("@plumtree@mastodon.social", "(malformed)"),
        ("@plumtree.bsky.social", "(malformed)"),
        ("a@plumtree.example", "(malformed)"),
        ("a@plumtree.t.me", "(malformed)"),
        ("mailto:a@plumtree.example", "(malformed)"),
        ("<a@plumtree.example>", "(malformed)"),
        ("x", "(malformed)"),
        ("1channel", "(malformed)"),
        ("канал", "(malformed)"),
        ("a name", "(malformed)"),
        ("two words, three", "(malformed)"),
        ("-", "(malformed)"),
        ("https://t.me/plum-tree", "(malformed)"),
        ("https://t.me/plum.tree", "(malformed)"),
        ("https://t.me/plumtrее", "(malformed)"),
        ("@plumtrее", "(malformed)"),
        ("@plum-tree", "(malformed)"),
        ("@plum.tree", "(malformed)"),
        ("@types/node", "(malformed)"),
        ("and/or", "(malformed)"),
        ("plumtree/rss.xml", "(malformed)"),
        ("blog/index.php", "(malformed)"),
        (".env", "(other site)"),
        ("#plumtree", "(malformed)"),
        (&"a".repeat(33), "(malformed)"),
        (&"a".repeat(5000), "(malformed)"),
    ]);
}

#[test]
fn reserved_names_are_refused_in_path_and_subdomain() {
    for (name, what) in RESERVED {
        let reason = feature(what);
        for text in [
            format!("https://t.me/{name}/AbC"),
            format!("telegram.me/{}", name.to_uppercase()),
            format!("https://{name}.t.me/AbC"),
        ] {
            assert_eq!(found(&text), reason, "{text}");
        }
        if name.len() > 1 {
            assert_eq!(found(&format!("@{name}")), name, "a name alone is one");
        }
    }
}

/// The parts of a line, with links in brackets.
fn parts(line: &str) -> String {
    let part = |piece: &Piece| match piece {
        Piece::Link(link) => format!("<{link}>"),
        Piece::Text(text) => text.clone(),
    };
    Line::parse(line).pieces.iter().map(part).collect::<Vec<_>>().join(" / ")
}

#[test]
fn line_is_split_into_links_and_words() {
    for (line, expected) in [
        ("Plums,https://t.me/plumtree", "Plums / <https://t.me/plumtree>"),
        ("Plums: https://t.me/plumtree", "Plums / <https://t.me/plumtree>"),
        ("1. Plums – https://t.me/plumtree", "Plums / <https://t.me/plumtree>"),
        ("🌳 Plums 🌳 @plumtree", "Plums / <@plumtree>"),
        ("\"Plums, \"\"ripe\"\"\",@plumtree,7", "Plums, \"ripe\" / <@plumtree> / 7"),
        ("Plums (ripe) @plumtree", "Plums (ripe) / <@plumtree>"),
        ("[Plums](https://t.me/plumtree)", "Plums / <https://t.me/plumtree>"),
        ("<a href='t.me/plumtree'>Plums &amp; jam</a>", "<t.me/plumtree> / Plums & jam"),
        ("name,url", "name / url"),
        (
            "https://news.example/rss,b,https://t.me/figtree",
            "<https://news.example/rss> / b / <https://t.me/figtree>",
        ),
        ("https://news.example/rss,World news", "<https://news.example/rss> / World news"),
        ("https://news.example/a,b/rss.xml", "<https://news.example/a,b/rss.xml>"),
        ("https://news.example/issue,5.xml", "<https://news.example/issue,5.xml>"),
        (
            "https://hub.example/telegram/channel/tea/searchQuery=a,b",
            "<https://hub.example/telegram/channel/tea/searchQuery=a,b>",
        ),
        (
            "https://hub.example/telegram/channel/tea;Tea road;12",
            "<https://hub.example/telegram/channel/tea> / Tea road / 12",
        ),
        ("News,https://news.example/rss,world", "News / <https://news.example/rss> / world"),
        (
            "https://rsshub.app/telegram/channel/tea?filter=a,b",
            "<https://rsshub.app/telegram/channel/tea?filter=a,b>",
        ),
        ("https://rsshub.app/x?filter=(a|b) (good)", "<https://rsshub.app/x?filter=(a|b)> / good"),
        (
            "rsshub://telegram/channel/tea feed:https://news.example/",
            "<rsshub://telegram/channel/tea> / <feed:https://news.example/>",
        ),
        ("bridge.example:8080/x?a=b", "<bridge.example:8080/x?a=b>"),
        (
            "http://192.168.0.2:1200/telegram/channel/tea",
            "<http://192.168.0.2:1200/telegram/channel/tea>",
        ),
        (
            "http://localhost/tea http://[::1]:8417/tea",
            "<http://localhost/tea> / <http://[::1]:8417/tea>",
        ),
        ("index.php, e.g. and/or и/или 5 @ 3 TG: x", "index.php / e.g. and/or и/или 5 @ 3 TG: x"),
        ("-----", ""),
        ("|---|:-:|", ""),
        ("<ul>", ""),
        ("<!-- https://t.me/plumtree -->", ""),
        ("", ""),
    ] {
        assert_eq!(parts(line), expected, "{line}");
    }
    let numbered: Vec<_> = lines("a\r\nb\rc\n\nd").collect();
    assert_eq!(numbered, [(1, "a"), (2, "b"), (3, "c"), (4, ""), (5, "d")]);
}

#[test]
fn long_text_is_scanned_in_linear_time_with_bounded_parts() {
    let longest = [
        "@ab ",
        "https://x.y/?(",
        "\"",
        "t.me/s/xx?q=,",
        "a.",
        "%25",
        "a))))))))",
        "1. (",
        "%2525252525",
    ];
    for unit in [
        "a",
        "@",
        "@a",
        "@ab ",
        "%",
        "%25",
        "%40",
        "https:",
        "https://",
        "http://a",
        "<a ",
        "<",
        "\"",
        "\"\"",
        ",",
        "t.me/x,",
        "t.me/s/xx?q=,",
        "https://x.y/,",
        "https://x.y/?(",
        ")",
        "a.",
        "a.b",
        "&",
        "&amp;",
        "\\",
        "\u{200b}",
        "\u{200b}@",
        "h",
        ".@",
        "[x]",
        "//",
        "//a.b/",
        "- ",
        "1. ",
        "tg:",
        "https%3A",
        "https%253A%252F%252Ft.me%252Fab ",
        "t.me/a%20",
        "频",
        "é",
        "'",
        "(",
        "(a) ",
        "a))))))))",
        "1. (",
        "%2525252525",
    ] {
        let size = if longest.contains(&unit) { 2 << 20 } else { 128 << 10 };
        let text = match unit.split_once("))") {
            Some((start, _)) => format!("{start}{}", ")".repeat(size)),
            None => unit.repeat(size / unit.len()),
        };
        let begin = Instant::now();
        let line = Line::parse(&text);
        let took = begin.elapsed();
        // A debug build scans 2 MiB in about two seconds. Quadratic time would take hours.
        assert!(took < Duration::from_secs(20), "{unit:?}: {took:?}");
        assert!(line.pieces.len() <= 10_001, "{unit:?}: {}", line.pieces.len());
        let _ = Target::find_all(&text[..text.floor_char_boundary(2048)]);
        let _ = Target::find_all(&text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn found_target_is_parsed_back_from_its_own_link(text in prop_oneof![
        any::<String>(),
        "(https?://|tg://resolve\\?domain=|@|)(www\\.|)(t\\.me|telegram\\.me|tg-me\\.com|[a-z]{1,9})[/?.@&=a-zA-Z0-9_%+-]{0,30}",
        "([ ,;|(<\"'«%@&\\[\\]\u{200b}\u{a0}]{0,3}(https?(://|%3A%2F%2F)|tg:|//|)(t\\.me|web\\.telegram\\.org|[a-z]{2,5})[/#?@=a-zA-Z0-9_%,)>\"-]{0,15}){0,5}",
    ]) {
        if let Ok(name) = ChannelName::parse(&text) {
            prop_assert_eq!(name.as_str(), text.as_str());
            prop_assert_eq!(Target::parse(&text), Ok(Target::channel(name)));
        }
        let line = Line::parse(&text);
        prop_assert!(line.pieces.len() <= text.len());
        for target in Target::find_all(&text).unwrap_or_default() {
            prop_assert!(ChannelName::parse(target.channel.as_str()).is_ok());
            prop_assert_eq!(Target::parse(&target.to_string()), Ok(target.clone()), "{}", target);
            prop_assert_eq!(Target::find_all(&format!("({target}), ")), Ok(vec![target]));
        }
    }
}
