//! Files that are refused, each with the place and the reason.

use std::io::{self, Read, Write};

use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::super::{Malformed, Position, ReadError, XesReader};
use super::read;

const NAME: &str = r#"<string key="concept:name" value="A"/>"#;
const TIME: &str = r#"<date key="time:timestamp" value="2024-02-29T10:00:00Z"/>"#;

/// Where in a text the mark `¦` stands, and the text without it.
fn marked(text: &str) -> (Position, String) {
    let (before, after) = text.split_once('¦').expect("a mark");
    let line = before.matches('\n').count() as u64 + 1;
    let column = before.rsplit('\n').next().unwrap().chars().count() as u64 + 1;
    (Position { line, column }, format!("{before}{after}"))
}

/// The text is refused at the mark for this reason.
#[track_caller]
fn refused(text: &str, message: &str) {
    let (expected, text) = marked(text);
    let error = read(text.as_bytes()).expect_err(&text);
    assert_eq!(error.to_string(), format!("{expected}: {message}"), "{text}");
}

/// The same, in an event on the sixth line of a log.
#[track_caller]
fn refused_in_event(text: &str, message: &str) {
    refused(
        &format!("<log>\n<trace>\n{NAME}\n<event>\n{NAME}\n  {text}{TIME}\n</event></trace></log>"),
        message,
    );
}

#[test]
fn what_is_not_xes() {
    refused("¦", "not XES: nothing but white space");
    refused("  \n ¦", "not XES: nothing but white space");
    refused("<?xml version='1.0'?>\n<!-- x -->¦", "not XES: nothing but white space");
    refused("\n ¦case;activity;time\n", "not XES: it does not begin with an XML element");
    refused("¦{\"a\":1}", "not XES: it does not begin with an XML element");
    refused("¦</log>", "not XES: it does not begin with an XML element");
    refused(
        "<?xml version='1.0'?>\n<!-- x -->¦<bpmn:definitions xmlns:bpmn='x'><log/></bpmn:definitions>",
        "not XES: the outermost element is <bpmn:definitions>, not <log>",
    );
    refused("¦<html/>", "not XES: the outermost element is <html>, not <log>");
    refused("¦<Log/>", "not XES: the outermost element is <Log>, not <log>");
    refused(
        "<?xml version='1.0'?>\n¦<!DOCTYPE log [<!ENTITY a 'b'>]>\n<log/>",
        "a document type definition (<!DOCTYPE>) is refused; XES has none",
    );
    refused("¦<!DOCTYPE log", "a document type definition (<!DOCTYPE>) is refused; XES has none");
    refused(
        "<?xml version='1.0' encoding='¦windows-1251'?><log/>",
        "the encoding windows-1251 is not read; convert the file to UTF-8 first",
    );
    let utf16: Vec<u8> = "\u{FEFF}<log/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(
        read(&utf16).unwrap_err().to_string(),
        "line 1, column 1: the encoding UTF-16 is not read; convert the file to UTF-8 first"
    );
}

#[test]
fn xml_that_is_not_well_formed() {
    refused(
        "<log>\n <trace>\n¦</log>",
        "</log> where </trace>, opened at line 2, column 2, should end",
    );
    refused("<log>\n<trace>\n¦", "the file ends inside <trace>, opened at line 2, column 1");
    refused("<log>\n¦<trace", "a tag begins here and does not end");
    refused("<log>\n¦<", "a tag begins here and does not end");
    refused(
        "<log>¦<string key=\"a>\n</log>",
        "a tag with a value in quotes begins here and does not end",
    );
    refused("<log>\n¦<!-- x ->\n</log>", "a comment begins here and does not end");
    refused("<log><!-- x ¦-- y --></log>", "not well-formed XML: -- inside a comment");
    refused("<log>¦<![CDATA[ </log>", "CDATA begins here and does not end");
    refused("<log>¦<?x </log>", "a processing instruction begins here and does not end");
    refused("<log>¦<!x></log>", "not well-formed XML: a comment or CDATA was expected after <!");
    refused(
        "<log>¦</log foo='1'>",
        "</log foo='1'> where </log>, opened at line 1, column 1, should end",
    );
    refused("<log/>\n ¦<log/>", "there is something after the end of the log");
    refused("<log></log> ¦x", "there is something after the end of the log");
    refused("<log></log>¦</log>", "there is something after the end of the log");
    refused("<log/>¦<![CDATA[ ]]>", "there is something after the end of the log");
    refused("<log/>¦&amp;", "there is something after the end of the log");
    refused("<log>\n  ¦text</log>", "text between elements; XES keeps its values in tags");
    refused("<log>¦&#10;</log>", "text between elements; XES keeps its values in tags");
    refused("<log><![CDATA[ ¦x]]></log>", "text between elements; XES keeps its values in tags");
    refused(
        " ¦<?xml version='1.0'?><log/>",
        "an XML declaration that is not at the start of the file, or not of XML 1.0",
    );
    refused(
        "¦<?xml encoding='UTF-8'?><log/>",
        "an XML declaration that is not at the start of the file, or not of XML 1.0",
    );
    refused(
        "¦<?xml version='2.0'?><log/>",
        "an XML declaration that is not at the start of the file, or not of XML 1.0",
    );
    refused(
        "<log><!-- \u{FFFE}¦\u{1} --></log>".replace('\u{FFFE}', "я").as_str(),
        "a character that XML does not allow",
    );
    refused("<log><¦1/></log>", "not well-formed XML: a name was expected");
    refused("<log><¦></log>", "not well-formed XML: a name was expected");
    refused(
        "<log>< ¦string/></log>".replace("< ¦", "<¦ ").as_str(),
        "not well-formed XML: a name was expected",
    );
}

