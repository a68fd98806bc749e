//! As much of sh as it takes to tell what a run script does: its simple commands, their words, and what quotes keep.

mod command;
mod lexer;
mod parser;

pub(super) use command::{Command, Expansion, Next, Word};
pub(super) use parser::parse;
