### What several commands say.

common-agency = структура
common-agency-named = структура { $id }
common-article = основание
common-by = до { $when }
common-by-the-end-of = до края на { $day }
common-case-named = Случай { $id }
common-cases = { $n ->
        [one] общо { $n } случай
       *[other] общо { $n } случая
    }
common-checkpoint = контролна точка
common-duty-of = задължение на { $whom }
common-erased = заличено
common-events = събития
common-file = преписка
common-file-named = преписка { $id }
common-for = за: { $purpose }
common-kind-not-known = подписано; видът не е познат тук
common-ledger = летопис
common-ledger-itself = самият летопис
common-no = не
common-no-role = без роля
common-none = няма
common-not-reviewed = НЕПРЕГЛЕДАН
common-number = № { $number }
common-of-the-first-events = { $n ->
        [one] по първото { $n } събитие на регистъра
       *[other] по първите { $n } събития на регистъра
    }
common-or = или
common-protected-part = (защитена част)
common-read-by = чете { $reader }, за: { $purpose }
common-recorded = вписано
common-recorded-as-sequence = вписано под номер { $sequence }
common-reviewed = прегледан
common-root = корен
common-see-below = вж. по-долу
common-signed-by = подписали: { $who }
common-term-of = срок за { $whom }
common-terms-title = Срокове
common-trial = ПРОБЕН летопис: ключовете на регистраторите му е направил сървърът.
common-yes = да
