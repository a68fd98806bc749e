//! From text to words and operators.

use super::command::{Expansion, Word};

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Word(Word),
    /// A control operator.
    Operator(&'static str),
    /// A redirection; its target is the next word.
    Redirection(String),
    Newline,
}

/// Longest first.
const OPERATORS: [&str; 9] = [";;", "&&", "||", ";", "&", "|", "(", ")", "\n"];
const REDIRECTIONS: [&str; 10] = ["<<-", "&>>", "<<", ">>", "<&", ">&", "<>", ">|", "<", ">"];

/// Cuts `text` into tokens, each with its line; the first line is number `line`.
pub(super) fn tokens(text: &str, line: u32) -> Vec<(Token, u32)> {
    Lexer { chars: text.chars().collect(), at: 0, line, here: Vec::new() }.run()
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    line: u32,
    /// The ends of the here-documents that begin after this line.
    here: Vec<String>,
}

impl Lexer {
    fn run(mut self) -> Vec<(Token, u32)> {
        let mut tokens: Vec<(Token, u32)> = Vec::new();
        while let Some(char) = self.peek(0) {
            let line = self.line;
            if char == '\\' && self.peek(1) == Some('\n') {
                self.skip(2);
            } else if char == ' ' || char == '\t' || char == '\r' {
                self.skip(1);
            } else if char == '#' {
                while self.peek(0).is_some_and(|char| char != '\n') {
                    self.skip(1);
                }
            } else if let Some(redirection) = self.redirection() {
                tokens.push((Token::Redirection(redirection), line));
            } else if let Some(operator) = OPERATORS.into_iter().find(|operator| self.looking_at(operator)) {
                self.skip(operator.len());
                let token = if operator == "\n" { Token::Newline } else { Token::Operator(operator) };
                tokens.push((token, line));
                if operator == "\n" {
                    self.skip_here_documents();
                }
            } else {
                let word = self.word();
                if let Some((Token::Redirection(operator), _)) = tokens.last()
                    && operator.contains("<<")
                {
                    self.here.push(word.text.clone());
                }
                tokens.push((Token::Word(word), line));
            }
        }
        tokens
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn skip(&mut self, count: usize) {
        for _ in 0..count {
            if self.peek(0) == Some('\n') {
                self.line += 1;
            }
            self.at += 1;
        }
    }

    fn looking_at(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(index, char)| self.peek(index) == Some(char))
    }

    /// An operator such as `2>`, where one begins here.
    fn redirection(&mut self) -> Option<String> {
        let start = self.at;
        let mut number = String::new();
        let mut ahead = 0;
        while let Some(digit) = self.peek(ahead).filter(char::is_ascii_digit) {
            number.push(digit);
            ahead += 1;
        }
        self.at += ahead;
        let found = REDIRECTIONS.into_iter().find(|operator| self.looking_at(operator));
        let found = found.or_else(|| self.looking_at("&>").then_some("&>"));
        if let Some(operator) = found {
            self.skip(operator.len());
            return Some(number + operator);
        }
        self.at = start;
        None
    }

    fn skip_here_documents(&mut self) {
        for end in std::mem::take(&mut self.here) {
            while self.peek(0).is_some() {
                let mut text = String::new();
                while let Some(char) = self.peek(0).filter(|char| *char != '\n') {
                    text.push(char);
                    self.skip(1);
                }
                self.skip(1);
                if text.trim_start_matches('\t') == end {
                    break;
                }
            }
        }
    }

    fn word(&mut self) -> Word {
        let mut word = Word { line: self.line, ..Word::default() };
        while let Some(char) = self.peek(0) {
            match char {
                ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' => break,
                '\\' => {
                    self.skip(1);
                    word.quoted = true;
                    if self.peek(0) == Some('\n') {
                        self.skip(1);
                    } else {
                        self.take(&mut word.text);
                    }
                }
                '\'' => {
                    word.quoted = true;
                    self.skip(1);
                    while self.peek(0).is_some_and(|char| char != '\'') {
                        self.take(&mut word.text);
                    }
                    self.skip(1);
                }
                '"' => {
                    word.quoted = true;
                    self.skip(1);
                    while self.peek(0).is_some_and(|char| char != '"') {
                        if self.peek(0) == Some('\\') && self.peek(1).is_some_and(|char| "\"\\$`\n".contains(char)) {
                            self.skip(1);
                            self.take(&mut word.text);
                        } else if !self.expansion(&mut word, true) {
                            self.take(&mut word.text);
                        }
                    }
                    self.skip(1);
                }
                _ if self.expansion(&mut word, false) => {}
                _ => self.take(&mut word.text),
            }
        }
        word
    }

    fn take(&mut self, into: &mut String) {
        into.extend(self.peek(0));
        self.skip(1);
    }

    /// Takes an expansion into `word` where one begins here.
    fn expansion(&mut self, word: &mut Word, quoted: bool) -> bool {
        let (start, line) = (self.at, self.line);
        let mut commands = None;
        match (self.peek(0), self.peek(1)) {
            (Some('`'), _) => {
                self.skip(1);
                while self.peek(0).is_some_and(|char| char != '`') {
                    let escaped = self.peek(0) == Some('\\');
                    self.skip(if escaped { 2 } else { 1 });
                }
                commands = Some((self.text(start + 1), line));
                self.skip(1);
            }
            (Some('$'), Some('(')) => {
                self.skip(2);
                self.skip_to(')');
                let inner = self.text(start + 2);
                // Arithmetic has no commands.
                commands = (!inner.starts_with('(')).then_some((inner, line));
                self.skip(1);
            }
            (Some('$'), Some('{')) => {
                self.skip(2);
                self.skip_to('}');
                self.skip(1);
            }
            (Some('$'), Some(char)) if char.is_ascii_alphabetic() || char == '_' => {
                self.skip(1);
                while self.peek(0).is_some_and(|char| char.is_ascii_alphanumeric() || char == '_') {
                    self.skip(1);
                }
            }
            (Some('$'), Some(char)) if char.is_ascii_digit() || "@*#?-$!".contains(char) => self.skip(2),
            _ => return false,
        }
        let text = self.text(start);
        word.text.push_str(&text);
        word.expansions.push(Expansion { text, commands, quoted });
        true
    }

    fn text(&self, start: usize) -> String {
        self.chars[start.min(self.chars.len())..self.at.min(self.chars.len())].iter().collect()
    }

    /// Goes to the `end` that belongs to what was opened before, over quotes and what is opened in between.
    fn skip_to(&mut self, end: char) {
        let open = if end == ')' { '(' } else { '{' };
        let mut depth = 0_usize;
        let mut quote = None;
        while let Some(char) = self.peek(0) {
            match (quote, char) {
                (Some('\''), '\'') | (Some('"'), '"') => quote = None,
                (None, '\'' | '"') => quote = Some(char),
                (Some('"') | None, '\\') => self.skip(1),
                (None, _) if char == open => depth += 1,
                (None, _) if char == end && depth == 0 => return,
                (None, _) if char == end => depth -= 1,
                _ => {}
            }
            self.skip(1);
        }
    }
}
