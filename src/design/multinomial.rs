//! Multinomial counts: a balanced tree of binomial splits.
//!
//! Each inner node sends Bin(m, p) of its m draws to its left half. The number m that reaches a
//! node lies between bounds known beforehand (`low..=high`). While memory allows, the node holds an
//! alias table for each m, and a split costs one random word and one look-up. Otherwise m is large or
//! there are many nodes, and [`binomial`] computes the split.
//!
//! Exact up to the tables' resolution: a cell's probability is right to 2^-32 / (cells in the
//! table), and tails below 2^-64 of the mode are left out.
//!
//! Cost: 3 ns a split from tables plus a cache miss where they are large, 20 to 30 ns otherwise.

use std::sync::OnceLock;

use rand::Rng;

use super::binomial;
use crate::stream::Stream;

/// Alias entries that the nodes of one survey may spend: 2 MiB.
const ENTRIES: usize = 1 << 18;

/// Half of a cell keeps its own value, the rest goes to `other` (Walker 1977, Vose 1991).
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// The cell's own share, in units of 2^-32.
    own: u32,
    /// The value taken otherwise, relative to the table's first.
    other: u32,
}

/// A run of entries: the distribution of `first + 0, first + 1, ...`.
#[derive(Clone, Copy, Debug)]
struct Table {
    start: u32,
    len: u32,
    first: u32,
}

impl Table {
    fn last(&self) -> u32 {
        self.first + self.len - 1
    }
}

/// A node: of the draws at cell `at`, some stay in `at..middle`, the others go to `middle..`.
#[derive(Clone, Copy, Debug)]
struct Split {
    at: u32,
    middle: u32,
    /// The share that stays.
    p: f64,
    /// The fewest draws that reach the node.
    low: u32,
    how: How,
}

#[derive(Clone, Copy, Debug)]
enum How {
    /// m is always `low`, and this is the table of Bin(low, p).
    Certain(Table),
    /// Position in `tables` of Bin(low, p); Bin(low + 1, p) and so on follow.
    Tables(u32),
    /// No tables.
    Computed,
}

/// Counts of a multinomial distribution with a fixed number of draws.
#[derive(Clone, Debug)]
pub struct Multinomial {
    draws: u32,
    weights: Vec<f64>,
    share: f64,
    /// Made when counts are first drawn: many who ask take linearised intervals, which draw nothing.
    tree: OnceLock<Tree>,
}

/// The splits, with their tables.
#[derive(Clone, Debug, Default)]
struct Tree {
    splits: Vec<Split>,
    tables: Vec<Table>,
    entries: Vec<Entry>,
}

impl Multinomial {
    /// `weights` are the cells' relative probabilities, all positive; `share` is the part of
    /// the table budget that this distribution may use (0 to 1).
    pub fn new(draws: u32, weights: &[f64], share: f64) -> Self {
        Self { draws, weights: weights.to_vec(), share, tree: OnceLock::new() }
    }

    /// The number of cells.
    pub fn cells(&self) -> usize {
        self.weights.len()
    }

    /// Draw for every stream the counts of all cells into `counts` (cells x streams).
    ///
    /// Split by split, so that a split's tables stay at hand while the streams pass.
    pub fn draw(&self, streams: &mut [Stream], counts: &mut [u32]) {
        let n = streams.len();
        counts[..n].fill(self.draws);
        let tree = self.tree.get_or_init(|| Tree::new(self.draws, &self.weights, self.share));
        for split in &tree.splits {
            let (head, tail) = counts.split_at_mut(split.middle as usize * n);
            let left = &mut head[split.at as usize * n..][..n];
            let draws = left.iter_mut().zip(&mut tail[..n]).zip(&mut *streams);
            match split.how {
                How::Certain(table) => {
                    let entries = tree.entries(table);
                    for ((left, right), stream) in draws {
                        let m = *left;
                        *left = table.first + look_up(entries, stream);
                        *right = m - *left;
                    }
                }
                How::Tables(first) => {
                    for ((left, right), stream) in draws {
                        let m = *left;
                        let table = tree.tables[(first + m - split.low) as usize];
                        *left = table.first + look_up(tree.entries(table), stream);
                        *right = m - *left;
                    }
                }
                How::Computed => {
                    for ((left, right), stream) in draws {
                        let m = *left;
                        *left = binomial::draw(m, split.p, stream);
                        *right = m - *left;
                    }
                }
            }
        }
    }
}

