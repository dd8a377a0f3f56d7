//! All hierarchical models of up to five lists, one after the other.
//!
//! A model holds the intercept, all main effects, and with every interaction all interactions of
//! fewer of its lists; never that of all lists, which nothing observed can tell from the number of
//! people not seen. Numbers of them: 1, 8, 113 and 6,893 for two to five lists (Dedekind's numbers of
//! antichains, less those that leave out a list or hold the highest interaction).

/// Terms of a model as a set: bit t is term t.
pub type Terms = u32;

/// Beyond five lists there are more than seven million models.
pub const MOST_LISTS: usize = 5;

/// Walks over all models whose interactions join at most `order` lists.
///
/// Interactions are taken or left in the order of their size; one can be taken when all its parts are.
#[derive(Clone, Debug)]
pub struct Hierarchical {
    /// Interactions by size.
    interactions: Vec<u32>,
    /// Models to go on from: terms so far, and the next interaction to decide on.
    stack: Vec<(Terms, usize)>,
}

impl Hierarchical {
    /// For k lists, at most [`MOST_LISTS`].
    pub fn new(lists: usize, order: usize) -> Self {
        let lists = lists.min(MOST_LISTS);
        let order = order.min(lists.saturating_sub(1)) as u32;
        let mut interactions: Vec<u32> =
            (1..1u32 << lists).filter(|t| (2..=order).contains(&t.count_ones())).collect();
        interactions.sort_by_key(|t| (t.count_ones(), *t));
        let main = (0..lists).fold(1, |terms: Terms, list| terms | 1 << (1u32 << list));
        Self { interactions, stack: vec![(main, 0)] }
    }
}

/// Whether all parts of an interaction with one list less are terms of the model.
fn allowed(terms: Terms, interaction: u32) -> bool {
    let lists = (0..MOST_LISTS as u32).filter(|list| interaction >> list & 1 == 1);
    lists.map(|list| interaction & !(1 << list)).all(|part| terms >> part & 1 == 1)
}

impl Iterator for Hierarchical {
    type Item = Terms;

    fn next(&mut self) -> Option<Terms> {
        let (terms, mut place) = self.stack.pop()?;
        while let Some(&interaction) = self.interactions.get(place) {
            place += 1;
            if allowed(terms, interaction) {
                self.stack.push((terms | 1 << interaction, place));
            }
        }
        Some(terms)
    }
}

/// The terms of a set, without the intercept.
pub fn terms(set: Terms) -> impl Iterator<Item = u32> {
    (1..32).filter(move |t| set >> t & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn there_are_as_many_models_as_dedekind_says() {
        for (lists, count) in [(2, 1), (3, 8), (4, 113), (5, 6893)] {
            let models: Vec<Terms> = Hierarchical::new(lists, lists).collect();
            assert_eq!(models.len(), count);
            assert_eq!(models.iter().collect::<HashSet<_>>().len(), count);
        }
        // Pairwise interactions alone are the graphs: 2^6 and 2^10.
        assert_eq!(Hierarchical::new(4, 2).count(), 64);
        assert_eq!(Hierarchical::new(5, 2).count(), 1024);
    }

    #[test]
    fn every_model_holds_the_parts_of_its_interactions() {
        for model in Hierarchical::new(5, 5) {
            for term in terms(model) {
                assert!((1..term).filter(|part| part & term == *part).all(|part| model >> part & 1 == 1));
            }
        }
    }
}
