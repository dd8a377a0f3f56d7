//! People recruited by people: respondent-driven sampling.
//!
//! A scheme says how often, c, each participant is taken in a replicate. The factor is w c / E c, where E c is what is
//! expected over exchangeable participants, so that draws of a total lie around its point. Where the population is known, a
//! site's factors add up to it in every replicate; where it is drawn itself, its weights are solved anew.
//!
//! | module | what it holds |
//! |---|---|
//! | [`forest`] | who recruited whom |
//! | [`chains`] | seeds and recruits with replacement, whole chains, neighbourhoods |
//! | [`salganik`] | one chain through the categories |
//! | [`population`] | people of classes, taken by size without replacement |
//! | [`successive`] | recruitment without replacement from a population |
//! | [`homophily_graph`] | recruitment along the trees there are, with ties that are used up |

use rand::Rng;
use serde::{Deserialize, Serialize};

use self::forest::{Forest, NOBODY};
use self::homophily_graph::HomophilyGraph;
use self::salganik::Salganik;
use self::successive::Successive;
use super::Redraw;
use crate::error::{Error, Result};
use crate::rds::inclusion;
use crate::stream::{Stream, Streams};
use crate::travel::Travels;

pub mod chains;
pub mod forest;
pub mod homophily_graph;
pub mod population;
pub mod salganik;
pub mod successive;

/// Categories that a scheme may follow.
pub const MOST_CATEGORIES: usize = 12;
/// Replicates of the pilot that says how often classes are taken, and where its stream starts.
const PILOT: u64 = 2_000;
const PILOT_STREAM: (u64, u128) = (0, 0x0072_6563_7275_6974_6564);
/// Who is expected less often than this stays, as a few replicates would have all of the weight.
const SELDOM: f64 = 0.1;

/// How a sample is recruited again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // each is described where it is defined
pub enum Scheme {
    Tree,
    Seeds,
    Neighbourhood,
    Salganik,
    Successive,
    HomophilyGraph,
}

/// What a recruited sample is made of.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools)] // each is a choice of its own
pub struct Parts {
    /// How it is recruited again.
    pub scheme: Scheme,
    /// Whether factors are divided by what is expected.
    pub centre: bool,
    /// Each participant's recruiter; [`NOBODY`] for a seed.
    pub recruiter: Vec<u32>,
    /// Participants in the order in which they came, recruiters before their recruits.
    pub order: Vec<u32>,
    /// Each participant's site.
    pub site: Vec<u32>,
    /// Each participant's category, which some schemes follow.
    pub category: Vec<u32>,
    /// How many people each participant knows.
    pub degree: Vec<f64>,
    /// What each participant weighs in the sample; 0 where somebody recruited and does not count.
    pub weight: Vec<f64>,
    /// How many people each site has; 0 where nobody knows.
    pub population: Vec<f64>,
    /// The same for each replicate, one after another, where they are estimates; else nothing.
    pub drawn: Vec<f64>,
    /// Whether weights are those of successive sampling, which depend on the population.
    pub solved: bool,
    /// Whether factors say how often participants are taken, and nothing of what they weigh.
    pub plain: bool,
    /// Whether weights are those of the degrees that a replicate has, and not of the sample's.
    pub reweigh: bool,
}

/// A participant who was taken in a replicate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Who.
    pub who: u32,
    /// By whom this one was recruited there; [`NOBODY`] for seeds.
    pub by: u32,
    /// How often this one counts.
    pub weight: f64,
}

/// A sample recruited by its participants.
#[derive(Clone, Debug)]
pub struct Recruited {
    parts: Parts,
    /// How often each participant is expected to be taken, which travels along: it may come from a pilot.
    expected: Vec<f64>,
    sites: Vec<Site>,
}

