//! Tests of the rule for names: accepted names of many scripts, rejected deceptive ones.

use super::*;

const DISPLAY: Rule =
    Rule { field: "display_name", noun: "display name", longest: 40, names: true };
const STATUS: Rule = Rule { field: "text", noun: "status", longest: 80, names: false };

#[test]
fn names_of_many_scripts_are_accepted_unchanged() {
    for name in [
        // Latin, with marks, apostrophes and hyphens of all kinds.
        "Ada",
        "X",
        "O’Brien",
        "O'Brien",
        "José Núñez",
        "Nguyễn Văn A",
        "Łukasz",
        "Þór",
        "Ñ",
        "Zoë O’Neil-Müller",
        "Mʼbala",
        "Kamakaʻeha",
        "Olúfẹ́mi Adébáyọ̀",
        "D’Angelo, Jr.",
        "Ǧabriel",
        "Wanjirũ",
        "Ŋwɛn",
        "J̌anusz",
        "Ėglė",
        "l·l",
        "Gràcia i Vil·la",
        "ʻOkina",
        "Siobhán Ní Bhriain",
        "Dž",
        "3.b",
        // Greek, Cyrillic, Caucasian, Ethiopic.
        "Ελένη Παπαδοπούλου",
        "Дмитрий Соколов",
        "Љиљана",
        "Ґалаґан",
        "გიორგი ბერიძე",
        "Հայկ Պետրոսյան",
        "ሰላም ተስፋዬ",
        // Right to left, with the joiners of Persian, Urdu and Kurdish, and points.
        "علی‌رضا",
        "می‌خواهم",
        "نور الهاشمي",
        "کار‌ها",
        "ه‍.ش",
        "مُحَمَّدٌ",
        "אַבְרָהָם",
        "שָּׁ֑לוֹם",
        "ܫܠܡܐ",
        "ߒߞߏ",
        "𞤀𞤣𞤤𞤢𞤥",
        "ދިވެހި",
        // Indic, with joiners after, and in Bengali and Kannada before, a virama.
        "ශ්‍රී ලංකා",
        "क्षत्रिय",
        "र्‍य",
        "कार्त्स्न्य",
        "র‍্যাচেল",
        "ಅರ‍್ಥ",
        "രാജന്‍",
        "க்‌ஷ",
        "రామకృష్ణ",
        "ગુજરાતી",
        "ਗੁਰਪ੍ਰੀਤ",
        "ଓଡ଼ିଆ",
        "ᱥᱟᱱᱛᱟᱲᱤ",
        // South-East Asia and Tibet.
        "สมชาย ใจดี",
        "ที่รัก",
        "ສົມສັກ",
        "ស្ត្រី",
        "សុខ៊ី",
        "ប៊‌ី",
        "မြွှေ့",
        "အင်္ဂလိပ်",
        "བསྟན་འཛིན་རྒྱ་མཚོ",
        "སྒྲུབས",
        "ཧཱུྃ",
        "ᬩᬮᬶ",
        "ᦑᦺᦟᦹᧉ",
        // East Asia, with variants of ideographs, and Mongolian with its own selectors.
        "李雷",
        "李 梅",
        "佐藤 さくら",
        "スーパー",
        "葛\u{e0100}城",
        "渡邉\u{e0101}",
        "김민준",
        "𠮷野家",
        "〇二",
        "ㄓㄨˋ",
        "ᠮᠣᠩᠭᠣᠯ",
        "ᠰᠠᠷ\u{180e}ᠠ",
        "ᠭ\u{180b}ᠠ",
        "ꡏꡡꡃ",
        "ꆈꌠ",
        // Emoji: with selectors, tones, joiners, tags, keycaps, flags.
        "Robin 🌻",
        "👩‍💻",
        "Family 👨‍👩‍👧‍👦",
        "👩🏽‍❤️‍💋‍👨🏿",
        "🏳️‍🌈",
        "🏴‍☠️",
        "🧑🏻‍🤝‍🧑🏿",
        "🐈‍⬛",
        "🏃🏽‍♀️‍➡️",
        "Leeds 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "❤️",
        "❤",
        "1️⃣ A",
        "#️⃣ Team",
        "🇫🇷 Team",
        "☝️",
        "✌🏿",
        "Café ☕️",
        "5 × 5",
        "C++",
        "#1",
    ] {
        assert_eq!(DISPLAY.check(name).as_deref(), Ok(name), "{name} {}", name.escape_unicode());
    }
    for status in ["👩‍💻", ":-)", "…", "¯\\_(ツ)_/¯", "✓", "در خانه‌ام", "50%"]
    {
        assert_eq!(STATUS.check(status).as_deref(), Ok(status), "{status}");
    }
}

