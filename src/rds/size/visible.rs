//! How many people there are where sizes are not seen but reported: chains (after `McLaughlin` and others 2024).
//!
//! Person i of visibility `u_i` comes after an exponential time `τ_i` with that rate. Given the times, visibilities are independent,
//!
//! `p(u_i) ∝ π_u u exp(-u τ_i) p(report_i | u) p(recruits_i | u)`,
//!
//! so that they are summed out wherever it helps, as is N (see [`People`]). A sweep draws
//!
//! 1. visibilities; given them all times at once, whose gaps are proposed as if the sizes not seen had the sum that is expected; and the
//!    unit of time, by a slice, in which the number of people is nearly free: these three twice;
//! 2. given visibilities, what recruits depend on and the distribution of visibilities θ (random walks);
//! 3. θ, how people report and the unit of time together, without visibilities (a random walk), some steps.
//!
//! What it costs: some five times n x K multiplications a sweep, half a millisecond for 500 people and K = 40.

use crate::error::{Error, Result};
use crate::parallel;
use crate::rds::uniform;
use crate::stop::stopped;
use crate::stream::{Stream, Streams};

use super::family::{Family, SizePrior};
use super::people::{Collected, People};
use super::recruiting::Recruiting;
use super::reports::{LANES, Reports, Said, stride};
use super::search::mode;
use super::walk::Walk;

/// What a draw holds: people unseen, optimism, variance of reports over their mean, mean and standard deviation of visibilities among all,
/// and by how much the logit of being a recruiter rises with log visibility.
pub const TRACES: usize = 6;
/// Numbers that chains and what is kept of them may take.
const MOST_NUMBERS: usize = 1 << 27;
/// Places in the state: those of the two numbers of θ ([`Family::at_place`]), logarithms of optimism, of the variance of reports over their mean, and of the last time.
const AXES: usize = 5;
const OPTIMISM: usize = 2;
const ERROR: usize = 3;
const TIME: usize = 4;
/// Steps a sweep: of the walk without visibilities, of that of θ given them, of what recruits depend on.
const JOINT: usize = 4;
const SIZES: usize = 3;
const RECRUITS: usize = 2;
/// Times a sweep that visibilities, times of arrival and their unit are drawn in turn.
const ROUNDS: usize = 2;
/// Terms of a sum of exponentials below this are nothing.
const LATEST: f64 = 700.0;
/// Products of chances stay above this until their logarithm is taken.
const SMALL: f64 = 1e-150;

/// What was seen, in order of arrival.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Reported degrees; 0 where there is none.
    pub reports: &'a [u32],
    /// The report that stands for all above.
    pub or_more: u32,
    /// Recruits, coupons, and how long there was time; empty where recruits are left out.
    pub recruits: &'a [u32],
    /// Coupons.
    pub coupons: &'a [u32],
    /// How long there was time to recruit, around 0.
    pub times: &'a [f64],
}

/// What is believed beforehand.
#[derive(Clone, Copy, Debug)]
pub struct Beliefs<'a> {
    /// Visibilities are 1..most.
    pub most: usize,
    /// Their distribution.
    pub family: Family,
    /// Of their mean and spread.
    pub sizes: SizePrior,
    /// Mean and standard deviation of the logarithm of optimism; known where the latter is 0.
    pub optimism: (f64, f64),
    /// The same of the variance of reports over their mean.
    pub error: (f64, f64),
    /// Means and standard deviations of what recruits depend on.
    pub recruiting: [(f64, f64); 3],
    /// Logarithms of the prior of n, n + 1, ... people.
    pub people: &'a [f64],
}

/// Chains for one sample.
#[derive(Debug)]
pub struct Sampler {
    model: Model,
    chains: Vec<Chain>,
}

