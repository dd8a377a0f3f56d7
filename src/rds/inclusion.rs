//! Chances of inclusion in successive sampling: people taken one by one by size, without replacement.
//!
//! Give everybody an exponential time with rate d; who comes among the first n has been taken by size (Rosén 1972, Annals
//! of Mathematical Statistics 43:373-397, 748-776; Andreatta and Kaufman 1986, Operations Research 34:376-384). Someone of
//! size d is there by time t with chance pi(d) = 1 - exp(-d t). The iteration of Gile (2011, JASA 106:135-146) has its
//! fixed point where the population holds 1 / pi(d_i) people for each participant, so one equation is all:
//!
//! sum over participants of 1 / (1 - exp(-d_i t)) = N.
//!
//! The sum falls with t. Newton's method in log t solves it, between bounds that 1/x - 1/2 <= 1/(e^x - 1) <= 1/x gives.
//!
//! Cost: one exponential for each distinct degree and step, and three to six steps.

/// Steps before bisection would have ended as well.
const STEPS: usize = 200;
/// Two steps this close in log t are one.
const CLOSE: f64 = 1e-14;

/// The time t at which n people have come, given how many participants have each degree.
///
/// Infinite where all the population is in the sample (N = n); `None` where it is smaller than the sample, or no number.
pub fn time(degrees: &[f64], people: &[f64], population: f64) -> Option<f64> {
    let n: f64 = people.iter().sum();
    let left = population - n;
    if !(left >= 0.0 && left.is_finite() && n > 0.0) {
        return None;
    }
    if left == 0.0 {
        return Some(f64::INFINITY);
    }
    // With large populations both bounds are near.
    let sum: f64 = degrees.iter().zip(people).map(|(d, c)| c / d).sum();
    let (mut low, mut high) = (libm::log(sum / (population - n / 2.0)), libm::log(sum / left));
    let mut at = low;
    for _ in 0..STEPS {
        let t = libm::exp(at);
        // Those not yet there, and how that changes with log t.
        let (mut rest, mut slope) = (0.0, 0.0);
        for (&d, &c) in degrees.iter().zip(people) {
            let away = 1.0 / libm::expm1(d * t);
            rest += c * away;
            slope -= c * d * t * away * (1.0 + away);
        }
        if rest > left {
            low = at
        } else {
            high = at
        }
        // In the logarithm of those, where the curve is nearly straight.
        let mut next = at - libm::log(rest / left) * rest / slope;
        if !(next >= low && next <= high) {
            next = f64::midpoint(low, high);
        }
        if (next - at).abs() <= CLOSE * at.abs().max(1.0) {
            return Some(libm::exp(next));
        }
        at = next;
    }
    Some(libm::exp(at))
}

/// How many people of the population somebody of this degree stands for: 1 / pi.
#[inline]
pub fn weight(degree: f64, time: f64) -> f64 {
    -1.0 / libm::expm1(-degree * time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(degrees: &[f64], people: &[f64], t: f64) -> f64 {
        degrees.iter().zip(people).map(|(&d, &c)| c * weight(d, t)).sum()
    }

    #[test]
    fn weights_add_up_to_the_population() {
        // Far-apart degrees, and populations from hardly more than the sample to many times it.
        let degrees = [1.0, 2.0, 40.0, 5000.0];
        let people = [3.0, 400.0, 90.0, 7.0];
        for population in [500.000_001, 500.5, 501.0, 620.0, 1e3, 1e5, 1e9] {
            let t = time(&degrees, &people, population).unwrap();
            assert!((total(&degrees, &people, t) / population - 1.0).abs() < 1e-12, "{population}: {t}");
        }
    }

    #[test]
    fn one_degree_has_a_closed_form() {
        // n / (1 - exp(-d t)) = N.
        let t = time(&[4.0], &[50.0], 200.0).unwrap();
        assert!((t + libm::log(0.75) / 4.0).abs() < 1e-15);
    }

    #[test]
    fn the_edges() {
        assert_eq!(time(&[4.0], &[50.0], 50.0), Some(f64::INFINITY));
        assert_eq!(weight(4.0, f64::INFINITY), 1.0);
        assert_eq!(time(&[4.0], &[50.0], 49.0), None);
        assert_eq!(time(&[4.0], &[50.0], f64::NAN), None);
        assert_eq!(time(&[], &[], 5.0), None);
    }
}
