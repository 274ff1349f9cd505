//! Deliveries in a group whose members are online and partly write, at a rate or as fast as
//! possible. A message is one send; a delivery is its receipt by one member. Lost, duplicated or
//! reordered deliveries are errors.

use std::{
    io,
    time::{Duration, Instant},
};

use mio::Events;

use crate::{
    connection::{Stage, Wire},
    figures::{Latencies, Run, to_f64},
    http, process,
    receivers::{BUFFER, Crowd},
    target::{Heard, Target},
};

/// Warm-up.
const WARM_UP: Duration = Duration::from_secs(1);
/// Longest wait for the last deliveries.
const DRAIN: Duration = Duration::from_secs(10);

/// The parameters.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Number of listeners, one socket per member.
    pub listeners: usize,
    /// Maximum number of messages in flight, each on its own connection.
    pub window: usize,
    /// Messages per second; `None` for as fast as possible.
    pub rate: Option<f64>,
    /// Duration.
    pub long: Duration,
    /// Process ID of the server.
    pub pid: Option<u32>,
}

/// A message in flight.
struct Sent {
    at: Instant,
    /// Number of outstanding deliveries.
    left: u32,
    kept: bool,
    measured: bool,
}

/// The state of a run.
struct Count {
    sent: Vec<Sent>,
    /// The next expected number of each listener.
    next: Vec<u64>,
    under_way: usize,
    received: u64,
    doubled: u64,
    misordered: u64,
    failed: u64,
    to_commit: Latencies,
    to_receive: Latencies,
}

/// The senders, and the message that each waits for.
struct Mouths {
    wires: Vec<Wire>,
    waiting: Vec<Option<usize>>,
    free: Vec<usize>,
}

/// Measures deliveries.
///
/// # Errors
/// A network error, or a rejected connection.
pub fn deliver(target: &Target, load: Load, mut run: Run) -> io::Result<Run> {
    let mut crowd = Crowd::gather(target, load.listeners, 200)?;
    let mut mouths =
        Mouths { wires: Vec::new(), waiting: vec![None; load.window], free: Vec::new() };
    for n in 0..load.window {
        mouths.wires.push(Wire::begin(target.address, crowd.poll.registry(), load.listeners + n)?);
    }
    let mut count = Count::new(target.head + 1, load.listeners);
    let (mut events, mut buffer) = (Events::with_capacity(1024), vec![0; BUFFER]);
    let (began, mut measured) = (Instant::now(), None::<Begin>);
    let (mut window, mut due) = (None::<(Begin, Begin)>, Instant::now());
    loop {
        let now = Instant::now();
        if measured.is_none() && now - began > WARM_UP {
            measured = Some(Begin::now(&crowd, &count, load.pid));
        }
        if let (Some(begin), None) = (measured, window)
            && now - begin.at > load.long
        {
            window = Some((begin, Begin::now(&crowd, &count, load.pid)));
        }
        if let Some((_, end)) = window
            && (count.under_way == 0 || now - end.at > DRAIN)
        {
            break;
        }
        let may_send = |count: &Count, due: Instant| {
            window.is_none()
                && count.under_way < load.window
                && load.rate.is_none_or(|_| due <= now)
        };
        while may_send(&count, due)
            && let Some(mouth) = mouths.free.pop()
        {
            count.begin(measured.is_some());
            mouths.waiting[mouth] = Some(count.sent.len() - 1);
            mouths.wires[mouth]
                .send(&target.message(mouth % load.listeners.max(1), count.sent.len() - 1));
            due += load.rate.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(1.0 / rate));
        }
        let until_due = load
            .rate
            .filter(|_| window.is_none())
            .map(|_| due.saturating_duration_since(Instant::now()));
        crowd.poll.poll(
            &mut events,
            Some(until_due.unwrap_or(Duration::from_millis(20)).min(Duration::from_millis(20))),
        )?;
        let now = Instant::now();
        for event in &events {
            let token = event.token().0;
            if token < load.listeners {
                let ear = &mut crowd.ears[token];
                ear.writable();
                ear.read_frames(&mut buffer, |ear, frame| {
                    count.heard(target, token, ear, frame, now)
                });
            } else {
                mouths.attend(
                    target,
                    token - load.listeners,
                    event.is_writable(),
                    &mut buffer,
                    &mut count,
                );
            }
        }
    }
    let Some((begin, end)) = window else { return Ok(run) };
    count.report(&mut run, load, begin, end, crowd.alive());
    Ok(run)
}

