//! Code in its colours and formulas as they are printed: done here, off the threads that answer everybody, and bounded in size and
//! time. A browser would load half as much again to do it itself.

mod chemistry;
mod code;
mod commands;
mod escape;
mod expand;
mod formula;
#[cfg(test)]
mod formulas;
mod reader;
#[cfg(test)]
mod tests;
mod tree;
mod units;

use std::{sync::LazyLock, time::Duration};

use tokio::sync::Semaphore;

use crate::domain::{
    ChatError, Code,
    typeset::{Matter, Piece, Wanted},
};

/// At most so many are at work: it is never what a server is for.
static HANDS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));
/// Whoever asks waits no longer.
const LONGEST: Duration = Duration::from_secs(3);
/// A formula is read by recursion.
const STACK: usize = 8 * 1024 * 1024;

/// Each text's pieces; nothing for one that stays as it was typed.
///
/// # Errors
/// `busy` where it is not done in time: what is not known yet is not said to have none.
pub async fn typeset(texts: Vec<Wanted>) -> Result<Vec<Option<Vec<Piece>>>, ChatError> {
    let done = tokio::time::timeout(LONGEST, async {
        let hand = HANDS.acquire().await.ok()?;
        let (tell, told) = tokio::sync::oneshot::channel();
        let work = move || {
            let _hand = hand;
            // Nobody may be waiting any more.
            let _ = tell.send(texts.iter().map(one).collect());
        };
        std::thread::Builder::new().name("typeset".to_owned()).stack_size(STACK).spawn(work).ok()?;
        told.await.ok()
    });
    done.await.ok().flatten().ok_or_else(|| ChatError::new(Code::Busy, "The server is busy. Try again in a moment."))
}

fn one(wanted: &Wanted) -> Option<Vec<Piece>> {
    let set = || match wanted.matter {
        Matter::Code => code::highlight(&wanted.language, &wanted.text),
        Matter::Formula => formula::typeset(&wanted.text, false),
        Matter::Display => formula::typeset(&wanted.text, true),
    };
    // The grammars and the reader of formulas are others' work: what they cannot take stays as it was typed.
    std::panic::catch_unwind(set).ok().flatten()
}
