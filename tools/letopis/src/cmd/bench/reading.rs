//! Sections are read under the adopted policy, each call with one event, each reading durable before
//! anything leaves: one call alone beside a bare fdatasync, then many in flight.
//!
//! A call alone is timed from when its request, signed already, is sent until what was given has been
//! compared with what was written down. With many in flight the tokens are signed meanwhile.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use letopis_client::LedgerClient;
use letopis_proto::confidentiality::v1 as pb;
use letopis_proto::confidentiality::v1::confidentiality_service_client::ConfidentialityServiceClient;
use letopis_proto::statement::v1 as proto;
use letopis_types::{StreamKey, Version};
use tokio::task::JoinSet;
use tonic::Request;

use super::disk::Disk;
use super::figures::{Figure, median, percentile};
use super::office::{CASES, Office, lines};
use super::runtime;
use super::server::Server;
use crate::cli::BenchArgs;
use crate::cmd::init::Begun;
use crate::failure::Failure;

const METHOD: &str = "letopis.confidentiality.v1.ConfidentialityService/GetSections";

/// Events with a section in each case.
const EVENTS: usize = 4;

/// Calls alone and bare syncs take turns of so many, so that whatever else slows the disk down slows
/// both.
const TURN: usize = 50;

/// So many times the calls alone are made with many in flight.
const IN_FLIGHT_TIMES: usize = 10;

/// Reads in the ledger that was imported, which stands still.
pub(super) fn measure(
    root: &Path,
    begun: &Begun,
    args: &BenchArgs,
) -> Result<Vec<Figure>, Failure> {
    let server = Server::start(root)?;
    let figures = runtime()?.block_on(async {
        let office = Office::open(&server, root, begun).await?;
        let events = Arc::new(write_down(&office).await?);
        office.adopt_policy().await?;
        let mut readers = Vec::new();
        for number in 0..args.connections {
            let known = root.join(format!("known-{number}"));
            let client = office.connect_again(&server, &known, begun).await?;
            readers.push(Reader { client, events: Arc::clone(&events) });
        }
        let first = readers.first().ok_or_else(|| Failure::other("at least one connection"))?;
        // Whose file is read stands on the record once a day: not in what is measured.
        for number in 0..events.len() {
            first.read(number).await?;
        }
        let alone = one_alone(first.clone(), Disk::beside(root)?, args.calls);
        let (alone, syncs) = tokio::spawn(alone).await.map_err(Failure::other)??;
        let calls = args.calls as usize * IN_FLIGHT_TIMES;
        let per_second = many(&readers, args.in_flight, calls).await?;
        let (call, sync) = (median(alone.iter().copied()), median(syncs));
        Ok::<_, Failure>(vec![
            Figure::new("bare fdatasync, median, µs", "fdatasync_us", sync),
            Figure::new("GetSections alone, median, µs", "get_sections_alone_us", call),
            Figure::new("  beyond the fdatasync, µs", "get_sections_beyond_us", call - sync),
            Figure::new("  99 of 100, µs", "get_sections_alone_p99_us", percentile(alone, 99)),
            Figure::new("GetSections, in flight, calls/s", "get_sections_per_second", per_second),
        ])
    })?;
    server.stop()?;
    Ok(figures)
}

/// An event that is read, and what its section says.
struct Written {
    stream: StreamKey,
    version: Version,
    text: String,
}

/// Some events in each case.
async fn write_down(office: &Office) -> Result<Vec<Written>, Failure> {
    let mut versions: HashMap<StreamKey, Version> = HashMap::new();
    let (mut signed, mut written) = (Vec::new(), Vec::new());
    for number in 0..CASES * EVENTS {
        let text = lines(number);
        signed.push(office.act(number, &text)?);
        let stream = *office.cases.get(number % CASES).unwrap_or(&StreamKey::ROOT);
        // The case's opening is the first.
        let version = versions.entry(stream).or_insert(Version(1));
        *version = version.next();
        written.push(Written { stream, version: *version, text });
    }
    office.record(signed).await?;
    Ok(written)
}

/// Calls over one connection.
#[derive(Clone)]
struct Reader {
    client: LedgerClient,
    events: Arc<Vec<Written>>,
}

impl Reader {
    /// Reads one event.
    async fn read(&self, number: usize) -> Result<(), Failure> {
        self.call(number, self.request(number).await?).await
    }

    fn event(&self, number: usize) -> Result<&Written, Failure> {
        let event = self.events.get(number % self.events.len().max(1));
        event.ok_or_else(|| Failure::other("nothing was written down"))
    }

    /// A call for one event, with its token.
    async fn request(&self, number: usize) -> Result<Request<pb::GetSectionsRequest>, Failure> {
        let Written { stream, version, .. } = self.event(number)?;
        let message = pb::GetSectionsRequest {
            stream: Some(proto::Stream { kind: stream.kind as i32, id: stream.id.0.to_vec() }),
            versions: vec![version.0],
            ..Default::default()
        };
        Ok(self.client.authorize(METHOD, message).await?)
    }

    async fn call(
        &self,
        number: usize,
        request: Request<pb::GetSectionsRequest>,
    ) -> Result<(), Failure> {
        let text = &self.event(number)?.text;
        let mut grpc = ConfidentialityServiceClient::new(self.client.channel());
        let answer = grpc.get_sections(request).await.map_err(Failure::other)?.into_inner();
        let given = answer.sections.first().and_then(|section| section.content.as_deref());
        match given == Some(text.as_bytes()) && answer.reading.is_some() {
            true => Ok(()),
            false => Err(Failure::other("a section was not given as it was written down")),
        }
    }
}

/// How long calls one after the other took, and bare syncs; in microseconds. In a task, as in a
/// service: the runtime's first thread would be woken for every step of the connection.
async fn one_alone(
    reader: Reader,
    mut disk: Disk,
    calls: u32,
) -> Result<(Vec<f64>, Vec<f64>), Failure> {
    let (mut alone, mut syncs) = (Vec::new(), Vec::new());
    let numbers: Vec<usize> = (0..calls as usize).collect();
    for turn in numbers.chunks(TURN) {
        for number in turn {
            let request = reader.request(*number).await?;
            let started = Instant::now();
            reader.call(*number, request).await?;
            alone.push(started.elapsed().as_secs_f64() * 1e6);
        }
        for _ in turn {
            syncs.push(disk.sync()?);
        }
    }
    Ok((alone, syncs))
}

/// Calls per second with so many in flight over all connections.
async fn many(readers: &[Reader], in_flight: u32, calls: usize) -> Result<f64, Failure> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut reading: JoinSet<Result<(), Failure>> = JoinSet::new();
    let started = Instant::now();
    for reader in readers.iter().cycle().take(in_flight as usize) {
        let (reader, next) = (reader.clone(), Arc::clone(&next));
        reading.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= calls {
                    return Ok(());
                }
                reader.read(number).await?;
            }
        });
    }
    while let Some(done) = reading.join_next().await {
        done.map_err(Failure::other)??;
    }
    // INVARIANT: far below 2^53 calls.
    Ok(calls as f64 / started.elapsed().as_secs_f64())
}
