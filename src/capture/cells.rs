//! Sums over subsets and supersets of lists.
//!
//! A log-linear model's design has a 1 where a term's lists are all on a history. So the product of
//! two columns is the column of their union, and every entry of X'WX is one number of the superset
//! sums of W: k 2^(k - 1) additions give all of them (Yates' algorithm). The linear predictor is the
//! subset sum of the coefficients.

/// For each history the sum over all histories with at least the same lists.
pub fn superset_sums(table: &mut [f64]) {
    let mut half = 1;
    while half < table.len() {
        for pair in table.chunks_exact_mut(2 * half) {
            let (without, with) = pair.split_at_mut(half);
            for (a, b) in without.iter_mut().zip(with) {
                *a += *b;
            }
        }
        half *= 2;
    }
}

/// For each history the sum over all terms whose lists are on it.
pub fn subset_sums(table: &mut [f64]) {
    let mut half = 1;
    while half < table.len() {
        for pair in table.chunks_exact_mut(2 * half) {
            let (without, with) = pair.split_at_mut(half);
            for (a, b) in without.iter().zip(with) {
                *b += *a;
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_definition() {
        let table: Vec<f64> = (0..16u32).map(|c| f64::from(c * c + 3)).collect();
        let (mut up, mut down) = (table.clone(), table.clone());
        superset_sums(&mut up);
        subset_sums(&mut down);
        for t in 0..16 {
            let over: f64 = (0..16).filter(|c| c & t == t).map(|c| table[c]).sum();
            let under: f64 = (0..16).filter(|c| c & t == *c).map(|c| table[c]).sum();
            assert_eq!((up[t], down[t]), (over, under));
        }
    }
}
