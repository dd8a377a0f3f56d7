//! People unseen by all lists, averaged over decomposable graphs (Madigan and York 1997,
//! Biometrika 84:19-31): the posterior itself, on a grid.
//!
//! With N = n + u people, u of them unseen, cell probabilities that have the hyper-Dirichlet law of a
//! graph (delta for each of the 2^k cells) integrate out in closed form (Dawid and Lauritzen 1993,
//! Annals of Statistics 21:1272-1317):
//!
//! `P(counts | N, graph) = N! / (u! prod n_h!) prod over cliques M(C) / prod over separators M(S)`,
//!
//! where, with the table of the lists A alone, a = delta 2^(k - |A|) for each of its cells,
//! `M(A) = Gamma(delta 2^k) / Gamma(delta 2^k + N) prod over cells Gamma(a + m) / Gamma(a)`.
//!
//! Only the cell of people on none of A depends on u. So a set of lists costs one logarithm for each
//! u, a graph one addition for each factor and u, and an exponential only where it matters: 44,000
//! values of u in 61 graphs take a few milliseconds.

use libm::{exp, lgamma, log};

use super::graphs::Graph;
use crate::error::{Error, Result};
use crate::parallel;

/// Values of u that are computed together: they stay in the fastest cache.
const BLOCK: usize = 256;
/// Values of u that have a place: a gigabyte of probabilities.
const MOST_UNSEEN: usize = 1 << 27;
/// Smaller than the largest value by this much on the log scale, a value is no part of any digit.
const NEGLIGIBLE: f64 = 60.0;

/// What is believed of the number of people before the lists are seen.
#[derive(Clone, Copy, Debug)]
pub enum Prior<'a> {
    /// p(N) proportional to 1 / N.
    LogUniform,
    /// p(N) constant.
    Uniform,
    /// Weights of u = 0, 1, 2, ...
    Weights(&'a [f64]),
}

/// The posterior.
#[derive(Clone, Debug, PartialEq)]
pub struct Posterior {
    /// Probability of u = 0, 1, ..., up to the cut-off.
    pub missed: Vec<f64>,
    /// Probability of each graph.
    pub graphs: Vec<f64>,
}

/// Average over graphs; `counts` are people by history, of which history 0 is not looked at.
///
/// # Errors
/// When delta is not above zero, or weights of the prior are not as many as values of u.
pub fn average(
    counts: &[f64],
    graphs: &[Graph],
    delta: f64,
    prior: Prior,
    most: usize,
    threads: usize,
) -> Result<Posterior> {
    if !(delta > 0.0 && delta.is_finite()) {
        return Err(Error::Argument(format!("delta is {delta}; a prior of cells needs a number above zero")));
    }
    if let Prior::Weights(weights) = prior
        && weights.len().checked_sub(1) != Some(most)
    {
        return Err(Error::Length {
            what: "the prior",
            expected: most.saturating_add(1),
            got: weights.len(),
        });
    }
    if most > MOST_UNSEEN {
        return Err(Error::Argument(format!(
            "{most} people unseen are more than {MOST_UNSEEN}, the longest list of them"
        )));
    }
    if let Some(row) = counts.iter().position(|c| !c.is_finite() || *c < 0.0) {
        return Err(Error::NotFinite { what: "a table", row });
    }
    let terms = Terms::new(counts, graphs, delta, prior);
    let blocks = (most + 1).div_ceil(BLOCK);
    let length = |block: usize| BLOCK.min(most + 1 - block * BLOCK);
    // The first value of each block says from where on values matter; the largest lies above.
    let firsts = parallel::rows(blocks, threads, |block| terms.values(block * BLOCK, 1).1)?;
    let floor = firsts.into_iter().fold(f64::NEG_INFINITY, f64::max) - NEGLIGIBLE;
    let parts = parallel::rows(blocks, threads, |block| terms.block(block * BLOCK, length(block), floor))?;
    let top = parts.iter().fold(f64::NEG_INFINITY, |top, part| top.max(part.scale));
    if top == f64::NEG_INFINITY {
        return Err(Error::Argument("the prior gives no number of people any weight".into()));
    }
    let mut missed = Vec::with_capacity(most + 1);
    let mut weights = vec![0.0; graphs.len()];
    for (block, part) in parts.into_iter().enumerate() {
        let factor = exp(part.scale - top);
        if part.missed.is_empty() {
            missed.resize(missed.len() + length(block), 0.0);
        } else {
            missed.extend(part.missed.iter().map(|value| value * factor));
            weights.iter_mut().zip(part.graphs).for_each(|(sum, value)| *sum += value * factor);
        }
    }
    let total: f64 = missed.iter().sum();
    missed.iter_mut().chain(&mut weights).for_each(|value| *value /= total);
    Ok(Posterior { missed, graphs: weights })
}

