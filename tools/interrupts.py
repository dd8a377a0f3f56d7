"""Interrupt each long function at random moments: python tools/interrupts.py [name ...] writes the table in docs/reliability.md.

Each runs in a process of its own, which gets SIGINT as from Ctrl-C; what is measured is the time until KeyboardInterrupt arrives in the
script. The process then asks for a mean whose digits are known: Python and the package are as usable as before.
"""

from __future__ import annotations

import random
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "reliability.md"
#: The promise, in seconds, from the signal to the exception.
PROMISE = 0.5
BEFORE = """
import signal, warnings; warnings.simplefilter("ignore")
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have started this in the background, deaf
import numpy as np, pandas as pd, hiddenpop as hp, tempfile, os, time
rng = np.random.default_rng(0)
small = hp.Survey({"x": [1, 0, 0, 1, 1]}, replicates=100)
expected = small.mean("x").draws.sum()
again = hp.Survey({"x": [1, 0, 0, 1, 1]}, replicates=100)
n = 200_000
def people(n=n):
    return pd.DataFrame({"id": np.arange(n), "x": rng.normal(size=n), "y": rng.integers(0, 2, n), "g": rng.integers(0, 40, n).astype(str),
        "h": rng.integers(0, 500, n).astype(str), "c": np.arange(n) // 20, "w": rng.uniform(1, 3, n)})
def lists(k=5, n=3000, p=.25):
    q = pd.DataFrame({f"L{i}": (rng.random(n) < p).astype(int) for i in range(k)})
    q["age"] = rng.normal(size=n)
    return q[q[[f"L{i}" for i in range(k)]].any(axis=1)].reset_index(drop=True)
def names(k=5):
    return [f"L{i}" for i in range(k)]
"""
AFTER = """
print("START", flush=True)
try:
    while True:
        {work}
except KeyboardInterrupt:
    print("STOPPED", time.time(), flush=True)
except BaseException as error:
    print("OTHER", type(error).__name__, error, flush=True)
else:
    print("DONE", flush=True)
print("USABLE" if again.mean("x").draws.sum() == expected else "BROKEN", flush=True)
"""


@dataclass(frozen=True)
class Case:
    """What is run: prepared first, then interrupted."""

    name: str
    prepare: str
    work: str


