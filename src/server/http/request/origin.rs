//! The origin of a request. A browser that sends a cookie also says which page sent the request;
//! cross-site requests are rejected before any work. The scheme is Go 1.25's: `Sec-Fetch-Site`,
//! then `Origin`.

use axum::http::{HeaderMap, HeaderName, header};

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
