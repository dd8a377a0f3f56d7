//! The homophily configuration graph: shares of categories from who recruits whom, in time order (Fellows 2019, Respondent-driven
//! sampling and the homophily configuration graph, Statistics in Medicine 38:131-150).
//!
//! Of the tie ends of a, a part `theta_ab` leads to b. Recruiting uses up ties, so that a recruiter of a brings one of b
//! with chance `theta_ab u_b / sum_c theta_ac u_c`, where
//!
//! `u_b = 1 - (degrees in b already sampled) / (N p_b m_b)`
//!
//! is what is left, and `m_b` the mean degree that successive sampling gives to b's recruits among the N `p_b` people of b. Ties have two
//! ends, so `1 / p_b` is proportional to `sum_a theta_ba m_b / (theta_ab m_a)`. theta has the largest product of chances, with
//! p what theta makes it; p and m are those of each other. A population without end has u = 1: theta is the shares of
//! transitions and m the harmonic mean.
//!
//! A share is never below what was seen of it: participants over N, and their degrees over `N m_b`. A transition that nobody made has
//! no estimate; 1 is then added to all counts, as if each had been made once more before anybody's ties were used.
//!
//! Unknown are the logits of theta and the logarithms of m, with as many equations: slopes of the product, and m. Broyden's
//! method (1965, Mathematics of Computation 19:577-593) solves them, from where the sample's own ended and with the
//! inverse that it had there. Cost: 6 to 10 rounds of a division and four multiplications for each recruit and category.

#![allow(clippy::needless_range_loop)] // sums over categories stand as the paper has them

use super::inclusion;

/// No category: a seed's recruiter, or a missing answer.
pub const NONE: u8 = u8::MAX;
/// Rounds of Broyden's method, and of Newton's where that fails.
const ROUNDS: usize = 25;
const NEWTON: usize = 16;
/// From here on Broyden's method does.
const NEAR: f64 = 0.1;
/// Equations that are off by less are met.
const CLOSE: f64 = 1e-11;
/// A step in logits and logarithms is no longer than this.
const LONGEST: f64 = 1.0;
/// A step for slopes.
const STEP: f64 = 1e-6;
/// What is left of a category's ties is at least this.
const LEAST: f64 = 1e-9;
/// Populations, as multiples of the one asked for, on the way to it.
const WAY: [f64; 5] = [8.0, 3.0, 1.6, 1.2, 1.0];

/// Somebody who was recruited, or a seed, in the order in which they came.
#[derive(Clone, Copy, Debug)]
pub struct Came {
    /// The category of the recruiter, and the own; [`NONE`] where nobody knows.
    pub from: u8,
    /// See `from`.
    pub to: u8,
    /// The place of the degree among the different ones.
    pub place: u32,
    /// How often this one counts.
    pub weight: f64,
    /// Whether this one was recruited and the degree counts.
    pub told: bool,
}

/// What a sample says of the homophily configuration graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fit {
    /// Which part of each category's tie ends leads to each, row by row.
    pub theta: Vec<f64>,
    /// The categories' shares of the population.
    pub shares: Vec<f64>,
    /// Their mean degrees.
    pub means: Vec<f64>,
    /// The times at which successive sampling has taken their recruits; 0 in a population without end.
    pub times: Vec<f64>,
    /// What the equations ended at, for those that start there.
    at: Vec<f64>,
}

/// Where to start: what a sample like this one ended at, and the inverse of its slopes.
#[derive(Clone, Debug, Default)]
pub struct Start {
    at: Vec<f64>,
    simple: Vec<f64>,
    inverse: Vec<f64>,
}

/// The parts of a sample that the equations need.
struct Seen {
    size: usize,
    population: f64,
    /// Recruits with both answers: categories, how often they count, and the degrees of each category before them.
    pairs: Vec<(usize, usize, f64)>,
    used: Vec<f64>,
    /// Transitions, and how often each was made before all.
    made: Vec<f64>,
    before: f64,
    /// Participants and degrees by category.
    people: Vec<f64>,
    ends: Vec<f64>,
    /// Recruits by category and degree.
    told: Vec<(Vec<f64>, Vec<f64>)>,
}

/// Room for one round.
struct Room {
    theta: Vec<f64>,
    rest: Vec<f64>,
    shares: Vec<f64>,
    held: Vec<bool>,
    means: Vec<f64>,
    times: Vec<f64>,
}

