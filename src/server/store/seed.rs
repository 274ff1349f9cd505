//! A past, written down as if it had been lived: by the very deeds by which people live it, only at moments that are given
//! and many to a transaction. Not for a server that serves: it tells nobody and takes the writer for itself.

use super::{NewMessage, NewPerson, Result, Store, WriteTx};
use crate::{
    domain::{ClientId, ConversationId, Millis, PersonId, Seq},
    server::{clock, error::AppError},
};

/// What somebody did, and when.
#[derive(Clone, Debug)]
pub struct SeedEvent {
    /// When it was.
    pub at: Millis,
    /// What it was.
    pub action: SeedAction,
}

/// What somebody did. People and conversations are told by their number, in the order in which they came to be; Everyone is
/// conversation 0.
#[derive(Clone, Debug)]
pub enum SeedAction {
    /// Somebody registered.
    Register(NewPerson),
    /// Two people began to talk.
    OpenDirect {
        /// Who began.
        me: usize,
        /// With whom.
        other: usize,
    },
    /// Somebody made a group.
    CreateGroup {
        /// Who made it.
        creator: usize,
        /// What it was called.
        name: String,
        /// Who was in it from the first.
        members: Vec<usize>,
    },
    /// The creator of a group added somebody.
    AddMember {
        /// The creator.
        by: usize,
        /// The group.
        conversation: usize,
        /// The new member.
        person: usize,
    },
    /// The creator of a group gave it another name.
    Rename {
        /// The creator.
        by: usize,
        /// The group.
        conversation: usize,
        /// The new name.
        name: String,
    },
    /// Somebody wrote a message.
    Post {
        /// Who wrote it.
        author: usize,
        /// Where.
        conversation: usize,
        /// What.
        body: String,
    },
    /// Somebody read all that others wrote, but for the newest of it.
    Read {
        /// Who read.
        person: usize,
        /// Where.
        conversation: usize,
        /// How many messages of others are left unread.
        unread: usize,
    },
}

/// A store whose past is being written.
pub struct Seeder {
    store: Store,
    ids: Ids,
}

/// Whose number is whose id.
#[derive(Default)]
struct Ids {
    people: Vec<PersonId>,
    conversations: Vec<ConversationId>,
}

impl Seeder {
    /// Begins the past of a store in which nothing has happened.
    ///
    /// # Errors
    /// Only what the engine says.
    pub async fn begin(store: Store, since: Millis) -> Result<Self> {
        let everyone = store.everyone();
        store
            .write(move |tx| {
                Box::pin(async move {
                    // Made when the file was opened, which is after all that is about to have happened in it.
                    sqlx::query("update conversations set created = $2 where id = $1").bind(everyone).bind(since).execute(&mut tx.connection).await?;
                    Ok(())
                })
            })
            .await?;
        Ok(Self { store, ids: Ids { people: Vec::new(), conversations: vec![everyone] } })
    }

    /// Writes down what happened next, in one transaction: all of it or nothing.
    ///
    /// # Errors
    /// That it could not be written, or that a rule forbids what is told: then the teller is wrong.
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
                self.add_members(ids.people[by], ids.conversations[conversation], vec![ids.people[person]]).await?;
            }
            SeedAction::Rename { by, conversation, name } => self.rename(ids.people[by], ids.conversations[conversation], name).await?,
            SeedAction::Post { author, conversation, body } => {
                let (author, conversation) = (ids.people[author], ids.conversations[conversation]);
                self.post(NewMessage { author, conversation, client_id: ClientId(clock::id()), body, answers: None, files: Vec::new() }).await?;
            }
            SeedAction::Read { person, conversation, unread } => {
                self.mark_read_except(ids.people[person], ids.conversations[conversation], unread).await?
            }
        }
        Ok(())
    }

    async fn mark_read_except(&mut self, person: PersonId, conversation: ConversationId, unread: usize) -> Result<()> {
        if unread == 0 {
            return self.mark_read(person, conversation, Seq(u64::MAX)).await;
        }
        let read: Option<(Seq,)> =
            sqlx::query_as("select seq from changes where stream = $1 and kind = 'posted' and actor <> $2 order by seq desc limit 1 offset $3")
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

/// A refusal in the midst of a transaction has others' writing before it: as a failure it undoes them too.
fn as_internal(error: AppError) -> AppError {
    match error {
        AppError::Client(error) => AppError::Internal(error.into()),
        error @ AppError::Internal(_) => error,
    }
}
