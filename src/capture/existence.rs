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
//! plus infinity along every sequence that reaches the supremum of the likelihood. Two linear programs decide, or a look at
//! the signs where there is one d only.

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

/// The directions that leave a face as it is, by their coordinates: nearly always one or two.
#[derive(Clone, Debug, Default)]
pub struct Directions {
    /// How each coordinate moves the intercept.
    pub intercept: Vec<f64>,
    /// How the coordinates move the predictors of cells outside the face: these may only fall.
    pub cells: Vec<Vec<f64>>,
    /// How they move what may only fall or stay: coefficients that must not be negative, with their sign turned.
    pub signs: Vec<Vec<f64>>,
}

impl Directions {
    /// Where the intercept goes.
    pub fn limit(&self) -> Limit {
        if let [along] = self.intercept[..] {
            return self.limit_of_one(along);
        }
        // What is lowered is lowered by one at most: a cone has no length.
        let furthest = |way: OptimizationDirection| {
            let (mut problem, variables) = self.problem(way, &self.intercept);
            for row in self.cells.iter().chain(&self.signs) {
                let row: Vec<_> = variables.iter().copied().zip(row.iter().copied()).collect();
                problem.add_constraint(&row, ComparisonOp::Le, 0.0);
                problem.add_constraint(&row, ComparisonOp::Ge, -1.0);
            }
            match problem.solve() {
                Ok(SolveOutcome::Solution(found)) => {
                    let sum: f64 = variables.iter().zip(&self.intercept).map(|(v, by)| found[*v] * by).sum();
                    Some(sum.abs() > STAYS)
                }
                _ => None, // as far as it likes, since no cell holds it; or the solver gave up
            }
        };
        match (furthest(OptimizationDirection::Minimize), furthest(OptimizationDirection::Maximize)) {
            (Some(false), Some(true)) => Limit::Infinite,
            (Some(true), Some(false)) => Limit::Zero,
            _ => Limit::Unknown,
        }
    }

    /// A single direction, to one side or the other.
    fn limit_of_one(&self, along: f64) -> Limit {
        let rows = || self.cells.iter().chain(&self.signs).map(|row| row[0]);
        let (falls, rises) = (rows().any(|v| v < -STAYS), rows().any(|v| v > STAYS));
        if falls == rises || along.abs() <= STAYS {
            return Limit::Unknown;
        }
        if falls == (along > 0.0) { Limit::Infinite } else { Limit::Zero }
    }

    /// Whether all cells outside the face can go to zero together.
    pub fn exist(&self) -> bool {
        let (mut problem, variables) = self.problem(OptimizationDirection::Minimize, &[]);
        for (rows, most) in [(&self.cells, -1.0), (&self.signs, 0.0)] {
            for row in rows {
                let row: Vec<_> = variables.iter().copied().zip(row.iter().copied()).collect();
                problem.add_constraint(&row, ComparisonOp::Le, most);
            }
        }
        self.cells.is_empty() || matches!(problem.solve(), Ok(SolveOutcome::Solution(_)))
    }

    fn problem(&self, way: OptimizationDirection, aim: &[f64]) -> (Problem, Vec<Variable>) {
        let mut problem = Problem::new(way);
        let weight = |i: usize| aim.get(i).copied().unwrap_or(0.0);
        let free = (f64::NEG_INFINITY, f64::INFINITY);
        let variables = (0..self.intercept.len()).map(|i| problem.add_var(weight(i), free)).collect();
        (problem, variables)
    }
}
