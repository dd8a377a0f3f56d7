//! One log-linear model: maximum likelihood of independent Poisson counts, by Newton's method.
//!
//! Newton's method is iteratively reweighted least squares here, because the link is canonical
//! (`McCullagh` and Nelder 1989, Generalized Linear Models, section 2.5). The intercept is the last
//! column, so that its variance is read off the last pivot of the Cholesky factor.
//!
//! A maximum need not exist: with nobody on lists A and B together, the term AB goes to minus
//! infinity. The cells that it sends to zero are then left out and the rest is fitted, which is the
//! extended maximum likelihood estimate (Fienberg and Rinaldo 2012, Annals of Statistics 40:996-1023).
//! The population's size has an estimate as long as the rest identifies the intercept, and a limit where the
//! intercept goes one way in every maximum (see [`existence`]). The supremum of the likelihood exists in any case.
//!
//! Cost: for four lists 0.3 to 0.6 microseconds an iteration, five of them from a cold start and
//! three from a neighbour's coefficients. The exponentials are a third of it.

use super::cells::{subset_sums, superset_sums};
use super::existence::{Directions, Limit};
use super::table::{Model, Table};
use super::{cholesky, existence};
use crate::stop::stopped;

/// A fit that exists nearly always converges in fewer steps than the first number. One that doesn't exist loses one
/// unit of the linear predictor a step and would need 37 to look converged; so existence is looked at
/// early, and the second number is for fits that are known to exist.
const STEPS: [usize; 2] = [11, 60];
/// The squared distance to the maximum, in standard errors, at which to stop.
const CLOSE: f64 = 1e-16;
/// A pivot below this share of its diagonal means that a column depends on those before it.
const DEPENDENT: f64 = 1e-11;
/// Newton's last step leaves a cell alone if it moves its linear predictor by less than this...
const STILL: f64 = 1e-3;
/// ... and sends it to zero if it moves it by less than that.
const DRIFTS: f64 = -0.3;
/// Below this a fitted count of an empty cell may be on its way to zero: existence is then looked at.
const NEARLY_ZERO: f64 = 1e-7;

/// Whether there is an estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The maximum exists.
    Exists = 0,
    /// Some terms are minus infinity, the size is identified all the same.
    Extended = 1,
    /// The counts don't identify the size under this model.
    Unidentified = 2,
    /// The iteration did not come to rest.
    Diverged = 3,
    /// The supremum of the likelihood lies where nobody is unseen.
    Seen = 4,
    /// The supremum of the likelihood lies at an infinite size.
    Infinite = 5,
}

impl Status {
    /// Whether there is an estimate between nobody unseen and infinitely many.
    pub fn good(self) -> bool {
        matches!(self, Self::Exists | Self::Extended)
    }

    /// Whether the size is known, be it a limit.
    pub fn known(self) -> bool {
        !matches!(self, Self::Unidentified | Self::Diverged)
    }
}

/// A fitted model.
#[derive(Clone, Copy, Debug)]
pub struct Fit {
    /// Whether there is an estimate.
    pub status: Status,
    /// The expected number of people not seen: 0 or infinite at a limit, NaN where it is not known.
    pub unseen: f64,
    /// Variance of its logarithm, the intercept; NaN at a limit.
    pub variance: f64,
    /// Twice the log-likelihood below the saturated model's.
    pub deviance: f64,
    /// Pearson's statistic.
    pub pearson: f64,
    /// sum y log mu - mu, without the factorials.
    pub likelihood: f64,
}

impl Fit {
    const fn none(status: Status) -> Self {
        let nan = f64::NAN;
        Self { status, unseen: nan, variance: nan, deviance: nan, pearson: nan, likelihood: nan }
    }

    /// The same supremum, with the size where the counts send it.
    #[must_use]
    pub fn towards(self, limit: Limit) -> Self {
        let (status, unseen) = match limit {
            Limit::Zero => (Status::Seen, 0.0),
            Limit::Infinite => (Status::Infinite, f64::INFINITY),
            Limit::Unknown => (Status::Unidentified, f64::NAN),
        };
        Self { status, unseen, variance: f64::NAN, ..self }
    }

