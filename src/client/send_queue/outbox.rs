//! What this person wrote and is not yet known to be kept. One message at a time per conversation, in order: one that fails
//! holds back those behind it, visibly, until the person decides. What stands here is a mirror of what the browser's disk
//! holds, which all tabs share; a message goes only when it is on the disk.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::domain::{Attachment, ClientId, ConversationId, Millis, Seq, message::Quote};

/// How far a message has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// In line, or on its way.
    Waiting,
    /// Committed at this place, but not yet told by the stream.
    Sent(Seq),
    /// Refused, and why.
    Failed(String),
}

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Its name for ever.
    pub id: ClientId,
    /// Its text.
    pub body: String,
    /// The message that it answers.
    pub answers: Option<Quote>,
    /// The files that it carries.
    pub files: Vec<Attachment>,
    /// When it was written; later ones of the same conversation have a later moment.
    pub at: Millis,
    /// How far it has come.
    pub stage: Stage,
    /// Whether it may go: it is on the disk, or cannot be.
    pub ready: bool,
    /// Whether it is on the disk.
    pub stored: bool,
}

/// A message as it is kept on the disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Its name for ever.
    pub id: ClientId,
    /// Where it is to go.
    pub conversation: ConversationId,
    /// Its text.
    pub body: String,
    /// The message that it answers.
    #[serde(default)]
    pub answers: Option<Quote>,
    /// The files that it carries.
    #[serde(default)]
    pub files: Vec<Attachment>,
    /// When it was written.
    pub at: Millis,
    /// Why it was refused, if it was.
    pub failed: Option<String>,
}

/// What is sent: a text, what it answers, and files.
pub type Writing = (String, Option<Quote>, Vec<Attachment>);

impl Pending {
    fn of(kept: Kept, stage: Stage, stored: bool) -> Self {
        let Kept { id, body, answers, files, at, .. } = kept;
        Self { id, body, answers, files, at, stage, ready: stored, stored }
    }

    /// As it is to be kept.
    #[must_use]
    pub fn as_kept(&self, conversation: ConversationId) -> Kept {
        let failed = if let Stage::Failed(why) = &self.stage { Some(why.clone()) } else { None };
        Kept { id: self.id, conversation, body: self.body.clone(), answers: self.answers.clone(), files: self.files.clone(), at: self.at, failed }
    }
}

impl Kept {
    /// By this key it is kept: so they sort by when they were written.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{:015}-{}", self.at, self.id)
    }
}

/// All messages on their way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outbox {
    of: HashMap<ConversationId, Vec<Pending>>,
    /// Those that were here and are done with: the disk may still hold them for a moment.
    gone: HashSet<ClientId>,
}

impl Outbox {
    /// A conversation's messages on their way, in order.
    #[must_use]
    pub fn pending(&self, conversation: ConversationId) -> &[Pending] {
        self.of.get(&conversation).map_or(&[], Vec::as_slice)
    }

    /// Whether anything in any conversation is not yet committed.
    #[must_use]
    pub fn has_unsent(&self) -> bool {
        self.all().any(|(_, pending)| !matches!(pending.stage, Stage::Sent(_)))
    }

    /// All of them, with where they are to go.
    pub fn all(&self) -> impl Iterator<Item = (ConversationId, &Pending)> {
        self.of.iter().flat_map(|(conversation, line)| line.iter().map(|pending| (*conversation, pending)))
    }

    /// The conversations that have messages on their way.
    #[must_use]
    pub fn conversations(&self) -> Vec<ConversationId> {
        self.of.keys().copied().collect()
    }

    /// Puts a message in line, and answers it as it is to be kept.
    pub fn put(&mut self, conversation: ConversationId, id: ClientId, (body, answers, files): Writing, now: Millis) -> Kept {
        let line = self.of.entry(conversation).or_default();
        // A clock that was set back does not change the order.
        let at = line.last().map_or(now, |last| now.max(last.at + 1));
        let kept = Kept { id, conversation, body, answers, files, at, failed: None };
        line.push(Pending::of(kept.clone(), Stage::Waiting, false));
        kept
    }

    /// A message, as it is to be kept.
    #[must_use]
    pub fn kept(&self, conversation: ConversationId, id: ClientId) -> Option<Kept> {
        self.pending(conversation).iter().find(|pending| pending.id == id).map(|pending| pending.as_kept(conversation))
    }

    /// A message is on the disk, or cannot be: it may go.
    pub fn release(&mut self, conversation: ConversationId, id: ClientId, stored: bool) {
        if let Some(pending) = self.find_mut(conversation, id) {
            (pending.ready, pending.stored) = (true, stored);
        }
    }

    /// The message whose turn it is: the first that is not committed, unless it failed or is not yet on the disk.
    #[must_use]
    pub fn next(&self, conversation: ConversationId) -> Option<&Pending> {
        let first = self.pending(conversation).iter().find(|pending| !matches!(pending.stage, Stage::Sent(_)))?;
        (first.stage == Stage::Waiting && first.ready).then_some(first)
    }

    /// A message came further.
    pub fn advance(&mut self, conversation: ConversationId, id: ClientId, stage: Stage) {
        if let Some(pending) = self.find_mut(conversation, id) {
            pending.stage = stage;
        }
    }

