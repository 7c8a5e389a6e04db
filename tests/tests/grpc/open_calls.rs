//! What anybody may ask of any gRPC server: health and reflection.

use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::server::{Place, Server};

const SERVICE: &str = "letopis.ledger.v1.LedgerService";

async fn health(server: &Server, service: &str) -> Result<ServingStatus, tonic::Status> {
    let request = HealthCheckRequest { service: service.to_owned() };
    let mut client = HealthClient::new(server.channel.clone());
    client.check(request).await.map(|response| response.into_inner().status())
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_told_for_the_server_and_its_service() {
    let place = Place::new();
    let server = place.start().await;
    for service in ["", SERVICE] {
        assert_eq!(health(&server, service).await.unwrap(), ServingStatus::Serving, "{service:?}");
    }
    let unknown = health(&server, "invented.Service").await.unwrap_err();
    assert_eq!(unknown.code(), tonic::Code::NotFound);
    server.stop().await;
}

macro_rules! reflection {
    ($name:ident, $version:ident) => {
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            use tonic_reflection::pb::$version::ServerReflectionRequest;
            use tonic_reflection::pb::$version::server_reflection_client::ServerReflectionClient;
            use tonic_reflection::pb::$version::server_reflection_request::MessageRequest;
            use tonic_reflection::pb::$version::server_reflection_response::MessageResponse;

            let place = Place::new();
            let server = place.start().await;
            let mut client = ServerReflectionClient::new(server.channel.clone());
            let ask = |message| ServerReflectionRequest {
                host: String::new(),
                message_request: Some(message),
            };
            let requests = [
                ask(MessageRequest::ListServices(String::new())),
                ask(MessageRequest::FileContainingSymbol(SERVICE.to_owned())),
                ask(MessageRequest::FileContainingSymbol("letopis.statement.v1.Statement".into())),
            ];
            let answers = client.server_reflection_info(tokio_stream::iter(requests)).await;
            let mut answers = answers.unwrap().into_inner();
            let mut next = async || answers.message().await.unwrap().unwrap().message_response;
            let Some(MessageResponse::ListServicesResponse(list)) = next().await else { panic!() };
            let names: Vec<_> = list.service.iter().map(|service| service.name.as_str()).collect();
            assert!(names.contains(&SERVICE), "{names:?}");
            assert!(names.contains(&"grpc.health.v1.Health"), "{names:?}");
            for _ in 0..2 {
                let Some(MessageResponse::FileDescriptorResponse(file)) = next().await else {
                    panic!()
                };
                assert!(!file.file_descriptor_proto.is_empty());
            }
            drop(answers);
            server.stop().await;
        }
    };
}

reflection!(reflection_v1_tells_the_service_and_its_messages, v1);
reflection!(reflection_v1alpha_tells_the_service_and_its_messages, v1alpha);
