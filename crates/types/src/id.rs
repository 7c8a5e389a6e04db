//! Ids of 16 bytes, shown as UUIDs, and digests of 32, shown in hex.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// A text that is not an id of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseIdError {
    /// What was expected.
    pub expected: &'static str,
}

impl fmt::Display for ParseIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.expected)
    }
}

impl std::error::Error for ParseIdError {}

macro_rules! bytes_newtype {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Its length in bytes.
            pub const LEN: usize = $len;

            /// All bytes zero.
            pub const ZERO: Self = Self([0; $len]);

            /// From a slice of just this length.
            #[must_use]
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }

            /// The bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    };
}

macro_rules! uuid_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        bytes_newtype!($(#[$doc])* #[derive(serde::Serialize, serde::Deserialize)] $name, 16);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                Uuid::from_bytes(self.0).hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                Uuid::try_parse(text)
                    .map(|id| Self(id.into_bytes()))
                    .map_err(|_| ParseIdError { expected: "a UUID" })
            }
        }
    };
}

macro_rules! hex_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        bytes_newtype!($(#[$doc])* #[derive(serde::Serialize, serde::Deserialize)] $name, 32);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                hex32(text)
                    .map(Self)
                    .ok_or(ParseIdError { expected: "64 lower-case hex digits" })
            }
        }
    };
}

uuid_newtype! {
    /// A stream's id: random, or a hash under a key that stays with its author.
    StreamId
}
uuid_newtype! {
    /// An event's id, made by its author, unique in its stream; the idempotency key.
    EventId
}
uuid_newtype! {
    /// An actor's id. Sixteen zero bytes are the ledger itself.
    ActorId
}
uuid_newtype! {
    /// An agency's id: random bytes that name it.
    AgencyId
}
hex_newtype! {
    /// A digest of 32 bytes: a statement hash, a link hash, a stream's head, a Merkle node.
    Digest
}
hex_newtype! {
    /// A ledger's id, made from its genesis.
    LedgerId
}
hex_newtype! {
    /// An Ed25519 public key as it is written; not checked by being of this type.
    PublicKey
}
bytes_newtype! {
    /// An Ed25519 signature as it is written; not checked by being of this type.
    SignatureBytes, 64
}

impl fmt::Display for SignatureBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl EventId {
    /// True for a UUID of version 7 or 8 in RFC 9562's variant: what an event's id must be.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        let id = Uuid::from_bytes(self.0);
        matches!(id.get_version_num(), 7 | 8) && id.get_variant() == uuid::Variant::RFC4122
    }
}

impl ActorId {
    /// The ledger itself, under which its own keys stand.
    pub const LEDGER: Self = Self::ZERO;
}

fn hex32(text: &str) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    if text.len() != 64 || text.bytes().any(|c| !matches!(c, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_forms_round_trip() {
        let id = StreamId([7; 16]);
        assert_eq!(id.to_string().parse::<StreamId>().unwrap(), id);
        let digest = Digest([0xab; 32]);
        assert_eq!(digest.to_string().parse::<Digest>().unwrap(), digest);
    }

    #[test]
    fn hex_is_strict() {
        let digest = Digest([0xab; 32]).to_string();
        assert!(digest.to_uppercase().parse::<Digest>().is_err());
        assert!(digest[1..].parse::<Digest>().is_err());
        assert!(format!("+{}", &digest[1..]).parse::<Digest>().is_err());
    }

    #[test]
    fn event_ids_are_uuids_of_version_7_or_8() {
        let make = |version: u8, variant: u8| {
            let mut bytes = [0; 16];
            bytes[6] = version << 4;
            bytes[8] = variant;
            EventId(bytes)
        };
        assert!(make(7, 0x80).is_well_formed());
        assert!(make(8, 0xbf).is_well_formed());
        assert!(!make(4, 0x80).is_well_formed());
        assert!(!make(7, 0xc0).is_well_formed());
        assert!(!EventId::ZERO.is_well_formed());
    }
}
