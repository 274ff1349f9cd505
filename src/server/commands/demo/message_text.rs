//! Texts of messages: usually a word or a sentence, sometimes a page, a list, a link or code. Every
//! kind that a screen must display occurs, about as often as in real use.

use super::{
    Rng,
    people::{DemoPerson, Language},
    phrases::{self, ANNOUNCEMENTS, CODE, EMOJI, LINKS, PLACES, THINGS, WHENS},
};

/// Length of the longest messages: under the limit, but more than a screen shows.
const MAX_LENGTH: usize = 9_000;

/// The role of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// It starts a topic.
    Opening,
    /// It replies or continues.
    Reply,
    /// It is an announcement.
    Announcement,
}

/// Generates the texts of a conversation.
pub(super) struct MessageWriter<'p> {
    people: &'p [DemoPerson],
}

impl<'p> MessageWriter<'p> {
    pub(super) const fn new(people: &'p [DemoPerson]) -> Self {
        Self { people }
    }

    /// Generates a message of a person.
    pub(super) fn write(&self, rng: &mut Rng, author: usize, style: Style) -> String {
        let own = self.people[author].language;
        // English is the common language.
        let language = if rng.chance(45) { own } else { Language::English };
        let common = phrases::of(language);
        let choice = rng.below(1_000);
        let text = match style {
            Style::Announcement => match choice {
                0..850 => self.fill(rng, &ANNOUNCEMENTS),
                850..950 => format!("{}\n\n{}", self.fill(rng, &ANNOUNCEMENTS), Self::list(rng)),
                _ => self.paragraphs(rng, Language::English, 2),
            },
            Style::Opening => match choice {
                0..450 => self.fill(rng, common.questions),
                450..650 => self.sentences(rng, language, 2),
                650..750 => format!(
                    "{} {}",
                    self.fill(rng, common.sentences),
                    self.fill(rng, common.questions)
                ),
                750..830 => self.link(rng),
                830..880 => self.code(rng),
                880..930 => Self::list(rng),
                930..998 => self.paragraphs(rng, language, 3),
                _ => self.very_long(rng, language),
            },
            Style::Reply => match choice {
                0..330 => self.fill(rng, common.short),
                330..390 => rng.pick(&EMOJI).to_owned(),
                390..650 => self.sentences(rng, language, 1),
                650..760 => self.sentences(rng, language, 3),
                760..860 => self.fill(rng, common.questions),
                860..890 => self.link(rng),
                890..910 => self.code(rng),
                910..930 => Self::list(rng),
                930..970 => self.lines(rng, language),
                970..999 => self.paragraphs(rng, language, 2),
                _ => self.very_long(rng, language),
            },
        };
        // Some people write in lower case.
        if style != Style::Announcement && rng.chance(15) { uncapital(&text) } else { text }
    }

    /// A random phrase with filled placeholders.
    fn fill(&self, rng: &mut Rng, from: &[&str]) -> String {
        let mut text = rng.pick(from).to_owned();
        let (thing, place) = (rng.pick(&THINGS), rng.pick(&PLACES));
        for (slot, word) in [
            ("{thing}", thing),
            ("{Thing}", thing),
            ("{when}", rng.pick(&WHENS)),
            ("{place}", place),
            ("{Place}", place),
        ] {
            if text.contains(slot) {
                let word = if slot.starts_with("{T") || slot.starts_with("{P") {
                    capital(word)
                } else {
                    word.to_owned()
                };
                text = text.replace(slot, &word);
            }
        }
        if text.contains("{name}") {
            let somebody = &self.people[rng.skewed_below(self.people.len())].display_name;
            text = text.replace("{name}", somebody.split(' ').next().unwrap_or(somebody));
        }
        text
    }

    /// Several sentences.
    fn sentences(&self, rng: &mut Rng, language: Language, most: usize) -> String {
        let all = phrases::of(language).sentences;
        let (count, first) = (1 + rng.below(most), rng.below(all.len()));
        // Scripts without spaces have none between sentences.
        let between =
            if matches!(language, Language::Chinese | Language::Japanese) { "" } else { " " };
        let some = all.iter().cycle().skip(first).take(count.min(all.len()));
        some.map(|sentence| self.fill(rng, &[*sentence])).collect::<Vec<_>>().join(between)
    }

