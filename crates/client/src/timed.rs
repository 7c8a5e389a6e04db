//! Something that is there for 5 minutes and then gone, whether anybody asks for it or not.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, Thread};
use std::time::Duration;

use crate::locker::{Clock, UNLOCKED};

/// How late it may be gone, where nobody asks for it.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Holds a value for [`UNLOCKED`] from when it was put there, and drops it then.
pub(crate) struct Timed<T: Send + 'static>(Arc<Inner<T>>);

struct Inner<T> {
    clock: Arc<dyn Clock>,
    held: Mutex<Option<Held<T>>>,
    guard: Mutex<Option<Thread>>,
}

struct Held<T> {
    value: T,
    until: Duration,
}

impl<T: Send + 'static> Timed<T> {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner { clock, held: Mutex::new(None), guard: Mutex::new(None) }))
    }

    /// Holds this from now on, instead of what was there.
    pub(crate) fn put(&self, value: T) {
        let until = self.0.clock.now().saturating_add(UNLOCKED);
        *lock(&self.0.held) = Some(Held { value, until });
        self.watch();
    }

    /// Drops it now.
    pub(crate) fn clear(&self) {
        *lock(&self.0.held) = None;
    }

    /// Drops it if its time is over.
    pub(crate) fn clear_if_due(&self) {
        self.0.clear_if_due();
    }

    pub(crate) fn is_clear(&self) -> bool {
        self.clear_if_due();
        self.is_empty()
    }

    /// Whether there is nothing, without looking at the clock.
    pub(crate) fn is_empty(&self) -> bool {
        lock(&self.0.held).is_none()
    }

    /// Does something with it, if it is there.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&T) -> R) -> Option<R> {
        self.clear_if_due();
        lock(&self.0.held).as_ref().map(|held| work(&held.value))
    }

    /// Has a thread wait until its time is over.
    fn watch(&self) {
        let mut guard = lock(&self.0.guard);
        match &*guard {
            Some(thread) => thread.unpark(),
            None => {
                let inner = Arc::downgrade(&self.0);
                let started =
                    thread::Builder::new().name("key lock".to_owned()).spawn(|| wait(inner));
                // Without a thread it is dropped when it is next asked for.
                *guard = started.ok().map(|handle| handle.thread().clone());
            }
        }
    }
}

/// Drops the value whenever its time is over, for as long as somebody may put another.
fn wait<T>(inner: Weak<Inner<T>>) {
    while let Some(strong) = inner.upgrade() {
        let left = strong.clear_if_due();
        drop(strong);
        match left {
            // Parking does not count the time that the machine sleeps: look again before long.
            Some(left) => thread::park_timeout(left.min(LOOK_AGAIN)),
            None => thread::park(),
        }
    }
}

impl<T> Inner<T> {
    /// How long it is still there; `None`: it is not.
    fn clear_if_due(&self) -> Option<Duration> {
        let mut held = lock(&self.held);
        let left = held.as_ref()?.until.checked_sub(self.clock.now());
        let left = left.filter(|left| !left.is_zero());
        if left.is_none() {
            *held = None;
        }
        left
    }
}

impl<T> Drop for Inner<T> {
    fn drop(&mut self) {
        // It finds nothing to look after any more, and ends.
        if let Some(thread) = &*lock(&self.guard) {
            thread.unpark();
        }
    }
}

/// What a mutex here holds is whole, also where a thread was lost with it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
