//! What the ledger in memory holds.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::convert::Infallible;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use letopis_client::SignedStatement;
use letopis_crypto::hash::{ledger_id, next_head, signatures_hash, statement_hash};
use letopis_crypto::sign::{SecretKey, verify};
use letopis_log::merkle::{Nodes, inclusion_proof, leaf_hash, node_hash, root};
use letopis_log::{Checkpoint, Link, Origin};
use letopis_proto::accountability::v1 as accountability;
use letopis_proto::error::v1::Reason;
use letopis_proto::ledger::v1 as pb;
use letopis_proto::statement::v1 as proto;
use letopis_types::{
    Digest, LedgerId, PublicKey, Sequence, SignatureBytes, StreamId, StreamKey, StreamKind,
    Timestamp,
};
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use tonic::Status;
use tonic::metadata::MetadataMap;

/// The services whose methods are called; no two have a method of one name.
const SERVICES: [&str; 2] =
    ["letopis.ledger.v1.LedgerService", "letopis.accountability.v1.AccountabilityService"];

/// What goes wrong with one statement that arrives.
#[derive(Debug, Clone, Copy)]
pub enum Trouble {
    /// Recorded, and the connection breaks before the answer.
    CutAfterRecording,
    /// Not recorded: try again after so much time.
    Overloaded(Duration),
    /// Not recorded, and nothing is said about it.
    BareUnavailable,
    /// Refused.
    Refuse(Reason),
    /// Recorded; the receipt's link is of another statement.
    OtherStatement,
    /// Recorded; the link is of other signatures.
    OtherSignatures,
    /// Recorded; a hash of the proof is another.
    WrongProof,
    /// Recorded; the checkpoint is signed by another key.
    OtherKey,
    /// Recorded, and answered late.
    Slow(Duration),
    /// Recorded; the link does not follow the one before, and the log says so.
    BrokenChain,
    /// Recorded; answered as done before, under the checkpoint of this size.
    OldCheckpoint(u64),
    /// The server ends the stream here, as if all were well.
    EndStream,
}

/// The tree, as every complete subtree by level.
#[derive(Default, Clone)]
pub struct Tree(Vec<Vec<Digest>>);

impl Tree {
    fn push(&mut self, leaf: Digest) {
        let mut hash = leaf;
        for level in 0.. {
            if self.0.len() == level {
                self.0.push(Vec::new());
            }
            self.0[level].push(hash);
            let [.., left, right] = self.0[level][..] else { return };
            if self.0[level].len() % 2 == 1 {
                return;
            }
            hash = node_hash(&left, &right);
        }
    }

    pub fn size(&self) -> u64 {
        self.0.first().map_or(0, Vec::len) as u64
    }
}

impl Nodes for Tree {
    type Error = Infallible;

    fn node(&self, level: u8, index: u64) -> Result<Digest, Infallible> {
        Ok(self.0[usize::from(level)][index as usize])
    }
}

/// An event as it is kept here.
#[derive(Clone)]
pub struct Stored {
    pub event: pb::Event,
    pub link: Link,
    pub stream: StreamKey,
    pub version: u64,
    pub head: Digest,
    pub sections: Vec<pb::SectionContent>,
    pub message: proto::Statement,
}

