//! Quantiles by definition; and windows against the walk over all rows: the same digits, replicate
//! after replicate.

use ndarray::Array2;

use super::*;
use crate::design::resample::Rule as Redrawn;

/// A design as the kernel takes it.
fn shared(design: Resample) -> Arc<Design> {
    Arc::new(Design::Resample(Arc::new(design)))
}

fn sample(values: &[f64], p: f64, rule: Rule) -> f64 {
    let n = values.len();
    let design = shared(Resample::new(&vec![0; n], &vec![1; n], None).unwrap());
    Quantiles::new(design, None, &[values], &[p], rule).unwrap().sample(&vec![1.0; n]).unwrap()[0]
}

#[test]
fn definitions_of_hyndman_and_fan() {
    let values = [4.0, 1.0, 3.0, 2.0];
    assert_eq!(sample(&values, 0.5, Rule::Midpoint), 2.5);
    assert_eq!(sample(&values, 0.5, Rule::Lower), 2.0);
    assert_eq!(sample(&values, 0.3, Rule::Midpoint), 2.0);
    assert_eq!(sample(&values, 0.0, Rule::Midpoint), 1.0);
    assert_eq!(sample(&values, 1.0, Rule::Midpoint), 4.0);
    assert_eq!(sample(&[1.0, f64::NAN, 9.0, f64::NAN, 5.0], 0.5, Rule::Midpoint), 5.0);
}

#[test]
fn redrawn_medians_follow_their_exact_distribution() {
    // Three values, redrawn 3 of 3: the median is the lowest with chance 7/27, and so on.
    let design = shared(Resample::new(&[0; 3], &[1; 3], None).unwrap());
    let medians = Quantiles::new(design, None, &[[10.0, 20.0, 30.0]], &[0.5], Rule::Midpoint).unwrap();
    let n = 50_000;
    let mut out = ndarray::Array2::zeros((1, n));
    medians.replicates(Streams::new(0, 5), 0, 2, out.view_mut());
    for (value, chance) in [(10.0, 7.0 / 27.0), (20.0, 13.0 / 27.0), (30.0, 7.0 / 27.0)] {
        let seen = out.iter().filter(|&&v| v == value).count() as f64 / n as f64;
        assert!((seen - chance).abs() < 4.0 * (chance * (1.0 - chance) / n as f64).sqrt());
    }
}

#[test]
fn rows_of_a_cluster_share_its_factor() {
    // Two clusters of two rows: a replicate holds one of them twice or each once.
    let design = shared(Resample::new(&[0; 2], &[1; 2], None).unwrap());
    let rows = Rows { unit: vec![0, 0, 1, 1], weight: vec![1.0, 2.0, 1.0, 1.0] };
    let columns = [[1.0, 2.0, 3.0, 4.0]];
    let medians = Quantiles::new(design, Some(&rows), &columns, &[0.5], Rule::Midpoint).unwrap();
    assert_eq!(medians.sample(&[1.0, 1.0]).unwrap(), [2.0]);
    let mut out = ndarray::Array2::zeros((1, 200));
    medians.replicates(Streams::new(0, 5), 0, 1, out.view_mut());
    assert!(out.iter().all(|v| [2.0, 3.5].contains(v)));
}

#[test]
fn an_empty_domain_has_no_quantile() {
    assert!(sample(&[f64::NAN, f64::NAN], 0.5, Rule::Lower).is_nan());
}

/// Numbers that look random and are the same everywhere.
fn noise(i: usize) -> f64 {
    let mixed = (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 11) as f64 / (1u64 << 53) as f64
}

