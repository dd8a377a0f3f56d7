//! Resampling with replacement within strata: as many as there were (Efron 1979), or fewer and
//! rescaled (Rao and Wu 1988, Journal of the American Statistical Association 83:231-241).
//!
//! A survey's *units* are its rows, its kinds of identical rows with a multiplicity, or its
//! clusters. A [`Rule`] says for each stratum how many are drawn and what a draw is worth.
//! Few kinds
//! are redrawn as kinds, by [`Multinomial`] counts. Many are redrawn row by row: the draws are
//! first split over blocks of at most [`BLOCK`] rows, then rows are picked inside each block.
//! Which of the two is decided here, once for a survey, because replicate *i* must be the same
//! redrawn survey for every statistic.
//!
//! With `n_h` draws of `n_h` the variance of a redrawn mean is `(n_h - 1) / n_h` times the unbiased
//! one; with `n_h - 1` draws and factors `n_h / (n_h - 1)` it is the unbiased one.
//!
//! Cost a replicate: 35 to 45 ns for two strata of four kinds; about 1 ns a row otherwise.

use serde::{Deserialize, Serialize};

use super::Redraw;
use super::multinomial::Multinomial;
use super::picks::{BLOCK, Picks};
use crate::error::{Error, Result};
use crate::stream::{Stream, Streams};
use crate::travel::Travels;

/// Redrawing kinds beats redrawing rows while there are fewer than n / 15 of them.
pub const ROWS_PER_KIND: u64 = 15;
/// Rows that are redrawn one by one: 1 GiB of their numbers.
const MOST_ROWS: u64 = 1 << 28;
/// Beyond this many kinds looking for identical rows costs more than it saves.
pub const MOST_KINDS: usize = 4096;

/// What a replicate does with a stratum: a unit that is drawn t times gets the factor
/// `offset + scale t`, for every participant it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Draws, with replacement. 0 leaves the stratum as it is.
    pub draws: u32,
    /// What everyone keeps, drawn or not: 0 unless part of the population was sampled for certain.
    pub offset: f64,
    /// What a draw adds.
    pub scale: f64,
}

/// A stratum of the sample, as the kernels walk it.
#[derive(Clone, Debug)]
pub struct Stratum {
    /// Participants.
    pub people: u32,
    /// How it is redrawn.
    pub rule: Rule,
    /// How many draws go to each kind, or to each block.
    pub cells: Multinomial,
    /// What a cell is.
    pub content: Content,
    /// The people whom each kind stands for; of rows it is how often they stand there.
    standing: Vec<u32>,
}

/// What the cells of a stratum hold; the indices are those of units in the survey's order.
#[derive(Clone, Debug)]
pub enum Content {
    /// Every cell is one kind of person.
    Kinds(Vec<u32>),
    /// Every cell is a block of rows; the rows of all blocks stand in `rows` one after another.
    Blocks {
        /// The unit of each row; a unit with multiplicity c stands c times.
        rows: Vec<u32>,
        /// How a row is picked in each block.
        picks: Vec<Picks>,
    },
}

/// A design whose replicates draw units with replacement within strata.
#[derive(Clone, Debug, Default)]
pub struct Resample {
    strata: Vec<Stratum>,
    /// For each unit its stratum's offset times the people it stands for.
    kept: Vec<f64>,
}

impl Resample {
    /// `stratum[u]` numbers the stratum of unit u from 0; `multiplicity[u]` is how many people
    /// unit u stands for. Without `rules` every stratum redraws as many as there were.
    ///
    /// # Errors
    /// When the arrays differ in length, or a stratum that is redrawn has fewer than 2 people or
    /// more than 2^31.
    pub fn new(stratum: &[u32], multiplicity: &[u64], rules: Option<&[Rule]>) -> Result<Self> {
        let units = stratum.len();
        if multiplicity.len() != units {
            return Err(Error::Length { what: "counts", expected: units, got: multiplicity.len() });
        }
        let strata = stratum.iter().max().map_or(0, |&last| last as usize + 1);
        if let Some(rules) = rules
            && rules.len() != strata
        {
            return Err(Error::Length { what: "the strata's rules", expected: strata, got: rules.len() });
        }
        if rules.is_none() && strata > units {
            return Err(Error::Argument(format!(
                "strata are numbered up to {strata}, but there are {units} units"
            )));
        }
        Self::made(strata, stratum, multiplicity, rules)
    }