#[derive(Clone, Debug)]
struct Site {
    members: Vec<u32>,
    /// The members by place, as they came.
    order: Vec<u32>,
    forest: Forest,
    way: Way,
    /// The different degrees with their numbers of participants, and the place of each member's.
    degrees: Vec<f64>,
    people: Vec<f64>,
    place: Vec<u32>,
    /// How often a member is expected, on average.
    mean: f64,
}

#[derive(Clone, Debug)]
enum Way {
    Tree,
    Seeds,
    Neighbourhood,
    Salganik(Salganik),
    Successive(Successive),
    HomophilyGraph(HomophilyGraph),
}

impl Recruited {
    /// # Errors
    /// When arrays differ in length, somebody's recruiter is of another site or in a circle, a degree is not
    /// above zero, or a site's population is smaller than its sample.
    pub fn new(parts: Parts) -> Result<Self> {
        let sites = lay_out(&parts)?;
        let mut expected = vec![0.0; parts.recruiter.len()];
        for site in &sites {
            for (&unit, e) in site.members.iter().zip(site.expected()) {
                expected[unit as usize] = e;
            }
        }
        Ok(Self::made(parts, expected, sites))
    }

    fn made(parts: Parts, expected: Vec<f64>, mut sites: Vec<Site>) -> Self {
        for site in &mut sites {
            let sum: f64 = site.members.iter().map(|&u| expected[u as usize]).sum();
            site.mean = sum / site.members.len() as f64;
        }
        Self { parts, expected, sites }
    }

    /// What it is made of.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// How many people each site has in a replicate, 0 where nobody knows; nothing where nobody drew them.
    pub fn sizes(&self, replicate: u64) -> Option<&[f64]> {
        let Parts { population, drawn, .. } = &self.parts;
        if drawn.is_empty() {
            return Some(population);
        }
        usize::try_from(replicate).ok().and_then(|i| drawn.chunks(population.len().max(1)).nth(i))
    }

    /// Write who was taken in a replicate, and by whom, in an order in which they may have come: recruiters are those of the
    /// replicate where it recruits anew, else their own.
    pub fn walk(&self, streams: Streams, replicate: u64, steps: &mut Vec<Step>) {
        steps.clear();
        let mut stream = streams.replicate(replicate);
        for site in &self.sites {
            let unit = |place: u32| if place == NOBODY { NOBODY } else { site.members[place as usize] };
            let own = |place: u32| unit(site.forest.recruiter[place as usize]);
            let once = |place: u32| self.once(site, place);
            // Who is hardly ever taken stays.
            for &place in &site.order {
                if once(place).is_none() {
                    steps.push(Step { who: unit(place), by: own(place), weight: 1.0 });
                }
            }
            let mut note = |place: u32, by: u32| {
                if let Some(weight) = once(place) {
                    steps.push(Step { who: unit(place), by, weight });
                }
            };
            match &site.way {
                Way::Salganik(chain) => chain.draw(&mut stream, |place| note(place, own(place))),
                Way::Successive(population) => {
                    population.draw(&mut stream, |place, by| note(place, unit(by)));
                }
                Way::HomophilyGraph(graph) => graph.draw(&mut stream, |place, by| note(place, unit(by))),
                Way::Tree | Way::Seeds | Way::Neighbourhood => {
                    let mut taken = vec![0; site.members.len()];
                    site.draw(&mut stream, &mut taken);
                    for &place in &site.order {
                        let times = f64::from(taken[place as usize]);
                        if let Some(weight) = once(place).filter(|_| times > 0.0) {
                            steps.push(Step { who: unit(place), by: own(place), weight: times * weight });
                        }
                    }
                }
            }
        }
    }

    /// How often a member counts who is taken once; none where this one stays.
    fn once(&self, site: &Site, place: u32) -> Option<f64> {
        let expected = self.expected[site.members[place as usize] as usize];
        if !self.parts.centre {
            return Some(1.0 / site.mean);
        }
        (expected >= SELDOM).then(|| 1.0 / expected)
    }

    /// What it is made of, with what is expected.
    pub(super) fn sent(&self) -> Sent {
        (self.parts.clone(), self.expected.clone())
    }
}

