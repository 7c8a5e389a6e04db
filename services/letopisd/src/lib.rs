//! The server: configuration and wiring.
