//! Whether a maximum likelihood estimate exists, and if not, which cells it sends to zero and where the size goes.
//!
//! It does not exist when some direction d of the parameters lowers the linear predictor of cells
//! without people and leaves all others as they are (Haberman 1974; Fienberg and Rinaldo 2012, Annals
//! of Statistics 40:996-1023; Chan, Silverman and Vincent 2021, Journal of the American Statistical
//! Association 116:1297-1306). Along d the likelihood rises without end. All cells that any such d
//! lowers come out of one linear program: maximise the sum of u with 0 <= u <= 1 and x'd + u <= 0 for
//! cells without people, x'd = 0 for the others. At the maximum u is 1 or 0, because d may be as long
//! as it likes.
//!
//! The cells that keep a mean need not tell how many are unseen. The intercept, the logarithm of that number, may
//! all the same go one way along every such d: then the size has a limit, nobody unseen or infinitely many. If it
//! rises along one d and falls along another, nothing is known of it. By Farkas' lemma that is all there is to look
//! at: where no d lowers the intercept, it is a sum of lowered predictors with weights of zero or less, and so goes to
//! plus infinity along every sequence that reaches the supremum of the likelihood. Two linear programs decide.

use microlp::{ComparisonOp, OptimizationDirection, Problem, SolveOutcome, Variable};

use super::table::{Model, Table};

/// A predictor that moves by less than this stays where it is: programs here have coefficients of 0 and 1 and small
/// whole numbers, so that a real move is of the order of one.
const STAYS: f64 = 1e-6;

/// Where the number of people unseen goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// To zero.
    Zero,
    /// To infinity.
    Infinite,
    /// Nothing says where.
    Unknown,
}

/// The open cells (1) that keep a positive mean; none if the solver gives up.
pub fn face(table: Table, model: Model) -> Option<Vec<f64>> {
    let mut problem = Problem::new(OptimizationDirection::Maximize);
    let direction = Direction::new(&mut problem, model, 0.0, 0);
    let mut empty = vec![];
    for history in (0..table.counts.len()).filter(|&h| table.open[h] != 0.0) {
        let mut row = direction.row(model, history);
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

/// Where the intercept goes while the cells outside `face` go to zero; the last `signed` extra columns may not have
/// coefficients that fall.
pub fn limit(table: Table, face: &[f64], model: Model, signed: usize) -> Limit {
    let furthest = |way: OptimizationDirection| {
        let mut problem = Problem::new(way);
        let direction = Direction::new(&mut problem, model, 1.0, signed);
        direction.hold(&mut problem, table, face, model, -1.0);
        match problem.solve() {
            Ok(SolveOutcome::Solution(solution)) => Some(solution[direction.intercept].abs() > STAYS),
            _ => None, // as far as it likes, since no cell holds it; or the solver gave up
        }
    };
    let (falls, rises) =
        (furthest(OptimizationDirection::Minimize), furthest(OptimizationDirection::Maximize));
    match (falls, rises) {
        (Some(false), Some(true)) => Limit::Infinite,
        (Some(true), Some(false)) => Limit::Zero,
        _ => Limit::Unknown,
    }
}

/// Whether all cells outside `face` can go to zero while the coefficients of the last `signed` extra columns don't fall.
pub fn rising(table: Table, face: &[f64], model: Model, signed: usize) -> bool {
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let direction = Direction::new(&mut problem, model, 0.0, signed);
    for history in (0..table.counts.len()).filter(|&h| table.open[h] != 0.0) {
        let row = direction.row(model, history);
        let (comparison, bound) =
            if face[history] == 0.0 { (ComparisonOp::Le, -1.0) } else { (ComparisonOp::Eq, 0.0) };
        problem.add_constraint(&row, comparison, bound);
    }
    matches!(problem.solve(), Ok(SolveOutcome::Solution(_)))
}

/// A direction of the parameters, as variables of a program.
struct Direction {
    intercept: Variable,
    terms: Vec<Variable>,
    extras: Vec<Variable>,
}

impl Direction {
    /// `aim` is the intercept's weight in the objective.
    fn new(problem: &mut Problem, model: Model, aim: f64, signed: usize) -> Self {
        let free = (f64::NEG_INFINITY, f64::INFINITY);
        let intercept = problem.add_var(aim, free);
        let terms = model.terms.iter().map(|_| problem.add_var(0.0, free)).collect();
        let first = model.extras.len() - signed;
        let extras = (0..model.extras.len())
            .map(|e| problem.add_var(0.0, if e < first { free } else { (0.0, f64::INFINITY) }))
            .collect();
        Self { intercept, terms, extras }
    }

    /// How it moves the predictor of a history.
    fn row(&self, model: Model, history: usize) -> Vec<(Variable, f64)> {
        let mut row = vec![(self.intercept, 1.0)];
        let on = model.terms.iter().zip(&self.terms).filter(|(t, _)| history as u32 & **t == **t);
        row.extend(on.map(|(_, d)| (*d, 1.0)));
        row.extend(
            model.extras.iter().zip(&self.extras).map(|(x, d)| (*d, x[history])).filter(|c| c.1 != 0.0),
        );
        row
    }

    /// Leave the face as it is, and lower other cells by no more than `least`.
    fn hold(&self, problem: &mut Problem, table: Table, face: &[f64], model: Model, least: f64) {
        for history in (0..table.counts.len()).filter(|&h| table.open[h] != 0.0) {
            let row = self.row(model, history);
            if face[history] == 0.0 {
                problem.add_constraint(&row, ComparisonOp::Le, 0.0);
                problem.add_constraint(&row, ComparisonOp::Ge, least);
            } else {
                problem.add_constraint(&row, ComparisonOp::Eq, 0.0);
            }
        }
    }
}
