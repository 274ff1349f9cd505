//! Who is told as there: to whom it is told, and what those who come start from. Who would rather not tell is kept out here,
//! at the one door between the lines and presence.

use std::{sync::Arc, time::Instant};

use axum::body::Bytes;

use super::{Hub, State, encode, flush};
use crate::{
    domain::{Change, PersonId},
    protocol::{self, ServerEvent, Signal, StreamId},
    server::realtime::{connection::Line, presence::Told},
};

impl Hub {
    /// Starts from these who would rather not tell that they are there.
    pub fn know_hidden(&self, people: Vec<PersonId>) {
        self.state().hidden = people.into_iter().collect();
    }

    /// Starts from these who would rather not tell that they are typing.
    pub fn know_who_hides_typing(&self, people: Vec<PersonId>) {
        self.state().hides_typing = people.into_iter().collect();
    }

    /// Everybody who is online, and who of them is idle.
    #[must_use]
    pub fn online(&self) -> (Vec<PersonId>, Vec<PersonId>) {
        self.state().presence.online()
    }

    /// Tells everybody who came and who went since the last time. To be called a few times a second.
    pub fn tell_presence(&self) {
        let (mut state, mut due) = (self.state(), Vec::new());
        state.tell_presence(&mut due);
        drop(state);
        flush(due);
    }

    /// Whether somebody is online, as far as others are told.
    #[must_use]
    pub fn is_online(&self, person: PersonId) -> bool {
        self.state().presence.is_online(person)
    }

    /// Who is about to be told as gone.
    #[must_use]
    pub fn leaving(&self) -> Vec<PersonId> {
        self.state().presence.leaving(Instant::now())
    }

    /// Nobody touches the browser at the other end of a line, or somebody does again.
    pub(in crate::server::realtime) fn turn(&self, line: &Line, idle: bool) {
        self.state().turn(line, idle);
    }

    /// The first frame for somebody whose line is open: who was told as online. Who came since is told to that line as to all
    /// others; so in a storm the frame is written once for many.
    pub(in crate::server::realtime) fn welcome(&self, epoch: &str) -> Bytes {
        let mut state = self.state();
        let State { welcome, presence, .. } = &mut *state;
        let frame = welcome.get_or_insert_with(|| {
            let build = env!("CARGO_PKG_VERSION").to_owned();
            let (online, idle) = presence.told();
            encode(&ServerEvent::Welcome { v: protocol::VERSION, epoch: epoch.to_owned(), build, online, idle })
        });
        frame.clone()
    }
}

impl State {
    /// Whether a change is of somebody who shows or hides from here on that they are there.
    pub(super) fn shows_now(&self, stream: StreamId, change: &Change) -> Option<(PersonId, bool)> {
        match (stream, change) {
            (StreamId::Person(person), Change::PrivacySet { privacy }) => {
                (privacy.shows_presence == self.hidden.contains(&person)).then_some((person, privacy.shows_presence))
            }
            _ => None,
        }
    }

    /// Applies a change of who lets others see that they are typing.
    pub(super) fn note_typing_privacy(&mut self, stream: StreamId, change: &Change) {
        if let (StreamId::Person(person), Change::PrivacySet { privacy }) = (stream, change) {
            if privacy.shows_typing {
                self.hides_typing.remove(&person)
            } else {
                self.hides_typing.insert(person)
            };
        }
    }

    /// Somebody shows or hides from here on that they are there. Who hides is gone at once: the next who comes is not told of them.
    pub(super) fn show(&mut self, person: PersonId, shows: bool, due: &mut Vec<Arc<Line>>) {
        if !shows {
            self.hidden.insert(person);
            self.presence.hide(person);
            self.tell_presence(due);
        } else if self.hidden.remove(&person) && self.lines.contains_key(&person) {
            self.presence.arrive(person);
            self.weigh_idleness(person);
        }
    }

    fn tell_presence(&mut self, due: &mut Vec<Arc<Line>>) {
        if let Some(Told { online, offline, idle }) = self.presence.due(Instant::now()) {
            self.welcome = None;
            let frame = encode(&ServerEvent::Signal(Signal::Presence { online, offline, idle }));
            due.extend(self.lines.values().flatten().filter(|line| line.hint(&frame)).cloned());
        }
    }

    pub(super) fn turn(&mut self, line: &Line, idle: bool) {
        let line_at = std::ptr::from_ref(line).addr();
        if idle {
            self.idle.insert(line_at)
        } else {
            self.idle.remove(&line_at)
        };
        self.weigh_idleness(line.person);
    }

    /// A person is idle when all of their lines are.
    pub(super) fn weigh_idleness(&mut self, person: PersonId) {
        if let Some(lines) = self.lines.get(&person) {
            let idle = lines.iter().all(|line| self.idle.contains(&Arc::as_ptr(line).addr()));
            self.presence.turn(person, idle);
        }
    }
}
