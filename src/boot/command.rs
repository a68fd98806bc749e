//! The command that the container was started with.

use std::os::unix::fs::MetadataExt;

use camino::Utf8Path;

/// The image's wrapper around commands; what follows it is the command.
const WRAPPER: &str = "main-wrapper.sh";
/// How many processes are looked at; at boot there are a dozen.
const PROCESSES: usize = 4096;

/// The container's command, by the process file system at `proc`; none when no process tells.
///
/// In s6-overlay v2 PID 1 has it among its arguments; in v3 `rc.init` does, which PID 1 started. Anybody may name a
/// process of their own so, hence only processes of PID 1's user count. A process that has gone, or may not be looked
/// at, is none.
#[must_use]
pub fn container_command(proc: &Utf8Path) -> Option<Vec<String>> {
    let first = proc.join("1");
    let owner = std::fs::metadata(&first).ok()?.uid();
    let mut pids: Vec<u32> = proc
        .read_dir_utf8()
        .ok()?
        .flatten()
        .filter_map(|entry| entry.file_name().parse().ok())
        .filter(|pid| *pid != 1)
        .collect();
    pids.sort_unstable();
    command_of(&arguments(&first)?).or_else(|| {
        pids.into_iter().take(PROCESSES).find_map(|pid| {
            let directory = proc.join(pid.to_string());
            let is_owners = std::fs::metadata(&directory).is_ok_and(|found| found.uid() == owner);
            let arguments = arguments(&directory).filter(|_| is_owners)?;
            command_of(&arguments).filter(|_| arguments.iter().any(|argument| is(argument, "rc.init")))
        })
    })
}

/// The arguments of the process whose directory is `process`.
fn arguments(process: &Utf8Path) -> Option<Vec<String>> {
    let line = std::fs::read(process.join("cmdline")).ok()?;
    let line = line.strip_suffix(b"\0").unwrap_or(&line);
    Some(line.split(|byte| *byte == 0).map(|argument| String::from_utf8_lossy(argument).into_owned()).collect())
}

/// What of a launcher's arguments is the command: what follows the wrapper, or else what rc.init runs (`rc.init top
/// COMMAND`), or init does (`/init COMMAND`).
fn command_of(arguments: &[String]) -> Option<Vec<String>> {
    let after = |index: usize| arguments.get(index + 1..).map(<[String]>::to_vec);
    if let Some(wrapper) = arguments.iter().position(|argument| is(argument, WRAPPER)) {
        return after(wrapper);
    }
    if let Some(script) = arguments.iter().position(|argument| is(argument, "rc.init")) {
        return after(script + 1);
    }
    arguments.first().filter(|first| is(first, "init")).and_then(|_| after(0))
}

/// Whether `argument` is `name`, or a path that ends in it.
pub(super) fn is(argument: &str, name: &str) -> bool {
    argument.rsplit('/').next() == Some(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A process file system of `processes`.
    fn proc(processes: &[(&str, &str)]) -> tempfile::TempDir {
        let proc = tempfile::tempdir().unwrap();
        for (pid, line) in processes {
            std::fs::create_dir(proc.path().join(pid)).unwrap();
            std::fs::write(proc.path().join(pid).join("cmdline"), line.replace(' ', "\0") + "\0").unwrap();
        }
        proc
    }

    fn command(processes: &[(&str, &str)]) -> Option<String> {
        let proc = proc(processes);
        container_command(Utf8Path::from_path(proc.path()).unwrap()).map(|command| command.join(" "))
    }

    const SVSCAN: &str = "/package/admin/s6/command/s6-svscan -d4 -- /run/service";
    const RC_INIT: &str = "/bin/sh -e /run/s6/basedir/scripts/rc.init top";

    #[test]
    fn both_layouts_of_s6_overlay_tell() {
        let v2 = [("1", "/init /opt/hermes/docker/main-wrapper.sh gateway run"), ("7", "sh")];
        assert_eq!(command(&v2).unwrap(), "gateway run");
        let rc_init = format!("{RC_INIT} /opt/hermes/docker/main-wrapper.sh dashboard --host 0.0.0.0");
        assert_eq!(command(&[("1", SVSCAN), ("17", &rc_init)]).unwrap(), "dashboard --host 0.0.0.0");
        let bare = format!("{RC_INIT} hermes gateway run");
        assert_eq!(command(&[("1", SVSCAN), ("17", &bare)]).unwrap(), "hermes gateway run");
        let none = format!("{RC_INIT} /opt/hermes/docker/main-wrapper.sh");
        assert_eq!(command(&[("1", SVSCAN), ("17", &none)]).unwrap(), "");
        assert_eq!(command(&[("1", "/sbin/init sleep infinity")]).unwrap(), "sleep infinity");
    }

    #[test]
    fn other_processes_do_not() {
        let others = [("1", SVSCAN), ("20", "vi /opt/hermes/docker/main-wrapper.sh dashboard"), ("21", "sleep 9")];
        assert_eq!(command(&others), None);
        assert_eq!(command(&[("7", "x")]), None);
        assert_eq!(command(&[("1", "my-main-wrapper.sh.bak dashboard")]), None);
    }

    #[test]
    fn what_vanishes_or_may_not_be_read_is_passed_over() {
        let rc_init = format!("{RC_INIT} /w/main-wrapper.sh gateway");
        let proc = proc(&[("1", SVSCAN), ("30", &rc_init)]);
        // No cmdline, one that is a directory, and names that are no process.
        for path in ["5", "6/cmdline", "self", "sys/kernel"] {
            std::fs::create_dir_all(proc.path().join(path)).unwrap();
        }
        std::os::unix::fs::symlink("gone", proc.path().join("8")).unwrap();
        assert_eq!(container_command(Utf8Path::from_path(proc.path()).unwrap()).unwrap(), ["gateway"]);
        assert_eq!(container_command(Utf8Path::new("/nonexistent")), None);
    }

    fn with_line(line: &[u8]) -> Option<Vec<String>> {
        let proc = proc(&[("1", "")]);
        std::fs::write(proc.path().join("1/cmdline"), line).unwrap();
        container_command(Utf8Path::from_path(proc.path()).unwrap())
    }

    proptest! {
        #[test]
        fn the_command_is_what_follows_the_wrapper(words in prop::collection::vec("[^\0]{0,12}", 1..6)) {
            let line = format!("/init\0/opt/main-wrapper.sh\0{}\0", words.join("\0"));
            prop_assert_eq!(with_line(line.as_bytes()), Some(words));
        }

        #[test]
        fn any_line_has_a_command_or_none(line in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = with_line(&line);
        }
    }
}
