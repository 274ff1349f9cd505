//! Small matters of wording.

/// So many of something, as one says it.
#[must_use]
pub fn pluralize(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
