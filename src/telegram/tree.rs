//! Walking and reading the tree that the HTML parser gives.
//!
//! Nothing here knows what Telegram's classes mean. No walk recurses: the depth of a page is its author's choice.

use scraper::{ElementRef, Node};

/// The longest list of class names that is looked at, in bytes: Telegram's stay below 200.
const LONGEST_CLASSES: usize = 1024;

/// The most class names of an element that are looked at: Telegram's have up to eight.
const MOST_CLASSES: usize = 32;

/// What a walk meets.
pub(super) enum Event<'a> {
    /// An element begins.
    Open(ElementRef<'a>),
    /// Characters.
    Text(&'a str),
    /// An element that was stepped into ends.
    Close,
}

/// What to do with an element that begins. Ignored for other events, but for the last.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Its children come next.
    Into,
    /// Its children are passed over.
    Over,
    /// Nothing more is looked at; for every event.
    End,
}

/// Shows everything inside an element, in the order of the document.
pub(super) fn walk<'a>(root: ElementRef<'a>, mut see: impl FnMut(Event<'a>) -> Step) {
    let mut next = root.first_child();
    while let Some(node) = next {
        let step = match node.value() {
            Node::Element(_) => match ElementRef::wrap(node) {
                Some(element) => see(Event::Open(element)),
                None => Step::Over,
            },
            Node::Text(text) => see(Event::Text(text)),
            _ => Step::Over,
        };
        if step == Step::End {
            return;
        }
        let child = if step == Step::Into { node.first_child() } else { None };
        if child.is_some() {
            next = child;
            continue;
        }
        if step == Step::Into && node.value().is_element() {
            see(Event::Close);
        }
        next = node.next_sibling();
        let mut parent = node.parent();
        while next.is_none()
            && let Some(up) = parent
            && up.id() != root.id()
        {
            see(Event::Close);
            next = up.next_sibling();
            parent = up.parent();
        }
    }
}

/// An attribute's value.
///
/// scraper's own look-up interns the name at each call, which costs more than comparing the few there are.
pub(super) fn attribute<'a>(element: ElementRef<'a>, name: &str) -> Option<&'a str> {
    element.value().attrs().find_map(|(known, value)| (known == name).then_some(value))
}

/// The class names.
///
/// SECURITY: a list with a class a hundred thousand times -> what the class stands for would be read as often; such lists
/// are no lists, and only [`MOST_CLASSES`] are looked at.
pub(super) fn classes<'a>(element: ElementRef<'a>) -> impl Iterator<Item = &'a str> {
    let list = attribute(element, "class").filter(|list| list.len() <= LONGEST_CLASSES);
    list.unwrap_or_default().split_ascii_whitespace().take(MOST_CLASSES)
}

/// Whether an element carries a class.
pub(super) fn has_class(element: ElementRef<'_>, class: &str) -> bool {
    classes(element).any(|known| known == class)
}

/// The first element inside with a class, in the order of the document.
pub(super) fn find<'a>(root: ElementRef<'a>, class: &str) -> Option<ElementRef<'a>> {
    root.descendent_elements().skip(1).find(|element| has_class(*element, class))
}

/// The first element inside with a name.
pub(super) fn find_element<'a>(root: ElementRef<'a>, name: &str) -> Option<ElementRef<'a>> {
    root.descendent_elements().skip(1).find(|element| element.value().name() == name)
}

/// The element's parent, if that is an element.
pub(super) fn parent(element: ElementRef<'_>) -> Option<ElementRef<'_>> {
    element.parent().and_then(ElementRef::wrap)
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    #[test]
    fn a_walk_opens_and_closes_in_order_and_passes_over_what_it_is_told_to() {
        let html = Html::parse_document("<p>a<b>b<i></i></b><u>c<s>d</s></u>e</p>f");
        let mut seen = String::new();
        walk(html.root_element(), |event| {
            match event {
                Event::Open(element) => {
                    seen.push_str(&format!("({}:", element.value().name()));
                    if element.value().name() == "u" {
                        return Step::Over;
                    }
                }
                Event::Text(text) => seen.push_str(text),
                Event::Close => seen.push(')'),
            }
            Step::Into
        });
        assert_eq!(seen, "(head:)(body:(p:a(b:b(i:))(u:e)f)");
    }

    #[test]
    fn a_walk_ends_when_it_is_told_to() {
        let html = Html::parse_document("<p>a<b>b</b>c</p>d");
        let mut seen = String::new();
        walk(html.root_element(), |event| match event {
            Event::Text(text) => {
                seen.push_str(text);
                if text == "b" { Step::End } else { Step::Into }
            }
            _ => Step::Into,
        });
        assert_eq!(seen, "ab");
    }

    #[test]
    fn a_list_of_classes_is_bounded() {
        let count = |list: &str| {
            let html = Html::parse_document(&format!("<p class=\"{list}\">"));
            classes(find_element(html.root_element(), "p").unwrap()).count()
        };
        assert_eq!(count("a b\n c"), 3);
        assert_eq!(count(&"a ".repeat(100)), MOST_CLASSES);
        assert_eq!(count(&"a ".repeat(1000)), 0);
    }

    #[test]
    fn a_deep_tree_is_walked_without_recursion() {
        let html = Html::parse_document(&"<div>".repeat(5_000));
        let mut opened = 0;
        let mut closed = 0;
        walk(html.root_element(), |event| {
            match event {
                Event::Open(_) => opened += 1,
                Event::Close => closed += 1,
                Event::Text(_) => {}
            }
            Step::Into
        });
        assert_eq!((opened, closed), (5_002, 5_002));
    }
}
