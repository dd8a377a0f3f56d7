//! What is fitted to what: a table of counts, and the terms of a log-linear model.

/// More lists than this make tables too large to be of use.
pub const MOST_LISTS: usize = 12;

/// Counts by history, and which histories can occur (1) or can't, by design (0); history 0 is 0.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    /// People of each history.
    pub counts: &'a [f64],
    /// 1 where a history can occur, else 0.
    pub open: &'a [f64],
}

/// What a model consists of beside its intercept.
#[derive(Clone, Copy, Debug)]
pub struct Model<'a> {
    /// Interactions and main effects.
    pub terms: &'a [u32],
    /// Columns of any numbers, one for each history: heterogeneity.
    pub extras: &'a [Vec<f64>],
}

impl Model<'_> {
    /// Parameters, with the intercept.
    pub fn parameters(&self) -> usize {
        self.terms.len() + self.extras.len() + 1
    }
}
