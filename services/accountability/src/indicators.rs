//! GetIndicators: figures of quarters and years that are over.

use letopis_domain::figures::suppress::{Published, SMALL, Withheld};
use letopis_domain::figures::{Categories, Quarter, UNIVERSES, Universe};
use letopis_ledger::token::Caller;
use letopis_ledger::{Column, FigureLayout, FigureTable, Ledger, LedgerError};
use letopis_proto::accountability::v1 as proto;
use letopis_service_rpc::{Told, ask};
use letopis_types::Sequence;

/// More than there are.
const UNIVERSES_MAX: usize = 64;

/// What is asked.
struct Asked {
    year: u16,
    /// The quarters; those of a year that are not over are left out where the year was asked for.
    quarters: Vec<Quarter>,
    whole_year: bool,
    region: Option<u32>,
    universes: Vec<u8>,
}

/// What is told of them.
struct Answer {
    tables: Vec<proto::IndicatorTable>,
    as_of: Sequence,
}

pub(crate) async fn get_indicators(
    ledger: &Ledger,
    caller: &Caller,
    request: proto::GetIndicatorsRequest,
) -> Result<proto::GetIndicatorsResponse, Told> {
    let asked = Asked::new(&request)?;
    ledger.holds(Sequence(request.at_least_size)).await?;
    // Nothing leaves before that is on the record; and once the state holds that, a quarter that was over when it
    // was recorded never changes.
    ledger.read_indicators(caller).await?;
    let answer = ask(ledger, move |ledger| Ok(tell(ledger, &asked))).await??;
    Ok(proto::GetIndicatorsResponse {
        tables: answer.tables,
        withheld: Some(words(
            &format!(
                "Скрити са клетки с 1 до {SMALL} и толкова други, че те да не се изчисляват; 0 значи, че няма \
                 нито един случай. Брои се вписаното в тримесечието; поправките се броят там, където са вписани."
            ),
            &format!(
                "Cells of 1 to {SMALL} are withheld, with as many others as it takes that nobody works them out; \
                 0 says that there is none. What was recorded in the quarter is counted; corrections are counted \
                 where they were recorded."
            ),
        )),
        as_of_size: answer.as_of.0,
    })
}

impl Asked {
    fn new(request: &proto::GetIndicatorsRequest) -> Result<Self, Told> {
        let no_year = || Told::request("year", "a year of four digits, such as 2026");
        let year = u16::try_from(request.year).map_err(|_| no_year())?;
        let all = Quarter::all_of(year).ok_or_else(no_year)?;
        let quarters = match request.quarter {
            0 => all.to_vec(),
            quarter => {
                let found = all.into_iter().find(|of| u32::from(of.quarter()) == quarter);
                vec![found.ok_or_else(|| Told::request("quarter", "1 to 4; 0 for the year"))?]
            }
        };
        if request.universes.len() > UNIVERSES_MAX {
            return Err(Told::request("universes", "at most 64"));
        }
        let number = |code: &String| {
            let found = UNIVERSES.iter().find(|universe| universe.code == code);
            found.map(|universe| universe.number).ok_or_else(|| {
                let known: Vec<&str> = UNIVERSES.iter().map(|universe| universe.code).collect();
                Told::request("universes", format!("one of {}", known.join(", ")))
            })
        };
        Ok(Self {
            year,
            quarters,
            whole_year: request.quarter == 0,
            region: request.region,
            universes: request.universes.iter().map(number).collect::<Result<_, _>>()?,
        })
    }
}

fn tell(ledger: &Ledger, asked: &Asked) -> Result<Answer, Told> {
    let layout = ledger.figure_layout();
    if asked.region.is_some_and(|region| !layout.regions().contains(&region)) {
        return Err(Told::request("region", "no role was ever granted for this region"));
    }
    let as_of = ledger.state_size();
    let until = ledger.recorded_until()?.seconds();
    let over: Vec<Quarter> =
        asked.quarters.iter().copied().filter(|quarter| quarter.end() <= until).collect();
    if over.is_empty() {
        let message =
            "it is not over: figures are of quarters and years that are, so that they never change";
        return Err(Told::request(if asked.whole_year { "year" } else { "quarter" }, message));
    }
    let of = |quarter: &Quarter| ledger.figures(*quarter, &layout, &asked.universes);
    let quarters: Vec<Vec<FigureTable>> =
        over.iter().map(of).collect::<Result<_, LedgerError>>()?;
    let year = asked.whole_year.then(|| sums(&quarters)).into_iter().flatten();
    let period = |number: u8| move |table: FigureTable| (number, table);
    let mut tables: Vec<(u8, FigureTable)> = year.map(period(0)).collect();
    for (quarter, of_quarter) in over.iter().zip(quarters) {
        tables.extend(of_quarter.into_iter().map(period(quarter.quarter())));
    }
    let tables = tables
        .into_iter()
        .map(|(quarter, table)| message(asked, quarter, &table, &layout))
        .collect();
    Ok(Answer { tables, as_of })
}