    /// Of so many strata, one rule for each.
    fn made(strata: usize, stratum: &[u32], multiplicity: &[u64], rules: Option<&[Rule]>) -> Result<Self> {
        if rules.is_some_and(|rules| rules.iter().any(|r| !(r.offset.is_finite() && r.scale.is_finite()))) {
            return Err(Error::NotFinite { what: "the strata's rules", row: 0 });
        }
        let mut members: Vec<Vec<u32>> = vec![vec![]; strata];
        for (unit, (&h, &c)) in stratum.iter().zip(multiplicity).enumerate() {
            if c > 0 {
                members[h as usize].push(unit as u32);
            }
        }
        let sizes: Vec<u64> = members
            .iter()
            .map(|m| m.iter().fold(0, |sum: u64, &u| sum.saturating_add(multiplicity[u as usize])))
            .collect();
        for (stratum, &people) in sizes.iter().enumerate() {
            if people < 2 && rules.is_none_or(|rules| rules[stratum].draws > 0) {
                return Err(Error::LonelyStratum { stratum, people });
            }
            if people > u64::from(u32::MAX) / 2 {
                return Err(Error::TooMany { people });
            }
            // No design draws more than there are; a number made up would take for ever.
            if rules.is_some_and(|rules| u64::from(rules[stratum].draws) > people) {
                return Err(Error::Argument(format!(
                    "stratum {stratum} would draw more often than it has people"
                )));
            }
        }
        let kinds: usize = members.iter().map(Vec::len).sum();
        let people: u64 = sizes.iter().sum();
        let by_kind = members.iter().all(|m| m.len() <= MOST_KINDS)
            && kinds as u64 <= (people / ROWS_PER_KIND).max(strata as u64);
        if !by_kind && people > MOST_ROWS {
            return Err(Error::TooMany { people });
        }
        let share = 1.0 / strata.max(1) as f64;
        let strata = members
            .into_iter()
            .zip(sizes)
            .enumerate()
            .map(|(h, (members, people))| {
                let all = Rule { draws: people as u32, offset: 0.0, scale: 1.0 };
                let rule = rules.map_or(all, |rules| rules[h]);
                Stratum::new(members, multiplicity, rule, by_kind, share)
            })
            .collect();
        let offset = |h: u32| rules.map_or(0.0, |rules| rules[h as usize].offset);
        let kept = stratum.iter().zip(multiplicity).map(|(&h, &c)| offset(h) * c as f64).collect();
        Ok(Self { strata, kept })
    }

    /// For each unit its stratum's offset times the people it stands for: what every replicate keeps.
    pub fn kept(&self) -> &[f64] {
        &self.kept
    }

    /// The strata.
    pub fn strata(&self) -> &[Stratum] {
        &self.strata
    }

    /// Whether replicates draw counts of kinds (true) or rows.
    pub fn by_kind(&self) -> bool {
        self.strata.iter().all(|s| matches!(s.content, Content::Kinds(_)))
    }

    /// The most cells in a stratum: how long a scratch array of counts must be.
    pub fn most_cells(&self) -> usize {
        self.strata.iter().map(|s| s.cells.cells()).max().unwrap_or(0)
    }

    /// The factor of each unit, times the people it stands for, in the replicate of this stream.
    pub fn draw(&self, stream: &mut Stream, cells: &mut [u32], factors: &mut [f64]) {
        factors.copy_from_slice(&self.kept);
        let stream = std::slice::from_mut(stream);
        for stratum in &self.strata {
            let scale = stratum.rule.scale;
            stratum.cells.draw(stream, cells);
            match &stratum.content {
                Content::Kinds(kinds) => {
                    for (&unit, &count) in kinds.iter().zip(&*cells) {
                        factors[unit as usize] += scale * f64::from(count);
                    }
                }
                Content::Blocks { rows, picks } => {
                    let mut start = 0;
                    for (block, &m) in picks.iter().zip(&*cells) {
                        let rows = &rows[start..start + block.rows()];
                        block.draw(&mut stream[0], m, |_, row| factors[rows[row] as usize] += scale);
                        start += block.rows();
                    }
                }
            }
        }
    }
}

