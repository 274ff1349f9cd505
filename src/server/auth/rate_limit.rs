//! Rate limits. Keyed by account, never by address alone: a whole class may share one address.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock};

use crate::domain::{ChatError, PersonId};

/// Wrong passwords within [`FAILURE_TTL`] before an account is locked.
const MAX_FAILURES: u32 = 5;
/// Duration of the first lockout; each further failure doubles it.
const FIRST_LOCKOUT: Duration = Duration::from_secs(30);
/// Longest lockout. A longer one would let attackers lock people out.
const MAX_LOCKOUT: Duration = Duration::from_secs(15 * 60);
/// After this long without a failure, an account's failures are forgotten.
const FAILURE_TTL: Duration = Duration::from_secs(60);
/// Maximum number of accounts that are tracked; beyond that expired ones are dropped.
const MAX_TRACKED: usize = 10_000;

/// The rate limits of this server.
pub struct RateLimits {
    on: bool,
    failures: Mutex<HashMap<String, FailedAttempts>>,
    calls: DefaultKeyedRateLimiter<PersonId>,
    posts: DefaultKeyedRateLimiter<PersonId>,
    searches: DefaultKeyedRateLimiter<PersonId>,
    sockets: DefaultKeyedRateLimiter<PersonId>,
    renders: DefaultKeyedRateLimiter<PersonId>,
    uploads: DefaultKeyedRateLimiter<PersonId>,
}

#[derive(Clone, Copy)]
struct FailedAttempts {
    count: u32,
    last: Instant,
    locked_until: Option<Instant>,
}

impl FailedAttempts {
    fn is_expired(&self, now: Instant) -> bool {
        self.locked_until.unwrap_or(self.last).max(self.last) + FAILURE_TTL < now
    }
}

impl RateLimits {
    /// With the limits enabled, or disabled for benchmarks. Sign-in attempts are always limited.
    #[must_use]
    pub fn new(on: bool) -> Self {
        let per_second = |n: u32, burst: u32| {
            let n = NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
            RateLimiter::keyed(
                Quota::per_second(n).allow_burst(NonZeroU32::new(burst).unwrap_or(n)),
            )
        };
        Self {
            on,
            failures: Mutex::default(),
            calls: per_second(50, 500),
            posts: per_second(20, 300),
            searches: per_second(5, 60),
            sockets: per_second(2, 60),
            renders: per_second(2, 40),
            uploads: per_second(5, 100),
        }
    }

    /// Counts a call of a server function.
    ///
    /// # Errors
    /// `too_many`.
    pub fn call(&self, person: PersonId) -> Result<(), ChatError> {
        self.check(&self.calls, person, "Too many requests.")
    }

    /// Counts a message.
    ///
    /// # Errors
    /// `too_many`.
    pub fn post(&self, person: PersonId) -> Result<(), ChatError> {
        self.check(&self.posts, person, "You sent too many messages.")
    }

    /// Counts a search.
    ///
    /// # Errors
    /// `too_many`.
    pub fn search(&self, person: PersonId) -> Result<(), ChatError> {
        self.check(&self.searches, person, "You searched too often.")
    }

    /// Counts a WebSocket connection.
    ///
    /// # Errors
    /// `too_many`.
    pub fn socket(&self, person: PersonId) -> Result<(), ChatError> {
        self.check(&self.sockets, person, "You opened too many connections.")
    }

