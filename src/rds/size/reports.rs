//! What people say of their visibility u: a Conway-Maxwell-Poisson number whose mean is a multiple of u.
//!
//! `p(d | u) ∝ (μ^d / d!)^ν` on 0, 1, 2, ..., with μ such that the mean is o u: o is the optimism of reports, and 1/ν about their variance
//! over their mean (1 is a Poisson number; with ν to infinity and o = 1 people say what is). Sellers and Shmueli (2010).
//!
//! What it costs: for each u two or three sums over some 14 standard deviations of reports, a multiplication a term.

/// Numbers that are multiplied at once.
pub(super) const LANES: usize = 8;

/// The length of rows that hold so many numbers.
pub(super) fn stride(most: usize) -> usize {
    most.div_ceil(LANES) * LANES
}

/// Terms below this share of the largest are left out.
const NEGLIGIBLE: f64 = 1e-13;
/// Means are met so closely.
const CLOSE: f64 = 1e-9;
/// A last step of Newton's that is so small (in standard deviations, squared) needs no sums: what they would be follows from the moments.
const SMALL: f64 = 1e-4;
/// Below this mean, where reports vary more than Poisson numbers, the last distribution is the better guide to the next.
const FEW: f64 = 10.0;
/// Larger powers are found by their logarithms.
const LARGE: f64 = 300.0;

/// Reports that occur.
#[derive(Clone, Debug)]
pub(super) struct Reports {
    /// Each once: 0 is no report, 1 is one or less.
    kinds: Vec<u32>,
    /// This one stands for all above.
    or_more: u32,
    /// Visibilities are 1..most, in rows of so many numbers, the last of them 0.
    most: usize,
    stride: usize,
    /// Logarithms of d and of d!.
    logs: Vec<f64>,
    factorials: Vec<f64>,
}

/// Probabilities of each report given each visibility, in parts of the largest for that report.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    /// Reports x visibilities, in rows of [`stride`] numbers.
    pub(super) parts: Vec<f64>,
    /// Logarithms of the largest.
    pub(super) largest: Vec<f64>,
}

/// One distribution: logarithms of μ and of the sum of `(μ^d / d!)^ν`.
#[derive(Clone, Copy, Debug)]
struct Law {
    log_mu: f64,
    nu: f64,
    log_sum: f64,
}

impl Reports {
    /// Of these reports; also says which kind each is.
    pub(super) fn of(reports: &[u32], or_more: u32, most: usize) -> (Self, Vec<usize>) {
        let mut kinds: Vec<u32> = reports.iter().map(|&report| report.min(or_more)).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let place = |report: u32| kinds.partition_point(|&kind| kind < report.min(or_more));
        let which = reports.iter().map(|&report| place(report)).collect();
        let top = kinds.last().copied().unwrap_or(0) as usize;
        let length = 8 * most.max(top) + 2_000;
        let (mut logs, mut factorials) = (vec![0.0; length], vec![0.0; length]);
        for d in 1..length {
            logs[d] = (d as f64).ln();
            factorials[d] = factorials[d - 1] + logs[d];
        }
        (Self { kinds, or_more, most, stride: stride(most), logs, factorials }, which)
    }

    /// Find the table for an optimism and a ν; none where there is no such distribution.
    pub(super) fn table(&self, optimism: f64, nu: f64) -> Option<Said> {
        if !(optimism > 0.0 && optimism.is_finite() && nu > 0.0 && nu.is_finite()) {
            return None;
        }
        let mut said =
            Said { parts: vec![0.0; self.kinds.len() * self.stride], largest: vec![0.0; self.kinds.len()] };
        // d^-ν as far as it is asked for, where it can be told.
        let mut powers: Vec<f64> = vec![1.0];
        let mut start = None;
        for u in 1..=self.most {
            let mean = optimism * u as f64;
            let (law, variance) = self.solve(mean, nu, &mut powers, start)?;
            // The next mean is larger by 1/u, and log μ by so much of that.
            let ahead = mean / (nu * variance) * (u as f64).recip().ln_1p();
            start = Some(law.log_mu + ahead).filter(|next| next.is_finite());
            for (kind, &report) in self.kinds.iter().enumerate() {
                said.parts[kind * self.stride + u - 1] = self.log_probability(report, law);
            }
        }
        for (row, largest) in said.parts.chunks_mut(self.stride).zip(&mut said.largest) {
            let row = &mut row[..self.most];
            *largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            if !largest.is_finite() {
                return None;
            }
            for log in row.iter_mut() {
                *log = (*log - *largest).exp();
            }
        }
        Some(said)
    }

