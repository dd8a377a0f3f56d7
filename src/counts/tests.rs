//! Tests of the core of one-register models: sums, derivatives by differences, closed forms.

use nalgebra::DMatrix;
use ndarray::Array2;

use super::closed::Closed;
use super::family::{Asked, Base, Counted, Family, Form, log_factorial};
use super::maximise::Status;
use super::model::{Model, jet};
use super::redraw::{Redraw, Scheme};
use super::size::Parts;
use crate::stream::Streams;

const FORMS: [Form; 6] = [
    Form::Truncated,
    Form::ZeroOneTruncated,
    Form::InflatedTruncated,
    Form::TruncatedInflated,
    Form::HurdleTruncated,
    Form::TruncatedHurdle,
];

fn families() -> Vec<Family> {
    [Base::Poisson, Base::Geometric, Base::NegativeBinomial]
        .into_iter()
        .flat_map(|base| FORMS.map(|form| Family::Counts(base, form)))
        .collect()
}

fn plain(family: Family, counts: &[u32]) -> Model {
    let designs = vec![DMatrix::from_element(1, 1, 1.0); family.parameters()];
    Model::new(family, designs, &vec![0; counts.len()], counts).unwrap()
}

#[test]
fn chances_of_all_counts_sum_to_one() {
    for family in families() {
        for eta in [[-0.4, 0.3, -0.8], [-7.0, -2.0, 0.5], [1.2, -6.0, 1.0]] {
            let eta: Vec<f64> = match family {
                Family::Counts(Base::NegativeBinomial, _) => eta.to_vec(),
                _ => vec![eta[0], eta[2]],
            };
            let sum: f64 = family.masses(&eta[..family.parameters()], 3_000).iter().sum();
            assert!((sum - 1.0).abs() < 1e-10, "{family:?} at {eta:?}: {sum}");
        }
    }
}

#[test]
fn being_seen_is_what_the_form_says() {
    // By hand for the Poisson distribution with lambda 1 and omega = pi = 0.25: f(0) = f(1) = 1 / e.
    let (f, mix) = ((-1.0f64).exp(), (1.0f64 / 3.0).ln());
    let seen = |form| Family::Counts(Base::Poisson, form).seen(&[0.0, mix]);
    assert!((seen(Form::InflatedTruncated) - (1.0 - 0.75 * f)).abs() < 1e-14);
    assert!((seen(Form::TruncatedInflated) - (1.0 - f)).abs() < 1e-14);
    assert!((seen(Form::HurdleTruncated) - (1.0 - 0.75 * f / (1.0 - f))).abs() < 1e-14);
    assert!((seen(Form::TruncatedHurdle) - (1.0 - f / (1.0 - f))).abs() < 1e-14);
}

#[test]
fn derivatives_equal_differences() {
    let counted = [1, 2, 5].map(|times| Counted { times, log_factorial: log_factorial(times), people: 3.0 });
    for family in families().into_iter().chain([Family::Zelterman, Family::Chao, Family::OneInflatedChao]) {
        let eta = [-0.3, 0.2, -0.5];
        let step = 1e-4;
        for asked in [Asked::LogLik(&counted), Asked::Size(9.0, 6.0)] {
            let at = |shift: [f64; 3]| {
                let moved: [f64; 3] = std::array::from_fn(|i| eta[i] + shift[i]);
                family.ask::<f64>(asked, &moved[..family.parameters()])
            };
            let (_, slope, bend) = jet(family, &eta, asked);
            for i in 0..family.parameters() {
                let e = |k, size: f64| std::array::from_fn(|l| if l == k { size } else { 0.0 });
                let difference = (at(e(i, step)) - at(e(i, -step))) / (2.0 * step);
                assert!(
                    (difference - slope[i]).abs() < 1e-5 * (1.0 + slope[i].abs()),
                    "{family:?} {asked:?}"
                );
                let second = (at(e(i, step)) + at(e(i, -step)) - 2.0 * at([0.0; 3])) / (step * step);
                assert!(
                    (second - bend[i][i]).abs() < 1e-4 * (1.0 + bend[i][i].abs()),
                    "{family:?} {asked:?}"
                );
            }
        }
    }
}

