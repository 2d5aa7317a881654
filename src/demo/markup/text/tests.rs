use super::{Html, Text, has_custom_emoji, matches, plain, write};

fn html(text: &str) -> String {
    let mut html = Html::default();
    write(&mut html, &Text::from(text), "");
    html.into_string()
}

#[test]
fn every_entity_becomes_telegrams_markup() {
    for (text, expected) in [
        (
            "**a** __b__ ++c++ ~~d~~ ||e||",
            "<b>a</b> <i>b</i> <u>c</u> <s>d</s> <tg-spoiler>e</tg-spoiler>",
        ),
        ("**a __b__**", "<b>a <i>b</i></b>"),
        ("`x < 1`", "<code>x &lt; 1</code>"),
        (
            "```rust\nfn a() {}\nb\n```\nend",
            "<pre><code class=\"language-rust\">fn a() {}<br/>b</code></pre>end",
        ),
        ("> one\n> two\nafter", "<blockquote>one<br/>two</blockquote>after"),
        (">> long", "<blockquote expandable>long</blockquote>"),
        ("one\n\ntwo", "one<br/><br/>two"),
        ("@keeper, hi", "<a href=\"https://t.me/keeper\" target=\"_blank\">@keeper</a>, hi"),
        ("#небо.", "<a href=\"?q=%23%D0%BD%D0%B5%D0%B1%D0%BE\">#небо</a>."),
        ("晚安。#晚安", "晚安。<a href=\"?q=%23%E6%99%9A%E5%AE%89\">#晚安</a>"),
        ("(@keeper)", "(<a href=\"https://t.me/keeper\" target=\"_blank\">@keeper</a>)"),
        ("$TIDE", "<a href=\"?q=%24TIDE\">&#036;TIDE</a>"),
        ("a@b.org", "<a href=\"mailto:a@b.org\" target=\"_blank\">a@b.org</a>"),
        ("[call](tel:+4930123)", "<a href=\"tel:+4930123\" target=\"_blank\">call</a>"),
        ("tg://settings", "<a href=\"tg://settings\" target=\"_blank\">tg://settings</a>"),
        ("2 * 3 ** 4", "2 * 3 ** 4"),
    ] {
        assert_eq!(html(text), expected, "{text}");
    }
}

#[test]
fn only_titled_links_ask_first_and_are_escaped_twice() {
    assert_eq!(
        html("[more](https://x.org/?a=1&b=2) https://x.org/?a=1&b=2"),
        "<a href=\"https://x.org/?a=1&amp;amp;b=2\" target=\"_blank\" rel=\"noopener\" \
         onclick=\"return confirm('Open this link?\\n\\n'+this.href);\">more</a> \
         <a href=\"https://x.org/?a=1&amp;b=2\" target=\"_blank\" rel=\"noopener\">https://x.org/?a=1&amp;b=2</a>"
    );
}

#[test]
fn emoji_files_keep_the_joiner_that_the_text_loses() {
    assert_eq!(
        html("❤️\u{200d}🔥"),
        "<i class=\"emoji\" style=\"background-image:url('//telegram.org/img/emoji/40/E29DA4E2808DF09F94A5.png')\">\
         <b>❤\u{fe0f}🔥</b></i>"
    );
    assert!(html("{5389|⌚️}").starts_with("<tg-emoji emoji-id=\"5389\"><i class=\"emoji\""));
    assert!(has_custom_emoji(&Text::from("**{5|⌚️}**")));
}

#[test]
fn search_finds_the_beginnings_of_words_and_marks_them() {
    assert!(matches("Полёт к звёздам", "звезд полет"));
    assert!(!matches("Полёт к звёздам", "луна"));
    assert!(matches("The horn is on. #Fog, #tides", "horn #fog"));
    assert!(!matches("The fog is here. #foghorn", "#fog"));
    assert!(matches("Рейс отменён. #погода", "#Погода"));
    let mut page = Html::default();
    write(&mut page, &Text::from("The lamps are lit"), "lamp");
    assert_eq!(page.into_string(), "The <mark class=\"highlight\">lamps</mark> are lit");
}

#[test]
fn a_plain_text_has_lines_and_no_markup() {
    assert_eq!(
        plain(&Text::from("**Tide**\n> low\nat [noon](https://x.org)")),
        "Tide\nlow\nat noon"
    );
}
