//! A column of the units, as kernels take it: written out, or only where it is not zero.
//!
//! Indicators of many categories and numbers by many groups share the rows among them: written out they would be
//! as many values as rows times groups, of which all but one a row are zero.

use crate::error::{Error, Result};

/// One value for each unit of a design.
#[derive(Clone, Copy, Debug)]
pub enum Column<'a> {
    /// Of every unit, in the survey's order.
    Full(&'a [f64]),
    /// Of some units, in the survey's order; the others have zero.
    Sparse {
        /// Which units, each once and in order.
        units: &'a [u32],
        /// Their values.
        values: &'a [f64],
    },
}

impl Column<'_> {
    /// Columns that are written out.
    pub fn full<C: AsRef<[f64]>>(columns: &[C]) -> Vec<Column<'_>> {
        columns.iter().map(|column| Column::Full(column.as_ref())).collect()
    }

    /// Whether a column fits a design of so many units.
    ///
    /// # Errors
    /// When it has another length, or units out of order or outside.
    pub fn fit(&self, expected: usize) -> Result<()> {
        let what = "a column";
        match *self {
            Self::Full(values) if values.len() != expected => {
                Err(Error::Length { what, expected, got: values.len() })
            }
            Self::Sparse { units, values } if units.len() != values.len() => {
                Err(Error::Length { what, expected: units.len(), got: values.len() })
            }
            Self::Sparse { units, .. }
                if !units.is_sorted_by(|a, b| a < b)
                    || units.last().is_some_and(|&u| u as usize >= expected) =>
            {
                Err(Error::Argument(String::from("a column's units are out of order or outside")))
            }
            _ => Ok(()),
        }
    }

    /// The same, where all values must be finite.
    ///
    /// # Errors
    /// When it does not fit, or has a value that is not finite.
    pub fn check(&self, expected: usize) -> Result<()> {
        self.fit(expected)?;
        let (Self::Full(values) | Self::Sparse { values, .. }) = *self;
        let Some(place) = values.iter().position(|value| !value.is_finite()) else { return Ok(()) };
        let row = match *self {
            Self::Full(_) => place,
            Self::Sparse { units, .. } => units[place] as usize,
        };
        Err(Error::NotFinite { what: "a column", row })
    }

    /// The sum of its values, each times the unit's weight.
    pub fn weighted(&self, weights: &[f64]) -> f64 {
        match self {
            Self::Full(values) => weights.iter().zip(*values).map(|(w, v)| w * v).sum(),
            Self::Sparse { units, values } => {
                units.iter().zip(*values).map(|(&unit, v)| weights[unit as usize] * v).sum()
            }
        }
    }
}
