//! Emoji: parsing and searching the table (`public/emoji.txt`, made by `scripts/assets/emoji.mjs`), and
//! skin tones. The server has the table; a browser fetches it on first use.

/// The skin tones, from light to dark.
pub const TONES: [char; 5] = ['\u{1f3fb}', '\u{1f3fc}', '\u{1f3fd}', '\u{1f3fe}', '\u{1f3ff}'];
/// Variation selector: the character before it is an emoji.
const EMOJI_PRESENTATION: char = '\u{fe0f}';
/// Variation selector: the character before it is text.
const TEXT_PRESENTATION: char = '\u{fe0e}';
/// Zero-width joiner.
const JOINER: char = '\u{200d}';
/// People of whom several can be in one emoji, each with a skin tone.
const PEOPLE: [char; 3] = ['\u{1f468}', '\u{1f469}', '\u{1f9d1}'];

/// An emoji of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Emoji<'t> {
    /// The emoji itself: one or more characters.
    pub glyph: &'t str,
    /// Whether it has skin tones.
    pub has_tones: bool,
    /// Its name.
    pub name: &'t str,
    /// Its shortcodes, separated by blanks, the usual one first.
    pub short: &'t str,
    /// Its keywords.
    pub words: &'t str,
}

/// A line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'t> {
    /// Heading of a group.
    Group(&'t str),
    /// An emoji.
    Emoji(Emoji<'t>),
}

/// Parses the table.
pub fn read(table: &str) -> impl Iterator<Item = Line<'_>> {
    // The first line names the source.
    table.lines().skip(1).map(|line| match line.strip_prefix("# ") {
        Some(group) => Line::Group(group),
        None => {
            let mut fields = line.split('\t');
            let mut field = || fields.next().unwrap_or_default();
            let glyph = field();
            let plain = glyph.strip_suffix('+');
            Line::Emoji(Emoji {
                glyph: plain.unwrap_or(glyph),
                has_tones: plain.is_some(),
                name: field(),
                short: field(),
                words: field(),
            })
        }
    })
}

/// All emoji of the table.
pub fn all(table: &str) -> impl Iterator<Item = Emoji<'_>> {
    read(table).filter_map(|line| if let Line::Emoji(emoji) = line { Some(emoji) } else { None })
}

impl<'t> Emoji<'t> {
    /// The usual shortcode.
    #[must_use]
    pub fn shortcode(&self) -> &'t str {
        self.short.split(' ').next().unwrap_or_default()
    }

    /// The emoji with a skin tone, if it has them.
    #[must_use]
    pub fn toned(&self, tone: Option<char>) -> String {
        match tone {
            Some(tone) if self.has_tones => toned(self.glyph, tone),
            _ => self.glyph.to_owned(),
        }
    }

    /// Rank of the match, 0 is best; `None` if it does not match.
    fn rank(&self, query: &str) -> Option<usize> {
        let begins = |words: &str| words.split([' ', '_', '-']).any(|word| word.starts_with(query));
        if self.shortcode().starts_with(query) {
            Some(0)
        } else if self.short.split(' ').any(|short| short.starts_with(query)) {
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

/// An emoji with a skin tone: after each person if there are several, else after the first part.
fn toned(glyph: &str, tone: char) -> String {
    let several = glyph.chars().filter(|c| PEOPLE.contains(c)).count() > 1;
    let (mut text, mut given) = (String::with_capacity(glyph.len() + 8), false);
    for (at, c) in glyph.chars().enumerate() {
        // A skin tone implies emoji presentation.
        if c != EMOJI_PRESENTATION || !given {
            text.push(c);
        }
        given = if several { PEOPLE.contains(&c) } else { at == 0 };
        if given {
            text.push(tone);
        }
    }
    text
}

/// The emoji that match all words, best first.
#[must_use]
pub fn find<'t>(table: &'t str, query: &str, limit: usize) -> Vec<Emoji<'t>> {
    let query = query.to_lowercase();
    let query = query.trim_matches(':');
    let words: Vec<&str> = query.split([' ', '_']).filter(|word| !word.is_empty()).collect();
    let mut found: [Vec<Emoji<'t>>; 4] = Default::default();
    for emoji in all(table) {
        let whole = emoji.rank(query);
        if let Some(fit) = whole.or_else(|| {
            words.iter().try_fold(0, |worst, word| Some(worst.max(emoji.rank(word)?).max(2)))
        }) {
            found[fit].push(emoji);
        }
    }
    found.into_iter().flatten().take(limit).collect()
}

/// The emoji of a shortcode.
#[must_use]
pub fn by_shortcode<'t>(table: &'t str, short: &str) -> Option<Emoji<'t>> {
    all(table).find(|emoji| emoji.short.split(' ').any(|known| known == short))
}

