//! How many people there are, from a sample alone whose members came in order of size (Handcock, Gile and Mar 2014, 2015).
//!
//! Everybody arrives after an exponential time with rate d, their size; the n first are the sample, the last of them at time r. With
//! sizes that are independent with probabilities π(θ) on 1..K,
//!
//! p(θ, N, r) ∝ p(θ) p(N) N!/(N-n)! g^(N-n) f(r) Π π_{d_i}(θ),  g = Σ_k π_k(θ) exp(-k r),
//!
//! where f, the density of a sum of exponential times with rates d_i + ... + d_n, depends on neither θ nor N. Three dimensions are left,
//! and the sum over N is a function of g alone: both are tabulated once, and θ and r go through grids. There are no chains and no Monte
//! Carlo error.
//!
//! What it costs: (pairs of θ: some thousand) x (times r: some hundred) x K multiplications, of g.

mod arrival;
mod family;
mod people;
mod search;

use ndarray::Array2;

use crate::error::{Error, Result};
use crate::parallel;
use arrival::Arrival;
pub use family::{Family, SizePrior};
use people::People;
use search::{Mode, mode};

/// Logarithms below the highest that are worth a node of a grid.
const DEEP: f64 = 36.0;
/// Nodes for each conditional standard deviation: the trapezoidal rule errs by exp(-2π²/step²) on a bell.
const STEP: f64 = 0.5;
/// Nodes of one axis, at most.
const NODES: usize = 240;

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
    /// Logarithm of what depends on θ alone, and of π(θ); none where there is no such distribution.
    fn of_sizes(&self, at: [f64; 2]) -> Option<(f64, Vec<f64>)> {
        let sizes = self.family.log_probabilities(at, self.counts.len())?;
        let likelihood: f64 = sizes.iter().zip(self.counts).map(|(log, &n)| if n > 0.0 { n * log } else { 0.0 }).sum();
        let prior = self.prior.log_density(self.family, at, &sizes)?;
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
/// `sizes` are the participants' in order of arrival, from 1 to `most`; `log_prior` is that of n, n + 1, ... people.
///
/// # Errors
/// If the arguments don't describe such a sample, or the posterior can't be found.
pub fn size(
    sizes: &[u32],
    most: usize,
    family: Family,
    prior: SizePrior,
    log_prior: &[f64],
    threads: usize,
) -> Result<Size> {
    let n = sizes.len();
    if n < 2 || !(2..=100_000).contains(&most) || sizes.iter().any(|&size| size == 0 || size as usize > most) {
        return Err(Error::Argument(format!("sizes must be from 1 to {most}, of 2 participants or more")));
    }
    prior.check()?;
    let mut counts = vec![0.0; most];
    sizes.iter().for_each(|&size| counts[size as usize - 1] += 1.0);
    let arrival = Arrival::of(sizes);
    let mean = sizes.iter().map(|&size| f64::from(size)).sum::<f64>() / n as f64;
    let farthest = (n + log_prior.len()) as f64;
    let (first, last) = ((n as f64 / (farthest * mean)).min(arrival.mean()) / 8.0, arrival.mean() * 4.0);
    let people = People::new(n, log_prior, first, last * most as f64)?;
    let joint = Joint { family, prior, counts: &counts, people: &people };

    let (range, modes) = profile(&joint, &arrival, first, last)?;
    let grid = Grid::around(&joint, &modes);
    let step = (STEP / (n as f64).sqrt()).min(0.04);
    let times = spaced(range.0.ln(), range.1.ln(), step, 20 * NODES).into_iter().map(f64::exp).collect::<Vec<_>>();
    let highest = modes.iter().map(|(_, mode)| mode.height).fold(f64::NEG_INFINITY, f64::max);
    integrate(&joint, &arrival, &grid, &times, highest, threads)
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
        return Err(Error::Argument("no distribution of sizes fits these participants and this prior".into()));
    };
    Ok(((fast * 0.9, slow * 1.1), found))
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
    fn around(joint: &Joint, modes: &Modes) -> Self {
        // Each mode is taken to be a bell; the grid holds all of them, ten standard deviations around.
        let best = modes.iter().max_by(|a, b| a.1.height.total_cmp(&b.1.height)).expect("profile keeps the highest");
        let slope = -best.1.curvature[1] / best.1.curvature[0];
        let (mut low, mut high, mut finest) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2], [f64::INFINITY; 2]);
        for (_, mode) in modes {
            let [a, b, c] = mode.curvature;
            // Curvatures of (x1 - slope x2, x2).
            let (b, c) = (b + a * slope, c + 2.0 * b * slope + a * slope * slope);
            let rest = a * c - b * b;
            let wide = [(c / rest).sqrt(), (a / rest).sqrt()];
            let narrow = [a.sqrt().recip(), c.sqrt().recip()];
            let at = [mode.at[0] - slope * mode.at[1], mode.at[1]];
            for axis in 0..2 {
                low[axis] = low[axis].min(at[axis] - 10.0 * wide[axis]);
                high[axis] = high[axis].max(at[axis] + 10.0 * wide[axis]);
                finest[axis] = finest[axis].min(narrow[axis]);
            }
        }
        let least = joint.family.least();
        low[1] = low[1].max(least);
        let axis = |i: usize| spaced(low[i], high[i], STEP * finest[i], NODES);
        Self { x1: axis(0), x2: axis(1), slope, least }
    }

    fn len(&self) -> usize {
        self.x1.len() * self.x2.len()
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
    let part = 128;
    let parts = parallel::rows(grid.len().div_ceil(part), threads, |number| {
        let begin = number * part;
        let nodes: Vec<_> = (begin..(begin + part).min(grid.len()))
            .filter_map(|i| {
                let (at, weight) = grid.at(i);
                joint.of_sizes(at).map(|(alone, logs)| (alone + f64::ln(weight), logs))
            })
            .collect();
        let mut found = joint.people.empty(most);
        let sizes = Array2::from_shape_fn((nodes.len(), most), |(i, k)| nodes[i].1[k].exp());
        let unseen = sizes.dot(&decay);
        for (i, (alone, _)) in nodes.iter().enumerate() {
            let mut share = 0.0;
            for (outside, &unseen) in outside.iter().zip(unseen.row(i)) {
                // The sum over N is never above its prior's, so most pairs are known to be far off at once.
                let without = alone + outside - highest;
                if without + joint.people.highest() < -DEEP {
                    continue;
                }
                let weight = without + joint.people.log_sum(unseen);
                if weight > -DEEP {
                    let weight = weight.exp();
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
    parts.iter().for_each(|part| all.merge(part));
    let total: f64 = all.sizes.iter().sum();
    if !(total > 0.0 && total.is_finite()) {
        return Err(Error::Argument("the posterior can't be found: no pair of sizes and times has a probability".into()));
    }
    let sizes = all.sizes.iter().map(|sum| sum / total).collect();
    Ok(Size { people: joint.people.probabilities(&all)?, sizes })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beta(n: usize, most: usize, a: f64, b: f64) -> Vec<f64> {
        (n..=most).map(|all| (b - 1.0) * (all as f64 + 0.5 - n as f64).ln() - (a + b) * (all as f64 + 0.5).ln()).collect()
    }

    fn quantile(first: usize, p: &[f64], share: f64) -> usize {
        let mut sum = 0.0;
        first + p.iter().take_while(|p| { sum += **p; sum < share }).count()
    }

    #[test]
    #[ignore]
    fn probe() {
        let text = std::fs::read_to_string("/tmp/pse/sizes.txt").unwrap();
        let sizes: Vec<u32> = text.split_whitespace().map(|s| s.parse().unwrap()).collect();
        for jacobian in [false, true] {
            let prior = SizePrior { mean: 5.834_799_650_06, sd: 2.983_763_106_69, mean_weight: 1.0, sd_weight: 3.0, jacobian };
            let began = std::time::Instant::now();
            let found = size(&sizes, 35, Family::ConwayMaxwellPoisson, prior, &beta(500, 4392, 2.0, 2.084_908), 1).unwrap();
            let mean: f64 = found.people.iter().enumerate().map(|(i, p)| p * (500 + i) as f64).sum();
            println!("{jacobian} {:?} {mean} {:?} sum {}", began.elapsed(), [0.025, 0.25, 0.5, 0.75, 0.975].map(|q| quantile(500, &found.people, q)), found.people.iter().sum::<f64>());
        }
    }
}
