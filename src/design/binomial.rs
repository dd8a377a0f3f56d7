//! One binomial number without tables.
//!
//! Transformed rejection with squeeze (algorithm BTRS of Hörmann 1993, Journal of Statistical
//! Computation and Simulation 46:101-110) where the smaller of the two expected counts is at least
//! 10; inversion of the distribution function, from 0 upward, where it is less.
//!
//! `libm` computes the logarithms, so that every platform accepts the same numbers.
//!
//! Cost: 20 to 30 ns.

use libm::log;
use rand::Rng;

use crate::stream::Stream;

/// Below this expected count inversion takes fewer steps than rejection costs.
const FEW: f64 = 10.0;

/// Draw from Bin(n, p).
#[inline]
pub fn draw(n: u32, p: f64, stream: &mut Stream) -> u32 {
    if p > 0.5 {
        return n - draw_half(n, 1.0 - p, stream);
    }
    draw_half(n, p, stream)
}

fn draw_half(n: u32, p: f64, stream: &mut Stream) -> u32 {
    if f64::from(n) * p < FEW { invert(n, p, stream) } else { reject(n, p, stream) }
}

/// A uniform number, never 0 nor 1.
fn uniform(stream: &mut Stream) -> f64 {
    ((stream.next_u64() >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
}

fn invert(n: u32, p: f64, stream: &mut Stream) -> u32 {
    let odds = p / (1.0 - p);
    let mut rest = uniform(stream);
    // Bernoulli's inequality: the chance of 0 is at least 1 - n p, which is enough to know for most rare events.
    if rest < 1.0 - f64::from(n) * p {
        return 0;
    }
    let mut mass = power(1.0 - p, n);
    for k in 0..n {
        if rest < mass {
            return k;
        }
        rest -= mass;
        mass *= odds * f64::from(n - k) / f64::from(k + 1);
    }
    n
}

/// x^n by squaring: as exact as the exponential of a logarithm, and faster; the same on every platform, which `powi` is not.
fn power(mut x: f64, mut n: u32) -> f64 {
    let mut result = 1.0;
    while n > 0 {
        if n & 1 == 1 {
            result *= x;
        }
        x *= x;
        n >>= 1;
    }
    result
}

/// The names are the paper's.
fn reject(n: u32, p: f64, stream: &mut Stream) -> u32 {
    let size = f64::from(n);
    let spread = (size * p * (1.0 - p)).sqrt();
    let b = 1.15 + 2.53 * spread;
    let a = -0.0873 + 0.0248 * b + 0.01 * p;
    let c = size * p + 0.5;
    let v_r = 0.92 - 4.2 / b;
    loop {
        let u = uniform(stream) - 0.5;
        let v = uniform(stream);
        let us = 0.5 - u.abs();
        let k = ((2.0 * a / us + b) * u + c).floor();
        if us >= 0.07 && v <= v_r {
            return k as u32;
        }
        if k < 0.0 || k > size {
            continue;
        }
        let alpha = (2.83 + 5.1 / b) * spread;
        let odds = p / (1.0 - p);
        let m = ((size + 1.0) * p).floor();
        let accept = (m + 0.5) * log((m + 1.0) / (odds * (size - m + 1.0)))
            + (size + 1.0) * log((size - m + 1.0) / (size - k + 1.0))
            + (k + 0.5) * log(odds * (size - k + 1.0) / (k + 1.0))
            + stirling(m)
            + stirling(size - m)
            - stirling(k)
            - stirling(size - k);
        if log(v * alpha / (a / (us * us) + b)) <= accept {
            return k as u32;
        }
    }
}

/// What Stirling's formula lacks: log k! - (k + 1/2) log(k + 1) + (k + 1) - log(2 pi) / 2.
fn stirling(k: f64) -> f64 {
    const SMALL: [f64; 10] = [
        0.081_061_466_795_327_8,
        0.041_340_695_955_409_3,
        0.027_677_925_684_998_3,
        0.020_790_672_103_765_1,
        0.016_644_691_189_821_2,
        0.013_876_128_823_070_7,
        0.011_896_709_945_891_8,
        0.010_411_265_261_972_1,
        0.009_255_462_182_712_73,
        0.008_330_563_433_362_87,
    ];
    if k < 10.0 {
        return SMALL[k as usize];
    }
    let next = k + 1.0;
    let square = next * next;
    (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / 1260.0 / square) / square) / next
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Streams;
    use statrs::distribution::{Binomial, ChiSquared, ContinuousCDF, Discrete};

    /// Goodness of fit to the probabilities of another implementation, p-value above 1e-4.
    fn fits(n: u32, p: f64) {
        let mut stream = Streams::new(4, u128::from(n)).replicate(0);
        let draws = 300_000;
        let mut seen = vec![0.0; n as usize + 1];
        for _ in 0..draws {
            seen[draw(n, p, &mut stream) as usize] += 1.0;
        }
        let law = Binomial::new(p, u64::from(n)).unwrap();
        let (mut statistic, mut cells, mut expected, mut observed) = (0.0, 0, 0.0, 0.0);
        for (k, count) in seen.iter().enumerate() {
            expected += law.pmf(k as u64) * f64::from(draws);
            observed += count;
            if expected > 20.0 {
                statistic += (observed - expected).powi(2) / expected;
                cells += 1;
                (expected, observed) = (0.0, 0.0);
            }
        }
        let law = ChiSquared::new(f64::from(cells - 1)).unwrap();
        assert!(law.sf(statistic) > 1e-4, "Bin({n}, {p}): chi-square {statistic} on {cells} cells");
    }

    #[test]
    fn rejection_and_inversion_follow_the_binomial() {
        for (n, p) in
            [(25, 0.45), (100, 0.2), (1000, 0.012), (5000, 0.5), (20_000, 0.93), (3, 0.3), (500, 0.004)]
        {
            fits(n, p);
        }
    }

    #[test]
    fn moments_hold_for_millions() {
        // Closed form: mean n p, variance n p q; 4 s.e. of each.
        let (n, p, draws) = (50_000_000, 0.3, 50_000);
        let mut stream = Streams::new(4, 4).replicate(0);
        let (mean, variance) = (f64::from(n) * p, f64::from(n) * p * (1.0 - p));
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..draws {
            let off = f64::from(draw(n, p, &mut stream)) - mean;
            sum += off;
            squares += off * off;
        }
        let draws = f64::from(draws);
        assert!((sum / draws).abs() < 4.0 * (variance / draws).sqrt());
        assert!((squares / draws / variance - 1.0).abs() < 4.0 * (2.0 / draws).sqrt());
    }

    #[test]
    fn the_edges() {
        let mut stream = Streams::new(4, 5).replicate(0);
        assert_eq!(draw(0, 0.3, &mut stream), 0);
        assert_eq!(draw(9, 0.0, &mut stream), 0);
        assert_eq!(draw(9, 1.0, &mut stream), 9);
    }
}