impl Seen {
    fn new(came: &[Came], size: usize, degrees: &[f64], population: f64) -> Option<Self> {
        let mut made = vec![0.0; size * size];
        let (mut people, mut ends) = (vec![0.0; size], vec![0.0; size]);
        let mut by_degree = vec![0.0; size * degrees.len()];
        let (mut pairs, mut used) = (Vec::with_capacity(came.len()), Vec::with_capacity(came.len() * size));
        for one in came.iter().filter(|one| one.to != NONE && one.weight > 0.0) {
            let (to, place) = (usize::from(one.to), one.place as usize);
            if one.from != NONE {
                let from = usize::from(one.from);
                made[from * size + to] += one.weight;
                pairs.push((from, to, one.weight));
                used.extend_from_slice(&ends);
            }
            people[to] += one.weight;
            ends[to] += one.weight * degrees[place];
            if one.told {
                by_degree[to * degrees.len() + place] += one.weight;
            }
        }
        let row = |counts: &[f64]| -> (Vec<f64>, Vec<f64>) {
            degrees.iter().zip(counts).filter(|(_, c)| **c > 0.0).map(|(d, c)| (*d, *c)).unzip()
        };
        let all: Vec<f64> =
            (0..degrees.len()).map(|k| (0..size).map(|b| by_degree[b * degrees.len() + k]).sum()).collect();
        if !all.iter().any(|count| *count > 0.0) || size == 0 {
            return None;
        }
        let told = by_degree.chunks_exact(degrees.len());
        // Of a category that nobody was recruited of, all recruits tell how many people it knows.
        let told = told.map(|own| row(if own.iter().any(|c| *c > 0.0) { own } else { &all })).collect();
        let before = if made.iter().all(|count| *count > 0.0) { 0.0 } else { 1.0 };
        Some(Self { size, population, pairs, used, made, before, people, ends, told })
    }

    /// Shares and means where ties have no end: they need no rounds.
    fn simple(&self) -> Vec<f64> {
        let g = self.size;
        let mut at = vec![];
        for row in self.made.chunks_exact(g) {
            let first = libm::log(row[0] + self.before);
            at.extend(row[1..].iter().map(|count| libm::log(count + self.before) - first));
        }
        for (degrees, people) in &self.told {
            let inverse: f64 = degrees.iter().zip(people).map(|(d, c)| c / d).sum();
            at.push(libm::log(people.iter().sum::<f64>() / inverse));
        }
        at
    }

    fn room(&self) -> Room {
        let g = self.size;
        Room {
            theta: vec![0.0; g * g],
            rest: vec![0.0; g * g],
            shares: vec![0.0; g],
            held: vec![false; g],
            means: vec![0.0; g],
            times: vec![0.0; g],
        }
    }

    /// Fill in theta, means and shares; `forced` shares are what was seen of them.
    fn spread(&self, at: &[f64], forced: &[bool], room: &mut Room) {
        let g = self.size;
        for (a, logits) in at[..g * (g - 1)].chunks(g.max(2) - 1).enumerate() {
            let most = logits.iter().copied().fold(0.0, f64::max);
            let row = &mut room.theta[a * g..][..g];
            row[0] = libm::exp(-most);
            row[1..].iter_mut().zip(logits).for_each(|(t, l)| *t = libm::exp(l - most));
            let sum: f64 = row.iter().sum();
            for t in row {
                *t /= sum;
            }
        }
        if g == 1 {
            room.theta[0] = 1.0;
        }
        room.means.iter_mut().zip(&at[g * (g - 1)..]).for_each(|(m, l)| *m = libm::exp(*l));
        for b in 0..g {
            let mut sum = 0.0;
            for a in 0..g {
                let one = room.theta[b * g + a] * room.means[b] / (room.theta[a * g + b] * room.means[a]);
                room.rest[b * g + a] = one;
                sum += one;
            }
            for one in &mut room.rest[b * g..][..g] {
                *one /= sum;
            }
            room.shares[b] = 1.0 / sum;
        }
        let mut least = [(0.0, 0.0); 16];
        for b in 0..g {
            least[b] = self.least(b, room.means[b]);
        }
        hold(&mut room.shares, &mut room.held, &least, forced);
    }

    /// What was seen of a category, as a share of the population: participants, and the same or what their ties make of it.
    fn least(&self, b: usize, mean: f64) -> (f64, f64) {
        if self.population.is_finite() {
            let people = self.people[b];
            (people / self.population, people.max(self.ends[b] / mean) / self.population)
        } else {
            (0.0, 0.0)
        }
    }

