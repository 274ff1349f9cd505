//! Seeding: writes a history with the same write ops as people's own actions, but at given times
//! and many to a transaction. Not for a running server: it publishes nothing and keeps the writer
//! to itself.

use super::{NewMessage, NewPerson, Result, Store, WriteTx};
use crate::{
    domain::{ClientId, ConversationId, Millis, PersonId, Seq},
    server::{clock, error::AppError},
};

/// An action and its time.
#[derive(Clone, Debug)]
pub struct SeedEvent {
    /// When it happened.
    pub at: Millis,
    /// What happened.
    pub action: SeedAction,
}

/// An action. People and conversations are numbered in the order in which they are created;
/// Everyone is conversation 0.
#[derive(Clone, Debug)]
pub enum SeedAction {
    /// Somebody registers.
    Register(NewPerson),
    /// Two people start a direct conversation.
    OpenDirect {
        /// Who starts it.
        me: usize,
        /// The other person.
        other: usize,
    },
    /// Somebody creates a group.
    CreateGroup {
        /// Its creator.
        creator: usize,
        /// Its first name.
        name: String,
        /// Its first members.
        members: Vec<usize>,
    },
    /// The creator of a group adds somebody.
    AddMember {
        /// The creator.
        by: usize,
        /// The group.
        conversation: usize,
        /// The new member.
        person: usize,
    },
    /// The creator of a group renames it.
    Rename {
        /// The creator.
        by: usize,
        /// The group.
        conversation: usize,
        /// The new name.
        name: String,
    },
    /// Somebody posts a message.
    Post {
        /// Its author.
        author: usize,
        /// The conversation.
        conversation: usize,
        /// Its text.
        body: String,
    },
    /// Somebody reads all messages of others, except for the newest.
    Read {
        /// The reader.
        person: usize,
        /// The conversation.
        conversation: usize,
        /// How many messages of others stay unread.
        unread: usize,
    },
}

/// Seeds a store.
pub struct Seeder {
    store: Store,
    ids: Ids,
}

/// The IDs of the numbered people and conversations.
#[derive(Default)]
struct Ids {
    people: Vec<PersonId>,
    conversations: Vec<ConversationId>,
}

impl Seeder {
    /// Starts with an empty store.
    ///
    /// # Errors
    /// A database error.
    pub async fn begin(store: Store, since: Millis) -> Result<Self> {
        let everyone = store.everyone();
        store
            .write(move |tx| {
                Box::pin(async move {
                    // Created when the file was opened, which is later than everything that is
                    // about to be seeded.
                    sqlx::query("update conversations set created = $2 where id = $1")
                        .bind(everyone)
                        .bind(since)
                        .execute(&mut tx.connection)
                        .await?;
                    Ok(())
                })
            })
            .await?;
        Ok(Self { store, ids: Ids { people: Vec::new(), conversations: vec![everyone] } })
    }

    /// Applies events in one transaction: all or none.
    ///
    /// # Errors
    /// That they could not be written, or that a rule forbids one: then the generator is wrong.
    pub async fn write(&mut self, events: Vec<SeedEvent>) -> Result<()> {
        let mut ids = std::mem::take(&mut self.ids);
        self.ids = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    for event in events {
                        tx.now = event.at;
                        tx.apply_seed(&mut ids, event.action).await.map_err(as_internal)?;
                    }
                    Ok(ids)
                })
            })
            .await?;
        Ok(())
    }
}

impl WriteTx {
    async fn apply_seed(&mut self, ids: &mut Ids, action: SeedAction) -> Result<()> {
        match action {
            SeedAction::Register(new) => ids.people.push(self.register(new).await?.id),
            SeedAction::OpenDirect { me, other } => {
                let conversation = self.open_direct(ids.people[me], ids.people[other]).await?;
                ids.conversations.push(conversation);
            }
            SeedAction::CreateGroup { creator, name, members } => {
                let members = members.into_iter().map(|member| ids.people[member]).collect();
                let conversation = self.create_group(ids.people[creator], name, members).await?;
                ids.conversations.push(conversation);
            }
            SeedAction::AddMember { by, conversation, person } => {
                self.add_members(
                    ids.people[by],
                    ids.conversations[conversation],
                    vec![ids.people[person]],
                )
                .await?;
            }
            SeedAction::Rename { by, conversation, name } => {
                self.rename(ids.people[by], ids.conversations[conversation], name).await?
            }
            SeedAction::Post { author, conversation, body } => {
                let (author, conversation) = (ids.people[author], ids.conversations[conversation]);
                self.post(NewMessage {
                    author,
                    conversation,
                    client_id: ClientId(clock::id()),
                    body,
                    reply_to: None,
                    files: Vec::new(),
                })
                .await?;
            }
            SeedAction::Read { person, conversation, unread } => {
                self.mark_read_except(ids.people[person], ids.conversations[conversation], unread)
                    .await?
            }
        }
        Ok(())
    }

    async fn mark_read_except(
        &mut self,
        person: PersonId,
        conversation: ConversationId,
        unread: usize,
    ) -> Result<()> {
        if unread == 0 {
            return self.mark_read(person, conversation, Seq(u64::MAX)).await;
        }
        let read: Option<(Seq,)> = sqlx::query_as(
            "select seq from changes where stream = $1 and kind = 'posted' \
             and actor <> $2 order by seq desc limit 1 offset $3",
        )
        .bind(conversation)
        .bind(person)
        .bind(i64::try_from(unread).unwrap_or(i64::MAX))
        .fetch_optional(&mut self.connection)
        .await?;
        match read {
            Some((upto,)) => self.mark_read(person, conversation, upto).await,
            None => Ok(()),
        }
    }
}

/// A client error in the middle of a transaction follows other writes: as an internal error it
/// rolls them back too.
fn as_internal(error: AppError) -> AppError {
    match error {
        AppError::Client(error) => AppError::Internal(error.into()),
        error @ AppError::Internal(_) => error,
    }
}
