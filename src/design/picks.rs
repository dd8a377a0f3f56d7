//! Rows drawn uniformly from a block, several from each random word.
//!
//! Multiplying a word by `len` gives an index in the high half and leaves randomness in the low
//! half for the next one; a word is rejected as a whole where the division would be uneven, so
//! the indices are exactly uniform (Brackett-Rozinsky and Lemire 2024, "Batched ranged random
//! integer generation").
//!
//! Floor: one multiplication and a fifth to an eighth of a word for each pick.

use rand::Rng;

use crate::stream::Stream;

/// Rows in a block: its counts and a few columns stay in the nearest caches.
pub const BLOCK: usize = 4096;

/// The largest product of lengths for one word: at most one word in 16 is rejected.
const LARGEST: u64 = 1 << 60;
const MOST: usize = 8;
const LEAST: usize = 5;

/// Uniform picks from `0..len`, with `len` at most [`BLOCK`].
#[derive(Clone, Copy, Debug)]
pub struct Picks {
    len: u64,
    per_word: usize,
    reject_below: u64,
}

impl Picks {
    /// # Panics
    /// Never for `1 <= len <= BLOCK`, which the design guarantees.
    pub fn new(len: usize) -> Self {
        assert!((1..=BLOCK).contains(&len), "blocks hold 1 to {BLOCK} rows");
        let len = len as u64;
        let mut per_word = LEAST;
        while per_word < MOST && len.checked_pow(per_word as u32 + 1).is_some_and(|p| p <= LARGEST) {
            per_word += 1;
        }
        let product = len.pow(per_word as u32);
        // 2^64 mod product, without 128-bit arithmetic.
        let reject_below = (u64::MAX % product + 1) % product;
        Self { len, per_word, reject_below }
    }

    /// The number of rows picked from.
    pub fn rows(&self) -> usize {
        self.len as usize
    }

    /// Call `take` with `m` independent indices.
    #[inline]
    pub fn draw(&self, stream: &mut Stream, m: u32, take: impl FnMut(usize, usize)) {
        match self.per_word {
            5 => self.words::<5>(stream, m, take),
            6 => self.words::<6>(stream, m, take),
            7 => self.words::<7>(stream, m, take),
            _ => self.words::<8>(stream, m, take),
        }
    }

    #[inline]
    fn words<const K: usize>(&self, stream: &mut Stream, m: u32, mut take: impl FnMut(usize, usize)) {
        let whole = m as usize / K;
        for _ in 0..whole {
            for (lane, &index) in self.word::<K>(stream).iter().enumerate() {
                take(lane, index as usize);
            }
        }
        let rest = m as usize % K;
        if rest > 0 {
            for (lane, &index) in self.word::<K>(stream)[..rest].iter().enumerate() {
                take(lane, index as usize);
            }
        }
    }

    #[inline]
    fn word<const K: usize>(&self, stream: &mut Stream) -> [u32; K] {
        loop {
            let mut rest = stream.next_u64();
            let picks = std::array::from_fn(|_| {
                let wide = u128::from(rest) * u128::from(self.len);
                rest = wide as u64;
                (wide >> 64) as u32
            });
            if rest >= self.reject_below {
                return picks;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Streams;

    #[test]
    fn every_row_is_equally_likely_and_lanes_are_independent() {
        for len in [1, 2, 3, 127, 393, 4095, 4096] {
            let picks = Picks::new(len);
            let mut stream = Streams::new(5, len as u128).replicate(0);
            let n = 400 * len as u32;
            let mut seen = vec![0.0; len];
            let (mut previous, mut product) = (0.0, 0.0);
            picks.draw(&mut stream, n, |_, i| {
                seen[i] += 1.0;
                let centred = i as f64 - (len as f64 - 1.0) / 2.0;
                product += previous * centred;
                previous = centred;
            });
            // Chi-square with len - 1 degrees of freedom: mean len - 1, variance 2 (len - 1).
            let chi: f64 = seen.iter().map(|s: &f64| (s - 400.0).powi(2) / 400.0).sum();
            let df = len as f64 - 1.0;
            assert!((chi - df).abs() <= 5.0 * (2.0 * df).sqrt(), "{len}: {chi}");
            // Serial covariance of a uniform index: sd (len^2 - 1) / 12 / sqrt(n).
            let sd = (df * (df + 2.0)) / 12.0 / f64::from(n).sqrt();
            assert!((product / f64::from(n)).abs() <= 5.0 * sd);
        }
    }

    #[test]
    fn a_partial_word_gives_exactly_m_picks() {
        let mut stream = Streams::new(5, 1).replicate(0);
        for m in 0..40 {
            let mut n = 0;
            Picks::new(100).draw(&mut stream, m, |_, i| {
                assert!(i < 100);
                n += 1;
            });
            assert_eq!(n, m);
        }
    }
}
