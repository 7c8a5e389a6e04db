//! The committer: one thread that writes groups to the record, and lets nobody know of an event
//! before it is durable.

use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, PoisonError, RwLock};

use letopis_log::checkpoint::{Checkpoint, Origin};
use letopis_log::merkle::{Frontier, inclusion_proof, leaf_hash};
use letopis_log::tile::Completed;
use letopis_log::{Link, TileTree};
use letopis_record::{Record, StoredEvent};
use letopis_state::streams::Tiles;
use letopis_types::{Digest, Sequence, Version};
use tokio::sync::{OwnedSemaphorePermit, oneshot, watch};

use crate::batch::End;
use crate::erasure::{Erasures, Pending};
use crate::error::{LedgerError, Unavailable};
use crate::fold::Effect;
use crate::ledger::{LedgerKeys, Receipt};

/// The log's tree; holds durable links only.
pub(crate) type Tree = TileTree<Tiles>;

/// What is written and synced at once.
#[derive(Default)]
pub(crate) struct Group {
    pub(crate) events: Vec<StoredEvent>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) replies: Vec<Reply>,
    /// The vault's next unused slot once these are sealed.
    pub(crate) next_key_slot: u64,
}

/// Who waits for what.
pub(crate) struct Reply {
    pub(crate) sequence: Sequence,
    pub(crate) version: Version,
    pub(crate) already_recorded: bool,
    /// It erases sections: it is answered once they are gone.
    pub(crate) erases: bool,
    pub(crate) waiting: Waiting,
    pub(crate) permit: OwnedSemaphorePermit,
}

/// For what somebody waits.
pub(crate) enum Waiting {
    /// For the receipt.
    Receipt(oneshot::Sender<Result<Receipt, LedgerError>>),
    /// For it to be durable, and no longer: what it gives out leaves then.
    Durable(oneshot::Sender<Result<Sequence, LedgerError>>),
}

impl Waiting {
    pub(crate) fn refuse(self, error: LedgerError) {
        // A caller who has gone away has no use for the answer.
        match self {
            Self::Receipt(reply) => drop(reply.send(Err(error))),
            Self::Durable(reply) => drop(reply.send(Err(error))),
        }
    }
}

impl Group {
    pub(crate) fn is_empty(&self) -> bool {
        self.replies.is_empty()
    }

    pub(crate) fn refuse(self, error: &LedgerError) {
        for reply in self.replies {
            reply.waiting.refuse(error.clone());
        }
    }
}

/// What the state takes in of a group.
pub(crate) struct Durable {
    pub(crate) effects: Vec<Effect>,
    pub(crate) tiles: Vec<Completed>,
    pub(crate) end: End,
}

/// The log as everybody may know it.
#[derive(Debug, Clone)]
pub(crate) struct Published {
    pub(crate) size: Sequence,
    /// The signed checkpoint of that size.
    pub(crate) checkpoint: Arc<str>,
}

/// How the ledger is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Health {
    /// It works.
    Serving,
    /// It stopped because of this; the process should end.
    Failed(String),
}

pub(crate) struct Committer {
    pub(crate) record: Arc<dyn Record>,
    pub(crate) tree: Arc<RwLock<Tree>>,
    pub(crate) frontier: Frontier,
    pub(crate) origin: Origin,
    pub(crate) keys: Arc<LedgerKeys>,
    pub(crate) published: watch::Sender<Published>,
    pub(crate) health: Arc<watch::Sender<Health>>,
    pub(crate) erasures: Erasures,
}

impl Committer {
    /// Works until the sequencer is done, or a group can't be written.
    pub(crate) fn run(mut self, groups: &Receiver<Group>, state: &SyncSender<Durable>) {
        while let Ok(mut group) = groups.recv() {
            if let Err(error) = self.commit(&mut group, state) {
                self.health.send_replace(Health::Failed(error.to_string()));
                group.refuse(&error.into());
                // Whatever the sequencer admitted behind it is refused as it is handed over.
                return;
            }
        }
    }

