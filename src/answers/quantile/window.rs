//! Quantiles from a part of the rows: a window of values around the sample's own quantile.
//!
//! A redrawn quantile moves little. Its design says by how much, so nearly all rows lie
//! below it or above it, and of those only totals are needed: one number for each unit, however
//! many rows a cluster has. Only the rows in the window are walked one by one. A replicate whose
//! quantile falls outside its window, or where rounding could decide, is left to the walk over all
//! rows, so the digits are the same.
//!
//! Cost a replicate: drawing the counts (0.8 ns a row or cluster), 0.3 ns for each row or cluster
//! below the window (and above it, where the domain's total varies), and about 1 ns for each row in
//! it: a percent of a million. Floor: the draws.

use ndarray::ArrayViewMut2;

use super::layout::Layout;
use super::{Ordered, Rule, Walk};
use crate::design::Resample;
use crate::design::picks::BLOCK;
use crate::design::resample::Content;
use crate::stream::{Stream, Streams};

/// Half of a window, in standard deviations of the redrawn total below it: a replicate in a
/// million is left to the whole walk.
const DEVIATIONS: f64 = 5.0;
/// Replicates for which a block is loaded once.
const CHUNK: usize = 64;
/// Counts of a chunk's windows that stay in the second cache.
const SLOTS: usize = 1 << 17;

/// Rows in a window that are passed in one stride while the quantile is far.
const STRIDE: usize = 8;

/// The windows of all labels.
#[derive(Debug)]
pub struct Windows {
    labels: Vec<Window>,
}

/// What one label needs to know of the redrawn counts.
#[derive(Debug)]
pub struct Window {
    /// For each block, in the design's order, its part of `units`.
    pub sections: Vec<Section>,
    /// Block after block the places in it of units with rows below the window; of the unit of
    /// each row in the window; and of units with rows above.
    pub units: Vec<u16>,
    /// What one draw of that unit adds. Empty where it is the same throughout every block.
    pub worths: Vec<f64>,
    /// The rows in the window, by value.
    pub seats: Vec<Seat>,
    /// What no replicate changes of the total below the window.
    pub below: f64,
    /// What no replicate changes of the domain's total.
    pub total: f64,
    /// Whether rows lie below the window, and above it.
    pub outside: (bool, bool),
}

/// One block's part of a window's units.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// Where the units below begin, those in the window, those above; and where they end.
    pub bounds: [usize; 4],
    /// The slot of the first row in the window.
    pub slot: usize,
    /// What a draw adds, where that is the same throughout the block.
    pub worth: f64,
    /// Whether the stratum's part of the domain's total is the same in every replicate.
    pub steady: bool,
}

/// A row in the window.
#[derive(Clone, Copy, Debug)]
pub struct Seat {
    /// Where its count is found.
    pub slot: u32,
    /// Its value.
    pub value: f64,
    /// What it counts for, drawn or not.
    pub kept: f64,
    /// What a draw adds.
    pub worth: f64,
}

/// What a chunk of replicates found for one label.
struct Found {
    below: Vec<f64>,
    total: Vec<f64>,
    /// Replicate after replicate, the counts of the rows in the window by slot.
    counts: Vec<u32>,
}

impl Windows {
    /// None where a replicate draws counts of kinds: they are few, and walking them is quick.
    pub fn new(design: &Resample, labels: &[Ordered]) -> Option<Self> {
        Self::within(design, labels, DEVIATIONS)
    }

    /// Windows of so many standard deviations to either side.
    pub fn within(design: &Resample, labels: &[Ordered], deviations: f64) -> Option<Self> {
        if design.by_kind() {
            return None;
        }
        let layout = Layout::new(design, deviations);
        Some(Self { labels: labels.iter().map(|label| layout.window(label)).collect() })
    }

    /// How many replicates are best done together.
    pub fn chunk(&self) -> usize {
        let slots: usize = self.labels.iter().map(|window| window.seats.len()).sum();
        (SLOTS / slots.max(1)).clamp(1, CHUNK)
    }

    /// Fill `out` (labels x replicates) from replicate `first` on; gives the columns in which some
    /// window couldn't tell.
    pub fn replicates(
        &self,
        design: &Resample,
        streams: Streams,
        first: u64,
        labels: &[Ordered],
        rule: Rule,
        out: &mut ArrayViewMut2<f64>,
    ) -> Vec<usize> {
        let n = out.ncols();
        let streams = (0..n as u64).map(|i| streams.replicate(first + i)).collect();
        let found = self.draw(design, streams);
        let mut unknown = vec![];
        for (i, mut column) in out.columns_mut().into_iter().enumerate() {
            let mut known = true;
            for ((value, label), (window, found)) in
                column.iter_mut().zip(labels).zip(self.labels.iter().zip(&found))
            {
                let walk = Walk::new(found.total[i], label.probability, rule);
                let counts = &found.counts[i * window.seats.len()..][..window.seats.len()];
                match window.quantile(walk, found.below[i], counts) {
                    Some(quantile) => *value = quantile,
                    None => known = false,
                }
            }
            if !known {
                unknown.push(i);
            }
        }
        unknown
    }

