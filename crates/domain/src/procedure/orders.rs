//! Orders: the acts that are served, appealed and executed. In force is not the same as executable.

use letopis_types::Digest;
use serde::{Deserialize, Serialize};

use super::Procedure;
use super::asked::Deed;
use crate::clocks::Clocks;

/// What an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OrderKind {
    /// An emergency placement, ordered or done on paper.
    Emergency,
    /// A placement until the court decides.
    Placement,
    /// A mandatory instruction.
    Instruction,
    /// A decision on aid.
    Aid,
    /// A court's decision.
    Decision,
}

impl OrderKind {
    /// Is it an order of placement by the director?
    pub(crate) const fn is_placement(self) -> bool {
        matches!(self, Self::Emergency | Self::Placement)
    }

    /// Does the law let it be executed at once, appealed or not?
    const fn is_executed_at_once(self) -> bool {
        matches!(self, Self::Emergency | Self::Placement | Self::Decision)
    }
}

/// Why an order is in force no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum End {
    /// A newer one took its place.
    Replaced,
    /// The court decided.
    Decided,
    /// On appeal it was annulled, or returned to be decided anew.
    Annulled,
    /// The placement ended.
    Over,
}

/// What was said of an order's execution, which else is as the law has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Execution {
    /// It is executed before it is final.
    Ordered,
    /// It stands still.
    Suspended,
}

/// That an order was served: when, in seconds since 1970 UTC, and by which statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) at: i64,
    pub(crate) by: Digest,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) hash: Digest,
    pub(crate) kind: OrderKind,
    /// When it was given; seconds since 1970 UTC.
    pub(crate) at: i64,
    /// To whom it was served: each party is told of it.
    pub(super) served: Vec<Told>,
    pub(super) end: Option<(End, Digest)>,
    /// What was said of its execution, and by which statements: the last one holds.
    pub(super) execution: Vec<(Execution, Digest)>,
    /// An appeal that came in time is undecided.
    pub(crate) appealed: bool,
    /// Until when the court may be asked since the superior let it stand; seconds since 1970 UTC.
    pub(crate) contestable_until: Option<i64>,
    /// A child may be placed on it.
    pub(crate) places: bool,
}

impl Order {
    pub(crate) fn new(deed: &Deed<'_>, kind: OrderKind) -> Self {
        Self {
            hash: deed.hash,
            kind,
            at: deed.at,
            served: Vec::new(),
            end: None,
            execution: Vec::new(),
            appealed: false,
            contestable_until: None,
            places: kind.is_placement(),
        }
    }

    /// It is served since the first party was told.
    pub(crate) fn served(&self) -> Option<&Told> {
        self.served.iter().min_by_key(|told| told.at)
    }

    pub(crate) const fn is_in_force(&self) -> bool {
        self.end.is_none()
    }

    /// Did a newer one take its place?
    pub(crate) const fn is_replaced(&self) -> bool {
        matches!(self.end, Some((End::Replaced, _)))
    }

    /// May it be executed at this time? What the law does not let be executed at once waits until each
    /// party's term of appeal is over, and every appeal that came in time is decided.
    pub(crate) fn is_executable(&self, clocks: &Clocks, now: i64) -> bool {
        let may = match self.execution.last() {
            Some((Execution::Suspended, _)) => false,
            Some((Execution::Ordered, _)) => true,
            None => self.kind.is_executed_at_once() || self.is_final(clocks, now),
        };
        // INVARIANT: nothing is executable that is not in force.
        self.is_in_force() && self.orders_something() && may
    }

    /// Is there anything to be executed? Not in a court's decision that grants nothing.
    pub(super) const fn orders_something(&self) -> bool {
        self.places || !matches!(self.kind, OrderKind::Decision)
    }

    fn is_final(&self, clocks: &Clocks, now: i64) -> bool {
        let served = self.served().is_some_and(|served| served.at <= now);
        let terms = clocks.terms_about(&self.hash).chain(self.contestable_until);
        served && !self.appealed && terms.max().is_none_or(|due| due <= now)
    }

    /// Is the term for an appeal of it over at this time? One that the clocks do not know is not.
    pub(crate) fn is_appealed_late(&self, clocks: &Clocks, at: i64) -> bool {
        let terms = clocks.terms_about(&self.hash).chain(self.contestable_until);
        terms.max().is_some_and(|due| due <= at)
    }
}

/// The orders of a file, in the order in which they took effect.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Orders(Vec<Order>);

impl Orders {
    pub(crate) fn find(&self, hash: &Digest) -> Option<&Order> {
        self.0.iter().find(|order| order.hash == *hash)
    }

