//! Work that must not delay messages: the priority of database writes (`priority`) and the pool of
//! threads that yields to it (`pool`).

pub mod pool;
pub mod priority;
