// What the search puts first: pages that explain before pages of single objects, unless a name is asked for.
var Scorer = {
  score: (result) => {
    const [page, , , description, score] = result;
    if (page === "howto/which_method") return score + 6;
    if (page === "explanation/changelog" || page.startsWith("howto/gallery")) return score - 6;
    if (page.startsWith("reference/api/") && !description) return score - 4;
    return score;
  },
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
