//! Before the queue: what sections hold, against the schemas of their payload types and the measures and
//! grounds that the law knew on the day.

use letopis_domain::procedure::governs;
use letopis_domain::profile::{Profile, Standing};
use letopis_sections::{CodeKind, SectionError};

use crate::access::Rules;
use crate::error::Rejected;
use crate::submission::Prepared;

/// Payload types that an agency makes for itself begin so. Nothing looks into them, and they stand for
/// nothing that a rule asks for.
const OWN: &str = "x-";

/// Checks what the sections of a statement about cases hold, once there are rules of procedure.
pub(crate) fn check(prepared: &Prepared, rules: &Rules) -> Result<(), Rejected> {
    let statement = &prepared.statement;
    let now = statement.occurred_at.instant.seconds;
    let Some((_, profile)) = rules.profiles.in_force(now) else { return Ok(()) };
    if !governs(&statement.fact) {
        return Ok(());
    }
    for (index, (section, (_, content))) in
        statement.sections.iter().zip(&prepared.sections).enumerate()
    {
        if section.payload_type.starts_with(OWN) {
            continue;
        }
        let wrong = |source| Rejected::SectionContent { index, source };
        letopis_sections::check(&section.payload_type, section.class, content).map_err(wrong)?;
        check_codes(profile, &section.payload_type, content, now)
            .map_err(wrong)?
            .map_or(Ok(()), |code| Err(Rejected::Code { index, code }))?;
    }
    Ok(())
}

/// The first code that the law did not know on the day.
fn check_codes(
    profile: &Profile,
    payload_type: &str,
    content: &[u8],
    now: i64,
) -> Result<Option<String>, SectionError> {
    let day = profile.counting().day_of(now);
    let codes = letopis_sections::codes(payload_type, content)?;
    let unknown = codes.into_iter().find(|code| {
        let from = code.from.as_deref().and_then(|from| from.parse().ok()).unwrap_or(day);
        let standing = match code.kind {
            CodeKind::Measure => profile.measure(&code.code, from),
            CodeKind::Ground => profile.ground(&code.code, from),
        };
        !matches!(standing, Standing::InForce(_))
    });
    Ok(unknown.map(|code| code.code))
}
