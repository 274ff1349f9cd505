//! Suggestions for the search field: filter names, users, conversations, dates.

use crate::{
    client::state::{conversations::Conversations, roster::Roster},
    domain::{
        Kind,
        conversation::EVERYONE,
        search::{FilterKey, QueryToken, tokenize},
    },
};

/// Maximum number of suggestions.
const MAX_SUGGESTIONS: usize = 6;

/// A suggestion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Its label.
    pub name: String,
    /// Its description.
    pub about: String,
    /// The text of the field after accepting it.
    pub text: String,
}

/// Suggestions for the last word of a query; all filters for an empty one, none after a space.
#[must_use]
pub fn suggestions(text: &str, conversations: &Conversations, roster: &Roster) -> Vec<Suggestion> {
    let last =
        tokenize(text).pop().unwrap_or(QueryToken { at: 0, key: None, text: "", quoted: false });
    let ended = text.ends_with(char::is_whitespace) && !(last.quoted && text.ends_with(last.text));
    if ended || (last.key.is_none() && last.quoted) {
        return Vec::new();
    }
    let mut suggestions = Vec::new();
    let wanted = last.text.trim_start_matches('@').to_lowercase();
    // Skips what the field already says.
    let mut add = |name: &str, about: &str, value: &str| {
        let taken = format!("{}{value}", &text[..last.at]);
        if suggestions.len() < MAX_SUGGESTIONS && taken.trim_end() != text {
            suggestions.push(Suggestion {
                name: name.to_owned(),
                about: about.to_owned(),
                text: taken,
            });
        }
    };
    let words: &[&str] = match last.key {
        None => {
            for (_, name, about) in FilterKey::ALL {
                if name.starts_with(&*wanted) {
                    add(name, about, name);
                }
            }
            &[]
        }
        Some(FilterKey::From) => {
            for person in roster.all() {
                if person.username.starts_with(&*wanted)
                    || contains_words(&person.display_name, &wanted)
                {
                    add(
                        &person.display_name,
                        &person.username,
                        &format!("from:{} ", person.username),
                    );
                }
            }
            &[]
        }
        Some(FilterKey::In) => {
            for summary in
                conversations.listed().into_iter().filter_map(|id| conversations.find(id))
            {
                let kind = summary.conversation.kind;
                let title = conversations.title(&summary.conversation, &summary.members, roster);
                let other = conversations
                    .other(&summary.members)
                    .filter(|_| kind == Kind::Direct)
                    .and_then(|other| roster.find(other));
                let username = other.map_or("", |other| other.username.as_str());
                if contains_words(&title, &wanted)
                    || (other.is_some() && username.starts_with(&*wanted))
                {
                    let value = match kind {
                        Kind::Everyone => EVERYONE.to_lowercase(),
                        Kind::Direct => username.to_owned(),
                        Kind::Group => quote(&title),
                    };
                    add(&title, username, &format!("in:{value} "));
                }
            }
            &[]
        }
        Some(FilterKey::Before) => {
            &["before:today ", "before:yesterday ", "before:7d ", "before:30d "]
        }
        Some(FilterKey::After) => &["after:today ", "after:yesterday ", "after:7d ", "after:30d "],
        Some(FilterKey::Has) => &["has:link ", "has:code "],
        Some(FilterKey::Is) => &["is:question "],
    };
    for word in words {
        let value = word.split_once(':').map_or("", |(_, value)| value);
        if value.starts_with(&*wanted) {
            add(value, "", word);
        }
    }
    suggestions
}

/// Whether a name contains each word of a lower-case query.
fn contains_words(name: &str, wanted: &str) -> bool {
    let name = name.to_lowercase();
    wanted.split_whitespace().all(|word| name.contains(word))
}

/// A name quoted for use in a query.
fn quote(name: &str) -> String {
    let name = name.replace(['"', '“', '”'], " ");
    if name.contains(char::is_whitespace) { format!("\"{}\"", name.trim()) } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Conversation, ConversationId, Person, PersonId, Seq, Summary, person::Privacy,
    };
    use uuid::Uuid;

    const ADA: PersonId = PersonId(Uuid::from_u128(1));
    const GRACE: PersonId = PersonId(Uuid::from_u128(2));

    fn texts(typed: &str) -> Vec<String> {
        let person = |id, username: &str, name: &str| Person::named(id, username, name);
        let roster = Roster::new(
            vec![
                person(ADA, "ada", "Ada Lovelace"),
                person(GRACE, "grace", "Grace “Amazing” Hopper"),
            ],
            Vec::new(),
            Vec::new(),
        );
        let summary = |n, kind, name: Option<&str>| {
            let conversation = Conversation {
                id: ConversationId(Uuid::from_u128(n)),
                kind,
                name: name.map(str::to_owned),
                creator: None,
                created: 100 - n as i64,
                avatar: None,
            };
            let members = if kind == Kind::Direct { vec![ADA, GRACE] } else { Vec::new() };
            Summary::empty(conversation, members)
        };
        let all = vec![
            summary(1, Kind::Everyone, None),
            summary(2, Kind::Direct, None),
            summary(3, Kind::Group, Some("Physics 2")),
            summary(4, Kind::Group, Some("The \"A\" team")),
        ];
        let conversations = Conversations::new(
            &person(ADA, "ada", "Ada Lovelace"),
            Privacy { shows_reading: true, shows_typing: true, shows_presence: true },
            Seq::START,
            all,
        );
        suggestions(typed, &conversations, &roster).into_iter().map(|add| add.text).collect()
    }

    #[test]
    fn filters_users_and_conversations_are_suggested() {
        assert_eq!(texts("").len(), 6, "all there are");
        assert_eq!(texts("fr"), ["from:"]);
        assert_eq!(texts("limit f"), ["limit from:"]);
        assert_eq!(texts("from:"), ["from:ada ", "from:grace "]);
        assert_eq!(texts("from:a"), ["from:ada ", "from:grace "], "Amazing");
        assert_eq!(texts("x from:LOVE"), ["x from:ada "]);
        assert_eq!(texts("from:@gr"), ["from:grace "]);
        assert_eq!(
            texts("in:"),
            ["in:everyone ", "in:grace ", "in:\"Physics 2\" ", "in:\"The  A  team\" "]
        );
        assert_eq!(texts("in:\"phys"), ["in:\"Physics 2\" "]);
        assert_eq!(texts("in:\"physics "), ["in:\"Physics 2\" "]);
        assert_eq!(texts("has:"), ["has:link ", "has:code "]);
        assert_eq!(texts("before:y"), ["before:yesterday "]);
        assert_eq!(texts("is"), ["is:"]);
    }

    #[test]
    fn no_suggestions_after_a_completed_word() {
        for nothing in
            [" ", "from:ada ", "has:link", "limit", "\"fr", "from:nobody", "in:\"Physics 2\" "]
        {
            assert_eq!(texts(nothing), Vec::<String>::new(), "{nothing:?}");
        }
    }
}
