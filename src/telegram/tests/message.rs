//! The parts of a message.

use super::*;
use crate::model::{DocumentKind, MediaKind, ReactionKind, ServiceMessage};
use crate::text::Address;

#[test]
fn nested_text_divs_are_read_once_and_captions_kept() {
    assert_eq!(plain(&post(&text(&text("Caption"))).text), "Caption");
    let document = |id: u32| {
        format!(
            r#"<a class="tgme_widget_message_document_wrap" href="https://t.me/tea/{id}?single"><div class="tgme_widget_message_document_title">{id}.pdf</div></a>"#
        )
    };
    let nested = text(&format!("{}{}{}{}", document(5), text("One"), document(6), text("Two")));
    let post = post(&nested);
    let captions: Vec<String> =
        post.documents.iter().map(|document| plain(&document.caption)).collect();
    assert_eq!(captions, ["One", "Two"]);
    assert!(post.text.is_empty());
    let one = only(&block(5, &format!("{}{}", document(5), text("One"))));
    assert_eq!(plain(&one.text), "One");
    assert!(one.documents[0].caption.is_empty());
}

#[test]
fn quoted_text_of_reply_is_not_part_of_post() {
    let answer = post(&format!("{REPLY}{}", text("Answer")));
    assert_eq!(plain(&answer.text), "Answer");
    assert_eq!(plain(&answer.reply.unwrap().text), "Quoted");
    let notice = r#"<div class="message_media_not_supported_wrap"><div class="message_media_not_supported_label">Open Telegram</div></div>"#;
    let unsupported = post(&format!("{REPLY}{notice}"));
    assert!(unsupported.text.is_empty());
    assert_eq!(unsupported.unsupported.as_deref(), Some("Open Telegram"));
    let media = REPLY.replace(
        "tgme_widget_message_text js-message_reply_text\">Quoted",
        "tgme_widget_message_metatext js-message_reply_text\">Video",
    );
    let media = post(&media).reply.unwrap();
    assert!(media.is_media);
    assert_eq!(plain(&media.text), "Video");
}

#[test]
fn author_is_read_from_line_above_message() {
    let answer = post(&format!("{REPLY}{}", text("x")));
    assert_eq!(answer.sender, None);
    assert_eq!(answer.reply.unwrap().author.as_deref(), Some("Somebody else"));
    let signature = r#"<span class="tgme_widget_message_from_author"><i class="emoji" style="background-image:url('//x/F09F8CBF.png')"><b>🌿</b></i> Ines</span>,&nbsp;"#;
    let signed = only(&framed(5, "", &text("x"), signature, ""));
    assert_eq!(signed.signature.as_deref(), Some("🌿 Ines"));
    let pinned = text(
        r#"<a class="tgme_widget_message_author_name" href="https://t.me/tea"><span>Tea</span></a> pinned «<span class="tgme_widget_service_strong_text">x</span>»"#,
    );
    let pinned = only(&framed(5, "service_message", &pinned, "", ""));
    assert_eq!((pinned.sender, pinned.service), (None, Some(ServiceMessage::Pinned)));
}

