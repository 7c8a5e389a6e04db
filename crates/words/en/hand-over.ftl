### Cases that go from one lead to another.

hand-over-accept-title = You accept to lead these cases (Endorsed), with one statement in each: { $n }
hand-over-assigned-by = assigned by { $who }, { $when }
hand-over-cases = cases: { $n }
hand-over-file-exists = { $file } is there already: give another name
hand-over-from = from: { $actor }
hand-over-left-accepted = is accepted already
hand-over-left-ended = the assignment does not wait for acceptance any more
hand-over-left-not-led = is no open case that they lead
hand-over-left-waits = waits for acceptance already
hand-over-no-conflict = check for conflicts: none; { $how }
hand-over-no-open-case = you see no open case that is led by { $lead }
hand-over-other-key = only the head and the new lead sign: leave the other key out
hand-over-out = for the new lead: { $command }
hand-over-out-left-out = { $to } accepts by signing here: leave --out out
hand-over-replaces = in place of what waits for { $lead }
hand-over-some-refused = some cases were refused: see to the reasons, and run it again
hand-over-summed-up = recorded: { $recorded }; left as they are: { $left }; refused: { $refused }
hand-over-title = A new lead (LeadAssigned), one statement in each case
hand-over-to = to: { $to }
hand-over-to-at-once = { $actor }; signs here, and thereby accepts
hand-over-to-later = { $actor }; is still to accept; until then the lead stays who it is
hand-over-to-nobody = nobody; the head acts as lead
hand-over-to-the-same = the cases are theirs already
hand-over-who-accepts = the new lead does not sign here, and may not see the cases yet: give their --key as well, or --out for what they are to accept
