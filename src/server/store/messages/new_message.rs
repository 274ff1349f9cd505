//! A message to be posted, and how the write queue writes several of them at once.

use crate::{
    domain::{Attachment, ClientId, ConversationId, Millis, PersonId, Seq},
    server::{
        error::Result,
        search,
        store::{transaction::WriteTx, write_queue::BulkOp},
    },
};

/// A message to be posted.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Its author.
    pub author: PersonId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The sender's ID for the message: posting the same ID again does not post a second message.
    pub client_id: ClientId,
    /// The text, already validated.
    pub body: String,
    /// The message that it replies to.
    pub reply_to: Option<Seq>,
    /// Its attachments.
    pub files: Vec<Attachment>,
}

/// The sequence number and the time of a message.
pub(in crate::server::store) type Position = (Seq, Millis);

/// A message with its index terms. Those of a long text take a while, so they are made before the
/// transaction.
#[derive(Clone, Debug)]
pub(in crate::server::store) struct PreparedMessage {
    pub(super) message: NewMessage,
    pub(super) terms: String,
}

impl PreparedMessage {
    pub(in crate::server::store) fn new(message: NewMessage) -> Self {
        let terms = search::index_terms(message.conversation, message.author, &message.body);
        Self { message, terms }
    }
}

impl BulkOp for PreparedMessage {
    type Output = Position;

    fn size(&self) -> usize {
        self.message.body.len() + self.terms.len()
    }

    async fn run_all(
        ops: Vec<Self>,
        tx: &mut WriteTx,
        commits: bool,
    ) -> Result<Vec<Result<Position>>> {
        tx.insert_messages(ops, commits).await
    }
}
