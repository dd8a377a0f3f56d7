//! Several lists that overlap: from who is on which of them to how many are on none.
//!
//! A *history* says on which of k lists a person is: bit j of its number is list j. A *table* holds
//! the people of each history, 2^k of them; those of history 0 are not seen. Terms of a log-linear
//! model are numbered alike: bit j says that list j takes part, and term 0 is the intercept.
//!
//! | module | what it holds |
//! |---|---|
//! | [`table`] | counts by history, and the terms of a model |
//! | [`cells`] | sums over subsets and supersets: what makes the fits fast |
//! | [`cholesky`] | small systems of equations |
//! | [`existence`] | which cells a maximum likelihood estimate sends to zero, and where the size goes then, by linear programs |
//! | [`poisson`] | one log-linear model: Poisson likelihood by Newton's method |
//! | [`models`] | all hierarchical models, one after the other |
//! | [`ranking`] | many models and many tables: best, average |
//! | [`stepwise`] | forward selection, by a criterion or by p-values for sparse overlaps |
//! | [`profile`] | profile likelihood of the population's size |
//! | [`redraw`] | how lists are redrawn |
//! | [`people`] | who stands behind the histories redrawn, where people differ by covariates |
//! | [`conditional`] | chances that depend on covariates: conditional likelihood |
//! | [`bayes`] | averaged graphs and latent classes |

pub mod bayes;
pub mod cells;
pub mod cholesky;
pub mod conditional;
pub mod existence;
pub mod models;
pub mod people;
pub mod poisson;
pub mod profile;
pub mod ranking;
pub mod redraw;
pub mod stepwise;
pub mod table;