    /// Standard error of the size: Poisson maximum likelihood, population fixed.
    ///
    /// Delta method with the binomial variation of the people seen: var N = u + u^2 var(log u).
    pub fn se(&self) -> f64 {
        (self.unseen + self.unseen * self.unseen * self.variance).sqrt()
    }
}

/// Working space, used again from fit to fit.
#[derive(Debug)]
pub struct Fitter {
    /// People with at least a term's lists.
    margins: Vec<f64>,
    eta: Vec<f64>,
    /// Fitted counts of the last fit.
    pub mu: Vec<f64>,
    work: Vec<f64>,
    gram: Vec<f64>,
    score: Vec<f64>,
    step: Vec<f64>,
    tried: Vec<f64>,
    /// Coefficients of the last fit: terms, extras, intercept.
    pub beta: Vec<f64>,
    /// Which extra columns have coefficients in the last fit; others are infinite, or said by these.
    pub kept: Vec<bool>,
    /// The cells that kept a mean in the last fit.
    pub face: Vec<f64>,
    /// Whether the last iteration ended because it had taken all its steps.
    exhausted: bool,
    terms: Vec<u32>,
}

impl Fitter {
    /// For k lists.
    pub fn new(lists: usize) -> Self {
        let cells = || vec![0.0; 1 << lists];
        Self {
            margins: cells(),
            eta: cells(),
            mu: cells(),
            work: cells(),
            gram: vec![],
            score: vec![],
            step: vec![],
            tried: vec![],
            beta: vec![],
            kept: vec![],
            face: cells(),
            exhausted: false,
            terms: vec![],
        }
    }

    /// Fit a model, from given coefficients or from the counts.
    ///
    /// After an extended fit `beta` lacks the terms that are minus infinity; `mu` is right always.
    pub fn fit(&mut self, table: Table, model: Model, start: Option<&[f64]>) -> Fit {
        if stopped() {
            return Fit::none(Status::Diverged);
        }
        self.exhausted = false;
        self.kept.clear();
        self.kept.resize(model.extras.len(), true);
        self.margins.copy_from_slice(table.counts);
        superset_sums(&mut self.margins);
        // A term that nobody has is minus infinity: no program is needed to see that.
        let mut open = std::mem::take(&mut self.face);
        let mut terms = std::mem::take(&mut self.terms);
        open.copy_from_slice(table.open);
        terms.clear();
        for &term in model.terms {
            if self.margins[term as usize] > 0.0 {
                terms.push(term);
            } else {
                close(&mut open, term);
            }
        }
        let whole = terms.len() == model.terms.len();
        let reduced = Model { terms: &terms, extras: model.extras };
        let start = start.filter(|s| whole && s.len() == model.parameters());
        let found = self.newton(Table { counts: table.counts, open: &open }, reduced, start, false);
        let result = match found {
            Some(fit) if whole => fit,
            Some(fit) => Fit { status: Status::Extended, ..fit },
            None => match self.drifting(table, model, reduced, &mut open) {
                Some(fit) => fit,
                None => self.extended(table, model, &mut open, &mut terms),
            },
        };
        self.face = open;
        self.terms = terms;
        result
    }

    /// Fit on the cells that Newton's last step left where they are.
    ///
    /// Without a maximum the steps settle on a direction of recession: it lowers some empty cells by about one a
    /// step and leaves all others alone. That is nearly always clear after a few steps, and then the linear
    /// program need not be asked; none if it is not clear.
    fn drifting(&mut self, table: Table, whole: Model, model: Model, open: &mut [f64]) -> Option<Fit> {
        if !std::mem::take(&mut self.exhausted) {
            return None;
        }
        std::mem::swap(&mut self.beta, &mut self.step);
        self.linear(model);
        for ((&moved, open), &count) in self.eta.iter().zip(&mut *open).zip(table.counts) {
            if *open == 0.0 || moved.abs() < STILL {
                continue;
            }
            if count > 0.0 || moved.is_nan() || moved > DRIFTS {
                return None;
            }
            *open = 0.0;
        }
        let Some((terms, extras)) = self.independent(open, model) else {
            return self.at_limit(table, whole, open);
        };
        let reduced = Model { terms: &terms, extras: &extras };
        let fit = self.newton(Table { counts: table.counts, open }, reduced, None, false)?;
        Some(Fit { status: Status::Extended, ..fit })
    }

