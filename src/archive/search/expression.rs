//! A query in the database's own language.
//!
//! SECURITY: operators of that language in a stranger's words -> every word is folded to letters and digits (`token`), and
//! stands in quotation marks here besides.

use std::fmt::Write as _;

use super::beginning::Plan;
use super::find::Places;
use super::query::{Part, Term};

/// The token by which posts of a channel are found in the column of places, given the channel's number.
#[must_use]
pub fn place(channel: i64) -> String {
    format!("c{channel}")
}

/// What follows `MATCH`; `None` when nothing is there that a post must hold.
pub(super) fn build(plan: &Plan<'_>, places: &Places) -> Option<String> {
    let mut held = Vec::new();
    if !plan.wanted.is_empty() {
        held.push(format!("(words : ({}))", terms(&plan.wanted, " AND ")));
    }
    if let Some(within) = &places.within {
        held.push(format!("(place : ({}))", any_of(within)));
    }
    if held.is_empty() {
        return None;
    }
    let mut expression = held.join(" AND ");
    if !plan.unwanted.is_empty() {
        expression = format!("({expression}) NOT (words : ({}))", terms(&plan.unwanted, " OR "));
    }
    if !places.without.is_empty() {
        expression = format!("({expression}) NOT (place : ({}))", any_of(&places.without));
    }
    Some(expression)
}

fn any_of(channels: &[i64]) -> String {
    let places: Vec<String> =
        channels.iter().map(|channel| format!("\"{}\"", place(*channel))).collect();
    places.join(" OR ")
}

fn terms(terms: &[Term], between: &str) -> String {
    let mut expression = String::new();
    for (number, term) in terms.iter().enumerate() {
        if number > 0 {
            expression.push_str(between);
        }
        write_term(term, &mut expression);
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
    use super::super::query::Query;
    use super::*;

    #[test]
    fn a_query_becomes_an_expression_of_quoted_words() {
        for (text, within, without, expression) in [
            ("\"green tea\"", None, &[][..], r##"(words : (("green tea")))"##),
            ("2026 #Tea", None, &[], r##"(words : (("2026") AND "#tea"))"##),
            (
                "茶",
                Some(&[1, 22][..]),
                &[],
                r##"(words : (("茶"))) AND (place : ("c1" OR "c22"))"##,
            ),
            ("35 -36 -#x", None, &[], r##"((words : (("35")))) NOT (words : (("36") OR "#x"))"##),
            ("35", None, &[4], r##"((words : (("35")))) NOT (place : ("c4"))"##),
            ("don't", None, &[], r##"(words : (("don t" OR "dont")))"##),
            ("чай", None, &[], r##"(words : ((("чай" OR "ru·ча" OR "uk·ча"))))"##),
        ] {
            let places = Places { within: within.map(<[i64]>::to_vec), without: without.to_vec() };
            let query = Query::parse(text).unwrap();
            assert_eq!(build(&Plan::exact(&query), &places).unwrap(), expression);
        }
    }
}
