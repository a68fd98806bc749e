//! What was wrong after one fault.

use std::fmt;

use super::injector::Fault;
use super::support::Answer;

/// One point and all that was wrong with it.
pub(crate) struct Findings {
    pub(crate) scenario: &'static str,
    pub(crate) call: usize,
    pub(crate) fault: Fault,
    /// The call, with what it was on.
    pub(crate) line: String,
    /// Whether the run came that far.
    pub(crate) struck: bool,
    pub(crate) answer: Answer,
    pub(crate) wrong: Vec<String>,
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(f, "{}: call {} {}: {}", self.scenario, self.call, self.fault, self.line)?;
        for wrong in &self.wrong {
            writeln!(f, "    {wrong}")?;
        }
        write!(f, "    exit {}; {:?} {:?}", self.answer.code, self.answer.out, self.answer.err)
    }
}
