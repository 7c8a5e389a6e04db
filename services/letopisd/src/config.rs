//! The server's settings.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Settings of `letopisd`.
#[derive(Debug, Clone, clap::Parser)]
#[command(name = "letopisd", version, about = "The Letopis server: serves one ledger over gRPC")]
pub struct Config {
    /// The data directory that `letopis init` made.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,

    /// Where to listen. Plain text, so on loopback only. Port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7443")]
    pub listen: SocketAddr,

    /// Size at which a segment of the record is closed and the next one begun, in bytes.
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 20,
        value_parser = clap::value_parser!(u64).range(4096..=(1 << 32)))]
    pub segment_bytes: u64,

    /// How far ahead space is written for the record, in bytes.
    #[arg(long, value_name = "BYTES", default_value_t = 4 << 20,
        value_parser = clap::value_parser!(u64).range(512..=(1 << 30)))]
    pub preallocate_bytes: u64,
}
