//! Settings from the environment: `FEEDLINE_SECTION__KEY`.
//!
//! Any other variable that begins with `FEEDLINE_`, in any case, is an error, because a misspelt setting would have no
//! effect. The exception is service links: the variables that Kubernetes and Docker create for a service named
//! `feedline` or `feedline-…`. Their names and values have a fixed form.

use std::net::{IpAddr, SocketAddr};

use super::error::{Origin, Problem};
use super::layers::Layers;
use super::reference;
use super::suggest::{absent, nearest_variables, quoted};

const PREFIX: &str = "FEEDLINE_";

/// The process's variables that begin with `FEEDLINE_`, in any case. No other code reads the environment.
#[expect(clippy::disallowed_methods, reason = "the environment is read here, once")]
pub fn environment() -> Vec<(String, String)> {
    // `vars` panics on variables that are not UTF-8. Those of other programs may not be.
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .filter(|(name, _)| without_prefix(name).is_some())
        .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
        .collect()
}

/// Adds the variables to the layers, and the names of service links to `ignored`.
pub(super) fn fill(
    layers: &mut Layers,
    variables: &[(String, String)],
    ignored: &mut Vec<String>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, value) in variables {
        let Some(rest) = without_prefix(name) else { continue };
        let key = rest.replace("__", ".").to_ascii_lowercase();
        let is_upper = !name.bytes().any(|byte| byte.is_ascii_lowercase());
        let origin = Origin::Environment(name.clone());
        if is_upper && is_known(&key) {
            layers.put_text(&key, value, &origin);
        } else if is_upper && is_service_link(rest, value) {
            ignored.push(name.clone());
        } else {
            let text = format!("there is no such setting. {}", suggestion(rest));
            problems.push(Problem::at(&origin, &text));
        }
    }
    problems
}

fn without_prefix(name: &str) -> Option<&str> {
    let (prefix, rest) = name.split_at_checked(PREFIX.len())?;
    prefix.eq_ignore_ascii_case(PREFIX).then_some(rest)
}

/// Whether the key is an existing, former or planned setting, or a whole collection.
fn is_known(key: &str) -> bool {
    reference::takes(key).is_some() || absent(key).is_some()
}

fn suggestion(rest: &str) -> String {
    if rest.eq_ignore_ascii_case("config") {
        return "Did you mean `--config FILE`?".to_owned();
    }
    let nearest = nearest_variables(rest);
    if nearest.is_empty() {
        return "Variables of feedline are called FEEDLINE_SECTION__KEY, and `feedline config --default` lists all \
                settings. If this one is meant for another program, give it another name."
            .to_owned();
    }
    format!("Did you mean {}?", quoted(&nearest))
}

/// Whether a container platform created this variable as a service link: `SERVICE_HOST=10.0.0.1`,
/// `PORT=tcp://10.0.0.1:8417`, `PORT_8417_TCP_ADDR=10.0.0.1` and the like. The rest of a longer service name comes
/// first.
///
/// The value must match the platform's form too: `FEEDLINE_PORT=8417` is a user's attempt to set the port.
fn is_service_link(rest: &str, value: &str) -> bool {
    let words: Vec<&str> = rest.split('_').collect();
    let is_address = value.parse::<IpAddr>().is_ok();
    match words.as_slice() {
        [.., "SERVICE", "HOST"] => is_address,
        [.., "SERVICE", "PORT"] => is_port(value),
        [.., "PORT", port, protocol] if is_port(port) && is_protocol(protocol) => {
            is_endpoint(value, Some((protocol, port)))
        }
        [.., "PORT", port, protocol, part] if is_port(port) && is_protocol(protocol) => match *part
        {
            "PROTO" => value.eq_ignore_ascii_case(protocol),
            "PORT" => value == *port,
            "ADDR" => is_address,
            _ => false,
        },
        [.., "PORT"] => is_endpoint(value, None),
        // `…_SERVICE_PORT_<name>`: the port of this name.
        words => is_port(value) && words.windows(2).any(|pair| pair == ["SERVICE", "PORT"]),
    }
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

fn is_protocol(text: &str) -> bool {
    ["tcp", "udp", "sctp"].iter().any(|protocol| protocol.eq_ignore_ascii_case(text))
}

/// Whether the value has the form `tcp://10.0.0.1:8417`, with the expected protocol and port if given.
fn is_endpoint(value: &str, expected: Option<(&str, &str)>) -> bool {
    let Some((protocol, address)) = value.split_once("://") else { return false };
    let Ok(address) = address.parse::<SocketAddr>() else { return false };
    is_protocol(protocol)
        && expected.is_none_or(|(other, port)| {
            protocol.eq_ignore_ascii_case(other) && address.port().to_string() == port
        })
}
