//! Rewrites commands that the TeX parser lacks. Formulas cannot define commands, so the work is
//! bounded by the length and depth of the text.

use super::{
    chemistry,
    commands::{Rewrite, WORDS, rewrite},
    escape::shielded,
    parser::{TexReader, Token},
    units,
};

/// Deepest nesting of groups, pairs and environments. Trees are parsed and rendered by recursion.
pub(super) const MAX_DEPTH: usize = 24;
/// Longest result, in bytes.
const LONGEST: usize = 16_000;
/// Rejected commands: with definitions a short formula could expand without end.
const DEFINES: [&str; 11] = [
    "def",
    "gdef",
    "edef",
    "xdef",
    "let",
    "futurelet",
    "newcommand",
    "renewcommand",
    "providecommand",
    "long",
    "outer",
];
/// The colour that marks invisible content. `mathml` replaces it with a class.
const UNSEEN: &str = "\\color{#010203}";
/// The colour that marks framed content.
const FRAMED: &str = "\\color{#030201}";

/// Expands a formula to commands of the parser; `None` if it is invalid, too deep or becomes too
/// long.
pub(super) fn expand(tex: &str) -> Option<String> {
    let expanded = inside(tex, 0)?;
    // Line breaks and columns outside of an environment.
    let (mut lines, mut columns) = (false, false);
    let mut reader = TexReader::new(&expanded);
    while let Some(token) = reader.token() {
        match token {
            Token::Command("begin") => drop(reader.until("begin", "end")?),
            Token::Symbol('\\') => lines = true,
            Token::Char('&') => columns = true,
            _ => {}
        }
    }
    Some(match (lines, columns) {
        (_, true) => format!("\\begin{{aligned}}{expanded}\\end{{aligned}}"),
        (true, false) => format!("\\begin{{gathered}}{expanded}\\end{{gathered}}"),
        (false, false) => expanded,
    })
}

pub(super) fn inside(tex: &str, depth: usize) -> Option<String> {
    if depth > MAX_DEPTH {
        return None;
    }
    let (mut reader, mut out) = (TexReader::new(tex), String::new());
    while !reader.rest.is_empty() {
        match reader.token()? {
            Token::Group(group) => {
                out.push('{');
                out.push_str(&inside(group, depth + 1)?);
                out.push('}');
            }
            // A comment in TeX, but a percent sign in a chat.
            Token::Char('%') => out.push_str("\\%"),
            Token::Char(c) => out.push(c),
            Token::Symbol(c) => {
                out.push('\\');
                out.push(c);
            }
            // Both sides are its operands.
            Token::Command(infix @ ("over" | "choose" | "atop")) => {
                let after = inside(reader.rest, depth + 1)?;
                return Some(match infix {
                    "over" => format!("\\frac{{{out}}}{{{after}}}"),
                    "choose" => format!("\\binom{{{out}}}{{{after}}}"),
                    _ => format!("\\substack{{{out}\\\\{after}}}"),
                });
            }
            Token::Command(name) => command(name, &mut reader, &mut out, depth)?,
        }
        if out.len() > LONGEST {
            return None;
        }
    }
    Some(out)
}

fn command(name: &str, reader: &mut TexReader<'_>, out: &mut String, depth: usize) -> Option<()> {
    let within = |text: &str| inside(text, depth + 1);
    let written = match name {
        _ if DEFINES.contains(&name) => return None,
        _ if WORDS.contains(&name) => words(name, reader.argument()?, depth + 1)?,
        "operatorname" => {
            let star = reader.rest.starts_with('*');
            reader.rest = reader.rest.strip_prefix('*').unwrap_or(reader.rest);
            let limits = if star && !reader.rest.is_empty() { "\\limits" } else { "" };
            let name = plain(reader.argument()?)?;
            format!(
                "\\operatorname{{{name}}}{}",
                if reader.rest.trim_start().starts_with(['_', '^']) { limits } else { "" }
            )
        }
        "begin" => environment(reader, depth)?,
        "left" => {
            let opening = delimiter(reader)?;
            let inner = within(reader.until("left", "right")?)?;
            format!("\\left{opening}{inner}\\right{}", delimiter(reader)?)
        }
        "boxed" => format!("{{{FRAMED}{}}}", within(reader.argument()?)?),
        "fbox" | "framebox" => {
            format!("{{{FRAMED}{}}}", words("text", reader.argument()?, depth + 1)?)
        }
        "phantom" | "hphantom" | "vphantom" => {
            format!("{{{UNSEEN}{}}}", within(reader.argument()?)?)
        }
        "braket" | "Braket" | "set" | "Set" => {
            let (opening, closing) = if name.eq_ignore_ascii_case("set") {
                ("\\{", "\\}")
            } else {
                ("\\langle", "\\rangle")
            };
            format!("\\left{opening} {} \\right{closing} ", bars(&within(reader.argument()?)?)?)
        }
        "ce" | "cee" => {
            format!("{{{}}}", within(&chemistry::formula(reader.argument()?, depth + 1)?)?)
        }
        "num" | "ang" | "unit" | "si" | "qty" | "SI" | "numrange" | "qtyrange" | "SIrange" => {
            let _options = reader.optional();
            format!("{{{}}}", within(&units::written(name, reader)?)?)
        }
        "dv" | "pdv" | "derivative" => {
            derivative(if name == "pdv" { "\\partial " } else { "\\mathrm{d}" }, reader, &within)?
        }
        "hspace" => {
            reader.rest = reader.rest.strip_prefix('*').unwrap_or(reader.rest);
            format!("\\hspace{{{}}}", reader.argument()?)
        }
        _ => match rewrite(name) {
            Some(Rewrite { arguments, template, .. }) => {
                let mut text = (*template).to_owned();
                for n in 1..=*arguments {
                    text = text.replace(&format!("#{n}"), &within(reader.argument()?)?);
                }
                text
            }
            None => format!("\\{name} "),
        },
    };
    out.push_str(&written);
    Some(())
}

