//! What is told of the statements around a decision, each as its own file has it: asked of a real server.

use letopis_proto::accountability::v1 as proto;
use letopis_proto::confidentiality::v1::Mark;
use letopis_service_rpc::convert::stream_message;

use crate::accountability::{actor, hash, trace_decision};
use crate::audit::Scene;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_became_of_a_signals_statement_is_told_of_the_signals_file() {
    let mut scene = Scene::open().await;
    scene.office.give_token_keys().await;
    let since = scene.office.ledger.size().0;
    scene
        .tell(&[
            "SignalReceived",
            "+1h SignalAssigned",
            "+1h SenderNotified",
            "+1d SignalAssessed by worker",
            "+1h Endorsed on SignalAssessed in signal",
            "+1h CaseOpened by worker",
        ])
        .await;
    scene.compromise("worker", since).await;
    let stream = Some(stream_message(&scene.case()));
    let request = proto::TraceDecisionRequest { stream, version: 1, at_least_size: 0 };
    let told =
        trace_decision(&mut scene.office, &scene.place, "head", request).await.unwrap().entries;
    let of = |label: &str| {
        let wanted = scene.story.said(label).unwrap();
        told.iter().find(|entry| hash(entry) == wanted).unwrap()
    };
    let disputed = |label: &str| of(label).marks.contains(&Mark::Disputed.into());
    assert!(disputed("CaseOpened"), "nobody else stands by it");
    assert!(!disputed("SignalAssessed"), "the head does");
    let assessed = of("SignalAssessed");
    assert_eq!(assessed.endorsed_by, [actor("head")]);
    assert_eq!(assessed.status(), proto::ActStatus::InForce);
}
