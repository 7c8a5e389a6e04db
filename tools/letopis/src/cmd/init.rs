//! `letopis init`: a ledger begins.

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use letopis_client::{Draft, Identity, Unsigned};
use letopis_crypto::hash::{ledger_id, statement_hash};
use letopis_crypto::sign::SecretKey;
use letopis_domain::Fact;
use letopis_domain::fact::Genesis;
use letopis_domain::statement::{Instant, OccurredAt, Signer};
use letopis_ledger::{CheckedGenesis, Clock, Ledger, LedgerKeys, Limits, Submission};
use letopis_log::Origin;
use letopis_proto::statement::v1 as proto;
use letopis_record::{DataDir, Options};
use letopis_types::{ActorId, LedgerId, PublicKey, StreamId, StreamKey, StreamKind, Timestamp};
use letopisd::data;
use serde_json::json;
use zeroize::Zeroizing;

use crate::act::parse_signature;
use crate::cli::InitArgs;
use crate::failure::Failure;
use crate::words;

/// The procedure under which ledgers are begun.
const PROCEDURE: &str = "bg";

/// How many registrars a trial has.
const TRIAL_REGISTRARS: usize = 3;

/// The prepared genesis of a real ledger, in its data directory.
const GENESIS_FILE: &str = "genesis";

/// What a new ledger is known by.
#[derive(Debug, Clone)]
pub struct Begun {
    /// Its id.
    pub ledger: LedgerId,
    /// With which readers check its checkpoints.
    pub verification_key: String,
}

/// `letopis init`.
///
/// # Errors
/// Why the ledger could not be begun.
pub fn run(args: &InitArgs) -> Result<(), Failure> {
    let name = || args.name.clone().unwrap_or_default();
    if !args.signature.is_empty() {
        return print_begun(&finish_real(&args.data, &args.signature)?, args.json);
    }
    let origin = origin(&name(), args.origin.as_deref())?;
    if args.registrar.is_empty() {
        let begun = begin_trial(&args.data, &origin)?;
        if !args.json {
            println!("A TRIAL ledger: its registrars' keys are in {}/keys.", args.data.display());
        }
        return print_begun(&begun, args.json);
    }
    let ledger = prepare_real(&args.data, &origin, &args.registrar)?;
    let file = args.data.join(GENESIS_FILE);
    if args.json {
        println!("{}", json!({"ledger": ledger.to_string(), "genesis": file}));
        return Ok(());
    }
    println!("prepared    {origin}/{ledger}");
    println!("Each registrar now signs, on a machine of their own:");
    println!("    letopis key sign-genesis --genesis {} --key THEIR-KEY-FILE", file.display());
    println!("and then, with what they print:");
    println!(
        "    letopis init --data {} --signature … --signature … --signature …",
        args.data.display()
    );
    Ok(())
}

fn print_begun(begun: &Begun, as_json: bool) -> Result<(), Failure> {
    let Begun { ledger, verification_key } = begun;
    if as_json {
        println!("{}", json!({"ledger": ledger.to_string(), "verification_key": verification_key}));
    } else {
        println!("ledger id          {ledger}");
        println!("verification key   {verification_key}");
        println!("Give the verification key to everybody who is to check this ledger.");
    }
    Ok(())
}

/// The DNS-like name: as given, or from the ledger's name.
fn origin(name: &str, given: Option<&str>) -> Result<String, Failure> {
    let origin = given.map_or_else(
        || name.to_lowercase().replace(|c: char| c.is_whitespace() || c == '_', "-"),
        str::to_owned,
    );
    match Origin::new(&origin, LedgerId::ZERO) {
        Ok(_) => Ok(origin),
        Err(error) => Err(Failure::other(format!("{error}; give one with --origin"))),
    }
}

/// Makes a trial ledger: three registrars, each with a statement key and a token key, in
/// `DIR/keys/registrar-N.key`.
///
/// # Errors
/// Why it could not be begun.
pub fn begin_trial(root: &Path, origin: &str) -> Result<Begun, Failure> {
    let registrars = (0..TRIAL_REGISTRARS).map(|_| new_identity()).collect::<Result<_, _>>()?;
    begin_trial_by(&Clock::system(), root, origin, registrars)
}

