//! Messages: edits, deletions, reactions, drafts and saved messages, receipts, search, link
//! previews and highlighting.

mod deletions;
pub(crate) mod delivery_receipts;
pub(crate) mod drafts_and_saved;
pub(crate) mod edits;
pub(crate) mod highlighting;
mod link_preview_addresses;
pub(crate) mod link_preview_fetching;
pub(crate) mod link_previews;
mod pins_and_reactions;
pub(crate) mod read_receipts;
pub(crate) mod search;
pub(crate) mod search_paging;

use serde_json::{Value, json};

use crate::harness::user::TestUser;

impl TestUser {
    /// Calls a function about a message. Returns the status.
    pub(super) async fn message_call(
        &self,
        function: &str,
        conversation: &str,
        seq: u64,
        extra: Value,
    ) -> u16 {
        let mut arguments = json!({ "conversation": conversation, "seq": seq });
        extra
            .as_object()
            .into_iter()
            .flatten()
            .for_each(|(key, value)| arguments[key] = value.clone());
        self.call(function, arguments).await.status
    }

    /// The current state of a message.
    pub(super) async fn message(&self, conversation: &str, seq: u64) -> Value {
        let page = self.history(conversation, json!({ "around": seq, "limit": 100 })).await.ok();
        page["entries"]
            .as_array()
            .unwrap()
            .iter()
            .find(|entry| entry["seq"] == seq)
            .expect("it is there")["change"]
            .clone()
    }

    pub(super) async fn unread(&self, conversation: &str) -> Value {
        self.find_summary(conversation).await.unwrap()["unread"].clone()
    }
}
