//! The words for the fields of facts.

use super::Lang;

/// Fields as the protos name them, and in Bulgarian; ascending.
const WORDS: &[(&str, &str)] = &[
    ("activity", "дейност"),
    ("actor", "участник"),
    ("age_band", "възраст"),
    ("agency", "ведомство"),
    ("auditors", "одитори"),
    ("cases", "случаи"),
    ("channel", "постъпил"),
    ("checkpoint_key", "ключ за контролни точки"),
    ("child_seen_alone", "детето е видяно насаме"),
    ("children", "деца"),
    ("class", "клас"),
    ("classes", "класове"),
    ("complaint", "жалба"),
    ("count", "брой"),
    ("erased", "заличаване"),
    ("file", "преписка"),
    ("files", "преписки"),
    ("from_seconds", "от"),
    ("given", "дадено съгласие"),
    ("grant", "роля"),
    ("granted", "предоставен достъп"),
    ("handler", "проверяващ"),
    ("holder", "ведомство, което отговаря"),
    ("id", "номер"),
    ("index", "раздел"),
    ("justified", "оправдан"),
    ("key", "ключ"),
    ("kind", "вид"),
    ("kinds", "видове действия"),
    ("lead", "водещ случая"),
    ("linked", "връзка"),
    ("mechanism", "механизъм"),
    ("members", "членове"),
    ("name", "име"),
    ("nanos", "наносекунди"),
    ("offset_minutes", "минути спрямо UTC"),
    ("opened", "спешен достъп"),
    ("outcome", "изход"),
    ("previous_ledger", "предишен летопис"),
    ("procedure", "процедура"),
    ("proposed", "предложение"),
    ("provider", "доставчик"),
    ("public_key", "публичен ключ"),
    ("purpose", "цел"),
    ("reader", "читател"),
    ("reason", "причина"),
    ("receiver", "получател"),
    ("region", "район"),
    ("registrars", "регистратори"),
    ("released", "предоставено"),
    ("replaces", "замества ключ"),
    ("role", "роля"),
    ("seconds", "време"),
    ("section", "раздел"),
    ("sections", "раздели"),
    ("set", "запазване"),
    ("shared", "предоставено"),
    ("shifts", "дежурства"),
    ("since_sequence", "от пореден номер"),
    ("statement_key", "ключ за изявления"),
    ("text", "текст"),
    ("time", "време"),
    ("to", "към ведомство"),
    ("token", "знак за достъп"),
    ("trial", "пробен летопис"),
    ("until_seconds", "до"),
    ("use", "употреба"),
    ("verified", "квалификация"),
    ("version", "версия"),
];

/// The word for a field; in English, and where the table has none, its name in the protos.
pub(super) fn word(name: &str, lang: Lang) -> String {
    match lang {
        Lang::Bg => bulgarian(name).map_or_else(|| name.replace('_', " "), str::to_owned),
        Lang::En => name.strip_suffix("_seconds").unwrap_or(name).replace('_', " "),
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
