//! Places, people, things for sale and games.

use scraper::ElementRef;

use super::{line, rich};
use crate::model::{Contact, Coordinates, Game, Invoice, Location, Venue};
use crate::telegram::address;
use crate::telegram::selectors as class;
use crate::telegram::style;
use crate::telegram::tree::{attribute, find, find_element};
use crate::telegram::warning::{WarningKind, Warnings};
use crate::text::{Address, RichText, is_blank};

/// A place: its coordinates from the link to a map or from the picture of the map, else the link itself.
pub(super) fn location(element: ElementRef<'_>, warnings: &mut Warnings) -> Option<Location> {
    let href = attribute(element, "href").unwrap_or_default();
    let linked = coordinates(href);
    // A map with numbers that are no coordinates leads nowhere.
    let is_map = pair(href, "q=").is_some();
    let link = if is_map { None } else { address::of_link(element) };
    let mut location = Location {
        coordinates: linked.or_else(|| drawn_coordinates(element)),
        venue: None,
        link: link.filter(Address::is_web),
    };
    for class in [class::VENUE_TITLE, class::VENUE_ADDRESS] {
        if let Some(words) = find(element, class) {
            add_venue(&mut location, class, words);
        }
    }
    if location.is_empty() {
        warnings.tell(WarningKind::BadValue, ".tgme_widget_message_location_wrap[href]", href);
        return None;
    }
    Some(location)
}

/// Adds the name or street of a venue.
pub(super) fn add_venue(location: &mut Location, class: &str, element: ElementRef<'_>) {
    let words = line(element);
    if is_blank(&words) {
        return;
    }
    match (&mut location.venue, class) {
        (venue, class::VENUE_TITLE) => {
            let address = venue.take().and_then(|venue| venue.address);
            *venue = Some(Venue { title: words, address });
        }
        (Some(venue), _) => venue.address = Some(words),
        (None, _) => location.venue = Some(Venue { title: words, address: None }),
    }
}

/// `https://maps.google.com/maps?q=-23.53,-46.68&ll=…`, as text.
fn coordinates(href: &str) -> Option<Coordinates> {
    let (latitude, longitude) = pair(href, "q=")?;
    checked(latitude, longitude)
}

/// The middle of the picture of a map, which is longitude first: `https://static-maps.yandex.ru/1.x/?ll=-46.68,-23.53&…`.
fn drawn_coordinates(element: ElementRef<'_>) -> Option<Coordinates> {
    let styles = element.descendent_elements().filter_map(|inner| attribute(inner, "style"));
    let map = styles.filter_map(style::picture).find(|map| map.as_str().contains("ll="))?;
    let (longitude, latitude) = pair(map.as_str(), "ll=")?;
    checked(latitude, longitude)
}

/// The two numbers of an address's `key`.
fn pair<'a>(address: &'a str, key: &str) -> Option<(&'a str, &'a str)> {
    let query = address.split_once('?')?.1;
    let pair = query.split(['&', '#']).find_map(|pair| pair.strip_prefix(key))?;
    pair.split_once(',').or_else(|| pair.split_once("%2C")).or_else(|| pair.split_once("%2c"))
}

fn checked(latitude: &str, longitude: &str) -> Option<Coordinates> {
    let is_degree = |text: &str, most: f64| {
        let plain = (1..=24).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_digit() || b".-".contains(&byte));
        plain && text.parse::<f64>().is_ok_and(|degree| degree.abs() <= most)
    };
    (is_degree(latitude, 90.0) && is_degree(longitude, 180.0))
        .then(|| Coordinates { latitude: latitude.to_owned(), longitude: longitude.to_owned() })
}

/// A person's card.
pub(super) fn contact(element: ElementRef<'_>, warnings: &mut Warnings) -> Option<Contact> {
    let words = |class| find(element, class).map(line).unwrap_or_default();
    let contact = Contact { name: words(class::CONTACT_NAME), phone: words(class::CONTACT_PHONE) };
    if is_blank(&contact.name) && is_blank(&contact.phone) {
        warnings.tell(
            WarningKind::MissingPart,
            ".tgme_widget_message_contact_wrap",
            "neither name nor number",
        );
        return None;
    }
    Some(contact)
}

/// Something for sale.
pub(super) fn invoice(element: ElementRef<'_>, warnings: &mut Warnings) -> Option<Invoice> {
    let title = title(element, class::INVOICE_TITLE, ".tgme_widget_message_invoice", warnings)?;
    Some(Invoice {
        title,
        description: words(element, class::INVOICE_DESCRIPTION, warnings),
        total: price(element),
        picture: picture(element),
    })
}

/// The price, which has an element of its own or stands in the label over the picture, beside the word `INVOICE`.
fn price(invoice: ElementRef<'_>) -> Option<String> {
    let words = |class| find(invoice, class).map(line).unwrap_or_default();
    let total = words(class::INVOICE_TOTAL);
    if !is_blank(&total) {
        return Some(total);
    }
    let label = words(class::INVOICE_LABEL);
    let price: Vec<&str> =
        label.split(' ').filter(|word| !word.eq_ignore_ascii_case("invoice")).collect();
    let is_price = price.iter().any(|word| word.contains(char::is_numeric));
    is_price.then(|| price.join(" "))
}

/// A game.
pub(super) fn game(element: ElementRef<'_>, warnings: &mut Warnings) -> Option<Game> {
    let title = title(element, class::GAME_TITLE, ".tgme_widget_message_game", warnings)?;
    Some(Game {
        title,
        description: words(element, class::GAME_TEXT, warnings),
        picture: picture(element),
    })
}

fn title(
    element: ElementRef<'_>,
    class: &str,
    selector: &str,
    warnings: &mut Warnings,
) -> Option<String> {
    let title = find(element, class).map(line).filter(|words| !is_blank(words));
    if title.is_none() {
        warnings.tell(WarningKind::MissingPart, selector, "no title");
    }
    title
}

fn words(element: ElementRef<'_>, class: &str, warnings: &mut Warnings) -> RichText {
    find(element, class).map(|words| rich(words, warnings)).unwrap_or_default()
}

/// The first picture: behind an element, or an `img`.
fn picture(element: ElementRef<'_>) -> Option<Address> {
    let behind =
        element.descendent_elements().find_map(|inner| style::picture(attribute(inner, "style")?));
    behind.or_else(|| {
        find_element(element, "img")
            .and_then(|image| attribute(image, "src"))
            .and_then(style::web_address)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trap_35_a_place_is_latitude_and_longitude() {
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