    fn commit(
        &mut self,
        group: &mut Group,
        state: &SyncSender<Durable>,
    ) -> Result<(), Unavailable> {
        if let Some(last) = group.events.last().map(|event| event.link) {
            // CRASH: before this returns nothing was acknowledged; after it everything is found
            // again. Whether a crash in between kept the group, opening finds out.
            self.record.append(&group.events).map_err(Unavailable::record)?;
            answer_durable(group);
            let tiles = self.publish(&group.events, last.sequence.next());
            let durable = Durable {
                effects: std::mem::take(&mut group.effects),
                tiles,
                end: End {
                    size: last.sequence.next(),
                    last_link: last.hash(),
                    next_key_slot: group.next_key_slot,
                },
            };
            self.answer(group);
            // Readers who ask for what they were told of wait for the state.
            if state.send(durable).is_err() {
                self.health.send_replace(Health::Failed("the state has stopped".to_owned()));
            }
        }
        self.answer(group);
        Ok(())
    }

    fn answer(&self, group: &mut Group) {
        let links = group.events.iter().map(|event| event.link).collect::<Vec<_>>();
        answer_durable(group);
        for reply in group.replies.drain(..) {
            let receipt = self.receipt(&reply, &links);
            // The memory is free from here on, whether or not the caller still listens.
            drop(reply.permit);
            let Waiting::Receipt(waiting) = reply.waiting else { continue };
            match receipt {
                Ok(receipt) if reply.erases => {
                    let sequence = reply.sequence;
                    let _ = self.erasures.send(Pending { sequence, receipt, reply: waiting });
                }
                receipt => {
                    let _ = waiting.send(receipt);
                }
            }
        }
    }

    /// Takes durable events into the tree and signs the checkpoint over them.
    fn publish(&mut self, events: &[StoredEvent], size: Sequence) -> Vec<Completed> {
        let mut tiles = Vec::new();
        {
            let mut tree = self.tree.write().unwrap_or_else(PoisonError::into_inner);
            for event in events {
                let leaf = leaf_hash(&event.link.to_bytes());
                self.frontier.append(leaf);
                tiles.extend(tree.append(leaf));
            }
        }
        let checkpoint = sign_checkpoint(&self.origin, size, self.frontier.root(), &self.keys);
        self.published.send_replace(Published { size, checkpoint });
        tiles
    }

    fn receipt(&self, reply: &Reply, links: &[Link]) -> Result<Receipt, LedgerError> {
        let Published { size, checkpoint } = self.published.borrow().clone();
        let in_group = links
            .first()
            .and_then(|first| reply.sequence.0.checked_sub(first.sequence.0))
            .and_then(|at| links.get(usize::try_from(at).ok()?));
        let link = match in_group {
            Some(link) => *link,
            None => read_link(&*self.record, reply.sequence)?,
        };
        let tree = self.tree.read().unwrap_or_else(PoisonError::into_inner);
        let inclusion_proof =
            inclusion_proof(&*tree, reply.sequence.0, size.0).map_err(LedgerError::record)?;
        let (version, already_recorded) = (reply.version, reply.already_recorded);
        Ok(Receipt { link, version, inclusion_proof, checkpoint, already_recorded })
    }
}

/// Answers those who wait for nothing but that it is durable, which it is.
fn answer_durable(group: &mut Group) {
    let is_durable = |reply: &mut Reply| matches!(reply.waiting, Waiting::Durable(_));
    for Reply { waiting, sequence, .. } in group.replies.extract_if(.., is_durable) {
        if let Waiting::Durable(reply) = waiting {
            let _ = reply.send(Ok(sequence));
        }
    }
}

/// A link, from the record.
pub(crate) fn read_link(record: &dyn Record, sequence: Sequence) -> Result<Link, LedgerError> {
    let events = record.read(sequence, 1, 1).map_err(LedgerError::record)?;
    let event = events.first().ok_or_else(|| LedgerError::record("an event is missing"))?;
    Ok(event.link)
}

/// The signed checkpoint of a size and root.
pub(crate) fn sign_checkpoint(
    origin: &Origin,
    size: Sequence,
    root: Digest,
    keys: &LedgerKeys,
) -> Arc<str> {
    let checkpoint = Checkpoint { origin: origin.clone(), size, root };
    let note = checkpoint.sign(keys.checkpoint.public(), |text| keys.checkpoint.sign(text));
    note.to_text().into()
}
