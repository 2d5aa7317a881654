//! Numbers and sizes as Telegram's pages write them. The arguments are references because templates pass references.

/// The first letters of the first words.
pub(super) fn initials(title: &str, count: usize) -> String {
    title
        .split_whitespace()
        .filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()))
        .take(count)
        .collect()
}

/// `992`, `1.69K`, `12.4K`, `11.1M`.
pub(super) fn short(number: &u64) -> String {
    let (value, unit) = match *number {
        0..1_000 => return number.to_string(),
        1_000..1_000_000 => (*number as f64 / 1e3, "K"),
        _ => (*number as f64 / 1e6, "M"),
    };
    let digits = if value < 10.0 { 2 } else { 1 };
    format!("{}{unit}", trim_decimal(&format!("{value:.digits$}")))
}

pub(super) fn plural(number: &u64) -> &'static str {
    if *number == 1 { "" } else { "s" }
}

/// `11 110 268`, on landing pages.
pub(super) fn grouped(number: &u64) -> String {
    let mut out = number.to_string();
    for at in (1..out.len()).rev().skip(2).step_by(3) {
        out.insert(at, ' ');
    }
    out
}

/// `0:06`, `1:02:05`.
pub(super) fn duration(seconds: &u32) -> String {
    let seconds = *seconds;
    if seconds >= 3600 {
        return format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// `56.25%`: the height as a share of the width.
pub(super) fn padding((width, height): &(u32, u32)) -> String {
    let share = f64::from(*height) * 100.0 / f64::from((*width).max(1));
    format!("{}%", trim_decimal(&format!("{share:.6}")))
}

/// `1.3333333333333`: the width as a multiple of the height.
pub(super) fn ratio((width, height): &(u32, u32)) -> String {
    let ratio = f64::from(*width) / f64::from((*height).max(1));
    trim_decimal(&format!("{ratio:.13}")).to_owned()
}

pub(super) fn trim_decimal(text: &str) -> &str {
    text.trim_end_matches('0').trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::{duration, grouped, initials, padding, ratio, short};

    #[test]
    fn counters_are_abbreviated_like_telegram() {
        for (number, text) in [
            (2, "2"),
            (992, "992"),
            (1_000, "1K"),
            (1_110, "1.11K"),
            (1_700, "1.7K"),
            (12_400, "12.4K"),
            (436_600, "436.6K"),
            (3_420_000, "3.42M"),
            (11_110_268, "11.1M"),
        ] {
            assert_eq!(short(&number), text);
        }
    }

    #[test]
    fn numbers_are_grouped_with_spaces() {
        for (number, text) in [(7, "7"), (16_674, "16 674"), (11_110_268, "11 110 268")] {
            assert_eq!(grouped(&number), text);
        }
    }

    #[test]
    fn initials_replace_missing_photo_in_any_script() {
        assert_eq!(initials("Tidewater Light", 2), "TL");
        assert_eq!(initials("🌒 Клуб", 2), "К");
        assert_eq!(initials("茶与单车", 2), "茶");
    }

    #[test]
    fn sizes_are_formatted_like_telegram() {
        assert_eq!(padding(&(800, 450)), "56.25%");
        assert_eq!(padding(&(640, 640)), "100%");
        assert_eq!(ratio(&(4, 3)), "1.3333333333333");
        assert_eq!(ratio(&(640, 640)), "1");
        assert_eq!((duration(&6), duration(&3_725)), ("0:06".to_owned(), "1:02:05".to_owned()));
    }
}
