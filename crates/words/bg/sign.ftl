### Acts: asked for, signed, refused.

sign-everybody-has-signed = всички са подписали
sign-have-not-signed-yet = още не са подписали:
sign-lacking = липсва
sign-left-as-example = ред { $line }: { $type }: раздел е останал с измисления пример от образеца: напишете своя
sign-new-id = нов номер: { $id } ({ $place })
sign-no-such-kind = такъв вид няма, или го подписва само летописът: виж `letopis sign --kinds`
sign-not-signed = не е подписано
sign-question = Подписвате ли това? [да/не]
sign-refusal-signed = отказът е подписан от летописа
sign-refused = летописът отказва: { $needed }
sign-rule = правило
sign-sections-lacking = липсват раздели, или класът им е по-нисък от нужния: { $sections }
sign-signed-already = този ключ вече е подписал, или актът не го чака
sign-waits-for-signatures = { $file } чака подписи:
