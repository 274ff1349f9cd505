//! Store events: what a commit changed, as it is published to the rest of the server.

use std::sync::Arc;

use super::accounts::TokenHash;
use crate::{
    domain::{ConversationId, Entry, PersonId, Seq},
    protocol::StreamId,
};

/// A committed change that concerns connected clients.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all events are `Appended`; a box would cost an allocation for each message"
)]
pub enum StoreEvent {
    /// An event was appended to a stream.
    Appended(StreamId, Entry),
    /// From here on this person receives the conversation's events.
    MemberJoined(ConversationId, PersonId),
    /// From here on this person no longer receives the conversation's events.
    MemberLeft(ConversationId, PersonId),
    /// This person has seen the conversation up to this event and shares read receipts.
    ReadReceipt(ConversationId, PersonId, Seq),
    /// These sessions ended.
    SessionsEnded(Vec<TokenHash>),
    /// This person's account was deactivated.
    Deactivated(PersonId),
}

/// Receives the events of each commit, in commit order. Called by the write queue between two
/// transactions: it must not block.
pub type Publish = Arc<dyn Fn(Vec<StoreEvent>) + Send + Sync>;
