//! The parts of a report, each finding in words.

use letopis_audit::{
    AccessFinding, ActFinding, ActState, Change, ChangeFinding, ClockFinding, DeniedFinding,
    Explanation, MarkedFinding, Named, ReadingFinding, Report, Review, ReviewOf, SupervisionOf,
    Why,
};
use letopis_client::words::{code_name, kind_name};

use super::document::{Entry, Part, Row, by, event, in_short, moment, title};
use crate::cli::Lang;
use crate::words;
use crate::words::standing;

/// Every part, in the order of the report.
pub(super) fn of(report: &Report, lang: Lang) -> Vec<Part> {
    let part = |(bg, en): (&str, &str), (lead_bg, lead_en): (&str, &str)| {
        Part::new(lang.pick(bg, en), lang.pick(lead_bg, lead_en))
    };
    let mut parts = in_time(report, lang, &part);
    parts.extend(under_exceptions(report, lang, &part));
    parts.extend(reading(report, lang, &part));
    parts.extend(left_and_changed(report, lang, &part));
    parts
}

/// Makes an empty part of its title and lead in both languages.
type New<'a> = &'a dyn Fn((&str, &str), (&str, &str)) -> Part;

fn in_time(report: &Report, lang: Lang, part: New<'_>) -> Vec<Part> {
    let late = (
        "Задължения, които са пропуснати, изпълнени късно или в срок, но вписани късно; с обяснението, ако \
         има.",
        "Duties that were missed, done late, or done in time and recorded late; with the explanation, where \
         there is one.",
    );
    let entered = (
        "Вписаното повече от три дни след като е станало.",
        "What was recorded more than three days after it happened.",
    );
    let supervision = (
        "Как е спазен срокът за супервизия по случаите, по структури; и случаите, по които не е.",
        "How the term for supervision on cases was kept, by agency; and the cases in which it was not.",
    );
    vec![
        part(("Срокове", "Terms"), late).list(&report.late, |one| clock(one, lang)),
        part(("Късно вписано", "Entered late"), entered)
            .list(&report.entered_late, |one| of_event(one, lang)),
        part(("Супервизия", "Supervision"), supervision)
            .table(report.supervision.by_agency.iter().map(|one| supervised(one, lang)))
            .list(&report.supervision.findings, |one| clock(one, lang)),
    ]
}

fn under_exceptions(report: &Report, lang: Lang, part: New<'_>) -> Vec<Part> {
    let opened = lang.pick("отварян, пъти", "opened, times").to_owned();
    let emergency = (
        "Спешен достъп, който не е прегледан от длъжностното лице и началника, прегледан е късно или не е \
         бил оправдан.",
        "Emergency access that was not reviewed by officer and head, was reviewed late, or was not \
         justified.",
    );
    let unreviewed = (
        "Актове в сила, чийто преглед или потвърждение още се дължи: неотложни, въпреки обявен конфликт, \
         при изтекла квалификация, в заместване, вписани по-късно.",
        "Acts in force whose review or confirmation is still due: urgent ones, in spite of a declared \
         conflict, with a qualification expired, standing in for another, entered later.",
    );
    let expired = (
        "Неотложни актове, подписани при изтекла квалификация.",
        "Urgent acts that were signed with a qualification expired.",
    );
    let recusal = (
        "Неотложни актове, подписани въпреки обявен конфликт на интереси.",
        "Urgent acts that were signed in spite of a declared conflict of interests.",
    );
    let delegation = (
        "Актове, подписани от заместващ или дежурен.",
        "Acts that were signed by somebody standing in, or on duty.",
    );
    let expired_title = ("Изтекла квалификация", "Expired qualification");
    let recusal_title = ("Конфликт на интереси", "Conflict of interests");
    vec![
        part(("Спешен достъп", "Emergency access"), emergency)
            .table([(opened, report.emergency_access.opened.to_string())])
            .list(&report.emergency_access.findings, |one| access(one, lang)),
        part(("Непрегледани актове", "Unreviewed acts"), unreviewed)
            .list(&report.unreviewed_acts, |one| act(one, lang)),
        part(expired_title, expired)
            .list(&report.on_expired_qualification, |one| marked(one, lang)),
        part(recusal_title, recusal).list(&report.under_recusal, |one| marked(one, lang)),
        part(("В заместване", "Standing in"), delegation)
            .list(&report.under_delegation, |one| marked(one, lang)),
    ]
}