/// Comparison key of an emoji: without variation selectors. Skin tones stay.
#[must_use]
pub fn spelling(glyph: &str) -> String {
    glyph.chars().filter(|c| !matches!(*c, EMOJI_PRESENTATION | TEXT_PRESENTATION)).collect()
}

/// The spelling of the table, with the skin tones of another spelling.
#[must_use]
pub fn respelled(of_table: &str, glyph: &str) -> String {
    let mut typed =
        glyph.chars().filter(|c| !matches!(*c, EMOJI_PRESENTATION | TEXT_PRESENTATION)).peekable();
    let (mut text, mut toned) = (String::with_capacity(of_table.len() + 8), false);
    for c in of_table.chars() {
        if c == EMOJI_PRESENTATION {
            // A skin tone implies emoji presentation.
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

/// The emoji without skin tones and variation selectors, and whether it had tones; `None` if a tone
/// follows no person.
#[must_use]
pub fn plain(glyph: &str) -> Option<(String, bool)> {
    let (mut text, mut tones, mut before) = (String::new(), 0, JOINER);
    for c in glyph.chars() {
        if TONES.contains(&c) {
            tones += 1;
            if tones > 2 || before == JOINER || TONES.contains(&before) {
                return None;
            }
        } else if !matches!(c, EMOJI_PRESENTATION | TEXT_PRESENTATION) {
            text.push(c);
        }
        before = c;
    }
    Some((text, tones > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "# from\n\
        # Smileys\n\
        ❤️\tred heart\theart red_heart\temotion love\n\
        # People\n\
        👋+\twaving hand\twave\tbye hello\n\
        ☝️+\tindex pointing up\tpoint_up\tfinger\n\
        👩‍❤️‍👨+\tcouple\tcouple_with_heart\tlove\n\
        #️⃣\tkeycap: #\thash";

    fn found(query: &str) -> String {
        find(TABLE, query, 9).iter().map(|emoji| emoji.shortcode()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_table_is_parsed_with_its_groups() {
        let lines: Vec<_> = read(TABLE).collect();
        assert_eq!((lines.len(), lines[0]), (7, Line::Group("Smileys")));
        assert_eq!(by_shortcode(TABLE, "red_heart").map(|emoji| emoji.glyph), Some("❤️"));
        assert_eq!(by_shortcode(TABLE, "hash").map(|emoji| emoji.name), Some("keycap: #"));
        assert_eq!(by_shortcode(TABLE, "hear"), None);
    }

    #[test]
    fn emoji_are_found_by_name_and_keyword_best_first() {
        assert_eq!(found("heart"), "heart couple_with_heart");
        assert_eq!(found("love"), "heart couple_with_heart");
        assert_eq!(found("HELLO"), "wave");
        assert_eq!(found("pointing up"), "point_up");
        assert_eq!(found(":wav"), "wave");
        assert_eq!(found("nothing"), "");
        assert_eq!(find(TABLE, "", 2).len(), 2);
    }

    #[test]
    fn skin_tones_follow_each_person() {
        let toned = |short| by_shortcode(TABLE, short).unwrap().toned(Some(TONES[2]));
        assert_eq!(toned("wave"), "👋🏽");
        assert_eq!(toned("point_up"), "☝🏽");
        assert_eq!(toned("couple_with_heart"), "👩🏽‍❤️‍👨🏽");
        assert_eq!(toned("heart"), "❤️", "a heart has no skin");
    }

    #[test]
    fn spellings_are_equal_and_skin_tones_differ() {
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
    fn skin_tones_and_selectors_are_removed() {
        assert_eq!(plain("👩🏽‍❤️‍👨🏿"), Some(("👩‍❤‍👨".to_owned(), true)));
        assert_eq!(plain("❤️"), plain("❤"));
        assert_eq!(plain("❤\u{fe0e}"), plain("❤"));
        for bad in ["🏽👋", "👋🏽🏽", "👋\u{200d}🏽", "👋🏽👋🏽👋🏽"] {
            assert_eq!(plain(bad), None, "{bad}");
        }
    }
}
