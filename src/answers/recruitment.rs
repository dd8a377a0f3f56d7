//! Kernel: who recruits whom in each replicate: transitions between categories, or what the homophily configuration graph makes of them.
//!
//! A replicate's recruits come in its own order, with its own recruiters where it recruits anew ([`Recruited::walk`]); a participant's
//! own recruiter would know nothing of that. Cost: the redraw's own, and a look at each recruit; for the graph that of
//! [`homophily`].

use std::sync::{Arc, OnceLock};

use ndarray::ArrayViewMut2;
use serde::Serialize;

use crate::design::recruited::forest::NOBODY;
use crate::design::recruited::{Parts, Step};
use crate::design::{Design, Recruited};
use crate::error::{Error, Result};
use crate::parallel;
use crate::rds::homophily::{self, Came, Fit, NONE, Start};
use crate::rds::inclusion;
use crate::stream::Streams;
use crate::travel::Travels;

/// Most categories.
pub const MOST: usize = 12;

/// A column along recruitment.
#[derive(Debug)]
pub struct Recruitment {
    /// Kernels of one survey share it, so it travels apart.
    design: Arc<Recruited>,
    categories: usize,
    /// Each participant's category, [`NONE`] where the answer is missing.
    category: Vec<u8>,
    /// What is averaged, if anything; it counts where the category is known.
    values: Option<Vec<f64>>,
    /// The different degrees, and the place of each participant's.
    degrees: Vec<f64>,
    place: Vec<u32>,
    /// Where replicates start: where the sample itself ends.
    start: OnceLock<Option<Start>>,
}

impl Recruitment {
    /// # Errors
    /// When the design is no recruited sample of one site, or arrays don't fit it.
    pub fn new(
        design: &Design,
        category: Vec<u8>,
        values: Option<Vec<f64>>,
        categories: usize,
    ) -> Result<Self> {
        let Design::Recruited(recruited) = design else {
            return Err(Error::Argument("nobody recruited anybody here".into()));
        };
        let parts = recruited.parts();
        let n = parts.degree.len();
        if parts.population.len() != 1 {
            return Err(Error::Argument("the graph is of one site".into()));
        }
        for (what, got) in [("categories", category.len()), ("values", values.as_ref().map_or(n, Vec::len))] {
            if got != n {
                return Err(Error::Length { what, expected: n, got });
            }
        }
        if categories > MOST || category.iter().any(|&c| c != NONE && usize::from(c) >= categories) {
            return Err(Error::Argument(format!("categories are {MOST} at most, numbered from 0")));
        }
        if let Some(row) = values.as_ref().and_then(|v| v.iter().position(|x| !x.is_finite())) {
            return Err(Error::NotFinite { what: "values", row });
        }
        let mut degrees = parts.degree.clone();
        degrees.sort_by(f64::total_cmp);
        degrees.dedup();
        let place = parts.degree.iter().map(|d| degrees.partition_point(|other| other < d) as u32).collect();
        let design = Arc::clone(recruited);
        Ok(Self { design, categories, category, values, degrees, place, start: OnceLock::new() })
    }

    fn start(&self) -> Option<&Start> {
        let made = self.start.get_or_init(|| {
            let parts = self.design.parts();
            let came = self.came(&self.as_they_came(&vec![1.0; parts.degree.len()]));
            let (size, g) = (endless(parts.population[0]), self.categories);
            let fit = homophily::fit(&came, g, &self.degrees, size, None)?;
            homophily::start(&came, g, &self.degrees, size, &fit)
        });
        made.as_ref()
    }

    /// How many numbers the graph answers with: a share for each category, and a mean.
    pub fn answers(&self) -> usize {
        self.categories + usize::from(self.values.is_some())
    }

    /// Participants as they came, each so often.
    fn as_they_came(&self, factors: &[f64]) -> Vec<Step> {
        let Parts { order, recruiter, .. } = self.design.parts();
        let step = |&who: &u32| Step { who, by: recruiter[who as usize], weight: factors[who as usize] };
        order.iter().map(step).collect()
    }

    fn came(&self, steps: &[Step]) -> Vec<Came> {
        let weight = &self.design.parts().weight;
        let one = |step: &Step| Came {
            from: if step.by == NOBODY { NONE } else { self.category[step.by as usize] },
            to: self.category[step.who as usize],
            place: self.place[step.who as usize],
            weight: step.weight,
            told: step.by != NOBODY && weight[step.who as usize] > 0.0,
        };
        steps.iter().map(one).collect()
    }

