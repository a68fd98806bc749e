//! From tokens to commands.

use super::command::{Command, Next, Word};
use super::lexer::{Token, tokens};

/// Keywords that a command may follow.
const OPENING: [&str; 10] = ["if", "then", "elif", "else", "while", "until", "for", "do", "{", "!"];
/// Keywords that end a compound command.
const CLOSING: [&str; 4] = ["fi", "done", "esac", "}"];

/// The commands of `text` in the order in which they are written, those of command substitutions left out. Never
/// fails: what sh would refuse gives some commands or other.
pub(in crate::lint) fn parse(text: &str, line: u32) -> Vec<Command> {
    let mut parser = Parser { tokens: tokens(text, line), ..Parser::default() };
    parser.run();
    parser.commands
}

#[derive(Default)]
struct Parser {
    tokens: Vec<(Token, u32)>,
    at: usize,
    commands: Vec<Command>,
    blocks: Vec<Block>,
    current: Command,
    /// What the next command is the first one for.
    patterns: Vec<String>,
}

/// A compound command that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Block {
    /// Its condition is being read, which begins with this command.
    If(usize),
    Then(usize),
    Other,
    /// A `case`, whose next words are patterns.
    Patterns,
    /// A `case`, in a branch.
    Branch,
    Parentheses,
}

impl Parser {
    fn run(&mut self) {
        while let Some((token, line)) = self.tokens.get(self.at).cloned() {
            self.at += 1;
            match token {
                Token::Word(word) => self.word(word),
                Token::Redirection(operator) => {
                    if let Some((Token::Word(target), _)) = self.tokens.get(self.at).cloned() {
                        self.at += 1;
                        self.begin(line);
                        self.current.redirections.push((operator, target));
                    }
                }
                Token::Newline | Token::Operator(";") => self.end(Next::Sequence),
                Token::Operator("&") => self.end(Next::Background),
                Token::Operator("|") => self.end(Next::Pipe),
                Token::Operator("&&" | "||") => self.end(Next::Logic),
                Token::Operator(";;") => {
                    self.end(Next::Sequence);
                    self.replace_top(Block::Branch, Block::Patterns);
                    self.patterns.clear();
                }
                Token::Operator("(") => self.open_parenthesis(),
                Token::Operator(_) => self.close_parenthesis(line),
            }
        }
        self.end(Next::Sequence);
    }

    fn begin(&mut self, line: u32) {
        if self.current.line == 0 {
            self.current.line = line;
        }
    }

    fn is_at_start(&self) -> bool {
        self.current.words.is_empty()
    }

    fn word(&mut self, word: Word) {
        if self.blocks.last() == Some(&Block::Patterns) {
            if word.text == "esac" {
                self.blocks.pop();
                self.close("esac", word.line);
            } else {
                self.patterns.push(word.text);
            }
            return;
        }
        let bare = !word.quoted && word.is_literal();
        if self.is_at_start() && bare {
            if let Some(keyword) = OPENING.into_iter().find(|keyword| *keyword == word.text) {
                return self.open(keyword, word.line);
            }
            if let Some(keyword) = CLOSING.into_iter().find(|keyword| *keyword == word.text) {
                self.blocks.pop();
                return self.close(keyword, word.line);
            }
            if word.text == "case" {
                return self.case(word.line);
            }
        }
        self.begin(word.line);
        self.current.words.push(word);
    }

    fn open(&mut self, keyword: &'static str, line: u32) {
        let next = self.commands.len();
        match keyword {
            "if" => self.blocks.push(Block::If(next)),
            "elif" => {
                self.blocks.pop();
                self.blocks.push(Block::If(next));
            }
            "then" => {
                if let Some(Block::If(condition)) = self.blocks.last().copied() {
                    self.blocks.pop();
                    self.blocks.push(Block::Then(condition));
                }
            }
            "else" => {
                self.blocks.pop();
                self.blocks.push(Block::Other);
            }
            "while" | "until" | "for" | "{" => self.blocks.push(Block::Other),
            _ => {}
        }
        if keyword != "do" && keyword != "then" {
            self.begin(line);
        }
        if self.current.keyword.is_none() {
            self.current.keyword = Some(keyword);
        }
    }

    /// Records that a compound command ends here.
    fn close(&mut self, keyword: &'static str, line: u32) {
        self.end(Next::Sequence);
        self.begin(line);
        self.current.keyword = Some(keyword);
    }

