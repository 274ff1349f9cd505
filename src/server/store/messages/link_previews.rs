//! Link previews: links that need one, the stored previews, and those that the author removed.

use std::collections::HashMap;

use uuid::Uuid;

use crate::{
    domain::{
        Change, ChatError, ConversationId, Entry, PersonId, Seq,
        link_preview::{self, LinkPreview, Thumbnail},
        message,
    },
    protocol::StreamId,
    server::store::{
        MessageTarget, Result, Store, WriteTx, conversations::membership, engine::Connection,
    },
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
    fn into_preview(self) -> (Seq, LinkPreview) {
        let Self { message, url, site, title, description, picture, width, height } = self;
        let thumbnail = picture.zip(width.zip(height)).map(|(id, (width, height))| Thumbnail {
            id,
            width,
            height,
        });
        (message, LinkPreview { url, site, title, description, thumbnail })
    }
}

/// The image of a preview.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PreviewImage {
    /// Its media type.
    pub media: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The previews of a conversation's messages in a range.
async fn between(
    from: &mut Connection,
    conversation: ConversationId,
    first: Seq,
    last: Seq,
) -> Result<HashMap<Seq, LinkPreview>> {
    let rows: Vec<PreviewRow> = sqlx::query_as(
        "select message, url, site, title, description, picture, width, height from previews \
         where stream = $1 and message between $2 and $3",
    )
    .bind(conversation)
    .bind(first)
    .bind(last)
    .fetch_all(from)
    .await?;
    Ok(rows.into_iter().map(PreviewRow::into_preview).collect())
}

async fn of(
    from: &mut Connection,
    conversation: ConversationId,
    message: Seq,
) -> Result<Option<LinkPreview>> {
    Ok(between(from, conversation, message, message).await?.remove(&message))
}

/// Adds the current previews to messages and to preview events.
pub(in crate::server::store) async fn attach_previews(
    from: &mut Connection,
    conversation: ConversationId,
    entries: &mut [Entry],
) -> Result<()> {
    let (Some(first), Some(last)) =
        (entries.first().map(|entry| entry.seq), entries.last().map(|entry| entry.seq))
    else {
        return Ok(());
    };
    let mut previews = between(from, conversation, first, last).await?;
    for entry in entries {
        match &mut entry.change {
            Change::Posted { state, .. } => {
                state.preview = previews.get(&entry.seq).cloned().map(Box::new)
            }
            Change::Previewed { message, preview } => {
                if *message < first
                    && !previews.contains_key(message)
                    && let Some(current) = of(from, conversation, *message).await?
                {
                    previews.insert(*message, current);
                }
                *preview = previews.get(message).cloned().map(Box::new);
            }
            _ => {}
        }
    }
    Ok(())
}

impl Store {
    /// The links of a message that need a preview, in their order: none of a deleted message, and
    /// none from the previewed one on.
    ///
    /// # Errors
    /// A database error.
    pub async fn pending_links(
        &self,
        conversation: ConversationId,
        message: Seq,
    ) -> Result<Vec<String>> {
        pending_links_in(&mut *self.readers.begin().await?, conversation, message).await
    }

    /// Saves the preview of a link, if it is still needed.
    ///
    /// # Errors
    /// A database error.
    pub async fn save_preview(
        &self,
        conversation: ConversationId,
        message: Seq,
        preview: LinkPreview,
        picture: Option<PreviewImage>,
    ) -> Result<()> {
        self.write(move |tx| Box::pin(tx.save_preview(conversation, message, preview, picture)))
            .await
    }

    /// The image of a preview, for members of the conversation.
    ///
    /// # Errors
    /// `not_found` for everybody else, and where there is none.
    pub async fn preview_image(
        &self,
        person: PersonId,
        conversation: ConversationId,
        message: Seq,
        id: Uuid,
    ) -> Result<PreviewImage> {
        let mut view = self.readers.begin().await?;
        membership::check_member(&mut view, person, conversation).await?;
        let current = sqlx::query_as(
            "select media, bytes from preview_pictures where stream = $1 and message = $2 \
             and id = $3",
        );
        let current: Option<PreviewImage> =
            current.bind(conversation).bind(message).bind(id).fetch_optional(&mut *view).await?;
        Ok(current.ok_or_else(ChatError::not_found)?)
    }

