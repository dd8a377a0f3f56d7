//! What goes to another process and comes back as bytes.
//!
//! Bytes may be damaged or made up, so nothing is read into memory as it was: what is sent is what a constructor takes, and the
//! constructor that checks it makes it again ([`Travels::arrive`]). A class without that can't travel. The sum before the bytes
//! tells damage apart from what was made up; it protects from neither, the constructors do.
//!
//! Layouts (tables of a multinomial, blocks of rows) are therefore made again at the other end, once a worker.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

/// A class that can be sent.
pub trait Travels: Sized {
    /// What arrives.
    type Sent: DeserializeOwned;
    /// What travels apart, because several things share it.
    type Beside: ?Sized;

    /// What is sent, in the same form.
    fn send(&self) -> impl Serialize;

    /// Make it again.
    ///
    /// # Errors
    /// When what arrived is nothing that can be made.
    fn arrive(sent: Self::Sent, beside: &Self::Beside) -> Result<Self>;
}

/// Bytes of the sum before the others.
const SUM: usize = 8;

/// Write something down.
///
/// # Errors
/// When it can't be written.
pub fn pack<T: Travels>(value: &T) -> Result<Vec<u8>> {
    let mut bytes = vec![0; SUM];
    bytes = postcard::to_extend(&value.send(), bytes).map_err(|e| Error::Argument(e.to_string()))?;
    let sum = sum(&bytes[SUM..]).to_le_bytes();
    bytes[..SUM].copy_from_slice(&sum);
    Ok(bytes)
}

/// Make it again from bytes.
///
/// # Errors
/// When they are damaged, or nothing that can be made.
pub fn unpack<T: Travels>(bytes: &[u8], beside: &T::Beside) -> Result<T> {
    let damaged = || Error::Argument("what arrived was damaged on its way".into());
    let (head, rest) = bytes.split_first_chunk::<SUM>().ok_or_else(damaged)?;
    if u64::from_le_bytes(*head) != sum(rest) {
        return Err(damaged());
    }
    read(rest, beside)
}

/// The same without the sum.
///
/// # Errors
/// As [`unpack`].
pub fn read<T: Travels>(bytes: &[u8], beside: &T::Beside) -> Result<T> {
    let made_up = |why: String| Error::Argument(format!("what arrived is nothing that was sent ({why})"));
    let (sent, rest) = postcard::take_from_bytes(bytes).map_err(|e| made_up(e.to_string()))?;
    if !rest.is_empty() {
        return Err(made_up(format!("{} bytes too many", rest.len())));
    }
    T::arrive(sent, beside)
}

/// A sum in which every byte counts: eight at a time through the finaliser of the random streams.
pub fn sum(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<SUM>();
    let mut last = [0; SUM];
    last[..rest.len()].copy_from_slice(rest);
    let words = words.iter().chain([&last]).map(|word| u64::from_le_bytes(*word));
    words.fold(bytes.len() as u64, |sum, word| {
        crate::stream::mix(sum ^ word).wrapping_add(0x9e37_79b9_7f4a_7c15)
    })
}

/// Coefficients of one model: their matrix has the square of it.
pub const MOST_COEFFICIENTS: usize = 8192;

