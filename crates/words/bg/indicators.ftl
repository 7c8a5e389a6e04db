### Figures that name nobody.

indicators-country = страната
indicators-more-regions = областите: с --region N или --csv
indicators-no-region = без област
indicators-quarter = { $quarter ->
        [1] първо
        [2] второ
        [3] трето
       *[4] четвърто
    } тримесечие на { $year } г.
indicators-region = обл. { $number }
indicators-year = { $year } г.
