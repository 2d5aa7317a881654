//! The content security policy of pages (W3C CSP 3).

use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use http::{HeaderMap, HeaderValue};

use super::Settings;

/// Builds the policy of all pages.
///
/// SECURITY: injected markup -> no script runs, only feedline's stylesheet applies, and only feedline's files load, and
/// Telegram's if media URLs lead there.
pub(super) fn build(settings: &Settings) -> HeaderValue {
    let ours = match settings.base_url.as_ref() {
        // A page may be loaded under another origin than that of the URLs in it.
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

/// Sets the headers of all pages.
pub(super) fn mark_page(headers: &mut HeaderMap, security_policy: &HeaderValue) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CONTENT_SECURITY_POLICY, security_policy.clone());
}

/// Whether the text is a valid source. Other characters could end the list of sources.
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