    /// The distribution with a mean, and its variance: Newton's steps in log μ, between bounds that narrow.
    fn solve(&self, mean: f64, nu: f64, powers: &mut Vec<f64>, start: Option<f64>) -> Option<(Law, f64)> {
        // μ is near mean + (1 - 1/ν) / 2 (Shmueli and others 2005), and where that is none, near that of a geometric distribution.
        let near = mean + (1.0 - nu.recip()) / 2.0;
        let mut log_mu = match start {
            Some(start) if mean < FEW && nu < 1.0 => start,
            _ if near > 0.5 * mean && near > 0.5 => near.ln(),
            _ => start.unwrap_or_else(|| (mean / (1.0 + mean)).ln() / nu.min(1.0)),
        };
        let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
        for _ in 0..200 {
            let (log_sum, found, variance) = self.sums(log_mu, nu, powers)?;
            if (found - mean).abs() <= CLOSE * mean || high - low < 1e-14 * (1.0 + log_mu.abs()) {
                return Some((Law { log_mu, nu, log_sum }, variance));
            }
            let off = (mean - found) / variance;
            if off.abs() <= SMALL && (mean - found).abs() <= SMALL * mean {
                let log_sum = log_sum + off * (found + 0.5 * off * variance);
                return Some((Law { log_mu: log_mu + off / nu, nu, log_sum }, variance));
            }
            if found < mean {
                low = log_mu;
            } else {
                high = log_mu;
            }
            let step = (off / nu).clamp(-1.0, 1.0);
            let mut next = log_mu + step;
            // NaN where the variance is 0: μ lies between two numbers, of which one alone has a probability.
            if !(next > low && next < high) {
                next = match (low.is_finite(), high.is_finite()) {
                    (true, true) => f64::midpoint(low, high),
                    (true, false) => log_mu + 0.5,
                    _ => log_mu - 0.5,
                };
            }
            log_mu = next;
        }
        None
    }

    /// Logarithm of the sum of all terms, mean and variance.
    fn sums(&self, log_mu: f64, nu: f64, powers: &mut Vec<f64>) -> Option<(f64, f64, f64)> {
        let last = self.logs.len() - 1;
        let mode = log_mu.exp().floor().min(last as f64) as usize;
        let height = nu * (mode as f64 * log_mu - self.factorials[mode]);
        let (mut sum, mut first, mut second) = (1.0, 0.0, 0.0);
        let mut add = |term: f64, off: f64| {
            sum += term;
            first += term * off;
            second += term * off * off;
        };
        let far = nu * self.logs[last].max(log_mu.abs()) > LARGE;
        let (up, down) = if far { (0.0, 0.0) } else { ((nu * log_mu).exp(), (-nu * log_mu).exp()) };
        let mut term = 1.0;
        for d in mode + 1..=last {
            term *= if far {
                (nu * (log_mu - self.logs[d])).exp()
            } else {
                while powers.len() <= d {
                    powers.push((-nu * self.logs[powers.len()]).exp());
                }
                up * powers[d]
            };
            if term < NEGLIGIBLE {
                break;
            }
            add(term, (d - mode) as f64);
        }
        term = 1.0;
        for d in (1..=mode).rev() {
            term *= if far {
                (nu * (self.logs[d] - log_mu)).exp()
            } else {
                while powers.len() <= d {
                    powers.push((-nu * self.logs[powers.len()]).exp());
                }
                down / powers[d]
            };
            if term < NEGLIGIBLE {
                break;
            }
            add(term, -((mode - d + 1) as f64));
        }
        let off = first / sum;
        let found = (height + sum.ln(), mode as f64 + off, second / sum - off * off);
        (found.0.is_finite() && found.1.is_finite()).then_some(found)
    }

    fn log_probability(&self, report: u32, law: Law) -> f64 {
        let log = |d: usize| law.nu * (d as f64 * law.log_mu - self.factorials[d]) - law.log_sum;
        match report {
            0 => 0.0,
            _ if report >= self.or_more => self.log_tail(report as usize, law),
            1 => {
                let (none, one) = (log(0), log(1));
                none.max(one) + (-(none - one).abs()).exp().ln_1p()
            }
            _ => log(report as usize),
        }
    }

