//! Samples that recruit themselves: what is not a redraw.

pub mod size;
