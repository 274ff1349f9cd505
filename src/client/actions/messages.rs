//! What a person can do to a message that stands. The stream tells everybody what came of it, also the one who did it.

use leptos::prelude::*;

use crate::{
    api::{conversations as ask, messages},
    client::{AppState, drafts::composer_mode::ComposerMode, state::undo::Undo},
    domain::{
        ChatError, ConversationId, Entry, Millis, Seq,
        message::{Mark, MarkedMessage, Version},
    },
};

impl AppState {
    /// Gives a message of one's own another text. It stays in the field until the server has it.
    ///
    /// # Errors
    /// What the server said.
    pub async fn edit_message(self, conversation: ConversationId, message: Seq, body: String) -> Result<(), ChatError> {
        messages::edit_message(conversation.to_string(), message, body).await
    }

    /// Deletes a message, which can be undone for a moment.
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

    /// Brings a deleted message back.
    pub fn restore_message(self, conversation: ConversationId, message: Seq) {
        self.dismiss_undo();
        self.run_action(async move { messages::restore_message(conversation.to_string(), message).await });
    }

    /// Reacts to a message, or takes it back.
    pub fn react(self, conversation: ConversationId, message: Seq, emoji: String, on: bool) {
        self.run_action(async move { messages::react(conversation.to_string(), message, emoji, on).await });
    }

    /// Pins a message, or takes the pin away.
    pub fn pin_message(self, conversation: ConversationId, message: Seq, on: bool) {
        self.run_action(async move { messages::pin_message(conversation.to_string(), message, on).await });
    }

    /// Says that a question is answered, or that it is open again.
    pub fn resolve_question(self, conversation: ConversationId, message: Seq, on: bool) {
        self.run_action(async move { messages::settle_question(conversation.to_string(), message, on).await });
    }

    /// Takes the preview of a link away from a message of one's own.
    pub fn remove_preview(self, conversation: ConversationId, message: Seq) {
        self.run_action(async move { messages::remove_preview(conversation.to_string(), message).await });
    }

    /// Saves a message for oneself, or lets go of it.
    pub fn save_message(self, conversation: ConversationId, message: Seq, on: bool) {
        self.run_action(async move {
            messages::save_message(conversation.to_string(), message, on).await?;
            if !on {
                self.offer_undo(Undo::Unsaved(conversation, message));
            }
            Ok(())
        });
    }

    /// Leads to what was said from a moment on.
    pub fn go_to_date(self, conversation: ConversationId, at: Millis) {
        self.run_action(async move {
            match ask::place_at(conversation.to_string(), at).await? {
                Some(seq) => self.go_to_message(conversation, seq),
                None => self.show_error("There are no messages yet."),
            }
            Ok(())
        });
    }

    /// Everything from this message on is unread again; it stays so until one comes back to the conversation.
    pub fn mark_unread(self, conversation: ConversationId, message: Seq) {
        self.conn.update_value(|conn| conn.kept_unread = Some(conversation));
        self.run_action(async move { ask::mark_unread(conversation.to_string(), message).await });
    }

    /// What a message said before it was edited.
    ///
    /// # Errors
    /// What the server said.
    pub async fn edit_history(self, conversation: ConversationId, message: Seq) -> Result<Vec<Version>, ChatError> {
        messages::versions(conversation.to_string(), message).await
    }

    /// The messages of a conversation that stand out.
    ///
    /// # Errors
    /// What the server said.
    pub async fn list_pins(self, conversation: ConversationId, mark: Mark) -> Result<Vec<MarkedMessage>, ChatError> {
        messages::marked(conversation.to_string(), mark).await
    }

    /// The messages that answer each other around one.
    ///
    /// # Errors
    /// What the server said.
    pub async fn thread(self, conversation: ConversationId, message: Seq) -> Result<Vec<Entry>, ChatError> {
        messages::thread(conversation.to_string(), message).await
    }

    /// What this person has saved.
    ///
    /// # Errors
    /// What the server said.
    pub async fn saved_messages(self) -> Result<Vec<MarkedMessage>, ChatError> {
        messages::saved().await
    }
}
