//! Recruitment through a network: seeds hand coupons to those whom they know, who hand out others.
//!
//! Seeds come by their chances. Each participant gets the same number of coupons; each comes back after an exponential time,
//! brought by one of those whom the participant knows, anyone alike who is not there yet (with replacement: anyone), or not at
//! all where nobody is left or who was asked refuses. Refusing once is no reason to refuse again.
//!
//! Cost: a participant's ties for each coupon.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{below, first_above, uniform};
use crate::error::{Error, Result};
use crate::stop;
use crate::stream::Stream;

/// Participants between two looks at whether to stop.
const LISTEN: usize = 1_024;

/// Who knows whom: the neighbours of i are `neighbour[start[i]..start[i + 1]]`.
#[derive(Clone, Copy, Debug)]
pub struct Ties<'a> {
    start: &'a [u32],
    neighbour: &'a [u32],
}

impl<'a> Ties<'a> {
    /// # Errors
    /// When there are ties to nobody.
    pub fn new(start: &'a [u32], neighbour: &'a [u32]) -> Result<Self> {
        let people = start.len().saturating_sub(1);
        let whole = start.first() == Some(&0)
            && start.last().is_some_and(|end| *end as usize == neighbour.len())
            && start.is_sorted()
            && neighbour.iter().all(|i| (*i as usize) < people);
        if whole { Ok(Self { start, neighbour }) } else { Err(Error::Argument("ties to nobody".into())) }
    }

    /// How many people there are.
    pub fn people(&self) -> usize {
        self.start.len() - 1
    }

    fn of(&self, i: u32) -> &'a [u32] {
        &self.neighbour[self.start[i as usize] as usize..self.start[i as usize + 1] as usize]
    }
}

/// How people are recruited.
#[derive(Clone, Debug)]
pub struct Rules<'a> {
    /// How many participants there shall be.
    pub size: usize,
    /// How many come first.
    pub seeds: usize,
    /// By what they come, for each person of the network.
    pub by: &'a [f64],
    /// Each participant's coupons.
    pub coupons: usize,
    /// The chance that who is asked does not come.
    pub refuse: f64,
    /// The mean time from getting a coupon to its interview.
    pub time: f64,
    /// Whether people may come again.
    pub replacement: bool,
    /// Whether another seed comes where all chains have ended.
    pub reseed: bool,
}

/// A participant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Participant {
    /// Who of the network.
    pub person: u32,
    /// Which participant before.
    pub recruiter: Option<u32>,
    /// Steps from a seed.
    pub wave: u32,
    /// When.
    pub time: f64,
}

/// Participants, in the order in which they come; fewer than asked where nobody else can.
///
/// # Errors
/// When chances of seeds are no numbers, or not one a person.
pub fn draw(ties: Ties, rules: &Rules, stream: &mut Stream) -> Result<Vec<Participant>> {
    let people = ties.people();
    if rules.by.len() != people {
        return Err(Error::Length { what: "chances of seeds", expected: people, got: rules.by.len() });
    }
    if let Some(row) = rules.by.iter().position(|by| !(*by >= 0.0 && by.is_finite())) {
        return Err(Error::NotFinite { what: "chances of seeds", row });
    }
    if !(rules.time > 0.0 && rules.time.is_finite()) {
        return Err(Error::Argument("the time of a coupon must be above 0".into()));
    }
    let mut there = vec![false; people];
    let mut found: Vec<Participant> = Vec::with_capacity(rules.size.min(people));
    // Times above 0 are in order as their bits are; among equals, who came first.
    let mut coupons = BinaryHeap::new();
    let (mut seeds, mut now) = (0, 0.0);
    let mut left = vec![];
    while found.len() < rules.size {
        if found.len().is_multiple_of(LISTEN) && stop::stopped() {
            return Err(Error::Stopped);
        }
        let next = if seeds < rules.seeds || (coupons.is_empty() && rules.reseed) {
            seeds += 1;
            seed(rules.by, &there, stream).map(|person| Participant {
                person,
                recruiter: None,
                wave: 0,
                time: now,
            })
        } else if let Some(Reverse((bits, holder))) = coupons.pop() {
            now = f64::from_bits(bits);
            let by: Participant = found[holder as usize];
            let known = ties.of(by.person);
            left.clear();
            left.extend(known.iter().filter(|i| !there[**i as usize]));
            if left.is_empty() || uniform(stream) < rules.refuse {
                continue;
            }
            let person = left[below(stream, left.len())];
            Some(Participant { person, recruiter: Some(holder), wave: by.wave + 1, time: now })
        } else {
            None
        };
        let Some(next) = next else {
            // No seed is left: those who came may still recruit.
            if coupons.is_empty() {
                break;
            }
            continue;
        };
        there[next.person as usize] = !rules.replacement;
        for _ in 0..rules.coupons {
            let back = now - rules.time * libm::log(uniform(stream));
            coupons.push(Reverse((back.to_bits(), found.len() as u32)));
        }
        found.push(next);
    }
    Ok(found)
}

