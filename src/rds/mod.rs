//! Respondent-driven sampling: what recruitment by peers says of a population.
//!
//! | module | what it holds |
//! |---|---|
//! | [`inclusion`] | how likely people of each degree are in a sample that is taken by size, without replacement |
//! | [`size`] | how many people there are, from the sizes of a sample in order |

pub mod inclusion;
pub mod size;