/// Refuse a model whose matrix would not fit.
///
/// # Errors
/// When there are more coefficients than [`MOST_COEFFICIENTS`].
pub fn check_coefficients(number: usize) -> Result<()> {
    if number > MOST_COEFFICIENTS {
        return Err(Error::Argument(format!(
            "{number} coefficients or totals are more than one model can hold ({MOST_COEFFICIENTS})"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use nalgebra::DMatrix;
    use ndarray::Array2;
    use rand::Rng;

    use super::*;
    use crate::answers::column::Column;
    use crate::answers::dense::Dense;
    use crate::answers::quantile::{Quantiles, Rows, Rule};
    use crate::answers::regression::{self, Regression};
    use crate::answers::totals::Totals;
    use crate::capture::{conditional, people::People, redraw::Redraw as Lists};
    use crate::counts::closed::Closed;
    use crate::counts::family::{Base, Form};
    use crate::counts::size::Parts;
    use crate::counts::{Family, Fit, Model, Register};
    use crate::design::calibrated::{self, Distance};
    use crate::design::recruited::{Recruited, Scheme, tests::parts};
    use crate::design::resample::Rule as Draws;
    use crate::design::{Calibrated, Design, Dirichlet, Nested, Redraw, Resample};
    use crate::stream::{Stream, Streams};

    /// Payloads that were changed on the way, for each class.
    const CHANGES: u64 = 2_000;

    fn bytes<T: Travels>(value: &T) -> Vec<u8> {
        pack(value).unwrap()[SUM..].to_vec()
    }

    /// Change some bytes, cut, double or lengthen them.
    fn change(bytes: &[u8], stream: &mut Stream) -> Vec<u8> {
        let mut changed = bytes.to_vec();
        let mut below = |end: usize| (stream.next_u64() % end.max(1) as u64) as usize;
        match below(8) {
            0 => changed.truncate(below(bytes.len())),
            1 => {
                let (from, place) = (below(bytes.len()), below(bytes.len()));
                changed.splice(place..place, bytes[from..].iter().take(9).copied().collect::<Vec<u8>>());
            }
            2 => {
                // A number as large as can be written.
                let place = below(bytes.len());
                changed.splice(place..=place, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]);
            }
            3 => {
                // An odd double.
                let odd = [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e300, 5e-324][below(6)].to_le_bytes();
                let place = below(bytes.len().saturating_sub(8));
                changed.splice(place..(place + 8).min(bytes.len()), odd);
            }
            _ => {
                for _ in 0..=below(3) {
                    let place = below(bytes.len());
                    changed[place] = below(256) as u8;
                }
            }
        }
        changed
    }

    /// What arrives is used; what can't be used doesn't arrive. The first payload is the one that was sent.
    fn fuzz<T: Travels>(sent: &T, beside: &T::Beside, used: impl Fn(&T)) {
        let bytes = bytes(sent);
        used(&read::<T>(&bytes, beside).unwrap());
        let mut arrived = 0;
        for i in 0..CHANGES {
            let changed = change(&bytes, &mut Streams::new(11, 5).replicate(i));
            if let Ok(value) = read::<T>(&changed, beside) {
                arrived += 1;
                used(&value);
            }
        }
        assert!((1..CHANGES).contains(&arrived), "{arrived} of {CHANGES} arrived");
    }

    fn factors(design: &Design) -> Vec<f64> {
        let mut factors = vec![0.0; design.units()];
        (0..2).for_each(|i| design.factors(Streams::new(1, 2), i, &mut factors));
        factors
    }

    fn designs() -> Vec<Design> {
        let resample = |stratum: &[u32], people: &[u64]| Resample::new(stratum, people, None).unwrap();
        let rows = resample(&[0, 1, 0, 1, 0, 1], &[1; 6]);
        let kinds = resample(&[0, 1, 0, 1], &[300, 400, 500, 0]);
        let rule = Draws { draws: 2, offset: 0.25, scale: 1.1 };
        let ruled = Resample::new(&[0, 0, 0, 1], &[1; 4], Some(&[rule, Draws { draws: 0, ..rule }])).unwrap();
        let second = Resample::new(&[0, 0, 0, 1, 1, 1, 2, 2, 2], &[1; 9], Some(&[rule; 3])).unwrap();
        let first = Resample::new(&[0; 3], &[1; 3], Some(&[rule])).unwrap();
        let nested = Nested::new(first, vec![(vec![0, 0, 0, 1, 1, 1, 2, 2, 2], second)]).unwrap();
        let dirichlet = Dirichlet::new(&[0, 1, 0, 1], &[1.0, 2.0, 0.0, 1.5], &[1.0, 0.3]).unwrap();
        let calibrate = |base: Design, distance| {
            let n = base.units() as u32;
            let rows = calibrated::Rows {
                unit: (0..n).collect(),
                weight: vec![2.0; n as usize],
                cell: (0..n).map(|u| u % 3).collect(),
            };
            let x = calibrated::Auxiliaries {
                starts: vec![0, 2, 3, 5],
                columns: vec![0, 1, 0, 0, 1],
                values: vec![1.0, 1.0, 1.0, 1.0, 2.0],
            };
            let totals = vec![2.2 * f64::from(n), 2.1 * f64::from(n)];
            Design::Calibrated(Box::new(Calibrated::new(base, rows, x, totals, vec![], distance).unwrap()))
        };
        let plain = Design::Resample(Arc::new(rows));
        let linear = Distance::Linear { low: f64::NEG_INFINITY, high: f64::INFINITY };
        let twice = calibrate(calibrate(plain.clone(), Distance::Raking), linear);
        let mut all = vec![plain, Design::Dirichlet(dirichlet), Design::Nested(nested), twice];
        all.extend([kinds, ruled].map(|design| Design::Resample(Arc::new(design))));
        let recruited = [Scheme::Tree, Scheme::Salganik, Scheme::Successive];
        all.extend(
            recruited.map(|scheme| Design::Recruited(Arc::new(Recruited::new(parts(scheme)).unwrap()))),
        );
        all
    }

    #[test]
    fn designs_arrive_with_all_their_digits_or_not_at_all() {
        for design in designs() {
            let again: Design = unpack(&pack(&design).unwrap(), &()).unwrap();
            let same = factors(&design).iter().zip(factors(&again)).all(|(a, b)| a.to_bits() == b.to_bits());
            assert!(same && design.units() == again.units());
            fuzz(&design, &(), |design| {
                factors(design);
                bytes(design);
            });
        }
    }

    #[test]
    fn kernels_of_designs_arrive_whole_or_not_at_all() {
        let streams = Streams::new(1, 2);
        for design in designs() {
            let (n, design) = (design.units(), Arc::new(design));
            let column = |k: usize| (0..n).map(|u| ((u * k) % 5) as f64).collect::<Vec<f64>>();
            let columns = [column(1), column(2), column(3)];
            // Some columns written out and some not, enough that the latter are laid out on their own.
            let (units, values) = ([0, 2], [1.5, -2.0]);
            let thin = Column::Sparse { units: &units, values: &values };
            let mixed: Vec<Column> = Column::full(&columns).into_iter().chain([thin; 8]).collect();
            let dense = Dense::of(Arc::clone(&design), &mixed).unwrap();
            let used = |dense: &Dense| {
                let mut out = Array2::zeros((dense.columns(), 4));
                dense.replicates(streams, 0, 1, out.view_mut());
            };
            fuzz(&dense, &design, used);
            if let Design::Resample(resample) = &*design {
                let totals = Totals::of(Arc::clone(resample), &mixed).unwrap();
                fuzz(&totals, resample, |totals| {
                    let mut out = Array2::zeros((totals.varying(), 4));
                    totals.replicates(streams, 0, 1, out.view_mut());
                });
            }
            let rows = Rows { unit: (0..n as u32).collect(), weight: vec![1.5; n] };
            let quantiles =
                Quantiles::new(Arc::clone(&design), Some(&rows), &columns, &[0.5, 0.1, 1.0], Rule::Midpoint);
            fuzz(&quantiles.unwrap(), &design, |quantiles| {
                let mut out = Array2::zeros((quantiles.labels(), 4));
                quantiles.replicates(streams, 0, 1, out.view_mut());
                quantiles.sample(&vec![1.0; n]).unwrap();
            });
            let rows = regression::Rows {
                unit: (0..n as u32).collect(),
                weight: vec![1.0; n],
                y: column(2).iter().map(|v| f64::from(*v > 1.0)).collect(),
                offset: vec![0.0; n],
                x: (0..n).flat_map(|u| [1.0, (u % 2) as f64]).collect(),
            };
            let targets = vec![rows.x.clone()];
            let family = regression::Family::Binomial;
            let model = Regression::new(Arc::clone(&design), family, rows, vec![0.0; 2], targets).unwrap();
            fuzz(&model, &design, |model| {
                let mut out = Array2::zeros((model.answers(), 3));
                model.replicates(streams, 0, 1, out.view_mut());
                let weights = Array2::ones((3, model.rows()));
                model.fits(&weights.view(), 1, out.view_mut());
            });
        }
    }

    #[test]
    fn lists_arrive_whole_or_not_at_all() {
        let lists = Lists::new(&[0, 0, 0, 1], &[40.0, 60.0, 12.0, 30.0], &[112, 30]).unwrap();
        fuzz(&lists, &(), |lists| {
            let mut out = Array2::zeros((lists.units(), 3));
            // Another number of strata is refused.
            let _ = lists.replicates((3, 5), 0, &[312.0, 90.0], 1, out.view_mut());
        });
        let people = People::new(&[0, 0, 1], &[3, 1, 5], 2).unwrap();
        fuzz(&people, &(), |people| {
            let mut out = Array2::zeros((people.kinds(), 3));
            let _ = people.replicates((1, 2), 0, &Array2::from_elem((2, 3), 4.0).view(), 1, out.view_mut());
        });
        let values = vec![1.0, 0.5, 1.0, -0.5, 1.0, 0.1];
        let design = conditional::Design::new(2, true, values, vec![1, 2, 3], vec![0, 1, 0], 2).unwrap();
        fuzz(&design, &(), |design| {
            let weights = vec![3.0; design.kinds()];
            let start = vec![0.0; design.parameters()];
            let fit = design.fit(&weights, &start, &mut conditional::Fitter::new(design));
            design.derivatives(&weights, &fit.beta);
            design.chances(&fit.beta);
        });
    }

    #[test]
    fn registers_and_fits_arrive_whole_or_not_at_all() {
        let families = [
            Family::Counts(Base::Poisson, Form::Truncated),
            Family::Counts(Base::NegativeBinomial, Form::InflatedTruncated),
            Family::Chao,
            Family::Zelterman,
            Family::Closed(Closed::AdjustedOneInflatedChao),
        ];
        for family in families {
            let designs =
                (0..family.parameters()).map(|_| DMatrix::from_row_slice(2, 1, &[1.0, 1.0])).collect();
            let model = Model::new(family, designs, &[0, 0, 0, 1, 1], &[1, 2, 3, 1, 2]).unwrap();
            let register = Register::new(model, vec![30.0, 12.0, 3.0, 20.0, 5.0]).unwrap();
            let use_fit = |register: &Register, fit: &Fit| {
                let Register { model, people } = register;
                if fit.coefficients.len() != model.coefficients() {
                    return;
                }
                let (of, mut sizes) = (vec![0; model.rows()], [0.0]);
                let parts = Parts { of: &of, number: 1 };
                model.fitted_sizes(fit, people, &parts, &mut sizes);
                model.covariance(fit, people, &parts);
                model.scores(&fit.coefficients);
                model.inflation(fit, people);
            };
            fuzz(&register, &(), |register| use_fit(register, &register.model.fit(&register.people)));
            fuzz(&register.model.fit(&register.people), &(), |fit| {
                fit.covariance();
                use_fit(&register, fit);
            });
        }
    }

    #[test]
    fn damage_is_noticed() {
        let whole = pack(&designs()[0]).unwrap();
        for place in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[place] ^= 1 << (place % 8);
            let error = unpack::<Design>(&damaged, &()).unwrap_err();
            assert!(error.to_string().contains("damaged"));
        }
        assert!(unpack::<Design>(&whole[..5], &()).is_err() && unpack::<Design>(&[], &()).is_err());
    }

    #[test]
    fn a_few_bytes_claim_no_memory() {
        // One unit that stands for 2^31 people in each of many strata, more columns than there is memory for, and the like.
        let lots = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
        for i in 0..12 {
            let made_up: Vec<u8> = std::iter::repeat_n(i, usize::from(i)).chain(lots).chain(lots).collect();
            assert!(read::<Design>(&made_up, &()).is_err());
            assert!(read::<Register>(&made_up, &()).is_err());
            assert!(read::<People>(&made_up, &()).is_err());
            assert!(read::<conditional::Design>(&made_up, &()).is_err());
        }
        assert!(Resample::new(&[u32::MAX], &[2], None).is_err());
        assert!(Resample::new(&[0, 0], &[u64::MAX, 3], None).is_err());
    }
}