/// The year's tables; none where it is not over.
fn sums(quarters: &[Vec<FigureTable>]) -> Vec<FigureTable> {
    let [first, second, third, fourth] = quarters else { return Vec::new() };
    let others = second.iter().zip(third).zip(fourth);
    let sum = |(table, ((second, third), fourth)): (&FigureTable, _)| {
        let (second, third, fourth): (&FigureTable, &FigureTable, &FigureTable) =
            (second, third, fourth);
        let of = [table, second, third, fourth].map(|of| of.published.clone());
        FigureTable { published: Published::year(&of), ..table.clone() }
    };
    first.iter().zip(others).map(sum).collect()
}

fn message(
    asked: &Asked,
    quarter: u8,
    table: &FigureTable,
    layout: &FigureLayout,
) -> proto::IndicatorTable {
    let universe = table.universe;
    let regions = std::iter::once(None).chain(table.regions.iter().copied().map(Some));
    let wanted = |region: &Option<u32>| {
        region.is_none() || asked.region.is_none() || *region == asked.region
    };
    let rows = regions.zip(&table.published.rows).filter(|(region, _)| wanted(region));
    let cell = |count: &Option<u64>| proto::IndicatorCell { count: *count };
    proto::IndicatorTable {
        year: asked.year.into(),
        quarter: quarter.into(),
        universe: universe.code.to_owned(),
        words: Some(words(universe.bg, universe.en)),
        columns: table.columns.iter().map(|of| column(universe, *of, layout)).collect(),
        rows: rows
            .map(|(region, cells)| proto::IndicatorRow {
                region,
                cells: cells.iter().map(cell).collect(),
            })
            .collect(),
        withheld: table.published.withheld.iter().map(|what| why(universe, *what)).collect(),
    }
}

fn column(
    universe: &Universe,
    (place, number): Column,
    layout: &FigureLayout,
) -> proto::IndicatorColumn {
    let breakdown = usize::from(place).checked_sub(1).and_then(|at| universe.breakdowns.get(at));
    let Some(breakdown) = breakdown else {
        return proto::IndicatorColumn {
            words: Some(words("общо", "total")),
            ..Default::default()
        };
    };
    let (category, of_category) = match breakdown.categories {
        Categories::These(these) => {
            let found = these.iter().find(|category| category.number == number);
            found.map_or_else(Default::default, |category| {
                (category.code.to_owned(), words(category.bg, category.en))
            })
        }
        Categories::ClockRules => {
            let found = layout.clock(number);
            let words = found.map_or_else(Default::default, |of| words(&of.bg, &of.en));
            (number.to_string(), words)
        }
    };
    proto::IndicatorColumn {
        breakdown: breakdown.code.to_owned(),
        breakdown_words: Some(words(breakdown.bg, breakdown.en)),
        category,
        words: Some(of_category),
    }
}

/// What is withheld whole, and why.
fn why(universe: &Universe, what: Withheld) -> proto::Words {
    let of = |at: usize| universe.breakdowns.get(at).map_or(("", ""), |of| (of.bg, of.en));
    match what {
        Withheld::Universe => words(
            "всичко: случаите са твърде малко, за да не сочат никого",
            "all of it: there are too few to name nobody",
        ),
        Withheld::Regions => words(
            "по области: случаите са твърде малко, за да не сочат никого",
            "by region: there are too few to name nobody",
        ),
        Withheld::Breakdown(at) => words(
            &format!("{}: случаите са твърде малко, за да не сочат никого", of(at).0),
            &format!("{}: there are too few to name nobody", of(at).1),
        ),
        Withheld::RegionsOf(at) => words(
            &format!("{} в областите: случаите са твърде малко, за да не сочат никого", of(at).0),
            &format!("{} within regions: there are too few to name nobody", of(at).1),
        ),
    }
}

fn words(bg: &str, en: &str) -> proto::Words {
    proto::Words { bg: bg.to_owned(), en: en.to_owned() }
}
