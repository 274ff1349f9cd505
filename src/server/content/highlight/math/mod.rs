//! Renders a TeX formula as a tree of allowed MathML elements.

mod chemistry;
mod commands;
mod escape;
mod macros;
pub(super) mod mathml;
mod parser;
#[cfg(test)]
mod samples;
mod units;

use pulldown_latex::{Parser, RenderConfig, Storage, config::DisplayMode, push_mathml};

use crate::domain::rendering::Span;

/// Longest formula, in bytes.
const MAX_LENGTH: usize = 2_000;
/// Maximum number of commands and scripts.
const MAX_COMMANDS: usize = 400;
/// Maximum number of commands and scripts after expansion.
const MAX_EXPANDED_COMMANDS: usize = 1_200;

/// Renders a formula; `None` if it is invalid.
pub(super) fn render(tex: &str, display: bool) -> Option<Vec<Span>> {
    let marks = |text: &str| text.matches(['\\', '^', '_']).count();
    if tex.trim().is_empty()
        || tex.len() > MAX_LENGTH
        || marks(tex) > MAX_COMMANDS
        || escape::has_private_use(tex)
    {
        return None;
    }
    let tex = macros::expand(tex).filter(|tex| marks(tex) <= MAX_EXPANDED_COMMANDS)?;
    let storage = Storage::new();
    let events: Vec<_> = Parser::new(&tex, &storage)
        .map(|event| event.map(escape::shield))
        .collect::<Result<_, _>>()
        .ok()?;
    let mode = if display { DisplayMode::Block } else { DisplayMode::Inline };
    let mut written = String::new();
    let events = events.into_iter().map(Ok::<_, std::convert::Infallible>);
    push_mathml(
        &mut written,
        events,
        RenderConfig { display_mode: mode, xml: true, ..RenderConfig::default() },
    )
    .ok()?;
    mathml::read(&written).filter(|spans| spans.iter().all(|span| !span.children.is_empty()))
}