    /// Fit where the cells with a mean don't tell how many are unseen: to the supremum of the likelihood, with the size
    /// at its limit if there is one. None if the iteration does not come to rest.
    fn at_limit(&mut self, table: Table, model: Model, open: &[f64]) -> Option<Fit> {
        let kept = self.spanning(open, model);
        let (of_terms, of_extras) = kept[..model.parameters() - 1].split_at(model.terms.len());
        let terms: Vec<u32> =
            model.terms.iter().zip(of_terms).filter(|(_, k)| **k).map(|(t, _)| *t).collect();
        let extras: Vec<Vec<f64>> =
            model.extras.iter().zip(of_extras).filter(|(_, k)| **k).map(|(x, _)| x.clone()).collect();
        let limit = self.directions(table, open, model, &kept, 0).limit();
        let reduced = Model { terms: &terms, extras: &extras };
        let fit = self.newton(Table { counts: table.counts, open }, reduced, None, true)?;
        self.kept.copy_from_slice(of_extras);
        Some(fit.towards(limit))
    }

    /// The columns that span a face, the intercept first among them; their factor stays in `gram`.
    fn spanning(&mut self, face: &[f64], model: Model) -> Vec<bool> {
        self.mu.copy_from_slice(face);
        self.weigh(model);
        let p = model.parameters();
        let place = |i: usize| if i == 0 { p - 1 } else { i - 1 };
        let full = self.gram.clone();
        for i in 0..p {
            for j in 0..=i {
                let (a, b) = (place(i).max(place(j)), place(i).min(place(j)));
                self.gram[i * p + j] = full[a * p + b];
            }
        }
        let mut kept = vec![true; p];
        for j in 0..p {
            kept[j] = cholesky::pivot(&mut self.gram, p, j, |i| kept[i], 1e-9);
        }
        kept.rotate_left(1);
        kept
    }

    /// The directions of the coefficients that leave a face as it is, while the last `signed` extra columns may only rise;
    /// `kept` are the spanning columns, with their factor in `gram`.
    fn directions(
        &mut self,
        table: Table,
        face: &[f64],
        model: Model,
        kept: &[bool],
        signed: usize,
    ) -> Directions {
        let (p, mut found) = (model.parameters(), Directions::default());
        let outside: Vec<usize> =
            (0..face.len()).filter(|&h| table.open[h] != 0.0 && face[h] == 0.0).collect();
        found.cells = vec![vec![]; outside.len()];
        found.signs = vec![vec![]; signed];
        let column = |i: usize| if i == 0 { p - 1 } else { i - 1 };
        self.beta.clear();
        self.beta.resize(p, 0.0);
        for lost in (0..p).filter(|&i| !kept[column(i)]) {
            // What a column says that others said before: its coefficient rises by one, theirs make up for it.
            self.beta.fill(0.0);
            self.beta[column(lost)] = 1.0;
            for i in (0..lost).rev().filter(|&i| kept[column(i)]) {
                let later = (i + 1..lost).filter(|&j| kept[column(j)]);
                let sum: f64 = later.map(|j| -self.gram[j * p + i] * self.beta[column(j)]).sum();
                self.beta[column(i)] = -(self.gram[lost * p + i] - sum) / self.gram[i * p + i];
            }
            self.linear(model);
            found.intercept.push(self.beta[p - 1]);
            for (row, &history) in found.cells.iter_mut().zip(&outside) {
                row.push(self.eta[history]);
            }
            for (row, beta) in found.signs.iter_mut().zip(&self.beta[p - 1 - signed..]) {
                row.push(-beta);
            }
        }
        let rounded = |v: &mut f64| *v = (*v * 1e9).round() / 1e9;
        found.cells.iter_mut().flatten().for_each(rounded);
        found.cells.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
        found.cells.dedup();
        found
    }

