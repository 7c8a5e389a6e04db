### The comments in the template of a statement.

form-additive = Добавя се към историята, каквото и да е вписано междувременно.
form-confirmed-and = и
form-confirmed-by = Потвърждава с подпис: { $who }
form-exclusive = Решение: взема се върху всичко вписано досега; при ново вписване междувременно се отказва.
form-how-to-fill-in = Попълнете всичко в <…> и заменете измислените текстове в разделите; после: letopis sign ФАЙЛ --key КЛЮЧ
form-knowledge = Откъде се знае: { $codes }
form-may-stand-in = Може да стои в: { $streams }
form-more-sections = Може да има и раздели: { $sections }
form-needs-any-role = всеки с роля
form-needs-both = { $one } и { $other }
form-needs-genesis-keys = ключовете на началото
form-needs-new-key = новият ключ
form-needs-registrar-or-self = регистратор или самият участник
form-needs-registrars = двама регистратори
form-needs-role-holder-alone = само носителят на ролята: { $who }
form-occurred-at = Кога се е случило: ден (2026-12-31), час в Europe/Sofia (2026-12-31T17:00), с отместване (2026-12-31T17:00+02:00) или now
form-one-of = Едно от: { $codes }
form-optional = (може да липсва)
form-precision = Колко е точно (иначе според времето): { $codes }
form-references = Към какво в летописа се отнася: version (пореден номер в преписката), sequence (номер в летописа) или hash; от друга преписка и с нейния stream
form-section-instead = или вместо него раздел { $type }: { $title }
form-sections = Какво се казва за хора: всичко долу е измислен пример
form-signed-by = Подписва: { $who }
form-value-one-of = едно от: { $codes }