/// What a recruited sample is made of, and how often each participant is expected.
pub type Sent = (Parts, Vec<f64>);

impl Travels for Recruited {
    type Sent = Sent;
    type Beside = ();

    fn send(&self) -> impl Serialize {
        self.sent()
    }

    fn arrive((parts, expected): Sent, (): &()) -> Result<Self> {
        if expected.len() != parts.recruiter.len() || expected.iter().any(|e| !(*e >= 0.0 && e.is_finite())) {
            return Err(Error::Argument("what is expected is of other participants".into()));
        }
        let sites = lay_out(&parts)?;
        Ok(Self::made(parts, expected, sites))
    }
}

fn lay_out(parts: &Parts) -> Result<Vec<Site>> {
    let n = parts.recruiter.len();
    for (what, got) in [
        ("an order", parts.order.len()),
        ("sites", parts.site.len()),
        ("categories", parts.category.len()),
        ("degrees", parts.degree.len()),
        ("weights", parts.weight.len()),
    ] {
        if got != n {
            return Err(Error::Length { what, expected: n, got });
        }
    }
    let positive = |values: &[f64]| values.iter().position(|v| !(*v > 0.0 && v.is_finite()));
    if let Some(row) = positive(&parts.degree) {
        return Err(Error::NotFinite { what: "a degree", row });
    }
    if let Some(row) = parts.weight.iter().position(|w| !(*w >= 0.0 && w.is_finite())) {
        return Err(Error::NotFinite { what: "a weight", row });
    }
    let number = parts.population.len();
    if number > n || parts.site.iter().any(|&s| s as usize >= number) {
        return Err(Error::Argument("sites and their populations differ in number".into()));
    }
    let categories = parts.category.iter().max().map_or(0, |&last| last as usize + 1);
    if categories > MOST_CATEGORIES {
        return Err(Error::Argument(format!("{categories} categories are more than {MOST_CATEGORIES}")));
    }
    if !parts.drawn.len().is_multiple_of(number.max(1)) {
        return Err(Error::Argument("populations that were drawn differ in number from sites".into()));
    }
    let mut came = vec![false; n];
    for &unit in &parts.order {
        let by = parts.recruiter.get(unit as usize).copied();
        let after = by.is_some_and(|by| by == NOBODY || came.get(by as usize) == Some(&true));
        if !after || came[unit as usize] {
            return Err(Error::Argument("somebody came twice, before the recruiter, or in a circle".into()));
        }
        came[unit as usize] = true;
    }
    let mut members = vec![vec![]; number];
    let mut local = vec![0; n];
    for (unit, &site) in parts.site.iter().enumerate() {
        local[unit] = members[site as usize].len() as u32;
        members[site as usize].push(unit as u32);
    }
    members
        .into_iter()
        .enumerate()
        .map(|(s, members)| Site::new(parts, s, members, &local, categories))
        .collect()
}