/// What a resampling is made of: each unit's stratum and the people it stands for; each stratum's rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sent {
    stratum: Vec<u32>,
    multiplicity: Vec<u64>,
    rules: Vec<Rule>,
}

impl Travels for Resample {
    type Sent = Sent;
    type Beside = ();

    fn send(&self) -> impl Serialize {
        self.sent()
    }

    fn arrive(sent: Sent, (): &()) -> Result<Self> {
        let Sent { stratum, multiplicity, rules } = sent;
        if multiplicity.len() != stratum.len() {
            return Err(Error::Length { what: "counts", expected: stratum.len(), got: multiplicity.len() });
        }
        if stratum.iter().any(|&h| h as usize >= rules.len()) {
            return Err(Error::Argument("a unit lies in no stratum".into()));
        }
        Self::made(rules.len(), &stratum, &multiplicity, Some(&rules))
    }
}

impl Resample {
    /// What it is made of. A unit that stands for nobody is in no stratum; it may be said to be in the first.
    pub(super) fn sent(&self) -> Sent {
        let (mut stratum, mut multiplicity) = (vec![0; self.units()], vec![0; self.units()]);
        for (h, one) in self.strata.iter().enumerate() {
            let mut standing = one.standing.iter();
            for &unit in one.units() {
                stratum[unit as usize] = h as u32;
                multiplicity[unit as usize] += standing.next().map_or(1, |&people| u64::from(people));
            }
        }
        Sent { stratum, multiplicity, rules: self.strata.iter().map(|s| s.rule).collect() }
    }
}

impl Redraw for Resample {
    fn units(&self) -> usize {
        self.kept.len()
    }

    fn factors(&self, streams: Streams, replicate: u64, factors: &mut [f64]) {
        let mut cells = vec![0; self.most_cells()];
        self.draw(&mut streams.replicate(replicate), &mut cells, factors);
    }
}

impl Stratum {
    fn new(members: Vec<u32>, multiplicity: &[u64], rule: Rule, by_kind: bool, share: f64) -> Self {
        let people = members.iter().map(|&u| multiplicity[u as usize]).sum::<u64>() as u32;
        if by_kind {
            let weights: Vec<f64> = members.iter().map(|&u| multiplicity[u as usize] as f64).collect();
            let cells = Multinomial::new(rule.draws, &weights, share);
            let standing = members.iter().map(|&u| multiplicity[u as usize] as u32).collect();
            return Self { people, rule, cells, content: Content::Kinds(members), standing };
        }
        let mut rows = Vec::with_capacity(people as usize);
        for unit in members {
            rows.extend(std::iter::repeat_n(unit, multiplicity[unit as usize] as usize));
        }
        let blocks = rows.len().div_ceil(BLOCK);
        let bounds = |b: usize| b * rows.len() / blocks;
        let sizes: Vec<usize> = (0..blocks).map(|b| bounds(b + 1) - bounds(b)).collect();
        let picks = sizes.iter().map(|&len| Picks::new(len)).collect();
        let weights: Vec<f64> = sizes.iter().map(|&len| len as f64).collect();
        let cells = Multinomial::new(rule.draws, &weights, 0.0);
        Self { people, rule, cells, content: Content::Blocks { rows, picks }, standing: vec![] }
    }

