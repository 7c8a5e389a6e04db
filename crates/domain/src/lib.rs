//! Facts: state, decide, evolve.
