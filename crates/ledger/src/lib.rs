//! The pipeline: verify, admit, sequence, chain, seal, commit; follow; recover.
