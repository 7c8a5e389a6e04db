use std::path::{Path, PathBuf};

use base64::Engine as _;
use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use letopis_types::Digest;

/// The entries of the reference tree that certificate-transparency's tests have always used.
const ENTRIES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];

/// Its roots, by size from 1.
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/// A tree kept as its leaf hashes, and RFC 6962's own recursions over it.
struct Leaves(Vec<Digest>);

impl Leaves {
    fn of(count: usize) -> Self {
        Self((0..count).map(|i| leaf_hash(format!("invented entry {i}").as_bytes())).collect())
    }

    fn reference() -> Self {
        Self(ENTRIES.iter().map(|entry| leaf_hash(entry)).collect())
    }
}

impl Nodes for Leaves {
    type Error = String;

    fn node(&self, level: u8, index: u64) -> Result<Digest, String> {
        let width = 1 << level;
        let subtree = self.0.chunks_exact(width).nth(index as usize);
        subtree.map(mth).ok_or_else(|| format!("no complete subtree {index} at level {level}"))
    }
}

fn split(n: usize) -> usize {
    n.next_power_of_two() / 2
}

/// RFC 6962, section 2.1.
fn mth(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node_hash(&mth(left), &mth(right))
        }
    }
}

/// RFC 6962, section 2.1.1.
fn path(m: usize, leaves: &[Digest]) -> Vec<Digest> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut proof, other) =
        if m < k { (path(m, left), right) } else { (path(m - k, right), left) };
    proof.push(mth(other));
    proof
}

/// RFC 6962, section 2.1.2.
fn subproof(m: usize, leaves: &[Digest], is_whole: bool) -> Vec<Digest> {
    if m == leaves.len() {
        return if is_whole { Vec::new() } else { vec![mth(leaves)] };
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut proof, other) = if m <= k {
        (subproof(m, left, is_whole), right)
    } else {
        (subproof(m - k, right, false), left)
    };
    proof.push(mth(other));
    proof
}

fn digests(hex: &[&str]) -> Vec<Digest> {
    hex.iter().map(|hex| hex.parse().unwrap()).collect()
}

