//! Whether the files of a state may be believed: one small synced file beside sled's.
//!
//! sled 0.34 syncs little and notices little. What it wrote is believed in two cases only: it was
//! stopped in order and everything synced, or the process died while the system went on, so that the
//! page cache still has every write.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use letopis_types::{Digest, Sequence};

use crate::{Distrust, Mark, StateError, files};

const FIRST_LINE: &str = "letopis state 1";

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trust {
    /// The directory is being filled; nothing in it counts yet.
    Building,
    /// sled is being opened. If that kills the process, the next start does not try it again.
    Opening,
    /// In use since this boot, in this place.
    Open { boot: Option<String>, place: String },
    /// Stopped in order: everything is synced, and this is its mark.
    Clean { size: Sequence, last_link: Digest },
    /// sled failed while it was in use.
    Damaged,
}

impl Trust {
    fn line(&self) -> String {
        match self {
            Self::Building => "building".to_owned(),
            Self::Opening => "opening".to_owned(),
            Self::Open { boot, place } => {
                format!("open {} {place}", boot.as_deref().unwrap_or("unknown"))
            }
            Self::Clean { size, last_link } => format!("clean {size} {last_link}"),
            Self::Damaged => "damaged".to_owned(),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (first, rest) = text.split_once('\n')?;
        if first != FIRST_LINE {
            return None;
        }
        let words: Vec<&str> = rest.strip_suffix('\n')?.split(' ').collect();
        Some(match words.as_slice() {
            ["building"] => Self::Building,
            ["opening"] => Self::Opening,
            ["open", boot, place] => Self::Open {
                boot: (*boot != "unknown").then(|| (*boot).to_owned()),
                place: (*place).to_owned(),
            },
            ["clean", size, last_link] => Self::Clean {
                size: Sequence(size.parse().ok()?),
                last_link: last_link.parse().ok()?,
            },
            ["damaged"] => Self::Damaged,
            _ => return None,
        })
    }

    /// In use from now on, by a process of this boot.
    pub(crate) fn open_now(dir: &Path, boot: Option<String>) -> Result<Self, StateError> {
        Ok(Self::Open { boot, place: place(dir)? })
    }

    /// Whether sled's files may be opened, told by what the file says, this boot and this place.
    pub(crate) fn judge(
        this: Option<&Self>,
        boot: Option<&str>,
        dir: &Path,
    ) -> Result<(), Distrust> {
        match this {
            Some(Self::Clean { .. }) => Ok(()),
            Some(Self::Open { boot: then, place: there }) => match (then.as_deref(), boot) {
                (Some(then), Some(now)) if then == now => {
                    // TRUST: a copy taken while the server ran is torn, though the boot is the same.
                    let same_place = place(dir).is_ok_and(|here| here == *there);
                    if same_place { Ok(()) } else { Err(Distrust::Copied) }
                }
                _ => Err(Distrust::OtherBoot),
            },
            Some(Self::Opening) => Err(Distrust::OpeningDied),
            Some(Self::Building) => Err(Distrust::Unfinished),
            Some(Self::Damaged) => Err(Distrust::FoundDamaged),
            None => Err(Distrust::Unknown),
        }
    }

    /// Whether this is the mark that a clean stop left; anything goes after a crash.
    pub(crate) fn agrees(&self, mark: &Mark) -> bool {
        match self {
            Self::Clean { size, last_link } => *size == mark.size && *last_link == mark.last_link,
            _ => true,
        }
    }
}

/// The trust file of one directory.
#[derive(Debug, Clone)]
pub(crate) struct TrustFile {
    path: PathBuf,
}

impl TrustFile {
    pub(crate) fn of(dir: &Path) -> Self {
        Self { path: dir.join("trust") }
    }

    /// What it says; `None` if it is not there or not to be understood.
    pub(crate) fn read(&self) -> Result<Option<Trust>, StateError> {
        match fs::read(&self.path) {
            Ok(content) => Ok(String::from_utf8(content).ok().and_then(|text| Trust::parse(&text))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StateError::io("read", &self.path)(error)),
        }
    }

    /// Returns when it is on the disk.
    pub(crate) fn write(&self, trust: &Trust) -> Result<(), StateError> {
        files::replace(&self.path, format!("{FIRST_LINE}\n{}\n", trust.line()).as_bytes())
    }

