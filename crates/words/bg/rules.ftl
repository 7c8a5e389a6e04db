### The policy and the profile.

policy-adopted-on = Приета на { $when } ({ $hash })
policy-none = Още няма приета политика: нищо не се дава за четене, освен в пробен регистър.

profile-adopted-on = Приети на { $when } ({ $hash })
profile-at-most = най-много { $length }
profile-days = { $n ->
        [one] { $n } ден
       *[other] { $n } дни
    }
profile-from = от { $day }
profile-heading = { $name } ({ $code }), версия { $version }
profile-hours = { $n ->
        [one] { $n } час
       *[other] { $n } часа
    }
profile-in-force-since = В сила от { $when }
profile-minutes = { $n ->
        [one] { $n } минута
       *[other] { $n } минути
    }
profile-months = { $n ->
        [one] { $n } месец
       *[other] { $n } месеца
    }
profile-none = Още няма приети правила: нищо по случаи не се вписва, освен в пробен регистър.
profile-only-before = само до { $day }
profile-stated = както е посочено
profile-to-come = Следва версия { $version }, от { $when }
profile-weeks = { $n ->
        [one] { $n } седмица
       *[other] { $n } седмици
    }
profile-working-days = { $n ->
        [one] { $n } работен ден
       *[other] { $n } работни дни
    }
