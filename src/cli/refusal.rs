//! Refusals in the terminal. Other than the pages, the terminal names hosts, causes and settings.

use crate::upstream::{NetworkError, Refusal};
use crate::web::refusal_message;

/// The reason and advice, in one line.
pub(super) fn full(refusal: &Refusal) -> String {
    format!("{}: {}", title(refusal), detail(refusal))
}

/// The reason in a few words, as on pages.
pub(super) fn title(refusal: &Refusal) -> String {
    refusal_message(refusal).to_string()
}

/// The cause and advice.
pub(super) fn detail(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Unreachable(error) => {
            let advice = match error {
                NetworkError::Network { proxied: true, .. } => {
                    "Check that the proxies of upstream.proxies run and may connect to it."
                }
                NetworkError::Network { proxied: false, .. } => {
                    "Check the network of this machine, or set upstream.proxies."
                }
                NetworkError::Status(_) | NetworkError::Truncated => {
                    "This usually passes: try again in a minute."
                }
            };
            format!("{error}. {advice}")
        }
        Refusal::MarkupChanged(page) => format!(
            "Telegram responds, but {page}. Try again later; if the error persists, a newer version of feedline may be needed."
        ),
        other => refusal_message(other).detail().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{detail, full};
    use crate::service::{Cause, UnexpectedPage};
    use crate::upstream::{NetworkError, Refusal};
    use crate::web::refusal_message;

    #[test]
    fn hosts_and_settings_are_for_operators_only() {
        let network = |cause, proxied| {
            Refusal::Unreachable(NetworkError::Network { host: "t.me".to_owned(), cause, proxied })
        };
        let refused = network(Cause::Refused, false);
        let text = full(&refused);
        assert!(text.contains("t.me cannot be reached: the connection is refused. "), "{text}");
        assert!(text.ends_with("or set upstream.proxies."), "{text}");
        let proxied = detail(&network(Cause::Proxy, true));
        assert!(proxied.contains("the proxies of upstream.proxies run"), "{proxied}");
        assert!(!proxied.contains("set upstream"), "{proxied}");
        let down = Refusal::Unreachable(NetworkError::Status(502));
        assert!(!full(&down).contains("upstream"));
        for refusal in
            [refused, Refusal::MarkupChanged(UnexpectedPage::TooLarge { limit: 4 << 20 })]
        {
            let public = refusal_message(&refusal).detail().to_string();
            assert!(!public.contains("upstream") && !public.contains("bytes"), "{public}");
        }
    }
}
