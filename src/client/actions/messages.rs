//! Actions on a message. The result arrives as an event, also for the user who acted.

use leptos::prelude::*;

use crate::{
    api::{conversations as ask, messages},
    client::{AppState, drafts::composer_mode::ComposerMode, state::undo::Undo, text},
    domain::{
        ChatError, ConversationId, Entry, Millis, Seq,
        message::{MessageExcerpt, MessageFlag, Version},
    },
};

impl AppState {
    /// Edits an own message. The text stays in the composer until the server has stored it.
    ///
    /// # Errors
    /// What the server said.
    pub async fn edit_message(
        self,
        conversation: ConversationId,
        message: Seq,
        body: String,
    ) -> Result<(), ChatError> {
        messages::edit_message(conversation.to_string(), message, body).await
    }

    /// Deletes a message and offers to undo that.
    pub fn delete_message(self, conversation: ConversationId, message: Seq) {
        if self.composer_mode(conversation) == ComposerMode::Edit(message) {
            self.set_composer_mode(conversation, ComposerMode::New);
        }
        self.run_action(async move {
            messages::delete_message(conversation.to_string(), message).await?;
            self.offer_undo(Undo::Deleted(conversation, message));
            Ok(())
        });
    }

    /// Restores a deleted message.
    pub fn restore_message(self, conversation: ConversationId, message: Seq) {
        self.dismiss_undo();
        self.run_action(async move {
            messages::restore_message(conversation.to_string(), message).await
        });
    }

    /// Adds or removes a reaction.
    pub fn react(self, conversation: ConversationId, message: Seq, emoji: String, on: bool) {
        self.run_action(async move {
            messages::react(conversation.to_string(), message, emoji, on).await
        });
    }

    /// Pins or unpins a message.
    pub fn pin_message(self, conversation: ConversationId, message: Seq, on: bool) {
        self.run_action(async move {
            messages::pin_message(conversation.to_string(), message, on).await
        });
    }

    /// Marks a question as answered, or as open again.
    pub fn resolve_question(self, conversation: ConversationId, message: Seq, on: bool) {
        self.run_action(async move {
            messages::resolve_question(conversation.to_string(), message, on).await
        });
    }

    /// Removes the link preview of an own message.
    pub fn remove_preview(self, conversation: ConversationId, message: Seq) {
        self.run_action(async move {
            messages::remove_preview(conversation.to_string(), message).await
        });
    }

    /// Saves a message for the current user, or removes it from the saved ones.
    pub fn save_message(self, conversation: ConversationId, message: Seq, on: bool) {
        self.run_action(async move {
            messages::save_message(conversation.to_string(), message, on).await?;
            if !on {
                self.offer_undo(Undo::Unsaved(conversation, message));
            }
            Ok(())
        });
    }

    /// Goes to the first message at or after a time.
    pub fn go_to_date(self, conversation: ConversationId, at: Millis) {
        self.run_action(async move {
            match ask::seek_date(conversation.to_string(), at).await? {
                Some(seq) => self.go_to_message(conversation, seq),
                None => self.show_error(text::NO_MESSAGES),
            }
            Ok(())
        });
    }

    /// Marks a message and everything after it as unread. It stays unread until the user comes back
    /// to the conversation.
    pub fn mark_unread(self, conversation: ConversationId, message: Seq) {
        self.open.update_value(|open| open.marked_unread = Some(conversation));
        self.run_action(async move { ask::mark_unread(conversation.to_string(), message).await });
    }

    /// The earlier versions of an edited message.
    ///
    /// # Errors
    /// What the server said.
    pub async fn edit_history(
        self,
        conversation: ConversationId,
        message: Seq,
    ) -> Result<Vec<Version>, ChatError> {
        messages::versions(conversation.to_string(), message).await
    }

    /// The pinned messages of a conversation, or its open questions.
    ///
    /// # Errors
    /// What the server said.
    pub async fn list_pins(
        self,
        conversation: ConversationId,
        flag: MessageFlag,
    ) -> Result<Vec<MessageExcerpt>, ChatError> {
        messages::list_flagged(conversation.to_string(), flag).await
    }

    /// The thread that a message belongs to.
    ///
    /// # Errors
    /// What the server said.
    pub async fn thread(
        self,
        conversation: ConversationId,
        message: Seq,
    ) -> Result<Vec<Entry>, ChatError> {
        messages::thread(conversation.to_string(), message).await
    }

    /// The saved messages of the current user.
    ///
    /// # Errors
    /// What the server said.
    pub async fn saved_messages(self) -> Result<Vec<MessageExcerpt>, ChatError> {
        messages::saved().await
    }
}
