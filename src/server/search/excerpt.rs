//! The excerpt of a search result: the part of the message with the matches, on one line.

use super::{
    Matcher,
    fold::{FoldedText, fold_with_origins},
    matcher::closest_span,
};
use crate::domain::{markup, search::ExcerptSpan};

/// Characters before the first word that was looked for.
const CONTEXT_BEFORE: usize = 50;
/// Characters in all.
const MAX_LENGTH: usize = 220;
/// How far from the cut a space is looked for.
const SLACK: usize = 16;
/// Maximum number of highlighted matches of a term.
const MAX_HIGHLIGHTS: usize = 50;

/// The part of a message around its matches, without markup; with markup where a match is in hidden
/// text, such as the address of a link.
#[must_use]
pub fn excerpt(body: &str, matchers: &[Matcher]) -> Vec<ExcerptSpan> {
    let plain = markup::plain(body);
    let folded = fold_with_origins(&plain);
    let is_shown = matchers.iter().all(|matcher| matcher.find_in(&folded.text).next().is_some());
    if is_shown {
        excerpt_around(&plain, &folded, matchers)
    } else {
        excerpt_around(body, &fold_with_origins(body), matchers)
    }
}

fn excerpt_around(body: &str, folded: &FoldedText, matchers: &[Matcher]) -> Vec<ExcerptSpan> {
    let places: Vec<Vec<_>> = matchers
        .iter()
        .map(|matcher| matcher.find_in(&folded.text).take(MAX_HIGHLIGHTS).collect())
        .collect();
    let anchor = closest_span(&places).map_or(0, |(start, end)| folded.origin(start, end).0);
    let hit_ranges =
        merge_ranges(folded, places.iter().flatten().map(|place| (place.start, place.end)));
    let (from, to) = window(body, anchor);
    let mut builder = ExcerptBuilder::default();
    if body[..from].contains(|c: char| !c.is_whitespace()) {
        builder.push('…', false);
    }
    for (at, c) in body[from..to].char_indices() {
        let at = from + at;
        let next = hit_ranges.partition_point(|(_, end)| *end <= at);
        builder.push(c, hit_ranges.get(next).is_some_and(|(start, _)| *start <= at));
    }
    if body[to..].contains(|c: char| !c.is_whitespace()) {
        builder.push('…', false);
    }
    builder.spans
}

/// The ranges in the original, in order, with touching ones merged.
fn merge_ranges(
    folded: &FoldedText,
    places: impl Iterator<Item = (usize, usize)>,
) -> Vec<(usize, usize)> {
    let mut places: Vec<_> = places.map(|(start, end)| folded.origin(start, end)).collect();
    places.sort_unstable();
    let mut merged: Vec<(usize, usize)> = Vec::with_capacity(places.len());
    for (start, end) in places {
        match merged.last_mut() {
            Some((_, last)) if *last >= start => *last = (*last).max(end),
            _ => merged.push((start, end)),
        }
    }
    merged
}

/// The range of the body that is shown, cut at spaces where there are some.
fn window(body: &str, anchor: usize) -> (usize, usize) {
    let back: Vec<(usize, char)> =
        body[..anchor].char_indices().rev().take(CONTEXT_BEFORE).collect();
    let from = if back.len() < CONTEXT_BEFORE {
        0
    } else {
        let space = back.iter().rev().take(SLACK).find(|(_, c)| c.is_whitespace());
        space.or(back.last()).map_or(anchor, |(at, _)| *at)
    };
    let left = MAX_LENGTH - back.len();
    let ahead: Vec<(usize, char)> = body[anchor..].char_indices().take(left + 1).collect();
    let to = if ahead.len() <= left {
        body.len()
    } else {
        let space = ahead.iter().rev().take(SLACK).find(|(_, c)| c.is_whitespace());
        space.or(ahead.last()).map_or(body.len(), |(at, _)| anchor + at)
    };
    (from, to)
}

/// Builds one line of highlighted and plain parts.
#[derive(Default)]
struct ExcerptBuilder {
    spans: Vec<ExcerptSpan>,
    /// A pending space, and whether it is highlighted.
    pending_space: Option<bool>,
}

