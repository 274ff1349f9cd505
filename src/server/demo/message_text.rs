//! What somebody writes: most often a word or a sentence, sometimes a page, a list, a link or a piece of code. Every kind that
//! a screen must be able to show comes up, each about as often as in life.

use super::{
    Dice,
    people::{Character, Tongue},
    phrases::{self, ANNOUNCEMENTS, CODE, EMOJI, LINKS, PLACES, THINGS, WHENS},
};

/// Most characters of the longest messages: under what a message may have, but more than any screen shows.
const LONGEST: usize = 9_000;

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// It begins something.
    Opening,
    /// It answers, or goes on.
    Reply,
    /// It tells everybody.
    Announcement,
}

/// What people say to each other here.
pub(super) struct Words<'p> {
    people: &'p [Character],
}

impl<'p> Words<'p> {
    pub(super) const fn among(people: &'p [Character]) -> Self {
        Self { people }
    }

    /// A message of this person.
    pub(super) fn say(&self, dice: &mut Dice, author: usize, tone: Tone) -> String {
        let own = self.people[author].tongue;
        // English is what they have in common.
        let tongue = if dice.chance(45) { own } else { Tongue::English };
        let common = phrases::of(tongue);
        let roll = dice.below(1_000);
        let text = match tone {
            Tone::Announcement => match roll {
                0..850 => self.fill(dice, &ANNOUNCEMENTS),
                850..950 => format!("{}\n\n{}", self.fill(dice, &ANNOUNCEMENTS), Self::list(dice)),
                _ => self.paragraphs(dice, Tongue::English, 2),
            },
            Tone::Opening => match roll {
                0..450 => self.fill(dice, common.questions),
                450..650 => self.sentences(dice, tongue, 2),
                650..750 => format!("{} {}", self.fill(dice, common.sentences), self.fill(dice, common.questions)),
                750..830 => self.link(dice),
                830..880 => self.code(dice),
                880..930 => Self::list(dice),
                930..998 => self.paragraphs(dice, tongue, 3),
                _ => self.very_long(dice, tongue),
            },
            Tone::Reply => match roll {
                0..330 => self.fill(dice, common.short),
                330..390 => dice.pick(&EMOJI).to_owned(),
                390..650 => self.sentences(dice, tongue, 1),
                650..760 => self.sentences(dice, tongue, 3),
                760..860 => self.fill(dice, common.questions),
                860..890 => self.link(dice),
                890..910 => self.code(dice),
                910..930 => Self::list(dice),
                930..970 => self.lines(dice, tongue),
                970..999 => self.paragraphs(dice, tongue, 2),
                _ => self.very_long(dice, tongue),
            },
        };
        // Some never begin with a capital.
        if tone != Tone::Announcement && dice.chance(15) { uncapital(&text) } else { text }
    }

    /// One of these, with its braces filled.
    fn fill(&self, dice: &mut Dice, from: &[&str]) -> String {
        let mut text = dice.pick(from).to_owned();
        let (thing, place) = (dice.pick(&THINGS), dice.pick(&PLACES));
        for (slot, word) in [("{thing}", thing), ("{Thing}", thing), ("{when}", dice.pick(&WHENS)), ("{place}", place), ("{Place}", place)] {
            if text.contains(slot) {
                let word = if slot.starts_with("{T") || slot.starts_with("{P") { capital(word) } else { word.to_owned() };
                text = text.replace(slot, &word);
            }
        }
        if text.contains("{name}") {
            let somebody = &self.people[dice.early(self.people.len())].display_name;
            text = text.replace("{name}", somebody.split(' ').next().unwrap_or(somebody));
        }
        text
    }

