//! A range of replicates on several threads.
//!
//! Which thread does what never matters: every replicate reads its own stream and writes its
//! own column.

use std::collections::HashMap;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use ndarray::{ArrayViewMut2, Axis};
use rayon::iter::IntoParallelIterator;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::{Error, Result};
use crate::stop::{self, LISTEN, Watch};

/// Pools by process and size: a process forked from one that had threads needs its own.
type Pools = HashMap<(u32, usize), Arc<ThreadPool>>;
static POOLS: LazyLock<Mutex<Pools>> = LazyLock::new(Mutex::default);

/// The processors this process may use.
pub fn available() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Give `work` the columns of `out` in chunks, each with the number of its first column.
///
/// A pool that the system refuses is no reason to fail: the work is then done on this thread. What is called off (see
/// [`stop`]) is left undone.
pub fn columns<F>(out: &mut ArrayViewMut2<f64>, chunk: usize, threads: usize, work: F)
where
    F: Fn(usize, ArrayViewMut2<f64>) + Sync,
{
    let chunk = chunk.max(1);
    let several = threads > 1 && out.ncols() > chunk;
    let pool = if several { pool(threads) } else { None };
    if let Some(pool) = pool {
        let watch = Watch::here();
        listening(&pool, || {
            out.axis_chunks_iter_mut(Axis(1), chunk).into_par_iter().enumerate().for_each(|(i, part)| {
                Watch::on(watch.as_ref(), || {
                    if !stop::stopped() {
                        work(i * chunk, part);
                    }
                });
            });
        });
    } else {
        for (i, part) in out.axis_chunks_iter_mut(Axis(1), chunk).enumerate() {
            if stop::stopped() {
                return;
            }
            work(i * chunk, part);
        }
    }
}

/// Replicates that a thread takes at once, if `most` are best and no thread shall be idle.
pub fn share(most: usize, replicates: usize, threads: usize) -> usize {
    most.min(replicates.div_ceil(threads.max(1))).max(1)
}

/// Call `work` for each row number below `rows`, on several threads, and keep the order.
///
/// # Errors
/// When the work is called off.
pub fn rows<T: Send>(rows: usize, threads: usize, work: impl Fn(usize) -> T + Send + Sync) -> Result<Vec<T>> {
    let wanted = |row| if stop::stopped() { Err(Error::Stopped) } else { Ok(work(row)) };
    let pool = if threads > 1 && rows > 1 { pool(threads) } else { None };
    let Some(pool) = pool else { return (0..rows).map(wanted).collect() };
    let watch = Watch::here();
    let mut made = Err(Error::Stopped);
    listening(&pool, || {
        made = (0..rows).into_par_iter().map(|row| Watch::on(watch.as_ref(), || wanted(row))).collect();
    });
    made
}

/// Work in a pool while this thread asks whether it is called off.
fn listening(pool: &ThreadPool, work: impl FnOnce() + Send) {
    let (working, done) = channel::<()>();
    pool.in_place_scope(|scope| {
        scope.spawn(move |_| {
            let _until_the_end = working;
            work();
        });
        while done.recv_timeout(LISTEN) == Err(RecvTimeoutError::Timeout) {
            stop::stopped();
        }
    });
}

fn pool(threads: usize) -> Option<Arc<ThreadPool>> {
    let threads = threads.min(64.max(4 * available()));
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (std::process::id(), threads);
    if let Some(pool) = pools.get(&key) {
        return Some(Arc::clone(pool));
    }
    let pool = Arc::new(ThreadPoolBuilder::new().num_threads(threads).build().ok()?);
    pools.insert(key, Arc::clone(&pool));
    Some(pool)
}
