### Marks, relations, how cases, acts and clocks stand, months.

mark-unspecified = marked
mark-on-expired-qualification = urgent, with a signer's qualification expired
mark-under-recusal = urgent, in spite of a declared conflict of interests
mark-under-delegation = signed standing in for another
mark-disputed = disputed: a signer's key was compromised

role-unspecified = no role

relation-exists = the file exists
relation-lead = leads the case
relation-team = in the case's team
relation-own-agency = the own agency holds it
relation-every-agency = for every agency
relation-own-region = it is in the own region
relation-cooperating = the own agency cooperates
relation-former-agency = the own agency held it before
relation-shared = it was shared with them
relation-granted = has a grant
relation-reporter-granted = has a grant for the reporter
relation-break-glass = has emergency access open
relation-handler = handles the complaint
relation-inspection = within an inspection
relation-conflicted = declared a conflict of interests
relation-author = signed it themselves
relation-closed = the case is closed
relation-subject = it is about them
relation-urgent = urgent
relation-intake = took the signal
relation-complained = somebody complained

stage-unspecified = there is no case
stage-not-opened = not opened yet
stage-open = open
stage-closed = closed
stage-voided = voided: opened by mistake
stage-merged = goes on in another case

order-kind-unspecified = order
order-kind-emergency = emergency placement
order-kind-placement = placement
order-kind-instruction = instruction
order-kind-aid = financial aid
order-kind-decision = court decision

order-executable = in force, may be executed
order-not-executable = in force, but may NOT be executed
order-not-in-force = not in force

act-status-pending = WAITS FOR A SIGNATURE, not in force yet
act-status-unconfirmed = in force, WAITS TO BE CONFIRMED
act-status-in-force = in force
act-status-refused = SIGNATURE REFUSED
act-status-lapsed = the signature did NOT COME in time
act-status-superseded = no longer counts
act-status-misfiled = entered in the wrong file

reading-unspecified = not known
reading-running = runs
reading-suspended = stands still
reading-overdue = OVERDUE
reading-kept = kept
reading-kept-recorded-late = kept, but recorded late
reading-late = DONE LATE
reading-missed = MISSED
reading-expired = over
reading-dropped = fell away
reading-handed-over = goes on in another file

basis-law = law
basis-policy = policy
basis-assumed = assumed

duty-social-worker = the social worker
duty-head-of-department = the head of department
duty-director = the director
duty-holder = the agency that holds the case
duty-lead = the lead
duty-provider = the provider
duty-supervisor = the supervisor
duty-court = the court
duty-party = the party
duty-data-protection-officer = the data protection officer
duty-superior = the superior body
duty-owner = who took it on

given-nothing = was not given it
given-signed = signed it
given-facts = was given it
given-perhaps = was perhaps given it

month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
