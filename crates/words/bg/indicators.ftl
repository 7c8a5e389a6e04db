### Figures that name nobody.

indicators-country = страната
indicators-more-regions = областите: с --region N или --csv
indicators-no-region = без област
indicators-quarter = { $year }, { $quarter }. тримесечие
indicators-region = обл. { $number }
indicators-year = { $year } г.
