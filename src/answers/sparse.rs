//! What is not zero of [`Column::Sparse`] columns, laid out for the strata of a design that resamples.

use serde::{Deserialize, Serialize};

use super::column::Column;
use super::totals::Rows;
use crate::design::Redraw;
use crate::design::resample::{Content, Resample, Stratum};

/// One value of a column, at a position among a stratum's units.
struct Entry {
    column: usize,
    at: usize,
    value: f64,
}

/// What is not zero of all sparse columns within a stratum: column after column, and in order within each.
#[derive(Default)]
pub(super) struct Entries(Vec<Entry>);

impl Entries {
    /// Part columns by stratum.
    pub(super) fn by_stratum(design: &Resample, columns: &[Column]) -> Vec<Self> {
        let mut made: Vec<Self> = design.strata().iter().map(|_| Self::default()).collect();
        if !columns.iter().any(|column| matches!(column, Column::Sparse { .. })) {
            return made;
        }
        // Where each unit stands: its stratum, its first position there, and how often it stands there.
        let mut seats = vec![(0, 0, 0); design.units()];
        for (h, stratum) in design.strata().iter().enumerate() {
            for (at, &unit) in stratum.units().iter().enumerate() {
                let seat = &mut seats[unit as usize];
                *seat = if seat.2 == 0 { (h, at, 1) } else { (h, seat.1, seat.2 + 1) };
            }
        }
        for (column, given) in columns.iter().enumerate() {
            let Column::Sparse { units, values } = given else { continue };
            for (&unit, &value) in units.iter().zip(*values) {
                let (h, first, times) = seats[unit as usize];
                if value != 0.0 {
                    made[h].0.extend((first..first + times).map(|at| Entry { column, at, value }));
                }
            }
        }
        made
    }

    /// The entries of each column that has some.
    fn columns(&self) -> impl Iterator<Item = &[Entry]> {
        self.0.chunk_by(|a, b| a.column == b.column)
    }

    fn of(&self, column: usize) -> &[Entry] {
        let from = self.0.partition_point(|entry| entry.column < column);
        let to = self.0.partition_point(|entry| entry.column <= column);
        &self.0[from..to]
    }

    /// For each column that has entries what the draws always add to its total, as for columns that are written out.
    pub(super) fn drawn_always(&self, stratum: &Stratum) -> impl Iterator<Item = (usize, Option<f64>)> {
        let (rule, all) = (stratum.rule, stratum.units().len());
        self.columns().map(move |entries| {
            let first = entries[0].value;
            let same = entries.len() == all && entries.iter().all(|e| e.value.to_bits() == first.to_bits());
            let always = match rule.draws {
                0 => Some(0.0),
                draws => same.then_some(rule.scale * first * f64::from(draws)),
            };
            (entries[0].column, always)
        })
    }

    /// A column, written out.
    pub(super) fn written(&self, column: usize, units: usize) -> Vec<f64> {
        let mut values = vec![0.0; units];
        self.of(column).iter().for_each(|entry| values[entry.at] = entry.value);
        values
    }

    /// What is not zero of each column that has some: its positions, in order, and values.
    pub(super) fn values(&self) -> impl Iterator<Item = (usize, Vec<(usize, f64)>)> {
        self.columns().map(|entries| (entries[0].column, entries.iter().map(|e| (e.at, e.value)).collect()))
    }

    /// The given columns for each block, or for all kinds; `place` says where each column's total goes.
    pub(super) fn bundles(&self, stratum: &Stratum, columns: &[usize], place: &[usize]) -> Vec<Bundle> {
        let scale = stratum.rule.scale;
        let each = columns.iter().map(|&column| {
            (place[column], self.of(column).iter().map(move |entry| (entry.at, scale * entry.value)))
        });
        bundles(stratum, each)
    }
}

/// Columns for each block, or for all kinds: where the total of each goes, and what is not zero of it, by position and in order.
pub(super) fn bundles(
    stratum: &Stratum,
    columns: impl Iterator<Item = (usize, impl Iterator<Item = (usize, f64)>)>,
) -> Vec<Bundle> {
    let mut columns = columns.peekable();
    if columns.peek().is_none() {
        return vec![];
    }
    let ends: Vec<usize> = match &stratum.content {
        Content::Kinds(kinds) => vec![kinds.len()],
        Content::Blocks { picks, .. } => picks
            .iter()
            .scan(0, |end, block| {
                *end += block.rows();
                Some(*end)
            })
            .collect(),
    };
    let mut made: Vec<Bundle> = ends.iter().map(|_| Bundle::default()).collect();
    for (place, values) in columns {
        let mut block = 0;
        for (at, value) in values {
            while at >= ends[block] {
                block += 1;
            }
            let start = if block == 0 { 0 } else { ends[block - 1] };
            made[block].push(place, at - start, value);
        }
    }
    made
}

/// What is not zero of some columns in a block of rows, or in all kinds.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Bundle {
    /// For each column the place of its total, and where its values end.
    columns: Vec<(usize, usize)>,
    /// The row of each value.
    rows: Vec<u32>,
    values: Vec<f64>,
}

impl Bundle {
    fn push(&mut self, place: usize, row: usize, value: f64) {
        self.rows.push(row as u32);
        self.values.push(value);
        match self.columns.last_mut() {
            Some((last, end)) if *last == place => *end += 1,
            _ => self.columns.push((place, self.values.len())),
        }
    }

    /// Whether it is one of so many rows and places.
    pub(super) fn fits(&self, rows: usize, places: usize) -> bool {
        self.rows.len() == self.values.len()
            && self.columns.is_sorted_by(|a, b| a.1 < b.1)
            && self.columns.last().map_or(0, |last| last.1) == self.values.len()
            && self.columns.iter().all(|column| column.0 < places)
            && self.rows.iter().all(|&row| (row as usize) < rows)
            && self.values.iter().all(|value| value.is_finite())
    }

    /// Each column's place, rows and values.
    fn columns(&self) -> impl Iterator<Item = (usize, &[u32], &[f64])> {
        let mut from = 0;
        self.columns.iter().map(move |&(place, end)| {
            let part = std::mem::replace(&mut from, end)..end;
            (place, &self.rows[part.clone()], &self.values[part])
        })
    }

    /// Add up each column, given how often each row was picked.
    pub(super) fn sums(&self, counts: &[u32], mut give: impl FnMut(usize, f64)) {
        for (place, rows, values) in self.columns() {
            let mut sum = 0.0;
            for (&row, value) in rows.iter().zip(values) {
                sum += f64::from(counts[row as usize].cast_signed()) * value;
            }
            give(place, sum);
        }
    }

    /// Add up each column over `n` replicates at once, given the counts of all kinds.
    pub(super) fn add(&self, counts: &[u32], n: usize, out: Rows) {
        for (place, kinds, values) in self.columns() {
            for (&kind, value) in kinds.iter().zip(values) {
                let counts = &counts[kind as usize * n..][..n];
                for (total, &count) in out[place].iter_mut().zip(counts) {
                    *total += f64::from(count.cast_signed()) * value;
                }
            }
        }
    }
}
