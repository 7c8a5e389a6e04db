//! `letopis actor`: somebody is enrolled, with a new key and a role.

use letopis_client::{Draft, Identity, LedgerClient, Recorded};
use letopis_crypto::sign::SecretKey;
use letopis_domain::statement::Signer;
use letopis_proto::statement::v1::fact::Kind;
use letopis_proto::statement::v1::{self as proto, KeyUse, Purpose, Role};
use letopis_types::{ActorId, Class, PublicKey, StreamId, StreamKey, StreamKind};
use serde_json::json;

use crate::cli::{ActorCommand, ServerArgs};
use crate::cmd::init::{new_id, new_identity, now};
use crate::connect::connect_for;
use crate::failure::Failure;
use crate::holder::Holder;
use crate::out;

/// What a name is.
const TEXT: &str = "text/plain";

/// Whom somebody is to be.
#[derive(Debug, Clone, Copy)]
pub struct Newcomer<'a> {
    /// Name and office.
    pub name: &'a str,
    /// The role.
    pub role: Role,
    /// The agency.
    pub agency: ActorId,
}

/// `letopis actor`.
///
/// # Errors
/// Why nobody was enrolled.
pub async fn run(command: &ActorCommand) -> Result<(), Failure> {
    let ActorCommand::Enrol { out, name, role, agency, server } = command;
    let agency = match agency {
        Some(agency) => *agency,
        None => ActorId(new_id()?),
    };
    let (client, registrars) = registrars(server).await?;
    let newcomer = Newcomer { name, role: (*role).into(), agency };
    let identity = enrol(&client, &registrars, &newcomer).await?;
    identity.write(out)?;
    let (actor, file) = (identity.actor, out.display());
    if server.json {
        return out::line(
            &json!({"actor": actor.to_string(), "agency": agency.to_string()}).to_string(),
        );
    }
    out::line(&format!("actor    {actor}"))?;
    out::line(&format!("agency   {agency}"))?;
    out::line(&format!("key      {file}: theirs alone; protect it: letopis key passphrase {file}"))
}

async fn registrars(server: &ServerArgs) -> Result<(LedgerClient, Vec<Holder>), Failure> {
    let connected = connect_for(server, Purpose::Migration).await?;
    if connected.holders.len() < 2 {
        return Err(Failure::other("two registrars enrol: give --key twice"));
    }
    Ok((connected.client, connected.holders))
}

/// Enrols somebody by two registrars and the new key itself, gives them their role, and enrols the
/// key that signs their calls.
///
/// # Errors
/// Why it was not recorded.
pub async fn enrol(
    client: &LedgerClient,
    registrars: &[Holder],
    newcomer: &Newcomer<'_>,
) -> Result<Identity, Failure> {
    let mut identity = new_identity()?;
    let stream = StreamKey { kind: StreamKind::Actor, id: StreamId(identity.actor.0) };
    let enrolled = Kind::ActorEnrolled(proto::ActorEnrolled {
        kind: proto::ActorKind::Person.into(),
        key: Some(key(identity.statement_key.public(), KeyUse::Statement)),
    });
    let own = Signer { grant: None, ..identity.signer() };
    let name = newcomer.name.as_bytes().to_vec();
    let draft = Draft::new(stream, enrolled, now()).section(Class::Normal, TEXT, name);
    send_with(client, &draft, registrars, &[(own, &identity.statement_key)]).await?;

    let granted = Kind::RoleGranted(proto::RoleGranted {
        role: newcomer.role.into(),
        agency: newcomer.agency.0.to_vec(),
        region: None,
        from_seconds: None,
        until_seconds: None,
    });
    let seen = client.read_stream(&stream).await?.seen();
    let draft = Draft::new(stream, granted, now()).seen(seen);
    let granted = send_with(client, &draft, registrars, &[]).await?;
    identity.grant = Some(*granted.statement_hash());
    identity.ledger = Some(*client.ledger());

    if let Some(token_key) = &identity.token_key {
        let enrolled = Some(key(token_key.public(), KeyUse::Token));
        let fact = Kind::KeyEnrolled(proto::KeyEnrolled { key: enrolled });
        let of_token = Signer { actor: identity.actor, key: token_key.public(), grant: None };
        let own = [(identity.signer(), &identity.statement_key), (of_token, token_key)];
        send_with(client, &Draft::new(stream, fact, now()), registrars, &own).await?;
    }
    Ok(identity)
}

fn key(public: PublicKey, key_use: KeyUse) -> proto::EnrolledKey {
    proto::EnrolledKey { public_key: public.0.to_vec(), r#use: key_use.into() }
}

/// Signed by two registrars and others.
async fn send_with(
    client: &LedgerClient,
    draft: &Draft,
    registrars: &[Holder],
    others: &[(Signer, &SecretKey)],
) -> Result<Recorded, Failure> {
    let two = registrars.iter().take(2);
    let mut signers: Vec<_> = two.clone().map(Holder::signer).collect();
    signers.extend(others.iter().map(|(signer, _)| *signer));
    let unsigned = draft.seal(*client.ledger(), &signers)?;
    let collect = || {
        let mut collected = two
            .map(|holder| unsigned.collect(holder.statements()))
            .collect::<Result<Vec<_>, _>>()?;
        for (_, key) in others {
            collected.push(unsigned.collect(*key)?);
        }
        Ok::<_, Failure>(collected)
    };
    // May wait for a passphrase.
    let collected = tokio::task::block_in_place(collect)?;
    Ok(client.append(&unsigned.assemble(&collected)?).await?)
}
