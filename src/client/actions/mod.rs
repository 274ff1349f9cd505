//! What a person can do, by noun: each action asks the server and leaves the result to the event stream, unless it says otherwise.

pub mod avatars;
pub mod history;
mod last_visited;
pub mod messages;
mod notification_levels;