impl Tree {
    fn new(draws: u32, weights: &[f64], share: f64) -> Self {
        let mut cumulative = Vec::with_capacity(weights.len() + 1);
        cumulative.push(0.0);
        let mut sum = 0.0;
        for weight in weights {
            sum += weight;
            cumulative.push(sum);
        }
        let mut made = Self::default();
        let nodes = weights.len().saturating_sub(1).max(1);
        let budget = (ENTRIES as f64 * share) as usize / nodes;
        made.split(&cumulative, 0, weights.len(), (draws, draws), budget);
        made
    }

    fn entries(&self, table: Table) -> &[Entry] {
        &self.entries[table.start as usize..][..table.len as usize]
    }

    /// Nodes in preorder: a parent has written a child's number before the child reads it.
    fn split(&mut self, cumulative: &[f64], from: usize, to: usize, reach: (u32, u32), budget: usize) {
        if to - from < 2 {
            return;
        }
        let middle = usize::midpoint(from, to);
        let mass = cumulative[to] - cumulative[from];
        // Cells so light that their sum is lost beside the others: no draw reaches them.
        let p = if mass > 0.0 { (cumulative[middle] - cumulative[from]) / mass } else { 0.5 };
        let (low, high) = reach;
        let range = (high - low) as usize + 1;
        let affordable = range.saturating_mul(window_size(high, p)) <= budget || range == 1 && budget > 0;
        let (mut left, mut right) = ((0, high), (0, high));
        let mut how = How::Computed;
        if affordable {
            // What either half can receive, from the tables themselves: a child never meets an m
            // that it holds no table for.
            (left, right) = ((u32::MAX, 0), (u32::MAX, 0));
            let first = self.tables.len() as u32;
            for m in low..=high {
                let table = self.table(m, p);
                left = (left.0.min(table.first), left.1.max(table.last()));
                right = (right.0.min(m - table.last()), right.1.max(m - table.first));
            }
            how = if range == 1 { How::Certain(self.tables[first as usize]) } else { How::Tables(first) };
        }
        self.splits.push(Split { at: from as u32, middle: middle as u32, p, low, how });
        self.split(cumulative, from, middle, left, budget);
        self.split(cumulative, middle, to, right, budget);
    }

    /// Append the alias table of Bin(trials, p).
    fn table(&mut self, trials: u32, p: f64) -> Table {
        let (first, mass) = binomial_mass(trials, p);
        let start = self.entries.len() as u32;
        self.entries.extend(alias(&mass));
        let table = Table { start, len: mass.len() as u32, first };
        self.tables.push(table);
        table
    }
}

/// One word: its high half picks a cell, its low half decides whose value the cell gives.
#[inline]
fn look_up(entries: &[Entry], stream: &mut Stream) -> u32 {
    let wide = u128::from(stream.next_u64()) * entries.len() as u128;
    let cell = (wide >> 64) as u32;
    let entry = entries[cell as usize];
    let below = ((wide as u64) >> 32) as u32;
    // Chance decides here: a branch would be mispredicted as often as not.
    std::hint::select_unpredictable(below < entry.own, cell, entry.other)
}

/// Roughly how many values Bin(n, p) takes above 2^-64 of its mass.
fn window_size(n: u32, p: f64) -> usize {
    let sd = (f64::from(n) * p * (1.0 - p)).sqrt();
    ((19.0 * sd) as usize + 20).min(n as usize + 1)
}

/// The probabilities of Bin(n, p) outward from the mode, cut where they fall below 2^-64 of it.
fn binomial_mass(n: u32, p: f64) -> (u32, Vec<f64>) {
    const CUT: f64 = 1.0 / 18_446_744_073_709_551_616.0;
    let odds = p / (1.0 - p);
    let mode = (((f64::from(n) + 1.0) * p) as u32).min(n);
    let mut below = vec![];
    let (mut k, mut mass) = (mode, 1.0);
    while k > 0 {
        mass *= f64::from(k) / (f64::from(n - k + 1) * odds);
        if mass < CUT {
            break;
        }
        below.push(mass);
        k -= 1;
    }
    let first = mode - below.len() as u32;
    let mut all: Vec<f64> = below.into_iter().rev().collect();
    all.push(1.0);
    (k, mass) = (mode, 1.0);
    while k < n {
        mass *= f64::from(n - k) / f64::from(k + 1) * odds;
        if mass < CUT {
            break;
        }
        all.push(mass);
        k += 1;
    }
    (first, all)
}

