//! The register redrawn, and the model fitted again.
//!
//! Replicate i draws how many people are seen, n* from Bin(N, n / N), and then who they are, one after
//! another from the n seen (Norris and Pollock 1996; Zwane and van der Heijden 2003). It reads its stream in
//! that order, so two estimators of one register see the same people, up to those by whom
//! their n* differ: the smaller sample is the start of the larger.
//!
//! Cost: 1.5 ns a person for the redraw; the fit starts at the estimate and takes three to five steps.

use nalgebra::DVector;
use ndarray::ArrayViewMut2;
use rand::Rng;
use statrs::function::factorial::ln_binomial;

use super::maximise::{Fit, GROWTH, Status};
use super::model::Model;
use super::size::Parts;
use crate::error::{Error, Result};
use crate::parallel;
use crate::stop::stopped;
use crate::stream::{Stream, Streams};

/// A chance below which a number of people seen, or a count, is left out.
const NEGLIGIBLE: f64 = 1e-16;
/// More sightings than this are not drawn.
const MOST_COUNTS: u32 = 100_000;

/// The largest size whose number of people seen is drawn as a binomial.
const MOST_PEOPLE: f64 = 1e15;
/// Cells of a model that are drawn from.
const MOST_CELLS: usize = 1 << 26;

/// With fewer people unseen than this, half a person more or less is felt.
const FEW_UNSEEN: f64 = 50.0;

/// What is redrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// The number of people, then people with their counts.
    Semiparametric,
    /// People with their counts, as many as were seen: forgets that their number is left to chance.
    Nonparametric,
    /// The number of people, then people, then their counts by the fitted model.
    Parametric,
}

impl Scheme {
    /// Find a scheme by its name.
    ///
    /// # Errors
    ///
    /// No such scheme.
    pub fn named(name: &str) -> Result<Self> {
        match name {
            "semiparametric" => Ok(Self::Semiparametric),
            "nonparametric" => Ok(Self::Nonparametric),
            "parametric" => Ok(Self::Parametric),
            _ => Err(Error::Argument(format!("there is no bootstrap {name:?}"))),
        }
    }
}

/// A register that can be redrawn.
pub struct Redraw<'a> {
    model: &'a Model,
    /// The cell of each person, or the row where counts are drawn.
    person: &'a [u32],
    start: DVector<f64>,
    number: Number,
    /// For parametric redraws the model with a cell for every count, and each row's distribution.
    drawn: Option<(Model, Vec<Vec<f64>>)>,
    /// Each cell's row, for parametric redraws.
    row: Vec<u32>,
}

/// The distribution of the number of people seen: first value and cumulative chances.
struct Number {
    first: usize,
    cumulative: Vec<f64>,
}

impl Number {
    fn certain(n: usize) -> Self {
        Self { first: n, cumulative: vec![1.0] }
    }

    /// Bin(N, n / N), tabulated around n. Where few were not seen, an N between whole numbers is one or the other by
    /// chance, as often as it is near: rounding would forget them.
    fn binomial(n: usize, size: f64) -> Self {
        // Beyond it the distribution is Poisson's to all digits, and logarithms of factorials lose theirs.
        let size = size.max(n as f64).min(MOST_PEOPLE);
        if size - n as f64 > FEW_UNSEEN {
            return Self::of(n, size.round(), size.round());
        }
        let (low, high) = (Self::of(n, size.floor(), size), Self::of(n, size.ceil(), size));
        let (share, first) = (size.fract(), low.first.min(high.first));
        let last = (low.first + low.cumulative.len()).max(high.first + high.cumulative.len());
        let cumulative =
            (first..last).map(|k| (1.0 - share) * low.up_to(k) + share * high.up_to(k)).collect();
        Self { first, cumulative }
    }

    /// The chance of at most k.
    fn up_to(&self, k: usize) -> f64 {
        if k < self.first { 0.0 } else { self.cumulative.get(k - self.first).copied().unwrap_or(1.0) }
    }

