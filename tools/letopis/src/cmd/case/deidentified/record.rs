//! The sharing on the record: InformationShared in the case's stream, signed by author and reviewer, with the
//! document's digest in the section that says why.

use letopis_client::accountability::TimelineEntry;
use letopis_deidentified::Signed;
use letopis_proto::statement::v1::{self as proto, Purpose};
use letopis_types::{StreamKey, StreamKind};
use letopis_words::say;

use super::{history, read};
use crate::act::carry_out;
use crate::cli::{RecordSharedArgs, ShareArgs};
use crate::cmd::file::act::{how, sharing};
use crate::cmd::init::new_id;
use crate::connect::{Connected, connect_for};
use crate::failure::Failure;

pub(super) async fn run(args: &RecordSharedArgs) -> Result<(), Failure> {
    let case = &args.act.case;
    let signed = read(&args.file)?;
    let connected = connect_for(&case.server, Purpose::CaseWork).await?;
    check_signers(&connected, args, &signed)?;
    let (entries, past) = history(&connected.client, &case.case).await?;
    let (review, _) = signed.review().map_err(Failure::other)?;
    let told = letopis_deidentified::shared(&past, signed.document(), &review.found)
        .map_err(Failure::other)?;
    let of_case = entries.iter().filter(|entry| entry.stream.kind == StreamKind::Case);
    let shared = of_case.filter(|entry| told.contains(&entry.event.link.statement_hash));
    let fact = proto::InformationShared {
        // Who receives it is outside the ledger, and is not to get at the case by this: an id of its own, which
        // nobody has.
        receiver: new_id()?.to_vec(),
        shared: shared.map(without_sections).collect::<Result<_, _>>()?,
        until_seconds: None,
    };
    let stream = StreamKey { kind: StreamKind::Case, id: case.case };
    let seen = connected.client.read_stream(&stream).await?.seen();
    let draft = sharing(stream, fact, &basis(args, &signed)?)?.seen(seen);
    carry_out(&connected, &draft, how(&args.act)).await.map(drop)
}

/// An event of which facts alone were told: by the index after its last section, which names none. No event is told
/// that has as many sections as there can be.
fn without_sections(entry: &TimelineEntry) -> Result<proto::ReleasedSections, Failure> {
    let statement = entry.event.statement().map_err(Failure::other)?;
    let none = u32::try_from(statement.sections.len()).map_err(Failure::other)?;
    Ok(proto::ReleasedSections { version: entry.version.0, sections: vec![none] })
}

/// Author and reviewer, two people.
fn check_signers(
    connected: &Connected,
    args: &RecordSharedArgs,
    signed: &Signed,
) -> Result<(), Failure> {
    let (_, reviewer) = signed.review().map_err(Failure::other)?;
    let here = connected.holders.iter().map(|holder| holder.signer());
    let signers: Vec<_> = here.chain(args.act.sign.others.iter().map(|other| other.0)).collect();
    let actor = |key| signers.iter().find(|signer| signer.key == key).map(|signer| signer.actor);
    match (actor(*signed.author()), actor(*reviewer)) {
        (Some(author), Some(reviewer)) if author == reviewer => {
            Err(Failure::other(letopis_deidentified::FileError::OwnReview))
        }
        (Some(_), Some(_)) => Ok(()),
        _ => Err(Failure::other(
            "the sharing is signed by those who signed the document: --key of its author and --key of its \
             reviewer, or --with and --out for one who signs later",
        )),
    }
}

/// Why it is shared, what exactly, and which of those who sign looked it through.
fn basis(args: &RecordSharedArgs, signed: &Signed) -> Result<ShareArgs, Failure> {
    let (_, reviewer) = signed.review().map_err(Failure::other)?;
    let what = say!(
        args.act.case.lang,
        "deidentified-basis",
        digest = signed.digest().to_string(),
        to = args.to.as_str(),
        reviewer = reviewer.to_string()
    );
    Ok(ShareArgs {
        necessity: args.necessity.clone(),
        ground: args.ground.clone(),
        article: args.article.clone(),
        what,
        receiver: args.receiver.clone(),
    })
}
