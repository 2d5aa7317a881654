//! Places, contacts, invoices, games, polls and link previews.

use scraper::ElementRef;

use super::text::{line, line_of, nonblank_line, rich};
use super::{MAX_PARTS, frame};
use crate::model::{
    Contact, Coordinates, Game, Invoice, LinkPreview, Location, Poll, PollOption, PreviewPicture,
    Ratio, Venue,
};
use crate::telegram::address;
use crate::telegram::quantity;
use crate::telegram::selectors as class;
use crate::telegram::style;
use crate::telegram::tree::{Event, Step, attribute, classes, find, find_element, has_class, walk};
use crate::telegram::warning::{WarningKind, Warnings};
use crate::text::{Address, RichText, is_blank};

/// A place: the coordinates of its map, or the address of its page.
pub(super) fn location(element: ElementRef<'_>, warnings: &mut Warnings) -> Option<Location> {
    let href = attribute(element, "href").unwrap_or_default();
    // A map with invalid coordinates is useless as a link.
    let is_map = pair(href, "q=").is_some();
    let link = if is_map { None } else { address::of_link(element) };
    let mut location = Location {
        coordinates: coordinates(href).or_else(|| picture_coordinates(element)),
        venue: None,
        link: link.filter(Address::is_web),
    };
    for class in [class::VENUE_TITLE, class::VENUE_ADDRESS] {
        if let Some(inner) = find(element, class) {
            add_venue(&mut location, class, inner);
        }
    }
    if location.is_empty() {
        warnings.add(WarningKind::BadValue, ".tgme_widget_message_location_wrap[href]", href);
        return None;
    }
    Some(location)
}

/// Adds the name or the street of a venue.
pub(super) fn add_venue(location: &mut Location, class: &str, element: ElementRef<'_>) {
    let Some(text) = nonblank_line(element) else { return };
    match (&mut location.venue, class) {
        (venue, class::VENUE_TITLE) => {
            let address = venue.take().and_then(|venue| venue.address);
            *venue = Some(Venue { title: text, address });
        }
        (Some(venue), _) => venue.address = Some(text),
        (None, _) => location.venue = Some(Venue { title: text, address: None }),
    }
}

/// `https://maps.google.com/maps?q=-23.53,-46.68&ll=…`.
fn coordinates(href: &str) -> Option<Coordinates> {
    let (latitude, longitude) = pair(href, "q=")?;
    checked(latitude, longitude)
}

/// The centre of the map's picture, longitude first: `https://static-maps.yandex.ru/1.x/?ll=-46.68,-23.53&…`.
fn picture_coordinates(element: ElementRef<'_>) -> Option<Coordinates> {
    let mut pictures = element.descendent_elements().filter_map(style::background);
    let map = pictures.find(|picture| picture.as_str().contains("ll="))?;
    let (longitude, latitude) = pair(map.as_str(), "ll=")?;
    checked(latitude, longitude)
}

/// The two numbers of a query parameter (`key` ends with `=`).
fn pair<'a>(address: &'a str, key: &str) -> Option<(&'a str, &'a str)> {
    let query = address.split_once('?')?.1;
    let pair = query.split(['&', '#']).find_map(|pair| pair.strip_prefix(key))?;
    pair.split_once(',').or_else(|| pair.split_once("%2C")).or_else(|| pair.split_once("%2c"))
}

fn checked(latitude: &str, longitude: &str) -> Option<Coordinates> {
    (is_degree(latitude, 90.0) && is_degree(longitude, 180.0))
        .then(|| Coordinates { latitude: latitude.to_owned(), longitude: longitude.to_owned() })
}

fn is_degree(text: &str, max: f64) -> bool {
    (1..=24).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit() || b".-".contains(&byte))
        && text.parse::<f64>().is_ok_and(|degree| degree.abs() <= max)
}

pub(super) fn contact(element: ElementRef<'_>, warnings: &mut Warnings) -> Option<Contact> {
    let contact = Contact {
        name: find(element, class::CONTACT_NAME).map(line).unwrap_or_default(),
        phone: find(element, class::CONTACT_PHONE).map(line).unwrap_or_default(),
    };
    if is_blank(&contact.name) && is_blank(&contact.phone) {
        let selector = ".tgme_widget_message_contact_wrap";
        warnings.add(WarningKind::MissingPart, selector, "neither name nor number");
        return None;
    }
    Some(contact)
}

pub(super) fn invoice(element: ElementRef<'_>, warnings: &mut Warnings) -> Option<Invoice> {
    let title = title(element, class::INVOICE_TITLE, ".tgme_widget_message_invoice", warnings)?;
    let description = description(element, class::INVOICE_DESCRIPTION, warnings);
    Some(Invoice { title, description, total: price(element), picture: picture(element) })
}

/// The price: its own element, or in the label over the picture, beside the word `INVOICE`.
fn price(invoice: ElementRef<'_>) -> Option<String> {
    if let Some(total) = line_of(invoice, class::INVOICE_TOTAL) {
        return Some(total);
    }
    let label = line_of(invoice, class::INVOICE_LABEL)?;
    let price: Vec<&str> =
        label.split(' ').filter(|word| !word.eq_ignore_ascii_case("invoice")).collect();
    let has_number = price.iter().any(|word| word.contains(char::is_numeric));
    has_number.then(|| price.join(" "))
}

