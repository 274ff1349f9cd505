//! Authentication: accounts, passwords, sessions, and rate limits.

pub mod current_user;
mod password;
mod rate_limit;
mod service;
mod token;

pub use super::names::{
    CONFUSABLES_VERSION, ConfusableForms, check_display_name_reserved, check_group_name_reserved, check_username_reserved, confusable_forms,
    username_key,
};
pub use password::{Hasher, check_strength};
pub use rate_limit::RateLimits;
pub use token::Token;
