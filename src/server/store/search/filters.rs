//! Names in a search query. They are looked up only among what the user may see, so a name that
//! exists elsewhere gives the same answer as one that does not exist.

use crate::{
    domain::{ChatError, ConversationId, Kind, Person, PersonId, conversation::EVERYONE},
    server::{
        search::{fold_name, name_matches},
        store::{Result, accounts::people::PersonRow, engine::Connection},
    },
};

/// Maximum number of people or conversations that one name may match.
const MAX_MATCHES: usize = 20;

#[derive(sqlx::FromRow)]
struct ConversationRow {
    id: ConversationId,
    kind: Kind,
    name: Option<String>,
    pair: Option<Vec<u8>>,
    head: i64,
}

/// What the user may see.
pub(in crate::server::store) struct Scope {
    me: PersonId,
    own: Vec<ConversationRow>,
    /// Loaded only where the query has a name.
    people: Vec<Person>,
}

impl Scope {
    /// Loads the user's conversations, and all people if the query has a name.
    pub(in crate::server::store) async fn load(
        view: &mut Connection,
        me: PersonId,
        named: bool,
    ) -> Result<Self> {
        let own = sqlx::query_as(
            "select c.id, c.kind, c.name, c.pair, c.head from memberships m \
             join conversations c on c.id = m.conversation where m.person = $1",
        );
        let mut own: Vec<ConversationRow> = own.bind(me).fetch_all(&mut *view).await?;
        own.sort_unstable_by_key(|own| std::cmp::Reverse(own.head));
        let mut people = Vec::new();
        if named {
            let rows: Vec<PersonRow> =
                sqlx::query_as("select * from profiles").fetch_all(&mut *view).await?;
            people = rows.into_iter().map(Into::into).collect();
        }
        Ok(Self { me, own, people })
    }

    /// All conversations, the largest first, and their number of events.
    pub(in crate::server::store) fn all_conversations(&self) -> (Vec<ConversationId>, i64) {
        (self.own.iter().map(|own| own.id).collect(), self.own.iter().map(|own| own.head).sum())
    }

    /// The people that match one of these names; empty without names.
    ///
    /// # Errors
    /// `invalid` at `query`, when a name matches nobody or very many.
    pub(in crate::server::store) fn authors(&self, names: &[String]) -> Result<Vec<PersonId>> {
        let mut matches = Vec::new();
        for name in names {
            let given = name.trim_start_matches('@');
            let by_username = self
                .people
                .iter()
                .find(|person| person.username.eq_ignore_ascii_case(given))
                .map(|person| person.id);
            let one = by_username.or((given.eq_ignore_ascii_case("me")).then_some(self.me));
            let found = one.map_or_else(
                || {
                    matching(
                        given,
                        self.people.iter().map(|person| (person.id, person.display_name.as_str())),
                    )
                },
                |one| vec![one],
            );
            matches.extend(checked(
                found,
                name,
                &format!("No person is named “{name}”."),
                "people",
            )?);
        }
        Ok(matches)
    }

    /// The conversations that match one of these names.
    ///
    /// # Errors
    /// `invalid` at `query`, when a name matches none of the user's conversations, or very many.
    pub(in crate::server::store) fn conversations(
        &self,
        names: &[String],
    ) -> Result<Vec<ConversationId>> {
        let mut matches = Vec::new();
        for name in names {
            let given = name.trim_start_matches('@');
            let other = |own: &ConversationRow| self.other(own.pair.as_deref()?);
            let with = self.own.iter().find(|own| {
                other(own).is_some_and(|person| person.username.eq_ignore_ascii_case(given))
            });
            let mut found = matching(
                given,
                self.own.iter().filter_map(|own| {
                    let title = match own.kind {
                        Kind::Everyone => EVERYONE,
                        Kind::Group => own.name.as_deref()?,
                        Kind::Direct => other(own)?.display_name.as_str(),
                    };
                    Some((own.id, title))
                }),
            );
            if let Some(with) = with.filter(|with| !found.contains(&with.id)) {
                found.push(with.id);
            }
            matches.extend(checked(
                found,
                name,
                &format!("None of your conversations is named “{name}”."),
                "conversations",
            )?);
        }
        matches.sort_unstable();
        matches.dedup();
        Ok(matches)
    }

    /// The other person of a direct conversation.
    fn other(&self, pair: &[u8]) -> Option<&Person> {
        let ids =
            pair.chunks_exact(16).filter_map(|id| uuid::Uuid::from_slice(id).ok()).map(PersonId);
        let other = ids.into_iter().find(|id| *id != self.me)?;
        self.people.iter().find(|person| person.id == other)
    }
}

/// Exact matches of a name; else those that contain all of its words.
fn matching<'n, I: Copy>(given: &str, names: impl Iterator<Item = (I, &'n str)>) -> Vec<I> {
    let whole = fold_name(given);
    let found: Vec<_> = names.filter(|(_, name)| name_matches(name, given)).collect();
    let exact: Vec<_> =
        found.iter().filter(|(_, name)| fold_name(name) == whole).map(|(id, _)| *id).collect();
    if exact.is_empty() { found.into_iter().map(|(id, _)| id).collect() } else { exact }
}

fn checked<I>(found: Vec<I>, name: &str, none: &str, of: &str) -> Result<Vec<I>, ChatError> {
    match found.len() {
        0 => Err(ChatError::invalid("query", none)),
        1..=MAX_MATCHES => Ok(found),
        many => Err(ChatError::invalid(
            "query",
            format!("“{name}” matches {many} {of}. Enter more of the name."),
        )),
    }
}
