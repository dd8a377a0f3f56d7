//! Latent classes: people of a class have the same chance to be on each list, lists are independent
//! within classes, and there may be many classes (Manrique-Vallier 2016, Biometrics 72:1246-1254).
//!
//! N has the prior 1 / N; class weights come from a stick broken K - 1 times, V ~ Beta(1, alpha), with
//! alpha ~ Gamma(shape, rate); a class's chance of a list is uniform. A sweep of the Gibbs sampler draws
//!
//! 1. classes of the people of each history, a multinomial for each of the 2^k - 1 cells;
//! 2. people unseen, given weights and chances: negative binomial of size n (their classes integrated
//!    out), then their classes;
//! 3. chances, 4. weights, 5. alpha.
//!
//! People of one history are exchangeable, so a sweep costs some 2^k K binomial numbers however many
//! people there are: about 4 microseconds for four lists and ten classes.

use libm::{exp, expm1, log, log1p};
use rand::Rng;
use rand_distr::{Distribution, Gamma, Poisson};

use crate::design::binomial;
use crate::error::{Error, Result};
use crate::parallel;
use crate::stop::stopped;
use crate::stream::{Stream, Streams};

/// What is believed beforehand, and how many classes there may be.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Where the stick ends.
    pub classes: usize,
    /// Shape and rate of alpha's Gamma prior.
    pub alpha: (f64, f64),
    /// The prior of N is cut off where fewer or more people than this are unseen.
    pub unseen: (u32, u32),
}

/// Numbers that chains and what is kept of them may take: a gigabyte.
const MOST_NUMBERS: usize = 1 << 27;

/// What a draw holds: people unseen, alpha, classes with people.
pub const TRACES: usize = 3;

/// Chains of one table.
#[derive(Clone, Debug)]
pub struct Sampler {
    model: Model,
    chains: Vec<Chain>,
}

#[derive(Clone, Debug)]
struct Model {
    lists: usize,
    /// Histories with people, and how many.
    cells: Vec<(usize, u32)>,
    seen: f64,
    settings: Settings,
}

/// The state of a chain.
#[derive(Clone, Debug)]
struct Chain {
    stream: Stream,
    unseen: u32,
    alpha: f64,
    /// Weights of classes.
    weight: Vec<f64>,
    /// Chance of each list (classes x lists).
    chance: Vec<f64>,
    /// People of each class, and of these on each list (classes x lists).
    people: Vec<f64>,
    on: Vec<f64>,
    /// Joint probability of history and class (histories x classes).
    joint: Vec<f64>,
    /// Room for the classes of one history's people.
    rest: Vec<f64>,
}

impl Sampler {
    /// Chains that start from different draws of the prior.
    ///
    /// # Errors
    /// When counts are no table of whole numbers, or a setting is out of range.
    pub fn new(counts: &[f64], settings: Settings, chains: usize, streams: Streams) -> Result<Self> {
        let wrong = |what: &str| Error::Argument(what.into());
        let whole = |c: &f64| *c >= 0.0 && *c <= f64::from(u32::MAX / 2) && c.fract() == 0.0;
        if counts.len() < 2 || !counts.len().is_power_of_two() || !counts.iter().all(whole) {
            return Err(wrong("counts must be whole numbers of people, one for each history"));
        }
        let positive = |x: f64| x > 0.0 && x.is_finite();
        if settings.classes == 0 || !positive(settings.alpha.0) || !positive(settings.alpha.1) {
            return Err(wrong("classes and the prior of alpha must be above zero"));
        }
        let cells: Vec<(usize, u32)> =
            (1..counts.len()).filter(|&h| counts[h] > 0.0).map(|h| (h, counts[h] as u32)).collect();
        let seen: f64 = cells.iter().map(|&(_, people)| f64::from(people)).sum();
        if seen == 0.0 || settings.unseen.0 > settings.unseen.1 {
            return Err(wrong("nobody is on a list, or the prior allows no number of people"));
        }
        let room = chains.checked_mul(settings.classes).and_then(|n| n.checked_mul(counts.len() + 64));
        if room.is_none_or(|numbers| numbers > MOST_NUMBERS) {
            return Err(wrong("so many chains of so many classes have no place"));
        }
        let model = Model { lists: counts.len().trailing_zeros() as usize, cells, seen, settings };
        let chains = (0..chains as u64).map(|i| Chain::new(&model, streams.replicate(i))).collect();
        Ok(Self { model, chains })
    }

