//! Text rules without views.

pub mod plural;
