### What a person reads before they sign.

statement-in = В: { $stream }
statement-when = Кога: { $when } ({ $precision }; { $knowledge })
statement-seen = При видяна история до версия { $version } ({ $head })
statement-seen-nothing = Без видяна история
statement-reference = Връзка: { $relation } { $stream }, { $hash }
statement-sections = Раздели: { $n }
statement-section = Раздел { $n }, { $class }, { $type }:
statement-not-at-hand = съдържанието не е приложено
statement-empty = празен
statement-no-text = { $n } { $n ->
        [one] байт
       *[other] байта
    }, не е текст; SHA-256 { $digest }
statement-cut = { $n ->
        [one] { $n } знак още
       *[other] { $n } знака още
    }
statement-more = { $n } още
statement-signer = Подписва: { $who }, по роля { $grant }, ключ { $key }
statement-signer-without-grant = Подписва: { $who }, без роля, ключ { $key }
statement-ledger = За летопис: { $ledger }
statement-hash = Отпечатък на изявлението: { $hash }