    /// Categories whose shares are below what was seen of them, and the one that is nearest to it.
    fn below(&self, forced: &[bool], room: &Room) -> (Vec<usize>, Option<usize>) {
        let over = |b: usize| room.shares[b] / self.least(b, room.means[b]).1.max(1e-300);
        let free = || (0..self.size).filter(|&b| !forced[b] && !room.held[b]);
        let below = free().filter(|&b| over(b) < 1.0 - 1e-9 || over(b).is_nan()).collect();
        (below, free().min_by(|&b, &c| over(b).total_cmp(&over(c))))
    }

    /// How far the equations are off.
    fn off(&self, at: &[f64], forced: &[bool], room: &mut Room, off: &mut [f64]) {
        let g = self.size;
        self.spread(at, forced, room);
        let mut used = [0.0; 16];
        for b in 0..g {
            used[b] = 1.0 / (self.population * room.shares[b] * room.means[b]);
        }
        // What recruits were expected in each category, and slopes in the logarithms of shares.
        let mut expected = vec![0.0; g * g];
        let mut by_share = [0.0; 16];
        let mut left = [1.0; 16];
        for (&(a, b, weight), before) in self.pairs.iter().zip(self.used.chunks_exact(g)) {
            let row = &room.theta[a * g..][..g];
            let mut sum = 0.0;
            for c in 0..g {
                left[c] = (1.0 - before[c] * used[c]).max(LEAST);
                sum += row[c] * left[c];
            }
            let each = weight / sum;
            for c in 0..g {
                expected[a * g + c] += each * left[c];
                if left[c] > LEAST {
                    by_share[c] -= each * row[c] * (1.0 - left[c]);
                }
            }
            if left[b] > LEAST {
                by_share[b] += weight * (1.0 - left[b]) / left[b];
            }
        }
        let (mut free, mut whole) = (0.0, 0.0);
        for b in (0..g).filter(|&b| !room.held[b]) {
            free += room.shares[b];
            whole += by_share[b];
        }
        let mut by_odds = [0.0; 16];
        for b in (0..g).filter(|&b| !room.held[b]) {
            by_odds[b] = by_share[b] - room.shares[b] / free * whole;
        }
        for a in 0..g {
            let mine = &self.made[a * g..][..g];
            let rows = mine.iter().sum::<f64>() + self.before * g as f64;
            for c in 1..g {
                let theta = room.theta[a * g + c];
                let mut slope =
                    mine[c] + self.before - theta * (expected[a * g + c] + self.before * g as f64);
                slope += by_odds[a] * (theta - room.rest[a * g + c]);
                for b in 0..g {
                    slope += by_odds[b] * room.rest[b * g + a] * (f64::from(u8::from(b == c)) - theta);
                }
                off[a * (g - 1) + c - 1] = slope / rows;
            }
        }
        for b in 0..g {
            let (mean, time) = self.mean(b, self.population * room.shares[b]);
            room.times[b] = time;
            off[g * (g - 1) + b] = libm::log(mean / room.means[b]);
        }
    }

    /// The mean degree of a category of so many people, and the time at which its recruits had come.
    fn mean(&self, b: usize, people: f64) -> (f64, f64) {
        let (degrees, told) = &self.told[b];
        // Rounding must not make a category smaller than its participants.
        let time = inclusion::time(degrees, told, people).unwrap_or(f64::INFINITY);
        let (mut sum, mut whole) = (0.0, 0.0);
        for (d, c) in degrees.iter().zip(told) {
            let w = c * inclusion::weight(*d, time);
            sum += w * d;
            whole += w;
        }
        (sum / whole, time)
    }

    fn norm(off: &[f64]) -> f64 {
        let most = off.iter().fold(0.0_f64, |most, o| if o.is_nan() { f64::NAN } else { most.max(o.abs()) });
        if off.iter().any(|o| !o.is_finite()) { f64::INFINITY } else { most }
    }

    /// The inverse of the slopes at a place where equations are off by `off`, by differences.
    fn inverse(&self, at: &[f64], off: &[f64], forced: &[bool], room: &mut Room) -> Option<Vec<f64>> {
        let k = at.len();
        let (mut up, mut moved) = (vec![0.0; k], at.to_vec());
        let mut slopes = vec![0.0; k * k];
        for j in 0..k {
            moved[j] = at[j] + STEP;
            self.off(&moved, forced, room, &mut up);
            moved[j] = at[j];
            for i in 0..k {
                slopes[i * k + j] = (up[i] - off[i]) / STEP;
            }
        }
        invert(slopes, k)
    }

