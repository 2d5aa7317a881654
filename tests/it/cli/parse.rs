//! Saved Telegram pages with invented texts, each with a snapshot of its parsed model.

use std::path::{Path, PathBuf};

use feedline::telegram::{Answer, Recognised, Warning, WarningKind, recognise};

/// One test for each page of `tests/fixtures/telegram`, compared with the snapshot next to it.
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
    newest_page_yields_channel_posts_and_older_cursor: "list-newest",
    middle_page_has_older_and_newer_cursor: "list-middle",
    search_page_without_results_is_empty: "list-nothing-found",
    unreadable_block_does_not_affect_others: "list-broken-blocks",
    truncated_list_page_is_marked: "list-cut-short",
    header_without_posts_is_channel: "header-alone",
    texts_keep_formatting: "texts",
    photos_have_ids_and_ratios: "photos",
    videos_gifs_and_round_videos_differ: "videos",
    voice_note_is_parsed: "voice",
    stickers_of_three_kinds_have_files: "stickers",
    several_documents_keep_captions: "documents",
    album_is_one_post_with_several_messages: "albums",
    link_previews_are_parsed: "link-previews",
    reply_text_is_separate_from_quotation: "replies",
    forwarded_post_names_origin: "forwards",
    polls_and_quizzes_have_options: "polls",
    locations_contacts_and_invoices_are_parsed: "cards",
    buttons_and_reactions_are_parsed: "buttons-and-reactions",
    service_messages_have_kinds: "service",
    unsupported_posts_are_marked: "unsupported",
    page_of_2020_is_parsed: "from-2020",
    page_saved_by_browser_is_parsed_like_fetched_one: "saved-after-scripts",
    parts_without_message_are_parsed: "loose-parts",
    embedded_post_has_channel_number: "embed-post",
    open_poll_has_options_without_percentages: "embed-open-poll",
    group_post_has_sender: "embed-group",
    group_event_is_service_message: "embed-group-service",
    missing_post_page_is_refusal: "embed-refused",
    comments_are_not_part_of_post: "embed-with-comments",
    landing_page_has_subscriber_count: "landing-channel",
    landing_page_of_2021_counts_members_as_subscribers: "landing-channel-2021",
    landing_page_shows_missing_preview: "landing-channel-without-preview",
    landing_page_of_group_has_member_count: "landing-group",
    landing_page_of_user_is_not_channel: "landing-user",
    landing_page_of_bot_is_not_channel: "landing-bot",
    landing_page_with_placeholder_icon_is_missing_name: "landing-missing",
    landing_page_of_blocked_channel_is_not_missing_name: "landing-blocked",
    landing_page_of_invitation_is_other: "landing-invitation",
}

#[test]
fn every_saved_page_has_test() {
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

/// Parses a page of `tests/fixtures/telegram` and compares the result with the snapshot next to it.
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

/// Real pages are not part of the project: they are in `FEEDLINE_PAGES`, or in `../shared/telegram` next to the
/// repository. Without them the test prints a message and passes.
#[test]
#[expect(clippy::print_stdout, reason = "says what was read, or that nothing was")]
fn real_pages_are_parsed_without_loss() {
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

/// The first class of each element that is a medium.
const MEDIA: [&str; 6] = [
    "tgme_widget_message_photo_wrap",
    "tgme_widget_message_video_player",
    "tgme_widget_message_roundvideo_player",
    "tgme_widget_message_voice_player",
    "tgme_widget_message_sticker",
    "tgme_widget_message_tgsticker",
];

/// In pages with replaced names, `data-view` is no longer base64 of JSON.
fn is_explained(warning: &Warning) -> bool {
    warning.kind == WarningKind::BadValue
        && warning.selector == "data-view"
        && !warning.detail.starts_with("ey")
}

/// The counts of a parsed page.
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