impl Site {
    fn new(parts: &Parts, site: usize, members: Vec<u32>, local: &[u32], categories: usize) -> Result<Self> {
        let mut recruiter = Vec::with_capacity(members.len());
        for &unit in &members {
            let by = parts.recruiter[unit as usize];
            if by != NOBODY && parts.site.get(by as usize) != Some(&(site as u32)) {
                return Err(Error::Argument(
                    "somebody was recruited at another site, or by no participant".into(),
                ));
            }
            recruiter.push(if by == NOBODY { NOBODY } else { local[by as usize] });
        }
        let forest = Forest::new(recruiter)?;
        let of = |values: &[f64]| members.iter().map(|&u| values[u as usize]).collect::<Vec<f64>>();
        let (degree, weight) = (of(&parts.degree), of(&parts.weight));
        let category: Vec<u32> = members.iter().map(|&u| parts.category[u as usize]).collect();
        let order: Vec<u32> = parts
            .order
            .iter()
            .filter(|&&u| parts.site[u as usize] as usize == site)
            .map(|&u| local[u as usize])
            .collect();
        let population = parts.population[site];
        let counted = weight.iter().filter(|w| **w > 0.0).count() as f64;
        if !(population == 0.0 || population >= counted && population.is_finite()) {
            return Err(Error::Argument(format!("a population of {population} is smaller than its sample")));
        }
        let way = match parts.scheme {
            Scheme::Tree => Way::Tree,
            Scheme::Seeds => Way::Seeds,
            Scheme::Neighbourhood => Way::Neighbourhood,
            Scheme::Salganik => Way::Salganik(Salganik::new(&forest, category, categories)),
            Scheme::Successive => {
                Way::Successive(Successive::new(&forest, &category, categories, &degree, &weight)?)
            }
            Scheme::HomophilyGraph => Way::HomophilyGraph(HomophilyGraph::new(
                &forest, &order, &category, &degree, &weight, population,
            )?),
        };
        let mut degrees: Vec<f64> =
            degree.iter().zip(&weight).filter(|(_, w)| **w > 0.0).map(|(d, _)| *d).collect();
        degrees.sort_by(f64::total_cmp);
        degrees.dedup();
        let mut people = vec![0.0; degrees.len()];
        let mut place = vec![];
        for (d, w) in degree.iter().zip(&weight) {
            let at = degrees.partition_point(|other| other < d);
            place.push(at as u32);
            if *w > 0.0 {
                people[at] += 1.0;
            }
        }
        Ok(Self { members, order, forest, way, degrees, people, place, mean: 1.0 })
    }

    fn draw(&self, stream: &mut Stream, taken: &mut [u32]) {
        match &self.way {
            Way::Tree => chains::tree(&self.forest, stream, taken),
            Way::Seeds => chains::seeds(&self.forest, stream, taken),
            Way::Neighbourhood => chains::neighbourhood(&self.forest, stream, taken),
            Way::Salganik(_) | Way::Successive(_) | Way::HomophilyGraph(_) => {
                taken.fill(0);
                let mut note = |place: u32| taken[place as usize] += 1;
                match &self.way {
                    Way::Salganik(chain) => chain.draw(stream, note),
                    Way::Successive(population) => population.draw(stream, |place, _| note(place)),
                    Way::HomophilyGraph(graph) => graph.draw(stream, |place, _| note(place)),
                    _ => {}
                }
            }
        }
    }

    /// Members who are taken alike, where only drawing tells how often.
    fn alike(&self) -> Vec<&[u32]> {
        match &self.way {
            Way::Successive(population) => population.alike().collect(),
            Way::HomophilyGraph(graph) => graph.alike().collect(),
            _ => vec![],
        }
    }

    /// How often each member is taken, on average: exact, or by a pilot where only drawing tells.
    fn expected(&self) -> Vec<f64> {
        match &self.way {
            Way::Tree | Way::Seeds => vec![1.0; self.members.len()],
            Way::Neighbourhood => chains::expected_of_neighbourhood(&self.forest),
            Way::Salganik(chain) => chain.expected.clone(),
            Way::Successive(_) | Way::HomophilyGraph(_) => {
                let streams = Streams::new(PILOT_STREAM.0, PILOT_STREAM.1);
                let mut taken = vec![0; self.members.len()];
                let mut sums = vec![0_u64; self.members.len()];
                for i in 0..PILOT {
                    self.draw(&mut streams.replicate(i), &mut taken);
                    sums.iter_mut().zip(&taken).for_each(|(sum, &c)| *sum += u64::from(c));
                }
                let mut expected = vec![0.0; self.members.len()];
                for alike in self.alike() {
                    let sum: u64 = alike.iter().map(|&m| sums[m as usize]).sum();
                    let each = sum as f64 / (PILOT * alike.len() as u64) as f64;
                    for &m in alike {
                        expected[m as usize] = each;
                    }
                }
                expected
            }
        }
    }

