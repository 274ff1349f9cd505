//! The pieces by which the store finds messages, made the same way of what is written and of what is looked for.

use uuid::Uuid;

use super::{CODE, LINK, QUESTION, fold::is_unspaced};
use crate::domain::{ConversationId, PersonId, markup};

/// Most pieces that are looked up for one word: the text is read anyway, and each further one costs more than it rules out.
const MOST_ASKED: usize = 6;

/// The mark of what this person wrote.
#[must_use]
pub fn written_by(person: PersonId) -> String {
    mark("zqf", person.0)
}

/// The mark of what stands in this conversation.
#[must_use]
pub fn asked_in(conversation: ConversationId) -> String {
    mark("zqc", conversation.0)
}

fn mark(kind: &str, id: Uuid) -> String {
    format!("{kind}{}", id.simple())
}

/// All pieces and marks of a message, each once, with blanks between them.
#[must_use]
pub fn pieces_of(conversation: ConversationId, author: PersonId, body: &str) -> String {
    let folded = super::fold(body);
    let mut pieces = Vec::with_capacity(folded.len());
    for stretch in stretches(&folded) {
        cut(stretch, &mut pieces);
    }
    pieces.sort_unstable();
    pieces.dedup();
    let (place, person) = (asked_in(conversation), written_by(author));
    pieces.extend([place.as_str(), person.as_str()]);
    let facts = markup::facts(body);
    let marks = [(LINK, !facts.links.is_empty()), (CODE, facts.has_code), (QUESTION, facts.is_question)];
    pieces.extend(marks.iter().filter(|(_, has)| *has).map(|(mark, _)| *mark));
    pieces.join(" ")
}

/// The pieces that a message must have in which this folded text stands.
pub(super) fn asked(folded: &str) -> Vec<String> {
    let mut asked = Vec::new();
    for stretch in stretches(folded) {
        let starts = starts(stretch);
        let chars = starts.len() - 1;
        let size = if stretch.starts_with(is_unspaced) { 2 } else { 3 }.min(chars);
        let all: Vec<&str> = (0..=chars - size).map(|at| &stretch[starts[at]..starts[at + size]]).collect();
        // Spread over the word: neighbours say nearly the same.
        let taken = all.len().min(MOST_ASKED);
        asked.extend((0..taken).map(|n| all[n * (all.len() - 1) / (taken - 1).max(1)].to_owned()));
    }
    asked.sort_unstable();
    asked.dedup();
    asked
}

/// The parts of a folded text in which all characters are of one sort: written between blanks, or not.
pub(super) fn stretches(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(' ').flat_map(|word| {
        let mut rest = word;
        std::iter::from_fn(move || {
            let sort = is_unspaced(rest.chars().next()?);
            let end = rest.find(|c| is_unspaced(c) != sort).unwrap_or(rest.len());
            let (stretch, later) = rest.split_at(end);
            rest = later;
            Some(stretch)
        })
    })
}

fn cut<'t>(stretch: &'t str, pieces: &mut Vec<&'t str>) {
    let starts = starts(stretch);
    let chars = starts.len() - 1;
    let mut of = |size: usize| pieces.extend((0..=chars - size).map(|at| &stretch[starts[at]..starts[at + size]]));
    if stretch.starts_with(is_unspaced) {
        of(1);
        of(2.min(chars));
    } else {
        of(3.min(chars));
        pieces.push(&stretch[..starts[2.min(chars)]]);
        // Numbers inside: each begins here, and one of one digit is all there is of it.
        for (at, length) in numbers(stretch) {
            let rest = &stretch[at..];
            pieces.push(rest.char_indices().nth(2).map_or(rest, |(end, _)| &rest[..end]));
            if rest[..length].chars().nth(1).is_none() {
                pieces.push(&rest[..length]);
            }
        }
    }
}

/// Where numbers stand in a word that is not all number: where each begins, and how long it is.
fn numbers(word: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += word[at..].find(char::is_numeric)?;
        let begin = at;
        at += word[begin..].find(|c: char| !c.is_numeric()).unwrap_or(word.len() - begin);
        Some((begin, at - begin)).filter(|(_, length)| *length < word.len())
    })
}

/// Where each character begins, and the end.
fn starts(stretch: &str) -> Vec<usize> {
    stretch.char_indices().map(|(at, _)| at).chain([stretch.len()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: PersonId = PersonId(Uuid::from_u128(1));
    const HERE: ConversationId = ConversationId(Uuid::from_u128(2));

    fn words(body: &str) -> Vec<String> {
        let pieces = pieces_of(HERE, ADA, body);
        pieces.split(' ').filter(|piece| piece.chars().count() <= 3).map(str::to_owned).collect()
    }

    #[test]
    fn words_are_cut_in_threes_and_know_their_beginning() {
        assert_eq!(words("Limit it a"), ["a", "imi", "it", "li", "lim", "mit"]);
        assert_eq!(words("limit limit LIMIT"), ["imi", "li", "lim", "mit"]);
        assert_eq!(words("!!!"), Vec::<String>::new());
    }

    #[test]
    fn scripts_without_blanks_are_cut_in_ones_and_twos() {
        assert_eq!(words("搜索"), ["搜", "搜索", "索"]);
        assert_eq!(words("3月x"), ["3", "x", "月"]);
        assert_eq!(words("👍"), ["👍"]);
    }

    #[test]
    fn what_is_asked_is_among_what_is_kept_wherever_a_text_is_cut() {
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
            let (kept, folded) = (words(text), crate::server::search::fold(text));
            let places: Vec<usize> = starts(&folded);
            for (n, start) in places.iter().enumerate() {
                for end in &places[n + 1..] {
                    let part = &folded[*start..*end];
                    let needle = crate::server::search::Needle::of(part, false);
                    if needle.as_ref().is_some_and(|needle| needle.stands_in(&folded)) {
                        let missing: Vec<_> = asked(part.trim()).into_iter().filter(|piece| !kept.contains(piece)).collect();
                        assert!(missing.is_empty(), "{part:?} of {text}: {missing:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn marks_cannot_be_written() {
        let pieces = pieces_of(HERE, ADA, "zqlink zqcode zqf00000000000000000000000000000001");
        assert!(!pieces.split(' ').any(|piece| [LINK, CODE, QUESTION].contains(&piece)));
        let marked = pieces_of(HERE, ADA, "`x` https://example.org why?");
        assert!([LINK, CODE, QUESTION].iter().all(|mark| marked.split(' ').any(|piece| piece == *mark)), "{marked}");
        assert!(marked.contains(&written_by(ADA)) && marked.contains(&asked_in(HERE)));
    }

    #[test]
    fn a_long_word_asks_for_a_few_pieces_only() {
        let long = "abcdefghijklmnopqrstuvwxyz".repeat(30);
        assert!(asked(&long).len() <= MOST_ASKED);
        assert_eq!(asked("abcd"), ["abc", "bcd"]);
    }
}
