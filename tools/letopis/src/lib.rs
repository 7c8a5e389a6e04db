//! The command line for operators, auditors and trials.
