//! Exports of a ledger that a user has: the demo's, served in a process of its own, read by programs of others.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

use std::sync::Arc;

use letopis_client::{ActingAs, Identity, KnownLedgers, LedgerClient, Options};
use letopis_proto::accountability::v1::ListCasesRequest;
use letopis_proto::statement::v1::Purpose;
use letopis_tests::exports::of_server;
use letopis_tests::{Launch, binaries, finish, place};
use letopis_types::AgencyId;

// The server is waited for on this thread, while the connection goes on on another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_user_exports_others_read() {
    let dir = place::temporary("exports");
    let data = dir.path().join("ledger");
    let _ = finish(binaries().letopis(&["demo", "--data"]).arg(&data)).ok();
    let server = Launch::new(&data).closed().start();
    let head = Arc::new(Identity::read(&data.join("people/head.key")).unwrap());
    let acting_as = Some(ActingAs::new(head, Purpose::CaseWork));
    let known = KnownLedgers::new(dir.path().join("trust"));
    let options = Options { acting_as, ..Options::default() };
    let (client, _) =
        LedgerClient::trust_on_first_use(server.url(), &known, options).await.unwrap();
    let (cases, _) = client.cases(ListCasesRequest::default()).await.unwrap();
    let agency = AgencyId::from_slice(&cases[0].holder).unwrap();
    println!("{}", of_server(&client, agency).await);
    drop(client);
    server.stop();
}
