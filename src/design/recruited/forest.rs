//! Who recruited whom.

use crate::error::{Error, Result};

/// Nobody: the recruiter of a seed.
pub const NOBODY: u32 = u32::MAX;

/// Recruitment trees of one site, by the places of its participants.
#[derive(Clone, Debug)]
pub struct Forest {
    /// Each participant's recruiter, or [`NOBODY`].
    pub recruiter: Vec<u32>,
    /// All of them, recruiters before their recruits.
    pub order: Vec<u32>,
    /// Where each one's recruits begin in `recruits`, and the end.
    starts: Vec<u32>,
    recruits: Vec<u32>,
    /// Those whom nobody recruited.
    pub seeds: Vec<u32>,
}

impl Forest {
    /// # Errors
    /// When somebody was recruited by a participant that there is not, or in a circle.
    pub fn new(recruiter: Vec<u32>) -> Result<Self> {
        let n = recruiter.len();
        if recruiter.iter().any(|&r| r != NOBODY && r as usize >= n) {
            return Err(Error::Argument("somebody was recruited by no participant".into()));
        }
        let mut starts = vec![0; n + 1];
        for &r in recruiter.iter().filter(|&&r| r != NOBODY) {
            starts[r as usize + 1] += 1;
        }
        for i in 0..n {
            starts[i + 1] += starts[i];
        }
        let mut next = starts.clone();
        let mut recruits = vec![0; starts[n] as usize];
        let mut seeds = vec![];
        for (i, &r) in recruiter.iter().enumerate() {
            if r == NOBODY {
                seeds.push(i as u32);
                continue;
            }
            recruits[next[r as usize] as usize] = i as u32;
            next[r as usize] += 1;
        }
        let mut made = Self { recruiter, order: seeds.clone(), starts, recruits, seeds };
        let mut at = 0;
        while at < made.order.len() {
            let recruits = made.recruits(made.order[at]).to_vec();
            made.order.extend(recruits);
            at += 1;
        }
        if made.order.len() < n {
            return Err(Error::Argument("people recruited one another in a circle".into()));
        }
        Ok(made)
    }

    /// The number of participants.
    pub fn len(&self) -> usize {
        self.recruiter.len()
    }

    /// Those whom somebody recruited.
    #[inline]
    pub fn recruits(&self, of: u32) -> &[u32] {
        &self.recruits[self.starts[of as usize] as usize..self.starts[of as usize + 1] as usize]
    }

    /// All who were recruited.
    pub fn recruited(&self) -> &[u32] {
        &self.recruits
    }

    /// How many people somebody is tied to: a recruiter and recruits.
    pub fn ties(&self, of: u32) -> usize {
        self.recruits(of).len() + usize::from(self.recruiter[of as usize] != NOBODY)
    }
}
