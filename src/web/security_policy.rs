//! What pages may load and do: their content security policy (W3C CSP 3).

use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use http::{HeaderMap, HeaderValue};

use super::Settings;

/// The policy of every page.
///
/// SECURITY: markup that got into a page in spite of everything -> no script runs, no style but ours applies, and nothing
/// is loaded but our files, and Telegram's where ours lead there.
pub(super) fn build(settings: &Settings) -> HeaderValue {
    let ours = match settings.base_url.as_ref() {
        // A page can be read under another address than the base of the addresses in it.
        Some(base) => {
            let origin = base.as_str().strip_suffix(base.prefix()).unwrap_or(base.as_str());
            format!("'self' {origin}")
        }
        None => "'self'".to_owned(),
    };
    let mut files = ours.clone();
    for source in settings.media_sources.iter().filter(|source| is_source(source)) {
        files.push(' ');
        files.push_str(source);
    }
    let policy = format!(
        "default-src 'none'; style-src {ours}; img-src {files}; media-src {files}; form-action {ours}; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// The headers that every page has.
pub(super) fn mark_page(headers: &mut HeaderMap, security_policy: &HeaderValue) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CONTENT_SECURITY_POLICY, security_policy.clone());
}

/// What would end the list of sources is none.
fn is_source(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:/*[]".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::links::Base;

    #[test]
    fn csp_allows_own_origin_and_configured_media_only() {
        let mut settings = Settings {
            media_sources: vec!["https://*.files.example".into(), "https://x; script-src *".into()],
            ..Settings::default()
        };
        assert_eq!(
            build(&settings),
            "default-src 'none'; style-src 'self'; img-src 'self' https://*.files.example; \
             media-src 'self' https://*.files.example; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        settings.base_url = Base::parse("https://feeds.example:444/tg").ok();
        settings.media_sources.clear();
        assert_eq!(
            build(&settings),
            "default-src 'none'; style-src 'self' https://feeds.example:444; img-src 'self' https://feeds.example:444; \
             media-src 'self' https://feeds.example:444; form-action 'self' https://feeds.example:444; base-uri 'none'; \
             frame-ancestors 'none'"
        );
    }
}
