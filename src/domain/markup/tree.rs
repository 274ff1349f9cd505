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
        /// The first number, where it is numbered.
        start: Option<u32>,
        /// The items.
        items: Vec<Vec<Self>>,
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
        /// The rows, the first of them the head.
        rows: Vec<Vec<Vec<Inline>>>,
    },
    /// A line across.
    Rule,
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

/// Whether anything in it is more than running text with bare addresses.
pub(super) fn has_marks(blocks: &[Block]) -> bool {
    blocks.iter().any(|block| if let Block::Paragraph(inside) = block { are_marked(inside) } else { true })
}

/// Whether anything in it is more than words and bare addresses.
pub(super) fn are_marked(inlines: &[Inline]) -> bool {
    inlines.iter().any(|inline| match inline {
        Inline::Text(_) => false,
        Inline::Link { address, inside } => !matches!(&inside[..], [Inline::Text(words)] if words == address),
        _ => true,
    })
}

/// The words alone.
pub(super) fn words(blocks: &[Block], into: &mut String) {
    for block in blocks {
        into.push(' ');
        match block {
            Block::Paragraph(inside) | Block::Heading(inside) => words_of(inside, into),
            Block::Quote(inside) => words(inside, into),
            Block::List { items, .. } => items.iter().for_each(|item| words(item, into)),
            Block::Code { text, .. } | Block::Formula(text) => into.push_str(text),
            Block::Table { rows, .. } => rows.iter().flatten().for_each(|cell| {
                into.push(' ');
                words_of(cell, into);
            }),
            Block::Rule => {}
        }
    }
}

fn words_of(inlines: &[Inline], into: &mut String) {
    for inline in inlines {
        match inline {
            Inline::Text(text) | Inline::Code(text) | Inline::Formula { tex: text, .. } => into.push_str(text),
            Inline::Strong(inside) | Inline::Emphasis(inside) | Inline::Strike(inside) | Inline::Link { inside, .. } => words_of(inside, into),
        }
    }
}

/// Where its links lead.
pub(super) fn links(blocks: &[Block], into: &mut Vec<String>) {
    for block in blocks {
        match block {
            Block::Paragraph(inside) | Block::Heading(inside) => links_of(inside, into),
            Block::Quote(inside) => links(inside, into),
            Block::List { items, .. } => items.iter().for_each(|item| links(item, into)),
            Block::Table { rows, .. } => rows.iter().flatten().for_each(|cell| links_of(cell, into)),
            Block::Code { .. } | Block::Formula(_) | Block::Rule => {}
        }
    }
}

fn links_of(inlines: &[Inline], into: &mut Vec<String>) {
    for inline in inlines {
        match inline {
            Inline::Link { address, .. } => into.push(address.clone()),
            Inline::Strong(inside) | Inline::Emphasis(inside) | Inline::Strike(inside) => links_of(inside, into),
            Inline::Text(_) | Inline::Code(_) | Inline::Formula { .. } => {}
        }
    }
}
