//! Conditional and range requests (RFC 9110, sections 13 and 14).

use std::ops::Range;

use axum::http::{HeaderMap, HeaderValue, Method, header};

/// Whether the client has this version: `If-None-Match` is `*` or contains its tag.
pub(super) fn is_not_modified(asked: &HeaderMap, tag: &HeaderValue) -> bool {
    let values = asked.get_all(header::IF_NONE_MATCH).iter();
    // Tags of this server contain no comma.
    values
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .any(|known| {
            let known = known.strip_prefix(b"W/").unwrap_or(known);
            known == b"*" || known == tag.as_bytes()
        })
}

/// The range to send: `None` for the whole file. An invalid range is ignored, and so are several.
///
/// # Errors
/// No byte of the range exists.
pub(super) fn requested_range(
    method: &Method,
    asked: &HeaderMap,
    tag: &HeaderValue,
    size: u64,
) -> Result<Option<Range<u64>>, ()> {
    let mut values = asked.get_all(header::RANGE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Ok(None) };
    // Ranges are defined for GET only, and `If-Range` compares strongly.
    if method != Method::GET || asked.get(header::IF_RANGE).is_some_and(|known| known != tag) {
        return Ok(None);
    }
    let Some(ranges) = value.to_str().ok().and_then(parse) else { return Ok(None) };
    let mut satisfiable = ranges.iter().filter_map(|range| range.within(size));
    match (satisfiable.next(), satisfiable.next()) {
        (None, _) => Err(()),
        (Some(range), None) => Ok(Some(range)),
        (Some(_), Some(_)) => Ok(None),
    }
}

/// One range of a request.
enum RangeSpec {
    /// From the first byte to the last one, both included.
    Span(u64, Option<u64>),
    /// The last bytes.
    Suffix(u64),
}

impl RangeSpec {
    /// The part of it that exists.
    fn within(&self, size: u64) -> Option<Range<u64>> {
        let range = match *self {
            Self::Span(first, last) => {
                first..last.map_or(size, |last| last.saturating_add(1).min(size))
            }
            Self::Suffix(length) => size.saturating_sub(length)..size,
        };
        (!range.is_empty()).then_some(range)
    }
}

/// The ranges of a `Range` header; `None` if it is not a valid byte range.
fn parse(value: &str) -> Option<Vec<RangeSpec>> {
    let (unit, set) = value.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let ranges = set
        .split(',')
        .map(|range| range.trim_matches([' ', '\t']))
        .filter(|range| !range.is_empty());
    let ranges: Vec<_> = ranges.map(parse_one).collect::<Option<_>>()?;
    (!ranges.is_empty()).then_some(ranges)
}

fn parse_one(range: &str) -> Option<RangeSpec> {
    match range.split_once('-')? {
        ("", length) => parse_number(length).map(RangeSpec::Suffix),
        (first, "") => parse_number(first).map(|first| RangeSpec::Span(first, None)),
        (first, last) => {
            let (first, last) = (parse_number(first)?, parse_number(last)?);
            (first <= last).then_some(RangeSpec::Span(first, Some(last)))
        }
    }
}

/// Digits only. A number that overflows is beyond every file as well.
fn parse_number(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAG: HeaderValue = HeaderValue::from_static("\"x\"");

    fn ask(range: &'static str, size: u64) -> Result<Option<Range<u64>>, ()> {
        requested_range(
            &Method::GET,
            &HeaderMap::from_iter([(header::RANGE, HeaderValue::from_static(range))]),
            &TAG,
            size,
        )
    }

    #[test]
    fn a_range_is_clamped_to_the_file() {
        for (range, bytes) in [
            ("bytes=2-5", 2..6),
            ("bytes=0-0", 0..1),
            ("bytes=9-9", 9..10),
            ("bytes=7-", 7..10),
            ("bytes=8-99", 8..10),
            ("bytes=0-99999999999999999999999", 0..10),
            ("bytes=-3", 7..10),
            ("bytes=-1", 9..10),
            ("bytes=-10", 0..10),
            ("bytes=-11", 0..10),
            ("bytes=-128", 0..10),
            ("bytes=-99999999999999999999999", 0..10),
            ("Bytes=2-5", 2..6),
            ("bytes= 2-5 , ,", 2..6),
            ("bytes=2-5,20-30", 2..6),
            ("bytes=-0,-2", 8..10),
        ] {
            assert_eq!(ask(range, 10), Ok(Some(bytes)), "{range}");
        }
        for range in [
            "bytes=10-",
            "bytes=10-20",
            "bytes=-0",
            "bytes=99999999999999999999999-",
            "bytes=10-11,20-",
        ] {
            assert_eq!(ask(range, 10), Err(()), "{range}");
        }
        for range in ["bytes=0-", "bytes=-5"] {
            assert_eq!(ask(range, 0), Err(()), "{range} of nothing");
        }
    }

    #[test]
    fn invalid_or_multiple_ranges_return_the_whole_file() {
        for range in [
            "bytes=0-1,4-5",
            "lines=1-2",
            "bytes",
            "bytes=",
            "bytes=,",
            "bytes=-",
            "bytes=5-2",
            "bytes=a-b",
            "bytes=1-b",
            "bytes=--1",
            "bytes=+1-2",
            "bytes=1 -2",
            "bytes=0x1-2",
            "bytes=1-2-3",
            "bytes=1-2,x",
            "",
        ] {
            assert_eq!(ask(range, 10), Ok(None), "{range}");
        }
        let asks = |method: Method, pairs: &[(header::HeaderName, &'static str)]| {
            let headers = pairs
                .iter()
                .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
                .collect();
            requested_range(&method, &headers, &TAG, 10)
        };
        let range = (header::RANGE, "bytes=2-5");
        assert_eq!(asks(Method::HEAD, std::slice::from_ref(&range)), Ok(None));
        assert_eq!(
            asks(Method::GET, &[range.clone(), (header::RANGE, "bytes=0-1")]),
            Ok(None),
            "two headers"
        );
        assert_eq!(
            asks(Method::GET, &[range.clone(), (header::IF_RANGE, "\"x\"")]),
            Ok(Some(2..6))
        );
        for other in ["\"y\"", "W/\"x\"", "Wed, 21 Oct 2026 07:28:00 GMT"] {
            assert_eq!(
                asks(Method::GET, &[range.clone(), (header::IF_RANGE, other)]),
                Ok(None),
                "{other}"
            );
        }
    }

    #[test]
    fn if_none_match_matches_lists_and_weak_tags() {
        let knows = |values: &[&'static str]| {
            is_not_modified(
                &values
                    .iter()
                    .map(|value| (header::IF_NONE_MATCH, HeaderValue::from_static(value)))
                    .collect(),
                &TAG,
            )
        };
        for known in ["\"x\"", "W/\"x\"", "*", "\"y\", \"x\"", "\"y\",W/\"x\" "] {
            assert!(knows(&[known]), "{known}");
        }
        assert!(knows(&["\"y\"", "\"x\""]));
        for unknown in ["\"y\"", "x", "", "\"xx\"", "\"X\""] {
            assert!(!knows(&[unknown]), "{unknown}");
        }
    }
}
