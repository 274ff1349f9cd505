//! A formula, written in TeX, as a tree of the elements of MathML that are allowed.

use pulldown_latex::{Parser, RenderConfig, Storage, config::DisplayMode, push_mathml};

use super::tree;
use crate::domain::typeset::Piece;

/// Longest formula, in bytes.
const LONGEST: usize = 2_000;
/// Deepest nesting of braces and pairs; trees are read and drawn by recursion.
const DEEPEST: usize = 24;
/// Most marks that put something over, under or around what follows.
const MOST_COMMANDS: usize = 400;
/// Whoever defines a command can make a short formula endless.
const DEFINES: [&str; 11] = ["def", "gdef", "edef", "xdef", "let", "futurelet", "newcommand", "renewcommand", "providecommand", "long", "outer"];

/// The formula; `None` where it is none.
pub(super) fn typeset(tex: &str, display: bool) -> Option<Vec<Piece>> {
    if tex.trim().is_empty() || !is_tame(tex) {
        return None;
    }
    let storage = Storage::new();
    let events: Vec<_> = Parser::new(tex, &storage).collect::<Result<_, _>>().ok()?;
    let mode = if display { DisplayMode::Block } else { DisplayMode::Inline };
    let mut written = String::new();
    let events = events.into_iter().map(Ok::<_, std::convert::Infallible>);
    push_mathml(&mut written, events, RenderConfig { display_mode: mode, xml: true, ..RenderConfig::default() }).ok()?;
    tree::read(&written)
}

fn is_tame(tex: &str) -> bool {
    let command = |rest: &str| rest.split(|c: char| !c.is_ascii_alphabetic()).next().is_some_and(|name| DEFINES.contains(&name));
    let defines = tex.split('\\').skip(1).any(command);
    let marks = tex.matches(['\\', '^', '_']).count();
    let (mut depth, mut deepest) = (0_usize, 0);
    for c in tex.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    let pairs = tex.matches("\\left").count().max(tex.matches("\\begin").count());
    tex.len() <= LONGEST && !defines && marks <= MOST_COMMANDS && deepest <= DEEPEST && pairs <= DEEPEST
}
