//! Kernel: totals of columns over the redrawn sample, each replicate with the covariances that the
//! design would report of them had the redrawn sample been the sample (for bootstrap-t intervals).
//!
//! In a stratum of n units a replicate draws m and unit i comes `t_i` times; the total of column a moves by
//! `s S_a`, where `S_a = sum t_i x_ia` and s is what a draw is worth ([`crate::design::resample::Rule::scale`]). The m draws are
//! independent and uniform over the units, so given the sample
//!
//! ```text
//! Cov(s S_a, s S_b) = s^2 m / n sum_i (x_ia - mean_a) (x_ib - mean_b),
//! ```
//!
//! and the redrawn sample's own estimate of it is
//!
//! ```text
//! c = s^2 m / (m - 1) [ sum_i t_i x_ia x_ib - S_a S_b / m ],
//! ```
//!
//! because the bracket has expectation `(m - 1) / n sum (x_ia - mean_a) (x_ib - mean_b)`: as the sample's variance is
//! unbiased for the design, so is c for the redraws. For m = n and s = 1 it is the textbook's
//! n / (n - 1) about the redrawn mean. For m = n - 1 and s = sqrt(1 - f) n / (n - 1) (Rao and Wu 1988) its
//! expectation is (1 - f) n / (n - 1) times the sum of squares: the design's variance with the finite population
//! correction. A stratum that is not redrawn adds nothing, nor does one in which a column is constant.
//! One draw (m = 1) has no variance, and a design with such a stratum is refused.
//!
//! Cost a replicate: as [`totals`](super::totals), where each product of two columns counts as another column.
//! Products that are zero or equal to another column (those of groups, and of yes and no) are left out, so
//! J shares in G groups need few columns more than their totals. They are drawn in the same pass, and only J
//! and not n numbers are kept for a replicate. Of columns that come sparse, and of products that are, only what is
//! not zero is kept and costs anything.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use ndarray::ArrayViewMut2;

use super::column::Column;
use super::sparse::{Entries, bundles};
use super::totals::{Columns, FEW, chunk};
use crate::design::Redraw;
use crate::design::resample::{Content, Resample, Stratum};
use crate::error::{Error, Result};
use crate::parallel;
use crate::stream::{Stream, Streams};

/// Where the mean's square is more than this times the variance, values are taken from their mean: otherwise
/// the difference of two large sums would lose more than four of sixteen digits.
const FAR: f64 = 1e4;

/// The columns of a statistic, and the products that their covariances need.
#[derive(Debug)]
pub struct Covariance {
    design: Arc<Resample>,
    strata: Vec<Part>,
    pairs: usize,
    /// For each column, its part that no replicate changes.
    start: Vec<f64>,
}

/// What one stratum sums up.
#[derive(Debug, Default)]
struct Part {
    sums: Option<Columns>,
    /// How many sums there are.
    width: usize,
    /// The column that each of the first sums belongs to.
    columns: Vec<usize>,
    pairs: Vec<Pair>,
}

/// Two columns that vary in a stratum, by the places of their sums.
#[derive(Debug)]
struct Pair {
    /// Its number among the pairs that were asked for.
    number: usize,
    sums: (usize, usize),
    /// The place of their product's sum; `None` where the product is zero.
    product: Option<usize>,
}

impl Covariance {
    /// Of columns that are written out.
    ///
    /// # Errors
    /// As [`Covariance::of`].
    pub fn new(
        design: Arc<Resample>,
        columns: &[impl AsRef<[f64]>],
        pairs: &[(usize, usize)],
    ) -> Result<Self> {
        Self::of(design, &Column::full(columns), pairs)
    }

