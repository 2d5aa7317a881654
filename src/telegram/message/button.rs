//! Buttons under a message, which stand beside its bubble.

use scraper::ElementRef;

use super::{MOST_PARTS, line};
use crate::model::Button;
use crate::telegram::address;
use crate::telegram::selectors as class;
use crate::telegram::tree::{Event, Step, has_class, walk};
use crate::text::is_blank;

/// The buttons row by row. Those that talk to a bot link to the post itself, which helps nobody: they keep no address.
pub(super) fn parse(keyboard: ElementRef<'_>) -> Vec<Vec<Button>> {
    let mut rows: Vec<Vec<Button>> = Vec::new();
    let mut count = 0;
    walk(keyboard, |event| {
        let Event::Open(element) = event else { return Step::Into };
        if has_class(element, class::KEYBOARD_ROW) {
            rows.push(Vec::new());
            return Step::Into;
        }
        if !has_class(element, class::BUTTON) {
            return Step::Into;
        }
        let text = line(element);
        count += 1;
        if !is_blank(&text) && count <= MOST_PARTS {
            let leads_out = has_class(element, class::URL_BUTTON);
            let address = leads_out.then(|| address::of_link(element)).flatten();
            match rows.last_mut() {
                Some(row) => row.push(Button { text, address }),
                None => rows.push(vec![Button { text, address }]),
            }
        }
        Step::Over
    });
    rows.retain(|row| !row.is_empty());
    rows
}
