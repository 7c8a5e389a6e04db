//! The record: its port, the journal, and the suite that every record must pass.