    /// `columns` hold one value for each unit, in the survey's order; `pairs` say which covariances are wanted.
    ///
    /// # Errors
    /// When a column has another length than the survey, or a value that is not finite; when a pair names no
    /// column; when a stratum with anything to vary draws a single unit.
    pub fn of(design: Arc<Resample>, columns: &[Column], pairs: &[(usize, usize)]) -> Result<Self> {
        for column in columns {
            column.check(design.units())?;
        }
        if pairs.iter().any(|&(a, b)| a.max(b) >= columns.len()) {
            return Err(Error::Argument("a pair names a column that was not given".into()));
        }
        let mut start: Vec<f64> = columns.iter().map(|column| column.weighted(design.kept())).collect();
        let entries = Entries::by_stratum(&design, columns);
        let strata = design
            .strata()
            .iter()
            .zip(&entries)
            .map(|(stratum, entries)| Part::new(stratum, columns, entries, pairs, &mut start))
            .collect::<Result<_>>()?;
        Ok(Self { design, strata, pairs: pairs.len(), start })
    }

    /// How many rows [`Covariance::replicates`] fills: a total for each column, a covariance for each pair.
    pub fn rows(&self) -> usize {
        self.start.len() + self.pairs
    }

    /// Fill `out` (columns and pairs x replicates) for replicates `first, first + 1, ...`.
    pub fn replicates(&self, streams: Streams, first: u64, threads: usize, mut out: ArrayViewMut2<f64>) {
        let together = chunk(&self.design, out.ncols(), threads);
        parallel::columns(&mut out, together, threads, |offset, part| {
            self.chunk(streams, first + offset as u64, part);
        });
    }

    fn chunk(&self, streams: Streams, first: u64, mut out: ArrayViewMut2<f64>) {
        let n = out.ncols();
        let mut streams: Vec<Stream> = (0..n as u64).map(|i| streams.replicate(first + i)).collect();
        let mut out: Vec<&mut [f64]> =
            out.rows_mut().into_iter().filter_map(ndarray::ArrayBase::into_slice).collect();
        let (totals, covariances) = out.split_at_mut(self.start.len());
        for (row, &start) in totals.iter_mut().zip(&self.start) {
            row.fill(start);
        }
        for row in covariances.iter_mut() {
            row.fill(0.0);
        }
        let mut cells = vec![0; self.design.most_cells() * n];
        let mut counts = vec![];
        let widest = self.strata.iter().map(|part| part.width).max().unwrap_or(0);
        let mut scratch = vec![0.0; widest * n];
        for (stratum, part) in self.design.strata().iter().zip(&self.strata) {
            stratum.cells.draw(&mut streams, &mut cells);
            let Some(columns) = &part.sums else { continue };
            let scratch = &mut scratch[..part.width * n];
            scratch.fill(0.0);
            // A chunk of no replicates does not exist, so n is above 0.
            let mut sums: Vec<&mut [f64]> = scratch.chunks_exact_mut(n.max(1)).collect();
            columns.add(stratum, &cells, &mut streams, &mut counts, &mut sums);
            part.finish(stratum, &sums, totals, covariances);
        }
    }
}

impl Part {
    fn new(
        stratum: &Stratum,
        columns: &[Column],
        entries: &Entries,
        pairs: &[(usize, usize)],
        start: &mut [f64],
    ) -> Result<Self> {
        let rule = stratum.rule;
        if rule.draws == 0 {
            // Nothing is drawn, so no stream is read: the stratum can be left out.
            return Ok(Self::default());
        }
        let (units, m) = (stratum.units(), f64::from(rule.draws));
        // Of columns that are written out all, of others those that have anything here.
        let full = columns.iter().enumerate().filter_map(|(j, column)| match column {
            Column::Full(values) => {
                Some((j, Values::Full(units.iter().map(|&u| values[u as usize]).collect())))
            }
            Column::Sparse { .. } => None,
        });
        let mut given: Vec<(usize, Values)> =
            full.chain(entries.values().map(|(j, some)| (j, Values::Thin(some)))).collect();
        given.sort_by_key(|&(j, _)| j);
        let mut pool = Pool::default();
        let mut place = HashMap::new();
        for (j, mut values) in given {
            if let Some(first) = values.constant(units.len()) {
                start[j] += rule.scale * m * first;
                continue;
            }
            let (mean, variance) = values.moments(units.len());
            if mean * mean > FAR * variance {
                start[j] += rule.scale * m * mean;
                values = values.less(mean, units.len());
            }
            place.insert(j, pool.push(values));
        }
        if place.is_empty() {
            // The draws must still be made, so that the stream goes on where it should.
            let sums = Columns::full(vec![], vec![]);
            return Ok(Self { sums: Some(sums), ..Self::default() });
        }
        if rule.draws < 2 {
            return Err(Error::Argument(
                "a stratum has two clusters, of which a replicate redraws one: one cluster shows no variation, so \
                 redrawn samples have no standard error. Use method='t', or join such strata to similar ones"
                    .into(),
            ));
        }
        let mut columns = vec![0; place.len()];
        for (&j, &at) in &place {
            columns[at] = j;
        }
        let pairs = pairs
            .iter()
            .enumerate()
            .filter_map(|(number, (a, b))| {
                let sums = (*place.get(a)?, *place.get(b)?);
                Some(Pair { number, sums, product: pool.product(sums) })
            })
            .collect();
        Ok(Self { width: pool.members.len(), sums: Some(pool.laid_out(stratum)), columns, pairs })
    }

