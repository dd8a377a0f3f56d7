//! How many people there are, from a sample alone whose members came in order of size (Handcock, Gile and Mar 2014, 2015).
//!
//! Everybody arrives after an exponential time with rate d, their size; the n first are the sample, the last of them at time r. With
//! sizes that are independent with probabilities π(θ) on 1..K,
//!
//! `p(θ, N, r) ∝ p(θ) p(N) N!/(N-n)! g^(N-n) f(r) Π π_{d_i}(θ)`, with `g = Σ_k π_k(θ) exp(-k r)`,
//!
//! where f, the density of a sum of exponential times with rates `d_i + ... + d_n`, depends on neither θ nor N. Three dimensions are left,
//! and the sum over N is a function of g alone: both are tabulated once, and θ and r go through grids. There are no chains and no Monte
//! Carlo error.
//!
//! What it costs: (pairs of θ: some thousand) x (times r: some hundred) x K multiplications, of g.

mod arrival;
mod family;
mod people;
mod recruiting;
mod reports;
mod search;
pub mod visible;
mod walk;

use ndarray::Array2;

use crate::error::{Error, Result};
use crate::parallel;
use arrival::Arrival;
pub use arrival::rates;
pub use family::{Family, SizePrior};
use people::People;
use search::{Mode, mode};

/// Logarithms below the highest that are worth a node of a grid.
const DEEP: f64 = 28.0;
/// Nodes for each conditional standard deviation: the trapezoidal rule errs by exp(-2π²/step²) on a bell, 1e-17 here.
const STEP: f64 = 0.7;
/// Standard deviations around a mode that a grid holds.
const REACH: f64 = 8.0;
/// Nodes, and times, of which one is looked at first.
const COARSE: usize = 2;
/// Nodes that a thread takes at once.
const PART: usize = 128;
/// Times, at most.
const TIMES: usize = 5_000;
/// Nodes of one axis, at most; where twice as many are wanted, the distribution of sizes is next to undetermined, and refused.
const NODES: usize = 200;

/// What was found.
#[derive(Debug)]
pub struct Size {
    /// Probabilities of n, n + 1, ... people.
    pub people: Vec<f64>,
    /// Probabilities of the sizes 1..K among all people.
    pub sizes: Vec<f64>,
}

/// The joint density of θ and r, with its parts.
struct Joint<'a> {
    family: Family,
    prior: SizePrior,
    /// Participants of each size 1..K.
    counts: &'a [f64],
    people: &'a People,
}

impl Joint<'_> {
    /// Logarithm of what depends on θ alone, but for the prior's change of variables, and of π(θ); none where there is no such distribution.
    fn of_sizes(&self, at: [f64; 2]) -> Option<(f64, Vec<f64>)> {
        let sizes = self.family.log_probabilities(at, self.counts.len())?;
        let likelihood: f64 =
            sizes.iter().zip(self.counts).map(|(log, &n)| if n > 0.0 { n * log } else { 0.0 }).sum();
        let prior = self.prior.log_density(&sizes)?;
        Some((prior + likelihood, sizes))
    }

    /// The same with those who were not seen by r.
    fn at(&self, at: [f64; 2], r: f64) -> f64 {
        let Some((alone, sizes)) = self.of_sizes(at) else { return f64::NEG_INFINITY };
        let unseen: f64 = sizes.iter().enumerate().map(|(k, log)| (log - (k + 1) as f64 * r).exp()).sum();
        alone + self.people.log_sum(unseen)
    }
}