    /// A message is in the stream, or was discarded: it is here no more. Answers it, if it was.
    pub fn take(&mut self, conversation: ConversationId, id: ClientId) -> Option<Kept> {
        let taken = self.kept(conversation, id)?;
        self.gone.insert(id);
        if let Some(line) = self.of.get_mut(&conversation) {
            line.retain(|pending| pending.id != id);
            if line.is_empty() {
                self.of.remove(&conversation);
            }
        }
        Some(taken)
    }

    /// Everything that the disk holds, in order, also by other tabs. What was there and is not any more is done with.
    pub fn mirror(&mut self, kept: Vec<Kept>) {
        let there: HashSet<ClientId> = kept.iter().map(|kept| kept.id).collect();
        for line in self.of.values_mut() {
            line.retain(|pending| !pending.stored || matches!(pending.stage, Stage::Sent(_)) || there.contains(&pending.id));
        }
        for mut kept in kept {
            let (id, conversation) = (kept.id, kept.conversation);
            let stage = kept.failed.take().map_or(Stage::Waiting, Stage::Failed);
            let is_gone = self.gone.contains(&id);
            match self.find_mut(conversation, id) {
                Some(pending) if matches!(pending.stage, Stage::Sent(_)) => {}
                Some(pending) => (pending.stage, pending.ready, pending.stored) = (stage, true, true),
                None if is_gone => {}
                None => {
                    let line = self.of.entry(conversation).or_default();
                    line.push(Pending::of(kept, stage, true));
                    line.sort_by_key(|pending| (pending.at, pending.id));
                }
            }
        }
        self.of.retain(|_, line| !line.is_empty());
    }

    fn find_mut(&mut self, conversation: ConversationId, id: ClientId) -> Option<&mut Pending> {
        self.of.get_mut(&conversation)?.iter_mut().find(|pending| pending.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const HERE: ConversationId = ConversationId(Uuid::nil());

    fn ids(count: u128) -> Vec<ClientId> {
        (1..=count).map(|n| ClientId(Uuid::from_u128(n))).collect()
    }

    fn filled(ids: &[ClientId]) -> (Outbox, Vec<Kept>) {
        let mut outbox = Outbox::default();
        let kept = ids.iter().map(|id| outbox.put(HERE, *id, ("x".into(), None, Vec::new()), 100)).collect();
        ids.iter().for_each(|id| outbox.release(HERE, *id, true));
        (outbox, kept)
    }

    fn shown(outbox: &Outbox) -> Vec<ClientId> {
        outbox.pending(HERE).iter().map(|pending| pending.id).collect()
    }

    #[test]
    fn a_failed_message_holds_back_those_behind_it_until_it_is_decided() {
        let ids = ids(3);
        let (mut outbox, _) = filled(&ids);
        outbox.advance(HERE, ids[0], Stage::Sent(Seq(1)));
        assert_eq!(outbox.next(HERE).unwrap().id, ids[1]);
        outbox.advance(HERE, ids[1], Stage::Failed("no".into()));
        assert!(outbox.next(HERE).is_none(), "the third waits behind it");
        outbox.advance(HERE, ids[1], Stage::Waiting);
        assert_eq!(outbox.next(HERE).unwrap().id, ids[1], "try again");
        outbox.take(HERE, ids[1]);
        assert_eq!(outbox.next(HERE).unwrap().id, ids[2], "discard");
        assert!(outbox.has_unsent());
    }

    #[test]
    fn a_message_goes_only_when_it_is_on_the_disk_and_never_before_an_earlier_one() {
        let ids = ids(2);
        let mut outbox = Outbox::default();
        let kept: Vec<Kept> = ids.iter().map(|id| outbox.put(HERE, *id, ("x".into(), None, Vec::new()), 100)).collect();
        assert!(outbox.next(HERE).is_none());
        outbox.release(HERE, ids[1], true);
        assert!(outbox.next(HERE).is_none(), "the first is not there yet");
        outbox.release(HERE, ids[0], true);
        assert_eq!(outbox.next(HERE).unwrap().id, ids[0]);
        assert!(kept[0].key() < kept[1].key(), "the order holds also where the clock stood still");
    }

    #[test]
    fn a_tab_shows_what_others_wrote_and_nothing_that_is_done_with() {
        let ids = ids(4);
        let (written, kept) = filled(&ids);
        let mut other = Outbox::default();
        other.mirror(kept.iter().rev().cloned().collect());
        assert_eq!(other, Outbox { gone: HashSet::new(), ..written }, "in order, however they came");
        other.put(HERE, ClientId(Uuid::from_u128(8)), ("the disk takes nothing more".into(), None, Vec::new()), 200);
        other.release(HERE, ClientId(Uuid::from_u128(8)), false);
        other.put(HERE, ClientId(Uuid::from_u128(9)), ("not yet on the disk".into(), None, Vec::new()), 200);
        other.take(HERE, ids[0]);
        other.advance(HERE, ids[1], Stage::Sent(Seq(2)));
        other.mirror(vec![kept[0].clone(), Kept { failed: Some("no".into()), ..kept[2].clone() }]);
        let own = [8, 9].map(|n| ClientId(Uuid::from_u128(n)));
        let expected = [&ids[1..3], &own].concat();
        assert_eq!(shown(&other), expected, "taken is taken; sent waits for the stream; the fourth was discarded elsewhere");
        assert!(matches!(other.pending(HERE)[1].stage, Stage::Failed(_)));
    }
}