pub(super) fn game(element: ElementRef<'_>, warnings: &mut Warnings) -> Option<Game> {
    let title = title(element, class::GAME_TITLE, ".tgme_widget_message_game", warnings)?;
    let description = description(element, class::GAME_TEXT, warnings);
    Some(Game { title, description, picture: picture(element) })
}

fn title(
    element: ElementRef<'_>,
    class: &str,
    selector: &str,
    warnings: &mut Warnings,
) -> Option<String> {
    let title = line_of(element, class);
    if title.is_none() {
        warnings.add(WarningKind::MissingPart, selector, "no title");
    }
    title
}

fn description(element: ElementRef<'_>, class: &str, warnings: &mut Warnings) -> RichText {
    find(element, class).map(|inner| rich(inner, warnings)).unwrap_or_default()
}

/// The first background, else the first `img`.
fn picture(element: ElementRef<'_>) -> Option<Address> {
    let background = element.descendent_elements().find_map(style::background);
    background.or_else(|| find_element(element, "img").and_then(style::source))
}

/// A poll or quiz: with results on list pages, open to votes on embedded pages.
pub(super) fn poll(element: ElementRef<'_>, warnings: &mut Warnings) -> Option<Poll> {
    let Some(question) = line_of(element, class::POLL_QUESTION) else {
        warnings.add(WarningKind::MissingPart, ".tgme_widget_message_poll", "no question");
        return None;
    };
    let mut options = Vec::new();
    walk(element, |event| match event {
        Event::Open(inner) if has_class(inner, class::POLL_OPTION) => {
            if options.len() < MAX_PARTS {
                options.extend(poll_option(inner));
            }
            Step::Over
        }
        _ => Step::Into,
    });
    let label = line_of(element, class::POLL_TYPE);
    let kind = label.as_deref().unwrap_or_default();
    Some(Poll {
        question,
        is_quiz: kind.contains("Quiz") || options.iter().any(|option| option.correct.is_some()),
        is_multiple: has_class(element, class::MULTIPLE),
        is_closed: kind.contains("Final Results"),
        options,
        voters: find(element, class::POLL_VOTES).and_then(frame::counter),
        label,
    })
}

/// UPSTREAM(2026-08): the width of the bar is relative to the leading answer. Only the printed share counts.
fn poll_option(element: ElementRef<'_>) -> Option<PollOption> {
    let text = find(element, class::POLL_OPTION_TEXT).map(line)?;
    let percent = find(element, class::POLL_OPTION_PERCENT).map(line);
    let correct = element.descendent_elements().flat_map(classes).find_map(|class| match class {
        class::POLL_CORRECT => Some(true),
        class::POLL_INCORRECT => Some(false),
        _ => None,
    });
    Some(PollOption { text, percent: percent.as_deref().and_then(quantity::percent), correct })
}

/// The card of a linked page; `None` if it is empty, which Telegram prints too.
pub(super) fn link_preview(
    element: ElementRef<'_>,
    warnings: &mut Warnings,
) -> Option<LinkPreview> {
    let Some(address) = address::of_link(element) else {
        let selector = ".tgme_widget_message_link_preview[href]";
        warnings.add(WarningKind::MissingPart, selector, "no address");
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
            preview.video = style::source(inner);
            return Step::Over;
        }
        for class in classes(inner) {
            match class {
                class::PREVIEW_SITE => preview.site_name = nonblank_line(inner),
                class::PREVIEW_TITLE => preview.title = nonblank_line(inner),
                class::PREVIEW_DESCRIPTION => preview.description = rich(inner, warnings),
                class::PREVIEW_IMAGE | class::PREVIEW_VIDEO_THUMB => {
                    preview.picture = preview_picture(inner, true);
                }
                class::PREVIEW_RIGHT_IMAGE => preview.picture = preview_picture(inner, false),
                class::PREVIEW_VIDEO_WRAP => {
                    if let Some(picture) = &mut preview.picture {
                        let ratio = attribute(inner, "style").and_then(preview_ratio);
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

fn preview_picture(element: ElementRef<'_>, large: bool) -> Option<PreviewPicture> {
    let style = attribute(element, "style")?;
    Some(PreviewPicture { file: style::picture(style)?, large, ratio: preview_ratio(style) })
}

/// UPSTREAM(2026-08): width and `padding-top` are shares of the card's width. Without a width, it is the full width.
fn preview_ratio(style: &str) -> Option<Ratio> {
    let width = style::percent(style, "width").unwrap_or(100.0);
    Ratio::new(width / style::percent(style, "padding-top")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn map_link_yields_latitude_and_longitude() {
        let both = |latitude: &str, longitude: &str| {
            Some(Coordinates { latitude: latitude.to_owned(), longitude: longitude.to_owned() })
        };
        for (href, expected) in [
            (
                "https://maps.google.com/maps?q=-23.53,-46.68&ll=-23.53,-46.68&z=16",
                both("-23.53", "-46.68"),
            ),
            ("https://maps.google.com/maps?z=16&q=0,180", both("0", "180")),
            ("https://maps.google.com/maps?q=1%2C2", both("1", "2")),
            ("https://maps.google.com/maps?q=90.1,0", None),
            ("https://maps.google.com/maps?q=0,-180.5", None),
            ("https://maps.google.com/maps?q=NaN,inf", None),
            ("https://maps.google.com/maps?q=1e1,2", None),
            ("https://maps.google.com/maps?q=1", None),
            ("https://maps.google.com/maps?q=,", None),
            ("https://maps.google.com/maps", None),
        ] {
            assert_eq!(coordinates(href), expected, "{href}");
        }
    }
}
