### The policy and the profile.

policy-adopted-on = Adopted on { $when } ({ $hash })
policy-none = No policy was adopted yet: nothing is given out, save in a trial ledger.

profile-adopted-on = Adopted on { $when } ({ $hash })
profile-at-most = at most { $length }
profile-days = { $n ->
        [one] { $n } day
       *[other] { $n } days
    }
profile-from = from { $day }
profile-heading = { $name } ({ $code }), version { $version }
profile-hours = { $n ->
        [one] { $n } hour
       *[other] { $n } hours
    }
profile-in-force-since = In force since { $when }
profile-minutes = { $n ->
        [one] { $n } minute
       *[other] { $n } minutes
    }
profile-months = { $n ->
        [one] { $n } month
       *[other] { $n } months
    }
profile-none = No profile was adopted yet: nothing about cases is recorded, save in a trial ledger.
profile-only-before = only before { $day }
profile-stated = as stated
profile-to-come = To come: version { $version }, from { $when }
profile-weeks = { $n ->
        [one] { $n } week
       *[other] { $n } weeks
    }
profile-working-days = { $n ->
        [one] { $n } working day
       *[other] { $n } working days
    }