    /// After a fit without a maximum: whether its cells can go to zero while the last `signed` extra columns only rise, and where
    /// the size goes then.
    pub fn rising(&mut self, table: Table, model: Model, signed: usize) -> (bool, Limit) {
        let (face, beta, mu) = (self.face.clone(), self.beta.clone(), self.mu.clone());
        let kept = self.spanning(&face, model);
        let found = self.directions(table, &face, model, &kept, signed);
        (self.beta, self.mu) = (beta, mu);
        (found.exist(), found.limit())
    }

    /// Fit on the cells that the maximum does not send to zero.
    fn extended(&mut self, table: Table, model: Model, open: &mut [f64], terms: &mut Vec<u32>) -> Fit {
        let Some(face) = existence::face(table, model) else {
            return Fit::none(Status::Diverged);
        };
        open.copy_from_slice(&face);
        let whole = open == table.open;
        let Some((kept, extras)) = self.independent(open, model) else {
            return self.at_limit(table, model, open).unwrap_or(Fit::none(Status::Diverged));
        };
        *terms = kept;
        let reduced = Model { terms, extras: &extras };
        match self.newton(Table { counts: table.counts, open }, reduced, None, true) {
            Some(fit) if whole => fit,
            Some(fit) => Fit { status: Status::Extended, ..fit },
            None => Fit::none(Status::Diverged),
        }
    }

    /// Columns that don't depend on those before them; none if the intercept does.
    fn independent(&mut self, open: &[f64], model: Model) -> Option<(Vec<u32>, Vec<Vec<f64>>)> {
        self.mu.copy_from_slice(open);
        self.weigh(model);
        let p = model.parameters();
        let mut kept = vec![true; p];
        for j in 0..p {
            kept[j] = cholesky::pivot(&mut self.gram, p, j, |i| kept[i], 1e-9);
        }
        self.kept.copy_from_slice(&kept[model.terms.len()..p - 1]);
        kept[p - 1].then(|| {
            let marked = |from: usize| kept[from..].iter().copied();
            let terms = model.terms.iter().zip(marked(0)).filter(|(_, k)| *k).map(|(t, _)| *t).collect();
            let extras = model.extras.iter().zip(marked(model.terms.len()));
            (terms, extras.filter(|(_, k)| *k).map(|(e, _)| e.clone()).collect())
        })
    }

    /// `settled` says that no cell is on its way to zero any more.
    fn newton(&mut self, table: Table, model: Model, start: Option<&[f64]>, settled: bool) -> Option<Fit> {
        let p = model.parameters();
        self.gram.resize(p * p, 0.0);
        for vector in [&mut self.score, &mut self.step, &mut self.tried, &mut self.beta] {
            vector.clear();
            vector.resize(p, 0.0);
        }
        match start {
            Some(start) => self.beta.copy_from_slice(start),
            None => self.first(table, model)?,
        }
        let mut reached = f64::NEG_INFINITY;
        let mut halvings = 0;
        for _ in 0..STEPS[usize::from(settled)] {
            if stopped() {
                return None;
            }
            let likelihood = self.predict(table, model);
            // A step too long loses likelihood, or the numbers' range.
            if likelihood.is_nan() || likelihood < reached - 1e-9 * reached.abs() {
                halvings += 1;
                if halvings > 20 {
                    return None;
                }
                for (beta, tried) in self.beta.iter_mut().zip(&self.tried) {
                    *beta = f64::midpoint(*beta, *tried);
                }
                continue;
            }
            reached = likelihood;
            let distance = self.solve(table, model)?;
            if distance < CLOSE {
                if !settled && self.vanishing(table, model) {
                    break;
                }
                return Some(self.summary(table, p, likelihood));
            }
            self.tried.copy_from_slice(&self.beta);
            for (beta, step) in self.beta.iter_mut().zip(&self.step) {
                *beta += step;
            }
        }
        self.exhausted = true;
        None
    }

    /// Whether some empty cell with hardly any mean left is still on its way down.
    fn vanishing(&mut self, table: Table, model: Model) -> bool {
        let tiny =
            |(mu, (count, open)): (&f64, (&f64, &f64))| *open != 0.0 && *count == 0.0 && *mu < NEARLY_ZERO;
        let cells = || table.counts.iter().zip(table.open);
        if !self.mu.iter().zip(cells()).any(tiny) {
            return false;
        }
        std::mem::swap(&mut self.beta, &mut self.step);
        self.linear(model);
        std::mem::swap(&mut self.beta, &mut self.step);
        self.mu.iter().zip(cells()).zip(&self.eta).any(|(cell, moved)| tiny(cell) && moved.abs() > STILL)
    }

