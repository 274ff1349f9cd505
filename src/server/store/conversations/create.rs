//! Making and renaming conversations.

use std::path::Path;

use uuid::Uuid;

use super::members;
use crate::{
    domain::{Change, ChatError, ConversationId, Kind, PersonId, Summary},
    protocol::StreamId,
    server::{
        clock,
        store::{
            Ledger, Outcome, Store,
            accounts::people::existing,
            engine::{self, Connection, last_write::LastWrite},
        },
    },
};

/// What a data file is, apart from what people wrote.
pub(in crate::server::store) struct Identity {
    /// The database's life. A copy that is put back begins another one.
    pub(in crate::server::store) epoch: String,
    /// Which data file it is, through all its lives: by this, files know whose they are.
    pub(in crate::server::store) files_owner: String,
    /// The conversation of all.
    pub(in crate::server::store) everyone: ConversationId,
}

/// The rows that are there before anybody comes. A data file that is not `file`'s latest state begins a new epoch, so that no browser
/// takes what it knows for what is there.
pub(in crate::server::store) async fn first_rows(connection: &mut Connection, file: &Path) -> Result<Identity, sqlx::Error> {
    let known: Option<String> = meta(connection, "epoch").await?;
    let epoch = match known {
        Some(epoch) if is_current(connection, file, &epoch).await? => epoch,
        before => {
            if let Some(before) = before {
                tracing::warn!("the database is an older copy, or not the one last used in this folder: all browsers reload their data");
                set_meta(connection, "previous_epoch", &before).await?;
            }
            let epoch = Uuid::new_v4().simple().to_string();
            set_meta(connection, "epoch", &epoch).await?;
            epoch
        }
    };
    let files_owner = match meta(connection, "files_owner").await? {
        Some(owner) => owner,
        None => {
            // Of an older data file, and of a new one: its first epoch.
            let owner = meta(connection, "previous_epoch").await?.unwrap_or_else(|| epoch.clone());
            set_meta(connection, "files_owner", &owner).await?;
            owner
        }
    };
    sqlx::query("insert into conversations (id, kind, created) select $1, 'everyone', $2 where not exists (select 1 from conversations where kind = 'everyone')")
        .bind(clock::id())
        .bind(clock::now())
        .execute(&mut *connection)
        .await?;
    let (everyone,) = sqlx::query_as("select id from conversations where kind = 'everyone'").fetch_one(&mut *connection).await?;
    engine::empty_journal(connection).await?;
    // The first thing in the empty journal.
    next_generation(connection).await?;
    Ok(Identity { epoch, files_owner, everyone })
}

async fn is_current(connection: &mut Connection, file: &Path, epoch: &str) -> Result<bool, sqlx::Error> {
    match LastWrite::read(file) {
        Some(last) if last.epoch == epoch => last.is_in(connection).await,
        _ => Ok(false),
    }
}

/// Counts a state of the data file further: see `data_file`.
pub(in crate::server::store) async fn next_generation(connection: &mut Connection) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into meta (key, value) values ('generation', '1') \
         on conflict (key) do update set value = cast(cast(meta.value as integer) + 1 as text)",
    )
    .execute(&mut *connection)
    .await?;
    engine::write_first_page(connection).await
}

async fn meta(connection: &mut Connection, key: &str) -> Result<Option<String>, sqlx::Error> {
    let row: Option<(String,)> = sqlx::query_as("select value from meta where key = $1").bind(key).fetch_optional(connection).await?;
    Ok(row.map(|(value,)| value))
}

async fn set_meta(connection: &mut Connection, key: &str, value: &str) -> Result<(), sqlx::Error> {
    sqlx::query("insert into meta (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value")
        .bind(key)
        .bind(value)
        .execute(connection)
        .await
        .map(drop)
}

impl Store {
    /// The conversation of these two, made now if there was none.
    ///
    /// # Errors
    /// `invalid` with oneself; `not_found` when the other does not exist.
    pub async fn open_direct(&self, me: PersonId, other: PersonId) -> Outcome<Summary> {
        let conversation = self.perform(move |ledger| Box::pin(ledger.open_direct(me, other))).await?;
        self.summary(me, conversation).await
    }

    /// A new group of these people and its creator.
    ///
    /// # Errors
    /// `not_found` when somebody does not exist.
    pub async fn create_group(&self, creator: PersonId, name: String, members: Vec<PersonId>) -> Outcome<Summary> {
        let mut members = {
            let mut view = self.readers.begin().await?;
            existing(&mut view, members).await?
        };
        members.retain(|member| *member != creator);
        let rest = members.split_off(members.len().min(members::JOINED_AT_ONCE));
        let conversation = self.perform(move |ledger| Box::pin(ledger.create_group(creator, name, members))).await?;
        self.add_members(creator, conversation, rest).await?;
        self.summary(creator, conversation).await
    }

    /// Gives a group another name.
    ///
    /// # Errors
    /// `not_found`, `forbidden` or `conflict` as the rules say.
    pub async fn rename(&self, by: PersonId, conversation: ConversationId, name: String) -> Outcome<()> {
        self.perform(move |ledger| Box::pin(ledger.rename(by, conversation, name))).await
    }
}

impl Ledger {
    pub(in crate::server::store) async fn open_direct(&mut self, me: PersonId, other: PersonId) -> Outcome<ConversationId> {
        if me == other {
            return Err(ChatError::invalid("person", "You cannot start a conversation with yourself. Choose another person.").into());
        }
        existing(&mut self.connection, vec![other]).await?;
        let pair = [me.min(other).0.into_bytes(), me.max(other).0.into_bytes()].concat();
        let found: Option<(ConversationId,)> =
            sqlx::query_as("select id from conversations where pair = $1").bind(&pair).fetch_optional(&mut self.connection).await?;
        if let Some((conversation,)) = found {
            return Ok(conversation);
        }
        let conversation = self.make(Kind::Direct, None, None, Some(pair)).await?;
        // Both at once: no change says later who the second one is.
        self.join(conversation, &[me, other]).await?;
        Ok(conversation)
    }

    pub(in crate::server::store) async fn create_group(
        &mut self,
        creator: PersonId,
        name: String,
        mut members: Vec<PersonId>,
    ) -> Outcome<ConversationId> {
        members.retain(|member| *member != creator);
        let members = existing(&mut self.connection, members).await?;
        let conversation = self.make(Kind::Group, Some(name), Some(creator), None).await?;
        self.append(StreamId::Conversation(conversation), Change::Created { by: creator }).await?;
        self.join(conversation, &[creator]).await?;
        self.add_members(creator, conversation, members).await?;
        Ok(conversation)
    }

    pub(in crate::server::store) async fn rename(&mut self, by: PersonId, conversation: ConversationId, name: String) -> Outcome<()> {
        members::conversation_of(&mut self.connection, by, conversation).await?.may_rename(by)?;
        sqlx::query("update conversations set name = $2 where id = $1").bind(conversation).bind(&name).execute(&mut self.connection).await?;
        self.append(StreamId::Conversation(conversation), Change::Renamed { by, name }).await?;
        Ok(())
    }

    async fn make(&mut self, kind: Kind, name: Option<String>, creator: Option<PersonId>, pair: Option<Vec<u8>>) -> Outcome<ConversationId> {
        let id = ConversationId(clock::id());
        sqlx::query("insert into conversations (id, kind, name, creator, pair, created) values ($1, $2, $3, $4, $5, $6)")
            .bind(id)
            .bind(kind)
            .bind(name)
            .bind(creator)
            .bind(pair)
            .bind(self.now)
            .execute(&mut self.connection)
            .await?;
        Ok(id)
    }
}
