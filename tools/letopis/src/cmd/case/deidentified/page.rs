//! A de-identified case in words.

use letopis_client::Instant;
use letopis_client::words::{code_name, field_name, kind_name};
use letopis_deidentified::{Clock, Code, Document, Grain, Label, Step, told};
use letopis_proto::accountability::v1::{ActStatus, ClockReading};
use letopis_proto::statement::v1::{Precision, Role};
use letopis_words::Lang;

use crate::cmd::audit::document::{Document as Page, Entry, Part, Row};
use crate::words::{self, standing};

const DAY_SECONDS: i64 = 86_400;

/// With what its reviewer found; `None`: nobody has looked it through yet.
pub(super) fn of(document: &Document, found: Option<&str>, lang: Lang) -> Page {
    let notice = lang.pick(&document.notice.bg, &document.notice.en);
    let warning = match found {
        Some(_) => notice.to_owned(),
        None => {
            let not_yet = lang.pick(
                "НЕ Е ПРЕГЛЕДАН ОТ ВТОРИ ЧОВЕК: не се дава на никого.",
                "NOT REVIEWED BY A SECOND PERSON: not to be given to anybody.",
            );
            format!("{not_yet} {notice}")
        }
    };
    Page {
        title: lang.pick("Случай за професионално обсъждане", "A case for discussion").to_owned(),
        warning,
        facts: facts(document, lang),
        parts: [steps(document, lang), risk(document, lang)]
            .into_iter()
            .chain(found.map(|found| review(found, lang)))
            .collect(),
        closing: lang
            .pick(
                "Дните са преместени с неизвестен брой седмици, часовете са отрязани. Хората са роля и номер. \
                 Показани са само видове стъпки и кодове, които са в списък; може да липсват други стъпки, \
                 без да се казва има ли такива.",
                "Days are moved by an unknown number of weeks, and times of day are cut off. People are a role \
                 and a number. Only kinds of steps and codes that are on a list are shown; other steps may be \
                 missing, and whether there are any is not said.",
            )
            .to_owned(),
    }
}

fn facts(document: &Document, lang: Lang) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut row = |bg, en, said: String| rows.push((lang.pick(bg, en).to_owned(), said));
    if !document.introduction.is_empty() {
        row("за обсъждане", "to discuss", document.introduction.clone());
    }
    let grain = match document.grain {
        Grain::Day => lang.pick("до деня", "to the day"),
        Grain::Week => lang.pick("до седмицата", "to the week"),
        Grain::FourWeeks => lang.pick("по четири седмици", "in fours of weeks"),
    };
    row("дни и срокове", "days and terms", grain.to_owned());
    if !document.left_out.is_empty() {
        let kinds = document.left_out.iter().map(|kind| self::kind(kind, lang));
        row("оставени настрана", "left out", kinds.collect::<Vec<_>>().join("; "));
    }
    rows
}

fn steps(document: &Document, lang: Lang) -> Part {
    let lead = lang.pick(
        "Какво се е случило, по ред на преместените дни.",
        "What happened, in the order of the moved days.",
    );
    let mut part = Part::new(lang.pick("Стъпки", "Steps"), lead);
    part.count = document.steps.len() as u64;
    part.entries = document.steps.iter().map(|one| step(one, document.grain, lang)).collect();
    part
}

fn step(step: &Step, grain: Grain, lang: Lang) -> Entry {
    let mut head = format!("{} · {}", day(step, grain, lang), kind(&step.kind, lang));
    let status = step.status.as_deref().and_then(ActStatus::from_str_name);
    if let Some(status) = status.and_then(|status| standing::act(status, lang)) {
        head += &format!(" · {status}");
    }
    let mut rows = Vec::new();
    let mut row = |name: &str, said: String| rows.push((name.to_owned(), said));
    if !step.by.is_empty() {
        let by: Vec<_> = step.by.iter().map(|label| self::label(label, lang)).collect();
        row(lang.pick("подписали", "signed by"), by.join(", "));
    }
    for code in &step.codes {
        row(&field_name(&step.kind, &code.field, lang), value(step, code, lang));
    }
    if !step.about.is_empty() {
        let about: Vec<_> = step.about.iter().map(u32::to_string).collect();
        row(lang.pick("относно стъпка", "about step"), about.join(", "));
    }
    for one in &step.clocks {
        row(lang.pick("срок", "term"), clock(one, lang));
    }
    Entry { head, urgent: false, rows }
}

