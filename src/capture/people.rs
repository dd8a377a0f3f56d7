//! Which people stand behind redrawn histories, where people differ by covariates.
//!
//! A replicate of lists says how many people have each history. Given that, who they are is a draw
//! with replacement among those observed with it. Each history has a stream of its own, so two
//! estimates whose replicates differ by one person share all others.
//!
//! Cost: about 2 ns a person, one 64-bit word each.

use ndarray::{ArrayView2, ArrayViewMut2};
use rand::Rng;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::parallel;
use crate::stop::stopped;
use crate::stream::Streams;
use crate::travel::Travels;

/// Keeps these streams apart from those of the histories.
const SALT: u128 = 0x7065_6f70_6c65_2062_6568_696e_6420_7468;

/// People whose kinds are written down one by one: a gigabyte.
const MOST_PEOPLE: u64 = 1 << 28;
/// A redrawn history has no more people than this.
const MOST_DRAWN: f64 = 2_147_483_648.0;
/// People drawn between two looks at whether the work is called off.
const EAR: u64 = 1 << 20;

/// People of one history in one stratum.
#[derive(Debug)]
struct Unit {
    /// Each person's kind.
    people: Vec<u32>,
}

/// People by history; a kind is people alike in history and covariates.
#[derive(Debug)]
pub struct People {
    units: Vec<Unit>,
    kinds: usize,
}

impl People {
    /// `unit` is each kind's history (as the redraw numbers them), `people` how many it has.
    ///
    /// # Errors
    /// When the arrays don't fit, or a unit has nobody.
    pub fn new(unit: &[u32], people: &[u64], units: usize) -> Result<Self> {
        if unit.len() != people.len() {
            return Err(Error::Length { what: "people", expected: unit.len(), got: people.len() });
        }
        let total = people.iter().fold(0, |sum: u64, &people| sum.saturating_add(people));
        if total > MOST_PEOPLE {
            return Err(Error::TooMany { people: total });
        }
        if units > unit.len() {
            return Err(Error::Argument(format!("of {units} histories some have nobody")));
        }
        let mut made: Vec<Unit> = (0..units).map(|_| Unit { people: vec![] }).collect();
        for (kind, (&unit, &people)) in unit.iter().zip(people).enumerate() {
            let Some(unit) = made.get_mut(unit as usize) else {
                return Err(Error::Argument(format!("there is no history {unit}")));
            };
            unit.people.extend((0..people).map(|_| kind as u32));
        }
        if let Some(empty) = made.iter().position(|unit| unit.people.is_empty()) {
            return Err(Error::Argument(format!("history {empty} has nobody")));
        }
        Ok(Self { units: made, kinds: unit.len() })
    }

    /// The number of kinds.
    pub fn kinds(&self) -> usize {
        self.kinds
    }

    /// Fill `out` (kinds x replicates), given `counts` (units x replicates) of replicates `first, ...`.
    ///
    /// # Errors
    /// When `counts` is not of these units and replicates.
    pub fn replicates(
        &self,
        (seed, fingerprint): (u64, u128),
        first: u64,
        counts: &ArrayView2<f64>,
        threads: usize,
        mut out: ArrayViewMut2<f64>,
    ) -> Result<()> {
        if counts.dim() != (self.units.len(), out.ncols()) {
            return Err(Error::Length { what: "counts", expected: self.units.len(), got: counts.nrows() });
        }
        if let Some(row) = counts.iter().position(|c| !(0.0..=MOST_DRAWN).contains(c)) {
            return Err(Error::NotFinite { what: "counts of people", row });
        }
        if first.checked_add(out.ncols() as u64).is_none() {
            return Err(Error::Argument(format!("there is no replicate beyond {first}")));
        }
        let streams: Vec<Streams> = (0..self.units.len() as u128)
            .map(|unit| Streams::new(seed, (fingerprint ^ SALT).wrapping_add(unit)))
            .collect();
        parallel::columns(&mut out, 64, threads, |offset, mut part| {
            part.fill(0.0);
            for (u, unit) in self.units.iter().enumerate() {
                let people = unit.people.len() as u128;
                for i in 0..part.ncols() {
                    let count = counts[[u, offset + i]] as u64;
                    let mut stream = streams[u].replicate(first + (offset + i) as u64);
                    for drawn in 0..count {
                        if drawn % EAR == EAR - 1 && stopped() {
                            return;
                        }
                        let place = ((u128::from(stream.next_u64()) * people) >> 64) as usize;
                        part[[unit.people[place] as usize, i]] += 1.0;
                    }
                }
            }
        });
        Ok(())
    }
}

impl Travels for People {
    type Sent = (Vec<u32>, Vec<u64>, usize);
    type Beside = ();

    fn send(&self) -> impl Serialize {
        let (mut of, mut people) = (vec![0_u32; self.kinds], vec![0_u64; self.kinds]);
        for (number, unit) in self.units.iter().enumerate() {
            for &kind in &unit.people {
                of[kind as usize] = number as u32;
                people[kind as usize] += 1;
            }
        }
        (of, people, self.units.len())
    }

    fn arrive((unit, people, units): Self::Sent, (): &()) -> Result<Self> {
        Self::new(&unit, &people, units)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, Axis, Slice};

    #[test]
    fn people_of_a_history_are_multinomial() {
        // Closed form: 12 of a unit, kinds of 3 and 1 people: Binomial(12, 3/4); 4 s.e.
        let people = People::new(&[0, 0, 1], &[3, 1, 5], 2).unwrap();
        let n = 20_000;
        let counts = Array2::from_shape_fn((2, n), |(unit, _)| if unit == 0 { 12.0 } else { 2.0 });
        let mut out = Array2::zeros((3, n));
        people.replicates((1, 2), 0, &counts.view(), 2, out.view_mut()).unwrap();
        let mean = out.row(0).sum() / n as f64;
        let variance = out.row(0).mapv(|v| (v - mean).powi(2)).sum() / n as f64;
        assert!((mean - 9.0).abs() < 4.0 * (2.25 / n as f64).sqrt(), "{mean}");
        assert!((variance / 2.25 - 1.0).abs() < 4.0 * (2.0 / n as f64).sqrt(), "{variance}");
        assert!(out.row(2).iter().all(|&v| v == 2.0));
        assert!((0..n).all(|i| out[[0, i]] + out[[1, i]] == 12.0));
    }

    #[test]
    fn any_range_of_replicates_gives_the_same_people() {
        let people = People::new(&[0, 0], &[30, 20], 1).unwrap();
        let counts = Array2::from_elem((1, 100), 50.0);
        let (mut all, mut part) = (Array2::zeros((2, 100)), Array2::zeros((2, 40)));
        people.replicates((1, 2), 0, &counts.view(), 2, all.view_mut()).unwrap();
        let some = counts.slice_axis(Axis(1), Slice::from(60..));
        people.replicates((1, 2), 60, &some, 1, part.view_mut()).unwrap();
        assert_eq!(all.slice_axis(Axis(1), Slice::from(60..)), part);
    }
}
