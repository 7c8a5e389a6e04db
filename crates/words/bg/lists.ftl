### Lists of cases, clocks, duties, decisions; the registers.

list-as = като { $role }
list-case = случай { $id }
list-changes-from-here = ── дотук е сегашното; оттук нататък: промените ──
list-clocks = { $n ->
        [one] общо { $n } срок
       *[other] общо { $n } срока
    }
list-decisions = общо: { $n }
list-duties = { $n ->
        [one] общо { $n } задължение
       *[other] общо { $n } задължения
    }
list-entries = вписани: { $n }, { $events }
list-lead-not-in-force = { $who } НЕ Е В СИЛА: замества го началникът
list-led-by = води { $who }
list-next-due = следващ срок { $by }
list-no-lead = без водещ: замества го началникът
list-nothing-runs = нищо не тече
list-overdue = просрочени: { $n }
list-signal = сигнал { $id }
list-since = от { $when }
list-stands-in = водещият НЕ Е В СИЛА
list-wait-for-a-signature = чакат подпис: { $n }
