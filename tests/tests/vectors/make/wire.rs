//! Just enough of the wire format to write what no encoder writes.

/// A varint, minimal.
pub(super) fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// A field with a varint.
pub(super) fn number(field: u32, value: u64) -> Vec<u8> {
    [varint(u64::from(field) << 3), varint(value)].concat()
}

/// A field with bytes, a string or a message.
pub(super) fn delimited(field: u32, content: &[u8]) -> Vec<u8> {
    [varint(u64::from(field) << 3 | 2), varint(content.len() as u64), content.to_vec()].concat()
}

/// One field: its number and all its bytes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    pub(super) number: u32,
    pub(super) bytes: Vec<u8>,
}

impl Field {
    /// What follows tag and length.
    pub(super) fn content(&self) -> Vec<u8> {
        let mut at = 0;
        take_varint(&self.bytes, &mut at);
        take_varint(&self.bytes, &mut at);
        self.bytes[at..].to_vec()
    }
}

/// The fields of a canonical message.
pub(super) fn fields(message: &[u8]) -> Vec<Field> {
    let (mut at, mut fields) = (0, Vec::new());
    while at < message.len() {
        let start = at;
        let tag = take_varint(message, &mut at);
        let value = take_varint(message, &mut at) as usize;
        if tag & 7 == 2 {
            at += value;
        }
        fields.push(Field { number: (tag >> 3) as u32, bytes: message[start..at].to_vec() });
    }
    fields
}

fn take_varint(bytes: &[u8], at: &mut usize) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let byte = bytes[*at];
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    value
}

/// The message with other bytes in the place of its first field of this number.
pub(super) fn replace(message: &[u8], number: u32, new: &[u8]) -> Vec<u8> {
    let mut fields = fields(message);
    let place = fields.iter_mut().find(|field| field.number == number);
    place.unwrap_or_else(|| panic!("no field {number}")).bytes = new.to_vec();
    fields.into_iter().flat_map(|field| field.bytes).collect()
}

/// The message with another content in its first field of this number, a nested message.
pub(super) fn within(message: &[u8], number: u32, change: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let fields = fields(message);
    let field = fields.iter().find(|field| field.number == number);
    let content = field.unwrap_or_else(|| panic!("no field {number}")).content();
    replace(message, number, &delimited(number, &change(&content)))
}
