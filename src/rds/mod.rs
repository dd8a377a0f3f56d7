//! Respondent-driven sampling: what recruitment by peers says of a population.
//!
//! | module | what it holds |
//! |---|---|
//! | [`homophily`] | shares of categories from who recruits whom, with ties that are used up |
//! | [`inclusion`] | how likely people of each degree are in a sample that is taken by size, without replacement |
//! | [`size`] | how many people there are, from the sizes of a sample in order |
//! | [`network`] | people of known kinds, and who knows whom |
//! | [`recruit`] | recruitment through a network |

use rand::Rng;

use crate::stream::Stream;

pub mod homophily;
pub mod inclusion;
pub mod network;
pub mod recruit;
pub mod size;

/// A number between 0 and 1, neither of them, of 52 bits.
fn uniform(stream: &mut Stream) -> f64 {
    ((stream.next_u64() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
}

/// One of so many, at most 2^32.
fn below(stream: &mut Stream, len: usize) -> usize {
    (((stream.next_u64() >> 32) * len as u64) >> 32) as usize
}

/// The first whose sum is above a number; the last that has any share where rounding leaves none.
fn first_above(upto: &[f64], number: f64) -> usize {
    let last = upto.last().copied().unwrap_or(0.0);
    upto.partition_point(|sum| *sum <= number).min(upto.partition_point(|sum| *sum < last))
}