#[test]
fn tags_that_are_not_well_formed() {
    refused_in_event("<int ¦1='2'/>", "not well-formed XML: a name was expected");
    refused_in_event(
        "<int key¦/>",
        "not well-formed XML: = was expected after an attribute's name",
    );
    refused_in_event(
        "<int key = ¦k/>",
        "not well-formed XML: an attribute's value in quotes was expected",
    );
    refused_in_event(
        "<int key='дете'¦value='1'/>",
        "not well-formed XML: white space before an attribute",
    );
    refused_in_event("<int key='k' value='1' ¦key='l'/>", "key stands twice in <int>");
    refused_in_event(
        "<string key='k' value='дете ¦<'/>",
        "not well-formed XML: < in an attribute's value; write &lt;",
    );
    refused_in_event(
        "<string key='k' value='a ¦& b'/>",
        "not well-formed XML: & without ;, write &amp;",
    );
    refused_in_event(
        "<string key='k' value='a\n дете¦&b c;'/>",
        "not well-formed XML: & without ;, write &amp;",
    );
    refused_in_event(
        "<string key='k' value='¦&nbsp;'/>",
        "&nbsp; is not defined; XES has no entities of its own",
    );
    refused_in_event("<string key='k' value='¦&#0;'/>", "a character that XML does not allow");
    refused_in_event("<string key='k' value='¦&#xD800;'/>", "a character that XML does not allow");
    refused_in_event("<string key='k' value='¦&#+65;'/>", "a character that XML does not allow");
    refused_in_event("<string key='k' value='¦&#X41;'/>", "a character that XML does not allow");
    refused_in_event("<string key='k' value='¦\u{8}'/>", "a character that XML does not allow");
    let mut bytes = "<log>\n<string key='k' value='дете ".as_bytes().to_vec();
    bytes.extend(*b"\xC0\xAF'/></log>");
    assert_eq!(
        read(&bytes).unwrap_err().to_string(),
        "line 2, column 29: not UTF-8; convert the file first"
    );
}

#[test]
fn xml_that_is_not_xes() {
    refused("<log>\n¦<case/></log>", "<case> may not stand in <log>");
    refused("<log><trace>¦<trace/></trace></log>", "<trace> may not stand in <trace>");
    refused("<x:log xmlns:x='x'>¦<trace/></x:log>", "<trace> may not stand in <log>");
    refused("<log>¦<y:trace/></log>", "<y:trace> may not stand in <log>");
    refused(
        "<log><extension name='a' prefix='b' uri='c'>¦<string/></extension></log>",
        "<string> may not stand in <extension>",
    );
    refused("<log>¦<extension name='a' prefix='b'/></log>", "<extension> lacks uri");
    refused("<log>¦<classifier name='a'/></log>", "<classifier> lacks keys");
    refused("<log><global ¦for='event'/></log>", "<global> has no for in XES");
    refused(
        "<log>¦<event/></log>",
        "an event outside any trace: it is not said which case it belongs to",
    );
    refused("<log><trace ¦id='1'/></log>", "<trace> has no id in XES");
    refused(
        &format!("<log><trace>{NAME}<event ¦id='1'>{NAME}{TIME}</event></trace></log>"),
        "<event> has no id in XES",
    );
    refused(
        &format!(
            "<log><trace>{NAME}<event>{NAME}{TIME}</event>\n¦<int key='k' value='1'/></trace></log>"
        ),
        "an attribute of the trace after its first event; XES puts a trace's attributes first",
    );
    refused_in_event("¦<event/>", "<event> may not stand in <event>");
    refused_in_event("¦<values/>", "<values> may not stand in <event>");
    refused_in_event("¦<int value='1'/>", "<int> lacks key");
    refused_in_event("¦<int key='1'/>", "<int> lacks value");
    refused_in_event("<int key='k' value='1' ¦unit='m'/>", "<int> has no unit in XES");
    refused_in_event(
        "<list key='l'><values/>¦<values/></list>",
        "<values> may not stand in <list>",
    );
    refused_in_event(
        "<container key='l'>¦<values/></container>",
        "<values> may not stand in <container>",
    );
    refused_in_event(
        "<int key='k' value='1'/>¦<int key='k' value='1'/>",
        "the key \"k\" stands twice in one element",
    );
    refused_in_event(
        "<id key='i' value='1'><int key='k' value='1'/>¦<int key='k' value='1'/></id>",
        "the key \"k\" stands twice in one element",
    );
}

