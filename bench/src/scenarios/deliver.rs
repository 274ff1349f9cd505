//! Deliveries in a group whose members are online and partly write, at a rate or as fast as
//! possible. A message is one send; a delivery is its receipt by one member. Lost, duplicated or
//! reordered deliveries are errors.

use std::{
    cmp::Ordering,
    io,
    time::{Duration, Instant},
};

use mio::Events;

use crate::{
    connection::{Connection, State},
    figures::{Latencies, Run, to_f64},
    http, process,
    receivers::{READ_BUFFER_SIZE, Receivers, handshake},
    target::{Incoming, Role, Target},
};

/// Time before the measurement starts.
const WARM_UP: Duration = Duration::from_secs(1);
/// Longest wait for the last deliveries.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest wait for events of sockets.
const POLL_TIMEOUT: Duration = Duration::from_millis(20);
/// Concurrent connection attempts of the receivers.
const CONNECT_CONCURRENCY: usize = 200;

/// The parameters.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Number of receivers, one socket per member.
    pub receivers: usize,
    /// Maximum number of messages in flight, each on its own connection.
    pub window: usize,
    /// Messages per second; `None` for as fast as possible.
    pub rate: Option<f64>,
    /// Duration of the measurement.
    pub duration: Duration,
    /// Process ID of the server.
    pub pid: Option<u32>,
}

/// A message that was sent.
struct Message {
    sent_at: Instant,
    /// Number of outstanding deliveries.
    outstanding: u32,
    acknowledged: bool,
    measured: bool,
}

/// All messages of a run and what has happened to them.
struct Tracker {
    messages: Vec<Message>,
    /// The next expected sequence number of each receiver.
    next_seq: Vec<u64>,
    in_flight: usize,
    received: u64,
    duplicated: u64,
    out_of_order: u64,
    failed: u64,
    commit_latencies: Latencies,
    receive_latencies: Latencies,
}

/// The sending connections, and the message that each has in flight.
struct Senders {
    connections: Vec<Connection>,
    in_flight: Vec<Option<usize>>,
    idle: Vec<usize>,
}

/// Measures deliveries.
///
/// # Errors
/// A network error, or a rejected connection.
pub fn deliver(target: &Target, load: Load, mut run: Run) -> io::Result<Run> {
    let mut receivers = Receivers::connect(target, load.receivers, CONNECT_CONCURRENCY)?;
    let mut senders =
        Senders { connections: Vec::new(), in_flight: vec![None; load.window], idle: Vec::new() };
    for n in 0..load.window {
        let (registry, token) = (receivers.poll.registry(), load.receivers + n);
        senders.connections.push(Connection::connect(target.address, registry, token)?);
    }
    let mut tracker = Tracker::new(target.head + 1, load.receivers);
    let (mut events, mut buffer) = (Events::with_capacity(1024), vec![0; READ_BUFFER_SIZE]);
    let (started, mut first, mut last) = (Instant::now(), None::<Counters>, None::<Counters>);
    let mut next_send = Instant::now();
    loop {
        let now = Instant::now();
        if first.is_none() && now - started > WARM_UP {
            first = Some(Counters::read(&receivers, &tracker, load.pid));
        }
        if let (Some(first), None) = (first, last)
            && now - first.at > load.duration
        {
            last = Some(Counters::read(&receivers, &tracker, load.pid));
        }
        if let Some(last) = last
            && (tracker.in_flight == 0 || now - last.at > DRAIN_TIMEOUT)
        {
            break;
        }
        while last.is_none()
            && tracker.in_flight < load.window
            && (load.rate.is_none() || next_send <= now)
            && let Some(sender) = senders.idle.pop()
        {
            let index = tracker.start(first.is_some());
            senders.in_flight[sender] = Some(index);
            senders.connections[sender]
                .send(&target.message(sender % load.receivers.max(1), index));
            next_send +=
                load.rate.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(1.0 / rate));
        }
        let until_send = load
            .rate
            .filter(|_| last.is_none())
            .map(|_| next_send.saturating_duration_since(Instant::now()));
        receivers
            .poll
            .poll(&mut events, Some(until_send.unwrap_or(POLL_TIMEOUT).min(POLL_TIMEOUT)))?;
        let now = Instant::now();
        for event in &events {
            let token = event.token().0;
            if token < load.receivers {
                let connection = &mut receivers.connections[token];
                connection.on_writable();
                connection.read_frames(&mut buffer, |connection, frame| {
                    tracker.receive(target, token, connection, frame, now)
                });
            } else {
                senders.handle_event(
                    target,
                    token - load.receivers,
                    event.is_writable(),
                    &mut buffer,
                    &mut tracker,
                );
            }
        }
    }
    let (Some(first), Some(last)) = (first, last) else { return Ok(run) };
    tracker.report(&mut run, load, first, last, receivers.ready());
    Ok(run)
}

