//! The sum over the number of people N, a function of the share g whose turn has not come.

use statrs::function::gamma::ln_gamma;

use crate::error::{Error, Result};

/// N that share one exponential.
const BLOCK: usize = 32;
/// Distance of tabulated log(-log g).
const WIDTH: f64 = 0.02;
/// Blocks whose largest term could be this far below the largest of all, in logarithms, add nothing to the digits of a sum.
const NOTHING: f64 = -45.0;

/// p(N) N!/(N-n)! g^(N-n), summed over N.
#[derive(Debug)]
pub(super) struct People {
    /// For each block of N: its largest logarithm, and what the terms are of it, before g enters.
    blocks: Vec<(f64, [f64; BLOCK])>,
    length: usize,
    /// log(-log g) of the first node, and at each node the logarithm of the sum and its slope.
    begin: f64,
    sums: Vec<(f64, f64)>,
    /// Distance of the nodes at which weights are collected: finer the more participants tell about N.
    width: f64,
}

/// Weights collected at nodes of log(-log g), and probabilities of sizes.
#[derive(Clone, Debug)]
pub(super) struct Collected {
    nodes: Vec<f64>,
    pub(super) sizes: Vec<f64>,
}

impl People {
    /// Tabulate for -log g from `least` to `most`.
    pub(super) fn new(n: usize, log_prior: &[f64], least: f64, most: f64) -> Result<Self> {
        if log_prior.iter().any(|p| p.is_nan() || *p == f64::INFINITY)
            || log_prior.iter().all(|p| !p.is_finite())
        {
            return Err(Error::Argument(
                "the prior of the number of people must be finite somewhere, and no NaN".into(),
            ));
        }
        let logs: Vec<f64> = log_prior
            .iter()
            .enumerate()
            .map(|(unseen, prior)| {
                prior + ln_gamma((n + unseen) as f64 + 1.0) - ln_gamma(unseen as f64 + 1.0)
            })
            .collect();
        let blocks: Vec<_> = logs
            .chunks(BLOCK)
            .map(|part| {
                let largest = part.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let mut terms = [0.0; BLOCK];
                if largest.is_finite() {
                    terms.iter_mut().zip(part).for_each(|(term, log)| *term = (log - largest).exp());
                }
                (largest, terms)
            })
            .collect();
        let begin = least.ln() - WIDTH;
        let nodes = ((most.ln() - begin) / WIDTH).ceil() as usize + 2;
        let width = WIDTH.min(0.25 / (n as f64).sqrt());
        let mut made = Self { blocks, length: logs.len(), begin, sums: Vec::new(), width };
        for node in 0..nodes {
            if crate::stop::stopped() {
                return Err(Error::Stopped);
            }
            made.sums.push(made.exactly(begin + node as f64 * WIDTH));
        }
        Ok(made)
    }

    /// Powers of g within a block, and its logarithm.
    fn powers(at: f64) -> ([f64; BLOCK], f64) {
        let log = -at.exp();
        let g = log.exp();
        let mut powers = [1.0; BLOCK];
        for i in 1..BLOCK {
            powers[i] = powers[i - 1] * g;
        }
        (powers, log)
    }

    /// Logarithm of the sum at log(-log g), and its slope there.
    fn exactly(&self, at: f64) -> (f64, f64) {
        let (powers, log) = Self::powers(at);
        let start = |block: usize| self.blocks[block].0 + log * (block * BLOCK) as f64;
        let largest = (0..self.blocks.len()).map(start).fold(f64::NEG_INFINITY, f64::max);
        let (mut sum, mut unseen) = (0.0, 0.0);
        for (block, (_, terms)) in self.blocks.iter().enumerate() {
            // Within a block terms only fall, by g.
            let below = start(block) - largest;
            if below < NOTHING {
                continue;
            }
            let scale = below.exp();
            let (mut here, mut times) = (0.0, 0.0);
            for i in 0..BLOCK {
                let term = terms[i] * powers[i];
                here += term;
                times += term * i as f64;
            }
            sum += scale * here;
            unseen += scale * (times + here * (block * BLOCK) as f64);
        }
        // d log sum / d log g is the mean number unseen; d log g / d log(-log g) is log g.
        (largest + sum.ln(), unseen / sum * log)
    }

    /// Logarithm of the sum, by cubic interpolation.
    pub(super) fn log_sum(&self, g: f64) -> f64 {
        let Some((t, [y0, d0, y1, d1])) = self.around(g) else { return f64::NEG_INFINITY };
        let rise = y1 - y0;
        y0 + t * (d0 + t * (3.0 * rise - 2.0 * d0 - d1 + t * (d0 + d1 - 2.0 * rise)))
    }

    /// The number of people unseen to be expected, by the slope of the same.
    pub(super) fn unseen(&self, g: f64) -> f64 {
        let Some((t, [y0, d0, y1, d1])) = self.around(g) else { return f64::NAN };
        let rise = y1 - y0;
        let slope = d0 + t * (2.0 * (3.0 * rise - 2.0 * d0 - d1) + t * 3.0 * (d0 + d1 - 2.0 * rise));
        (slope / (WIDTH * g.ln())).max(0.0)
    }

