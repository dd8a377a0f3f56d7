//! Several stages, each with its finite population correction: clusters are redrawn, then, within every
//! cluster, its own units.
//!
//! The factor of a unit is the product of its stages' factors 1 + l (n t / (n - 1) - 1), where t is how
//! often it was taken by n - 1 draws among the n units of its parent. Such a factor has mean 1 and
//! variance l^2, so a first stage with l^2 = 1 - f and a second with
//! l'^2 = f (1 - f') / (1 + l^2) give exactly the two-stage variance (Saerndal, Swensson and Wretman 1992, eq.
//! 4.3.21), and so on. Rao, Wu and Yue's and later authors' form for several stages adds stages with a
//! square root of the first stage's factor in place of multiplying; it has the same variance and turns
//! negative for large sampling fractions. A product never does.
//!
//! Cost a replicate: about 1 ns for each unit of each stage.

use serde::Serialize;

use super::{Redraw, Resample, resample};
use crate::error::{Error, Result};
use crate::stream::Streams;
use crate::travel::Travels;

/// A design whose replicates redraw stage after stage.
#[derive(Clone, Debug)]
pub struct Nested {
    first: Resample,
    /// For each later stage the unit's parent, and how units are redrawn within parents.
    later: Vec<(Vec<u32>, Resample)>,
}

impl Nested {
    /// `later` holds for each further stage every unit's parent (a unit of the stage before) and a design
    /// whose strata are these parents.
    ///
    /// # Errors
    /// When a parent does not exist, or a stage's parents and units differ in number.
    pub fn new(first: Resample, later: Vec<(Vec<u32>, Resample)>) -> Result<Self> {
        let mut above = first.units();
        for (parent, design) in &later {
            if parent.len() != design.units() {
                return Err(Error::Length { what: "parents", expected: design.units(), got: parent.len() });
            }
            if parent.iter().any(|&p| p as usize >= above) {
                return Err(Error::Argument(String::from("a unit lies in no unit of the stage before")));
            }
            above = design.units();
        }
        Ok(Self { first, later })
    }
}

/// What stages are made of: the first, then each with its units' parents.
pub type Sent = (resample::Sent, Vec<(Vec<u32>, resample::Sent)>);

impl Travels for Nested {
    type Sent = Sent;
    type Beside = ();

    fn send(&self) -> impl Serialize {
        self.sent()
    }

    fn arrive((first, later): Sent, (): &()) -> Result<Self> {
        let stage = |(parent, sent)| Ok((parent, Resample::arrive(sent, &())?));
        Self::new(Resample::arrive(first, &())?, later.into_iter().map(stage).collect::<Result<_>>()?)
    }
}

impl Nested {
    pub(super) fn sent(&self) -> Sent {
        let later = self.later.iter().map(|(parent, design)| (parent.clone(), design.sent()));
        (self.first.sent(), later.collect())
    }
}

impl Redraw for Nested {
    fn units(&self) -> usize {
        self.later.last().map_or(self.first.units(), |(_, design)| design.units())
    }

    fn factors(&self, streams: Streams, replicate: u64, factors: &mut [f64]) {
        let cells = self.later.iter().map(|(_, d)| d.most_cells()).max().unwrap_or(0);
        let mut cells = vec![0; cells.max(self.first.most_cells())];
        let mut above = vec![0.0; self.first.units()];
        let mut stream = streams.replicate(replicate);
        self.first.draw(&mut stream, &mut cells, &mut above);
        for (parent, design) in &self.later {
            let mut own = vec![0.0; design.units()];
            design.draw(&mut stream, &mut cells, &mut own);
            own.iter_mut().zip(parent).for_each(|(factor, &p)| *factor *= above[p as usize]);
            above = own;
        }
        factors.copy_from_slice(&above);
    }
}

#[cfg(test)]
mod tests {
    use super::super::resample::Rule;
    use super::*;

    #[test]
    fn two_stages_have_the_two_stage_variance() {
        // Closed form: (1 - f) n / (n - 1) sum (Z_i - mean)^2 + f sum_i (1 - f_i) m / (m - 1) sum (z_ij - mean_i)^2.
        let values: [[f64; 3]; 4] = [[3.0, 1.0, 4.0], [1.0, 5.0, 9.0], [2.0, 6.0, 5.0], [3.0, 5.0, 8.0]];
        let (f, g) = (0.8, 0.5);
        let rule = |n: u32, l: f64| Rule {
            draws: n - 1,
            offset: 1.0 - l,
            scale: l * f64::from(n) / f64::from(n - 1),
        };
        let first = Resample::new(&[0; 4], &[1; 4], Some(&[rule(4, (1.0_f64 - f).sqrt())])).unwrap();
        let parent: Vec<u32> = (0..12).map(|u| u / 3).collect();
        let later = rule(3, (f * (1.0 - g) / (2.0 - f)).sqrt());
        let second = Resample::new(&parent, &[1; 12], Some(&[later; 4])).unwrap();
        let design = Nested::new(first, vec![(parent, second)]).unwrap();
        let spread = |v: &[f64]| {
            let mean = v.iter().sum::<f64>() / v.len() as f64;
            v.iter().map(|x| (x - mean).powi(2)).sum::<f64>() * v.len() as f64 / (v.len() - 1) as f64
        };
        let sums: Vec<f64> = values.iter().map(|v| v.iter().sum()).collect();
        let expected =
            (1.0 - f) * spread(&sums) + f * (1.0 - g) * values.iter().map(|v| spread(v)).sum::<f64>();
        let draws = 200_000;
        let mut factors = [0.0; 12];
        let (mut sum, mut squares) = (0.0, 0.0);
        for i in 0..draws {
            design.factors(Streams::new(0, 9), i, &mut factors);
            assert!(factors.iter().all(|&f| f >= 0.0));
            let total: f64 = factors.iter().zip(values.as_flattened()).map(|(f, v)| f * v).sum();
            sum += total - 52.0;
            squares += (total - 52.0).powi(2);
        }
        let draws = draws as f64;
        assert!((sum / draws).abs() < 4.0 * (expected / draws).sqrt());
        assert!((squares / draws / expected - 1.0).abs() < 4.0 * (3.0 / draws).sqrt());
    }
}