/// Text with embedded formulas and commands, such as `\text{if $x$ is 5\,\%}`.
fn words(name: &str, text: &str, depth: usize) -> Option<String> {
    if depth > MAX_DEPTH {
        return None;
    }
    let (mut reader, mut out, mut run) = (TexReader::new(text), String::new(), String::new());
    while !reader.rest.is_empty() {
        let mut other = String::new();
        match reader.token()? {
            Token::Char('$') => {
                let (formula, rest) = reader.rest.split_once('$')?;
                other = format!("{{{}}}", inside(formula, depth + 1)?);
                reader.rest = rest;
            }
            Token::Char('~') | Token::Symbol(' ' | ',' | ';' | ':') => run.push(' '),
            Token::Char(c) | Token::Symbol(c) => run.push(shielded(c)),
            Token::Group(group) => other = words(name, group, depth + 1)?,
            Token::Command(command_name) => {
                command(command_name, &mut reader, &mut other, depth + 1)?
            }
        }
        if !other.is_empty() || reader.rest.is_empty() {
            if !run.is_empty() {
                out.push_str(&format!("\\{name}{{{run}}}"));
                run.clear();
            }
            out.push_str(&other);
        }
    }
    Some(out)
}

fn environment(reader: &mut TexReader<'_>, depth: usize) -> Option<String> {
    let name = reader.argument()?;
    let content = reader.until("begin", "end")?;
    if reader.argument()? != name {
        return None;
    }
    let (name, columns) = match name {
        "eqnarray" | "eqnarray*" => ("array", "{rcl}"),
        "flalign" | "flalign*" | "alignedat*" => ("align*", ""),
        "tabular" => ("array", ""),
        "displaymath" | "math" => ("equation*", ""),
        "aligned*" => ("aligned", ""),
        "gathered*" => ("gathered", ""),
        other => (other, ""),
    };
    Some(format!("\\begin{{{name}}}{columns}{}\\end{{{name}}}", inside(content, depth + 1)?))
}

/// A delimiter after `\left` or `\right`.
fn delimiter(reader: &mut TexReader<'_>) -> Option<String> {
    reader.skip_space();
    let written = match reader.token()? {
        Token::Char('<') => "\\langle ".to_owned(),
        Token::Char('>') => "\\rangle ".to_owned(),
        Token::Char(c) => c.to_string(),
        Token::Symbol(c) => format!("\\{c}"),
        Token::Command(name) => format!("\\{name} "),
        Token::Group(_) => return None,
    };
    Some(written)
}

/// Makes bars outside of groups as tall as the surrounding content.
fn bars(tex: &str) -> Option<String> {
    let (mut reader, mut out) = (TexReader::new(tex), String::new());
    while !reader.rest.is_empty() {
        let before = reader.rest;
        match reader.token()? {
            Token::Char('|') | Token::Command("mid" | "vert") => out.push_str("\\middle|"),
            Token::Symbol('|') => out.push_str("\\middle\\|"),
            _ => out.push_str(&before[..before.len() - reader.rest.len()]),
        }
    }
    Some(out)
}

/// The name of a function, without commands around it.
fn plain(tex: &str) -> Option<String> {
    let (mut reader, mut out) = (TexReader::new(tex), String::new());
    while !reader.rest.is_empty() {
        match reader.token()? {
            Token::Char(c) if c.is_alphanumeric() || matches!(c, ' ' | '-' | '*' | '.' | '\'') => {
                out.push(c)
            }
            Token::Symbol(',' | ' ' | ';' | ':') => out.push(' '),
            Token::Symbol('!') | Token::Command("mathrm" | "text" | "rm" | "textrm") => {}
            Token::Group(group) => out.push_str(&plain(group)?),
            _ => return None,
        }
    }
    Some(out)
}

fn derivative(
    d: &str,
    reader: &mut TexReader<'_>,
    within: &impl Fn(&str) -> Option<String>,
) -> Option<String> {
    let order = reader.optional().map(within).unwrap_or(Some(String::new()))?;
    let power = if order.is_empty() { String::new() } else { format!("^{{{order}}}") };
    let first = within(reader.argument()?)?;
    if !reader.is_at_group() {
        return Some(format!("\\frac{{{d}{power}}}{{{d}{first}{power}}}"));
    }
    Some(format!("\\frac{{{d}{power}{first}}}{{{d}{}{power}}}", within(reader.argument()?)?))
}
