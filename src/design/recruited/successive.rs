//! Gile's bootstrap (2011, JASA 106:135-146): recruitment without replacement from a population that is made of what the
//! sample stands for.
//!
//! The population has classes of equal degree d and category, with masses m that the weights give. Seeds come by size d m. A
//! recruiter of category a recruits next from b with chance proportional to the ties between them,
//!
//! S = (M + M') / 2,  M_ab = (share of a's recruits that is in b) (sum of w d in a),
//!
//! of which the part goes that was tied to those already taken; in b by size among those left. How many somebody recruits
//! is redrawn from the numbers of people who recruited. Masses are real numbers, less what was taken.
//!
//! Cost a replicate: three random words and two looks at tables for each participant. What is left is drawn from the tables
//! of what there was at first, with rejection by what is left of it.

use rand::Rng;

use super::below;
use super::forest::Forest;
use crate::error::{Error, Result};
use crate::stream::Stream;

/// Rejections before a class is looked for one by one.
const PATIENCE: usize = 64;

#[derive(Clone, Debug)]
struct Class {
    degree: f64,
    mass: f64,
    category: usize,
    members: Vec<u32>,
}

#[derive(Clone, Debug)]
struct Category {
    /// Its classes lie one after another.
    first: usize,
    /// For each class the chance, as a part of 2^32, to stay there, and the class to go to otherwise.
    alias: Vec<(u64, u32)>,
    /// The sum of degree times mass.
    size: f64,
}

/// The population of one site.
#[derive(Clone, Debug)]
pub struct Successive {
    people: usize,
    seeds: usize,
    /// The numbers of recruits of those who recruited.
    recruits: Vec<u32>,
    classes: Vec<Class>,
    categories: Vec<Category>,
    /// Ties between categories, over the size of the second: S_ab / (sum of d m in b).
    ties: Vec<f64>,
}

/// What is left of a population.
struct Left {
    mass: Vec<f64>,
    size: Vec<f64>,
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
        let n = forest.len();
        // Who recruited and does not count is nobody that could be taken.
        let mut by_class: Vec<u32> = (0..n as u32).filter(|&i| weight[i as usize] > 0.0).collect();
        let people = by_class.len();
        let key = |i: u32| (category[i as usize], degree[i as usize]);
        by_class.sort_by(|&i, &j| key(i).partial_cmp(&key(j)).unwrap_or(std::cmp::Ordering::Equal));
        let mut classes: Vec<Class> = vec![];
        for members in by_class.chunk_by(|&i, &j| key(i) == key(j)) {
            let mass = members.iter().map(|&i| weight[i as usize]).sum();
            let (category, degree) = key(members[0]);
            classes.push(Class { degree, mass, category: category as usize, members: members.to_vec() });
        }
        let mut all: Vec<Category> = vec![];
        for b in 0..categories {
            let first = classes.partition_point(|class| class.category < b);
            let sizes: Vec<f64> =
                classes[first..].iter().take_while(|c| c.category == b).map(|c| c.degree * c.mass).collect();
            all.push(Category { first, size: sizes.iter().sum(), alias: alias(&sizes) });
        }
        let mut recruited = vec![0.0; categories * categories];
        let mut made = vec![0.0; categories];
        for &one in forest.recruited() {
            let (a, b) = (category[forest.recruiter[one as usize] as usize], category[one as usize]);
            recruited[a as usize * categories + b as usize] += 1.0;
            made[a as usize] += 1.0;
        }
        let tie = |a: usize, b: usize| {
            if made[a] > 0.0 { recruited[a * categories + b] / made[a] * all[a].size } else { 0.0 }
        };
        let mut ties = vec![0.0; categories * categories];
        for a in 0..categories {
            for b in (0..categories).filter(|&b| all[b].size > 0.0) {
                ties[a * categories + b] = f64::midpoint(tie(a, b), tie(b, a)) / all[b].size;
            }
        }
        let recruits: Vec<u32> =
            (0..n as u32).map(|i| forest.recruits(i).len() as u32).filter(|&k| k > 0).collect();
        if recruits.is_empty() {
            return Err(Error::Argument("nobody recruited anybody".into()));
        }
        Ok(Self { people, seeds: forest.seeds.len().min(people), recruits, classes, categories: all, ties })
    }

    /// Members of the classes, who are taken alike.
    pub fn alike(&self) -> impl Iterator<Item = &[u32]> {
        self.classes.iter().map(|class| &class.members[..])
    }

    /// How often each participant is taken in one replicate.
    pub fn draw(&self, stream: &mut Stream, taken: &mut [u32]) {
        taken.fill(0);
        let mut left = Left {
            mass: self.classes.iter().map(|class| class.mass).collect(),
            size: self.categories.iter().map(|category| category.size).collect(),
        };
        // Categories of those taken, in order: they recruit in turn.
        let mut queue: Vec<u8> = Vec::with_capacity(self.people);
        for _ in 0..self.seeds {
            let Some(b) = choose(&left.size, uniform(stream)) else { return };
            self.take(b, &mut left, stream, taken);
            queue.push(b as u8);
        }
        let g = self.categories.len();
        let mut next = 0;
        while queue.len() < self.people && next < queue.len() {
            let ties = &self.ties[queue[next] as usize * g..][..g];
            next += 1;
            let recruits = self.recruits[below(stream, self.recruits.len())] as usize;
            for _ in 0..recruits.min(self.people - queue.len()) {
                let mut chances = [0.0; super::MOST_CATEGORIES];
                chances.iter_mut().zip(ties.iter().zip(&left.size)).for_each(|(c, (t, s))| *c = t * s);
                let u = uniform(stream);
                // Who is tied to nobody that is left recruits from all who are.
                let Some(b) = choose(&chances[..g], u).or_else(|| choose(&left.size, u)) else { return };
                self.take(b, &mut left, stream, taken);
                queue.push(b as u8);
            }
        }
    }

    /// Take somebody of category b, by size among those left.
    fn take(&self, b: usize, left: &mut Left, stream: &mut Stream, taken: &mut [u32]) {
        let category = &self.categories[b];
        let k = self.find(category, left, stream);
        let class = &self.classes[k];
        let part = left.mass[k].min(1.0);
        left.mass[k] -= part;
        left.size[b] -= part * class.degree;
        // Rounding must not leave somebody where nobody is.
        if left.size[b] <= 1e-9 * category.size {
            left.size[b] = 0.0;
        }
        taken[class.members[below(stream, class.members.len())] as usize] += 1;
    }

    fn find(&self, category: &Category, left: &Left, stream: &mut Stream) -> usize {
        for _ in 0..PATIENCE {
            let word = stream.next_u64();
            let place = ((word >> 32) * category.alias.len() as u64) >> 32;
            let (stay, other) = category.alias[place as usize];
            let k =
                category.first + if (word & 0xffff_ffff) < stay { place as usize } else { other as usize };
            if left.mass[k] == self.classes[k].mass || uniform(stream) * self.classes[k].mass < left.mass[k] {
                return k;
            }
        }
        let range = category.first..category.first + category.alias.len();
        let sizes: Vec<f64> = range.map(|k| left.mass[k] * self.classes[k].degree).collect();
        category.first + choose(&sizes, uniform(stream)).unwrap_or(0)
    }
}

