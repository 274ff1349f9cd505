//! The table of results: the median of each figure, and ratios. With ChatBox in a scenario, the
//! ratios are ChatBox to each other peer, otherwise each peer to the first one that was measured.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs, io,
    path::Path,
};

use crate::figures::Run;

/// The name of ChatBox in the results.
const CHATBOX: &str = "ChatBox";

/// The results of a scenario.
#[derive(Default)]
struct Scenario {
    /// The peer that was measured first.
    first: String,
    peers: BTreeMap<String, Vec<Run>>,
}

/// The table, as Markdown.
///
/// # Errors
/// A file error.
pub fn table(file: &Path) -> io::Result<String> {
    let mut scenarios = BTreeMap::<String, Scenario>::new();
    for line in fs::read_to_string(file)?.lines().filter(|line| !line.is_empty()) {
        let run: Run = serde_json::from_str(line)?;
        let scenario = scenarios.entry(run.scenario.clone()).or_default();
        if scenario.peers.is_empty() {
            scenario.first.clone_from(&run.peer);
        }
        scenario.peers.entry(run.peer.clone()).or_default().push(run);
    }
    let mut text = String::new();
    for (name, scenario) in &scenarios {
        let _ = write!(text, "\n### {name}\n\n");
        scenario.write(&mut text);
    }
    Ok(text)
}

impl Scenario {
    fn write(&self, text: &mut String) {
        let ratios = self.ratios();
        text.push_str("| |");
        for (peer, runs) in &self.peers {
            let _ = write!(text, " {peer} (of {}) |", runs.len());
        }
        for (one, other) in &ratios {
            let _ = write!(text, " {one} / {other} |");
        }
        let _ = writeln!(text, "\n|---|{}", "---|".repeat(self.peers.len() + ratios.len()));
        let figures: BTreeSet<&String> =
            self.peers.values().flatten().flat_map(|run| run.figures.keys()).collect();
        for figure in figures {
            let _ = write!(text, "| {figure} |");
            for peer in self.peers.keys() {
                let median = self.median(peer, figure).map_or_else(|| "–".into(), format_figure);
                let _ = write!(text, " {median} |");
            }
            for (one, other) in &ratios {
                let ratio = self
                    .median(one, figure)
                    .zip(self.median(other, figure))
                    .filter(|(_, other)| *other > 0.0)
                    .map_or_else(|| "–".into(), |(one, other)| format!("{:.2}", one / other));
                let _ = write!(text, " {ratio} |");
            }
            text.push('\n');
        }
    }

    /// The pairs of peers whose ratio is a column.
    fn ratios(&self) -> Vec<(&str, &str)> {
        let (has_chatbox, peers) =
            (self.peers.contains_key(CHATBOX), self.peers.keys().map(String::as_str));
        if has_chatbox {
            peers.filter(|peer| *peer != CHATBOX).map(|peer| (CHATBOX, peer)).collect()
        } else {
            peers.filter(|peer| *peer != self.first).map(|peer| (peer, &*self.first)).collect()
        }
    }

    fn median(&self, peer: &str, figure: &str) -> Option<f64> {
        self.peers.get(peer).and_then(|runs| median(runs, figure))
    }
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
    fn ratios_are_to_chatbox_or_to_the_first_peer() {
        let scenario = |first: &str, names: &[&str]| Scenario {
            first: first.to_owned(),
            peers: names.iter().map(|name| ((*name).to_owned(), Vec::new())).collect(),
        };
        assert_eq!(
            scenario("Axum", &["Axum", CHATBOX, "Durable"]).ratios(),
            [(CHATBOX, "Axum"), (CHATBOX, "Durable")]
        );
        assert_eq!(scenario("0", &["1000", "0"]).ratios(), [("1000", "0")]);
    }

    #[test]
    fn the_median_is_the_middle_or_the_mean_of_two() {
        let run = |figure| Run { figures: [("x".to_owned(), figure)].into(), ..Run::default() };
        assert_eq!(median(&[run(3.0), run(1.0), run(2.0)], "x"), Some(2.0));
        assert_eq!(median(&[run(3.0), run(1.0)], "x"), Some(2.0));
        assert_eq!(median(&[], "x"), None);
    }
}