/// Part of the posterior, relative to exp(scale); empty where nothing matters.
struct Part {
    scale: f64,
    missed: Vec<f64>,
    graphs: Vec<f64>,
}

/// What a block is computed from.
struct Terms<'a> {
    seen: f64,
    /// delta 2^k.
    total: f64,
    prior: Prior<'a>,
    /// Sets of lists that are a factor of some graph: a + people seen on none of them.
    sets: Vec<f64>,
    /// Each graph's factors by place among `sets`, and its constant.
    graphs: Vec<(Vec<(usize, f64)>, f64)>,
}

impl<'a> Terms<'a> {
    fn new(counts: &[f64], graphs: &[Graph], delta: f64, prior: Prior<'a>) -> Self {
        let cells = counts.len();
        let total = delta * cells as f64;
        let mut place = vec![usize::MAX; cells];
        let (mut sets, mut constants) = (vec![], vec![]);
        for &(set, _) in graphs.iter().flat_map(|graph| &graph.factors) {
            if place[set] != usize::MAX {
                continue;
            }
            place[set] = sets.len();
            let each = total / f64::from(1_u32 << set.count_ones());
            let mut table = vec![0.0; cells];
            for (history, people) in counts.iter().enumerate().skip(1) {
                table[history & set] += people;
            }
            let seen = (1..cells).filter(|cell| cell & set == *cell);
            let logs: f64 = seen.map(|cell| lgamma(each + table[cell]) - lgamma(each)).sum();
            constants.push(lgamma(total) - lgamma(each) + logs);
            sets.push(each + table[0]);
        }
        let factors = |graph: &Graph| {
            let parts: Vec<(usize, f64)> =
                graph.factors.iter().map(|&(set, exponent)| (place[set], f64::from(exponent))).collect();
            let constant = parts.iter().map(|&(set, exponent)| exponent * constants[set]).sum();
            (parts, constant)
        };
        let graphs = graphs.iter().map(factors).collect();
        Self { seen: counts.iter().skip(1).sum(), total, prior, sets, graphs }
    }

    /// Logarithms (graphs x u) of the posterior, but for a constant, and the largest of them.
    fn values(&self, first: usize, length: usize) -> (Vec<f64>, f64) {
        let people = self.seen + first as f64;
        let below = rising(self.total + people, length);
        // Factors of each set without what does not depend on u.
        let sets: Vec<Vec<f64>> = self
            .sets
            .iter()
            .map(|start| {
                let mut values = rising(start + first as f64, length);
                values.iter_mut().zip(&below).for_each(|(value, b)| *value -= b);
                values
            })
            .collect();
        let mut base = rising(people + 1.0, length);
        for (i, (value, unseen)) in base.iter_mut().zip(rising(first as f64 + 1.0, length)).enumerate() {
            *value += self.log_prior(first + i) - unseen;
        }
        let (mut result, mut largest) = (Vec::with_capacity(self.graphs.len() * length), f64::NEG_INFINITY);
        for (factors, constant) in &self.graphs {
            let start = result.len();
            result.extend(base.iter().map(|value| value + constant));
            let values = &mut result[start..];
            for &(set, exponent) in factors {
                values.iter_mut().zip(&sets[set]).for_each(|(value, factor)| *value += exponent * factor);
            }
            largest = values.iter().fold(largest, |top, &value| top.max(value));
        }
        (result, largest)
    }