    /// Turn the sums of a stratum into what it adds to totals and covariances.
    fn finish(
        &self,
        stratum: &Stratum,
        sums: &[&mut [f64]],
        totals: &mut [&mut [f64]],
        covariances: &mut [&mut [f64]],
    ) {
        let (scale, m) = (stratum.rule.scale, f64::from(stratum.rule.draws));
        for (&column, sums) in self.columns.iter().zip(sums) {
            for (total, sum) in totals[column].iter_mut().zip(&**sums) {
                *total += scale * sum;
            }
        }
        let factor = scale * scale * m / (m - 1.0);
        for pair in &self.pairs {
            let both = sums[pair.sums.0].iter().zip(&*sums[pair.sums.1]);
            let out = covariances[pair.number].iter_mut().zip(both);
            match pair.product {
                Some(product) => {
                    for ((out, (a, b)), p) in out.zip(&*sums[product]) {
                        *out += factor * (p - a * b / m);
                    }
                }
                None => out.for_each(|(out, (a, b))| *out -= factor * a * b / m),
            }
        }
    }
}

/// A column within a stratum: all of its units, or those that are not zero, by their positions and in order.
#[derive(Clone, Debug)]
enum Values {
    Full(Vec<f64>),
    Thin(Vec<(usize, f64)>),
}

impl Values {
    /// What is not zero.
    fn some(&self) -> impl Iterator<Item = (usize, f64)> {
        let (full, thin): (&[f64], &[(usize, f64)]) = match self {
            Self::Full(values) => (values, &[]),
            Self::Thin(some) => (&[], some),
        };
        full.iter().copied().enumerate().filter(|&(_, v)| v != 0.0).chain(thin.iter().copied())
    }

    /// The value of all units, if it is one.
    fn constant(&self, units: usize) -> Option<f64> {
        let same = |first: f64, mut all: std::slice::Iter<f64>| all.all(|v| v.to_bits() == first.to_bits());
        match self {
            Self::Full(values) => same(values[0], values.iter()).then_some(values[0]),
            Self::Thin(some) => {
                let first = some[0].1;
                let all = some.len() == units && some.iter().all(|(_, v)| v.to_bits() == first.to_bits());
                all.then_some(first)
            }
        }
    }

    /// Mean and variance.
    fn moments(&self, units: usize) -> (f64, f64) {
        let n = units as f64;
        match self {
            Self::Full(values) => {
                let mean = values.iter().sum::<f64>() / n;
                (mean, values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n)
            }
            Self::Thin(some) => {
                let mean = some.iter().map(|(_, v)| v).sum::<f64>() / n;
                let squares: f64 = some.iter().map(|(_, v)| (v - mean).powi(2)).sum();
                (mean, (squares + (units - some.len()) as f64 * mean * mean) / n)
            }
        }
    }

    /// The same, each less a number.
    fn less(&self, shift: f64, units: usize) -> Self {
        let mut values = self.written(units);
        for v in &mut values {
            *v -= shift;
        }
        Self::Full(values)
    }

    /// All values.
    fn written(&self, units: usize) -> Vec<f64> {
        match self {
            Self::Full(values) => values.clone(),
            Self::Thin(some) => {
                let mut values = vec![0.0; units];
                for &(at, v) in some {
                    values[at] = v;
                }
                values
            }
        }
    }

