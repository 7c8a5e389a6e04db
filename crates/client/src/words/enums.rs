//! The words for codes.

use letopis_domain::purpose;
use letopis_proto::statement::v1::Purpose;

use super::Lang;

/// Codes as the protos name them, and in Bulgarian; ascending. Purposes have words of their own, which
/// readers' lists show too.
const WORDS: &[(&str, &str)] = &[
    ("ACTOR_KIND_PERSON", "човек"),
    ("ACTOR_KIND_SERVICE", "програма"),
    ("AGE_BAND_10_TO_13", "от 10 до 13 години"),
    ("AGE_BAND_14_TO_17", "от 14 до 17 години"),
    ("AGE_BAND_18_TO_20_IN_SCHOOL", "от 18 до 20 години, учи"),
    ("AGE_BAND_UNDER_10", "под 10 години"),
    ("AGE_BAND_UNKNOWN", "неизвестна"),
    ("APPEAL_NOTICE_COMPLETE", "пълно"),
    ("APPEAL_NOTICE_MISSING", "липсва"),
    ("APPEAL_NOTICE_WRONG", "погрешно"),
    ("APPEAL_OUTCOME_ANNULLED", "отменен"),
    ("APPEAL_OUTCOME_RETURNED", "върнат за ново решение"),
    ("APPEAL_OUTCOME_STANDS", "потвърден"),
    ("APPEAL_ROUTE_COURT", "съдът (чл. 149 АПК)"),
    ("APPEAL_ROUTE_PLACEMENT", "съдът, при настаняване (чл. 27а ЗЗДет)"),
    ("APPEAL_ROUTE_SUPERIOR", "горестоящият орган (чл. 84 АПК)"),
    ("CLASS_NORMAL", "нормален"),
    ("CLASS_RESTRICTED", "ограничен"),
    ("CLASS_VERY_RESTRICTED", "строго ограничен"),
    ("COURT_OUTCOME_DISCONTINUED", "прекратено"),
    ("COURT_OUTCOME_GRANTED", "уважено"),
    ("COURT_OUTCOME_REFUSED", "отхвърлено"),
    ("DENIAL_CONFLICT", "обявен конфликт на интереси"),
    ("DENIAL_FORBIDDEN", "забранено от правило"),
    ("DENIAL_NO_RULE", "никое правило не го позволява"),
    ("DENIAL_PURPOSE", "целта не е за тази роля"),
    ("EMERGENCY_ACT_OTHER", "друго неотложно действие"),
    ("EMERGENCY_ACT_PLACEMENT", "спешно настаняване"),
    ("FILE_ACCESS_POSTPONED", "отложен"),
    ("FILE_ACCESS_SHOWN", "преписката е показана"),
    ("FILE_ACCESS_WAIVED", "страните не са пожелали"),
    ("KEY_USE_CHECKPOINT", "за контролни точки"),
    ("KEY_USE_STATEMENT", "за изявления"),
    ("KEY_USE_TOKEN", "за достъп"),
    ("KEY_USE_WITNESS", "за свидетелстване"),
    ("KNOWLEDGE_DOCUMENT", "от документ"),
    ("KNOWLEDGE_TOLD", "по разказ"),
    ("KNOWLEDGE_WITNESSED", "лично видяно"),
    ("MECHANISM_COORDINATION", "координационен механизъм"),
    ("MECHANISM_DISTRICT", "областен механизъм за деинституционализация"),
    ("MECHANISM_MULTIDISCIPLINARY", "мултидисциплинарен екип"),
    ("MECHANISM_PREVENTION", "превенция"),
    ("MECHANISM_REFERRAL", "национален механизъм за насочване"),
    ("PARTY_REQUEST_AID", "финансова помощ"),
    ("PARTY_REQUEST_DATA", "собствените данни"),
    ("PARTY_REQUEST_MEASURE", "мярка за закрила"),
    ("PRECISION_APPROXIMATE", "приблизително"),
    ("PRECISION_DAY", "с точност до деня"),
    ("PRECISION_MINUTE", "с точност до минутата"),
    ("PRECISION_SECOND", "с точност до секундата"),
    ("RELATION_BASED_ON", "въз основа на"),
    ("RELATION_COMPLAINS_OF", "жалба срещу"),
    ("RELATION_CORRECTS", "поправя"),
    ("RELATION_ENDORSES", "съгласува"),
    ("RELATION_RESPONDS_TO", "отговаря на"),
    ("RELATION_SUPERSEDES", "замества"),
    ("ROLE_AUDITOR", "одитор"),
    ("ROLE_CLERK", "деловодител"),
    ("ROLE_COMPLAINT_HANDLER", "проверяващ по жалби"),
    ("ROLE_DATA_PROTECTION_OFFICER", "длъжностно лице по защита на данните"),
    ("ROLE_DEPUTY", "заместник"),
    ("ROLE_DIRECTOR", "директор на ДСП"),
    ("ROLE_DUTY_OFFICER", "дежурен"),
    ("ROLE_HEAD_OF_DEPARTMENT", "началник на ОЗД"),
    ("ROLE_PROVIDER", "доставчик на услуги"),
    ("ROLE_REGISTRAR", "регистратор на ключове"),
    ("ROLE_RESEARCHER", "изследовател"),
    ("ROLE_SOCIAL_WORKER", "социален работник, водещ случая"),
    ("ROLE_SUPERIOR", "горестоящ орган"),
    ("ROLE_SUPERVISOR", "супервизор"),
    ("ROLE_TEAM_MEMBER", "член на мултидисциплинарен екип"),
    ("SIGNAL_CHANNEL_AUTHORITY", "от друг орган"),
    ("SIGNAL_CHANNEL_HOTLINE", "по телефон 116 111"),
    ("SIGNAL_CHANNEL_ORAL", "устно"),
    ("SIGNAL_CHANNEL_OUTREACH", "при работа на терен"),
    ("SIGNAL_CHANNEL_WRITTEN", "писмено"),
    ("SIGNAL_OUTCOME_CASE", "открива се случай"),
    ("SIGNAL_OUTCOME_CASE_OPEN", "вече има открит случай"),
    ("SIGNAL_OUTCOME_NO_CASE", "не се открива случай"),
    ("STANCE_ABSENT", "не е присъствал"),
    ("STANCE_AGREES", "съгласие"),
    ("STANCE_DISAGREES", "несъгласие"),
    ("STREAM_KIND_ACCESS", "достъп до"),
    ("STREAM_KIND_ACTOR", "участник"),
    ("STREAM_KIND_CASE", "случай"),
    ("STREAM_KIND_CLOCKS", "срокове на"),
    ("STREAM_KIND_COMPLAINT", "жалба"),
    ("STREAM_KIND_PERSON", "лице"),
    ("STREAM_KIND_PROTECTED", "защитена част на"),
    ("STREAM_KIND_ROOT", "самия летопис"),
    ("STREAM_KIND_SIGNAL", "сигнал"),
    ("TRACK_AFTERCARE", "наблюдение след закриване"),
    ("TRACK_COORDINATION", "координационен механизъм"),
    ("TRACK_GENERAL", "общ ред"),
    ("TRACK_PREVENTION", "превенция"),
    ("TRACK_REINTEGRATION", "реинтеграция"),
    ("TRACK_URGENT_CHECK", "проверка в 24 часа"),
];

/// The word for a code; in English, and where the table has none, its name in the protos, without
/// what all of its enum begin with.
pub(super) fn word(prefix: &str, name: &str, lang: Lang) -> String {
    if let Some(purpose) = Purpose::from_str_name(name) {
        let (bg, en) = purpose::words(purpose);
        return lang.pick(bg, en).to_owned();
    }
    let bulgarian = match lang {
        Lang::Bg => bulgarian(name),
        Lang::En => None,
    };
    match bulgarian {
        Some(word) => word.to_owned(),
        None => name.strip_prefix(prefix).unwrap_or(name).to_lowercase().replace('_', " "),
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
