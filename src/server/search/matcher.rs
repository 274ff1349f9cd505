//! Matchers: where a search term is in a message, and how well it matches.

use super::{fold::is_unspaced, ngrams};
use crate::domain::search::Term;

/// Maximum number of matches of one term in one message.
const MAX_MATCHES: usize = 20;
/// Words within this many bytes are near each other.
const NEAR: usize = 100;

/// A folded search term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matcher {
    text: String,
    /// It matches at the beginning of a word only.
    at_start: bool,
    /// It matches at the end of a word only.
    at_end: bool,
    /// Numbers inside of words count as words.
    inside_words: bool,
}

/// A match in a folded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) start: usize,
    pub(super) end: usize,
    /// 3: a whole word; 2: a prefix; 1: inside of a word.
    quality: u32,
}

impl Matcher {
    /// From words as they were typed; `None` without a word.
    #[must_use]
    pub fn new(words: &str, exact: bool) -> Option<Self> {
        let text = super::fold(words);
        // One letter is a whole word, two are a prefix: the index has their terms nowhere else.
        let letters = |run: Option<&str>| {
            run.filter(|run| !run.starts_with(is_unspaced)).map_or(3, |run| run.chars().count())
        };
        let (first, last) =
            (letters(ngrams::runs(&text).next()), letters(ngrams::runs(&text).last()));
        (!text.is_empty()).then_some(Self {
            at_start: exact || first < 3,
            at_end: exact || last < 2,
            inside_words: !exact,
            text,
        })
    }

    /// The matchers of a query.
    #[must_use]
    pub fn from_terms(terms: &[Term]) -> Vec<Self> {
        let mut matchers: Vec<Self> =
            terms.iter().filter_map(|term| Self::new(&term.text, term.exact)).collect();
        matchers.dedup();
        matchers
    }

    /// The index terms that a matching message must have.
    #[must_use]
    pub fn index_terms(&self) -> Vec<String> {
        ngrams::query_terms(&self.text)
    }

    /// The matches, from the beginning.
    pub(super) fn find_in<'t>(&'t self, folded: &'t str) -> impl Iterator<Item = Match> + 't {
        let mut from = 0;
        std::iter::from_fn(move || {
            loop {
                let start = from + folded.get(from..)?.find(&self.text)?;
                let end = start + self.text.len();
                from = start + folded[start..].chars().next().map_or(1, char::len_utf8);
                let (starts, ends) = (is_edge(folded, start), is_edge(folded, end));
                let number_begins = || self.inside_words && is_number_edge(folded, start, true);
                let number_ends = || self.inside_words && is_number_edge(folded, end, false);
                if (starts || !self.at_start || number_begins())
                    && (ends || !self.at_end || number_ends())
                {
                    let quality = match (starts, ends) {
                        (true, true) => 3,
                        (true, false) => 2,
                        (false, _) => 1,
                    };
                    return Some(Match { start, end, quality });
                }
            }
        })
    }

    #[cfg(test)]
    pub(super) fn matches(&self, folded: &str) -> bool {
        self.find_in(folded).next().is_some()
    }
}

/// Whether a word may begin or end here.
fn is_edge(folded: &str, at: usize) -> bool {
    let (before, after) = (folded[..at].chars().next_back(), folded[at..].chars().next());
    match (before, after) {
        (Some(before), Some(after)) => {
            before == ' ' || after == ' ' || is_unspaced(before) || is_unspaced(after)
        }
        _ => true,
    }
}

/// Whether a number begins (or ends) here, inside of a word.
fn is_number_edge(folded: &str, at: usize, begins: bool) -> bool {
    let (before, after) = (folded[..at].chars().next_back(), folded[at..].chars().next());
    let (letter, digit) = if begins { (before, after) } else { (after, before) };
    letter.is_some_and(|c| c.is_alphabetic()) && digit.is_some_and(char::is_numeric)
}

/// The score of a folded text, higher is better; `None` when a term is missing. Whole words score
/// above prefixes and parts; among equal ones, terms near each other.
#[must_use]
pub fn score(folded: &str, matchers: &[Matcher]) -> Option<u32> {
    let mut worst = 3;
    let mut places = Vec::with_capacity(matchers.len());
    for matcher in matchers {
        let found: Vec<Match> = matcher.find_in(folded).take(MAX_MATCHES).collect();
        worst = worst.min(found.iter().map(|place| place.quality).max()?);
        places.push(found);
    }
    let letters: usize = matchers.iter().map(|matcher| matcher.text.len() + 1).sum();
    let together = match closest_span(&places) {
        Some((start, end)) if end - start > NEAR.max(letters) => 0,
        Some((start, end)) if end - start > letters => 1,
        _ => 2,
    };
    Some(3 * worst + together)
}

