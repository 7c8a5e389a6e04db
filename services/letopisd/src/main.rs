//! `letopisd`: opens a data directory and serves it until SIGTERM or SIGINT.

use std::alloc::System;
use std::process::ExitCode;

use clap::Parser as _;
use letopisd::config::Config;
use tracing_subscriber::EnvFilter;
use zeroizing_alloc::ZeroAlloc;

/// What is said about people goes through many hands, the transport's among them: whatever is let go
/// is zeroed, so that a dump of the memory does not hold it.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    let config = Config::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match letopisd::run::run(&config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}
