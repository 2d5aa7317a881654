//! A number for each request, so that the lines of a log that belong together can be found.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, HeaderName, HeaderValue};

/// The header in which a proxy hands down the number it gave, and in which we answer.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

static START: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one("request"));
static COUNT: AtomicU64 = AtomicU64::new(0);

/// Writes the number into an answer.
pub(super) fn mark(id: String, headers: &mut HeaderMap) {
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert(X_REQUEST_ID, id);
    }
}

/// The number that came with the request, when it is a plain one; else a new one.
pub(super) fn of_request(headers: &HeaderMap) -> String {
    let given = headers.get(&X_REQUEST_ID).and_then(|value| value.to_str().ok());
    let plain = |id: &&str| {
        (8..=64).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    match given.filter(plain) {
        Some(id) => id.to_owned(),
        None => {
            // An odd factor makes consecutive numbers look unlike each other, and none repeats.
            let count = COUNT.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            format!("{:016x}", *START ^ count)
        }
    }
}
