### A case: how it stands, its timeline, the trace of a decision, what was known.

case-before-a-correction = before the correction: { $what }
case-commitment = by the end of { $day }: { $state }
case-commitment-fulfilled = fulfilled
case-commitment-missed = MISSED
case-commitment-of = owed by { $owner }; in the plan { $plan }
case-commitment-to-be-done = to be done
case-commitments = Commitments
case-counting-assumed = how it is counted is assumed
case-dispute = dispute
case-disputed = nobody takes it: a superior decides
case-ended-on = ended on { $when }
case-held-before-by = held before by
case-in-the-list = { $n ->
        [one] event, the last at sequence { $last }
       *[other] events, the last at sequence { $last }
    }
case-kind-not-known-here = kind not known here
case-lead = lead
case-lead-not-in-force = { $who }, NOT IN FORCE: the head acts as lead
case-made-longer = made longer, times: { $n }
case-missed-on = recorded as missed on { $when }
case-no-lead = nobody: the head acts as lead
case-not-served = nobody was told yet
case-observation = observation
case-observed = the child is observed
case-of-signal = { $number } of signal { $id }
case-orders-and-decisions = Orders and decisions
case-placed-on = placed on
case-plan-in-force = plan in force
case-proposed-to = proposed to
case-runs-since = runs since { $when }
case-sealed-sections = { $n ->
        [one] { $n } sealed section
       *[other] { $n } sealed sections
    }
case-served-on = served on { $when }
case-stage = stage
case-stands-still-since = stands still since { $when }
case-team = team
case-track = track
case-waits-for-a-review-by = waits for a review by: { $who }
case-waits-for-a-signature = Waits for a signature
case-waits-for-a-signature-by = waits for a signature by: { $who }
case-waits-to-be-accepted-by = waits to be accepted by: { $who }

known-as-recorded = As recorded { $by } (events in the record: { $n })
known-as-recorded-then = As recorded then, events in the record: { $n }
known-events-by-then = The events by then
known-events-by-then-given = The events by then, and what of them was given to { $actor }
known-nothing = nothing was recorded by then
known-with-sections = with sections { $sections }

timeline-about-events = about { $events }
timeline-corrected-by = corrected by { $by }
timeline-corrected-by-moved = corrected by { $by }; it was first said to have happened on { $first }
timeline-endorsed-by = endorsed by: { $who }
timeline-late = { $days ->
        [one] recorded { $days } day later, on { $when }
       *[other] recorded { $days } days later, on { $when }
    }
timeline-misfiled = NOT OF THIS FILE: see { $by }
timeline-roughly = about

trace-about = about
trace-authors = Who signed it, and what they knew
trace-facts-not-read = no reading of the facts of the case is on the record before
trace-facts-read = last read the facts of the case on { $when }
trace-followed = What followed
trace-judged = Endorsed, refused, corrected
trace-readings-withheld = what they had been given is told to those who look after readings
trace-rests-on = What it rests on
trace-rests-on-nothing = What it rests on: not said
trace-sections-given = had been given the sections { $sections }
trace-seen = signed having seen the case up to { $number }
trace-seen-nothing = signed having seen nothing
trace-terms = Terms that it began or ended
trace-told = Who was told
trace-unseen = had NOT SEEN what came between: { $events }
trace-withheld = Related, which you may not see: { $n }