pub struct State {
    pub ledger: LedgerId,
    pub origin: Origin,
    key: SecretKey,
    pub events: Vec<Stored>,
    pub tree: Tree,
    pub streams: BTreeMap<StreamKey, Vec<usize>>,
    names: HashMap<(StreamKey, Vec<u8>), usize>,
    /// By the number of the arrival, from 0.
    pub troubles: HashMap<u64, Trouble>,
    /// How many statements arrived, the same ones counted again.
    pub arrived: u64,
    /// The tokens that arrived, with the methods called, in order.
    pub tokens: Vec<(&'static str, String)>,
    /// Calls must carry a token by this key, made for just that call.
    pub token_key: Option<PublicKey>,
    /// The purpose that the last one named.
    pub purpose: String,
    used_tokens: HashSet<String>,
    /// What is done to a section before it is sent.
    pub spoil_section: Option<fn(&mut pb::OpenedSection)>,
    /// What is done to a page of a stream before it is sent.
    pub spoil_page: Option<fn(&mut pb::ReadStreamResponse)>,
    /// What is done to an event of the log before it is sent.
    pub spoil_log: Option<fn(&mut pb::Event)>,
    /// What is done to the genesis before it is sent.
    pub spoil_genesis: Option<fn(&mut pb::Event)>,
    /// How many calls of ReadSections are refused as overloaded.
    pub overloaded_readings: usize,
    /// What is done to an entry of a timeline before it is sent.
    pub spoil_entry: Option<fn(&mut accountability::TimelineEntry)>,
    /// What is done to a clock before it is sent.
    pub spoil_clock: Option<fn(&mut accountability::Clock)>,
    /// What is done to the parts of an export before they are sent.
    pub spoil_export: Option<fn(&mut Vec<accountability::export_log_response::Part>)>,
    /// The first section is sent, and then the stream breaks off.
    pub readings_break: bool,
    /// How many events are sent before the log's stream breaks off.
    pub log_breaks_after: Option<usize>,
    /// So long a log is followed before its stream is over.
    pub log_expires_after: Option<Duration>,
    /// Consistency proofs have a hash changed.
    pub wrong_consistency: bool,
    signed: Option<(u64, String)>,
    pub checkpoints_signed: u64,
    pub proofs_asked: u64,
    pub page: usize,
}

fn key_of(message: Option<&proto::Stream>) -> StreamKey {
    let message = message.unwrap();
    StreamKey {
        kind: StreamKind::from_number(message.kind.into()).unwrap(),
        id: StreamId::from_slice(&message.id).unwrap(),
    }
}

impl State {
    pub fn new(genesis: SignedStatement, key: SecretKey) -> Self {
        let ledger = ledger_id(genesis.statement_bytes());
        let mut state = Self {
            ledger,
            origin: Origin::new("invented.test", ledger).unwrap(),
            key,
            events: Vec::new(),
            tree: Tree::default(),
            streams: BTreeMap::new(),
            names: HashMap::new(),
            troubles: HashMap::new(),
            arrived: 0,
            tokens: Vec::new(),
            token_key: None,
            purpose: String::new(),
            used_tokens: HashSet::new(),
            spoil_section: None,
            spoil_page: None,
            spoil_log: None,
            spoil_genesis: None,
            spoil_entry: None,
            spoil_clock: None,
            spoil_export: None,
            overloaded_readings: 0,
            readings_break: false,
            log_breaks_after: None,
            log_expires_after: None,
            wrong_consistency: false,
            signed: None,
            checkpoints_signed: 0,
            proofs_asked: 0,
            page: 2,
        };
        let signatures = genesis.signatures().iter();
        state.record(
            pb::Submission {
                statement: genesis.statement_bytes().clone(),
                signatures: signatures.map(|s| Bytes::copy_from_slice(&s.0)).collect(),
                sections: Vec::new(),
            },
            false,
        );
        state
    }

    /// Takes note of a call's token and, when told to, checks that there is one, by the right key,
    /// for this ledger and just this call, and never seen before.
    pub fn check_token(
        &mut self,
        metadata: &MetadataMap,
        method: &'static str,
        request: &[u8],
    ) -> Result<(), Status> {
        let refused = |what: &str| Err(Status::unauthenticated(format!("{method}: {what}")));
        let token = metadata.get("authorization").map(|value| value.to_str().unwrap());
        let token = token.map(|value| value.strip_prefix("Bearer ").unwrap().to_owned());
        self.tokens.extend(token.clone().map(|token| (method, token)));
        let Some(key) = self.token_key else { return Ok(()) };
        let Some(token) = token else { return refused("no token") };
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let signature = SignatureBytes::from_slice(&signature).unwrap();
        if verify(&key, signed.as_bytes(), &signature).is_err() {
            return refused("another key");
        }
        let claims = URL_SAFE_NO_PAD.decode(signed.split('.').nth(1).unwrap()).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        let query = URL_SAFE_NO_PAD.encode(Sha256::digest(request));
        if SERVICES.iter().all(|service| claims["method"] != format!("{service}/{method}"))
            || claims["query"] != query
            || claims["aud"] != self.ledger.to_string()
        {
            return refused("for another call");
        }
        self.purpose = claims["purpose"].as_str().unwrap().to_owned();
        if !self.used_tokens.insert(claims["jti"].as_str().unwrap().to_owned()) {
            return refused("used before");
        }
        Ok(())
    }

