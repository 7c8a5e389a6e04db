### Cases that go from one lead to another.

hand-over-accept-title = Приемате да водите тези случаи (Endorsed), с по едно изявление във всеки: { $n }
hand-over-assigned-by = възложен от { $who }, { $when }
hand-over-cases = случаи: { $n }
hand-over-file-exists = { $file } вече съществува: посочете друго име
hand-over-from = от: { $actor }
hand-over-left-accepted = вече е приет
hand-over-left-ended = възлагането вече не чака приемане
hand-over-left-not-led = не е открит случай, воден от този служител
hand-over-left-waits = вече чака приемане
hand-over-no-conflict = проверка за конфликт: няма; { $how }
hand-over-no-open-case = не виждате открит случай, който води { $lead }
hand-over-other-key = подписват само началникът и новият водещ: махнете другия ключ
hand-over-out = за новия водещ: { $command }
hand-over-out-left-out = { $to } приема с подписа си тук: махнете --out
hand-over-replaces = отпада чакащото възлагане на { $lead }
hand-over-some-refused = някои случаи са отказани: отстранете причината и пуснете командата отново
hand-over-summed-up = вписани: { $recorded }; оставени: { $left }; отказани: { $refused }
hand-over-title = Определяне на водещ (LeadAssigned), по едно изявление във всеки случай
hand-over-to = на: { $to }
hand-over-to-at-once = { $actor }; подписва тук и с това приема
hand-over-to-later = { $actor }; още трябва да приеме; дотогава водещият остава същият
hand-over-to-nobody = на никого; началникът действа като водещ
hand-over-to-the-same = случаите са вече на този служител
hand-over-who-accepts = новият водещ не подписва тук и още не вижда случаите: дайте и неговия ключ или --out за това, което да приеме
