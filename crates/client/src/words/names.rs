//! What people call the kinds of fact, their fields and their codes: the messages `kind-…`, `field-…` and
//! `code-…`, by the names that the protos have.

use letopis_domain::purpose;
use letopis_proto::statement::v1::Purpose;
use letopis_words::named;

use super::Lang;

/// What people call a kind of fact, after the catalogue; `None` where the catalogue does not have it. `name`
/// is the kind's name in the protos.
#[must_use]
pub fn kind_name(name: &str, lang: Lang) -> Option<String> {
    named(lang, "kind", name).map(str::to_owned)
}

/// What people call a field of a fact's message, both as the protos name them. Where a name means something
/// else in one message, that one has words of its own, as `field-Message-name`.
#[must_use]
pub fn field_name(message: &str, field: &str, lang: Lang) -> String {
    named(lang, "field", &format!("{message}-{field}"))
        .or_else(|| named(lang, "field", field))
        .map_or_else(|| field.replace('_', " "), str::to_owned)
}

/// What people call a value of an enum, as the protos name it; `prefix` is what all of that enum begin
/// with. Purposes have words of their own, which readers' lists show too.
#[must_use]
pub fn code_name(prefix: &str, value: &str, lang: Lang) -> String {
    if let Some(purpose) = Purpose::from_str_name(value) {
        let (bg, en) = purpose::words(purpose);
        return lang.pick(bg, en).to_owned();
    }
    let bare = || value.strip_prefix(prefix).unwrap_or(value).to_lowercase().replace('_', " ");
    named(lang, "code", value).map_or_else(bare, str::to_owned)
}
