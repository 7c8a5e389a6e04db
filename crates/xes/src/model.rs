//! What a log holds: attributes, events, traces, and what the log says about itself.

use std::borrow::Cow;

use crate::date;
use crate::error::{BadValue, Missing};

/// The key of an activity's and of a trace's name (XES Concept extension).
pub const NAME_KEY: &str = "concept:name";
/// The key of an event's time (XES Time extension).
pub const TIME_KEY: &str = "time:timestamp";
/// The key of who or what did it (XES Organizational extension).
pub const RESOURCE_KEY: &str = "org:resource";

/// A point in time with the offset of the civil time that stated it, as in the format's `Instant`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Instant {
    /// Seconds since 1970 UTC, rounded down; -62135596800 to 253402300799.
    pub seconds: i64,
    /// Nanoseconds beyond them, 0 to 999999999.
    pub nanos: u32,
    /// Minutes east of UTC, -840 to 840 (the bound of `xs:dateTime`).
    pub offset_minutes: i32,
}

/// A date and time as the log wrote it, and what that means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Date {
    text: String,
    instant: Instant,
}

impl Date {
    /// From an `xs:dateTime`. Without an offset it is taken as UTC, because XES wants UTC unless
    /// it says otherwise; the text still shows that none was stated. Digits beyond nanoseconds are
    /// kept in the text only.
    ///
    /// # Errors
    /// Another form, a day that does not exist, or a year outside 1 to 9999.
    pub fn parse(text: impl Into<String>) -> Result<Self, BadValue> {
        let text = text.into();
        let instant = date::parse(&text).ok_or(BadValue::Date)?;
        Ok(Self { text, instant })
    }

    /// Exactly as in the log.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the text means.
    #[must_use]
    pub const fn instant(&self) -> Instant {
        self.instant
    }
}

/// A number as the log wrote it. Two are equal when their texts are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Float {
    text: String,
}

impl Float {
    /// From an `xs:double`, or `Infinity` and `-Infinity` as the reference library writes them.
    ///
    /// # Errors
    /// Not such a number.
    pub fn parse(text: impl Into<String>) -> Result<Self, BadValue> {
        let text = text.into();
        let trimmed = trim(&text);
        let named = matches!(trimmed, "INF" | "+INF" | "-INF" | "NaN" | "Infinity" | "-Infinity");
        // What is left of `f64::from_str` are its own names for infinity, which contain letters.
        let digits =
            trimmed.bytes().all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
        if named || (digits && trimmed.parse::<f64>().is_ok()) {
            Ok(Self { text })
        } else {
            Err(BadValue::Float)
        }
    }

    /// Exactly as in the log.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// The types of attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `xs:string`.
    String,
    /// `xs:dateTime`.
    Date,
    /// `xs:long`.
    Int,
    /// `xs:double`.
    Float,
    /// `xs:boolean`.
    Boolean,
    /// An identifier, mostly a UUID.
    Id,
    /// Values in an order, keys may repeat.
    List,
    /// Attributes together, keys may repeat (XES 2.0).
    Container,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::String,
        Self::Date,
        Self::Int,
        Self::Float,
        Self::Boolean,
        Self::Id,
        Self::List,
        Self::Container,
    ];

    /// Its name, as the element in a log and as the type in a section.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Date => "date",
            Self::Int => "int",
            Self::Float => "float",
            Self::Boolean => "boolean",
            Self::Id => "id",
            Self::List => "list",
            Self::Container => "container",
        }
    }

    /// From its name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it has a value in one piece of text.
    #[must_use]
    pub const fn is_elementary(self) -> bool {
        !matches!(self, Self::List | Self::Container)
    }
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text.
    String(String),
    /// A date and time.
    Date(Date),
    /// A whole number.
    Int(i64),
    /// A number, in its original text.
    Float(Float),
    /// True or false.
    Boolean(bool),
    /// An identifier, as text.
    Id(String),
    /// The values of a list, in order.
    List(Vec<Attribute>),
    /// Nothing of its own: what a container contains are the attributes below it.
    Container,
}

impl Value {
    /// An elementary value from its text; white space around it does not count, except in
    /// strings and identifiers.
    ///
    /// # Errors
    /// The text is not of that type, or the type is a list or a container, which have none.
    pub fn parse(kind: Kind, text: String) -> Result<Self, BadValue> {
        match kind {
            Kind::String => Ok(Self::String(text)),
            Kind::Id => Ok(Self::Id(text)),
            Kind::Date => Date::parse(text).map(Self::Date),
            Kind::Float => Float::parse(text).map(Self::Float),
            Kind::Int => trim(&text).parse().map(Self::Int).map_err(|_| BadValue::Int),
            Kind::Boolean => match trim(&text) {
                "true" | "1" => Ok(Self::Boolean(true)),
                "false" | "0" => Ok(Self::Boolean(false)),
                _ => Err(BadValue::Boolean),
            },
            Kind::List | Kind::Container => Err(BadValue::NotElementary),
        }
    }

