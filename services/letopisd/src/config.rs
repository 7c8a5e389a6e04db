//! The server's settings.

use std::net::SocketAddr;
use std::path::PathBuf;

use letopis_record::Reserve;
use letopis_vault::PinSource;

use crate::data::{KekSource, STATE_CACHE_BYTES};
use crate::tls::TlsFiles;

/// Settings of `letopisd`.
#[derive(Debug, Clone, clap::Parser)]
#[command(name = "letopisd", version, about = "The Letopis server: serves one ledger over gRPC")]
pub struct Config {
    /// The data directory that `letopis init` made.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,

    /// Where to listen; without TLS a loopback address. Port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7443")]
    pub listen: SocketAddr,

    /// TLS 1.3 with this certificate, and those that lead up to its authority, as PEM. SIGHUP reads
    /// the files again.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,

    /// The certificate's private key, as PEM; mode 0600.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,

    /// Callers show a certificate of one of these authorities (PEM), or get no connection.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_client_ca: Option<PathBuf>,

    /// Answer calls without a token, save those that read sections. Of a trial ledger only.
    #[arg(long)]
    pub open: bool,

    /// Tell anybody by gRPC reflection which services there are; a trial ledger does without being
    /// asked.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
        default_missing_value = "true")]
    pub reflection: Option<bool>,

    /// Connections that may be open; further ones are closed at once.
    #[arg(long, value_name = "N", default_value_t = 1024,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub connections_max: u32,

    /// Memory for messages that are being received, in bytes; what finds no room in time is told to
    /// come again.
    #[arg(long, value_name = "BYTES", default_value_t = 256 << 20,
        value_parser = clap::value_parser!(u64).range((64 << 20)..=(1 << 40)))]
    pub request_bytes_max: u64,

    /// Size at which a segment of the record is closed and the next one begun, in bytes.
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 20,
        value_parser = clap::value_parser!(u64).range(4096..=(1 << 32)))]
    pub segment_bytes: u64,

    /// How far ahead space is written for the record, in bytes.
    #[arg(long, value_name = "BYTES", default_value_t = 4 << 20,
        value_parser = clap::value_parser!(u64).range(512..=(1 << 30)))]
    pub preallocate_bytes: u64,

    /// Memory for the state's pages, in bytes: some 500 for each event hold all of them. The state
    /// takes some times as much in all.
    #[arg(long, value_name = "BYTES", default_value_t = STATE_CACHE_BYTES,
        value_parser = clap::value_parser!(u64).range((8 << 20)..=(1 << 36)))]
    pub state_cache_bytes: u64,

    /// Keep no room for readings and erasures on a full disk, which is some 210 MiB otherwise.
    #[arg(long)]
    pub no_reserve: bool,

    /// Days after a rotation of the vault key until every backup from before it has expired; then
    /// the erasures that it covers are recorded as final. Not given: never.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub backup_days: Option<u32>,

    /// Somebody looked at the clock, and it is right: deadlines are recorded as missed again after it
    /// leapt, or the ledger was at rest for more than 14 days.
    #[arg(long)]
    pub confirm_clock: bool,

    /// The time is what this file says: seconds since 1970 UTC, replaced by whoever drives the trial.
    /// Of a trial ledger only.
    #[arg(long, value_name = "FILE", conflicts_with = "confirm_clock")]
    pub simulated_clock: Option<PathBuf>,

    /// The vault's key-encryption key is in a PKCS#11 token: its library.
    #[arg(long, value_name = "FILE", requires_all = ["kek_token", "kek_key", "kek_pin"])]
    pub kek_module: Option<PathBuf>,

    /// The token's label.
    #[arg(long, value_name = "LABEL", requires = "kek_module")]
    pub kek_token: Option<String>,

    /// The key's label in the token.
    #[arg(long, value_name = "LABEL", requires = "kek_module")]
    pub kek_key: Option<String>,

    /// Where the token's PIN is: file:PATH, env:NAME or fd:NUMBER.
    #[arg(long, value_name = "SOURCE", requires = "kek_module")]
    pub kek_pin: Option<PinSource>,
}

impl Config {
    /// Where the key-encryption key is.
    #[must_use]
    pub fn kek(&self) -> KekSource {
        let token = || {
            Some(KekSource::Token {
                module: self.kek_module.clone()?,
                token: self.kek_token.clone()?,
                key: self.kek_key.clone()?,
                pin: self.kek_pin.clone()?,
            })
        };
        token().unwrap_or_default()
    }

    /// What is kept for a full disk.
    #[must_use]
    pub fn reserve(&self) -> Reserve {
        if self.no_reserve { Reserve::NONE } else { Reserve::default() }
    }

    /// The files for TLS, where it is configured.
    #[must_use]
    pub fn tls(&self) -> Option<TlsFiles> {
        let (cert, key) = self.tls_cert.clone().zip(self.tls_key.clone())?;
        Some(TlsFiles { cert, key, client_ca: self.tls_client_ca.clone() })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may panic")]

    use clap::Parser as _;

    use super::*;

    fn parse(arguments: &[&str]) -> Result<Config, clap::Error> {
        Config::try_parse_from([&["letopisd", "--data=d"], arguments].concat())
    }

    #[test]
    fn certificate_and_key_come_together() {
        assert_eq!(parse(&[]).unwrap().tls(), None);
        let files = parse(&["--tls-cert=c", "--tls-key=k", "--tls-client-ca=a"]).unwrap().tls();
        let (cert, key, ca) = ("c".into(), "k".into(), "a".into());
        assert_eq!(files, Some(TlsFiles { cert, key, client_ca: Some(ca) }));
        for part in [&["--tls-cert=c"][..], &["--tls-key=k"], &["--tls-client-ca=a"]] {
            assert!(parse(part).is_err(), "{part:?}");
        }
    }

    #[test]
    fn reflection_is_told_or_left_to_the_ledger() {
        assert_eq!(parse(&[]).unwrap().reflection, None);
        assert_eq!(parse(&["--reflection"]).unwrap().reflection, Some(true));
        assert_eq!(parse(&["--reflection=false"]).unwrap().reflection, Some(false));
    }
}
