//! The variety of XML and XES that is read.

use std::io::Write;

use flate2::write::GzEncoder;

use super::super::Value;
use super::{Compression, read, string, write};

const SMALL: &str = r#"<log><trace><string key="concept:name" value="дело 1"/><event><string key="concept:name" value="A"/><date key="time:timestamp" value="2024-02-29T10:00:00Z"/></event></trace></log>"#;

#[test]
fn the_same_log_in_other_xml() {
    let plain = read(SMALL.as_bytes()).unwrap();
    assert_eq!(plain.1.len(), 1);
    assert_eq!(plain.1[0].1.len(), 1);
    let prefixed = SMALL
        .replace("</", "</x:")
        .replace('<', "<x:")
        .replace("<x:/x:", "</x:")
        .replacen("<x:log>", "<x:log xmlns:x='http://www.xes-standard.org/'>", 1);
    for other in [
        format!("\u{FEFF}{SMALL}"),
        format!("<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n<!-- a --><?p i?>{SMALL}\n<!-- z -->\n"),
        SMALL.replacen("<log>", "<log xes.version='1849.2016' xmlns='http://www.xes-standard.org/' xmlns:xsi='x' xsi:schemaLocation='x' openxes.version='1.0RC7'>", 1),
        prefixed,
        SMALL.replace('>', ">\r\n\t").replace("/>", " />"),
        SMALL.replace("<event>", "<!-- <event> -->\n<event><![CDATA[ \n]]><?p i?>"),
        SMALL.replace("<event>", "<event xmlns='http://www.xes-standard.org/'>"),
        SMALL.replace('"', "'"),
        SMALL.replace("<event>", "<event\n>").replace("</event>", "</event\t>"),
        SMALL.replace("\"A\"", "\"&#65;\"").replace("дело", "&#x434;&#x435;ло"),
        SMALL.replace("/><date", "></string><date"),
        SMALL.replace("value=\"дело 1\"", "value\n = \"дело\n1\""),
        SMALL.replace(r#"key="concept:name" value="A""#, r#"value="A" key="concept:name""#),
    ] {
        let (_, traces) = read(other.as_bytes()).unwrap_or_else(|error| panic!("{other}: {error}"));
        assert_eq!(traces, plain.1, "{other}");
    }
}

#[test]
fn gzip_of_one_or_several_members() {
    let pack = |text: &str| {
        let mut out = GzEncoder::new(Vec::new(), flate2::Compression::best());
        out.write_all(text.as_bytes()).unwrap();
        out.finish().unwrap()
    };
    let plain = read(SMALL.as_bytes()).unwrap();
    assert_eq!(read(&pack(SMALL)).unwrap(), plain);
    assert_eq!(read(&pack(&format!("\u{FEFF}{SMALL}"))).unwrap(), plain);
    let (first, second) = SMALL.split_at(60);
    assert_eq!(read(&[pack(first), pack(""), pack(second)].concat()).unwrap(), plain);
}

#[test]
fn values_mean_what_xml_says() {
    let log = SMALL.replace(
        "</event>",
        "<string key='a' value=' x\t\r\n\r&#9;&#13;&#10;&lt;&gt;&amp;&apos;&quot;&#x1F476;>\"]]>'\
         /></event>"
            .replace("\"]]>'", "\"]]&gt;'")
            .as_str(),
    );
    let (_, traces) = read(log.as_bytes()).unwrap();
    let attribute = &traces[0].1[0].attributes()[2];
    assert_eq!(attribute, &string("a", " x   \t\r\n<>&'\"\u{1F476}>\"]]>"));
}

#[test]
fn every_type_nested_and_in_lists() {
    let log = SMALL.replace(
        "</event>",
        r#"<boolean key="b" value=" 1 "/><boolean key="c" value="false"/><int key="i" value="+07"/>
           <float key="f" value="-INF"/><id key="d" value="x"><string key="n" value=""><int key="m" value="-9223372036854775808"/></string></id>
           <list key="l" value=""><string key="about" value="l"/><values key="v"><int key="k" value="1"/><int key="k" value="2"/></values></list>
           <list key="old"><int key="k" value="1"/><int key="k" value="2"/></list>
           <container key="e"><date key="k" value="2024-02-29T10:00:00.123"/><container key="k"/></container></event>"#,
    );
    let parsed = read(log.as_bytes()).unwrap();
    let attributes = &parsed.1[0].1[0].attributes()[2..];
    assert_eq!(attributes.len(), 8);
    assert_eq!(attributes[0].value, Value::Boolean(true));
    assert_eq!(attributes[2].value, Value::Int(7));
    assert_eq!(attributes[3].value.text().as_deref(), Some("-INF"));
    assert_eq!(attributes[4].attributes[0].attributes[0].value, Value::Int(i64::MIN));
    let Value::List(values) = &attributes[5].value else { panic!("a list") };
    assert_eq!((values.len(), attributes[5].attributes.len()), (2, 1));
    assert_eq!(attributes[6].value, Value::List(Vec::new()));
    assert_eq!(attributes[6].attributes.len(), 2);
    assert_eq!((&attributes[7].value, attributes[7].attributes.len()), (&Value::Container, 2));
    assert_eq!(read(&write(&parsed, Compression::Plain)).unwrap().1, parsed.1);
}

#[test]
fn a_log_without_traces_and_a_trace_without_events() {
    assert_eq!(read(b"<log/>").unwrap().1.len(), 0);
    let empty = r#"<log><trace><string key="concept:name" value="1"/></trace><trace><int key="concept:name" value="2"/></trace></log>"#;
    let (_, traces) = read(empty.as_bytes()).unwrap();
    assert_eq!(
        traces.iter().map(|(t, e)| (t.name(), e.len())).collect::<Vec<_>>(),
        [("1", 0), ("2", 0)]
    );
}

#[test]
fn what_the_log_says_of_itself_is_kept_wherever_it_stands() {
    let log = SMALL.replace(
        "<trace>",
        r#"<string key="concept:name" value="all"/><classifier name="c" keys="concept:name"/>
           <global scope="event"><string key="org:resource" value="nobody"/></global><trace>"#,
    );
    let log = log.replace(
        "</log>",
        r#"<extension name="Time" prefix="time" uri="u"/><classifier name="d" scope="trace" keys="x y"/></log>"#,
    );
    let (header, traces) = read(log.as_bytes()).unwrap();
    assert_eq!(header.attributes, [string("concept:name", "all")]);
    assert_eq!(header.globals[0].scope.as_deref(), Some("event"));
    assert_eq!(header.classifiers[1].scope.as_deref(), Some("trace"));
    assert_eq!(header.extensions.len(), 1);
    assert_eq!(traces[0].1[0].resource(), None, "the default of a global is not filled in");
}
