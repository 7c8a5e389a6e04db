//! `letopis file`: a case's file. Who may see what of it, and who has.

pub(super) mod act;
pub mod readers;
pub mod show;

use letopis_client::confidentiality::Watched;
use letopis_types::{Sequence, StreamId, StreamKey, StreamKind};
use letopis_words::Lang;

use crate::cli::{FileCommand, ServerArgs};
use crate::connect::connect;
use crate::failure::Failure;
use crate::out;

/// `letopis file`.
///
/// # Errors
/// Why it can't be shown, or was not recorded.
pub async fn run(command: &FileCommand) -> Result<(), Failure> {
    match command {
        FileCommand::Show { case, class } => show::run(case, class).await,
        FileCommand::Readings { case, for_person } => readers::readings(case, *for_person).await,
        FileCommand::Access(case) => readers::access(case).await,
        FileCommand::Explain { case, event, protected, actor, actor_purpose } => {
            let asked = readers::Asked {
                event: *event,
                kind: kind(*protected),
                actor: *actor,
                purpose: *actor_purpose,
            };
            readers::explain(case, &asked).await
        }
        FileCommand::Share { act, to, event, basis, until } => {
            act::share(act, *to, event, basis, *until).await
        }
        FileCommand::BreakGlass(command) => act::break_glass(command).await,
        FileCommand::Erase { act, class, event, protected, ground } => {
            act::erase(act, (*class, event.as_ref()), kind(*protected), ground).await
        }
        FileCommand::Hold(command) => act::hold(command).await,
        FileCommand::Watch { cases, server, lang, from, count } => {
            watch(cases, server, *lang, Sequence(*from), *count).await
        }
    }
}

const fn kind(protected: bool) -> StreamKind {
    if protected { StreamKind::Protected } else { StreamKind::Case }
}

/// The stream of a case.
const fn of_case(id: StreamId) -> StreamKey {
    StreamKey { kind: StreamKind::Case, id }
}

async fn watch(
    cases: &[StreamId],
    server: &ServerArgs,
    lang: Lang,
    from: Sequence,
    count: Option<u64>,
) -> Result<(), Failure> {
    let client = connect(server).await?;
    let mut watch = client.watch_readings(cases, from);
    let mut seen = 0;
    while count.is_none_or(|count| seen < count) {
        let line = match (watch.next().await?, server.json) {
            (Watched::Reading(reading), true) => readers::reading_json(&reading).to_string(),
            (Watched::Reading(reading), false) => readers::reading(&reading, lang, true),
            (Watched::Emergency(opened), true) => readers::emergency_json(&opened).to_string(),
            (Watched::Emergency(opened), false) => readers::emergency(&opened, lang, true),
        };
        seen += 1;
        out::line(&line)?;
    }
    Ok(())
}
