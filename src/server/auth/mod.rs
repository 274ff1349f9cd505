//! Who somebody is: passwords, tokens, names that cannot be mistaken, and how often what may be tried.

pub mod current_user;
mod password;
mod rate_limit;
mod service;
mod token;

pub use super::names::{LIKENESS_VERSION, Likeness, key as username_key, likeness, may_be_display_name, may_be_group_name, may_be_username};
pub use password::{Hasher, check_strength};
pub use rate_limit::Limits;
pub use token::Token;