    /// Weigh members anew by the degrees of those taken, whose factors say how often; false where they have no weights.
    fn reweigh(&self, population: f64, solved: bool, factors: &mut [f64]) -> bool {
        let mut people = vec![0.0; self.degrees.len()];
        for (&unit, &place) in self.members.iter().zip(&self.place) {
            if let Some(people) = people.get_mut(place as usize) {
                *people += factors[unit as usize];
            }
        }
        // As many as there were: another number would be another population.
        let scale = self.people.iter().sum::<f64>() / people.iter().sum::<f64>();
        if !scale.is_finite() {
            return false;
        }
        let (degrees, counts): (Vec<f64>, Vec<f64>) =
            self.degrees.iter().zip(&people).filter(|(_, c)| **c > 0.0).map(|(d, c)| (*d, c * scale)).unzip();
        let weights: Vec<f64> = if solved {
            let Some(time) = inclusion::time(&degrees, &counts, population) else { return false };
            self.degrees.iter().map(|&d| inclusion::weight(d, time)).collect()
        } else {
            self.degrees.iter().map(|d| 1.0 / d).collect()
        };
        let mut sum = 0.0;
        for (&unit, &place) in self.members.iter().zip(&self.place) {
            let factor = &mut factors[unit as usize];
            *factor *= weights.get(place as usize).copied().unwrap_or(0.0);
            sum += *factor;
        }
        let whole = if population > 0.0 { population } else { self.people.iter().sum() };
        self.members.iter().for_each(|&unit| factors[unit as usize] *= whole / sum);
        true
    }

    /// Write the weights of members where the population is one that was drawn; false where there are none.
    fn solve(&self, population: f64, factors: &mut [f64]) -> bool {
        let Some(time) = inclusion::time(&self.degrees, &self.people, population) else { return false };
        let weights: Vec<f64> = self.degrees.iter().map(|&d| inclusion::weight(d, time)).collect();
        for (&unit, &place) in self.members.iter().zip(&self.place) {
            let factor = &mut factors[unit as usize];
            if *factor > 0.0 {
                *factor = weights[place as usize];
            }
        }
        true
    }
}

impl Redraw for Recruited {
    fn units(&self) -> usize {
        self.expected.len()
    }

    fn factors(&self, streams: Streams, replicate: u64, factors: &mut [f64]) {
        let Parts { weight, drawn, solved, centre, plain, reweigh, .. } = &self.parts;
        let Some(sizes) = self.sizes(replicate) else {
            return factors.fill(f64::NAN); // nobody drew the population of further replicates
        };
        let mut stream = streams.replicate(replicate);
        if *plain {
            factors.fill(1.0);
        } else if *reweigh {
            factors.iter_mut().zip(weight).for_each(|(f, w)| *f = f64::from(u8::from(*w > 0.0)));
        } else {
            factors.copy_from_slice(weight);
        }
        let mut taken = vec![];
        for (site, &size) in self.sites.iter().zip(sizes) {
            taken.clear();
            taken.resize(site.members.len(), 0);
            site.draw(&mut stream, &mut taken);
            if *solved && !plain && !reweigh && !drawn.is_empty() && !site.solve(size, factors) {
                return factors.fill(f64::NAN);
            }
            let mut sum = 0.0;
            for (&unit, &c) in site.members.iter().zip(&taken) {
                let (factor, expected) = (&mut factors[unit as usize], self.expected[unit as usize]);
                if !centre {
                    *factor *= f64::from(c) / site.mean;
                } else if expected >= SELDOM {
                    *factor *= f64::from(c) / expected;
                } // who can't be taken, such as a seed of a chain that goes on without it, stays
                sum += *factor;
            }
            if *reweigh && !plain && !site.members.is_empty() {
                if !site.reweigh(size, *solved, factors) {
                    return factors.fill(f64::NAN);
                }
            } else if size > 0.0 && !plain && !site.members.is_empty() {
                let scale = size / sum;
                site.members.iter().for_each(|&unit| factors[unit as usize] *= scale);
            }
        }
        if !factors.iter().all(|f| f.is_finite()) {
            factors.fill(f64::NAN);
        }
    }
}