/// The range in which the terms are closest together.
pub(super) fn closest_span(places: &[Vec<Match>]) -> Option<(usize, usize)> {
    let (first, others) = places.split_first()?;
    let spans = first.iter().map(|place| {
        others.iter().fold((place.start, place.end), |(start, end), other| {
            let nearest = other.iter().min_by_key(|other| other.start.abs_diff(place.start));
            nearest.map_or((start, end), |nearest| (start.min(nearest.start), end.max(nearest.end)))
        })
    });
    spans.min_by_key(|(start, end)| end - start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::search::fold;

    fn found(words: &str, text: &str) -> bool {
        Matcher::new(words, false).unwrap().matches(&fold(text))
    }

    fn matches_exactly(words: &str, text: &str) -> bool {
        Matcher::new(words, true).unwrap().matches(&fold(text))
    }

    #[test]
    fn one_two_and_three_letters_match_words_prefixes_and_parts() {
        assert!(
            found("imi", "Rate limits") && found("LIMÍ", "rate limits") && !found("imt", "limits")
        );
        assert!(found("li", "rate limits") && !found("mi", "rate limits") && found("go", "Go!"));
        assert!(found("b", "plan B") && !found("b", "plan by"));
        assert!(found("3.14", "π = 3.14159") && !found("3.14", "13.14"));
        assert!(
            found("1.2.3", "v1.2.3-rc.1")
                && found("2.3", "v1.2.3")
                && !found("1.2.3", "v11.2.3")
                && !found("1.2.3", "v1.2.34")
        );
        assert!(
            found("5", "5km")
                && !found("5", "15km")
                && found("12", "v12")
                && !found("2", "v12")
                && !matches_exactly("1.2.3", "v1.2.3")
        );
        assert!(found("foo-bar", "foo_bar") && !found("foo-bar", "foo baz bar"));
    }

    #[test]
    fn symbols_are_significant() {
        assert!(found("C++", "C++17 and C") && !found("C++", "C, C#") && found("c", "C++"));
        assert!(found("C#", "in C#.") && !found("C#", "in C") && !found("C#", "ABC#"));
        assert!(
            found("+1", "(+1)") && !found("+1", "1") && !found("+1", "+10") && !found("+1", "+ 1")
        );
        assert!(
            found("50%", "50% off")
                && !found("50%", "50 off")
                && found("#tag", "x #tagged")
                && !found("#tag", "tag")
        );
        assert!(
            found("@ada", "thanks @ada!")
                && !found("@ada", "ada")
                && found("++", "i++")
                && matches_exactly("C++", "C++ is")
                && !matches_exactly("C++", "C")
        );
    }

    #[test]
    fn unspaced_scripts_match_anywhere() {
        assert!(found("索", "搜索引擎") && found("索引", "搜索引擎") && !found("搜引", "搜索引擎"));
        assert!(
            found("국", "한국어") && !found("하", "한국어"),
            "a syllable is no beginning of another"
        );
        assert!(found("ไทย", "ภาษาไทย") && found("タカ", "カタカナ"));
        assert!(found("3月", "3月4日") && !found("3月", "13月"));
        assert!(found("👍", "ok👍👍"));
    }

    #[test]
    fn quotes_match_whole_words_in_order() {
        assert!(
            matches_exactly("rate limit", "the Rate-Limit is low")
                && !matches_exactly("rate limit", "rate limits")
                && !matches_exactly("rate limit", "limit rate")
        );
        assert!(!matches_exactly("art", "party") && matches_exactly("art", "state of the art"));
        assert!(matches_exactly("ana", "banana ana"), "what overlaps a part is not missed");
    }

    #[test]
    fn whole_words_score_above_prefixes_and_parts() {
        let fit = |text: &str| {
            score(&fold(text), &Matcher::from_terms(&[Term { text: "limit".into(), exact: false }]))
                .unwrap()
        };
        assert!(fit("the limit") > fit("limits") && fit("limits") > fit("unlimited"));
        let both = |text: &str| {
            score(&fold(text), &["rate", "limit"].map(|word| Matcher::new(word, false).unwrap()))
        };
        let far = format!("rate {} limit", "x ".repeat(80));
        assert!(both("rate limit") > both("rate of the limit"));
        assert!(both("rate of the limit") > both(&far));
        assert!(both(&far) > both("rates limits"), "whole words count more than nearness");
        assert_eq!(both("rate"), None);
        assert_eq!(score("anything", &[]), Some(11), "without words all fit the same");
    }
}