    /// The product of two columns.
    fn times(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Full(a), Self::Full(b)) => Self::Full(a.iter().zip(b).map(|(a, b)| a * b).collect()),
            (Self::Full(all), Self::Thin(some)) | (Self::Thin(some), Self::Full(all)) => {
                let products = some.iter().map(|&(at, v)| (at, v * all[at]));
                Self::Thin(products.filter(|&(_, v)| v != 0.0).collect())
            }
            (Self::Thin(a), Self::Thin(b)) => {
                let mut made = vec![];
                let mut rest = &b[..];
                for &(at, v) in a {
                    rest = &rest[rest.iter().position(|&(other, _)| other >= at).unwrap_or(rest.len())..];
                    match rest.first() {
                        Some(&(other, w)) if other == at && v * w != 0.0 => made.push((at, v * w)),
                        _ => {}
                    }
                }
                Self::Thin(made)
            }
        }
    }
}

/// A column of which at most one unit in so many is not zero is not written out.
const THIN: usize = 8;

/// The distinct columns that a stratum sums up.
#[derive(Default)]
struct Pool {
    members: Vec<Values>,
    /// Places by a hash of the values.
    known: HashMap<u64, Vec<usize>>,
    /// Places of the products of two places.
    made: HashMap<(usize, usize), Option<usize>>,
}

impl Pool {
    /// Add a column and return its place.
    fn push(&mut self, column: Values) -> usize {
        let place = self.members.len();
        self.known.entry(Self::hash(&column)).or_default().push(place);
        self.members.push(column);
        place
    }

    /// The place of a product, added if no column equals it; nothing for a product that is zero.
    fn product(&mut self, (a, b): (usize, usize)) -> Option<usize> {
        if let Some(&known) = self.made.get(&(a, b)) {
            return known;
        }
        let product = self.members[a].times(&self.members[b]);
        let place = if product.some().next().is_none() {
            None
        } else {
            let bits = |(at, v): (usize, f64)| (at, v.to_bits());
            let equal = |&place: &usize| self.members[place].some().map(bits).eq(product.some().map(bits));
            let found =
                self.known.get(&Self::hash(&product)).and_then(|places| places.iter().copied().find(equal));
            Some(found.unwrap_or_else(|| self.push(product)))
        };
        self.made.insert((a, b), place);
        place
    }

    fn hash(column: &Values) -> u64 {
        column.some().fold(0xcbf2_9ce4_8422_2325, |hash, (at, v)| {
            let mix =
                |hash: u64, part: u64| (hash ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23);
            mix(mix(hash, at as u64), v.to_bits())
        })
    }

