//! What is written reads the same, whatever it is.

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::section::{decode_event, decode_trace, encode_event, encode_trace};
use super::super::{Attribute, Event, LogHeader, TraceHeader, Value};
use super::super::{Classifier, Date, Extension, Float, Global};
use super::{Compression, Log, event, read, string, trace, write};

/// Texts with what is awkward in XML or JSON.
fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        4 => prop::char::range('a', 'z'),
        4 => prop::char::range('А', 'я'),
        6 => prop::sample::select(vec![
            '"', '\'', '<', '>', '&', '\t', '\n', '\r', ' ', '\\', '/', ';', '=', ']', '-', '\u{7F}',
            '\u{85}', '\u{A0}', '\u{2028}', '\u{FEFF}', '\u{FFFD}', '\u{1F476}', '\u{10FFFF}',
        ]),
        1 => any::<char>().prop_filter("XML has it", |c| letopis_xes::is_character(*c)),
    ];
    vec(character, 0..12).prop_map(String::from_iter)
}

fn date() -> impl Strategy<Value = Date> {
    let text =
        (1_i32..=9_998, 1..=12, 1..=28, 0..24, 0..60, 0..60, 0_u32..2_000_000_000, -840..=840);
    (text, any::<bool>()).prop_map(|((y, m, d, h, min, s, fraction, offset), zone)| {
        let fraction = if fraction % 2 == 0 { String::new() } else { format!(".{fraction}") };
        let sign = if offset < 0 { '-' } else { '+' };
        let offset: i32 = offset;
        let (hours, minutes) = (offset.abs() / 60, offset.abs() % 60);
        let zone = if zone { format!("{sign}{hours:02}:{minutes:02}") } else { "Z".to_owned() };
        let y = y + 1;
        Date::parse(format!("{y:04}-{m:02}-{d:02}T{h:02}:{min:02}:{s:02}{fraction}{zone}")).unwrap()
    })
}

fn elementary() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => text().prop_map(Value::String),
        1 => date().prop_map(Value::Date),
        1 => any::<i64>().prop_map(Value::Int),
        1 => any::<f64>().prop_map(|f| Value::Float(Float::parse(format!("{f:?}").replace("inf", "INF")).unwrap())),
        1 => any::<bool>().prop_map(Value::Boolean),
        1 => text().prop_map(Value::Id),
    ]
}

/// Attributes as siblings in an event: no key twice.
fn unique(mut attributes: Vec<Attribute>) -> Vec<Attribute> {
    for index in 0..attributes.len() {
        let key = attributes[index].key.clone();
        if attributes[..index].iter().any(|other| other.key == key) {
            attributes[index].key = format!("{key} {index}");
        }
    }
    attributes
}

fn attribute() -> impl Strategy<Value = Attribute> {
    let leaf = (text(), elementary()).prop_map(|(key, value)| Attribute::new(key, value));
    leaf.prop_recursive(5, 24, 4, |inner| {
        let value = prop_oneof![
            3 => elementary(),
            1 => vec(inner.clone(), 0..4).prop_map(Value::List),
            1 => Just(Value::Container),
        ];
        (text(), value, vec(inner, 0..4)).prop_map(|(key, value, attributes)| {
            let attributes =
                if value.kind().is_elementary() { unique(attributes) } else { attributes };
            Attribute { key, value, attributes }
        })
    })
}

fn some_event() -> impl Strategy<Value = Event> {
    (vec(attribute(), 0..4), text(), date(), 0..4_usize).prop_map(
        |(mut attributes, name, time, at)| {
            let at = at.min(attributes.len());
            attributes.insert(at, string("concept:name", &format!("x{name}")));
            attributes.insert(at, Attribute::new("time:timestamp", Value::Date(time)));
            Event::new(unique(attributes)).unwrap()
        },
    )
}

