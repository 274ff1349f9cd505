//! Facts of a message, extracted from its tree. Views render the same tree, so what is shown and
//! what is stored agree.

use super::{Block, Inline};
use crate::domain::mention::Mentions;

/// Facts of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Destinations of its links, in order.
    pub links: Vec<String>,
    /// Whether it contains code.
    pub has_code: bool,
    /// Whether one of its lines ends in a question mark.
    pub is_question: bool,
    /// Its mentions.
    pub mentions: Mentions,
}

impl Facts {
    /// Extracts the facts of a tree.
    #[must_use]
    pub fn of(blocks: &[Block]) -> Self {
        let mut facts = Self::default();
        facts.read(blocks);
        facts
    }

    fn read(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Paragraph(inside) | Block::Heading(inside) => self.running(inside),
                Block::Quote(inside) => self.read(inside),
                Block::List { items, .. } => items.iter().for_each(|item| self.read(&item.inside)),
                Block::Table { rows, .. } => {
                    rows.iter().flatten().for_each(|cell| self.running(cell))
                }
                Block::Code { .. } => self.has_code = true,
                Block::Formula(_) | Block::Rule => {}
            }
        }
    }

    fn running(&mut self, inlines: &[Inline]) {
        let mut line = String::new();
        self.inlines(inlines, false, &mut line);
        self.is_question = self.is_question || line.lines().any(asks);
    }

    fn inlines(&mut self, inlines: &[Inline], in_link: bool, line: &mut String) {
        for inline in inlines {
            match inline {
                Inline::Text(text) => {
                    line.push_str(text);
                    if !in_link {
                        self.mentions.read(text);
                    }
                }
                Inline::Strong(inside) | Inline::Emphasis(inside) | Inline::Strike(inside) => {
                    self.inlines(inside, in_link, line)
                }
                Inline::Link { address, inside } => {
                    self.links.push(address.clone());
                    self.inlines(inside, true, line);
                }
                // Code and formulas are no questions, whatever they end in.
                Inline::Code(code) => {
                    self.has_code |= !code.trim().is_empty();
                    line.push('x');
                }
                Inline::Formula { .. } => line.push('x'),
            }
        }
    }
}

/// Whether a line ends in a question mark, in any script.
fn asks(line: &str) -> bool {
    let end = line.trim_end_matches(|c: char| c.is_whitespace() || "*_~!)\"”»".contains(c));
    end.ends_with(['?', '？', '؟', '\u{37e}', '⁇', '‽'])
}

/// Whether a tree has more than text and bare links.
pub(super) fn has_marks(blocks: &[Block]) -> bool {
    blocks
        .iter()
        .any(|block| if let Block::Paragraph(inside) = block { are_marked(inside) } else { true })
}

fn are_marked(inlines: &[Inline]) -> bool {
    inlines.iter().any(|inline| !matches!(inline, Inline::Text(_)) && !inline.is_bare_link())
}

/// Appends the plain text, with list markers.
pub(super) fn words(blocks: &[Block], into: &mut String) {
    for block in blocks {
        into.push('\n');
        match block {
            Block::Paragraph(inside) | Block::Heading(inside) => words_of(inside, into),
            Block::Quote(inside) => words(inside, into),
            Block::List { kind, items } => {
                items.iter().for_each(|item| item_words(item.shown(*kind), &item.inside, into))
            }
            Block::Code { text, .. } | Block::Formula(text) => into.push_str(text),
            Block::Table { rows, .. } => rows.iter().flatten().for_each(|cell| {
                into.push(' ');
                words_of(cell, into);
            }),
            Block::Rule => {}
        }
    }
}

fn item_words(marker: &str, inside: &[Block], into: &mut String) {
    into.push('\n');
    into.push_str(marker);
    into.push(' ');
    words(inside, into);
}

fn words_of(inlines: &[Inline], into: &mut String) {
    for inline in inlines {
        match inline {
            Inline::Text(text) | Inline::Code(text) | Inline::Formula { tex: text, .. } => {
                into.push_str(text)
            }
            Inline::Strong(inside)
            | Inline::Emphasis(inside)
            | Inline::Strike(inside)
            | Inline::Link { inside, .. } => words_of(inside, into),
        }
    }
}
