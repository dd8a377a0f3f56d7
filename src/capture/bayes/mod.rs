//! Bayesian estimation from lists that overlap.
//!
//! | module | what it holds |
//! |---|---|
//! | [`graphs`] | all decomposable graphs of a few lists |
//! | [`average`] | the exact posterior of the people unseen, averaged over these graphs |
//! | [`latent`] | classes of people with chances of their own, by a Gibbs sampler |

pub mod average;
pub mod graphs;
pub mod latent;