#[derive(Debug)]
struct Model {
    n: usize,
    most: usize,
    family: Family,
    sizes: SizePrior,
    optimism: (f64, f64),
    error: (f64, f64),
    beta: [(f64, f64); 3],
    people: People,
    reports: Reports,
    /// Which report each participant gave.
    which: Vec<usize>,
    recruiting: Recruiting,
    /// Logarithms of 1..most.
    logs: Vec<f64>,
    /// Logarithms of times between which the last arrival lies.
    reach: (f64, f64),
}

/// The state of a chain.
#[derive(Clone, Debug)]
struct Chain {
    stream: Stream,
    at: [f64; AXES],
    beta: [f64; 3],
    /// Logarithms of the probabilities of visibilities.
    logs: Vec<f64>,
    said: Said,
    /// Chances of recruits (kinds x visibilities).
    chances: Vec<f64>,
    /// Times of arrival, and visibilities.
    times: Vec<f64>,
    visible: Vec<u32>,
    joint: Walk,
    theta: Walk,
    recruits: Walk,
    collected: Collected,
    /// Sums of visibilities over sweeps, and how many there were.
    seen: Vec<f64>,
    sweeps: f64,
}

/// A place in the state with what follows from it.
struct Place {
    at: [f64; AXES],
    logs: Vec<f64>,
    said: Option<Said>,
    height: f64,
}

impl Sampler {
    /// Chains that start from different places.
    ///
    /// # Errors
    /// When the arguments are no such sample, or no distribution of visibilities fits.
    pub fn new(seen: Seen, beliefs: Beliefs, chains: usize, streams: Streams) -> Result<Self> {
        let wrong = |what: &str| Error::Argument(what.into());
        let (n, most) = (seen.reports.len(), beliefs.most);
        if n < 2 || !(2..=10_000).contains(&most) || seen.or_more == 0 {
            return Err(wrong("there must be two reports or more, and visibilities from 1 to 2 or more"));
        }
        let kept = seen.recruits.len();
        let fits = seen.recruits.iter().zip(seen.coupons).all(|(recruits, coupons)| recruits <= coupons);
        if (kept != 0 && kept != n) || seen.coupons.len() != kept || seen.times.len() != kept || !fits {
            return Err(wrong(
                "recruits, coupons and times must be of the same people, with no more recruits than coupons",
            ));
        }
        if seen.times.iter().any(|time| !time.is_finite()) {
            return Err(wrong("times must be finite"));
        }
        beliefs.sizes.check()?;
        let known = |(mean, sd): (f64, f64)| mean.is_finite() && sd.is_finite() && sd >= 0.0;
        if ![beliefs.optimism, beliefs.error].into_iter().chain(beliefs.recruiting).all(known) {
            return Err(wrong("priors need a finite mean and a standard deviation of 0 or more"));
        }
        if chains.checked_mul(n + stride(most)).is_none_or(|numbers| numbers > MOST_NUMBERS) {
            return Err(wrong("so many chains of so many people have no place"));
        }
        // Everybody of visibility 1 and nobody unseen come last; everybody of the largest, among the most people, first.
        let last = (1..=n).map(|left| (left as f64).recip()).sum::<f64>() * 4.0;
        let first = n as f64 / ((n + beliefs.people.len()) * most) as f64 / 8.0;
        let people = People::new(n, beliefs.people, first, (last * most as f64).min(LATEST))?;
        let (reports, which) = Reports::of(seen.reports, seen.or_more, most);
        let centre = beliefs.sizes.mean.max(1.0).ln();
        let recruiting = Recruiting::of(seen.recruits, seen.coupons, seen.times, centre, most);
        let logs = (1..=most).map(|u| (u as f64).ln()).collect();
        let Beliefs { family, sizes, optimism, error, recruiting: beta, .. } = beliefs;
        let reach = (first.ln(), last.ln());
        let model = Model {
            n,
            most,
            family,
            sizes,
            optimism,
            error,
            beta,
            people,
            reports,
            which,
            recruiting,
            logs,
            reach,
        };
        let start = model.start(seen.reports)?;
        let chains: Result<Vec<Chain>> = (0..chains as u64)
            .map(|i| Chain::new(&model, start, beliefs.people, streams.replicate(i)))
            .collect();
        Ok(Self { chains: chains?, model })
    }