/// Somebody who is not there yet, by chances.
fn seed(by: &[f64], there: &[bool], stream: &mut Stream) -> Option<u32> {
    let mut whole = 0.0;
    let upto: Vec<f64> = by
        .iter()
        .zip(there)
        .map(|(by, there)| {
            whole += if *there { 0.0 } else { *by };
            whole
        })
        .collect();
    (whole > 0.0).then(|| first_above(&upto, uniform(stream) * whole) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Streams;

    /// A circle of people.
    fn circle(people: u32) -> (Vec<u32>, Vec<u32>) {
        let start = (0..=people).map(|i| 2 * i).collect();
        (start, (0..people).flat_map(|i| [(i + people - 1) % people, (i + 1) % people]).collect())
    }

    fn rules(by: &[f64]) -> Rules<'_> {
        Rules { size: 30, seeds: 2, by, coupons: 2, refuse: 0.0, time: 1.0, replacement: false, reseed: true }
    }

    fn drawn(rules: &Rules) -> Vec<Participant> {
        let (start, neighbour) = circle(30);
        draw(Ties::new(&start, &neighbour).unwrap(), rules, &mut Streams::new(1, 2).replicate(0)).unwrap()
    }

    #[test]
    fn everybody_comes_once_after_the_recruiter_whom_they_know() {
        let by = [1.0; 30];
        let found = drawn(&rules(&by));
        let mut people: Vec<u32> = found.iter().map(|p| p.person).collect();
        people.sort_unstable();
        assert_eq!(people, (0..30).collect::<Vec<_>>());
        assert!(found.is_sorted_by(|a, b| a.time <= b.time));
        for p in &found {
            if let Some(recruiter) = p.recruiter {
                let by = found[recruiter as usize];
                assert!([1, 29].contains(&(p.person + 30 - by.person).rem_euclid(30)));
                assert!(by.time < p.time && by.wave + 1 == p.wave);
            }
        }
        assert_eq!(found.iter().filter(|p| p.recruiter.is_none()).count(), 2);
    }

    #[test]
    fn chains_that_end_are_over_unless_others_begin() {
        let by = [1.0; 30];
        let alone = Rules { refuse: 1.0, ..rules(&by) };
        assert_eq!(drawn(&alone).len(), 30);
        assert_eq!(drawn(&Rules { reseed: false, ..alone }).len(), 2);
    }

    #[test]
    fn seeds_are_those_who_may_be() {
        let mut by = [0.0; 30];
        by[7] = 1.0;
        let found = drawn(&rules(&by));
        assert_eq!((found[0].person, found[0].recruiter), (7, None));
        assert!(found[1..].iter().all(|p| p.recruiter.is_some()));
    }

    #[test]
    fn with_replacement_people_come_again() {
        let by = [1.0; 30];
        let found = drawn(&Rules { size: 300, replacement: true, ..rules(&by) });
        assert_eq!(found.len(), 300);
    }
}
