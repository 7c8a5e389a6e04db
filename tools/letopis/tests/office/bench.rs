//! The bench measures what it says, on very little of each.

use serde_json::Value;

use super::letopis;

/// A history of one event.
const HISTORY: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<log><trace><string key="concept:name" value="измислен случай"/><event>
<string key="concept:name" value="Посещение"/>
<date key="time:timestamp" value="2011-03-01T09:30:00.000+01:00"/>
</event></trace></log>"#;

fn bench(file: &str, more: &[&str]) -> Value {
    let little =
        ["--rounds", "1", "--calls", "9", "--in-flight", "6", "--appends", "40", "--cases", "20"];
    let args = [&["bench", "--json", "--file", file][..], &little, more].concat();
    serde_json::from_str(&letopis(&args).good()).unwrap()
}

#[test]
fn the_bench_reads_and_records_under_the_policy() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("history.xes");
    std::fs::write(&file, HISTORY).unwrap();
    let file = file.to_str().unwrap();

    let all = bench(file, &["--connections", "2"]);
    for name in [
        "import_per_second",
        "verify_per_second",
        "fdatasync_us",
        "get_sections_alone_us",
        "get_sections_per_second",
        "append_without_policy",
        "append_with_policy",
        "append_without_procedure",
        "append_with_procedure",
        "get_case_p99_us",
        "list_clocks_p99_us",
        "as_known_at_us",
        "trace_us",
        "rebuilt_s",
        "indicators_us",
    ] {
        assert!(all[name].as_f64().unwrap() > 0.0, "{name}: {all}");
    }
    // The genesis, three token keys, the event of the history.
    assert_eq!(all["events"], 5.0);

    let some = bench(file, &["--only", "append"]);
    assert!(some["append_with_policy"].is_number(), "{some}");
    assert!(some.get("events").is_none() && some.get("fdatasync_us").is_none(), "{some}");
}