    /// Logarithm of the chance of so much or more.
    fn log_tail(&self, least: usize, law: Law) -> f64 {
        let ratio = |d: usize| (law.nu * (law.log_mu - self.logs[d])).exp();
        let log = |d: usize| law.nu * (d as f64 * law.log_mu - self.factorials[d]) - law.log_sum;
        let (mut sum, mut term) = (1.0, 1.0);
        if least as f64 > law.log_mu.exp() {
            for d in least + 1..self.logs.len() {
                term *= ratio(d);
                sum += term;
                if term < NEGLIGIBLE {
                    break;
                }
            }
            return log(least) + sum.ln();
        }
        for d in (1..least).rev() {
            term /= ratio(d);
            sum += term;
            if term < NEGLIGIBLE {
                break;
            }
        }
        (-(log(least - 1) + sum.ln()).exp()).max(-1.0 + f64::EPSILON).ln_1p()
    }
}

#[cfg(test)]
mod tests {
    use statrs::function::gamma::ln_gamma;

    use super::*;

    fn probability(said: &Said, most: usize, kind: usize, u: usize) -> f64 {
        said.parts[kind * stride(most) + u - 1] * said.largest[kind].exp()
    }

    #[test]
    fn without_more_or_less_spread_reports_are_poisson_numbers() {
        let reports: Vec<u32> = (0..=60).collect();
        let (kinds, which) = Reports::of(&reports, u32::MAX, 12);
        let said = kinds.table(0.7, 1.0).unwrap();
        for u in 1..=12_usize {
            let mean = 0.7 * u as f64;
            for (d, &kind) in which.iter().enumerate().skip(2) {
                let exact = (d as f64 * mean.ln() - mean - ln_gamma(d as f64 + 1.0)).exp();
                let found = probability(&said, 12, kind, u);
                assert!((found - exact).abs() < 1e-8, "{u} {d}: {found}, {exact}");
            }
            assert!((probability(&said, 12, which[1], u) - (1.0 + mean) * (-mean).exp()).abs() < 1e-9);
            assert_eq!(probability(&said, 12, which[0], u), 1.0);
        }
    }

    #[test]
    fn means_are_a_multiple_of_visibility_and_the_last_report_stands_for_all_above() {
        let reports: Vec<u32> = (1..=900).collect();
        let (kinds, which) = Reports::of(&reports, u32::MAX, 30);
        let (cut, kind) = Reports::of(&[3, 12, 40], 12, 30);
        for (optimism, nu) in [(1.0, 0.15), (0.4, 0.5), (1.7, 3.0), (1.0, 40.0)] {
            let said = kinds.table(optimism, nu).unwrap();
            let censored = cut.table(optimism, nu).unwrap();
            assert_eq!(kind[1], kind[2]);
            for u in [1, 4, 11, 30] {
                let p: Vec<f64> = which.iter().map(|&kind| probability(&said, 30, kind, u)).collect();
                assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-8, "{optimism} {nu} {u}");
                // One stands for none as well, which moves the mean up by the chance of none: less than one for the smallest.
                let mean: f64 = p.iter().enumerate().skip(1).map(|(i, p)| p * (i + 1) as f64).sum();
                let wanted = optimism * u as f64;
                assert!(mean <= wanted + 1e-6 && mean + p[0] >= wanted - 1e-6, "{optimism} {nu} {u}: {mean}");
                let tail: f64 = p[11..].iter().sum();
                assert!((probability(&censored, 30, kind[1], u) - tail).abs() < 1e-8, "{optimism} {nu} {u}");
            }
        }
    }

    #[test]
    fn without_error_people_say_what_is() {
        let reports: Vec<u32> = (1..=20).collect();
        let (kinds, which) = Reports::of(&reports, 20, 20);
        let said = kinds.table(1.0, 1e5).unwrap();
        for u in 1..=20 {
            for d in 1..=20 {
                let found = probability(&said, 20, which[d - 1], u);
                assert!((found - f64::from(u8::from(u == d))).abs() < 1e-9, "{u} {d}: {found}");
            }
        }
    }
}