    /// Sweep without keeping anything, while walks learn.
    ///
    /// # Errors
    /// When the work is called off.
    pub fn settle(&mut self, sweeps: usize, threads: usize) -> Result<()> {
        self.run(1, sweeps, true, threads).map(|_| ())
    }

    /// Sweep on and keep every `thin`-th state of each chain: chain after chain, draw after draw, `TRACES` numbers.
    ///
    /// # Errors
    /// When more states are asked for than have a place, or the work is called off; the chains then stay where they are.
    pub fn advance(&mut self, draws: usize, thin: usize, threads: usize) -> Result<Vec<f64>> {
        self.run(draws, thin, false, threads)
    }

    fn run(&mut self, draws: usize, thin: usize, learning: bool, threads: usize) -> Result<Vec<f64>> {
        let numbers = self.chains.len().checked_mul(TRACES).and_then(|n| n.checked_mul(draws));
        if numbers.is_none_or(|numbers| numbers > MOST_NUMBERS) {
            return Err(Error::Argument(format!("{draws} draws of each chain have no place")));
        }
        let run = |i: usize| {
            let mut chain = self.chains[i].clone();
            let mut kept = Vec::with_capacity(draws * TRACES);
            for _ in 0..draws {
                for _ in 0..thin {
                    if stopped() {
                        return Err(Error::Stopped);
                    }
                    chain.sweep(&self.model, learning);
                }
                kept.extend(chain.draw(&self.model));
            }
            Ok((chain, kept))
        };
        let found: Result<Vec<(Chain, Vec<f64>)>> =
            parallel::rows(self.chains.len(), threads, run)?.into_iter().collect();
        let (chains, kept): (Vec<Chain>, Vec<Vec<f64>>) = found?.into_iter().unzip();
        self.chains = chains;
        Ok(kept.concat())
    }

    /// What sweeps that were kept say of n, n + 1, ... people (the mean of what each says, not of draws), and mean visibilities.
    ///
    /// # Errors
    /// When nothing was kept, or the work is called off.
    pub fn found(&self) -> Result<(Vec<f64>, Vec<f64>)> {
        let sweeps: f64 = self.chains.iter().map(|chain| chain.sweeps).sum();
        if sweeps == 0.0 {
            return Err(Error::Argument("nothing was kept".into()));
        }
        let mut all = self.model.people.empty(self.model.most);
        let mut visible = vec![0.0; self.model.n];
        for chain in &self.chains {
            all.merge(&chain.collected);
            visible.iter_mut().zip(&chain.seen).for_each(|(sum, more)| *sum += more / sweeps);
        }
        Ok((self.model.people.probabilities(&all)?, visible))
    }
}

impl Model {
    /// The likeliest θ if reports were true.
    fn start(&self, reports: &[u32]) -> Result<[f64; 2]> {
        let mut counts = vec![0.0; self.most];
        let usual = self.sizes.mean.round().max(1.0) as usize;
        for &report in reports {
            let size = if report == 0 { usual } else { report as usize };
            counts[size.min(self.most) - 1] += 1.0 / size as f64;
        }
        let height = |at: [f64; 2]| {
            let Some(logs) = self.family.log_probabilities(at, self.most) else { return f64::NEG_INFINITY };
            let sum: f64 =
                logs.iter().zip(&counts).map(|(log, &n)| if n > 0.0 { n * log } else { 0.0 }).sum();
            self.sizes.log_density(&logs).map_or(f64::NEG_INFINITY, |prior| prior + sum)
        };
        let found = mode(height, self.family.start(&counts), self.family.least());
        found.map(|mode| mode.at).ok_or_else(|| {
            Error::Argument("no distribution of visibilities fits these participants and this prior".into())
        })
    }

