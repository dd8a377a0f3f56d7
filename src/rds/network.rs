//! Networks of people of known kinds: degree-corrected block models (Karrer and Newman 2011, Physical Review E 83:016107).
//!
//! A trait has labels a with shares of tie ends `s_a`. Its ties fall on pairs of labels with chances
//!
//! `T_ab = s_a s_b / h` between labels, `T_aa = s_a - s_a (1 - s_a) / h` within,
//!
//! whose rows add up to s, and in which ties between labels are h times as rare as by chance; an infinite h closes the
//! labels off. Several traits are independent. A tie draws its labels at both ends trait by trait, then people among those who
//! have them, by propensities that are gamma with a mean of 1. Nobody is tied to themselves, or to anybody twice. Where too many
//! labels have no room for another tie, the network asked for can't be, and is refused.
//!
//! Cost a tie: a few words, two searches and a look at the ties that are there: 10,000 people with ten ties each take 6 ms.

use std::collections::HashSet;

use rand_distr::{Distribution, Gamma};

use super::{below, first_above, uniform};
use crate::error::{Error, Result};
use crate::stop;
use crate::stream::Stream;

/// Pairs of people tried for one tie before its labels are drawn again.
const PAIRS: usize = 20;
/// One tie in so many, and a few more, may have its labels drawn again: else it were another network than the one asked for.
const AGAIN: usize = 50;
const FEW: usize = 10;
/// More people, and more ties, need memory that few computers have.
const MOST_PEOPLE: usize = 50_000_000;
const MOST_TIES: usize = 200_000_000;
/// Ties between two looks at whether to stop.
const LISTEN: usize = 4_096;

/// What people have one label of.
#[derive(Clone, Debug)]
pub struct Trait {
    /// People of each label.
    pub people: Vec<u64>,
    /// How many ties people of each label have, relative to the others.
    pub activity: Vec<f64>,
    /// How many times rarer ties between labels are than by chance.
    pub homophily: f64,
}

/// Who is what, and who knows whom.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// The label of each person, trait by trait.
    pub labels: Vec<Vec<u32>>,
    /// Two people a tie.
    pub ties: Vec<(u32, u32)>,
}

/// Chances of labels at the ends of a tie.
struct Mixing {
    /// Sums of the chances up to each label.
    ends: Vec<f64>,
    homophily: f64,
    /// Of the first end's label, the chance that the second is not found by chance among all.
    same: f64,
}

impl Mixing {
    fn new(of: &Trait) -> Result<Self> {
        let sizes: Vec<f64> = of.people.iter().zip(&of.activity).map(|(&n, a)| n as f64 * a).collect();
        let sum: f64 = sizes.iter().sum();
        if !(sum > 0.0 && sum.is_finite() && of.homophily > 0.0) || sizes.iter().any(|s| *s < 0.0) {
            return Err(Error::Argument("activity and homophily must be positive numbers".into()));
        }
        // Below 1 the second end avoids the first's label, which has to leave room: T_aa >= 0.
        if sizes.iter().any(|s| of.homophily < 1.0 - s / sum) {
            return Err(Error::Argument(format!(
                "ties within labels would be fewer than none: a homophily of {} is too low here",
                of.homophily
            )));
        }
        let mut before = 0.0;
        let ends = sizes.iter().map(|s| {
            before += s / sum;
            before
        });
        Ok(Self { ends: ends.collect(), homophily: of.homophily, same: 1.0 - 1.0 / of.homophily })
    }

    fn share(&self, label: usize) -> f64 {
        self.ends[label] - if label == 0 { 0.0 } else { self.ends[label - 1] }
    }

    fn draw(&self, stream: &mut Stream) -> (usize, usize) {
        let first = first_above(&self.ends, uniform(stream));
        // T is a mixture: the same label again, or any.
        if self.same >= 0.0 {
            let other = uniform(stream) >= self.same;
            return (first, if other { first_above(&self.ends, uniform(stream)) } else { first });
        }
        let share = self.share(first);
        if uniform(stream) * self.homophily >= 1.0 - share {
            return (first, first);
        }
        loop {
            let second = first_above(&self.ends, uniform(stream));
            if second != first {
                return (first, second);
            }
        }
    }
}

/// People with all labels in common.
#[derive(Default)]
struct Cell {
    people: Vec<u32>,
    /// Sums of propensities up to each person.
    upto: Vec<f64>,
}

impl Cell {
    fn draw(&self, stream: &mut Stream) -> Option<u32> {
        let whole = *self.upto.last()?;
        Some(self.people[first_above(&self.upto, uniform(stream) * whole)])
    }
}

