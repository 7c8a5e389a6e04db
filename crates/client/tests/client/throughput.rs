//! What the client costs per event: signing, sending, verifying.
//!
//! `cargo test --release -p letopis-client -- --ignored --nocapture throughput`

use std::time::Instant;

use letopis_client::{Draft, LedgerClient, Options};
use letopis_proto::statement::v1::{self as proto, HistoryImported, fact::Kind};
use letopis_types::{Class, StreamId, StreamKey, StreamKind};

use crate::fake::{Fake, OCCURRED_AT, author, signer_of};

const EVENTS: u32 = 8_577;

/// Nanoseconds that this thread has run.
fn thread_nanos() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

#[test]
#[ignore = "measures; takes the machine for itself"]
fn throughput() {
    // The server has threads of its own, so that this thread's time is the client's.
    let server =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let fake = server.block_on(Fake::start());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, _) = LedgerClient::trust_on_first_use(
            &fake.direct_url,
            &fake.known_ledgers(),
            Options::default(),
        )
        .await
        .unwrap();
        let (ledger, key) = (*client.ledger(), author());
        let make = |at: u32| {
            let mut id = [7; 16];
            id[..4].copy_from_slice(&(at / 6).to_be_bytes());
            let stream = StreamKey { kind: StreamKind::Case, id: StreamId(id) };
            let time = proto::Instant { seconds: 1_300_000_000, nanos: 0, offset_minutes: 120 };
            let fact = HistoryImported { activity: 1 + at % 27, time: Some(time) };
            Draft::new(stream, Kind::HistoryImported(fact), OCCURRED_AT)
                .section(Class::Normal, "xes/1", vec![b'x'; 300])
                .seal(ledger, &[signer_of(&key)])
                .unwrap()
                .sign(&[&key])
                .unwrap()
        };
        let made = thread_nanos();
        let count = (0..EVENTS).map(make).count();
        let making = (thread_nanos() - made) as f64 / 1000.0 / count as f64;

        let (began, cpu) = (Instant::now(), thread_nanos());
        let mut stream = client.append_stream(tokio_stream::iter((0..EVENTS).map(make)), 1024);
        let mut answers = 0;
        while let Some(answer) = stream.next().await {
            answer.unwrap().outcome.unwrap();
            answers += 1;
        }
        let (elapsed, cpu) = (began.elapsed(), thread_nanos() - cpu);
        assert_eq!(answers, EVENTS);
        println!(
            "{answers} events in {elapsed:?}: {:.0}/s; client CPU {:.1} µs per event, \
             of it sealing and signing {:.1} µs",
            f64::from(answers) / elapsed.as_secs_f64(),
            cpu as f64 / 1000.0 / f64::from(answers),
            making,
        );
    });
}
