//! Code in its colours and formulas as they are printed: what is asked for, and the pieces that are answered. A piece names what
//! it is; it is never text that a browser would read as a page.

use serde::{Deserialize, Serialize};

use super::{ChatError, Code};

/// Most texts of one request.
pub const MOST_AT_ONCE: usize = 60;
/// Most bytes of all texts of one request.
pub const LARGEST: usize = 48 * 1024;
/// Most bytes of one text; a larger one stays as it was typed.
pub const LARGEST_BLOCK: usize = 32 * 1024;

/// Most formulas of a message that are set; those beyond stay as they were typed.
pub const MOST_FORMULAS: u32 = 400;

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matter {
    /// Code, of a language that is named.
    Code,
    /// A formula in a line, written in TeX.
    Formula,
    /// A formula that stands by itself.
    Display,
}

/// A text that is to be set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// What it is.
    pub matter: Matter,
    /// Code's language, as its writer says.
    #[serde(default)]
    pub language: String,
    /// As it was typed.
    pub text: String,
}

/// A part of what was set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Of code the kind: `keyword`, `string` and so on, or nothing. Of a formula the element of MathML.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub what: String,
    /// Its text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Of a formula: how the element is to look, as name and value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looks: Vec<(String, String)>,
    /// Of a formula: what is in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inside: Vec<Self>,
}

/// The elements that a formula may have.
pub const ELEMENTS: [&str; 24] = [
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
/// How they may look. Nothing that leads anywhere or holds a style; the classes are those of tables (`menv-…`).
pub const LOOKS: [&str; 21] = [
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

/// Checks what is asked for at once.
///
/// # Errors
/// `too_large` at `texts`.
pub fn may_ask(texts: &[Wanted]) -> Result<(), ChatError> {
    let bytes: usize = texts.iter().map(|wanted| wanted.text.len() + wanted.language.len()).sum();
    if texts.len() <= MOST_AT_ONCE && bytes <= LARGEST {
        return Ok(());
    }
    Err(ChatError::new(Code::TooLarge, "A request can have up to 60 texts and 48 KiB.").at("texts"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_much_is_set_at_once_and_no_more() {
        let of = |bytes: usize| Wanted { matter: Matter::Code, language: String::new(), text: "x".repeat(bytes) };
        assert!(may_ask(&vec![of(1); MOST_AT_ONCE]).is_ok() && may_ask(&[of(LARGEST)]).is_ok() && may_ask(&[]).is_ok());
        assert_eq!(may_ask(&vec![of(1); MOST_AT_ONCE + 1]).unwrap_err().field.as_deref(), Some("texts"));
        assert_eq!(may_ask(&[of(LARGEST), of(1)]).unwrap_err().code, Code::TooLarge);
    }
}
