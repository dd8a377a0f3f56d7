//! Where the windows of quantiles lie, and what each label needs of each block of units.

use std::ops::Range;

use super::Ordered;
use super::window::{Seat, Section, Window};
use crate::design::resample::{Content, Stratum};
use crate::design::{Redraw, Resample};

/// Rows more on each side: the total of a few rows is far from normal.
const MARGIN: usize = 24;

/// What a design means for any label.
pub struct Layout<'a> {
    design: &'a Resample,
    /// For each unit the mean of its factor.
    factors: Vec<f64>,
    /// How often it stands among its stratum's rows: the people it stands for.
    copies: Vec<u32>,
    /// Half of a window.
    deviations: f64,
}

/// A label's rows, unit after unit.
struct ByUnit<'a> {
    label: &'a Ordered,
    /// Where each unit's rows begin.
    starts: Vec<u32>,
    /// Their positions by value.
    positions: Vec<u32>,
}

impl<'a> ByUnit<'a> {
    fn new(label: &'a Ordered, units: usize) -> Self {
        let mut starts = vec![0; units + 1];
        label.units.iter().for_each(|&unit| starts[unit as usize + 1] += 1);
        for unit in 0..units {
            starts[unit + 1] += starts[unit];
        }
        let (mut next, mut positions) = (starts.clone(), vec![0; label.units.len()]);
        for (position, &unit) in label.units.iter().enumerate() {
            positions[next[unit as usize] as usize] = position as u32;
            next[unit as usize] += 1;
        }
        Self { label, starts, positions }
    }

    /// The rows of a unit, each with its weight.
    fn rows(&self, unit: u32) -> impl Iterator<Item = (usize, f64)> {
        let (from, to) = (self.starts[unit as usize], self.starts[unit as usize + 1]);
        let positions = self.positions[from as usize..to as usize].iter();
        positions.map(|&position| (position as usize, self.label.weights[position as usize]))
    }
}

impl<'a> Layout<'a> {
    /// Look at the design once.
    pub fn new(design: &'a Resample, deviations: f64) -> Self {
        let mut factors = design.kept().to_vec();
        let mut copies = vec![0; design.units()];
        for stratum in design.strata() {
            for &unit in stratum.units() {
                let rule = stratum.rule;
                factors[unit as usize] += rule.scale * f64::from(rule.draws) / f64::from(stratum.people);
                copies[unit as usize] += 1;
            }
        }
        Self { design, factors, copies, deviations }
    }

    /// Choose a label's window and lay out what it needs.
    pub fn window(&self, label: &Ordered) -> Window {
        let (from, to) = self.choose(label);
        let rows = ByUnit::new(label, self.factors.len());
        let mut made = Window {
            sections: vec![],
            units: vec![],
            worths: vec![],
            seats: vec![],
            below: 0.0,
            total: 0.0,
            outside: (from > 0, to < label.values.len()),
        };
        let mut seats = vec![];
        for stratum in self.design.strata() {
            self.lay_out(stratum, &rows, from..to, &mut made, &mut seats);
        }
        seats.sort_unstable_by_key(|&(position, seat): &(usize, Seat)| (position, seat.slot));
        made.seats = seats.into_iter().map(|(_, seat)| seat).collect();
        if made.sections.iter().all(|section| !section.worth.is_nan()) {
            made.worths = vec![];
        }
        made
    }

