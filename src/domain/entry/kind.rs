//! The table of event kinds: the name of each on the wire and in the journal, and where it is
//! shown.

use super::Change;

/// Where an event is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presentation {
    /// In a conversation: it has a row of its own in the message list.
    Row,
    /// In a conversation: it modifies a message, whose row shows the result.
    Message,
    /// In a conversation: it modifies what is shown outside of the message list.
    Elsewhere,
    /// In the stream of a person, which only they receive.
    Own,
}

/// Defines [`EventKind`] and [`Change::kind`] from the table below. The names are repeated only by
/// the serializer's attributes on [`Change`], which a test compares with the table.
macro_rules! event_kinds {
    ($($kind:ident = $name:literal, $shown:ident;)*) => {
        /// The kind of a change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum EventKind {
            $(#[doc = concat!("`", $name, "`")] $kind,)*
        }

        impl EventKind {
            /// All kinds, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// The name on the wire and in the journal.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }

            /// The kind with this name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                Some(match name {
                    $($name => Self::$kind,)*
                    _ => return None,
                })
            }

            /// Where the events of this kind are shown.
            #[must_use]
            pub const fn presentation(self) -> Presentation {
                match self {
                    $(Self::$kind => Presentation::$shown,)*
                }
            }
        }

        impl Change {
            /// The kind of this change.
            #[must_use]
            pub const fn kind(&self) -> EventKind {
                match self {
                    $(Self::$kind { .. } => EventKind::$kind,)*
                }
            }
        }
    };
}

event_kinds! {
    Posted = "posted", Row;
    Edited = "edited", Message;
    Deleted = "deleted", Message;
    Restored = "restored", Message;
    Reacted = "reacted", Message;
    Pinned = "pinned", Message;
    QuestionResolved = "settled", Message;
    Previewed = "previewed", Message;
    Created = "created", Row;
    Renamed = "renamed", Row;
    GroupAvatarChanged = "pictured", Row;
    MemberAdded = "member_added", Row;
    MemberRemoved = "member_removed", Row;
    MemberLeft = "member_left", Row;
    Registered = "registered", Row;
    ProfileUpdated = "person_changed", Elsewhere;
    ConversationAdded = "conversation_added", Own;
    ConversationRemoved = "conversation_removed", Own;
    PrivacySet = "privacy_set", Own;
    DraftSaved = "draft_kept", Own;
    Saved = "saved", Own;
    ManualReadSet = "reading_set", Own;
    NotificationLevelChanged = "level_set", Own;
    ConversationPinned = "conversation_pinned", Own;
    ReadPositionChanged = "read_moved", Own;
}
