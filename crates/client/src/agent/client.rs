//! How programs use an agent.

use std::io::{self, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use letopis_crypto::sign::{STATEMENT_TYPE, pae, verify};
use letopis_domain::statement::Signer;
use letopis_proto::ledger::v1 as pb;
use letopis_types::{ActorId, Digest, LedgerId, PublicKey, SignatureBytes};
use prost::Message as _;

use super::protocol::{ANSWER_BYTES_MAX, Answer, Listed, MAGIC, Request};
use super::protocol::{is_own, read_frame, write_frame};
use crate::identity::{SignerError, StatementSigner, TokenSigner};
use crate::signed::Unsigned;

/// How long an answer is waited for: a person may have to read, and to type a passphrase.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// An agent, by its socket. Its calls wait, for minutes where a person is asked.
#[derive(Debug, Clone)]
pub struct AgentClient {
    socket: PathBuf,
}

impl AgentClient {
    /// The agent that is served at this socket.
    #[must_use]
    pub fn new(socket: &Path) -> Self {
        Self { socket: socket.to_owned() }
    }

    /// Whose keys the agent holds.
    ///
    /// # Errors
    /// [`SignerError::Failed`] where it is not reached, or is another user's.
    pub fn identities(&self) -> Result<Vec<AgentIdentity>, SignerError> {
        match self.ask(&Request::List, None)? {
            Answer::Identities(all) => {
                let identity = |listed| AgentIdentity { agent: self.clone(), listed };
                Ok(all.into_iter().map(identity).collect())
            }
            _ => Err(failed("the agent's answer is not one to this request")),
        }
    }

    fn ask(&self, request: &Request<'_>, key: Option<PublicKey>) -> Result<Answer, SignerError> {
        let io = |error: io::Error| failed(&format!("the key agent is not reached: {error}"));
        let mut stream = UnixStream::connect(&self.socket).map_err(io)?;
        if !is_own(&stream) {
            return Err(failed("the key agent is another user's"));
        }
        stream.set_read_timeout(Some(PATIENCE)).map_err(io)?;
        stream.set_write_timeout(Some(PATIENCE)).map_err(io)?;
        stream.write_all(MAGIC).map_err(io)?;
        write_frame(&mut stream, &request.to_bytes()).map_err(io)?;
        let answer = read_frame(&mut stream, ANSWER_BYTES_MAX).map_err(io)?;
        let malformed = || failed("the agent's answer is not one of the protocol");
        match Answer::parse(&answer, key).ok_or_else(malformed)? {
            Answer::NotDone(error) => Err(error),
            answer => Ok(answer),
        }
    }

    /// A signature, verified to be one by this key over this message.
    fn sign(
        &self,
        request: &Request<'_>,
        key: PublicKey,
        message: &[u8],
    ) -> Result<SignatureBytes, SignerError> {
        match self.ask(request, Some(key))? {
            Answer::Signature(signature) => {
                verify(&key, message, &signature)?;
                Ok(signature)
            }
            _ => Err(failed("the agent's answer is not one to this request")),
        }
    }
}

fn failed(reason: &str) -> SignerError {
    SignerError::Failed { reason: reason.to_owned() }
}

/// An identity whose keys an agent holds.
#[derive(Debug, Clone)]
pub struct AgentIdentity {
    agent: AgentClient,
    listed: Listed,
}

impl AgentIdentity {
    /// The ledger for which it is meant; `None`: any.
    #[must_use]
    pub const fn ledger(&self) -> Option<LedgerId> {
        self.listed.ledger
    }

    /// The statement hash of the grant under which it acts; `None` before there is one.
    #[must_use]
    pub const fn grant(&self) -> Option<Digest> {
        self.listed.grant
    }

    /// As a signer of statements.
    #[must_use]
    pub const fn signer(&self) -> Signer {
        let Listed { actor, grant, statement_key: key, .. } = self.listed;
        Signer { actor, key, grant }
    }

    /// Its token key, for the one statement that it signs: its own enrolment.
    #[must_use]
    pub fn enrolling(&self) -> Option<AgentKey> {
        self.listed.token_key.map(|key| AgentKey { agent: self.agent.clone(), key })
    }

    fn statement_key(&self) -> AgentKey {
        AgentKey { agent: self.agent.clone(), key: self.listed.statement_key }
    }
}

impl StatementSigner for AgentIdentity {
    fn public_key(&self) -> PublicKey {
        self.listed.statement_key
    }

    fn sign_statement(&self, statement: &[u8]) -> Result<SignatureBytes, SignerError> {
        self.statement_key().sign_statement(statement)
    }

    fn sign_with_contents(&self, unsigned: &Unsigned) -> Result<SignatureBytes, SignerError> {
        self.statement_key().sign_with_contents(unsigned)
    }
}

impl TokenSigner for AgentIdentity {
    fn actor(&self) -> ActorId {
        self.listed.actor
    }

    fn token_key(&self) -> Option<PublicKey> {
        self.listed.token_key
    }

    fn sign_token(&self, signing_input: &[u8]) -> Result<SignatureBytes, SignerError> {
        let none = || SignerError::Refused { reason: "there is no token key".to_owned() };
        let key = self.listed.token_key.ok_or_else(none)?;
        self.agent.sign(&Request::SignToken { key, signing_input }, key, signing_input)
    }
}

/// One key that an agent holds, as a signer of statements.
#[derive(Debug, Clone)]
pub struct AgentKey {
    agent: AgentClient,
    key: PublicKey,
}

impl AgentKey {
    fn sign(&self, submission: &[u8], statement: &[u8]) -> Result<SignatureBytes, SignerError> {
        let request = Request::SignStatement { key: self.key, submission };
        self.agent.sign(&request, self.key, &pae(STATEMENT_TYPE, statement))
    }
}

impl StatementSigner for AgentKey {
    fn public_key(&self) -> PublicKey {
        self.key
    }

    fn sign_statement(&self, statement: &[u8]) -> Result<SignatureBytes, SignerError> {
        let bare = pb::Submission {
            statement: Bytes::copy_from_slice(statement),
            ..pb::Submission::default()
        };
        self.sign(&bare.encode_to_vec(), statement)
    }

    fn sign_with_contents(&self, unsigned: &Unsigned) -> Result<SignatureBytes, SignerError> {
        self.sign(&unsigned.to_bytes(), unsigned.statement_bytes())
    }
}
