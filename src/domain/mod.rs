//! What ChatBox is about: plain data and its rules. No input, no output, no clock, no framework:
//! each rule stands here once and runs on both sides, in the server and on the screen.

pub mod conversation;
pub mod draft;
pub mod emoji;
pub mod emoji_only;
pub mod entry;
pub mod error;
pub mod file;
pub mod ids;
pub mod level;
pub mod markup;
pub mod mention;
pub mod message;
pub mod metadata;
pub mod name;
pub mod name_list;
pub mod person;
pub mod preview;
pub mod script;
pub mod search;
pub mod snapshot;
pub mod text;
pub mod typeset;

pub use conversation::{Conversation, Kind};
pub use entry::{Change, Entry};
pub use error::{ChatError, Code};
pub use file::Attachment;
pub use ids::{ClientId, ConversationId, FileId, Millis, PersonId, Seq};
pub use level::Level;
pub use person::Person;
pub use snapshot::{HistoryPage, LastMessage, Snapshot, Summary, Unread};
