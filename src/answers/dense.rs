//! Kernel: totals of columns for designs that state their factors, unit by unit.
//!
//! [`totals`](super::totals) never writes the factors of a resampled survey down; here they are written once
//! for all columns. Cost a replicate: the design's own, and 0.3 ns for each unit and column, or for what is not
//! zero of columns that come sparse.

use std::sync::Arc;

use ndarray::ArrayViewMut2;
use serde::Serialize;

use super::column::Column;
use crate::design::{Design, Redraw};
use crate::error::{Error, Result};
use crate::parallel;
use crate::stream::Streams;
use crate::travel::Travels;

/// The columns of a statistic.
#[derive(Debug)]
pub struct Dense {
    /// Kernels of one survey share it, so it travels apart.
    design: Arc<Design>,
    columns: usize,
    /// The columns that are written out, and their values, unit after unit.
    full: Vec<usize>,
    values: Vec<f64>,
    /// The others: which, their units, and their values.
    sparse: Vec<(usize, Vec<u32>, Vec<f64>)>,
}

impl Dense {
    /// Lay out columns that are written out.
    ///
    /// # Errors
    /// As [`Dense::of`].
    pub fn new(design: Arc<Design>, columns: &[impl AsRef<[f64]>]) -> Result<Self> {
        Self::of(design, &Column::full(columns))
    }

    /// `columns` hold one value for each unit, in the survey's order.
    ///
    /// # Errors
    /// When a column has another length than the survey, or a value that is not finite.
    pub fn of(design: Arc<Design>, columns: &[Column]) -> Result<Self> {
        let (mut full, mut slices, mut sparse) = (vec![], vec![], vec![]);
        for (j, column) in columns.iter().enumerate() {
            column.check(design.units())?;
            match column {
                Column::Full(values) => {
                    full.push(j);
                    slices.push(*values);
                }
                Column::Sparse { units, values } => sparse.push((j, units.to_vec(), values.to_vec())),
            }
        }
        let mut values = vec![0.0; design.units() * full.len()];
        for (k, column) in slices.iter().enumerate() {
            for (row, &value) in column.iter().enumerate() {
                values[row * full.len() + k] = value;
            }
        }
        Ok(Self { design, columns: columns.len(), full, values, sparse })
    }

    /// How many columns there are; all vary.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Fill `out` (columns x replicates) with the totals of replicates `first, first + 1, ...`.
    pub fn replicates(&self, streams: Streams, first: u64, threads: usize, mut out: ArrayViewMut2<f64>) {
        if self.columns == 0 {
            return;
        }
        let chunk = parallel::share(16, out.ncols(), threads);
        parallel::columns(&mut out, chunk, threads, |offset, mut part| {
            let mut factors = vec![0.0; self.design.units()];
            for (i, mut out) in part.columns_mut().into_iter().enumerate() {
                self.design.factors(streams, first + (offset + i) as u64, &mut factors);
                if factors.first().is_some_and(|factor| factor.is_nan()) {
                    out.fill(f64::NAN); // the replicate has no answer
                    continue;
                }
                let mut sums = vec![0.0; self.full.len()];
                if !sums.is_empty() {
                    for (&factor, row) in factors.iter().zip(self.values.chunks_exact(sums.len())) {
                        if factor != 0.0 {
                            sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += factor * value);
                        }
                    }
                }
                self.full.iter().zip(sums).for_each(|(&j, sum)| out[j] = sum);
                for (j, units, values) in &self.sparse {
                    out[*j] =
                        units.iter().zip(values).map(|(&unit, value)| factors[unit as usize] * value).sum();
                }
            }
        });
    }
}

impl Travels for Dense {
    type Sent = (Vec<usize>, Vec<f64>, Vec<(usize, Vec<u32>, Vec<f64>)>);
    type Beside = Arc<Design>;

    fn send(&self) -> impl Serialize {
        (&self.full, &self.values, &self.sparse)
    }

    fn arrive((full, values, sparse): Self::Sent, design: &Arc<Design>) -> Result<Self> {
        let (units, columns) = (design.units(), full.len() + sparse.len());
        let mut all: Vec<usize> = full.iter().copied().chain(sparse.iter().map(|&(j, ..)| j)).collect();
        all.sort_unstable();
        let each_once = all.iter().enumerate().all(|(place, &j)| place == j);
        if !each_once || full.len().checked_mul(units) != Some(values.len()) || units == 0 && columns > 0 {
            return Err(Error::Argument("these columns were laid out for another design".into()));
        }
        if let Some(at) = values.iter().position(|v| !v.is_finite()) {
            return Err(Error::NotFinite { what: "a column", row: at / full.len() });
        }
        for (_, units_of, values) in &sparse {
            Column::Sparse { units: units_of, values }.check(units)?;
        }
        Ok(Self { design: Arc::clone(design), columns, full, values, sparse })
    }
}

#[cfg(test)]
mod tests {
    use super::super::totals::Totals;
    use super::*;
    use crate::design::Resample;
    use ndarray::Array2;

    #[test]
    fn written_down_or_not_totals_are_the_same() {
        let resample = Arc::new(Resample::new(&[0, 1, 0, 1, 0], &[1; 5], None).unwrap());
        let columns = [[1.0, 2.0, 3.0, 4.0, 5.0], [0.0, 1.0, 0.0, 0.0, 1.0]];
        let dense = Dense::new(Arc::new(Design::Resample(Arc::clone(&resample))), &columns).unwrap();
        let totals = Totals::new(resample, &columns).unwrap();
        let (mut a, mut b) = (Array2::zeros((2, 50)), Array2::zeros((2, 50)));
        dense.replicates(Streams::new(0, 3), 7, 2, a.view_mut());
        totals.replicates(Streams::new(0, 3), 7, 1, b.view_mut());
        assert_eq!(a, b);
    }

    #[test]
    fn columns_that_are_not_written_out_have_the_same_totals() {
        let design = Arc::new(Design::Resample(Arc::new(Resample::new(&[0; 6], &[1; 6], None).unwrap())));
        let full = [[0.1, 0.0, 0.0, 0.7, 0.0, 0.3], [1.0; 6]];
        let (units, values) = ([0, 3, 5], [0.1, 0.7, 0.3]);
        let mixed = [Column::Sparse { units: &units, values: &values }, Column::Full(&full[1])];
        let draw = |dense: &Dense| {
            let mut out = Array2::zeros((2, 50));
            dense.replicates(Streams::new(0, 3), 0, 1, out.view_mut());
            out
        };
        let (mixed, full) = (Dense::of(Arc::clone(&design), &mixed), Dense::new(design, &full));
        assert_eq!(draw(&mixed.unwrap()), draw(&full.unwrap()));
    }
}
