### Who may read a file, and who has.

file-closed = closed
file-counts = { $events ->
        [one] { $events } event
       *[other] { $events } events
    }; sections withheld: { $withheld }; erased: { $erased }
file-denied = denied
file-emergency = EMERGENCY ACCESS, { $reviewed }
file-emergency-access = EMERGENCY ACCESS
file-erased = erased: { $class }
file-may-be-read = may be read
file-may-not-be-read = may not be read
file-nobody = nobody
file-readings = Who read the file, newest first
file-readings-for-person = Who read the file: for the person concerned
file-relations = to the file: { $relations }
file-role = role: { $role }
file-sections = sections { $sections }
file-steps = the steps
file-steps-alone = the steps alone
file-title = File { $id }
file-until = until { $when }
file-who-may-read-now = Who may read now (events in the record: { $n })
file-withheld = withheld: { $class }. { $because }
