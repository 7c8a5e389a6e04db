//! Lists by pages: a page token belongs to one question, and no page leaves before it is on the record whose files
//! it tells of.

use std::collections::BTreeSet;

use letopis_ledger::token::Caller;
use letopis_ledger::{Ledger, LedgerError, NotFound, Place, page_token};
use letopis_policy::Action;
use letopis_proto::accountability::v1 as proto;
use letopis_service_rpc::{Told, ask_now, page_size};
use letopis_types::{Sequence, StreamId, StreamKey};
use prost::Message;

use crate::seen::Seen;

/// The most rows that are looked at for a page.
pub(crate) const ROWS_MAX: usize = 4096;

/// A request for a page of a list.
pub(crate) trait Question: Message {
    /// Takes out which page is asked for: what is left is the question, the same for every page.
    fn take_page(&mut self) -> WhichPage;
}

/// Which page of a list is asked for, as every such request has it.
pub(crate) struct WhichPage {
    size: u32,
    token: String,
    at_least_size: u64,
}

macro_rules! questions {
    ($($request:ident),*) => {$(
        impl Question for proto::$request {
            fn take_page(&mut self) -> WhichPage {
                WhichPage {
                    size: std::mem::take(&mut self.page_size),
                    token: std::mem::take(&mut self.page_token),
                    at_least_size: std::mem::take(&mut self.at_least_size),
                }
            }
        }
    )*};
}

questions!(
    ListCasesRequest,
    ListClocksRequest,
    ListDutiesRequest,
    ListDecisionsRequest,
    GetRegisterRequest
);

/// Where in a list one is, in as many numbers as a token of it carries.
pub(crate) trait Position: Copy + Send + 'static {
    fn encode(&self, scope: &[u8]) -> String;
    fn decode(token: &str, scope: &[u8]) -> Result<Option<Self>, NotFound>;
}

impl Position for [u64; 2] {
    fn encode(&self, scope: &[u8]) -> String {
        page_token::encode(scope, *self)
    }

    fn decode(token: &str, scope: &[u8]) -> Result<Option<Self>, NotFound> {
        page_token::decode(token, scope)
    }
}

impl Position for StreamId {
    fn encode(&self, scope: &[u8]) -> String {
        let id = u128::from_be_bytes(self.0);
        page_token::encode(scope, [(id >> 64) as u64, id as u64])
    }

    fn decode(token: &str, scope: &[u8]) -> Result<Option<Self>, NotFound> {
        let halves = page_token::decode::<2>(token, scope)?;
        let id = halves.map(|[high, low]| u128::from(high) << 64 | u128::from(low));
        Ok(id.map(|id| Self(id.to_be_bytes())))
    }
}

impl Position for Place {
    fn encode(&self, scope: &[u8]) -> String {
        page_token::encode(scope, numbers(self))
    }

    fn decode(token: &str, scope: &[u8]) -> Result<Option<Self>, NotFound> {
        Ok(page_token::decode::<4>(token, scope)?.map(place))
    }
}

/// A place fills four numbers.
pub(crate) fn numbers(place: &Place) -> [u64; 4] {
    let mut padded = [0; 32];
    padded.iter_mut().zip(place).for_each(|(to, from)| *to = *from);
    let (chunks, _) = padded.as_chunks::<8>();
    let mut four = [0; 4];
    four.iter_mut().zip(chunks).for_each(|(to, from)| *to = u64::from_be_bytes(*from));
    four
}

pub(crate) fn place(four: [u64; 4]) -> Place {
    let mut place = [0; 29];
    let bytes = four.iter().flat_map(|number| number.to_be_bytes());
    place.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    place
}

/// A page while it is filled: nobody has been told of it yet.
pub(crate) struct Page<E, P> {
    /// Where the page before it ended; `None`: it is the first.
    pub(crate) after: Option<P>,
    pub(crate) max: usize,
    entries: Vec<E>,
    files: BTreeSet<StreamKey>,
    /// How far the list was looked through, where there may be more.
    pub(crate) last: Option<P>,
    pub(crate) as_of: Sequence,
}

impl<E, P> Page<E, P> {
    /// An entry, which tells of this file.
    pub(crate) fn push(&mut self, file: StreamKey, entry: E) {
        self.files.insert(file);
        self.entries.push(entry);
    }

    pub(crate) fn is_full(&self) -> bool {
        self.entries.len() >= self.max
    }

    /// Whether it ends here, after so many rows were looked at.
    pub(crate) fn ends(&self, looked_at: usize) -> bool {
        self.is_full() || looked_at >= ROWS_MAX
    }

    /// The list has no more.
    pub(crate) fn was_last(&mut self) {
        self.last = None;
    }
}

/// A page that may be told.
pub(crate) struct Listed<E> {
    pub(crate) entries: Vec<E>,
    pub(crate) next_page_token: String,
    pub(crate) as_of_size: u64,
}

/// Looks for a page's entries.
type Fill<A, E, P> = fn(&mut Seen<'_>, &A, &mut Page<E, P>) -> Result<(), LedgerError>;

/// What a token of this question begins with: the method's name, and the question without its page.
pub(crate) fn scope(method: &str, question: &impl Message) -> Vec<u8> {
    [method.as_bytes(), &question.encode_to_vec()].concat()
}

/// Answers with a page: `read` says what is asked for, `fill` looks for it.
pub(crate) async fn list<Q, A, E, P>(
    ledger: &Ledger,
    caller: &Caller,
    method: &str,
    mut question: Q,
    read: impl FnOnce(&Q) -> Result<A, Told>,
    fill: Fill<A, E, P>,
) -> Result<Listed<E>, Told>
where
    Q: Question,
    A: Send + 'static,
    E: Send + 'static,
    P: Position,
{
    let which = question.take_page();
    let scope = scope(method, &question);
    let asked = read(&question)?;
    let mut page = Page {
        after: P::decode(&which.token, &scope)?,
        max: page_size(which.size)?,
        entries: Vec::new(),
        files: BTreeSet::new(),
        last: None,
        as_of: Sequence::ZERO,
    };
    ledger.holds(Sequence(which.at_least_size)).await?;
    let asking = ledger.asking(caller);
    let page = ask_now(ledger, move |ledger| {
        page.as_of = ledger.state_size();
        fill(&mut Seen::new(ledger, &asking), &asked, &mut page)?;
        Ok(page)
    })
    .await?;
    // Nothing of it leaves before that is on the record.
    ledger.record_facts_read(caller, Action::ReadFacts, page.files).await?;
    Ok(Listed {
        entries: page.entries,
        next_page_token: page.last.map(|last| last.encode(&scope)).unwrap_or_default(),
        as_of_size: page.as_of.0,
    })
}
