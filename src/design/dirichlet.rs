//! The Bayesian bootstrap: in place of whole draws each stratum's weight is spread by a Dirichlet
//! distribution (Rubin 1981, Annals of Statistics 9:130-134).
//!
//! With alpha = 1 for each of n people a mean has (n - 1) / (n + 1) times the unbiased variance of
//! the mean. Another alpha gives factors whose totals have any wanted variance below n^2: a total has
//! the variance n / (n alpha + 1) sum (x - mean)^2.
//!
//! Cost a replicate: about 10 ns a unit.

use rand::Rng;
use rand_distr::{Distribution, Gamma};
use serde::{Deserialize, Serialize};

use super::Redraw;
use crate::error::{Error, Result};
use crate::stream::Streams;
use crate::travel::Travels;

/// A design whose replicates spread each stratum's weight at random.
#[derive(Clone, Debug)]
pub struct Dirichlet {
    units: usize,
    strata: Vec<Stratum>,
}

#[derive(Clone, Debug)]
struct Stratum {
    /// Its units with the people each stands for.
    members: Vec<(u32, f64)>,
    people: f64,
    /// The concentration for each person; 0 gives all the weight to one unit, infinity leaves it alone.
    alpha: f64,
}

impl Dirichlet {
    /// `stratum[u]` numbers the stratum of unit u from 0, `people[u]` says how many people it stands for,
    /// `alpha[h]` is the concentration of stratum h for each person.
    ///
    /// # Errors
    /// When the arrays differ in length, or a stratum's alpha is negative or not a number.
    pub fn new(stratum: &[u32], people: &[f64], alpha: &[f64]) -> Result<Self> {
        if people.len() != stratum.len() {
            return Err(Error::Length { what: "counts", expected: stratum.len(), got: people.len() });
        }
        let strata = stratum.iter().max().map_or(0, |&last| last as usize + 1);
        if alpha.len() != strata {
            return Err(Error::Length { what: "the strata's alpha", expected: strata, got: alpha.len() });
        }
        Self::made(stratum, people, alpha)
    }

    fn made(stratum: &[u32], people: &[f64], alpha: &[f64]) -> Result<Self> {
        if let Some(row) = people.iter().position(|c| !c.is_finite() || *c < 0.0) {
            return Err(Error::NotFinite { what: "the people of a unit", row });
        }
        if let Some(bad) = alpha.iter().find(|a| a.is_nan() || **a < 0.0) {
            return Err(Error::Argument(format!("a concentration of {bad} is not 0 or above")));
        }
        let mut made: Vec<Stratum> =
            alpha.iter().map(|&alpha| Stratum { members: vec![], people: 0.0, alpha }).collect();
        for (unit, (&h, &c)) in stratum.iter().zip(people).enumerate() {
            if c > 0.0 {
                made[h as usize].members.push((unit as u32, c));
                made[h as usize].people += c;
            }
        }
        Ok(Self { units: stratum.len(), strata: made })
    }
}

/// What a Bayesian bootstrap is made of: each unit's stratum and people; each stratum's alpha.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sent {
    stratum: Vec<u32>,
    people: Vec<f64>,
    alpha: Vec<f64>,
}

impl Travels for Dirichlet {
    type Sent = Sent;
    type Beside = ();

    fn send(&self) -> impl Serialize {
        self.sent()
    }

    fn arrive(sent: Sent, (): &()) -> Result<Self> {
        let Sent { stratum, people, alpha } = sent;
        if people.len() != stratum.len() {
            return Err(Error::Length { what: "counts", expected: stratum.len(), got: people.len() });
        }
        if stratum.iter().any(|&h| h as usize >= alpha.len()) {
            return Err(Error::Argument("a unit lies in no stratum".into()));
        }
        Self::made(&stratum, &people, &alpha)
    }
}

