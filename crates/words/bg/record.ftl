### The record: status, verification, export.

status-continues = Контролната точка продължава последната, която беше видяна тук.
status-sections = { $n ->
        [one] { $n } раздел
       *[other] { $n } раздела
    }
status-verification-key = ключ за проверка

verify-closed = { $n } не можаха да се отворят тук
verify-disputed = оспорени
verify-disputed-of = { $n }: подписани с компрометиран ключ и несъгласувани от друг
verify-emergencies = спешен достъп
verify-erased = { $n } заличени, всеки от вписано заличаване
verify-events = { $events } в { $streams ->
        [one] { $streams } поток
       *[other] { $streams } потока
    }
verify-everything = всичко, за { $seconds } s
verify-marked = отбелязани
verify-opened = { $n } отворени и сверени
verify-progress = { $spinner } { $events } събития, { $speed }, { $elapsed }
verify-readings = прочитания
verify-replayed = { $readings }; какво казва действащата политика за всяко от тях, и за всяко изявление, е решено наново
verify-sections = раздели
verify-signed-over = { $n ->
        [one] подписана за { $n } събитие
       *[other] подписана за { $n } събития
    }
verify-unreviewed = { $n }; НЕПРЕГЛЕДАНИ: { $unreviewed }
verify-verified = проверено
verify-without-the-holder = ключ, вписан без своя притежател: важи 72 часа по-късно

export-log-as-of = { $n ->
        [one] към { $n } събитие в дневника
       *[other] към { $n } събития в дневника
    }
export-log-digest = { $digest } (без gzip)
export-log-events = { $events ->
        [one] { $events } събитие
       *[other] { $events } събития
    } от { $cases ->
        [one] { $cases } случай
       *[other] { $cases } случая
    } в { $file },
export-log-exported = изнесени
export-log-keep-it = справката за всеки случай е вписана; файлът НЕ Е анонимен, пазете го като преписка
