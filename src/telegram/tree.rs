//! Walks and reads html5ever's tree. Walks do not recurse: the author of a page decides its depth.

use html5ever::local_name;
use scraper::{ElementRef, Node};

/// Longest `class` attribute that is read, in bytes. Telegram's have less than 200.
const MAX_CLASS_BYTES: usize = 1024;

/// Class names of an element that are read. Telegram's elements have up to eight.
const MAX_CLASSES: usize = 32;

pub(super) enum Event<'a> {
    Open(ElementRef<'a>),
    Text(&'a str),
    /// The end of an element that was stepped into.
    Close,
}

/// How a walk goes on. `Into` and `Over` matter for [`Event::Open`] only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Visit the children.
    Into,
    /// Skip the children.
    Over,
    End,
}

/// Visits everything inside an element, in document order.
pub(super) fn walk<'a>(root: ElementRef<'a>, mut visit: impl FnMut(Event<'a>) -> Step) {
    let mut next = root.first_child();
    while let Some(node) = next {
        let step = match node.value() {
            Node::Element(_) => match ElementRef::wrap(node) {
                Some(element) => visit(Event::Open(element)),
                None => Step::Over,
            },
            Node::Text(text) => visit(Event::Text(text)),
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
            visit(Event::Close);
        }
        next = node.next_sibling();
        let mut parent = node.parent();
        while next.is_none()
            && let Some(up) = parent
            && up.id() != root.id()
        {
            visit(Event::Close);
            next = up.next_sibling();
            parent = up.parent();
        }
    }
}

/// The value of an attribute. scraper's own lookup interns the name at each call, which is slower than comparing all.
pub(super) fn attribute<'a>(element: ElementRef<'a>, name: &str) -> Option<&'a str> {
    element.value().attrs().find_map(|(other, value)| (other == name).then_some(value))
}

/// The class names of an element.
///
/// SECURITY: a class listed a hundred thousand times, each time read with all its content -> limits.
pub(super) fn classes<'a>(element: ElementRef<'a>) -> impl Iterator<Item = &'a str> {
    let mut attributes = element.value().attrs.iter();
    let list = attributes.find(|(name, _)| name.local == local_name!("class"));
    let list = list.map(|(_, list)| &**list).filter(|list| list.len() <= MAX_CLASS_BYTES);
    list.unwrap_or_default().split_ascii_whitespace().take(MAX_CLASSES)
}

pub(super) fn has_class(element: ElementRef<'_>, class: &str) -> bool {
    classes(element).any(|other| other == class)
}

/// All elements inside, in document order.
pub(super) fn inside<'a>(root: ElementRef<'a>) -> impl Iterator<Item = ElementRef<'a>> {
    root.descendent_elements().skip(1)
}

/// The first element inside with a class.
pub(super) fn find<'a>(root: ElementRef<'a>, class: &str) -> Option<ElementRef<'a>> {
    inside(root).find(|element| has_class(*element, class))
}

/// The first element inside with a tag name.
pub(super) fn find_element<'a>(root: ElementRef<'a>, name: &str) -> Option<ElementRef<'a>> {
    inside(root).find(|element| element.value().name() == name)
}

pub(super) fn parent(element: ElementRef<'_>) -> Option<ElementRef<'_>> {
    element.parent().and_then(ElementRef::wrap)
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    #[test]
    fn tree_walk_visits_nodes_in_order_and_skips_on_request() {
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
    fn tree_walk_stops_on_request() {
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
    fn class_list_is_bounded() {
        let count = |list: &str| {
            let html = Html::parse_document(&format!("<p class=\"{list}\">"));
            classes(find_element(html.root_element(), "p").unwrap()).count()
        };
        assert_eq!(count("a b\n c"), 3);
        assert_eq!(count(&"a ".repeat(100)), MAX_CLASSES);
        assert_eq!(count(&"a ".repeat(1000)), 0);
    }

    #[test]
    fn tree_walk_of_deep_page_does_not_recurse() {
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