/// Draw a network. `spread` is the standard deviation of propensities; with 0, people of a kind have ties as Poisson has them.
///
/// # Errors
/// When a trait is impossible, or the network has no room for so many ties.
pub fn draw(
    people: usize,
    traits: &[Trait],
    ties: usize,
    spread: f64,
    stream: &mut Stream,
) -> Result<Network> {
    if people > MOST_PEOPLE || ties > MOST_TIES {
        return Err(Error::Argument(format!(
            "{people} people and {ties} ties are more than a network holds"
        )));
    }
    let mixing: Vec<Mixing> = traits.iter().map(Mixing::new).collect::<Result<_>>()?;
    let labels = traits.iter().map(|of| shuffled(people, &of.people, stream)).collect::<Result<Vec<_>>>()?;
    let of_cell = |label: &dyn Fn(usize) -> usize| {
        traits.iter().enumerate().fold(0, |cell, (t, of)| cell * of.people.len() + label(t))
    };
    let mut cells: Vec<Cell> =
        (0..traits.iter().map(|of| of.people.len()).product()).map(|_| Cell::default()).collect();
    let propensity = (spread > 0.0).then(|| Gamma::new(1.0 / (spread * spread), spread * spread));
    let propensity =
        propensity.transpose().map_err(|e| Error::Argument(format!("the spread of degrees: {e}")))?;
    for i in 0..people {
        let cell = &mut cells[of_cell(&|t| labels[t][i] as usize)];
        let size = propensity.as_ref().map_or(1.0, |gamma| gamma.sample(stream));
        cell.upto.push(cell.upto.last().unwrap_or(&0.0) + size);
        cell.people.push(i as u32);
    }
    let mut there = HashSet::with_capacity(ties);
    let mut made = Vec::with_capacity(ties);
    let mut ends = vec![(0, 0); traits.len()];
    let mut again = 0;
    while made.len() < ties {
        if made.len().is_multiple_of(LISTEN) && stop::stopped() {
            return Err(Error::Stopped);
        }
        ends.iter_mut().zip(&mixing).for_each(|(end, mixing)| *end = mixing.draw(stream));
        let (one, other) = (&cells[of_cell(&|t| ends[t].0)], &cells[of_cell(&|t| ends[t].1)]);
        let found = (0..PAIRS).find_map(|_| {
            let (a, b) = (one.draw(stream)?, other.draw(stream)?);
            let pair = (a.min(b), a.max(b));
            (a != b && there.insert(pair)).then_some(pair)
        });
        made.extend(found);
        again += usize::from(found.is_none());
        if again > FEW + ties / AGAIN {
            return Err(Error::Argument(format!(
                "no room for {ties} ties among {people} people of these kinds: ask for fewer ties, less spread or less homophily"
            )));
        }
    }
    Ok(Network { labels, ties: made })
}

/// Labels in any order.
fn shuffled(people: usize, counts: &[u64], stream: &mut Stream) -> Result<Vec<u32>> {
    if counts.iter().sum::<u64>() != people as u64 {
        return Err(Error::Argument(format!("labels of {} people for {people}", counts.iter().sum::<u64>())));
    }
    let mut labels: Vec<u32> =
        counts.iter().enumerate().flat_map(|(a, &n)| std::iter::repeat_n(a as u32, n as usize)).collect();
    for i in (1..people).rev() {
        labels.swap(i, below(stream, i + 1));
    }
    Ok(labels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Streams;

    fn drawn(traits: &[Trait], people: usize, ties: usize, spread: f64) -> Result<Network> {
        draw(people, traits, ties, spread, &mut Streams::new(3, 5).replicate(0))
    }

    fn of(people: &[u64], activity: &[f64], homophily: f64) -> Trait {
        Trait { people: people.to_vec(), activity: activity.to_vec(), homophily }
    }

    #[test]
    fn ties_between_labels_are_as_rare_as_asked() {
        // s = (0.8, 0.2 x 1.8) / 1.16; the share of discordant ties is 2 s (1 - s) / h, known to sqrt(q (1 - q) / ties).
        for homophily in [0.8, 1.0, 2.0, 5.0] {
            let network = drawn(&[of(&[8000, 2000], &[1.0, 1.8], homophily)], 10_000, 50_000, 0.5).unwrap();
            let label = &network.labels[0];
            let apart =
                network.ties.iter().filter(|(a, b)| label[*a as usize] != label[*b as usize]).count() as f64;
            let s = 0.36 / 1.16;
            let wanted = 2.0 * s * (1.0 - s) / homophily;
            let error = (wanted * (1.0 - wanted) / 50_000.0).sqrt();
            assert!((apart / 50_000.0 - wanted).abs() < 4.0 * error, "{homophily}: {apart}");
            let ends = network.ties.iter().flat_map(|(a, b)| [*a, *b]);
            let active = ends.filter(|i| label[*i as usize] == 1).count() as f64 / 100_000.0;
            assert!(
                (active - s).abs() < 4.0 * (2.0 * s * (1.0 - s) / 100_000.0).sqrt(),
                "{homophily}: {active}"
            );
        }
    }

    #[test]
    fn nobody_is_tied_to_themselves_or_twice_and_closed_labels_have_no_ties_between() {
        let traits =
            [of(&[300, 200], &[1.0, 1.0], 2.0), of(&[100, 150, 250], &[1.0, 1.0, 2.0], f64::INFINITY)];
        let network = drawn(&traits, 500, 2_000, 0.3).unwrap();
        let pairs: HashSet<_> = network.ties.iter().collect();
        assert_eq!(pairs.len(), 2_000);
        assert!(network.ties.iter().all(|(a, b)| a < b));
        let group = &network.labels[1];
        assert!(network.ties.iter().all(|(a, b)| group[*a as usize] == group[*b as usize]));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        assert!(drawn(&[of(&[30, 20], &[1.0, 1.0], 0.3)], 50, 100, 0.0).is_err());
        assert!(drawn(&[of(&[30, 20], &[1.0, 1.0], 1.0)], 51, 100, 0.0).is_err());
        assert!(drawn(&[of(&[3, 2], &[1.0, 1.0], 1.0)], 5, 11, 0.0).is_err());
        // 15 people have room for 105 of the 244 ties among them that this homophily wants.
        assert!(drawn(&[of(&[45, 15], &[1.0, 1.0], 5.0)], 60, 1_150, 0.0).is_err());
    }
}