    /// Stratum by stratum, block by block, and only then replicate by replicate.
    fn draw(&self, design: &Resample, mut streams: Vec<Stream>) -> Vec<Found> {
        let n = streams.len();
        let mut found: Vec<Found> = self
            .labels
            .iter()
            .map(|window| Found {
                below: vec![window.below; n],
                total: vec![window.total; n],
                counts: vec![0; window.seats.len() * n],
            })
            .collect();
        let mut cells = vec![0; design.most_cells() * n];
        let mut counts = [0; BLOCK];
        let mut number = 0;
        for stratum in design.strata() {
            stratum.cells.draw(&mut streams, &mut cells);
            let Content::Blocks { picks, .. } = &stratum.content else { continue };
            for (block, cells) in picks.iter().zip(cells.chunks_exact(n)) {
                for (i, (stream, &m)) in streams.iter_mut().zip(cells).enumerate() {
                    if m > 0 {
                        counts[..block.rows()].fill(0);
                        block.draw(stream, m, |_, row| counts[row] += 1);
                        for (window, found) in self.labels.iter().zip(&mut found) {
                            window.add(number, &counts, found, i);
                        }
                    }
                }
                number += 1;
            }
        }
        found
    }
}

impl Window {
    /// Take what one block's counts say in replicate i of a chunk.
    #[inline]
    fn add(&self, block: usize, counts: &[u32; BLOCK], found: &mut Found, i: usize) {
        let Section { bounds: [start, window, above, end], slot, worth, steady } = self.sections[block];
        let slots = &mut found.counts[i * self.seats.len() + slot..][..above - window];
        for (slot, &unit) in slots.iter_mut().zip(&self.units[window..above]) {
            *slot = counts[usize::from(unit) % BLOCK];
        }
        let sum = |from: usize, to: usize| {
            if self.worths.is_empty() {
                f64::from(drawn(counts, &self.units[from..to]).cast_signed()) * worth
            } else {
                weighed(counts, &self.units[from..to], &self.worths[from..to])
            }
        };
        let below = sum(start, window);
        found.below[i] += below;
        if !steady {
            found.total[i] += below + sum(window, end);
        }
    }

    /// Go on with a walk that has passed everything below the window; None where the quantile lies
    /// elsewhere or rounding may decide.
    fn quantile(&self, mut walk: Walk, below: f64, counts: &[u32]) -> Option<f64> {
        if walk.total <= 0.0 {
            return Some(f64::NAN);
        }
        walk.below = below;
        if self.outside.0 && (walk.has_reached() || walk.is_close()) {
            return None;
        }
        let part = |seat: &Seat| seat.kept + seat.worth * f64::from(counts[seat.slot as usize].cast_signed());
        for seats in self.seats.chunks(STRIDE) {
            let stride: f64 = seats.iter().map(part).sum();
            if walk.falls_short(stride) {
                walk.below += stride;
                continue;
            }
            for seat in seats {
                let value = walk.step(part(seat), seat.value);
                if walk.is_close() {
                    return None;
                }
                if value.is_some() {
                    return value;
                }
            }
        }
        // All rows were seen: midway to a next value there is none.
        if self.outside.1 { None } else { walk.lower }
    }
}

/// How often these units were drawn.
#[inline]
fn drawn(counts: &[u32; BLOCK], units: &[u16]) -> u32 {
    let (fours, rest) = units.as_chunks::<4>();
    let count = |unit: u16| counts[usize::from(unit) % BLOCK];
    let mut sums = [0; 2];
    for units in fours {
        sums[0] += count(units[0]) + count(units[2]);
        sums[1] += count(units[1]) + count(units[3]);
    }
    sums[0] + sums[1] + rest.iter().map(|&unit| count(unit)).sum::<u32>()
}

/// The same, each with its worth.
#[inline]
fn weighed(counts: &[u32; BLOCK], units: &[u16], worths: &[f64]) -> f64 {
    // Four sums take turns, so that an addition need not wait for the one before it.
    let mut sums = [0.0; 4];
    let (units, last) = units.as_chunks::<4>();
    let (worths, rest) = worths.as_chunks::<4>();
    for (units, worths) in units.iter().zip(worths) {
        for lane in 0..4 {
            let count = counts[usize::from(units[lane]) % BLOCK];
            sums[lane] += f64::from(count.cast_signed()) * worths[lane];
        }
    }
    for (&unit, worth) in last.iter().zip(rest) {
        sums[0] += f64::from(counts[usize::from(unit) % BLOCK].cast_signed()) * worth;
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3])
}