    fn block(&self, first: usize, length: usize, floor: f64) -> Part {
        let (values, scale) = self.values(first, length);
        if scale <= floor {
            return Part { scale: f64::NEG_INFINITY, missed: vec![], graphs: vec![] };
        }
        let mut missed = vec![0.0; length];
        let least = floor.max(scale - NEGLIGIBLE);
        let weigh = |values: &[f64]| {
            let mut sum = 0.0;
            for (total, &value) in missed.iter_mut().zip(values) {
                if value > least {
                    let weight = exp(value - scale);
                    *total += weight;
                    sum += weight;
                }
            }
            sum
        };
        let graphs = values.chunks(length).map(weigh).collect();
        Part { scale, missed, graphs }
    }

    fn log_prior(&self, unseen: usize) -> f64 {
        match self.prior {
            Prior::LogUniform => -log(self.seen + unseen as f64),
            Prior::Uniform => 0.0,
            Prior::Weights(weights) => log(weights[unseen]),
        }
    }
}

/// log Gamma of x, x + 1, x + 2, ...
fn rising(x: f64, length: usize) -> Vec<f64> {
    let mut value = lgamma(x);
    (0..length)
        .map(|i| {
            let now = value;
            value += log(x + i as f64);
            now
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::graphs::decomposable;
    use super::*;

    /// Two independent lists in closed form: p(u) ~ p(N) N! / u! B(2d + a, 2d + N - a) B(2d + b, 2d + N - b).
    #[test]
    fn two_independent_lists_have_a_closed_form() {
        let (counts, delta, most) = ([0.0, 30.0, 25.0, 10.0], 0.25, 2000);
        let empty: Vec<Graph> = decomposable(2)
            .unwrap()
            .into_iter()
            .filter(|g| g.factors.iter().all(|f| f.0.is_power_of_two()))
            .collect();
        let found = average(&counts, &empty, delta, Prior::LogUniform, most, 1).unwrap();
        let beta = |a: f64, b: f64| lgamma(a) + lgamma(b) - lgamma(a + b);
        let weights: Vec<f64> = (0..=most)
            .map(|u| {
                let people = 65.0 + u as f64;
                let lists: f64 =
                    [40.0, 35.0].iter().map(|on| beta(2.0 * delta + on, 2.0 * delta + people - on)).sum();
                // The largest is near exp(-90).
                exp(lgamma(people + 1.0) - lgamma(u as f64 + 1.0) - people.ln() + lists + 90.0)
            })
            .collect();
        let total: f64 = weights.iter().sum();
        for (weight, value) in weights.iter().zip(&found.missed) {
            // Differences of logarithms of Gamma near 1e4 keep eleven digits.
            assert!((weight / total - value).abs() < 1e-10 * (value + 1e-6), "{weight} {value}");
        }
        assert!((found.graphs[0] - 1.0).abs() < 1e-12);
    }

    #[test]
    fn threads_and_blocks_change_no_digit() {
        let counts = [0.0, 27.0, 37.0, 19.0, 4.0, 4.0, 1.0, 1.0];
        let graphs = decomposable(3).unwrap();
        let one = average(&counts, &graphs, 0.125, Prior::LogUniform, 3000, 1).unwrap();
        assert_eq!(one, average(&counts, &graphs, 0.125, Prior::LogUniform, 3000, 3).unwrap());
        let total: f64 = one.missed.iter().sum();
        assert!((total - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_prior_given_by_weights_is_the_named_one() {
        let counts = [0.0, 27.0, 37.0, 19.0, 4.0, 4.0, 1.0, 1.0];
        let graphs = decomposable(3).unwrap();
        let weights: Vec<f64> = (0..=300).map(|u| 1.0 / (93.0 + f64::from(u))).collect();
        let given = average(&counts, &graphs, 0.125, Prior::Weights(&weights), 300, 1).unwrap();
        let named = average(&counts, &graphs, 0.125, Prior::LogUniform, 300, 1).unwrap();
        for (a, b) in given.missed.iter().zip(&named.missed) {
            assert!((a - b).abs() < 1e-13);
        }
        assert!(average(&counts, &graphs, 0.125, Prior::Weights(&weights[1..]), 300, 1).is_err());
        assert!(average(&counts, &graphs, -1.0, Prior::Uniform, 300, 1).is_err());
    }
}
