//! Service and execution of orders (чл. 61, 18а, 60 and 90 АПК, 27а ЗЗДет).

use letopis_proto::statement::v1::AppealNotice;
use letopis_types::Digest;

use super::asked::{Asked, Deed, Happened};
use super::decide::not_before;
use super::orders::{Execution, Order, OrderKind, Told};
use super::rule::{Broken, Verdict};
use crate::clocks::occasion::{Name, Qualifier};
use crate::fact::{EventCorrected, Fact};
use crate::file::FileState;

super::rule::rules! {
    UNKNOWN: "order.unknown",
        "name an order, an instruction or a decision on aid of this file",
        "посочете заповед, предписание или решение за помощ от същата преписка";
    SERVED: "order.served-already",
        "it was served already: record what else was sent as a document",
        "вече е съобщена: последващо изпращане се вписва като документ";
    TOO_EARLY: "order.too-early",
        "it is stated to have happened before what it names: check the date",
        "посочено е време преди онова, за което се отнася: проверете датата";
    DEEMED_TOO_EARLY: "order.deemed-too-early",
        "the term after which it counts as served is not over: wait, or serve it",
        "срокът, след който се смята за съобщена, не е изтекъл: изчакайте или я съобщете";
    NOT_IN_FORCE: "order.not-in-force",
        "it is in force no more: name one that is",
        "вече не е в сила: посочете действаща";
    EXECUTABLE: "order.executable-already",
        "it is executable already: go on",
        "вече подлежи на изпълнение: продължете";
    NOT_EXECUTABLE: "order.not-executable",
        "it is not executable: there is nothing to suspend",
        "не подлежи на изпълнение: няма какво да се спира";
}

pub(super) fn decide(asked: &Asked<'_>) -> Verdict {
    match asked.fact() {
        Fact::OrderServed(fact) => {
            check_service(asked, &fact.order)?;
            Ok(())
        }
        Fact::OrderDeemedServed(fact) => {
            let order = check_service(asked, &fact.order)?;
            SERVED.unless(order.served().is_none())?;
            let due = asked.profile.term_due("deemed-service", order.at);
            DEEMED_TOO_EARLY.unless(due.is_none_or(|due| due.at <= asked.at()))
        }
        Fact::ExecutionOrdered(fact) => {
            let order = find(asked, &fact.order)?;
            UNKNOWN.unless(order.orders_something())?;
            NOT_IN_FORCE.unless(order.is_in_force())?;
            EXECUTABLE.unless(!is_executable(asked, order))?;
            check_named_since(asked, order.at)
        }
        Fact::ExecutionSuspended(fact) => {
            let order = find(asked, &fact.order)?;
            NOT_IN_FORCE.unless(order.is_in_force())?;
            NOT_EXECUTABLE.unless(is_executable(asked, order))?;
            check_named_since(asked, order.at)
        }
        _ => Ok(()),
    }
}

fn find<'a>(asked: &Asked<'a>, hash: &Digest) -> Result<&'a Order, Broken> {
    asked.procedure().placement.orders.find(hash).ok_or_else(|| UNKNOWN.into())
}

fn is_executable(asked: &Asked<'_>, order: &Order) -> bool {
    order.is_executable(&asked.procedure().clocks, asked.at())
}

fn check_service<'a>(asked: &Asked<'a>, hash: &Digest) -> Result<&'a Order, Broken> {
    let order = find(asked, hash)?;
    // A court announces its decisions itself.
    UNKNOWN.unless(order.kind != OrderKind::Decision)?;
    check_named_since(asked, order.at)?;
    Ok(order)
}

/// Not before what it names.
pub(super) fn check_named_since(asked: &Asked<'_>, at: i64) -> Verdict {
    TOO_EARLY.unless(not_before(asked, at))
}

pub(super) fn evolve(file: &mut FileState, deed: &Deed<'_>, happened: &mut Happened<'_>) {
    let orders = &mut file.procedure.placement.orders;
    match deed.fact {
        // Their own parts tell the clocks of them.
        Fact::InstructionIssued(_) => orders.push(Order::new(deed, OrderKind::Instruction)),
        Fact::AidDecided(_) => orders.push(Order::new(deed, OrderKind::Aid)),
        Fact::OrderServed(fact) => {
            serve(file, &fact.order, deed);
            let notice = of_notice(fact.notice);
            happened.push(deed.is(Name::OrderServed).about(fact.order).qualified(notice));
        }
        Fact::OrderDeemedServed(fact) => {
            serve(file, &fact.order, deed);
            happened.push(deed.is(Name::OrderDeemedServed).about(fact.order));
        }
        Fact::ExecutionOrdered(fact) => {
            execute(file, &fact.order, Execution::Ordered, deed.hash);
            happened.push(deed.is(Name::ExecutionOrdered).about(fact.order));
        }
        Fact::ExecutionSuspended(fact) => {
            execute(file, &fact.order, Execution::Suspended, deed.hash);
            happened.push(deed.is(Name::ExecutionSuspended).about(fact.order));
        }
        Fact::EventCorrected(EventCorrected { event, occurred_at: Some(time), .. }) => {
            orders.correct(event, time.seconds);
        }
        _ => {}
    }
}

fn serve(file: &mut FileState, order: &Digest, deed: &Deed<'_>) {
    if let Some(order) = file.procedure.placement.orders.find_mut(order) {
        order.served.push(Told { at: deed.at, by: deed.hash });
    }
}

fn execute(file: &mut FileState, order: &Digest, execution: Execution, by: Digest) {
    if let Some(order) = file.procedure.placement.orders.find_mut(order) {
        order.execution.push((execution, by));
    }
}

const fn of_notice(notice: AppealNotice) -> Qualifier {
    match notice {
        AppealNotice::Unspecified | AppealNotice::Complete => Qualifier::Complete,
        AppealNotice::Missing => Qualifier::NoticeMissing,
        AppealNotice::Wrong => Qualifier::NoticeWrong,
    }
}
