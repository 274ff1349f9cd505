//! Previews of links: what is still to be looked at, what came of it, and what the author took away.

use std::collections::HashMap;

use uuid::Uuid;

use crate::{
    domain::{
        Change, ChatError, ConversationId, Entry, PersonId, Seq, message,
        preview::{self, Picture, Preview},
    },
    protocol::StreamId,
    server::store::{Hand, Ledger, Outcome, Store, conversations::members, engine::Connection},
};

#[derive(sqlx::FromRow)]
struct PreviewRow {
    message: Seq,
    url: String,
    site: String,
    title: String,
    description: String,
    picture: Option<Uuid>,
    width: Option<u32>,
    height: Option<u32>,
}

impl PreviewRow {
    fn read(self) -> (Seq, Preview) {
        let Self { message, url, site, title, description, picture, width, height } = self;
        let picture = picture.zip(width.zip(height)).map(|(id, (width, height))| Picture { id, width, height });
        (message, Preview { url, site, title, description, picture })
    }
}

/// The file of a preview's picture.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PictureFile {
    /// Its media type.
    pub media: String,
    /// It.
    pub bytes: Vec<u8>,
}

/// What messages of one conversation show, between two places.
async fn between(from: &mut Connection, conversation: ConversationId, first: Seq, last: Seq) -> Outcome<HashMap<Seq, Preview>> {
    let rows: Vec<PreviewRow> = sqlx::query_as(
        "select message, url, site, title, description, picture, width, height from previews where stream = $1 and message between $2 and $3",
    )
    .bind(conversation)
    .bind(first)
    .bind(last)
    .fetch_all(from)
    .await?;
    Ok(rows.into_iter().map(PreviewRow::read).collect())
}

async fn of(from: &mut Connection, conversation: ConversationId, message: Seq) -> Outcome<Option<Preview>> {
    Ok(between(from, conversation, message, message).await?.remove(&message))
}

/// Adds to messages what their links lead to, and to what tells of that, how it stands now.
pub(in crate::server::store) async fn complete(from: &mut Connection, conversation: ConversationId, entries: &mut [Entry]) -> Outcome<()> {
    let (Some(first), Some(last)) = (entries.first().map(|entry| entry.seq), entries.last().map(|entry| entry.seq)) else { return Ok(()) };
    let mut known = between(from, conversation, first, last).await?;
    for entry in entries {
        match &mut entry.change {
            Change::Posted { state, .. } => state.preview = known.get(&entry.seq).cloned().map(Box::new),
            Change::Previewed { message, preview } => {
                if *message < first
                    && !known.contains_key(message)
                    && let Some(found) = of(from, conversation, *message).await?
                {
                    known.insert(*message, found);
                }
                *preview = known.get(message).cloned().map(Box::new);
            }
            _ => {}
        }
    }
    Ok(())
}

impl Store {
    /// The links of a message that are still to be looked at, in their order: none where it is deleted, and none from the one on
    /// that is shown.
    ///
    /// # Errors
    /// Only what the engine says.
    pub async fn links_to_look_at(&self, conversation: ConversationId, message: Seq) -> Outcome<Vec<String>> {
        wanted(&mut *self.readers.begin().await?, conversation, message).await
    }

    /// Shows with a message what one of its links leads to, if that is still wanted.
    ///
    /// # Errors
    /// Only what the engine says.
    pub async fn preview(&self, conversation: ConversationId, message: Seq, preview: Preview, picture: Option<PictureFile>) -> Outcome<()> {
        self.perform(move |ledger| Box::pin(ledger.preview(conversation, message, preview, picture))).await
    }

    /// The picture of a message's preview, for the members of its conversation.
    ///
    /// # Errors
    /// `not_found` for all others, and where there is none.
    pub async fn preview_picture(&self, person: PersonId, conversation: ConversationId, message: Seq, id: Uuid) -> Outcome<PictureFile> {
        let mut view = self.readers.begin().await?;
        members::head_for(&mut view, person, conversation).await?;
        let found = sqlx::query_as("select media, bytes from preview_pictures where stream = $1 and message = $2 and id = $3");
        let found: Option<PictureFile> = found.bind(conversation).bind(message).bind(id).fetch_optional(&mut *view).await?;
        Ok(found.ok_or_else(ChatError::not_found)?)
    }

    /// Takes the preview of a message away, for good: for none of the links that it has now another one comes.
    ///
    /// # Errors
    /// `not_found` for all who are not in the conversation and where there is no message; `forbidden` for all but its author;
    /// `conflict` when it is deleted.
    pub async fn remove_preview(&self, hand: Hand) -> Outcome<()> {
        self.perform(move |ledger| Box::pin(ledger.remove_preview(hand))).await
    }
}

