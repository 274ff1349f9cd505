//! The tokens of a source file without comments, each with its place.

use proc_macro2::{Delimiter, Group, LineColumn, Spacing, TokenStream, TokenTree};

/// One token. Brackets are tokens of their own.
pub(crate) struct Token {
    pub start: LineColumn,
    pub end: LineColumn,
    pub kind: Kind,
    /// Whether an item under `#[cfg(test)]` contains it.
    pub in_test: bool,
}

/// What a token is.
#[derive(PartialEq)]
pub(crate) enum Kind {
    Word(String),
    /// An operator or a bracket. `::`, `=>` and `->` are one token.
    Sign(String),
    /// The value of a string literal.
    Text(String),
    /// A number, a character or bytes.
    Literal,
}

impl Token {
    pub(crate) fn word(&self) -> Option<&str> {
        if let Kind::Word(word) = &self.kind { Some(word) } else { None }
    }

    pub(crate) fn is(&self, sign: &str) -> bool {
        matches!(&self.kind, Kind::Sign(found) if found == sign)
    }

    pub(crate) fn text(&self) -> Option<&str> {
        if let Kind::Text(text) = &self.kind { Some(text) } else { None }
    }
}

/// The tokens of a stream and of its groups, in order. Doc comments are left out: the lexer makes
/// attributes of them.
pub(crate) fn flatten(stream: TokenStream) -> Vec<Token> {
    let mut found = Vec::new();
    push_all(stream, &mut found);
    found
}

fn push_all(stream: TokenStream, found: &mut Vec<Token>) {
    let trees: Vec<_> = stream.into_iter().collect();
    let mut at = 0;
    while at < trees.len() {
        at += match doc_attribute(&trees[at..]) {
            0 => push(&trees[at..], found),
            skipped => skipped,
        };
    }
}

/// Adds the first token, and says how many trees it consists of.
fn push(trees: &[TokenTree], found: &mut Vec<Token>) -> usize {
    let mut add = |start, end, kind| found.push(Token { start, end, kind, in_test: false });
    let span = trees[0].span();
    match &trees[0] {
        TokenTree::Group(group) => {
            let (open, close) = brackets(group);
            let (first, last) = (group.span_open(), group.span_close());
            if !open.is_empty() {
                add(first.start(), first.end(), Kind::Sign(open.to_owned()));
            }
            push_all(group.stream(), found);
            if !close.is_empty() {
                let kind = Kind::Sign(close.to_owned());
                found.push(Token { start: last.start(), end: last.end(), kind, in_test: false });
            }
        }
        TokenTree::Ident(word) => add(span.start(), span.end(), Kind::Word(word.to_string())),
        TokenTree::Literal(literal) => {
            let kind = match syn::Lit::new(literal.clone()) {
                syn::Lit::Str(text) => Kind::Text(text.value()),
                _ => Kind::Literal,
            };
            add(span.start(), span.end(), kind);
        }
        TokenTree::Punct(sign) => {
            if let (Spacing::Joint, Some(TokenTree::Punct(next))) = (sign.spacing(), trees.get(1)) {
                let both = format!("{}{}", sign.as_char(), next.as_char());
                if matches!(both.as_str(), "::" | "=>" | "->") {
                    add(span.start(), next.span().end(), Kind::Sign(both));
                    return 2;
                }
            }
            add(span.start(), span.end(), Kind::Sign(sign.as_char().to_string()));
        }
    }
    1
}

/// How many trees a `#[doc …]` or `#![doc …]` at the beginning has; 0 if there is none.
fn doc_attribute(trees: &[TokenTree]) -> usize {
    let is = |at: usize, sign: char| matches!(trees.get(at), Some(TokenTree::Punct(found)) if found.as_char() == sign);
    let at = if !is(0, '#') {
        return 0;
    } else if is(1, '!') {
        2
    } else {
        1
    };
    let is_doc = matches!(trees.get(at), Some(TokenTree::Group(group)) if begins_with_doc(group));
    if is_doc { at + 1 } else { 0 }
}

fn begins_with_doc(group: &Group) -> bool {
    group.delimiter() == Delimiter::Bracket
        && matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(word)) if word == "doc")
}

fn brackets(group: &Group) -> (&'static str, &'static str) {
    match group.delimiter() {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}
