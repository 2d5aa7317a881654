//! Where an item's link leads.

use crate::links::{self, Links};
use crate::model::Post;
use crate::model::options::LinkTarget;
use crate::text::{Address, Spoilers};

/// Hosts whose pages are Telegram's own views of channels and posts.
const TELEGRAM: [&str; 3] = ["t.me", "telegram.me", "telegram.dog"];

/// The address of a post, by `link`.
pub(super) fn target(post: &Post, target: LinkTarget, links: &Links) -> String {
    let at_telegram = || links::telegram_post(&post.channel, post.id);
    match target {
        LinkTarget::Telegram => at_telegram(),
        LinkTarget::Page => links.post(&post.channel, post.id),
        LinkTarget::First => first_outside(post).map_or_else(at_telegram, ToString::to_string),
    }
}

/// The first page outside Telegram to which the author links openly, in the text, in captions, in buttons.
///
/// A link preview is not looked at: it shows a page that the text links to, and may come late.
fn first_outside(post: &Post) -> Option<&Address> {
    let captions = post.documents.iter().map(|document| &document.caption);
    let texts = std::iter::once(&post.text).chain(captions);
    let texts = texts.flat_map(|text| text.addresses(Spoilers::Mask));
    let buttons = post.buttons.iter().flatten().filter_map(|button| button.address.as_ref());
    texts.chain(buttons).find(|address| is_outside(address))
}

fn is_outside(address: &Address) -> bool {
    let url = if address.is_web() { address.to_url() } else { None };
    let host = url.as_ref().and_then(url::Url::host_str);
    host.is_some_and(|host| {
        !TELEGRAM.iter().any(|ours| {
            host.strip_suffix(ours).is_some_and(|before| before.is_empty() || before.ends_with('.'))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::sample;
    use crate::model::Button;
    use crate::text::{Builder, Span};

    #[test]
    fn an_items_link_leads_where_it_is_asked_to() {
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
