### Marks, relations, how cases, acts and clocks stand, months.

mark-unspecified = отбелязано
mark-on-expired-qualification = неотложно, при изтекла квалификация на подписал
mark-under-recusal = неотложно, въпреки обявен конфликт на интереси
mark-under-delegation = подписано в заместване
mark-disputed = оспорено: ключът на подписал е бил компрометиран

role-unspecified = без роля

relation-exists = преписката съществува
relation-lead = води случая
relation-team = в екипа по случая
relation-own-agency = структурата води случая
relation-every-agency = отговаря за всички структури
relation-own-region = случаят е в района
relation-cooperating = структурата съдейства
relation-former-agency = структурата е водила случая
relation-shared = предоставено му е
relation-granted = има изрично разрешение
relation-reporter-granted = има разрешение за подателя
relation-break-glass = отворен спешен достъп
relation-handler = проверява жалбата
relation-inspection = в обхвата на проверка
relation-conflicted = обявен конфликт на интереси
relation-author = сам го е подписал
relation-closed = случаят е закрит
relation-subject = отнася се за него
relation-urgent = неотложно
relation-intake = приел е сигнала
relation-complained = по случая има жалба

stage-unspecified = няма случай
stage-not-opened = още не е открит
stage-open = открит
stage-closed = закрит
stage-voided = анулиран: открит по погрешка
stage-merged = продължава в друг случай

order-kind-unspecified = заповед
order-kind-emergency = спешно настаняване
order-kind-placement = настаняване
order-kind-instruction = задължително предписание
order-kind-aid = финансова помощ
order-kind-decision = съдебно решение

order-executable = в сила, може да се изпълнява
order-not-executable = в сила, но НЕ може да се изпълнява
order-not-in-force = не е в сила

act-status-pending = ЧАКА ПОДПИС, още не е в сила
act-status-unconfirmed = в сила, ЧАКА ПОТВЪРЖДЕНИЕ
act-status-in-force = в сила
act-status-refused = ОТКАЗАН ПОДПИС
act-status-lapsed = подписът НЕ ДОЙДЕ в срок
act-status-superseded = вече не важи
act-status-misfiled = погрешно вписано

reading-unspecified = неизвестно
reading-running = тече
reading-suspended = спрян
reading-overdue = ПРОСРОЧЕН
reading-kept = спазен
reading-kept-recorded-late = спазен, но вписан по-късно
reading-late = ЗАКЪСНЯЛ
reading-missed = ПРОПУСНАТ
reading-expired = изтекъл
reading-dropped = отпаднал
reading-handed-over = продължава в друга преписка

basis-law = закон
basis-policy = вътрешно правило
basis-assumed = прието тълкуване

duty-social-worker = социалния работник
duty-head-of-department = началника на ОЗД
duty-director = директора на ДСП
duty-holder = структурата, която води случая
duty-lead = водещия случая
duty-provider = доставчика на услугата
duty-supervisor = супервизора
duty-court = съда
duty-party = страната
duty-data-protection-officer = длъжностното лице по защита на данните
duty-superior = горестоящия орган
duty-owner = поелия ангажимента

given-nothing = не му е дадено
given-signed = подписал го е
given-facts = дадено му е
given-perhaps = може да му е дадено

month-1 = януари
month-2 = февруари
month-3 = март
month-4 = април
month-5 = май
month-6 = юни
month-7 = юли
month-8 = август
month-9 = септември
month-10 = октомври
month-11 = ноември
month-12 = декември