impl Dirichlet {
    /// What it is made of. A unit that stands for nobody is in no stratum; it may be said to be in the first.
    pub(super) fn sent(&self) -> Sent {
        let (mut stratum, mut people) = (vec![0; self.units], vec![0.0; self.units]);
        for (h, one) in self.strata.iter().enumerate() {
            for &(unit, count) in &one.members {
                (stratum[unit as usize], people[unit as usize]) = (h as u32, count);
            }
        }
        Sent { stratum, people, alpha: self.strata.iter().map(|s| s.alpha).collect() }
    }
}

impl Redraw for Dirichlet {
    fn units(&self) -> usize {
        self.units
    }

    fn factors(&self, streams: Streams, replicate: u64, factors: &mut [f64]) {
        factors.fill(0.0);
        let mut stream = streams.replicate(replicate);
        for stratum in &self.strata {
            let mut sum = 0.0;
            for &(unit, people) in &stratum.members {
                let shape = stratum.alpha * people;
                let gamma = if shape.is_finite() { Gamma::new(shape, 1.0).ok() } else { None };
                let value = gamma.map_or(0.0, |gamma| gamma.sample(&mut stream));
                factors[unit as usize] = value;
                sum += value;
            }
            if stratum.alpha.is_infinite() {
                stratum.members.iter().for_each(|&(unit, people)| factors[unit as usize] = people);
            } else if sum > 0.0 {
                let scale = stratum.people / sum;
                stratum.members.iter().for_each(|&(unit, _)| factors[unit as usize] *= scale);
            } else if !stratum.members.is_empty() {
                // The limit of small concentrations: one unit has it all.
                let place = ((stream.next_u64() >> 32) * stratum.members.len() as u64) >> 32;
                factors[stratum.members[place as usize].0 as usize] = stratum.people;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and variance of a total over many replicates.
    fn moments(design: &Dirichlet, values: &[f64], draws: u64) -> (f64, f64) {
        let mut factors = vec![0.0; design.units()];
        let (mut sum, mut squares) = (0.0, 0.0);
        for i in 0..draws {
            design.factors(Streams::new(3, 5), i, &mut factors);
            let total: f64 = factors.iter().zip(values).map(|(f, v)| f * v).sum();
            sum += total;
            squares += total * total;
        }
        let mean = sum / draws as f64;
        (mean, squares / draws as f64 - mean * mean)
    }

    #[test]
    fn totals_have_the_dirichlet_moments() {
        // Closed form: n / (n alpha + 1) sum (x - mean)^2; people of one kind share a gamma.
        let values = [3.0, 1.0, 4.0, 1.0, 5.0];
        let squares = 12.8;
        for (alpha, draws) in [(1.0, 100_000), (0.3, 100_000)] {
            let design = Dirichlet::new(&[0; 5], &[1.0; 5], &[alpha]).unwrap();
            let expected = 5.0 / (5.0 * alpha + 1.0) * squares;
            let (mean, variance) = moments(&design, &values, draws);
            assert!((mean - 14.0).abs() < 4.0 * (expected / draws as f64).sqrt());
            assert!((variance / expected - 1.0).abs() < 4.0 * (3.0 / draws as f64).sqrt());
        }
        let kinds = Dirichlet::new(&[0; 2], &[3.0, 2.0], &[1.0]).unwrap();
        let expected = 5.0 / 6.0 * (3.0 * 0.16 + 2.0 * 0.36) * 100.0;
        let (mean, variance) = moments(&kinds, &[10.0, 0.0], 100_000);
        assert!((mean - 30.0).abs() < 4.0 * (expected / 1e5_f64).sqrt());
        assert!((variance / expected - 1.0).abs() < 0.03);
    }

    #[test]
    fn the_limits_pick_one_or_leave_all() {
        let design = Dirichlet::new(&[0, 0, 1], &[1.0; 3], &[0.0, f64::INFINITY]).unwrap();
        let mut factors = [0.0; 3];
        let mut seen = [0; 2];
        for i in 0..200 {
            design.factors(Streams::new(0, 1), i, &mut factors);
            assert!(factors == [2.0, 0.0, 1.0] || factors == [0.0, 2.0, 1.0]);
            seen[usize::from(factors[0] == 0.0)] += 1;
        }
        assert!(seen.iter().all(|&n| n > 60), "each half the time: {seen:?}");
    }
}
