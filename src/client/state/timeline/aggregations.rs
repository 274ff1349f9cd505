//! Applies edits, deletions, reactions and pins to the loaded messages.

use std::sync::Arc;

use super::Timeline;
use crate::domain::{Attachment, Change, Entry, Seq, file, message::State};

/// Text and files of a message.
type Content<'m> = (&'m mut String, &'m mut Vec<Attachment>);

impl Timeline {
    /// Applies an event to the message it is about.
    pub(super) fn aggregate(&mut self, entry: &Entry) {
        match &entry.change {
            Change::Posted { reply_to: Some(quote), .. } => {
                self.change(quote.message, |_, state| state.add_reply(entry.seq))
            }
            Change::Edited { message, body, .. } => {
                self.replace_text(*message, body, None, |state| state.edited = Some(entry.at))
            }
            Change::Restored { message, body, files, .. } => {
                self.replace_text(*message, body, Some(files), |state| {
                    state.deleted = None;
                    state.deleted_by = None;
                })
            }
            Change::Deleted { by, message, .. } => {
                self.replace_text(*message, "", Some(&[]), |state| {
                    state.deleted = Some(entry.at);
                    state.deleted_by = Some(*by);
                    state.preview = None;
                })
            }
            Change::Reacted { by, message, emoji, on } => {
                self.change(*message, |_, state| state.react(*by, emoji, *on))
            }
            Change::Pinned { message, on, .. } => {
                self.change(*message, |_, state| state.pinned = *on)
            }
            Change::QuestionResolved { message, on, .. } => {
                self.change(*message, |_, state| state.resolved = *on)
            }
            Change::Previewed { message, preview } => {
                self.change(*message, |_, state| state.preview.clone_from(preview))
            }
            // These have a row of their own, or are shown outside of the message list.
            Change::Posted { reply_to: None, .. }
            | Change::Created { .. }
            | Change::Renamed { .. }
            | Change::GroupAvatarChanged { .. }
            | Change::MemberAdded { .. }
            | Change::MemberRemoved { .. }
            | Change::MemberLeft { .. }
            | Change::Registered { .. }
            | Change::ProfileUpdated { .. }
            // Only in the stream of a person.
            | Change::ConversationAdded { .. }
            | Change::ConversationRemoved { .. }
            | Change::PrivacySet { .. }
            | Change::DraftSaved { .. }
            | Change::Saved { .. }
            | Change::ManualReadSet { .. }
            | Change::NotificationLevelChanged { .. }
            | Change::ConversationPinned { .. }
            | Change::ReadPositionChanged { .. } => {}
        }
    }

    fn change(&mut self, message: Seq, change: impl FnOnce(&mut Content, &mut State)) {
        let Ok(place) = self.entries.binary_search_by_key(&message, |entry| entry.seq) else {
            return;
        };
        if let Change::Posted { body, files, state, .. } =
            &mut Arc::make_mut(&mut self.entries[place]).change
        {
            change(&mut (body, files), state);
        }
    }

    /// Replaces the text and files of a message, and its excerpt in replies.
    fn replace_text(
        &mut self,
        message: Seq,
        new_body: &str,
        new_files: Option<&[Attachment]>,
        change: impl FnOnce(&mut State),
    ) {
        let mut excerpt = file::excerpt(new_body, new_files.unwrap_or_default());
        self.change(message, |(body, files), state| {
            new_body.clone_into(body);
            if let Some(new_files) = new_files {
                new_files.clone_into(files);
            }
            excerpt = file::excerpt(body, files);
            change(state);
        });
        for entry in &mut self.entries {
            let is_reply = match &entry.change {
                Change::Posted { reply_to: Some(quote), .. } => quote.message == message,
                _ => false,
            };
            if is_reply
                && let Change::Posted { reply_to: Some(quote), .. } =
                    &mut Arc::make_mut(entry).change
            {
                excerpt.clone_into(&mut quote.excerpt);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{HistoryPage, PersonId};
    use uuid::Uuid;

    #[test]
    fn edits_received_while_a_page_is_loading_are_applied_to_it() {
        let ada = PersonId(Uuid::from_u128(1));
        let posted = |seq: u64, body: &str| Entry {
            seq: Seq(seq),
            at: 0,
            change: Change::Posted {
                author: ada,
                body: body.into(),
                client_id: None,
                reply_to: None,
                files: Vec::new(),
                state: State::default(),
            },
        };
        let edited = |seq: u64, body: &str| Entry {
            seq: Seq(seq),
            at: 7,
            change: Change::Edited { by: ada, message: Seq(2), body: body.into() },
        };
        let mut timeline = Timeline::pending();
        timeline.apply(edited(8, "known to the page"));
        timeline.apply(edited(9, "new"));
        timeline.replace(HistoryPage {
            entries: vec![posted(2, "page")],
            more_before: false,
            more_after: false,
            head: Seq(8),
        });
        let body = |timeline: &Timeline| match &timeline.message(Seq(2)).unwrap().change {
            Change::Posted { body, state, .. } => (body.clone(), state.edited),
            _ => unreachable!(),
        };
        assert_eq!(body(&timeline), ("new".into(), Some(7)));
        timeline.apply(edited(10, "newer"));
        assert_eq!(
            (body(&timeline).0, timeline.last()),
            ("newer".into(), Some(Seq(2))),
            "an alteration is no row"
        );
    }
}
