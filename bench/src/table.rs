//! The table of results: the median of each figure, and its ratio to ChatBox.

use std::{collections::BTreeMap, fmt::Write, fs, io, path::Path};

use crate::figures::Run;

/// The reference of the ratios.
const REFERENCE: &str = "ChatBox";

/// The table, as Markdown.
///
/// # Errors
/// A file error.
pub fn table(file: &Path) -> io::Result<String> {
    let mut scenarios: BTreeMap<String, BTreeMap<String, Vec<Run>>> = BTreeMap::new();
    for line in fs::read_to_string(file)?.lines().filter(|line| !line.is_empty()) {
        let run: Run = serde_json::from_str(line)?;
        scenarios
            .entry(run.scenario.clone())
            .or_default()
            .entry(run.peer.clone())
            .or_default()
            .push(run);
    }
    let mut text = String::new();
    for (scenario, peers) in &scenarios {
        let names: Vec<&String> = peers
            .values()
            .flatten()
            .flat_map(|run| run.figures.keys())
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect();
        let _ = write!(text, "\n### {scenario}\n\n| |");
        for (peer, runs) in peers {
            let _ = write!(text, " {peer} (of {}) |", runs.len());
        }
        for peer in peers.keys().filter(|peer| *peer != REFERENCE) {
            let _ = write!(text, " ChatBox / {peer} |");
        }
        let _ = writeln!(
            text,
            "\n|---|{}",
            "---|".repeat(peers.len() * 2 - usize::from(peers.contains_key(REFERENCE)))
        );
        for name in names {
            let reference = peers.get(REFERENCE).and_then(|runs| median(runs, name));
            let _ = write!(text, "| {name} |");
            for runs in peers.values() {
                let _ = write!(
                    text,
                    " {} |",
                    median(runs, name).map_or_else(|| "–".into(), format_figure)
                );
            }
            for (_, runs) in peers.iter().filter(|(peer, _)| *peer != REFERENCE) {
                let ratio = reference
                    .zip(median(runs, name))
                    .filter(|(_, other)| *other > 0.0)
                    .map(|(reference, other)| reference / other);
                let _ = write!(
                    text,
                    " {} |",
                    ratio.map_or_else(|| "–".into(), |ratio| format!("{ratio:.2}"))
                );
            }
            text.push('\n');
        }
    }
    Ok(text)
}

fn median(runs: &[Run], name: &str) -> Option<f64> {
    let mut figures: Vec<f64> =
        runs.iter().filter_map(|run| run.figures.get(name).copied()).collect();
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    match figures.len() {
        0 => None,
        even if even % 2 == 0 => Some(f64::midpoint(figures[middle - 1], figures[middle])),
        _ => Some(figures[middle]),
    }
}

fn format_figure(figure: f64) -> String {
    match figure.abs() {
        large if large >= 100.0 => format!("{figure:.0}"),
        middle if middle >= 1.0 => format!("{figure:.2}"),
        _ => format!("{figure:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_the_mean_of_two() {
        let run = |figure| Run { figures: [("x".to_owned(), figure)].into(), ..Run::default() };
        assert_eq!(median(&[run(3.0), run(1.0), run(2.0)], "x"), Some(2.0));
        assert_eq!(median(&[run(3.0), run(1.0)], "x"), Some(2.0));
        assert_eq!(median(&[], "x"), None);
    }
}
