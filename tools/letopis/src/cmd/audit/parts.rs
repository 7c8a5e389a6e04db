//! The parts of a report, each finding in words.

use letopis_audit::{
    AccessFinding, ActFinding, ActState, Change, ChangeFinding, ClockFinding, DeniedFinding,
    Explanation, MarkedFinding, Named, ReadingFinding, Report, Review, ReviewOf, SupervisionOf,
    Why,
};
use letopis_client::words::{code_name, kind_name};
use letopis_words::{Lang, say};

use super::document::{Entry, Part, Row, by, event, in_short, moment, title};
use crate::words;
use crate::words::standing;

/// Every part, in the order of the report.
pub(super) fn of(report: &Report, lang: Lang) -> Vec<Part> {
    let mut parts = in_time(report, lang);
    parts.extend(under_exceptions(report, lang));
    parts.extend(reading(report, lang));
    parts.extend(left_and_changed(report, lang));
    parts
}

fn in_time(report: &Report, lang: Lang) -> Vec<Part> {
    let late = say!(lang, "audit-terms-lead");
    let entered = say!(lang, "audit-entered-late-lead");
    let supervision = say!(lang, "audit-supervision-lead");
    vec![
        Part::new(say!(lang, "common-terms-title"), late)
            .list(&report.late, |one| clock(one, lang)),
        Part::new(say!(lang, "audit-entered-late"), entered)
            .list(&report.entered_late, |one| of_event(one, lang)),
        Part::new(say!(lang, "audit-supervision"), supervision)
            .table(report.supervision.by_agency.iter().map(|one| supervised(one, lang)))
            .list(&report.supervision.findings, |one| clock(one, lang)),
    ]
}

fn under_exceptions(report: &Report, lang: Lang) -> Vec<Part> {
    let opened = say!(lang, "audit-opened-times").to_owned();
    let emergency = say!(lang, "audit-emergency-access-lead");
    let unreviewed = say!(lang, "audit-unreviewed-acts-lead");
    let expired = say!(lang, "audit-expired-qualification-lead");
    let recusal = say!(lang, "audit-conflict-of-interests-lead");
    let delegation = say!(lang, "audit-standing-in-lead");
    let expired_title = say!(lang, "audit-expired-qualification");
    let recusal_title = say!(lang, "audit-conflict-of-interests");
    vec![
        Part::new(say!(lang, "audit-emergency-access"), emergency)
            .table([(opened, report.emergency_access.opened.to_string())])
            .list(&report.emergency_access.findings, |one| access(one, lang)),
        Part::new(say!(lang, "audit-unreviewed-acts"), unreviewed)
            .list(&report.unreviewed_acts, |one| act(one, lang)),
        Part::new(expired_title, expired)
            .list(&report.on_expired_qualification, |one| marked(one, lang)),
        Part::new(recusal_title, recusal).list(&report.under_recusal, |one| marked(one, lang)),
        Part::new(say!(lang, "audit-standing-in"), delegation)
            .list(&report.under_delegation, |one| marked(one, lang)),
    ]
}

fn reading(report: &Report, lang: Lang) -> Vec<Part> {
    let readings = say!(lang, "audit-readings-lead");
    let disputed = say!(lang, "audit-disputed-signatures-lead");
    let refused = say!(lang, "audit-refusals-lead");
    let all = say!(lang, "audit-all-readings").to_owned();
    let by_role = report.readings.by_role.iter().map(|one| {
        let role = one.role.map_or("—", |role| words::role(role, lang));
        let purpose = words::purpose_words(one.purpose, lang);
        (format!("{role}: {purpose}"), one.count.to_string())
    });
    let refusals = &report.refusals;
    let counted = refusals.counted.iter().map(|one| {
        let said = say!(lang, "audit-counted-statements", reason = words::reason(one.reason, lang));
        (said, one.count.to_string())
    });
    let denied = refusals.denied.iter().map(|one| {
        let purpose = words::purpose_words(one.purpose, lang);
        let reason = code_name("DENIAL_", one.reason.as_str_name(), lang);
        let said = say!(lang, "audit-counted-readings", purpose = purpose, reason = reason);
        (said, one.count.to_string())
    });
    vec![
        Part::new(say!(lang, "audit-readings"), readings)
            .table(std::iter::once((all, report.readings.count.to_string())).chain(by_role))
            .list(&report.readings.findings, |one| read(one, lang)),
        Part::new(say!(lang, "audit-disputed-signatures"), disputed)
            .list(&report.compromised_keys, |one| of_event(one, lang))
            .list(&report.disputed, |one| Entry { urgent: true, ..of_event(one, lang) }),
        Part::new(say!(lang, "audit-refusals"), refused)
            .table(counted.chain(denied))
            .list(&refusals.endorsements, |one| of_event(one, lang))
            .list(&refusals.denials, |one| denial(one, lang)),
    ]
}

