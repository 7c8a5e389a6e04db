//! After the case: what others see of its file, who has read it, and what is erased from it.

use letopis_client::Draft;
use letopis_domain::Fact;
use letopis_proto::statement::v1::fact::Kind;
use letopis_proto::statement::v1::{self as proto, Purpose};
use letopis_types::{ActorId, Class, Version};
use letopis_words::say;

use super::heading;
use super::play::Stage;
use super::script::{self, Part};
use crate::cmd::file::{readers, show};
use crate::cmd::init::now;
use crate::failure::Failure;
use crate::words;

impl Stage {
    /// Shows all of it.
    pub(super) async fn show_aftermath(&self) -> Result<(), Failure> {
        let lang = self.lang;
        heading(say!(lang, "demo-the-same-entry-another-reader"));
        self.show_hearing(Part::Head).await?;
        self.show_hearing(Part::Director).await?;
        heading(say!(lang, "demo-erasure-officer-and-director"));
        self.erase_note().await?;
        heading(say!(lang, "demo-who-read-the-file"));
        let head = self.as_caller(Part::Head, Purpose::Supervision)?;
        for reading in head.readings(&self.case.id, false).await?.0 {
            let text = readers::reading(&reading, lang, false);
            let reader = ActorId::from_slice(&reading.reader).unwrap_or(ActorId::LEDGER);
            let name = self.name(&reader).unwrap_or_default();
            println!("{}", text.replacen(&words::short(reader), name, 1));
        }
        Ok(())
    }

    /// What somebody sees of the hearing of the child.
    async fn show_hearing(&self, part: Part) -> Result<(), Failure> {
        println!("{}:", part.name(self.lang));
        let reader = self.as_caller(part, Purpose::Supervision)?;
        for entry in reader.case_file(&self.case.id, &[]).await? {
            let fact = entry.event.statement().map(|statement| statement.fact);
            if matches!(fact, Ok(Fact::ChildHeard(_))) {
                print!("{}", show::of_entry(&entry, &self.names(&entry.event)?, self.lang));
            }
        }
        Ok(())
    }

    /// A note that was written into the wrong file is destroyed; that there was one stays.
    async fn erase_note(&self) -> Result<(), Failure> {
        let officer = self.as_caller(Part::Officer, Purpose::DataProtection)?;
        let history = officer.read_stream(&self.case).await?;
        let is_note = |event: &letopis_client::Event| {
            let fact = event.statement().map(|statement| statement.fact);
            matches!(fact, Ok(Fact::NoteAdded(_)))
        };
        let at = history.events.iter().rposition(is_note);
        let at = at.ok_or_else(|| Failure::other("there is no note"))?;
        // INVARIANT: a history fits into memory, so that its length fits.
        let version = Version(at as u64 + 1);
        let section = proto::ErasedSection { version: version.0, index: 0 };
        let what = Some(proto::sections_erased::What::Section(section));
        let kind = Kind::SectionsErased(proto::SectionsErased { what });
        let ground = script::ground(self.lang).as_bytes().to_vec();
        let draft = Draft::new(self.case, kind, now()).seen(history.seen()).section(
            Class::Normal,
            "ground/1",
            ground,
        );
        let signing = [self.identity(Part::Officer)?, self.identity(Part::Director)?];
        let signers = signing.map(|one| one.signer());
        let keys = signing.map(|one| &one.statement_key);
        officer.append(&draft.seal(*officer.ledger(), &signers)?.sign(&keys)?).await?;
        let head = self.as_caller(Part::Head, Purpose::CaseWork)?;
        for entry in head.case_file(&self.case.id, &[]).await? {
            if entry.version == version {
                print!("{}", show::of_entry(&entry, &self.names(&entry.event)?, self.lang));
            }
        }
        Ok(())
    }
}