    /// Takes away all trust, also on a full disk.
    pub(crate) fn revoke(&self) {
        let removed = files::remove(&self.path);
        let written = self.write(&Trust::Damaged);
        if let (Err(error), Err(_)) = (removed, written) {
            tracing::error!(%error, "a damaged state could not be marked as such; delete it");
        }
    }
}

/// Which boot of the system this is, as far as it says.
pub(crate) fn boot_id(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let id = text.trim();
    let plain =
        (16..=64).contains(&id.len()) && id.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-');
    plain.then(|| id.to_owned())
}

/// Which directory this is, by device and inode: renaming keeps it, copying does not.
fn place(dir: &Path) -> Result<String, StateError> {
    let metadata = fs::metadata(dir).map_err(StateError::io("look at", dir))?;
    Ok(format!("{}:{}", metadata.dev(), metadata.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_round_trips_and_nothing_else_is_understood() {
        let dir = tempfile::tempdir().unwrap();
        let file = TrustFile::of(dir.path());
        assert_eq!(file.read().unwrap(), None);
        let boot = Some("00000000-invented-boot".to_owned());
        let all = [
            Trust::Building,
            Trust::Opening,
            Trust::open_now(dir.path(), boot).unwrap(),
            Trust::open_now(dir.path(), None).unwrap(),
            Trust::Clean { size: Sequence(12), last_link: Digest([3; 32]) },
            Trust::Damaged,
        ];
        for trust in all {
            file.write(&trust).unwrap();
            assert_eq!(file.read().unwrap(), Some(trust));
        }
        for text in [
            "",
            "clean",
            "letopis state 1\n",
            "letopis state 1\nopening",
            "letopis state 2\nopening\n",
        ] {
            fs::write(&file.path, text).unwrap();
            assert_eq!(file.read().unwrap(), None, "{text:?}");
        }
        fs::write(&file.path, [0xff; 20]).unwrap();
        assert_eq!(file.read().unwrap(), None);
        file.revoke();
        assert_eq!(file.read().unwrap(), Some(Trust::Damaged));
    }

    #[test]
    fn only_a_clean_stop_or_the_same_boot_and_place_is_trusted() {
        let dir = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let open = Trust::open_now(dir.path(), Some("boot-one".to_owned())).unwrap();
        let judge = |trust: &Trust, boot, dir: &tempfile::TempDir| {
            Trust::judge(Some(trust), boot, dir.path())
        };
        assert_eq!(judge(&open, Some("boot-one"), &dir), Ok(()));
        assert_eq!(judge(&open, Some("boot-two"), &dir), Err(Distrust::OtherBoot));
        assert_eq!(judge(&open, None, &dir), Err(Distrust::OtherBoot));
        assert_eq!(judge(&open, Some("boot-one"), &elsewhere), Err(Distrust::Copied));
        let unknown = Trust::open_now(dir.path(), None).unwrap();
        assert_eq!(
            judge(&unknown, None, &dir),
            Err(Distrust::OtherBoot),
            "not known is not the same"
        );
        let clean = Trust::Clean { size: Sequence(1), last_link: Digest::ZERO };
        assert_eq!(judge(&clean, None, &elsewhere), Ok(()));
        assert_eq!(judge(&Trust::Opening, Some("boot-one"), &dir), Err(Distrust::OpeningDied));
        assert_eq!(judge(&Trust::Building, Some("boot-one"), &dir), Err(Distrust::Unfinished));
        assert_eq!(judge(&Trust::Damaged, Some("boot-one"), &dir), Err(Distrust::FoundDamaged));
        assert_eq!(Trust::judge(None, Some("boot-one"), dir.path()), Err(Distrust::Unknown));
    }

    #[test]
    fn a_boot_id_is_a_plain_word() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("boot_id");
        assert_eq!(boot_id(&path), None);
        fs::write(&path, "00000000-0000-4000-8000-000000000001\n").unwrap();
        assert_eq!(boot_id(&path).as_deref(), Some("00000000-0000-4000-8000-000000000001"));
        for text in ["", "\n", "short", "sixteen and more with spaces", "sixteen-and-more-\u{e9}"] {
            fs::write(&path, text).unwrap();
            assert_eq!(boot_id(&path), None, "{text:?}");
        }
    }
}
