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
//! and not n numbers are kept for a replicate.

use std::collections::HashMap;
use std::sync::Arc;

use ndarray::ArrayViewMut2;

use super::totals::{Columns, chunk};
use crate::design::Redraw;
use crate::design::resample::{Resample, Stratum};
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

/// A column of the pool of a stratum.
#[derive(Clone, Copy)]
enum Member {
    Value(usize),
    Product(usize, usize),
}

impl Covariance {
    /// `columns` hold one value for each unit, in the survey's order; `pairs` say which covariances are wanted.
    ///
    /// # Errors
    /// When a column has another length than the survey, or a value that is not finite; when a pair names no
    /// column; when a stratum with anything to vary draws a single unit.
    pub fn new(
        design: Arc<Resample>,
        columns: &[impl AsRef<[f64]>],
        pairs: &[(usize, usize)],
    ) -> Result<Self> {
        for column in columns {
            let column = column.as_ref();
            if column.len() != design.units() {
                return Err(Error::Length { what: "a column", expected: design.units(), got: column.len() });
            }
            if let Some(row) = column.iter().position(|v| !v.is_finite()) {
                return Err(Error::NotFinite { what: "a column", row });
            }
        }
        if pairs.iter().any(|&(a, b)| a.max(b) >= columns.len()) {
            return Err(Error::Argument("a pair names a column that was not given".into()));
        }
        let mut start: Vec<f64> =
            columns.iter().map(|c| design.kept().iter().zip(c.as_ref()).map(|(k, v)| k * v).sum()).collect();
        let strata = design
            .strata()
            .iter()
            .map(|stratum| Part::new(stratum, columns, pairs, &mut start))
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
        let widest = self.strata.iter().map(Part::width).max().unwrap_or(0);
        let mut scratch = vec![0.0; widest * n];
        for (stratum, part) in self.design.strata().iter().zip(&self.strata) {
            stratum.cells.draw(&mut streams, &mut cells);
            let Some(columns) = &part.sums else { continue };
            let scratch = &mut scratch[..part.width() * n];
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
        columns: &[impl AsRef<[f64]>],
        pairs: &[(usize, usize)],
        start: &mut [f64],
    ) -> Result<Self> {
        let rule = stratum.rule;
        if rule.draws == 0 {
            // Nothing is drawn, so no stream is read: the stratum can be left out.
            return Ok(Self::default());
        }
        let units = stratum.units();
        let m = f64::from(rule.draws);
        let mut shift = vec![0.0; columns.len()];
        let mut members = vec![];
        for (j, column) in columns.iter().enumerate() {
            let values = || units.iter().map(|&u| column.as_ref()[u as usize]);
            let n = units.len() as f64;
            let mean = values().sum::<f64>() / n;
            let first = column.as_ref()[units[0] as usize];
            if values().all(|v| v.to_bits() == first.to_bits()) {
                start[j] += rule.scale * m * first;
                continue;
            }
            let variance = values().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
            if mean * mean > FAR * variance {
                shift[j] = mean;
                start[j] += rule.scale * m * mean;
            }
            members.push(Member::Value(j));
        }
        if members.is_empty() {
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
        let value = |member: Member, unit: u32| {
            let at = |j: usize| columns[j].as_ref()[unit as usize] - shift[j];
            match member {
                Member::Value(j) => at(j),
                Member::Product(a, b) => at(a) * at(b),
            }
        };
        let mut pool = Pool::new(units, &value);
        let place: HashMap<usize, usize> = members
            .iter()
            .filter_map(|&member| match member {
                Member::Value(j) => Some((j, pool.push(member))),
                Member::Product(..) => None,
            })
            .collect();
        let pairs = pairs
            .iter()
            .enumerate()
            .filter_map(|(number, (a, b))| {
                let sums = (*place.get(a)?, *place.get(b)?);
                Some(Pair { number, sums, product: pool.place(Member::Product(*a, *b)) })
            })
            .collect();
        let pool = pool.members;
        let values = stratum.layout(pool.len(), |j, at| value(pool[j], units[at]));
        let columns = members.iter().filter_map(|m| if let Member::Value(j) = m { Some(*j) } else { None });
        Ok(Self {
            sums: Some(Columns::full((0..pool.len()).collect(), values)),
            columns: columns.collect(),
            pairs,
        })
    }

    fn width(&self) -> usize {
        self.sums.as_ref().map_or(0, |columns| columns.places.len())
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

/// The distinct columns that a stratum sums up.
struct Pool<'a, F> {
    units: &'a [u32],
    value: &'a F,
    members: Vec<Member>,
    /// Places by a hash of the values.
    known: HashMap<u64, Vec<usize>>,
}

impl<'a, F: Fn(Member, u32) -> f64> Pool<'a, F> {
    fn new(units: &'a [u32], value: &'a F) -> Self {
        Self { units, value, members: vec![], known: HashMap::new() }
    }

    /// Add a column and return its place.
    fn push(&mut self, member: Member) -> usize {
        self.members.push(member);
        self.known.entry(self.hash(member)).or_default().push(self.members.len() - 1);
        self.members.len() - 1
    }

    /// The place of a product, added if no column equals it; nothing for a product that is zero.
    fn place(&mut self, product: Member) -> Option<usize> {
        if self.units.iter().all(|&u| (self.value)(product, u) == 0.0) {
            return None;
        }
        let equal = |&place: &usize| {
            let other = self.members[place];
            self.units.iter().all(|&u| (self.value)(product, u).to_bits() == (self.value)(other, u).to_bits())
        };
        let found = self.known.get(&self.hash(product)).and_then(|places| places.iter().copied().find(equal));
        Some(found.unwrap_or_else(|| self.push(product)))
    }

    fn hash(&self, member: Member) -> u64 {
        self.units.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &u| {
            (hash ^ (self.value)(member, u).to_bits()).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23)
        })
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
        let all = columns.len();
        let pairs: Vec<(usize, usize)> = (0..all).flat_map(|a| (a..all).map(move |b| (a, b))).collect();
        let kernel = Covariance::new(Arc::clone(&design), &columns, &pairs).unwrap();
        let streams = Streams::new(7, 11);
        let expected = by_definition(&design, stratum, &columns, &pairs, streams);
        for threads in [1, 3] {
            let mut out = Array2::zeros((kernel.rows(), REPLICATES));
            kernel.replicates(streams, 0, threads, out.view_mut());
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
        assert_eq!(kernel.strata[0].width(), 3);
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
