//! Gile's bootstrap (2011, JASA 106:135-146): recruitment without replacement from a population that is made of what the
//! sample stands for.
//!
//! The population has classes of equal degree d and category, with masses m that the weights give. Seeds come by size d m. A
//! recruiter of category a recruits next from b with chance proportional to the ties between them,
//!
//! `S = (M + M') / 2,  M_ab = (share of a's recruits that is in b) (sum of w d in a)`,
//!
//! of which the part goes that was tied to those already taken; in b by size among those left. How many somebody recruits
//! is redrawn from the numbers of people who recruited. Masses are real numbers, less what was taken.
//!
//! Cost a replicate: three random words and two looks at tables for each participant.

use super::below;
use super::forest::{Forest, NOBODY};
use super::population::{Population, choose, uniform};
use crate::error::{Error, Result};
use crate::stream::Stream;

/// The population of one site.
#[derive(Clone, Debug)]
pub struct Successive {
    people: usize,
    seeds: usize,
    /// The numbers of recruits of those who recruited.
    recruits: Vec<u32>,
    population: Population,
    categories: usize,
    /// Ties between categories, over the size of the second: `S_ab / (sum of d m in b)`.
    ties: Vec<f64>,
}

impl Successive {
    /// # Errors
    /// When nobody recruited.
    pub fn new(
        forest: &Forest,
        category: &[u32],
        categories: usize,
        degree: &[f64],
        weight: &[f64],
    ) -> Result<Self> {
        let n = forest.people();
        // Who recruited and does not count is nobody that could be taken.
        let people = weight.iter().filter(|w| **w > 0.0).count();
        let population = Population::new(category, categories, degree, weight);
        let mut recruited = vec![0.0; categories * categories];
        let mut made = vec![0.0; categories];
        for &one in forest.recruited() {
            let (a, b) = (category[forest.recruiter[one as usize] as usize], category[one as usize]);
            recruited[a as usize * categories + b as usize] += 1.0;
            made[a as usize] += 1.0;
        }
        let tie = |a: usize, b: usize| {
            if made[a] > 0.0 { recruited[a * categories + b] / made[a] * population.size(a) } else { 0.0 }
        };
        let mut ties = vec![0.0; categories * categories];
        for a in 0..categories {
            for b in (0..categories).filter(|&b| population.size(b) > 0.0) {
                ties[a * categories + b] = f64::midpoint(tie(a, b), tie(b, a)) / population.size(b);
            }
        }
        let recruits: Vec<u32> =
            (0..n as u32).map(|i| forest.recruits(i).len() as u32).filter(|&k| k > 0).collect();
        if recruits.is_empty() {
            return Err(Error::Argument("nobody recruited anybody".into()));
        }
        let seeds = forest.seeds.len().min(people);
        Ok(Self { people, seeds, recruits, population, categories, ties })
    }

    /// Members of the classes, who are taken alike.
    pub fn alike(&self) -> impl Iterator<Item = &[u32]> {
        self.population.alike()
    }

    /// Take participants in one replicate; `note` is told who, and whose recruit in place of whom ([`NOBODY`] for seeds).
    pub fn draw(&self, stream: &mut Stream, mut note: impl FnMut(u32, u32)) {
        let mut left = self.population.left();
        // Those taken, in order, and their categories: they recruit in turn.
        let mut queue: Vec<(u32, u8)> = Vec::with_capacity(self.people);
        for _ in 0..self.seeds {
            let Some(b) = choose(&left.size, uniform(stream)) else { return };
            let one = self.population.take(b, &mut left, stream);
            note(one, NOBODY);
            queue.push((one, b as u8));
        }
        let g = self.categories;
        let mut next = 0;
        while queue.len() < self.people && next < queue.len() {
            let (by, from) = queue[next];
            let ties = &self.ties[usize::from(from) * g..][..g];
            next += 1;
            let recruits = self.recruits[below(stream, self.recruits.len())] as usize;
            for _ in 0..recruits.min(self.people - queue.len()) {
                let mut chances = [0.0; super::MOST_CATEGORIES];
                chances.iter_mut().zip(ties.iter().zip(&left.size)).for_each(|(c, (t, s))| *c = t * s);
                let u = uniform(stream);
                // Who is tied to nobody that is left recruits from all who are.
                let Some(b) = choose(&chances[..g], u).or_else(|| choose(&left.size, u)) else { return };
                let one = self.population.take(b, &mut left, stream);
                note(one, by);
                queue.push((one, b as u8));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Streams;

    #[test]
    fn all_are_taken_once_where_all_are_in_the_sample() {
        // N = n: whoever recruits, in the end everybody was taken, each class as often as it has members.
        let forest = Forest::new(vec![super::super::NOBODY, 0, 0, 1, 1, 2, 2, 3]).unwrap();
        let (category, degree) = (vec![0, 1, 0, 1, 0, 1, 0, 1], vec![3.0, 2.0, 3.0, 2.0, 5.0, 4.0, 3.0, 2.0]);
        let made = Successive::new(&forest, &category, 2, &degree, &[1.0; 8]).unwrap();
        let mut taken = [0; 8];
        for i in 0..200 {
            taken.fill(0);
            made.draw(&mut Streams::new(1, 3).replicate(i), |one, _| taken[one as usize] += 1);
            for members in made.alike() {
                assert_eq!(members.iter().map(|&m| taken[m as usize]).sum::<u32>() as usize, members.len());
            }
        }
    }
}