    /// Its type.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::String(_) => Kind::String,
            Self::Date(_) => Kind::Date,
            Self::Int(_) => Kind::Int,
            Self::Float(_) => Kind::Float,
            Self::Boolean(_) => Kind::Boolean,
            Self::Id(_) => Kind::Id,
            Self::List(_) => Kind::List,
            Self::Container => Kind::Container,
        }
    }

    /// Its text, from which [`Value::parse`] makes the same value; none for lists and containers.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::String(text) | Self::Id(text) => Some(Cow::Borrowed(text)),
            Self::Date(date) => Some(Cow::Borrowed(date.text())),
            Self::Float(float) => Some(Cow::Borrowed(float.text())),
            Self::Int(number) => Some(Cow::Owned(number.to_string())),
            Self::Boolean(yes) => Some(Cow::Borrowed(if *yes { "true" } else { "false" })),
            Self::List(_) | Self::Container => None,
        }
    }
}

/// White space as XML has it.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r', '\n'])
}

/// One attribute: a key, a value, and what is said about it in turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The key. XES wants an `xs:Name`; real logs have spaces in it, so any text is taken.
    pub key: String,
    /// The value.
    pub value: Value,
    /// Attributes of this attribute, in the log's order.
    pub attributes: Vec<Attribute>,
}

impl Attribute {
    /// An attribute without attributes of its own.
    #[must_use]
    pub fn new(key: impl Into<String>, value: Value) -> Self {
        Self { key: key.into(), value, attributes: Vec::new() }
    }
}

/// The text of the first elementary attribute with that key.
fn text_of<'a>(attributes: &'a [Attribute], key: &str) -> Option<Cow<'a, str>> {
    attributes.iter().find(|a| a.key == key).and_then(|a| a.value.text())
}

/// The name that attributes give: any elementary value, but not an empty one, which names nothing.
fn name_of(attributes: &[Attribute]) -> Option<String> {
    text_of(attributes, NAME_KEY).filter(|name| !name.is_empty()).map(Cow::into_owned)
}

/// One event. INVARIANT: it has a name and a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    attributes: Vec<Attribute>,
    activity: String,
    time: Instant,
}

impl Event {
    /// From all its attributes, in order.
    ///
    /// # Errors
    /// No `concept:name`, no `time:timestamp`, or one that is not a date.
    pub fn new(attributes: Vec<Attribute>) -> Result<Self, Missing> {
        let activity = name_of(&attributes).ok_or(Missing::Name)?;
        let time = match attributes.iter().find(|a| a.key == TIME_KEY).map(|a| &a.value) {
            Some(Value::Date(date)) => date.instant(),
            Some(_) => return Err(Missing::TimeAsDate),
            None => return Err(Missing::Time),
        };
        Ok(Self { attributes, activity, time })
    }

    /// All its attributes, in the log's order.
    #[must_use]
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// What was done: `concept:name`.
    #[must_use]
    pub fn activity(&self) -> &str {
        &self.activity
    }

    /// When: `time:timestamp`.
    #[must_use]
    pub const fn time(&self) -> Instant {
        self.time
    }

    /// Who or what did it: `org:resource`, where stated.
    #[must_use]
    pub fn resource(&self) -> Option<Cow<'_, str>> {
        text_of(&self.attributes, RESOURCE_KEY)
    }
}

/// What a trace says of itself, apart from its events. INVARIANT: it has a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceHeader {
    attributes: Vec<Attribute>,
    name: String,
}

impl TraceHeader {
    /// From all its attributes, in order.
    ///
    /// # Errors
    /// No `concept:name`.
    pub fn new(attributes: Vec<Attribute>) -> Result<Self, Missing> {
        let name = name_of(&attributes).ok_or(Missing::Name)?;
        Ok(Self { attributes, name })
    }

    /// All its attributes, in the log's order.
    #[must_use]
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The case's name in the older system: `concept:name`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// An extension that a log declares: where attributes with a prefix are defined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its name.
    pub name: String,
    /// The prefix of its attributes' keys.
    pub prefix: String,
    /// Where it is defined. Never fetched.
    pub uri: String,
}

/// A declaration that these attributes exist in every trace or event, with values for events made
/// anew. They stand for nothing that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Global {
    /// `trace` or `event`, where stated.
    pub scope: Option<String>,
    /// The attributes.
    pub attributes: Vec<Attribute>,
}

/// A way to tell events (or traces) apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classifier {
    /// Its name.
    pub name: String,
    /// `trace` or `event`, where stated.
    pub scope: Option<String>,
    /// The keys of the attributes that it goes by, as in the log.
    pub keys: String,
}

/// What a log says of itself, apart from its traces.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogHeader {
    /// `xes.version`, where stated.
    pub version: Option<String>,
    /// `xes.features`, where stated.
    pub features: Option<String>,
    /// The extensions declared.
    pub extensions: Vec<Extension>,
    /// The globals declared.
    pub globals: Vec<Global>,
    /// The classifiers declared.
    pub classifiers: Vec<Classifier>,
    /// The log's own attributes.
    pub attributes: Vec<Attribute>,
}