fn reading(report: &Report, lang: Lang, part: New<'_>) -> Vec<Part> {
    let readings = (
        "Колко прочитания в коя роля и за каква цел; и тези, които не са за работа по случая, са от читатели \
         без постоянна връзка с преписката или при спешен достъп.",
        "How many readings in which role for which purpose; and those that were not for work on the case, by \
         readers without a standing relation to the file, or under emergency access.",
    );
    let disputed = (
        "Компрометирани ключове; и подписаното с тях оттогава, което никой друг не е съгласувал.",
        "Keys that were compromised; and what was signed with them since, and nobody else has endorsed.",
    );
    let refused = (
        "Отказани изявления по причини (на целия летопис); отказан достъп по цел и причина; отказани \
         подписи.",
        "Statements that were refused, by reason (of the whole ledger); readings that were denied, by \
         purpose and reason; signatures that were refused.",
    );
    let all = lang.pick("всички прочитания", "all readings").to_owned();
    let by_role = report.readings.by_role.iter().map(|one| {
        let role = one.role.map_or("—", |role| words::role(role, lang));
        let purpose = words::purpose_words(one.purpose, lang);
        (format!("{role}: {purpose}"), one.count.to_string())
    });
    let refusals = &report.refusals;
    let statements = lang.pick("изявления", "statements");
    let counted = refusals.counted.iter();
    let counted =
        counted.map(|one| (format!("{statements}: {}", one.reason), one.count.to_string()));
    let reading = lang.pick("достъп", "readings");
    let denied = refusals.denied.iter().map(|one| {
        let purpose = words::purpose_words(one.purpose, lang);
        let reason = code_name("DENIAL_", one.reason.as_str_name(), lang.of_client());
        (format!("{reading}: {purpose}; {reason}"), one.count.to_string())
    });
    vec![
        part(("Прочитания", "Readings"), readings)
            .table(std::iter::once((all, report.readings.count.to_string())).chain(by_role))
            .list(&report.readings.findings, |one| read(one, lang)),
        part(("Оспорени подписи", "Disputed signatures"), disputed)
            .list(&report.compromised_keys, |one| of_event(one, lang))
            .list(&report.disputed, |one| Entry { urgent: true, ..of_event(one, lang) }),
        part(("Откази", "Refusals"), refused)
            .table(counted.chain(denied))
            .list(&refusals.endorsements, |one| of_event(one, lang))
            .list(&refusals.denials, |one| denial(one, lang)),
    ]
}

fn left_and_changed(report: &Report, lang: Lang, part: New<'_>) -> Vec<Part> {
    let unfinished = (
        "Актове, които чакат подпис и не са в сила, или на които подписът е отказан или не е дошъл в срок.",
        "Acts that wait for a signature and are not in force, or that were refused one or did not get it in \
         time.",
    );
    let open = (
        "Задължения, които текат или са просрочени в края на записа.",
        "Duties that run, or are overdue, at the record's end.",
    );
    let changed = (
        "Поправеното, погрешно вписаното, заличеното, запазеното и анулираното.",
        "What was corrected, entered in the wrong file, erased, held and voided.",
    );
    let counts = report.changes.iter().map(|one| {
        let kind = kind_name(one.kind, lang.of_client()).unwrap_or_else(|| one.kind.to_owned());
        (kind, one.findings.count.to_string())
    });
    let changes = part(("Промени", "Changes"), changed).table(counts);
    vec![
        part(("Недовършени актове", "Unfinished acts"), unfinished)
            .list(&report.unfinished_acts, |one| act(one, lang)),
        part(("Отворени задължения", "Open duties"), open)
            .list(&report.open_duties, |one| clock(one, lang)),
        report.changes.iter().fold(changes, |part, Change { findings, .. }| {
            part.list(findings, |one| change(one, lang))
        }),
    ]
}

