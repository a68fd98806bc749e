//! Standard output for bytes that a gateway wrote.

use std::io::{IsTerminal, Result, StdoutLock, Write};

use crate::output::readable;

/// To a file or pipe the bytes go as they are; a terminal is not the gateway's to command.
#[derive(Debug)]
pub struct Sink {
    out: StdoutLock<'static>,
    /// For a terminal, the line that is not complete yet.
    line: Option<Vec<u8>>,
}

impl Sink {
    /// Standard output.
    #[must_use]
    pub fn new() -> Self {
        let out = std::io::stdout().lock();
        let line = out.is_terminal().then(Vec::new);
        Self { out, line }
    }
}

impl Default for Sink {
    fn default() -> Self {
        Self::new()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let Some(line) = &mut self.line else {
            return self.out.write(bytes);
        };
        line.extend_from_slice(bytes);
        if let Some(end) = line.iter().rposition(|byte| *byte == b'\n') {
            let rest = line.split_off(end + 1);
            self.out.write_all(readable(&std::mem::replace(line, rest)).as_bytes())?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        self.out.flush()
    }
}
