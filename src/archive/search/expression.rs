//! A query in the database's own language.
//!
//! SECURITY: operators of that language in a stranger's words -> every word is folded to letters and digits (`token`), and
//! stands in quotation marks here besides.

use std::fmt::Write as _;

use super::query::{Part, Query, Term};

/// The token by which posts of a channel are found in the column of places, given the channel's number.
#[must_use]
pub fn place(channel: i64) -> String {
    format!("c{channel}")
}

/// What follows `MATCH`. With `channels`, posts of these alone; of no channels at all there are no posts, and nothing to
/// ask.
pub(super) fn build(query: &Query, channels: Option<&[i64]>) -> String {
    let mut expression = String::from("(words : (");
    for (number, term) in query.wanted().iter().enumerate() {
        if number > 0 {
            expression.push_str(" AND ");
        }
        write_term(term, &mut expression);
    }
    expression.push_str("))");
    if let Some(channels) = channels {
        let places: Vec<String> =
            channels.iter().map(|channel| format!("\"{}\"", place(*channel))).collect();
        let _ = write!(expression, " AND (place : ({}))", places.join(" OR "));
    }
    if !query.unwanted().is_empty() {
        expression = format!("({expression}) NOT (words : (");
        for (number, term) in query.unwanted().iter().enumerate() {
            if number > 0 {
                expression.push_str(" OR ");
            }
            write_term(term, &mut expression);
        }
        expression.push_str("))");
    }
    expression
}

fn write_term(term: &Term, expression: &mut String) {
    match term {
        Term::Word(parts) => {
            for (number, part) in parts.iter().enumerate() {
                expression.push_str(if number == 0 { "(" } else { " AND " });
                write_part(part, expression);
            }
            expression.push(')');
        }
        Term::Phrase { words, is_beginning, whole } => {
            let star = if *is_beginning { " *" } else { "" };
            let _ = write!(expression, "(\"{}\"{star}", words.join(" "));
            if let Some(whole) = whole {
                let _ = write!(expression, " OR \"{whole}\"");
            }
            expression.push(')');
        }
        Term::Hashtag(tag) => {
            let _ = write!(expression, "\"#{tag}\"");
        }
    }
}

fn write_part(part: &Part, expression: &mut String) {
    let star = if part.is_beginning { " *" } else { "" };
    let _ = write!(expression, "(\"{}\"{star}", part.word);
    for stem in &part.stems {
        let _ = write!(expression, " OR \"{stem}\"");
    }
    expression.push(')');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_becomes_an_expression_of_quoted_words() {
        for (text, channels, expression) in [
            ("\"green tea\"", None, r##"(words : (("green tea")))"##),
            ("2026 #Tea", None, r##"(words : (("2026") AND "#tea"))"##),
            ("茶", Some(&[1, 22][..]), r##"(words : (("茶" *))) AND (place : ("c1" OR "c22"))"##),
            ("35 -36 -#x", None, r##"((words : (("35")))) NOT (words : (("36") OR "#x"))"##),
            ("don't", None, r##"(words : (("don t" OR "dont")))"##),
            ("чай", None, r##"(words : ((("чай" OR "ru·ча" OR "uk·ча"))))"##),
        ] {
            assert_eq!(build(&Query::parse(text).unwrap(), channels), expression);
        }
    }
}
