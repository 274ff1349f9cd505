//! The origin of a request. A browser that sends a cookie also says which page sent the request;
//! cross-site requests are rejected before any work. The scheme is Go 1.25's: `Sec-Fetch-Site`,
//! then `Origin`.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::http::{HeaderMap, HeaderName, Uri, Version, header};

use super::media_type;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether the page is of this server: scheme, host and port exactly. For WebSockets, which no
/// other rule protects.
pub(in crate::server::http) fn is_same_origin(
    headers: &HeaderMap,
    configured: Option<&str>,
) -> bool {
    let Some(origin) = text(headers, &header::ORIGIN) else { return false };
    match (configured, text(headers, &header::HOST)) {
        (Some(ours), _) => origin == ours,
        // Without a configured origin this server speaks plain HTTP under any name.
        (None, Some(host)) => origin
            .strip_prefix("http://")
            .is_some_and(|is_named| is_named.eq_ignore_ascii_case(host)),
        (None, None) => false,
    }
}

/// Whether a request that changes something is allowed.
///
/// Without both headers it comes from a program, or from a very old browser: JSON and bytes are
/// allowed, which no form of another site can send; a form with a cookie is rejected.
pub(in crate::server::http) fn may_modify(headers: &HeaderMap, configured: Option<&str>) -> bool {
    if let Some(site) = text(headers, &SEC_FETCH_SITE) {
        return matches!(site, "same-origin" | "none");
    }
    if headers.contains_key(header::ORIGIN) {
        return is_same_origin(headers, configured);
    }
    let is_non_form =
        [media_type::JSON, media_type::BYTES].iter().any(|sent| media_type::is(headers, sent));
    is_non_form || !headers.contains_key(header::COOKIE)
}

/// Whether the `Host` header names this machine, for a server that is only reached from it. Another
/// site may point any other name here (DNS rebinding). Any port is allowed: it may be forwarded.
pub(in crate::server::http) fn is_loopback_request(
    uri: &Uri,
    version: Version,
    headers: &HeaderMap,
) -> bool {
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
fn is_loopback_host(authority: &str) -> bool {
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

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn only_the_exact_origin_is_same_origin() {
        let host = ("host", "chat.example.org");
        assert!(is_same_origin(
            &of(&[host, ("origin", "https://chat.example.org")]),
            Some("https://chat.example.org")
        ));
        assert!(is_same_origin(&of(&[host, ("origin", "http://chat.example.org")]), None));
        for evil in [
            "null",
            "",
            "http://evil.tld",
            "http://chat.example.org.evil.tld",
            "http://chat.example.org:81",
            "https://chat.example.org",
            "http://chat.example.org/",
        ] {
            assert!(!is_same_origin(&of(&[host, ("origin", evil)]), None), "{evil}");
        }
        assert!(!is_same_origin(&of(&[host]), None), "absent");
        assert!(!is_same_origin(
            &of(&[host, ("origin", "http://chat.example.org")]),
            Some("https://chat.example.org")
        ));
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

    #[test]
    fn cross_site_modifications_are_rejected() {
        let cookie = ("cookie", "chatbox=1");
        assert!(may_modify(&of(&[cookie, ("sec-fetch-site", "same-origin")]), None));
        for site in ["cross-site", "same-site"] {
            assert!(!may_modify(
                &of(&[cookie, ("sec-fetch-site", site), ("content-type", "application/json")]),
                None
            ));
        }
        assert!(!may_modify(
            &of(&[
                cookie,
                ("host", "a"),
                ("origin", "http://b"),
                ("content-type", "application/json")
            ]),
            None
        ));
        assert!(!may_modify(
            &of(&[cookie, ("content-type", "application/x-www-form-urlencoded")]),
            None
        ));
        assert!(
            may_modify(&of(&[cookie, ("content-type", "application/json")]), None),
            "a program"
        );
    }
}
