//! A strict XML parser that builds a tree.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

#[derive(Debug, Default)]
pub(super) struct Element {
    /// As written, with its prefix.
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Element>,
    /// The text between the children.
    pub(super) text: String,
}

impl Element {
    /// Parses a document and returns its root element.
    pub(super) fn parse(document: &str) -> Self {
        let mut reader = quick_xml::Reader::from_str(document);
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) => open.push(Self::begin(&start)),
                Event::Empty(start) => open.last_mut().unwrap().children.push(Self::begin(&start)),
                Event::End(_) => {
                    let element = open.pop().unwrap();
                    open.last_mut().unwrap().children.push(element);
                }
                Event::Text(text) => open.last_mut().unwrap().text += &text.decode().unwrap(),
                Event::CData(data) => open.last_mut().unwrap().text += &data.decode().unwrap(),
                Event::GeneralRef(reference) => {
                    let name = format!("&{};", reference.decode().unwrap());
                    open.last_mut().unwrap().text += &quick_xml::escape::unescape(&name).unwrap();
                }
                Event::Eof => break,
                _ => {}
            }
        }
        let mut document = open.pop().unwrap();
        assert!(open.is_empty() && document.children.len() == 1, "one root");
        document.children.pop().unwrap()
    }

    fn begin(start: &BytesStart<'_>) -> Self {
        let attribute = |attribute: quick_xml::events::attributes::Attribute<'_>| {
            let name = String::from_utf8(attribute.key.as_ref().to_vec()).unwrap();
            (name, attribute.normalized_value(XmlVersion::default()).unwrap().into_owned())
        };
        Self {
            name: String::from_utf8(start.name().as_ref().to_vec()).unwrap(),
            attributes: start.attributes().map(|found| attribute(found.unwrap())).collect(),
            ..Self::default()
        }
    }

    /// The children with a name.
    pub(super) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Self> + use<'a> {
        let name = name.to_owned();
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The only child with a name. Panics unless there is exactly one.
    pub(super) fn one(&self, name: &str) -> &Self {
        let found: Vec<&Self> = self.all(name).collect();
        assert_eq!(found.len(), 1, "<{name}> in <{}>", self.name);
        found[0]
    }

    /// The only child with a name, if any. Panics if there are two.
    pub(super) fn at_most_one(&self, name: &str) -> Option<&Self> {
        assert!(self.all(name).count() <= 1, "<{name}> in <{}>", self.name);
        self.all(name).next()
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    /// The element and all its descendants.
    pub(super) fn walk(&self) -> Vec<&Self> {
        let mut all = vec![self];
        all.extend(self.children.iter().flat_map(Self::walk));
        all
    }
}