/// Vose's method: every cell is filled to the same height from its own mass and one other's.
fn alias(mass: &[f64]) -> Vec<Entry> {
    const UNIT: f64 = 4_294_967_296.0;
    let total: f64 = mass.iter().sum();
    let mut height: Vec<f64> = mass.iter().map(|m| m / total * mass.len() as f64).collect();
    let mut entries: Vec<Entry> = (0..mass.len()).map(|i| Entry { own: u32::MAX, other: i as u32 }).collect();
    let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..mass.len()).partition(|&i| height[i] < 1.0);
    while let (Some(&s), Some(&l)) = (small.last(), large.last()) {
        small.pop();
        entries[s] = Entry { own: (height[s] * UNIT) as u32, other: l as u32 };
        height[l] -= 1.0 - height[s];
        if height[l] < 1.0 {
            large.pop();
            small.push(l);
        }
    }
    // Cells left over are full up to rounding; `other` is the cell itself.
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Streams;
    use statrs::distribution::{Binomial, ChiSquared, ContinuousCDF, Discrete};

    fn counts(sampler: &Multinomial, n: u64) -> impl Iterator<Item = Vec<u32>> {
        let streams = Streams::new(1, 2);
        (0..n).map(move |i| {
            let mut counts = vec![0; sampler.cells()];
            sampler.draw(&mut [streams.replicate(i)], &mut counts);
            counts
        })
    }

    /// Goodness of fit of one cell's count to Binomial(n, p), p-value above 1e-4.
    fn fits_binomial(sampler: &Multinomial, cell: usize, n: u32, p: f64) {
        let draws = 200_000;
        let mut seen = vec![0u64; n as usize + 1];
        for c in counts(sampler, draws) {
            seen[c[cell] as usize] += 1;
        }
        let law = Binomial::new(p, u64::from(n)).unwrap();
        let (mut statistic, mut cells, mut expected, mut observed) = (0.0, 0, 0.0, 0.0);
        for (k, &count) in seen.iter().enumerate() {
            expected += law.pmf(k as u64) * draws as f64;
            observed += count as f64;
            if expected > 10.0 {
                statistic += (observed - expected).powi(2) / expected;
                cells += 1;
                (expected, observed) = (0.0, 0.0);
            }
        }
        let law = ChiSquared::new(f64::from(cells - 1)).unwrap();
        assert!(law.sf(statistic) > 1e-4, "chi-square {statistic} on {cells} cells");
    }

    #[test]
    fn one_word_splits_follow_the_binomial() {
        let weights = [240.0, 153.0, 39.0, 88.0];
        let sampler = Multinomial::new(520, &weights, 1.0);
        for (cell, weight) in weights.iter().enumerate() {
            fits_binomial(&sampler, cell, 520, weight / 520.0);
        }
    }

    #[test]
    fn computed_splits_follow_the_binomial() {
        // No budget: every split is computed, by rejection or, where m p is small, by inversion.
        let weights = [240.0, 153.0, 39.0, 88.0, 3.0];
        let sampler = Multinomial::new(523, &weights, 0.0);
        for (cell, weight) in weights.iter().enumerate() {
            fits_binomial(&sampler, cell, 523, weight / 523.0);
        }
    }

    #[test]
    fn counts_always_add_up_and_covary_as_a_multinomial() {
        let weights = [1.0, 2.0, 3.0, 4.0];
        let sampler = Multinomial::new(10_000, &weights, 0.01);
        let n = 50_000;
        let (mut first, mut second, mut product) = (0.0, 0.0, 0.0);
        for c in counts(&sampler, n) {
            assert_eq!(c.iter().sum::<u32>(), 10_000);
            let (a, b) = (f64::from(c[0]) - 1000.0, f64::from(c[3]) - 4000.0);
            (first, second, product) = (first + a, second + b, product + a * b);
        }
        let n = n as f64;
        // Closed form: covariance -n p q = -400; sd of a product is about 30 * 49.
        let covariance = product / n - first / n * second / n;
        assert!((covariance + 400.0).abs() < 4.0 * 30.0 * 49.0 / n.sqrt());
    }

    #[test]
    fn a_single_cell_takes_all() {
        let sampler = Multinomial::new(7, &[3.0], 1.0);
        assert!(counts(&sampler, 10).all(|c| c == [7]));
    }

    #[test]
    fn rare_and_nearly_certain_kinds_stay_in_range() {
        let sampler = Multinomial::new(1_000_000, &[1.0, 999_998.0, 1.0], 1.0);
        fits_rare(&sampler, 0);
        fits_rare(&sampler, 2);
    }

    /// A cell of mass 1e-6 in 1e6 draws is Poisson(1): mean 1, variance 1.
    fn fits_rare(sampler: &Multinomial, cell: usize) {
        let n = 100_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for c in counts(sampler, n) {
            sum += f64::from(c[cell]);
            squares += f64::from(c[cell]).powi(2);
        }
        let mean = sum / n as f64;
        let variance = squares / n as f64 - mean * mean;
        assert!((mean - 1.0).abs() < 4.0 / (n as f64).sqrt());
        assert!((variance - 1.0).abs() < 4.0 * (3.0 / n as f64).sqrt());
    }
}
