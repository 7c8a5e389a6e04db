//! A broken file is refused, with the place, before anything of it is sent.

use std::fs;

use letopis_tests::{finish, logs};

use crate::Desk;

/// One case's event without its time.
const WITHOUT_TIME: &str = "<trace>\n<string key=\"concept:name\" value=\"late\"/>\n\
     <event><string key=\"concept:name\" value=\"a\"/>\
     <date key=\"time:timestamp\" value=\"2011-03-01T00:30:00Z\"/></event>\n\
     \u{20} <event><string key=\"concept:name\" value=\"b\"/></event>\n</trace>\n</log>\n";

#[test]
fn a_broken_file_is_refused_before_anything_is_sent() {
    let desk = Desk::new("broken");
    let whole = fs::read_to_string(logs::invent(desk.trial.folder(), 50, 300).path).unwrap();
    let before = desk.size();
    let lines = whole.lines().count();
    let body = whole.strip_suffix("</log>\n").unwrap();
    // Each has 50 good cases before the place where it is broken.
    let broken = [
        ("cut off", body.to_owned(), format!("line {lines}, column 1: the file ends inside <log>")),
        (
            "a wrong end tag",
            format!("{body}<trace>\n</log>\n"),
            format!("line {}, column 1: </log> where </trace>", lines + 1),
        ),
        (
            "an event without a time",
            format!("{body}{WITHOUT_TIME}"),
            format!(
                "line {}, column 3: event 2 of trace 51 (\"late\") has no time:timestamp",
                lines + 3
            ),
        ),
        (
            "the same case twice",
            format!(
                "{body}<trace><string key=\"concept:name\" value=\"invented 7 &amp; Ж\"/></trace>\n"
            ),
            format!("line {lines}, column 1: trace 51 has the same concept:name as trace 8"),
        ),
        (
            "a time that is none",
            format!("{body}{}", WITHOUT_TIME.replace("2011-03-01", "2011-02-30")),
            format!("line {}, column", lines + 2),
        ),
        ("no XES", "case;activity;time\n".to_owned(), "line 1, column 1: not XES".to_owned()),
    ];
    let count = broken.len();
    for (name, text, place) in broken {
        let path = desk.trial.folder().join("broken.xes");
        fs::write(&path, text).unwrap();
        let said = finish(&mut desk.import(&path)).refused(&place);
        assert!(said.out.is_empty(), "{name}: {said}");
        assert_eq!(desk.size(), before, "{name}");
    }
    desk.server.stop();
    println!("broken files: {count}, each refused with its place before anything was sent");
}
