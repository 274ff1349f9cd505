//! Characters that are special to the TeX parser or in XML, mapped to private-use characters and
//! back. The MathML writer escapes some texts and not others; it cannot leave unescaped what it
//! never sees.

use pulldown_latex::event::{Content, Dimension, DimensionUnit, Event};

/// Mapped to consecutive private-use characters.
const SPECIAL: [char; 14] =
    ['<', '>', '&', '"', '%', '#', '$', '_', '^', '{', '}', '~', '\\', '\''];
/// The private-use character of the first.
const FIRST: u32 = 0xE000;

/// The width of a space between words.
const SPACE: Dimension = Dimension { value: 0.25, unit: DimensionUnit::Em };

/// Maps a special character to its private-use character.
pub(super) fn shielded(c: char) -> char {
    let place = SPECIAL
        .iter()
        .position(|special| *special == c)
        .and_then(|place| u32::try_from(place).ok());
    place.and_then(|place| char::from_u32(FIRST + place)).unwrap_or(c)
}

/// Maps a private-use character back.
pub(super) fn unshielded(c: char) -> char {
    let place = (c as u32).checked_sub(FIRST).and_then(|place| usize::try_from(place).ok());
    place.and_then(|place| SPECIAL.get(place).copied()).unwrap_or(c)
}

/// Whether a text contains one of the private-use characters.
pub(super) fn has_private_use(text: &str) -> bool {
    text.chars().any(|c| unshielded(c) != c)
}

/// Replaces characters that the MathML writer leaves unescaped.
pub(super) fn shield(event: Event<'_>) -> Event<'_> {
    let content = match event {
        // A non-breaking space: as text it would be escaped twice.
        Event::Content(Content::Text("&nbsp;")) => {
            return Event::Space { width: Some(SPACE), height: None, depth: None };
        }
        Event::Content(content) => content,
        other => return other,
    };
    let marked = |c: char| if matches!(c, '<' | '>' | '&' | '"') { shielded(c) } else { c };
    Event::Content(match content {
        Content::Ordinary { content, stretchy } => {
            Content::Ordinary { content: marked(content), stretchy }
        }
        Content::LargeOp { content, small } => Content::LargeOp { content: marked(content), small },
        Content::BinaryOp { content, small } => {
            Content::BinaryOp { content: marked(content), small }
        }
        Content::Delimiter { content, size, ty } => {
            Content::Delimiter { content: marked(content), size, ty }
        }
        Content::Punctuation(content) => Content::Punctuation(marked(content)),
        // A relation cannot be constructed. Punctuation is written the same, with the same spacing.
        Content::Relation { content, .. } => {
            let mut buffer = [0; 8];
            match std::str::from_utf8(content.encode_utf8_to_buf(&mut buffer)) {
                Ok("<") => Content::Punctuation(shielded('<')),
                Ok(">") => Content::Punctuation(shielded('>')),
                _ => Content::Relation { content, small: false },
            }
        }
        other => other,
    })
}
