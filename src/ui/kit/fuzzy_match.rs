//! Scores names against a query. Both are folded already (`browser::fold_name`).

/// Lower is better, `None` is no match. 0: prefix of the name. 1: each word is the prefix of a
/// word. 2: each word is a substring.
#[must_use]
pub fn score(name: &str, query: &str) -> Option<usize> {
    if name.starts_with(query) {
        return Some(0);
    }
    query.split_whitespace().try_fold(1, |worst, word| {
        if name.split(|c: char| !c.is_alphanumeric()).any(|part| part.starts_with(word)) {
            Some(worst)
        } else {
            name.contains(word).then_some(2)
        }
    })
}

/// The best matches up to a limit; equal scores keep their order.
pub fn best_matches<T>(
    all: impl Iterator<Item = T>,
    limit: usize,
    score_of: impl Fn(&T) -> Option<usize>,
) -> Vec<T> {
    let mut found: [Vec<T>; 3] = [const { Vec::new() }; 3];
    for one in all {
        if let Some(bucket) = score_of(&one)
            .and_then(|score_of| found.get_mut(score_of))
            .filter(|bucket| bucket.len() < limit)
        {
            bucket.push(one);
        }
    }
    let mut found: Vec<T> = found.into_iter().flatten().collect();
    found.truncate(limit);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_score_before_word_prefixes_and_substrings() {
        for (name, query, score_of) in [
            ("ada lovelace", "ada", Some(0)),
            ("ada lovelace", "love", Some(1)),
            ("ada lovelace", "lace", Some(2)),
            ("ada lovelace", "love ada", Some(1)),
            ("ada lovelace", "ada lace", Some(2)),
            ("ada lovelace", "bob", None),
            ("ada lovelace", "ada bob", None),
            ("李 梅", "梅", Some(1)),
            ("نور الهاشمي", "نور", Some(0)),
            ("o'neil-muller", "mul", Some(1)),
            ("anything", "", Some(0)),
        ] {
            assert_eq!(score(name, query), score_of, "{name}: {query}");
        }
    }

    #[test]
    fn best_matches_come_first_up_to_the_limit() {
        let names = ["xada", "b ada", "ada 1", "ada 2", "c"];
        assert_eq!(
            best_matches(names.into_iter(), 3, |name| score(name, "ada")),
            ["ada 1", "ada 2", "b ada"]
        );
        assert_eq!(best_matches(names.into_iter(), 9, |name| score(name, "ada")).len(), 4);
    }
}
