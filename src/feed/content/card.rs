//! Places, contacts, invoices, games, link previews and buttons.

use super::draft::Draft;
use super::media::{Size, offered_picture, picture};
use crate::model::{Button, Coordinates, LinkPreview};
use crate::text::{Address, RichText};

/// Space for a link preview's picture of unknown proportions: across, and at the side.
const WIDE: (u32, u32) = (800, 420);
const THUMBNAIL: (u32, u32) = (96, 96);

/// A place, with links to its page and to a map that needs no account.
pub(super) fn location(draft: &mut Draft<'_>) {
    let Some(location) = &draft.post.location else { return };
    let map = location.coordinates.as_ref().map(map);
    draft.open("p", "location");
    draft.raw("📍 ");
    let name = location.venue.as_ref().map(|venue| venue.title.as_str());
    match (&location.link, &map) {
        (Some(link), _) => draft.maybe_link(Some(link), name.unwrap_or(draft.words.tr("location"))),
        (None, Some((map, shown))) => draft.link(map, name.unwrap_or(shown)),
        (None, None) => draft.text(name.unwrap_or(draft.words.tr("location"))),
    }
    if let Some(address) = location.venue.as_ref().and_then(|venue| venue.address.as_ref()) {
        draft.raw("<br>");
        draft.text(address);
    }
    if let (Some(_), Some((map, shown))) = (&location.link, &map) {
        draft.raw("<br>");
        draft.link(map, shown);
    }
    draft.raw("</p>");
}

/// The address of a map, and the coordinates as text.
fn map(place: &Coordinates) -> (String, String) {
    let Coordinates { latitude, longitude } = place;
    let map = format!(
        "https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=15/{latitude}/{longitude}"
    );
    (map, format!("{latitude}, {longitude}"))
}

/// A name and a phone number. The number is not a link, because readers keep only web addresses.
pub(super) fn contact(draft: &mut Draft<'_>) {
    let Some(contact) = &draft.post.contact else { return };
    draft.open("p", "contact");
    draft.raw("👤 <b>");
    draft.text(&contact.name);
    draft.raw("</b>");
    if !contact.phone.is_empty() {
        draft.raw("<br>");
        draft.text(&contact.phone);
    }
    draft.raw("</p>");
}

pub(super) fn invoice(draft: &mut Draft<'_>) {
    let Some(invoice) = &draft.post.invoice else { return };
    let title = match &invoice.total {
        Some(total) => format!("{} – {total}", invoice.title),
        None => invoice.title.clone(),
    };
    offer(draft, &title, &invoice.description, invoice.picture.as_ref());
}

pub(super) fn game(draft: &mut Draft<'_>) {
    let Some(game) = &draft.post.game else { return };
    offer(draft, &game.title, &game.description, game.picture.as_ref());
}

/// An invoice or game, with a link to the post: only the app can open it.
fn offer(draft: &mut Draft<'_>, title: &str, description: &RichText, picture: Option<&Address>) {
    draft.open("blockquote", "card");
    draft.raw("<p dir=\"auto\"><b>");
    draft.link(&draft.telegram(draft.post.id), title);
    draft.raw("</b></p>");
    draft.rich(description);
    if let Some(picture) = picture {
        preview_picture(draft, picture, Some(Size::thumbnail(None)), false);
    }
    draft.raw("</blockquote>");
}

pub(super) fn link_preview(draft: &mut Draft<'_>) {
    let Some(preview) = &draft.post.link_preview else { return };
    draft.open("blockquote", "card");
    heading(draft, preview);
    draft.rich(&preview.description);
    if let Some(picture) = &preview.picture
        && offered_picture(draft.post).is_none()
    {
        let is_large = picture.large || picture.ratio.is_some();
        let size = if is_large {
            Size::large(picture.ratio, None)
        } else {
            Some(Size::thumbnail(picture.ratio))
        };
        preview_picture(draft, &picture.file, size, is_large);
    }
    draft.raw("</blockquote>");
}

fn heading(draft: &mut Draft<'_>, preview: &LinkPreview) {
    draft.raw("<p dir=\"auto\">");
    if let (Some(site), Some(_)) = (&preview.site_name, &preview.title) {
        draft.text(site);
        draft.raw("<br>");
    }
    let title = preview.title.as_deref().or(preview.site_name.as_deref());
    draft.raw("<b>");
    draft.maybe_link(Some(&preview.address), title.unwrap_or(preview.address.as_str()));
    draft.raw("</b></p>");
}

fn preview_picture(draft: &mut Draft<'_>, file: &Address, size: Option<Size>, is_large: bool) {
    if !draft.context.shows_files() {
        return;
    }
    let address = draft.preview(file);
    let (class, space) = if is_large { ("wide", WIDE) } else { ("thumb", THUMBNAIL) };
    draft.open("p", class);
    picture(draft, &address, "", size, space);
    draft.raw("</p>");
}

/// Buttons, a paragraph for each row. Buttons without an address talk to a bot and often show a count, so they count as
/// counters.
pub(super) fn buttons(draft: &mut Draft<'_>) {
    for row in &draft.post.buttons {
        let is_shown = |button: &&Button| button.address.is_some() || draft.context.stats;
        let row: Vec<&Button> = row.iter().filter(is_shown).collect();
        if row.is_empty() {
            continue;
        }
        draft.open("p", "buttons");
        for (number, button) in row.into_iter().enumerate() {
            if number > 0 {
                draft.raw(" · ");
            }
            draft.maybe_link(button.address.as_ref(), &button.text);
        }
        draft.raw("</p>");
    }
}