    /// Removes the preview of a message for good: none of its current links gets another one.
    ///
    /// # Errors
    /// `not_found` for everybody who is not a member and where there is no message; `forbidden` for
    /// everybody but its author; `conflict` when it is deleted.
    pub async fn remove_preview(&self, target: MessageTarget) -> Result<()> {
        self.write(move |tx| Box::pin(tx.remove_preview(target))).await
    }
}

/// The links of a message that still need a preview.
async fn pending_links_in(
    from: &mut Connection,
    conversation: ConversationId,
    message: Seq,
) -> Result<Vec<String>> {
    let body: Option<(String,)> = sqlx::query_as(
        "select body from changes where stream = $1 \
         and seq = $2 and kind = 'posted' and deleted is null",
    )
    .bind(conversation)
    .bind(message)
    .fetch_optional(&mut *from)
    .await?;
    let mut links = body.map(|(body,)| link_preview::candidate_links(&body)).unwrap_or_default();
    if links.is_empty() {
        return Ok(links);
    }
    let unwanted: Vec<(String,)> =
        sqlx::query_as("select url from unwanted_previews where stream = $1 and message = $2")
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

impl WriteTx {
    async fn save_preview(
        &mut self,
        conversation: ConversationId,
        message: Seq,
        preview: LinkPreview,
        picture: Option<PreviewImage>,
    ) -> Result<()> {
        // Meanwhile the message may have been edited or deleted, or its author may have removed the
        // preview.
        if !pending_links_in(&mut self.connection, conversation, message)
            .await?
            .contains(&preview.url)
        {
            return Ok(());
        }
        self.delete_preview(conversation, message).await?;
        let image = preview.thumbnail.as_ref();
        sqlx::query(
            "insert into previews (stream, message, url, site, title, description, picture, width, \
             height) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(conversation)
        .bind(message)
        .bind(&preview.url)
        .bind(&preview.site)
        .bind(&preview.title)
        .bind(&preview.description)
        .bind(image.map(|picture| picture.id))
        .bind(image.map(|picture| picture.width))
        .bind(image.map(|picture| picture.height))
        .execute(&mut self.connection)
        .await?;
        if let Some((image, PreviewImage { media, bytes })) = image.zip(picture) {
            sqlx::query(
                "insert into preview_pictures (stream, message, id, media, bytes) \
                 values ($1, $2, $3, $4, $5)",
            )
            .bind(conversation)
            .bind(message)
            .bind(image.id)
            .bind(media)
            .bind(bytes)
            .execute(&mut self.connection)
            .await?;
        }
        self.append(
            StreamId::Conversation(conversation),
            Change::Previewed { message, preview: Some(Box::new(preview)) },
        )
        .await?;
        Ok(())
    }

    async fn remove_preview(&mut self, target: MessageTarget) -> Result<()> {
        let current = self.load_message(target).await?;
        message::may_remove_preview(target.by, current.author, &current.state)?;
        for url in link_preview::candidate_links(&current.body) {
            sqlx::query(
                "insert into unwanted_previews (stream, message, url) \
                 values ($1, $2, $3) on conflict do nothing",
            )
            .bind(target.conversation)
            .bind(target.message)
            .bind(url)
            .execute(&mut self.connection)
            .await?;
        }
        self.clear_preview(target).await
    }

    /// Removes the preview of an edited message that no longer has the link.
    pub(in crate::server::store) async fn drop_stale_preview(
        &mut self,
        target: MessageTarget,
        body: &str,
    ) -> Result<()> {
        match of(&mut self.connection, target.conversation, target.message).await? {
            Some(shown) if !link_preview::candidate_links(body).contains(&shown.url) => {
                self.clear_preview(target).await
            }
            _ => Ok(()),
        }
    }

    async fn clear_preview(&mut self, target: MessageTarget) -> Result<()> {
        if self.delete_preview(target.conversation, target.message).await? {
            self.append(
                StreamId::Conversation(target.conversation),
                Change::Previewed { message: target.message, preview: None },
            )
            .await?;
        }
        Ok(())
    }

    /// Deletes the preview of a message. Whether there was one.
    pub(in crate::server::store) async fn delete_preview(
        &mut self,
        conversation: ConversationId,
        message: Seq,
    ) -> Result<bool> {
        let mut deleted = 0;
        for table in [
            "delete from preview_pictures where stream = $1 and message = $2",
            "delete from previews where stream = $1 and message = $2",
        ] {
            deleted = sqlx::query(table)
                .bind(conversation)
                .bind(message)
                .execute(&mut self.connection)
                .await?
                .rows_affected();
        }
        Ok(deleted > 0)
    }
}
