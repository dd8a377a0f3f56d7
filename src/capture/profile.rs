//! Profile likelihood of the population's size: multinomial, with the size as a parameter.
//!
//! For a given N the people not seen are one more cell, and the model is fitted to the whole table. The
//! interval holds all N whose log-likelihood is within half a chi-square quantile of the largest (Cormack
//! 1992, Biometrics 48:567-576; Baillargeon and Rivest 2007, Journal of Statistical Software 19(5)).
//!
//! Its maximum is the unconditional one: with Poisson counts the estimate is larger by about half a
//! person for every person's worth of variance (Sanathanan 1972).

use libm::lgamma;

use super::poisson::{Fitter, Status};
use super::ranking::Models;
use super::table::{Model, Table};

/// The profile is looked at from so small a logarithm of the people unseen: what is highest there is highest at nobody.
const FIRST: f64 = -12.0;
/// A profile that falls by no more than this as far as can be seen has its maximum at infinity.
const LEVEL: f64 = 1e-5;
/// Steps of a first look at the whole of it.
const LOOK: usize = 60;

/// The size that is most likely, and the ends of the interval.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// The maximum of the profile: the people seen, or infinite, where it only falls or only rises.
    pub size: f64,
    /// No fewer than the people seen.
    pub lower: f64,
    /// Infinite where the counts set no bound.
    pub upper: f64,
}

/// The size at which the multinomial likelihood of a model is largest; none if it can't be found.
pub fn size(table: Table, models: &Models, model: usize, fitter: &mut Fitter) -> Option<f64> {
    let unseen = unseen(table, models, model, fitter)?;
    if unseen == 0.0 || unseen == f64::INFINITY {
        return Some(table.counts.iter().sum::<f64>() + unseen);
    }
    let mut height = Height::new(table, models, model, fitter);
    Some(height.seen + top(&mut |x| height.at(x), unseen)?.exp())
}

/// The profile of one model's size, to `drop` below its maximum; none if it can't be fitted.
pub fn profile(
    table: Table,
    models: &Models,
    model: usize,
    drop: f64,
    fitter: &mut Fitter,
) -> Option<Profile> {
    let unseen = unseen(table, models, model, fitter)?;
    let mut height = Height::new(table, models, model, fitter);
    let seen = height.seen;
    // Beyond the square of the people seen, overlaps of nobody are what is expected.
    let last = (2.0 * seen.ln() + 8.0).min(seen.ln() + 20.0);
    let mut height = |x: f64| height.at(x);
    let top = if unseen > 0.0 && unseen.is_finite() {
        top(&mut height, unseen)?
    } else {
        highest(&mut height, last)?
    };
    let cut = if top == f64::INFINITY { height(last)? } else { height(top)? } - drop;
    let lower = end(&mut height, top.min(last), -1.0, cut, FIRST)?.exp();
    let upper = if top == f64::INFINITY {
        top
    } else {
        end(&mut height, top.max(FIRST), 1.0, cut, top.max(0.0) + 18.0)?.exp()
    };
    Some(Profile { size: seen + top.exp(), lower: seen + lower, upper: seen + upper })
}

/// The people unseen by Poisson maximum likelihood; none where they are not known.
fn unseen(table: Table, models: &Models, model: usize, fitter: &mut Fitter) -> Option<f64> {
    let fit = models.fit(model, table, fitter).0;
    fit.status.known().then_some(fit.unseen)
}

/// The profile log-likelihood, by the logarithm of the people not seen.
struct Height<'a> {
    counts: Vec<f64>,
    open: Vec<f64>,
    seen: f64,
    models: &'a Models,
    model: usize,
    fitter: &'a mut Fitter,
    start: Option<Vec<f64>>,
}

impl<'a> Height<'a> {
    fn new(table: Table, models: &'a Models, model: usize, fitter: &'a mut Fitter) -> Self {
        let (counts, mut open) = (table.counts.to_vec(), table.open.to_vec());
        open[0] = 1.0;
        Self { seen: counts.iter().sum(), counts, open, models, model, fitter, start: None }
    }

    fn at(&mut self, x: f64) -> Option<f64> {
        self.counts[0] = x.exp();
        let size = self.seen + self.counts[0];
        let table = Table { counts: &self.counts, open: &self.open };
        let fit = if self.models.constrained > 0 {
            // Which constraints hold differs from size to size.
            self.models.fit_constrained(self.model, table, self.fitter).0
        } else {
            let model = Model { terms: self.models.terms(self.model), extras: &self.models.extras };
            let fit = self.fitter.fit(table, model, self.start.as_deref());
            let whole = fit.status.good() && self.fitter.beta.len() == model.parameters();
            self.start = whole.then(|| self.fitter.beta.clone());
            fit
        };
        if fit.status == Status::Diverged {
            return None;
        }
        // log N! / u! + sum y log(mu / M), M the sum of means, with differences of large numbers taken by hand.
        let unseen = self.counts[0];
        let cells = self.fitter.mu[1..].iter().zip(&self.counts[1..]);
        let (mut means, mut sum) = (0.0, 0.0);
        for (mu, y) in cells {
            means += mu;
            sum += if *y > 0.0 { y * mu.ln() } else { 0.0 };
        }
        let none = self.fitter.mu[0];
        let alike = if unseen > 0.0 { unseen * (means / none).ln_1p() } else { 0.0 };
        Some(permutations(unseen, self.seen) + self.seen * (size / (means + none)).ln() + sum - alike)
    }
}

