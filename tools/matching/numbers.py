"""Pairs of numbers: ours, computed here, and theirs, as committed beside the tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import hiddenpop as hp
import numpy as np
import pandas as pd

from tests import facts, on_lists, recruitment, schools
from tests.counts import test_families as families
from tests.extrapolation.test_fay_herriot import MILK, milk
from tests.rds.test_size import SSPSE, weights
from tests.sample.test_stages import clus2, nested
from tests.survey.test_standardized import EXPECTED as STANDARDIZED
from tests.survey.test_standardized import STANDARD
from tests.tables.test_crosstab import LARGE
from tests.trends.test_smooth import LEVEL, walk

SVY = Path(__file__).parents[2] / "tests" / "data" / "svy.json"

#: A number of ours and one of theirs.
Pair: TypeAlias = "tuple[float, float]"


def flat(ours: Any, theirs: Any) -> Iterator[Pair]:
    """Pair the numbers of two lists, Series or tables."""
    yield from zip(np.ravel(np.asarray(ours, float)), np.ravel(np.asarray(theirs, float)), strict=True)


# R survey


def designs() -> Iterator[tuple[Any, dict[str, Any], dict[str, Any]]]:
    for name in schools.DESIGNS:
        yield schools.schools(name), schools.EXPECTED[name], schools.TESTS[name]


def means() -> Iterator[Pair]:
    for survey, r, _ in designs():
        for ours, name in ((survey.mean("api00"), "mean_api00"), (survey.total("enroll"), "total_enroll")):
            yield from flat([ours.point, ours.se("linearized")], [*r[name]["est"].values(), *r[name]["se"]])
        ratio = survey.ratio("api.stu", "enroll")
        yield from flat([ratio.point, ratio.se("linearized")], [r["ratio"]["est"], r["ratio"]["se"]])
        yield survey.mean("api00").design_effect(), r["deff"]


def shares() -> Iterator[Pair]:
    for survey, r, _ in designs():
        share, theirs = survey.proportion("stype"), r["mean_stype"]
        for label in "EHM":
            yield share[label].point, theirs["est"][f"stype{label}"]
            yield share[label].se("linearized"), theirs["se"][f"stype{label}"]
        by = survey.mean("api00", by="awards")[["No", "Yes"]]
        yield from flat(by.point, list(r["by"]["est"].values()))
        yield from flat(by.se("linearized"), r["by"]["se"])


def share_intervals() -> Iterator[Pair]:
    for survey, r, _ in designs():
        share, theirs = survey.proportion("awards"), {row.get("method"): row for row in r["ciprop"]}
        yield from flat(share.interval(method="t"), theirs["logit"]["ci"])
        yield from flat(share.interval(method="t", scale="identity"), theirs["mean"]["ci"])
        yield from flat(share.interval(method="beta"), theirs["beta"]["ci"])


def likelihood_intervals() -> Iterator[Pair]:
    for survey, r, _ in designs():
        (theirs,) = [row["ci"] for row in r["ciprop"] if row.get("method") == "likelihood"]
        yield from flat(survey.proportion("awards").interval(method="likelihood"), theirs)


def quantiles() -> Iterator[Pair]:
    for survey, r, _ in designs():
        for q, (value, *_) in zip((0.25, 0.5, 0.75), r["quantile"], strict=True):
            yield survey.quantile("api00", q, rule="lower").point, value


def independence() -> Iterator[Pair]:
    for survey, _, r in designs():
        cross = hp.crosstab(survey, "awards", "sch.wide")
        for method in ("F", "Chisq", "Wald", "adjWald"):
            found, theirs = cross.test(method), r["chisq_awards_schwide"][method]
            yield (found.pearson if method == "Chisq" else found.statistic), theirs["stat"]
            yield found.p, theirs["p"]
        found, theirs = hp.crosstab(survey, "stype", "awards").test(), r["chisq_stype_awards"]
        yield from flat([found.statistic, *found.df, found.p], [theirs["stat"], *theirs["parameter"], theirs["p"]])


def t_tests() -> Iterator[Pair]:
    for survey, _, r in designs():
        found, theirs = hp.compare(survey, "api00", by="awards", reference="No"), r["ttest"]
        test = found.test()
        yield from flat(
            [found.difference.point, test.statistic, *test.df, test.p],
            [theirs[k] for k in ("est", "t", "df", "p")],
        )


def models() -> Iterator[Pair]:
    for name, design in schools.DESIGNS.items():
        table = schools.table(name)
        table["won"] = table["awards"] == "Yes"
        model, r = (
            hp.regress(hp.Survey(table, **design), "won ~ ell + meals", "binomial"),
            schools.EXPECTED[name]["glm"],
        )
        yield from flat(model.coefficients.point, list(r["coef"].values()))
        yield from flat(model.summary()["se"], list(r["se"].values()))


def jackknife() -> Iterator[Pair]:
    for name in schools.DESIGNS:
        theirs = schools.EXPECTED[name]["reps"]["jackknife"]
        method = "JKn" if name.startswith("strat") else "JK1"
        mean = schools.schools(name).with_replicates(method, centre="mean").mean("api00")
        yield from flat([mean.point, mean.se()], [theirs["est"], theirs["se"]])


def calibrated() -> Iterator[Pair]:
    """Pair with what the help pages of postStratify, calibrate and rake print, rounded as there."""
    types = {"E": 4421, "H": 755, "M": 1018}
    table = pd.read_csv(facts.DATA / "apiclus1.csv")
    survey = hp.Survey(table, clusters="dnum", weights="pw", fpc="fpc", replicates=500)
    for made, method, printed in (
        (survey.poststratify("stype", types), {"method": "linearized"}, (3680893, 406293, 642.31)),
        (
            survey.calibrate({"stype": types, "api99": 3914069}, method="linear"),
            {"method": "linearized"},
            (3638487, 385524, 665.31),
        ),
        (
            survey.calibrate({"stype": types, "sch.wide": {"No": 1072, "Yes": 5122}}),
            {"method": "jackknife", "centre": "mean"},
            (3647280, 463582, 641.23),
        ),
    ):
        total = made.total("enroll")
        ours = (round(total.point), round(total.se(**method)), round(made.mean("api00").point, 2))
        yield from zip(map(float, ours), map(float, printed), strict=True)


def stages() -> Iterator[Pair]:
    """Pair with what the help page of svymean prints, rounded as there, and with four clusters of smaller ones."""
    made = clus2(clusters=["dnum", "snum"], fpc=["fpc1", "fpc2"], replicates=500)
    mean, total = made.mean("api00"), made.total("enroll")
    yield from flat([round(mean.point, 2), round(mean.se("linearized"), 3)], [670.81, 30.099])
    yield from flat([round(total.point), round(total.se("linearized"))], [2639273, 799638])
    table = nested().assign(N=5)
    for clusters, error in ((["p", "q"], 0.8611335), ("p", 0.1439361)):
        survey = hp.Survey(table, clusters=clusters, fpc="N", weights="w", replicates=500)
        yield round(survey.mean("y").se("linearized"), 7), error


def larger_tables() -> Iterator[Pair]:
    a, b = LARGE
    frame = pd.DataFrame({"p": np.repeat(np.arange(8), 9), "a": list(a), "b": list(b)})
    cross = hp.crosstab(hp.Survey(frame, clusters="p", replicates=100), "a", "b")
    right = {"F": 0.0179924030, "Chisq": 0.0039325385, "lincom": 0.0193900484, "saddlepoint": 0.0190924471}
    for method, p in right.items():
        yield round(cross.test(method).p, 10), p


def standardized() -> Iterator[Pair]:
    for design, theirs in STANDARDIZED.items():
        table = schools.table(design)
        table["won"] = table["awards"] == "Yes"
        standard = hp.Survey(table, **schools.DESIGNS[design]).standardize("stype", pd.Series(STANDARD))
        means, won = standard.mean("api00", by="comp.imp"), standard.proportion("won", by="comp.imp")
        for label in ("No", "Yes"):
            yield from flat([means.point[label], means.se("linearized")[label]], theirs[label])
        yield from flat([won.point["Yes"], won.se("linearized")["Yes"]], theirs["awards"])


# Lists


def loglinear() -> Iterator[Pair]:
    table = hp.loglinear(on_lists.rome()).table
    for name, theirs in on_lists.ROME_MODELS.items():
        mine = table.loc[" + ".join("*".join(f"c{j}" for j in part) for part in name.strip("[]").split(","))]
        if name not in ("[123,124,134,234]", "[123,124,234]"):
            yield from flat(mine[["abundance", "AIC", "BIC"]], [theirs[k] for k in ("abundance", "AIC", "BIC")])


def loglinear_errors() -> Iterator[Pair]:
    table = hp.loglinear(on_lists.rome()).table
    for name, theirs in on_lists.ROME_MODELS.items():
        if name not in ("[123,124,134,234]", "[123,124,234]"):
            label = " + ".join("*".join(f"c{j}" for j in part) for part in name.strip("[]").split(","))
            yield float(table.loc[label, "se"]), theirs["stderr"]


def heterogeneity() -> Iterator[Pair]:
    closedp = on_lists.EXPECTED["rome_hiv.csv"]["closedp"]
    for law, suffix in {"Chao": "Chao (LB)", "Poisson": "Poisson2", "Darroch": "Darroch", "Gamma": "Gamma3.5"}.items():
        yield hp.mth(on_lists.rome(), law).point, closedp[f"Mth {suffix}"]["abundance"]
        yield hp.mh(on_lists.rome(), law).point, closedp[f"Mh {suffix}"]["abundance"]


def profiles() -> Iterator[Pair]:
    rome = on_lists.EXPECTED["rome_hiv.csv"]
    for size, name in (
        (hp.loglinear(on_lists.rome(), "A + B + C + D"), "closedpCI_Mt"),
        (hp.mth(on_lists.rome()), "closedpCI_Mth_Chao"),
    ):
        theirs = rome[name]["CI"][0]
        yield from flat(size.interval(method="profile"), [theirs["infCL"], theirs["supCL"]])


def sparse() -> Iterator[Pair]:
    names = ["LA", "NG", "PF", "GO", "GP", "NCA"]
    lists = hp.Lists(hp.datasets.load("uk_modern_slavery")["overlaps"], names, counts="people")
    for threshold, key in ((0.02, "pthresh 0.02 (default)"), (0.05, "pthresh 0.05")):
        last = hp.sparse_path(lists, threshold).iloc[-1]
        theirs = on_lists.EXPECTED["uk_modern_slavery.csv"]["stepwise"][key]
        yield from flat(last[["abundance", "lower", "upper"]], [theirs[k] for k in ("point est.", "2.5%", "97.5%")])


def graphs() -> Iterator[Pair]:
    for name, theirs in on_lists.EXPECTED["kosovo.csv"]["dga"].items():
        delta, most = (part.strip("deltamx") for part in name.split("_"))
        ours = hp.decomposable_bma(on_lists.kosovo(), delta=float(delta), max_missed=int(most))
        yield ours.point, theirs["mean"]
        yield from flat([ours.quantile(q) for q in (0.025, 0.5, 0.975)], theirs["q"])
        yield from flat(ours.graphs["probability"].head(3), theirs["top_weights"])


def classes() -> Iterator[Pair]:
    theirs = on_lists.EXPECTED["kosovo.csv"]["LCMCR K=10, a_alpha=b_alpha=0.25, 5000 draws thinned by 20"]
    ours = hp.latent_class(on_lists.kosovo(), thin=25)
    yield from flat([ours.point, ours.quantile(0.5)], [theirs["mean"], theirs["q"][2]])


# One list


def one_list(*, variances: bool = False) -> Iterator[Pair]:
    register = hp.datasets.load("netherlands_immigrants")["apprehensions"]
    counts = hp.CaptureCounts(register, "capture", replicates=200)
    for title, family in families.CONVERGED:
        theirs, ours = families.REFERENCE[title][family], families.fit(counts, title, family)
        if not variances:
            yield from flat([ours.size.point, ours.loglik], [theirs["N"], theirs["loglik"]])
        elif (title, family) not in families.OTHER_VARIANCE:
            yield ours.se() ** 2, theirs["var"]
            for ends, scale in zip(theirs["ci"], ("identity", "log"), strict=True):
                yield from flat(ours.interval(scale=scale), [ends["lowerBound"], ends["upperBound"]])


# Recruitment


def recruited() -> Iterator[Pair]:
    yield recruitment.survey(population=None).proportion("disease").point, 0.164149290445
    yield hp.Survey.rds(recruitment.timed(), **recruitment.TIMED).proportion("var1").point, 0.14619984537
    theirs = {"black": 0.2142727507789138, "blue": 0.4069438657577172, "green": 0.37878338346336904}
    one = hp.Survey.rds(recruitment.faux(), **recruitment.FAUX).proportion("Y").point
    yield from flat(pd.Series(one)[list(theirs)], list(theirs.values()))


def successive() -> Iterator[Pair]:
    for population, share in ((715, 0.21253), (1_000, 0.19439), (5_000, 0.16910)):
        yield recruitment.survey(population=population).proportion("disease").point, share


def homophily() -> Iterator[Pair]:
    table = pd.read_csv(facts.DATA / "rds" / "fauxmadrona.csv")
    found = hp.Survey.rds(table, **recruitment.MADRONA, replicates=50).recruitment(
        "disease", contacts={0: "tonondiseased", 1: "todiseased"}
    )
    yield found.table.loc[1, "activity"], 1.77053903623
    yield found.numbers["recruitment homophily"], 1.236341506776
    yield found.numbers["population homophily (recruits)"], 1.60397806962
    yield found.numbers["population homophily (contacts)"], 1.44720445837


def posterior_size() -> Iterator[Pair]:
    size = hp.successive_sampling_size(recruitment.survey(), prior=weights(2, 2.084908, 4392), **SSPSE)
    yield size.point, 1544.0


# svy, and others


def svy_means() -> Iterator[Pair]:
    for name, theirs in json.loads(SVY.read_text(encoding="utf-8"))["designs"].items():
        survey = schools.schools(name)
        asked = {
            "mean": survey.mean("api00"),
            "total": survey.total("enroll"),
            "ratio": survey.ratio("api.stu", "enroll"),
            "by": survey.mean("api00", by="awards")[["No", "Yes"]],
        }
        for key, ours in asked.items():
            yield from flat(ours.point, theirs[key]["est"])
            yield from flat(ours.se("linearized"), theirs[key]["se"])


def svy_shares() -> Iterator[Pair]:
    for name, theirs in json.loads(SVY.read_text(encoding="utf-8"))["designs"].items():
        share = schools.schools(name).proportion("awards")
        yield from flat(share.interval(method="t"), theirs["logit"])
        yield from flat(share.interval(method="beta"), theirs["beta"])


def interviews() -> Iterator[Pair]:
    for (share, precision, level), n in facts.RSURVEILLANCE_N_AP.items():
        yield hp.plan.proportion(share, precision=precision, level=level).n, n


def level() -> Iterator[Pair]:
    yield from flat(np.log(walk(LEVEL["years"], step=np.sqrt(LEVEL["level"])).point), LEVEL["smoothed"])


def fay_herriot() -> Iterator[Pair]:
    model = milk()
    for method in ("REML", "ML", "FH"):
        yield from flat(model.eblup(model.variance(method)), MILK[method]["eblup"])


def salganik_heckathorn() -> Iterator[Pair]:
    asked = {"estimator": "salganik_heckathorn"}
    yield recruitment.survey(population=None).proportion("disease", **asked).point, 0.1591980938096
    timed = hp.Survey.rds(recruitment.timed(), **recruitment.TIMED)
    yield timed.proportion("var1", **asked).point, 0.143513425
    three = {"black": 0.2742975567694264, "blue": 0.479063365853092, "green": 0.2466390773774817}
    faux = hp.Survey.rds(recruitment.faux(), **recruitment.FAUX, replicates=200).proportion("Y", **asked).point
    yield from flat(faux[list(three)], list(three.values()))
