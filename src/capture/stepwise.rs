//! Forward selection, where all models are too many or overlaps too sparse.

use statrs::distribution::{DiscreteCDF, Poisson};

use super::cells::superset_sums;
use super::poisson::{Fit, Fitter};
use super::ranking::Criterion;
use super::table::{Model, Table};

/// A selected model.
#[derive(Clone, Debug)]
pub struct Selected {
    /// Its fit.
    pub fit: Fit,
    /// Its terms: main effects, then interactions in the order in which they came in.
    pub terms: Vec<u32>,
    /// What brought each interaction in: its p-value, or the criterion it reached.
    pub reasons: Vec<f64>,
}

/// Interactions of two lists, one by one, by one-sided Poisson p-values.
///
/// Under the model so far the people on two lists are Poisson with the fitted mean; the pair with the
/// smallest tail probability comes in while it is below `threshold`, provided that the model with it
/// still has an estimate, which an infinite size or nobody unseen is none of (Chan, Silverman and Vincent 2021, Journal
/// of the American Statistical Association 116:1297-1306, section 4). Only the chosen pair needs a fit.
pub fn sparse(table: Table, lists: usize, threshold: f64, fitter: &mut Fitter) -> Selected {
    let mut terms: Vec<u32> = (0..lists).map(|list| 1 << list).collect();
    let mut reasons = vec![];
    let mut fit = fitter.fit(table, Model { terms: &terms, extras: &[] }, None);
    let mut observed = table.counts.to_vec();
    superset_sums(&mut observed);
    let mut expected = vec![0.0; observed.len()];
    while fit.status.good() {
        expected.copy_from_slice(&fitter.mu);
        superset_sums(&mut expected);
        let mut candidates: Vec<(f64, u32)> = pairs(lists)
            .filter(|pair| !terms.contains(pair))
            .map(|pair| (tail(observed[pair as usize], expected[pair as usize]), pair))
            .filter(|candidate| candidate.0 < threshold)
            .collect();
        candidates.sort_by(|a, b| a.0.total_cmp(&b.0));
        let before = terms.len();
        for (p, pair) in candidates {
            terms.push(pair);
            let next = fitter.fit(table, Model { terms: &terms, extras: &[] }, None);
            if next.status.good() && next.unseen.is_finite() {
                fit = next;
                reasons.push(p);
                break;
            }
            terms.pop();
        }
        if terms.len() == before {
            break;
        }
    }
    Selected { fit, terms, reasons }
}

/// Pairs of lists, as terms.
pub fn pairs(lists: usize) -> impl Iterator<Item = u32> {
    (0..lists).flat_map(move |b| (0..b).map(move |a| 1 << a | 1 << b))
}

/// The smaller of the chances of so few and of so many.
fn tail(observed: f64, mean: f64) -> f64 {
    let Some(law) = Poisson::new(mean).ok().filter(|_| mean.is_normal()) else {
        return 1.0; // a mean of zero: nobody can be there
    };
    let count = observed as u64;
    let above = if count == 0 { 1.0 } else { law.sf(count - 1) };
    law.cdf(count).min(above)
}

/// Interactions of up to `order` lists, one by one, while the criterion falls; the model stays hierarchical.
pub fn forward(
    table: Table,
    lists: usize,
    order: usize,
    criterion: Criterion,
    fitter: &mut Fitter,
) -> Selected {
    let n: f64 = table.counts.iter().sum();
    let value = |fit: &Fit, terms: &[u32]| criterion.penalty(terms.len() + 1, n) - 2.0 * fit.likelihood;
    let mut terms: Vec<u32> = (0..lists).map(|list| 1 << list).collect();
    let mut reasons = vec![];
    let mut fit = fitter.fit(table, Model { terms: &terms, extras: &[] }, None);
    let mut start = fitter.beta.clone();
    let mut lowest = if fit.status.known() { value(&fit, &terms) } else { f64::INFINITY };
    let order = order.min(lists.saturating_sub(1)) as u32;
    loop {
        let candidates: Vec<u32> = (1..1u32 << lists)
            .filter(|t| (2..=order).contains(&t.count_ones()) && !terms.contains(t))
            .filter(|t| (0..lists).filter(|j| t >> j & 1 == 1).all(|j| terms.contains(&(t & !(1 << j)))))
            .collect();
        let mut best = None;
        for candidate in candidates {
            terms.push(candidate);
            let mut from = start.clone();
            from.insert(from.len().saturating_sub(1), 0.0);
            let next = fitter.fit(table, Model { terms: &terms, extras: &[] }, Some(&from));
            if next.status.known() {
                let reached = value(&next, &terms);
                if reached < lowest {
                    lowest = reached;
                    best = Some((candidate, next, fitter.beta.clone()));
                }
            }
            terms.pop();
        }
        let Some((candidate, next, beta)) = best else {
            return Selected { fit, terms, reasons };
        };
        terms.push(candidate);
        reasons.push(lowest);
        fit = next;
        start = beta;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[(&[usize], f64)], lists: usize) -> (Vec<f64>, Vec<f64>) {
        let mut counts = vec![0.0; 1 << lists];
        for (on, people) in rows {
            counts[on.iter().map(|j| 1 << j).sum::<usize>()] += people;
        }
        let mut open = vec![1.0; 1 << lists];
        open[0] = 0.0;
        (counts, open)
    }

    #[test]
    fn the_uk_figure_is_that_of_sparsemse() {
        // Five lists LA, NG, PFNCA, GO, GP; SparseMSE 2.0.1, stepwise at 0.05.
        let rows: [(&[usize], f64); 18] = [
            (&[0], 54.0),
            (&[1], 463.0),
            (&[2], 995.0),
            (&[3], 695.0),
            (&[4], 316.0),
            (&[0, 1], 15.0),
            (&[0, 2], 19.0),
            (&[0, 3], 3.0),
            (&[1, 2], 62.0),
            (&[1, 3], 19.0),
            (&[1, 4], 1.0),
            (&[2, 3], 76.0),
            (&[2, 4], 11.0),
            (&[3, 4], 8.0),
            (&[0, 1, 2], 1.0),
            (&[0, 1, 3], 1.0),
            (&[1, 2, 3], 4.0),
            (&[0, 1, 2, 3], 1.0),
        ];
        let (counts, open) = table(&rows, 5);
        let found = sparse(Table { counts: &counts, open: &open }, 5, 0.05, &mut Fitter::new(5));
        let size = found.fit.unseen + counts.iter().sum::<f64>();
        assert!((size / 11_312.990_289_435_2 - 1.0).abs() < 1e-9, "{size}");
        assert_eq!(found.terms[5..], [3, 18, 20, 5, 24, 10]);
    }

    #[test]
    fn forward_selection_finds_the_one_interaction() {
        // Independent lists but for 1 and 2, whose overlap is tripled.
        let counts: Vec<f64> = (0..8u32)
            .map(|c| {
                if c == 0 {
                    0.0
                } else {
                    1000.0 * 0.25f64.powi(c.count_ones().cast_signed()) * if c & 3 == 3 { 3.0 } else { 1.0 }
                }
            })
            .map(f64::round)
            .collect();
        let mut open = vec![1.0; 8];
        open[0] = 0.0;
        let found =
            forward(Table { counts: &counts, open: &open }, 3, 2, Criterion::Bic, &mut Fitter::new(3));
        assert_eq!(found.terms, [1, 2, 4, 3]);
    }
}