/// A place below `len`.
#[inline]
fn below(stream: &mut Stream, len: usize) -> usize {
    (((stream.next_u64() >> 32) * len as u64) >> 32) as usize
}

/// Two of them from one word.
#[inline]
fn below_both(stream: &mut Stream, len: usize) -> (usize, usize) {
    let word = stream.next_u64();
    let len = len as u64;
    ((((word >> 32) * len) >> 32) as usize, (((word & 0xffff_ffff) * len) >> 32) as usize)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Three chains of one site, with two categories.
    pub(crate) fn parts(scheme: Scheme) -> Parts {
        let recruiter = [NOBODY, 0, 0, 1, 1, 2, NOBODY, 6, 7, 7, 8, 3, NOBODY, 12, 13, 13, 14, 5, 9, 9];
        let n = recruiter.len();
        let degree: Vec<f64> = (0..n).map(|i| [2.0, 3.0, 5.0, 8.0][i * 7 % 4]).collect();
        let time = inclusion::time(&[2.0, 3.0, 5.0, 8.0], &[5.0; 4], 80.0).unwrap();
        Parts {
            scheme,
            centre: true,
            recruiter: recruiter.to_vec(),
            order: Forest::new(recruiter.to_vec()).unwrap().order,
            site: vec![0; n],
            category: (0..n as u32).map(|i| i * 5 % 3 % 2).collect(),
            weight: degree.iter().map(|&d| inclusion::weight(d, time)).collect(),
            degree,
            population: vec![0.0],
            drawn: vec![],
            solved: false,
            plain: false,
            reweigh: false,
        }
    }

    fn mean(design: &Recruited, values: &[f64], draws: u64) -> (f64, f64) {
        let mut factors = vec![0.0; design.units()];
        let (mut sum, mut squares) = (0.0, 0.0);
        for i in 0..draws {
            design.factors(Streams::new(3, 4), i, &mut factors);
            let total: f64 = factors.iter().zip(values).map(|(f, v)| f * v).sum();
            sum += total;
            squares += total * total;
        }
        let mean = sum / draws as f64;
        (mean, ((squares / draws as f64 - mean * mean) / draws as f64).sqrt())
    }

    #[test]
    fn draws_of_totals_lie_around_their_points() {
        // Proof: E w c / E c = w. Within 4.5 s.e.; the pilot of the last has an error of its own.
        let schemes = [
            Scheme::Tree,
            Scheme::Seeds,
            Scheme::Neighbourhood,
            Scheme::Salganik,
            Scheme::Successive,
            Scheme::HomophilyGraph,
        ];
        for scheme in schemes {
            let design = Recruited::new(parts(scheme)).unwrap();
            let weight = design.parts.weight.clone();
            for k in [1, 3, 7] {
                let values: Vec<f64> = (0..20).map(|i| f64::from(i * k % 5)).collect();
                let point: f64 = weight.iter().zip(&values).map(|(w, v)| w * v).sum();
                let draws = 40_000;
                let (mean, se) = mean(&design, &values, draws);
                let pilot = if matches!(scheme, Scheme::Successive | Scheme::HomophilyGraph) {
                    (draws / PILOT) as f64
                } else {
                    0.0
                };
                let off = 4.5 * se * (1.0 + pilot).sqrt();
                assert!((mean - point).abs() < off, "{scheme:?}: {mean} for {point}, +- {off}");
            }
        }
    }

    #[test]
    fn known_populations_are_met_in_every_replicate() {
        let two = Parts {
            site: parts(Scheme::Tree)
                .recruiter
                .iter()
                .enumerate()
                .map(|(i, _)| u32::from((12..17).contains(&i)))
                .collect(),
            recruiter: [NOBODY, 0, 0, 1, 1, 2, NOBODY, 6, 7, 7, 8, 3, NOBODY, 12, 13, 13, 14, 5, 9, 9]
                .to_vec(),
            population: vec![60.0, 20.0],
            ..parts(Scheme::Tree)
        };
        let drawn =
            Parts { drawn: vec![60.0, 20.0, 90.0, 15.0, 16.0, 5.0, 10.0, 20.0], solved: true, ..two.clone() };
        let sum = |factors: &[f64]| {
            let at = |site: u32| {
                factors.iter().zip(&two.site).filter(|(_, s)| **s == site).map(|(f, _)| f).sum::<f64>()
            };
            [at(0), at(1)]
        };
        let mut factors = vec![0.0; 20];
        let near = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).abs() < 1e-9 && (a[1] - b[1]).abs() < 1e-9;
        let design = Recruited::new(two.clone()).unwrap();
        for i in 0..50 {
            design.factors(Streams::new(1, 1), i, &mut factors);
            assert!(near(sum(&factors), [60.0, 20.0]));
        }
        let design = Recruited::new(drawn).unwrap();
        for (i, sizes) in [[60.0, 20.0], [90.0, 15.0], [16.0, 5.0]].into_iter().enumerate() {
            design.factors(Streams::new(1, 1), i as u64, &mut factors);
            assert!(near(sum(&factors), sizes), "{i}");
        }
        // A population smaller than its sample has no answer, nor have replicates for which nobody drew one.
        for i in [3, 4, 5_000] {
            design.factors(Streams::new(1, 1), i, &mut factors);
            assert!(factors.iter().all(|f| f.is_nan()));
        }
    }

    #[test]
    fn plain_factors_say_how_often_people_are_taken() {
        let design =
            Recruited::new(Parts { plain: true, population: vec![80.0], ..parts(Scheme::Tree) }).unwrap();
        let weighed = Recruited::new(parts(Scheme::Tree)).unwrap();
        let (mut factors, mut other) = (vec![0.0; 20], vec![0.0; 20]);
        for i in 0..20 {
            design.factors(Streams::new(1, 1), i, &mut factors);
            weighed.factors(Streams::new(1, 1), i, &mut other);
            for ((f, o), w) in factors.iter().zip(&other).zip(&weighed.parts.weight) {
                assert!(f.fract() == 0.0 && (f * w - o).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn who_does_not_count_recruits_and_weighs_nothing() {
        for scheme in [Scheme::Tree, Scheme::Salganik, Scheme::Successive, Scheme::HomophilyGraph] {
            let mut given = parts(scheme);
            (given.weight[0], given.weight[7]) = (0.0, 0.0);
            let design = Recruited::new(given).unwrap();
            let mut factors = vec![0.0; 20];
            for i in 0..50 {
                design.factors(Streams::new(2, 1), i, &mut factors);
                assert!(factors[0] == 0.0 && factors[7] == 0.0);
                assert!(factors.iter().sum::<f64>() > 0.0);
            }
        }
    }

    #[test]
    fn what_is_no_sample_is_refused() {
        let circle = Parts { recruiter: (0..20).map(|i| (i + 1) % 20).collect(), ..parts(Scheme::Tree) };
        assert!(Recruited::new(circle).is_err());
        assert!(Recruited::new(Parts { population: vec![19.0], ..parts(Scheme::Tree) }).is_err());
        assert!(Recruited::new(Parts { category: vec![12; 20], ..parts(Scheme::Tree) }).is_err());
        assert!(Recruited::new(Parts { degree: vec![0.0; 20], ..parts(Scheme::Tree) }).is_err());
        assert!(Recruited::new(Parts { weight: vec![1.0; 19], ..parts(Scheme::Tree) }).is_err());
        let alone = Parts { recruiter: vec![NOBODY; 20], ..parts(Scheme::Successive) };
        assert!(Recruited::new(alone).is_err());
    }
}
