//! Index terms (n-grams), made the same way from messages and from queries.

use uuid::Uuid;

use super::{CODE, LINK, QUESTION, fold::is_unspaced};
use crate::domain::{ConversationId, PersonId, markup};

/// Maximum number of terms that are looked up for one word: candidates are read anyway, and each
/// further term costs more than it rules out.
const MAX_QUERY_TERMS: usize = 6;

/// The term for messages of this author.
#[must_use]
pub fn author_term(person: PersonId) -> String {
    id_term("zqf", person.0)
}

/// The term for messages of this conversation.
#[must_use]
pub fn conversation_term(conversation: ConversationId) -> String {
    id_term("zqc", conversation.0)
}

fn id_term(kind: &str, id: Uuid) -> String {
    format!("{kind}{}", id.simple())
}

/// All index terms of a message without duplicates, separated by spaces.
#[must_use]
pub fn index_terms(conversation: ConversationId, author: PersonId, body: &str) -> String {
    let folded = super::fold(body);
    let mut terms = Vec::with_capacity(folded.len());
    for run in runs(&folded) {
        push_ngrams(run, &mut terms);
    }
    terms.sort_unstable();
    terms.dedup();
    let (place, person) = (conversation_term(conversation), author_term(author));
    terms.extend([place.as_str(), person.as_str()]);
    let facts = markup::facts(body);
    let content_flags =
        [(LINK, !facts.links.is_empty()), (CODE, facts.has_code), (QUESTION, facts.is_question)];
    terms.extend(content_flags.iter().filter(|(_, has)| *has).map(|(flag, _)| *flag));
    terms.join(" ")
}

/// The terms that a message must have to contain this folded text.
pub(super) fn query_terms(folded: &str) -> Vec<String> {
    let mut query_terms = Vec::new();
    for run in runs(folded) {
        let starts = starts(run);
        let chars = starts.len() - 1;
        let size = if run.starts_with(is_unspaced) { 2 } else { 3 }.min(chars);
        let all: Vec<&str> =
            (0..=chars - size).map(|at| &run[starts[at]..starts[at + size]]).collect();
        // Spread over the word: neighbours are nearly equivalent.
        let taken = all.len().min(MAX_QUERY_TERMS);
        query_terms
            .extend((0..taken).map(|n| all[n * (all.len() - 1) / (taken - 1).max(1)].to_owned()));
    }
    query_terms.sort_unstable();
    query_terms.dedup();
    query_terms
}

/// Runs of characters of one kind: spaced or unspaced.
pub(super) fn runs(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(' ').flat_map(|word| {
        let mut rest = word;
        std::iter::from_fn(move || {
            let sort = is_unspaced(rest.chars().next()?);
            let end = rest.find(|c| is_unspaced(c) != sort).unwrap_or(rest.len());
            let (run, later) = rest.split_at(end);
            rest = later;
            Some(run)
        })
    })
}

fn push_ngrams<'t>(run: &'t str, terms: &mut Vec<&'t str>) {
    let starts = starts(run);
    let chars = starts.len() - 1;
    let mut of = |size: usize| {
        terms.extend((0..=chars - size).map(|at| &run[starts[at]..starts[at + size]]))
    };
    if run.starts_with(is_unspaced) {
        of(1);
        of(2.min(chars));
    } else {
        of(3.min(chars));
        terms.push(&run[..starts[2.min(chars)]]);
        // Numbers inside: each has a prefix, and a single digit is a term of its own.
        for (at, length) in numbers(run) {
            let rest = &run[at..];
            terms.push(rest.char_indices().nth(2).map_or(rest, |(end, _)| &rest[..end]));
            if rest[..length].chars().nth(1).is_none() {
                terms.push(&rest[..length]);
            }
        }
    }
}

/// The offset and length of numbers inside of a word.
fn numbers(word: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += word[at..].find(char::is_numeric)?;
        let begin = at;
        at += word[begin..].find(|c: char| !c.is_numeric()).unwrap_or(word.len() - begin);
        Some((begin, at - begin)).filter(|(_, length)| *length < word.len())
    })
}

/// The offset of each character, and the end.
fn starts(run: &str) -> Vec<usize> {
    run.char_indices().map(|(at, _)| at).chain([run.len()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: PersonId = PersonId(Uuid::from_u128(1));
    const HERE: ConversationId = ConversationId(Uuid::from_u128(2));

    fn words(body: &str) -> Vec<String> {
        let terms = index_terms(HERE, ADA, body);
        terms.split(' ').filter(|term| term.chars().count() <= 3).map(str::to_owned).collect()
    }

    #[test]
    fn words_become_trigrams_and_a_prefix() {
        assert_eq!(words("Limit it a"), ["a", "imi", "it", "li", "lim", "mit"]);
        assert_eq!(words("limit limit LIMIT"), ["imi", "li", "lim", "mit"]);
        assert_eq!(words("!!!"), Vec::<String>::new());
    }

    #[test]
    fn unspaced_scripts_become_unigrams_and_bigrams() {
        assert_eq!(words("搜索"), ["搜", "搜索", "索"]);
        assert_eq!(words("3月x"), ["3", "x", "月"]);
        assert_eq!(words("👍"), ["👍"]);
    }

    #[test]
    fn query_terms_are_a_subset_of_index_terms() {
        for text in [
            "Rate limiting, e.g. 3.14",
            "搜索引擎 ok 한국어 abc漢字def",
            "ภาษาไทย",
            "naïve Straße",
            "a b cc ddd",
            "👩‍🔬🎉",
            "v1.2.3-rc.1 x12y3z 5km",
            "C++ +1 50% a=b&c=d",
            "½cup m²",
        ] {
            let (indexed, folded) = (words(text), crate::server::search::fold(text));
            let places: Vec<usize> = starts(&folded);
            for (n, start) in places.iter().enumerate() {
                for end in &places[n + 1..] {
                    let part = &folded[*start..*end];
                    let matcher = crate::server::search::Matcher::new(part, false);
                    if matcher.as_ref().is_some_and(|matcher| matcher.matches(&folded)) {
                        let missing: Vec<_> = query_terms(part.trim())
                            .into_iter()
                            .filter(|term| !indexed.contains(term))
                            .collect();
                        assert!(missing.is_empty(), "{part:?} of {text}: {missing:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn flag_terms_cannot_be_typed() {
        let terms = index_terms(HERE, ADA, "zqlink zqcode zqf00000000000000000000000000000001");
        assert!(!terms.split(' ').any(|term| [LINK, CODE, QUESTION].contains(&term)));
        let terms = index_terms(HERE, ADA, "`x` https://example.org why?");
        assert!(
            [LINK, CODE, QUESTION].iter().all(|flag| terms.split(' ').any(|term| term == *flag)),
            "{terms}"
        );
        assert!(terms.contains(&author_term(ADA)) && terms.contains(&conversation_term(HERE)));
    }

    #[test]
    fn a_long_word_has_few_query_terms() {
        let long = "abcdefghijklmnopqrstuvwxyz".repeat(30);
        assert!(query_terms(&long).len() <= MAX_QUERY_TERMS);
        assert_eq!(query_terms("abcd"), ["abc", "bcd"]);
    }
}
