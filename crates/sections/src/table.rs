//! Every type of section, by name: one line each.
//!
//! Class and Bulgarian term stand here too, so that the table can be read at a glance; a test
//! compares both with the schemas, and the table with the folders.

use letopis_types::Class::{Normal, Restricted, VeryRestricted};

use crate::SectionType;

macro_rules! section_types {
    ($($name:literal $version:literal $class:ident $term_bg:literal;)*) => {
        const COUNT: usize = [$($name),*].len();
        /// Sorted by payload type.
        static TYPES: [SectionType; COUNT] = [$(SectionType::new(
            (concat!($name, "/", $version), $name, $version),
            $class,
            $term_bg,
            (
                include_str!(concat!("../schemas/", $name, "-", $version, ".json")),
                include_str!(concat!("../examples-of/", $name, "-", $version, ".json")),
            ),
        )),*];
    };
}

section_types! {
    "abandonment" 1 Restricted "Причина за риска от изоставяне";
    "advice" 1 Restricted "Насоки от супервизия";
    "aid" 1 Restricted "Финансова помощ";
    "alternatives" 1 Restricted "Изчерпани възможности";
    "annexes" 1 Restricted "Приложения";
    "appeal-notice" 1 Restricted "Указание за обжалване";
    "appeal-outcome" 1 Restricted "Изход от обжалването";
    "appeal" 1 Restricted "Жалба срещу акт";
    "attendance" 1 Restricted "Присъствие";
    "attestation" 1 Restricted "Удостоверен подпис на хартия";
    "best-interests" 1 Restricted "Най-добър интерес на детето";
    "breach" 1 Restricted "Нарушение на сигурността";
    "case-kind" 1 Normal "Вид на случая и степен на риска";
    "certification" 1 Restricted "Вярно с оригинала";
    "change" 1 Restricted "Промяна";
    "child-words" 1 VeryRestricted "Думите на детето";
    "close-result" 1 Restricted "Резултат от случая";
    "comment" 1 Restricted "Становище на страна";
    "competence" 1 Normal "Компетентен орган";
    "compliance" 1 Normal "Изпълнено предписание";
    "conflict-check" 1 Normal "Проверка за конфликт на интереси";
    "consent" 1 Restricted "Съгласие";
    "contact-plan" 1 Restricted "План за контакти";
    "correction" 1 Restricted "Поправка";
    "court-decision" 1 Restricted "Съдебно решение";
    "court-report" 1 Restricted "До съда";
    "danger" 1 Restricted "Опасност";
    "declaration" 1 Restricted "Декларация на приемащия";
    "died" 1 Restricted "Починало дете";
    "disagreement" 1 Restricted "Несъгласие с плана";
    "dispute" 1 Restricted "Възражение";
    "dissent" 1 Restricted "Особено мнение";
    "document" 1 Restricted "Документ";
    "duplicate" 1 Normal "Анулиране или обединяване";
    "duty" 1 Restricted "Задължение";
    "effectiveness" 1 Normal "Контрол за ефективност";
    "erasure" 1 Normal "Основание за заличаване";
    "execution" 1 Normal "Изпълнение на акта";
    "explanation" 1 Normal "Обяснение за забавяне";
    "feedback" 1 Normal "Обратна връзка";
    "findings" 1 Restricted "Констатации";
    "found" 1 Restricted "Намерено дете";
    "goals" 1 Restricted "Цели и действия";
    "ground" 1 Restricted "Основание";
    "handover" 1 Normal "Предаване или отпадане на задължение";
    "hearing" 1 Restricted "Провеждане на изслушването";
    "identity" 1 Restricted "Самоличност";
    "informing" 1 Restricted "Информиране на детето";
    "inspection-finding" 1 Normal "Констатация от проверка";
    "inspection" 1 Normal "Проверка от ДАЗД";
    "instruction" 1 Normal "Задължително предписание от проверка";
    "measure" 1 Restricted "Мярка за закрила";
    "members" 1 Normal "Членове на екипа";
    "missing" 1 Restricted "Изчезнало дете";
    "mistake" 1 Restricted "Погрешно вписано";
    "necessity" 1 Normal "Необходимост от предоставяне";
    "need" 1 Restricted "Потребност от услуга";
    "needs" 1 Restricted "Потребности на детето";
    "note" 1 Normal "Бележка";
    "notice" 1 Normal "Уведомяване";
    "observation" 1 Restricted "Лист за наблюдение";
    "opinion" 1 Restricted "Становище на семейството";
    "outcomes" 1 Restricted "Изход за всяко дете";
    "parenting" 1 Restricted "Родителски капацитет";
    "participation" 1 Restricted "Подкрепа за участие";
    "place" 1 VeryRestricted "Къде е детето";
    "positions" 1 Restricted "Становища";
    "postponed" 1 Restricted "Отложено запознаване";
    "progress" 1 Restricted "Напредък";
    "proof" 1 Normal "Доказателство за изпълнение";
    "prosecutor-notice" 1 VeryRestricted "Сигнал до прокуратурата";
    "protected-identity" 1 VeryRestricted "Защитена самоличност";
    "protective-opinion" 1 Normal "Становище по чл. 11а, ал. 2";
    "reason" 1 Normal "Кратка причина";
    "reasons" 1 Restricted "Мотиви";
    "recipient" 1 Normal "Получател";
    "refusal" 1 Restricted "Отказ";
    "relation" 1 VeryRestricted "Конфликт на интереси";
    "reporter" 1 VeryRestricted "Подател на сигнала";
    "request" 1 Restricted "Молба";
    "result" 1 Restricted "Резултат от услуга";
    "risks" 1 Restricted "Рискове";
    "role-in-case" 1 Restricted "Роля в случая";
    "same-person" 1 Restricted "Едно лице или две";
    "scan" 1 Restricted "Сканиран документ";
    "service-of-order" 1 Normal "Съобщаване на заповед";
    "service" 1 Restricted "Услуга";
    "services" 1 Restricted "Услуги и отговорници";
    "shown" 1 Restricted "Предоставено за запознаване";
    "sources" 1 Restricted "Източници на информация";
    "story" 1 Restricted "Съдържание на сигнала";
    "strengths" 1 Restricted "Силни страни";
    "subject-access" 1 Restricted "Достъп на субекта";
    "supervision" 1 VeryRestricted "Лична част от супервизията";
    "third-person" 1 Restricted "За трето лице";
    "training" 1 Normal "Квалификация и обучение";
    "views" 1 Restricted "Мнение на детето";
    "visit" 1 Restricted "Посещение";
    "waived" 1 Restricted "Отказ от запознаване";
    "weight" 1 Restricted "Тежест на мнението на детето";
}

/// Every type of section that is known, sorted by payload type.
#[must_use]
pub fn section_types() -> &'static [SectionType] {
    &TYPES
}

/// The type that a statement names as `<name>/<version>`.
#[must_use]
pub fn find(payload_type: &str) -> Option<&'static SectionType> {
    let at = TYPES.binary_search_by(|known| known.payload_type.cmp(payload_type)).ok()?;
    TYPES.get(at)
}

/// An invented content that [`check`](crate::check) lets pass. `None` for an unknown type.
#[must_use]
pub fn example(payload_type: &str) -> Option<&'static str> {
    find(payload_type).map(|known| known.example_text)
}