    /// The units: each once where kinds are drawn, each as often as there are such people where rows are.
    pub fn units(&self) -> &[u32] {
        match &self.content {
            Content::Kinds(units) | Content::Blocks { rows: units, .. } => units,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(design: &Resample, replicate: u64) -> Vec<f64> {
        let mut factors = vec![0.0; design.units()];
        design.factors(Streams::new(0, 1), replicate, &mut factors);
        factors
    }

    #[test]
    fn each_stratum_keeps_its_size_by_rows_and_by_kinds() {
        let stratum = [0, 1, 0, 1];
        let rows = Resample::new(&stratum, &[3, 4, 5, 6], None).unwrap();
        let kinds = Resample::new(&stratum, &[300, 400, 500, 600], None).unwrap();
        assert!(!rows.by_kind() && kinds.by_kind());
        for i in 0..50 {
            let counts = drawn(&rows, i);
            assert_eq!((counts[0] + counts[2], counts[1] + counts[3]), (8.0, 10.0));
            let counts = drawn(&kinds, i);
            assert_eq!((counts[0] + counts[2], counts[1] + counts[3]), (800.0, 1000.0));
        }
    }

    #[test]
    fn blocks_cover_every_row_with_binomial_counts() {
        // Closed form: each of n rows is drawn Bin(n, 1/n) times, mean 1, variance 1 - 1/n.
        let n = 20_000;
        let design = Resample::new(&vec![0; n], &vec![1; n], None).unwrap();
        assert_eq!(design.strata()[0].cells.cells(), 5);
        let (mut squares, mut ends, replicates) = (0.0, 0.0, 40);
        for i in 0..replicates {
            let counts = drawn(&design, i);
            assert_eq!(counts.iter().sum::<f64>(), n as f64);
            squares += counts.iter().map(|&c| (c - 1.0).powi(2)).sum::<f64>();
            ends += counts[0] + counts[n - 1];
        }
        let variance = squares / (n as f64 * replicates as f64);
        // The fourth central moment of Poisson(1) is 4: sd of the mean square is sqrt(3 / draws).
        assert!((variance - 1.0).abs() < 4.0 * (3.0 / (n as f64 * replicates as f64)).sqrt());
        assert!((ends - 2.0 * replicates as f64).abs() < 4.0 * (2.0 * replicates as f64).sqrt());
    }

    #[test]
    fn rescaled_factors_have_mean_one_and_the_unbiased_variance() {
        // Rao and Wu (1988): with n - 1 draws, offset 1 - l and scale l n / (n - 1) the factors have
        // mean 1, never fall below 0, and a total the variance l^2 n / (n - 1) sum (x - mean)^2.
        let (n, fraction) = (7, 0.3_f64);
        let l = (1.0 - fraction).sqrt();
        let rule = Rule { draws: n - 1, offset: 1.0 - l, scale: l * f64::from(n) / f64::from(n - 1) };
        let certain = Rule { draws: 0, offset: 1.0, scale: 0.0 };
        let stratum = [0, 0, 0, 0, 0, 0, 0, 1];
        let design = Resample::new(&stratum, &[1; 8], Some(&[rule, certain])).unwrap();
        let values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0];
        let mean = 25.0 / 7.0;
        let expected = l * l * 7.0 / 6.0 * values.iter().map(|v: &f64| (v - mean).powi(2)).sum::<f64>();
        let draws = 100_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for i in 0..draws {
            let factors = drawn(&design, i);
            assert!(factors.iter().all(|&f| f >= 0.0));
            assert_eq!(factors[7], 1.0);
            let total: f64 = factors.iter().zip(values).map(|(f, v)| f * v).sum();
            sum += total - 25.0;
            squares += (total - 25.0).powi(2);
        }
        let draws = draws as f64;
        assert!((sum / draws).abs() < 4.0 * (expected / draws).sqrt());
        // The kurtosis of a sum of 6 draws stays below 4: relative s.e. of the variance sqrt(3 / R).
        assert!((squares / draws / expected - 1.0).abs() < 4.0 * (3.0 / draws).sqrt());
    }

    #[test]
    fn a_lonely_stratum_is_named() {
        let error = Resample::new(&[0, 1, 0], &[1, 1, 1], None).unwrap_err();
        assert_eq!(error, Error::LonelyStratum { stratum: 1, people: 1 });
        assert!(Resample::new(&[0], &[2], None).is_ok(), "one kind of row is fine");
    }
}
