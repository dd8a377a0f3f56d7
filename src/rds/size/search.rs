//! Where a smooth function of two numbers is highest, and how it bends there.

/// The highest point.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mode {
    pub(super) at: [f64; 2],
    pub(super) height: f64,
    /// Minus the second derivatives: x1 x1, x1 x2, x2 x2.
    pub(super) curvature: [f64; 3],
}

/// Climb by Newton's steps from `start`, with x2 not below `least`; none where that leads nowhere.
pub(super) fn mode(f: impl Fn([f64; 2]) -> f64, start: [f64; 2], least: f64) -> Option<Mode> {
    let mut at = start;
    let mut height = f(at);
    if !height.is_finite() {
        return None;
    }
    let mut bent = [1.0, 0.0, 1.0];
    for _ in 0..200 {
        let (slope, curvature) = derivatives(&f, at, least, height)?;
        bent = curvature;
        let mut step = newton(slope, curvature);
        if at[1] <= least && step[1] < 0.0 {
            // Along the edge.
            step = [slope[0] / curvature[0].abs().max(1e-12), 0.0];
        }
        let mut better = None;
        for halving in 0..40 {
            let scale = 0.5_f64.powi(halving);
            let next = [at[0] + scale * step[0], (at[1] + scale * step[1]).max(least)];
            let value = f(next);
            if value > height {
                better = Some((next, value));
                break;
            }
        }
        let Some((next, value)) = better else { break };
        let gained = value - height;
        (at, height) = (next, value);
        if gained < 1e-9 * (1.0 + 1e-6 * height.abs()) {
            break;
        }
    }
    // A bend that is no bell's (on an edge, say) counts as one of the width that it has at least.
    let [a, b, c] = bent;
    let (a, c) = (a.abs().max(1e-9), c.abs().max(1e-9));
    let b = if a * c > b * b * 1.000_001 { b } else { 0.0 };
    Some(Mode { at, height, curvature: [a, b, c] })
}

/// Slopes, and minus the second derivatives, by differences.
fn derivatives(
    f: &impl Fn([f64; 2]) -> f64,
    at: [f64; 2],
    least: f64,
    here: f64,
) -> Option<([f64; 2], [f64; 3])> {
    let h = [1e-4 * (1.0 + at[0].abs()), 1e-4 * (1.0 + at[1].abs())];
    // On the edge the middle of the differences is moved inwards.
    let inside = [at[0], at[1].max(least + h[1])];
    let middle = if inside == at { here } else { f(inside) };
    let value = |i: f64, j: f64| f([inside[0] + i * h[0], inside[1] + j * h[1]]);
    let (left, right, down, up) = (value(-1.0, 0.0), value(1.0, 0.0), value(0.0, -1.0), value(0.0, 1.0));
    let cross = value(1.0, 1.0) - value(1.0, -1.0) - value(-1.0, 1.0) + value(-1.0, -1.0);
    let slope = [(right - left) / (2.0 * h[0]), (up - down) / (2.0 * h[1])];
    let bent = [
        -(right - 2.0 * middle + left) / (h[0] * h[0]),
        -cross / (4.0 * h[0] * h[1]),
        -(up - 2.0 * middle + down) / (h[1] * h[1]),
    ];
    (slope.iter().chain(&bent).all(|number| number.is_finite())).then_some((slope, bent))
}

/// Newton's step where the function is a hill, else one that climbs.
fn newton(slope: [f64; 2], bent: [f64; 3]) -> [f64; 2] {
    let [a, b, c] = bent;
    let rest = a * c - b * b;
    if a > 0.0 && rest > 1e-12 * a * c.abs() {
        return [(c * slope[0] - b * slope[1]) / rest, (a * slope[1] - b * slope[0]) / rest];
    }
    [slope[0] / a.abs().max(1.0), slope[1] / c.abs().max(1.0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bell_is_found_with_its_width() {
        let bell = |[x, y]: [f64; 2]| {
            -0.5 * (4.0 * (x - 1.0).powi(2) + 2.0 * 1.5 * (x - 1.0) * (y - 3.0) + (y - 3.0).powi(2))
        };
        let found = mode(bell, [0.0, 0.5], 0.0).unwrap();
        assert!((found.at[0] - 1.0).abs() < 1e-5 && (found.at[1] - 3.0).abs() < 1e-5);
        for (bent, exact) in found.curvature.iter().zip([4.0, 1.5, 1.0]) {
            assert!((bent - exact).abs() < 1e-3);
        }
    }

    #[test]
    fn an_edge_holds() {
        let found = mode(|[x, y]: [f64; 2]| -(x - 2.0).powi(2) - (y + 1.0).powi(2), [0.0, 1.0], 0.0).unwrap();
        assert!((found.at[0] - 2.0).abs() < 1e-4 && found.at[1] == 0.0);
    }
}