    /// Coefficients after one weighted least squares fit to the logarithms of the counts.
    fn first(&mut self, table: Table, model: Model) -> Option<()> {
        for ((mu, work), (&y, &open)) in
            self.mu.iter_mut().zip(&mut self.eta).zip(table.counts.iter().zip(table.open))
        {
            let start = y + 0.1;
            *mu = open * start;
            *work = open * (start * start.ln() + y - start);
        }
        self.weigh(model);
        let p = model.parameters();
        self.work.copy_from_slice(&self.eta);
        for (e, extra) in model.extras.iter().enumerate() {
            self.score[model.terms.len() + e] = extra.iter().zip(&self.work).map(|(x, w)| x * w).sum();
        }
        superset_sums(&mut self.work);
        for (score, &term) in self.score.iter_mut().zip(model.terms) {
            *score = self.work[term as usize];
        }
        self.score[p - 1] = self.work[0];
        cholesky::factor(&mut self.gram, p, DEPENDENT)?;
        cholesky::solve(&self.gram, p, &self.score, &mut self.step);
        self.beta.copy_from_slice(&self.step);
        Some(())
    }

    /// The linear predictor of `beta`.
    fn linear(&mut self, model: Model) {
        let (terms, p) = (model.terms.len(), model.parameters());
        self.eta.fill(0.0);
        self.eta[0] = self.beta[p - 1];
        for (&term, &beta) in model.terms.iter().zip(&self.beta) {
            self.eta[term as usize] = beta;
        }
        subset_sums(&mut self.eta);
        for (extra, &beta) in model.extras.iter().zip(&self.beta[terms..]) {
            for (eta, x) in self.eta.iter_mut().zip(extra) {
                *eta += beta * x;
            }
        }
    }

    /// Linear predictor and means; returns the log-likelihood.
    fn predict(&mut self, table: Table, model: Model) -> f64 {
        self.linear(model);
        let mut sum = 0.0;
        for (((mu, &eta), &open), &y) in self.mu.iter_mut().zip(&self.eta).zip(table.open).zip(table.counts) {
            *mu = if open == 0.0 { 0.0 } else { eta.exp() };
            sum += open * y * eta - *mu;
        }
        sum
    }

    /// X'WX with W = mu, into `gram` (lower triangle); superset sums of mu stay in `work`.
    fn weigh(&mut self, model: Model) {
        let (terms, p) = (model.terms.len(), model.parameters());
        self.gram.resize(p * p, 0.0);
        for (e, extra) in model.extras.iter().enumerate() {
            for ((work, mu), x) in self.work.iter_mut().zip(&self.mu).zip(extra) {
                *work = mu * x;
            }
            let row = terms + e;
            for (f, other) in model.extras[..=e].iter().enumerate() {
                self.gram[row * p + terms + f] = other.iter().zip(&self.work).map(|(x, w)| x * w).sum();
            }
            superset_sums(&mut self.work);
            for (j, &term) in model.terms.iter().enumerate() {
                self.gram[row * p + j] = self.work[term as usize];
            }
            self.gram[(p - 1) * p + row] = self.work[0];
        }
        self.work.copy_from_slice(&self.mu);
        superset_sums(&mut self.work);
        for (i, &s) in model.terms.iter().enumerate() {
            for (entry, &t) in self.gram[i * p..].iter_mut().zip(&model.terms[..=i]) {
                *entry = self.work[(s | t) as usize];
            }
        }
        for (entry, &t) in self.gram[(p - 1) * p..].iter_mut().zip(model.terms) {
            *entry = self.work[t as usize];
        }
        self.gram[p * p - 1] = self.work[0];
    }