    /// Its place in the log, and whether it was there before.
    pub fn record(&mut self, submission: pb::Submission, broken: bool) -> (usize, bool) {
        let message = proto::Statement::decode(&*submission.statement).unwrap();
        let stream = key_of(message.stream.as_ref());
        let name = (stream, message.event_id.clone());
        if let Some(at) = self.names.get(&name) {
            return (*at, true);
        }
        let at = self.events.len();
        let signatures: Vec<_> =
            submission.signatures.iter().map(|s| SignatureBytes::from_slice(s).unwrap()).collect();
        let previous = self.events.last().map_or(Digest::ZERO, |last| last.link.hash());
        let link = Link {
            sequence: Sequence(at as u64),
            recorded_at: Timestamp(1_000 + at as u64),
            previous: if broken { Digest([0xbb; 32]) } else { previous },
            statement_hash: statement_hash(&submission.statement),
            signatures_hash: signatures_hash(&signatures),
        };
        let history = self.streams.entry(stream).or_default();
        let head = history.last().map_or(Digest::ZERO, |last| self.events[*last].head);
        history.push(at);
        self.events.push(Stored {
            event: pb::Event {
                link: Bytes::copy_from_slice(&link.to_bytes()),
                statement: submission.statement,
                signatures: submission.signatures,
            },
            link,
            stream,
            version: history.len() as u64,
            head: next_head(&head, &link.statement_hash),
            sections: submission.sections,
            message,
        });
        self.names.insert(name, at);
        self.tree.push(leaf_hash(&link.to_bytes()));
        (at, false)
    }

    pub fn find(&self, name: &pb::EventName) -> Option<usize> {
        self.names.get(&(key_of(name.stream.as_ref()), name.event_id.to_vec())).copied()
    }

    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// The signed checkpoint of the present size.
    pub fn checkpoint(&mut self) -> String {
        let size = self.size();
        if let Some((signed, note)) = &self.signed
            && *signed == size
        {
            return note.clone();
        }
        let note = self.checkpoint_of(size);
        self.signed = Some((size, note.clone()));
        note
    }

    pub fn checkpoint_of(&mut self, size: u64) -> String {
        let Ok(root) = root(&self.tree, size);
        let checkpoint = Checkpoint { origin: self.origin.clone(), size: Sequence(size), root };
        self.checkpoints_signed += 1;
        checkpoint.sign(self.key.public(), |text| self.key.sign(text)).to_text()
    }

    pub fn receipt(&mut self, at: usize, already_recorded: bool) -> pb::Receipt {
        self.receipt_under(at, already_recorded, self.size())
    }

    pub fn receipt_under(&mut self, at: usize, already_recorded: bool, size: u64) -> pb::Receipt {
        let proof = inclusion_proof(&self.tree, at as u64, size).unwrap();
        let checkpoint =
            if size == self.size() { self.checkpoint() } else { self.checkpoint_of(size) };
        pb::Receipt {
            link: self.events[at].event.link.clone(),
            version: self.events[at].version,
            inclusion_proof: proof.iter().map(|hash| Bytes::copy_from_slice(&hash.0)).collect(),
            checkpoint,
            already_recorded,
        }
    }

    /// From now on this signs with another key.
    pub fn exchange_key(&mut self, key: SecretKey) -> SecretKey {
        self.signed = None;
        std::mem::replace(&mut self.key, key)
    }

    /// Another history from this place on: each link is as if recorded a little later.
    pub fn fork(&mut self, from: usize) {
        self.rebuild(self.events.len(), |at, link| {
            if at >= from {
                link.recorded_at.0 += 1;
            }
        });
    }

    /// Forgets what comes after.
    pub fn roll_back(&mut self, size: usize) {
        self.rebuild(size, |_, _| ());
    }

    fn rebuild(&mut self, size: usize, change: impl Fn(usize, &mut Link)) {
        let events = std::mem::take(&mut self.events);
        self.tree = Tree::default();
        self.streams.clear();
        self.names.clear();
        self.signed = None;
        for (at, mut stored) in events.into_iter().enumerate().take(size) {
            stored.link.previous = self.events.last().map_or(Digest::ZERO, |last| last.link.hash());
            change(at, &mut stored.link);
            stored.event.link = Bytes::copy_from_slice(&stored.link.to_bytes());
            self.tree.push(leaf_hash(&stored.link.to_bytes()));
            self.streams.entry(stored.stream).or_default().push(at);
            self.names.insert((stored.stream, stored.message.event_id.clone()), at);
            self.events.push(stored);
        }
    }
}
