### The record: status, verification, export.

status-continues = The checkpoint goes on from the last one that was seen here.
status-sections = { $n ->
        [one] { $n } section
       *[other] { $n } sections
    }
status-verification-key = verification key

verify-closed = { $n } could not be opened here
verify-disputed = disputed
verify-disputed-of = { $n }: signed with a compromised key, endorsed by nobody else
verify-emergencies = emergency
verify-erased = { $n } erased, each by an erasure on the record
verify-events = { $events } in { $streams ->
        [one] { $streams } stream
       *[other] { $streams } streams
    }
verify-everything = everything, in { $seconds } s
verify-marked = marked
verify-opened = { $n } opened and compared
verify-progress = { $spinner } { $events } events, { $speed }, { $elapsed }
verify-readings = readings
verify-replayed = { $readings }; what the policy in force said to each, and to each statement, was replayed
verify-sections = sections
verify-signed-over = { $n ->
        [one] signed over { $n } event
       *[other] signed over { $n } events
    }
verify-unreviewed = { $n }; NOT REVIEWED: { $unreviewed }
verify-verified = verified
verify-without-the-holder = a key enrolled without the holder: in force 72 hours later

export-log-as-of = { $n ->
        [one] as of { $n } event of the log
       *[other] as of { $n } events of the log
    }
export-log-digest = { $digest } (before gzip)
export-log-events = { $events ->
        [one] { $events } event
       *[other] { $events } events
    } of { $cases ->
        [one] { $cases } case
       *[other] { $cases } cases
    } to { $file },
export-log-exported = exported
export-log-keep-it = the reading of each case is on the record; the file is NOT anonymous, keep it as a case's file
