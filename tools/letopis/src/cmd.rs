//! One module per command.

pub mod bench;
pub mod case;
pub mod demo;
pub mod export;
pub mod import;
pub mod init;
pub mod receipt;
pub mod status;
pub mod verify;
