//! What may be used to react: one emoji.

use crate::domain::{ChatError, message::EMOJI_BYTES};

/// An emoji that came from outside.
///
/// # Errors
/// `invalid` at `emoji`.
pub fn checked(emoji: String) -> Result<String, ChatError> {
    if emoji.len() <= EMOJI_BYTES && is_emoji(&emoji) { Ok(emoji) } else { Err(ChatError::invalid("emoji", "This is not an emoji.")) }
}

fn is_emoji(text: &str) -> bool {
    let mut symbols = 0;
    let plain = text.chars().all(|c| {
        let symbol = matches!(c, '\u{a9}' | '\u{ae}' | '\u{203c}'..='\u{3299}' | '\u{1f000}'..='\u{1faff}');
        symbols += usize::from(symbol);
        symbol || matches!(c, '0'..='9' | '#' | '*' | '\u{200d}' | '\u{fe0f}' | '\u{20e3}' | '\u{e0020}'..='\u{e007f}')
    });
    plain && (1..=8).contains(&symbols)
}
