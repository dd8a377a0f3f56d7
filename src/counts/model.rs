//! Covariates and cells of identical people; their log-likelihood with its derivatives.
//!
//! People with the same covariates form a row, and those of a row seen equally often a cell, so that
//! the work depends on the number of kinds of people and not on how many there are.

use nalgebra::{Const, DMatrix, DVector, U1};
use num_dual::{Dual2_64, Dual2SVec64};
use serde::Serialize;

use super::family::{Asked, Counted, Family, log_factorial};
use crate::error::{Error, Result};
use crate::stop::stopped;
use crate::travel::{Travels, check_coefficients};

/// Sightings of one person: sums over all smaller numbers are part of some likelihoods.
const MOST_SIGHTINGS: u32 = 1_000_000;
/// Rows between two looks at whether the work is called off.
const EAR: usize = 1024;

/// A model of a register's counts: a family and covariates for each of its parameters.
#[derive(Clone, Debug)]
pub struct Model {
    pub(super) family: Family,
    /// For each parameter its covariates, one row after another.
    designs: Vec<DMatrix<f64>>,
    /// First coefficient of each parameter, and their number at the end.
    first: Vec<usize>,
    /// First cell of each row, and the number of cells at the end.
    cells: Vec<usize>,
    /// How often the people of each cell were seen; ascending within a row.
    counts: Vec<u32>,
    /// log of their factorials.
    log_factorials: Vec<f64>,
}

/// Value, gradient and minus the Hessian of the log-likelihood.
#[derive(Clone, Debug)]
pub struct Curve {
    /// The log-likelihood.
    pub value: f64,
    /// Its gradient.
    pub gradient: DVector<f64>,
    /// The observed information.
    pub information: DMatrix<f64>,
}

impl Model {
    /// `designs` has for each parameter the rows' covariates; `row` and `counts` describe the cells,
    /// ordered by row and then by count.
    ///
    /// # Errors
    ///
    /// Covariates that are missing, infinite or too few, and cells out of order.
    pub fn new(family: Family, designs: Vec<DMatrix<f64>>, row: &[u32], counts: &[u32]) -> Result<Self> {
        let wrong = |what: &str| Err(Error::Argument(what.to_owned()));
        let rows = designs.first().map_or(0, DMatrix::nrows);
        if designs.len() != family.parameters() || designs.iter().any(|d| d.nrows() != rows) {
            return wrong("every parameter of a family needs its covariates, for the same rows");
        }
        if designs.iter().any(|d| d.iter().any(|x| !x.is_finite())) {
            return wrong("covariates must be finite numbers");
        }
        if rows > row.len().max(1) * 1024 && designs.iter().all(|d| d.ncols() == 0) {
            return wrong("covariates of so many rows are none");
        }
        if counts.iter().any(|&y| y > MOST_SIGHTINGS) {
            return wrong("somebody was seen more than a million times");
        }
        if row.len() != counts.len() || row.iter().any(|&r| r as usize >= rows) || counts.contains(&0) {
            return wrong("cells need a row and a count of at least one");
        }
        if row.windows(2).zip(counts.windows(2)).any(|(r, y)| (r[0], y[0]) >= (r[1], y[1])) {
            return wrong("cells must be ordered by row and count");
        }
        let mut first = vec![0];
        for design in &designs {
            first.push(first[first.len() - 1] + design.ncols());
        }
        if first.last() == Some(&0) {
            return wrong("a model needs a column of covariates");
        }
        check_coefficients(first[first.len() - 1])?;
        let cells = (0..=rows).map(|r| row.partition_point(|&c| (c as usize) < r)).collect();
        let log_factorials = counts.iter().map(|&y| log_factorial(y)).collect();
        Ok(Self { family, designs, first, cells, counts: counts.to_vec(), log_factorials })
    }

    /// The same model with other cells in the same rows.
    pub(super) fn with_cells(&self, cells: Vec<usize>, counts: Vec<u32>) -> Self {
        let log_factorials = counts.iter().map(|&y| log_factorial(y)).collect();
        Self { cells, counts, log_factorials, ..self.clone() }
    }

    /// A model of the same family with one row of covariates.
    pub(super) fn plain(&self, designs: Vec<DMatrix<f64>>, counts: Vec<u32>) -> Self {
        let first = (0..=designs.len()).collect();
        Self { designs, first, ..self.with_cells(vec![0, counts.len()], counts) }
    }

