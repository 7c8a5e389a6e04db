//! Keys that an operator would like to have: what two registrars can do to an actor who does not know.

use letopis_client::Signer;
use letopis_proto::error::v1::Reason;
use letopis_proto::statement::v1::{self as proto, Purpose, fact::Kind};

use crate::act::Act;
use crate::cast::CASE;
use crate::office::{Office, Person, enrolled, secret};

/// Two registrars enrol keys of their own making for the lead, who has lost none.
pub(crate) async fn attack(office: &mut Office) {
    let lead = office.person("SW/lead");
    let stream = office.own_stream("SW/lead");
    let statement_key = secret("an operator", "statement");
    let token_key = secret("an operator", "token");
    for (key, r#use) in
        [(&statement_key, proto::KeyUse::Statement), (&token_key, proto::KeyUse::Token)]
    {
        let act = Act::new(
            stream,
            Kind::KeyEnrolled(proto::KeyEnrolled { key: Some(enrolled(key, r#use)) }),
        );
        let own = [(Signer { actor: lead.actor, key: key.public(), grant: None }, key)];
        let one = [office.registrars[0].clone()];
        let refused = office.try_record(&act, &one, &own).await.unwrap_err();
        office.expect(
            "one registrar",
            refused.refused().unwrap().reason,
            Reason::RegistrarsMissing,
        );
        let two = office.two_registrars();
        let refused = office.try_record(&act, &two, &[]).await.unwrap_err();
        office.expect("no proof", refused.refused().unwrap().reason, Reason::HolderMissing);
        // Who has lost all keys must get new ones: so it is taken, and waits for 72 hours.
        office.try_record(&act, &two, &own).await.unwrap();
    }

    let forged = identity(&lead, statement_key, token_key);
    let note = Act::new(CASE, Kind::NoteAdded(proto::NoteAdded {}));
    let signed = office.sign(&note, std::slice::from_ref(&forged), &[]);
    let error = office.client.append(&signed).await.unwrap_err();
    office.expect("too early", error.refused().unwrap().reason, Reason::KeyNotInForce);
    office.people.insert("SW/forged".to_owned(), forged);
    office.denies("SW/forged", Purpose::CaseWork, CASE, Reason::TokenKeyWrong).await;
    // The holder's own keys go on working.
    office.sections("SW/lead", Purpose::CaseWork, CASE).await.unwrap();
}

fn identity(
    of: &Person,
    statement_key: letopis_crypto::sign::SecretKey,
    token_key: letopis_crypto::sign::SecretKey,
) -> Person {
    std::sync::Arc::new(letopis_client::Identity {
        ledger: of.ledger,
        actor: of.actor,
        grant: of.grant,
        statement_key,
        token_key: Some(token_key),
    })
}