    /// The columns as the kernel walks them: few are picked row by row, so they are written out; of many what is not zero.
    fn laid_out(&self, stratum: &Stratum) -> Columns {
        let (units, picked) = (stratum.units().len(), matches!(stratum.content, Content::Blocks { .. }));
        let written = picked && self.members.len() <= FEW;
        let (mut full, mut places, mut thin) = (vec![], vec![], vec![]);
        for (place, values) in self.members.iter().enumerate() {
            if !written && values.some().count() * THIN <= units {
                thin.push((place, values));
                continue;
            }
            full.push(match values {
                Values::Full(all) => Cow::Borrowed(all),
                Values::Thin(_) => Cow::Owned(values.written(units)),
            });
            places.push(place);
        }
        let values = stratum.layout(full.len(), |j, at| full[j][at]);
        let thin = thin.iter().map(|(place, values)| (*place, values.some()));
        Columns { places, values, sparse: bundles(stratum, thin) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::picks::BLOCK;
    use crate::design::resample::Rule;
    use ndarray::Array2;

    const REPLICATES: usize = 70;

    /// Totals and covariances straight from how often each unit was drawn.
    fn by_definition(
        design: &Resample,
        stratum: &[u32],
        columns: &[Vec<f64>],
        pairs: &[(usize, usize)],
        streams: Streams,
    ) -> Array2<f64> {
        let mut factors = vec![0.0; design.units()];
        let mut out = Array2::zeros((columns.len() + pairs.len(), REPLICATES));
        for i in 0..REPLICATES {
            design.factors(streams, i as u64, &mut factors);
            for (j, column) in columns.iter().enumerate() {
                out[[j, i]] = factors.iter().zip(column).map(|(f, v)| f * v).sum();
            }
            for (h, part) in design.strata().iter().enumerate().filter(|(_, s)| s.rule.draws > 0) {
                let drawn: Vec<(usize, f64)> = (0..factors.len())
                    .filter(|&u| stratum[u] as usize == h)
                    .map(|u| (u, (factors[u] - design.kept()[u]) / part.rule.scale))
                    .collect();
                let m: f64 = drawn.iter().map(|(_, t)| t).sum();
                assert!((m - f64::from(part.rule.draws)).abs() < 1e-9);
                let mean = |c: &[f64]| drawn.iter().map(|&(u, t)| t * c[u]).sum::<f64>() / m;
                for (p, &(a, b)) in pairs.iter().enumerate() {
                    let (a, b) = (&columns[a], &columns[b]);
                    let (at, bt) = (mean(a), mean(b));
                    let squares: f64 = drawn.iter().map(|&(u, t)| t * (a[u] - at) * (b[u] - bt)).sum();
                    out[[columns.len() + p, i]] += part.rule.scale.powi(2) * m / (m - 1.0) * squares;
                }
            }
        }
        out
    }

    fn check(stratum: &[u32], multiplicity: &[u64], rules: Option<&[Rule]>, width: usize) {
        let design = Arc::new(Resample::new(stratum, multiplicity, rules).unwrap());
        let units = stratum.len();
        let mut columns: Vec<Vec<f64>> =
            (0..width).map(|j| (0..units).map(|u| ((u * 7 + j * 3) % 11) as f64 - 2.0).collect()).collect();
        // Two groups, yes and no; the same in all units; constant in strata; far from zero.
        columns.push((0..units).map(|u| f64::from(u % 2 == 0)).collect());
        columns.push((0..units).map(|u| f64::from(u % 2 == 1)).collect());
        columns.push(vec![2.0; units]);
        columns.push(stratum.iter().map(|&h| f64::from(h)).collect());
        columns.push((0..units).map(|u| 1e7 + (u % 5) as f64).collect());
        // Ten groups that share the rows.
        columns.extend((0..10).map(|g| {
            (0..units).map(|u| if u % 10 == g { 1.0 + (u % 3) as f64 / 7.0 } else { 0.0 }).collect()
        }));
        let all = columns.len();
        let pairs: Vec<(usize, usize)> = (0..all).flat_map(|a| (a..all).map(move |b| (a, b))).collect();
        let kernel = Covariance::new(Arc::clone(&design), &columns, &pairs).unwrap();
        // Columns that come without their zeros have the same digits.
        let some: Vec<Vec<u32>> = columns
            .iter()
            .map(|column| (0..units as u32).filter(|&u| column[u as usize] != 0.0).collect())
            .collect();
        let values: Vec<Vec<f64>> = some
            .iter()
            .zip(&columns)
            .map(|(units, column)| units.iter().map(|&u| column[u as usize]).collect())
            .collect();
        let sparse: Vec<Column> =
            some.iter().zip(&values).map(|(units, values)| Column::Sparse { units, values }).collect();
        let thin = Covariance::of(Arc::clone(&design), &sparse, &pairs).unwrap();
        let streams = Streams::new(7, 11);
        let expected = by_definition(&design, stratum, &columns, &pairs, streams);
        for threads in [1, 3] {
            let mut out = Array2::zeros((kernel.rows(), REPLICATES));
            kernel.replicates(streams, 0, threads, out.view_mut());
            let mut of_thin = out.clone();
            thin.replicates(streams, 0, threads, of_thin.view_mut());
            assert_eq!(of_thin, out);
            for (row, (ours, theirs)) in out.rows().into_iter().zip(expected.rows()).enumerate() {
                let size = theirs.iter().fold(0.0_f64, |most, v| most.max(v.abs())).max(1.0);
                for (a, b) in ours.iter().zip(theirs) {
                    assert!((a - b).abs() <= 1e-9 * size, "row {row}: {a} is not {b}");
                }
            }
        }
    }

    #[test]
    fn every_kernel_gives_the_covariances_of_the_counts() {
        for width in [1, 2, 8] {
            check(&[0, 0, 1, 1, 1], &[90, 80, 70, 60, 50], None, width); // kinds
            check(&[0, 1, 0, 1, 0, 1, 0], &[1; 7], None, width); // one block
            // Rescaled, and a stratum left alone.
            let rules =
                [Rule { draws: 3, offset: 0.3, scale: 0.9 }, Rule { draws: 0, offset: 1.0, scale: 0.0 }];
            check(&[0, 1, 0, 1, 0, 1, 0], &[1; 7], Some(&rules), width);
        }
        let n = 2 * BLOCK + 5;
        let stratum: Vec<u32> = (0..n).map(|u| u32::from(u % 50 == 0)).collect();
        check(&stratum, &vec![1; n], None, 1); // several blocks, and one
    }

    #[test]
    fn products_that_say_nothing_new_are_not_drawn() {
        // Shares in two groups: yes and size of each. Yes times yes, and yes times size, are yes again; what
        // belongs to different groups has no product.
        let design = Arc::new(Resample::new(&[0; 8], &[1; 8], None).unwrap());
        let size: Vec<f64> = (0..8).map(|u| f64::from(u < 4)).collect();
        let other: Vec<f64> = size.iter().map(|v| 1.0 - v).collect();
        let yes: Vec<f64> = (0..8).map(|u| f64::from(u < 2)).collect();
        let columns = [yes, size, other];
        let pairs = [(0, 0), (0, 1), (1, 1), (0, 2), (1, 2), (2, 2)];
        let kernel = Covariance::new(design, &columns, &pairs).unwrap();
        assert_eq!(kernel.strata[0].width, 3);
    }

    #[test]
    fn the_redraws_variance_is_estimated_without_bias() {
        // Closed form: (1 - f) n / (n - 1) sum (x - mean)^2 for the rescaled redraws, sum (x - mean)^2 for n of n.
        let (n, fraction) = (7_u32, 0.3_f64);
        let l = (1.0 - fraction).sqrt();
        let rescaled = Rule { draws: n - 1, offset: 1.0 - l, scale: l * f64::from(n) / f64::from(n - 1) };
        let plain = Rule { draws: n, offset: 0.0, scale: 1.0 };
        let values = vec![3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0];
        let squares: f64 = values.iter().map(|v: &f64| (v - 25.0 / 7.0).powi(2)).sum();
        for (rule, expected) in [(rescaled, l * l * 7.0 / 6.0 * squares), (plain, squares)] {
            let design = Arc::new(Resample::new(&[0; 7], &[1; 7], Some(&[rule])).unwrap());
            let kernel = Covariance::new(design, std::slice::from_ref(&values), &[(0, 0)]).unwrap();
            let mut out = Array2::zeros((2, 100_000));
            kernel.replicates(Streams::new(1, 2), 0, 1, out.view_mut());
            let row = out.row(1);
            let mean = row.sum() / 100_000.0;
            let error = (row.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 1e10).sqrt();
            assert!((mean - expected).abs() < 4.0 * error, "{mean} is not {expected}");
        }
    }

    #[test]
    fn a_stratum_of_which_one_is_drawn_is_refused_if_anything_varies_there() {
        let rule = Rule { draws: 1, offset: 0.0, scale: 2.0 };
        let design = Arc::new(Resample::new(&[0, 0], &[1, 1], Some(&[rule])).unwrap());
        let fixed = Covariance::new(Arc::clone(&design), &[[4.0, 4.0]], &[(0, 0)]).unwrap();
        let mut out = Array2::zeros((2, 3));
        fixed.replicates(Streams::new(0, 0), 0, 1, out.view_mut());
        assert_eq!(out, ndarray::array![[8.0, 8.0, 8.0], [0.0, 0.0, 0.0]]);
        assert!(Covariance::new(design, &[[4.0, 5.0]], &[(0, 0)]).is_err());
    }
}
