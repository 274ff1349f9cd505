//! Emoji: how the table of them (`public/emoji.txt`, made by `scripts/emoji.mjs`) is read, found in, and given a skin tone.
//! The table itself is with the server; a browser fetches it when somebody first wants an emoji.

/// The skin tones, from light to dark.
pub const TONES: [char; 5] = ['\u{1f3fb}', '\u{1f3fc}', '\u{1f3fd}', '\u{1f3fe}', '\u{1f3ff}'];
/// Says that the character before it is a picture, where it could be a letter.
const AS_PICTURE: char = '\u{fe0f}';
/// Says that the character before it is a letter, where it could be a picture.
const AS_LETTER: char = '\u{fe0e}';
/// Joins pictures into one.
const JOINER: char = '\u{200d}';
/// Those of whom several can stand in one picture, each with a skin.
const PEOPLE: [char; 3] = ['\u{1f468}', '\u{1f469}', '\u{1f9d1}'];

/// One of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Emoji<'t> {
    /// The character, which may be made of several.
    pub glyph: &'t str,
    /// Whether it comes in skin tones.
    pub has_tones: bool,
    /// What it shows.
    pub name: &'t str,
    /// What stands between colons for it, the usual one first, with blanks between them.
    pub short: &'t str,
    /// Words to find it by.
    pub words: &'t str,
}

/// A line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'t> {
    /// What follows belongs together.
    Group(&'t str),
    /// One emoji.
    Emoji(Emoji<'t>),
}

/// Reads the table.
pub fn read(table: &str) -> impl Iterator<Item = Line<'_>> {
    // The first line says where it is from.
    table.lines().skip(1).map(|line| match line.strip_prefix("# ") {
        Some(group) => Line::Group(group),
        None => {
            let mut fields = line.split('\t');
            let mut field = || fields.next().unwrap_or_default();
            let glyph = field();
            let plain = glyph.strip_suffix('+');
            Line::Emoji(Emoji { glyph: plain.unwrap_or(glyph), has_tones: plain.is_some(), name: field(), short: field(), words: field() })
        }
    })
}

/// All emoji of the table.
pub fn all(table: &str) -> impl Iterator<Item = Emoji<'_>> {
    read(table).filter_map(|line| if let Line::Emoji(emoji) = line { Some(emoji) } else { None })
}

impl<'t> Emoji<'t> {
    /// The usual name between colons.
    #[must_use]
    pub fn shortcode(&self) -> &'t str {
        self.short.split(' ').next().unwrap_or_default()
    }

    /// The character in a skin tone, where it has them.
    #[must_use]
    pub fn toned(&self, tone: Option<char>) -> String {
        match tone {
            Some(tone) if self.has_tones => toned(self.glyph, tone),
            _ => self.glyph.to_owned(),
        }
    }

    /// How well it fits what is looked for, from 0; `None` when it does not.
    fn fits(&self, wanted: &str) -> Option<usize> {
        let begins = |words: &str| words.split([' ', '_', '-']).any(|word| word.starts_with(wanted));
        if self.shortcode().starts_with(wanted) {
            Some(0)
        } else if self.short.split(' ').any(|short| short.starts_with(wanted)) {
            Some(1)
        } else if begins(self.short) || begins(self.name) {
            Some(2)
        } else if begins(self.words) {
            Some(3)
        } else {
            None
        }
    }
}

/// A character with this tone: behind each person where there are several, else behind the first part.
fn toned(glyph: &str, tone: char) -> String {
    let several = glyph.chars().filter(|c| PEOPLE.contains(c)).count() > 1;
    let (mut text, mut given) = (String::with_capacity(glyph.len() + 8), false);
    for (at, c) in glyph.chars().enumerate() {
        // With a tone it is a picture anyway.
        if c != AS_PICTURE || !given {
            text.push(c);
        }
        given = if several { PEOPLE.contains(&c) } else { at == 0 };
        if given {
            text.push(tone);
        }
    }
    text
}

/// What fits these words, the most fitting first; each word must fit.
#[must_use]
pub fn find<'t>(table: &'t str, wanted: &str, most: usize) -> Vec<Emoji<'t>> {
    let wanted = wanted.to_lowercase();
    let wanted = wanted.trim_matches(':');
    let words: Vec<&str> = wanted.split([' ', '_']).filter(|word| !word.is_empty()).collect();
    let mut found: [Vec<Emoji<'t>>; 4] = Default::default();
    for emoji in all(table) {
        let whole = emoji.fits(wanted);
        if let Some(fit) = whole.or_else(|| words.iter().try_fold(0, |worst, word| Some(worst.max(emoji.fits(word)?).max(2)))) {
            found[fit].push(emoji);
        }
    }
    found.into_iter().flatten().take(most).collect()
}

/// The emoji of this name between colons.
#[must_use]
pub fn by_shortcode<'t>(table: &'t str, short: &str) -> Option<Emoji<'t>> {
    all(table).find(|emoji| emoji.short.split(' ').any(|known| known == short))
}

