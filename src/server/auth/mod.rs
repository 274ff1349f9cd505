//! Authentication: accounts, passwords, sessions, and rate limits.

mod code;
pub mod current_user;
pub mod local_request;
mod password;
mod profile;
mod rate_limit;
mod recovery;
mod service;
mod token;
mod workspace;

pub use code::{code_hash, random_code};
pub use password::{Hasher, check_strength};
pub use rate_limit::RateLimits;
pub use token::Token;
pub use workspace::SetupForm;
