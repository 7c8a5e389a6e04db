//! One module per command.

pub mod act;
pub mod actor;
pub mod audit;
pub mod bench;
pub mod case;
pub mod decisions;
pub mod demo;
pub mod due;
pub mod export;
pub mod file;
pub mod import;
pub mod indicators;
pub mod init;
pub mod key;
pub mod policy;
pub mod profile;
pub mod receipt;
pub mod register;
pub mod sign;
pub mod status;
pub mod vault;
pub mod verify;
