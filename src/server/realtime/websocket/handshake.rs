//! The opening handshake (RFC 6455, section 4.2).

use axum::http::{HeaderMap, HeaderValue, header};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use sha1::{Digest, Sha1};

/// Appended to the client's key before hashing (section 1.3).
const HANDSHAKE_GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The `Sec-WebSocket-Accept` value; `None` when this is not a WebSocket 13 request.
#[must_use]
pub fn accept_key(headers: &HeaderMap) -> Option<HeaderValue> {
    let has_token = |name: header::HeaderName, token: &str| {
        let mut values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.any(|value| value.split(',').any(|part| part.trim().eq_ignore_ascii_case(token)))
    };
    if !has_token(header::CONNECTION, "upgrade")
        || !has_token(header::UPGRADE, "websocket")
        || headers.get(header::SEC_WEBSOCKET_VERSION)? != "13"
    {
        return None;
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY)?.as_bytes();
    let digest = Sha1::new().chain_update(key).chain_update(HANDSHAKE_GUID).finalize();
    HeaderValue::from_str(&BASE64.encode(digest)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_handshake_example_of_the_rfc_is_accepted() {
        let headers = |version: &'static str| {
            [
                ("connection", "keep-alive, Upgrade"),
                ("upgrade", "WebSocket"),
                ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
                ("sec-websocket-version", version),
            ]
            .map(|(name, value)| {
                (header::HeaderName::from_static(name), HeaderValue::from_static(value))
            })
            .into_iter()
            .collect::<HeaderMap>()
        };
        assert_eq!(accept_key(&headers("13")).unwrap(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(accept_key(&headers("8")), None);
        for missing in ["connection", "upgrade", "sec-websocket-key", "sec-websocket-version"] {
            let mut headers = headers("13");
            headers.remove(missing);
            assert_eq!(accept_key(&headers), None, "{missing}");
        }
    }
}