#[test]
fn values_that_are_not_of_their_type() {
    for (value, message) in [
        (
            "<date key=\"време\"\n value=\"¦31.12.2024\"/>",
            "the value of \"време\" is not a date and time such as 2010-10-02T09:20:39.266+02:00",
        ),
        (
            "<date key='k' value='¦'/>",
            "the value of \"k\" is not a date and time such as 2010-10-02T09:20:39.266+02:00",
        ),
        ("<int key='k' value='¦1.0'/>", "the value of \"k\" is not a whole number of 64 bits"),
        (
            "<int key='k' value='¦9223372036854775808'/>",
            "the value of \"k\" is not a whole number of 64 bits",
        ),
        ("<float key='k' value='¦1,5'/>", "the value of \"k\" is not a decimal number, NaN or INF"),
        ("<float key='k' value='¦inf'/>", "the value of \"k\" is not a decimal number, NaN or INF"),
        (
            "<float key='k' value='¦0x10'/>",
            "the value of \"k\" is not a decimal number, NaN or INF",
        ),
        ("<float key='k' value='¦'/>", "the value of \"k\" is not a decimal number, NaN or INF"),
        ("<boolean key='k' value='¦yes'/>", "the value of \"k\" is not true or false"),
        (
            "<list key='k' value='¦x'/>",
            "the value of \"k\" is not allowed: a list or container has none",
        ),
    ] {
        refused_in_event(value, message);
    }
}

#[test]
fn traces_and_events_that_lack_something() {
    let named = |name: &str| format!("<trace>\n<string key='concept:name' value='{name}'/>");
    refused(
        &format!(
            "<log>\n{}</trace>\n ¦<trace><event>{NAME}{TIME}</event></trace></log>",
            named("дело 1")
        ),
        "trace 2 has no concept:name; it must stand before the trace's first event (the default of a global is never filled in)",
    );
    refused(
        "<log>¦<trace><string key='concept:name' value=''/></trace></log>",
        "trace 1 has no concept:name; it must stand before the trace's first event (the default of a global is never filled in)",
    );
    refused(
        &format!(
            "<log>{a}</trace>{b}</trace>\n¦{a}</trace></log>",
            a = named("дело 1"),
            b = named("дело 2")
        ),
        "trace 3 has the same concept:name as trace 1: \"дело 1\"",
    );
    let global = "<log><global scope='event'><string key='concept:name' value='UNKNOWN'/></global>";
    for (lacking, reason) in [
        (TIME.to_owned(), "has no concept:name (the default of a global is never filled in)"),
        (
            format!("<string key='concept:name' value=''/>{TIME}"),
            "has no concept:name (the default of a global is never filled in)",
        ),
        (NAME.to_owned(), "has no time:timestamp (the default of a global is never filled in)"),
        (
            format!("{NAME}<string key='time:timestamp' value='2024-02-29T10:00:00Z'/>"),
            "has a time:timestamp that is not a date",
        ),
    ] {
        refused(
            &format!(
                "{global}{}</trace>{}\n<event>{NAME}{TIME}</event>\n\t¦<event>{lacking}</event></trace></log>",
                named("дело 1"),
                named("дело 2")
            ),
            &format!("event 2 of trace 2 (\"дело 2\") {reason}"),
        );
    }
}

