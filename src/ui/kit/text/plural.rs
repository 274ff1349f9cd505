//! Plural forms.

/// A count with its noun.
#[must_use]
pub fn pluralize(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