    /// Broyden's method; whether the equations are met.
    fn broyden(&self, at: &mut [f64], inverse: &mut [f64], forced: &[bool], room: &mut Room) -> bool {
        let k = at.len();
        let (mut off, mut next_off) = (vec![0.0; k], vec![0.0; k]);
        self.off(at, forced, room, &mut off);
        let mut size = Self::norm(&off);
        let (mut step, mut change, mut row) = (vec![0.0; k], vec![0.0; k], vec![0.0; k]);
        for _ in 0..ROUNDS {
            if size <= CLOSE {
                return true;
            }
            for (s, h) in step.iter_mut().zip(inverse.chunks_exact(k)) {
                *s = -h.iter().zip(&off).map(|(h, o)| h * o).sum::<f64>();
            }
            let most = step.iter().fold(0.0_f64, |most, s| most.max(s.abs()));
            if !most.is_finite() {
                return false;
            }
            if most > LONGEST {
                for s in &mut step {
                    *s *= LONGEST / most;
                }
            }
            at.iter_mut().zip(&step).for_each(|(x, s)| *x += s);
            self.off(at, forced, room, &mut next_off);
            let mut next = Self::norm(&next_off);
            for _ in 0..4 {
                if next <= 2.0 * size {
                    break;
                }
                for s in &mut step {
                    *s /= 2.0;
                }
                at.iter_mut().zip(&step).for_each(|(x, s)| *x -= s);
                self.off(at, forced, room, &mut next_off);
                next = Self::norm(&next_off);
            }
            if next > 2.0 * size || next.is_nan() {
                return false;
            }
            // Sherman and Morrison: the inverse takes this step to this change.
            for i in 0..k {
                change[i] = (0..k).map(|j| inverse[i * k + j] * (next_off[j] - off[j])).sum();
                row[i] = (0..k).map(|j| step[j] * inverse[j * k + i]).sum();
            }
            let whole: f64 = step.iter().zip(&change).map(|(s, c)| s * c).sum();
            if whole.abs() > 1e-300 {
                for i in 0..k {
                    let each = (step[i] - change[i]) / whole;
                    inverse[i * k..][..k].iter_mut().zip(&row).for_each(|(h, r)| *h += each * r);
                }
            }
            std::mem::swap(&mut off, &mut next_off);
            size = next;
        }
        size <= CLOSE
    }

    /// Newton's method with shorter steps where a whole one leads away; whether the equations are met.
    fn newton(&self, at: &mut [f64], forced: &[bool], room: &mut Room) -> bool {
        let k = at.len();
        let mut off = vec![0.0; k];
        self.off(at, forced, room, &mut off);
        let (mut size, mut stalls) = (Self::norm(&off), 0);
        for _ in 0..NEWTON {
            if stalls > 3 {
                return false;
            }
            if size <= CLOSE {
                return true;
            }
            let Some(inverse) = self.inverse(at, &off, forced, room) else { return false };
            let (mut there, mut by) = (at.to_vec(), inverse.clone());
            if size < NEAR && self.broyden(&mut there, &mut by, forced, room) {
                at.copy_from_slice(&there);
                return true;
            }
            let step: Vec<f64> = inverse
                .chunks_exact(k)
                .map(|h| -h.iter().zip(&off).map(|(h, o)| h * o).sum::<f64>())
                .collect();
            let most = step.iter().fold(0.0_f64, |most, s| most.max(s.abs()));
            let mut part = if most > LONGEST { LONGEST / most } else { 1.0 };
            let from = at.to_vec();
            loop {
                at.iter_mut().zip(from.iter().zip(&step)).for_each(|(x, (f, s))| *x = f + part * s);
                self.off(at, forced, room, &mut off);
                let next = Self::norm(&off);
                if next < size {
                    stalls += usize::from(next > 0.8 * size);
                    size = next;
                    break;
                }
                part /= 2.0;
                if part < 1e-3 {
                    at.copy_from_slice(&from);
                    self.off(at, forced, room, &mut off);
                    return size <= 1e3 * CLOSE;
                }
            }
        }
        size <= 1e3 * CLOSE
    }

