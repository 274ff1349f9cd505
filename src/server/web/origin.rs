//! From which page a request comes. A browser that carries somebody's cookie also says where it was sent from; what another
//! site sends with that cookie is refused before any work. The scheme is Go 1.25's: `Sec-Fetch-Site`, then `Origin`.

use axum::http::{HeaderMap, HeaderName, header};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether the page that sends this is one of ours: scheme, host and port exactly. For WebSockets, which no other rule guards.
#[must_use]
pub fn is_own(headers: &HeaderMap, configured: Option<&str>) -> bool {
    let Some(origin) = text(headers, &header::ORIGIN) else { return false };
    match (configured, text(headers, &header::HOST)) {
        (Some(ours), _) => origin == ours,
        // Without a configured origin this server speaks plain http, by whatever name it was reached.
        (None, Some(host)) => origin.strip_prefix("http://").is_some_and(|named| named.eq_ignore_ascii_case(host)),
        (None, None) => false,
    }
}

/// Whether a request that changes something may go on.
///
/// Without both headers it comes from a program, or from a browser that is very old: a program may send JSON or bytes, which no
/// form of another site can; with a form's content type and a cookie it is refused.
#[must_use]
pub fn may_change(headers: &HeaderMap, configured: Option<&str>) -> bool {
    if let Some(site) = text(headers, &SEC_FETCH_SITE) {
        return matches!(site, "same-origin" | "none");
    }
    if headers.contains_key(header::ORIGIN) {
        return is_own(headers, configured);
    }
    let sent_by_no_form = ["application/json", "application/octet-stream"];
    let is_program = text(headers, &header::CONTENT_TYPE).is_some_and(|kind| sent_by_no_form.iter().any(|sent| kind.starts_with(sent)));
    is_program || !headers.contains_key(header::COOKIE)
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn only_exactly_our_origin_opens_a_socket() {
        let host = ("host", "chat.example.org");
        assert!(is_own(&of(&[host, ("origin", "https://chat.example.org")]), Some("https://chat.example.org")));
        assert!(is_own(&of(&[host, ("origin", "http://chat.example.org")]), None));
        for evil in [
            "null",
            "",
            "http://evil.tld",
            "http://chat.example.org.evil.tld",
            "http://chat.example.org:81",
            "https://chat.example.org",
            "http://chat.example.org/",
        ] {
            assert!(!is_own(&of(&[host, ("origin", evil)]), None), "{evil}");
        }
        assert!(!is_own(&of(&[host]), None), "absent");
        assert!(!is_own(&of(&[host, ("origin", "http://chat.example.org")]), Some("https://chat.example.org")));
    }

    #[test]
    fn another_site_changes_nothing() {
        let cookie = ("cookie", "chatbox=1");
        assert!(may_change(&of(&[cookie, ("sec-fetch-site", "same-origin")]), None));
        for site in ["cross-site", "same-site"] {
            assert!(!may_change(&of(&[cookie, ("sec-fetch-site", site), ("content-type", "application/json")]), None));
        }
        assert!(!may_change(&of(&[cookie, ("host", "a"), ("origin", "http://b"), ("content-type", "application/json")]), None));
        assert!(!may_change(&of(&[cookie, ("content-type", "application/x-www-form-urlencoded")]), None));
        assert!(may_change(&of(&[cookie, ("content-type", "application/json")]), None), "a program");
    }
}
