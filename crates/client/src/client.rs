//! The connection to one ledger.

use std::sync::Arc;

use letopis_crypto::hash::ledger_id;
use letopis_proto::statement::v1::Purpose;
use letopis_types::{LedgerId, Sequence};
use tonic::Request;
use tonic::transport::Channel;

use crate::caller::Caller;
use crate::error::{ClientError, Distrust};
use crate::genesis::{self, GenesisError, KnownGenesis};
use crate::identity::TokenSigner;
use crate::options::{ActingAs, Options};
use crate::trust::{KnownLedger, KnownLedgers, SignedCheckpoint};

/// Speaks to one ledger, whose key is known. Cheap to clone; clones share connection and memory.
#[derive(Debug, Clone)]
pub struct LedgerClient {
    pub(crate) caller: Caller,
    pub(crate) known: Arc<KnownLedger>,
}

impl LedgerClient {
    /// Connects to a ledger that is known, and verifies its present checkpoint against the last
    /// one. Plain `http` goes to loopback addresses only, `https` anywhere.
    ///
    /// A ledger that asks for tokens wants [`Options::acting_as`] here already: the proof that its
    /// log goes on from the last checkpoint is a call too.
    ///
    /// # Errors
    /// [`crate::Usage::Url`], [`crate::Usage::PlainText`], [`crate::Usage::Tls`]; [`Distrust`]
    /// where the server is not that ledger, or no longer; [`ClientError::Unavailable`].
    pub async fn connect(
        url: &str,
        known: KnownLedger,
        options: Options,
    ) -> Result<Self, ClientError> {
        let mut caller = Caller::new(url, options)?;
        caller.ledger = Some(*known.ledger());
        let client = Self { caller, known: Arc::new(known) };
        client.checkpoint().await?;
        Ok(client)
    }

    /// Connects to whatever ledger answers there, learns its key from its genesis, and remembers
    /// it in `directory`. A ledger that is remembered there is verified against what is known.
    ///
    /// TRUST: that it is the right ledger is taken on faith the first time; that its genesis,
    /// its id, its keys and its checkpoint belong together is verified. Show the caller of the
    /// program the ledger's id, and whether it is a trial.
    ///
    /// # Errors
    /// As [`Self::connect`]; [`Distrust::Genesis`].
    pub async fn trust_on_first_use(
        url: &str,
        directory: &KnownLedgers,
        options: Options,
    ) -> Result<(Self, KnownGenesis), ClientError> {
        let mut caller = Caller::new(url, options)?;
        // TRUST: so far only what it says that it is, and all that is made of it is tokens: they
        // are for the ledger of this name, and for the two calls below.
        let claimed = ledger_id(&caller.get_checkpoint().await?.genesis);
        caller.ledger = Some(claimed);
        let event = caller.event_at(Sequence::ZERO).await?;
        let genesis = genesis::check(&event).map_err(Distrust::from)?;
        let floor = directory.open(&genesis.ledger)?.map_or(Sequence::ZERO, |known| known.size());
        let answer = caller.get_checkpoint().await?;
        if answer.genesis != event.bytes || genesis.ledger != claimed {
            return Err(Distrust::OtherEvent { what: "genesis" }.into());
        }
        let checkpoint = SignedCheckpoint::open(answer.checkpoint, &genesis.key);
        let checkpoint = checkpoint.map_err(Distrust::from)?;
        caller.check_genesis_included(&event, &checkpoint).await?;
        let known = Arc::new(directory.with_key(&genesis.key)?);
        let client = Self { caller, known };
        client.believe(&Arc::new(checkpoint), floor).await?;
        Ok((client, genesis))
    }

    /// The same connection, on which each call from now on carries a fresh token by this signer,
    /// for this purpose. Clones made before are not changed.
    #[must_use]
    pub fn as_caller(mut self, signer: Arc<dyn TokenSigner>, purpose: Purpose) -> Self {
        self.caller.options.acting_as = Some(ActingAs::new(signer, purpose));
        self
    }

    /// The connection, for the other services of the same server. Their requests take
    /// [`Self::authorize`].
    #[must_use]
    pub fn channel(&self) -> Channel {
        self.caller.channel.clone()
    }

    /// A request of any service of this server (`package.Service/Method`), with the time that it
    /// may take, and with a fresh token where there is a caller. It is for one attempt: a token is
    /// used once.
    ///
    /// # Errors
    /// [`crate::Usage::NoTokenKey`], or what the signer says.
    pub async fn authorize<Q: prost::Message>(
        &self,
        method: &str,
        message: Q,
    ) -> Result<Request<Q>, ClientError> {
        Ok(self.caller.request_of(method, message).await?)
    }

    /// The ledger's genesis, verified to be the one that makes its id and names its key.
    ///
    /// # Errors
    /// [`Distrust::Genesis`]; otherwise as every call.
    pub async fn genesis(&self) -> Result<KnownGenesis, ClientError> {
        let event = self.caller.event_at(Sequence::ZERO).await?;
        let genesis = genesis::check(&event).map_err(Distrust::from)?;
        if genesis.key != *self.known.key() {
            return Err(Distrust::Genesis(GenesisError::Key).into());
        }
        Ok(genesis)
    }

    /// What is known of the ledger.
    #[must_use]
    pub fn known(&self) -> &KnownLedger {
        &self.known
    }

    /// The ledger's id.
    #[must_use]
    pub fn ledger(&self) -> &LedgerId {
        self.known.ledger()
    }
}
