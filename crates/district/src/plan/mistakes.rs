//! Entries that get into another family's file: found a day later, taken back there, and done anew.

use super::{Act, Deed, Plan};
use crate::calendar::DAY;

/// How long the other case stays open at least, so that it can be taken back.
const FOUND_WITHIN: i64 = 2 * DAY;

/// An entry of one story that lies in another one's file.
#[derive(Debug)]
pub(super) struct Mistake {
    /// The other story.
    other: usize,
    /// What the entry is called there.
    label: String,
}

impl Plan {
    /// The lead writes it into the file of another case that the same person leads; where there is none, no
    /// mistake is made.
    pub(super) fn misfile(&mut self, at: i64, number: usize, text: &str) {
        let worker =
            |number: &usize| self.stories.get(number).and_then(|story| story.cast.member("worker"));
        let own = worker(&number);
        let open = |(_, story): &(&usize, &super::Story)| {
            story.open.0 < at && at + FOUND_WITHIN < story.open.1
        };
        let beside = self.stories.range(number + 1..).chain(self.stories.range(..number));
        let other = beside.filter(open).map(|(other, _)| *other).find(|other| worker(other) == own);
        let (Some(other), Some(_)) = (other, own) else { return };
        self.mistakes += 1;
        let label = format!("mistake{}", self.mistakes);
        let deed = Deed::Says(format!("{text} as {label}"));
        self.ready.push_back(Act { at, story: other, deed });
        if let Some(story) = self.stories.get_mut(&number) {
            story.mistake = Some(Mistake { other, label });
        }
    }

    /// It is taken back there, and done anew in the right file; when it happened is a day ago then.
    pub(super) fn do_anew(&mut self, at: i64, number: usize, text: String) {
        let mistake = self.stories.get_mut(&number).and_then(|story| story.mistake.take());
        let Some(Mistake { other, label }) = mistake else {
            return self.ready.push_back(Act { at, story: number, deed: Deed::Says(text) });
        };
        let taken_back = Deed::Says(format!("EventMisfiled on {label} by worker,head"));
        self.ready.push_back(Act { at, story: other, deed: taken_back });
        let anew = Deed::Says(format!("{text} happened -1d"));
        self.ready.push_back(Act { at, story: number, deed: anew });
    }
}