/// What is the same for all spellings of an emoji: without the signs that it is a picture or a letter. Tones tell emoji apart.
#[must_use]
pub fn spelling(glyph: &str) -> String {
    glyph.chars().filter(|c| !matches!(*c, AS_PICTURE | AS_LETTER)).collect()
}

/// An emoji as the table spells it, with the tones of another spelling of it.
#[must_use]
pub fn respelled(of_table: &str, glyph: &str) -> String {
    let mut typed = glyph.chars().filter(|c| !matches!(*c, AS_PICTURE | AS_LETTER)).peekable();
    let (mut text, mut toned) = (String::with_capacity(of_table.len() + 8), false);
    for c in of_table.chars() {
        if c == AS_PICTURE {
            // With a tone it is a picture anyway.
            text.extend((!toned).then_some(c));
            continue;
        }
        typed.next();
        text.push(c);
        let tone = typed.next_if(|next| TONES.contains(next));
        toned = tone.is_some();
        text.extend(tone);
    }
    text
}

/// What is the same for an emoji in all tones and with or without the sign that it is a picture; `None` when tones stand where
/// there is nobody.
#[must_use]
pub fn plain(glyph: &str) -> Option<(String, bool)> {
    let (mut text, mut tones, mut before) = (String::new(), 0, JOINER);
    for c in glyph.chars() {
        if TONES.contains(&c) {
            tones += 1;
            if tones > 2 || before == JOINER || TONES.contains(&before) {
                return None;
            }
        } else if !matches!(c, AS_PICTURE | AS_LETTER) {
            text.push(c);
        }
        before = c;
    }
    Some((text, tones > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "# from\n# Smileys\n❤️\tred heart\theart red_heart\temotion love\n# People\n👋+\twaving hand\twave\tbye hello\n\
                         ☝️+\tindex pointing up\tpoint_up\tfinger\n👩‍❤️‍👨+\tcouple\tcouple_with_heart\tlove\n#️⃣\tkeycap: #\thash";

    fn found(wanted: &str) -> String {
        find(TABLE, wanted, 9).iter().map(|emoji| emoji.shortcode()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_table_is_read_with_its_groups() {
        let lines: Vec<_> = read(TABLE).collect();
        assert_eq!((lines.len(), lines[0]), (7, Line::Group("Smileys")));
        assert_eq!(by_shortcode(TABLE, "red_heart").map(|emoji| emoji.glyph), Some("❤️"));
        assert_eq!(by_shortcode(TABLE, "hash").map(|emoji| emoji.name), Some("keycap: #"));
        assert_eq!(by_shortcode(TABLE, "hear"), None);
    }

    #[test]
    fn emoji_are_found_by_names_and_words_the_most_fitting_first() {
        assert_eq!(found("heart"), "heart couple_with_heart");
        assert_eq!(found("love"), "heart couple_with_heart");
        assert_eq!(found("HELLO"), "wave");
        assert_eq!(found("pointing up"), "point_up");
        assert_eq!(found(":wav"), "wave");
        assert_eq!(found("nothing"), "");
        assert_eq!(find(TABLE, "", 2).len(), 2);
    }

    #[test]
    fn tones_stand_behind_those_who_have_a_skin() {
        let toned = |short| by_shortcode(TABLE, short).unwrap().toned(Some(TONES[2]));
        assert_eq!(toned("wave"), "👋🏽");
        assert_eq!(toned("point_up"), "☝🏽");
        assert_eq!(toned("couple_with_heart"), "👩🏽‍❤️‍👨🏽");
        assert_eq!(toned("heart"), "❤️", "a heart has no skin");
    }

    #[test]
    fn all_spellings_are_one_and_tones_are_others() {
        for (table, typed, one) in [
            ("❤️", "❤", "❤️"),
            ("❤️", "❤\u{fe0e}", "❤️"),
            ("👍", "👍\u{fe0f}", "👍"),
            ("👍", "👍🏽", "👍🏽"),
            ("☝️", "☝🏽", "☝🏽"),
            ("☝️", "☝️🏽", "☝🏽"),
            ("👩‍❤️‍👨", "👩🏽‍❤‍👨🏿", "👩🏽‍❤️‍👨🏿"),
            ("#️⃣", "#⃣", "#️⃣"),
            ("🏳️‍🌈", "🏳‍🌈", "🏳️‍🌈"),
        ] {
            assert_eq!(respelled(table, typed), one);
            assert_eq!(spelling(typed), spelling(one));
        }
        assert_ne!(spelling("👍"), spelling("👍🏽"));
    }

    #[test]
    fn tones_and_signs_are_taken_off_where_they_may_stand() {
        assert_eq!(plain("👩🏽‍❤️‍👨🏿"), Some(("👩‍❤‍👨".to_owned(), true)));
        assert_eq!(plain("❤️"), plain("❤"));
        assert_eq!(plain("❤\u{fe0e}"), plain("❤"));
        for bad in ["🏽👋", "👋🏽🏽", "👋\u{200d}🏽", "👋🏽👋🏽👋🏽"] {
            assert_eq!(plain(bad), None, "{bad}");
        }
    }
}