/// The same, by another clock, with these as registrars, of which there are three.
///
/// # Errors
/// As [`begin_trial`].
pub fn begin_trial_by(
    clock: &Clock,
    root: &Path,
    origin: &str,
    mut registrars: Vec<Identity>,
) -> Result<Begun, Failure> {
    let keys = letopisd::keys::generate()?;
    let named = registrars.iter().map(|one| (one.actor, one.statement_key.public())).collect();
    let unsigned = draft_genesis(origin, (true, clock), named, &keys)?;
    let ledger = ledger_id(unsigned.statement_bytes());
    let grant = statement_hash(unsigned.statement_bytes());
    let mut signing: Vec<_> = registrars.iter().map(|one| &one.statement_key).collect();
    signing.extend([&keys.statement, &keys.checkpoint]);
    let signed = unsigned.sign(&signing)?;
    let genesis = CheckedGenesis::new(
        signed.statement_bytes().to_vec(),
        signed.signatures().to_vec(),
        clock.now(),
    )?;
    let dir = data::prepare(root, ledger, &keys)?;
    data::finish(&dir, &genesis, &keys, Options::default())?;
    drop(dir);

    for registrar in &mut registrars {
        (registrar.ledger, registrar.grant) = (Some(ledger), Some(grant));
    }
    enrol_token_keys(clock, root, &registrars)?;
    for (number, registrar) in (1..).zip(&registrars) {
        registrar.write(&data::keys_dir(root).join(format!("registrar-{number}.key")))?;
    }
    Ok(Begun { ledger, verification_key: verification_key(origin, ledger, &keys)? })
}

/// Each registrar's token key, enrolled by the other two, the holder and the key itself.
fn enrol_token_keys(clock: &Clock, root: &Path, registrars: &[Identity]) -> Result<(), Failure> {
    let (ledger, _) = data::open(root, Options::default(), clock.clone(), Limits::default())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::other)?;
    let enrolled = runtime.block_on(async {
        for registrar in registrars {
            enrol_token_key(clock, &ledger, registrars, registrar).await?;
        }
        Ok(())
    });
    ledger.close()?;
    enrolled
}

async fn enrol_token_key(
    clock: &Clock,
    ledger: &Ledger,
    registrars: &[Identity],
    holder: &Identity,
) -> Result<(), Failure> {
    let Some(token_key) = &holder.token_key else { return Ok(()) };
    let fact = proto::KeyEnrolled {
        key: Some(proto::EnrolledKey {
            public_key: token_key.public().0.to_vec(),
            r#use: proto::KeyUse::Token.into(),
        }),
    };
    let stream = StreamKey { kind: StreamKind::Actor, id: StreamId(holder.actor.0) };
    let mut signers: Vec<_> = registrars.iter().map(Identity::signer).collect();
    signers.push(Signer { actor: holder.actor, key: token_key.public(), grant: None });
    let mut keys: Vec<_> = registrars.iter().map(|one| &one.statement_key).collect();
    keys.push(token_key);
    let signed = Draft::new(stream, proto::fact::Kind::KeyEnrolled(fact), stated(clock.now()))
        .seal(ledger.id(), &signers)?
        .sign(&keys)?;
    let signatures = signed.signatures().iter().map(|signature| signature.0.to_vec());
    let submission = Submission {
        statement: signed.statement_bytes().to_vec(),
        signatures: signatures.collect(),
        sections: Vec::new(),
    };
    ledger.append(submission).await?;
    Ok(())
}

/// First step of a real ledger: its directory, its own keys, and a genesis to be signed.
fn prepare_real(root: &Path, origin: &str, registrars: &[PublicKey]) -> Result<LedgerId, Failure> {
    let keys = letopisd::keys::generate()?;
    let named =
        registrars.iter().map(|key| Ok((new_actor()?, *key))).collect::<Result<_, Failure>>()?;
    let unsigned = draft_genesis(origin, (false, &Clock::system()), named, &keys)?;
    let ledger = ledger_id(unsigned.statement_bytes());
    data::prepare(root, ledger, &keys)?;
    let path = root.join(GENESIS_FILE);
    let text = format!("{}\n", STANDARD.encode(unsigned.to_bytes()));
    fs::write(&path, text).map_err(Failure::io("write", &path))?;
    Ok(ledger)
}