    /// Newton's step at the current means; returns its squared length in standard errors.
    fn solve(&mut self, table: Table, model: Model) -> Option<f64> {
        let (terms, p) = (model.terms.len(), model.parameters());
        self.weigh(model);
        for (score, &term) in self.score.iter_mut().zip(model.terms) {
            *score = self.margins[term as usize] - self.work[term as usize];
        }
        self.score[p - 1] = self.margins[0] - self.work[0];
        for (e, extra) in model.extras.iter().enumerate() {
            let cells = extra.iter().zip(table.counts).zip(&self.mu);
            self.score[terms + e] = cells.map(|((x, y), mu)| x * (y - mu)).sum();
        }
        cholesky::factor(&mut self.gram, p, DEPENDENT)?;
        cholesky::solve(&self.gram, p, &self.score, &mut self.step);
        Some(self.score.iter().zip(&self.step).map(|(a, b)| a * b).sum())
    }

    fn summary(&self, table: Table, p: usize, likelihood: f64) -> Fit {
        let (mut deviance, mut pearson) = (0.0, 0.0);
        for ((&y, &open), &mu) in table.counts.iter().zip(table.open).zip(&self.mu) {
            if open == 0.0 {
                continue;
            }
            if y > 0.0 {
                deviance += y * (y / mu).ln() - (y - mu);
            } else {
                deviance += mu;
            }
            pearson += (y - mu) * (y - mu) / mu;
        }
        let pivot = self.gram[p * p - 1];
        Fit {
            status: Status::Exists,
            unseen: (self.beta[p - 1] + self.step[p - 1]).exp(),
            variance: 1.0 / (pivot * pivot),
            deviance: 2.0 * deviance,
            pearson,
            likelihood,
        }
    }
}

