//! Redraws along the trees that there are: seeds with their recruits, whole chains, and neighbourhoods.

use super::forest::{Forest, NOBODY};
use super::{below, below_both};
use crate::stream::Stream;

/// Seeds, then each recruiter's recruits, all with replacement (Baraff, McCormick and Raftery 2016, PNAS
/// 113:14668-14673): a recruiter taken c times makes c k picks of its k recruits. Everybody is expected once; how many
/// are taken varies.
pub fn tree(forest: &Forest, stream: &mut Stream, taken: &mut [u32]) {
    taken.fill(0);
    pick_seeds(forest, stream, taken);
    for &one in &forest.order {
        let (recruits, times) = (forest.recruits(one), taken[one as usize]);
        match *recruits {
            [] => {}
            [only] => taken[only as usize] = times,
            _ if times == 0 => {}
            _ => {
                let picks = times as usize * recruits.len();
                for _ in 0..picks / 2 {
                    let (a, b) = below_both(stream, recruits.len());
                    taken[recruits[a] as usize] += 1;
                    taken[recruits[b] as usize] += 1;
                }
                if picks % 2 == 1 {
                    taken[recruits[below(stream, recruits.len())] as usize] += 1;
                }
            }
        }
    }
}

/// Seeds with all of their chains, with replacement. Everybody is expected once.
pub fn seeds(forest: &Forest, stream: &mut Stream, taken: &mut [u32]) {
    taken.fill(0);
    pick_seeds(forest, stream, taken);
    for &one in &forest.order {
        let recruiter = forest.recruiter[one as usize];
        if recruiter != NOBODY {
            taken[one as usize] = taken[recruiter as usize];
        }
    }
}

fn pick_seeds(forest: &Forest, stream: &mut Stream, taken: &mut [u32]) {
    for _ in 0..forest.seeds.len() {
        taken[forest.seeds[below(stream, forest.seeds.len())] as usize] += 1;
    }
}

/// How many people [`neighbourhood`] picks, so that about as many are taken as there are participants.
fn picks(forest: &Forest) -> usize {
    let ties = 2 * forest.recruited().len();
    (forest.len() * forest.len() + ties / 2).checked_div(ties).unwrap_or(0)
}

/// Picks of anybody, each of which gives its recruiter and recruits (Yauck et al. 2022, Journal of Survey
/// Statistics and Methodology 10:419-438).
pub fn neighbourhood(forest: &Forest, stream: &mut Stream, taken: &mut [u32]) {
    taken.fill(0);
    for _ in 0..picks(forest) {
        let one = below(stream, forest.len()) as u32;
        let recruiter = forest.recruiter[one as usize];
        if recruiter != NOBODY {
            taken[recruiter as usize] += 1;
        }
        forest.recruits(one).iter().for_each(|&recruit| taken[recruit as usize] += 1);
    }
}

/// How often each is expected there: in proportion to its ties.
pub fn expected_of_neighbourhood(forest: &Forest) -> Vec<f64> {
    let each = picks(forest) as f64 / forest.len() as f64;
    (0..forest.len() as u32).map(|i| each * forest.ties(i) as f64).collect()
}
