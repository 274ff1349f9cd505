//! Domain data and rules. No IO, no clock, no framework: each rule is written once and runs on the server and in the browser.

pub mod conversation;
pub mod draft;
pub mod emoji;
pub mod emoji_only;
pub mod entry;
pub mod error;
pub mod file;
pub mod ids;
pub mod link_preview;
pub mod markup;
pub mod mention;
pub mod message;
pub mod metadata;
pub mod name;
pub mod name_list;
pub mod notification_level;
pub mod person;
pub mod rendering;
pub mod script;
pub mod search;
pub mod snapshot;
pub mod text;

pub use conversation::{Conversation, Kind};
pub use entry::{Change, Entry};
pub use error::{ChatError, Code};
pub use file::Attachment;
pub use ids::{ClientId, ConversationId, FileId, Millis, PersonId, Seq};
pub use notification_level::NotificationLevel;
pub use person::Person;
pub use snapshot::{HistoryPage, LastMessage, Snapshot, Summary, Unread};
