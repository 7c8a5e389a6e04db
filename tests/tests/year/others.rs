//! What is told to other programs: the log of each agency as XES and CSV, traces of decisions as PROV.

use std::collections::BTreeSet;

use letopis_proto::accountability::v1::ListCasesRequest;
use letopis_tests::exports::of_server;
use letopis_tests::traces::Traces;
use letopis_tests::{Dice, binaries, finish, rounds};
use letopis_types::{AgencyId, Sequence, StreamKey, StreamKind, Version};

use crate::served::Served;

/// PM4Py and pandas read of every agency's cases what their timelines say.
pub(crate) async fn read_the_same_log(served: &Served) {
    let (cases, _) = served.officer.cases(ListCasesRequest::default()).await.unwrap();
    let agencies: BTreeSet<_> =
        cases.iter().filter_map(|case| AgencyId::from_slice(&case.holder)).collect();
    assert!(agencies.len() > 2, "{agencies:?}");
    for agency in agencies {
        println!("{}", of_server(&served.officer, agency).await);
    }
}

/// `prov` reads of traces what they say: of one decision of each kind, of every correction, and of some more.
/// `decisions` are what stands in the streams of cases, with its kind.
pub(crate) async fn read_the_same_traces(
    served: &Served,
    decisions: &[(StreamKey, Version, &str)],
    dice: &mut Dice,
) {
    let kinds: BTreeSet<_> = decisions.iter().map(|(_, _, kind)| *kind).collect();
    let mut drawn = Vec::new();
    for kind in kinds {
        let of: Vec<_> = decisions.iter().filter(|decision| decision.2 == kind).collect();
        match kind {
            // Few say that something happened at another time, which some trace has to tell.
            "EventCorrected" => drawn.extend(of),
            _ => drawn.push(*dice.pick(&of)),
        }
    }
    for _ in 0..rounds("LETOPIS_TRACE_ROUNDS", 60, 2000) {
        drawn.push(dice.pick(decisions));
    }
    let folder = served.folder().join("traces");
    std::fs::create_dir(&folder).unwrap();
    let mut traces = Traces::new(&folder);
    for (stream, version, _) in drawn {
        let asked = ["case", "trace", &stream.id.to_string(), "--event", &version.to_string()];
        let mut command = binaries().letopis(&asked);
        command.args(["--json", "--purpose", "data_protection", "--server", served.server.url()]);
        command.arg("--key").arg(served.key("officer")).arg("--prov").arg(traces.document());
        command.arg("--simulated-clock").arg(served.clock());
        command.arg("--trust").arg(served.folder().join("trust"));
        command.args((stream.kind == StreamKind::Protected).then_some("--protected"));
        let told = finish(&mut command).json();
        let trace = served.officer.trace_decision(stream, *version, Sequence::ZERO).await.unwrap();
        traces.add((*stream, *version), told, &trace);
    }
    println!("{}", traces.judged());
}
