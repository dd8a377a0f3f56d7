//! Salganik's bootstrap (2006, Journal of Urban Health 83:i98-i112): one chain, started by anyone, in which each step takes
//! one of the people who were recruited by somebody of the present category. Seeds only start it.
//!
//! Cost a replicate: one random word and a look at a table for each participant.

use super::below;
use super::forest::Forest;
use crate::stream::Stream;

/// The chain of one site.
#[derive(Clone, Debug)]
pub struct Salganik {
    category: Vec<u32>,
    /// By category: whom its people recruited; everybody who was recruited, where they recruited nobody.
    recruited: Vec<Vec<u32>>,
    /// How often each participant is expected; 0 for seeds.
    pub expected: Vec<f64>,
}

impl Salganik {
    /// Lay out whom the people of each category recruited.
    pub fn new(forest: &Forest, category: Vec<u32>, categories: usize) -> Self {
        let n = forest.people();
        let mut recruited = vec![vec![]; categories];
        for &one in forest.recruited() {
            recruited[category[forest.recruiter[one as usize] as usize] as usize].push(one);
        }
        for list in recruited.iter_mut().filter(|list| list.is_empty()) {
            list.extend(forest.recruited());
        }
        // How often a step starts from each category: exact, from the chain's transitions.
        let mut present = vec![0.0; categories];
        for &g in &category {
            present[g as usize] += 1.0 / n as f64;
        }
        let shares: Vec<Vec<f64>> = recruited
            .iter()
            .map(|list| {
                let mut row = vec![0.0; categories];
                for &i in list {
                    row[category[i as usize] as usize] += 1.0 / list.len() as f64;
                }
                row
            })
            .collect();
        let mut visits = vec![0.0; categories];
        for _ in 0..n {
            visits.iter_mut().zip(&present).for_each(|(v, p)| *v += p);
            let mut after = vec![0.0; categories];
            for (p, row) in present.iter().zip(&shares) {
                after.iter_mut().zip(row).for_each(|(a, share)| *a += p * share);
            }
            present = after;
        }
        let mut expected = vec![0.0; n];
        for (visits, list) in visits.iter().zip(&recruited) {
            for &i in list {
                expected[i as usize] += visits / list.len() as f64;
            }
        }
        Self { category, recruited, expected }
    }

    /// Take participants in one replicate; `note` is told whom.
    pub fn draw(&self, stream: &mut Stream, mut note: impl FnMut(u32)) {
        let mut present = self.category[below(stream, self.category.len())];
        for _ in 0..self.category.len() {
            let list = &self.recruited[present as usize];
            if list.is_empty() {
                return;
            }
            let one = list[below(stream, list.len())];
            note(one);
            present = self.category[one as usize];
        }
    }
}
