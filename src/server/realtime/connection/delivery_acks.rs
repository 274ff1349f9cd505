//! Delivery acknowledgements of one connection: a ping follows the events, and its pong says that
//! all before it has arrived. The device itself confirms the delivery, without code of the app.

use std::collections::VecDeque;

use crate::domain::{ConversationId, Seq};

/// Conversations, and up to which event each was sent.
pub(in crate::server::realtime) type Positions = Vec<(ConversationId, Seq)>;

/// Maximum number of pings without an answer; the oldest is dropped, and a later pong covers it.
const MAX_PENDING: usize = 64;

/// The unanswered pings of one connection.
#[derive(Default)]
pub(super) struct PendingAcks {
    last_tag: u64,
    /// The tag of the latest pong.
    acked: u64,
    pending: VecDeque<(u64, Positions)>,
}

impl PendingAcks {
    /// The payload of a ping that confirms these positions.
    pub(super) fn expect_ack(&mut self, positions: Positions) -> [u8; 8] {
        self.last_tag += 1;
        if self.pending.len() == MAX_PENDING {
            self.pending.pop_front();
        }
        self.pending.push_back((self.last_tag, positions));
        self.last_tag.to_be_bytes()
    }

    /// Whether a ping with this tag is unanswered. Pongs come in the order of the pings.
    pub(super) fn is_pending(&self, tag: &[u8]) -> bool {
        tag.try_into()
            .is_ok_and(|tag| (self.acked + 1..=self.last_tag).contains(&u64::from_be_bytes(tag)))
    }

    /// The positions that a pong confirms. None for an unknown tag.
    pub(super) fn acknowledge(&mut self, tag: &[u8]) -> Positions {
        let Some(tag) =
            tag.try_into().ok().map(u64::from_be_bytes).filter(|tag| *tag <= self.last_tag)
        else {
            return Vec::new();
        };
        self.acked = self.acked.max(tag);
        // A browser may answer only the latest of several pings.
        let mut delivered = Vec::new();
        while let Some((_, positions)) = self.pending.pop_front_if(|(acks, _)| *acks <= tag) {
            delivered.extend(positions);
        }
        if self.pending.is_empty() {
            // An idle connection holds no memory.
            self.pending = VecDeque::new();
        }
        delivered
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const HERE: ConversationId = ConversationId(Uuid::nil());

    #[test]
    fn a_pong_confirms_all_earlier_pings_once() {
        let mut acks = PendingAcks::default();
        let tags: Vec<_> = (1..=3).map(|seq| acks.expect_ack(vec![(HERE, Seq(seq))])).collect();
        assert!(
            acks.is_pending(&tags[0])
                && acks.is_pending(&tags[2])
                && !acks.is_pending(&4_u64.to_be_bytes())
                && !acks.is_pending(b"")
        );
        assert_eq!(acks.acknowledge(&tags[1]), [(HERE, Seq(1)), (HERE, Seq(2))]);
        assert!(
            !acks.is_pending(&tags[0]) && !acks.is_pending(&tags[1]) && acks.is_pending(&tags[2])
        );
        assert_eq!(acks.acknowledge(&tags[1]), []);
        for unknown in [&b""[..], b"beat", &4_u64.to_be_bytes(), &u64::MAX.to_be_bytes()] {
            assert_eq!(acks.acknowledge(unknown), [], "{unknown:?} was never asked");
        }
        assert_eq!(acks.acknowledge(&tags[2]), [(HERE, Seq(3))]);
    }

    #[test]
    fn unanswered_pings_are_bounded() {
        let mut acks = PendingAcks::default();
        let last_tag =
            (1..=1_000).map(|seq| acks.expect_ack(vec![(HERE, Seq(seq))])).last().unwrap();
        assert_eq!(acks.pending.len(), MAX_PENDING);
        assert_eq!(acks.acknowledge(&last_tag).last(), Some(&(HERE, Seq(1_000))));
    }
}