/// A number from 0 to 1.
#[inline]
fn uniform(stream: &mut Stream) -> f64 {
    (stream.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0
}

/// The place at which the running sum passes this part of the whole; none where there is nothing.
#[inline]
fn choose(sizes: &[f64], part: f64) -> Option<usize> {
    let mut rest = part * sizes.iter().sum::<f64>();
    let mut last = None;
    for (place, &size) in sizes.iter().enumerate().filter(|(_, size)| **size > 0.0) {
        if rest < size {
            return Some(place);
        }
        rest -= size;
        last = Some(place);
    }
    last
}

/// Walker's tables (1977), made as Vose (1991) does.
fn alias(sizes: &[f64]) -> Vec<(u64, u32)> {
    const WHOLE: f64 = 4_294_967_296.0;
    let each = sizes.iter().sum::<f64>() / sizes.len() as f64;
    let mut part: Vec<f64> = sizes.iter().map(|size| size / each).collect();
    let mut table: Vec<(u64, u32)> = (0..sizes.len() as u32).map(|k| (1 << 32, k)).collect();
    let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..sizes.len()).partition(|&k| part[k] < 1.0);
    while let (Some(little), Some(&much)) = (small.pop(), large.last()) {
        table[little] = ((part[little] * WHOLE) as u64, much as u32);
        part[much] -= 1.0 - part[little];
        if part[much] < 1.0 {
            large.pop();
            small.push(much);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Streams;

    #[test]
    fn tables_give_each_place_its_size() {
        // Counts of 1e6 draws, within 4 binomial s.e.
        let sizes = [5.0, 0.1, 2.0, 0.0, 2.9];
        let table = alias(&sizes);
        let mut stream = Streams::new(1, 2).replicate(0);
        let mut seen = [0.0; 5];
        for _ in 0..1_000_000 {
            let word = stream.next_u64();
            let place = (((word >> 32) * 5) >> 32) as usize;
            let (stay, other) = table[place];
            seen[if (word & 0xffff_ffff) < stay { place } else { other as usize }] += 1.0;
        }
        for (size, seen) in sizes.iter().zip(seen) {
            let p: f64 = size / 10.0;
            assert!((seen - p * 1e6).abs() <= 4.0 * (p * (1.0 - p) * 1e6).sqrt());
        }
    }

    #[test]
    fn all_are_taken_once_where_all_are_in_the_sample() {
        // N = n: whoever recruits, in the end everybody was taken, each class as often as it has members.
        let forest = Forest::new(vec![super::super::NOBODY, 0, 0, 1, 1, 2, 2, 3]).unwrap();
        let (category, degree) = (vec![0, 1, 0, 1, 0, 1, 0, 1], vec![3.0, 2.0, 3.0, 2.0, 5.0, 4.0, 3.0, 2.0]);
        let made = Successive::new(&forest, &category, 2, &degree, &[1.0; 8]).unwrap();
        let mut taken = vec![0; 8];
        for i in 0..200 {
            made.draw(&mut Streams::new(1, 3).replicate(i), &mut taken);
            for members in made.alike() {
                assert_eq!(members.iter().map(|&m| taken[m as usize]).sum::<u32>() as usize, members.len());
            }
        }
    }
}
