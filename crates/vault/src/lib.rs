//! Data keys: make ahead, wrap, destroy.