fn day(step: &Step, grain: Grain, lang: Lang) -> String {
    let seconds = step.day_number().unwrap_or_default() * DAY_SECONDS;
    let instant = Instant { seconds, nanos: 0, offset_minutes: 0 };
    let day = words::date(&instant, Precision::Day, lang);
    let day = day.trim_start();
    match grain {
        Grain::Day => day.to_owned(),
        Grain::Week => format!("{} {day}", lang.pick("седмицата от", "week of")),
        Grain::FourWeeks => format!("{} {day}", lang.pick("четирите седмици от", "four weeks of")),
    }
}

fn kind(name: &str, lang: Lang) -> String {
    kind_name(name, lang).unwrap_or_else(|| name.to_owned())
}

fn label(label: &Label, lang: Lang) -> String {
    let role = Role::from_str_name(&label.role).unwrap_or_default();
    format!("{} {}", words::role(role, lang), label.number)
}

fn value(step: &Step, code: &Code, lang: Lang) -> String {
    match code.value.as_str() {
        "yes" => lang.pick("да", "yes").to_owned(),
        "no" => lang.pick("не", "no").to_owned(),
        value => code_name(&told::prefix(&step.kind, &code.field), value, lang),
    }
}

fn clock(clock: &Clock, lang: Lang) -> String {
    let name = told::clock(&clock.name).map(|words| lang.pick(&words.bg, &words.en));
    let reading = ClockReading::from_str_name(&clock.reading).unwrap_or_default();
    let reading = standing::reading(reading, lang);
    let name = name.unwrap_or(&clock.name);
    let given = clock.given_days;
    match (clock.taken_days, lang) {
        (Some(taken), Lang::Bg) => format!("{name}: {reading}, за {taken} от {given} дни"),
        (Some(taken), Lang::En) => format!("{name}: {reading}, in {taken} of {given} days"),
        (None, Lang::Bg) => format!("{name}: {reading}, {given} дни"),
        (None, Lang::En) => format!("{name}: {reading}, {given} days"),
    }
}

fn risk(document: &Document, lang: Lang) -> Part {
    let risk = &document.risk;
    let lead = lang.pick(
        "По какво случаят може да бъде разпознат въпреки това. Който познава семейството, може да го разпознае.",
        "What the case may be recognised by all the same. Whoever knows the family may recognise it.",
    );
    let mut rows = Vec::new();
    let mut row = |bg, en, said: String| rows.push((lang.pick(bg, en).to_owned(), said));
    let many = lang.pick(
        "колкото повече, толкова по-малко случаи приличат на този",
        "the more, the fewer cases are like this one",
    );
    row("стъпки", "steps", format!("{}: {many}", risk.steps));
    row("продължителност", "length", format!("{} {}", risk.weeks, lang.pick("седмици", "weeks")));
    row("хора с роля", "people in a role", risk.people.to_string());
    let apart = match risk.exact_days {
        true => lang.pick(
            "вярно до деня: който знае два дни от случая, намира и останалите",
            "true to the day: whoever knows two days of the case finds the others",
        ),
        false => lang.pick(
            "приблизително: редът и дължината остават разпознаваеми",
            "roughly true: order and length can still be recognised",
        ),
    };
    row("разстояния", "distances", apart.to_owned());
    if risk.age_changes {
        let said = lang.pick(
            "минава в друга възрастова група, което издава кога приблизително е рожденият му ден",
            "passes into another age band, which tells about when a birthday was",
        );
        row("детето", "the child", said.to_owned());
    }
    if !risk.stands_out.is_empty() {
        let kinds: Vec<_> = risk.stands_out.iter().map(|one| kind(one, lang)).collect();
        row("известно и на други", "known to others too", kinds.join("; "));
    }
    let signed = lang.pick(
        "който знае къде работят авторът и прегледалият, знае и района",
        "whoever knows where author and reviewer work knows the region",
    );
    row("подписите", "the signatures", signed.to_owned());
    let mut part = Part::new(lang.pick("Оставащ риск", "Remaining risk"), lead);
    part.count = rows.len() as u64;
    part.table = rows;
    part
}

fn review(found: &str, lang: Lang) -> Part {
    let lead = lang.pick(
        "Втори човек, който не е авторът, го прегледа и подписа.",
        "A second person, who is not its author, looked it through and signed.",
    );
    let mut part = Part::new(lang.pick("Преглед", "Review"), lead);
    part.count = 1;
    part.table = vec![(lang.pick("намери", "found").to_owned(), found.to_owned())];
    part
}
