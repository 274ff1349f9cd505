//! Domain data and rules. No IO, no clock, no framework: each rule is written once and runs on the
//! server and in the browser.

pub mod conversation;
pub mod entry;
pub mod error;
pub mod file;
pub mod ids;
pub mod markup;
pub mod message;
pub mod name;
pub mod person;
pub mod rendering;
pub mod search;
pub mod text;
pub mod time;
pub mod workspace;

pub use conversation::{Conversation, Kind, notification_level, snapshot};
pub use entry::{Change, Entry, EventKind, HistoryPage, Presentation};
pub use error::{ChatError, Code};
pub use file::{Attachment, metadata};
pub use ids::{ClientId, ConversationId, FileId, PersonId, Seq};
pub use message::{draft, link_preview, mention};
pub use name::list as name_list;
pub use notification_level::NotificationLevel;
pub use person::{Person, account, device, role, secret_code};
pub use role::{Right, Role};
pub use snapshot::{LastMessage, Snapshot, Summary, Unread};
pub use text::{emoji, emoji_only, script};
pub use time::Millis;
pub use workspace::{Registration, Workspace};
