//! Calling work off: long loops ask [`stopped`], and whoever waits for them is asked from time to time.
//!
//! The thread that called says how it hears ([`watched`]); threads that help it ([`Watch::on`]) see its flag. What is called off
//! leaves its results as they are: nobody reads them.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Nobody waits longer than this to be heard, but for one step of the work.
pub const LISTEN: Duration = Duration::from_millis(50);

thread_local! {
    static WATCH: RefCell<Option<Watch>> = const { RefCell::new(None) };
}

/// Whether some work is called off, and who is to be asked.
#[derive(Clone, Debug)]
pub struct Watch {
    called_off: Arc<AtomicBool>,
    /// None on threads that help.
    ask: Option<fn() -> bool>,
    next: Instant,
}

impl Watch {
    /// That of the work that this thread does.
    pub fn here() -> Option<Self> {
        WATCH.with_borrow(|watch| watch.as_ref().map(|watch| Self { ask: None, ..watch.clone() }))
    }

    /// Do a part of the work on a thread that helps.
    pub fn on<T>(watch: Option<&Self>, part: impl FnOnce() -> T) -> T {
        let _held = Held::new(watch.cloned());
        part()
    }
}

/// What this thread watched before, put back at the end, a panic included.
struct Held(Option<Watch>);

impl Held {
    fn new(watch: Option<Watch>) -> Self {
        Self(WATCH.replace(watch))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        WATCH.replace(self.0.take());
    }
}

/// Do some work; None if it was called off. `ask` is called on this thread, every [`LISTEN`] at most, and says whether to stop.
pub fn watched<T>(ask: fn() -> bool, work: impl FnOnce() -> T) -> Option<T> {
    let called_off = Arc::new(AtomicBool::new(false));
    let watch = Watch { called_off: Arc::clone(&called_off), ask: Some(ask), next: Instant::now() + LISTEN };
    let _held = Held::new(Some(watch));
    let done = work();
    (!called_off.load(Ordering::Relaxed)).then_some(done)
}

/// Whether the work that this thread does is called off. Costs about 25 ns.
pub fn stopped() -> bool {
    // Who is asked may call this thread's work again, so nothing is borrowed meanwhile.
    let due = WATCH.with_borrow_mut(|watch| {
        let watch = watch.as_mut()?;
        if watch.called_off.load(Ordering::Relaxed) {
            return Some(None);
        }
        let ask = watch.ask?;
        let now = Instant::now();
        (now >= watch.next).then(|| {
            watch.next = now + LISTEN;
            Some((ask, Arc::clone(&watch.called_off)))
        })
    });
    match due {
        None => false,
        Some(None) => true,
        Some(Some((ask, called_off))) => {
            let stop = ask();
            if stop {
                called_off.store(true, Ordering::Relaxed);
            }
            stop
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parallel;
    use ndarray::Array2;

    #[test]
    fn work_on_any_number_of_threads_ends_soon_after_it_is_called_off() {
        for threads in [1, 3] {
            let began = Instant::now();
            let mut out = Array2::zeros((1, 10_000));
            let done = watched(
                || true,
                || {
                    parallel::columns(&mut out.view_mut(), 1, threads, |_, _| {
                        std::thread::sleep(Duration::from_millis(1));
                    });
                },
            );
            assert!(done.is_none());
            // Ten seconds of work a thread: without being called off it would take more than three.
            assert!(began.elapsed() < Duration::from_secs(1), "{threads} threads");
        }
    }

    #[test]
    fn nobody_is_asked_without_a_watch_and_work_that_is_wanted_is_done() {
        assert!(!stopped());
        assert_eq!(watched(|| false, || (stopped(), 7)), Some((false, 7)));
        assert!(!stopped());
    }
}
