//! What a text must be before Cedar reads it: short, plain, and shallow.
//!
//! TRUST: Cedar's parser recurses without a bound of its own, and a text nested some hundred deep
//! ends the process; where its validator runs out of stack it passes the policy. So how deep a
//! policy can be is bounded here, far below what the smallest stack of a thread holds.

use crate::{NESTING_MAX, OPERATORS_MAX, Place, PolicyError, TEXT_BYTES_MAX};

/// Whether a text can be given to Cedar.
pub(crate) fn scan(text: &str) -> Result<(), PolicyError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(PolicyError::TooLong { bytes: text.len() });
    }
    if let Some((byte, found)) = text.char_indices().find(|(_, c)| misleads(*c)) {
        let place = Place::of(text, byte);
        return Err(PolicyError::Character { place, code: u32::from(found) });
    }
    match first_too_deep(text) {
        Some(byte) => Err(PolicyError::TooDeep { place: Place::of(text, byte) }),
        None => Ok(()),
    }
}

/// Whether a text with this character can read otherwise than it is evaluated: what is signed must
/// be what people see. Besides controls, the marks that turn the direction of writing, and those of
/// no width.
pub(crate) fn misleads(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Where a policy first has more brackets open, or more operators, than it may.
fn first_too_deep(text: &str) -> Option<usize> {
    let (mut open, mut operators) = (0_usize, 0_usize);
    let mut rest = text.char_indices().peekable();
    let mut before = ' ';
    while let Some((byte, c)) = rest.next() {
        match c {
            '"' => while rest.next().is_some_and(|(_, c)| skips(c, &mut rest)) {},
            '/' if before == '/' => while rest.next_if(|(_, c)| *c != '\n').is_some() {},
            ';' => (open, operators) = (0, 0),
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.saturating_sub(1),
            // Of an operator each character counts; of words, `if` nests.
            '&' | '|' | '+' | '-' | '*' | '.' | '<' | '>' | '=' | '!' => operators += 1,
            _ if text.get(byte..).is_some_and(|text| text.starts_with("if")) => operators += 1,
            _ => {}
        }
        if open > NESTING_MAX || operators > OPERATORS_MAX {
            return Some(byte);
        }
        before = c;
    }
    None
}

/// Goes on in a string: false at its end.
fn skips(c: char, rest: &mut impl Iterator<Item = (usize, char)>) -> bool {
    if c == '\\' {
        rest.next();
    }
    c != '"'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_comments_are_passed_over_and_each_policy_counts_anew() {
        let deep = "(".repeat(NESTING_MAX + 1);
        let wide = "+".repeat(OPERATORS_MAX + 1);
        for text in [
            format!("\"{deep}\""),
            format!("\"\\\"{deep}\""),
            format!("\"\\\\\" \"{wide}\""),
            format!("// {deep}\n// {wide}"),
            format!("{}; {}", &deep[1..], &deep[1..]),
            format!("{}; {}", &wide[1..], &wide[1..]),
            "()[]{}".repeat(NESTING_MAX),
        ] {
            assert_eq!(first_too_deep(&text), None, "{text}");
        }
        for (text, byte) in [
            (deep.clone(), NESTING_MAX),
            (wide.clone(), OPERATORS_MAX),
            (format!("\"\\\\\"{deep}"), NESTING_MAX + 4),
            (format!("// x\n{deep}"), NESTING_MAX + 5),
            (format!("/ {deep}"), NESTING_MAX + 2),
            ("if ".repeat(OPERATORS_MAX + 1), OPERATORS_MAX * 3),
        ] {
            assert_eq!(first_too_deep(&text), Some(byte), "{text}");
        }
    }
}
