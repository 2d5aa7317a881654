//! Numbers with what they count, in English.

use std::fmt::Display;

/// `1 post`, `2 posts`, `12.4K posts`: a number, or how Telegram writes one, with a noun whose plural ends in `s`.
pub fn counted(number: impl Display, noun: &str) -> String {
    let number = number.to_string();
    let ending = if number == "1" { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn one_is_singular_and_everything_else_plural() {
        assert_eq!(counted(1, "post"), "1 post");
        for (number, expected) in
            [("0", "0 posts"), ("2", "2 posts"), ("11", "11 posts"), ("1.1K", "1.1K posts")]
        {
            assert_eq!(counted(number, "post"), expected);
        }
    }
}