    /// Bin(`trials`, n / `size`).
    fn of(n: usize, trials: f64, size: f64) -> Self {
        let (p, expected) = (n as f64 / size, trials * n as f64 / size);
        if p >= 1.0 {
            return Self::certain(n);
        }
        let log_mass =
            |k: f64| ln_binomial(trials as u64, k as u64) + k * p.ln() + (trials - k) * (-p).ln_1p();
        let reach = 9.0 * (expected * (1.0 - p)).sqrt() + 40.0;
        let first = (expected - reach).max(0.0).ceil();
        let last = (expected + reach).min(trials).floor();
        let (mut k, mut mass, mut sum) = (first, log_mass(first).exp(), 0.0);
        let mut cumulative = Vec::with_capacity((last - first) as usize + 1);
        while k <= last {
            sum += mass;
            cumulative.push(sum);
            mass *= (trials - k) / (k + 1.0) * p / (1.0 - p);
            k += 1.0;
        }
        for chance in &mut cumulative {
            *chance /= sum;
        }
        Self { first: first as usize, cumulative }
    }

    fn draw(&self, uniform: f64) -> usize {
        self.first + self.cumulative.partition_point(|&c| c <= uniform).min(self.cumulative.len() - 1)
    }
}

impl<'a> Redraw<'a> {
    /// `person` has the cell of each person seen, in the register's order.
    ///
    /// # Errors
    ///
    /// People without a cell, or counts to be drawn from a family that does not describe them.
    pub fn new(
        model: &'a Model,
        person: &'a [u32],
        fit: &Fit,
        people: &[f64],
        scheme: Scheme,
    ) -> Result<Self> {
        if person.is_empty() || person.iter().any(|&c| c as usize >= model.cells()) {
            return Err(Error::Argument("every person needs a cell of the model".to_owned()));
        }
        let n = person.len();
        let number = match scheme {
            Scheme::Nonparametric => Number::certain(n),
            _ => Number::binomial(n, model.size(&fit.coefficients, people)),
        };
        let mut row = vec![0; model.cells()];
        for r in 0..model.rows() {
            row[model.of_row(r)].fill(r as u32);
        }
        let drawn = (scheme == Scheme::Parametric).then(|| expand(model, &fit.coefficients)).transpose()?;
        // From a boundary it would take long to come back.
        let settled = fit.status != Status::Maximum;
        let start = if settled { model.starts(people).into_iter().next() } else { None };
        let start = start.unwrap_or_else(|| fit.coefficients.clone());
        Ok(Self { model, person, start, number, drawn, row })
    }

    /// Sizes of the parts in replicates `first..`, one a column, and how each fit ended.
    ///
    /// A size that grows without bound is infinite, one without a fit NaN.
    pub fn replicates(
        &self,
        parts: &Parts,
        streams: Streams,
        first: u64,
        threads: usize,
        mut out: ArrayViewMut2<f64>,
    ) {
        parallel::columns(&mut out, 4, threads, |at, mut part| {
            let mut people = vec![0.0; self.cells()];
            let mut sizes = vec![0.0; parts.number];
            for (i, mut column) in part.columns_mut().into_iter().enumerate() {
                let status = self.replicate(
                    streams.replicate(first + (at + i) as u64),
                    parts,
                    &mut people,
                    &mut sizes,
                );
                column.iter_mut().zip(&sizes).for_each(|(to, size)| *to = *size);
                column[parts.number] = f64::from(status.code());
            }
        });
    }

    fn model(&self) -> &Model {
        self.drawn.as_ref().map_or(self.model, |d| &d.0)
    }

    fn cells(&self) -> usize {
        self.model().cells()
    }

    fn replicate(&self, mut stream: Stream, parts: &Parts, people: &mut [f64], sizes: &mut [f64]) -> Status {
        people.fill(0.0);
        self.draw(&mut stream, people);
        let model = self.model();
        let mut fit = model.climb(self.start.clone(), people, false);
        if fit.status == Status::Failed {
            fit = model.fit(people);
        }
        model.ended(&fit, people, parts, sizes);
        fit.status
    }