CASES = [
    Case("Survey: identical rows, fingerprint", "t = people(2_000_000)", "hp.Survey(t, weights='w', clusters='c')"),
    Case(
        "mean, draws",
        "s = hp.Survey(people(), clusters='c', weights='w')",
        "s.mean('x', by='g').draws; s = s.with_seed(1) if hasattr(s, 'with_seed') else hp.Survey(people(), clusters='c', weights='w')",
    ),
    Case("median, draws", "s = hp.Survey(people(), strata=None, replicates=200_000)", "s.median('x').draws"),
    Case(
        "proportion by 500 groups, t intervals",
        "s = hp.Survey(people(), clusters='c', weights='w')",
        "s.proportion('y', by='h').interval()",
    ),
    Case(
        "BCa interval (jackknife)",
        "s = hp.Survey(people(20_000), strata=None, replicates=100_000)",
        "s.mean('x').interval(method='bca')",
    ),
    Case(
        "studentized interval",
        "s = hp.Survey(people(), strata=None, replicates=50_000)",
        "s.ratio('x', 'w').interval(method='studentized')",
    ),
    Case(
        "replicate, a user's function",
        "s = hp.Survey(people(20_000), strata=None, replicates=100_000)",
        "s.replicate(lambda w: float(w[0])).draws",
    ),
    Case(
        "calibrate, 300 categories",
        "s = hp.Survey(people(100_000).assign(k=rng.integers(0, 300, 100_000).astype(str)), weights='w', clusters='c')",
        "s.calibrate({'k': {str(i): 700.0 for i in range(300)}, 'g': {str(i): 5250.0 for i in range(40)}}).mean('x').draws",
    ),
    Case("to_replicate_weights", "s = hp.Survey(people(), clusters='c', weights='w')", "s.to_replicate_weights(1000)"),
    Case(
        "regress, draws",
        "s = hp.Survey(people(), clusters='c', weights='w')",
        "hp.regress(s, 'y ~ x + g', family='binomial').coefficients.draws",
    ),
    Case("describe", "s = hp.Survey(people(), clusters='c', weights='w')", "hp.describe(s, ['x', 'y', 'w'], by='g')"),
    Case("crosstab", "s = hp.Survey(people(), clusters='c', weights='w')", "hp.crosstab(s, 'g', 'y')"),
    Case(
        "Survey.from_parquet (DuckDB)",
        "pass",
        "hp.Survey.from_parquet('SELECT hash(i) % 900000 AS a, i % 2 AS b FROM range(100_000_000) r(i)')",
    ),
    Case("Lists, deduplicated counts", "q = lists(n=400_000)", "hp.Lists(q, names())"),
    Case(
        "loglinear, 6,893 models, draws",
        "L = hp.Lists(lists(), names(), replicates=100_000)",
        "hp.loglinear(L, order=4).best.draws",
    ),
    Case(
        "loglinear, profile interval",
        "L = hp.Lists(lists(), names())",
        "[hp.loglinear(L, 'L0*L1 + L2 + L3 + L4').interval(method='profile') for _ in range(10_000)]",
    ),
    Case("sparse_mse, draws", "L = hp.Lists(lists(), names(), replicates=1_000_000)", "hp.sparse_mse(L).draws"),
    Case(
        "decomposable_bma",
        "L = hp.Lists(lists(), names())",
        "[hp.decomposable_bma(L, max_missed=3_000_000) for _ in range(20)]",
    ),
    Case("latent_class", "L = hp.Lists(lists(), names())", "hp.latent_class(L, draws=200_000)"),
    Case(
        "successive_sampling_size, visibility",
        "m = 2_000\nq = pd.DataFrame({'id': range(m), 'by': [-1] * 5 + list(range(m - 5)), 'k': rng.integers(2, 30, m)})\nr = hp.Survey.rds(q, id='id', recruiter='by', degree='k')",
        "hp.successive_sampling_size(r, prior_median=9_000, visibility=True, draws=100_000)",
    ),
    Case(
        "capture_covariates, draws",
        "L = hp.Lists(lists(n=20_000), names())",
        "hp.capture_covariates(L, '~ age').size.draws",
    ),
    Case(
        "doubly_robust, gradient boosting",
        "from sklearn.ensemble import GradientBoostingClassifier\nL = hp.Lists(lists(2, 60_000), names(2))",
        "hp.doubly_robust(L, '~ age', learner=GradientBoostingClassifier(n_estimators=400), folds=5)",
    ),
    Case(
        "zero_truncated with covariates, draws",
        "q = pd.DataFrame({'hits': 1 + rng.poisson(1, 100_000), 'age': rng.normal(0, 1, 100_000)}); r = hp.CaptureCounts(q, 'hits')",
        "hp.zero_truncated(r, '~ age', family='negative binomial').size.draws",
    ),
    Case(
        "dfpopsize",
        "q = pd.DataFrame({'hits': 1 + rng.poisson(1, 100_000), 'age': rng.normal(0, 1, 100_000)}); z = hp.zero_truncated(hp.CaptureCounts(q, 'hits'), '~ age')",
        "z.dfpopsize()",
    ),
    Case(
        "variance_shares (Sobol)",
        "a = [hp.lognormal(10, 8, 13, name=str(i), replicates=2_000_000) for i in range(6)]",
        "hp.variance_shares(a[0] * a[1] * a[2] / (a[3] + a[4] + a[5]))",
    ),
    Case(
        "plan.simulate",
        "exec('''def study(n):\\n    s = hp.Survey({'x': rng.integers(0, 2, n)}, replicates=2000)\\n    return s.mean('x')''')",
        "hp.plan.simulate(study, n=[260, 520], relative_precision=0.15, replicates=20_000)",
    ),
    Case(
        "triangulate",
        "e = {str(i): hp.lognormal(900 + 40 * i, 700 + 40 * i, 1200 + 50 * i, name=str(i), replicates=200_000) for i in range(6)}",
        "hp.triangulate(e, method='random_effects').summary()",
    ),
    Case(
        "table to Excel, 1,000 rows",
        "s = hp.Survey(people().assign(h=lambda t: t['c'] % 25), strata=None)\nr = s.mean('x', by=['h', 'g']).summary()\nd = tempfile.mkdtemp()",
        "r.to_excel(os.path.join(d, 'x.xlsx'))",
    ),
    Case(
        "read_csv, 500,000 rows",
        "d = tempfile.mkdtemp(); f = os.path.join(d, 'x.csv'); people(500_000).to_csv(f, index=False)",
        "hp.read_csv(f)",
    ),
    Case(
        "recode, 500,000 rows",
        "q = pd.DataFrame({f'q{i}': rng.choice(['ja', 'Nee', 'onbekend', ' ja'], 500_000) for i in range(10)})",
        "hp.recode(q, yes=['ja'], no=['nee'], missing=['onbekend'])",
    ),
    Case(
        "benchmark, 2,000,000 rows",
        "q = pd.DataFrame({'id': rng.integers(0, 300_000, 2_000_000), 'month': pd.Timestamp('2023-01-01') + pd.to_timedelta(rng.integers(0, 365, 2_000_000), 'D'), 'g': rng.integers(0, 5, 2_000_000).astype(str)})",
        "hp.benchmark(q, id='id', date='month', period=('2023-01', '2023-12'), by='g')",
    ),
    Case(
        "to_json with draws",
        "s = hp.Survey(people(2_000), strata=None, replicates=100_000).mean('x', by='g')\ns.draws\nd = tempfile.mkdtemp()",
        "s.to_json(os.path.join(d, 'x.json'), draws=True)",
    ),
    Case(
        "Report with suppression",
        "s = hp.Survey(people(20_000).assign(**{f'q{i}': rng.integers(0, 6, 20_000).astype(str) for i in range(12)}), strata=None)\nes = [s.count(f'q{i}', by='g') for i in range(12)]\ndef report():\n    r = hp.Report('A', suppress_below=5)\n    for i, e in enumerate(es):\n        r.add(e, f't{i}')\n    return r.to_html() if hasattr(r, 'to_html') else r.save(os.path.join(tempfile.mkdtemp(), 'r.html'))",
        "report()",
    ),
]