    /// Solve the equations; false where they have no answer that was found.
    ///
    /// Shares that end below what was seen of them are held there, and the others found anew.
    fn solve(&mut self, at: &mut [f64], start: Option<&Start>, room: &mut Room) -> bool {
        let mut forced = vec![false; self.size];
        let simple = at.to_vec();
        let mut met = false;
        if let Some(start) = start.filter(|start| start.at.len() == at.len()) {
            at.iter_mut().zip(start.at.iter().zip(&start.simple)).for_each(|(x, (end, own))| *x += end - own);
            let mut inverse = start.inverse.clone();
            met = inverse.len() == at.len() * at.len() && self.broyden(at, &mut inverse, &forced, room);
        }
        for _ in 0..=self.size {
            if !met {
                at.copy_from_slice(&simple);
                met = self.newton(at, &forced, room)
                    || !forced.contains(&true) && self.on_the_way(at, &simple, &forced, room);
            }
            let (below, nearest) = self.below(&forced, room);
            if met && below.is_empty() {
                return true;
            }
            let Some(nearest) = nearest else { return met };
            if below.is_empty() {
                forced[nearest] = true;
            }
            for b in below {
                forced[b] = true;
            }
            // From here, where that leads anywhere.
            met = met && self.newton(at, &forced, room);
        }
        false
    }

    /// Solve them from a population in which hardly any tie is used to the one asked for.
    fn on_the_way(&mut self, at: &mut [f64], simple: &[f64], forced: &[bool], room: &mut Room) -> bool {
        at.copy_from_slice(simple);
        let (asked, mut met) = (self.population, false);
        for times in WAY {
            self.population = asked * times;
            met = self.newton(at, forced, room);
        }
        met
    }
}

/// Hold some shares at what is least for them, the others in proportion. Where that is more than all, everybody who was seen
/// is there, and what is left goes by the rest of what is least.
fn hold(shares: &mut [f64], held: &mut [bool], least: &[(f64, f64)], forced: &[bool]) {
    held.copy_from_slice(forced);
    let (mut fixed, mut free) = (0.0, 0.0);
    for ((held, least), own) in held.iter().zip(least).zip(&*shares) {
        if *held { fixed += least.1 } else { free += own }
    }
    if held.contains(&true) && (fixed >= 1.0 || held.iter().all(|held| *held)) {
        held.fill(true);
        let least = &least[..shares.len()];
        let people: f64 = least.iter().map(|l| l.0).sum();
        let more: f64 = least.iter().map(|l| l.1 - l.0).sum();
        for (share, l) in shares.iter_mut().zip(least) {
            *share = if people >= 1.0 || more <= 0.0 {
                l.0 / people
            } else {
                l.0 + (1.0 - people) * (l.1 - l.0) / more
            };
        }
        return;
    }
    let scale = (1.0 - fixed) / free;
    for ((share, held), least) in shares.iter_mut().zip(held).zip(least) {
        *share = if *held { least.1 } else { *share * scale };
    }
}

/// The inverse of a matrix by elimination with the largest pivots; none where it has none.
fn invert(mut a: Vec<f64>, k: usize) -> Option<Vec<f64>> {
    let mut inverse = vec![0.0; k * k];
    for i in 0..k {
        inverse[i * k + i] = 1.0;
    }
    for j in 0..k {
        let pivot = (j..k).max_by(|&p, &q| a[p * k + j].abs().total_cmp(&a[q * k + j].abs()))?;
        if !(a[pivot * k + j].abs() > 1e-300 && a[pivot * k + j].is_finite()) {
            return None;
        }
        if pivot != j {
            for c in 0..k {
                a.swap(pivot * k + c, j * k + c);
                inverse.swap(pivot * k + c, j * k + c);
            }
        }
        let whole = a[j * k + j];
        for c in 0..k {
            a[j * k + c] /= whole;
            inverse[j * k + c] /= whole;
        }
        for i in (0..k).filter(|&i| i != j) {
            let times = a[i * k + j];
            if times != 0.0 {
                for c in 0..k {
                    a[i * k + c] -= times * a[j * k + c];
                    inverse[i * k + c] -= times * inverse[j * k + c];
                }
            }
        }
    }
    Some(inverse)
}

