//! "Customise": a form that builds a feed URL, with a preview of the matching posts.

use super::context::Context;
use crate::locale::Words;
use crate::model::{FeedOptions, Format, Source, options};

/// The offered values of `kind`, with their message keys.
pub(super) const KINDS: [(&str, &str); 7] = [
    ("", "builder-kind.all"),
    ("photo,video,gif,round", "builder-kind.pictures"),
    ("photo", "builder-kind.photo"),
    ("voice,music", "builder-kind.audio"),
    ("file", "builder-kind.file"),
    ("poll", "builder-kind.poll"),
    ("-sticker", "builder-kind.no-sticker"),
];

const PRESENCE: [(&str, &str); 3] =
    [("all", "presence-all"), ("only", "presence-only"), ("none", "presence-none")];

const SWITCH: [(&str, &str); 2] = [("0", "switch-off"), ("1", "switch-on")];

/// Options that pages set through links. On their own they do not open the form.
const LINKED: [&str; 3] = ["tag", "q", "before"];

pub(super) struct Builder {
    /// The form's target: the page itself.
    pub(super) action: String,
    pub(super) is_open: bool,
    /// The search words, which the form preserves.
    pub(super) query: Option<String>,
    pub(super) fields: Vec<Field>,
    pub(super) choices: Vec<Choice>,
    /// The number of posts, empty for the default.
    pub(super) limit: String,
    /// The feed's URL, with the options that differ from the defaults.
    pub(super) address: String,
    /// `12 of the last 50 posts match.`
    pub(super) matches: String,
    /// The first matching posts: title and page.
    pub(super) examples: Vec<(String, String)>,
}

/// An option with a text value.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) value: String,
    pub(super) is_expression: bool,
}

/// An option with a few values.
pub(super) struct Choice {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    /// Value, label, and whether it is selected.
    pub(super) values: Vec<(String, String, bool)>,
}

impl Choice {
    /// The label of the selected value.
    pub(super) fn chosen(&self) -> Option<&str> {
        let mut values = self.values.iter();
        values.find(|(.., is_chosen)| *is_chosen).map(|(_, meaning, _)| meaning.as_str())
    }
}

impl Builder {
    pub(super) fn new(
        context: &Context<'_>,
        source: &Source,
        options: &FeedOptions,
        matches: String,
        examples: Vec<(String, String)>,
    ) -> Self {
        let (words, links) = (context.words, context.links);
        let defaults = links.defaults();
        let field = |name: &'static str, label, is_expression| Field {
            name,
            label,
            value: options.value(name).unwrap_or_default(),
            is_expression,
        };
        let is_changed = |name: &&str| options.value(name) != defaults.value(name);
        let mut others = options::NAMES.iter().filter(|name| !LINKED.contains(name));
        Self {
            is_open: others.any(is_changed),
            query: options.query().map(str::to_owned),
            fields: vec![
                field("include", words.tr("builder-include"), true),
                field("exclude", words.tr("builder-exclude"), true),
                field("tag", words.tr("builder-tag"), false),
            ],
            choices: choices(words, options),
            limit: options.limit().map(|limit| limit.to_string()).unwrap_or_default(),
            address: links.feed_of(source, Format::Rss, options),
            matches,
            examples,
            action: links.page(source, defaults),
        }
    }
}

pub(super) fn choices(words: &'static Words, options: &FeedOptions) -> Vec<Choice> {
    let choice = |name: &'static str, label, values: &[(&str, &str)]| {
        let value = options.value(name).unwrap_or_default();
        let one = |(one, key): &(&str, &str)| {
            ((*one).to_owned(), words.tr(key).to_owned(), *one == value)
        };
        let mut values: Vec<_> = values.iter().map(one).collect();
        // A value that is not offered stays selected.
        if !values.iter().any(|(.., is_chosen)| *is_chosen) {
            values.push((value.clone(), value, true));
        }
        Choice { name, label: words.tr(label), values }
    };
    let shown = FeedOptions::default().media().text();
    vec![
        choice("kind", "builder-kind", &KINDS),
        choice("forwards", "builder-forwards", &PRESENCE),
        choice("replies", "builder-replies", &PRESENCE),
        choice("ads", "builder-ads", &[("all", "builder-ads.all"), ("none", "builder-ads.none")]),
        choice(
            "title",
            "builder-title",
            &[
                ("text", "builder-title.text"),
                ("marked", "builder-title.marked"),
                ("none", "builder-title.none"),
            ],
        ),
        choice(
            "content",
            "builder-content",
            &[("full", "builder-content.full"), ("text", "builder-content.text")],
        ),
        choice(
            "media",
            "builder-media",
            &[(shown, "builder-media.shown"), ("none", "builder-media.none")],
        ),
        choice(
            "link",
            "builder-link",
            &[
                ("telegram", "builder-link.telegram"),
                ("page", "builder-link.page"),
                ("first", "builder-link.first"),
            ],
        ),
        choice("stats", "builder-stats", &SWITCH),
        choice("service", "builder-service", &SWITCH),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::links::{Base, Links};
    use crate::locale::Language;
    use crate::model::ChannelName;
    use crate::web::Settings;

    fn builder(query: &str) -> Builder {
        let links = Links::new(Base::local(), FeedOptions::default());
        let settings = Settings::default();
        let words = Words::of(Language::English);
        let context = Context { words, links: &links, settings: &settings };
        let source = Source::channel(ChannelName::parse("tearoad").unwrap());
        let options = FeedOptions::parse(query, links.defaults()).unwrap();
        Builder::new(&context, &source, &options, String::new(), Vec::new())
    }

    #[test]
    fn feed_form_shows_options_of_current_url() {
        for (query, name, value) in [
            ("", "kind", ""),
            ("kind=photo", "kind", "photo"),
            ("kind=contact,location", "kind", "location,contact"),
            ("forwards=none", "forwards", "none"),
            ("stats=1", "stats", "1"),
            ("", "title", "text"),
        ] {
            let form = builder(query);
            let choice = form.choices.iter().find(|choice| choice.name == name).unwrap();
            let chosen: Vec<&str> = choice
                .values
                .iter()
                .filter(|(.., is_chosen)| *is_chosen)
                .map(|(value, ..)| value.as_str())
                .collect();
            assert_eq!(chosen, [value], "{query}");
        }
        let form = builder("exclude=promo&limit=7&q=tea");
        assert_eq!(form.fields[1].value, "promo");
        assert_eq!((form.limit.as_str(), form.query.as_deref()), ("7", Some("tea")));
    }

    #[test]
    fn feed_form_stays_closed_for_tag_or_page_alone() {
        for (query, is_open) in
            [("", false), ("tag=tea&before=5", false), ("exclude=x", true), ("limit=5", true)]
        {
            assert_eq!(builder(query).is_open, is_open, "{query}");
        }
    }
}
