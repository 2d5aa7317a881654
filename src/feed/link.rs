//! The link of an item.

use crate::links::{self, Links};
use crate::model::options::LinkTarget;
use crate::model::{Post, TELEGRAM_HOSTS};
use crate::text::{Address, Spoilers};

pub(super) fn target(post: &Post, target: LinkTarget, links: &Links) -> String {
    let outside = match target {
        LinkTarget::Page => return links.post(&post.channel, post.id),
        // Not the link preview: it may arrive late, and the text links to its page anyway.
        LinkTarget::First => post.addresses(Spoilers::Mask).find(|address| is_outside(address)),
        LinkTarget::Telegram => None,
    };
    match outside {
        Some(address) => address.to_string(),
        None => links::telegram_post(&post.channel, post.id),
    }
}

fn is_outside(address: &Address) -> bool {
    let url = if address.is_web() { address.to_url() } else { None };
    let Some(host) = url.as_ref().and_then(url::Url::host_str) else { return false };
    !TELEGRAM_HOSTS.iter().any(|domain| {
        host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::sample;
    use crate::model::Button;
    use crate::text::{Builder, Span};

    #[test]
    fn item_link_follows_link_option() {
        let links = sample::links();
        let linking = |addresses: &[&str]| {
            let mut builder = Builder::new();
            for address in addresses {
                builder.open(Span::Link(Address::parse(address).unwrap()));
                builder.text("here ");
                builder.close();
            }
            let mut post = sample::text(7, "");
            post.text = builder.finish();
            post
        };
        let post = linking(&[
            "https://t.me/durov",
            "https://tearoad.t.me/4",
            "mailto:a@b.example",
            "https://nott.me/x",
            "https://tea.example/",
        ]);
        assert_eq!(target(&post, LinkTarget::Telegram, &links), "https://t.me/TeaRoad/7");
        assert_eq!(target(&post, LinkTarget::Page, &links), "https://feeds.example/TeaRoad/7");
        assert_eq!(target(&post, LinkTarget::First, &links), "https://nott.me/x");
        let mut inside = linking(&["https://t.me/durov"]);
        assert_eq!(target(&inside, LinkTarget::First, &links), "https://t.me/TeaRoad/7");
        inside.buttons = vec![vec![Button {
            text: "Shop".into(),
            address: Address::parse("https://shop.example/tea"),
        }]];
        assert_eq!(target(&inside, LinkTarget::First, &links), "https://shop.example/tea");
    }
}
