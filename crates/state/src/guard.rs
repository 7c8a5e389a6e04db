//! Calls into code that may panic or never return.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Why a guarded call gave no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It panicked, with these words.
    Panicked(String),
    /// It did not return within the limit, and goes on by itself.
    TimedOut,
}

/// Calls `f` in a thread of its own and waits at most `limit` for it, and again so long after each
/// sign of life that it gives. A thread that does not return is abandoned: whatever it still does
/// must harm nobody, and what it returns then is dropped there.
pub(crate) fn within<T: Send + 'static>(
    limit: Duration,
    f: impl FnOnce(&dyn Fn()) -> T + Send + 'static,
) -> Result<T, Failure> {
    let (sender, receiver) = mpsc::channel();
    let spawned = thread::Builder::new().name("state".to_owned()).spawn(move || {
        let alive = || {
            let _ = sender.send(None);
        };
        let result = f(&alive);
        let _ = sender.send(Some(result));
    });
    let thread = spawned.map_err(|error| Failure::Panicked(error.to_string()))?;
    loop {
        match receiver.recv_timeout(limit) {
            Ok(Some(result)) => return Ok(result),
            Ok(None) => {}
            Err(RecvTimeoutError::Timeout) => return Err(Failure::TimedOut),
            // The sender went without a result: the thread unwound.
            Err(RecvTimeoutError::Disconnected) => {
                let payload = thread.join().err();
                let words = payload.map_or_else(String::new, |payload| words(&*payload));
                return Err(Failure::Panicked(words));
            }
        }
    }
}

/// Calls `f` here; a panic in it becomes an error. The caller does not use again what `f` may have
/// left half done.
pub(crate) fn unpanicked<T>(f: impl FnOnce() -> T) -> Result<T, Failure> {
    panic::catch_unwind(AssertUnwindSafe(f)).map_err(|payload| Failure::Panicked(words(&*payload)))
}

fn words(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without words")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(50);

    #[test]
    fn results_panics_and_hangs_are_told_apart() {
        assert_eq!(within(Duration::from_secs(60), |_| 7), Ok(7));
        let panicked = within::<()>(Duration::from_secs(60), |_| panic!("on purpose {}", 1));
        assert_eq!(panicked, Err(Failure::Panicked("on purpose 1".to_owned())));
        let hung = within(SHORT, |_| thread::sleep(Duration::from_secs(3600)));
        assert_eq!(hung, Err(Failure::TimedOut));
        let slow = within(Duration::from_secs(2), |alive| {
            for _ in 0..30 {
                thread::sleep(Duration::from_millis(100));
                alive();
            }
        });
        assert_eq!(slow, Ok(()), "longer than the limit, but not without a sign of life");
        assert_eq!(unpanicked(|| 7), Ok(7));
        let panicked = unpanicked::<()>(|| panic!("on purpose"));
        assert_eq!(panicked, Err(Failure::Panicked("on purpose".to_owned())));
    }
}
