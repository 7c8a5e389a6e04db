//! A log as a file in the making: XES or CSV, a case at a time.

use letopis_proto::error::v1::Reason;
use letopis_service_rpc::Told;
use letopis_xes::{
    Attribute, Classifier, Date, Event, Global, Kind, LogHeader, TraceHeader, Value, XesWriter,
};

use super::row::{CaseRow, Cell, EventRow, Rows};

/// What stands before the columns of the case in a row, as PM4Py has it.
const OF_CASE: &str = "case:";

/// A file in the making. What was written so far is taken away as it goes.
pub(super) enum LogFile {
    Xes(XesWriter<Vec<u8>>),
    Csv(Vec<u8>),
}

impl LogFile {
    /// Begins one in XES.
    pub(super) fn xes(ledger: String, as_of: u64) -> Result<Self, Told> {
        let header = header(ledger, as_of)?;
        Ok(Self::Xes(XesWriter::new(Vec::new(), &header).map_err(not_written)?))
    }

    /// Begins one in CSV, with the line that names its columns.
    pub(super) fn csv() -> Result<Self, Told> {
        let (case, event) = (CaseRow::default(), EventRow::default());
        let of_case = case.cells().map(|(name, _)| format!("{OF_CASE}{name}"));
        let of_event = event.cells().map(|(name, _)| name.to_owned());
        let mut rows = csv_writer(Vec::new());
        rows.write_record(of_case.iter().chain(&of_event)).map_err(not_written)?;
        Ok(Self::Csv(rows.into_inner().map_err(not_written)?))
    }

    /// Adds a case.
    pub(super) fn add(&mut self, rows: &Rows) -> Result<(), Told> {
        match self {
            Self::Xes(writer) => add_to_xes(writer, rows),
            Self::Csv(bytes) => add_to_csv(bytes, rows),
        }
    }

    /// What was written since the last time.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(match self {
            Self::Xes(writer) => writer.get_mut(),
            Self::Csv(bytes) => bytes,
        })
    }

    /// Ends it: what was written since the last time.
    pub(super) fn end(self) -> Result<Vec<u8>, Told> {
        match self {
            Self::Xes(writer) => writer.finish().map_err(not_written),
            Self::Csv(bytes) => Ok(bytes),
        }
    }
}

fn not_written(why: impl std::fmt::Display) -> Told {
    Told::new(Reason::RecordUnavailable, format!("the file could not be made: {why}"))
}

/// What the log says of itself: whose it is, and of how many events.
fn header(ledger: String, as_of: u64) -> Result<LogHeader, Told> {
    let text = |key: &str| Attribute::new(key, Value::String("__INVALID__".to_owned()));
    let epoch = Date::parse("1970-01-01T00:00:00.000000Z").map_err(not_written)?;
    let time = Attribute::new("time:timestamp", Value::Date(epoch));
    let global = |scope: &str, attributes| Global { scope: Some(scope.to_owned()), attributes };
    let of_event = vec![text("concept:name"), time, text("lifecycle:transition")];
    Ok(LogHeader {
        globals: vec![global("trace", vec![text("concept:name")]), global("event", of_event)],
        classifiers: vec![Classifier {
            name: "Activity".to_owned(),
            scope: Some("event".to_owned()),
            keys: "concept:name".to_owned(),
        }],
        attributes: vec![
            Attribute::new("concept:name", Value::String("Letopis".to_owned())),
            Attribute::new("lifecycle:model", Value::String("standard".to_owned())),
            Attribute::new("ledger", Value::Id(ledger)),
            Attribute::new("as_of_size", Value::Int(as_of.cast_signed())),
        ],
        ..LogHeader::default()
    })
}

fn add_to_xes(writer: &mut XesWriter<Vec<u8>>, rows: &Rows) -> Result<(), Told> {
    let trace = TraceHeader::new(attributes(&rows.case.cells())?).map_err(not_written)?;
    writer.trace(&trace).map_err(not_written)?;
    for row in &rows.events {
        let event = Event::new(attributes(&row.cells())?).map_err(not_written)?;
        writer.event(&event).map_err(not_written)?;
    }
    Ok(())
}

/// The cells that hold something.
fn attributes(cells: &[(&'static str, Cell<'_>)]) -> Result<Vec<Attribute>, Told> {
    let there = cells.iter().filter(|(_, cell)| !matches!(cell, Cell::Text("") | Cell::Time("")));
    let attribute = |(key, cell): &(&'static str, Cell<'_>)| {
        let value = match cell {
            Cell::Text(text) => Value::String((*text).to_owned()),
            Cell::Time(text) => {
                Value::parse(Kind::Date, (*text).to_owned()).map_err(not_written)?
            }
            Cell::Number(number) => Value::Int(number.cast_signed()),
        };
        Ok(Attribute::new(*key, value))
    };
    there.map(attribute).collect()
}

/// With the line ends of RFC 4180.
fn csv_writer(bytes: Vec<u8>) -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(bytes)
}

fn add_to_csv(bytes: &mut Vec<u8>, rows: &Rows) -> Result<(), Told> {
    let mut out = csv_writer(std::mem::take(bytes));
    let text = |(_, cell): (&str, Cell<'_>)| match cell {
        Cell::Text(text) | Cell::Time(text) => text.to_owned(),
        Cell::Number(number) => number.to_string(),
    };
    let case = rows.case.cells().map(text);
    for row in &rows.events {
        out.write_record(case.iter().chain(&row.cells().map(text))).map_err(not_written)?;
    }
    *bytes = out.into_inner().map_err(not_written)?;
    Ok(())
}