    /// Logarithm of the prior of θ, optimism and error.
    fn believed(&self, at: [f64; AXES], logs: &[f64]) -> f64 {
        let (theta, change) = self.family.at_place([at[0], at[1]]);
        let Some(sizes) = self.sizes.log_density(logs) else { return f64::NEG_INFINITY };
        let turned = self.sizes.turned(self.family, theta, logs).ln();
        sizes + turned + change + normal(at[OPTIMISM], self.optimism) + normal(at[ERROR], self.error)
    }

    /// Logarithm of what is summed over the number of people, at a time of the last arrival.
    fn unseen(&self, logs: &[f64], log_time: f64) -> f64 {
        if log_time < self.reach.0 || log_time > self.reach.1 {
            return f64::NEG_INFINITY;
        }
        self.people.log_sum(share(logs, log_time.exp()).0)
    }

    /// Logarithms of the probabilities of visibilities.
    fn logs(&self, at: [f64; AXES]) -> Option<Vec<f64>> {
        self.family.log_probabilities(self.family.at_place([at[0], at[1]]).0, self.most)
    }

    fn said(&self, at: [f64; AXES]) -> Option<Said> {
        self.reports.table(at[OPTIMISM].exp(), (-at[ERROR]).exp())
    }
}

/// The share of people that have not come by a time, and the same by size.
fn share(logs: &[f64], time: f64) -> (f64, f64) {
    let (mut sum, mut sizes) = (0.0, 0.0);
    for (k, log) in logs.iter().enumerate() {
        let size = (k + 1) as f64;
        let part = (log - size * time).exp();
        sum += part;
        sizes += part * size;
    }
    (sum, sizes)
}

/// Logarithm of a normal density, but for a constant; 0 where the number is known.
fn normal(at: f64, (mean, sd): (f64, f64)) -> f64 {
    if sd > 0.0 { -0.5 * ((at - mean) / sd).powi(2) } else { 0.0 }
}

