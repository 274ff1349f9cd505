//! Presence in the hub: whom it is announced to, and what new connections start from. People who
//! hide their presence are filtered here and nowhere else.

use std::{sync::Arc, time::Instant};

use axum::body::Bytes;

use super::{Hub, State, encode, flush};
use crate::{
    domain::{Change, PersonId},
    protocol::{self, ServerEvent, Signal, StreamId},
    server::realtime::{connection::Connection, presence::PresenceDelta},
};

impl Hub {
    /// Loads who hides their presence.
    pub fn load_hidden_presence(&self, people: Vec<PersonId>) {
        self.state().hides_presence = people.into_iter().collect();
    }

    /// Loads who hides their typing.
    pub fn load_hidden_typing(&self, people: Vec<PersonId>) {
        self.state().hides_typing = people.into_iter().collect();
    }

    /// Everybody who is online, and who of them is idle.
    #[must_use]
    pub fn online(&self) -> (Vec<PersonId>, Vec<PersonId>) {
        self.state().presence.online()
    }

    /// Announces the changes since the last call. Called a few times a second.
    pub fn broadcast_presence(&self) {
        let (mut state, mut to_flush) = (self.state(), Vec::new());
        state.broadcast_presence(&mut to_flush);
        drop(state);
        flush(to_flush);
    }

    /// Whether somebody is online, as far as others can see.
    #[must_use]
    pub fn is_online(&self, person: PersonId) -> bool {
        self.state().presence.is_online(person)
    }

    /// Who is about to be announced as offline.
    #[must_use]
    pub fn leaving(&self) -> Vec<PersonId> {
        self.state().presence.leaving(Instant::now())
    }

    /// Sets whether a connection is idle.
    pub(in crate::server::realtime) fn set_idle(&self, connection: &Connection, idle: bool) {
        self.state().set_idle(connection, idle);
    }

    /// The first frame of a registered connection: who was announced as online. Later changes reach
    /// it like all others, so many connections share one frame.
    pub(in crate::server::realtime) fn welcome(&self, epoch: &str) -> Bytes {
        let mut state = self.state();
        let State { welcome, presence, .. } = &mut *state;
        let frame = welcome.get_or_insert_with(|| {
            let build = env!("CARGO_PKG_VERSION").to_owned();
            let (online, idle) = presence.announced();
            encode(&ServerEvent::Welcome {
                v: protocol::VERSION,
                epoch: epoch.to_owned(),
                build,
                online,
                idle,
            })
        });
        frame.clone()
    }
}

impl State {
    /// Whether a change shows or hides somebody's presence.
    pub(super) fn presence_visibility_change(
        &self,
        stream: StreamId,
        change: &Change,
    ) -> Option<(PersonId, bool)> {
        match (stream, change) {
            (StreamId::Person(person), Change::PrivacySet { privacy }) => (privacy.shows_presence
                == self.hides_presence.contains(&person))
            .then_some((person, privacy.shows_presence)),
            _ => None,
        }
    }

    /// Applies a change of who hides their typing.
    pub(super) fn update_typing_privacy(&mut self, stream: StreamId, change: &Change) {
        if let (StreamId::Person(person), Change::PrivacySet { privacy }) = (stream, change) {
            if privacy.shows_typing {
                self.hides_typing.remove(&person)
            } else {
                self.hides_typing.insert(person)
            };
        }
    }

    /// Shows or hides somebody's presence. Hiding takes effect at once: the next connection does
    /// not see them.
    pub(super) fn set_presence_visible(
        &mut self,
        person: PersonId,
        shows: bool,
        to_flush: &mut Vec<Arc<Connection>>,
    ) {
        if !shows {
            self.hides_presence.insert(person);
            self.presence.hide(person);
            self.broadcast_presence(to_flush);
        } else if self.hides_presence.remove(&person) && self.connections.contains_key(&person) {
            self.presence.arrive(person);
            self.recompute_idle(person);
        }
    }

    fn broadcast_presence(&mut self, to_flush: &mut Vec<Arc<Connection>>) {
        if let Some(PresenceDelta { online, offline, idle }) =
            self.presence.take_delta(Instant::now())
        {
            self.welcome = None;
            let frame = encode(&ServerEvent::Signal(Signal::Presence { online, offline, idle }));
            to_flush.extend(
                self.connections
                    .values()
                    .flatten()
                    .filter(|connection| connection.send_lossy(&frame))
                    .cloned(),
            );
        }
    }

    pub(super) fn set_idle(&mut self, connection: &Connection, idle: bool) {
        let address = std::ptr::from_ref(connection).addr();
        if idle {
            self.idle.insert(address)
        } else {
            self.idle.remove(&address)
        };
        self.recompute_idle(connection.person);
    }

    /// A person is idle when all of their connections are.
    pub(super) fn recompute_idle(&mut self, person: PersonId) {
        if let Some(connections) = self.connections.get(&person) {
            let idle = connections
                .iter()
                .all(|connection| self.idle.contains(&Arc::as_ptr(connection).addr()));
            self.presence.set_idle(person, idle);
        }
    }
}
