//! A report on paper: one page that needs nothing else, without scripts.

use letopis_words::Lang;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::document::{Document, Entry, Part, Row};
use super::text::{counted, more};

/// How it looks, on a screen and on A4.
const STYLE: &str = include_str!("report.css");

pub(in crate::cmd) fn of(document: &Document, lang: Lang) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(lang.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                title { (document.title) }
                // The one text here that is no data.
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    @if !document.warning.is_empty() { p.warning { (document.warning) } }
                    h1 { (document.title) }
                    (rows(&document.facts))
                }
                (contents(document, lang))
                @for (number, part) in (1..).zip(&document.parts) { (of_part(number, part, lang)) }
                footer { p { (document.closing) } }
            }
        }
    };
    page.into_string() + "\n"
}

fn contents(document: &Document, lang: Lang) -> Markup {
    html! {
        nav {
            table {
                @for (number, part) in (1..).zip(&document.parts) {
                    tr.none[part.count == Some(0)] {
                        td.number { (number) "." }
                        td { a href={ "#part-" (number) } { (part.title) } }
                        td.count { (counted(part, lang).unwrap_or_default()) }
                    }
                }
            }
        }
    }
}

fn of_part(number: usize, part: &Part, lang: Lang) -> Markup {
    html! {
        section id={ "part-" (number) } {
            h2 {
                (number) ". " (part.title)
                @if let Some(count) = counted(part, lang) { " " span.count { (count) } }
            }
            p.lead { (part.lead) }
            @if !part.table.is_empty() { div.counts { (rows(&part.table)) } }
            @for (at, entry) in (1..).zip(&part.entries) { (of_entry(number, at, entry)) }
            @if let Some(more) = more(part, lang) { p.more { (more) } }
        }
    }
}

fn of_entry(number: usize, at: usize, entry: &Entry) -> Markup {
    html! {
        article.urgent[entry.urgent] {
            h3 { span.number { (number) "." (at) } " " (entry.head) }
            (rows(&entry.rows))
        }
    }
}

fn rows(rows: &[Row]) -> Markup {
    html! {
        dl {
            @for (name, said) in rows { dt { (name) } dd { (said) } }
        }
    }
}
