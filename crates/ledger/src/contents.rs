//! What sections hold: read against the schemas of their payload types before the queue; the measures and
//! grounds that they name are asked of the law of their day by the sequencer, which alone knows it.

use jiff::civil::Date;
use letopis_domain::Statement;
use letopis_domain::procedure::governs;
use letopis_domain::profile::{Profile, Standing};
use letopis_sections::{Code, CodeKind};

use crate::access::Rules;
use crate::error::Rejected;
use crate::submission::Opened;

/// Payload types that an agency makes for itself begin so. Nothing looks into them, and they stand for
/// nothing that a rule asks for.
const OWN: &str = "x-";

/// The legal codes that sections name, each with the index of its section; or why a section is wrong.
/// It counts once there are rules of procedure.
pub(crate) type Contents = Result<Vec<(usize, Code)>, Rejected>;

/// Reads what the sections of a statement about cases hold.
pub(crate) fn read(statement: &Statement, opened: &[Opened]) -> Contents {
    let mut codes = Vec::new();
    if !governs(&statement.fact) {
        return Ok(codes);
    }
    for (index, (section, (_, content))) in statement.sections.iter().zip(opened).enumerate() {
        if section.payload_type.starts_with(OWN) {
            continue;
        }
        let named = letopis_sections::check(&section.payload_type, section.class, content)
            .map_err(|source| Rejected::SectionContent { index, source })?;
        codes.extend(named.into_iter().map(|code| (index, code)));
    }
    Ok(codes)
}

/// Are sections what their types ask for, and did the law know each measure and ground on its day? Before
/// there are rules of procedure nobody asks.
pub(crate) fn check(
    statement: &Statement,
    contents: Contents,
    rules: &Rules,
) -> Result<(), Rejected> {
    let occurred = statement.occurred_at.instant.seconds;
    let Some((_, profile)) = rules.profiles.in_force(occurred) else { return Ok(()) };
    let day = profile.counting().day_of(occurred);
    let unknown = contents?.into_iter().find(|(_, code)| {
        let day = code.from.as_deref().and_then(|from| from.parse().ok()).unwrap_or(day);
        !is_known(profile, code, day)
    });
    // The code itself stays out of the error: it is what the section says.
    unknown.map_or(Ok(()), |(index, _)| Err(Rejected::Code { index }))
}

fn is_known(profile: &Profile, code: &Code, day: Date) -> bool {
    let standing = match code.kind {
        CodeKind::Measure => profile.measure(&code.code, day),
        CodeKind::Ground => profile.ground(&code.code, day),
    };
    matches!(standing, Standing::InForce(_))
}
