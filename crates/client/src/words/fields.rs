//! The words for the fields of facts.

use super::Lang;

/// Fields as the protos name them, and in Bulgarian; ascending. Where a name means something else in
/// one message, that one has an entry of its own, as `Message.field`.
const WORDS: &[(&str, &str)] = &[
    ("AppealDecided.outcome", "какво става с акта"),
    ("Commitment.owner", "задължен"),
    ("DisclosureReceived.shared", "предоставяне на информация"),
    ("InspectionFinding.opened", "проверка"),
    ("InspectionInstruction.opened", "проверка"),
    ("PlacementEnded.decision", "съдебно решение"),
    ("RefusalCount.reason", "код на причината"),
    ("ServiceReferred.shared", "предоставя се"),
    ("act", "обжалван акт"),
    ("activity", "дейност"),
    ("actor", "участник"),
    ("age_band", "възраст"),
    ("agency", "ведомство"),
    ("anonymous", "анонимен"),
    ("appeal", "жалба срещу акт"),
    ("attended", "присъствали"),
    ("auditors", "одитори"),
    ("case_id", "друг случай"),
    ("cases", "случаи"),
    ("channel", "постъпил"),
    ("checkpoint_key", "ключ за контролни точки"),
    ("child", "дете"),
    ("child_seen_alone", "детето е видяно насаме"),
    ("children", "деца"),
    ("class", "клас"),
    ("classes", "класове"),
    ("clock", "срок номер"),
    ("commitment", "ангажимент"),
    ("commitments", "ангажименти"),
    ("complaint", "жалба"),
    ("count", "брой"),
    ("counts", "брой по причини"),
    ("day", "ден"),
    ("decision", "решение"),
    ("document", "документ"),
    ("due_day", "срок"),
    ("due_seconds", "изтекъл на"),
    ("effective_day", "в сила от"),
    ("ended", "приключена закрила"),
    ("erased", "заличаване"),
    ("event", "събитие"),
    ("fact", "вярното"),
    ("file", "преписка"),
    ("file_access", "преглед на преписката"),
    ("files", "преписки"),
    ("from_seconds", "от"),
    ("given", "дадено съгласие"),
    ("grant", "роля"),
    ("granted", "предоставен достъп"),
    ("handler", "проверяващ"),
    ("holder", "ведомство, което отговаря"),
    ("id", "номер"),
    ("index", "раздел"),
    ("instruction", "предписание"),
    ("into", "продължава в случай"),
    ("justified", "оправдан"),
    ("key", "ключ"),
    ("kind", "вид"),
    ("kinds", "видове действия"),
    ("lead", "водещ случая"),
    ("linked", "връзка"),
    ("mechanism", "механизъм"),
    ("members", "членове"),
    ("merged", "обединяване"),
    ("name", "име"),
    ("nanos", "наносекунди"),
    ("notice", "указание за обжалване"),
    ("observed", "с наблюдение след закриването"),
    ("occurred_at", "вярното време"),
    ("offset_minutes", "минути спрямо UTC"),
    ("opened", "спешен достъп"),
    ("order", "акт"),
    ("other", "друго лице"),
    ("outcome", "изход"),
    ("outcomes", "изход за всяко дете"),
    ("owner", "поема го"),
    ("previous_ledger", "предишен летопис"),
    ("prior", "предходен сигнал"),
    ("procedure", "процедура"),
    ("proposed", "предложение"),
    ("provider", "доставчик"),
    ("public_key", "публичен ключ"),
    ("purpose", "цел"),
    ("reader", "читател"),
    ("reason", "причина"),
    ("receiver", "получател"),
    ("referral", "направление"),
    ("region", "район"),
    ("registrars", "регистратори"),
    ("released", "предоставено"),
    ("replaces", "замества ключ"),
    ("request", "искане"),
    ("role", "роля"),
    ("route", "решава"),
    ("seconds", "време"),
    ("section", "раздел"),
    ("sections", "раздели"),
    ("set", "запазване"),
    ("settled", "задължения"),
    ("shared", "предоставено"),
    ("shifts", "дежурства"),
    ("shown", "преглед на преписката"),
    ("since_sequence", "от пореден номер"),
    ("stance", "подписът казва"),
    ("started_by", "започнал с"),
    ("statement_key", "ключ за изявления"),
    ("subject", "относно"),
    ("term_day", "срок до"),
    ("text", "текст"),
    ("time", "време"),
    ("to", "към ведомство"),
    ("token", "знак за достъп"),
    ("track", "ред"),
    ("trial", "пробен летопис"),
    ("until_seconds", "до"),
    ("use", "употреба"),
    ("verified", "квалификация"),
    ("version", "версия"),
    ("worker", "проверяващ социален работник"),
];

/// The word for a field of a message; in English, and where the table has none, its name in the
/// protos.
pub(super) fn word(message: &str, name: &str, lang: Lang) -> String {
    match lang {
        Lang::Bg => bulgarian(&format!("{message}.{name}"))
            .or_else(|| bulgarian(name))
            .map_or_else(|| name.replace('_', " "), str::to_owned),
        Lang::En => ["_seconds", "_day"]
            .into_iter()
            .find_map(|unit| name.strip_suffix(unit))
            .unwrap_or(name)
            .replace('_', " "),
    }
}

pub(super) fn bulgarian(name: &str) -> Option<&'static str> {
    let at = WORDS.binary_search_by_key(&name, |(name, _)| name).ok()?;
    WORDS.get(at).map(|(_, word)| *word)
}

#[cfg(test)]
pub(super) const fn table() -> &'static [(&'static str, &'static str)] {
    WORDS
}
