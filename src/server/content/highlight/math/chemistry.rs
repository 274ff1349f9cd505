//! Chemical formulas and reactions in the notation of mhchem, as `\ce{2H2 + O2 -> 2H2O}`, rewritten
//! as TeX.

use super::parser::{TexReader, Token};

/// What precedes the current position.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Nothing, a space or an operator.
    Gap,
    /// An element, a bracket or a script.
    Atom,
}

const ARROWS: [(&str, &str, &str); 8] = [
    ("<<=>", "\\rightleftharpoons ", ""),
    ("<=>>", "\\rightleftharpoons ", ""),
    ("<=>", "\\rightleftharpoons ", ""),
    ("<-->", "\\rightleftarrows ", ""),
    ("<->", "\\longleftrightarrow ", ""),
    ("->", "\\longrightarrow ", "\\xrightarrow"),
    ("<-", "\\longleftarrow ", "\\xleftarrow"),
    ("→", "\\longrightarrow ", "\\xrightarrow"),
];

/// Rewrites a formula as TeX; `None` if a brace is unbalanced.
pub(super) fn formula(text: &str, depth: usize) -> Option<String> {
    if depth > super::macros::MAX_DEPTH {
        return None;
    }
    let (mut reader, mut out, mut before) = (TexReader::new(text), String::new(), Before::Gap);
    while !reader.rest.is_empty() {
        if let Some(arrow) = arrow(&mut reader, depth)? {
            out.push_str(&arrow);
            before = Before::Gap;
            continue;
        }
        before = next(&mut reader, &mut out, before, depth)?;
    }
    Some(out)
}

fn next(
    reader: &mut TexReader<'_>,
    out: &mut String,
    before: Before,
    depth: usize,
) -> Option<Before> {
    let is_end = |rest: &str| rest.is_empty() || rest.starts_with([' ', ')', ']', ',', ';']);
    let start = reader.rest;
    let token = reader.token()?;
    match token {
        Token::Group(inside) => out.push_str(&format!("{{{}}}", formula(inside, depth + 1)?)),
        Token::Command(name) => out.push_str(&format!("\\{name} ")),
        Token::Symbol(c) => out.extend(['\\', c]),
        Token::Char('$') => {
            let (math, rest) = reader.rest.split_once('$')?;
            out.push_str(&format!("{{{math}}}"));
            reader.rest = rest;
        }
        Token::Char(' ') => {
            out.push_str("\\;");
            return Some(Before::Gap);
        }
        Token::Char('^') if before == Before::Gap && is_end(reader.rest) => {
            out.push_str("\\uparrow ")
        }
        Token::Char('v') if before == Before::Gap && is_end(reader.rest) => {
            out.push_str("\\downarrow ")
        }
        Token::Char(mark @ ('^' | '_')) => {
            let script = script(reader)?;
            out.push_str(&format!(
                "{}{mark}{{{script}}}",
                if before == Before::Gap { "{}" } else { "" }
            ));
        }
        Token::Char(c) if c.is_ascii_digit() => {
            if before == Before::Atom {
                let length = start.find(|c: char| !c.is_ascii_digit()).unwrap_or(start.len());
                out.push_str(&format!("_{{{}}}", &start[..length]));
                reader.rest = &start[length..];
            } else {
                let number = number(reader, start);
                match number.split_once('/') {
                    Some((over, under)) => out.push_str(&format!("\\frac{{{over}}}{{{under}}}\\,")),
                    None => out.push_str(&format!("{number}\\,")),
                }
                return Some(Before::Gap);
            }
        }
        Token::Char(sign @ ('+' | '-')) => {
            if before == Before::Atom && is_end(reader.rest) {
                out.push_str(&format!("^{{{sign}}}"));
            } else {
                out.push_str(&if before == Before::Atom {
                    format!("{{{sign}}}")
                } else {
                    format!("{{}}{sign}{{}}")
                });
                return Some(Before::Gap);
            }
        }
        Token::Char('=') => out.push_str("{=}"),
        Token::Char('#') => out.push_str("{\\equiv}"),
        Token::Char('*' | '.' | '·') => {
            out.push_str("\\cdot ");
            return Some(Before::Gap);
        }
        Token::Char(c) if c.is_alphabetic() => {
            let length = start.find(|c: char| !c.is_alphabetic()).unwrap_or(start.len());
            out.push_str(&format!("\\text{{{}}}", &start[..length]));
            reader.rest = &start[length..];
        }
        Token::Char(c) => {
            out.push(c);
            return Some(if matches!(c, ')' | ']') { Before::Atom } else { Before::Gap });
        }
    }
    Some(Before::Atom)
}

/// A script after its mark: a group, or digits with signs.
fn script(reader: &mut TexReader<'_>) -> Option<String> {
    if reader.is_at_group() {
        let inside = reader.argument()?;
        // Radicals are written as dots.
        return Some(inside.replace('.', "\\bullet "));
    }
    let length = reader
        .rest
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, '+' | '-' | 'n' | 'x'))
        .unwrap_or(reader.rest.len());
    if length == 0 {
        return reader.argument().map(str::to_owned);
    }
    let (script, rest) = reader.rest.split_at(length);
    reader.rest = rest;
    Some(script.to_owned())
}

fn number<'a>(reader: &mut TexReader<'a>, start: &'a str) -> &'a str {
    let length = start
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, '/' | '.' | ','))
        .unwrap_or(start.len());
    let number = start[..length].trim_end_matches(['/', '.', ',']);
    reader.rest = &start[number.len()..];
    number
}

/// An arrow with the texts above and below it.
fn arrow(reader: &mut TexReader<'_>, depth: usize) -> Option<Option<String>> {
    let Some((typed, alone, stretched)) =
        ARROWS.iter().find(|(typed, ..)| reader.rest.starts_with(typed))
    else {
        return Some(None);
    };
    reader.rest = &reader.rest[typed.len()..];
    let mut beside = || match reader.optional() {
        Some(text) => formula(text.trim(), depth + 1),
        None => Some(String::new()),
    };
    let (over, under) = (beside()?, beside()?);
    Some(Some(match (over.is_empty(), under.is_empty(), stretched.is_empty()) {
        (true, true, _) => (*alone).to_owned(),
        (_, true, false) => format!("{stretched}{{{over}}}"),
        (_, false, false) => format!("{stretched}[{under}]{{{over}}}"),
        (false, true, true) => format!("\\overset{{{over}}}{{{alone}}}"),
        (true, false, true) => format!("\\underset{{{under}}}{{{alone}}}"),
        (false, false, true) => format!("\\underset{{{under}}}{{\\overset{{{over}}}{{{alone}}}}}"),
    }))
}
