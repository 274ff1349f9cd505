//! Characters that mean something to the parser or to a reader of XML, carried through both in the
//! disguise of private characters. The writer of MathML escapes some of its texts and not others;
//! what it never sees, it cannot leave unescaped.

use pulldown_latex::event::{Content, Dimension, DimensionUnit, Event};

/// Each stands for itself as the private character of its place.
const SPECIAL: [char; 14] =
    ['<', '>', '&', '"', '%', '#', '$', '_', '^', '{', '}', '~', '\\', '\''];
/// The private character of the first.
const FIRST: u32 = 0xE000;

/// The width of a space between words.
const SPACE: Dimension = Dimension { value: 0.25, unit: DimensionUnit::Em };

/// The character in disguise, if it needs one.
pub(super) fn shielded(c: char) -> char {
    let place = SPECIAL
        .iter()
        .position(|special| *special == c)
        .and_then(|place| u32::try_from(place).ok());
    place.and_then(|place| char::from_u32(FIRST + place)).unwrap_or(c)
}

/// The character itself.
pub(super) fn revealed(c: char) -> char {
    let place = (c as u32).checked_sub(FIRST).and_then(|place| usize::try_from(place).ok());
    place.and_then(|place| SPECIAL.get(place).copied()).unwrap_or(c)
}

/// Whether somebody typed a disguise.
pub(super) fn is_disguised(text: &str) -> bool {
    text.chars().any(|c| revealed(c) != c)
}

/// The event without a character that the writer of MathML leaves unescaped.
pub(super) fn shield(event: Event<'_>) -> Event<'_> {
    let content = match event {
        // A space that does not break: as text it would be escaped a second time.
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
        // A relation cannot be made anew. As punctuation it is written the same, and stands the
        // same beside what follows.
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
