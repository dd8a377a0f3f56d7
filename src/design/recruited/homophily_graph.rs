//! Recruitment in a homophily configuration graph (Fellows 2019, Statistics in Medicine 38:131-150): down the trees that there
//! are, in time order.
//!
//! The graph is that of [`crate::rds::homophily`]. Seeds keep their categories. A recruit of one of a is of b with chance
//! proportional to `theta_ab` times the part of b's tie ends that is left; in b somebody is taken by size among those left of
//! N `p_b` people, whose degrees are what successive sampling makes of the sample's. Without N nothing is used up.
//!
//! Cost a replicate: as [`super::successive`].

use super::forest::{Forest, NOBODY};
use super::population::{Population, choose, uniform};
use crate::error::{Error, Result};
use crate::rds::homophily::{self, Came, NONE};
use crate::rds::inclusion;
use crate::stream::Stream;

/// The graph of one site.
#[derive(Clone, Debug)]
pub struct HomophilyGraph {
    /// Participants as they came, recruiters before their recruits, by place: whose recruit, and the category of a seed.
    slots: Vec<(u32, u32)>,
    population: Population,
    categories: usize,
    /// `theta_ab` over the tie ends of b.
    ties: Vec<f64>,
    /// Whether those taken are gone.
    ends: bool,
}

impl HomophilyGraph {
    /// `order` are participants as they came; who has no weight recruited and is nobody that could be taken.
    ///
    /// # Errors
    /// When nobody recruited, or recruitment says nothing of who is tied to whom.
    pub fn new(
        forest: &Forest,
        order: &[u32],
        category: &[u32],
        degree: &[f64],
        weight: &[f64],
        population: f64,
    ) -> Result<Self> {
        if forest.recruited().is_empty() {
            return Err(Error::Argument("nobody recruited anybody".into()));
        }
        // A category that is of another site has nobody here: the others are numbered on.
        let mut present: Vec<u32> = category.to_vec();
        present.sort_unstable();
        present.dedup();
        let g = present.len();
        let own: Vec<u8> = category.iter().map(|c| present.partition_point(|p| p < c) as u8).collect();
        let mut degrees = degree.to_vec();
        degrees.sort_by(f64::total_cmp);
        degrees.dedup();
        let came: Vec<Came> = order
            .iter()
            .map(|&i| {
                let by = forest.recruiter[i as usize];
                Came {
                    from: if by == NOBODY { NONE } else { own[by as usize] },
                    to: own[i as usize],
                    place: degrees.partition_point(|d| *d < degree[i as usize]) as u32,
                    weight: 1.0,
                    told: by != NOBODY && weight[i as usize] > 0.0,
                }
            })
            .collect();
        let size = if population > 0.0 { population } else { f64::INFINITY };
        let fit = homophily::fit(&came, g, &degrees, size, None).ok_or_else(|| {
            Error::Argument("recruitment says nothing of ties between categories in such a population".into())
        })?;
        let mass = masses(&own, degree, weight, &fit.shares, size);
        let local: Vec<u32> = own.iter().map(|&c| u32::from(c)).collect();
        let population = Population::new(&local, g, degree, &mass);
        let mut ties = vec![0.0; g * g];
        for a in 0..g {
            for b in (0..g).filter(|&b| population.size(b) > 0.0) {
                ties[a * g + b] = fit.theta[a * g + b] / population.size(b);
            }
        }
        let mut place = vec![0; order.len()];
        order.iter().enumerate().for_each(|(k, &i)| place[i as usize] = k as u32);
        let slots = order
            .iter()
            .map(|&i| {
                let by = forest.recruiter[i as usize];
                (if by == NOBODY { NOBODY } else { place[by as usize] }, local[i as usize])
            })
            .collect();
        Ok(Self { slots, population, categories: g, ties, ends: size.is_finite() })
    }

    /// Members of the classes, who are taken alike.
    pub fn alike(&self) -> impl Iterator<Item = &[u32]> {
        self.population.alike()
    }

    /// Take participants in one replicate; `note` is told who, and whose recruit in place of whom ([`NOBODY`] for seeds).
    pub fn draw(&self, stream: &mut Stream, mut note: impl FnMut(u32, u32)) {
        let g = self.categories;
        let mut left = self.population.left();
        let mut came: Vec<(u32, u8)> = Vec::with_capacity(self.slots.len());
        for &(by, category) in &self.slots {
            let seed = by == NOBODY;
            let wanted = if seed { category as usize } else { usize::from(came[by as usize].1) };
            let u = uniform(stream);
            let mut chances = [0.0; super::MOST_CATEGORIES];
            let ties = &self.ties[wanted * g..][..g];
            chances.iter_mut().zip(ties.iter().zip(&left.size)).for_each(|(c, (t, s))| *c = t * s);
            let own = (seed && left.size[wanted] > 0.0).then_some(wanted);
            // Where nobody is left of a seed's category, or tied to a recruiter, all who are left will do.
            let found = own.or_else(|| choose(&chances[..g], u)).or_else(|| choose(&left.size, u));
            let Some(b) = found else { return };
            let one = if self.ends {
                self.population.take(b, &mut left, stream)
            } else {
                self.population.look(b, &left, stream)
            };
            note(one, if seed { NOBODY } else { came[by as usize].0 });
            came.push((one, b as u8));
        }
    }
}

/// How many people of the population each participant stands for, so that categories have their shares; by the inverse of degrees
/// where it has no end.
fn masses(own: &[u8], degree: &[f64], weight: &[f64], shares: &[f64], size: f64) -> Vec<f64> {
    let mut mass = vec![0.0; degree.len()];
    for (b, share) in shares.iter().enumerate() {
        let here: Vec<usize> =
            (0..degree.len()).filter(|&i| usize::from(own[i]) == b && weight[i] > 0.0).collect();
        let mut sizes: Vec<f64> = here.iter().map(|&i| degree[i]).collect();
        sizes.sort_by(f64::total_cmp);
        let people: Vec<f64> = sizes.chunk_by(|a, b| a == b).map(|same| same.len() as f64).collect();
        sizes.dedup();
        let whole = size * share;
        let time = if size.is_finite() {
            inclusion::time(&sizes, &people, whole).unwrap_or(f64::INFINITY)
        } else {
            0.0
        };
        let each = |d: f64| if size.is_finite() { inclusion::weight(d, time) } else { 1.0 / d };
        let sum: f64 = here.iter().map(|&i| each(degree[i])).sum();
        let scale = if size.is_finite() && sum > 0.0 { whole / sum } else { 1.0 };
        for i in here {
            mass[i] = each(degree[i]) * scale;
        }
    }
    mass
}
