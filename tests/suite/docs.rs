//! What the pages for people say: their commands are commands, and what they point to is there.

use std::fs;
use std::path::{Path, PathBuf};

use super::support::{Answer, Identity, Scratch};

/// Where paths in code spans begin that are this repository's.
const FOLDERS: [&str; 6] = ["src/", "tests/", "docs/", "docker/", "scripts/", "generated-examples/"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `README.md` and every page in `docs/`, with its text.
fn pages() -> Vec<(PathBuf, String)> {
    let entries = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = entries.filter(|path| path.extension().is_some_and(|name| name == "md")).collect();
    paths.sort();
    paths.insert(0, root().join("README.md"));
    let page = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        (path, text)
    };
    paths.into_iter().map(page).collect()
}

/// The lines of `text`, each with the language of the fenced block that it is in, if it is in one.
fn lines(text: &str) -> Vec<(Option<&str>, &str)> {
    let mut language = None;
    let mut lines = Vec::new();
    for line in text.lines() {
        match (line.trim_start().strip_prefix("```"), language) {
            (Some(_), Some(_)) => language = None,
            (Some(name), None) => language = Some(name),
            (None, _) => lines.push((language, line)),
        }
    }
    lines
}

/// The arguments in each line of a `sh` block that calls this program.
fn commands(text: &str) -> Vec<Vec<&str>> {
    let in_sh = lines(text).into_iter().filter(|(language, _)| *language == Some("sh"));
    let calls = in_sh.filter_map(|(_, line)| line.trim_start().strip_prefix("hermes-s6gen "));
    let without_remark = calls.map(|call| call.split_once(" #").map_or(call, |(words, _)| words));
    without_remark.map(|call| call.split_whitespace().collect()).collect()
}

/// Where the links and the code spans of a line outside of blocks lead, if that is into this repository. Links are
/// relative to the page, paths in code spans to the root.
fn targets(page: &Path, line: &str) -> Vec<PathBuf> {
    let folder = page.parent().unwrap();
    let links = line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link);
    let files = links.map(|link| link.split_once('#').map_or(link, |(file, _)| file));
    let own = files.filter(|file| !file.is_empty() && !file.contains("://")).map(|file| folder.join(file));
    let spans = line.split('`').skip(1).step_by(2);
    let paths = spans.filter(|span| FOLDERS.iter().any(|start| span.starts_with(start)) && !span.contains(['*', ' ']));
    own.chain(paths.map(|path| root().join(path))).collect()
}

#[test]
fn every_command_is_one() {
    for who in Identity::everybody("every_command_is_one") {
        let mut count = 0;
        for (page, text) in pages() {
            let commands = commands(&text);
            if commands.is_empty() {
                continue;
            }
            let scratch = Scratch::new(who);
            scratch.profiles(&["coder", "writer"]);
            let _svscan = scratch.svscan();
            for name in ["default", "coder", "writer"] {
                scratch.run(&["register", name]).ok();
            }
            for words in commands {
                // A directory that both root and the run user may write.
                let answer = Answer::of(scratch.command(&words).current_dir(scratch.path("record")));
                let refused = answer.err.lines().any(|line| line.starts_with("error: "));
                let done = [0, 1, 3, 4].contains(&answer.code);
                assert!(done && !refused, "{}: {words:?}: {answer:?}", page.display());
                count += 1;
            }
        }
        assert!(count > 20, "{count}");
    }
}

#[test]
fn every_path_leads_somewhere() {
    let mut count = 0;
    for (page, text) in pages() {
        for (_, line) in lines(&text).into_iter().filter(|(language, _)| language.is_none()) {
            for target in targets(&page, line) {
                assert!(target.exists(), "{}: {}: {line}", page.display(), target.display());
                count += 1;
            }
        }
    }
    assert!(count > 20, "{count}");
}
