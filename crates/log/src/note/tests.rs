use letopis_crypto::sign::SecretKey;
use proptest::prelude::*;

use super::*;

// The examples of the specification.
const VKEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const SIGNED: &str = "This is an example message.\n\n\u{2014} example.com/foo \
    Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
const POEM: &str = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\n\
    ed è subito sera.\n\n\u{2014} quasimodo.example/salvatore \
    NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";

fn vkey() -> VerifierKey {
    VKEY.parse().unwrap()
}

fn secret() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

fn own_key() -> VerifierKey {
    VerifierKey::new("ledger.invalid/test", secret().public()).unwrap()
}

fn sign(text: &str) -> Result<Note, NoteError> {
    Note::sign(text.to_owned(), &own_key(), |message| secret().sign(message))
}

/// A line whose signature by an unknown key is these bytes.
fn line(name: &str, bytes: &[u8]) -> String {
    format!("\u{2014} {name} {}\n", text::base64(&[b"\0\0\0\x01", bytes].concat()))
}

#[test]
fn the_specifications_note_verifies() {
    let note = Note::from_text(SIGNED).unwrap();
    assert_eq!(note.verify(&vkey()).unwrap(), "This is an example message.\n");
    assert_eq!(note.to_text(), SIGNED);
    let [signature] = note.signatures() else { panic!("one signature") };
    assert_eq!(signature.name(), "example.com/foo");
    assert_eq!(signature.key_id().to_string(), "530d903a");
    assert_eq!(signature.signature().len(), 64);
}

#[test]
fn the_last_blank_line_parts_text_and_signatures() {
    let note = Note::from_text(POEM).unwrap();
    assert!(note.text.ends_with("sole:\n\ned è subito sera.\n"));
    assert_eq!(note.to_text(), POEM);
    for text in ["\n", "a\n\n", "\n\n\n", "— a AAAAAAE=\n"] {
        let note = sign(text).unwrap();
        let again = Note::from_text(&note.to_text()).unwrap();
        assert_eq!(again, note, "{text:?}");
        assert_eq!(again.verify(&own_key()), Ok(text));
    }
}

#[test]
fn what_is_not_a_note_is_refused() {
    let good = line("a.invalid", &[1]);
    let lines_ok = |lines: &str| Note::from_text(&format!("text\n\n{lines}")).is_ok();
    assert!(lines_ok(&good));
    assert!(lines_ok(&good.repeat(SIGNATURES_MAX)));

    use NoteError as E;
    for (note, expected) in [
        (String::new(), E::NoBlankLine),
        (format!("text\n{good}"), E::NoBlankLine),
        ("text\n\n".to_owned(), E::SignatureLine { line: 1 }),
        (format!("text\n\n{good}\n"), E::SignatureLine { line: 1 }),
        (format!("text\n\n{good}more\n"), E::SignatureLine { line: 2 }),
        (format!("te\txt\n\n{good}"), E::ControlCharacter { offset: 2 }),
        (format!("text\r\n\r\n{good}"), E::ControlCharacter { offset: 4 }),
        (format!("text\n\n{}", good.repeat(SIGNATURES_MAX + 1)), E::TooManySignatures),
        (
            format!("{}\n\n{good}", "t".repeat(NOTE_BYTES_MAX)),
            E::TooLong { length: NOTE_BYTES_MAX + 2 + good.len() },
        ),
    ] {
        assert_eq!(Note::from_text(&note), Err(expected), "{:?}", note.get(..50));
    }
    for wrong in [
        good.trim_end(),
        &good.replace('\u{2014}', "-"),
        &good.replace("\u{2014} ", "\u{2014}"),
        &good.replace("a.invalid ", "a.invalid  "),
        &good.replace("a.invalid", ""),
        &good.replace("a.invalid", "a+b"),
        &good.replace("a.invalid", "a\u{a0}b"),
        &good.replace("a.invalid", "a\u{2028}b"),
        &good.replace('=', ""),
        &good.replace('\n', " \n"),
        &format!(" {good}"),
        &line("a.invalid", &[]),
        "\u{2014} a.invalid AAA=\n",
        "\u{2014} a.invalid AAAAAAF=\n",
    ] {
        assert!(!lines_ok(wrong), "{wrong:?}");
    }
}

#[test]
fn notes_that_could_not_be_read_are_not_signed() {
    assert_eq!(sign("no newline"), Err(NoteError::NoBlankLine));
    assert_eq!(sign(""), Err(NoteError::NoBlankLine));
    assert_eq!(sign("a\0\n"), Err(NoteError::ControlCharacter { offset: 1 }));
    let long = format!("{}\n", "t".repeat(NOTE_BYTES_MAX - 1));
    assert!(matches!(sign(&long), Err(NoteError::TooLong { .. })));
}

