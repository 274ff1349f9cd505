//! Making and renaming conversations.

use uuid::Uuid;

use super::{Ledger, Outcome, Store, engine::Connection, members};
use crate::{
    domain::{Change, ChatError, ConversationId, Kind, PersonId, Summary},
    protocol::StreamId,
    server::clock,
};

/// The rows that are there before anybody comes: the name of this database's life, and Everyone.
pub(super) async fn first_rows(connection: &mut Connection) -> Result<(String, ConversationId), sqlx::Error> {
    sqlx::query("insert into meta (key, value) values ('epoch', $1) on conflict (key) do nothing")
        .bind(Uuid::new_v4().simple().to_string())
        .execute(&mut *connection)
        .await?;
    sqlx::query("insert into conversations (id, kind, created) select $1, 'everyone', $2 where not exists (select 1 from conversations where kind = 'everyone')")
        .bind(clock::id())
        .bind(clock::now())
        .execute(&mut *connection)
        .await?;
    let (epoch,) = sqlx::query_as("select value from meta where key = 'epoch'").fetch_one(&mut *connection).await?;
    let (everyone,) = sqlx::query_as("select id from conversations where kind = 'everyone'").fetch_one(&mut *connection).await?;
    Ok((epoch, everyone))
}

impl Store {
    /// The conversation of these two, made now if there was none.
    ///
    /// # Errors
    /// `invalid` with oneself; `not_found` when the other does not exist.
    pub async fn open_direct(&self, me: PersonId, other: PersonId) -> Outcome<Summary> {
        self.perform(move |ledger| Box::pin(ledger.open_direct(me, other))).await
    }

    /// A new group of these people and its creator.
    ///
    /// # Errors
    /// `not_found` when somebody does not exist.
    pub async fn create_group(&self, creator: PersonId, name: String, members: Vec<PersonId>) -> Outcome<Summary> {
        self.perform(move |ledger| Box::pin(ledger.create_group(creator, name, members))).await
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
    pub(super) async fn open_direct(&mut self, me: PersonId, other: PersonId) -> Outcome<Summary> {
        if me == other {
            return Err(ChatError::invalid("person", "Choose somebody else: this is you.").into());
        }
        self.existing(vec![other]).await?;
        let pair = [me.min(other).0.into_bytes(), me.max(other).0.into_bytes()].concat();
        let found: Option<(ConversationId,)> =
            sqlx::query_as("select id from conversations where pair = $1").bind(&pair).fetch_optional(&mut self.connection).await?;
        let conversation = match found {
            Some((conversation,)) => conversation,
            None => {
                let conversation = self.make(Kind::Direct, None, None, Some(pair)).await?;
                // Both are in before either is told: no change says later who the second one is.
                self.enter(conversation, me).await?;
                self.enter(conversation, other).await?;
                self.welcome(conversation, me).await?;
                self.welcome(conversation, other).await?;
                conversation
            }
        };
        super::snapshot::summary(&mut self.connection, me, conversation).await
    }

    pub(super) async fn create_group(&mut self, creator: PersonId, name: String, mut members: Vec<PersonId>) -> Outcome<Summary> {
        members.retain(|member| *member != creator);
        let members = self.existing(members).await?;
        let conversation = self.make(Kind::Group, Some(name), Some(creator), None).await?;
        self.append(StreamId::Conversation(conversation), Change::Created { by: creator }).await?;
        self.join(conversation, creator).await?;
        for person in members {
            self.append(StreamId::Conversation(conversation), Change::MemberAdded { by: creator, person }).await?;
            self.join(conversation, person).await?;
        }
        super::snapshot::summary(&mut self.connection, creator, conversation).await
    }

    pub(super) async fn rename(&mut self, by: PersonId, conversation: ConversationId, name: String) -> Outcome<()> {
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
