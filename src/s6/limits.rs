//! How many services an s6-svscan takes. One too many takes the others down with it: since s6 2.12 the whole scan
//! is given up, so nothing new starts and nothing is reaped.

/// The options that s6-svscan was started with, as far as they bound it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// The most services, loggers counted (`-C`; since 2.12).
    pub services: Option<usize>,
    /// The most service directories, a logger counted with its service (`-c`; the only one before 2.12).
    pub directories: Option<usize>,
}

/// What a scan directory holds, or would hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Service directories.
    pub directories: usize,
    /// How many of them have a logger.
    pub loggers: usize,
}

impl Capacity {
    /// Reads s6-svscan's arguments, the program's name not among them.
    #[must_use]
    pub fn from_args<'a>(args: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut capacity = Self { services: None, directories: None };
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            let Some(mut letters) = arg.strip_prefix(b"-").filter(|rest| !rest.is_empty() && rest != b"-") else {
                break;
            };
            while let [letter, rest @ ..] = letters {
                letters = rest;
                if b"cCLtdX".contains(letter) {
                    let value = if rest.is_empty() { args.next().unwrap_or_default() } else { rest };
                    let number = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
                    match letter {
                        b'c' => capacity.directories = number,
                        b'C' => capacity.services = number,
                        _ => {}
                    }
                    break;
                }
            }
        }
        capacity
    }

    /// How many of `wanted` gateways, each a service directory with a logger, fit beside `load`. `modern` says whether
    /// s6-svscan is of 2.12 or later, and is asked only when it matters.
    ///
    /// # Errors
    /// Whatever `modern` returns.
    pub fn room<E>(self, load: Load, wanted: usize, modern: impl FnOnce() -> Result<bool, E>) -> Result<usize, E> {
        let services = load.directories + load.loggers;
        if let Some(most) = self.services {
            return Ok(wanted.min(most.saturating_sub(services) / 2));
        }
        // Before 2.12 -c counts directories, 500 when not given; since then it is half of what -C would be.
        let most = self.directories.unwrap_or(500);
        let room = wanted.min(most.saturating_mul(2).saturating_sub(services) / 2);
        let in_directories = most.saturating_sub(load.directories);
        Ok(if room <= in_directories || modern()? { room } else { in_directories })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn args(line: &str) -> Capacity {
        Capacity::from_args(line.split(' ').map(str::as_bytes))
    }

    fn room(capacity: Capacity, directories: usize, loggers: usize, modern: bool) -> usize {
        capacity.room(Load { directories, loggers }, 1000, || Ok::<_, ()>(modern)).unwrap()
    }

    #[test]
    fn options_are_read_as_getopt_does() {
        assert_eq!(args("-d4 -- /run/service"), Capacity { services: None, directories: None });
        assert_eq!(args("-d 4 -C 40 x"), Capacity { services: Some(40), directories: None });
        assert_eq!(args("-C40 -L20 x"), Capacity { services: Some(40), directories: None });
        assert_eq!(args("-t0 -c 7 x"), Capacity { services: None, directories: Some(7) });
        assert_eq!(args("-- -c 7"), Capacity { services: None, directories: None });
    }

    #[test]
    fn a_bare_s6_overlay_takes_498_gateways() {
        let capacity = args("-d4 -- /run/service");
        assert_eq!(room(capacity, 3, 0, true), 498);
        assert_eq!(room(capacity, 3 + 498, 498, true), 0);
    }

    #[test]
    fn before_2_12_a_logger_counts_with_its_service() {
        let capacity = args("/run/service");
        assert_eq!(room(capacity, 3, 0, false), 497);
        assert_eq!(room(args("-c 10 x"), 0, 0, false), 10);
        assert_eq!(room(args("-c 10 x"), 4, 0, false), 6);
        assert_eq!(room(args("-c 10 x"), 4, 0, true), 8);
        assert_eq!(room(args("-C 21 x"), 0, 0, true), 10);
        assert_eq!(room(args("-C 4 x"), 9, 0, true), 0);
        assert_eq!(room(args("-c 18446744073709551615 x"), 9, 0, true), 1000);
    }

    proptest! {
        #[test]
        fn any_command_line_is_read(
            args in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..12), 0..8),
            (directories, loggers, wanted) in (0..5000_usize, 0..5000_usize, 0..5000_usize),
            modern in any::<bool>(),
        ) {
            let capacity = Capacity::from_args(args.iter().map(Vec::as_slice));
            let load = Load { directories, loggers: loggers.min(directories) };
            let room = capacity.room(load, wanted, || Ok::<_, ()>(modern)).unwrap();
            prop_assert!(room <= wanted);
            if let Some(most) = capacity.services {
                prop_assert!(room == 0 || load.directories + load.loggers + 2 * room <= most);
            }
        }
    }
}