fn left_and_changed(report: &Report, lang: Lang) -> Vec<Part> {
    let unfinished = say!(lang, "audit-unfinished-acts-lead");
    let open = say!(lang, "audit-open-duties-lead");
    let changed = say!(lang, "audit-changes-lead");
    let counts = report.changes.iter().map(|one| {
        let kind = kind_name(one.kind, lang).unwrap_or_else(|| one.kind.to_owned());
        (kind, one.findings.count.to_string())
    });
    let changes = Part::new(say!(lang, "audit-changes"), changed).table(counts);
    vec![
        Part::new(say!(lang, "audit-unfinished-acts"), unfinished)
            .list(&report.unfinished_acts, |one| act(one, lang)),
        Part::new(say!(lang, "audit-open-duties"), open)
            .list(&report.open_duties, |one| clock(one, lang)),
        report.changes.iter().fold(changes, |part, Change { findings, .. }| {
            part.list(findings, |one| change(one, lang))
        }),
    ]
}

fn row(name: &str, said: String) -> Row {
    (name.to_owned(), said)
}

fn of_event(named: &Named, lang: Lang) -> Entry {
    Entry { head: title(named, lang), urgent: false, rows: event(named, lang) }
}

fn clock(finding: &ClockFinding, lang: Lang) -> Entry {
    let rule = &finding.rule;
    let words = lang.pick(&rule.words.bg, &rule.words.en);
    let reading = standing::reading(standing::reading_of(finding.reading), lang);
    let mut duty = rule.article.clone();
    if let Some(basis) = rule.basis {
        duty += &format!(" ({})", standing::basis(basis, lang));
    }
    if let Some(of) = rule.duty {
        let whose = say!(lang, "common-duty-of", whom = standing::duty(of, lang));
        duty += &format!("; {whose}");
    }
    let mut rows = vec![
        row(say!(lang, "common-file"), finding.file.to_string()),
        row(say!(lang, "common-article"), duty),
        row(say!(lang, "audit-started-by"), in_short(&finding.started_by, lang)),
    ];
    let mut more = |name: &str, said: Option<String>| {
        rows.extend(said.map(|said| row(name, said)));
    };
    more(say!(lang, "common-agency"), finding.holder.map(|holder| holder.to_string()));
    more(say!(lang, "audit-ended"), finding.ended_by.as_ref().map(|by| in_short(by, lang)));
    more(say!(lang, "audit-missed-on"), finding.missed_at.map(|at| moment(at, lang)));
    let first = finding.first_reading;
    let first = first.map(|first| standing::reading(standing::reading_of(first), lang).to_owned());
    more(say!(lang, "audit-before-a-correction"), first);
    let is_late = finding.reading.is_missed() || finding.missed_at.is_some();
    let given = is_late.then(|| explanation(finding, lang)).flatten();
    more(say!(lang, "audit-explanation"), given);
    let unexplained = is_late && finding.explanation == Explanation::Missing;
    let head = format!("{reading} · {words} · {}", by(finding.due, lang));
    Entry { head, urgent: unexplained, rows }
}

fn explanation(finding: &ClockFinding, lang: Lang) -> Option<String> {
    let said = match finding.explanation {
        Explanation::NotDue => return None,
        Explanation::Missing => say!(lang, "audit-explanation-none"),
        Explanation::Unconfirmed => say!(lang, "audit-explanation-waits"),
        Explanation::Given => say!(lang, "audit-explanation-given"),
    };
    let by: Vec<String> = finding.explained_by.iter().map(|one| in_short(one, lang)).collect();
    Some(if by.is_empty() { said.to_owned() } else { format!("{said}\n{}", by.join("\n")) })
}

fn supervised(of: &SupervisionOf, lang: Lang) -> Row {
    let agency = of.agency.map_or_else(|| "—".to_owned(), |agency| agency.to_string());
    let SupervisionOf { kept, late, missed, running, .. } = of;
    let said = say!(
        lang,
        "audit-supervised",
        kept = kept,
        late = late,
        missed = missed,
        running = running
    );
    (agency, said)
}

fn access(finding: &AccessFinding, lang: Lang) -> Entry {
    let review = match finding.review {
        Review::Missing => say!(lang, "common-not-reviewed"),
        Review::Late => say!(lang, "audit-reviewed-late"),
        Review::Unjustified => say!(lang, "audit-not-justified"),
    };
    let mut rows = vec![row(say!(lang, "common-file"), finding.file.to_string())];
    rows.extend(event(&finding.opened_by, lang));
    let until = moment(finding.until, lang);
    rows.push(row(say!(lang, "audit-gave-access-until"), until));
    let due = finding.review_due.map(|due| by(due, lang));
    rows.extend(due.map(|due| row(say!(lang, "audit-review-due"), due)));
    let reviewed = finding.reviewed_by.as_ref().map(|review| in_short(review, lang));
    rows.extend(reviewed.map(|review| row(say!(lang, "audit-reviewed-by"), review)));
    let head = format!("{review} · {}", title(&finding.opened_by, lang));
    Entry { head, urgent: finding.review == Review::Missing, rows }
}