    /// The number of rows of covariates.
    pub fn rows(&self) -> usize {
        self.cells.len() - 1
    }

    /// The number of cells.
    pub fn cells(&self) -> usize {
        self.counts.len()
    }

    /// The number of coefficients.
    pub fn coefficients(&self) -> usize {
        self.first[self.first.len() - 1]
    }

    /// The coefficients of one parameter.
    pub(super) fn part(&self, parameter: usize) -> std::ops::Range<usize> {
        self.first[parameter]..self.first[parameter + 1]
    }

    pub(super) fn design(&self, parameter: usize) -> &DMatrix<f64> {
        &self.designs[parameter]
    }

    /// The cells of a row.
    pub(super) fn of_row(&self, row: usize) -> std::ops::Range<usize> {
        self.cells[row]..self.cells[row + 1]
    }

    pub(super) fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// A row's linear predictors; unused places stay 0.
    pub(super) fn predictors(&self, row: usize, coefficients: &DVector<f64>) -> [f64; 3] {
        let mut eta = [0.0; 3];
        for (k, design) in self.designs.iter().enumerate() {
            let from = self.first[k];
            eta[k] = (0..design.ncols()).map(|j| design[(row, j)] * coefficients[from + j]).sum();
        }
        eta
    }

    /// People seen, and those of them whose counts are modelled, in a row.
    pub(super) fn seen(&self, row: usize, people: &[f64]) -> (f64, f64) {
        let mut totals = (0.0, 0.0);
        for cell in self.of_row(row) {
            totals.0 += people[cell];
            totals.1 += if self.family.uses(self.counts[cell]) { people[cell] } else { 0.0 };
        }
        totals
    }

    /// The log-likelihood of the people in each cell, with gradient and information.
    pub fn curve(&self, coefficients: &DVector<f64>, people: &[f64]) -> Curve {
        let p = self.coefficients();
        let mut curve = Curve { value: 0.0, gradient: DVector::zeros(p), information: DMatrix::zeros(p, p) };
        let mut counted: Vec<Counted> = Vec::new();
        for row in 0..self.rows() {
            if row % EAR == 0 && stopped() {
                break;
            }
            counted.clear();
            let used = |&c: &usize| people[c] > 0.0 && self.family.uses(self.counts[c]);
            counted.extend(self.of_row(row).filter(used).map(|c| Counted {
                times: self.counts[c],
                log_factorial: self.log_factorials[c],
                people: people[c],
            }));
            if counted.is_empty() {
                continue;
            }
            let eta = self.predictors(row, coefficients);
            let (value, slope, bend) = jet(self.family, &eta, Asked::LogLik(&counted));
            curve.value += value;
            self.spread(row, &slope, &bend, &mut curve);
        }
        curve.information.fill_upper_triangle_with_lower_triangle();
        curve
    }

    /// Whether a row's predictors use a coefficient about which nothing is known.
    pub(super) fn uninformed(&self, row: usize, information: &DMatrix<f64>) -> bool {
        self.designs.iter().zip(&self.first).any(|(design, &from)| {
            (0..design.ncols()).any(|j| design[(row, j)] != 0.0 && nothing(information[(from + j, from + j)]))
        })
    }

    /// The slope of the log-likelihood by the coefficients that one person of each cell adds (cells x coefficients).
    pub fn scores(&self, coefficients: &DVector<f64>) -> DMatrix<f64> {
        let mut scores = DMatrix::zeros(self.cells(), self.coefficients());
        for row in 0..self.rows() {
            let eta = self.predictors(row, coefficients);
            for cell in self.of_row(row).filter(|&c| self.family.uses(self.counts[c])) {
                let one = Counted {
                    times: self.counts[cell],
                    log_factorial: self.log_factorials[cell],
                    people: 1.0,
                };
                let (_, slope, _) = jet(self.family, &eta, Asked::LogLik(&[one]));
                let mut gradient = DVector::zeros(self.coefficients());
                self.add_gradient(row, &slope, &mut gradient);
                scores.set_row(cell, &gradient.transpose());
            }
        }
        scores
    }

