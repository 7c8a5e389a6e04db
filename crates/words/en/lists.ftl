### Lists of cases, clocks, duties, decisions; the registers.

list-as = as { $role }
list-case = case { $id }
list-changes-from-here = ── so far as it stands; from here on what changes ──
list-clocks = { $n ->
        [one] { $n } clock
       *[other] { $n } clocks
    }
list-decisions = { $n } in all
list-duties = { $n ->
        [one] { $n } duty
       *[other] { $n } duties
    }
list-entries = { $n ->
        [one] { $n } entry, { $events }
       *[other] { $n } entries, { $events }
    }
list-lead-not-in-force = { $who } NOT IN FORCE: the head acts as lead
list-led-by = led by { $who }
list-next-due = next due { $by }
list-no-lead = no lead: the head acts
list-nothing-runs = nothing runs
list-overdue = overdue: { $n }
list-signal = signal { $id }
list-since = since { $when }
list-stands-in = the lead is NOT IN FORCE
list-wait-for-a-signature = wait for a signature: { $n }