fn some_log() -> impl Strategy<Value = Log> {
    let traces = vec((vec(attribute(), 0..3), vec(some_event(), 0..4)), 0..4);
    let header = (vec(attribute(), 0..3), vec(attribute(), 0..3), text(), text());
    (header, traces).prop_map(|((attributes, globals, name, keys), traces)| {
        let header = LogHeader {
            version: Some("2.0".to_owned()),
            features: Some("nested-attributes".to_owned()),
            extensions: [
                ("Concept", "concept"),
                ("Time", "time"),
                ("Mine", "org"),
                ("Lifecycle", "lifecycle"),
            ]
            .map(|(name, prefix)| Extension {
                name: name.to_owned(),
                prefix: prefix.to_owned(),
                uri: format!("http://www.xes-standard.org/{prefix}.xesext?a&b"),
            })
            .to_vec(),
            globals: vec![
                Global { scope: Some("event".to_owned()), attributes: unique(globals) },
                Global { scope: None, attributes: Vec::new() },
            ],
            classifiers: vec![
                Classifier { name, scope: None, keys },
                Classifier {
                    name: "two".to_owned(),
                    scope: Some("trace".to_owned()),
                    keys: String::new(),
                },
            ],
            attributes,
        };
        let traces = traces.into_iter().enumerate().map(|(number, (attributes, events))| {
            let mut all = attributes;
            all.insert(0, string("concept:name", &format!("дело {number}")));
            (TraceHeader::new(unique(all)).unwrap(), events)
        });
        (header, traces.collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_written_log_reads_the_same(log in some_log(), gzip: bool) {
        let compression = if gzip { Compression::Gzip } else { Compression::Plain };
        let written = write(&log, compression);
        prop_assert_eq!(&read(&written).unwrap(), &log);
    }

    #[test]
    fn a_section_decodes_to_what_was_encoded(event in some_event(), attributes in vec(attribute(), 0..4)) {
        let content = encode_event(&event).unwrap();
        let decoded = decode_event(&content).unwrap();
        prop_assert_eq!(&decoded, &event);
        prop_assert_eq!(encode_event(&decoded).unwrap(), content.clone());
        // Content with other white space and escapes is read as well.
        let value: serde_json::Value = serde_json::from_slice(&content).unwrap();
        prop_assert_eq!(&decode_event(&serde_json::to_vec_pretty(&value).unwrap()).unwrap(), &event);

        let trace = trace("дело", attributes);
        prop_assert_eq!(decode_trace(&encode_trace(&trace).unwrap()).unwrap(), trace);
    }
}

#[test]
fn the_section_is_what_its_description_says() {
    let mut resource = string("org:resource", "Служител \"7\"\n\u{7F}\u{1F476}/\\");
    resource.attributes.push(Attribute::new("team", Value::Int(-3)));
    let event = event(vec![
        resource,
        Attribute::new("present", Value::List(vec![string("who", "майка"), string("who", "")])),
        Attribute::new("empty", Value::List(Vec::new())),
        Attribute::new("more", Value::Container),
        Attribute::new("urgent", Value::Boolean(false)),
        Attribute::new("id", Value::Id("0192f0c1".to_owned())),
        Attribute::new("cost", Value::Float(Float::parse("1.50E3").unwrap())),
    ]);
    let expected = concat!(
        r#"{"attributes":[{"key":"concept:name","type":"string","value":"Домашно посещение"},"#,
        r#"{"key":"time:timestamp","type":"date","value":"2024-02-29T10:00:00.5+02:00"},"#,
        r#"{"key":"org:resource","type":"string","value":"Служител \"7\"\n"#,
        "\u{7F}\u{1F476}/",
        r#"\\","attributes":[{"key":"team","type":"int","value":"-3"}]},"#,
        r#"{"key":"present","type":"list","values":[{"key":"who","type":"string","value":"майка"},"#,
        r#"{"key":"who","type":"string","value":""}]},"#,
        r#"{"key":"empty","type":"list","values":[]},{"key":"more","type":"container"},"#,
        r#"{"key":"urgent","type":"boolean","value":"false"},"#,
        r#"{"key":"id","type":"id","value":"0192f0c1"},"#,
        r#"{"key":"cost","type":"float","value":"1.50E3"}]}"#,
    );
    let content = encode_event(&event).unwrap();
    assert_eq!(String::from_utf8(content.clone()).unwrap(), expected);
    assert_eq!(super::super::section::encoded_len(event.attributes()), content.len());
}

#[test]
fn sections_of_another_shape_are_refused() {
    let attribute = |attribute: &str| {
        let name = r#"{"key":"concept:name","type":"string","value":"дело"}"#;
        decode_trace(format!(r#"{{"attributes":[{name},{attribute}]}}"#).as_bytes())
    };
    assert!(attribute(r#"{"key":"k","type":"string","value":"v"}"#).is_ok());
    for wrong in [
        r#"{"key":"k","type":"string"}"#,
        r#"{"key":"k","type":"string","value":null}"#,
        r#"{"key":"k","type":"int","value":3}"#,
        r#"{"key":"k","type":"int","value":"3.0"}"#,
        r#"{"key":"k","type":"date","value":"yesterday"}"#,
        r#"{"key":"k","type":"text","value":"v"}"#,
        r#"{"key":"k","type":"string","value":"v","value":"w"}"#,
        r#"{"key":"k","type":"string","value":"v","values":[]}"#,
        r#"{"key":"k","type":"string","value":"v","note":"v"}"#,
        r#"{"key":"k","type":"list"}"#,
        r#"{"key":"k","type":"list","value":"","values":[]}"#,
        r#"{"key":"k","type":"container","values":[]}"#,
        r#"{"type":"string","value":"v"}"#,
    ] {
        assert!(attribute(wrong).is_err(), "{wrong}");
    }
    let nested = |depth: usize| {
        let open = r#"{"key":"k","type":"container","attributes":["#.repeat(depth - 1);
        attribute(&format!(
            "{open}{{\"key\":\"k\",\"type\":\"container\"}}{}",
            "]}".repeat(depth - 1)
        ))
    };
    assert!(nested(16).is_ok());
    assert!(nested(17).is_err());
    assert!(nested(100_000).is_err(), "and the stack does not overflow");
    assert!(decode_trace(br#"{"attributes":[]}"#).is_err(), "a trace without a name");
    assert!(decode_event(br#"{"attributes":[]}"#).is_err(), "an event without a name");
    assert!(encode_trace(&trace("дело", vec![string("k", &"x".repeat(1 << 20))])).is_err());
    assert!(encode_trace(&trace("дело", vec![string("k", "x"); 4_096])).is_err());
}

#[test]
fn what_xml_can_not_hold_is_not_written() {
    let mut writer = super::XesWriter::new(Vec::new(), &LogHeader::default()).unwrap();
    assert!(writer.event(&event(Vec::new())).is_err(), "an event before any trace");
    writer.trace(&trace("дело", Vec::new())).unwrap();
    assert!(writer.event(&event(vec![string("k", "a\u{1}b")])).is_err());
    assert!(writer.event(&event(vec![string("\u{FFFF}", "a")])).is_err());
}

#[test]
fn the_form_of_a_written_log_is_fixed() {
    let mut place = string("place", "a<b>\"c\" & 'd'\r\n\te");
    place.attributes.push(Attribute::new("checked", Value::Boolean(true)));
    let log = (
        LogHeader::default(),
        vec![(
            trace("дело 1", vec![Attribute::new("n", Value::Int(1))]),
            vec![event(vec![
                place,
                Attribute::new("who", Value::List(vec![string("who", "A"), string("who", "B")])),
            ])],
        )],
    );
    let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="2.0" xes.features="nested-attributes" xmlns="http://www.xes-standard.org/">
	<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
	<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
	<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
	<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
	<trace>
		<string key="concept:name" value="дело 1"/>
		<int key="n" value="1"/>
		<event>
			<string key="concept:name" value="Домашно посещение"/>
			<date key="time:timestamp" value="2024-02-29T10:00:00.5+02:00"/>
			<string key="place" value="a&lt;b&gt;&quot;c&quot; &amp; 'd'&#13;&#10;&#9;e">
				<boolean key="checked" value="true"/>
			</string>
			<list key="who">
				<values>
					<string key="who" value="A"/>
					<string key="who" value="B"/>
				</values>
			</list>
		</event>
	</trace>
</log>
"#;
    assert_eq!(String::from_utf8(write(&log, Compression::Plain)).unwrap(), expected);
}

#[test]
fn a_name_ending_in_gz_means_gzip() {
    use std::path::Path;
    assert_eq!(Compression::of_name(Path::new("a/case.xes.gz")), Compression::Gzip);
    assert_eq!(Compression::of_name(Path::new("a/CASE.XES.GZ")), Compression::Gzip);
    assert_eq!(Compression::of_name(Path::new("a.gz/case.xes")), Compression::Plain);
    let packed = write(&(LogHeader::default(), Vec::new()), Compression::Gzip);
    assert_eq!(packed[..2], [0x1F, 0x8B]);
    assert_eq!(packed[4..8], [0; 4], "no time of packing: the same log, the same bytes");
}
