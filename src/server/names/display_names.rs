//! Confusable display names. Several people may have equal names, which are shown with their
//! usernames; different names that look the same are rejected, because readers could not tell them
//! apart.
//!
//! Two names look alike in one of two ways:
//! - they are equal but for case, spaces, punctuation, signs that look alike, and letters that no
//!   language writes every day; or
//! - their letters look alike (UTS #39) and are of different scripts, or of several scripts at
//!   once.
//!
//! Letters of one script that look alike count as different: `Marnie` and `Mamie`, `Illia` and
//! `lllia` are names of people, and so are `José` and `Jose`.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};
use unicode_security::{GeneralSecurityProfile, mixed_script::AugmentedScriptSet, skeleton};

/// The version of the forms; another version recomputes those of all people at the next start.
pub const VERSION: &str = "1";

/// The forms of a display name by which confusable ones are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfusableForms {
    /// Equal for names that differ only in case, spaces, punctuation and look-alike signs.
    pub folded: String,
    /// Equal for names with look-alike letters, in any script.
    pub skeleton: String,
    /// The script of its letters; empty for scripts that are not written together.
    pub script: String,
}

/// The confusable forms of a display name.
#[must_use]
pub fn confusable_forms(name: &str) -> ConfusableForms {
    let normalize = normalize(name);
    let scripts = AugmentedScriptSet::for_str(&normalize);
    let script = if scripts.is_empty() { String::new() } else { scripts.to_string() };
    // Some emoji have no such form and stay unchanged.
    let or_original = |key: String| if key.is_empty() { name.to_owned() } else { key };
    ConfusableForms {
        folded: or_original(fold(&normalize)),
        skeleton: or_original(skeleton_key(&normalize)),
        script,
    }
}

/// Letters, digits, marks and symbols, without font variants, separators and punctuation.
pub(super) fn normalize(name: &str) -> String {
    name.chars().map(unstyle).nfkc().filter(|c| !is_ignorable(*c)).collect()
}

/// Whether a character only separates or modifies others: spaces, punctuation, selectors, joiners,
/// skin tones.
fn is_ignorable(c: char) -> bool {
    use GeneralCategory::{Control, Format, ModifierSymbol};
    matches!(
        c.general_category_group(),
        GeneralCategoryGroup::Punctuation | GeneralCategoryGroup::Separator
    ) || matches!(c.general_category(), Control | Format | ModifierSymbol)
        || matches!(c,
            '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}'
        )
}

/// Maps enclosed letters, regional indicators and small capitals to plain letters: no compatibility
/// form covers them.
fn unstyle(c: char) -> char {
    const SMALL_CAPITALS: &str = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡxʏᴢ";
    let nth = match c {
        '\u{1f150}'..='\u{1f169}' => Some(u32::from(c) - 0x1_f150),
        '\u{1f170}'..='\u{1f189}' => Some(u32::from(c) - 0x1_f170),
        '\u{1f1e6}'..='\u{1f1ff}' => Some(u32::from(c) - 0x1_f1e6),
        _ => SMALL_CAPITALS.chars().zip(0..).find(|(capital, _)| *capital == c).map(|(_, nth)| nth),
    };
    nth.and_then(|nth| char::from_u32(u32::from('a') + nth)).unwrap_or(c)
}

/// Folds case, replaces rare letters by what they look like, and drops letters that look like
/// punctuation.
pub(super) fn fold(normalize: &str) -> String {
    let mut folded = String::with_capacity(normalize.len());
    for c in normalize.chars().flat_map(char::to_lowercase) {
        let is_letter =
            c.is_alphabetic() && c.general_category() != GeneralCategory::ModifierLetter;
        if is_letter && c.identifier_allowed() || is_combining_mark(c) {
            folded.push(c);
        } else {
            folded.extend(skeleton(c.encode_utf8(&mut [0; 4])).filter(|c| !is_ignorable(*c)));
        }
    }
    folded.nfc().flat_map(char::to_lowercase).collect()
}

