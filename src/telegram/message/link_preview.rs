//! The card of a linked page.

use scraper::ElementRef;

use super::{line, rich};
use crate::model::{LinkPreview, PreviewPicture, Ratio};
use crate::telegram::address;
use crate::telegram::selectors as class;
use crate::telegram::style;
use crate::telegram::tree::{Event, Step, attribute, classes, walk};
use crate::telegram::warning::{WarningKind, Warnings};
use crate::text::{RichText, is_blank};

/// The card, or `None` when it is empty: Telegram prints such ones too.
pub(super) fn parse(element: ElementRef<'_>, warnings: &mut Warnings) -> Option<LinkPreview> {
    let Some(address) = address::of_link(element) else {
        warnings.tell(
            WarningKind::MissingPart,
            ".tgme_widget_message_link_preview[href]",
            "no address",
        );
        return None;
    };
    let mut preview = LinkPreview {
        address,
        site_name: None,
        title: None,
        description: RichText::default(),
        picture: None,
        video: None,
    };
    walk(element, |event| {
        let Event::Open(inner) = event else { return Step::Into };
        if inner.value().name() == "video" {
            preview.video = attribute(inner, "src").and_then(style::web_address);
            return Step::Over;
        }
        for class in classes(inner) {
            match class {
                class::PREVIEW_SITE => preview.site_name = words(inner),
                class::PREVIEW_TITLE => preview.title = words(inner),
                class::PREVIEW_DESCRIPTION => preview.description = rich(inner, warnings),
                class::PREVIEW_IMAGE | class::PREVIEW_VIDEO_THUMB => {
                    preview.picture = picture(inner, true);
                }
                class::PREVIEW_RIGHT_IMAGE => preview.picture = picture(inner, false),
                class::PREVIEW_VIDEO_WRAP => {
                    let ratio = attribute(inner, "style").and_then(ratio);
                    if let Some(picture) = &mut preview.picture {
                        picture.ratio = picture.ratio.or(ratio);
                    }
                    return Step::Into;
                }
                _ => continue,
            }
            return Step::Over;
        }
        Step::Into
    });
    let is_empty = preview.site_name.is_none()
        && preview.title.is_none()
        && preview.description.is_empty()
        && preview.picture.is_none()
        && preview.video.is_none();
    (!is_empty).then_some(preview)
}

fn words(element: ElementRef<'_>) -> Option<String> {
    Some(line(element)).filter(|words| !is_blank(words))
}

fn picture(element: ElementRef<'_>, large: bool) -> Option<PreviewPicture> {
    let style = attribute(element, "style")?;
    Some(PreviewPicture { file: style::picture(style)?, large, ratio: ratio(style) })
}

/// UPSTREAM(2026-08): both sides are shares of the card's width, which is all of it when only the height is given.
fn ratio(style: &str) -> Option<Ratio> {
    let width = style::percent(style, "width").unwrap_or(100.0);
    Ratio::new(width / style::percent(style, "padding-top")?)
}
