//! Pages, their headers and cursors, and invalid pages.

use super::*;
use crate::model::MessageId;

#[test]
fn missing_post_is_recognised_by_structure() {
    let refused = r#"<div class="tgme_widget_message err_message"><div class="tgme_widget_message_error">Beitrag nicht gefunden</div></div>"#;
    let Ok(Answer::Refused(refusal)) = embed::parse(refused) else { panic!("no refusal") };
    assert_eq!(refusal.text, "Beitrag nicht gefunden");
    let quoted = block(5, &text("Post not found"));
    let Ok(Answer::Post { post, title, .. }) = embed::parse(&quoted) else { panic!("no post") };
    assert_eq!(plain(&post.text), "Post not found");
    assert_eq!(title.as_deref(), Some("Tea & time"));
    assert_eq!(embed::parse("<p>Post not found</p>"), Err(NotAPage::Unrecognised { bytes: 21 }));
}

#[test]
fn posts_keep_page_order_oldest_first() {
    let html: String = [8, 9, 12].map(|id| block(id, &text("x"))).concat();
    assert_eq!(ids(&page(&html)), [8, 9, 12]);
}

#[test]
fn album_has_all_its_message_ids() {
    let html = block(20, &[20, 21, 24].map(photo).concat());
    let page = page(&html);
    let members: Vec<u32> = page.posts[0].members.iter().map(|id| id.get()).collect();
    assert_eq!(members, [20, 21, 24]);
    assert_eq!(page.newest().unwrap().get(), 24);
    assert_eq!(page.oldest().unwrap().get(), 20);
}

