### Figures that name nobody.

indicators-country = country
indicators-more-regions = regions: with --region N or --csv
indicators-no-region = no region
indicators-quarter = quarter { $quarter } of { $year }
indicators-region = region { $number }
indicators-year = { $year }