    pub(crate) fn find_mut(&mut self, hash: &Digest) -> Option<&mut Order> {
        self.0.iter_mut().find(|order| order.hash == *hash)
    }

    /// An order was given, or served, at another time than was stated.
    pub(super) fn correct(&mut self, event: &Digest, at: i64) {
        for order in &mut self.0 {
            if order.hash == *event {
                order.at = at;
            }
            let told = order.served.iter_mut().filter(|told| told.by == *event);
            told.for_each(|told| told.at = at);
        }
    }

    /// The one of this kind that is in force.
    pub(crate) fn in_force(&self, kind: OrderKind) -> Option<&Order> {
        self.0.iter().find(|order| order.kind == kind && order.is_in_force())
    }

    pub(crate) fn push(&mut self, order: Order) {
        self.0.push(order);
    }

    /// Those in force on which a child may be placed.
    pub(crate) fn placing(&self) -> Vec<Digest> {
        let placing = self.0.iter().filter(|order| order.is_in_force() && order.places);
        placing.map(|order| order.hash).collect()
    }
}

/// An order as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderReading {
    /// The statement's hash.
    pub hash: Digest,
    /// What it is.
    pub kind: OrderKind,
    /// It is in force.
    pub in_force: bool,
    /// It may be executed; never without being in force.
    pub executable: bool,
    /// When it was served, or counts as served; a court's decision when it was announced. Seconds
    /// since 1970 UTC.
    pub served_at: Option<i64>,
    /// When it was taken; seconds since 1970 UTC.
    pub taken_at: i64,
}

impl Procedure {
    /// The acts that are served, appealed and executed, as they stand at a time in seconds since
    /// 1970 UTC, in the order in which they took effect.
    pub fn orders(&self, now: i64) -> impl Iterator<Item = OrderReading> {
        self.placement.orders.0.iter().map(move |order| OrderReading {
            hash: order.hash,
            kind: order.kind,
            in_force: order.is_in_force(),
            executable: order.is_executable(&self.clocks, now),
            served_at: order.served().map(|served| served.at),
            taken_at: order.at,
        })
    }

    /// The order or decision on which the child is placed; `None`: it is not.
    #[must_use]
    pub fn placed_on(&self) -> Option<Digest> {
        self.placement.placed_on()
    }

    /// A placement was ordered: it takes the place of an earlier one on which the court has not
    /// decided. An urgent one that is recorded only after a later one was ordered does not.
    pub(super) fn order_placement(&mut self, deed: &Deed<'_>, kind: OrderKind) {
        let in_force = [OrderKind::Emergency, OrderKind::Placement]
            .into_iter()
            .filter_map(|kind| self.placement.orders.in_force(kind))
            .map(|order| (order.hash, order.at))
            .next();
        let mut order = Order::new(deed, kind);
        match in_force {
            Some((later, at)) if kind == OrderKind::Emergency && deed.at < at => {
                order.end = Some((End::Replaced, later));
            }
            Some((earlier, _)) => self.end_order(&earlier, End::Replaced, deed.hash),
            None => {}
        }
        self.placement.orders.push(order);
    }

    /// An order is in force no more, by this statement. What ended first stays so.
    pub(super) fn end_order(&mut self, hash: &Digest, end: End, by: Digest) {
        let Some(order) = self.placement.orders.find_mut(hash) else { return };
        order.end.get_or_insert((end, by));
        // What took its place leaves the study due.
        if end != End::Replaced {
            self.emergency.set_ended(hash, true);
        }
    }

    /// A statement was entered in the wrong file: an order was none here, and what the statement
    /// ended, served, or let be executed is as if it had not been.
    pub(super) fn misfile_order(&mut self, event: &Digest) {
        let orders = &mut self.placement.orders.0;
        orders.retain(|order| order.hash != *event);
        for order in orders.iter_mut() {
            order.served.retain(|served| served.by != *event);
            order.execution.retain(|(_, by)| by != event);
        }
        let ended = |order: &&mut Order| order.end.is_some_and(|(_, by)| by == *event);
        let mut back = Vec::new();
        for order in orders.iter_mut().filter(ended) {
            order.end = None;
            back.push(order.hash);
        }
        // INVARIANT: one order of placement is in force at most: the newest.
        let placement = |order: &&mut Order| order.kind.is_placement() && order.is_in_force();
        let present = orders.iter_mut().filter(placement);
        let newest = present.max_by_key(|order| order.at).map(|order| order.hash);
        for order in orders.iter_mut().filter(placement) {
            let newer = newest.filter(|newest| *newest != order.hash);
            order.end = newer.map(|newer| (End::Replaced, newer));
        }
        back.iter().for_each(|order| self.emergency.set_ended(order, false));
    }
}
