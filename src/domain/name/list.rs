//! Resolves a list of people pasted from a mail, a document or a spreadsheet.

use std::collections::{HashMap, HashSet};

use crate::domain::{
    Person, PersonId,
    person::{name_key, username},
};

/// Separators of entries.
const BREAKS: [char; 7] = ['\n', '\r', '\u{2028}', '\u{2029}', ';', '；', '؛'];
/// Separators of entries or of the parts of a name.
const COMMAS: [char; 5] = [',', '\t', '，', '、', '،'];
/// Maximum characters that are shown of an unknown entry.
const MAX_QUOTED_LENGTH: usize = 60;

/// The people of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResolvedList {
    /// The people, in the order of the list, without duplicates.
    pub people: Vec<PersonId>,
    /// Entries that match several people.
    pub ambiguous: Vec<(String, Vec<PersonId>)>,
    /// Entries that match nobody.
    pub unknown: Vec<String>,
}

/// Whether a text has more than one entry.
#[must_use]
pub fn is_list(text: &str) -> bool {
    text.trim().contains(|c| BREAKS.contains(&c) || COMMAS.contains(&c))
}

/// Index of people by the names that an entry may have.
pub struct Directory<F> {
    fold: F,
    by_username: HashMap<String, PersonId>,
    by_name: HashMap<String, Vec<PersonId>>,
    by_folded_name: HashMap<String, Vec<PersonId>>,
}

impl<F: Fn(&str) -> String> Directory<F> {
    /// Builds the index. `fold` removes what people omit when they type a name, such as accents.
    pub fn new<'p>(people: impl Iterator<Item = &'p Person>, fold: F) -> Self {
        let mut directory = Self {
            fold,
            by_username: HashMap::new(),
            by_name: HashMap::new(),
            by_folded_name: HashMap::new(),
        };
        for person in people {
            let key = name_key(&person.display_name);
            directory.by_folded_name.entry((directory.fold)(&key)).or_default().push(person.id);
            directory.by_name.entry(key).or_default().push(person.id);
            directory.by_username.insert(person.username.clone(), person.id);
        }
        directory
    }

    /// Resolves a list.
    #[must_use]
    pub fn resolve(&self, list: &str) -> ResolvedList {
        let mut matched = ResolvedList::default();
        for line in list.split(BREAKS) {
            let line = bare(line);
            if line.is_empty() {
                continue;
            }
            let cells: Vec<&str> =
                line.split(COMMAS).map(bare).filter(|cell| !cell.is_empty()).collect();
            if cells.len() < 2 || !self.named(line).is_empty() {
                matched.add(line, self.find(line));
                continue;
            }
            // Two parts of one name, such as columns of a spreadsheet.
            let (first, second) = (cells[0], cells[1]);
            let is_split = self.find(first).is_empty() || self.find(second).is_empty();
            let joined = [format!("{second} {first}"), format!("{first} {second}")]
                .into_iter()
                .find(|name| is_split && !self.find(name).is_empty());
            let rest = match joined {
                Some(name) => {
                    matched.add(&name, self.find(&name));
                    &cells[2..]
                }
                None => &cells[..],
            };
            for cell in rest {
                matched.add(cell, self.find(cell));
            }
        }
        let ResolvedList { people, ambiguous, unknown } = &mut matched;
        let mut quoted = HashSet::new();
        unknown.retain(|entry| quoted.insert(entry.clone()));
        // Another entry of the list may be one of the candidates.
        ambiguous.retain(|(_, candidates)| {
            !candidates.iter().any(|candidate| people.contains(candidate))
        });
        matched
    }

    /// The people that an entry matches.
    fn find(&self, entry: &str) -> Vec<PersonId> {
        // `Ada Lovelace <ada@example.org>`, `Ada Lovelace (@ada)`.
        if let Some((name, address)) =
            entry.strip_suffix(['>', ')']).and_then(|entry| entry.split_once(['<', '(']))
        {
            let found = self.find(address.trim());
            return if found.is_empty() { self.find(bare(name)) } else { found };
        }
        if let Some((local, _)) = entry.split_once('@').filter(|(local, _)| !local.is_empty()) {
            // An e-mail address: its local part, without a `+` tag, is often the username.
            let local = local.trim_start_matches("mailto:");
            let name = local.split_once('+').map_or(local, |(name, _)| name);
            return [local, name]
                .iter()
                .find_map(|name| self.by_username(name))
                .into_iter()
                .collect();
        }
        if let Some(name) = entry.strip_prefix(['@', '＠']) {
            return self.by_username(name).into_iter().collect();
        }
        let mut found = self.named(entry).to_vec();
        found.extend(self.by_username(entry).filter(|person| !found.contains(person)));
        found
    }

    /// The people with a name; exact matches before folded ones.
    fn named(&self, entry: &str) -> &[PersonId] {
        let key = name_key(entry);
        self.by_name
            .get(&key)
            .or_else(|| self.by_folded_name.get(&(self.fold)(&key)))
            .map_or(&[], Vec::as_slice)
    }

    fn by_username(&self, typed: &str) -> Option<PersonId> {
        self.by_username.get(&username(typed).ok()?).copied()
    }
}