    /// Find the answers in one sample; NaN where it has none.
    fn answer(&self, steps: &[Step], population: f64, mut out: impl FnMut(usize, f64)) {
        let size = endless(population);
        let mut came = self.came(steps);
        // As many as there were: which part of the population was sampled does not vary.
        let scale = self.category.len() as f64 / came.iter().map(|one| one.weight).sum::<f64>();
        for one in &mut came {
            one.weight *= scale;
        }
        let found = homophily::fit(&came, self.categories, &self.degrees, size, self.start());
        let Some(fit) = found else { return (0..self.answers()).for_each(|k| out(k, f64::NAN)) };
        fit.shares.iter().enumerate().for_each(|(k, share)| out(k, *share));
        if let Some(values) = &self.values {
            out(self.categories, self.mean(steps, &fit, values));
        }
    }

    /// The mean of a column, whose participants weigh by their degrees within categories that have their shares.
    fn mean(&self, steps: &[Step], fit: &Fit, values: &[f64]) -> f64 {
        let weight = &self.design.parts().weight;
        let (mut sums, mut people) = ([0.0; MOST], [0.0; MOST]);
        for step in steps {
            let (who, category) = (step.who as usize, self.category[step.who as usize]);
            if category == NONE || weight[who] <= 0.0 {
                continue;
            }
            let (degree, time) = (self.degrees[self.place[who] as usize], fit.times[usize::from(category)]);
            let w = step.weight * if time > 0.0 { inclusion::weight(degree, time) } else { 1.0 / degree };
            sums[usize::from(category)] += w * values[who];
            people[usize::from(category)] += w;
        }
        let (mut sum, mut whole) = (0.0, 0.0);
        for ((share, own), people) in
            fit.shares.iter().zip(sums).zip(people).filter(|(_, people)| *people > 0.0)
        {
            sum += share * own / people;
            whole += share;
        }
        sum / whole
    }

    /// Fill `out` (numbers x replicates) with transitions row by row, then participants, then sums of inverse degrees of each category,
    /// in replicates `first, first + 1, ...`.
    pub fn transitions(&self, streams: Streams, first: u64, threads: usize, out: ArrayViewMut2<f64>) {
        let g = self.categories;
        let weight = &self.design.parts().weight;
        self.each(streams, first, threads, out, |steps, _, out| {
            out.fill(0.0);
            for step in steps {
                let to = self.category[step.who as usize];
                if to == NONE {
                    continue;
                }
                let from = if step.by == NOBODY { NONE } else { self.category[step.by as usize] };
                if from != NONE {
                    out[usize::from(from) * g + usize::from(to)] += step.weight;
                }
                if weight[step.who as usize] > 0.0 {
                    out[g * g + usize::from(to)] += step.weight;
                    let degree = self.degrees[self.place[step.who as usize] as usize];
                    out[g * g + g + usize::from(to)] += step.weight / degree;
                }
            }
        });
    }

    /// How many numbers these are.
    pub fn totals(&self) -> usize {
        self.categories * (self.categories + 2)
    }

    /// Fill `out` (answers x replicates) with the graph's answers in replicates `first, first + 1, ...`.
    pub fn graphs(&self, streams: Streams, first: u64, threads: usize, out: ArrayViewMut2<f64>) {
        self.each(streams, first, threads, out, |steps, size, out| {
            self.answer(steps, size, |k, found| out[k] = found);
        });
    }

    /// Walk through replicates, each with the size of its population.
    fn each(
        &self,
        streams: Streams,
        first: u64,
        threads: usize,
        mut out: ArrayViewMut2<f64>,
        write: impl Fn(&[Step], f64, &mut ndarray::ArrayViewMut1<f64>) + Sync,
    ) {
        let chunk = parallel::share(16, out.ncols(), threads);
        parallel::columns(&mut out, chunk, threads, |offset, mut part| {
            let mut steps = vec![];
            for (i, mut out) in part.columns_mut().into_iter().enumerate() {
                let replicate = first + (offset + i) as u64;
                let Some(&[size]) = self.design.sizes(replicate) else {
                    out.fill(f64::NAN); // nobody drew the population of further replicates
                    continue;
                };
                self.design.walk(streams, replicate, &mut steps);
                write(&steps, size, &mut out);
            }
        });
    }

    /// Fill `out` (answers x sets) with the answers where participants count so often (sets x participants), all as they came.
    pub fn of(
        &self,
        factors: &ndarray::ArrayView2<f64>,
        population: f64,
        threads: usize,
        mut out: ArrayViewMut2<f64>,
    ) {
        let chunk = parallel::share(16, out.ncols(), threads);
        parallel::columns(&mut out, chunk, threads, |offset, mut part| {
            for (i, mut out) in part.columns_mut().into_iter().enumerate() {
                let steps = self.as_they_came(&factors.row(offset + i).to_vec());
                self.answer(&steps, population, |k, found| out[k] = found);
            }
        });
    }
}

/// A population that nobody knows has no end.
fn endless(population: f64) -> f64 {
    if population > 0.0 { population } else { f64::INFINITY }
}

impl Travels for Recruitment {
    type Sent = (usize, Vec<u8>, Option<Vec<f64>>);
    type Beside = Arc<Design>;

    fn send(&self) -> impl Serialize {
        (self.categories, &self.category, &self.values)
    }