    /// Carry a row's derivatives by its predictors over to the coefficients (lower triangle).
    fn spread(&self, row: usize, slope: &[f64; 3], bend: &[[f64; 3]; 3], curve: &mut Curve) {
        for (k, design) in self.designs.iter().enumerate() {
            for i in 0..design.ncols() {
                let x = design[(row, i)];
                if x == 0.0 {
                    continue;
                }
                let at = self.first[k] + i;
                curve.gradient[at] += x * slope[k];
                for (l, other) in self.designs.iter().enumerate().take(k + 1) {
                    let to = if l == k { i + 1 } else { other.ncols() };
                    for j in 0..to {
                        curve.information[(at, self.first[l] + j)] -= x * bend[k][l] * other[(row, j)];
                    }
                }
            }
        }
    }

    /// Add the gradient by the coefficients of something that a row's predictors decide.
    pub(super) fn add_gradient(&self, row: usize, slope: &[f64; 3], to: &mut DVector<f64>) {
        for (k, design) in self.designs.iter().enumerate() {
            for j in 0..design.ncols() {
                to[self.first[k] + j] += design[(row, j)] * slope[k];
            }
        }
    }
}

/// A model with the people in each of its cells: what is fitted, and what travels.
#[derive(Clone, Debug)]
pub struct Register {
    /// The model.
    pub model: Model,
    /// People in each cell.
    pub people: Vec<f64>,
}

impl Register {
    /// # Errors
    /// When there is not one number of people for each cell.
    pub fn new(model: Model, people: Vec<f64>) -> Result<Self> {
        if people.len() != model.cells() {
            return Err(Error::Length { what: "people", expected: model.cells(), got: people.len() });
        }
        if let Some(row) = people.iter().position(|n| !n.is_finite() || *n < 0.0) {
            return Err(Error::NotFinite { what: "people", row });
        }
        Ok(Self { model, people })
    }
}

impl Travels for Register {
    /// The family; rows, columns and values of each parameter's covariates; row, count and people of each cell.
    type Sent = (Family, Vec<(usize, usize, Vec<f64>)>, Vec<u32>, Vec<u32>, Vec<f64>);
    type Beside = ();

    fn send(&self) -> impl Serialize {
        let model = &self.model;
        let designs = model.designs.iter().map(|d| (d.nrows(), d.ncols(), d.as_slice()));
        let row = (0..model.rows()).flat_map(|r| std::iter::repeat_n(r as u32, model.of_row(r).len()));
        (model.family, designs.collect::<Vec<_>>(), row.collect::<Vec<u32>>(), &model.counts, &self.people)
    }

    fn arrive((family, designs, row, counts, people): Self::Sent, (): &()) -> Result<Self> {
        let design = |(rows, columns, values): (usize, usize, Vec<f64>)| {
            if rows.checked_mul(columns) != Some(values.len()) {
                return Err(Error::Length { what: "covariates", expected: rows, got: values.len() });
            }
            Ok(DMatrix::from_vec(rows, columns, values))
        };
        let designs = designs.into_iter().map(design).collect::<Result<_>>()?;
        Self::new(Model::new(family, designs, &row, &counts)?, people)
    }
}

/// Whether information about a coefficient is none.
pub(super) fn nothing(information: f64) -> bool {
    information.abs() <= 1e-280
}

/// Value, gradient and Hessian by the linear predictors.
pub(super) type Jet = (f64, [f64; 3], [[f64; 3]; 3]);

/// Answer with derivatives, by dual numbers with as many parts as the family has parameters.
pub(super) fn jet(family: Family, eta: &[f64; 3], asked: Asked) -> Jet {
    match family.parameters() {
        1 => {
            let d = family.ask(asked, &[Dual2_64::new(eta[0], 1.0, 0.0)]);
            let mut jet = (d.re, [0.0; 3], [[0.0; 3]; 3]);
            (jet.1[0], jet.2[0][0]) = (d.v1, d.v2);
            jet
        }
        2 => several::<2>(family, eta, asked),
        _ => several::<3>(family, eta, asked),
    }
}

fn several<const N: usize>(family: Family, eta: &[f64; 3], asked: Asked) -> Jet {
    let variables: [Dual2SVec64<N>; N] = std::array::from_fn(|i| Dual2SVec64::from_re(eta[i]).derivative(i));
    let d = family.ask(asked, &variables);
    let mut jet = (d.re, [0.0; 3], [[0.0; 3]; 3]);
    let (slope, bend) = (d.v1.unwrap_generic(U1, Const::<N>), d.v2.unwrap_generic(Const::<N>, Const::<N>));
    for i in 0..N {
        jet.1[i] = slope[i];
        for j in 0..N {
            jet.2[i][j] = bend[(i, j)];
        }
    }
    jet
}
