//! Media types, compared by the rules of HTTP (RFC 9110, section 8.3): without regard to case or
//! parameters, and never by prefix.

use axum::http::{HeaderMap, header};

pub(in crate::server::http) const JSON: &str = "application/json";
pub(in crate::server::http) const FORM: &str = "application/x-www-form-urlencoded";
pub(in crate::server::http) const BYTES: &str = "application/octet-stream";

/// Whether the body has this type. Several `Content-Type` headers are none.
pub(in crate::server::http) fn is(headers: &HeaderMap, expected: &str) -> bool {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let essence = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(expected.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_json(values: &[&'static str]) -> bool {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::CONTENT_TYPE, value.parse().unwrap());
        }
        is(&headers, JSON)
    }

    #[test]
    fn media_types_ignore_case_and_parameters() {
        for json in [
            "application/json",
            "Application/JSON",
            "application/json;charset=utf-8",
            "application/json ; Charset=\"UTF-8\"",
            "APPLICATION/json;",
            "\tapplication/json",
        ] {
            assert!(is_json(&[json]), "{json:?}");
        }
        for other in [
            "",
            "application/jsonp",
            "application/json-patch+json",
            "application/json5",
            "application/ld+json",
            "text/json",
            "application /json",
            "application/json, text/plain",
            "application/json text/plain",
            "text/plain;application/json",
            ";application/json",
            "json",
            "*/*",
        ] {
            assert!(!is_json(&[other]), "{other:?}");
        }
        assert!(!is_json(&[]));
        assert!(
            !is_json(&["application/json", "text/plain"])
                && !is_json(&["text/plain", "application/json"]),
            "two are ambiguous"
        );
    }
}