#[test]
fn geometric_and_chao_have_closed_forms() {
    let people = [1645.0, 183.0, 37.0, 13.0, 1.0, 1.0];
    // Truncated geometric: lambda is the mean less one, N = n mean / (mean - 1).
    let model = plain(Family::Counts(Base::Geometric, Form::Truncated), &[1, 2, 3, 4, 5, 6]);
    let fit = model.fit(&people);
    let (n, sightings) = (1880.0, 2185.0);
    assert_eq!(fit.status, Status::Maximum);
    assert!((model.size(&fit.coefficients, &people) / (n * sightings / (sightings - n)) - 1.0).abs() < 1e-10);
    // Chao (1987): n + f1^2 / (2 f2), variance f2 (r^4 / 4 + r^3 + r^2 / 2) with r = f1 / f2.
    let model = plain(Family::Chao, &[1, 2, 3, 4, 5, 6]);
    let fit = model.fit(&people);
    let r: f64 = 1645.0 / 183.0;
    let parts = Parts { of: &[0], number: 1 };
    let variance = model.covariance(&fit, &people, &parts).unwrap();
    assert!((model.size(&fit.coefficients, &people) - (n + 1645.0 * r / 2.0)).abs() < 1e-6);
    let chao = 183.0 * (r.powi(4) / 4.0 + r.powi(3) + r * r / 2.0);
    assert!((variance[(0, 0)] / chao - 1.0).abs() < 1e-8, "{} {chao}", variance[(0, 0)]);
}

#[test]
fn bounds_from_twos_and_threes_and_formulas_have_closed_forms() {
    let people = [1645.0, 183.0, 37.0, 13.0, 1.0, 1.0];
    let times = [1, 2, 3, 4, 5, 6];
    let (n, parts) = (1880.0, Parts { of: &[0], number: 1 });
    let sized = |family| {
        let model = plain(family, &times);
        let fit = model.fit(&people);
        assert_eq!(fit.status, Status::Maximum);
        (model.size(&fit.coefficients, &people), model.covariance(&fit, &people, &parts).unwrap()[(0, 0)])
    };
    let near = |found: (f64, f64), size: f64, variance: f64| {
        assert!((found.0 / size - 1.0).abs() < 1e-8 && (found.1 / variance - 1.0).abs() < 1e-6, "{found:?}");
    };
    // Böhning, Kaskasamkul and van der Heijden (2019): n + 2 f2^3 / (9 f3^2).
    let (f1, f2, f3): (f64, f64, f64) = (1645.0, 183.0, 37.0);
    let unseen = 2.0 * f2.powi(3) / (9.0 * f3 * f3);
    let variance = unseen + unseen * unseen * (9.0 / f2 + 4.0 / f3);
    near(sized(Family::OneInflatedChao), n + unseen, variance);
    // Their bias-adjusted form, and Chao's with the variance in use (Colwell 2013).
    let less = 2.0 * f2 * (f2 - 1.0) * (f2 - 2.0) / (9.0 * (f3 + 1.0) * (f3 + 2.0));
    let slopes = less * (1.0 / f2 + 1.0 / (f2 - 1.0) + 1.0 / (f2 - 2.0));
    let (by_two, by_three) = (slopes, less * (1.0 / (f3 + 1.0) + 1.0 / (f3 + 2.0)));
    let squares = by_two * by_two * f2 + by_three * by_three * f3;
    near(sized(Family::Closed(Closed::AdjustedOneInflatedChao)), n + less, less + squares);
    let chao = f1 * (f1 - 1.0) / (2.0 * (f2 + 1.0));
    let published = chao
        + f1 * (2.0 * f1 - 1.0).powi(2) / (4.0 * (f2 + 1.0).powi(2))
        + f1 * f1 * f2 * (f1 - 1.0).powi(2) / (4.0 * (f2 + 1.0).powi(4));
    near(sized(Family::Closed(Closed::AdjustedChao)), n + chao, published);
    // A zero-one-truncated geometric: those seen at least twice are 2 + geometric with mean lambda.
    let more = n - f1;
    let lambda = (2185.0 - f1) / more - 2.0;
    let size = sized(Family::Counts(Base::Geometric, Form::ZeroOneTruncated)).0;
    assert!((size / (n + more * (1.0 + lambda) / (lambda * lambda)) - 1.0).abs() < 1e-8);
}

#[test]
fn nobody_seen_once_leaves_the_number_seen() {
    let model = plain(Family::Chao, &[2, 3]);
    let fit = model.fit(&[5.0, 2.0]);
    let mut sizes = [0.0];
    model.fitted_sizes(&fit, &[5.0, 2.0], &Parts { of: &[0], number: 1 }, &mut sizes);
    assert_eq!((fit.status, sizes[0]), (Status::Settled, 7.0));
    // A group without anybody seen once or twice has no size by Zelterman, and no one more by Chao.
    let design = DMatrix::from_row_slice(2, 2, &[1.0, 0.0, 1.0, 1.0]);
    let status = |family| {
        let model = Model::new(family, vec![design.clone()], &[0, 0, 1], &[1, 2, 3]).unwrap();
        model.fit(&[50.0, 20.0, 9.0]).status
    };
    assert_eq!(status(Family::Zelterman), Status::Unidentified);
    assert_eq!(status(Family::Chao), Status::Maximum);
}

