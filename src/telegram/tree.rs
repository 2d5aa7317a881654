//! Walking and reading the tree that the HTML parser gives.
//!
//! Nothing here knows what Telegram's classes mean. No walk recurses: the depth of a page is its author's choice.

use scraper::{ElementRef, Node};

/// What a walk meets.
pub(super) enum Event<'a> {
    /// An element begins.
    Open(ElementRef<'a>),
    /// Characters.
    Text(&'a str),
    /// An element that was stepped into ends.
    Close,
}

/// What to do with an element that begins. Ignored for other events.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Its children come next.
    Into,
    /// Its children are passed over.
    Over,
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
pub(super) fn classes<'a>(element: ElementRef<'a>) -> impl Iterator<Item = &'a str> {
    attribute(element, "class").unwrap_or_default().split_ascii_whitespace()
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