def interrupted(case: Case, delay: float) -> tuple[float, str]:
    """Return the seconds until the exception, and what was wrong."""
    code = BEFORE + case.prepare + AFTER.format(work=case.work)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    first = process.stdout.readline()
    if not first.startswith("START"):
        return float("nan"), "not begun: " + process.communicate()[1].strip().splitlines()[-1][:150]
    time.sleep(delay)
    began = time.time()
    process.send_signal(signal.SIGINT)
    try:
        out, said = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return 60.0, "no reaction in a minute"
    stopped = re.search(r"STOPPED ([\d.]+)", out)
    taken = float(stopped[1]) - began if stopped else float("nan")
    wrong = "" if stopped and "USABLE" in out else (out + said).strip()[:200]
    return taken, wrong


def main() -> None:
    """Measure, print, and write the table if all cases were run."""
    chosen = [case for case in CASES if not sys.argv[1:] or any(word in case.name for word in sys.argv[1:])]
    chance, lines, failed = random.Random(), [], 0
    for case in chosen:
        found = [interrupted(case, chance.uniform(0.2, 3.0)) for _ in range(3)]
        wrong = next((said for _, said in found if said), "")
        slowest = max(taken for taken, _ in found)
        failed += bool(wrong) or not slowest < PROMISE
        line = f"| {case.name} | {' | '.join(f'{taken:.2f}' for taken, _ in found)} |"
        lines.append(line)
        print(line, wrong, flush=True)
    if not sys.argv[1:]:
        text = PAGE.read_text()
        table = "| | first | second | third |\n|---|---|---|---|\n" + "\n".join(lines)
        begin, end = "<!-- interrupts -->\n", "\n<!-- end of interrupts -->"
        before, rest = text.split(begin)
        PAGE.write_text(before + begin + table + end + rest.split(end)[1])
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
