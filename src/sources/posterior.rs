//! A fixed posterior as a source of draws: replicate i reads the stream of its block or its own, so
//! that two posteriors are independent and one is the same everywhere.

use rand::{Rng, RngExt};

use crate::stop::stopped;
use crate::stream::Streams;

/// Replicates between two looks at whether the work is called off.
const EAR: usize = 1 << 16;

/// Draw places on a grid with these cumulative probabilities, one a replicate.
///
/// Cost: a binary search in the grid.
pub fn on_grid(cumulative: &[f64], streams: Streams, first: u64, out: &mut [f64]) {
    let Some(&total) = cumulative.last() else { return };
    for (i, value) in out.iter_mut().enumerate() {
        if i % EAR == EAR - 1 && stopped() {
            return;
        }
        let word = streams.replicate(first + i as u64).next_u64();
        // 53 bits, centred in their cells: never 0, never 1.
        let u = ((word >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0 * total;
        *value = cumulative.partition_point(|&c| c < u).min(cumulative.len() - 1) as f64;
    }
}

/// Hand out stored draws in a random order, each once; then in another order, and so on.
pub fn stored(draws: &[f64], streams: Streams, first: u64, out: &mut [f64]) {
    let size = draws.len();
    if size == 0 {
        return;
    }
    let mut done = 0;
    while done < out.len() && !stopped() {
        let place = first + done as u64;
        let (block, start) = (place / size as u64, (place % size as u64) as usize);
        let mut order: Vec<usize> = (0..size).collect();
        let mut stream = streams.replicate(block);
        for i in (1..size).rev() {
            order.swap(i, stream.random_range(0..=i as u64) as usize);
        }
        let taken = (size - start).min(out.len() - done);
        for (value, &from) in out[done..done + taken].iter_mut().zip(&order[start..]) {
            *value = draws[from];
        }
        done += taken;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_is_drawn_with_its_probabilities() {
        let mut out = vec![0.0; 200_000];
        on_grid(&[0.2, 0.2, 0.9, 1.0], Streams::new(1, 2), 0, &mut out);
        for (place, share) in [(0.0, 0.2), (1.0, 0.0), (2.0, 0.7), (3.0, 0.1)] {
            let found = out.iter().filter(|&&v| v == place).count() as f64 / out.len() as f64;
            // 4 s.e. of a share
            assert!((found - share).abs() < 4.0 * (0.25 / out.len() as f64).sqrt());
        }
    }

    #[test]
    fn stored_draws_come_once_a_block_and_in_any_ranges() {
        let draws: Vec<f64> = (0..100).map(f64::from).collect();
        let streams = Streams::new(1, 2);
        let mut whole = vec![0.0; 250];
        stored(&draws, streams, 0, &mut whole);
        let mut sorted = whole[100..200].to_vec();
        sorted.sort_by(f64::total_cmp);
        assert_eq!(sorted, draws);
        assert_ne!(whole[..100], whole[100..200]);
        let mut part = vec![0.0; 120];
        stored(&draws, streams, 90, &mut part);
        assert_eq!(part, whole[90..210]);
    }
}
