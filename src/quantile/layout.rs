//! Where the windows of quantiles lie, and what each label needs of each block of units.

use super::window::{Seat, Section, Window};
use super::{Ordered, Rows};
use crate::design::Resample;
use crate::design::resample::{Content, Stratum};

/// Rows more on each side: the total of a few rows is far from normal.
const MARGIN: usize = 24;

/// What a design means for any label.
pub struct Layout<'a> {
    design: &'a Resample,
    /// The rows of each unit, one unit after another, and where each unit's begin; without it
    /// every unit is one row.
    members: Option<(&'a Rows, Vec<u32>, Vec<u32>)>,
    /// For each unit the mean of its factor.
    factors: Vec<f64>,
    /// How often it stands among its stratum's rows: the people it stands for.
    copies: Vec<u32>,
    /// Half of a window.
    deviations: f64,
}

/// Where a row stands, seen from a label's window.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Nowhere,
    Below,
    /// So many rows after the window's first.
    Within(u32),
    Above,
}

impl<'a> Layout<'a> {
    /// Look at the design once.
    pub fn new(design: &'a Resample, rows: Option<&'a Rows>, deviations: f64) -> Self {
        let mut factors = design.kept().to_vec();
        let mut copies = vec![0; design.units()];
        for stratum in design.strata() {
            for &unit in units(stratum) {
                let rule = stratum.rule;
                factors[unit as usize] += rule.scale * f64::from(rule.draws) / f64::from(stratum.people);
                copies[unit as usize] += 1;
            }
        }
        let members = rows.map(|rows| {
            let mut starts = vec![0; design.units() + 1];
            rows.unit.iter().for_each(|&unit| starts[unit as usize + 1] += 1);
            for unit in 0..design.units() {
                starts[unit + 1] += starts[unit];
            }
            let mut next = starts.clone();
            let mut sorted = vec![0; rows.unit.len()];
            for (row, &unit) in rows.unit.iter().enumerate() {
                sorted[next[unit as usize] as usize] = row as u32;
                next[unit as usize] += 1;
            }
            (rows, starts, sorted)
        });
        Self { design, members, factors, copies, deviations }
    }

    /// The rows of a unit, each with its weight.
    fn rows(&self, unit: u32) -> impl Iterator<Item = (usize, f64)> {
        let one = self.members.is_none().then_some((unit as usize, 1.0));
        let several = self.members.as_ref().map(|(rows, starts, sorted)| {
            let of = starts[unit as usize] as usize..starts[unit as usize + 1] as usize;
            sorted[of].iter().map(|&row| (row as usize, rows.weight[row as usize]))
        });
        one.into_iter().chain(several.into_iter().flatten())
    }

    /// Choose a label's window and lay out what it needs.
    pub fn window(&self, label: &Ordered, order: &[u32]) -> Window {
        let (from, to) = self.choose(label);
        let mut places =
            vec![Place::Nowhere; self.members.as_ref().map_or(self.factors.len(), |m| m.2.len())];
        for (position, &row) in order.iter().enumerate() {
            places[row as usize] = match position {
                p if p < from => Place::Below,
                p if p < to => Place::Within((p - from) as u32),
                _ => Place::Above,
            };
        }
        let mut made = Window {
            sections: vec![],
            units: vec![],
            worths: vec![],
            seats: vec![],
            below: 0.0,
            total: 0.0,
            outside: (from > 0, to < order.len()),
        };
        let mut seats = vec![];
        for stratum in self.design.strata() {
            self.lay_out(stratum, &places, &mut made, &mut seats);
        }
        seats.sort_unstable_by_key(|&(position, seat): &(u32, Seat)| (position, seat.slot));
        made.seats = seats
            .into_iter()
            .map(|(position, seat)| Seat { value: label.values[from + position as usize], ..seat })
            .collect();
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
    fn lay_out(&self, stratum: &Stratum, places: &[Place], made: &mut Window, seats: &mut Vec<(u32, Seat)>) {
        let Content::Blocks { rows, picks } = &stratum.content else { return };
        let scale = stratum.rule.scale;
        let draws = stratum.rule.draws;
        let domain = |&unit: &u32| {
            self.rows(unit)
                .filter(|&(row, _)| places[row] != Place::Nowhere)
                .map(|(_, w)| scale * w)
                .sum::<f64>()
        };
        let first = rows.first().map_or(0.0, domain);
        let steady = rows.iter().all(|unit| domain(unit).to_bits() == first.to_bits());
        if steady {
            made.total += first * f64::from(draws);
        }
        let mut start = 0;
        for block in picks {
            let mut parts: [Vec<(u16, f64)>; 3] = Default::default();
            let slot = seats.len();
            for (local, &unit) in rows[start..start + block.rows()].iter().enumerate() {
                let kept = self.design.kept()[unit as usize] / f64::from(self.copies[unit as usize]);
                let (mut below, mut above) = (0.0, 0.0);
                for (row, weight) in self.rows(unit) {
                    match places[row] {
                        Place::Nowhere => continue,
                        Place::Below => {
                            below += scale * weight;
                            made.below += kept * weight;
                        }
                        Place::Within(position) => {
                            let worth = scale * weight;
                            parts[1].push((local as u16, worth));
                            let slot = seats.len() as u32;
                            seats.push((position, Seat { slot, value: 0.0, kept: kept * weight, worth }));
                        }
                        Place::Above => above += scale * weight,
                    }
                    made.total += kept * weight;
                }
                if below > 0.0 {
                    parts[0].push((local as u16, below));
                }
                if above > 0.0 && !steady {
                    parts[2].push((local as u16, above));
                }
            }
            let mut bounds = [made.units.len(); 4];
            let worth = parts.iter().flatten().next().map_or(0.0, |&(_, worth)| worth);
            let even = parts.iter().flatten().all(|&(_, w)| w == worth);
            for (part, bound) in parts.iter().zip(&mut bounds[1..]) {
                made.units.extend(part.iter().map(|&(unit, _)| unit));
                made.worths.extend(part.iter().map(|&(_, worth)| worth));
                *bound = made.units.len();
            }
            let worth = if even { worth } else { f64::NAN };
            made.sections.push(Section { bounds, slot, worth, steady });
            start += block.rows();
        }
    }
}

/// The units of a stratum, each as often as there are such people.
fn units(stratum: &Stratum) -> &[u32] {
    match &stratum.content {
        Content::Kinds(units) | Content::Blocks { rows: units, .. } => units,
    }
}

/// The variance of a redrawn total of a stratum's units.
fn variance(stratum: &Stratum, totals: &[f64]) -> f64 {
    let units = units(stratum);
    let n = units.len().max(1) as f64;
    let mean = units.iter().map(|&unit| totals[unit as usize]).sum::<f64>() / n;
    let squares: f64 = units.iter().map(|&unit| (totals[unit as usize] - mean).powi(2)).sum();
    stratum.rule.scale.powi(2) * f64::from(stratum.rule.draws) * squares / n
}
