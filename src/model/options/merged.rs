//! The options of a feed of several channels: those of one, with a `before` of its own.

use super::{BadOption, FeedOptions};
use crate::model::cursor::Cursor;

/// What a feed of several channels is asked to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct MergedOptions {
    /// Where the page before this one ended; none for the first.
    pub before: Option<Cursor>,
    /// Everything else; its own `before` is none.
    pub options: FeedOptions,
}

impl MergedOptions {
    /// The query of an address, without `?`, as [`FeedOptions::parse`] reads it but for `before`.
    ///
    /// # Errors
    /// [`BadOption`] names the first option that is unknown, given twice or has a value that it does not take.
    pub fn parse(query: &str, defaults: &FeedOptions) -> Result<Self, BadOption> {
        let mut before = None;
        let mut rest = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if name != "before" {
                rest.append_pair(&name, &value);
            } else if before.is_some() {
                return Err(BadOption::Twice { option: name.into_owned() });
            } else {
                let value = value.trim();
                before = Some(if value.is_empty() { None } else { Some(Cursor::parse(value)?) });
            }
        }
        let options = FeedOptions::parse(&rest.finish(), defaults)?;
        Ok(Self { before: before.flatten(), options })
    }

    /// Whether the feed goes no further back than each channel's first answer ([`FeedOptions::has_floor`]).
    pub fn has_floor(&self) -> bool {
        self.before.is_none() && self.options.has_floor()
    }

    /// The same for another page.
    pub fn with_before(&self, before: Option<Cursor>) -> Self {
        Self { before, options: self.options.clone() }
    }

    /// The normal form: a query without `?`.
    pub fn to_query(&self, defaults: &FeedOptions) -> String {
        let mut query = self.options.to_query(defaults);
        if let Some(before) = &self.before {
            let and = if query.is_empty() { "" } else { "&" };
            query.push_str(and);
            query.push_str("before=");
            query.push_str(&before.to_text());
        }
        query
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_those_of_one_channel_but_for_the_page() {
        let defaults = FeedOptions::default();
        let parse = |query: &str| MergedOptions::parse(query, &defaults);
        let options = parse("before=tea.5%2Csea.6&tag=%D1%87%D0%B0%D0%B9&limit=5&_=1").unwrap();
        assert_eq!(
            options.to_query(&defaults),
            "tag=%D1%87%D0%B0%D0%B9&limit=5&before=sea.6,tea.5"
        );
        assert_eq!(options.options.before(), None);
        assert_eq!(parse(&options.to_query(&defaults)), Ok(options));
        assert_eq!(parse("before=").unwrap(), MergedOptions::default());
        assert_eq!(parse("").unwrap().to_query(&defaults), "");
        for bad in ["before=5", "limt=5", "before=tea.1&before=tea.1", "tag=x&tag=y", "limit=0"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        let many = "a=1&".repeat(70);
        assert!(parse(&many).is_err());
    }
}
