//! How many people somebody recruits, given visibility: each coupon brings somebody with the same chance,
//!
//! `logit p = β_0 + β_u (log u - c) + β_t x`,
//!
//! where c is the logarithm of a middling visibility and x says how long there was time to recruit.

use super::reports::stride;

/// Coupons, recruits and times of those who took part.
#[derive(Clone, Debug, Default)]
pub(super) struct Recruiting {
    /// Times, each once.
    times: Vec<f64>,
    /// Which time, how many coupons and recruits: each once.
    kinds: Vec<(usize, u32, u32)>,
    /// The kind of each participant; none where recruits are left out.
    pub(super) which: Vec<usize>,
    centre: f64,
    most: usize,
}

impl Recruiting {
    pub(super) fn of(recruits: &[u32], coupons: &[u32], times: &[f64], centre: f64, most: usize) -> Self {
        let mut each = times.to_vec();
        each.sort_by(f64::total_cmp);
        each.dedup();
        let time = |at: f64| each.partition_point(|&one| one < at);
        let all: Vec<_> =
            recruits.iter().zip(coupons).zip(times).map(|((&r, &c), &at)| (time(at), c, r)).collect();
        let mut kinds = all.clone();
        kinds.sort_unstable();
        kinds.dedup();
        let which = all.iter().map(|kind| kinds.partition_point(|other| other < kind)).collect();
        Self { times: each, kinds, which, centre, most }
    }

    /// Whether there is anything to learn from.
    pub(super) fn known(&self) -> bool {
        !self.which.is_empty()
    }

    /// Whether some had more time than others.
    pub(super) fn timed(&self) -> bool {
        self.times.len() > 1
    }

    /// Chances of each kind's recruits (kinds x visibilities, in rows of [`stride`] numbers), but for a factor.
    pub(super) fn table(&self, beta: [f64; 3]) -> Vec<f64> {
        let chances: Vec<Vec<f64>> = self
            .times
            .iter()
            .map(|&x| {
                (1..=self.most)
                    .map(|u| (1.0 + (-self.logit(beta, x, (u as f64).ln())).exp()).recip())
                    .collect()
            })
            .collect();
        let power = |base: f64, times: u32| base.powi(i32::try_from(times).unwrap_or(i32::MAX));
        let width = stride(self.most);
        let mut table = vec![0.0; self.kinds.len() * width];
        for (row, &(time, coupons, recruits)) in table.chunks_mut(width).zip(&self.kinds) {
            for (part, &p) in row.iter_mut().zip(&chances[time]) {
                *part = power(p, recruits) * power(1.0 - p, coupons - recruits);
            }
        }
        table
    }

    /// Logarithm of the chance of everybody's recruits.
    pub(super) fn log_likelihood(&self, beta: [f64; 3], visibilities: &[u32], logs: &[f64]) -> f64 {
        self.which
            .iter()
            .zip(visibilities)
            .map(|(&kind, &u)| {
                let (time, coupons, recruits) = self.kinds[kind];
                let x = self.logit(beta, self.times[time], logs[u as usize - 1]);
                // log(1 + e^x), whatever x is.
                let all = x.max(0.0) + (-x.abs()).exp().ln_1p();
                f64::from(recruits) * x - f64::from(coupons) * all
            })
            .sum()
    }

    fn logit(&self, beta: [f64; 3], time: f64, log: f64) -> f64 {
        beta[0] + beta[1] * (log - self.centre) + beta[2] * time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_and_sums_are_the_same_chances() {
        let (recruits, coupons, times) = ([0, 2, 3, 1], [3, 3, 3, 2], [0.5, 0.5, -1.0, 0.0]);
        let made = Recruiting::of(&recruits, &coupons, &times, 1.0, 9);
        let (beta, visibilities) = ([-0.4, 0.8, 0.3], [1, 4, 9, 4]);
        let table = made.table(beta);
        let logs: Vec<f64> = (1..=9).map(|u| f64::from(u).ln()).collect();
        let product: f64 = made
            .which
            .iter()
            .zip(visibilities)
            .map(|(&kind, u)| table[kind * 16 + u as usize - 1].ln())
            .sum();
        assert!((product - made.log_likelihood(beta, &visibilities, &logs)).abs() < 1e-12);
        // By hand: the second has p = 1 / (1 + exp(0.4 - 0.8 (log 4 - 1) - 0.15)) and two of three coupons.
        let p = (1.0 + (0.4_f64 - 0.8 * (4.0_f64.ln() - 1.0) - 0.15).exp()).recip();
        assert!((table[made.which[1] * 16 + 3] - p * p * (1.0 - p)).abs() < 1e-12);
    }
}
