//! From draws to the ends of intervals: order statistics of each label's draws.
//!
//! Cost: one pass of about half a nanosecond a draw for each end. A sample of the draws brackets
//! the order statistic; the pass counts what lies below and keeps what lies inside.

/// Quantiles of `draws` with linear interpolation (type 7 of Hyndman and Fan 1996, as NumPy's
/// default), and how many draws are undefined (NaN) and therefore left out.
///
/// Infinite draws keep their place at the end. All values are NaN when no draw is defined.
pub fn quantiles(draws: &[f64], probabilities: &[f64]) -> (Vec<f64>, usize) {
    let undefined = draws.iter().filter(|d| d.is_nan()).count();
    let kept: Vec<f64>;
    let defined = if undefined == 0 {
        draws
    } else {
        kept = draws.iter().copied().filter(|d| !d.is_nan()).collect();
        &kept
    };
    if defined.is_empty() {
        return (vec![f64::NAN; probabilities.len()], undefined);
    }
    let last = defined.len() - 1;
    let positions: Vec<f64> = probabilities.iter().map(|p| p.clamp(0.0, 1.0) * last as f64).collect();
    let ranks: Vec<usize> = positions
        .iter()
        .flat_map(|position| {
            let lower = position.floor() as usize;
            [lower, (lower + 1).min(last)]
        })
        .collect();
    let values = order_statistics(defined, &ranks);
    let between = positions.iter().zip(values.chunks_exact(2)).map(|(position, pair)| {
        let part = position.fract();
        if part == 0.0 || pair[0] == pair[1] {
            pair[0]
        } else if pair[1].is_infinite() || pair[0].is_infinite() {
            // Between a finite and an infinite draw there is nothing to interpolate.
            pair[1]
        } else {
            pair[0] + part * (pair[1] - pair[0])
        }
    });
    (between.collect(), undefined)
}

const SAMPLE: usize = 4096;

/// The values with the given ranks (from 0), taken as pairs of neighbours.
fn order_statistics(draws: &[f64], ranks: &[usize]) -> Vec<f64> {
    if draws.len() < 8 * SAMPLE {
        let mut sorted = draws.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        return ranks.iter().map(|&r| sorted[r]).collect();
    }
    // Draws are independent of their position, so every k-th is as good as a random sample.
    let mut sample: Vec<f64> = draws.iter().step_by(draws.len() / SAMPLE).copied().collect();
    sample.sort_unstable_by(f64::total_cmp);
    ranks.chunks(2).flat_map(|pair| select(draws, &sample, pair)).collect()
}

fn select(draws: &[f64], sample: &[f64], pair: &[usize]) -> Vec<f64> {
    let share = (pair[0] as f64 + 0.5) / draws.len() as f64;
    let centre = share * sample.len() as f64;
    let margin = 5.0 * (centre * (1.0 - share)).sqrt() + 3.0;
    let low = if centre < margin { f64::NEG_INFINITY } else { sample[(centre - margin) as usize] };
    let high = sample.get((centre + margin) as usize).copied().unwrap_or(f64::INFINITY);
    let mut below = 0;
    let mut inside = Vec::with_capacity(draws.len() / 16);
    for &draw in draws {
        below += usize::from(draw < low);
        if draw >= low && draw <= high {
            inside.push(draw);
        }
    }
    // A bracket that misses (once in a million) only costs a full selection.
    let (inside, below) = if pair[0] >= below && pair[1] < below + inside.len() {
        (&mut inside, below)
    } else {
        inside.clear();
        inside.extend_from_slice(draws);
        (&mut inside, 0)
    };
    let (_, first, rest) = inside.select_nth_unstable_by(pair[0] - below, f64::total_cmp);
    let first = *first;
    let second = if pair[1] == pair[0] { first } else { rest.iter().copied().fold(f64::INFINITY, f64::min) };
    vec![first, second]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Streams;
    use rand::Rng;

    fn draws(n: u64, distinct: u64) -> Vec<f64> {
        let mut stream = Streams::new(0, 0).replicate(0);
        (0..n).map(|_| (stream.next_u64() % distinct) as f64).collect()
    }

    fn naive(draws: &[f64], p: f64) -> f64 {
        let mut sorted = draws.to_vec();
        sorted.sort_by(f64::total_cmp);
        let position = p * (sorted.len() - 1) as f64;
        let lower = position.floor() as usize;
        let upper = (lower + 1).min(sorted.len() - 1);
        sorted[lower] + position.fract() * (sorted[upper] - sorted[lower])
    }

    #[test]
    fn selection_equals_sorting() {
        for (n, distinct) in [(1, 5), (2, 5), (1000, 7), (100_000, 150), (100_003, u64::MAX), (60_000, 1)] {
            let draws = draws(n, distinct);
            let p = [0.0, 0.025, 0.1, 0.5, 0.975, 1.0];
            let (values, undefined) = quantiles(&draws, &p);
            assert_eq!(undefined, 0);
            for (value, p) in values.iter().zip(p) {
                assert_eq!(*value, naive(&draws, p));
            }
        }
    }

    #[test]
    fn a_sorted_column_defeats_no_bracket() {
        let draws: Vec<f64> = (0..100_000).map(f64::from).collect();
        assert_eq!(quantiles(&draws, &[0.025]).0[0], naive(&draws, 0.025));
    }

    #[test]
    fn infinite_draws_stay_at_the_end_and_undefined_ones_are_counted() {
        let mut draws = vec![1.0; 96];
        draws.extend([f64::INFINITY, f64::INFINITY, f64::INFINITY, f64::NAN]);
        let (values, undefined) = quantiles(&draws, &[0.5, 0.99]);
        assert_eq!((values[0], values[1], undefined), (1.0, f64::INFINITY, 1));
        assert!(quantiles(&[f64::NAN], &[0.5]).0[0].is_nan());
    }
}
