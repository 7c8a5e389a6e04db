//! What stops the build: no file that it takes has any of this.
#![allow(clippy::unwrap_used, reason = "tests may panic")]

#[path = "../build/messages.rs"]
mod messages;

use messages::{Messages, read, same};

fn of(text: &str) -> Messages {
    let mut messages = Messages::new();
    read(text, &mut messages).unwrap();
    messages
}

fn fault(text: &str) -> String {
    read(text, &mut Messages::new()).unwrap_err().to_string()
}

#[test]
fn languages_that_differ_stop_the_build() {
    let both = of("one = Едно\ntwo = { $n }\n");
    assert!(same(&both, &of("two = no more than { $n }\none = One\n")).is_ok());
    let fewer = of("one = One\n");
    let missing = r#"two: in bg/ it takes {"n"}, in en/ it is not there"#;
    assert_eq!(same(&both, &fewer).unwrap_err().to_string(), missing);
    let missing = r#"two: in bg/ it is not there, in en/ it takes {"n"}"#;
    assert_eq!(same(&fewer, &both).unwrap_err().to_string(), missing);
    // Two at once, each told.
    let others = of("three = Three\ntwo = { $m ->\n    [one] { $n }\n   *[other] none\n }\n");
    let told = same(&both, &others).unwrap_err().to_string();
    assert_eq!(
        told.lines().collect::<Vec<_>>(),
        [
            "one: in bg/ it takes {}, in en/ it is not there",
            "three: in bg/ it is not there, in en/ it takes {}",
            r#"two: in bg/ it takes {"n"}, in en/ it takes {"m", "n"}"#,
        ]
    );
}

#[test]
fn a_file_that_is_not_as_it_must_be_stops_the_build() {
    assert_eq!(fault("one = One\none = Again\n"), "one is there twice");
    assert!(fault("one = One\n\ntwo\n").starts_with("line 3: "), "{}", fault("one = One\n\ntwo\n"));
    assert_eq!(fault("-term = Term\n"), "holds more than messages");
    assert_eq!(fault("one = One\n    .more = More\n"), "one: a text, and no attributes");
    let function = "one: only arguments, choices and literal texts are used here";
    assert_eq!(fault("one = { NUMBER($n) }\n"), function);
}