    /// One sentence to so many.
    fn sentences(&self, dice: &mut Dice, tongue: Tongue, most: usize) -> String {
        let all = phrases::of(tongue).sentences;
        let (count, first) = (1 + dice.below(most), dice.below(all.len()));
        // Where sentences are not parted by blanks, a blank would look wrong.
        let between = if matches!(tongue, Tongue::Chinese | Tongue::Japanese) { "" } else { " " };
        let some = all.iter().cycle().skip(first).take(count.min(all.len()));
        some.map(|sentence| self.fill(dice, &[*sentence])).collect::<Vec<_>>().join(between)
    }

    /// Several lines, as when somebody counts off what happened.
    fn lines(&self, dice: &mut Dice, tongue: Tongue) -> String {
        let count = 2 + dice.below(3);
        (0..count).map(|_| self.sentences(dice, tongue, 1)).collect::<Vec<_>>().join("\n")
    }

    fn list(dice: &mut Dice) -> String {
        let numbered = dice.chance(40);
        let count = 3 + dice.below(5);
        let heading = dice.pick(&["For the meeting:", "Still open:", "What I did today:", "TODO"]);
        (1..=count).fold(heading.to_owned(), |text, number| {
            let mark = if numbered { format!("{number}.") } else { "-".to_owned() };
            format!("{text}\n{mark} {}, {}", dice.pick(&THINGS), dice.pick(&WHENS))
        })
    }

    fn link(&self, dice: &mut Dice) -> String {
        let link = dice.pick(&LINKS);
        match dice.below(4) {
            0 => link.to_owned(),
            1 => format!("Have a look: {link}"),
            2 => format!("{} ({link})", self.fill(dice, phrases::of(Tongue::English).sentences)),
            _ => format!("{link}\n{}", self.fill(dice, phrases::of(Tongue::English).questions)),
        }
    }

    fn code(&self, dice: &mut Dice) -> String {
        let code = dice.pick(&CODE);
        if dice.chance(50) { format!("{}\n\n{code}", self.fill(dice, phrases::of(Tongue::English).questions)) } else { code.to_owned() }
    }

    fn paragraphs(&self, dice: &mut Dice, tongue: Tongue, most: usize) -> String {
        let count = 1 + dice.below(most);
        (0..count).map(|_| format!("{} {}", self.sentences(dice, tongue, 4), self.sentences(dice, tongue, 4))).collect::<Vec<_>>().join("\n\n")
    }

    fn very_long(&self, dice: &mut Dice, tongue: Tongue) -> String {
        let wanted = LONGEST / 3 + dice.below(LONGEST * 2 / 3);
        let (mut text, mut length) = (self.paragraphs(dice, tongue, 1), 0);
        while length < wanted {
            let next = self.paragraphs(dice, tongue, 1);
            length = text.chars().count() + 2 + next.chars().count();
            if length > LONGEST {
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
        // Not where the whole word is in capitals.
        Some(first) if second.is_some_and(char::is_lowercase) => first.to_lowercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::text,
        server::demo::{DAY, people},
    };

    #[test]
    fn what_is_said_is_kept_as_it_is() {
        let mut dice = Dice::new(3);
        let people = people::cast(&mut dice, 70, 0, 182 * DAY);
        let words = Words::among(&people);
        let mut longest = 0;
        for round in 0..30_000 {
            let tone = [Tone::Opening, Tone::Reply, Tone::Announcement][round % 3];
            let said = words.say(&mut dice, round % people.len(), tone);
            assert_eq!(text::body(&said).unwrap(), said);
            assert!(!said.contains("{thing}") && !said.contains("{name}"), "{said}");
            longest = longest.max(said.chars().count());
        }
        assert!((3_000..=LONGEST).contains(&longest), "{longest}");
    }

    #[test]
    fn every_phrase_has_only_slots_that_are_filled() {
        let people = people::cast(&mut Dice::new(3), 3, 0, 182 * DAY);
        let english = phrases::of(Tongue::English);
        for phrase in [english.short, english.questions, english.sentences, &ANNOUNCEMENTS].concat() {
            let filled = Words::among(&people).fill(&mut Dice::new(1), &[phrase]);
            assert!(!filled.contains(['{', '}']), "{filled}");
        }
    }
}