#[test]
fn names_are_normalized_to_one_line_and_nfc() {
    for (typed, kept) in [
        ("  Ada \n Lovelace\u{a0}", "Ada Lovelace"),
        ("佐藤\u{3000}さくら", "佐藤 さくら"),
        ("Jose\u{301} Nu\u{301}n\u{303}ez", "José Núñez"),
        ("\u{1112}\u{1161}\u{11ab}", "한"),
        ("สม\u{200b}ชาย", "สมชาย"),
        ("សុខ\u{200b}ភា", "សុខភា"),
        ("Ａｄａ", "Ａｄａ"),
    ] {
        assert_eq!(DISPLAY.check(typed).as_deref(), Ok(kept), "{typed}");
    }
}

#[test]
fn deceptive_names_are_rejected_with_a_reason() {
    for (name, hidden) in [
        // Direction.
        ("a\u{202e}b", "U+202E"),
        ("Ada\u{200e}", "U+200E"),
        ("\u{2066}Ada\u{2069}", "U+2066"),
        ("نور\u{61c}", "U+061C"),
        // What is never seen.
        ("\u{200b}", "U+200B"),
        ("Ada\u{200b}", "U+200B"),
        ("A\u{ad}da", "U+00AD"),
        ("A\u{34f}da", "U+034F"),
        ("Ada\u{2060}", "U+2060"),
        ("\u{feff}Ada", "U+FEFF"),
        ("Ada \u{3164}", "U+3164"),
        ("\u{115f}\u{1160}", "U+115F"),
        ("\u{ffa0}", "U+FFA0"),
        ("A\u{2800}da", "U+2800"),
        ("ក\u{17b4}", "U+17B4"),
        ("Ada\u{2061}", "U+2061"),
        ("A\u{7}da", "U+0007"),
        ("Ada\u{1d159}", "U+1D159"),
        ("Ada\u{fffc}", "U+FFFC"),
        ("A\u{180e}da", "U+180E"),
        // Joiners where nothing joins.
        ("Ada\u{200d}", "U+200D"),
        ("A\u{200c}da", "U+200C"),
        ("\u{200d}Ada", "U+200D"),
        ("李\u{200d}雷", "U+200D"),
        ("علی\u{200c}", "U+200C"),
        ("علی\u{200c} رضا", "U+200C"),
        ("ශ්\u{200d}\u{200d}රී", "U+200D"),
        ("👩\u{200d}", "U+200D"),
        ("👩\u{200d}a", "U+200D"),
        ("👨\u{200d}👩\u{200d}👧\u{200d}👦\u{200d}👧", "U+200D"),
        ("ක\u{200d}ර", "U+200D"),
        // Selectors where nothing has variants.
        ("A\u{fe0f}da", "U+FE0F"),
        ("1\u{fe0f}", "U+FE0F"),
        ("Ada\u{fe00}", "U+FE00"),
        ("A\u{e0100}da", "U+E0100"),
        ("❤\u{fe0f}\u{fe0f}", "U+FE0F"),
        ("A\u{180b}", "U+180B"),
        ("葛\u{e0100}\u{e0101}", "U+E0101"),
        // Tags outside of flags, and text hidden in a flag.
        ("Ada\u{e0061}", "U+E0061"),
        ("🏴\u{e0067}\u{e0062}", "U+E0067"),
        ("🏴\u{e0068}\u{e0069}\u{e007f}", "U+E0068"),
        ("Ada\u{e0001}", "U+E0001"),
        ("👩\u{e007f}", "U+E007F"),
        // What means nothing, or something else on each machine.
        ("Ada\u{e000}", "U+E000"),
        ("Ada\u{f8ff}", "U+F8FF"),
        ("Ada\u{10fffd}", "U+10FFFD"),
        ("Ada\u{378}", "U+0378"),
        ("Ada\u{ffff}", "U+FFFF"),
        ("Ada\u{fdd0}", "U+FDD0"),
    ] {
        let error = DISPLAY.check(name).unwrap_err();
        assert!(
            error.message.contains(&format!("({hidden})")),
            "{}: {}",
            name.escape_unicode(),
            error.message
        );
        assert_eq!(error.field.as_deref(), Some("display_name"));
    }
}