/// How many replicates the windows leave to the whole walk, of 60.
fn check(design: Resample, rows: Option<&Rows>, columns: &[Vec<f64>], probabilities: &[f64]) -> usize {
    let design = Arc::new(design);
    let shared = Arc::new(Design::Resample(Arc::clone(&design)));
    let (streams, n) = (Streams::new(3, 17), 60);
    let mut left = 0;
    for rule in [Rule::Lower, Rule::Midpoint] {
        let kernel = Quantiles::new(Arc::clone(&shared), rows, columns, probabilities, rule).unwrap();
        let mut expected = Array2::zeros((columns.len(), n));
        kernel.walk(streams, 5, expected.view_mut());
        for threads in [1, 3] {
            let mut out = Array2::zeros((columns.len(), n));
            kernel.replicates(streams, 5, threads, out.view_mut());
            for (seen, wanted) in out.iter().zip(&expected) {
                assert_eq!(seen.to_bits(), wanted.to_bits(), "{rule:?}: {seen} and not {wanted}");
            }
        }
        if let Some(Some(windows)) = kernel.windows.get() {
            let mut out = Array2::zeros((columns.len(), n));
            left += windows.replicates(&design, streams, 5, &kernel.labels, rule, &mut out.view_mut()).len();
        }
    }
    left
}

const SHARES: [f64; 7] = [0.5, 0.0, 1.0, 0.001, 0.999, 0.25, 0.8];

/// Each column once for each share.
fn with_shares(columns: &[Vec<f64>]) -> (Vec<Vec<f64>>, Vec<f64>) {
    columns.iter().flat_map(|column| SHARES.iter().map(move |&p| (column.clone(), p))).unzip()
}

/// A continuous column, one of ties, one with infinite values, and one with a small domain.
fn columns(n: usize) -> Vec<Vec<f64>> {
    let domain = |inside: bool, value: f64| if inside { value } else { f64::NAN };
    vec![
        (0..n).map(noise).collect(),
        (0..n).map(|i| (noise(i) * 6.0).floor()).collect(),
        (0..n).map(|i| if noise(i) < 0.3 { f64::NEG_INFINITY } else { (noise(i) - 0.5).recip() }).collect(),
        (0..n).map(|i| domain(i % 211 == 3, noise(7 * i))).collect(),
        vec![f64::NAN; n],
    ]
}

/// Every label of a question: domains that share no row.
fn domains(n: usize, labels: usize) -> Vec<Vec<f64>> {
    (0..labels)
        .map(|l| (0..n).map(|i| if (i * i) % labels == l { noise(i) } else { f64::NAN }).collect())
        .collect()
}

#[test]
fn of_a_simple_sample() {
    for n in [2, 7, 300, 20_000] {
        let (columns, shares) = with_shares(&columns(n));
        let left = check(Resample::new(&vec![0; n], &vec![1; n], None).unwrap(), None, &columns, &shares);
        assert_eq!(left, 0, "five standard deviations of {n} rows");
    }
    let n = 20_000;
    check(Resample::new(&vec![0; n], &vec![1; n], None).unwrap(), None, &domains(n, 5), &[0.5; 5]);
}

#[test]
fn of_strata_that_keep_a_part() {
    // Rao and Wu's rule with a sampling fraction, as many as there were, and certainty.
    let n = 9_000;
    let stratum: Vec<u32> = (0..n).map(|i| (i % 10).min(2) as u32).collect();
    let rules = [
        Redrawn { draws: 899, offset: 0.2, scale: 0.8 * 900.0 / 899.0 },
        Redrawn { draws: 0, offset: 1.0, scale: 0.0 },
        Redrawn { draws: 7_200, offset: 0.0, scale: 1.0 },
    ];
    let (columns, shares) = with_shares(&columns(n));
    check(Resample::new(&stratum, &vec![1; n], Some(&rules)).unwrap(), None, &columns, &shares);
    let weight = (0..n).map(|i| if i % 50 == 0 { 0.0 } else { 1.0 + noise(i) }).collect();
    let rows = Rows { unit: (0..n as u32).collect(), weight };
    check(Resample::new(&stratum, &vec![1; n], Some(&rules)).unwrap(), Some(&rows), &columns, &shares);
}

