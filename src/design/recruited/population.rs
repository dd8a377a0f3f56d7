//! People of classes (degree, category), of whom some are taken by size, without replacement.
//!
//! Masses are real numbers, less what was taken. What is left is drawn from the tables of what there was at first, with rejection by
//! what is left of it: two random words and two looks at tables for each one taken.

use rand::Rng;

use crate::stream::Stream;

/// Rejections before a class is looked for one by one.
const PATIENCE: usize = 64;

/// 32 bits.
const WHOLE: f64 = 4_294_967_296.0;

#[derive(Clone, Debug)]
struct Class {
    degree: f64,
    mass: f64,
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

/// People by class, and who of the sample stands for each.
#[derive(Clone, Debug)]
pub struct Population {
    classes: Vec<Class>,
    categories: Vec<Category>,
}

/// What is left of it.
pub struct Left {
    mass: Vec<f64>,
    /// By category, the sum of degree times mass.
    pub size: Vec<f64>,
}

impl Population {
    /// Lay out classes of participants who stand for some mass each; who stands for nobody is in none.
    pub fn new(category: &[u32], categories: usize, degree: &[f64], mass: &[f64]) -> Self {
        let mut by_class: Vec<u32> = (0..mass.len() as u32).filter(|&i| mass[i as usize] > 0.0).collect();
        let key = |i: u32| (category[i as usize], degree[i as usize]);
        by_class.sort_by(|&i, &j| key(i).partial_cmp(&key(j)).unwrap_or(std::cmp::Ordering::Equal));
        let (mut classes, mut of): (Vec<Class>, Vec<usize>) = (vec![], vec![]);
        for members in by_class.chunk_by(|&i, &j| key(i) == key(j)) {
            let mass = members.iter().map(|&i| mass[i as usize]).sum();
            let (category, degree) = key(members[0]);
            of.push(category as usize);
            classes.push(Class { degree, mass, members: members.to_vec() });
        }
        let mut all = vec![];
        for b in 0..categories {
            let first = of.partition_point(|&category| category < b);
            let last = of.partition_point(|&category| category <= b);
            let sizes: Vec<f64> =
                classes[first..last].iter().map(|class| class.degree * class.mass).collect();
            all.push(Category { first, size: sizes.iter().sum(), alias: alias(&sizes) });
        }
        Self { classes, categories: all }
    }

    /// Members of the classes, who are taken alike.
    pub fn alike(&self) -> impl Iterator<Item = &[u32]> {
        self.classes.iter().map(|class| &class.members[..])
    }

    /// How many tie ends a category has.
    pub fn size(&self, category: usize) -> f64 {
        self.categories[category].size
    }

    /// All of it.
    pub fn left(&self) -> Left {
        Left {
            mass: self.classes.iter().map(|class| class.mass).collect(),
            size: self.categories.iter().map(|category| category.size).collect(),
        }
    }

    /// Take somebody of category b, by size among those left.
    pub fn take(&self, b: usize, left: &mut Left, stream: &mut Stream) -> u32 {
        let category = &self.categories[b];
        let (k, rest) = self.find(category, left, stream);
        let class = &self.classes[k];
        let part = left.mass[k].min(1.0);
        left.mass[k] -= part;
        left.size[b] -= part * class.degree;
        // Rounding must not leave somebody where nobody is.
        if left.size[b] <= 1e-9 * category.size {
            left.size[b] = 0.0;
        }
        one_of(class, rest)
    }

    /// Take somebody of category b, by size, who stays.
    pub fn look(&self, b: usize, left: &Left, stream: &mut Stream) -> u32 {
        let (k, rest) = self.find(&self.categories[b], left, stream);
        one_of(&self.classes[k], rest)
    }

    /// The class of somebody of a category, by size among those left, and 32 random bits that are not used up.
    fn find(&self, category: &Category, left: &Left, stream: &mut Stream) -> (usize, u64) {
        for _ in 0..PATIENCE {
            let word = stream.next_u64();
            let place = ((word >> 32) * category.alias.len() as u64) >> 32;
            let (stay, other) = category.alias[place as usize];
            let k =
                category.first + if (word & 0xffff_ffff) < stay { place as usize } else { other as usize };
            let word = stream.next_u64();
            if (word >> 32) as f64 * self.classes[k].mass < left.mass[k] * WHOLE {
                return (k, word & 0xffff_ffff);
            }
        }
        let range = category.first..category.first + category.alias.len();
        let sizes: Vec<f64> = range.map(|k| left.mass[k] * self.classes[k].degree).collect();
        (category.first + choose(&sizes, uniform(stream)).unwrap_or(0), stream.next_u64() >> 32)
    }
}

/// One of a class, by 32 random bits.
#[inline]
fn one_of(class: &Class, bits: u64) -> u32 {
    class.members[((bits * class.members.len() as u64) >> 32) as usize]
}

/// A number from 0 to 1.
#[inline]
pub fn uniform(stream: &mut Stream) -> f64 {
    (stream.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0
}

/// The place at which the running sum passes this part of the whole; none where there is nothing.
#[inline]
pub fn choose(sizes: &[f64], part: f64) -> Option<usize> {
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
}
