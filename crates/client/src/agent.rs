//! A separate process that holds keys: programs ask it to sign, a person sees what, and no program
//! ever has the keys.
//!
//! In this module: what the process does ([`KeyAgent`], served by [`AgentSocket`]) and how others
//! use it ([`AgentClient`]). What it shows and whom it asks is its own ([`Confirm`]).
//!
//! # Protocol
//!
//! Over a Unix stream socket of mode 0600 in a directory of mode 0700; both sides ask the kernel
//! for the other's user id (SO_PEERCRED) and speak to their own user only. One request and one
//! answer a connection. Integers are big-endian.
//!
//! The asking side sends `LTPAGT1` LF and a frame; the agent answers with a frame. A frame is a u32
//! length and so many bytes: a code, then what belongs to it.
//!
//! | request | code | content |
//! |---|---|---|
//! | list identities | 1 | nothing |
//! | sign a token | 2 | public key 32, signing input of the JWS (at most 2,048 bytes) |
//! | sign a statement | 3 | public key 32, a `letopis.ledger.v1.Submission` without signatures; its sections are all there or none is |
//!
//! | answer | code | content |
//! |---|---|---|
//! | not done | 0 | u8 why (1 locked, 2 wrong passphrase, 3 declined, 4 no such key for that use, 5 refused, 6 failed), a text of at most 512 bytes |
//! | identities | 1 | 145 bytes each: actor 16, u8 which of the following are there (1 ledger, 2 grant, 4 token key), ledger 32, grant 32, statement key 32, token key 32; zeros where not there |
//! | signature | 2 | 64 bytes |
//!
//! A request has at most 34 MiB, an answer 64 KiB.
//!
//! # What is signed
//!
//! - With a *statement key* only statements: canonical, well-formed, for the identity's ledger,
//!   naming the key as a signer with the identity's actor; contents that are there open their
//!   commitments. The act is shown in words and confirmed by a person, each time.
//! - With a *token key* only tokens as proto/README.md has them: for this actor and key, for the
//!   identity's ledger, made now, for at most 120 s. Nobody is asked: a token changes nothing. And
//!   the one statement that enrols this very key, as every other statement.
//! - Nothing else, by no key.

mod client;
mod protocol;
mod server;
mod socket;

use std::io;
use std::path::PathBuf;

pub use client::{AgentClient, AgentIdentity, AgentKey};
pub use server::{Confirm, KeyAgent};
pub use socket::{AgentSocket, Stopper};

/// Why the socket of an agent can't be served or reached.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// A file system or socket operation failed.
    #[error("{}: can't be used as the socket of a key agent", path.display())]
    Io {
        /// The socket or its directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others than its owner may reach the socket's directory, or it is another user's.
    #[error("{} must be a directory of this user with mode 0700", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
    },
    /// An agent is served there already.
    #[error("{}: another agent is running there", path.display())]
    Running {
        /// The socket.
        path: PathBuf,
    },
}

#[cfg(test)]
mod tests;