#[test]
fn of_clusters_with_rows_in_any_order() {
    let (clusters, n) = (200, 6_000);
    let stratum: Vec<u32> = (0..clusters).map(|c| u32::from(c >= 50)).collect();
    let rules = [
        Redrawn { draws: 49, offset: 0.0, scale: 50.0 / 49.0 },
        Redrawn { draws: 149, offset: 0.5, scale: 0.5 * 150.0 / 149.0 },
    ];
    let unit: Vec<u32> = (0..n).map(|i| (noise(3 * i) * f64::from(clusters)) as u32).collect();
    for even in [true, false] {
        let weight = (0..n).map(|i| if even { 1.0 } else { 0.5 + noise(i + n) }).collect();
        let rows = Rows { unit: unit.clone(), weight };
        // People of a cluster resemble each other.
        let mut columns = columns(n);
        columns.push((0..n).map(|i| noise(unit[i] as usize) + 0.3 * noise(i)).collect());
        let (columns, shares) = with_shares(&columns);
        let design =
            Resample::new(&stratum, &vec![1; clusters as usize], even.then_some(&rules[..])).unwrap();
        check(design, Some(&rows), &columns, &shares);
    }
}

#[test]
fn of_weights_whose_sums_round() {
    // Tenths are not binary fractions: shares are reached exactly, but sums in another order differ.
    for n in 3..60_u32 {
        let weight = (0..n).map(|i| 0.1 * (1.0 + (noise((i * n) as usize) * 4.0).floor())).collect();
        let unit = (0..n).map(|i| i * (n / 2 + 1) / n).collect();
        let rows = Rows { unit, weight };
        let column: Vec<f64> = (0..n as usize).map(|i| (noise(i + 99) * 20.0).floor()).collect();
        let (columns, shares): (Vec<_>, Vec<_>) =
            (0..=10).map(|p| (column.clone(), f64::from(p) / 10.0)).unzip();
        let clusters = n as usize / 2 + 1;
        let rule = Redrawn { draws: n / 2, offset: 0.1, scale: 0.9 };
        let design = Resample::new(&vec![0; clusters], &vec![1; clusters], Some(&[rule])).unwrap();
        check(design, Some(&rows), &columns, &shares);
    }
}

#[test]
fn of_people_counted_together_and_of_kinds() {
    let n = 500;
    let (columns, shares) = with_shares(&columns(n));
    let stratum: Vec<u32> = (0..n).map(|i| u32::from(i % 3 == 0)).collect();
    for people in [4, 101] {
        let counts: Vec<u64> = (0..n as u64).map(|i| (i * i + 1) % people).collect();
        let design = Resample::new(&stratum, &counts, None).unwrap();
        assert_eq!(design.by_kind(), people == 101);
        check(design, None, &columns, &shares);
    }
}

#[test]
fn a_quantile_outside_its_window_is_found_all_the_same() {
    // One cluster of a thousand rows, all high, among many of one row: the redrawn 0.9 quantile
    // follows that cluster's count, which is far from normal.
    let clusters = 10_000;
    let unit: Vec<u32> = (0..clusters).chain(std::iter::repeat_n(0, 999)).collect();
    let n = unit.len();
    let column = (0..n).map(|i| noise(i) + if unit[i] == 0 { 2.0 } else { 0.0 }).collect();
    let rows = Rows { unit, weight: vec![1.0; n] };
    let stratum = vec![0; clusters as usize];
    let design = Resample::new(&stratum, &vec![1; clusters as usize], None).unwrap();
    check(design, Some(&rows), &[column], &[0.9]);
    // Windows that are nearly empty.
    let design = Resample::new(&vec![0; 5_000], &vec![1; 5_000], None).unwrap();
    let columns = [(0..5_000).map(noise).collect::<Vec<f64>>()];
    let mut kernel = Quantiles::new(shared(design.clone()), None, &columns, &[0.5], Rule::Midpoint).unwrap();
    let streams = Streams::new(0, 1);
    let (mut expected, mut out) = (Array2::zeros((1, 300)), Array2::zeros((1, 300)));
    kernel.walk(streams, 0, expected.view_mut());
    let narrow = Windows::within(&design, &kernel.labels, 0.5);
    kernel.windows = narrow.into();
    let windows = kernel.windows.get().unwrap().as_ref().unwrap();
    let left =
        windows.replicates(&design, streams, 0, &kernel.labels, Rule::Midpoint, &mut out.view_mut()).len();
    assert!((60..240).contains(&left), "{left} of 300");
    kernel.replicates(streams, 0, 2, out.view_mut());
    assert_eq!(out, expected);
}
