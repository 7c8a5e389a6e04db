//! sled: folded streams, positions; mark, rebuild, digest.
