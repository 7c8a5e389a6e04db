### A de-identified case for discussion: made, looked through, put on the record.

deidentified-about = { $n ->
        [one] относно стъпка
       *[other] относно стъпки
    }
deidentified-age-changes = преминава в друга възрастова група, което издава кога приблизително е рожденият му ден
deidentified-author = автор { $key }
deidentified-basis = Деидентифициран случай за професионално обсъждане, отпечатък { $digest }. Получател: { $to }. Съдържа стъпки, роли и изместени дни; без раздели, имена, номера и места. Прегледан от подписалия с ключ { $reviewer }.
deidentified-child = детето
deidentified-clock = { $name }: { $reading }, { $given ->
        [one] { $given } ден
       *[other] { $given } дни
    }
deidentified-clock-ended = { $name }: { $reading }, { $taken ->
        [one] за { $taken } ден
       *[other] за { $taken } дни
    }
deidentified-clock-taken = { $name }: { $reading }, за { $taken } от { $given ->
        [one] { $given } ден
       *[other] { $given } дни
    }
deidentified-closing = Дните са изместени с неизвестен брой седмици, часовете са премахнати. Хората са означени с роля и номер. Показани са само видове стъпки и кодове от определен списък; други стъпки може да липсват, без да се казва дали има такива.
deidentified-digest = отпечатък { $digest }
deidentified-discuss = за обсъждане
deidentified-distances = интервали
deidentified-distances-exact = точни до деня, с дните от седмицата: който знае един ден от случая, намира всички останали
deidentified-distances-rough = приблизителни: редът и продължителността остават разпознаваеми; който знае един ден от случая, намира приблизително и останалите
deidentified-found = установено
deidentified-four-weeks-of = четирите седмици от { $day }
deidentified-grain = дни и срокове
deidentified-grain-day = с точност до ден
deidentified-grain-four-weeks = с точност до четири седмици
deidentified-grain-week = с точност до седмица
deidentified-key-not-compared = { $key } (не е сверен: посочете ключа, който ви е известен)
deidentified-key-of-another = ключът не е този, който посочихте
deidentified-known-to-others = известно и на други
deidentified-left-out = не са включени
deidentified-left-out-tells = назовани са: може да се предположи, че в случая ги има
deidentified-length = продължителност
deidentified-made = { $file }: отпечатък { $digest }
deidentified-not-reviewed = НЕ Е ПРЕГЛЕДАН ОТ ВТОРИ ЧОВЕК: да не се предоставя на никого.
deidentified-people = хора с роля
deidentified-record-next = прегледан и подписан; преди да го предоставите на някого, впишете предоставянето: { $command }
deidentified-review = Преглед
deidentified-review-lead = Втори човек, различен от автора, го е прегледал и подписал.
deidentified-review-next = сега трябва да го прегледа втори човек: { $command }
deidentified-reviewer = прегледал { $key }
deidentified-risk = Остатъчен риск
deidentified-risk-lead = По какво случаят все пак може да бъде разпознат. Който познава семейството, може да го разпознае.
deidentified-signatures = подписите
deidentified-signatures-hold = подписите са верни; посоченият риск е този, който следва от стъпките
deidentified-signatures-tell = който знае къде работят авторът и прегледалият, знае и района
deidentified-signed-by = подписали
deidentified-steps = Стъпки
deidentified-steps-count = стъпки
deidentified-steps-lead = Какво се е случило, по реда на изместените дни.
deidentified-steps-many = { $n }: колкото повече са, толкова по-малко случаи приличат на този
deidentified-term = срок
deidentified-title = Случай за професионално обсъждане
deidentified-week-of = седмицата от { $day }
deidentified-weeks = { $n ->
        [one] { $n } седмица
       *[other] { $n } седмици
    }
