//! Decomposable graphs: which lists depend on which, so that likelihoods factor over cliques.
//!
//! Sets of lists are numbered as histories are: bit j says that list j is in.

use crate::error::{Error, Result};

/// There are 18 154 graphs of six lists, and 617 675 of seven.
pub const MOST_LISTS: usize = 5;

/// A decomposable graph, as the exponents of its factors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph {
    /// Sets of lists with their exponents: cliques 1, separators -1 for each time they separate.
    pub factors: Vec<(usize, i32)>,
}

impl Graph {
    /// Factors of the graph with these neighbours, if it is decomposable.
    ///
    /// Vertices whose neighbours all know one another are taken away, one after the other (a perfect
    /// elimination; Lauritzen 1996, Graphical Models, section 2.1.3). Each is a factor with its
    /// remaining neighbours, divided by that of these neighbours; what is no clique cancels.
    fn new(neighbours: &[usize]) -> Option<Self> {
        let lists = neighbours.len();
        let mut exponent = vec![0; 1 << lists];
        let mut left = (1_usize << lists) - 1;
        while left != 0 {
            let simplicial = |&v: &usize| {
                let near = neighbours[v] & left;
                let complete = (0..lists).filter(|u| near >> u & 1 == 1);
                left >> v & 1 == 1 && complete.into_iter().all(|u| near & !(1 << u) & !neighbours[u] == 0)
            };
            let v = (0..lists).find(simplicial)?;
            left &= !(1 << v);
            let near = neighbours[v] & left;
            exponent[near | 1 << v] += 1;
            exponent[near] -= 1;
        }
        // The factor of no list is one.
        let factors = exponent.into_iter().enumerate().skip(1).filter(|&(_, e)| e != 0).collect();
        Some(Self { factors })
    }
}

/// All decomposable graphs of so many lists: 2, 8, 61, 822 for two to five.
///
/// # Errors
/// With no list, or too many.
pub fn decomposable(lists: usize) -> Result<Vec<Graph>> {
    if !(1..=MOST_LISTS).contains(&lists) {
        return Err(Error::Argument(format!("graphs are listed for 1 to {MOST_LISTS} lists, not {lists}")));
    }
    let pairs: Vec<(usize, usize)> = (0..lists).flat_map(|i| (0..i).map(move |j| (j, i))).collect();
    let neighbours = |edges: usize| {
        let mut near = vec![0; lists];
        for (bit, &(i, j)) in pairs.iter().enumerate() {
            if edges >> bit & 1 == 1 {
                near[i] |= 1 << j;
                near[j] |= 1 << i;
            }
        }
        near
    };
    Ok((0..1_usize << pairs.len()).filter_map(|edges| Graph::new(&neighbours(edges))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_labelled_chordal_graphs() {
        // OEIS A058862: labelled chordal graphs with n nodes.
        let numbers: Vec<usize> = (1..=5).map(|lists| decomposable(lists).unwrap().len()).collect();
        assert_eq!(numbers, [1, 2, 8, 61, 822]);
        assert!(decomposable(6).is_err() && decomposable(0).is_err());
    }

    #[test]
    fn a_chain_has_cliques_and_a_separator() {
        // a - b - c: cliques ab and bc, separated by b.
        let chain = Graph::new(&[0b010, 0b101, 0b010]).unwrap();
        assert_eq!(chain.factors, [(0b010, -1), (0b011, 1), (0b110, 1)]);
        // A cycle of four without a chord is not decomposable.
        assert!(Graph::new(&[0b1010, 0b0101, 0b1010, 0b0101]).is_none());
    }

    #[test]
    fn factors_account_for_every_list_once() {
        // Running intersection: exponents of the factors that hold a list add up to one.
        for graph in decomposable(5).unwrap() {
            for list in 0..5 {
                let total: i32 = graph.factors.iter().filter(|f| f.0 >> list & 1 == 1).map(|f| f.1).sum();
                assert_eq!(total, 1);
            }
        }
    }
}