    /// `case WORD in`.
    fn case(&mut self, line: u32) {
        self.begin(line);
        self.current.keyword = Some("case");
        while let Some((token, _)) = self.tokens.get(self.at).cloned() {
            self.at += 1;
            match token {
                Token::Word(word) if word.text == "in" => break,
                Token::Word(word) => self.current.words.push(word),
                _ => {}
            }
        }
        self.end(Next::Sequence);
        self.blocks.push(Block::Patterns);
    }

    fn open_parenthesis(&mut self) {
        if self.blocks.last() == Some(&Block::Patterns) {
            return;
        }
        let is_function = matches!(self.tokens.get(self.at), Some((Token::Operator(")"), _))) && !self.is_at_start();
        if is_function {
            self.at += 1;
            self.current = Command::default();
        } else {
            self.end(Next::Sequence);
            self.blocks.push(Block::Parentheses);
        }
    }

    fn close_parenthesis(&mut self, line: u32) {
        if self.blocks.last() == Some(&Block::Patterns) {
            self.replace_top(Block::Patterns, Block::Branch);
        } else if self.blocks.last() == Some(&Block::Parentheses) {
            self.end(Next::Sequence);
            self.blocks.pop();
            self.close(")", line);
        }
    }

    fn replace_top(&mut self, old: Block, new: Block) {
        if let Some(top) = self.blocks.last_mut().filter(|top| **top == old) {
            *top = new;
        }
    }

    fn end(&mut self, next: Next) {
        let mut command = std::mem::take(&mut self.current);
        // A keyword alone on its line belongs to what follows.
        let waits = command.keyword.is_some_and(|keyword| OPENING.contains(&keyword));
        if command.words.is_empty() && command.redirections.is_empty() && (waits || command.keyword.is_none()) {
            if waits {
                self.current.keyword = command.keyword;
            }
            return;
        }
        command.next = next;
        command.patterns = std::mem::take(&mut self.patterns);
        command.depth = self.blocks.len();
        let then = |block: &Block| if let Block::Then(condition) = block { Some(*condition) } else { None };
        command.conditions = self.blocks.iter().filter_map(then).collect();
        self.commands.push(command);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let one = |command: &Command| {
            let words: Vec<_> = command.words.iter().map(|word| word.text.as_str()).collect();
            format!("{}:{}:{}:{}", command.line, command.depth, command.keyword.unwrap_or("-"), words.join("|"))
        };
        parse(text, 1).iter().map(one).collect()
    }

    #[test]
    fn compound_commands_are_told_from_simple_ones() {
        let text = "exec 2>&1\nif [ \"$(/usr/bin/id -u)\" -eq 0 ]; then\n  set -- a 'b c' \"$@\"\nfi\nexec \"$@\"\n";
        let expected = [
            "1:0:-:exec",
            "2:1:if:[|$(/usr/bin/id -u)|-eq|0|]",
            "3:1:then:set|--|a|b c|$@",
            "4:0:fi:",
            "5:0:-:exec|$@",
        ];
        assert_eq!(shown(text), expected);
        assert_eq!(parse(text, 1)[2].conditions, [1]);
    }

    #[test]
    fn case_functions_loops_and_here_documents() {
        let text = "case $1 in\n78) exit 125 ;;\n0 | (1)\n x ;;\nesac\nf() { y; }\nwhile read -r a; do z; done\n\
            cat <<-E\n\tno command\n\tE\nlast # a comment; not a command\n";
        let expected = [
            "1:0:case:$1",
            "2:1:-:exit|125",
            "4:1:-:x",
            "5:0:esac:",
            "6:1:{:y",
            "6:0:}:",
            "7:1:while:read|-r|a",
            "7:1:do:z",
            "7:0:done:",
            "8:0:-:cat",
            "11:0:-:last",
        ];
        assert_eq!(shown(text), expected);
    }

    #[test]
    fn quotes_are_seen_and_removed() {
        let commands = parse("x \"$a\" $b 'c'\\''d' ${e:-\"}\"} \"`f`\" a\\\nb", 1);
        let words = &commands[0].words;
        let quoted: Vec<_> = words.iter().flat_map(|word| &word.expansions).map(|found| found.quoted).collect();
        assert_eq!(quoted, [true, false, false, true]);
        assert_eq!(words[3].text, "c'd");
        assert_eq!(words[5].expansions[0].commands, Some(("f".to_owned(), 1)));
        assert_eq!(words[6].text, "ab");
    }

    proptest! {
        #[test]
        fn any_text_comes_to_an_end(text in "([ \n'\"\\\\$(){};&|<>`#=]|if|fi|case|in|esac|do|done|EOF|\\PC)*") {
            let lines = u32::try_from(text.lines().count()).unwrap() + 1;
            prop_assert!(parse(&text, 1).iter().all(|command| (1..=lines).contains(&command.line)));
        }
    }
}
