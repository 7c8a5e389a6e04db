//! The clock as an argument, and whether it can be trusted to have gone on as time does.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use letopis_types::Timestamp;

/// How far the clock may be from where a steady one says it is since it was last looked at.
const LEAP: Duration = Duration::from_secs(120);

/// How long a ledger may have been at rest before its clock has to be confirmed.
const REST: Duration = Duration::from_secs(14 * 24 * 3600);

/// Tells the time. The system's by default; tests and simulations bring their own.
#[derive(Clone)]
pub struct Clock(Arc<Inner>);

struct Inner {
    now: Box<dyn Fn() -> Timestamp + Send + Sync>,
    /// How long something steady has run, to compare it with; `None`: it may go as it likes.
    steady: Option<Box<dyn Fn() -> Duration + Send + Sync>>,
    /// What both showed last.
    last: Mutex<Option<(Timestamp, Duration)>>,
    leapt: AtomicBool,
}

impl Clock {
    /// A clock that asks `now`, and may go as it likes.
    #[must_use]
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self::with(Box::new(now), None)
    }

    /// A clock that asks `now`, and leaps where it does not go as `steady` does.
    #[must_use]
    pub fn watched(
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
        steady: impl Fn() -> Duration + Send + Sync + 'static,
    ) -> Self {
        Self::with(Box::new(now), Some(Box::new(steady)))
    }

    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        let began = Instant::now();
        let now = || {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Timestamp(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
        };
        Self::watched(now, move || began.elapsed())
    }

    fn with(
        now: Box<dyn Fn() -> Timestamp + Send + Sync>,
        steady: Option<Box<dyn Fn() -> Duration + Send + Sync>>,
    ) -> Self {
        Self(Arc::new(Inner { now, steady, last: Mutex::default(), leapt: AtomicBool::new(false) }))
    }

    /// What it shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.0.now)()
    }

    /// Has it leapt, and did nobody confirm it since? Looks.
    #[must_use]
    pub fn has_leapt(&self) -> bool {
        let Some(steady) = &self.0.steady else { return false };
        let present = (self.now(), steady());
        let mut last = self.0.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((shown, ran)) = last.replace(present) {
            let went = Duration::from_nanos(present.0.0.abs_diff(shown.0));
            let ran = present.1.saturating_sub(ran);
            if present.0 < shown || went.abs_diff(ran) > LEAP {
                self.0.leapt.store(true, Ordering::Relaxed);
            }
        }
        self.0.leapt.load(Ordering::Relaxed)
    }

    /// The last that was recorded, before the process began: a clock that is far from there may have
    /// leapt while nobody could see it.
    pub(crate) fn rested_since(&self, last_recorded: Timestamp) {
        let now = self.now();
        let rested = Duration::from_nanos(now.0.saturating_sub(last_recorded.0));
        if rested > REST || now < last_recorded {
            self.distrust();
        }
    }

    /// It leapt where nobody could see it.
    pub(crate) fn distrust(&self) {
        if self.0.steady.is_some() {
            self.0.leapt.store(true, Ordering::Relaxed);
        }
    }

    /// Somebody looked, and it is right.
    pub fn confirm(&self) {
        self.0.leapt.store(false, Ordering::Relaxed);
        self.0.last.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    /// A clock and a steady one, in seconds.
    fn clocks() -> (Clock, Arc<[AtomicU64; 2]>) {
        let shown = Arc::new([AtomicU64::new(10_000_000), AtomicU64::new(0)]);
        let (wall, steady) = (Arc::clone(&shown), Arc::clone(&shown));
        let clock = Clock::watched(
            move || Timestamp::from_seconds(wall[0].load(Ordering::Relaxed)),
            move || Duration::from_secs(steady[1].load(Ordering::Relaxed)),
        );
        (clock, shown)
    }

    fn pass(shown: &[AtomicU64; 2], wall: i64, steady: u64) {
        let now = shown[0].load(Ordering::Relaxed).checked_add_signed(wall).unwrap();
        shown[0].store(now, Ordering::Relaxed);
        shown[1].fetch_add(steady, Ordering::Relaxed);
    }

    #[test]
    fn a_clock_that_goes_as_time_does_has_not_leapt() {
        let (clock, shown) = clocks();
        for _ in 0..100 {
            assert!(!clock.has_leapt());
            pass(&shown, 3600, 3590);
        }
    }

    #[test]
    fn a_leap_forward_or_back_stays_until_it_is_confirmed() {
        for leap in [3600, -1] {
            let (clock, shown) = clocks();
            assert!(!clock.has_leapt());
            pass(&shown, leap, 1);
            assert!(clock.has_leapt());
            pass(&shown, 10, 10);
            assert!(clock.has_leapt(), "nobody confirmed it");
            clock.confirm();
            assert!(!clock.has_leapt());
            pass(&shown, 10, 10);
            assert!(!clock.has_leapt());
        }
    }

    #[test]
    fn after_a_long_rest_it_is_confirmed_and_after_a_short_one_it_goes_on() {
        let (clock, _) = clocks();
        clock.rested_since(Timestamp::from_seconds(10_000_000 - 13 * 24 * 3600));
        assert!(!clock.has_leapt());
        clock.rested_since(Timestamp::from_seconds(10_000_001));
        assert!(clock.has_leapt(), "the record is ahead of it");
        clock.confirm();
        let (clock, _) = (Clock::new(|| Timestamp::from_seconds(100_000_000)), ());
        clock.rested_since(Timestamp(0));
        assert!(!clock.has_leapt(), "a simulated one goes as it likes");
    }
}