    /// Sweep on and keep every `thin`-th state of each chain: chain after chain, draw after draw, `TRACES` numbers.
    ///
    /// # Errors
    /// When more states are asked for than have a place, or the work is called off; the chains then stay where they are.
    pub fn advance(&mut self, draws: usize, thin: usize, threads: usize) -> Result<Vec<f64>> {
        let numbers = self.chains.len().checked_mul(TRACES).and_then(|n| n.checked_mul(draws));
        if numbers.is_none_or(|numbers| numbers > MOST_NUMBERS) {
            return Err(Error::Argument(format!("{draws} draws of each chain have no place")));
        }
        let run = |i: usize| {
            let mut chain: Chain = self.chains[i].clone();
            let mut kept = Vec::with_capacity(draws * TRACES);
            for _ in 0..draws {
                for _ in 0..thin {
                    if stopped() {
                        return Err(Error::Stopped);
                    }
                    chain.sweep(&self.model);
                }
                let occupied = chain.people.iter().filter(|&&people| people > 0.0).count();
                kept.extend([f64::from(chain.unseen), chain.alpha, occupied as f64]);
            }
            Ok((chain, kept))
        };
        let found: Result<Vec<(Chain, Vec<f64>)>> =
            parallel::rows(self.chains.len(), threads, run)?.into_iter().collect();
        let (chains, kept): (Vec<Chain>, Vec<Vec<f64>>) = found?.into_iter().unzip();
        self.chains = chains;
        Ok(kept.concat())
    }
}

impl Chain {
    fn new(model: &Model, mut stream: Stream) -> Self {
        let (classes, lists) = (model.settings.classes, model.lists);
        let (least, most) = model.settings.unseen;
        let chance = (0..classes * lists).map(|_| uniform(&mut stream)).collect();
        // Between none and twice as many as were seen.
        let unseen = (2.0 * uniform(&mut stream) * model.seen).min(f64::from(most)) as u32;
        let mut chain = Self {
            stream,
            unseen: unseen.max(least),
            alpha: 1.0,
            weight: vec![0.0; classes],
            chance,
            people: vec![0.0; classes],
            on: vec![0.0; classes * lists],
            joint: vec![0.0; classes << lists],
            rest: vec![0.0; classes],
        };
        chain.break_stick(model);
        chain
    }

    fn sweep(&mut self, model: &Model) {
        self.join(model);
        self.people.fill(0.0);
        self.on.fill(0.0);
        for &(history, people) in &model.cells {
            self.classify(model.lists, history, people);
        }
        self.count_unseen(model);
        self.classify(model.lists, 0, self.unseen);
        for class in 0..model.settings.classes {
            for list in 0..model.lists {
                let (place, people) = (class * model.lists + list, self.people[class]);
                if people == 0.0 {
                    self.chance[place] = uniform(&mut self.stream);
                    continue;
                }
                let on = self.on[place];
                let yes = gamma(1.0 + on, &mut self.stream);
                let no = gamma(1.0 + people - on, &mut self.stream);
                self.chance[place] = yes / (yes + no);
            }
        }
        self.break_stick(model);
    }

    /// Probabilities of histories and classes: list after list doubles the histories.
    fn join(&mut self, model: &Model) {
        let classes = model.settings.classes;
        self.joint[..classes].copy_from_slice(&self.weight);
        for list in 0..model.lists {
            let (absent, present) = self.joint.split_at_mut(classes << list);
            for (absent, present) in absent.chunks_mut(classes).zip(present.chunks_mut(classes)) {
                for class in 0..classes {
                    let chance = self.chance[class * model.lists + list];
                    present[class] = absent[class] * chance;
                    absent[class] *= 1.0 - chance;
                }
            }
        }
    }