/// Posterior probabilities of the number of people.
///
/// `sizes` are the participants', from 1 to `most`, and `arrivals` the [`rates`] of their order; `log_prior` is that of n, n + 1, ...
/// people.
///
/// Several samples of one population are one whose last arrival is the sum of theirs: with times `r_1`, `r_2`, ... of the last arrivals,
/// somebody in none of them has not come by their sum, and those in one sample but not in another bring `exp(-d r)` of that other. So
/// `sizes` are of the n different people in all samples, and `arrivals` the rates of each sample with the sizes of those who are only in
/// others added: given their sum, nothing else depends on the times.
///
/// # Errors
/// If the arguments don't describe such a sample, or the posterior can't be found.
pub fn size(
    sizes: &[u32],
    arrivals: &[f64],
    most: usize,
    family: Family,
    prior: SizePrior,
    log_prior: &[f64],
    threads: usize,
) -> Result<Size> {
    let n = sizes.len();
    if n < 2 || !(2..=10_000).contains(&most) || sizes.iter().any(|&size| size == 0 || size as usize > most) {
        return Err(Error::Argument(format!("sizes must be from 1 to {most}, of 2 participants or more")));
    }
    prior.check()?;
    let mut counts = vec![0.0; most];
    for &size in sizes {
        counts[size as usize - 1] += 1.0;
    }
    let arrival = Arrival::new(arrivals)
        .ok_or_else(|| Error::Argument("rates of arrivals must be finite and above 0".into()))?;
    let (first, last) = reach(sizes, &arrival, log_prior.len());
    let people = People::new(n, log_prior, first, last * most as f64)?;
    let joint = Joint { family, prior, counts: &counts, people: &people };

    let (range, modes) = profile(&joint, &arrival, first, last)?;
    let grid = Grid::around(&joint, &modes)?;
    let step = (STEP / (arrival.count() as f64).sqrt()).min(0.04);
    let times = spaced(range.0.ln(), range.1.ln(), step, TIMES).into_iter().map(f64::exp).collect::<Vec<_>>();
    let highest = modes.iter().map(|(_, mode)| mode.height).fold(f64::NEG_INFINITY, f64::max);
    integrate(&joint, &arrival, &grid, &times, highest, threads)
}

/// Times of the last arrival, from before any that matters to after.
fn reach(sizes: &[u32], arrival: &Arrival, priors: usize) -> (f64, f64) {
    let n = sizes.len() as f64;
    let mean = sizes.iter().map(|&size| f64::from(size)).sum::<f64>() / n;
    let earliest = arrival.count() as f64 / ((n + priors as f64) * mean);
    (earliest.min(arrival.mean()) / 8.0, arrival.mean() * 4.0)
}

type Modes = Vec<(f64, Mode)>;

/// The times that matter, and the likeliest θ at each of some of them.
fn profile(joint: &Joint, arrival: &Arrival, first: f64, last: f64) -> Result<((f64, f64), Modes)> {
    let mut start = joint.family.start(joint.counts);
    let mut found: Modes = Vec::new();
    let logs = spaced(first.ln(), last.ln(), 0.1, 400);
    for &log in logs.iter().rev() {
        if crate::stop::stopped() {
            return Err(Error::Stopped);
        }
        let r = log.exp();
        // The scale of log r, on which the grid is even.
        let outside = arrival.log_density(r) + log;
        if let Some(mut best) = mode(|at| joint.at(at, r), start, joint.family.least()) {
            start = best.at;
            best.height += outside;
            if best.height.is_finite() {
                found.push((r, best));
            }
        }
    }
    let highest = found.iter().map(|(_, mode)| mode.height).fold(f64::NEG_INFINITY, f64::max);
    found.retain(|(_, mode)| mode.height > highest - DEEP);
    let (Some((slow, _)), Some((fast, _))) = (found.first(), found.last()) else {
        return Err(nothing_fits());
    };
    Ok(((fast * 0.9, slow * 1.1), found))
}

fn nothing_fits() -> Error {
    Error::Argument("no distribution of sizes fits these participants and this prior".into())
}

/// Numbers from `low` to `high`, evenly, `step` or less apart unless they were more than `most`.
fn spaced(low: f64, high: f64, step: f64, most: usize) -> Vec<f64> {
    let intervals = (((high - low) / step).ceil() as usize).clamp(1, most);
    (0..=intervals).map(|i| low + (high - low) * i as f64 / intervals as f64).collect()
}

/// Pairs θ, evenly spaced along x2 and, at each x2, along x1 less what x1 moves with x2.
struct Grid {
    x1: Vec<f64>,
    x2: Vec<f64>,
    slope: f64,
    least: f64,
}

