//! The syntax tree of a message.

/// A block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A heading. The level is ignored.
    Heading(Vec<Inline>),
    /// A block quote.
    Quote(Vec<Self>),
    /// A list.
    List {
        /// Style of its markers.
        kind: ListKind,
        /// Its items.
        items: Vec<Item>,
    },
    /// A code block.
    Code {
        /// The language given by the author; may be empty.
        language: String,
        /// The code.
        text: String,
    },
    /// A display formula, in TeX.
    Formula(String),
    /// A table.
    Table {
        /// Alignment of each column.
        align: Vec<Align>,
        /// Whether the first row is a header.
        headed: bool,
        /// The rows.
        rows: Vec<Vec<Vec<Inline>>>,
    },
    /// A thematic break.
    Rule,
}

/// Style of the markers of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// Numbers as typed.
    Numbered,
    /// Bullets instead of the typed sign, which is the same for all items and so means nothing.
    Bulleted,
    /// Signs as typed, because they may mean something: a single item, or lists of different signs
    /// next to each other.
    Signed,
}

/// A list item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The marker as typed, such as `12.`, `3)` or `-`.
    pub marker: String,
    /// For a task: whether it is done.
    pub done: Option<bool>,
    /// Its content.
    pub inside: Vec<Block>,
}

impl Item {
    /// The marker in plain text.
    #[must_use]
    pub fn shown(&self, kind: ListKind) -> &str {
        match (self.done, kind) {
            (Some(true), _) => "☑",
            (Some(false), _) => "☐",
            (None, ListKind::Bulleted) => "•",
            (None, _) => &self.marker,
        }
    }
}

/// Alignment of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Start of the text direction.
    Start,
    /// Centre.
    Center,
    /// End of the text direction.
    End,
}

/// An inline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Text; may contain line breaks.
    Text(String),
    /// Bold.
    Strong(Vec<Self>),
    /// Italic.
    Emphasis(Vec<Self>),
    /// Strikethrough.
    Strike(Vec<Self>),
    /// Code.
    Code(String),
    /// A formula, in TeX.
    Formula {
        /// The TeX source.
        tex: String,
        /// Whether it is a display formula.
        display: bool,
    },
    /// A link with a safe scheme.
    Link {
        /// Its destination.
        address: String,
        /// Its text.
        inside: Vec<Self>,
    },
}

impl Inline {
    /// Whether this is a link whose text is its destination, with or without the scheme of `www.`
    /// and e-mail addresses.
    #[must_use]
    pub fn is_bare_link(&self) -> bool {
        let Self::Link { address, inside } = self else { return false };
        let [Self::Text(words)] = &inside[..] else { return false };
        address == words
            || ["https://", "mailto:"]
                .iter()
                .any(|scheme| address.strip_prefix(scheme) == Some(words))
    }
}
