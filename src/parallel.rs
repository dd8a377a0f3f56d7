//! A range of replicates on several threads.
//!
//! Which thread does what never matters: every replicate reads its own stream and writes its
//! own column.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use ndarray::{ArrayViewMut2, Axis};
use rayon::iter::IntoParallelIterator;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Pools by process and size: a process forked from one that had threads needs its own.
type Pools = HashMap<(u32, usize), Arc<ThreadPool>>;
static POOLS: LazyLock<Mutex<Pools>> = LazyLock::new(Mutex::default);

/// The processors this process may use.
pub fn available() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Give `work` the columns of `out` in chunks, each with the number of its first column.
///
/// A pool that the system refuses is no reason to fail: the work is then done on this thread.
pub fn columns<F>(out: &mut ArrayViewMut2<f64>, chunk: usize, threads: usize, work: F)
where
    F: Fn(usize, ArrayViewMut2<f64>) + Sync,
{
    let several = threads > 1 && out.ncols() > chunk;
    let pool = if several { pool(threads) } else { None };
    if let Some(pool) = pool {
        pool.install(|| {
            out.axis_chunks_iter_mut(Axis(1), chunk)
                .into_par_iter()
                .enumerate()
                .for_each(|(i, part)| work(i * chunk, part));
        });
    } else {
        for (i, part) in out.axis_chunks_iter_mut(Axis(1), chunk).enumerate() {
            work(i * chunk, part);
        }
    }
}

/// Call `work` for each row number below `rows`, on several threads, and keep the order.
pub fn rows<T: Send>(rows: usize, threads: usize, work: impl Fn(usize) -> T + Send + Sync) -> Vec<T> {
    let pool = if threads > 1 && rows > 1 { pool(threads) } else { None };
    match pool {
        Some(pool) => pool.install(|| (0..rows).into_par_iter().map(work).collect()),
        None => (0..rows).map(work).collect(),
    }
}

fn pool(threads: usize) -> Option<Arc<ThreadPool>> {
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (std::process::id(), threads);
    if let Some(pool) = pools.get(&key) {
        return Some(Arc::clone(pool));
    }
    let pool = Arc::new(ThreadPoolBuilder::new().num_threads(threads).build().ok()?);
    pools.insert(key, Arc::clone(&pool));
    Some(pool)
}