#[test]
fn edited_flag_is_bare_word_before_date() {
    for (meta, edited) in [
        ("edited &nbsp;", true),
        ("bearbeitet ", true),
        (r#"<span class="tgme_widget_message_from_author">edited</span>,&nbsp;"#, false),
        (r#"<span class="tgme_widget_message_from_author">Ines</span>,&nbsp;edited &nbsp;"#, true),
        ("", false),
    ] {
        assert_eq!(only(&framed(5, "", &text("edited"), meta, "")).edited, edited, "{meta}");
    }
}

#[test]
fn date_is_time_element_with_datetime() {
    let video = r#"<a class="tgme_widget_message_video_player" href="https://t.me/tea/5"><video src="https://cdn.example/f.mp4"></video><time class="time datetime">0:25</time></a>"#;
    let post = post(video);
    assert_eq!(post.published.to_rfc3339(), "2026-08-01T09:30:00+00:00");
    assert_eq!(post.media[0].duration.unwrap().as_secs(), 25);
    let without = block(5, &text("x")).replace("datetime=", "data-x=") + &block(6, &text("y"));
    let page = page(&without);
    assert_eq!(ids(&page), [6]);
    assert_eq!(page.unreadable.iter().map(|id| id.get()).collect::<Vec<_>>(), [5]);
}

#[test]
fn service_message_is_recognised_by_class() {
    let photo = r#"<a class="tgme_widget_message_service_photo"><img src="https://cdn.example/new.jpg"></a>"#;
    let service = only(&framed(
        5,
        "service_message",
        &format!("{}{photo}", text("Kanalbild geändert")),
        "",
        "",
    ));
    assert_eq!(service.service, Some(ServiceMessage::PhotoUpdated));
    assert_eq!(service.media[0].file.as_ref().unwrap().as_str(), "https://cdn.example/new.jpg");
    assert_eq!(post(&text("Channel created")).service, None);
}

#[test]
fn unsupported_notice_counts_only_directly_in_bubble() {
    let notice = r#"<div class="message_media_not_supported_wrap"><div class="message_media_not_supported_label">Please open Telegram</div></div>"#;
    for (body, unsupported) in [
        (notice.to_owned(), true),
        (format!("{}{notice}", text("A part")), true),
        (format!(r#"<div class="media_not_supported_cont">{notice}</div>{}"#, text("x")), false),
        (notice.replace("_wrap\"", "_wrap media_not_supported_cont\"") + &text("x"), false),
        (
            format!(r#"<a class="tgme_widget_message_video_player not_supported">{notice}</a>"#),
            false,
        ),
    ] {
        assert_eq!(post(&body).unsupported.is_some(), unsupported, "{body}");
    }
}

#[test]
fn text_is_read_inside_and_outside_supported_content() {
    let body = format!(
        r#"<div class="media_supported_cont">{}{}</div>{}"#,
        photo(5),
        text("Inside"),
        text("Outside")
    );
    assert_eq!(plain(&post(&body).text), "Inside\n\nOutside");
}

#[test]
fn too_big_video_has_no_file() {
    let video = r#"<a class="tgme_widget_message_video_player not_supported"><div class="message_video_play"></div><time>1:09</time></a>"#;
    let media = &post(video).media[0];
    assert_eq!(
        (media.kind, media.too_big, &media.file, &media.poster),
        (MediaKind::Video, true, &None, &None)
    );
    let both = video.replace("<div", r#"<video src="https://cdn.example/f.mp4"></video><div"#);
    let media = &post(&both).media[0];
    assert!(!media.too_big && media.file.is_some());
}

#[test]
fn videos_gifs_round_videos_and_preview_videos_are_distinguished() {
    let video = |attributes: &str, rest: &str| {
        let html = format!(
            r#"<a class="tgme_widget_message_video_player"><video src="https://cdn.example/f.mp4" {attributes}></video>{rest}</a>"#
        );
        post(&html).media[0].kind
    };
    assert_eq!(
        video("", r#"<div class="message_video_play"></div><time>0:02</time>"#),
        MediaKind::Video
    );
    assert_eq!(video("", "<time>0:02</time>"), MediaKind::Video);
    assert_eq!(video("", ""), MediaKind::Gif);
    assert_eq!(video("autoplay loop", "<time>0:02</time>"), MediaKind::Gif);
    let round = r#"<div class="tgme_widget_message_roundvideo_player"><video src="https://cdn.example/r.mp4" autoplay loop></video><time>0:02</time></div>"#;
    assert_eq!(post(round).media[0].kind, MediaKind::RoundVideo);
    let preview = r#"<a class="tgme_widget_message_link_preview" href="https://example.org/"><div class="link_preview_video_player js-message_video_player"><video class="js-message_video" src="https://cdn.example/p.mp4"></video></div></a>"#;
    let post = post(preview);
    assert!(post.media.is_empty());
    assert_eq!(post.link_preview.unwrap().video.unwrap().as_str(), "https://cdn.example/p.mp4");
}

#[test]
fn avatars_reply_thumbnails_and_previews_are_not_media() {
    let video = block(5, &text("x")).replace(
        r#"<img src="https://cdn.example/me.jpg">"#,
        r#"<video src="https://cdn.example/me.mp4"></video>"#,
    );
    assert!(only(&video).media.is_empty());
    let preview = r#"<a class="tgme_widget_message_link_preview" href="https://example.org/"><i class="link_preview_image" style="background-image:url('https://cdn.example/p.jpg')"></i></a>"#;
    assert!(post(&format!("{REPLY}{preview}")).media.is_empty());
    let header = |image: &str| {
        page(&format!(r#"<main class="tgme_main" data-url="/tea"><div class="tgme_channel_info"><i class="tgme_page_photo_image bgcolor1" data-content="T">{image}</i></div></main>"#)).channel.avatar
    };
    assert_eq!(header(r#"<img src="data:image/svg+xml;base64,AAAA">"#), None);
    assert_eq!(header(""), None);
    assert!(header(r#"<img src="https://cdn.example/a.jpg">"#).is_some());
}

#[test]
fn album_photo_has_ratio_but_no_pixel_width() {
    let media = &post(&photo(5)).media[0];
    assert_eq!((media.width, media.ratio.unwrap().thousandths()), (None, 750));
    let single = r#"<a class="tgme_widget_message_photo_wrap 17 18_19" style="width:800px;background-image:url(&quot;//cdn.example/a(1).jpg&quot;)"><div style="padding-top:50%"></div></a>"#;
    let media = &post(single).media[0];
    assert_eq!(media.file.as_ref().unwrap().as_str(), "https://cdn.example/a(1).jpg");
    assert_eq!(
        (media.photo_id, media.width, media.ratio.unwrap().thousandths()),
        (Some(17), Some(800), 2000)
    );
    assert!(post(&single.replace("800px", "32px")).media.is_empty());
}

#[test]
fn video_poster_is_not_its_file() {
    let video = r#"<a class="tgme_widget_message_video_player"><i class="tgme_widget_message_video_thumb" style="background-image:url('https://cdn.example/still')"></i><video src="https://cdn.example/f.mp4?token=a-b_c"></video></a>"#;
    let media = &post(video).media[0];
    assert_eq!(media.file.as_ref().unwrap().as_str(), "https://cdn.example/f.mp4?token=a-b_c");
    assert_eq!(media.poster.as_ref().unwrap().as_str(), "https://cdn.example/still");
}

#[test]
fn map_is_location_not_photo() {
    let map = r#"<a class="tgme_widget_message_location_wrap" href="https://maps.google.com/maps?q=54.3,10.1&ll=54.3,10.1&z=16"><div class="tgme_widget_message_location" style="background-image:url('https://maps.example/?ll=10.1,54.3&lang=en_US')"></div></a>"#;
    let post = post(map);
    let place = post.location.unwrap().coordinates.unwrap();
    assert_eq!((place.latitude.as_str(), place.longitude.as_str()), ("54.3", "10.1"));
    assert!(post.media.is_empty());
}

#[test]
fn venue_is_read_whatever_its_link() {
    let venue = |href: &str, inner: &str| {
        post(&format!(r#"<a class="tgme_widget_message_location_wrap" href="{href}">{inner}</a>"#))
    };
    let names = r#"<div class="tgme_widget_message_location_info"><div class="tgme_widget_message_location_title">Pier 3</div><div class="tgme_widget_message_location_address">Quay 1</div></div>"#;
    let map = |ll: &str| {
        format!(
            r#"<div class="tgme_widget_message_location" style="background-image:url('https://static-maps.yandex.ru/1.x/?l=map&ll={ll}&z=15&lang=en_US')"></div>"#
        )
    };
    let maps = "https://maps.google.com/maps?q=54.3,10.1";
    let foursquare = "https://foursquare.com/v/4b0588";
    let everywhere = Some(("54.3", "10.1"));
    for (href, inner, coordinates, title, link) in [
        (maps, names.to_owned(), everywhere, Some("Pier 3"), None),
        (maps, map("1,2"), everywhere, None, None),
        (foursquare, names.to_owned(), None, Some("Pier 3"), Some(foursquare)),
        (
            foursquare,
            names.to_owned() + &map("10.1,54.3"),
            everywhere,
            Some("Pier 3"),
            Some(foursquare),
        ),
        (foursquare, map("10.1%2C54.3"), everywhere, None, Some(foursquare)),
        (foursquare, map("10.1,91"), None, None, Some(foursquare)),
        ("", names.to_owned(), None, Some("Pier 3"), None),
        ("javascript:alert(1)", map("10.1,54.3"), everywhere, None, None),
        (
            "tg://resolve?domain=pier",
            names.to_owned(),
            None,
            Some("Pier 3"),
            Some("https://t.me/pier"),
        ),
    ] {
        let place = venue(href, &inner).location.unwrap();
        let read =
            place.coordinates.as_ref().map(|at| (at.latitude.as_str(), at.longitude.as_str()));
        assert_eq!(read, coordinates, "{href} {inner}");
        assert_eq!(place.link.as_ref().map(Address::as_str), link, "{href} {inner}");
        let venue = place.venue.as_ref();
        assert_eq!(venue.map(|venue| venue.title.as_str()), title, "{href} {inner}");
        let street = venue.and_then(|venue| venue.address.as_deref());
        assert_eq!(street, title.map(|_| "Quay 1"), "{href} {inner}");
    }
    assert_eq!(venue("", "").location, None);
    let beside = post(&format!("<div>{names}</div>")).location.unwrap();
    assert_eq!(beside.venue.unwrap().address.as_deref(), Some("Quay 1"));
}

#[test]
fn post_of_unknown_kind_keeps_text_and_is_unsupported() {
    let unknown =
        |inner: &str| post(&format!(r#"<div class="tgme_widget_message_checklist">{inner}</div>"#));
    for (inner, words) in [
        ("<div>Milk</div><div>Tea <b>green</b></div>", "Milk\n\nTea green"),
        ("<ul><li>Milk</li><li>Tea</li></ul>", "Milk\nTea"),
        ("<span>Milk</span>", "Milk"),
        ("", ""),
        ("<script>x</script><svg><title>y</title></svg>", ""),
    ] {
        let post = unknown(inner);
        assert_eq!(plain(&post.text), words, "{inner}");
        assert!(post.unsupported.is_some(), "{inner}");
    }
    let html = block(5, r#"<div class="tgme_widget_message_checklist">Milk</div>"#);
    assert_eq!(
        warnings(&html),
        ["post 5: nothing to show", "post 5: unknown class .tgme_widget_message_checklist (once)"]
    );
    let bare = r#"<div class="tgme_widget_message_poll"><div class="tgme_widget_message_poll_type">Poll</div></div>"#;
    assert_eq!(plain(&post(bare).text), "Poll", "a part that is not what it should be");
    assert_eq!(plain(&post("Words in the bubble").text), "Words in the bubble");
    let framed = format!(
        "{REPLY}<div class=\"tgme_widget_message_forwarded_from\">Forwarded from <span class=\"tgme_widget_message_forwarded_from_name\">Pot</span></div>"
    );
    let post = post(&framed);
    assert!(post.text.is_empty() && post.unsupported.is_some(), "{:?}", post.text);
    assert!(post.reply.is_some() && post.forward.is_some());
    let known = only(&block(5, &text("x")));
    assert_eq!(known.unsupported, None);
}

#[test]
fn rich_message_notice_is_recognised_anywhere() {
    let label = "Please open Telegram to view this post";
    let notice = |class: &str| {
        format!(
            r#"<div class="message_media_not_supported_wrap{class}"><div class="message_media_not_supported"><div class="message_media_not_supported_label">{label}</div><a class="message_media_view_in_telegram" href="https://t.me/tea/5">VIEW IN TELEGRAM</a></div></div>"#
        )
    };
    let (bare, decoy) = (notice(""), notice(" media_not_supported_cont"));
    for body in [
        bare.clone(),
        decoy.clone(),
        format!(r#"<div class="media_not_supported_cont">{bare}</div>"#),
        format!(
            r#"<div class="media_supported_cont"></div><div class="media_not_supported_cont">{bare}</div>"#
        ),
        format!("<div><div>{bare}</div></div>"),
    ] {
        let html = block(5, &body);
        assert_eq!(warnings(&html), [""; 0], "{body}");
        let post = only(&html);
        assert_eq!(post.unsupported.as_deref(), Some(label), "{body}");
        assert!(post.text.is_empty(), "{body}");
    }
    let live = only(&block(5, &format!("{bare}{}", text("A wave"))));
    assert_eq!((plain(&live.text).as_str(), live.unsupported.as_deref()), ("A wave", Some(label)));
    let shown = only(&block(5, &format!("{}{decoy}", text("A wave"))));
    assert_eq!(shown.unsupported, None);
    let more = r#"<div class="tgme_widget_message_rich"><h3>Tea</h3><p>Green</p></div>"#;
    assert_eq!(plain(&only(&block(5, &format!("{more}{decoy}"))).text), "Tea\n\nGreen");
    let page: String = (1..=5).map(|id| block(id, &bare)).collect();
    assert_eq!(preview::parse(&page).unwrap().page.posts.len(), 5);
    let unknown: String = (1..=5).map(|id| block(id, "<p>Words</p>")).collect();
    assert!(matches!(preview::parse(&unknown), Err(NotAPage::NothingToShow { .. })));
}

#[test]
fn sticker_file_is_not_its_outline() {
    let outline = "data:image/svg+xml;base64,AAAA";
    for (html, kind, file) in [
        (
            format!(r#"<i class="tgme_widget_message_sticker" style="background-image:url('{outline}');width:256px" data-webp="https://cdn.example/s.webp"></i>"#),
            MediaKind::Sticker,
            Some("https://cdn.example/s.webp"),
        ),
        (
            format!(r#"<picture class="tgme_widget_message_tgsticker"><source type="image/svg+xml" srcset="{outline}"><source type="application/x-tgsticker" srcset="https://cdn.example/s.tgs"></picture>"#),
            MediaKind::AnimatedSticker,
            Some("https://cdn.example/s.tgs"),
        ),
        (
            r#"<div class="tgme_widget_message_videosticker"><video class="js-videosticker_video" src="https://cdn.example/s.webm"><img src="https://cdn.example/s.webp"></video></div>"#.to_owned(),
            MediaKind::VideoSticker,
            Some("https://cdn.example/s.webm"),
        ),
        (
            format!(r#"<i class="tgme_widget_message_sticker" style="background-image:url('{outline}')"></i>"#),
            MediaKind::Sticker,
            None,
        ),
    ] {
        let post = post(&html);
        assert_eq!(post.media.len(), 1);
        assert_eq!((post.media[0].kind, post.media[0].file.as_ref().map(Address::as_str)), (kind, file));
    }
}

#[test]
fn documents_have_names_but_no_file_url() {
    let document = |icon: &str, title: &str, extra: &str| {
        format!(
            r#"<a class="tgme_widget_message_document_wrap" href="https://t.me/tea/5"><div class="tgme_widget_message_document_icon {icon}"></div><div class="tgme_widget_message_document_title">{title}</div><div class="tgme_widget_message_document_extra">{extra}</div></a>"#
        )
    };
    let post = post(
        &(document("accent_bg audio", "Track", "Band")
            + &document("accent_bg", "a.pdf", "1.2 MB")
            + &document("", "", "")),
    );
    let read: Vec<_> =
        post.documents.iter().map(|d| (d.kind, d.title.as_str(), d.extra.as_deref())).collect();
    assert_eq!(
        read,
        [
            (DocumentKind::Music, "Track", Some("Band")),
            (DocumentKind::File, "a.pdf", Some("1.2 MB"))
        ]
    );
    let voice = r#"<a class="tgme_widget_message_voice_player"><audio class="tgme_widget_message_voice" src="https://cdn.example/v.ogg" data-ogg data-waveform="1,2"></audio><time>27:40</time></a>"#;
    let media = &only(&block(5, voice)).media[0];
    assert_eq!((media.kind, media.duration.unwrap().as_secs()), (MediaKind::Voice, 1660));
}

#[test]
fn poll_percentages_are_optional_and_read_as_printed() {
    let option = |percent: &str, bar: &str| {
        format!(
            r#"<div class="tgme_widget_message_poll_option">{percent}<div class="tgme_widget_message_poll_option_text">x</div><div class="tgme_widget_message_poll_option_bar" style="width:{bar}"></div></div>"#
        )
    };
    let percent = |number: &str| {
        format!(r#"<div class="tgme_widget_message_poll_option_percent">{number}</div>"#)
    };
    let options = option(&percent("16%"), "19%")
        + &option(&percent("83%"), "100%")
        + &option(&percent("3%"), "3%")
        + &option("", "50%");
    let poll = format!(
        r#"<div class="tgme_widget_message_poll multiple"><div class="tgme_widget_message_poll_question">Q</div>{options}</div>"#
    );
    let html = block(5, &poll).replace("<span class=\"tgme_widget_message_views\">", r#"<span class="tgme_widget_message_voters">222</span><span class="tgme_widget_message_views">"#);
    let poll = only(&html).poll.unwrap();
    assert_eq!(
        poll.options.iter().map(|option| option.percent).collect::<Vec<_>>(),
        [Some(16), Some(83), Some(3), None]
    );
    assert_eq!((poll.voters.as_deref(), poll.is_multiple, poll.label), (Some("222"), true, None));
}

#[test]
fn invoice_price_is_read_from_element_or_label() {
    let part = |class: &str, inner: &str| {
        format!(r#"<div class="tgme_widget_message_invoice_{class}">{inner}</div>"#)
    };
    for (parts, price) in [
        (part("total", "€12.00"), Some("€12.00")),
        (part("label", "Invoice") + &part("total", "€12.00"), Some("€12.00")),
        (part("label", &format!("{} INVOICE", part("total", "€12.00"))), Some("€12.00")),
        (part("label", "$1,204.50"), Some("$1,204.50")),
        (part("label", "<b>₽&nbsp;990</b> INVOICE"), Some("₽ 990")),
        (part("label", "⭐ 250") + &part("total", " "), Some("⭐ 250")),
        (part("label", "INVOICE"), None),
        (part("label", "Test Invoice"), None),
        (String::new(), None),
    ] {
        let invoice = format!(
            r#"<div class="tgme_widget_message_invoice">{parts}{}</div>"#,
            part("title", "Mug")
        );
        assert_eq!(post(&invoice).invoice.unwrap().total.as_deref(), price, "{invoice}");
    }
}

#[test]
fn forward_names_its_origin_even_if_hidden() {
    let from = |inner: &str| {
        post(&format!(r#"<div class="tgme_widget_message_forwarded_from">Forwarded from&nbsp;{inner}</div>{}"#, text("x"))).forward
    };
    let channel = from(r#"<a class="tgme_widget_message_forwarded_from_name" href="https://telegram.me/pot/7"><span>Pot</span></a> (<span class="tgme_widget_message_forwarded_from_author">Ines</span>)"#).unwrap();
    assert_eq!((channel.name.as_str(), channel.author.as_deref()), ("Pot", Some("Ines")));
    assert_eq!(channel.address.unwrap().as_str(), "https://t.me/pot/7");
    let hidden =
        from(r#"<span class="tgme_widget_message_forwarded_from_name"><span>Hidden</span></span>"#)
            .unwrap();
    assert_eq!((hidden.name.as_str(), hidden.address, hidden.author), ("Hidden", None, None));
    assert_eq!(from("nobody"), None);
}

#[test]
fn via_bot_of_reply_does_not_belong_to_post() {
    let via =
        r#" via <a class="tgme_widget_message_via_bot" href="https://t.me/pot_bot">@pot_bot</a>"#;
    let own = block(5, &text("x")).replace("</a></div>", &format!("</a>{via}</div>"));
    assert_eq!(only(&own).via_bot.unwrap().name, "@pot_bot");
    let span = via.replace("<a ", "<span ").replace("</a>", "</span>");
    for via in [via, &span] {
        let reply = REPLY.replace("Somebody else</span>", &format!("Somebody else</span>{via}"));
        let post = post(&format!("{reply}{}", text("x")));
        assert_eq!((post.via_bot, post.sender), (None, None), "{via}");
        let reply = post.reply.unwrap();
        assert_eq!(plain(&reply.text), "Quoted", "{via}");
        assert_eq!(reply.address.unwrap().as_str(), "https://t.me/tea/3");
        assert_eq!(plain(&post.text), "x");
    }
}

#[test]
fn buttons_beside_bubble_are_read() {
    let keyboard = r#"<div class="tgme_widget_message_inline_keyboard"><div class="tgme_widget_message_inline_row"><a class="tgme_widget_message_inline_button url_button" href="https://example.org/?a=1&amp;amp;b=2" onclick="return confirm('Open?');"><span>Go</span></a><a class="tgme_widget_message_inline_button" href="https://t.me/tea/5">Ask</a></div></div>"#;
    let post = only(&framed(5, "", &text("x"), "", keyboard));
    assert_eq!(post.buttons.len(), 1);
    assert_eq!(
        post.buttons[0][0].address.as_ref().unwrap().as_str(),
        "https://example.org/?a=1&b=2"
    );
    assert_eq!((post.buttons[0][1].text.as_str(), &post.buttons[0][1].address), ("Ask", &None));
}

#[test]
fn link_preview_may_be_empty_or_stand_alone() {
    let preview = |inner: &str| {
        post(&format!(
            r#"<a class="tgme_widget_message_link_preview" href="https://example.org/">{inner}</a>"#
        ))
        .link_preview
    };
    assert_eq!(preview(""), None);
    assert_eq!(preview(" \n "), None);
    let described = preview(r#"<div class="link_preview_description">a<br/>b</div>"#).unwrap();
    assert_eq!(plain(&described.description), "a\nb");
    let small = preview(r#"<i class="link_preview_right_image" style="background-image:url('https://cdn.example/s.jpg')"></i>"#).unwrap();
    assert!(!small.picture.unwrap().large);
}

#[test]
fn reactions_are_emoji_custom_or_paid() {
    let reactions = |inner: &str| {
        post(&format!(r#"{}<div class="tgme_widget_message_reactions">{inner}</div>"#, text("x")))
            .reactions
    };
    assert!(reactions("").is_empty());
    let three = reactions(
        "<span class=\"tgme_reaction tgme_reaction_paid\"><i class=\"icon\"></i>5.03K</span>\
         <span class=\"tgme_reaction\"><tg-emoji emoji-id=\"17\"></tg-emoji>55\u{202f}200</span>\
         <span class=\"tgme_reaction\"><i class=\"emoji\" style=\"background-image:url('//x/E29DA4.png')\"><b>❤</b></i>1</span>",
    );
    let read: Vec<_> = three.into_iter().map(|reaction| (reaction.kind, reaction.count)).collect();
    assert_eq!(
        read,
        [
            (ReactionKind::Paid, "5.03K".into()),
            (ReactionKind::Custom(17), "55\u{202f}200".into()),
            (ReactionKind::Emoji("❤".into()), "1".into()),
        ]
    );
}

#[test]
fn views_are_number_without_label() {
    assert_eq!(post(&text("x")).views.as_deref(), Some("5.1K"));
}

#[test]
fn breaks_code_quotes_and_spoilers_keep_structure() {
    for (markup, expected) in [
        ("a<br/>b", "<p dir=\"auto\">a<br>b</p>"),
        ("a<br/><br/>b", "<p dir=\"auto\">a</p><p dir=\"auto\">b</p>"),
        ("a\nb", "<p dir=\"auto\">a b</p>"),
        ("<pre>a<br/>  b</pre>", "<pre><code>a\n  b</code></pre>"),
        (
            "<pre><code class=\"language-c++\">a</code></pre>",
            "<pre><code class=\"language-c++\">a</code></pre>",
        ),
        (
            "<pre class=\"language-rust\">a</pre>",
            "<pre><code class=\"language-rust\">a</code></pre>",
        ),
        (
            "<blockquote expandable>a<br/>b</blockquote>c",
            "<blockquote><p dir=\"auto\">a<br>b</p></blockquote><p dir=\"auto\">c</p>",
        ),
        (
            "a <tg-spoiler>b</tg-spoiler>",
            "<p dir=\"auto\">a <a href=\"https://feeds.example/tea/5\">▒▒▒</a></p>",
        ),
        (
            "<u>a</u> <s>b</s> <em>c</em> <strong>d</strong>",
            "<p dir=\"auto\"><u>a</u> <s>b</s> <i>c</i> <b>d</b></p>",
        ),
        (
            "<i class=\"emoji\" style=\"background-image:url('//x/F09F918D.png')\"><b>👍</b></i>",
            "<p dir=\"auto\">👍</p>",
        ),
        (
            "<h3>Tea</h3><p>Green<p>Black",
            "<p dir=\"auto\">Tea</p><p dir=\"auto\">Green</p><p dir=\"auto\">Black</p>",
        ),
        (
            "Buy:<ul><li>milk</li><li><b>tea</b></li></ul>Then rest",
            "<p dir=\"auto\">Buy:</p><p dir=\"auto\">milk<br><b>tea</b></p><p dir=\"auto\">Then rest</p>",
        ),
        (
            "<table><tr><th>Tea</th><th>Time</th></tr><tr><td>Green</td><td>2</td></tr></table>",
            "<p dir=\"auto\">Tea Time<br>Green 2</p>",
        ),
        (
            "<details><summary>More</summary>Words</details><div>a</div><div>b</div>",
            "<p dir=\"auto\">More</p><p dir=\"auto\">Words</p><p dir=\"auto\">a</p><p dir=\"auto\">b</p>",
        ),
        (
            "<b>a<div>b</div>c</b>",
            "<p dir=\"auto\"><b>a</b></p><p dir=\"auto\"><b>b</b></p><p dir=\"auto\"><b>c</b></p>",
        ),
        (
            "<blockquote><p>a</p><p>b</p></blockquote>",
            "<blockquote><p dir=\"auto\">a</p><p dir=\"auto\">b</p></blockquote>",
        ),
        ("<pre><div>a</div><div>b</div></pre>", "<pre><code>a\nb</code></pre>"),
        ("a<br><p>b</p>", "<p dir=\"auto\">a</p><p dir=\"auto\">b</p>"),
        ("a <sub>b</sub><ruby>c</ruby>", "<p dir=\"auto\">a bc</p>"),
        ("<script>a</script><style>b</style>c<svg><path/></svg>", "<p dir=\"auto\">c</p>"),
    ] {
        assert_eq!(html(&post(&text(markup)).text), expected, "{markup}");
    }
}

#[test]
fn links_are_validated_made_absolute_and_unescaped_once() {
    let confirm = "onclick=\"return confirm('Open this link?\\n\\n'+this.href);\"";
    for (markup, expected) in [
        (
            "<a href=\"?q=%23%D1%87%D0%B0%D0%B9\">#чай</a>".to_owned(),
            "<p dir=\"auto\"><a href=\"/tea?tag=чай\">#чай</a></p>",
        ),
        (
            "<a href=\"https://t.me/Pot\" target=\"_blank\">@pot</a>".to_owned(),
            "<p dir=\"auto\"><a href=\"https://t.me/pot\">@pot</a></p>",
        ),
        (
            "<a href=\"https://t.me/pot\">@other</a>".to_owned(),
            "<p dir=\"auto\"><a href=\"https://t.me/pot\">@other</a></p>",
        ),
        (
            format!("<a href=\"https://e.example/?a=1&amp;amp;b=2\" {confirm}>x</a>"),
            "<p dir=\"auto\"><a href=\"https://e.example/?a=1&amp;b=2\">x</a></p>",
        ),
        (
            "<a href=\"https://e.example/?a=1&amp;amp;b=2\">x</a>".to_owned(),
            "<p dir=\"auto\"><a href=\"https://e.example/?a=1&amp;amp;b=2\">x</a></p>",
        ),
        (
            format!("<a href=\"https://e.example/?a=%26amp;b\" {confirm}>x</a>"),
            "<p dir=\"auto\"><a href=\"https://e.example/?a=%26amp;b\">x</a></p>",
        ),
        ("<a href=\"javascript:alert(1)\">x</a>".to_owned(), "<p dir=\"auto\">x</p>"),
        ("<a href=\"data:text/html,x\">x</a>".to_owned(), "<p dir=\"auto\">x</p>"),
        (
            "<a href=\"tg://resolve?domain=pot&amp;post=7\">x</a>".to_owned(),
            "<p dir=\"auto\"><a href=\"https://t.me/pot/7\">x</a></p>",
        ),
        (
            "<a href=\"tg:resolve?domain=pot\">@pot</a>".to_owned(),
            "<p dir=\"auto\"><a href=\"https://t.me/pot\">@pot</a></p>",
        ),
        (
            format!("<a href=\"tg://resolve?domain=pot&amp;amp;post=7\" {confirm}>x</a>"),
            "<p dir=\"auto\"><a href=\"https://t.me/pot/7\">x</a></p>",
        ),
        (
            "<a href=\"tg://join?invite=AbC\">x</a>".to_owned(),
            "<p dir=\"auto\"><a href=\"https://t.me/+AbC\">x</a></p>",
        ),
        ("<a href=\"tg://user?id=7\">x</a>".to_owned(), "<p dir=\"auto\">x</p>"),
        (
            "<a href=\"?q=%23tea%40pot\">#tea@pot</a>".to_owned(),
            "<p dir=\"auto\"><a href=\"/tea?tag=tea\">#tea</a><a href=\"https://t.me/pot\">@pot</a></p>",
        ),
        (
            "<a href=\"?q=%23tea\">#tea@pot</a>".to_owned(),
            "<p dir=\"auto\"><a href=\"/tea?tag=tea\">#tea</a><a href=\"https://t.me/pot\">@pot</a></p>",
        ),
        (
            "<a href=\"https://t.me/s/pot?q=%23tea\">#tea@pot</a>".to_owned(),
            "<p dir=\"auto\"><a href=\"/tea?tag=tea\">#tea</a><a href=\"https://t.me/pot\">@pot</a></p>",
        ),
        (
            "<a href=\"https://t.me/s/pot?q=%23tea\">all about it</a>".to_owned(),
            "<p dir=\"auto\"><a href=\"https://t.me/s/pot?q=%23tea\">all about it</a></p>",
        ),
        (
            "<a href=\"/s/pot?before=3\">x</a>".to_owned(),
            "<p dir=\"auto\"><a href=\"https://t.me/s/pot?before=3\">x</a></p>",
        ),
        ("<a>x</a>".to_owned(), "<p dir=\"auto\">x</p>"),
    ] {
        assert_eq!(html(&post(&text(&markup)).text), expected, "{markup}");
    }
}

#[test]
fn app_links_become_web_addresses_in_all_parts_of_post() {
    let link = "tg://resolve?domain=pot&amp;post=7";
    let keyboard = format!(
        r#"<div class="tgme_widget_message_inline_keyboard"><div class="tgme_widget_message_inline_row"><a class="tgme_widget_message_inline_button url_button" href="{link}">Go</a></div></div>"#
    );
    let body = format!(
        r#"<div class="tgme_widget_message_forwarded_from"><a class="tgme_widget_message_forwarded_from_name" href="{link}">Pot</a></div>{}{}<a class="tgme_widget_message_link_preview" href="{link}"><div class="link_preview_title">Pot</div></a>"#,
        REPLY.replace("https://t.me/tea/3", link),
        text("x"),
    );
    let post = only(&framed(5, "", &body, "", &keyboard));
    let addresses = [
        post.forward.and_then(|forward| forward.address),
        post.reply.and_then(|reply| reply.address),
        post.link_preview.map(|preview| preview.address),
        post.buttons[0][0].address.clone(),
    ];
    for address in addresses {
        assert_eq!(address.unwrap().as_str(), "https://t.me/pot/7");
    }
}

#[test]
fn hashtag_bound_to_channel_loses_channel_name() {
    let post = post(&text(
        r#"<a href="?q=%23tea%40pot">#tea@pot</a> <a href="?q=%23Tea">#Tea</a> <a href="?q=%24TON%40pot">$TON@pot</a> <a href="?q=%23cup%40">#cup@</a>"#,
    ));
    let tags = post.hashtags(Spoilers::Show);
    let tags: Vec<&str> = tags.iter().map(|tag| &**tag).collect();
    assert_eq!(tags, ["tea", "cup"]);
    assert_eq!(plain(&post.text), "#tea@pot #Tea $TON@pot #cup");
}

#[test]
fn unknown_structure_is_one_warning_and_loses_no_text() {
    let wrapper =
        r#"<div class="tgme_widget_message_story"><div class="tgme_widget_message_story">"#;
    let html = block(5, &format!("{wrapper}{}</div></div>", text("x <foo>y</foo>")))
        + &block(6, &format!("{wrapper}</div></div>{}", text("z")));
    assert_eq!(plain(&page(&html).posts[0].text), "x y");
    assert_eq!(
        warnings(&html),
        [
            "post 5: unknown element in text foo (once)",
            "post 5: unknown class .tgme_widget_message_story (4 times)",
        ]
    );
}

#[test]
fn parts_of_post_are_bounded() {
    let many: String = (1..1000).map(photo).collect();
    let post = post(&many);
    assert!(post.members.len() <= 100, "{}", post.members.len());
    assert!(post.media.len() <= 200, "{}", post.media.len());
}