impl Grid {
    fn around(joint: &Joint, modes: &Modes) -> Result<Self> {
        // Each mode is taken to be a bell; the grid holds all of them, with what is around.
        let Some(best) = modes.iter().max_by(|a, b| a.1.height.total_cmp(&b.1.height)) else {
            return Err(nothing_fits());
        };
        let slope = -best.1.curvature[1] / best.1.curvature[0];
        let (mut low, mut high, mut finest) =
            ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2], [f64::INFINITY; 2]);
        for (_, mode) in modes {
            let [a, b, c] = mode.curvature;
            // Curvatures of (x1 - slope x2, x2).
            let (b, c) = (b + a * slope, c + 2.0 * b * slope + a * slope * slope);
            let rest = a * c - b * b;
            let wide = [(c / rest).sqrt(), (a / rest).sqrt()];
            let narrow = [a.sqrt().recip(), c.sqrt().recip()];
            let at = [mode.at[0] - slope * mode.at[1], mode.at[1]];
            for axis in 0..2 {
                low[axis] = low[axis].min(at[axis] - REACH * wide[axis]);
                high[axis] = high[axis].max(at[axis] + REACH * wide[axis]);
                finest[axis] = finest[axis].min(narrow[axis]);
            }
        }
        let least = joint.family.least();
        low[1] = low[1].max(least);
        let wanted = (0..2).map(|i| (high[i] - low[i]) / (STEP * finest[i])).fold(0.0, f64::max);
        if wanted.is_nan() || wanted > (2 * NODES) as f64 {
            return Err(Error::Argument(
                "these sizes and this prior say too little of how sizes are distributed: take another distribution of sizes, or a \
                 narrower prior of their mean and spread"
                    .into(),
            ));
        }
        let axis = |i: usize| spaced(low[i], high[i], STEP * finest[i], NODES);
        Ok(Self { x1: axis(0), x2: axis(1), slope, least })
    }

    /// A pair, and its weight: half on the edge of what is allowed.
    fn at(&self, i: usize) -> ([f64; 2], f64) {
        let (one, two) = (self.x1[i % self.x1.len()], self.x2[i / self.x1.len()]);
        ([one + self.slope * two, two], if two <= self.least { 0.5 } else { 1.0 })
    }
}

/// Go through the grids.
fn integrate(
    joint: &Joint,
    arrival: &Arrival,
    grid: &Grid,
    times: &[f64],
    highest: f64,
    threads: usize,
) -> Result<Size> {
    let most = joint.counts.len();
    let outside: Vec<f64> = times.iter().map(|&r| arrival.log_density(r) + r.ln()).collect();
    let decay = Array2::from_shape_fn((most, times.len()), |(k, i)| (-((k + 1) as f64) * times[i]).exp());
    let chosen = relevant(joint, grid, times, &outside, highest, threads)?;
    let parts = parallel::rows(chosen.len().div_ceil(PART), threads, |number| {
        let begin = number * PART;
        let nodes: Vec<_> = chosen[begin..(begin + PART).min(chosen.len())]
            .iter()
            .filter_map(|&i| {
                let (at, weight) = grid.at(i);
                joint.of_sizes(at).map(|(alone, logs)| (at, weight, alone, logs))
            })
            .collect();
        let mut found = joint.people.empty(most);
        let sizes = Array2::from_shape_fn((nodes.len(), most), |(i, k)| nodes[i].3[k].exp());
        let unseen = sizes.dot(&decay);
        for (i, (at, weight, alone, logs)) in nodes.iter().enumerate() {
            let mut turned = None;
            let mut share = 0.0;
            for (outside, &unseen) in outside.iter().zip(unseen.row(i)) {
                let height = alone + outside - highest + joint.people.log_sum(unseen);
                if height > -DEEP {
                    let turned =
                        *turned.get_or_insert_with(|| weight * joint.prior.turned(joint.family, *at, logs));
                    let weight = height.exp() * turned;
                    share += weight;
                    found.add(joint.people, unseen, weight);
                }
            }
            if share > 0.0 {
                found.sizes.iter_mut().zip(sizes.row(i)).for_each(|(sum, p)| *sum += share * p);
            }
        }
        found
    })?;
    let mut all = joint.people.empty(most);
    for part in &parts {
        all.merge(part);
    }
    let total: f64 = all.sizes.iter().sum();
    if !(total > 0.0 && total.is_finite()) {
        return Err(Error::Argument(
            "the posterior can't be found: no pair of sizes and times has a probability".into(),
        ));
    }
    let sizes = all.sizes.iter().map(|sum| sum / total).collect();
    Ok(Size { people: joint.people.probabilities(&all)?, sizes })
}