#[test]
fn bounds() {
    let nested = |depth: usize| {
        let mark = if depth > 16 { "¦" } else { "" };
        let open = "<int key='k' value='1'>".repeat(depth - 1);
        format!("{open}{mark}<int key='k' value='1'/>{}", "</int>".repeat(depth - 1))
    };
    let in_event =
        |text: &str| format!("<log><trace>{NAME}<event>{NAME}{TIME}{text}</event></trace></log>");
    assert!(read(in_event(&nested(16)).as_bytes()).is_ok());
    refused(&in_event(&nested(17)), "attributes are nested more than 16 deep");

    let many = |count: usize| {
        (2..count).map(|n| format!("<int key='{n}' value='1'/>")).collect::<String>()
    };
    assert!(read(in_event(&many(4_096)).as_bytes()).is_ok());
    refused(
        &in_event(&(many(4_096) + "¦<int key='x' value='1'/>")),
        "more than 4096 attributes in one event or trace",
    );

    // The section of an event with one more attribute, whose value has 2 bytes a character there.
    let long =
        |count: usize| in_event(&format!("<string key='k' value='{}'/>", "&quot;".repeat(count)));
    let fixed = read(long(0).as_bytes()).unwrap().1[0].1[0].clone();
    let left = (1 << 20) - super::super::encode_event(&fixed).unwrap().len();
    let fits = read(long(left / 2).as_bytes()).unwrap();
    assert!(super::super::encode_event(&fits.1[0].1[0]).unwrap().len() > (1 << 20) - 2);
    let marked = long(left / 2 + 1).replacen("<event>", "¦<event>", 1);
    refused(&marked, "one event or trace of more than 1048576 bytes");
    refused(
        &in_event(&format!("¦<string key='k' value='{}'/>", "x".repeat(1 << 20))),
        "one event or trace of more than 1048576 bytes",
    );
    let too_long = "a tag, comment or white space longer than 8388608 bytes";
    refused(
        &in_event(&format!("¦<string key='k' value='{}'/>", "&quot;".repeat(2 << 20))),
        too_long,
    );
    refused(&format!("<log>¦<!--{}--></log>", "x".repeat(8 << 20)), too_long);
    refused(&format!("<log>¦{}</log>", " ".repeat((8 << 20) + 1)), too_long);
    assert!(read(format!("<log>{}</log>", " ".repeat(8 << 20)).as_bytes()).is_ok());

    let header = "<string key='k' value='x'/>".repeat(65_536);
    assert!(read(format!("<log>{header}</log>").as_bytes()).is_ok());
    refused(
        &format!("<log>{header}¦<string key='k' value='x'/></log>"),
        "the log itself has more than 65536 attributes or 8388608 bytes of them",
    );
}

#[test]
fn gzip_that_is_cut_off_or_damaged() {
    let text = format!("<log>\n<trace>{NAME}</trace>\n</log>");
    let mut out = GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(text.as_bytes()).unwrap();
    let whole = out.finish().unwrap();
    assert!(read(&whole).is_ok());
    for end in 2..whole.len() {
        let error = read(&whole[..end]).unwrap_err();
        let reason =
            matches!(error, ReadError::Malformed { problem: Malformed::GzipTruncated, .. });
        assert!(reason, "{end} of {}: {error}", whole.len());
    }
    let mut damaged = whole.clone();
    let checksum = damaged.len() - 5;
    damaged[checksum] ^= 1;
    assert_eq!(
        read(&damaged).unwrap_err().to_string(),
        "line 3, column 7: the gzip file is damaged here, or something else follows it"
    );
    assert_eq!(
        read(&[whole.as_slice(), b"PK\x03\x04 and more"].concat()).unwrap_err().to_string(),
        "line 3, column 7: the gzip file is damaged here, or something else follows it"
    );
    assert!(read(&[0x1F, 0x8B, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]).is_err());
}

#[test]
fn a_file_that_can_not_be_read() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("no disk"))
        }
    }
    let mut reader = XesReader::new(b"<log>".as_slice().chain(Failing)).unwrap();
    let error = reader.next().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "the file could not be read: no disk");
    assert!(matches!(error, ReadError::Io { .. }));
    assert!(reader.next().is_none(), "an error is the last that is heard");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is done to a log, it is read or refused, at a place that the file has.
    #[test]
    fn damage_is_refused_in_its_place(edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..4)) {
        let event = format!("<event>{NAME}\n{TIME}<list key='l'><values>{NAME}</values></list></event>");
        let mut bytes = format!("<?xml version='1.0'?><!-- дело -->\n<log>\n<trace>{NAME}{event}{event}</trace></log>").into_bytes();
        for (index, byte, kind) in edits {
            let at = index.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => bytes.truncate(at.max(1)),
            }
        }
        if let Err(error) = read(&bytes) {
            let at = match error {
                ReadError::Malformed { at, .. }
                | ReadError::TraceWithoutName { at, .. }
                | ReadError::SameName { at, .. }
                | ReadError::EventLacks { at, .. } => at,
                ReadError::Io { source } => panic!("{source}"),
            };
            let line = bytes.split(|byte| *byte == b'\n').nth(at.line as usize - 1);
            prop_assert!(line.is_some_and(|line| at.column <= line.len() as u64 + 1), "{at}");
        }
    }
}