    /// Whether this account is locked. While it is, the right password is rejected too.
    ///
    /// # Errors
    /// `too_many`, the same for accounts that do not exist.
    pub fn check_lockout(&self, account: &str) -> Result<(), ChatError> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        match failures.get(account).and_then(|m| m.locked_until) {
            Some(until) if until > now => {
                Err(too_many("Too many failed sign-in attempts.", until - now))
            }
            _ => Ok(()),
        }
    }

    /// Records a wrong password.
    pub fn record_failure(&self, account: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if failures.len() >= MAX_TRACKED {
            failures.retain(|_, attempts| !attempts.is_expired(now));
        }
        let entry = failures.entry(account.to_owned()).or_insert(FailedAttempts {
            count: 0,
            last: now,
            locked_until: None,
        });
        if entry.is_expired(now) {
            *entry = FailedAttempts { count: 0, last: now, locked_until: None };
        }
        entry.count += 1;
        entry.last = now;
        if entry.count >= MAX_FAILURES {
            let wait = FIRST_LOCKOUT * 2_u32.saturating_pow((entry.count - MAX_FAILURES).min(10));
            entry.locked_until = Some(now + wait.min(MAX_LOCKOUT));
        }
    }

    /// Counts a request to render code and formulas.
    ///
    /// # Errors
    /// `too_many`.
    pub fn render(&self, person: PersonId) -> Result<(), ChatError> {
        self.check(&self.renders, person, "You requested too many previews of code and formulas.")
    }

    /// Counts an upload.
    ///
    /// # Errors
    /// `too_many`.
    pub fn upload(&self, person: PersonId) -> Result<(), ChatError> {
        self.check(&self.uploads, person, "You uploaded too many files.")
    }

    /// Records a right password.
    pub fn record_success(&self, account: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(account);
    }

    /// Drops the state of people who have done nothing lately. Called periodically.
    pub fn prune(&self) {
        let now = Instant::now();
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.retain(|_, attempts| !attempts.is_expired(now));
        drop(failures);
        self.calls.retain_recent();
        self.posts.retain_recent();
        self.searches.retain_recent();
        self.sockets.retain_recent();
        self.renders.retain_recent();
        self.uploads.retain_recent();
    }

    fn check(
        &self,
        limit: &DefaultKeyedRateLimiter<PersonId>,
        person: PersonId,
        reason: &str,
    ) -> Result<(), ChatError> {
        if !self.on {
            return Ok(());
        }
        limit.check_key(&person).map_err(|until| {
            too_many(reason, until.wait_time_from(governor::clock::DefaultClock::default().now()))
        })
    }
}

/// `too_many` with the reason and the time to wait, rounded up to seconds, and from two minutes on
/// to minutes.
fn too_many(reason: &str, wait: Duration) -> ChatError {
    let seconds = u32::try_from(wait.as_secs() + 1).unwrap_or(u32::MAX);
    let (count, unit) =
        if seconds < 120 { (seconds, "second") } else { (seconds.div_ceil(60), "minute") };
    let plural = if count == 1 { "" } else { "s" };
    ChatError::too_many(format!("{reason} Try again in {count} {unit}{plural}."), seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_lock_one_account_only() {
        let limits = RateLimits::new(true);
        for _ in 0..4 {
            limits.record_failure("ada");
        }
        assert!(limits.check_lockout("ada").is_ok());
        limits.record_failure("ada");
        let first = limits.check_lockout("ada").unwrap_err().retry_after.unwrap();
        limits.record_failure("ada");
        assert!(
            limits.check_lockout("ada").unwrap_err().retry_after.unwrap() > first,
            "the wait grows"
        );
        assert!(limits.check_lockout("grace").is_ok());
    }

    #[test]
    fn too_many_error_names_the_time_to_wait() {
        for (wait, message, seconds) in [
            (0, "Too many. Try again in 1 second.", 1),
            (1, "Too many. Try again in 2 seconds.", 2),
            (118, "Too many. Try again in 119 seconds.", 119),
            (119, "Too many. Try again in 2 minutes.", 120),
            (120, "Too many. Try again in 3 minutes.", 121),
            (899, "Too many. Try again in 15 minutes.", 900),
        ] {
            let error = too_many("Too many.", Duration::from_secs(wait));
            assert_eq!((error.message.as_str(), error.retry_after), (message, Some(seconds)));
        }
    }

    #[test]
    fn success_clears_failures() {
        let limits = RateLimits::new(true);
        (0..4).for_each(|_| limits.record_failure("ada"));
        limits.record_success("ada");
        limits.record_failure("ada");
        assert!(limits.check_lockout("ada").is_ok());
    }
}
