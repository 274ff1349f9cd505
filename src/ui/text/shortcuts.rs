//! Texts of the keyboard shortcuts.

pub const KEYBOARD_SHORTCUTS: &str = "Keyboard shortcuts";

/// Each shortcut, as `Keyboard::shortcut` takes it, and what it does.
pub const SHORTCUTS: [(&str, &str); 19] = [
    ("Ctrl K", "Go to a conversation or person"),
    ("Ctrl Shift F", "Search messages"),
    ("Alt ↑ / Alt ↓", "Previous or next conversation"),
    ("Alt Shift ↑ / ↓", "Previous or next unread conversation"),
    ("F6", "Move between panes"),
    ("Enter", "Send the message"),
    ("Shift Enter", "New line"),
    ("Ctrl B / Ctrl I", "Bold, italic"),
    ("Ctrl E", "Code"),
    ("Ctrl Shift X", "Strikethrough"),
    ("Ctrl Shift U", "Link"),
    ("Ctrl Shift 8 / 9", "List, quote"),
    ("@", "Mention a person"),
    (":", "Insert an emoji"),
    ("↑", "Edit your last message (in an empty field)"),
    (
        "R / E / U / P / Delete",
        "On a message: reply, edit, mark unread from here, view profile, delete",
    ),
    ("↑ / ↓", "Move between rows or messages"),
    ("Esc", "Close, or return to the message field"),
    ("?", "Show keyboard shortcuts"),
];