/// What is still to be looked at of a message, as it stands.
async fn wanted(from: &mut Connection, conversation: ConversationId, message: Seq) -> Outcome<Vec<String>> {
    let body: Option<(String,)> = sqlx::query_as("select body from changes where stream = $1 and seq = $2 and kind = 'posted' and deleted is null")
        .bind(conversation)
        .bind(message)
        .fetch_optional(&mut *from)
        .await?;
    let mut links = body.map(|(body,)| preview::links(&body)).unwrap_or_default();
    if links.is_empty() {
        return Ok(links);
    }
    let unwanted: Vec<(String,)> = sqlx::query_as("select url from unwanted_previews where stream = $1 and message = $2")
        .bind(conversation)
        .bind(message)
        .fetch_all(&mut *from)
        .await?;
    if let Some(shown) = of(from, conversation, message).await? {
        links.truncate(links.iter().position(|link| *link == shown.url).unwrap_or(links.len()));
    }
    links.retain(|link| !unwanted.iter().any(|(url,)| url == link));
    Ok(links)
}

impl Ledger {
    async fn preview(&mut self, conversation: ConversationId, message: Seq, preview: Preview, picture: Option<PictureFile>) -> Outcome<()> {
        // Since it was asked for, the message may have been edited or deleted, or its author may have taken it away.
        if !wanted(&mut self.connection, conversation, message).await?.contains(&preview.url) {
            return Ok(());
        }
        self.forget_preview(conversation, message).await?;
        let drawn = preview.picture.as_ref();
        sqlx::query(
            "insert into previews (stream, message, url, site, title, description, picture, width, height) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(conversation)
        .bind(message)
        .bind(&preview.url)
        .bind(&preview.site)
        .bind(&preview.title)
        .bind(&preview.description)
        .bind(drawn.map(|picture| picture.id))
        .bind(drawn.map(|picture| picture.width))
        .bind(drawn.map(|picture| picture.height))
        .execute(&mut self.connection)
        .await?;
        if let Some((drawn, PictureFile { media, bytes })) = drawn.zip(picture) {
            sqlx::query("insert into preview_pictures (stream, message, id, media, bytes) values ($1, $2, $3, $4, $5)")
                .bind(conversation)
                .bind(message)
                .bind(drawn.id)
                .bind(media)
                .bind(bytes)
                .execute(&mut self.connection)
                .await?;
        }
        self.append(StreamId::Conversation(conversation), Change::Previewed { message, preview: Some(Box::new(preview)) }).await?;
        Ok(())
    }

    async fn remove_preview(&mut self, hand: Hand) -> Outcome<()> {
        let found = self.find(hand).await?;
        message::may_remove_preview(hand.by, found.author, &found.state)?;
        for url in preview::links(&found.body) {
            sqlx::query("insert into unwanted_previews (stream, message, url) values ($1, $2, $3) on conflict do nothing")
                .bind(hand.conversation)
                .bind(hand.message)
                .bind(url)
                .execute(&mut self.connection)
                .await?;
        }
        self.show_no_preview(hand).await
    }

    /// A message says something else now: without the link, what that led to is not shown any more.
    pub(in crate::server::store) async fn keep_preview_of(&mut self, hand: Hand, body: &str) -> Outcome<()> {
        match of(&mut self.connection, hand.conversation, hand.message).await? {
            Some(shown) if !preview::links(body).contains(&shown.url) => self.show_no_preview(hand).await,
            _ => Ok(()),
        }
    }

    async fn show_no_preview(&mut self, hand: Hand) -> Outcome<()> {
        if self.forget_preview(hand.conversation, hand.message).await? {
            self.append(StreamId::Conversation(hand.conversation), Change::Previewed { message: hand.message, preview: None }).await?;
        }
        Ok(())
    }

    /// Forgets what is shown with a message, and says whether there was something.
    pub(in crate::server::store) async fn forget_preview(&mut self, conversation: ConversationId, message: Seq) -> Outcome<bool> {
        let mut forgotten = 0;
        for table in ["delete from preview_pictures where stream = $1 and message = $2", "delete from previews where stream = $1 and message = $2"] {
            forgotten = sqlx::query(table).bind(conversation).bind(message).execute(&mut self.connection).await?.rows_affected();
        }
        Ok(forgotten > 0)
    }
}
