### What several commands say.

common-agency = agency
common-agency-named = agency { $id }
common-article = article
common-by = by { $when }
common-by-the-end-of = by the end of { $day }
common-case-named = Case { $id }
common-cases = { $n ->
        [one] { $n } case
       *[other] { $n } cases
    }
common-checkpoint = checkpoint
common-duty-of = duty of { $whom }
common-erased = erased
common-events = events
common-file = file
common-file-named = file { $id }
common-for = for: { $purpose }
common-kind-not-known = signed; kind not known here
common-ledger = ledger
common-ledger-itself = the ledger itself
common-no = no
common-no-role = no role
common-none = none
common-not-reviewed = NOT REVIEWED
common-number = no. { $number }
common-of-the-first-events = { $n ->
        [one] of the log's first { $n } event
       *[other] of the log's first { $n } events
    }
common-or = or
common-protected-part = (protected part)
common-read-by = read by { $reader }, for: { $purpose }
common-recorded = recorded
common-recorded-as-sequence = recorded as sequence { $sequence }
common-reviewed = reviewed
common-root = root
common-see-below = see below
common-signed-by = signed by: { $who }
common-term-of = term of { $whom }
common-terms-title = Terms
common-trial = A TRIAL ledger: the server made its registrars' keys.
common-yes = yes
