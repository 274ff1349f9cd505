//! The people of the sample workspace: their names, languages and times of registration.

use super::{DAY, HOUR, Rng};
use crate::domain::Millis;

/// A language besides English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    French,
    German,
    Spanish,
    Chinese,
    Japanese,
    Korean,
    Arabic,
    Hebrew,
    Hindi,
    Russian,
    Thai,
    Greek,
}

/// A person. The index is the order of registration.
#[derive(Clone, Debug)]
pub(super) struct DemoPerson {
    pub(super) username: String,
    pub(super) display_name: String,
    pub(super) language: Language,
    pub(super) registered: Millis,
}

use Language::{
    Arabic, Chinese, English, French, German, Greek, Hebrew, Hindi, Japanese, Korean, Russian,
    Spanish, Thai,
};

/// Ada comes first and is the one to sign in as. A name of 39 characters and one of two are
/// included on purpose.
#[rustfmt::skip]
const NAMES: [(&str, &str, Language); 64] = [
    ("ada", "Ada Lovelace", English), ("grace", "Grace Hopper", English),
    ("kofi", "Kofi Mensah", English), ("mei", "李 梅", Chinese),
    ("noor", "نور الهاشمي", Arabic), ("zoe", "Zoë O’Neil-Müller", German),
    ("sakura", "佐藤 さくら", Japanese), ("minjun", "김민준", Korean),
    ("priya", "प्रिया शर्मा", Hindi), ("dmitri", "Дмитрий Соколов", Russian),
    ("yael", "יעל כהן", Hebrew), ("somchai", "สมชาย ใจดี", Thai),
    ("eleni", "Ελένη Παπαδοπούλου", Greek), ("jose", "José Núñez", Spanish),
    ("bjorn", "Björn Åkesson", English), ("linh", "Nguyễn Thị Linh", English),
    ("chloe", "Chloé Lefèvre", French), ("lukasz", "Łukasz Wiśniewski", English),
    ("amara", "Amara Okonkwo", English), ("tomas", "Tomáš Dvořák", English),
    ("omar", "عمر خالد", Arabic), ("wei", "王伟", Chinese), ("haruto", "田中 陽翔", Japanese),
    ("seoyeon", "이서연", Korean),
    ("arjun", "अर्जुन पटेल", Hindi), ("olga", "Ольга Кузнецова", Russian),
    ("maya", "Maya Rodríguez", Spanish), ("ingrid", "Ingrid Østergård", English),
    ("femi", "Olúfẹ́mi Adébáyọ̀", English), ("sean", "Seán Ó Súilleabháin", English),
    ("fatima", "فاطمة الزهراء", Arabic), ("xiaoming", "陳小明", Chinese),
    ("yuki", "鈴木 ゆき", Japanese), ("jiwoo", "박지우", Korean), ("ananya", "अनन्या सिंह", Hindi),
    ("sergei", "Сергей Иванов", Russian),
    ("tamar", "תמר לוי", Hebrew), ("ploy", "พลอย ศรีสุข", Thai), ("nikos", "Νίκος Γεωργίου", Greek),
    ("pierre", "Pierre Dubois", French),
    ("hannah", "Hannah Weiß", German), ("lucia", "Lucía Fernández", Spanish),
    ("mario", "Mário Gonçalves", English), ("aino", "Aino Mäkinen", English),
    ("istvan", "István Szabó", English), ("ioana", "Ioana Țăranu", English),
    ("mehmet", "Mehmet Yıldız", English), ("siobhan", "Siobhán Ní Bhriain", English),
    ("tuan", "Trần Anh Tuấn", English), ("leilani", "Leilani Kamakaʻeha", English),
    ("max", "Maximilian Freiherr von Hohenstein-Berg", German), ("bo", "Bo", English),
    ("robin", "Robin 🌻", English), ("zhanna", "Жанна Мельник", Russian),
    ("thandiwe", "Thandiwe Dlamini", English), ("ravi", "ரவி குமார்", English),
    ("giorgi", "გიორგი ბერიძე", English), ("hayk", "Հայկ Պետրոսյան", English),
    ("selam", "ሰላም ተስፋዬ", English), ("juliette", "Juliette Moreau", French),
    ("khalid", "خالد عبد الرحمن المراكشي", Arabic), ("jonas", "Jonas Schröder", German),
    ("wanjiru", "Wanjirũ Kamau", English), ("camila", "Camila Peña", Spanish),
];

/// Generates people in the order of registration: most in the first two days, the others later.
pub(super) fn create_people(
    rng: &mut Rng,
    count: usize,
    start: Millis,
    end: Millis,
) -> Vec<DemoPerson> {
    // At least four (or all) at the start, so that conversations can begin.
    let first = (count * 7 / 10).max(4).min(count);
    let mut moments: Vec<Millis> = (1..count)
        .map(|number| {
            if number < first {
                rng.between(start + HOUR, start + 2 * DAY - HOUR)
            } else {
                rng.between(start + 2 * DAY, start + (end - start) / 10 * 6)
            }
        })
        .collect();
    moments.sort_unstable();
    std::iter::once(start + HOUR / 2)
        .chain(moments)
        .enumerate()
        .map(|(number, registered)| character(number, registered))
        .collect()
}

fn character(number: usize, registered: Millis) -> DemoPerson {
    let (username, display_name, language) = NAMES[number % NAMES.len()];
    let (username, display_name) = match number / NAMES.len() {
        0 => (username.to_owned(), display_name.to_owned()),
        // The dot keeps digits from looking like letters: `noel1` could be `noell`.
        round if display_name.chars().count() < 35 => {
            (format!("{username}.{}", round + 1), format!("{display_name} {}", round + 1))
        }
        round => (format!("{username}.{}", round + 1), format!("{username} {}", round + 1)),
    };
    DemoPerson { username, display_name, language, registered }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::{
        domain::person,
        server::names::{
            check_display_name_reserved, check_username_reserved, confusable_forms, username_key,
        },
    };

    #[test]
    fn generated_names_are_valid_and_unique() {
        let people = create_people(&mut Rng::new(1), 5_000, 0, 182 * DAY);
        let (mut keys, mut forms) = (HashSet::new(), HashSet::new());
        for one in &people {
            assert_eq!(person::username(&one.username).unwrap(), one.username);
            assert_eq!(person::display_name(&one.display_name).unwrap(), one.display_name);
            let key = username_key(&one.username);
            check_username_reserved(&key).unwrap();
            assert!(keys.insert(key), "{} looks like somebody else", one.username);
            check_display_name_reserved(&one.display_name).unwrap();
            assert!(
                forms.insert(confusable_forms(&one.display_name).skeleton),
                "{} looks like somebody else",
                one.display_name
            );
        }
        assert!(people.is_sorted_by_key(|one| one.registered));
        assert_eq!((people[0].username.as_str(), people.len()), ("ada", 5_000));
    }
}
