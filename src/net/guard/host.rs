//! The hosts where files may be fetched, by their names. Pure.

use url::{Host, Url};

/// The operator's list of hosts with files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileHosts {
    /// Hosts that stand for themselves and all below them, in lower case.
    names: Vec<String>,
    /// Scheme, host and port that are taken as they are, for tests and mirrors.
    literals: Vec<Url>,
}

impl FileHosts {
    /// From entries such as `telesco.pe`, or `http://127.0.0.1:9000`. What is neither matches nothing.
    pub fn new<'a>(entries: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hosts = Self::default();
        for entry in entries {
            if !entry.contains("://") {
                hosts.names.push(entry.to_ascii_lowercase());
            } else if let Ok(url) = Url::parse(entry) {
                hosts.literals.push(url);
            }
        }
        hosts
    }

    /// Whether a file may be fetched from this address.
    ///
    /// SECURITY: addresses made to look like Telegram's (`evilt.me`, `t.me.evil.example`, `t.me@evil.example`, other ports
    /// and schemes), addresses of machines in any notation (decimal, octal, hexadecimal, mapped), which the parser of
    /// addresses has made plain numbers -> only https at a listed name or below it, at its own port; or exactly what the
    /// operator wrote out.
    pub fn allows(&self, url: &Url) -> bool {
        if !url.username().is_empty() || url.password().is_some() {
            return false;
        }
        if self.literals.iter().any(|literal| literal.origin() == url.origin()) {
            return true;
        }
        let Some(Host::Domain(host)) = url.host() else { return false };
        let is_below = |name: &String| {
            host.strip_suffix(name.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        url.scheme() == "https" && url.port().is_none() && self.names.iter().any(is_below)
    }

    /// The names among the literal entries: the operator vouches for where they lead.
    pub(in crate::net) fn vouched(&self) -> impl Iterator<Item = String> {
        self.literals.iter().filter_map(|url| url.host_str().map(str::to_owned))
    }
}
