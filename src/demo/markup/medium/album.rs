//! Albums: photos and videos in boxes beside and below each other.

use super::{film, padding, size};
use crate::demo::markup::Context;
use crate::demo::markup::html::Html;
use crate::demo::message::{Item, Medium};

pub(super) fn write(html: &mut Html, context: &Context<'_>, items: &[Item]) {
    let (boxes, height) = layout(u32::try_from(items.len()).unwrap_or(u32::MAX));
    let wrap = [
        ("class", "tgme_widget_message_grouped_wrap js-message_grouped_wrap"),
        ("data-margin-w", "2"),
        ("data-margin-h", "2"),
        ("style", "width:453px;"),
    ];
    html.element("div", &wrap, |html| {
        html.raw("\n  ");
        let style = format!("padding-top:{}", padding((453, height)));
        let class = "tgme_widget_message_grouped js-message_grouped";
        html.element("div", &[("class", class), ("style", &style)], |html| {
            html.raw("\n    ");
            let style = format!("width:453px;height:{height}px");
            let class = "tgme_widget_message_grouped_layer js-message_grouped_layer";
            html.element("div", &[("class", class), ("style", &style)], |html| {
                html.raw("\n      ");
                for (item, place) in items.iter().zip(boxes) {
                    write_item(html, context, item, place);
                }
                html.raw("\n    ");
            });
            html.raw("\n  ");
        });
        html.raw("\n");
    });
}

fn write_item(
    html: &mut Html,
    context: &Context<'_>,
    item: &Item,
    (left, top, width, height): (u32, u32, u32, u32),
) {
    let place = format!(
        "left:{left}px;top:{top}px;width:{width}px;height:{height}px;margin-right:2px;margin-bottom:2px;"
    );
    let address = format!("{}?single", context.post_address(item.id));
    match item.medium {
        Medium::Photo(photo) => {
            let size = size(photo.file);
            let ratio = ratio(size);
            let picture = context.picture(photo.file, item.id);
            let style = format!("{place}background-image:url('{picture}')");
            let attributes = [
                (
                    "class",
                    "tgme_widget_message_photo_wrap grouped_media_wrap blured js-message_photo",
                ),
                ("style", style.as_str()),
                ("data-ratio", ratio.as_str()),
                ("href", address.as_str()),
            ];
            html.element("a", &attributes, |html| {
                let style = [
                    ("class", "grouped_media_helper"),
                    ("style", "left:0;right:0;top:107px;bottom:107px;"),
                ];
                html.element("div", &style, |html| {
                    html.div("tgme_widget_message_photo grouped_media", |_| {});
                });
            });
        }
        Medium::Video(video) => {
            let ratio = ratio(video.size);
            let mut class =
                String::from("tgme_widget_message_video_player grouped_media_wrap blured");
            if video.file.is_none() {
                class.push_str(" not_supported");
            }
            class.push_str(" js-message_video_player");
            let attributes = [
                ("class", class.as_str()),
                ("style", place.as_str()),
                ("data-ratio", ratio.as_str()),
                ("href", address.as_str()),
            ];
            html.element("a", &attributes, |html| {
                let class = "tgme_widget_message_video_wrap grouped_media js-message_video_wrap";
                film::player(
                    html,
                    context,
                    item.id,
                    video,
                    class,
                    "left:0;right:0;top:0;bottom:0;",
                );
            });
        }
    }
}

/// Boxes of an album: left, top, width and height, in a layer 453 pixels wide, and the height of the layer.
fn layout(count: u32) -> (Vec<(u32, u32, u32, u32)>, u32) {
    const WIDTH: u32 = 453;
    const ROW: u32 = 212;
    let columns = if count <= 4 { 2 } else { 3 };
    let mut boxes = Vec::new();
    let mut top = 0;
    let mut left_over = count;
    while left_over > 0 {
        let odd_first = top == 0 && !left_over.is_multiple_of(columns);
        let in_row = if odd_first { left_over % columns } else { columns.min(left_over) };
        let width = (WIDTH - 2 * (in_row - 1)) / in_row;
        for column in 0..in_row {
            boxes.push((column * (width + 2), top, width, ROW));
        }
        top += ROW + 2;
        left_over -= in_row;
    }
    (boxes, top.saturating_sub(2))
}

fn ratio((width, height): (u32, u32)) -> String {
    let text = format!("{:.13}", f64::from(width) / f64::from(height.max(1)));
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{layout, ratio};

    #[test]
    fn an_album_of_any_size_has_a_box_for_each_member() {
        for count in 1..=10 {
            let (boxes, height) = layout(count);
            assert_eq!(boxes.len(), count as usize);
            assert!(
                boxes
                    .iter()
                    .all(|(left, top, width, tall)| left + width <= 453 && top + tall <= height)
            );
        }
    }

    #[test]
    fn ratios_are_written_as_telegram_does() {
        assert_eq!(ratio((4, 3)), "1.3333333333333");
        assert_eq!(ratio((640, 640)), "1");
    }
}