impl Mouths {
    fn attend(
        &mut self,
        target: &Target,
        n: usize,
        writable: bool,
        buffer: &mut [u8],
        count: &mut Count,
    ) {
        let Self { wires, waiting, free } = self;
        let wire = &mut wires[n];
        if writable && wire.writable() {
            if target.sends_by_http() {
                wire.stage = Stage::Live;
                free.push(n);
            } else {
                wire.send(&target.upgrade(n, false));
            }
        }
        if target.sends_by_http() {
            wire.read(buffer, |_, bytes| {
                let Some((status, used)) = http::measure(bytes) else { return 0 };
                count.kept(waiting[n].take(), status == 200);
                free.push(n);
                used
            });
        } else if wire.stage != Stage::Opening {
            wire.read_frames(buffer, |wire, frame| {
                let before = wire.stage;
                crate::receivers::greet(target, n, wire, frame);
                if wire.stage == Stage::Live && before != Stage::Live {
                    free.push(n);
                } else if target.read(frame) == Heard::Kept {
                    count.kept(waiting[n].take(), true);
                    free.push(n);
                }
            });
        }
    }
}

impl Count {
    fn new(first: u64, listeners: usize) -> Self {
        Self {
            sent: Vec::with_capacity(1 << 20),
            next: vec![first; listeners],
            under_way: 0,
            received: 0,
            doubled: 0,
            misordered: 0,
            failed: 0,
            to_commit: Latencies::default(),
            to_receive: Latencies::default(),
        }
    }

    fn begin(&mut self, measured: bool) {
        let left = u32::try_from(self.next.len()).unwrap_or(u32::MAX);
        self.sent.push(Sent { at: Instant::now(), left, kept: false, measured });
        self.under_way += 1;
    }

    fn kept(&mut self, index: Option<usize>, well: bool) {
        let Some(sent) = index.and_then(|index| self.sent.get_mut(index)) else { return };
        if !well {
            self.failed += 1;
            sent.left = 0;
        }
        if sent.measured {
            self.to_commit.add(sent.at.elapsed());
        }
        sent.kept = true;
        if sent.left == 0 {
            self.under_way -= 1;
        }
    }

    fn heard(&mut self, target: &Target, ear: usize, wire: &mut Wire, frame: &[u8], now: Instant) {
        let Heard::Message(seq, index) = target.read(frame) else {
            return crate::receivers::greet(target, ear, wire, frame);
        };
        self.received += 1;
        let next = &mut self.next[ear];
        match seq.cmp(next) {
            std::cmp::Ordering::Equal => {}
            std::cmp::Ordering::Less => self.doubled += 1,
            std::cmp::Ordering::Greater => self.misordered += 1,
        }
        *next = seq.max(*next - 1) + 1;
        let Some(sent) = self.sent.get_mut(index) else { return };
        if sent.left == 0 {
            self.doubled += 1;
            return;
        }
        sent.left -= 1;
        if sent.measured {
            self.to_receive.add(now.saturating_duration_since(sent.at));
        }
        if sent.left == 0 && sent.kept {
            self.under_way -= 1;
        }
    }

    fn report(&self, run: &mut Run, load: Load, begin: Begin, end: Begin, alive: usize) {
        let wall = end.at - begin.at;
        let deliveries = to_f64(end.received - begin.received);
        run.note("messages/s", to_f64(end.sent - begin.sent) / wall.as_secs_f64());
        if load.listeners > 0 {
            run.note("deliveries/s", deliveries / wall.as_secs_f64());
            run.note_latencies("receive", &self.to_receive);
            run.note("bytes per delivery", to_f64(end.bytes - begin.bytes) / deliveries.max(1.0));
            let lost: u64 = self.sent.iter().map(|sent| u64::from(sent.left)).sum();
            run.note("lost", to_f64(lost));
            run.note("doubled", to_f64(self.doubled));
            run.note("misordered", to_f64(self.misordered));
            run.note("closed", to_f64(u64::try_from(load.listeners - alive).unwrap_or_default()));
        }
        run.note_latencies("commit", &self.to_commit);
        run.note("failed", to_f64(self.failed));
        if load.pid.is_some() {
            let used = (end.server - begin.server).as_secs_f64();
            run.note("server's core", used / wall.as_secs_f64());
            if load.listeners > 0 {
                run.note("cpu s per 10,000 deliveries", used / deliveries.max(1.0) * 10_000.0);
            }
            run.note("cpu us per message", used * 1e6 / to_f64((end.sent - begin.sent).max(1)));
        }
        run.note_own_use(end.own - begin.own, wall);
    }
}

/// Counters at one moment.
#[derive(Clone, Copy)]
struct Begin {
    at: Instant,
    sent: u64,
    received: u64,
    bytes: u64,
    server: Duration,
    own: Duration,
}

impl Begin {
    fn now(crowd: &Crowd, count: &Count, pid: Option<u32>) -> Self {
        let sent = u64::try_from(count.sent.len()).unwrap_or_default();
        let server = pid.map(process::cpu).unwrap_or_default();
        Self {
            at: Instant::now(),
            sent,
            received: count.received,
            bytes: crowd.received(),
            server,
            own: process::own_cpu(),
        }
    }
}