/// log of N! / u! / N^n with N = u + n: Stirling's series where u is large.
fn permutations(unseen: f64, seen: f64) -> f64 {
    let size = unseen + seen;
    if unseen < 1e4 {
        return lgamma(size + 1.0) - lgamma(unseen + 1.0) - seen * size.ln();
    }
    (unseen + 0.5) * (seen / unseen).ln_1p() - seen + (1.0 / size - 1.0 / unseen) / 12.0
}

/// Where the profile is highest, looked for everywhere: it may be at nobody unseen (minus infinity), or at infinity.
fn highest(height: &mut impl FnMut(f64) -> Option<f64>, last: f64) -> Option<f64> {
    let place = |i: usize| FIRST + (last - FIRST) * i as f64 / LOOK as f64;
    let heights: Vec<f64> = (0..=LOOK).map(|i| height(place(i))).collect::<Option<_>>()?;
    let best = (0..=LOOK).max_by(|&a, &b| heights[a].total_cmp(&heights[b]))?;
    if best == 0 {
        return Some(f64::NEG_INFINITY);
    }
    if heights[best] - heights[LOOK] < LEVEL {
        return Some(f64::INFINITY);
    }
    maximum(height, place(best - 1), place((best + 1).min(LOOK)))
}

/// Where the profile is highest. It has one maximum, near the Poisson estimate.
fn top(height: &mut impl FnMut(f64) -> Option<f64>, unseen: f64) -> Option<f64> {
    let centre = unseen.ln();
    let (mut low, mut high) = (centre - 1.0, centre + 1.0);
    // Widen until the middle is highest.
    for _ in 0..60 {
        let middle = height(f64::midpoint(low, high))?;
        if height(low)? > middle {
            (low, high) = (low - (high - low), f64::midpoint(low, high));
        } else if height(high)? > middle {
            (low, high) = (f64::midpoint(low, high), high + (high - low));
        } else {
            break;
        }
    }
    maximum(height, low, high)
}

/// Golden section search.
fn maximum(height: &mut impl FnMut(f64) -> Option<f64>, mut low: f64, mut high: f64) -> Option<f64> {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let (mut a, mut b) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
    let (mut at_a, mut at_b) = (height(a)?, height(b)?);
    while high - low > 1e-5 {
        if at_a > at_b {
            (high, b, at_b) = (b, a, at_a);
            a = high - GOLDEN * (high - low);
            at_a = height(a)?;
        } else {
            (low, a, at_a) = (a, b, at_b);
            b = low + GOLDEN * (high - low);
            at_b = height(b)?;
        }
    }
    // Near the top rounding hides differences; a parabola through wider points does not suffer from it.
    let (x, h) = (f64::midpoint(low, high), 0.02);
    let (left, middle, right) = (height(x - h)?, height(x)?, height(x + h)?);
    let bend = left - 2.0 * middle + right;
    let first = x + if bend < 0.0 { 0.5 * h * (left - right) / bend } else { 0.0 };
    // Once more, from four points: the third derivative leans the parabola.
    let (wide_left, wide_right) = (height(first - 2.0 * h)?, height(first + 2.0 * h)?);
    let (near_left, near_right) = (height(first - h)?, height(first + h)?);
    let slope = (8.0 * (near_right - near_left) - (wide_right - wide_left)) / (12.0 * h);
    let curve = (near_left - 2.0 * height(first)? + near_right) / (h * h);
    Some(if curve < 0.0 { first - slope / curve } else { first })
}

/// Where the profile falls to `cut` on one side; at an infinite distance if it does not before `limit`.
fn end(
    height: &mut impl FnMut(f64) -> Option<f64>,
    top: f64,
    side: f64,
    cut: f64,
    limit: f64,
) -> Option<f64> {
    let mut inside = top;
    let mut width = 0.1;
    let mut outside = loop {
        let next = inside + side * width;
        if next.is_nan() || limit.is_nan() {
            return None;
        }
        if (next - limit) * side >= 0.0 {
            if height(limit)? > cut {
                return Some(side * f64::INFINITY);
            }
            break limit;
        }
        if height(next)? < cut {
            break next;
        }
        inside = next;
        width *= 2.0;
    };
    while (outside - inside).abs() > 1e-11 * (1.0 + inside.abs()) {
        let middle = f64::midpoint(inside, outside);
        *(if height(middle)? > cut { &mut inside } else { &mut outside }) = middle;
    }
    Some(f64::midpoint(inside, outside))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_that_of_rcapture() {
        // Rome, four centres, independence: closedpCI.t of Rcapture 1.4-4.
        let counts =
            [0.0, 403.0, 545.0, 33.0, 621.0, 20.0, 35.0, 3.0, 205.0, 6.0, 10.0, 1.0, 11.0, 0.0, 3.0, 0.0];
        let mut open = [1.0; 16];
        open[0] = 0.0;
        let table = Table { counts: &counts, open: &open };
        let models = Models::new(std::iter::once(vec![1, 2, 4, 8]));
        let half = 3.841_458_820_694_124 / 2.0;
        let found = profile(table, &models, 0, half, &mut Fitter::new(4)).unwrap();
        for (ours, theirs) in [
            (found.size, 11_117.018_923_935),
            (found.lower, 9_531.735_517_643_4),
            (found.upper, 13_114.122_641_564_8),
        ] {
            assert!((ours / theirs - 1.0).abs() < 1e-6, "{ours} for {theirs}");
        }
    }
}
