//! Whether anything is asked on a connection.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

/// Calls in flight on one connection. Whoever accepts connections puts it into the extensions of
/// their requests, and closes those on which nothing was asked for long.
#[derive(Debug)]
pub struct Activity(Mutex<State>);

#[derive(Debug, Clone, Copy)]
struct State {
    calls: usize,
    /// When the last call ended.
    since: Instant,
}

impl Activity {
    /// Of a connection that was opened just now.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(State { calls: 0, since: Instant::now() })))
    }

    /// Since when there has been no call. `None`: there is one.
    #[must_use]
    pub fn idle_since(&self) -> Option<Instant> {
        let state = *self.state();
        (state.calls == 0).then_some(state.since)
    }

    /// A call that lasts as long as the value.
    pub(super) fn begin(this: &Arc<Self>) -> InFlight {
        this.state().calls += 1;
        InFlight(Arc::clone(this))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// See [`Activity::begin`].
pub(super) struct InFlight(Arc<Activity>);

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut state = self.0.state();
        *state = State { calls: state.calls.saturating_sub(1), since: Instant::now() };
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may panic")]

    use super::*;

    #[test]
    fn a_connection_is_idle_between_calls() {
        let activity = Activity::new();
        let opened = activity.idle_since().unwrap();
        let calls = [Activity::begin(&activity), Activity::begin(&activity)];
        assert_eq!(activity.idle_since(), None);
        let [first, second] = calls;
        drop(first);
        assert_eq!(activity.idle_since(), None);
        drop(second);
        assert!(activity.idle_since().unwrap() >= opened);
    }
}