    fn draw(&self, stream: &mut Stream, people: &mut [f64]) {
        let n = self.person.len() as u64;
        let mut left = self.number.draw(uniform(stream.next_u64()));
        while left > 0 {
            let word = stream.next_u64();
            if let Some((model, masses)) = &self.drawn {
                let person = ((word >> 32) * n) >> 32;
                let row = self.row[self.person[person as usize] as usize] as usize;
                let (chances, u) = (&masses[row], uniform(stream.next_u64()));
                let at = chances.partition_point(|&c| c <= u).min(chances.len() - 1);
                people[model.of_row(row).start + at] += 1.0;
                left -= 1;
                continue;
            }
            for half in [word >> 32, word & 0xffff_ffff] {
                if left > 0 {
                    people[self.person[((half * n) >> 32) as usize] as usize] += 1.0;
                    left -= 1;
                }
            }
        }
    }
}

impl Model {
    /// The parts' sizes by a fit: infinite where they have no bound, NaN where there is no fit.
    pub(super) fn ended(&self, fit: &Fit, people: &[f64], parts: &Parts, sizes: &mut [f64]) {
        match fit.status {
            Status::Maximum | Status::Settled => {
                self.fitted_sizes(fit, people, parts, sizes);
                // A group that a redraw left without anybody to tell from may have any size.
                for row in (0..self.rows()).filter(|&row| self.unknown(row, &fit.curve, people)) {
                    sizes[parts.of[row] as usize] = f64::INFINITY;
                }
            }
            Status::Unbounded => self.unbounded(fit, people, parts, sizes),
            _ => sizes.fill(f64::NAN),
        }
    }

    /// Sizes where some are without bound: infinite where a further step moves them.
    fn unbounded(&self, fit: &Fit, people: &[f64], parts: &Parts, sizes: &mut [f64]) {
        self.sizes(&fit.coefficients, people, parts, sizes);
        let further = &fit.coefficients + &fit.direction;
        for row in 0..self.rows() {
            let grown = self.row_size(row, &further, people) / self.row_size(row, &fit.coefficients, people);
            if grown > GROWTH {
                sizes[parts.of[row] as usize] = f64::INFINITY;
            }
        }
    }
}

/// A cell for every count that the fitted model may give, and each row's cumulative chances.
fn expand(model: &Model, coefficients: &DVector<f64>) -> Result<(Model, Vec<Vec<f64>>)> {
    if !model.family.full() {
        return Err(Error::Argument(
            "this estimator describes some of the counts only, so counts can't be drawn from it; use \
             the semiparametric bootstrap"
                .to_owned(),
        ));
    }
    let (mut cells, mut counts, mut chances) = (vec![0], Vec::new(), Vec::new());
    for row in 0..model.rows() {
        let eta = model.predictors(row, coefficients);
        let eta = &eta[..model.family.parameters()];
        let (mut sum, mut cumulative) = (0.0, Vec::new());
        let mut most = 16;
        while cumulative.is_empty() {
            let masses = model.family.masses(eta, most);
            let total: f64 = masses.iter().sum();
            let tail = masses.last().copied().unwrap_or(0.0);
            if (1.0 - total).abs() < 1e-12 || tail < NEGLIGIBLE || most >= MOST_COUNTS {
                for mass in masses {
                    sum += mass;
                    cumulative.push(sum);
                    if 1.0 - sum < 1e-13 {
                        break;
                    }
                }
            }
            most *= 2;
        }
        counts.extend(1..=cumulative.len() as u32);
        cells.push(counts.len());
        chances.push(cumulative);
        if stopped() {
            return Err(Error::Stopped);
        }
        if counts.len() > MOST_CELLS {
            return Err(Error::Argument(
                "counts of so many kinds of people can't be drawn from the model".into(),
            ));
        }
    }
    Ok((model.with_cells(cells, counts), chances))
}

fn uniform(word: u64) -> f64 {
    (word >> 11) as f64 / 9_007_199_254_740_992.0
}
