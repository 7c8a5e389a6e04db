//! A log of the shape of a real one: 1,434 cases of six events or so.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Cases of the log.
const CASES: u32 = 1434;

/// Writes it.
pub(super) fn write(path: &Path) -> Result<PathBuf, Failure> {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<log>\n");
    for case in 0..CASES {
        // Writing to a String does not fail.
        let _ = writeln!(text, "<trace><string key=\"concept:name\" value=\"case-{case}\"/>");
        for step in 0..4 + case % 5 {
            let (day, hour, activity) = (1 + case % 28, step, (case + step) % 27);
            let _ = writeln!(
                text,
                "<event><string key=\"concept:name\" value=\"Activity {activity}\"/>\
                 <string key=\"org:resource\" value=\"Resource{:02}\"/>\
                 <string key=\"org:group\" value=\"Group {}\"/>\
                 <string key=\"lifecycle:transition\" value=\"complete\"/>\
                 <date key=\"time:timestamp\" value=\"2011-03-{day:02}T{hour:02}:30:00.000+01:00\"/>\
                 </event>",
                case % 43,
                case % 7
            );
        }
        text.push_str("</trace>\n");
    }
    text.push_str("</log>\n");
    fs::write(path, text).map_err(Failure::io("write", path))?;
    Ok(path.into())
}
