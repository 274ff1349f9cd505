//! Requests from the server's own machine: whether a request names it, and whether it came from it.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::http::{HeaderMap, Uri, Version, header, request::Parts};

/// Address of the other end of the connection; an extension of each request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Headers that proxies add. With any of them, a request from this machine was forwarded.
const FORWARDING_HEADERS: [&str; 6] =
    ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];

/// Whether a request came from this machine, without a proxy. A request that is not known to is
/// treated as one from elsewhere.
pub(super) fn is_local(parts: &Parts) -> bool {
    let peer = parts.extensions.get::<Peer>();
    peer.is_some_and(|Peer(address)| address.ip().to_canonical().is_loopback())
        && is_loopback_request(&parts.uri, parts.version, &parts.headers)
        && !FORWARDING_HEADERS.iter().any(|name| parts.headers.contains_key(*name))
}

/// Whether the `Host` header names this machine, for a server that is only reached from it. Another
/// site may point any other name here (DNS rebinding). Any port is allowed: it may be forwarded.
pub fn is_loopback_request(uri: &Uri, version: Version, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let is_named = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().is_ok_and(is_loopback_host),
        // Only programs speak HTTP/1.0.
        (None, None) => version == Version::HTTP_10,
        _ => false,
    };
    is_named && uri.authority().is_none_or(|authority| is_loopback_host(authority.as_str()))
}

/// Whether this is `host` or `host:port` of this machine.
pub fn is_loopback_host(authority: &str) -> bool {
    let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => match address.parse::<Ipv6Addr>() {
            Ok(address) if address.to_canonical().is_loopback() => {
                (None, rest.strip_prefix(':').or(rest.is_empty().then_some("0")))
            }
            _ => return false,
        },
        None => match authority.split_once(':') {
            Some((host, port)) => (Some(host), Some(port)),
            None => (Some(authority), Some("0")),
        },
    };
    let is_local = host.is_none_or(|host| {
        let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        let is_subdomain =
            name.strip_suffix(".localhost").is_some_and(|label| label.split('.').all(is_label));
        name == "localhost"
            || is_subdomain
            || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
    });
    is_local
        && port.is_some_and(|port| {
            port.bytes().all(|digit| digit.is_ascii_digit()) && port.parse::<u16>().is_ok()
        })
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    fn of(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn a_local_server_accepts_loopback_hosts_only() {
        for own in [
            "localhost",
            "LocalHost:3000",
            "localhost.:80",
            "chat.localhost:3000",
            "a-b.c.localhost",
            "127.0.0.1",
            "127.0.0.1:65535",
            "127.8.9.1:3000",
            "[::1]",
            "[::1]:3000",
            "[::ffff:127.0.0.1]:3000",
        ] {
            assert!(is_loopback_host(own), "{own}");
        }
        for foreign in [
            "",
            ":3000",
            "evil.example",
            "evil.example:3000",
            "localhost.evil.example",
            "evillocalhost",
            ".localhost",
            "a..localhost",
            "x@localhost",
            "evil.example/.localhost",
            "localhost:",
            "localhost:port",
            "localhost:99999",
            "localhost:+80",
            "localhost:80:80",
            "127.0.0.1.nip.io",
            "128.0.0.1",
            "0.0.0.0:3000",
            "2130706433",
            "127.1",
            "10.0.0.5",
            "[::2]",
            "[::1",
            "[::1]evil",
            "::1",
            "[fe80::1]:3000",
        ] {
            assert!(!is_loopback_host(foreign), "{foreign}");
        }
        let asks = |uri: &str, version, hosts: &[(&'static str, &str)]| {
            is_loopback_request(&uri.parse().unwrap(), version, &of(hosts))
        };
        assert!(asks("/", Version::HTTP_11, &[("host", "localhost:3000")]));
        assert!(asks("http://localhost:3000/", Version::HTTP_11, &[("host", "localhost:3000")]));
        assert!(
            !asks("http://evil.example/", Version::HTTP_11, &[("host", "localhost:3000")]),
            "the address counts as well"
        );
        assert!(!asks("/", Version::HTTP_11, &[]) && asks("/", Version::HTTP_10, &[]));
    }
}
