//! Draws that redraw no sample: what an expert, a publication or an earlier analysis says.
//!
//! | module | what it holds |
//! |---|---|
//! | [`input`] | uncertain inputs: elicited and published distributions |
//! | [`posterior`] | a fixed posterior: a grid of probabilities, or stored draws |

pub mod input;
pub mod posterior;
