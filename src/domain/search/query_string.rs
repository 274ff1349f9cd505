//! The search query in a URL, decoded once: the router's own map decodes it twice.

/// The search query (`q`) of a query string.
#[must_use]
pub fn search_query(query_string: &str) -> String {
    let mut pairs = query_string.trim_start_matches('?').split('&');
    pairs.find_map(|pair| pair.strip_prefix("q=")).map(decoded).unwrap_or_default()
}

fn decoded(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex =
            |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let escaped = match (first, after) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        bytes.push(escaped.unwrap_or(if *first == b'+' { b' ' } else { *first }));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_strings_are_decoded_once() {
        for (query_string, query) in [
            ("q=50%2525", "50%25"),
            ("?q=100%2541", "100%41"),
            ("q=50%25", "50%"),
            ("x=1&q=a+b%2Bc&y=2", "a b+c"),
            ("q=%E6%90%9C%E7%B4%A2", "搜索"),
            ("q=100%&x", "100%"),
            ("q=%zz%4", "%zz%4"),
            ("q=%ff", "\u{fffd}"),
            ("q=%C3", "\u{fffd}"),
            ("xq=1", ""),
            ("", ""),
            ("q=", ""),
            ("q=a=b", "a=b"),
        ] {
            assert_eq!(search_query(query_string), query, "{query_string}");
        }
    }
}
