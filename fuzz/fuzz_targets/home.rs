//! What the run user writes in a profile: state file, ledger, `.env`, `config.yaml`. Intent is recorded over all of it.

#![no_main]

use std::cell::OnceCell;

use camino::Utf8Path;
use hermes_s6gen::profile::{Home, Intent, Prior, ProfileName, STATE_FILE, dotenv, multiplexes, record, recorded};
use hermes_s6gen::user::Authority;
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

const FILES: [&str; 4] = [STATE_FILE, "state/gateway.lifecycle.json", ".env", "config.yaml"];

thread_local! {
    static SCRATCH: OnceCell<TempDir> = const { OnceCell::new() };
}

fuzz_target!(|bytes: &[u8]| {
    SCRATCH.with(|scratch| {
        let path = Utf8Path::from_path(scratch.get_or_init(|| tempfile::tempdir().unwrap()).path()).unwrap();
        std::fs::create_dir_all(path.join("state")).unwrap();
        let mut parts = bytes.splitn(FILES.len(), |byte| *byte == 0xff);
        for file in FILES {
            std::fs::write(path.join(file), parts.next().unwrap_or_default()).unwrap();
        }
        let home = Home::new(path, Authority::of_reader(path).unwrap());
        home.in_profile(&ProfileName::default_profile(), |directory| {
            let _ = (Prior::of(directory), multiplexes(directory, None), dotenv(directory, "API_SERVER_PORT"));
            for intent in [Intent::Stopped, Intent::Running] {
                record(directory, intent)?;
                assert_eq!(recorded(directory, "desired_state")?.as_deref(), Some(intent.as_str()));
                assert_eq!(Prior::of(directory)?.wants_running(), intent == Intent::Running);
            }
            Ok(())
        })
        .unwrap();
    });
});