/// Close all histories with at least a term's lists.
fn close(open: &mut [f64], term: u32) {
    for (history, open) in open.iter_mut().enumerate() {
        if history as u32 & term == term {
            *open = 0.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Histories 1 to 15 of four lists, from `rome_hiv` (Abeni et al. 1994).
    pub const ROME: [f64; 16] =
        [0.0, 403.0, 545.0, 33.0, 621.0, 20.0, 35.0, 3.0, 205.0, 6.0, 10.0, 1.0, 11.0, 0.0, 3.0, 0.0];

    fn open(lists: usize) -> Vec<f64> {
        let mut open = vec![1.0; 1 << lists];
        open[0] = 0.0;
        open
    }

    fn fit(counts: &[f64], terms: &[u32]) -> Fit {
        let lists = counts.len().ilog2() as usize;
        let table = Table { counts, open: &open(lists) };
        Fitter::new(lists).fit(table, Model { terms, extras: &[] }, None)
    }

    #[test]
    fn independence_of_two_lists_is_lincoln_petersen() {
        // Closed form: unseen = only A x only B / both; var log unseen = sum of reciprocals.
        let fit = fit(&[0.0, 40.0, 60.0, 12.0], &[1, 2]);
        assert!((fit.unseen - 200.0).abs() < 1e-9);
        assert!((fit.variance - (1.0 / 40.0 + 1.0 / 60.0 + 1.0 / 12.0)).abs() < 1e-9);
    }

    #[test]
    fn a_decomposable_model_has_its_closed_form() {
        // Model 123,234 splits on lists 2 and 3; where nobody is on either, 403 x 205 / 6 are unseen.
        let fit = fit(&ROME, &[1, 2, 4, 8, 3, 5, 6, 7, 10, 12, 14]);
        assert_eq!(fit.status, Status::Exists);
        assert!((fit.unseen - 403.0 * 205.0 / 6.0).abs() < 1e-7);
    }

    #[test]
    fn sizes_go_to_their_limits() {
        // No interaction of all three lists: u = n111 n100 n010 n001 / (n110 n101 n011) (Bishop, Fienberg and Holland
        // 1975, chapter 6), whatever cell is empty.
        let terms = [1, 2, 4, 3, 5, 6];
        let full = [0.0, 40.0, 60.0, 10.0, 50.0, 12.0, 15.0, 2.0];
        let without = |cells: &[usize]| {
            let mut counts = full;
            for &cell in cells {
                counts[cell] = 0.0;
            }
            fit(&counts, &terms)
        };
        for cell in [1, 2, 4, 7] {
            let found = without(&[cell]);
            assert_eq!((found.status, found.unseen), (Status::Seen, 0.0));
        }
        for cell in [3, 5, 6] {
            let found = without(&[cell]);
            assert_eq!((found.status, found.unseen), (Status::Infinite, f64::INFINITY));
        }
        // Nothing over nothing.
        assert_eq!(without(&[7, 3]).status, Status::Unidentified);
        assert_eq!(without(&[7, 1]).status, Status::Seen);
        // Two lists that never meet; one that holds nobody alone; one that is empty.
        assert_eq!(fit(&[0.0, 40.0, 60.0, 0.0], &[1, 2]).status, Status::Infinite);
        assert_eq!(fit(&[0.0, 0.0, 60.0, 12.0], &[1, 2]).status, Status::Seen);
        assert_eq!(fit(&[0.0, 0.0, 60.0, 0.0], &[1, 2]).status, Status::Unidentified);
    }

    #[test]
    fn the_supremum_of_the_likelihood_exists_where_the_size_does_not() {
        // A*B + C with nobody on C and another list: the four cells with people are fitted exactly.
        let counts = [0.0, 40.0, 30.0, 6.0, 20.0, 0.0, 0.0, 0.0];
        let found = fit(&counts, &[1, 2, 4, 3]);
        assert_eq!(found.status, Status::Infinite);
        let exact: f64 = [40.0f64, 30.0, 6.0, 20.0].iter().map(|y| y * y.ln() - y).sum();
        assert!((found.likelihood - exact).abs() < 1e-9 && found.deviance.abs() < 1e-9);
    }

    #[test]
    fn an_empty_overlap_is_minus_infinity_and_not_a_number_that_looks_real() {
        // 123,124,134,234: cells 1011 and 1111 go to zero, with opposite signs in the unseen one.
        let none = fit(&ROME, &[1, 2, 4, 8, 3, 5, 6, 7, 9, 10, 11, 12, 13, 14]);
        assert_eq!(none.status, Status::Unidentified);
        assert!(none.unseen.is_nan());
        // 123,124,234: the one cell 1011 goes to zero, and the unseen one with it (Rcapture prints 1,896.00).
        let seen = fit(&ROME, &[1, 2, 4, 8, 3, 5, 6, 7, 9, 10, 11, 12, 14]);
        assert_eq!((seen.status, seen.unseen), (Status::Seen, 0.0));
        // 134: nobody on those three lists, the other cells give N = 10,013.294 (Rcapture 1.4-4).
        let extended = fit(&ROME, &[1, 2, 4, 8, 5, 9, 12, 13]);
        assert_eq!(extended.status, Status::Extended);
        assert!((extended.unseen + 1896.0 - 10_013.294_117_647_1).abs() < 1e-6);
        assert!((extended.se() - 977.877_975_3).abs() < 1e-4);
    }

    #[test]
    fn scores_vanish_at_the_maximum() {
        // By definition of maximum likelihood, fitted margins equal observed ones.
        let terms = [1, 2, 4, 8, 3, 12];
        let mut fitter = Fitter::new(4);
        let table = Table { counts: &ROME, open: &open(4) };
        fitter.fit(table, Model { terms: &terms, extras: &[] }, None);
        for term in terms {
            let margin = |counts: &[f64]| -> f64 {
                (1..16).filter(|c| c & term == term).map(|c| counts[c as usize]).sum()
            };
            assert!((margin(&fitter.mu) - margin(&ROME)).abs() < 1e-6);
        }
    }

    #[test]
    fn extra_columns_are_fitted_like_terms() {
        // A column that copies an interaction gives the interaction's fit.
        let column: Vec<f64> = (0..16u32).map(|c| f64::from(c & 3 == 3)).collect();
        let table = Table { counts: &ROME, open: &open(4) };
        let mut fitter = Fitter::new(4);
        let a = fitter.fit(table, Model { terms: &[1, 2, 4, 8, 3], extras: &[] }, None);
        let b = fitter.fit(table, Model { terms: &[1, 2, 4, 8], extras: &[column] }, None);
        assert!((a.unseen / b.unseen - 1.0).abs() < 1e-9 && (a.variance - b.variance).abs() < 1e-9);
    }
}
