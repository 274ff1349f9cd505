//! Authentication: accounts, passwords, sessions, and rate limits.

pub mod current_user;
mod password;
mod rate_limit;
mod service;
mod token;

pub use password::{Hasher, check_strength};
pub use rate_limit::RateLimits;
pub use token::Token;