#[test]
fn combining_marks_need_a_base_and_are_limited() {
    for name in ["\u{301}", "\u{301}\u{302}", "A \u{301}", "\u{f71}\u{f74}", "\u{93e}", "\u{20dd}"]
    {
        assert!(
            DISPLAY.check(name).unwrap_err().message.contains("without a letter"),
            "{}",
            name.escape_unicode()
        );
    }
    for name in [
        "Z\u{300}\u{300}\u{300}\u{300}",
        "Z\u{300}\u{300}",
        "a\u{316}\u{317}\u{318}\u{319}\u{31c}",
        // Piled letters below and above: Tibetan, Khmer, Myanmar.
        "ཀ\u{f90}\u{f91}\u{f92}\u{f93}\u{f94}",
        "ཀ\u{f90}\u{f90}",
        "ក្ខ្គ្ឃ្ង្ច",
        "က္ခ္ဂ္ဃ္င္စ",
        "ส\u{e34}\u{e48}\u{e49}\u{e4a}\u{e4b}",
        "a\u{20dd}\u{20de}\u{20df}\u{20e0}\u{20e3}",
        "ش\u{64b}\u{200d}\u{64c}\u{64d}\u{64e}\u{64f}",
    ] {
        assert!(
            DISPLAY.check(name).unwrap_err().message.contains("accents on one letter"),
            "{}",
            name.escape_unicode()
        );
    }
}

#[test]
fn names_need_a_letter_and_have_a_maximum_length() {
    for (name, words) in [
        ("", "Enter a display name."),
        (" \n\u{2003}", "Enter a display name."),
        ("---", "A display name needs at least one letter, digit or emoji."),
        ("…!", "A display name needs at least one letter, digit or emoji."),
        (&"x".repeat(41), "A display name can have up to 40 characters."),
    ] {
        assert_eq!(
            DISPLAY.check(name).unwrap_err(),
            ChatError::invalid("display_name", words),
            "{name}"
        );
    }
    assert!(DISPLAY.check(&"e\u{301}".repeat(40)).is_ok(), "counted as it is kept");
    assert_eq!(STATUS.check(" ").unwrap_err().message, "Enter a status.");
}

#[test]
fn every_emoji_is_accepted_in_a_name() {
    let table = include_str!("../../../public/emoji.txt");
    let mut seen = 0;
    for emoji in crate::domain::emoji::all(table) {
        for tone in [None, Some(crate::domain::emoji::TONES[2])] {
            let name = format!("Team {}", emoji.toned(tone));
            assert_eq!(DISPLAY.check(&name).as_ref(), Ok(&name), "{}", emoji.name);
        }
        seen += 1;
    }
    assert!(seen > 1_500);
}