    fn arrive((categories, category, values): Self::Sent, design: &Arc<Design>) -> Result<Self> {
        Self::new(design, category, values, categories)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::Redraw;
    use crate::design::recruited::Scheme;
    use crate::design::recruited::tests::parts;
    use ndarray::Array2;

    fn kernel(scheme: Scheme) -> (Recruitment, Vec<u8>) {
        let given = Parts { plain: true, population: vec![80.0], ..parts(scheme) };
        let category: Vec<u8> = given.category.iter().map(|&c| c as u8).collect();
        let design = Design::Recruited(Arc::new(Recruited::new(given).unwrap()));
        (Recruitment::new(&design, category.clone(), None, 2).unwrap(), category)
    }

    #[test]
    fn participants_are_those_of_the_factors() {
        // Proof: walks and factors are one redraw, so people and inverse degrees by category are totals of columns.
        for scheme in [
            Scheme::Tree,
            Scheme::Seeds,
            Scheme::Neighbourhood,
            Scheme::Salganik,
            Scheme::Successive,
            Scheme::HomophilyGraph,
        ] {
            let (kernel, category) = kernel(scheme);
            let mut out = Array2::zeros((8, 30));
            kernel.transitions(Streams::new(4, 9), 0, 1, out.view_mut());
            let mut factors = vec![0.0; 20];
            for i in 0..30 {
                kernel.design.factors(Streams::new(4, 9), i, &mut factors);
                for b in 0..2_u8 {
                    let own = |value: &dyn Fn(usize) -> f64| -> f64 {
                        (0..20).filter(|&k| category[k] == b).map(|k| factors[k] * value(k)).sum()
                    };
                    let degree = &kernel.design.parts().degree;
                    let found = out.column(i as usize);
                    let place = usize::from(b);
                    assert!((found[4 + place] - own(&|_| 1.0)).abs() < 1e-9, "{scheme:?}");
                    assert!((found[6 + place] - own(&|k| 1.0 / degree[k])).abs() < 1e-9, "{scheme:?}");
                }
            }
        }
    }

    #[test]
    fn transitions_are_those_of_the_replicate() {
        // Recruiters have come before their recruits, and sums of transitions are those who were recruited.
        for scheme in [Scheme::Successive, Scheme::HomophilyGraph] {
            let (kernel, _) = kernel(scheme);
            let (mut steps, mut other) = (vec![], 0);
            for i in 0..50 {
                kernel.design.walk(Streams::new(1, 2), i, &mut steps);
                let mut came = [false; 20];
                let own = &kernel.design.parts().recruiter;
                for step in &steps {
                    assert!(step.by == NOBODY || came[step.by as usize]);
                    came[step.who as usize] = true;
                    other += usize::from(step.by != own[step.who as usize]);
                }
                let mut out = Array2::zeros((8, 1));
                kernel.transitions(Streams::new(1, 2), i, 1, out.view_mut());
                let recruited: f64 = steps.iter().filter(|s| s.by != NOBODY).map(|s| s.weight).sum();
                assert!((out.column(0).iter().take(4).sum::<f64>() - recruited).abs() < 1e-9);
            }
            assert!(other > 300); // most have another recruiter than their own
        }
    }

    #[test]
    fn a_graph_travels_and_its_digits_stay() {
        let (made, category) = kernel(Scheme::HomophilyGraph);
        let values: Vec<f64> = (0..20).map(f64::from).collect();
        let design = Design::Recruited(Arc::clone(&made.design));
        let made = Recruitment::new(&design, category.clone(), Some(values.clone()), 2).unwrap();
        let bytes = crate::travel::pack(&made).unwrap();
        let again: Recruitment = crate::travel::unpack(&bytes, &Arc::new(design)).unwrap();
        let draw = |kernel: &Recruitment, threads| {
            let mut out = Array2::zeros((3, 40));
            kernel.graphs(Streams::new(0, 3), 5, threads, out.view_mut());
            out
        };
        assert_eq!(draw(&made, 1), draw(&again, 2));
        let mut one = Array2::zeros((3, 1));
        made.of(&Array2::ones((1, 20)).view(), 0.0, 1, one.view_mut());
        assert!((one[[0, 0]] + one[[1, 0]] - 1.0).abs() < 1e-12);
        assert!(one[[2, 0]] > 0.0 && one[[2, 0]] < 19.0);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (made, category) = kernel(Scheme::Tree);
        let design = Design::Recruited(Arc::clone(&made.design));
        assert!(Recruitment::new(&design, category[1..].to_vec(), None, 2).is_err());
        assert!(Recruitment::new(&design, vec![7; 20], None, 2).is_err());
        assert!(Recruitment::new(&design, category.clone(), Some(vec![f64::NAN; 20]), 2).is_err());
        assert!(Recruitment::new(&Design::default(), category, None, 2).is_err());
    }
}
