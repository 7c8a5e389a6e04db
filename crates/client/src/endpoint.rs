//! Where a server is, and whether one may speak to it there.

use std::net::IpAddr;

use tonic::transport::{Endpoint, Uri};

use crate::error::Usage;
use crate::tls::{Tls, TlsError};

/// An address for TLS anywhere, or for plain text on this machine.
pub(crate) fn endpoint(url: &str, tls: Option<&Tls>) -> Result<Endpoint, Usage> {
    let wrong = || Usage::Url { url: url.to_owned() };
    let uri: Uri = url.parse().map_err(|_| wrong())?;
    let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(wrong)?;
    match uri.scheme_str() {
        Some("https") => {
            let tls = tls.ok_or(TlsError::NoAuthority)?;
            Ok(tls.secure(Endpoint::from(uri))?)
        }
        Some("http") if !is_loopback(host) => Err(Usage::PlainText { host: host.to_owned() }),
        Some("http") => Ok(Endpoint::from(uri)),
        _ => Err(wrong()),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    // TRUST: RFC 6761 gives the name localhost to loopback addresses, and to nothing else.
    address.eq_ignore_ascii_case("localhost")
        || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_stays_on_this_machine() {
        for good in
            ["http://127.0.0.1:1", "http://127.9.9.9:1/", "http://[::1]:1", "http://LocalHost:1"]
        {
            assert!(endpoint(good, None).is_ok(), "{good}");
        }
        for bad in [
            "http://10.0.0.1:1",
            "http://0.0.0.0:1",
            "http://[::]:1",
            "http://ledger.example:1",
            "http://localhost.example:1",
            "http://127.0.0.1@ledger.example:1",
            "http://127.0.0.1.example:1",
        ] {
            assert!(matches!(endpoint(bad, None), Err(Usage::PlainText { .. })), "{bad}");
        }
        for bad in ["", "127.0.0.1:1", "file:///a", "http://", "ftp://127.0.0.1:1"] {
            assert!(matches!(endpoint(bad, None), Err(Usage::Url { .. })), "{bad}");
        }
    }

    #[test]
    fn without_an_authority_no_server_is_recognized() {
        let error = endpoint("https://127.0.0.1:1", None).unwrap_err();
        assert!(matches!(error, Usage::Tls(TlsError::NoAuthority)));
    }
}