impl Chain {
    fn new(model: &Model, start: [f64; 2], log_prior: &[f64], mut stream: Stream) -> Result<Self> {
        let somewhere =
            |(mean, sd): (f64, f64), stream: &mut Stream| mean + sd * (2.0 * uniform(stream) - 1.0);
        let place = model.family.place_of(start);
        let mut at = [place[0], place[1], 0.0, 0.0, 0.0];
        at[OPTIMISM] = somewhere(model.optimism, &mut stream);
        at[ERROR] = somewhere(model.error, &mut stream);
        let none = || Error::Argument("no distribution of visibilities fits this prior".into());
        let logs = model.logs(at).ok_or_else(none)?;
        // A number of people between the fifth and the last fifth of the prior, and the time by which that share would have come.
        let largest = log_prior.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let total: f64 = log_prior.iter().map(|log| (log - largest).exp()).sum();
        let mut left = total * (0.2 + 0.6 * uniform(&mut stream));
        let unseen = log_prior.iter().take_while(|log| {
            left -= (*log - largest).exp();
            left > 0.0
        });
        let all = (model.n + unseen.count()) as f64;
        let (mut low, mut high) = model.reach;
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if all * (1.0 - share(&logs, middle.exp()).0) < model.n as f64 {
                low = middle;
            } else {
                high = middle;
            }
        }
        at[TIME] = low;
        let times = (1..=model.n).map(|i| low.exp() * i as f64 / model.n as f64).collect();
        let known = model.recruiting.known();
        let beta = if known {
            [0, 1, 2].map(|i| model.beta[i].0 + 0.2 * model.beta[i].1 * (2.0 * uniform(&mut stream) - 1.0))
        } else {
            [0.0; 3]
        };
        let wide = 1.0 / (model.n as f64).sqrt();
        let widths =
            [wide * 0.5, wide * 0.5, model.optimism.1.min(wide), model.error.1.min(2.0 * wide), wide * 2.0];
        let free = |axis: &usize| widths[*axis] > 0.0;
        let timed = model.recruiting.timed();
        let moving = |i: &usize| known && model.beta[*i].1 > 0.0 && (*i < 2 || timed);
        let mut chain = Self {
            stream,
            at,
            beta,
            logs,
            said: model.said(at).ok_or_else(none)?,
            chances: Vec::new(),
            times,
            visible: vec![1; model.n],
            joint: Walk::new((0..AXES).filter(free).collect(), &widths),
            theta: Walk::new(vec![0, 1], &widths),
            recruits: Walk::new((0..3).filter(moving).collect(), &[2.0 * wide, 3.0 * wide, 2.0 * wide]),
            collected: model.people.empty(model.most),
            seen: vec![0.0; model.n],
            sweeps: 0.0,
        };
        chain.recruit(model);
        Ok(chain)
    }

    fn sweep(&mut self, model: &Model, learning: bool) {
        for _ in 0..ROUNDS {
            self.see(model);
            self.arrive(model);
            self.stretch(model);
        }
        self.walk_recruits(model, learning);
        self.walk_theta(model, learning);
        self.walk_joint(model, learning);
        if !learning {
            let (unseen, _) = share(&self.logs, self.at[TIME].exp());
            self.collected.add(&model.people, unseen, 1.0);
            self.collected.sizes.iter_mut().zip(&self.logs).for_each(|(sum, log)| *sum += log.exp());
            self.seen.iter_mut().zip(&self.visible).for_each(|(sum, &u)| *sum += f64::from(u));
            self.sweeps += 1.0;
        }
    }

    /// A state as it is handed out; draws the number of people.
    fn draw(&mut self, model: &Model) -> [f64; TRACES] {
        let (unseen, _) = share(&self.logs, self.at[TIME].exp());
        let people = model.people.draw(unseen, uniform(&mut self.stream)) as f64;
        let (mut mean, mut square) = (0.0, 0.0);
        for (k, log) in self.logs.iter().enumerate() {
            let (size, p) = ((k + 1) as f64, log.exp());
            mean += p * size;
            square += p * size * size;
        }
        let sd = (square - mean * mean).max(0.0).sqrt();
        [people, self.at[OPTIMISM].exp(), self.at[ERROR].exp(), mean, sd, self.beta[1]]
    }

    /// Chances of recruits anew.
    fn recruit(&mut self, model: &Model) {
        self.chances = if model.recruiting.known() {
            model.recruiting.table(self.beta)
        } else {
            let mut ones = vec![0.0; stride(model.most)];
            ones[..model.most].fill(1.0);
            ones
        };
    }

    /// What visibilities weigh before times and reports, for each kind of recruits.
    fn weights(&self, model: &Model, logs: &[f64]) -> Vec<f64> {
        let width = stride(model.most);
        let mut weights = self.chances.clone();
        for row in weights.chunks_mut(width) {
            for (k, (part, log)) in row.iter_mut().zip(logs).enumerate() {
                *part *= log.exp() * (k + 1) as f64;
            }
        }
        weights
    }

    fn kind(model: &Model, person: usize) -> usize {
        model.recruiting.which.get(person).copied().unwrap_or(0)
    }

    /// Draw visibilities.
    fn see(&mut self, model: &Model) {
        let width = stride(model.most);
        let weights = self.weights(model, &self.logs);
        let mut upto = vec![0.0; width];
        for person in 0..model.n {
            let said = &self.said.parts[model.which[person] * width..][..width];
            let weight = &weights[Self::kind(model, person) * width..][..width];
            let base = (-self.times[person]).exp();
            let (mut power, mut sum) = (1.0, 0.0);
            for k in 0..model.most {
                power *= base;
                sum += power * said[k] * weight[k];
                upto[k] = sum;
            }
            // Where all is lost to underflow the visibility stays.
            if sum > 0.0 {
                let drawn = uniform(&mut self.stream) * sum;
                let place = upto[..model.most].partition_point(|upto| *upto <= drawn);
                self.visible[person] = place.min(model.most - 1) as u32 + 1;
            }
        }
    }

    fn walk_recruits(&mut self, model: &Model, learning: bool) {
        if !self.recruits.moves() {
            return;
        }
        let height = |beta: [f64; 3], visible: &[u32]| {
            let prior: f64 = beta.iter().zip(model.beta).map(|(&at, believed)| normal(at, believed)).sum();
            prior + model.recruiting.log_likelihood(beta, visible, &model.logs)
        };
        let mut here = height(self.beta, &self.visible);
        let mut moved = false;
        for _ in 0..RECRUITS {
            let next = self.recruits.step(self.beta, &mut self.stream);
            let there = height(next, &self.visible);
            let chance = there - here;
            if Walk::takes(chance, &mut self.stream) {
                (self.beta, here, moved) = (next, there, true);
            }
            if learning {
                self.recruits.learn(self.beta, chance);
            }
        }
        if moved {
            self.recruit(model);
        }
    }

    fn walk_theta(&mut self, model: &Model, learning: bool) {
        let mut counts = vec![0.0; model.most];
        self.visible.iter().for_each(|&u| counts[u as usize - 1] += 1.0);
        let height = |at: [f64; AXES], logs: &[f64]| {
            let sum: f64 =
                logs.iter().zip(&counts).map(|(log, n)| if *n > 0.0 { n * log } else { 0.0 }).sum();
            model.believed(at, logs) + sum + model.unseen(logs, at[TIME])
        };
        let mut here = height(self.at, &self.logs);
        for _ in 0..SIZES {
            let next = self.theta.step(self.at, &mut self.stream);
            let logs = model.logs(next);
            let there = logs.as_ref().map_or(f64::NEG_INFINITY, |logs| height(next, logs));
            let chance = there - here;
            if Walk::takes(chance, &mut self.stream)
                && let Some(logs) = logs
            {
                (self.at, self.logs, here) = (next, logs, there);
            }
            if learning {
                self.theta.learn(self.at, chance);
            }
        }
    }

    /// Propose all times of arrival: gaps have the rates `b_i + s`, s the sum of the sizes not seen that is expected at the last time.
    fn arrive(&mut self, model: &Model) {
        let sum = |time: f64| {
            let (unseen, sizes) = share(&self.logs, time);
            model.people.unseen(unseen) * sizes / unseen
        };
        let before = self.at[TIME].exp();
        let unseen = sum(before);
        let mut rates = vec![0.0; model.n];
        let mut left = 0.0;
        for (rate, &u) in rates.iter_mut().zip(&self.visible).rev() {
            left += f64::from(u);
            *rate = left;
        }
        let mut time = 0.0;
        let mut times = Vec::with_capacity(model.n);
        for rate in &rates {
            time -= uniform(&mut self.stream).ln() / (rate + unseen);
            times.push(time);
        }
        let after = sum(time);
        // What comes back has other rates.
        let mut ratio = 1.0;
        let mut back = 0.0;
        for (i, rate) in rates.iter().enumerate() {
            ratio *= (rate + after) / (rate + unseen);
            if i % 64 == 63 {
                back += ratio.ln();
                ratio = 1.0;
            }
        }
        back += ratio.ln();
        let chance = model.unseen(&self.logs, time.ln()) - model.unseen(&self.logs, self.at[TIME])
            + unseen * time
            - after * before
            + back;
        if Walk::takes(chance, &mut self.stream) {
            self.times = times;
            self.at[TIME] = time.ln();
        }
    }

    /// Draw the unit of time given all else, by a slice (Neal 2003).
    fn stretch(&mut self, model: &Model) {
        let here = self.at[TIME];
        let all: f64 = self.times.iter().zip(&self.visible).map(|(time, &u)| time * f64::from(u)).sum();
        let height = |log: f64| {
            model.n as f64 * (log - here) - all * (log - here).exp() + model.unseen(&self.logs, log)
        };
        let wide = 0.5;
        let level = height(here) + uniform(&mut self.stream).ln();
        let mut low = here - wide * uniform(&mut self.stream);
        let mut high = low + wide;
        while height(low) > level {
            low -= wide;
        }
        while height(high) > level {
            high += wide;
        }
        for _ in 0..200 {
            let next = low + (high - low) * uniform(&mut self.stream);
            if height(next) > level {
                self.at[TIME] = next;
                let by = (next - here).exp();
                self.times.iter_mut().for_each(|time| *time *= by);
                return;
            }
            if next < here {
                low = next;
            } else {
                high = next;
            }
        }
    }

    /// Steps of θ, reports and the unit of time, with visibilities summed out.
    fn walk_joint(&mut self, model: &Model, learning: bool) {
        let base = self.at[TIME];
        let mut here = self.without(model, self.at, base, self.logs.clone(), None);
        for _ in 0..JOINT {
            let next = self.joint.step(here.at, &mut self.stream);
            let same = next[OPTIMISM] == self.at[OPTIMISM] && next[ERROR] == self.at[ERROR];
            let said = if same { None } else { Some(model.said(next)) };
            let logs = model.logs(next);
            let there = match (logs, said) {
                (None, _) | (_, Some(None)) => None,
                (Some(logs), said) => Some(self.without(model, next, base, logs, said.flatten())),
            };
            let chance = there.as_ref().map_or(f64::NEG_INFINITY, |there| there.height - here.height);
            if Walk::takes(chance, &mut self.stream)
                && let Some(there) = there
            {
                here = there;
            }
            if learning {
                self.joint.learn(here.at, chance);
            }
        }
        let by = (here.at[TIME] - base).exp();
        self.times.iter_mut().for_each(|time| *time *= by);
        (self.at, self.logs) = (here.at, here.logs);
        if let Some(said) = here.said {
            self.said = said;
        }
    }

    /// The height of a place where visibilities are summed out; times are those of `base`, stretched.
    fn without(
        &self,
        model: &Model,
        at: [f64; AXES],
        base: f64,
        logs: Vec<f64>,
        said: Option<Said>,
    ) -> Place {
        let mut height =
            model.believed(at, &logs) + model.unseen(&logs, at[TIME]) + model.n as f64 * at[TIME];
        if height > f64::NEG_INFINITY {
            let table = said.as_ref().unwrap_or(&self.said);
            let weights = self.weights(model, &logs);
            height += self.log_likelihood(model, table, &weights, (at[TIME] - base).exp());
        }
        Place { at, logs, said, height: if height.is_nan() { f64::NEG_INFINITY } else { height } }
    }

    /// Logarithm of the product of everybody's sum over visibilities.
    fn log_likelihood(&self, model: &Model, said: &Said, weights: &[f64], stretch: f64) -> f64 {
        let width = stride(model.most);
        let (mut height, mut product) = (0.0, 1.0);
        for person in 0..model.n {
            let which = model.which[person];
            let said_of = &said.parts[which * width..][..width];
            let weight = &weights[Self::kind(model, person) * width..][..width];
            let base = (-stretch * self.times[person]).exp();
            let mut powers = [base; LANES];
            for lane in 1..LANES {
                powers[lane] = powers[lane - 1] * base;
            }
            let step = powers[LANES - 1];
            let mut sums = [0.0; LANES];
            for (said_of, weight) in said_of.chunks_exact(LANES).zip(weight.chunks_exact(LANES)) {
                for lane in 0..LANES {
                    sums[lane] += powers[lane] * said_of[lane] * weight[lane];
                    powers[lane] *= step;
                }
            }
            height += said.largest[which];
            product *= sums.iter().sum::<f64>();
            if !(SMALL..SMALL.recip()).contains(&product) {
                height += product.ln();
                product = 1.0;
            }
        }
        height + product.ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [u32; 0] = [];

    fn beliefs(people: &[f64]) -> Beliefs<'_> {
        Beliefs {
            most: 12,
            family: Family::ConwayMaxwellPoisson,
            sizes: SizePrior { mean: 5.0, sd: 2.0, mean_weight: 3.0, sd_weight: 6.0, jacobian: true },
            optimism: (0.0, 0.35),
            error: (0.0, 0.7),
            recruiting: [(0.0, 2.0), (0.0, 1.0), (0.0, 1.0)],
            people,
        }
    }

    fn seen(reports: &[u32]) -> Seen<'_> {
        Seen { reports, or_more: u32::MAX, recruits: &NONE, coupons: &NONE, times: &[] }
    }

    #[test]
    fn without_reports_all_is_as_it_was_believed() {
        // Nothing says anything of visibilities, so the order says nothing of the number of people.
        let prior = [0.0; 101];
        let mut sampler = Sampler::new(seen(&[0; 10]), beliefs(&prior), 2, Streams::new(3, 1)).unwrap();
        sampler.settle(500, 1).unwrap();
        let draws = sampler.advance(4_000, 4, 1).unwrap();
        let kept = |which: usize| draws.chunks(TRACES).map(move |draw| draw[which]);
        let n = 8_000.0;
        let average = |which: usize| kept(which).sum::<f64>() / n;
        // A quarter of the draws are worth as many independent ones at least: 5 standard errors.
        assert!((average(0) - 50.0).abs() < 5.0 * 29.2 / (n / 4.0_f64).sqrt(), "{}", average(0));
        let low = kept(0).filter(|unseen| *unseen <= 20.0).count() as f64 / n;
        assert!((low - 21.0 / 101.0).abs() < 5.0 * (0.165 / (n / 4.0)).sqrt(), "{low}");
        for (which, sd) in [(1, 0.35), (2, 0.7)] {
            let logs: f64 = kept(which).map(f64::ln).sum::<f64>() / n;
            let square: f64 = kept(which).map(|draw| (draw.ln() - logs).powi(2)).sum::<f64>() / n;
            assert!(
                logs.abs() < 5.0 * sd / (n / 8.0).sqrt() && (square.sqrt() / sd - 1.0).abs() < 0.1,
                "{which}"
            );
        }
    }

    #[test]
    fn chains_are_the_same_on_any_threads_and_in_any_pieces() {
        let (reports, prior) = ([9, 7, 3, 12, 4, 2, 5, 1, 3, 2], [0.0; 60]);
        let (recruits, coupons, times) = ([2, 1, 0, 0, 3, 1, 0, 0, 0, 1], [3; 10], [0.0; 10]);
        let seen = Seen { recruits: &recruits, coupons: &coupons, times: &times, ..seen(&reports) };
        let make = || {
            let mut made = Sampler::new(seen, beliefs(&prior), 3, Streams::new(5, 1)).unwrap();
            made.settle(60, 1).unwrap();
            made
        };
        let mut one = make();
        let whole = one.advance(20, 2, 1).unwrap();
        let mut other = make();
        let (first, second) = (other.advance(5, 2, 2).unwrap(), other.advance(15, 2, 3).unwrap());
        for chain in 0..3 {
            let pieces =
                [&first[chain * 5 * TRACES..][..5 * TRACES], &second[chain * 15 * TRACES..][..15 * TRACES]];
            assert_eq!(whole[chain * 20 * TRACES..][..20 * TRACES], pieces.concat());
        }
        assert_eq!(one.found().unwrap(), other.found().unwrap());
    }

    #[test]
    fn what_is_no_sample_is_refused() {
        let prior = [0.0; 20];
        let streams = Streams::new(1, 1);
        assert!(Sampler::new(seen(&[3]), beliefs(&prior), 2, streams).is_err());
        assert!(Sampler::new(seen(&[3, 4]), beliefs(&[]), 2, streams).is_err());
        let more = Seen { recruits: &[3, 0], coupons: &[2, 2], times: &[0.0, 0.0], ..seen(&[3, 4]) };
        assert!(Sampler::new(more, beliefs(&prior), 2, streams).is_err());
        let odd = Beliefs { error: (0.0, -1.0), ..beliefs(&prior) };
        assert!(Sampler::new(seen(&[3, 4]), odd, 2, streams).is_err());
        let unkept = Sampler::new(seen(&[3, 4]), beliefs(&prior), 2, streams).unwrap();
        assert!(unkept.found().is_err());
    }
}
