//! Posts grouped by day.

use super::context::Context;
use super::item::Item;

/// The posts of a day, in the operator's time zone.
pub(super) struct Day {
    /// `7 March 2026`.
    pub(super) heading: String,
    /// `2026-03-07`.
    pub(super) date: String,
    pub(super) items: Vec<Item>,
}

/// Groups consecutive posts of the same day.
pub(super) fn by_day(context: &Context<'_>, items: Vec<Item>) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for item in items {
        let key = item.date.to_string();
        match days.last_mut().filter(|day| day.date == key) {
            Some(day) => day.items.push(item),
            None => {
                let heading = context.words.date(item.date);
                days.push(Day { heading, date: key, items: vec![item] });
            }
        }
    }
    days
}
