//! The files of a record's directory, by name.

use std::io;
use std::path::Path;

use letopis_types::Sequence;

/// The last signed checkpoint.
pub(crate) const HEAD: &str = "head";
/// There while the last stop was in order and nothing was written since.
pub(crate) const CLEAN: &str = "clean";
/// Space that is kept for a full disk; what it holds means nothing.
pub(crate) const RESERVE: &str = "reserve";
/// How names end while a file is being made beside the one it will replace.
pub(crate) const TEMPORARY: &str = ".tmp";

const SEGMENT: &str = ".segment";
const TORN: &str = "torn-";
const ACKNOWLEDGED: &str = "acknowledged-";

/// The segment that begins with this sequence.
pub(crate) fn segment(first: Sequence) -> String {
    format!("{:020}{SEGMENT}", first.0)
}

/// The torn tail that was set aside at this sequence.
pub(crate) fn torn(sequence: Sequence) -> String {
    format!("{TORN}{:020}", sequence.0)
}

/// The sequence in a torn tail's name.
pub(crate) fn torn_sequence(name: &str) -> Option<Sequence> {
    name.strip_prefix(TORN).and_then(digits)
}

/// What lies in a record's directory.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// First sequences of the segments, ascending.
    pub(crate) segments: Vec<Sequence>,
    /// Whether the mark of an orderly stop is there.
    pub(crate) clean: bool,
    /// Whether there is a head file.
    pub(crate) head: bool,
    /// Whether there is a reserve.
    pub(crate) reserve: bool,
    /// Names of torn tails that an operator has looked at.
    pub(crate) acknowledged: Vec<String>,
    /// Names of torn tails that nobody has acknowledged.
    pub(crate) torn: Vec<String>,
    /// Names of files that were being made when a process stopped.
    pub(crate) temporary: Vec<String>,
    /// Names that mean nothing here.
    pub(crate) unknown: Vec<String>,
}

impl Listing {
    /// Reads the directory.
    pub(crate) fn read(dir: &Path) -> io::Result<Self> {
        let mut listing = Self::default();
        for entry in std::fs::read_dir(dir)? {
            let name = entry?.file_name();
            match name.to_str() {
                Some(name) => listing.add(name),
                None => listing.unknown.push(name.to_string_lossy().into_owned()),
            }
        }
        listing.segments.sort_unstable();
        listing.torn.sort_unstable();
        listing.unknown.sort_unstable();
        Ok(listing)
    }

    fn add(&mut self, name: &str) {
        if let Some(first) = name.strip_suffix(SEGMENT).and_then(digits) {
            self.segments.push(first);
        } else if name == CLEAN {
            self.clean = true;
        } else if name.ends_with(TEMPORARY) {
            self.temporary.push(name.to_owned());
        } else if name.starts_with(TORN) {
            self.torn.push(name.to_owned());
        } else if name == HEAD {
            self.head = true;
        } else if name == RESERVE {
            self.reserve = true;
        } else if name.strip_prefix(ACKNOWLEDGED).and_then(digits).is_some() {
            self.acknowledged.push(name.to_owned());
        } else {
            self.unknown.push(name.to_owned());
        }
    }

    /// True if there is nothing of a record, nor anything else that was finished.
    pub(crate) fn is_vacant(&self) -> bool {
        let Self { segments, clean, head, reserve: _, acknowledged, torn, temporary: _, unknown } =
            self;
        let names = [acknowledged, torn, unknown];
        segments.is_empty() && !clean && !head && names.iter().all(|names| names.is_empty())
    }
}

/// Exactly 20 decimal digits, of a number that fits.
fn digits(text: &str) -> Option<Sequence> {
    let exact = text.len() == 20 && text.bytes().all(|byte| byte.is_ascii_digit());
    exact.then(|| text.parse().ok().map(Sequence)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let names = [
            "head",
            "clean",
            "reserve",
            "00000000000000000007.segment",
            "00000000000000000000.segment",
            "00000000000000000000.segment.tmp",
            "head.tmp",
            "torn-00000000000000000009",
            "torn-by-hand",
            "acknowledged-00000000000000000009",
            // Not ours:
            "7.segment",
            "+0000000000000000007.segment",
            "99999999999999999999.segment",
            "00000000000000000007.segment.bak",
            "acknowledged-all",
            "HEAD",
            "reserve-1",
        ];
        for name in names {
            std::fs::write(dir.path().join(name), b"").unwrap();
        }
        let mut listing = Listing::read(dir.path()).unwrap();
        listing.temporary.sort();
        assert_eq!(listing.segments, [Sequence(0), Sequence(7)]);
        assert!(listing.clean && listing.head && listing.reserve && !listing.is_vacant());
        assert_eq!(listing.acknowledged, ["acknowledged-00000000000000000009"]);
        assert_eq!(listing.torn, ["torn-00000000000000000009", "torn-by-hand"]);
        assert_eq!(listing.temporary, ["00000000000000000000.segment.tmp", "head.tmp"]);
        assert_eq!(
            listing.unknown,
            [
                "+0000000000000000007.segment",
                "00000000000000000007.segment.bak",
                "7.segment",
                "99999999999999999999.segment",
                "HEAD",
                "acknowledged-all",
                "reserve-1"
            ]
        );
        assert_eq!(segment(Sequence(7)), names[3]);
        assert_eq!(torn(Sequence(9)), names[7]);
        assert_eq!(torn_sequence(names[7]), Some(Sequence(9)));
        assert_eq!(torn_sequence(names[8]), None);
    }
}
