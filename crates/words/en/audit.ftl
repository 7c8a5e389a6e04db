### What an inspection reads: report and replay.

audit-act-lapsed = the signature did not come in time
audit-act-pending = waits for a signature, not in force
audit-act-refused = signature refused
audit-act-unconfirmed = in force, NOT CONFIRMED
audit-act-unreviewed = in force, NOT REVIEWED
audit-all-agencies = all agencies
audit-all-readings = all readings
audit-asked-by = asked by
audit-asked-for = asked for
audit-before-a-correction = before a correction
audit-by-rule = by rule
audit-change-of = of
audit-changes = Changes
audit-changes-lead = What was corrected, entered in the wrong file, erased, held and voided.
audit-closing = Everything was computed from the record itself while that was verified: signatures, chains, authority, rules and every reading. The report holds ids and facts only, nothing of a section. Whether what it lists is anybody's fault is for the inspector to say.
audit-conflict-of-interests = Conflict of interests
audit-conflict-of-interests-lead = Urgent acts that were signed in spite of a declared conflict of interests.
audit-continues = { $n ->
        [one] the record continues the auditor's own, of { $n } event
       *[other] the record continues the auditor's own, of { $n } events
    }
audit-continues-none = it was compared with none
audit-counted-readings = readings: { $purpose }; { $reason }
audit-counted-statements = statements: { $reason }
audit-digest = digest
audit-disputed-signatures = Disputed signatures
audit-disputed-signatures-lead = Keys that were compromised; and what was signed with them since, and nobody else has endorsed.
audit-emergency-access = Emergency access
audit-emergency-access-lead = Emergency access that was not reviewed by officer and head, was reviewed late, or was not justified.
audit-ended = ended
audit-endorsed-by = endorsed by
audit-entered-late = Entered late
audit-entered-late-lead = What was recorded more than three days after it happened.
audit-expired-qualification = Expired qualification
audit-expired-qualification-lead = Urgent acts that were signed with a qualification expired.
audit-explanation = explanation
audit-explanation-given = given
audit-explanation-none = NONE
audit-explanation-waits = waits for a signature
audit-facts = facts
audit-files = files
audit-from-the-beginning = the beginning
audit-gave-access-until = gave access until
audit-happened = happened
audit-hash = hash
audit-last-recorded = last recorded
audit-local-times = local: { $zone }
audit-missed-on = missed on
audit-more = … and { $n } more; JSON or a narrower scope shows more of them
audit-no-review-is-due = no review is due
audit-not-justified = NOT JUSTIFIED
audit-not-on-the-record = an event that is not on the record
audit-number-of-the-day = of that day, number
audit-open-duties = Open duties
audit-open-duties-lead = Duties that run, or are overdue, at the record's end.
audit-opened-times = opened, times
audit-period = period
audit-period-of = from { $from } to { $to }
audit-projection = { $n ->
        [one] row, { $how }
       *[other] rows, { $how }
    }
audit-rates = verified { $verified } events/s, folded anew { $folded } events/s
audit-read-by = read by
audit-readings = Readings
audit-readings-lead = How many readings in which role for which purpose; and those that were not for work on the case, by readers without a standing relation to the file, or under emergency access.
audit-recorded-at = recorded { $when }
audit-refusals = Refusals
audit-refusals-lead = Statements that were refused, by reason (of the whole ledger); readings that were denied, by purpose and reason; signatures that were refused.
audit-review-due = review due
audit-reviewed-by = reviewed by
audit-reviewed-late = reviewed LATE
audit-row-added = is one too many
audit-row-changed = says something else
audit-row-missing = is missing
audit-rows-differ = { $n } DIFFER
audit-rows-same = the same
audit-scope = scope
audit-sections = sections: { $n }
audit-signed-by = signed by
audit-speed = speed
audit-standing-in = Standing in
audit-standing-in-lead = Acts that were signed by somebody standing in, or on duty.
audit-started-by = started by
audit-state = state
audit-state-differs = ANOTHER: not what the record gives
audit-state-fault = the state is not what the record gives: { $projection }: { $key } { $how }
audit-state-none = there is none: nothing to compare
audit-state-of-another = { $n ->
        [one] ANOTHER: it covers { $n } event that the record does not have
       *[other] ANOTHER: it covers { $n } events that the record does not have
    }
audit-state-same = the same, row by row
audit-state-same-so-far = the same, as far as it goes: { $reached } of { $all } events
audit-state-untrusted = NOT COMPARED: a server would not trust it, and would rebuild it ({ $why }); to have it compared, copy the directory after a stop in order
audit-stream = stream
audit-supervised = kept { $kept }, late { $late }, missed { $missed }, running { $running }
audit-supervision = Supervision
audit-supervision-lead = How the term for supervision on cases was kept, by agency; and the cases in which it was not.
audit-term = term
audit-term-over = { $by }: OVER
audit-terms-lead = Duties that were missed, done late, or done in time and recorded late; with the explanation, where there is one.
audit-times = times
audit-title = Report for an inspection
audit-to-the-end = the end
audit-unfinished-acts = Unfinished acts
audit-unfinished-acts-lead = Acts that wait for a signature and are not in force, or that were refused one or did not get it in time.
audit-unreviewed-acts = Unreviewed acts
audit-unreviewed-acts-lead = Acts in force whose review or confirmation is still due: urgent ones, in spite of a declared conflict, with a qualification expired, standing in for another, entered later.
audit-why = why
audit-why-emergency-access = under emergency access
audit-why-no-standing = no standing relation to the file
audit-why-purpose = not for work on the case
