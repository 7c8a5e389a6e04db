//! What a reader reads for, in the users' words.

use letopis_proto::statement::v1::Purpose;

/// A purpose in words: Bulgarian and English.
#[must_use]
pub const fn words(purpose: Purpose) -> (&'static str, &'static str) {
    match purpose {
        Purpose::Unspecified => ("без цел", "no purpose"),
        Purpose::CaseWork => ("работа по случая", "work on the case"),
        Purpose::Supervision => ("супервизия и ръководство", "supervision of that work"),
        Purpose::ComplaintReview => ("проверка по жалба", "review of a complaint"),
        Purpose::Inspection => ("проверка със заповед", "an inspection by order"),
        Purpose::Court => ("съдебно производство", "proceedings before a court"),
        Purpose::DataProtection => ("защита на личните данни", "data protection"),
        Purpose::PartyAccess => ("преглед на преписката от страната", "a party reads its own file"),
        Purpose::Emergency => ("опасност, която не търпи отлагане", "danger that can't wait"),
        Purpose::Research => ("изследване по показатели", "research on indicators"),
        Purpose::Migration => ("пренасяне на история", "moving a history between systems"),
    }
}
