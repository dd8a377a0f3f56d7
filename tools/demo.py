"""Execute the first notebook, write a report of the study, and print its main table: what `make demo` shows."""

import subprocess
import sys
from pathlib import Path

import hiddenpop as hp

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "notebooks" / "01_opaak.ipynb"
BUILD = ROOT / "build"


def main() -> None:
    render = ["-m", "jupyter", "nbconvert", "--to", "html", "--execute", "--log-level", "ERROR"]
    done = subprocess.run(
        [sys.executable, *render, "--output-dir", str(BUILD), str(NOTEBOOK)],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"{NOTEBOOK.name} did not run:\n{done.stderr}")
    results = hp.read_estimate(NOTEBOOK.with_name("sizes.json"))
    print("How many people use crack or opioids weekly? The Netherlands, 2023, by the multiplier method\n")
    print(results)
    print("\nExecuted notebooks/01_opaak.ipynb; the rendered page is build/01_opaak.html")
    made = report()
    made.to_html(BUILD / "report.html")
    made.to_docx(BUILD / "report.docx")
    print("A report of the same study, on synthetic interviews: build/report.html and build/report.docx")


def report() -> hp.Report:
    """Return a report of the study: sizes, rates, who the people are, and the years before."""
    study = hp.datasets.load("opaak")
    interviews = hp.datasets.load("synthetic_opaak")["interviews"]
    below_65 = interviews["age"].lt(65).astype("boolean").mask(interviews["age"].isna())
    survey = hp.Survey(interviews.assign(below_65=below_65), strata="group")
    benchmarks = study["benchmarks"].set_index("group")["registered"]
    people = hp.multiplier(benchmarks, survey.proportion("in_treatment", by="group"))
    rate = (people * survey.proportion("below_65", by="group")).per(11_700_000)
    table = hp.describe(
        survey, ["age", "sex", "born", "housing", "work", "depression"], by="group", test=True, total=True
    )
    printed = study["sizes"].query("group == 'opioids' and year < 2023").set_index("year")
    earlier = {
        year: hp.published(row["estimate"], row["lower"], row["upper"], name=f"opioids {year}")
        for year, row in printed.iterrows()
    }
    trend = hp.trend(
        earlier | {2023: people["opioids"]},
        comparable=False,
        why="recruitment and estimation method changed",
        name="people who use opioids",
    )
    made = hp.Report("High-risk use of crack and opioids, 2023", date="2025-09", suppress_below=5)
    made.add(
        people.rename("People who use weekly"),
        section="How many",
        text="A register counts those in treatment; interviews say what share of all users it sees.",
    )
    made.add(
        rate.rename("People who use weekly, per 1,000 aged 15 to 64"),
        text="Participants are 19 to 79; those of 65 and over are left out of the rate.",
    )
    made.add(table, section="Who they are")
    made.add(
        hp.regress(survey, "in_treatment ~ age + sex + group", family="binomial"),
        section="Who is in treatment",
        text="Odds of being in treatment, each of the others being equal.",
    )
    return made.add(trend, section="The years before")


if __name__ == "__main__":
    main()