impl ResolvedList {
    fn add(&mut self, entry: &str, found: Vec<PersonId>) {
        match found[..] {
            [] => {
                let quoted: String = entry.chars().take(MAX_QUOTED_LENGTH).collect();
                let quoted = if quoted.len() < entry.len() { quoted + "…" } else { quoted };
                self.unknown.push(quoted);
            }
            [person] => {
                if !self.people.contains(&person) {
                    self.people.push(person);
                }
            }
            _ => {
                if !self.ambiguous.iter().any(|(_, candidates)| *candidates == found) {
                    self.ambiguous.push((entry.to_owned(), found));
                }
            }
        }
    }
}

/// An entry without list markers, quotes and blanks around it.
fn bare(entry: &str) -> &str {
    let entry = entry.trim().trim_start_matches(['-', '*', '•', '–', '+']).trim_start();
    let digits = entry.trim_start_matches(|c: char| c.is_ascii_digit());
    let entry = if digits.len() < entry.len() {
        digits.strip_prefix(['.', ')']).unwrap_or(entry)
    } else {
        entry
    };
    entry.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '"' | '\'' | '“' | '”' | '„' | '«' | '»')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn id(id: u128) -> PersonId {
        PersonId(Uuid::from_u128(id))
    }

    /// Usernames of the people, ambiguous entries, unknown entries.
    fn read(list: &str) -> (String, Vec<String>, Vec<String>) {
        let people: Vec<Person> = [
            ("ada", "Ada Lovelace"),
            ("grace", "Grace Hopper"),
            ("maria1", "Maria Silva"),
            ("maria2", "maria  silva"),
            ("jose", "José Álvarez"),
            ("jose2", "Jose Alvarez"),
            ("zoe", "Zoë"),
            ("mei", "李 梅"),
            ("noor", "نور الهاشمي"),
            ("king", "Martin King, Jr."),
            ("grace2", "Ada"),
        ]
        .into_iter()
        .zip(1..)
        .map(|((username, name), n)| Person::named(id(n), username, name))
        .collect();
        let fold = |name: &str| name.replace('é', "e").replace('á', "a").replace('ë', "e");
        let ResolvedList { people: found, ambiguous, unknown } =
            Directory::new(people.iter(), fold).resolve(list);
        let called = |id: &PersonId| {
            people.iter().find(|person| person.id == *id).map_or("", |person| &person.username)
        };
        let of = |ids: &[PersonId]| ids.iter().map(called).collect::<Vec<_>>().join(" ");
        (
            of(&found),
            ambiguous.iter().map(|(entry, ids)| format!("{entry}: {}", of(ids))).collect(),
            unknown,
        )
    }

    #[test]
    fn names_usernames_and_addresses_are_resolved_with_any_separator() {
        for (list, found) in [
            ("Ada Lovelace\nGrace Hopper\r\n\n李 梅", "ada grace mei"),
            ("ada lovelace; GRACE HOPPER , @mei", "ada grace mei"),
            ("@ada\t@Grace\tZOE", "ada grace zoe"),
            ("ada@example.org, Grace.X <grace+school@example.org>", "ada grace"),
            ("Ada Lovelace <nobody@example.org>, Maria Silva (@maria2)", "ada maria2"),
            ("1. Ada Lovelace\n2) Grace Hopper\n- Zoe\n• @mei", "ada grace zoe mei"),
            ("\"Ada Lovelace\"，“Grace Hopper”、李 梅، نور الهاشمي؛ zoe", "ada grace mei noor zoe"),
            ("ada lovelace, Ada  Lovelace, @ada", "ada"),
            ("Martin King, Jr.; zoe", "king zoe"),
        ] {
            assert_eq!(read(list), (found.to_owned(), vec![], vec![]), "{list}");
        }
    }

    #[test]
    fn parts_of_a_name_in_two_cells_are_one_name() {
        for list in [
            "Lovelace, Ada; Hopper, Grace",
            "Ada\tLovelace\nGrace\tHopper",
            "Lovelace\tAda\tada@example.org\nHopper\tGrace",
        ] {
            assert_eq!(read(list), ("ada grace".to_owned(), vec![], vec![]), "{list}");
        }
        assert_eq!(read("zoe, mei").0, "zoe mei", "two people stay two");
    }

    #[test]
    fn ambiguous_and_unknown_entries_are_reported() {
        assert_eq!(
            read("Maria Silva\nMARIA SILVA"),
            (String::new(), vec!["Maria Silva: maria1 maria2".into()], vec![])
        );
        assert_eq!(
            read("Maria Silva\n@maria2"),
            ("maria2".into(), vec![], vec![]),
            "the list says which one"
        );
        assert_eq!(
            read("ada, zoe"),
            ("zoe".into(), vec!["ada: grace2 ada".into()], vec![]),
            "a name of one, a username of another"
        );
        assert_eq!(
            read("José Álvarez, jose alvarez"),
            ("jose jose2".into(), vec![], vec![]),
            "an exact name goes before a similar one"
        );
        let (found, _, unknown) = read("Ada Lovelace, Nobody, @grace9, x@example.org, Nobody");
        assert_eq!(
            (found.as_str(), unknown),
            ("ada", vec!["Nobody".to_owned(), "@grace9".into(), "x@example.org".into()])
        );
        assert_eq!(read(&"x".repeat(100)).2, [format!("{}…", "x".repeat(60))]);
    }

    #[test]
    fn a_single_entry_is_not_a_list() {
        for text in ["Ada Lovelace", " Ada\n", "", "@ada", "O'Neil-Müller"] {
            assert!(!is_list(text), "{text:?}");
        }
        for text in ["a\nb", "a,b", "a; b", "a\tb", "李、梅"] {
            assert!(is_list(text), "{text:?}");
        }
    }
}