#[test]
fn boundaries_are_told_from_maxima() {
    let poisson = Family::Counts(Base::Poisson, Form::Truncated);
    // Nobody of the second row was seen twice: its lambda tends to 0.
    let design = DMatrix::from_row_slice(2, 2, &[1.0, 0.0, 1.0, 1.0]);
    let model = Model::new(poisson, vec![design], &[0, 0, 1], &[1, 2, 1]).unwrap();
    assert_eq!(model.fit(&[50.0, 20.0, 9.0]).status, Status::Unbounded);
    // So it does beside many others, where one person hardly moves the size, and for a replicate's coarser search.
    let people = [1e6, 2e5, 1.0];
    let fit = model.fit(&people);
    assert_eq!(fit.status, Status::Unbounded);
    assert_eq!(model.climb(fit.coefficients.map(|b| b.max(-3.0)), &people, false).status, Status::Unbounded);
    // Two covariates that say the same.
    let design = DMatrix::from_row_slice(2, 3, &[1.0, 0.0, 0.0, 1.0, 1.0, 2.0]);
    let model = Model::new(poisson, vec![design], &[0, 0, 1, 1], &[1, 2, 1, 2]).unwrap();
    assert_eq!(model.fit(&[50.0, 20.0, 9.0, 3.0]).status, Status::Unidentified);
    // Under-dispersed counts: alpha tends to 0, where the size is Poisson's.
    let people = [50.0, 30.0, 5.0];
    let negbin = plain(Family::Counts(Base::NegativeBinomial, Form::Truncated), &[1, 2, 3]);
    let simple = plain(poisson, &[1, 2, 3]);
    let (fit, base) = (negbin.fit(&people), simple.fit(&people));
    assert_eq!((fit.status, base.status), (Status::Settled, Status::Maximum));
    let sizes = [negbin.size(&fit.coefficients, &people), simple.size(&base.coefficients, &people)];
    assert!((sizes[0] / sizes[1] - 1.0).abs() < 1e-7, "{sizes:?}");
}

#[test]
fn replicates_are_the_same_on_any_number_of_threads() {
    let people = [60.0, 25.0, 9.0];
    let model = plain(Family::Counts(Base::Poisson, Form::Truncated), &[1, 2, 3]);
    let fit = model.fit(&people);
    let person: Vec<u32> = (0..3).flat_map(|cell| vec![cell; people[cell as usize] as usize]).collect();
    let parts = Parts { of: &[0], number: 1 };
    for scheme in [Scheme::Semiparametric, Scheme::Nonparametric, Scheme::Parametric] {
        let redraw = Redraw::new(&model, &person, &fit, &people, scheme).unwrap();
        let run = |first, count, threads| {
            let mut out = Array2::zeros((2, count));
            redraw.replicates(&parts, Streams::new(3, 4), first, threads, out.view_mut());
            out
        };
        let all = run(0, 50, 1);
        assert_eq!(all, run(0, 50, 2));
        assert_eq!(all.column(37), run(37, 1, 1).column(0));
    }
}

#[test]
fn redraws_have_the_variance_of_the_delta_method() {
    // Without covariates and under the model, both parts of the analytic variance are what redraws show:
    // 4,000 replicates fix a variance to 2.2%; 4 s.e., and the asymptotic formula's own error.
    let family = Family::Counts(Base::Geometric, Form::Truncated);
    let people: Vec<f64> = family.masses(&[0.5], 12).iter().map(|p| (p * 4_000.0).round()).collect();
    let model = plain(family, &(1..=12).collect::<Vec<_>>());
    let fit = model.fit(&people);
    let parts = Parts { of: &[0], number: 1 };
    let expected = model.covariance(&fit, &people, &parts).unwrap();
    let person: Vec<u32> = (0..12).flat_map(|cell| vec![cell; people[cell as usize] as usize]).collect();
    for scheme in [Scheme::Semiparametric, Scheme::Parametric] {
        let redraw = Redraw::new(&model, &person, &fit, &people, scheme).unwrap();
        let mut out = Array2::zeros((2, 4_000));
        redraw.replicates(&parts, Streams::new(5, 6), 0, 2, out.view_mut());
        let variance = out.row(0).var(1.0);
        assert!(
            (variance / expected[(0, 0)] - 1.0).abs() < 0.12,
            "{scheme:?}: {variance} {}",
            expected[(0, 0)]
        );
    }
}

#[test]
fn leaving_people_out_is_fitting_without_them() {
    let people = [60.0, 25.0, 9.0];
    let model = plain(Family::Counts(Base::Geometric, Form::Truncated), &[1, 2, 3]);
    let fit = model.fit(&people);
    let without = model.without_each(&fit, &people, &Parts { of: &[0], number: 1 }, 1).unwrap();
    let again = model.fit(&[60.0, 24.0, 9.0]);
    let size = model.size(&again.coefficients, &[60.0, 24.0, 9.0]);
    assert!((without[1].1[0] / size - 1.0).abs() < 1e-6);
    assert!((&without[1].0 - again.coefficients).amax() < 1e-4);
}
