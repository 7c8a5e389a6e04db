### The comments in the template of a statement.

form-additive = Adds to the history, whatever is recorded meanwhile.
form-confirmed-and = and
form-confirmed-by = Confirmed by the signature of: { $who }
form-exclusive = A decision: on all that is recorded so far; refused if something new is recorded meanwhile.
form-how-to-fill-in = Fill in everything in <…>, and replace the invented texts of the sections; then: letopis sign FILE --key KEY
form-knowledge = How it is known: { $codes }
form-may-stand-in = May stand in: { $streams }
form-more-sections = May also have the sections: { $sections }
form-needs-any-role = anybody with a role
form-needs-both = { $one } and { $other }
form-needs-genesis-keys = the genesis' keys
form-needs-new-key = the new key
form-needs-registrar-or-self = a registrar, or whom it concerns
form-needs-registrars = two registrars
form-needs-role-holder-alone = the role's holder alone: { $who }
form-occurred-at = When it happened: a day (2026-12-31), a time in Europe/Sofia (2026-12-31T17:00), one with its offset (2026-12-31T17:00+02:00), or now
form-one-of = One of: { $codes }
form-optional = (may be left out)
form-precision = How exact (else by the time): { $codes }
form-references = To what on the record it is tied: by version (its number in the file), sequence (its number in the ledger) or hash; of another file with its stream
form-section-instead = or instead of it the section { $type }: { $title }
form-sections = What is said about people: all below is an invented example
form-signed-by = Signed by: { $who }
form-value-one-of = one of: { $codes }
