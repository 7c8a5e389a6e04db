//! The bytes on the socket.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;

use letopis_types::{ActorId, Digest, LedgerId, PublicKey, SignatureBytes};
use rustix::net::sockopt::socket_peercred;
use rustix::process::geteuid;
use zeroize::Zeroizing;

use crate::identity::SignerError;

/// With what a connection begins.
pub(super) const MAGIC: &[u8; 8] = b"LTPAGT1\n";

/// The longest request, in bytes: a statement with 32 contents of 1 MiB, and what is around them.
pub(super) const REQUEST_BYTES_MAX: usize = 34 << 20;

/// The longest answer, in bytes.
pub(super) const ANSWER_BYTES_MAX: usize = 64 << 10;

/// The longest signing input of a token, in bytes.
const SIGNING_INPUT_BYTES_MAX: usize = 2048;

/// The longest reason, in bytes.
const REASON_BYTES_MAX: usize = 512;

/// What is asked of an agent.
pub(super) enum Request<'a> {
    List,
    SignToken { key: PublicKey, signing_input: &'a [u8] },
    SignStatement { key: PublicKey, submission: &'a [u8] },
}

impl<'a> Request<'a> {
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match self {
            Self::List => vec![1],
            Self::SignToken { key, signing_input } => [&[2], &key.0[..], signing_input].concat(),
            Self::SignStatement { key, submission } => [&[3], &key.0[..], submission].concat(),
        })
    }

    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (code, rest) = bytes.split_first()?;
        if *code == 1 {
            return rest.is_empty().then_some(Self::List);
        }
        let (key, rest) = rest.split_first_chunk()?;
        let key = PublicKey(*key);
        match code {
            2 if rest.len() <= SIGNING_INPUT_BYTES_MAX => {
                Some(Self::SignToken { key, signing_input: rest })
            }
            3 => Some(Self::SignStatement { key, submission: rest }),
            _ => None,
        }
    }
}

/// An identity as an agent lists it: all that is public.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) ledger: Option<LedgerId>,
    pub(super) actor: ActorId,
    pub(super) grant: Option<Digest>,
    pub(super) statement_key: PublicKey,
    pub(super) token_key: Option<PublicKey>,
}

impl Listed {
    const LEN: usize = 145;

    fn to_bytes(self) -> Vec<u8> {
        let there = u8::from(self.ledger.is_some())
            | u8::from(self.grant.is_some()) << 1
            | u8::from(self.token_key.is_some()) << 2;
        let mut out = Vec::with_capacity(Self::LEN);
        out.extend(self.actor.0);
        out.push(there);
        out.extend(self.ledger.unwrap_or(LedgerId::ZERO).0);
        out.extend(self.grant.unwrap_or(Digest::ZERO).0);
        out.extend(self.statement_key.0);
        out.extend(self.token_key.unwrap_or(PublicKey::ZERO).0);
        out
    }

    fn parse(bytes: &[u8; Self::LEN]) -> Option<Self> {
        let (actor, rest) = bytes.split_first_chunk()?;
        let (there, rest) = rest.split_first()?;
        let (ledger, rest) = rest.split_first_chunk()?;
        let (grant, rest) = rest.split_first_chunk()?;
        let (statement_key, rest) = rest.split_first_chunk()?;
        let (token_key, _) = rest.split_first_chunk()?;
        Some(Self {
            ledger: (there & 1 != 0).then_some(LedgerId(*ledger)),
            actor: ActorId(*actor),
            grant: (there & 2 != 0).then_some(Digest(*grant)),
            statement_key: PublicKey(*statement_key),
            token_key: (there & 4 != 0).then_some(PublicKey(*token_key)),
        })
    }
}

/// What an agent answers.
#[derive(Debug)]
pub(super) enum Answer {
    NotDone(SignerError),
    Identities(Vec<Listed>),
    Signature(SignatureBytes),
}

impl Answer {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::NotDone(error) => {
                let (why, reason) = match error {
                    SignerError::Locked => (1, ""),
                    SignerError::Passphrase => (2, ""),
                    SignerError::Declined => (3, ""),
                    SignerError::NoSuchKey { .. } => (4, ""),
                    SignerError::Refused { reason } => (5, reason.as_str()),
                    SignerError::Failed { reason } => (6, reason.as_str()),
                    SignerError::Signature(_) => (6, "the signature does not hold"),
                };
                let end = reason.floor_char_boundary(REASON_BYTES_MAX);
                let reason = reason.get(..end).unwrap_or_default();
                [&[0, why], reason.as_bytes()].concat()
            }
            Self::Identities(all) => {
                let mut out = vec![1];
                all.iter().for_each(|one| out.extend(one.to_bytes()));
                out
            }
            Self::Signature(signature) => [&[2], &signature.0[..]].concat(),
        }
    }

    /// An answer to what was asked of this key (`None`: of no key).
    pub(super) fn parse(bytes: &[u8], key: Option<PublicKey>) -> Option<Self> {
        let (code, rest) = bytes.split_first()?;
        match code {
            0 => {
                let (why, reason) = rest.split_first()?;
                let reason = || std::str::from_utf8(reason).map(str::to_owned).ok();
                Some(Self::NotDone(match why {
                    1 => SignerError::Locked,
                    2 => SignerError::Passphrase,
                    3 => SignerError::Declined,
                    4 => SignerError::NoSuchKey { key: key? },
                    5 => SignerError::Refused { reason: reason()? },
                    6 => SignerError::Failed { reason: reason()? },
                    _ => return None,
                }))
            }
            1 => {
                let (all, rest) = rest.as_chunks();
                let all = all.iter().map(Listed::parse).collect::<Option<_>>()?;
                rest.is_empty().then_some(Self::Identities(all))
            }
            2 => SignatureBytes::from_slice(rest).map(Self::Signature),
            _ => None,
        }
    }
}

pub(super) fn write_frame(to: &mut impl Write, body: &[u8]) -> io::Result<()> {
    let length = u32::try_from(body.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    to.write_all(&length.to_be_bytes())?;
    to.write_all(body)?;
    to.flush()
}

/// A frame of at most so many bytes. Its buffer does not grow, so that no copy is left behind.
pub(super) fn read_frame(from: &mut impl Read, max: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = usize::try_from(u32::from_be_bytes(length)).ok().filter(|length| *length <= max);
    let mut body = Zeroizing::new(vec![0; length.ok_or(io::ErrorKind::InvalidData)?]);
    from.read_exact(&mut body)?;
    Ok(body)
}

/// Whether the process at the other end is this user's.
///
/// TRUST: the kernel says so; a process of the same user may be any program of theirs.
pub(super) fn is_own(stream: &UnixStream) -> bool {
    socket_peercred(stream).is_ok_and(|peer| peer.uid == geteuid())
}