    /// Draw the classes of people with one history.
    fn classify(&mut self, lists: usize, history: usize, people: u32) {
        let classes = self.weight.len();
        let joint = &self.joint[history * classes..][..classes];
        let mut below = 0.0;
        for (rest, probability) in self.rest.iter_mut().zip(joint).rev() {
            below += probability;
            *rest = below;
        }
        let mut left = people;
        for (class, (probability, rest)) in joint.iter().zip(&self.rest).enumerate() {
            if left == 0 {
                break;
            }
            // Where all probabilities are lost to underflow the last class takes the rest.
            let share = if *rest > 0.0 { (probability / rest).min(1.0) } else { 0.0 };
            let mine =
                if class + 1 == classes { left } else { binomial::draw(left, share, &mut self.stream) };
            if mine > 0 {
                left -= mine;
                self.people[class] += f64::from(mine);
                for list in (0..lists).filter(|list| history >> list & 1 == 1) {
                    self.on[class * lists + list] += f64::from(mine);
                }
            }
        }
    }

    /// Draw the people unseen: a Poisson number whose mean is a Gamma of size n.
    ///
    /// Beyond the prior's cut-off the state stays as it is: a Metropolis step whose proposal is the
    /// distribution without cut-off.
    fn count_unseen(&mut self, model: &Model) {
        let classes = self.weight.len();
        let unseen: f64 = self.joint[..classes].iter().sum();
        let seen: f64 = self.joint[classes..].iter().sum();
        let (least, most) = model.settings.unseen;
        let mean = gamma(model.seen, &mut self.stream) * unseen / seen;
        // Far beyond the cut-off there is nothing to draw.
        if mean.is_nan() || mean > 4.0 * f64::from(most) + 100.0 {
            return;
        }
        let drawn = Poisson::new(mean).map_or(0.0, |law| law.sample(&mut self.stream));
        if (f64::from(least)..=f64::from(most)).contains(&drawn) {
            self.unseen = drawn as u32;
        }
    }

    /// Draw class weights and alpha, on the log scale: with a small alpha what is left of the stick is
    /// often less than the smallest double.
    fn break_stick(&mut self, model: &Model) {
        let classes = model.settings.classes;
        let mut behind: f64 = self.people.iter().sum();
        let mut left = 0.0;
        for class in 0..classes - 1 {
            behind -= self.people[class];
            if self.people[class] == 0.0 {
                // Beta(1, b) by inversion.
                let rest = log(uniform(&mut self.stream)) / (self.alpha + behind);
                self.weight[class] = exp(left) * -expm1(rest);
                left += rest;
                continue;
            }
            let taken = log_gamma(1.0 + self.people[class], &mut self.stream);
            let rest = log_gamma(self.alpha + behind, &mut self.stream);
            let both = taken.max(rest) + log1p(exp(-(taken - rest).abs()));
            self.weight[class] = exp(left + taken - both);
            left += rest - both;
        }
        self.weight[classes - 1] = exp(left);
        let (shape, rate) = model.settings.alpha;
        let drawn = gamma(shape + (classes - 1) as f64, &mut self.stream) / (rate - left);
        self.alpha = drawn.max(f64::MIN_POSITIVE);
    }
}