#[test]
fn only_the_right_signature_verifies() {
    let note = sign("text\n").unwrap();
    let key = own_key();
    let key_id = key.id();
    let with = |change: &dyn Fn(&mut Note)| {
        let mut note = note.clone();
        change(&mut note);
        note.verify(&key).map(str::to_owned)
    };
    assert_eq!(with(&|_| ()).as_deref(), Ok("text\n"));
    // Signatures of others change nothing, also where name or id are the key's (but not both).
    let other = |name: &str, id: u8| NoteSignature {
        name: name.to_owned(),
        key_id: KeyId([id; 4]),
        signature: vec![1],
    };
    assert!(with(&|note| note.signatures.push(other("b.invalid", 1))).is_ok());
    assert!(with(&|note| note.signatures.insert(0, other(key.name(), 1))).is_ok());
    assert!(
        with(&|note| {
            note.signatures.push(NoteSignature { key_id, ..other("b.invalid", 1) });
        })
        .is_ok()
    );

    use VerificationError as E;
    assert_eq!(
        with(&|note| note.text = "tex\n".to_owned()),
        Err(E::Invalid { key_id, source: SignatureError::Invalid })
    );
    assert_eq!(
        with(&|note| note.signatures.push(note.signatures[0].clone())),
        Err(E::SignedTwice { key_id })
    );
    assert_eq!(
        with(&|note| note.signatures[0].signature.push(0)),
        Err(E::SignatureLength { key_id })
    );
    assert_eq!(
        with(&|note| note.signatures[0].name = "b.invalid".to_owned()),
        Err(E::NotSigned { key_id })
    );
    assert_eq!(
        with(&|note| note.signatures[0].key_id = KeyId([1; 4])),
        Err(E::NotSigned { key_id })
    );
    assert_eq!(note.verify(&vkey()), Err(E::NotSigned { key_id: vkey().id() }));
}

#[test]
fn verifier_keys_have_one_text_form() {
    assert_eq!(vkey().to_string(), VKEY);
    assert_eq!(own_key().to_string().parse(), Ok(own_key()));
    let parse = |text: &str| text.parse::<VerifierKey>();
    use VerifierKeyError as E;
    for wrong in [
        "",
        "example.com/foo",
        "example.com/foo+530d903a",
        &VKEY.replace("530d903a", "530D903A"),
        &VKEY.replace("530d903a", "30d903a"),
        &VKEY.replace("530d903a", "530d903 "),
        &VKEY.replace("AekyeRr", "AekyeR"),
        &format!("{VKEY}\n"),
    ] {
        assert_eq!(parse(wrong), Err(E::Form), "{wrong:?}");
    }
    let key = text::base64(&[2; 33]);
    assert_eq!(parse(&format!("a+00000000+{key}")), Err(E::NotEd25519));
    assert_eq!(parse("a+00000000+AQI="), Err(E::NotEd25519));
    assert_eq!(parse("a+00000000+"), Err(E::NotEd25519));
    assert_eq!(parse(&VKEY.replace("example.com/foo", "")), Err(E::Name));
    assert_eq!(parse(&VKEY.replace("example.com/foo", "a b")), Err(E::Name));
    assert!(matches!(parse(&VKEY.replace("foo", "fop")), Err(E::KeyId { .. })));
    assert!(matches!(parse(&VKEY.replace("530d903a", "530d903b")), Err(E::KeyId { .. })));
    for name in ["", "a b", "a+b", "a\nb", "a\tb", "a\0b", "a\u{3000}b"] {
        assert_eq!(VerifierKey::new(name, secret().public()), Err(E::Name), "{name:?}");
    }
}

#[test]
fn a_key_that_no_signature_counts_under_verifies_nothing() {
    // Of small order: under it one signature would fit any message.
    let mut identity = [0; 32];
    identity[0] = 1;
    let key = VerifierKey::new("a.invalid", PublicKey(identity)).unwrap();
    let note = Note::sign("text\n".to_owned(), &key, |_| {
        let mut signature = [0; 64];
        signature[0] = 1;
        SignatureBytes(signature)
    });
    assert_eq!(
        note.unwrap().verify(&key),
        Err(VerificationError::Invalid { key_id: key.id(), source: SignatureError::WeakKey })
    );
}

proptest! {
    #[test]
    fn what_is_read_is_written_the_same(
        start in "[ -~\n\u{2014}]{0,40}",
        place: prop::sample::Index,
        put in "[\n+= a\u{2014}\u{a0}]{0,3}",
    ) {
        let mut note = format!("{start}\n\n{}{}", line("a.invalid", &[1]), line("b.invalid", &[2; 9]));
        let places: Vec<_> = note.char_indices().map(|(at, _)| at).collect();
        note.insert_str(places[place.index(places.len())], &put);
        if let Ok(read) = Note::from_text(&note) {
            prop_assert_eq!(read.to_text(), note);
        }
    }
}
