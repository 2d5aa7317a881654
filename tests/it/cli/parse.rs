//! Telegram's pages: saved ones in our own words, each with the model that it must give.

use std::path::{Path, PathBuf};

use feedline::telegram::{Answer, Recognised, Warning, WarningKind, recognise};

/// A test for each page of `tests/fixtures/telegram`: all that it gives is the snapshot beside it.
macro_rules! pages {
    ($($test:ident: $name:literal,)*) => {
        $(
            #[test]
            fn $test() {
                check($name);
            }
        )*

        const NAMES: &[&str] = &[$($name),*];
    };
}

pages! {
    a_newest_page_gives_the_channel_its_posts_and_where_older_ones_begin: "list-newest",
    a_page_in_the_middle_leads_both_ways: "list-middle",
    a_search_without_hits_says_so: "list-nothing-found",
    a_block_that_cannot_be_read_leaves_the_others_standing: "list-broken-blocks",
    a_page_cut_short_is_not_whole: "list-cut-short",
    a_header_alone_is_a_channel: "header-alone",
    texts_keep_their_format: "texts",
    photos_have_their_number_and_proportions: "photos",
    films_gifs_and_round_films_are_told_apart: "videos",
    a_spoken_note_is_a_voice: "voice",
    stickers_of_three_kinds_have_their_files: "stickers",
    several_files_keep_their_captions: "documents",
    an_album_is_one_post_of_several_messages: "albums",
    link_previews_are_cards: "link-previews",
    a_reply_keeps_its_words_to_itself: "replies",
    a_forwarded_post_names_its_origin: "forwards",
    polls_and_quizzes_have_their_answers: "polls",
    places_people_and_goods_are_cards: "cards",
    buttons_and_reactions_stand_under_a_post: "buttons-and-reactions",
    service_messages_are_told_by_what_happened: "service",
    only_what_cannot_be_shown_is_unsupported: "unsupported",
    a_page_of_2020_is_still_read: "from-2020",
    a_page_saved_by_a_browser_is_read_as_if_fetched: "saved-after-scripts",
    loose_parts_are_read_without_their_message: "loose-parts",
    an_embedded_post_has_its_channels_number: "embed-post",
    an_open_poll_has_answers_without_shares: "embed-open-poll",
    a_groups_post_has_its_sender: "embed-group",
    what_happened_in_a_group_is_a_service_message: "embed-group-service",
    a_post_that_does_not_exist_is_refused: "embed-refused",
    comments_under_a_post_are_not_the_post: "embed-with-comments",
    a_landing_page_counts_its_subscribers: "landing-channel",
    a_channel_of_2021_has_members: "landing-channel-2021",
    a_channel_may_have_no_preview: "landing-channel-without-preview",
    a_group_has_people_online: "landing-group",
    a_person_is_no_channel: "landing-user",
    a_bot_is_no_channel: "landing-bot",
    nobody_is_told_by_the_picture: "landing-missing",
    a_blocked_channel_is_not_a_missing_name: "landing-blocked",
    an_invitation_is_something_else: "landing-invitation",
}

#[test]
fn every_page_has_its_test() {
    let mut files: Vec<String> = std::fs::read_dir(fixtures())
        .unwrap()
        .filter_map(|entry| {
            entry.unwrap().file_name().to_str()?.strip_suffix(".html").map(str::to_owned)
        })
        .collect();
    files.sort();
    let mut names = NAMES.to_vec();
    names.sort_unstable();
    assert_eq!(files, names);
}

/// Reads a page of `tests/fixtures/telegram` and compares all that it gives with the snapshot beside it.
fn check(name: &str) {
    let path = fixtures().join(format!("{name}.html"));
    let html = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let recognised = recognise(&html).unwrap_or_else(|error| panic!("{name}: {error}"));
    insta::with_settings!({
        snapshot_path => fixtures(),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_json_snapshot!(name, recognised);
    });
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/telegram")
}

/// Real pages, which are no part of the project: `FEEDLINE_PAGES`, or `../shared/telegram` beside the repository.
/// Without them the test says so and passes.
#[test]
#[expect(clippy::print_stdout, reason = "says what was read, or that nothing was")]
fn real_pages_are_read_without_a_loss() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/telegram");
    let folder = std::env::var_os("FEEDLINE_PAGES").map_or_else(beside, PathBuf::from);
    let mut files = Vec::new();
    for kind in ["pages", "messages", "embeds", "landings"] {
        let Ok(entries) = std::fs::read_dir(folder.join(kind)) else { continue };
        files.extend(entries.map(|entry| entry.unwrap().path()));
    }
    files.sort();
    if files.is_empty() {
        println!("no real pages in {}: nothing was tested", folder.display());
    }
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let html = std::fs::read_to_string(&file).unwrap();
        let recognised = recognise(&html).unwrap_or_else(|error| panic!("{name}: {error}"));
        let found = Found::of(&recognised);
        println!("{name}: {}", found.summary);
        assert_eq!(
            found.posts,
            html.matches("data-post=\"").count(),
            "{name}: every message is read"
        );
        let media: usize =
            MEDIA.iter().map(|class| html.matches(&format!("class=\"{class} ")).count()).sum();
        assert_eq!(found.media, media, "{name}: every photo, video, sound and sticker is found");
        let unexplained = found.warnings.iter().find(|warning| !is_explained(warning));
        assert_eq!(unexplained, None, "{name}");
    }
}

/// The classes of elements that are media, each the first of several.
const MEDIA: [&str; 6] = [
    "tgme_widget_message_photo_wrap",
    "tgme_widget_message_video_player",
    "tgme_widget_message_roundvideo_player",
    "tgme_widget_message_voice_player",
    "tgme_widget_message_sticker",
    "tgme_widget_message_tgsticker",
];

/// Pages whose names were replaced have a `data-view` that is no longer base64 of JSON.
fn is_explained(warning: &Warning) -> bool {
    warning.kind == WarningKind::BadValue
        && warning.selector == "data-view"
        && !warning.detail.starts_with("ey")
}

/// What a page gave, counted.
struct Found {
    posts: usize,
    media: usize,
    summary: String,
    warnings: Vec<Warning>,
}

impl Found {
    fn of(recognised: &Recognised) -> Self {
        match recognised {
            Recognised::List(parsed) => {
                let page = &parsed.page;
                let documents: usize = page.posts.iter().map(|post| post.documents.len()).sum();
                let summary = format!(
                    "list of {} posts, {documents} documents, older {:?}, whole {}, empty {}",
                    page.posts.len(),
                    page.older,
                    page.is_whole,
                    page.says_empty
                );
                let media = page.posts.iter().map(|post| post.media.len()).sum();
                Self { posts: page.posts.len(), media, summary, warnings: parsed.warnings.clone() }
            }
            Recognised::Embed(answer) => match &**answer {
                Answer::Post { post, warnings, .. } => Self {
                    posts: 1,
                    media: post.media.len(),
                    summary: "embedded post".to_owned(),
                    warnings: warnings.clone(),
                },
                Answer::Refused(refusal) => {
                    Self::without_posts(format!("refused: {}", refusal.text))
                }
            },
            Recognised::Landing(landing) => {
                Self::without_posts(format!("landing of {:?}", landing.kind))
            }
            Recognised::Parts(parts) => Self {
                media: parts.media.len(),
                warnings: parts.warnings.clone(),
                ..Self::without_posts("loose parts".to_owned())
            },
        }
    }

    fn without_posts(summary: String) -> Self {
        Self { posts: 0, media: 0, summary, warnings: Vec::new() }
    }
}