/// A uniform number, never 0 nor 1.
fn uniform(stream: &mut Stream) -> f64 {
    ((stream.next_u64() >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
}

/// Draw from Gamma(shape, 1); shapes are above zero.
fn gamma(shape: f64, stream: &mut Stream) -> f64 {
    Gamma::new(shape, 1.0).map_or(f64::NAN, |law| law.sample(stream))
}

/// The logarithm of such a number, also of those too small for a double.
fn log_gamma(shape: f64, stream: &mut Stream) -> f64 {
    if shape >= 1.0 {
        return log(gamma(shape, stream));
    }
    // Gamma(a) = Gamma(a + 1) U^(1/a), Marsaglia and Tsang 2000.
    log(gamma(shape + 1.0, stream)) + log(uniform(stream)) / shape
}

#[cfg(test)]
mod tests {
    use super::super::average::{Prior, average};
    use super::super::graphs::{Graph, decomposable};
    use super::*;

    const COUNTS: [f64; 8] = [0.0, 27.0, 37.0, 19.0, 14.0, 4.0, 11.0, 5.0];

    fn settings(classes: usize) -> Settings {
        Settings { classes, alpha: (0.25, 0.25), unseen: (0, u32::MAX / 2) }
    }

    #[test]
    fn one_class_is_independence() {
        // Uniform chances of independent lists: the graph without edges with delta = 1 / 2^(k - 1), exactly.
        let empty: Vec<Graph> = decomposable(3)
            .unwrap()
            .into_iter()
            .filter(|g| g.factors.iter().all(|f| f.0.is_power_of_two()))
            .collect();
        let exact = average(&COUNTS, &empty, 0.25, Prior::LogUniform, 5000, 1).unwrap();
        let mean: f64 = exact.missed.iter().enumerate().map(|(u, p)| u as f64 * p).sum();
        let square: f64 = exact.missed.iter().enumerate().map(|(u, p)| (u as f64 - mean).powi(2) * p).sum();
        let mut sampler = Sampler::new(&COUNTS, settings(1), 2, Streams::new(5, 1)).unwrap();
        sampler.advance(1, 500, 1).unwrap();
        let draws: Vec<f64> =
            sampler.advance(20_000, 5, 2).unwrap().chunks(TRACES).map(|kept| kept[0]).collect();
        let n = draws.len() as f64;
        let found = draws.iter().sum::<f64>() / n;
        // Every fifth sweep is nearly independent: 5 s.e. of the mean, and of the variance.
        assert!((found - mean).abs() < 5.0 * (square / n).sqrt(), "{found} {mean}");
        let spread = draws.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / n;
        assert!((spread / square - 1.0).abs() < 5.0 * (3.0 / n).sqrt(), "{spread} {square}");
    }

    #[test]
    fn chains_are_the_same_on_any_threads_and_in_any_pieces() {
        let make = || Sampler::new(&COUNTS, settings(4), 3, Streams::new(5, 1)).unwrap();
        let whole = make().advance(40, 2, 1).unwrap();
        let mut other = make();
        let (first, second) = (other.advance(10, 2, 2).unwrap(), other.advance(30, 2, 3).unwrap());
        let size = TRACES * 40;
        for chain in 0..3 {
            let pieces =
                [&first[chain * 10 * TRACES..][..10 * TRACES], &second[chain * 30 * TRACES..][..30 * TRACES]];
            assert_eq!(whole[chain * size..][..size], pieces.concat());
        }
    }

    #[test]
    fn the_cut_off_holds() {
        let cut = Settings { unseen: (20, 60), ..settings(5) };
        let mut sampler = Sampler::new(&COUNTS, cut, 2, Streams::new(5, 2)).unwrap();
        assert!(
            sampler.advance(2000, 1, 1).unwrap().chunks(TRACES).all(|kept| (20.0..=60.0).contains(&kept[0]))
        );
    }

    #[test]
    fn bad_input_is_refused() {
        let streams = Streams::new(0, 0);
        assert!(Sampler::new(&[0.0, 1.5], settings(3), 1, streams).is_err());
        assert!(Sampler::new(&[0.0; 8], settings(3), 1, streams).is_err());
        assert!(Sampler::new(&COUNTS, settings(0), 1, streams).is_err());
        assert!(Sampler::new(&COUNTS, Settings { alpha: (0.0, 1.0), ..settings(3) }, 1, streams).is_err());
    }
}
