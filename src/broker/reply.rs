//! What the broker answers: one line of JSON.

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::error::{Fault, advice_of, exit_of};
use crate::exit::Exit;

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Reply {
    /// As wanted.
    Done,
    /// Registered, down for good: the default gateway serves the profile.
    ServedByDefault,
    /// As wanted, and the gateway had to be killed.
    Killed,
    /// There was nothing to do.
    Absent,
    /// It could not be done.
    Failed {
        /// Why.
        cause: String,
        /// What helps.
        advice: Option<String>,
        /// The exit code that it stands for.
        exit: u8,
    },
}

impl Reply {
    /// What `result` is to who asked.
    #[must_use]
    pub fn of(result: Result<Self>) -> Self {
        result.unwrap_or_else(|error| Self::Failed {
            cause: format!("{error:#}"),
            advice: advice_of(&error).map(str::to_owned),
            exit: exit_of(&error) as u8,
        })
    }

    /// Itself, or the error that it tells of.
    ///
    /// # Errors
    /// When the request failed.
    pub fn into_result(self) -> Result<Self> {
        let Self::Failed { cause, advice, exit } = self else { return Ok(self) };
        let fault = match exit {
            code if code == Exit::No as u8 => Fault::no(cause),
            code if code == Exit::NoSuch as u8 => Fault::no_such(cause),
            _ => Fault::failed(cause),
        };
        Err(match advice {
            Some(advice) => fault.advise(advice),
            None => fault,
        }
        .into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_keeps_cause_advice_and_exit_code() {
        let error = Fault::no_such("profile x: there is none").advise("create it").into();
        let text = serde_json::to_string(&Reply::of(Err(error))).unwrap();
        let back = serde_json::from_str::<Reply>(&text).unwrap().into_result().unwrap_err();
        assert_eq!(back.to_string(), "profile x: there is none");
        assert_eq!((exit_of(&back), advice_of(&back)), (Exit::NoSuch, Some("create it")));
    }

    #[test]
    fn success_comes_back_as_it_was() {
        for reply in [Reply::Done, Reply::ServedByDefault, Reply::Killed, Reply::Absent] {
            let text = serde_json::to_string(&Reply::of(Ok(reply.clone()))).unwrap();
            assert_eq!(serde_json::from_str::<Reply>(&text).unwrap().into_result().unwrap(), reply);
        }
    }
}
