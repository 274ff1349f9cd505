//! Parses the written MathML into a tree of allowed elements; `None` if it contains anything else.

use super::escape::unshielded;
use crate::domain::rendering::{MATHML_ATTRIBUTES, MATHML_ELEMENTS, Span};

/// Deepest nesting.
const MAX_DEPTH: usize = 50;

/// Parses MathML; `None` if an element is not allowed or not closed.
pub(in crate::server::content::highlight) fn read(written: &str) -> Option<Vec<Span>> {
    let (mut open, mut done) = (Vec::<Span>::new(), Vec::new());
    let mut rest = written;
    while let Some(at) = rest.find('<') {
        let text = unescaped(&rest[..at])?;
        if let Some(inner) = open.last_mut() {
            inner.text.push_str(&text);
        } else if !text.trim().is_empty() {
            return None;
        }
        // A quoted value may contain `>`.
        let end = end_of_tag(&rest[at..])?;
        let tag = &rest[at + 1..at + end];
        rest = &rest[at + end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            let closed = open.pop().filter(|span| span.kind == name.trim())?;
            close(&mut open, &mut done, closed);
        } else {
            let alone = tag.strip_suffix('/');
            let span = element(alone.unwrap_or(tag))?;
            if alone.is_some() {
                close(&mut open, &mut done, span);
            } else {
                open.push(span);
            }
        }
        if open.len() > MAX_DEPTH {
            return None;
        }
    }
    (open.is_empty() && rest.trim().is_empty() && !done.is_empty()).then_some(done)
}

fn close(open: &mut [Span], done: &mut Vec<Span>, mut span: Span) {
    if !span.children.is_empty() {
        span.text.clear();
    }
    match open.last_mut() {
        Some(outer) => outer.children.push(span),
        None => done.push(span),
    }
}

fn end_of_tag(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(at, c)| {
        quoted ^= c == '"';
        (c == '>' && !quoted).then_some(at)
    })
}

/// Parses a start tag: an allowed element with its allowed attributes.
fn element(tag: &str) -> Option<Span> {
    let tag = tag.trim();
    let (name, mut rest) = tag.split_at(tag.find(char::is_whitespace).unwrap_or(tag.len()));
    let mut span = Span {
        kind: (*MATHML_ELEMENTS.iter().find(|allowed| **allowed == name)?).to_owned(),
        ..Span::default()
    };
    while let Some((attribute, after)) = rest.split_once("=\"") {
        let (value, more) = after.split_once('"')?;
        let attribute = attribute.trim();
        if attribute == "style"
            && let Some(class) = class_of_style(value)
        {
            span.attributes.push(("class".to_owned(), class.to_owned()));
        }
        let value = if attribute == "class" { classes(value) } else { value.to_owned() };
        let is_plain = value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'%' | b' '));
        if MATHML_ATTRIBUTES.contains(&attribute) && is_plain && !value.is_empty() {
            span.attributes.push((attribute.to_owned(), value));
        }
        rest = more;
    }
    rest.trim().is_empty().then_some(span)
}

/// The class for a style. The content security policy forbids inline styles.
fn class_of_style(style: &str) -> Option<&'static str> {
    match style {
        "color: rgb(1 2 3)" => Some("menv-unseen"),
        "color: rgb(3 2 1)" => Some("menv-boxed"),
        _ => style.starts_with("border:").then_some("menv-boxed"),
    }
}

/// Maps the writer's classes to those of the style sheet.
fn classes(written: &str) -> String {
    let known = written.split(' ').filter_map(|class| match class {
        "mop-negated" => Some("menv-struck"),
        "cell-left" => Some("menv-cell-left"),
        "cell-right" => Some("menv-cell-right"),
        other => other.starts_with("menv-").then_some(other),
    });
    known.collect::<Vec<_>>().join(" ")
}

fn unescaped(text: &str) -> Option<String> {
    let (mut plain, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let (name, more) = after.split_once(';')?;
        plain.push(match name {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            "nbsp" => '\u{a0}',
            _ => char::from_u32(u32::from_str_radix(name.strip_prefix("#x")?, 16).ok()?)?,
        });
        rest = more;
    }
    plain.push_str(rest);
    Some(plain.chars().map(unshielded).collect())
}