/// The skeleton without case and marks. Computed before case folding, because some Greek and
/// Cyrillic capitals look like Latin ones while their small letters do not, and again after it.
/// `i`, `l`, `I` and `1` are equal.
pub(super) fn skeleton_key(normalize: &str) -> String {
    let small: String = skeleton(normalize).flat_map(char::to_lowercase).collect();
    let shown = skeleton(&small).filter(|c| !is_combining_mark(*c) && !is_ignorable(*c));
    shown
        .flat_map(char::to_lowercase)
        .map(|c| if matches!(c, 'i' | 'ı') { 'l' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The comparison of the store.
    fn alike(one: &str, other: &str) -> bool {
        let (a, b) = (confusable_forms(one), confusable_forms(other));
        a.folded == b.folded
            || a.skeleton == b.skeleton && (a.script != b.script || a.script.is_empty())
    }

    #[test]
    fn confusable_names_are_detected() {
        for (one, other) in [
            ("Ada Lovelace", "Аda Lovelace"),
            ("Ada Lovelace", "ada  lovelace"),
            ("Ada Lovelace", "ADA LOVELACE"),
            ("Ada Lovelace", "AdaLovelace"),
            ("Ada Lovelace", "Ada Lovelace."),
            ("Ada Lovelace", "Ada\u{2010}Lovelace"),
            ("Ada Lovelace", "𝐀𝐝𝐚 𝐋𝐨𝐯𝐞𝐥𝐚𝐜𝐞"),
            ("Ada Lovelace", "Ａｄａ Ｌｏｖｅｌａｃｅ"),
            ("Ada Lovelace", "Ad\u{251} Lovelace"),
            ("Ada Lovelace", "Adа Lоvеlасе"),
            ("Ada Lovelace", "Ada L0velace"),
            ("Ada Lovelace", "🅰da Lovelace"),
            ("Ada Lovelace", "ᴀᴅᴀ ʟᴏᴠᴇʟᴀᴄᴇ"),
            ("Ada Lovelace", "Ada Lovelaceꓸ"),
            ("O'Brien", "O’Brien"),
            ("O'Brien", "OʼBrien"),
            ("‼ 👋", "‼ 👋🏽"),
            ("Anna", "ΑΝΝΑ"),
            ("BETA", "ВЕТА"),
            ("Вера", "ВЕРА"),
            ("Вера", "Bepa"),
            ("Νίκος", "νίκος"),
            ("Pupil 1", "Pupil l"),
            ("Robin", "R\u{43e}bin"),
            ("Ali", "Аlі"),
            ("Marnie", "Маrnie"),
            ("علی‌رضا", "علیرضا"),
            ("❤ Ada", "❤️ Ada"),
            ("田中 力", "田中 カ"),
            ("José Núñez", "Jоse Nunez"),
        ] {
            assert!(
                alike(one, other) && alike(other, one),
                "{one} {:?} and {other} {:?}",
                confusable_forms(one),
                confusable_forms(other)
            );
        }
    }

    #[test]
    fn different_names_are_not_confusable() {
        for (one, other) in [
            ("Marnie", "Mamie"),
            ("Illia", "lllia"),
            ("Ian", "Lan"),
            ("Ali", "All"),
            ("José Silva", "Jose Silva"),
            ("Zoë", "Zoe"),
            ("Müller", "Mueller"),
            ("Işıl", "Isil"),
            ("Anna", "Άννα"),
            ("Anna", "Анна"),
            ("Maria Silva", "Maria Silvia"),
            ("Person 1", "Person 11"),
            ("Pupil 12", "Pupil 21"),
            ("李雷", "李蕾"),
            ("김민준", "김민준수"),
            ("نور", "نورا"),
            ("प्रिया", "प्रियां"),
            ("Robin 🌻", "Robin 🌹"),
            ("‼", "⁉"),
            ("スーパー", "スパ"),
            ("Robin", "Robin 🌻"),
            ("Ada", "Ada II"),
            ("สมชาย", "สมชัย"),
        ] {
            assert!(
                !alike(one, other),
                "{one} {:?} and {other} {:?}",
                confusable_forms(one),
                confusable_forms(other)
            );
        }
    }

    #[test]
    fn numbered_names_are_not_confusable() {
        let mut seen = std::collections::HashSet::new();
        for n in 0..10_000 {
            assert!(seen.insert(confusable_forms(&format!("Bench {n}")).skeleton), "{n}");
        }
    }
}
