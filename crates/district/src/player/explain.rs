//! Explaining what was late: lead and head look which clocks of the case were missed, and say why.

use letopis_domain::Fact;
use letopis_domain::testing::Cast as _;
use letopis_types::{StreamKey, StreamKind};

use super::{Player, call};
use crate::error::Error;

/// The clock of the explanations themselves: what was late there is explained by what they say.
const OF_EXPLANATIONS: u32 = 412;

impl Player {
    /// Each missed clock of the case that was not explained yet.
    pub(super) async fn explain(&mut self, story: usize, at: i64) -> Result<(), Error> {
        // What fell due by now is on the record.
        self.clock.kept().await?;
        let Some(tale) = self.tales.get(&story) else { return Ok(()) };
        let case = StreamKey { kind: StreamKind::Case, id: tale.cast.stream(StreamKind::Case, 1) };
        let head = tale.cast.member("head").and_then(|head| self.as_member(head));
        let Some(head) = head else { return Ok(()) };
        let clocks = StreamKey { kind: StreamKind::Clocks, ..case };
        let missed = match head.read_stream(&clocks).await {
            Ok(history) => history.events,
            // Nothing was missed: there is no such stream.
            Err(error) if error.refused().is_some() => return Ok(()),
            Err(error) => return Err(call("look at the clocks of a case")(error)),
        };
        for event in missed {
            let Ok(Fact::DeadlineMissed(missed)) = event.statement().map(|said| said.fact) else {
                continue;
            };
            let Some(tale) = self.tales.get_mut(&story) else { continue };
            let name = format!("{}-{}", missed.started_by, missed.clock);
            if missed.clock != OF_EXPLANATIONS && tale.story.said(&name).is_none() {
                tale.story.learn(&name, case, missed.started_by);
                let line = format!("DelayExplained clock={} on {name}", missed.clock);
                self.say(story, at, &line).await?;
            }
        }
        Ok(())
    }
}