#[test]
fn older_cursor_is_read_from_link_or_smallest_id() {
    let posts = block(8, &text("x")) + &block(9, &text("y"));
    let prev = r#"<link rel="prev" href="/s/tea?before=8">"#;
    let canonical = r#"<link rel="canonical" href="/s/tea?before=10">"#;
    for (html, older) in [
        (format!("{canonical}{MORE}{posts}"), Some(8)),
        (format!("{prev}{canonical}{posts}"), Some(8)),
        (format!("{canonical}{posts}"), Some(8)),
        (MORE.replace("data-before=\"8\"", "data-before=\"10\"") + &posts, Some(8)),
        (MORE.replace("data-before=\"8\"", "data-before=\"5\"") + &posts, Some(5)),
        (MORE.replace("data-before=\"8\"", "data-before=\"x\"") + &posts, Some(8)),
        // Members count: the smallest id is not always the id of the post.
        (block(9, &[photo(9), photo(7)].concat()), Some(7)),
    ] {
        assert_eq!(page(&html).older.map(MessageId::get), older, "{html}");
    }
    let newer = r#"<a class="tme_messages_more" data-after="9"></a>"#;
    assert_eq!(page(&format!("{posts}{newer}")).newer.map(MessageId::get), Some(9));
    assert_eq!(page(&format!(r#"<link rel="next" href="/s/tea?after=">{posts}"#)).newer, None);
}

#[test]
fn first_message_and_empty_page_have_no_older_cursor() {
    assert_eq!(page(&format!("{MORE}{}", block(1, &text("x")))).older, None);
    let empty = r#"<main class="tgme_main" data-url="/tea"><div class="tgme_widget_message_wrap"><div class="tgme_widget_message_centered"><div class="tme_no_messages_found">No posts found</div></div></div></main>"#;
    let empty = page(empty);
    assert!(empty.says_empty && empty.posts.is_empty());
    assert_eq!(empty.older, None);
}

#[test]
fn post_quoting_empty_list_notice_is_a_post() {
    let page = page(&block(5, &text("No posts found <code>tme_no_messages_found</code>")));
    assert!(!page.says_empty);
    assert_eq!(page.posts.len(), 1);
}

#[test]
fn frames_without_message_are_not_blocks() {
    let dates = r#"<div class="tgme_widget_message_wrap"><div class="tgme_widget_message_service_date_wrap">August 1</div></div>"#;
    let page = page(&format!("{MORE}{dates}{}", block(8, &text("x"))));
    assert_eq!((page.blocks, page.posts.len(), page.has_nameless_block), (1, 1, false));
    assert_eq!(preview::parse(dates), Err(NotAPage::NoBlockParsed { blocks: 1 }));
}

#[test]
fn channel_details_are_read_from_any_header_copy() {
    let mobile = r#"<div class="tgme_header_info"><a class="tgme_header_link" href="https://t.me/Tea"><i class="tgme_page_photo_image"><img src="https://cdn.example/small.jpg"></i><div class="tgme_header_title"><span>Tea <i class="emoji"><b>🌿</b></i></span></div><div class="tgme_header_labels"><i class="verified-icon"> ✔</i></div><div class="tgme_header_counter">1 subscriber</div></a></div>"#;
    let channel = page(mobile).channel;
    assert_eq!(
        (channel.name.as_str(), channel.title.as_str(), channel.verified),
        ("Tea", "Tea 🌿", true)
    );
    assert_eq!(channel.counters.subscribers.as_deref(), Some("1"));
    assert_eq!(channel.avatar.unwrap().as_str(), "https://cdn.example/small.jpg");

    let head = r#"<meta property="og:title" content="Tea &amp; &#39;time&#39;"><meta property="og:description" content="One&#33;
Two"><meta property="og:image" content=""><meta property="og:image" content="https://telegram.org/img/t_logo_2x.png"><main class="tgme_main" data-url="/tea"></main>"#;
    let channel = page(head).channel;
    assert_eq!(channel.title, "Tea & 'time'");
    assert_eq!(plain(&channel.description), "One!\nTwo");
    assert_eq!(channel.avatar, None);

    let fake = r#"<meta property="og:description" content="You can view and join @tea right away."><main class="tgme_main" data-url="/tea"><div class="tgme_channel_info"><div class="tgme_channel_info_header_labels"><mark class="label">Fake</mark></div></div></main>"#;
    let channel = page(fake).channel;
    assert!(channel.fake && !channel.scam && !channel.verified);
    assert!(channel.description.is_empty());
    assert_eq!(channel.title, "tea");
}

#[test]
fn bad_block_is_skipped_and_page_without_good_ones_fails() {
    let bad = block(5, &text("x"))
        .replace("data-post=\"tea/5\"", "data-post=\"tea/99999999999999999999\"");
    let read = page(&format!("{bad}{}", block(6, &text("y"))));
    assert_eq!((ids(&read), read.blocks, read.has_nameless_block), (vec![6], 2, true));
    assert_eq!(preview::parse(&bad), Err(NotAPage::NoBlockParsed { blocks: 1 }));
    let empty: String =
        (1..=5).map(|id| block(id, "<p>text that is not where we look for it</p>")).collect();
    assert_eq!(preview::parse(&empty), Err(NotAPage::NothingToShow { blocks: 5 }));
    assert_eq!(warnings(&block(5, "")), ["post 5: nothing to show"]);
    let named = block(5, &text("x")).replace("tea/5\"", "not a name/5\"") + &block(6, &text("y"));
    assert_eq!(page(&named).unreadable.len(), 1);
}

#[test]
fn short_page_without_structure_is_stub() {
    let throttled = preview::parse("<html><body>Too many requests</body></html>").unwrap_err();
    assert!(throttled.is_stub());
    let changed =
        preview::parse(&format!("<html><body>{}</body></html>", "<p>new</p>".repeat(100)))
            .unwrap_err();
    assert!(!changed.is_stub());
    assert!(matches!(preview::parse(""), Err(NotAPage::Unrecognised { bytes: 0 })));
    assert!(matches!(recognise("{}"), Err(NotAPage::Unrecognised { .. })));
    assert!(matches!(
        landing::parse("<title>Telegram Messenger</title>"),
        Err(NotAPage::Unrecognised { .. })
    ));
}

#[test]
fn parser_drops_characters_forbidden_in_xml() {
    let forbidden = "a\u{b}b&#xb;c&#x1b;d&#xD800;e&#xFFFE;f\u{ffff}g";
    let post = only(&framed(
        5,
        "",
        &text(forbidden),
        &format!(r#"<span class="tgme_widget_message_from_author">{forbidden}</span>,&nbsp;"#),
        "",
    ));
    assert_eq!(plain(&post.text), "abcd\u{fffd}efg");
    assert_eq!(post.signature.as_deref(), Some("abcd\u{fffd}efg"));
}

#[test]
fn channel_name_is_taken_from_posts() {
    let header = r#"<div class="tgme_channel_info"><div class="tgme_channel_info_header_username"><a href="https://t.me/TEA">@TEA</a></div></div>"#;
    let page = page(&format!("{header}{}", block(5, &text("x"))));
    assert_eq!(page.channel.name.as_str(), "tea");
    assert_eq!(page.posts[0].channel.as_str(), "tea");
}

#[test]
fn page_without_closing_html_is_truncated() {
    let post = block(5, &text("Somebody wrote &lt;/html&gt; here"));
    for (html, whole) in [
        (format!("<html><body>{post}</body></html>"), true),
        (format!("<html><body>{post}</body></html>\n<!-- page generated in 9.51ms -->\n"), true),
        (format!("<html><body>{post}</body>"), false),
        (format!("<html><body>{post}"), false),
        (format!("<script>'</html>'</script>{post}"), false),
    ] {
        assert_eq!(page(&html).is_whole, whole, "{html}");
    }
}

#[test]
fn landing_page_kind_is_read_from_structure_not_title() {
    let card = |inner: &str| {
        format!(
            r#"<title>Telegram: Contact @tea</title><meta property="al:ios:url" content="tg://resolve?domain=tea"><div class="tgme_page">{inner}</div>"#
        )
    };
    let title = r#"<div class="tgme_page_title"><span>Tea</span></div>"#;
    let nobody = |offer: &str| {
        format!(
            r#"<div class="tgme_page_description">If you have <strong>Telegram</strong>, you can {offer} <a class="tgme_username_link" href="tg://resolve?domain=tea">@tea</a> right away.</div>"#
        )
    };
    let extra = |words: &str| format!(r#"{title}<div class="tgme_page_extra">{words}</div>"#);
    for (inner, kind) in [
        (extra("12 subscribers"), LandingKind::Channel { has_preview: false }),
        (
            extra("12 members") + r#"<a href="/s/tea">Preview</a>"#,
            LandingKind::Channel { has_preview: true },
        ),
        (
            extra("") + r#"<a href="https://t.me/s/tea">Preview</a>"#,
            LandingKind::Channel { has_preview: true },
        ),
        (extra("12 members, 3 online"), LandingKind::Group),
        (extra("12 members"), LandingKind::Group),
        (extra("@tea"), LandingKind::User),
        (extra("12 monthly users"), LandingKind::Bot),
        (
            title.to_owned() + r#"<a class="tgme_action_button_new">Send Message</a>"#,
            LandingKind::User,
        ),
        (r#"<i class="tgme_icon_user"></i>"#.to_owned(), LandingKind::Missing),
        (nobody("contact") + r#"<i class="tgme_icon_user"></i>"#, LandingKind::Missing),
        (nobody("contact"), LandingKind::Other),
        (nobody("view posts by"), LandingKind::Blocked),
        (nobody("view posts by") + r#"<i class="tgme_icon_user"></i>"#, LandingKind::Blocked),
        (
            r#"<meta property="og:description" content="If you have Telegram, you can
view posts by @tea right away.">"#
                .to_owned(),
            LandingKind::Blocked,
        ),
        (
            extra("12 subscribers") + &nobody("view posts by"),
            LandingKind::Channel { has_preview: false },
        ),
        (
            extra("12 subscribers") + r#"<i class="tgme_icon_user"></i>"#,
            LandingKind::Channel { has_preview: false },
        ),
        (String::new(), LandingKind::Other),
        (title.to_owned(), LandingKind::Other),
    ] {
        assert_eq!(landing::parse(&card(&inner)).unwrap().kind, kind, "{inner}");
    }
}

/// Messages without the channel's name in `data-post` and links.
fn nameless(html: &str) -> String {
    html.replace("data-post=\"tea/", "data-post=\"/").replace("https://t.me/tea", "https://t.me/")
}

#[test]
fn nameless_messages_take_name_of_page_or_request() {
    let header = |html: &str| format!(r#"<main class="tgme_main" data-url="/Tea">{html}</main>"#);
    let blocks = block(5, &text("a")) + &block(6, &text("b"));
    let one_of_two = nameless(&block(5, &text("a"))) + &block(6, &text("b"));
    let alone = nameless(&blocks);
    let requested = crate::model::ChannelName::parse("POT").unwrap();
    for (html, name) in [
        (one_of_two.clone(), "tea"),
        (header(&one_of_two), "tea"),
        (header(&alone), "Tea"),
        (alone.clone(), "POT"),
    ] {
        let parsed = preview::parse_of(&requested, &html).unwrap();
        assert_eq!(parsed.warnings, [], "{html}");
        assert_eq!(ids(&parsed.page), [5, 6], "{html}");
        assert_eq!(parsed.page.channel.name.as_str(), name, "{html}");
        let names = parsed.page.posts.iter().map(|post| post.channel.as_str());
        assert!(names.into_iter().all(|found| found == name), "{html}");
    }
    assert!(matches!(preview::parse(&alone), Err(NotAPage::NoBlockParsed { blocks: 2 })));
    let embed::Answer::Post { post, .. } = embed::parse_of(&requested, &alone).unwrap() else {
        panic!("it is refused")
    };
    assert_eq!((post.channel.as_str(), post.id.get()), ("POT", 5));
}

#[test]
fn album_members_are_read_from_nameless_links() {
    let album = nameless(&block(84, &format!("{REPLY}{}{}{}", photo(84), photo(85), photo(87))));
    let requested = crate::model::ChannelName::parse("tea").unwrap();
    let page = preview::parse_of(&requested, &album).unwrap().page;
    let post = &page.posts[0];
    let members: Vec<u32> = post.members.iter().map(|id| id.get()).collect();
    let files: Vec<u32> = post.media.iter().map(|media| media.message.get()).collect();
    assert_eq!((members, files), (vec![84, 85, 87], vec![84, 85, 87]));
    let answered = post.reply.as_ref().unwrap().address.as_ref().unwrap();
    assert_eq!(answered.as_str(), "https://t.me/tea/3");
}

#[test]
fn landing_page_is_not_parsed_as_list() {
    let landing = r#"<meta property="al:ios:url" content="tg://resolve?domain=tea"><div class="tgme_page"><img class="tgme_page_photo_image" src="https://cdn.example/a.jpg"><div class="tgme_page_title"><span>Tea</span></div></div>"#;
    assert!(matches!(preview::parse(landing), Err(NotAPage::Unrecognised { .. })));
    assert!(matches!(embed::parse(landing), Err(NotAPage::Unrecognised { .. })));
    assert!(matches!(landing::parse(&block(5, &text("x"))), Err(NotAPage::Unrecognised { .. })));
}

#[test]
fn page_with_too_many_messages_is_read_in_part() {
    let html: String = (1..=600).map(|id| block(id, &text("x"))).collect();
    let page = page(&html);
    assert_eq!((page.posts.len(), page.blocks, page.has_nameless_block), (500, 600, true));
}
