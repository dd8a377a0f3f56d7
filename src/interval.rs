//! From draws to the ends of intervals: order statistics of each label's draws.
//!
//! Cost: one pass over the draws for both ends, about 1.5 ns a draw. A sample of the draws brackets
//! the order statistic; the pass counts what lies below and keeps what lies inside.

/// Quantiles of `draws` with linear interpolation (type 7 of Hyndman and Fan 1996, as `NumPy`'s
/// default), and how many draws are undefined (NaN) and therefore left out.
///
/// Infinite draws keep their place at the end. All values are NaN when no draw is defined.
pub fn quantiles(draws: &[f64], probabilities: &[f64]) -> (Vec<f64>, usize) {
    // Undefined draws are rare, and looking for them first would read all draws once more.
    if let Some(values) = of_defined(draws, probabilities) {
        return (values, 0);
    }
    let defined: Vec<f64> = draws.iter().copied().filter(|d| !d.is_nan()).collect();
    let values = of_defined(&defined, probabilities);
    (values.unwrap_or_else(|| vec![f64::NAN; probabilities.len()]), draws.len() - defined.len())
}

/// The quantiles, or nothing when there are no draws or some are undefined.
fn of_defined(draws: &[f64], probabilities: &[f64]) -> Option<Vec<f64>> {
    let last = draws.len().checked_sub(1)?;
    let positions: Vec<f64> = probabilities.iter().map(|p| p.clamp(0.0, 1.0) * last as f64).collect();
    let ranks: Vec<usize> = positions
        .iter()
        .flat_map(|position| {
            let lower = position.floor() as usize;
            [lower, (lower + 1).min(last)]
        })
        .collect();
    let values = order_statistics(draws, &ranks)?;
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
    Some(between.collect())
}

const SAMPLE: usize = 4096;

/// The values with the given ranks (from 0), taken as pairs of neighbours; nothing when some
/// draw is undefined.
fn order_statistics(draws: &[f64], ranks: &[usize]) -> Option<Vec<f64>> {
    if draws.len() < 8 * SAMPLE {
        let mut sorted = draws.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let undefined = draws.iter().any(|d| d.is_nan());
        return (!undefined).then(|| ranks.iter().map(|&r| sorted[r]).collect());
    }
    // Draws are independent of their position, so every k-th is as good as a random sample.
    let mut sample: Vec<f64> = draws.iter().step_by(draws.len() / SAMPLE).copied().collect();
    sample.sort_unstable_by(f64::total_cmp);
    let brackets: Vec<Bracket> =
        ranks.chunks(2).map(|pair| Bracket::around(pair[0], draws.len(), &sample)).collect();
    let mut values = Vec::with_capacity(ranks.len());
    for (pairs, brackets) in ranks.chunks(4).zip(brackets.chunks(2)) {
        match *brackets {
            [first, second] => values.extend(select(draws, [first, second], pairs)?),
            _ => values.extend(select(draws, [brackets[0]], pairs)?),
        }
    }
    Some(values)
}

/// Bounds between which an order statistic almost surely lies.
#[derive(Clone, Copy)]
struct Bracket {
    low: f64,
    high: f64,
}

impl Bracket {
    /// Five standard deviations of the sample's rank to either side.
    fn around(rank: usize, draws: usize, sample: &[f64]) -> Self {
        let share = (rank as f64 + 0.5) / draws as f64;
        let centre = share * sample.len() as f64;
        let margin = 5.0 * (centre * (1.0 - share)).sqrt() + 3.0;
        let low = if centre < margin { f64::NEG_INFINITY } else { sample[(centre - margin) as usize] };
        let high = sample.get((centre + margin) as usize).copied().unwrap_or(f64::INFINITY);
        Self { low, high }
    }
}

/// One pass for B brackets: count the draws below each and keep those inside.
fn select<const B: usize>(draws: &[f64], brackets: [Bracket; B], ranks: &[usize]) -> Option<Vec<f64>> {
    // Without a branch: every draw is written, and the place moves on only for one inside.
    let room = draws.len() / 8;
    let mut inside: [Vec<f64>; B] = std::array::from_fn(|_| vec![0.0; room]);
    let (mut below, mut kept, mut undefined) = ([0; B], [0; B], 0);
    for part in draws.chunks(1024) {
        if kept.iter().any(|k| k + part.len() > room) {
            // Many equal draws: select among all.
            undefined = draws.iter().filter(|d| d.is_nan()).count();
            kept = [usize::MAX; B];
            break;
        }
        for &draw in part {
            undefined += usize::from(draw.is_nan());
            for b in 0..B {
                let under = usize::from(draw < brackets[b].low);
                inside[b][kept[b]] = draw;
                below[b] += under;
                kept[b] += usize::from(draw <= brackets[b].high) - under;
            }
        }
    }
    if undefined > 0 {
        return None;
    }
    let mut values = vec![];
    for (pair, (b, inside)) in ranks.chunks(2).zip(inside.iter_mut().enumerate()) {
        // A bracket that misses (once in a million) or overflows only costs a selection among all.
        if kept[b] > room || pair[0] < below[b] || pair[1] >= below[b] + kept[b] {
            inside.clear();
            inside.extend_from_slice(draws);
            below[b] = 0;
        } else {
            inside.truncate(kept[b]);
        }
        let (_, first, rest) = inside.select_nth_unstable_by(pair[0] - below[b], f64::total_cmp);
        let first = *first;
        let next = || rest.iter().copied().fold(f64::INFINITY, f64::min);
        values.extend([first, if pair[1] == pair[0] { first } else { next() }]);
    }
    Some(values)
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
        let mut many: Vec<f64> = (0..100_000).map(f64::from).collect();
        many[77] = f64::NAN;
        let (values, undefined) = quantiles(&many, &[0.0, 1.0]);
        assert_eq!((values[0], values[1], undefined), (0.0, 99_999.0, 1));
        assert!(quantiles(&[f64::NAN], &[0.5]).0[0].is_nan());
    }
}
