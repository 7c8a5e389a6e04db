### Acts: asked for, signed, refused.

sign-everybody-has-signed = everybody has signed
sign-have-not-signed-yet = have not signed yet:
sign-lacking = lacking
sign-left-as-example = line { $line }: { $type }: a section still is the template's invented example: write your own
sign-new-id = new id: { $id } ({ $place })
sign-no-such-kind = there is no such kind, or only the ledger signs it: see `letopis sign --kinds`
sign-not-signed = it was not signed
sign-question = Do you sign this? [yes/no]
sign-refusal-signed = the ledger signed the refusal
sign-refused = the ledger refused: { $needed }
sign-rule = rule
sign-sections-lacking = sections are missing, or not guarded closely enough: { $sections }
sign-signed-already = this key has signed already, or the act does not wait for it
sign-waits-for-signatures = { $file } waits for signatures:
