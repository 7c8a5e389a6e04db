//! What clocks hear of emergency access, breaches of security and suspended keys. Whether they are taken
//! is decided elsewhere: by the file, and by the registry.

use letopis_types::{Digest, PublicKey};
use serde::{Deserialize, Serialize};

use super::asked::{Deed, Happened};
use crate::clocks::occasion::Name;
use crate::fact::Fact;
use crate::file::FileState;

/// Breaches that nobody was told of yet, and keys whose suspension is not settled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Access {
    breaches: Vec<Digest>,
    suspended: Vec<(PublicKey, Digest)>,
}

pub(super) fn evolve(file: &mut FileState, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    let access = &mut file.procedure.access;
    match deed.fact {
        Fact::BreakGlassOpened(_) => happened.push(deed.is(Name::BreakGlassOpened)),
        Fact::BreakGlassReviewed(fact) => {
            happened.push(deed.is(Name::BreakGlassReviewed).about(fact.opened));
        }
        Fact::BreachRecorded(_) => {
            let told = |breach: &&Digest| access.breaches.contains(*breach);
            if let Some(breach) = deed.answers.iter().find(told) {
                access.breaches.retain(|known| known != breach);
                happened.push(deed.is(Name::BreachNotified).about(*breach));
            } else {
                access.breaches.push(deed.hash);
                happened.push(deed.is(Name::BreachRecorded));
            }
        }
        Fact::KeySuspended(fact) => {
            access.suspended.push((fact.public_key, deed.hash));
            happened.push(deed.is(Name::KeySuspended));
        }
        Fact::KeyReinstated(fact) => settle(access, fact.public_key, deed, happened),
        Fact::KeyRevoked(fact) => settle(access, fact.public_key, deed, happened),
        Fact::KeyCompromised(fact) => settle(access, fact.public_key, deed, happened),
        Fact::KeyRotated(fact) => settle(access, fact.replaces, deed, happened),
        _ => {}
    }
}

/// What becomes of a suspended key is settled.
fn settle(access: &mut Access, key: PublicKey, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    for (_, suspended) in access.suspended.iter().filter(|(known, _)| *known == key) {
        happened.push(deed.is(Name::KeySettled).about(*suspended));
    }
    access.suspended.retain(|(known, _)| *known != key);
}
