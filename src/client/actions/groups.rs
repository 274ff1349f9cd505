//! Direct conversations and groups: opening, creating, and who is in them.

use leptos::prelude::*;

use crate::{
    api::{conversations as ask, groups},
    client::{AppState, text},
    domain::{ChatError, ConversationId, PersonId, Summary, conversation::MAX_MEMBERS_PER_REQUEST},
};

impl AppState {
    /// Opens the direct conversation with a user.
    ///
    /// # Errors
    /// What the server said.
    pub async fn open_direct(self, other: PersonId) -> Result<ConversationId, ChatError> {
        if let Some(known) =
            self.conversations.with_untracked(|conversations| conversations.direct_with(other))
        {
            return Ok(known);
        }
        self.insert_conversation(ask::open_direct(other.to_string()).await?)
    }

    /// Creates a group. Members beyond the limit of one request are added by further requests.
    ///
    /// # Errors
    /// What the server said; `field` names what is to blame.
    pub async fn create_group(
        self,
        name: String,
        members: Vec<PersonId>,
    ) -> Result<ConversationId, ChatError> {
        let (first, others) = members.split_at(members.len().min(MAX_MEMBERS_PER_REQUEST));
        let group = self.insert_conversation(groups::create_group(name, ids(first)).await?)?;
        if let Err(error) = self.add_members(group, others.to_vec()).await {
            self.show_error(text::people_not_added(&error.message));
        }
        Ok(group)
    }

    /// Adds members to a group.
    ///
    /// # Errors
    /// What the server said.
    pub async fn add_members(
        self,
        conversation: ConversationId,
        people: Vec<PersonId>,
    ) -> Result<(), ChatError> {
        for some in people.chunks(MAX_MEMBERS_PER_REQUEST) {
            groups::add_members(conversation.to_string(), ids(some)).await?;
        }
        Ok(())
    }

    /// Removes a member from a group.
    pub fn remove_member(self, conversation: ConversationId, person: PersonId) {
        self.run_action(async move {
            groups::remove_member(conversation.to_string(), person.to_string()).await
        });
    }

    /// Leaves a group.
    pub fn leave_group(self, conversation: ConversationId) {
        self.run_action(async move { groups::leave_group(conversation.to_string()).await });
    }

    /// Renames a group.
    ///
    /// # Errors
    /// What the server said.
    pub async fn rename_group(
        self,
        conversation: ConversationId,
        name: String,
    ) -> Result<(), ChatError> {
        groups::rename_group(conversation.to_string(), name).await
    }

    fn insert_conversation(self, summary: Summary) -> Result<ConversationId, ChatError> {
        let id = summary.conversation.id;
        self.conversations.update(|conversations| conversations.insert(summary));
        Ok(id)
    }
}

fn ids(people: &[PersonId]) -> Vec<String> {
    people.iter().map(PersonId::to_string).collect()
}