fn row((bg, en): (&str, &str), said: String, lang: Lang) -> Row {
    (lang.pick(bg, en).to_owned(), said)
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
        let words = lang.pick("задължение на", "duty of");
        duty += &format!("; {words} {}", standing::duty(of, lang));
    }
    let mut rows = vec![
        row(("преписка", "file"), finding.file.to_string(), lang),
        row(("основание", "article"), duty, lang),
        row(("започнал от", "started by"), in_short(&finding.started_by, lang), lang),
    ];
    let mut more = |names, said: Option<String>| {
        rows.extend(said.map(|said| row(names, said, lang)));
    };
    more(("структура", "agency"), finding.holder.map(|holder| holder.to_string()));
    more(("край", "ended"), finding.ended_by.as_ref().map(|by| in_short(by, lang)));
    more(("пропуснат на", "missed on"), finding.missed_at.map(|at| moment(at, lang)));
    let first = finding.first_reading;
    let first = first.map(|first| standing::reading(standing::reading_of(first), lang).to_owned());
    more(("преди поправка", "before a correction"), first);
    let is_late = finding.reading.is_missed() || finding.missed_at.is_some();
    let given = is_late.then(|| explanation(finding, lang)).flatten();
    more(("обяснение", "explanation"), given);
    let unexplained = is_late && finding.explanation == Explanation::Missing;
    let head = format!("{reading} · {words} · {}", by(finding.due, lang));
    Entry { head, urgent: unexplained, rows }
}

fn explanation(finding: &ClockFinding, lang: Lang) -> Option<String> {
    let said = match finding.explanation {
        Explanation::NotDue => return None,
        Explanation::Missing => lang.pick("НЯМА", "NONE"),
        Explanation::Unconfirmed => lang.pick("чака подпис", "waits for a signature"),
        Explanation::Given => lang.pick("дадено", "given"),
    };
    let by: Vec<String> = finding.explained_by.iter().map(|one| in_short(one, lang)).collect();
    Some(if by.is_empty() { said.to_owned() } else { format!("{said}\n{}", by.join("\n")) })
}

fn supervised(of: &SupervisionOf, lang: Lang) -> Row {
    let agency = of.agency.map_or_else(|| "—".to_owned(), |agency| agency.to_string());
    let SupervisionOf { kept, late, missed, running, .. } = of;
    let said = match lang {
        Lang::Bg => {
            format!("спазени {kept}, закъснели {late}, пропуснати {missed}, текат {running}")
        }
        Lang::En => format!("kept {kept}, late {late}, missed {missed}, running {running}"),
    };
    (agency, said)
}

fn access(finding: &AccessFinding, lang: Lang) -> Entry {
    let review = match finding.review {
        Review::Missing => lang.pick("НЕПРЕГЛЕДАН", "NOT REVIEWED"),
        Review::Late => lang.pick("прегледан КЪСНО", "reviewed LATE"),
        Review::Unjustified => lang.pick("НЕОПРАВДАН", "NOT JUSTIFIED"),
    };
    let mut rows = vec![row(("преписка", "file"), finding.file.to_string(), lang)];
    rows.extend(event(&finding.opened_by, lang));
    let until = moment(finding.until, lang);
    rows.push(row(("давал достъп до", "gave access until"), until, lang));
    let due = finding.review_due.map(|due| by(due, lang));
    rows.extend(due.map(|due| row(("преглед", "review due"), due, lang)));
    let reviewed = finding.reviewed_by.as_ref().map(|review| in_short(review, lang));
    rows.extend(reviewed.map(|review| row(("прегледан с", "reviewed by"), review, lang)));
    let head = format!("{review} · {}", title(&finding.opened_by, lang));
    Entry { head, urgent: finding.review == Review::Missing, rows }
}

