//! Requests for code highlighting and math rendering, and the spans of the result. A span names its
//! kind or element; it is never HTML.

use serde::{Deserialize, Serialize};

use super::{ChatError, Code};

/// Maximum number of texts of a request.
pub const MAX_TEXTS: usize = 60;
/// Maximum bytes of all texts of a request.
pub const MAX_REQUEST_BYTES: usize = 48 * 1024;
/// Maximum bytes of a text; a larger one stays as typed.
pub const MAX_TEXT_BYTES: usize = 32 * 1024;

/// Maximum number of formulas of a message that are rendered; the others stay as typed.
pub const MAX_FORMULAS: u32 = 400;

/// Kind of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RenderKind {
    /// Code.
    Code,
    /// Inline formula, in TeX.
    Formula,
    /// Display formula, in TeX.
    Display,
}

/// A text to render.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenderRequest {
    /// Its kind.
    #[serde(rename = "matter")]
    pub kind: RenderKind,
    /// For code: the language given by the author.
    #[serde(default)]
    pub language: String,
    /// The text as typed.
    pub text: String,
}

/// A part of rendered text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// For code: `keyword`, `string` and so on, or empty. For a formula: the MathML element.
    #[serde(default, skip_serializing_if = "String::is_empty", rename = "what")]
    pub kind: String,
    /// Its text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// For a formula: the attributes of the element, as name and value.
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "looks")]
    pub attributes: Vec<(String, String)>,
    /// For a formula: the child elements.
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "inside")]
    pub children: Vec<Self>,
}

/// Allowed MathML elements.
pub const MATHML_ELEMENTS: [&str; 24] = [
    "math",
    "mrow",
    "mi",
    "mn",
    "mo",
    "ms",
    "mtext",
    "mspace",
    "mfrac",
    "msqrt",
    "mroot",
    "msub",
    "msup",
    "msubsup",
    "munder",
    "mover",
    "munderover",
    "mmultiscripts",
    "mprescripts",
    "mtable",
    "mtr",
    "mtd",
    "mpadded",
    "mphantom",
];
/// Allowed MathML attributes. None is a link or a style. The classes are those of tables
/// (`menv-…`).
pub const MATHML_ATTRIBUTES: [&str; 21] = [
    "accent",
    "accentunder",
    "class",
    "columnalign",
    "columnspacing",
    "depth",
    "display",
    "displaystyle",
    "fence",
    "form",
    "height",
    "linethickness",
    "lspace",
    "mathvariant",
    "maxsize",
    "minsize",
    "movablelimits",
    "rspace",
    "stretchy",
    "symmetric",
    "width",
];

/// Checks the size of a request.
///
/// # Errors
/// `too_large` at `texts`.
pub fn check_size(texts: &[RenderRequest]) -> Result<(), ChatError> {
    let bytes: usize =
        texts.iter().map(|request| request.text.len() + request.language.len()).sum();
    if texts.len() <= MAX_TEXTS && bytes <= MAX_REQUEST_BYTES {
        return Ok(());
    }
    Err(ChatError::new(Code::TooLarge, "A request can have up to 60 texts and 48 KiB.").at("texts"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_limited_in_size() {
        let of = |bytes: usize| RenderRequest {
            kind: RenderKind::Code,
            language: String::new(),
            text: "x".repeat(bytes),
        };
        assert!(
            check_size(&vec![of(1); MAX_TEXTS]).is_ok()
                && check_size(&[of(MAX_REQUEST_BYTES)]).is_ok()
                && check_size(&[]).is_ok()
        );
        assert_eq!(
            check_size(&vec![of(1); MAX_TEXTS + 1]).unwrap_err().field.as_deref(),
            Some("texts")
        );
        assert_eq!(check_size(&[of(MAX_REQUEST_BYTES), of(1)]).unwrap_err().code, Code::TooLarge);
    }
}