/// Find what a sample says; 16 categories at most. None where it has no answer.
///
/// `degrees` are the different degrees, `population` is infinite where nobody knows it.
pub fn fit(
    came: &[Came],
    size: usize,
    degrees: &[f64],
    population: f64,
    start: Option<&Start>,
) -> Option<Fit> {
    let mut seen = Seen::new(came, size, degrees, population)?;
    let mut room = seen.room();
    let mut at = seen.simple();
    if !(size == 1 || population.is_infinite() || seen.solve(&mut at, start, &mut room)) {
        return None;
    }
    if size == 1 || population.is_infinite() {
        seen.spread(&at, &vec![false; size], &mut room);
        room.times.fill(0.0);
        if size == 1 && population.is_finite() {
            let (mean, time) = seen.mean(0, population);
            (room.means[0], room.times[0]) = (mean, time);
        }
    }
    let whole = room.shares.iter().chain(&room.means).all(|x| x.is_finite());
    whole.then_some(Fit { theta: room.theta, shares: room.shares, means: room.means, times: room.times, at })
}

/// Where samples like this one may start.
pub fn start(came: &[Came], size: usize, degrees: &[f64], population: f64, fit: &Fit) -> Option<Start> {
    if population.is_infinite() || size == 1 {
        return None;
    }
    let seen = Seen::new(came, size, degrees, population)?;
    let mut room = seen.room();
    let (forced, mut off) = (vec![false; size], vec![0.0; fit.at.len()]);
    seen.off(&fit.at, &forced, &mut room, &mut off);
    let inverse = seen.inverse(&fit.at, &off, &forced, &mut room)?;
    Some(Start { at: fit.at.clone(), simple: seen.simple(), inverse })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEGREES: [f64; 4] = [2.0, 3.0, 5.0, 9.0];

    /// A sample of one chain with so many categories, where alike recruit alike.
    fn sample(n: usize, size: usize) -> Vec<Came> {
        let mut state = 12_345_u64;
        let mut draw = |len: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) as usize) % len
        };
        let mut last = NONE;
        (0..n)
            .map(|i| {
                let same = last != NONE && draw(3) == 0;
                let to = if same { last } else { (draw(size + 1) % size) as u8 };
                let one = Came {
                    from: last,
                    to,
                    place: ((draw(4) + usize::from(to)) % 4) as u32,
                    weight: 1.0,
                    told: i > 0,
                };
                last = to;
                one
            })
            .collect()
    }

    /// The logarithm of the product, written down as it is in the paper, with p made by theta and m.
    fn product(came: &[Came], size: usize, population: f64, theta: &[f64], means: &[f64]) -> f64 {
        let share = |b: usize| {
            let rest = |a: usize| theta[b * size + a] * means[b] / (theta[a * size + b] * means[a]);
            1.0 / (0..size).map(rest).sum::<f64>()
        };
        let whole: f64 = (0..size).map(share).sum();
        let mut used = vec![0.0; size];
        let mut sum = 0.0;
        for one in came {
            let b = usize::from(one.to);
            if one.from != NONE {
                let a = usize::from(one.from);
                let left = |c: usize| 1.0 - used[c] / (population * share(c) / whole * means[c]);
                let all: f64 = (0..size).map(|c| theta[a * size + c] * left(c)).sum();
                sum += libm::log(theta[a * size + b] * left(b) / all);
            }
            used[b] += DEGREES[one.place as usize];
        }
        sum
    }

    #[test]
    fn theta_has_the_largest_product() {
        // No other ties near it have a larger one, the means being what they are; means are those of successive sampling.
        for (size, population) in [(2, 500.0), (2, 3_000.0), (3, 900.0), (4, 2_000.0)] {
            let came = sample(300, size);
            let fit = fit(&came, size, &DEGREES, population, None).unwrap();
            let best = product(&came, size, population, &fit.theta, &fit.means);
            for a in 0..size {
                for b in 0..size {
                    for step in [-1e-4, 1e-4] {
                        let mut theta = fit.theta.clone();
                        theta[a * size + b] *= 1.0 + step;
                        let row: f64 = theta[a * size..][..size].iter().sum();
                        for t in &mut theta[a * size..][..size] {
                            *t /= row;
                        }
                        let other = product(&came, size, population, &theta, &fit.means);
                        assert!(other < best, "{size} {population}: {other} {best}");
                    }
                }
            }
            assert!((fit.shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            for b in 0..size {
                let own = |k: u32| {
                    came.iter().filter(|c| c.told && usize::from(c.to) == b && c.place == k).count() as f64
                };
                let people: Vec<f64> = (0..4).map(own).collect();
                let time = inclusion::time(&DEGREES, &people, population * fit.shares[b]).unwrap();
                let w: Vec<f64> =
                    DEGREES.iter().zip(&people).map(|(d, c)| c * inclusion::weight(*d, time)).collect();
                let mean = w.iter().zip(DEGREES).map(|(w, d)| w * d).sum::<f64>() / w.iter().sum::<f64>();
                assert!((mean / fit.means[b] - 1.0).abs() < 1e-10);
            }
        }
    }

    #[test]
    fn ties_without_end_are_the_shares_of_transitions() {
        // Closed form with two categories: p_a in proportion to q_a / h_a.
        let came = sample(200, 2);
        let fit = fit(&came, 2, &DEGREES, f64::INFINITY, None).unwrap();
        let count = |a: u8, b: u8| came.iter().filter(|c| c.from == a && c.to == b).count() as f64;
        let chance = |a: u8, b: u8| count(a, b) / (count(a, 0) + count(a, 1));
        let mean = |b: u8| {
            let own: Vec<f64> =
                came.iter().filter(|c| c.told && c.to == b).map(|c| DEGREES[c.place as usize]).collect();
            own.len() as f64 / own.iter().map(|d| 1.0 / d).sum::<f64>()
        };
        let (zero, one) = (chance(1, 0) / mean(0), chance(0, 1) / mean(1));
        assert!((fit.shares[1] - one / (zero + one)).abs() < 1e-14);
        // Large populations come near.
        let large = super::fit(&came, 2, &DEGREES, 1e9, None).unwrap();
        assert!((large.shares[1] - fit.shares[1]).abs() < 1e-6);
    }

    #[test]
    fn starting_elsewhere_ends_alike() {
        for size in [2, 3] {
            let came = sample(250, size);
            let own = fit(&came, size, &DEGREES, 700.0, None).unwrap();
            let start = start(&came, size, &DEGREES, 700.0, &own).unwrap();
            let mut other = came.clone();
            other.iter_mut().enumerate().for_each(|(i, one)| one.weight = [1.0, 0.0, 2.0, 1.0, 1.0][i % 5]);
            let cold = fit(&other, size, &DEGREES, 700.0, None).unwrap();
            let warm = fit(&other, size, &DEGREES, 700.0, Some(&start)).unwrap();
            for (a, b) in cold.shares.iter().zip(&warm.shares) {
                assert!((a - b).abs() < 1e-10, "{a} {b}");
            }
        }
    }

    #[test]
    fn nobody_is_fewer_than_was_seen() {
        // All of the population is in the sample: shares are those of the sample.
        let came = sample(120, 3);
        let fit = fit(&came, 3, &DEGREES, 120.0, None).unwrap();
        for (b, share) in fit.shares.iter().enumerate() {
            let own = came.iter().filter(|c| usize::from(c.to) == b).count() as f64;
            assert!(*share >= own / 120.0 - 0.02, "{share} {own}");
        }
        for population in [121.0, 125.0, 140.0] {
            let fit = super::fit(&came, 3, &DEGREES, population, None).unwrap();
            assert!((fit.shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            for (b, share) in fit.shares.iter().enumerate() {
                let own = came.iter().filter(|c| usize::from(c.to) == b).count() as f64;
                assert!(*share >= own / population - 1e-9);
            }
        }
    }

    #[test]
    fn what_says_nothing_has_no_answer() {
        assert_eq!(fit(&[], 2, &DEGREES, 50.0, None), None);
        let alone = Came { from: NONE, to: 0, place: 0, weight: 1.0, told: false };
        assert_eq!(fit(&[alone; 5], 2, &DEGREES, 50.0, None), None);
    }

    #[test]
    fn inverses_are_inverses() {
        let a = vec![0.0, 2.0, 1.0, 1.0, 0.5, 0.0, 3.0, 1.0, 1.0];
        let b = invert(a.clone(), 3).unwrap();
        for i in 0..3 {
            for j in 0..3 {
                let sum: f64 = (0..3).map(|k| a[i * 3 + k] * b[k * 3 + j]).sum();
                assert!((sum - f64::from(u8::from(i == j))).abs() < 1e-12);
            }
        }
        assert_eq!(invert(vec![1.0, 2.0, 2.0, 4.0], 2), None);
    }
}
