//! When the last participant arrives: the density of a sum of exponential times of different rates.

/// The sum of exponential times with rates `d_i + ... + d_n`, i = 1..n.
pub(super) struct Arrival {
    /// A rate for each arrival.
    rates: Vec<f64>,
}

/// Rates of the times between arrivals of people of these sizes, who come in this order: `d_i + ... + d_n`.
pub fn rates(sizes: &[u32]) -> Vec<f64> {
    let mut left = 0.0;
    let mut rates: Vec<f64> = sizes
        .iter()
        .rev()
        .map(|&size| {
            left += f64::from(size);
            left
        })
        .collect();
    rates.reverse();
    rates
}

impl Arrival {
    /// None where rates are none.
    pub(super) fn new(rates: &[f64]) -> Option<Self> {
        let fine = !rates.is_empty() && rates.iter().all(|rate| rate.is_finite() && *rate > 0.0);
        fine.then(|| Self { rates: rates.to_vec() })
    }

    pub(super) fn count(&self) -> usize {
        self.rates.len()
    }

    pub(super) fn mean(&self) -> f64 {
        self.rates.iter().map(|rate| rate.recip()).sum()
    }

    /// Logarithm of the density at r, by the saddlepoint approximation with its second-order term (Daniels 1954).
    ///
    /// With `K(s) = -Σ log(1 - s / b_i)` and K'(s) = r it is K - s r - log(2π K'') / 2 + log(1 + K⁗/(8 K''²) - 5 K'''²/(24 K''³)).
    pub(super) fn log_density(&self, r: f64) -> f64 {
        let slowest = self.rates.iter().copied().fold(f64::INFINITY, f64::min);
        // s < slowest; solved in the logarithm of what is between them, in which log K' is nearly straight.
        let mut log = 0.0_f64;
        for _ in 0..100 {
            let gap = log.exp();
            let (mut first, mut second) = (0.0, 0.0);
            for rate in &self.rates {
                let inverse = (rate - slowest + gap).recip();
                first += inverse;
                second += inverse * inverse;
            }
            let step = (first / r).ln() * first / (second * gap);
            log += step.clamp(-5.0, 5.0);
            if step.abs() < 1e-12 {
                break;
            }
        }
        let gap = log.exp();
        let s = slowest - gap;
        let (mut k0, mut k2, mut k3, mut k4) = (0.0, 0.0, 0.0, 0.0);
        for rate in &self.rates {
            let inverse = (rate - slowest + gap).recip();
            let square = inverse * inverse;
            k0 += (rate * inverse).ln();
            k2 += square;
            k3 += 2.0 * square * inverse;
            k4 += 6.0 * square * square;
        }
        let correction: f64 = k4 / (8.0 * k2 * k2) - 5.0 * k3 * k3 / (24.0 * k2 * k2 * k2);
        k0 - s * r - 0.5 * (std::f64::consts::TAU * k2).ln() + correction.ln_1p()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_and_three_rates_have_a_closed_form() {
        // Hypoexponential: f(r) = Σ_i b_i exp(-b_i r) Π_{j≠i} b_j / (b_j - b_i).
        for sizes in [vec![2, 1], vec![1, 5], vec![3, 2, 4]] {
            let arrival = Arrival::new(&rates(&sizes)).unwrap();
            let b = &arrival.rates;
            for r in [0.1, 0.4, 1.0, 2.5] {
                let exact: f64 = (0..b.len())
                    .map(|i| {
                        let others: f64 =
                            (0..b.len()).filter(|&j| j != i).map(|j| b[j] / (b[j] - b[i])).product();
                        b[i] * (-b[i] * r).exp() * others
                    })
                    .sum();
                let found = arrival.log_density(r).exp();
                assert!((found / exact - 1.0).abs() < 0.03, "{sizes:?} at {r}: {found}, exactly {exact}");
            }
        }
    }

    #[test]
    fn equal_rates_are_nearly_a_gamma_density() {
        // Rates of one size each would be 1..n; sizes that make them nearly equal: the last is large, the others are small beside it.
        let mut sizes = vec![1; 20];
        sizes[19] = 1_000_000;
        let arrival = Arrival::new(&rates(&sizes)).unwrap();
        let r: f64 = 2.2e-5;
        let gamma = 20.0 * 1e6_f64.ln() + 19.0 * r.ln() - 1e6 * r - statrs::function::gamma::ln_gamma(20.0);
        assert!((arrival.log_density(r) - gamma).abs() < 1e-3);
    }
}