    /// Where g lies between two nodes, and what stands there: sums and their slopes.
    fn around(&self, g: f64) -> Option<(f64, [f64; 4])> {
        let place = ((-g.ln()).ln() - self.begin) / WIDTH;
        if place.is_nan() {
            return None;
        }
        let node = (place.max(0.0) as usize).min(self.sums.len() - 2);
        let t = (place - node as f64).clamp(0.0, 1.0);
        let ((y0, d0), (y1, d1)) = (self.sums[node], self.sums[node + 1]);
        Some((t, [y0, d0 * WIDTH, y1, d1 * WIDTH]))
    }

    /// Draw the number of people unseen, given g, at a uniform number.
    pub(super) fn draw(&self, g: f64, uniform: f64) -> usize {
        let at = (-g.ln()).ln();
        let (powers, log) = Self::powers(at);
        let sum = self.log_sum(g);
        let (mut left, mut last) = (uniform, 0);
        for (block, (largest, terms)) in self.blocks.iter().enumerate() {
            let below = largest + log * (block * BLOCK) as f64 - sum;
            if below < NOTHING {
                continue;
            }
            let scale = below.exp();
            for i in 0..BLOCK {
                let part = scale * terms[i] * powers[i];
                if part > 0.0 {
                    last = block * BLOCK + i;
                    left -= part;
                    if left < 0.0 {
                        return last;
                    }
                }
            }
        }
        last
    }

    pub(super) fn empty(&self, most: usize) -> Collected {
        let nodes = (self.sums.len() as f64 * WIDTH / self.width).ceil() as usize + 2;
        Collected { nodes: vec![0.0; nodes], sizes: vec![0.0; most] }
    }

    /// Probabilities of n, n + 1, ...: given g, N has its terms of the sum.
    pub(super) fn probabilities(&self, collected: &Collected) -> Result<Vec<f64>> {
        let mut found = vec![0.0; self.blocks.len() * BLOCK];
        let total: f64 = collected.nodes.iter().sum();
        for (node, weight) in
            collected.nodes.iter().enumerate().filter(|(_, weight)| **weight > total * 1e-18)
        {
            if crate::stop::stopped() {
                return Err(Error::Stopped);
            }
            let at = self.begin + node as f64 * self.width;
            let (powers, log) = Self::powers(at);
            let sum = self.exactly(at).0;
            for (block, (largest, terms)) in self.blocks.iter().enumerate() {
                let below = largest + log * (block * BLOCK) as f64 - sum;
                if below > NOTHING {
                    let scale = weight / total * below.exp();
                    let into = &mut found[block * BLOCK..(block + 1) * BLOCK];
                    for i in 0..BLOCK {
                        into[i] += scale * terms[i] * powers[i];
                    }
                }
            }
        }
        found.truncate(self.length);
        Ok(found)
    }
}

impl Collected {
    /// Add the weight of a pair of sizes and times, shared by the two nodes around it.
    pub(super) fn add(&mut self, people: &People, g: f64, weight: f64) {
        let place =
            (((-g.ln()).ln() - people.begin) / people.width).clamp(0.0, (self.nodes.len() - 2) as f64);
        let node = (place as usize).min(self.nodes.len() - 2);
        let right = place - node as f64;
        self.nodes[node] += weight * (1.0 - right);
        self.nodes[node + 1] += weight * right;
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.nodes.iter_mut().zip(&other.nodes).for_each(|(sum, more)| *sum += more);
        self.sizes.iter_mut().zip(&other.sizes).for_each(|(sum, more)| *sum += more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_a_flat_prior_the_sum_is_a_negative_binomial_series() {
        // Σ_m (n + m)!/m! g^m = n! / (1 - g)^(n + 1).
        let people = People::new(20, &vec![0.0; 20_000], 1e-3, 3.0).unwrap();
        for g in [0.1_f64, 0.5, 0.9, 0.98] {
            let closed = ln_gamma(21.0) - 21.0 * (1.0 - g).ln();
            assert!((people.log_sum(g) - closed).abs() < 1e-6, "{g}");
        }
    }

    #[test]
    fn a_prior_of_one_number_gives_it() {
        let mut prior = vec![f64::NEG_INFINITY; 500];
        prior[77] = 0.0;
        let people = People::new(10, &prior, 1e-3, 3.0).unwrap();
        let mut collected = people.empty(1);
        collected.add(&people, 0.6, 2.0);
        let found = people.probabilities(&collected).unwrap();
        assert!((found[77] - 1.0).abs() < 1e-12 && found.iter().sum::<f64>() < 1.0 + 1e-12);
    }

    #[test]
    fn numbers_that_are_drawn_have_the_mean_that_is_expected() {
        // With a flat prior the number unseen is negative binomial: (n + 1) g / (1 - g) of them, variance (n + 1) g / (1 - g)².
        let people = People::new(20, &vec![0.0; 20_000], 1e-3, 3.0).unwrap();
        for g in [0.3_f64, 0.9] {
            let mean = 21.0 * g / (1.0 - g);
            assert!((people.unseen(g) / mean - 1.0).abs() < 1e-4, "{g}: {}, {mean}", people.unseen(g));
            let draws = 2_000;
            let sum: usize =
                (0..draws).map(|i| people.draw(g, (f64::from(i) + 0.5) / f64::from(draws))).sum();
            let found = sum as f64 / f64::from(draws);
            assert!((found / mean - 1.0).abs() < 0.01, "{g}: {found}, {mean}");
        }
    }
}
