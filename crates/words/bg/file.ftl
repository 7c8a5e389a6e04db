### Who may read a file, and who has.

file-closed = затворен
file-counts = { $events ->
        [one] { $events } събитие
       *[other] { $events } събития
    }; скрити раздели: { $withheld }; заличени: { $erased }
file-denied = отказано
file-emergency = СПЕШЕН ДОСТЪП, { $reviewed }
file-emergency-access = СПЕШЕН ДОСТЪП
file-erased = заличено: { $class }
file-may-be-read = може
file-may-not-be-read = не може
file-nobody = никой
file-readings = Кой е чел преписката, най-новото първо
file-readings-for-person = Кой е чел преписката — за лицето, за което се отнася
file-relations = спрямо преписката: { $relations }
file-role = роля: { $role }
file-sections = раздели { $sections }
file-steps = стъпките
file-steps-alone = само стъпките
file-title = Преписка { $id }
file-until = до { $when }
file-who-may-read-now = Кой може да чете сега (събития в записа: { $n })
file-withheld = скрито: { $class }. { $because }