fn act(finding: &ActFinding, lang: Lang) -> Entry {
    let state = match finding.state {
        ActState::Pending => say!(lang, "audit-act-pending"),
        ActState::Unconfirmed => say!(lang, "audit-act-unconfirmed"),
        ActState::Unreviewed => say!(lang, "audit-act-unreviewed"),
        ActState::Refused => say!(lang, "audit-act-refused"),
        ActState::Lapsed => say!(lang, "audit-act-lapsed"),
    };
    let mut rows = vec![row(say!(lang, "common-file"), finding.file.to_string())];
    rows.extend(event(&finding.act, lang));
    if let Some(due) = finding.due {
        let by = by(due, lang);
        let said = if finding.overdue { say!(lang, "audit-term-over", by = by) } else { by };
        rows.push(row(say!(lang, "audit-term"), said));
    }
    let head = format!("{state} · {}", title(&finding.act, lang));
    Entry { head, urgent: finding.overdue, rows }
}

fn marked(finding: &MarkedFinding, lang: Lang) -> Entry {
    let review = match finding.review {
        ReviewOf::NotDue => say!(lang, "audit-no-review-is-due"),
        ReviewOf::Waiting => say!(lang, "common-not-reviewed"),
        ReviewOf::Done => say!(lang, "common-reviewed"),
    };
    let mut rows = event(&finding.act, lang);
    let by: Vec<String> = finding.endorsed_by.iter().map(ToString::to_string).collect();
    let by = (!by.is_empty()).then(|| by.join("\n"));
    rows.extend(by.map(|by| row(say!(lang, "audit-endorsed-by"), by)));
    let urgent = finding.review == ReviewOf::Waiting;
    Entry { head: format!("{review} · {}", title(&finding.act, lang)), urgent, rows }
}

fn read(finding: &ReadingFinding, lang: Lang) -> Entry {
    let why: Vec<&str> = finding.why.iter().map(|why| why_words(*why, lang)).collect();
    let purpose = words::purpose_words(finding.purpose, lang);
    let role = finding.role.map_or("—", |role| words::role(role, lang));
    let what = match finding.sections {
        0 => say!(lang, "audit-facts").to_owned(),
        count => say!(lang, "audit-sections", n = count),
    };
    let files: Vec<String> = finding.files.iter().map(ToString::to_string).collect();
    let mut rows = vec![
        row(say!(lang, "audit-why"), why.join("; ")),
        row(say!(lang, "audit-read-by"), format!("{} ({role})", finding.reader)),
        row(say!(lang, "audit-files"), files.join("\n")),
    ];
    rows.extend(finding.rule.clone().map(|rule| row(say!(lang, "audit-by-rule"), rule)));
    rows.extend(event(&finding.event, lang));
    let urgent = finding.why.contains(&Why::EmergencyAccess);
    Entry { head: format!("{} · {purpose} · {what}", title(&finding.event, lang)), urgent, rows }
}

fn why_words(why: Why, lang: Lang) -> &'static str {
    match why {
        Why::Purpose => say!(lang, "audit-why-purpose"),
        Why::NoStanding => say!(lang, "audit-why-no-standing"),
        Why::EmergencyAccess => say!(lang, "audit-why-emergency-access"),
    }
}

fn denial(finding: &DeniedFinding, lang: Lang) -> Entry {
    let purpose = words::purpose_words(finding.purpose, lang);
    let reason = code_name("DENIAL_", finding.reason.as_str_name(), lang);
    let mut rows = vec![
        row(say!(lang, "audit-asked-by"), finding.reader.to_string()),
        row(say!(lang, "audit-asked-for"), finding.stream.to_string()),
        row(say!(lang, "audit-number-of-the-day"), finding.number.to_string()),
    ];
    rows.extend(event(&finding.event, lang).into_iter().skip(1));
    let head = format!("{} · {purpose} · {reason}", title(&finding.event, lang));
    Entry { head, urgent: false, rows }
}

fn change(finding: &ChangeFinding, lang: Lang) -> Entry {
    let mut entry = of_event(&finding.event, lang);
    let of = finding.of.as_ref().map(|of| in_short(of, lang));
    entry.rows.extend(of.map(|of| row(say!(lang, "audit-change-of"), of)));
    entry
}
