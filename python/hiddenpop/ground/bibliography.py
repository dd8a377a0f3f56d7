"""The bibliography: every reference once, by author and year, so that all else names a key."""

from __future__ import annotations

#: A key names what is cited of a work, where that is one part of it.
BIBLIOGRAPHY = {
    "Alho 1990": "Alho JM (1990). Logistic regression in capture-recapture models. Biometrics 46:623-635.",
    "Austin 2009": (
        "Austin PC (2009). Balance diagnostics for comparing the distribution of baseline covariates between treatment groups in "
        "propensity-score matched samples. Statistics in Medicine 28:3083-3107."
    ),
    "Baraff, McCormick and Raftery 2016": (
        "Baraff AJ, McCormick TH, Raftery AE (2016). Estimating uncertainty in respondent-driven sampling using a tree bootstrap "
        "method. PNAS 113:14668-14673."
    ),
    "Binder 1983": (
        "Binder DA (1983). On the variances of asymptotically normal estimators from complex surveys. International "
        "Statistical Review 51:279-292."
    ),
    "Bodnar and others 2017": (
        "Bodnar O, Link A, Arendacká B, Possolo A, Elster C (2017). Bayesian estimation in random effects meta-analysis "
        "using a non-informative prior. Statistics in Medicine 36:378-399."
    ),
    "Brenner and Gefeller 1993": (
        "Brenner H, Gefeller O (1993). Use of the positive predictive value to correct for disease misclassification in "
        "epidemiologic studies. American Journal of Epidemiology 138:1007-1015."
    ),
    "Böhning and Friedl 2021": (
        "Böhning D, Friedl H (2021). Population size estimation based upon zero-truncated, one-inflated and sparse count "
        "data. Statistical Methods and Applications 30:1197-1217."
    ),
    "Böhning and van der Heijden 2009": (
        "Böhning D, van der Heijden PGM (2009). A covariate adjustment for zero-truncated approaches to estimating the "
        "size of hidden and elusive populations. Annals of Applied Statistics 3:595-610."
    ),
    "Böhning 2016": (
        "Böhning D (2016). Ratio plot and ratio regression with applications to social and medical sciences. Statistical "
        "Science 31:205-218."
    ),
    "Böhning and van der Heijden 2019": (
        "Böhning D, van der Heijden PGM (2019). The identity of the zero-truncated, one-inflated likelihood and the "
        "zero-one-truncated likelihood for general count densities with an application to drink-driving in Britain. Annals of "
        "Applied Statistics 13:1198-1211."
    ),
    "Böhning and others 2019": (
        "Böhning D, Kaskasamkul P, van der Heijden PGM (2019). A modification of Chao's lower bound estimator in the case of "
        "one-inflation. Metrika 82:361-384."
    ),
    "Buckland and Garthwaite 1991": (
        "Buckland ST, Garthwaite PH (1991). Quantifying precision of mark-recapture estimates using the bootstrap and related "
        "methods. Biometrics 47:255-268."
    ),
    "Chan, Silverman and Vincent 2021": (
        "Chan L, Silverman BW, Vincent K (2021). Multiple systems estimation for sparse capture data: inferential "
        "challenges when there are nonoverlapping lists. JASA 116:1297-1306."
    ),
    "Chao 1987": (
        "Chao A (1987). Estimating the population size for capture-recapture data with unequal catchability. Biometrics "
        "43:783-791."
    ),
    "Chao and others 2001": (
        "Chao A, Tsay PK, Lin S-H, Shau W-Y, Chao D-Y (2001). The applications of capture-recapture models to "
        "epidemiological data. Statistics in Medicine 20:3123-3157."
    ),
    "Chapman 1951": (
        "Chapman DG (1951). Some properties of the hypergeometric distribution with applications to zoological sample "
        "censuses. University of California Publications in Statistics 1:131-160."
    ),
    "Chlebicki and Beręsewicz 2025": (
        "Chlebicki P, Beręsewicz M (2025). singleRcapture: an R package for single-source capture-recapture models. R "
        "package vignette."
    ),
    "Colwell 2013": (
        "Colwell RK (2013). EstimateS: statistical estimation of species richness and shared species from samples. Version "
        "9.1, user's guide, appendix B."
    ),
    "Cochran 1954": (
        "Cochran WG (1954). The combination of estimates from different experiments. Biometrics 10:101-129."
    ),
    "Cochran 1977, chapter 6": "Cochran WG (1977). Sampling techniques, 3rd edition. New York: Wiley, chapter 6.",
    "Cochran 1977, section 4.4": "Cochran WG (1977). Sampling techniques, 3rd edition. New York: Wiley, section 4.4.",
    "Cormack 1992": (
        "Cormack RM (1992). Interval estimation for mark-recapture studies of closed populations. Biometrics 48:567-576."
    ),
    "Cruyff and van der Heijden 2008": (
        "Cruyff MJLF, van der Heijden PGM (2008). Point and interval estimation of the population size using a "
        "zero-truncated negative binomial regression model. Biometrical Journal 50:1035-1050."
    ),
    "Das, Kennedy and Jewell 2023": (
        "Das M, Kennedy EH, Jewell NP (2023). Doubly robust capture-recapture methods for estimating population size. "
        "Journal of the American Statistical Association."
    ),
    "Datta and Lahiri 2000": (
        "Datta GS, Lahiri P (2000). A unified measure of uncertainty of estimated best linear unbiased predictors in "
        "small area estimation problems. Statistica Sinica 10:613-627."
    ),
    "Datta, Rao and Smith 2005": (
        "Datta GS, Rao JNK, Smith DD (2005). On measuring the variability of small area estimators under a basic area "
        "level model. Biometrika 92:183-196."
    ),
    "Davison and Hinkley 1997, equation 5.6": (
        "Davison AC, Hinkley DV (1997). Bootstrap methods and their application. Cambridge, equation 5.6."
    ),
    "Davison and Hinkley 1997, equation 5.7": (
        "Davison AC, Hinkley DV (1997). Bootstrap methods and their application. Cambridge, equation 5.7."
    ),
    "Davison and Hinkley 1997, section 5.2": (
        "Davison AC, Hinkley DV (1997). Bootstrap methods and their application. Cambridge, section 5.2."
    ),
    "Dawid and Lauritzen 1993": (
        "Dawid AP, Lauritzen SL (1993). Hyper Markov laws in the statistical analysis of decomposable graphical models. "
        "Annals of Statistics 21:1272-1317."
    ),
    "DerSimonian and Laird 1986": (
        "DerSimonian R, Laird N (1986). Meta-analysis in clinical trials. Controlled Clinical Trials 7:177-188."
    ),
    "Deville and Särndal 1992": (
        "Deville JC, Särndal CE (1992). Calibration estimators in survey sampling. JASA 87:376-382."
    ),
    "Ding and Fienberg 1994": (
        "Ding Y, Fienberg SE (1994). Dual system estimation of census undercount in the presence of matching error. "
        "Survey Methodology 20:149-158."
    ),
    "Durbin and Koopman 2012": (
        "Durbin J, Koopman SJ (2012). Time series analysis by state space methods, 2nd edition. Oxford: Oxford "
        "University Press, chapter 2."
    ),
    "Efron 1979": "Efron B (1979). Bootstrap methods: another look at the jackknife. Annals of Statistics 7:1-26.",
    "Efron 1987": "Efron B (1987). Better bootstrap confidence intervals. JASA 82:171-185.",
    "Efron and Tibshirani 1993, chapter 13": (
        "Efron B, Tibshirani RJ (1993). An introduction to the bootstrap. New York: Chapman & Hall, chapter 13."
    ),
    "Efron and Tibshirani 1993, section 14.3": (
        "Efron B, Tibshirani RJ (1993). An introduction to the bootstrap. New York: Chapman & Hall, section 14.3 "
        "(acceleration zero)."
    ),
    "Fay and Herriot 1979": (
        "Fay RE, Herriot RA (1979). Estimates of income for small places: an application of James-Stein procedures to "
        "census data. JASA 74:269-277."
    ),
    "Fay and Train 1995": (
        "Fay RE, Train GF (1995). Aspects of survey and model-based postcensal estimation of income and poverty "
        "characteristics for states and counties. Proceedings of the Government Statistics Section, ASA, 154-159."
    ),
    "Fearon and others 2017": (
        "Fearon E, Chabata ST, Thompson JA, Cowan FM, Hargreaves JR (2017). Sample size calculations for population size "
        "estimation studies using multiplier methods with respondent-driven sampling surveys. JMIR Public Health and "
        "Surveillance 3(3):e59."
    ),
    "Fienberg 1972": (
        "Fienberg SE (1972). The multiple recapture census for closed populations and incomplete 2^k contingency tables. "
        "Biometrika 59:591-603."
    ),
    "Fleiss, Levin and Paik 2003": (
        "Fleiss JL, Levin B, Paik MC (2003). Statistical methods for rates and proportions, 3rd edition. New York: "
        "Wiley, chapter 4."
    ),
    "Flynn and Gustafson 2025": (
        "Flynn MJ, Gustafson P (2025). Leveraging relational evidence: population size estimation on tree-structured "
        "data with the weighted multiplier method. arXiv:2506.21020."
    ),
    "Gelman and others 2013": (
        "Gelman A, Carlin JB, Stern HS, Dunson DB, Vehtari A, Rubin DB (2013). Bayesian data analysis, 3rd edition. Boca "
        "Raton: CRC Press, chapter 2."
    ),
    "Genest and Zidek 1986": (
        "Genest C, Zidek JV (1986). Combining probability distributions: a critique and an annotated bibliography. "
        "Statistical Science 1:114-135."
    ),
    "Genz and Bretz 2009": (
        "Genz A, Bretz F (2009). Computation of multivariate normal and t probabilities. Berlin: Springer."
    ),
    "Gerritse, van der Heijden and Bakker 2015": (
        "Gerritse SC, van der Heijden PGM, Bakker BFM (2015). Sensitivity of population size estimation for violating "
        "parametric assumptions in log-linear models. Journal of Official Statistics 31:357-379."
    ),
    "Garwood 1936": "Garwood F (1936). Fiducial limits for the Poisson distribution. Biometrika 28:437-442.",
    "Gile 2011": (
        "Gile KJ (2011). Improved inference for respondent-driven sampling data with application to HIV prevalence estimation. "
        "JASA 106:135-146."
    ),
    "Godwin and Böhning 2017": (
        "Godwin RT, Böhning D (2017). Estimation of the population size by using the one-inflated positive Poisson "
        "model. JRSS Series C 66:425-448."
    ),
    "Goel and Salganik 2010": (
        "Goel S, Salganik MJ (2010). Assessing respondent-driven sampling. Proceedings of the National Academy of "
        "Sciences 107:6743-6747."
    ),
    "Gonzalez 1973": (
        "Gonzalez ME (1973). Use and evaluation of synthetic estimates. Proceedings of the Social Statistics Section, "
        "American Statistical Association, 33-36."
    ),
    "Graubard and Korn 1999": (
        "Graubard BI, Korn EL (1999). Predictive margins with survey data. Biometrics 55:652-659."
    ),
    "Greenland 1996": (
        "Greenland S (1996). Basic methods for sensitivity analysis of biases. International Journal of Epidemiology "
        "25:1107-1116."
    ),
    "Handcock, Gile and Mar 2014": (
        "Handcock MS, Gile KJ, Mar CM (2014). Estimating hidden population size using respondent-driven sampling data. Electronic "
        "Journal of Statistics 8:1491-1521."
    ),
    "Handcock, Gile and Mar 2015": (
        "Handcock MS, Gile KJ, Mar CM (2015). Estimating the size of populations at high risk for HIV using respondent-driven "
        "sampling data. Biometrics 71:258-266."
    ),
    "Hartung and Knapp 2001": (
        "Hartung J, Knapp G (2001). A refined method for the meta-analysis of controlled clinical trials with binary "
        "outcome. Statistics in Medicine 20:3875-3889."
    ),
    "Harvey 1989": (
        "Harvey AC (1989). Forecasting, structural time series models and the Kalman filter. Cambridge: Cambridge "
        "University Press, chapter 3."
    ),
    "Huggins 1989": "Huggins RM (1989). On the statistical analysis of capture experiments. Biometrika 76:133-140.",
    "Hyndman 1996": (
        "Hyndman RJ (1996). Computing and graphing highest density regions. American Statistician 50:120-126."
    ),
    "Jansen 1999": (
        "Jansen MJW (1999). Analysis of variance designs for model output. Computer Physics Communications 117:35-43."
    ),
    "Judkins 1990": (
        "Judkins DR (1990). Fay's method for variance estimation. Journal of Official Statistics 6:223-239."
    ),
    "Kish 1965": "Kish L (1965). Survey sampling. New York: Wiley, section 8.2.",
    "Kim and Handcock 2021": (
        "Kim BJ, Handcock MS (2021). Population size estimation using multiple respondent-driven sampling surveys. Journal of Survey "
        "Statistics and Methodology 9:94-120."
    ),
    "Koch, Freeman and Freeman 1975": (
        "Koch GG, Freeman DH, Freeman JL (1975). Strategies in the multivariate analysis of data from complex surveys. "
        "International Statistical Review 43:59-78."
    ),
    "Korn and Graubard 1998": (
        "Korn EL, Graubard BI (1998). Confidence intervals for proportions with small expected number of positive counts "
        "estimated from survey data. Survey Methodology 24:193-201."
    ),
    "Korn and Graubard 1999": "Korn EL, Graubard BI (1999). Analysis of health surveys. New York: Wiley, section 2.4.",
    "Kott 2001": "Kott PS (2001). The delete-a-group jackknife. Journal of Official Statistics 17:521-526.",
    "Kuonen 1999": (
        "Kuonen D (1999). Saddlepoint approximations for distributions of quadratic forms in normal variables. Biometrika "
        "86:929-935."
    ),
    "Kraus and others 2003": (
        "Kraus L, Augustin R, Frischer M, Kümmler P, Uhl A, Wiessing L (2003). Estimating prevalence of problem drug use "
        "at national level in countries of the European Union and Norway. Addiction 98:471-485."
    ),
    "Liang and Zeger 1986": (
        "Liang K-Y, Zeger SL (1986). Longitudinal data analysis using generalized linear models. Biometrika 73:13-22."
    ),
    "Li and Lahiri 2010": (
        "Li H, Lahiri P (2010). An adjusted maximum likelihood method for solving small area estimation problems. "
        "Journal of Multivariate Analysis 101:882-892."
    ),
    "Li, Raghunathan and Rubin 1991": (
        "Li KH, Raghunathan TE, Rubin DB (1991). Large-sample significance levels from multiply imputed data using "
        "moment-based statistics and an F reference distribution. JASA 86:1065-1073."
    ),
    "Little 1961": "Little JDC (1961). A proof for the queuing formula: L = λW. Operations Research 9:383-387.",
    "Lumley 2010": "Lumley T (2010). Complex surveys: a guide to analysis using R. Hoboken: Wiley, section 2.3.",
    "Lumley and Scott 2013": (
        "Lumley T, Scott AJ (2013). Two-sample rank tests under complex sampling. Biometrika 100:831-842."
    ),
    "Madigan and York 1997": (
        "Madigan D, York JC (1997). Bayesian methods for estimation of the size of a closed population. Biometrika "
        "84:19-31."
    ),
    "Mandel and Betensky 2008": (
        "Mandel M, Betensky RA (2008). Simultaneous confidence intervals based on the percentile bootstrap approach. "
        "Computational Statistics & Data Analysis 52:2158-2165."
    ),
    "Manrique-Vallier 2016": (
        "Manrique-Vallier D (2016). Bayesian population size estimation using Dirichlet process mixtures. Biometrics "
        "72:1246-1254."
    ),
    "Mariani, Guaiana and Di Fiandra 1994": (
        "Mariani F, Guaiana R, Di Fiandra T (1994). An epidemiological overview of the situation of illicit drug abuse "
        "in Italy. Journal of Drug Issues 24:579-595."
    ),
    "McCarthy 1969": (
        "McCarthy PJ (1969). Pseudo-replication: half samples. Review of the International Statistical Institute "
        "37:239-264."
    ),
    "McCullagh and Nelder 1989": (
        "McCullagh P, Nelder JA (1989). Generalized linear models, 2nd edition. London: Chapman & Hall, chapter 4."
    ),
    "McLaughlin and others 2024": (
        "McLaughlin KR, Johnston LG, Jakupi X, Gexha-Bunjaku D, Deva E, Handcock MS (2024). Modeling the visibility distribution for "
        "respondent-driven sampling with application to population size estimation. Annals of Applied Statistics 18:683-703."
    ),
    "Montiel Olea and Plagborg-Møller 2019": (
        "Montiel Olea JL, Plagborg-Møller M (2019). Simultaneous confidence bands: theory, implementation, and an "
        "application to SVARs. Journal of Applied Econometrics 34:1-17."
    ),
    "Norris and Pollock 1996": (
        "Norris JL, Pollock KH (1996). Including model uncertainty in estimating variances in multiple capture studies. "
        "Environmental and Ecological Statistics 3:235-244."
    ),
    "Parker and others 2017": (
        "Parker JD, Talih M, Malec DJ, et al. (2017). National Center for Health Statistics data presentation standards for "
        "proportions. Vital and Health Statistics 2(175)."
    ),
    "Paule and Mandel 1982": (
        "Paule RC, Mandel J (1982). Consensus values and weighting factors. Journal of Research of the National Bureau "
        "of Standards 87:377-385."
    ),
    "Rao and Scott 1984": (
        "Rao JNK, Scott AJ (1984). On chi-squared tests for multiway contingency tables with cell proportions estimated "
        "from survey data. Annals of Statistics 12:46-60."
    ),
    "Rao and Wu 1988": (
        "Rao JNK, Wu CFJ (1988). Resampling inference with complex survey data. Journal of the American Statistical "
        "Association 83:231-241."
    ),
    "Rao, Wu and Yue 1992": (
        "Rao JNK, Wu CFJ, Yue K (1992). Some recent work on resampling methods for complex surveys. Survey Methodology "
        "18:209-217."
    ),
    "Rivest and Baillargeon 2007": (
        "Rivest L-P, Baillargeon S (2007). Applications and extensions of Chao's moment estimator for the size of a "
        "closed population. Biometrics 63:999-1006."
    ),
    "Robson and Regier 1964": (
        "Robson DS, Regier HA (1964). Sample size in Petersen mark-recapture experiments. Transactions of the American "
        "Fisheries Society 93:215-226."
    ),
    "Rogan and Gladen 1978": (
        "Rogan WJ, Gladen B (1978). Estimating prevalence from the results of a screening test. American Journal of "
        "Epidemiology 107:71-76."
    ),
    "Rohe 2019": (
        "Rohe K (2019). A critical threshold for design effects in network sampling. Annals of Statistics 47:556-582."
    ),
    "Rubin 1981": "Rubin DB (1981). The Bayesian bootstrap. Annals of Statistics 9:130-134.",
    "Rubin 1987": "Rubin DB (1987). Multiple imputation for nonresponse in surveys. New York: Wiley.",
    "Röver 2020": (
        "Röver C (2020). Bayesian random-effects meta-analysis using the bayesmeta R package. Journal of Statistical "
        "Software 93(6):1-51."
    ),
    "Röver, Knapp and Friede 2015": (
        "Röver C, Knapp G, Friede T (2015). Hartung-Knapp-Sidik-Jonkman approach and its modification for random-effects "
        "meta-analysis with few studies. BMC Medical Research Methodology 15:99."
    ),
    "Sadinle 2009": (
        "Sadinle M (2009). Transformed logit confidence intervals for small populations in single capture-recapture "
        "estimation. Communications in Statistics: Simulation and Computation 38:1909-1924."
    ),
    "Fellows 2019": (
        "Fellows IE (2019). Respondent-driven sampling and the homophily configuration graph. Statistics in Medicine "
        "38:131-150."
    ),
    "Heckathorn 2002": (
        "Heckathorn DD (2002). Respondent-driven sampling II: deriving valid population estimates from chain-referral samples "
        "of hidden populations. Social Problems 49:11-34."
    ),
    "Salganik and Heckathorn 2004": (
        "Salganik MJ, Heckathorn DD (2004). Sampling and estimation in hidden populations using respondent-driven sampling. "
        "Sociological Methodology 34:193-239."
    ),
    "Salganik 2006": (
        "Salganik MJ (2006). Variance estimation, design effects, and sample size calculations for respondent-driven "
        "sampling. Journal of Urban Health 83(Suppl 1):98-112."
    ),
    "Saltelli 2010": (
        "Saltelli A, Annoni P, Azzini I, et al. (2010). Variance based sensitivity analysis of model output. Design and "
        "estimator for the total sensitivity index. Computer Physics Communications 181:259-270."
    ),
    "Seber 1982, section 3.1": (
        "Seber GAF (1982). The estimation of animal abundance and related parameters. London: Griffin, section 3.1."
    ),
    "Seber 1982, section 3.2": (
        "Seber GAF (1982). The estimation of animal abundance and related parameters. London: Griffin, section 3.2."
    ),
    "Stone 1961": "Stone M (1961). The opinion pool. Annals of Mathematical Statistics 32:1339-1342.",
    "Syunyaev and Humphreys 2023": (
        "Syunyaev G, Humphreys M (2023). Biases in the measurement of hidden populations: a pre-analysis plan."
    ),
    "Thomas and Rao 1987": (
        "Thomas DR, Rao JNK (1987). Small-sample comparisons of level and power for simple goodness-of-fit statistics "
        "under cluster sampling. JASA 82:630-636."
    ),
    "UNAIDS/WHO 2010": (
        "UNAIDS/WHO Working Group on Global HIV/AIDS and STI Surveillance (2010). Guidelines on estimating the size of "
        "populations most at risk to HIV. Geneva: WHO."
    ),
    "Vehtari and others 2021": (
        "Vehtari A, Gelman A, Simpson D, Carpenter B, Bürkner PC (2021). Rank-normalization, folding, and localization: "
        "an improved R-hat for assessing convergence of MCMC. Bayesian Analysis 16:667-718."
    ),
    "Viechtbauer 2005": (
        "Viechtbauer W (2005). Bias and efficiency of meta-analytic variance estimators in the random-effects model. "
        "Journal of Educational and Behavioral Statistics 30:261-293."
    ),
    "Volz and Heckathorn 2008": (
        "Volz E, Heckathorn DD (2008). Probability based estimation theory for respondent driven sampling. Journal of Official "
        "Statistics 24:79-97."
    ),
    "Wejnert and others 2012": (
        "Wejnert C, Pham H, Krishna N, Le B, DiNenno E (2012). Estimating design effect and calculating sample size for "
        "respondent-driven sampling studies of injection drug users in the United States. AIDS and Behavior 16:797-806."
    ),
    "Wilson 1927": (
        "Wilson EB (1927). Probable inference, the law of succession, and statistical inference. JASA 22:209-212."
    ),
    "Wolter 2007, chapter 4": "Wolter KM (2007). Introduction to variance estimation. New York: Springer, chapter 4.",
    "Woodruff 1952": (
        "Woodruff RS (1952). Confidence intervals for medians and other position measures. JASA 47:635-646."
    ),
    "Rocchetti and others 2011": (
        "Rocchetti I, Bunge J, Böhning D (2011). Population size estimation based upon ratios of recapture probabilities. "
        "Annals of Applied Statistics 5:1512-1533."
    ),
    "White 1982": "White H (1982). Maximum likelihood estimation of misspecified models. Econometrica 50:1-25.",
    "Yang and Dalton 2012": (
        "Yang D, Dalton JE (2012). A unified approach to measuring the effect size between two groups using SAS. SAS Global Forum "
        "2012, paper 335."
    ),
    "Yauck and others 2022": (
        "Yauck M, Moodie EEM, Apelian H, Fourmigue A, Grace D, Hart TA, Lambert G, Cox J (2022). Neighborhood bootstrap for "
        "respondent-driven sampling. Journal of Survey Statistics and Methodology 10:419-438."
    ),
    "Zelterman 1988": (
        "Zelterman D (1988). Robust estimation in truncated discrete distributions with application to capture-recapture "
        "experiments. Journal of Statistical Planning and Inference 18:225-237."
    ),
    "Zou and Donner 2008": (
        "Zou GY, Donner A (2008). Construction of confidence limits about effect measures: a general approach. Statistics in "
        "Medicine 27:1693-1702."
    ),
}