impl Senders {
    fn handle_event(
        &mut self,
        target: &Target,
        n: usize,
        writable: bool,
        buffer: &mut [u8],
        tracker: &mut Tracker,
    ) {
        let Self { connections, in_flight, idle } = self;
        let connection = &mut connections[n];
        if writable && connection.on_writable() {
            if target.sends_by_http() {
                connection.state = State::Ready;
                idle.push(n);
            } else {
                connection.send(&target.upgrade(n, Role::Sender));
            }
        }
        if target.sends_by_http() {
            connection.read(buffer, |_, bytes| {
                let Some((status, length)) = http::response_length(bytes) else { return 0 };
                tracker.acknowledge(in_flight[n].take(), status == 200);
                idle.push(n);
                length
            });
        } else if connection.state != State::Connecting {
            connection.read_frames(buffer, |connection, frame| {
                let before = connection.state;
                handshake(target, n, connection, frame);
                if connection.state == State::Ready && before != State::Ready {
                    idle.push(n);
                } else if target.parse(frame) == Incoming::Ack {
                    tracker.acknowledge(in_flight[n].take(), true);
                    idle.push(n);
                }
            });
        }
    }
}

impl Tracker {
    fn new(first_seq: u64, receivers: usize) -> Self {
        Self {
            messages: Vec::with_capacity(1 << 20),
            next_seq: vec![first_seq; receivers],
            in_flight: 0,
            received: 0,
            duplicated: 0,
            out_of_order: 0,
            failed: 0,
            commit_latencies: Latencies::default(),
            receive_latencies: Latencies::default(),
        }
    }

    /// Records that a message is sent now. Returns its index.
    fn start(&mut self, measured: bool) -> usize {
        let outstanding = u32::try_from(self.next_seq.len()).unwrap_or(u32::MAX);
        self.messages.push(Message {
            sent_at: Instant::now(),
            outstanding,
            acknowledged: false,
            measured,
        });
        self.in_flight += 1;
        self.messages.len() - 1
    }

    fn acknowledge(&mut self, index: Option<usize>, succeeded: bool) {
        let Some(message) = index.and_then(|index| self.messages.get_mut(index)) else { return };
        if !succeeded {
            self.failed += 1;
            message.outstanding = 0;
        }
        if message.measured {
            self.commit_latencies.add(message.sent_at.elapsed());
        }
        message.acknowledged = true;
        if message.outstanding == 0 {
            self.in_flight -= 1;
        }
    }

    fn receive(
        &mut self,
        target: &Target,
        receiver: usize,
        connection: &mut Connection,
        frame: &[u8],
        now: Instant,
    ) {
        let Incoming::Message(seq, index) = target.parse(frame) else {
            return handshake(target, receiver, connection, frame);
        };
        self.received += 1;
        let next = &mut self.next_seq[receiver];
        match seq.cmp(next) {
            Ordering::Equal => {}
            Ordering::Less => self.duplicated += 1,
            Ordering::Greater => self.out_of_order += 1,
        }
        *next = seq.max(*next - 1) + 1;
        let Some(message) = self.messages.get_mut(index) else { return };
        if message.outstanding == 0 {
            self.duplicated += 1;
            return;
        }
        message.outstanding -= 1;
        if message.measured {
            self.receive_latencies.add(now.saturating_duration_since(message.sent_at));
        }
        if message.outstanding == 0 && message.acknowledged {
            self.in_flight -= 1;
        }
    }

    fn report(&self, run: &mut Run, load: Load, first: Counters, last: Counters, ready: usize) {
        let wall = last.at - first.at;
        let deliveries = to_f64(last.received - first.received);
        run.record("messages/s", to_f64(last.sent - first.sent) / wall.as_secs_f64());
        if load.receivers > 0 {
            run.record("deliveries/s", deliveries / wall.as_secs_f64());
            run.record_latencies("receive", &self.receive_latencies);
            run.record(
                "bytes per delivery",
                to_f64(last.bytes - first.bytes) / deliveries.max(1.0),
            );
            let lost: u64 =
                self.messages.iter().map(|message| u64::from(message.outstanding)).sum();
            run.record("lost", to_f64(lost));
            run.record("duplicated", to_f64(self.duplicated));
            run.record("out of order", to_f64(self.out_of_order));
            let closed = u64::try_from(load.receivers - ready).unwrap_or_default();
            run.record("closed", to_f64(closed));
        }
        run.record_latencies("commit", &self.commit_latencies);
        run.record("failed", to_f64(self.failed));
        if load.pid.is_some() {
            let used = (last.server_cpu - first.server_cpu).as_secs_f64();
            run.record("server cpu use", used / wall.as_secs_f64());
            if load.receivers > 0 {
                run.record("cpu s per 10,000 deliveries", used / deliveries.max(1.0) * 10_000.0);
            }
            run.record("cpu us per message", used * 1e6 / to_f64((last.sent - first.sent).max(1)));
        }
        run.record_generator_use(last.generator_cpu - first.generator_cpu, wall);
    }
}

/// Counters at the start or the end of the measurement.
#[derive(Clone, Copy)]
struct Counters {
    at: Instant,
    sent: u64,
    received: u64,
    bytes: u64,
    server_cpu: Duration,
    generator_cpu: Duration,
}

impl Counters {
    fn read(receivers: &Receivers, tracker: &Tracker, pid: Option<u32>) -> Self {
        Self {
            at: Instant::now(),
            sent: u64::try_from(tracker.messages.len()).unwrap_or_default(),
            received: tracker.received,
            bytes: receivers.bytes_received(),
            server_cpu: pid.map(process::cpu).unwrap_or_default(),
            generator_cpu: process::own_cpu(),
        }
    }
}
