### A de-identified case for discussion: made, looked through, put on the record.

deidentified-about = { $n ->
        [one] about step
       *[other] about steps
    }
deidentified-age-changes = passes into another age band, which tells about when a birthday was
deidentified-author = author { $key }
deidentified-basis = A de-identified case for professional discussion, digest { $digest }. Received by: { $to }. Steps, roles and moved days; no sections, names, ids or places. Looked through by who signs with the key { $reviewer }.
deidentified-child = the child
deidentified-clock = { $name }: { $reading }, { $given ->
        [one] { $given } day
       *[other] { $given } days
    }
deidentified-clock-ended = { $name }: { $reading }, { $taken ->
        [one] in { $taken } day
       *[other] in { $taken } days
    }
deidentified-clock-taken = { $name }: { $reading }, in { $taken } of { $given ->
        [one] { $given } day
       *[other] { $given } days
    }
deidentified-closing = Days are moved by an unknown number of weeks, and times of day are cut off. People are a role and a number. Only kinds of steps and codes that are on a list are shown; other steps may be missing, and whether there are any is not said.
deidentified-digest = digest { $digest }
deidentified-discuss = to discuss
deidentified-distances = distances
deidentified-distances-exact = true to the day, weekdays too: whoever knows one day of the case finds all the others
deidentified-distances-rough = roughly true: order and length can still be recognised; whoever knows one day of the case finds the others roughly
deidentified-found = found
deidentified-four-weeks-of = four weeks of { $day }
deidentified-grain = days and terms
deidentified-grain-day = to the day
deidentified-grain-four-weeks = in fours of weeks
deidentified-grain-week = to the week
deidentified-key-not-compared = { $key } (not compared: give the key that you know)
deidentified-key-of-another = the key is not the one that you gave
deidentified-known-to-others = known to others too
deidentified-left-out = left out
deidentified-left-out-tells = they are named, from which it may be guessed that the case has such steps
deidentified-length = length
deidentified-made = { $file }: digest { $digest }
deidentified-not-reviewed = NOT REVIEWED BY A SECOND PERSON: not to be given to anybody.
deidentified-people = people in a role
deidentified-record-next = reviewed and signed; before it is given to anybody, record the sharing: { $command }
deidentified-review = Review
deidentified-review-lead = A second person, who is not its author, looked it through and signed.
deidentified-review-next = now a second person looks it through: { $command }
deidentified-reviewer = reviewer { $key }
deidentified-risk = Remaining risk
deidentified-risk-lead = What the case may be recognised by all the same. Whoever knows the family may recognise it.
deidentified-signatures = the signatures
deidentified-signatures-hold = the signatures hold; the risk is what follows from the steps
deidentified-signatures-tell = whoever knows where author and reviewer work knows the region
deidentified-signed-by = signed by
deidentified-steps = Steps
deidentified-steps-count = steps
deidentified-steps-lead = What happened, in the order of the moved days.
deidentified-steps-many = { $n }: the more, the fewer cases are like this one
deidentified-term = term
deidentified-title = A case for discussion
deidentified-week-of = week of { $day }
deidentified-weeks = { $n ->
        [one] { $n } week
       *[other] { $n } weeks
    }
