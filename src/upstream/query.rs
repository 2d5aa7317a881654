//! The paths of requests to Telegram's hosts, and the targets of redirects.

use url::Url;
use url::form_urlencoded::byte_serialize;

use crate::model::{ChannelName, MessageId, Target};

/// The requested posts of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Query {
    Newest,
    /// The posts before this message.
    Before(MessageId),
    /// The posts next to and after this message.
    After(MessageId),
    /// The results of Telegram's own search.
    Words(String),
}

pub(super) fn list_path(channel: &ChannelName, query: &Query) -> String {
    match query {
        Query::Newest => format!("/s/{channel}"),
        Query::Before(id) => format!("/s/{channel}?before={id}"),
        Query::After(id) => format!("/s/{channel}?after={id}"),
        Query::Words(words) => {
            format!("/s/{channel}?q={}", byte_serialize(words.as_bytes()).collect::<String>())
        }
    }
}

pub(super) fn landing_path(channel: &ChannelName) -> String {
    format!("/{channel}")
}

pub(super) fn embed_path(channel: &ChannelName, id: MessageId) -> String {
    format!("/{channel}/{id}?embed=1&mode=tme")
}

/// The channel name in a redirect to one of `hosts` or to Telegram's own; `None` for another target.
///
/// SECURITY: a redirect to a foreign host -> only the name is taken from it, and requested from the configured hosts.
pub(super) fn redirected_to(location: &Url, hosts: &[Url]) -> Option<ChannelName> {
    if hosts.iter().any(|host| host.origin() == location.origin()) {
        let mut segments = location.path_segments()?.filter(|segment| !segment.is_empty());
        let first = segments.next()?;
        let name = if first == "s" { segments.next()? } else { first };
        return ChannelName::parse(name).ok();
    }
    Target::parse(location.as_str()).ok().map(|target| target.channel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_is_a_path() {
        let channel = ChannelName::parse("Example").unwrap();
        let id = MessageId::new(17).unwrap();
        for (query, path) in [
            (Query::Newest, "/s/Example"),
            (Query::Before(id), "/s/Example?before=17"),
            (Query::After(id), "/s/Example?after=17"),
            (
                Query::Words("море & a=b#c".to_owned()),
                "/s/Example?q=%D0%BC%D0%BE%D1%80%D0%B5+%26+a%3Db%23c",
            ),
        ] {
            assert_eq!(list_path(&channel, &query), path);
        }
        assert_eq!(landing_path(&channel), "/Example");
        assert_eq!(embed_path(&channel, id), "/Example/17?embed=1&mode=tme");
    }

    #[test]
    fn redirect_leads_to_a_name_or_nowhere() {
        let hosts = ["https://t.me".parse().unwrap(), "http://127.0.0.1:8000".parse().unwrap()];
        for (location, name) in [
            ("https://t.me/example", Some("example")),
            ("https://t.me/s/example", Some("example")),
            ("https://telegram.me/s/example?before=3", Some("example")),
            ("http://127.0.0.1:8000/s/example", Some("example")),
            ("http://127.0.0.1:8000/example/7", Some("example")),
            ("http://127.0.0.1:9000/s/example", None),
            ("http://127.0.0.1:8000/s/", None),
            ("https://telegram.org/", None),
            ("https://example.com/s/example", None),
            ("https://t.me.example.com/s/example", None),
            ("https://t.me/", None),
        ] {
            let found = redirected_to(&location.parse().unwrap(), &hosts);
            assert_eq!(found.as_ref().map(ChannelName::as_str), name, "{location}");
        }
    }
}
