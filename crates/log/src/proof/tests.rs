use proptest::prelude::*;

use super::*;

/// The example of the specification. Its signatures are cut short for print: a proof carries its
/// checkpoint unread.
const EXAMPLE: &str = "c2sp.org/tlog-proof@v1
extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ
index 73894
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=
RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=
AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=

example.com/fancylog
109482
sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

\u{2014} example.com/fancylog hI2DJw[...]1roloI=
\u{2014} witness1.example mJirIklj[...]qY9v2B/5bg==
\u{2014} witness2.example TnKKVHLX[...]xwYwrSjgow==
\u{2014} witness3.example S4X82uH5[...]3oEcROGLFQ==
";

#[test]
fn the_specifications_example_is_read() {
    let proof = TlogProof::from_text(EXAMPLE).unwrap();
    assert!(proof.extra.starts_with(b"age-v1.2.1-darwin-arm64.tar.gz"));
    assert_eq!(proof.index, Sequence(73_894));
    assert_eq!(proof.hashes.len(), 5);
    assert!(proof.checkpoint.starts_with("example.com/fancylog\n109482\n"));
    assert!(proof.checkpoint.ends_with("3oEcROGLFQ==\n"));
    assert_eq!(proof.to_text(), EXAMPLE);
}

#[test]
fn the_least_proof_has_no_extra_data_and_no_hashes() {
    let text = "c2sp.org/tlog-proof@v1\nindex 0\n\na.invalid\n";
    let proof = TlogProof {
        extra: Vec::new(),
        index: Sequence(0),
        hashes: Vec::new(),
        checkpoint: "a.invalid\n".to_owned(),
    };
    assert_eq!(TlogProof::from_text(text), Ok(proof.clone()));
    assert_eq!(proof.to_text(), text);
}

#[test]
fn what_would_not_be_written_so_is_refused() {
    use ProofFormatError as E;
    let hash = "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n";
    let wrong = |from: &str, to: &str| TlogProof::from_text(&EXAMPLE.replacen(from, to, 1));
    for (from, to, expected) in [
        ("@v1", "@v2", E::FirstLine),
        ("c2sp", " c2sp", E::FirstLine),
        ("v1\n", "v1\r\n", E::FirstLine),
        ("extra YWdl", "extra  YWdl", E::Extra),
        ("extra YWdl", "extraYWdl", E::Extra),
        ("extra YWdl", "extra Wdl", E::Extra),
        ("4tYXJ\n", "4tYXJ=\n", E::Extra),
        ("4tYXJ\n", "4tYX\n", E::Extra),
        ("extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ", "extra ", E::Extra),
        ("extra ", "Extra ", E::Index),
        ("index 73894", "index 073894", E::Index),
        ("index 73894", "index  73894", E::Index),
        ("index 73894", "index 18446744073709551616", E::Index),
        ("index 73894\n", "", E::Index),
        ("index 73894\n", "index 73894\nindex 73894\n", E::Hashes),
        (hash, "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlR=\n", E::Hashes),
        (hash, "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ\n", E::Hashes),
        (hash, "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPg==\n", E::Hashes),
        (hash, &hash.repeat(HASHES_MAX - 3), E::Hashes),
        (&EXAMPLE[EXAMPLE.find("\n\n").unwrap()..], "\n", E::Checkpoint),
        (&EXAMPLE[EXAMPLE.find("\n\n").unwrap()..], "\n\n", E::Checkpoint),
        ("example.com", &"e".repeat(NOTE_BYTES_MAX), E::Checkpoint),
    ] {
        assert_eq!(wrong(from, to).err(), Some(expected), "{from:?} → {:?}", to.get(..60));
    }
    assert!(wrong(hash, &hash.repeat(HASHES_MAX - 4)).is_ok());
    let long = text::base64(&vec![1; EXTRA_BYTES_MAX + 1]);
    let text = format!("c2sp.org/tlog-proof@v1\nextra {long}\nindex 0\n\na\n");
    assert_eq!(TlogProof::from_text(&text), Err(E::Extra));
}

proptest! {
    #[test]
    fn what_is_written_is_read_the_same(
        extra in prop::collection::vec(any::<u8>(), 0..200),
        index: u64,
        hashes in prop::collection::vec(any::<[u8; 32]>().prop_map(Digest), 0..HASHES_MAX),
        checkpoint in "[ -~\n]{1,40}",
    ) {
        let proof = TlogProof { extra, index: Sequence(index), hashes, checkpoint };
        prop_assert_eq!(TlogProof::from_text(&proof.to_text()), Ok(proof));
    }

    #[test]
    fn what_is_read_is_written_the_same(place: prop::sample::Index, put in "[\n =A0a]{0,3}") {
        let mut text = EXAMPLE.to_owned();
        let places: Vec<_> = text.char_indices().map(|(at, _)| at).collect();
        text.insert_str(places[place.index(places.len())], &put);
        if let Ok(proof) = TlogProof::from_text(&text) {
            prop_assert_eq!(proof.to_text(), text);
        }
    }
}
