### A case: how it stands, its timeline, the trace of a decision, what was known.

case-before-a-correction = преди поправката: { $what }
case-commitment = до края на { $day }: { $state }
case-commitment-fulfilled = изпълнен
case-commitment-missed = НЕИЗПЪЛНЕН
case-commitment-of = поет от { $owner }; по план { $plan }
case-commitment-to-be-done = предстои
case-commitments = Ангажименти
case-counting-assumed = броенето е прието тълкуване
case-dispute = спор
case-disputed = никой не го приема: решава горестоящият
case-ended-on = край на { $when }
case-held-before-by = преди това при
case-in-the-list = { $n ->
        [one] събитие, последното под номер { $last }
       *[other] събития, последното под номер { $last }
    }
case-kind-not-known-here = видът не е познат тук
case-lead = води го
case-lead-not-in-force = { $who }, НЕ Е В СИЛА: замества го началникът
case-made-longer = удължаван, пъти: { $n }
case-missed-on = вписан като пропуснат на { $when }
case-no-lead = няма водещ: замества го началникът
case-not-served = още не е съобщено на никого
case-observation = наблюдение
case-observed = детето се наблюдава
case-of-signal = { $number } от сигнал { $id }
case-orders-and-decisions = Заповеди и решения
case-placed-on = настанено по
case-plan-in-force = план в сила
case-proposed-to = предложен на
case-runs-since = тече от { $when }
case-sealed-sections = { $n ->
        [one] { $n } запечатан раздел
       *[other] { $n } запечатани раздела
    }
case-served-on = съобщено на { $when }
case-stage = състояние
case-stands-still-since = спрян от { $when }
case-team = екип
case-track = ред
case-waits-for-a-review-by = чака преглед от: { $who }
case-waits-for-a-signature = Чака подпис
case-waits-for-a-signature-by = чака подпис от: { $who }
case-waits-to-be-accepted-by = чака приемане от: { $who }

known-as-recorded = По вписаното { $by } (събития в записа: { $n })
known-as-recorded-then = По вписаното тогава, събития в записа: { $n }
known-events-by-then = Събитията дотогава
known-events-by-then-given = Събитията дотогава, и какво от тях е имал { $actor }
known-nothing = дотогава нищо не е вписано
known-with-sections = с раздели { $sections }

timeline-about-events = относно { $events }
timeline-corrected-by = поправено с { $by }
timeline-corrected-by-moved = поправено с { $by }; първо беше вписано за { $first }
timeline-endorsed-by = съгласували: { $who }
timeline-late = { $days ->
        [one] вписано { $days } ден по-късно, на { $when }
       *[other] вписано { $days } дни по-късно, на { $when }
    }
timeline-misfiled = НЕ Е ЗА ТУК, погрешно вписано: вж. { $by }
timeline-roughly = около

trace-about = относно
trace-authors = Кой го подписа и какво знаеше
trace-facts-not-read = няма вписана справка по случая преди това
trace-facts-read = последна справка по случая: { $when }
trace-followed = Какво последва
trace-judged = Съгласие, отказ, поправка
trace-readings-withheld = какво му е било дадено, казва се само на който следи справките
trace-rests-on = На какво почива
trace-rests-on-nothing = На какво почива: не е посочено
trace-sections-given = дадени му бяха раздели { $sections }
trace-seen = подписа, видял случая до { $number }
trace-seen-nothing = подписа, без да е видял нищо
trace-terms = Срокове, които започна или спря
trace-told = Кой е уведомен
trace-unseen = НЕ Е ВИДЯЛ вписаното междувременно: { $events }
trace-withheld = Свързани, които не можете да видите: { $n }
