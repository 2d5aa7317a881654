//! Numbers with what they count, in Russian.

use std::time::Duration;

use bytesize::ByteSize;

/// `2 канала`.
pub(super) fn counted(number: i64, forms: [&'static str; 3]) -> String {
    format!("{number} {}", form(number, forms))
}

/// Which of the three forms goes with a number.
pub(super) fn form(number: i64, forms: [&'static str; 3]) -> &'static str {
    match (number % 10, number % 100) {
        (_, 11..=14) => forms[2],
        (1, _) => forms[0],
        (2..=4, _) => forms[1],
        _ => forms[2],
    }
}

/// `40 с`, `1 мин 26 с`, `2 ч 5 мин`: of hours, begun minutes count.
pub(super) fn pause(pause: Duration) -> String {
    let seconds = pause.as_secs().max(1);
    let (large, small) = match seconds {
        ..60 => return format!("{seconds} с"),
        60..3600 => ((seconds / 60, "мин"), (seconds % 60, "с")),
        _ => {
            let minutes = seconds.div_ceil(60);
            ((minutes / 60, "ч"), (minutes % 60, "мин"))
        }
    };
    match (large, small) {
        ((number, unit), (0, _)) => format!("{number} {unit}"),
        ((number, unit), (rest, of_rest)) => format!("{number} {unit} {rest} {of_rest}"),
    }
}

/// `220 КиБ`, `1,5 МиБ`.
pub(super) fn size(size: ByteSize) -> String {
    let shown = size.to_string().replace(".0 ", " ").replace('.', ",");
    match shown.strip_suffix("iB") {
        Some(rest) => {
            let (number, unit) = rest.split_at(rest.len().saturating_sub(1));
            let unit = match unit {
                "K" => "К",
                "M" => "М",
                "G" => "Г",
                "T" => "Т",
                _ => return shown,
            };
            format!("{number}{unit}иБ")
        }
        None => shown.replace('B', "Б"),
    }
}