    /// The first row of the window and the first after it.
    ///
    /// Up to the sample's quantile, the redrawn total of w (1{below} - p) has the mean 0 and, drawn
    /// with replacement within strata, the variance sum of scale^2 x draws x variance of the units.
    fn choose(&self, label: &Ordered) -> (usize, usize) {
        let part = |position: usize| self.factors[label.units[position] as usize] * label.weights[position];
        let n = label.values.len();
        let total: f64 = (0..n).map(part).sum();
        let needed = label.probability * total;
        let (mut sum, mut centre) = (0.0, 0);
        while centre < n && sum < needed {
            sum += part(centre);
            centre += 1;
        }
        let mut units_totals = vec![0.0; self.factors.len()];
        for position in 0..n {
            let below = f64::from(u8::from(position < centre.max(1)));
            units_totals[label.units[position] as usize] +=
                label.weights[position] * (below - label.probability);
        }
        let variance: f64 = self.design.strata().iter().map(|stratum| variance(stratum, &units_totals)).sum();
        let half = self.deviations * variance.sqrt();
        let (mut from, mut low) = (centre, sum);
        while from > 0 && low > needed - half {
            from -= 1;
            low -= part(from);
        }
        let (mut to, mut high) = (centre, sum);
        while to < n && high < needed + half {
            high += part(to);
            to += 1;
        }
        (from.saturating_sub(MARGIN), (to + MARGIN).min(n))
    }

    /// Add one stratum's blocks.
    fn lay_out(
        &self,
        stratum: &Stratum,
        by_unit: &ByUnit,
        window: Range<usize>,
        made: &mut Window,
        seats: &mut Vec<(usize, Seat)>,
    ) {
        let Content::Blocks { rows, picks } = &stratum.content else { return };
        let scale = stratum.rule.scale;
        // What a draw adds to the domain's total: the same for all units, or not.
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        let first_section = made.sections.len();
        let mut start = 0;
        for block in picks {
            let mut parts: [Vec<(u16, f64)>; 3] = Default::default();
            let slot = seats.len();
            for (local, &unit) in rows[start..start + block.rows()].iter().enumerate() {
                let kept = self.design.kept()[unit as usize] / f64::from(self.copies[unit as usize]);
                let (mut below, mut domain, mut above) = (0.0, 0.0, 0.0);
                for (position, weight) in by_unit.rows(unit) {
                    let worth = scale * weight;
                    domain += worth;
                    made.total += kept * weight;
                    if position < window.start {
                        below += worth;
                        made.below += kept * weight;
                    } else if position < window.end {
                        parts[1].push((local as u16, worth));
                        let (slot, value) = (seats.len() as u32, by_unit.label.values[position]);
                        seats.push((position, Seat { slot, value, kept: kept * weight, worth }));
                    } else {
                        above += worth;
                    }
                }
                if below > 0.0 {
                    parts[0].push((local as u16, below));
                }
                if above > 0.0 {
                    parts[2].push((local as u16, above));
                }
                (least, most) = (domain.min(least), domain.max(most));
            }
            let section = add_section(made, &parts, slot);
            made.sections.push(section);
            start += block.rows();
        }
        if least == most {
            made.total += least * f64::from(stratum.rule.draws);
            made.sections[first_section..].iter_mut().for_each(|section| section.steady = true);
        }
    }
}

/// Add one block's units below, in and above the window.
fn add_section(made: &mut Window, parts: &[Vec<(u16, f64)>; 3], slot: usize) -> Section {
    let mut bounds = [made.units.len(); 4];
    for (part, bound) in parts.iter().zip(&mut bounds[1..]) {
        made.units.extend(part.iter().map(|&(unit, _)| unit));
        made.worths.extend(part.iter().map(|&(_, worth)| worth));
        *bound = made.units.len();
    }
    let mut worths = parts.iter().flatten().map(|&(_, worth)| worth);
    let first = worths.next().unwrap_or(0.0);
    let worth = if worths.all(|worth| worth == first) { first } else { f64::NAN };
    Section { bounds, slot, worth, steady: false }
}

/// The variance of a redrawn total of a stratum's units.
fn variance(stratum: &Stratum, totals: &[f64]) -> f64 {
    let units = stratum.units();
    let n = units.len().max(1) as f64;
    let mean = units.iter().map(|&unit| totals[unit as usize]).sum::<f64>() / n;
    let squares: f64 = units.iter().map(|&unit| (totals[unit as usize] - mean).powi(2)).sum();
    stratum.rule.scale.powi(2) * f64::from(stratum.rule.draws) * squares / n
}
