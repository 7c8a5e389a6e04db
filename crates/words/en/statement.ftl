### What a person reads before they sign.

statement-in = In: { $stream }
statement-when = When: { $when } ({ $precision }; { $knowledge })
statement-seen = On the history up to version { $version } ({ $head })
statement-seen-nothing = On no history
statement-reference = Reference: { $relation } { $stream }, { $hash }
statement-sections = Sections: { $n }
statement-section = Section { $n }, { $class }, { $type }:
statement-not-at-hand = the content is not at hand
statement-empty = empty
statement-no-text = { $n } { $n ->
        [one] byte
       *[other] bytes
    }, not a text; SHA-256 { $digest }
statement-cut = { $n ->
        [one] { $n } character more
       *[other] { $n } characters more
    }
statement-more = { $n } more
statement-signer = Signed by: { $who }, under the grant { $grant }, key { $key }
statement-signer-without-grant = Signed by: { $who }, without a grant, key { $key }
statement-ledger = For the ledger: { $ledger }
statement-hash = Statement hash: { $hash }