/// Second step: with every registrar's signature the genesis is recorded.
fn finish_real(root: &Path, signatures: &[String]) -> Result<Begun, Failure> {
    let path = root.join(GENESIS_FILE);
    let unsigned = read_genesis(&path)?;
    let name = genesis_of(&unsigned)?.name;
    let dir = DataDir::open(root)?;
    let keys = letopisd::keys::read(&data::keys_dir(root).join(letopisd::keys::FILE))?;
    let mut collected =
        signatures.iter().map(|text| parse_signature(text)).collect::<Result<Vec<_>, _>>()?;
    for own in [&keys.statement, &keys.checkpoint] {
        collected.push(unsigned.collect(own)?);
    }
    let signed = unsigned.assemble(&collected)?;
    let genesis = CheckedGenesis::new(
        signed.statement_bytes().to_vec(),
        signed.signatures().to_vec(),
        Clock::system().now(),
    )?;
    data::finish(&dir, &genesis, &keys, Options::default())?;
    fs::remove_file(&path).map_err(Failure::io("remove", &path))?;
    let ledger = genesis.ledger;
    Ok(Begun { ledger, verification_key: verification_key(&name, ledger, &keys)? })
}

/// A prepared genesis.
///
/// # Errors
/// Where the file holds none.
pub(super) fn read_genesis(path: &Path) -> Result<Unsigned, Failure> {
    let text = fs::read_to_string(path).map_err(Failure::io("read", path))?;
    let bytes = STANDARD.decode(text.trim_end()).map_err(Failure::other)?;
    Ok(Unsigned::from_bytes(&bytes)?)
}

/// What it says.
///
/// # Errors
/// Where it is another fact.
pub(super) fn genesis_of(unsigned: &Unsigned) -> Result<Genesis, Failure> {
    match &unsigned.statement().fact {
        Fact::Genesis(genesis) => Ok(genesis.clone()),
        _ => Err(Failure::other("the file does not hold a genesis")),
    }
}

fn draft_genesis(
    origin: &str,
    (trial, clock): (bool, &Clock),
    registrars: Vec<(ActorId, PublicKey)>,
    keys: &LedgerKeys,
) -> Result<Unsigned, Failure> {
    let signer = |(actor, key)| Signer { actor, key, grant: None };
    let own = [keys.statement.public(), keys.checkpoint.public()];
    let mut signers: Vec<_> = registrars.iter().copied().map(signer).collect();
    signers.extend(own.map(|key| signer((ActorId::LEDGER, key))));
    let fact = proto::Genesis {
        name: origin.to_owned(),
        procedure: PROCEDURE.to_owned(),
        trial,
        registrars: registrars
            .iter()
            .map(|(actor, key)| proto::Registrar {
                actor: actor.0.to_vec(),
                statement_key: key.0.to_vec(),
            })
            .collect(),
        statement_key: keys.statement.public().0.to_vec(),
        checkpoint_key: keys.checkpoint.public().0.to_vec(),
        previous_ledger: Vec::new(),
    };
    let draft = Draft::new(StreamKey::ROOT, proto::fact::Kind::Genesis(fact), stated(clock.now()));
    Ok(draft.seal(None, &signers)?)
}

fn verification_key(name: &str, ledger: LedgerId, keys: &LedgerKeys) -> Result<String, Failure> {
    let origin = Origin::new(name, ledger).map_err(Failure::other)?;
    Ok(origin.verifier_key(keys.checkpoint.public()).to_string())
}

/// An actor with new keys, known to no ledger yet.
///
/// # Errors
/// Where the system gives no random bytes.
pub fn new_identity() -> Result<Identity, Failure> {
    Ok(Identity {
        ledger: None,
        actor: new_actor()?,
        grant: None,
        statement_key: new_key()?,
        token_key: Some(new_key()?),
    })
}

fn new_key() -> Result<SecretKey, Failure> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut()).map_err(Failure::other)?;
    Ok(SecretKey::from_seed(&seed))
}

fn new_actor() -> Result<ActorId, Failure> {
    new_id().map(ActorId)
}

/// A random id, as UUIDv4.
///
/// # Errors
/// Where the system gives no random bytes.
pub fn new_id() -> Result<[u8; 16], Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(Failure::other)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid().into_bytes())
}

/// Now, as somebody states it who is there, by the clock of this machine.
#[must_use]
pub fn now() -> OccurredAt {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    stated(Timestamp(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)))
}

/// This time, as somebody states it who is there.
fn stated(at: Timestamp) -> OccurredAt {
    let (seconds, nanos) = (at.seconds(), at.subsec_nanos());
    OccurredAt {
        instant: Instant { seconds, nanos, offset_minutes: words::offset_minutes(seconds) },
        precision: proto::Precision::Second,
        knowledge: proto::Knowledge::Witnessed,
    }
}
