//! Which characters of a text can make it read as another.

/// Whether a character moves the cursor, is not seen, or turns the direction of writing, so that people may be
/// shown another text than was written: all controls (line feed and tab too: whoever allows these says so), and
/// the format characters with which Unicode directs writing (UAX 9) or that have no width.
///
/// What a policy may hold is a smaller set, and a contract of its own (`letopis-policy`).
#[must_use]
pub fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::is_deceptive;

    #[test]
    fn what_hides_or_turns_the_writing_is_deceptive() {
        // One of each: controls, soft hyphen, marks and overrides of direction, line ends, of no width, tags.
        for c in "\0\t\n\r\u{1b}\u{7f}\u{85}\u{ad}\u{61c}\u{200b}\u{200f}\u{2028}\u{202e}\u{2060}\u{2066}\u{206f}\
                  \u{feff}\u{fff9}\u{fffb}\u{e0000}\u{e0041}\u{e007f}"
            .chars()
        {
            assert!(is_deceptive(c), "{c:?}");
        }
        // The neighbours of each range, and what people write.
        for c in
            " ~\u{a0}\u{ae}\u{61b}\u{200a}‐‧\u{202f}\u{205f}⁰\u{fffc}\u{fffd}\u{e0080}Ѝѝaё„“–é🙂"
                .chars()
        {
            assert!(!is_deceptive(c), "{c:?}");
        }
    }
}
