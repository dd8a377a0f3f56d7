//! Cholesky factors of small matrices, in place and row by row, leaving out columns that depend on others.
//!
//! Matrices here have 2 to 30 rows and thousands are factored a millisecond. A crate's factorisation would allocate,
//! and none tells which columns to leave out.

/// Factor the lower triangle of a p x p matrix in its place; none if columns depend on one another.
pub fn factor(matrix: &mut [f64], p: usize, tolerance: f64) -> Option<()> {
    (0..p).all(|j| pivot(matrix, p, j, |_| true, tolerance)).then_some(())
}

/// One row of the factor from the kept rows before it; whether its pivot is above a share of its diagonal.
pub fn pivot(matrix: &mut [f64], p: usize, j: usize, kept: impl Fn(usize) -> bool, tolerance: f64) -> bool {
    let (above, row) = matrix.split_at_mut(j * p);
    let before = row[j];
    let mut rest = before;
    for i in 0..j {
        if !kept(i) {
            row[i] = 0.0;
            continue;
        }
        let other = &above[i * p..=i * p + i];
        let sum: f64 = other[..i].iter().zip(&row[..i]).map(|(a, b)| a * b).sum();
        row[i] = (row[i] - sum) / other[i];
        rest -= row[i] * row[i];
    }
    let good = rest > tolerance * before;
    row[j] = if good { rest.sqrt() } else { 0.0 };
    good
}

/// Solve L L' x = right.
pub fn solve(factor: &[f64], p: usize, right: &[f64], x: &mut [f64]) {
    for i in 0..p {
        let row = &factor[i * p..=i * p + i];
        let sum: f64 = row[..i].iter().zip(&*x).map(|(a, b)| a * b).sum();
        x[i] = (right[i] - sum) / row[i];
    }
    for i in (0..p).rev() {
        let value = x[i] / factor[i * p + i];
        x[i] = value;
        for (x, l) in x[..i].iter_mut().zip(&factor[i * p..]) {
            *x -= value * l;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_solved_and_a_dependent_column_found() {
        // [[4, 2, 2], [2, 5, 3], [2, 3, 6]] x = [8, 10, 11] has the solution [1, 1, 1].
        let mut matrix = vec![4.0, 0.0, 0.0, 2.0, 5.0, 0.0, 2.0, 3.0, 6.0];
        let mut x = vec![0.0; 3];
        factor(&mut matrix, 3, 1e-12).unwrap();
        solve(&matrix, 3, &[8.0, 10.0, 11.0], &mut x);
        assert!(x.iter().all(|x| (x - 1.0).abs() < 1e-12));
        // The second column is twice the first.
        let mut matrix = vec![1.0, 0.0, 2.0, 4.0];
        assert!(factor(&mut matrix, 2, 1e-12).is_none());
    }
}
