//! Entropy that is the same in every run.

use aws_lc_rs::digest::{SHA256, digest};
use countersign::entropy::Entropy;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Bytes drawn from SHA-256 of a seed and a counter: the same seed gives the same sequence; clones share it.
#[derive(Clone, Debug)]
pub struct SeededEntropy {
    seed: &'static str,
    drawn: Arc<AtomicU64>,
}

impl SeededEntropy {
    /// The sequence named `seed`.
    pub fn named(seed: &'static str) -> Self {
        Self { seed, drawn: Arc::default() }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for block in bytes.chunks_mut(32) {
            let count = self.drawn.fetch_add(1, Ordering::Relaxed);
            let drawn = digest(&SHA256, format!("{}\0{count}", self.seed).as_bytes());
            block.copy_from_slice(&drawn.as_ref()[..block.len()]);
        }
    }
}

mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_sequence_in_which_nothing_repeats() {
        let draw = |seed| {
            let entropy: &dyn Entropy = &SeededEntropy::named(seed);
            (entropy.bytes::<40>(), entropy.bytes::<40>())
        };
        assert_eq!(draw("a"), draw("a"));
        assert_ne!(draw("a"), draw("b"));
        let (first, second) = draw("a");
        assert_ne!(first, second);
    }
}
