//! What the program costs beside what others take for the same work, in one run on one machine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod boot;
mod costs;
mod machine;
mod plot;
mod status;
#[allow(dead_code, unused_imports, reason = "the suite uses more of it")]
#[path = "../../tests/suite/support/mod.rs"]
mod support;
mod table;
mod tools;
mod verbs;

use std::fs;

use table::Table;
use tools::Tools;

fn main() {
    let tools = Tools::build();
    let mut page = format!("# Measured\n\n{}\n", machine::describe());
    let mut add = |title: &str, note: &str, table: &Table| {
        let text = format!("\n## {title}\n\n{note}\n\n{table}");
        print!("{text}");
        page.push_str(&text);
    };
    let boots = boot::measure(&tools);
    add("Boot", boot::NOTE, &boot::table(&boots));
    add("Status", status::NOTE, &status::measure(&tools));
    add("Verbs", verbs::NOTE, &verbs::measure(&tools));
    add("Costs", costs::NOTE, &costs::measure(&boots));
    page.push_str("\n![Boot reconciliation by number of profiles](bench.svg)\n");
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/docs");
    fs::create_dir_all(docs).unwrap();
    fs::write(format!("{docs}/bench.md"), page).unwrap();
    fs::write(format!("{docs}/bench.svg"), plot::svg(&boots)).unwrap();
}
