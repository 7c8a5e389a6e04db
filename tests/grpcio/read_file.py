"""Reads a case's file from a Letopis server, as agency software in Python would.

The stubs are made from the protos by grpcio-tools, into a folder that is thrown away; the token is made
by PyJWT as proto/README.md says. Nothing here is Letopis's own but the protos.

    read_file.py PROTO_DIR ADDRESS < call.json

call.json: ledger (hex), actor (UUID), token_key (the Ed25519 seed, hex), purpose, case (hex).
Writes one JSON object: the events with what was given and what was withheld; or the error.
"""

import base64
import hashlib
import json
import pathlib
import sys
import tempfile
import time
import uuid

import grpc
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from grpc_tools import protoc

METHOD = "letopis.confidentiality.v1.ConfidentialityService/GetCaseFile"


def make_stubs(protos: pathlib.Path, out: str) -> None:
    """Of every proto: those that are signed have to be ones that the official compiler takes too."""
    files = sorted(str(path.relative_to(protos)) for path in protos.rglob("*.proto"))
    well_known = pathlib.Path(protoc.__file__).parent / "_proto"
    options = [f"-I{protos}", f"-I{well_known}", f"--python_out={out}", f"--grpc_python_out={out}"]
    if protoc.main(["protoc", *options, *files]) != 0:
        sys.exit("the stubs can't be made: the official compiler does not take the protos")
    sys.path.insert(0, out)


def token(call: dict, request: bytes) -> str:
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(call["token_key"]))
    public = key.public_key().public_bytes(
        serialization.Encoding.Raw, serialization.PublicFormat.Raw
    )
    now = int(time.time())
    query = base64.urlsafe_b64encode(hashlib.sha256(request).digest()).rstrip(b"=").decode()
    claims = {
        "aud": call["ledger"],
        "sub": call["actor"],
        "iat": now,
        "exp": now + 60,
        "jti": uuid.uuid4().hex,
        "method": METHOD,
        "purpose": call["purpose"],
        "query": query,
    }
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": public.hex()})


def main() -> None:
    protos, address = pathlib.Path(sys.argv[1]), sys.argv[2]
    call = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as out:
        make_stubs(protos, out)
        from letopis.confidentiality.v1 import confidentiality_pb2 as messages
        from letopis.confidentiality.v1 import confidentiality_pb2_grpc as service

        request = messages.GetCaseFileRequest(case_id=bytes.fromhex(call["case"]))
        bearer = token(call, request.SerializeToString(deterministic=True))
        with grpc.insecure_channel(address) as channel:
            stub = service.ConfidentialityServiceStub(channel)
            metadata = (("authorization", f"Bearer {bearer}"),)
            try:
                answer = stub.GetCaseFile(request, metadata=metadata, timeout=30)
            except grpc.RpcError as error:
                print(json.dumps({"error": error.code().name, "message": error.details()}))
                return
    events = [
        {
            "version": entry.version,
            "given": {s.payload_type: s.content.decode() for s in entry.sections},
            "withheld": [w.rule.bg for w in entry.withheld],
        }
        for entry in answer.entries
    ]
    print(json.dumps({"events": events}, ensure_ascii=False))


if __name__ == "__main__":
    main()
