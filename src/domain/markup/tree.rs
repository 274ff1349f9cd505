//! What a message is made of.

/// A part of a message that stands by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Running text.
    Paragraph(Vec<Inline>),
    /// A heading, of whatever level: in a message all are alike.
    Heading(Vec<Inline>),
    /// Somebody's words.
    Quote(Vec<Self>),
    /// A list.
    List {
        /// What its markers look like.
        kind: ListKind,
        /// The items.
        items: Vec<Item>,
    },
    /// Code, as it stands.
    Code {
        /// In which language, as the writer says; may be empty.
        language: String,
        /// The code.
        text: String,
    },
    /// A formula that stands by itself, in TeX.
    Formula(String),
    /// A table.
    Table {
        /// How each column stands.
        align: Vec<Align>,
        /// Whether the first row names the columns.
        headed: bool,
        /// The rows.
        rows: Vec<Vec<Vec<Inline>>>,
    },
    /// A line across.
    Rule,
}

/// What the markers of a list look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// The numbers that were typed.
    Numbered,
    /// A round bullet instead of the sign that was typed: all items have the same one, so it says nothing.
    Bulleted,
    /// The signs that were typed, because they may mean something: a single item, or several signs beside each other.
    Signed,
}

/// An item of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The marker as it was typed, such as `12.`, `3)` or `-`.
    pub marker: String,
    /// For an item of a task list: whether it is done.
    pub done: Option<bool>,
    /// What stands in it.
    pub inside: Vec<Block>,
}

impl Item {
    /// The marker as it is written where there is only text.
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

/// How a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Where the text begins.
    Start,
    /// In the middle.
    Center,
    /// Where the text ends.
    End,
}

/// A part of running text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Words; a line's end in them is one.
    Text(String),
    /// Strong.
    Strong(Vec<Self>),
    /// Stressed.
    Emphasis(Vec<Self>),
    /// Struck out.
    Strike(Vec<Self>),
    /// Code.
    Code(String),
    /// A formula, in TeX.
    Formula {
        /// It.
        tex: String,
        /// Whether it is printed as one that stands by itself.
        display: bool,
    },
    /// A link that leads somewhere safe.
    Link {
        /// Where.
        address: String,
        /// What stands there.
        inside: Vec<Self>,
    },
}

impl Inline {
    /// Whether this is a link that shows its own address, as it was typed: `www.` and e-mail addresses get a scheme.
    #[must_use]
    pub fn is_bare_link(&self) -> bool {
        let Self::Link { address, inside } = self else { return false };
        let [Self::Text(words)] = &inside[..] else { return false };
        address == words || ["https://", "mailto:"].iter().any(|scheme| address.strip_prefix(scheme) == Some(words))
    }
}
