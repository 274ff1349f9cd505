//! One file of an unsent message and the progress of its upload.

use serde::{Deserialize, Serialize};

use crate::domain::{Attachment, ConversationId, Millis, file::FileKind, metadata::Notice};

/// A file in the tray or of a queued message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadItem {
    /// Its conversation.
    pub conversation: ConversationId,
    /// Its metadata; complete after the upload.
    pub file: Attachment,
    /// Sort key within its message: local storage has no order.
    #[serde(default, rename = "place")]
    pub position: Millis,
    /// Whether it was inspected. Nothing is uploaded before that.
    #[serde(default, rename = "is_looked_at")]
    pub is_inspected: bool,
    /// Notice to the sender.
    #[serde(default)]
    pub notice: Option<Notice>,
    /// Whether it is a text over the message limit that exists nowhere else.
    #[serde(default, rename = "is_typed")]
    pub is_from_text: bool,
    /// Bytes uploaded.
    #[serde(skip)]
    pub received: u64,
    /// Upload rate as of the last chunk; 0 before that.
    #[serde(skip)]
    pub bytes_per_second: u64,
    /// Why it waits, if known.
    #[serde(skip)]
    pub waiting_for: Option<String>,
    /// Whether its data is stored locally; `None` until that was tried.
    #[serde(skip)]
    pub stored: Option<bool>,
    /// Its progress.
    #[serde(skip)]
    pub state: UploadState,
    /// Whether it belongs to a queued message.
    #[serde(skip)]
    pub sent: bool,
}

/// Progress of an upload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum UploadState {
    /// Queued.
    #[default]
    Waiting,
    /// Being uploaded.
    Uploading,
    /// Uploaded.
    Done,
    /// Rejected, with the reason.
    Failed(String),
}

impl UploadItem {
    /// A new item.
    #[must_use]
    pub const fn new(conversation: ConversationId, file: Attachment) -> Self {
        Self {
            conversation,
            file,
            position: 0,
            is_inspected: false,
            notice: None,
            is_from_text: false,
            received: 0,
            bytes_per_second: 0,
            waiting_for: None,
            stored: None,
            state: UploadState::Waiting,
            sent: false,
        }
    }

    /// Whether it was inspected or has failed.
    #[must_use]
    pub const fn is_inspected_or_failed(&self) -> bool {
        self.is_inspected || matches!(self.state, UploadState::Failed(_))
    }

    /// Whether the sender must confirm it.
    #[must_use]
    pub const fn needs_confirmation(&self) -> bool {
        matches!(self.notice, Some(Notice::Location))
    }

    /// Whether it can be sent as a file because it cannot be shown as an image, or not unchanged.
    #[must_use]
    pub const fn can_send_as_file(&self, most: u64) -> bool {
        let differs = matches!(self.state, UploadState::Failed(_))
            || matches!(self.notice, Some(Notice::FirstFrameOnly));
        matches!(self.file.kind, FileKind::Image)
            && differs
            && self.file.size > 0
            && self.file.size <= most
    }

    /// Whether a rejected upload can be retried.
    #[must_use]
    pub const fn can_retry(&self, most: u64) -> bool {
        matches!(self.state, UploadState::Failed(_))
            && !self.can_send_as_file(most)
            && self.file.size > 0
            && self.file.size <= most
    }

    /// Progress in percent.
    #[must_use]
    pub fn percent(&self) -> u64 {
        if self.state == UploadState::Done {
            100
        } else {
            (self.received * 100 / self.file.size.max(1)).min(99)
        }
    }
}
