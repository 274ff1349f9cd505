//! What was handed to one socket and is asked about: behind it goes a ping, and the answer says that all before it has come. So
//! that something reached a device is said by the device, and by no code of the app's own.

use std::collections::VecDeque;

use crate::domain::{ConversationId, Seq};

/// Places up to which something was handed over.
pub(in crate::server::realtime) type Places = Vec<(ConversationId, Seq)>;

/// Most questions that wait for an answer; the oldest is given up, and a later answer speaks for it as well.
const MOST_ASKED: usize = 64;

/// The questions to one socket.
#[derive(Default)]
pub(super) struct Asked {
    last: u64,
    /// The latest question that was answered.
    answered: u64,
    open: VecDeque<(u64, Places)>,
}

impl Asked {
    /// What a ping is to carry that asks whether all up to these places has come.
    pub(super) fn ask(&mut self, places: Places) -> [u8; 8] {
        self.last += 1;
        if self.open.len() == MOST_ASKED {
            self.open.pop_front();
        }
        self.open.push_back((self.last, places));
        self.last.to_be_bytes()
    }

    /// Whether this was asked and is not answered yet. Answers come in the order of the questions.
    pub(super) fn is_open(&self, tag: &[u8]) -> bool {
        tag.try_into().is_ok_and(|tag| (self.answered + 1..=self.last).contains(&u64::from_be_bytes(tag)))
    }

    /// What has come, by what a pong carries. Nothing by what was never asked.
    pub(super) fn answered(&mut self, tag: &[u8]) -> Places {
        let Some(tag) = tag.try_into().ok().map(u64::from_be_bytes).filter(|tag| *tag <= self.last) else { return Vec::new() };
        self.answered = self.answered.max(tag);
        // Of several questions a browser may answer the last one only.
        let mut come = Vec::new();
        while let Some((_, places)) = self.open.pop_front_if(|(asked, _)| *asked <= tag) {
            come.extend(places);
        }
        if self.open.is_empty() {
            // An idle socket holds no memory for what it was asked.
            self.open = VecDeque::new();
        }
        come
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const HERE: ConversationId = ConversationId(Uuid::nil());

    #[test]
    fn an_answer_speaks_for_all_that_was_asked_before_and_once() {
        let mut asked = Asked::default();
        let tags: Vec<_> = (1..=3).map(|seq| asked.ask(vec![(HERE, Seq(seq))])).collect();
        assert!(asked.is_open(&tags[0]) && asked.is_open(&tags[2]) && !asked.is_open(&4_u64.to_be_bytes()) && !asked.is_open(b""));
        assert_eq!(asked.answered(&tags[1]), [(HERE, Seq(1)), (HERE, Seq(2))]);
        assert!(!asked.is_open(&tags[0]) && !asked.is_open(&tags[1]) && asked.is_open(&tags[2]));
        assert_eq!(asked.answered(&tags[1]), []);
        for never in [&b""[..], b"beat", &4_u64.to_be_bytes(), &u64::MAX.to_be_bytes()] {
            assert_eq!(asked.answered(never), [], "{never:?} was never asked");
        }
        assert_eq!(asked.answered(&tags[2]), [(HERE, Seq(3))]);
    }

    #[test]
    fn who_never_answers_costs_no_more_than_so_much() {
        let mut asked = Asked::default();
        let last = (1..=1_000).map(|seq| asked.ask(vec![(HERE, Seq(seq))])).last().unwrap();
        assert_eq!(asked.open.len(), MOST_ASKED);
        assert_eq!(asked.answered(&last).last(), Some(&(HERE, Seq(1_000))));
    }
}
