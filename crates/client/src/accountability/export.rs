//! A log as a file: written as it comes, and believed when it is whole.

use std::io::Write;

use letopis_proto::accountability::v1 as pb;
use letopis_proto::accountability::v1::LogFormat;
use letopis_proto::accountability::v1::export_log_response::Part;
use letopis_types::{AgencyId, Digest, Sequence, Timestamp};
use tokio::time::timeout;
use tonic::Streaming;

use super::{ANSWER_BYTES_MAX, Grpc, reaches};
use crate::client::LedgerClient;
use crate::error::{ClientError, Distrust, Usage};
use crate::fault::Fault;
use crate::sections::{did_nothing, not_again};

/// Which cases are exported, and in which form. What would be every case of the ledger is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogFilter {
    /// In which form.
    pub format: LogFormat,
    /// Only cases that this agency holds now.
    pub holder: Option<AgencyId>,
    /// Only cases of which an event was recorded at this time or later.
    pub recorded_from: Option<Timestamp>,
    /// And before this time.
    pub recorded_before: Option<Timestamp>,
    /// At most so many cases, or it is refused; 0: as many as the server takes (10,000).
    pub cases_max: u32,
}

/// What an export wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportedLog {
    /// Of how many events of the log it is.
    pub as_of: Sequence,
    /// Cases in it.
    pub traces: u64,
    /// Events in it.
    pub events: u64,
    /// The BLAKE3 hash of its bytes.
    pub digest: Digest,
}

impl LedgerClient {
    /// Writes the events of the cases that the caller may see, of at least so many events of the log (0:
    /// whatever the server has). What was written is whole, and what the server sent, only where this returns
    /// without an error: otherwise it is of no use. Flushing it is for the caller.
    ///
    /// # Errors
    /// As [`Self::case_now`]; [`Usage::Output`] where it can't be written.
    pub async fn export_log(
        &self,
        filter: &LogFilter,
        at_least: Sequence,
        out: &mut (impl Write + Send),
    ) -> Result<ExportedLog, ClientError> {
        let mut pieces = self.open_export(filter, at_least).await?;
        let malformed = |what| ClientError::from(Distrust::Malformed { what });
        let Some(Part::Begun(begun)) = self.next_part(&mut pieces).await? else {
            return Err(malformed("an export that does not begin"));
        };
        let as_of = reaches(at_least, begun.as_of_size)?;
        let (mut digest, mut count) = (blake3::Hasher::new(), Count::new(filter.format));
        let whole = loop {
            match self.next_part(&mut pieces).await? {
                Some(Part::Bytes(bytes)) => {
                    digest.update(&bytes);
                    count.add(&bytes);
                    out.write_all(&bytes).map_err(|source| Usage::Output { source })?;
                }
                Some(Part::Whole(whole)) => break whole,
                Some(Part::Begun(_)) => return Err(malformed("an export that begins twice")),
                None => return Err(not_again(Fault::ended())),
            }
        };
        if self.next_part(&mut pieces).await?.is_some() {
            return Err(malformed("an export that goes on after its end"));
        }
        let digest = Digest(*digest.finalize().as_bytes());
        if whole.digest != digest.0[..] {
            return Err(malformed("the file is not the one whose digest was told"));
        }
        if (count.traces, count.events) != (whole.traces, whole.events) {
            return Err(malformed("the file has not as many cases and events as was told"));
        }
        Ok(ExportedLog { as_of, traces: whole.traces, events: whole.events, digest })
    }

    async fn open_export(
        &self,
        filter: &LogFilter,
        at_least: Sequence,
    ) -> Result<Streaming<pb::ExportLogResponse>, ClientError> {
        let message = pb::ExportLogRequest {
            format: filter.format.into(),
            holder: filter.holder.map(|agency| agency.0.to_vec().into()).unwrap_or_default(),
            recorded_from: filter.recorded_from.map(|at| at.0),
            recorded_before: filter.recorded_before.map(|at| at.0),
            cases_max: filter.cases_max,
            at_least_size: at_least.0,
        };
        let mut backoff = self.caller.backoff();
        loop {
            let mut grpc = Grpc::new(self.channel()).max_decoding_message_size(ANSWER_BYTES_MAX);
            // It lasts as long as there is something to write.
            let request = self.caller.following(message.clone()).await?;
            let fault = match timeout(self.caller.options.timeout, grpc.export_log(request)).await {
                Ok(Ok(answer)) => return Ok(answer.into_inner()),
                Ok(Err(status)) => status.into(),
                Err(_) => Fault::deadline(),
            };
            match did_nothing(&fault) {
                true => backoff.after(fault).await?,
                false => return Err(not_again(fault)),
            }
        }
    }

    /// What comes next; `None`: the stream ended.
    async fn next_part(
        &self,
        pieces: &mut Streaming<pb::ExportLogResponse>,
    ) -> Result<Option<Part>, ClientError> {
        match timeout(self.caller.options.timeout, pieces.message()).await {
            Ok(Ok(Some(message))) => {
                let missing =
                    Distrust::Malformed { what: "a piece of an export with nothing in it" };
                Ok(Some(message.part.ok_or(missing)?))
            }
            Ok(Ok(None)) => Ok(None),
            Ok(Err(status)) => Err(not_again(status.into())),
            Err(_) => Err(not_again(Fault::deadline())),
        }
    }
}

/// As much of a line as tells what it is: white space and a tag, or the id of a case.
const LINE_BYTES: usize = 40;

/// Counts cases and events by the lines of a file, as it comes. The server puts each tag of XES, and each row
/// of CSV, on a line of its own.
struct Count {
    format: LogFormat,
    /// The beginning of the line that is being read.
    line: Vec<u8>,
    /// How many lines were read before it.
    lines: u64,
    /// The case of the row before.
    case: Vec<u8>,
    traces: u64,
    events: u64,
}

impl Count {
    fn new(format: LogFormat) -> Self {
        let (line, case) = (Vec::new(), Vec::new());
        Self { format, line, lines: 0, case, traces: 0, events: 0 }
    }

    fn add(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let room = LINE_BYTES.saturating_sub(self.line.len());
            self.line.extend(part.iter().take(room));
            if part.ends_with(b"\n") {
                self.end_line();
            }
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        self.lines += 1;
        match self.format {
            LogFormat::Csv if self.lines > 1 => {
                self.events += 1;
                let case = line.split(|byte| *byte == b',').next().unwrap_or_default();
                if self.case != case {
                    self.case = case.to_vec();
                    self.traces += 1;
                }
            }
            LogFormat::Xes => match line.trim_ascii() {
                b"<trace>" => self.traces += 1,
                b"<event>" => self.events += 1,
                _ => {}
            },
            LogFormat::Csv | LogFormat::Unspecified => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_however_they_come() {
        let xes =
            b"<log>\n\t<trace>\n\t\t<string/>\n\t\t<event>\n\t\t</event>\n\t</trace>\n</log>\n";
        let csv = b"case,kind\na,x\na,y\nb,x\na,x\n";
        for pieces in [1, 3, 100] {
            for (format, bytes, expected) in
                [(LogFormat::Xes, &xes[..], (1, 1)), (LogFormat::Csv, &csv[..], (3, 4))]
            {
                let mut count = Count::new(format);
                bytes.chunks(pieces).for_each(|piece| count.add(piece));
                assert_eq!((count.traces, count.events), expected, "{format:?}");
            }
        }
        let mut count = Count::new(LogFormat::Csv);
        count.add(&[b'x'; 1000]);
        assert_eq!(count.line.len(), LINE_BYTES, "a line without an end takes no memory");
    }
}