fn act(finding: &ActFinding, lang: Lang) -> Entry {
    let state = match finding.state {
        ActState::Pending => {
            lang.pick("чака подпис, не е в сила", "waits for a signature, not in force")
        }
        ActState::Unconfirmed => lang.pick("в сила, НЕПОТВЪРДЕН", "in force, NOT CONFIRMED"),
        ActState::Unreviewed => lang.pick("в сила, НЕПРЕГЛЕДАН", "in force, NOT REVIEWED"),
        ActState::Refused => lang.pick("подписът е отказан", "signature refused"),
        ActState::Lapsed => {
            lang.pick("подписът не дойде в срок", "the signature did not come in time")
        }
    };
    let mut rows = vec![row(("преписка", "file"), finding.file.to_string(), lang)];
    rows.extend(event(&finding.act, lang));
    if let Some(due) = finding.due {
        let over = if finding.overdue { lang.pick(": ИЗТЕКЪЛ", ": OVER") } else { "" };
        rows.push(row(("срок", "term"), format!("{}{over}", by(due, lang)), lang));
    }
    let head = format!("{state} · {}", title(&finding.act, lang));
    Entry { head, urgent: finding.overdue, rows }
}

fn marked(finding: &MarkedFinding, lang: Lang) -> Entry {
    let review = match finding.review {
        ReviewOf::NotDue => lang.pick("не се преглежда", "no review is due"),
        ReviewOf::Waiting => lang.pick("НЕПРЕГЛЕДАН", "NOT REVIEWED"),
        ReviewOf::Done => lang.pick("прегледан", "reviewed"),
    };
    let mut rows = event(&finding.act, lang);
    let by: Vec<String> = finding.endorsed_by.iter().map(ToString::to_string).collect();
    let by = (!by.is_empty()).then(|| by.join("\n"));
    rows.extend(by.map(|by| row(("съгласували", "endorsed by"), by, lang)));
    let urgent = finding.review == ReviewOf::Waiting;
    Entry { head: format!("{review} · {}", title(&finding.act, lang)), urgent, rows }
}

fn read(finding: &ReadingFinding, lang: Lang) -> Entry {
    let why: Vec<&str> = finding.why.iter().map(|why| why_words(*why, lang)).collect();
    let purpose = words::purpose_words(finding.purpose, lang);
    let role = finding.role.map_or("—", |role| words::role(role, lang));
    let what = match finding.sections {
        0 => lang.pick("факти", "facts").to_owned(),
        count => format!("{}: {count}", lang.pick("раздели", "sections")),
    };
    let files: Vec<String> = finding.files.iter().map(ToString::to_string).collect();
    let mut rows = vec![
        row(("защо", "why"), why.join("; "), lang),
        row(("чел", "read by"), format!("{} ({role})", finding.reader), lang),
        row(("преписки", "files"), files.join("\n"), lang),
    ];
    rows.extend(finding.rule.clone().map(|rule| row(("по правило", "by rule"), rule, lang)));
    rows.extend(event(&finding.event, lang));
    let urgent = finding.why.contains(&Why::EmergencyAccess);
    Entry { head: format!("{} · {purpose} · {what}", title(&finding.event, lang)), urgent, rows }
}

const fn why_words(why: Why, lang: Lang) -> &'static str {
    match why {
        Why::Purpose => lang.pick("не е за работа по случая", "not for work on the case"),
        Why::NoStanding => {
            lang.pick("без постоянна връзка с преписката", "no standing relation to the file")
        }
        Why::EmergencyAccess => lang.pick("при спешен достъп", "under emergency access"),
    }
}

fn denial(finding: &DeniedFinding, lang: Lang) -> Entry {
    let purpose = words::purpose_words(finding.purpose, lang);
    let reason = code_name("DENIAL_", finding.reason.as_str_name(), lang.of_client());
    let mut rows = vec![
        row(("искал", "asked by"), finding.reader.to_string(), lang),
        row(("поток", "asked for"), finding.stream.to_string(), lang),
        row(("за деня по ред", "of that day, number"), finding.number.to_string(), lang),
    ];
    rows.extend(event(&finding.event, lang).into_iter().skip(1));
    let head = format!("{} · {purpose} · {reason}", title(&finding.event, lang));
    Entry { head, urgent: false, rows }
}

fn change(finding: &ChangeFinding, lang: Lang) -> Entry {
    let mut entry = of_event(&finding.event, lang);
    let of = finding.of.as_ref().map(|of| in_short(of, lang));
    entry.rows.extend(of.map(|of| row(("на", "of"), of, lang)));
    entry
}
