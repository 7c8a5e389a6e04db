//! Answers that come in pages.

use crate::error::Distrust;

/// Puts the next page's token in place; false after the last page.
pub(crate) fn goes_on(token: &mut String, next: String, is_empty: bool) -> Result<bool, Distrust> {
    if next.is_empty() {
        return Ok(false);
    }
    if is_empty || *token == next {
        return Err(Distrust::Malformed { what: "a page that leads nowhere" });
    }
    *token = next;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_lead_on_or_end() {
        let mut token = String::new();
        assert!(goes_on(&mut token, "a".to_owned(), false).unwrap());
        assert!(goes_on(&mut token, "a".to_owned(), false).is_err());
        assert!(goes_on(&mut token, "b".to_owned(), true).is_err());
        assert!(!goes_on(&mut token, String::new(), true).unwrap());
    }
}
