//! Whether a maximum likelihood estimate exists, and if not, which cells it sends to zero.
//!
//! It does not exist when some direction d of the parameters lowers the linear predictor of cells
//! without people and leaves all others as they are (Haberman 1974; Fienberg and Rinaldo 2012, Annals
//! of Statistics 40:996-1023; Chan, Silverman and Vincent 2021, Journal of the American Statistical
//! Association 116:1297-1306). Along d the likelihood rises without end. All cells that any such d
//! lowers come out of one linear program: maximise the sum of u with 0 <= u <= 1 and x'd + u <= 0 for
//! cells without people, x'd = 0 for the others. At the maximum u is 1 or 0, because d may be as long
//! as it likes.

use microlp::{ComparisonOp, OptimizationDirection, Problem, SolveOutcome, Variable};

use super::table::{Model, Table};

/// The open cells (1) that keep a positive mean; none if the solver gives up.
pub fn face(table: Table, model: Model) -> Option<Vec<f64>> {
    let mut problem = Problem::new(OptimizationDirection::Maximize);
    let free = (f64::NEG_INFINITY, f64::INFINITY);
    let intercept = problem.add_var(0.0, free);
    let terms: Vec<Variable> = model.terms.iter().map(|_| problem.add_var(0.0, free)).collect();
    let extras: Vec<Variable> = model.extras.iter().map(|_| problem.add_var(0.0, free)).collect();
    let mut empty = vec![];
    for history in (0..table.counts.len()).filter(|&h| table.open[h] != 0.0) {
        let mut row = vec![(intercept, 1.0)];
        let on = model.terms.iter().zip(&terms).filter(|(t, _)| history as u32 & **t == **t);
        row.extend(on.map(|(_, d)| (*d, 1.0)));
        row.extend(model.extras.iter().zip(&extras).map(|(x, d)| (*d, x[history])).filter(|c| c.1 != 0.0));
        if table.counts[history] > 0.0 {
            problem.add_constraint(&row, ComparisonOp::Eq, 0.0);
        } else {
            let lowered = problem.add_var(1.0, (0.0, 1.0));
            row.push((lowered, 1.0));
            problem.add_constraint(&row, ComparisonOp::Le, 0.0);
            empty.push((history, lowered));
        }
    }
    let mut face = table.open.to_vec();
    if empty.is_empty() {
        return Some(face);
    }
    let Ok(SolveOutcome::Solution(solution)) = problem.solve() else {
        return None;
    };
    for (history, lowered) in empty {
        if solution[lowered] > 0.5 {
            face[history] = 0.0;
        }
    }
    Some(face)
}
