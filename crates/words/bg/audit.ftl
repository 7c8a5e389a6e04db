### What an inspection reads: report and replay.

audit-act-lapsed = подписът не дойде в срок
audit-act-pending = чака подпис, не е в сила
audit-act-refused = подписът е отказан
audit-act-unconfirmed = в сила, НЕПОТВЪРДЕН
audit-act-unreviewed = в сила, НЕПРЕГЛЕДАН
audit-all-agencies = всички структури
audit-all-readings = всички прочитания
audit-asked-by = искал
audit-asked-for = поток
audit-before-a-correction = преди поправка
audit-by-rule = по правило
audit-change-of = на
audit-changes = Промени
audit-changes-lead = Поправеното, погрешно вписаното, заличеното, запазеното и анулираното.
audit-closing = Всичко е изчислено от самия запис, докато той се проверява: подписи, вериги, права, правила и всяко прочитане. Докладът съдържа само номера и факти, нищо от раздел. Дали посоченото е нечия вина, решава проверяващият.
audit-conflict-of-interests = Конфликт на интереси
audit-conflict-of-interests-lead = Неотложни актове, подписани въпреки обявен конфликт на интереси.
audit-continues = { $n ->
        [one] записът продължава тази на проверяващия, за { $n } събитие
       *[other] записът продължава тази на проверяващия, за { $n } събития
    }
audit-continues-none = не е сравнен с никоя
audit-counted-readings = достъп: { $purpose }; { $reason }
audit-counted-statements = изявления: { $reason }
audit-digest = отпечатък
audit-disputed-signatures = Оспорени подписи
audit-disputed-signatures-lead = Компрометирани ключове; и подписаното с тях оттогава, което никой друг не е съгласувал.
audit-emergency-access = Спешен достъп
audit-emergency-access-lead = Спешен достъп, който не е прегледан от длъжностното лице и началника, прегледан е късно или не е бил оправдан.
audit-ended = край
audit-endorsed-by = съгласували
audit-entered-late = Късно вписано
audit-entered-late-lead = Вписаното повече от три дни след като е станало.
audit-expired-qualification = Изтекла квалификация
audit-expired-qualification-lead = Неотложни актове, подписани при изтекла квалификация.
audit-explanation = обяснение
audit-explanation-given = дадено
audit-explanation-none = НЯМА
audit-explanation-waits = чака подпис
audit-facts = факти
audit-files = преписки
audit-from-the-beginning = началото
audit-gave-access-until = давал достъп до
audit-happened = станало
audit-hash = отпечатък
audit-last-recorded = последно вписано
audit-local-times = местни: { $zone }
audit-missed-on = пропуснат на
audit-more = … и още { $n }; повече показват JSON или по-тесен обхват
audit-no-review-is-due = не се преглежда
audit-not-justified = НЕОПРАВДАН
audit-not-on-the-record = събитие извън записа
audit-number-of-the-day = за деня по ред
audit-open-duties = Отворени задължения
audit-open-duties-lead = Задължения, които текат или са просрочени в края на записа.
audit-opened-times = отварян, пъти
audit-period = период
audit-period-of = от { $from } до { $to }
audit-projection = { $n ->
        [one] ред, { $how }
       *[other] реда, { $how }
    }
audit-rates = проверени { $verified } събития/s, сгънати наново { $folded } събития/s
audit-read-by = чел
audit-readings = Прочитания
audit-readings-lead = Колко прочитания в коя роля и за каква цел; и тези, които не са за работа по случая, са от читатели без постоянна връзка с преписката или при спешен достъп.
audit-recorded-at = вписано { $when }
audit-refusals = Откази
audit-refusals-lead = Отказани изявления по причини (на целия летопис); отказан достъп по цел и причина; отказани подписи.
audit-review-due = преглед
audit-reviewed-by = прегледан с
audit-reviewed-late = прегледан КЪСНО
audit-row-added = е в повече
audit-row-changed = казва друго
audit-row-missing = липсва
audit-rows-differ = { $n } РАЗЛИЧНИ
audit-rows-same = същите
audit-scope = обхват
audit-sections = раздели: { $n }
audit-signed-by = подписали
audit-speed = скорост
audit-standing-in = В заместване
audit-standing-in-lead = Актове, подписани от заместващ или дежурен.
audit-started-by = започнал от
audit-state = състояние
audit-state-differs = ДРУГО: не следва от записа
audit-state-fault = състоянието не следва от записа: { $projection }: { $key } { $how }
audit-state-none = няма го: няма какво да се сравни
audit-state-of-another = { $n ->
        [one] ДРУГО: обхваща { $n } събитие, което записът няма
       *[other] ДРУГО: обхваща { $n } събития, които записът няма
    }
audit-state-same = същото, ред по ред
audit-state-same-so-far = същото, до { $reached } от { $all } събития: докъдето е стигнало
audit-state-untrusted = НЕ Е СРАВНЕНО: сървърът не би му се доверил, а би го направил наново ({ $why }); за да се сравни, копирайте директорията след редовно спиране
audit-stream = поток
audit-supervised = спазени { $kept }, закъснели { $late }, пропуснати { $missed }, текат { $running }
audit-supervision = Супервизия
audit-supervision-lead = Как е спазен срокът за супервизия по случаите, по структури; и случаите, по които не е.
audit-term = срок
audit-term-over = { $by }: ИЗТЕКЪЛ
audit-terms-lead = Задължения, които са пропуснати, изпълнени късно или в срок, но вписани късно; с обяснението, ако има.
audit-times = часове
audit-title = Доклад за проверка
audit-to-the-end = края
audit-unfinished-acts = Недовършени актове
audit-unfinished-acts-lead = Актове, които чакат подпис и не са в сила, или на които подписът е отказан или не е дошъл в срок.
audit-unreviewed-acts = Непрегледани актове
audit-unreviewed-acts-lead = Актове в сила, чийто преглед или потвърждение още се дължи: неотложни, въпреки обявен конфликт, при изтекла квалификация, в заместване, вписани по-късно.
audit-why = защо
audit-why-emergency-access = при спешен достъп
audit-why-no-standing = без постоянна връзка с преписката
audit-why-purpose = не е за работа по случая