#[test]
fn roots_of_the_reference_tree() {
    let leaves = Leaves::reference();
    let mut frontier = Frontier::new();
    assert_eq!(
        frontier.root().to_string(),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    assert_eq!(root(&leaves, 0).unwrap(), frontier.root());
    for (size, (leaf, expected)) in (1..).zip(leaves.0.iter().zip(ROOTS)) {
        frontier.append(*leaf);
        assert_eq!((frontier.size(), frontier.root().to_string().as_str()), (size, expected));
        assert_eq!(root(&leaves, size).unwrap().to_string(), expected);
    }
}

#[test]
fn proofs_of_the_reference_tree() {
    let leaves = Leaves::reference();
    let a = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
    let b = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
    let c = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
    let d = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
    let e = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
    let f = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
    let included: [(u64, u64, &[&str]); 5] = [
        (0, 1, &[]),
        (0, 8, &[a, b, c]),
        (5, 8, &[d, e, ROOTS[3]]),
        (2, 3, &[ROOTS[1]]),
        (1, 5, &[ROOTS[0], b, d]),
    ];
    for (index, size, expected) in included {
        assert_eq!(inclusion_proof(&leaves, index, size).unwrap(), digests(expected));
    }
    let consistent: [(u64, u64, &[&str]); 5] =
        [(1, 1, &[]), (1, 8, &[a, b, c]), (6, 8, &[f, e, ROOTS[3]]), (2, 5, &[b, d]), (0, 8, &[])];
    for (from, to, expected) in consistent {
        assert_eq!(consistency_proof(&leaves, from, to).unwrap(), digests(expected));
    }
}

#[test]
fn every_proof_of_small_trees_is_rfc_6962s_and_verifies() {
    let leaves = Leaves::of(70);
    let roots: Vec<_> = (0..=70).map(|size| mth(&leaves.0[..size])).collect();
    for size in 1..=70_usize {
        for index in 0..size {
            let proof = inclusion_proof(&leaves, index as u64, size as u64).unwrap();
            assert_eq!(proof, path(index, &leaves.0[..size]));
            let leaf = &leaves.0[index];
            verify_inclusion(leaf, index as u64, size as u64, &proof, &roots[size]).unwrap();
        }
        for from in 0..=size {
            let proof = consistency_proof(&leaves, from as u64, size as u64).unwrap();
            if from > 0 {
                assert_eq!(proof, subproof(from, &leaves.0[..size], true));
            }
            verify_consistency(from as u64, size as u64, &proof, &roots[from], &roots[size])
                .unwrap();
        }
    }
}

#[test]
fn what_is_out_of_range_is_refused() {
    let leaves = Leaves::of(4);
    let root = mth(&leaves.0);
    assert_eq!(inclusion_proof(&leaves, 4, 4), Err(ProveError::OutOfRange { index: 4, size: 4 }));
    assert_eq!(consistency_proof(&leaves, 4, 3), Err(ProveError::OutOfOrder { from: 4, to: 3 }));
    assert!(matches!(inclusion_proof(&leaves, 0, 8), Err(ProveError::Nodes(_))));
    for (index, size) in [(0, 0), (4, 4), (u64::MAX, u64::MAX)] {
        assert_eq!(
            verify_inclusion(&leaves.0[0], index, size, &[], &root),
            Err(InclusionError::OutOfRange { index, size })
        );
    }
    assert_eq!(
        verify_consistency(5, 4, &[], &root, &root),
        Err(ConsistencyError::OutOfOrder { from: 5, to: 4 })
    );
}

#[test]
fn sizes_up_to_the_largest_are_computed_without_overflow() {
    let root = empty_root();
    for (index, size, expected) in [
        (0, u64::MAX, 64),
        (u64::MAX - 1, u64::MAX, 63),
        (1 << 63, u64::MAX, 64),
        ((1 << 63) - 1, u64::MAX, 64),
        ((1 << 63) - 1, 1 << 63, 63),
    ] {
        assert_eq!(
            verify_inclusion(&root, index, size, &[], &root),
            Err(InclusionError::Length { expected, found: 0 })
        );
    }
    for (from, to, expected) in
        [(1, u64::MAX, 64), (u64::MAX - 1, u64::MAX, 64), (1 << 63, u64::MAX, 1)]
    {
        assert_eq!(
            verify_consistency(from, to, &[], &root, &root),
            Err(ConsistencyError::Length { expected, found: 0 })
        );
    }
}

#[test]
fn from_the_empty_tree_everything_is_a_continuation() {
    let leaves = Leaves::of(5);
    let root = mth(&leaves.0);
    let empty = empty_root();
    assert_eq!(verify_consistency(0, 5, &[], &empty, &root), Ok(()));
    assert_eq!(verify_consistency(0, 0, &[], &empty, &empty), Ok(()));
    assert_eq!(verify_consistency(0, 5, &[], &root, &root), Err(ConsistencyError::EarlierRoot));
    assert_eq!(verify_consistency(0, 0, &[], &empty, &root), Err(ConsistencyError::LaterRoot));
    assert_eq!(
        verify_consistency(0, 5, &[empty], &empty, &root),
        Err(ConsistencyError::Length { expected: 0, found: 1 })
    );
}

#[test]
fn the_frontier_of_a_part_goes_on_as_the_tree_does() {
    let leaves = Leaves::of(40);
    for size in 0..=40 {
        let mut frontier = Frontier::of(&leaves, size as u64).unwrap();
        assert_eq!(frontier.root(), mth(&leaves.0[..size]));
        for leaf in &leaves.0[size..] {
            frontier.append(*leaf);
        }
        assert_eq!(frontier, Frontier::of(&leaves, 40).unwrap());
    }
}

#[test]
fn of_another_leaf_or_root_nothing_is_shown() {
    let leaves = Leaves::of(40);
    let (size, root, other) = (40, mth(&leaves.0), leaf_hash(b"another entry"));
    for index in 0..size {
        let leaf = &leaves.0[index as usize];
        let proof = inclusion_proof(&leaves, index, size).unwrap();
        let wrong = Err(InclusionError::Root);
        assert_eq!(verify_inclusion(&other, index, size, &proof, &root), wrong);
        assert_eq!(verify_inclusion(leaf, index, size, &proof, &other), wrong);
    }
    for from in 1..=size {
        let from_root = mth(&leaves.0[..from as usize]);
        let proof = consistency_proof(&leaves, from, size).unwrap();
        let verify =
            |from_root, to_root| verify_consistency(from, size, &proof, from_root, to_root);
        assert_eq!(verify(&from_root, &other), Err(ConsistencyError::LaterRoot));
        // Of 2^n leaves the earlier root is where the proof begins, so that it can't but fit itself.
        let expected = if from.is_power_of_two() || from == size {
            ConsistencyError::LaterRoot
        } else {
            ConsistencyError::EarlierRoot
        };
        assert_eq!(verify(&other, &root), Err(expected));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_frontiers_root_is_rfc_6962s(count in 0_usize..600) {
        let leaves = Leaves::of(count);
        let mut frontier = Frontier::new();
        leaves.0.iter().for_each(|leaf| frontier.append(*leaf));
        prop_assert_eq!(frontier.root(), mth(&leaves.0));
    }

    #[test]
    fn a_changed_inclusion_proof_does_not_verify(
        (size, index) in (2_u64..300).prop_flat_map(|size| (Just(size), 0..size)),
        place: prop::sample::Index,
        bit in 0_usize..256,
    ) {
        let leaves = Leaves::of(size as usize);
        let root = root(&leaves, size).unwrap();
        let mut proof = inclusion_proof(&leaves, index, size).unwrap();
        let place = place.index(proof.len());
        proof[place].0[bit / 8] ^= 1 << (bit % 8);
        let leaf = &leaves.0[index as usize];
        prop_assert_eq!(
            verify_inclusion(leaf, index, size, &proof, &root),
            Err(InclusionError::Root)
        );
        let found = proof.len() - 1;
        prop_assert_eq!(
            verify_inclusion(leaf, index, size, &proof[1..], &root),
            Err(InclusionError::Length { expected: found + 1, found })
        );
    }

    #[test]
    fn a_changed_consistency_proof_does_not_verify(
        (to, from) in (2_u64..300).prop_flat_map(|to| (Just(to), 1..to)),
        place: prop::sample::Index,
        bit in 0_usize..256,
    ) {
        let leaves = Leaves::of(to as usize);
        let (from_root, to_root) = (root(&leaves, from).unwrap(), root(&leaves, to).unwrap());
        let mut proof = consistency_proof(&leaves, from, to).unwrap();
        let place = place.index(proof.len());
        proof[place].0[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(verify_consistency(from, to, &proof, &from_root, &to_root).is_err());
    }
}

// Other people's vectors, read where they are.

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InclusionVector {
    leaf_idx: u64,
    #[serde(default)]
    start: u64,
    #[serde(alias = "end")]
    tree_size: u64,
    root: String,
    leaf_hash: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConsistencyVector {
    #[serde(default)]
    start: u64,
    #[serde(alias = "end")]
    size1: u64,
    #[serde(alias = "size")]
    size2: u64,
    root1: String,
    root2: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

fn vectors() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("LETOPIS_SHARED").map_or_else(beside, PathBuf::from);
    let found = shared.join("vectors/merkle");
    if !found.is_dir() {
        eprintln!("left out: no merkle vectors in {}", found.display());
        return None;
    }
    Some(found)
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { json_files(&path) } else { vec![path] }).collect()
}

fn read<T: for<'a> Deserialize<'a>>(file: &Path) -> T {
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

/// Some wrong vectors have hashes of another length, which are no digests at all.
fn digest(base64: &str) -> Option<Digest> {
    Digest::from_slice(&base64::engine::general_purpose::STANDARD.decode(base64).unwrap())
}

fn proof(hashes: Option<Vec<String>>) -> Option<Vec<Digest>> {
    hashes.unwrap_or_default().iter().map(|hash| digest(hash)).collect()
}

/// Of the vectors for subtrees, those whose subtree begins at 0 are of trees.
#[test]
fn inclusion_vectors() {
    let Some(vectors) = vectors() else { return };
    let mut checked = (0, 0);
    for folder in ["inclusion", "subtreeinclusion"] {
        for file in json_files(&vectors.join(folder)) {
            let v: InclusionVector = read(&file);
            if v.start != 0 {
                continue;
            }
            let parts = (digest(&v.leaf_hash), digest(&v.root), proof(v.proof));
            let (Some(leaf), Some(root), Some(proof)) = parts else {
                assert!(v.want_err, "{}", file.display());
                continue;
            };
            let result = verify_inclusion(&leaf, v.leaf_idx, v.tree_size, &proof, &root);
            assert_eq!(result.is_err(), v.want_err, "{}: {result:?}", file.display());
            if v.want_err { checked.1 += 1 } else { checked.0 += 1 }
        }
    }
    assert!(checked.0 >= 12 && checked.1 >= 100, "right and wrong ones: {checked:?}");
}

#[test]
fn consistency_vectors() {
    let Some(vectors) = vectors() else { return };
    let mut checked = (0, 0);
    for folder in ["consistency", "subtreeconsistency"] {
        for file in json_files(&vectors.join(folder)) {
            let v: ConsistencyVector = read(&file);
            // What the empty subtree is part of is answered differently for trees: see above.
            if v.start != 0 || (folder == "subtreeconsistency" && v.size1 == 0) {
                continue;
            }
            let parts = (digest(&v.root1), digest(&v.root2), proof(v.proof));
            let (Some(root1), Some(root2), Some(proof)) = parts else {
                // One vector takes equal roots for right whatever their length; here they are no
                // digests, and can't be asked about.
                assert!(v.want_err || v.root1 == v.root2, "{}", file.display());
                continue;
            };
            let result = verify_consistency(v.size1, v.size2, &proof, &root1, &root2);
            assert_eq!(result.is_err(), v.want_err, "{}: {result:?}", file.display());
            if v.want_err { checked.1 += 1 } else { checked.0 += 1 }
        }
    }
    assert!(checked.0 >= 10 && checked.1 >= 100, "right and wrong ones: {checked:?}");
}