/// The nodes that matter: those around every [`COARSE`]th that does, at every [`COARSE`]th time.
fn relevant(
    joint: &Joint,
    grid: &Grid,
    times: &[f64],
    outside: &[f64],
    highest: f64,
    threads: usize,
) -> Result<Vec<usize>> {
    let (wide, long) = (grid.x1.len(), grid.x2.len());
    let (columns, rows) = (wide.div_ceil(COARSE), long.div_ceil(COARSE));
    let matters = parallel::rows(columns * rows, threads, |block| {
        let (one, two) = (block % columns * COARSE, block / columns * COARSE);
        let Some((alone, logs)) = joint.of_sizes(grid.at(two * wide + one).0) else { return false };
        let sizes: Vec<f64> = logs.iter().map(|log| log.exp()).collect();
        times.iter().zip(outside).step_by(COARSE).any(|(&r, outside)| {
            let decay = (-r).exp();
            // Horner: π_1 e^-r + π_2 e^-2r + ...
            let unseen = sizes.iter().rev().fold(0.0, |sum, p| (sum + p) * decay);
            alone + outside - highest + joint.people.log_sum(unseen) > -DEEP
        })
    })?;
    let near =
        |place: usize, last: usize| (place / COARSE).saturating_sub(1)..=(place / COARSE + 2).min(last - 1);
    let kept = |i: usize| {
        let (one, two) = (i % wide, i / wide);
        near(two, rows).any(|row| near(one, columns).any(|column| matters[row * columns + column]))
    };
    Ok((0..wide * long).filter(|&i| kept(i)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beta(n: usize, most: usize, a: f64, b: f64) -> Vec<f64> {
        (n..=most)
            .map(|all| (b - 1.0) * (all as f64 + 0.5 - n as f64).ln() - (a + b) * (all as f64 + 0.5).ln())
            .collect()
    }

    fn quantile(first: usize, p: &[f64], share: f64) -> usize {
        let mut sum = 0.0;
        first
            + p.iter()
                .take_while(|p| {
                    sum += **p;
                    sum < share
                })
                .count()
    }

    /// Sizes of `fauxmadrona` (R package RDS) in their order, and what it should find.
    const SIZES: &str = include_str!("fauxmadrona.txt");

    #[test]
    fn the_reference_sample_gives_what_long_chains_converge_to() {
        // By an independent quadrature; sspse 1.1.0-6 gives 1544 with 150,000 iterations (Monte Carlo error 35).
        let sizes: Vec<u32> = SIZES.split_whitespace().map(|size| size.parse().unwrap()).collect();
        for (jacobian, mean, quantiles) in
            [(false, 1515.4, [772, 1037, 1306, 1769, 3498]), (true, 1490.0, [768, 1025, 1284, 1731, 3446])]
        {
            let prior = SizePrior {
                mean: 5.834_799_650_06,
                sd: 2.983_763_106_69,
                mean_weight: 1.0,
                sd_weight: 3.0,
                jacobian,
            };
            let log_prior = beta(500, 4392, 2.0, 2.084_908);
            let found =
                size(&sizes, &rates(&sizes), 35, Family::ConwayMaxwellPoisson, prior, &log_prior, 1).unwrap();
            let average: f64 = found.people.iter().enumerate().map(|(i, p)| p * (500 + i) as f64).sum();
            assert!((average - mean).abs() < 0.3, "{average}");
            assert_eq!([0.025, 0.25, 0.5, 0.75, 0.975].map(|q| quantile(500, &found.people, q)), quantiles);
            assert!((found.sizes.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn what_is_no_sample_is_refused() {
        let prior = SizePrior { mean: 4.0, sd: 2.0, mean_weight: 1.0, sd_weight: 3.0, jacobian: true };
        let call = |sizes: &[u32], most, prior, log_prior: &[f64]| {
            size(sizes, &rates(sizes), most, Family::ConwayMaxwellPoisson, prior, log_prior, 1).is_err()
        };
        assert!(call(&[3], 10, prior, &[0.0; 50]));
        assert!(call(&[3, 0], 10, prior, &[0.0; 50]));
        assert!(call(&[3, 11], 10, prior, &[0.0; 50]));
        assert!(call(&[3, 4], 10, prior, &[]));
        assert!(call(&[3, 4], 10, prior, &[f64::NEG_INFINITY; 50]));
        assert!(call(&[3, 4], 10, SizePrior { sd: f64::NAN, ..prior }, &[0.0; 50]));
    }

    #[test]
    fn few_people_and_extreme_sizes_end_too() {
        let prior = SizePrior { mean: 4.0, sd: 2.0, mean_weight: 1.0, sd_weight: 3.0, jacobian: true };
        for family in [Family::ConwayMaxwellPoisson, Family::NegativeBinomial, Family::PoissonLognormal] {
            for sizes in [vec![1, 1], vec![40, 1, 1, 40], vec![1; 30], vec![40; 30], vec![5, 4, 3, 2, 1]] {
                let found = size(&sizes, &rates(&sizes), 40, family, prior, &[0.0; 500], 1);
                if let Ok(found) = found {
                    assert!((found.people.iter().sum::<f64>() - 1.0).abs() < 1e-6, "{family:?} {sizes:?}");
                }
            }
        }
    }
}