    /// A list of several lines.
    fn lines(&self, rng: &mut Rng, language: Language) -> String {
        let count = 2 + rng.below(3);
        (0..count).map(|_| self.sentences(rng, language, 1)).collect::<Vec<_>>().join("\n")
    }

    fn list(rng: &mut Rng) -> String {
        let numbered = rng.chance(40);
        let count = 3 + rng.below(5);
        let heading = rng.pick(&["For the meeting:", "Still open:", "What I did today:", "TODO"]);
        (1..=count).fold(heading.to_owned(), |text, number| {
            let mark = if numbered { format!("{number}.") } else { "-".to_owned() };
            format!("{text}\n{mark} {}, {}", rng.pick(&THINGS), rng.pick(&WHENS))
        })
    }

    fn link(&self, rng: &mut Rng) -> String {
        let link = rng.pick(&LINKS);
        match rng.below(4) {
            0 => link.to_owned(),
            1 => format!("Have a look: {link}"),
            2 => format!("{} ({link})", self.fill(rng, phrases::of(Language::English).sentences)),
            _ => format!("{link}\n{}", self.fill(rng, phrases::of(Language::English).questions)),
        }
    }

    fn code(&self, rng: &mut Rng) -> String {
        let code = rng.pick(&CODE);
        if rng.chance(50) {
            format!("{}\n\n{code}", self.fill(rng, phrases::of(Language::English).questions))
        } else {
            code.to_owned()
        }
    }

    fn paragraphs(&self, rng: &mut Rng, language: Language, most: usize) -> String {
        let count = 1 + rng.below(most);
        (0..count)
            .map(|_| {
                format!("{} {}", self.sentences(rng, language, 4), self.sentences(rng, language, 4))
            })
            .collect::<Vec<_>>()
            .join("\n\n")
    }

    fn very_long(&self, rng: &mut Rng, language: Language) -> String {
        let wanted = MAX_LENGTH / 3 + rng.below(MAX_LENGTH * 2 / 3);
        let (mut text, mut length) = (self.paragraphs(rng, language, 1), 0);
        while length < wanted {
            let next = self.paragraphs(rng, language, 1);
            length = text.chars().count() + 2 + next.chars().count();
            if length > MAX_LENGTH {
                break;
            }
            text = format!("{text}\n\n{next}");
        }
        text
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn uncapital(text: &str) -> String {
    let mut letters = text.chars();
    let (first, second) = (letters.next(), letters.clone().next());
    match first {
        // Not for words in capitals.
        Some(first) if second.is_some_and(char::is_lowercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::text,
        server::commands::demo::{DAY, people},
    };

    #[test]
    fn generated_messages_are_valid() {
        let mut rng = Rng::new(3);
        let people = people::create_people(&mut rng, 70, 0, 182 * DAY);
        let words = MessageWriter::new(&people);
        let mut longest = 0;
        for round in 0..30_000 {
            let style = [Style::Opening, Style::Reply, Style::Announcement][round % 3];
            let said = words.write(&mut rng, round % people.len(), style);
            assert_eq!(text::body(&said).unwrap(), said);
            assert!(!said.contains("{thing}") && !said.contains("{name}"), "{said}");
            longest = longest.max(said.chars().count());
        }
        assert!((3_000..=MAX_LENGTH).contains(&longest), "{longest}");
    }

    #[test]
    fn phrases_use_known_placeholders_only() {
        let people = people::create_people(&mut Rng::new(3), 3, 0, 182 * DAY);
        let english = phrases::of(Language::English);
        for phrase in [english.short, english.questions, english.sentences, &ANNOUNCEMENTS].concat()
        {
            let filled = MessageWriter::new(&people).fill(&mut Rng::new(1), &[phrase]);
            assert!(!filled.contains(['{', '}']), "{filled}");
        }
    }
}