impl ExcerptBuilder {
    fn push(&mut self, c: char, hit: bool) {
        if c.is_whitespace() {
            self.pending_space.get_or_insert(hit);
            return;
        }
        if let Some(is_hit) = self.pending_space.take().filter(|_| !self.spans.is_empty()) {
            self.add(' ', is_hit);
        }
        self.add(c, hit);
    }

    fn add(&mut self, c: char, hit: bool) {
        match self.spans.last_mut() {
            Some(last) if last.hit == hit => last.text.push(c),
            _ => self.spans.push(ExcerptSpan { text: c.into(), hit }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With highlights in brackets.
    fn shown(body: &str, words: &[&str]) -> String {
        let matchers: Vec<_> = words.iter().filter_map(|word| Matcher::new(word, false)).collect();
        excerpt(body, &matchers)
            .into_iter()
            .map(|excerpt_span| {
                if excerpt_span.hit {
                    format!("[{}]", excerpt_span.text)
                } else {
                    excerpt_span.text
                }
            })
            .collect()
    }

    #[test]
    fn hits_are_highlighted_in_the_original_text() {
        assert_eq!(
            shown("The Rate-Limit of É\u{301}lan", &["limit", "élan"]),
            "The Rate-[Limit] of [É\u{301}lan]"
        );
        assert_eq!(shown("one\n\n  two  three", &["two"]), "one [two] three");
        assert_eq!(shown("搜索引擎", &["索引"]), "搜[索引]擎");
        assert_eq!(shown("rate limit", &["rate", "ate lim"]), "[rate lim]it");
        assert_eq!(shown("Straße", &["ss"]), "Straße", "two letters are a beginning");
        assert_eq!(shown("Straße", &["rass"]), "St[raß]e");
        assert_eq!(shown("a b", &["a", "b"]), "[a] [b]");
        assert_eq!(shown("nothing", &[]), "nothing");
    }

    #[test]
    fn markup_is_hidden_unless_it_matches() {
        assert_eq!(
            shown("# Plan\n**bold** `code` [words](https://a.example/path)", &["bold"]),
            "Plan [bold] code words"
        );
        assert_eq!(
            shown("[words](https://a.example/path)", &["path"]),
            "[words](https://a.example/[path])"
        );
        assert_eq!(shown("12. März\n3. April", &["märz"]), "12. [März] 3. April");
        assert_eq!(shown("> **C++** is not C", &["C++"]), "[C++] is not C");
        assert_eq!(shown("***", &[]), "***");
    }

    #[test]
    fn a_long_message_is_excerpted_around_the_hit() {
        let long = format!("{}needle{}", "before ".repeat(60), " after".repeat(60));
        let shown = shown(&long, &["needle"]);
        assert!(shown.starts_with("… before") || shown.starts_with("…before"), "{shown}");
        assert!(
            shown.contains("[needle]")
                && shown.ends_with('…')
                && shown.chars().count() < MAX_LENGTH + 10,
            "{shown}"
        );
        assert!(super::tests::shown(&"x".repeat(10_000), &[]).chars().count() <= MAX_LENGTH + 1);
        assert!(
            super::tests::shown(&"字".repeat(10_000), &["字"]).chars().count() <= MAX_LENGTH + 3
        );
    }

    #[test]
    fn odd_texts_are_excerpted_unchanged() {
        for body in [
            "",
            "\u{301}",
            "👩‍🔬👩‍🔬",
            "\u{202e}abc",
            "İİİİ",
            "ﷺ",
            "\0",
            "a\u{300}\u{300}\u{300}\u{300}",
            "<script>alert(1)</script>",
        ] {
            for word in ["a", "abc", "script", "i", "👩", "صلى"] {
                let whole: String = shown(body, &[word]).replace(['[', ']'], "");
                assert_eq!(
                    whole.replace('…', ""),
                    body.split_whitespace().collect::<Vec<_>>().join(" "),
                    "{body:?} {word}"
                );
            }
        }
    }
}
