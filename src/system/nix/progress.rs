//! Decodes nix's machine-readable log (`--log-format internal-json`) into reports.
//!
//! Each line is `@nix {…}`: an activity starts, ends or has a result, or a message is
//! printed. Only what a person waits for is passed on: lines of logs, how far fetching and
//! building are ([`Tally`]), and when they begin. Error messages are kept apart, as they become
//! the error of the whole command. Lines that are not of this form come from programs that
//! nix starts (git, ssh) and are passed on as they are.
//!
//! Whatever a builder or a flake prints, what is kept of it has an end.

use serde::Deserialize;
use serde_json::Value;

use self::tally::Tally;
use crate::core::evaluation::PROMPTS;
use crate::core::package::package_name;
use crate::system::machine::{ProgressEvent, Step};

mod tally;

/// Kinds of activities, as nix numbers them.
mod activity {
    pub(super) const COPY_PATH: u64 = 100;
    pub(super) const FILE_TRANSFER: u64 = 101;
    pub(super) const COPY_PATHS: u64 = 103;
    pub(super) const BUILDS: u64 = 104;
    pub(super) const BUILD: u64 = 105;
    pub(super) const SUBSTITUTE: u64 = 108;
}

/// Kinds of results, as nix numbers them.
mod result {
    pub(super) const BUILD_LOG_LINE: u64 = 101;
    pub(super) const PROGRESS: u64 = 105;
    pub(super) const SET_EXPECTED: u64 = 106;
    pub(super) const POST_BUILD_LOG_LINE: u64 = 107;
}

/// The level of what nix prints without `-v`.
const LEVEL_SHOWN: u64 = 3;

/// As many lines that are not errors are kept for a command that fails without a word.
const OTHER_LINES: usize = 20;

/// As many errors of one command are kept.
const ERRORS: usize = 500;

/// Bytes of a line that are passed on, and of an error that are kept.
const LONGEST_TEXT: usize = 16 << 10;

/// One line of the log; what is not needed is not read.
#[derive(Deserialize)]
struct Line {
    action: String,
    #[serde(default)]
    id: u64,
    #[serde(default)]
    level: u64,
    #[serde(default, rename = "type")]
    kind: u64,
    #[serde(default)]
    text: String,
    #[serde(default)]
    fields: Vec<Value>,
    #[serde(default)]
    msg: String,
    raw_msg: Option<String>,
}

/// Follows one command's log.
#[derive(Default)]
pub(super) struct ProgressDecoder {
    tally: Tally,
    realising: bool,
    errors: Vec<String>,
    other: Vec<String>,
}

impl ProgressDecoder {
    /// Decodes one line, without its line feed.
    pub(super) fn line(&mut self, line: &[u8]) -> Vec<ProgressEvent> {
        let decoded = line.strip_prefix(b"@nix ").and_then(|json| serde_json::from_slice::<Line>(json).ok());
        let Some(decoded) = decoded else {
            return self.other_line(&String::from_utf8_lossy(line));
        };
        let mut events = match decoded.action.as_str() {
            "start" => self.started(&decoded),
            "stop" => {
                self.tally.stopped(decoded.id);
                Vec::new()
            }
            "result" => self.result(&decoded),
            "msg" => self.message(decoded),
            _ => Vec::new(),
        };
        events.extend(self.tally.news());
        events
    }

    /// What the command says went wrong: its errors, else the end of everything else it said.
    pub(super) fn complaint(&self) -> String {
        if self.errors.is_empty() {
            return self.other.join("\n");
        }
        // That git or ssh wanted to ask is told by these alone; nix only says that they failed.
        let asked = |line: &&String| PROMPTS.iter().any(|words| line.contains(words));
        let asked = self.other.iter().filter(asked);
        self.errors.iter().chain(asked).map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    fn other_line(&mut self, line: &str) -> Vec<ProgressEvent> {
        let line = without_colours(cut(line));
        if line.trim().is_empty() {
            return Vec::new();
        }
        if self.other.len() == OTHER_LINES {
            self.other.remove(0);
        }
        self.other.push(line.clone());
        vec![ProgressEvent::Log(line)]
    }

    fn started(&mut self, line: &Line) -> Vec<ProgressEvent> {
        let mut events = Vec::new();
        let realises = matches!(line.kind, activity::COPY_PATH | activity::BUILD | activity::SUBSTITUTE);
        if realises && !self.realising {
            self.realising = true;
            events.push(ProgressEvent::Step(Step::Realise));
        }
        if line.level <= LEVEL_SHOWN && !line.text.is_empty() {
            events.push(ProgressEvent::Log(without_colours(cut(&line.text))));
        }
        self.tally.started((line.kind, line.id), &line.fields);
        events
    }

    fn result(&mut self, line: &Line) -> Vec<ProgressEvent> {
        let number = |index: usize| line.fields.get(index).and_then(Value::as_u64).unwrap_or(0);
        match line.kind {
            result::BUILD_LOG_LINE | result::POST_BUILD_LOG_LINE => {
                let text = line.fields.first().and_then(Value::as_str).unwrap_or_default();
                let text = without_colours(cut(text));
                let name = self.tally.build_name(line.id);
                return vec![ProgressEvent::Log(match name {
                    Some(name) => format!("{name}> {text}"),
                    None => text,
                })];
            }
            result::PROGRESS => self.tally.progressed(line.id, [0, 1, 2, 3].map(number)),
            result::SET_EXPECTED => self.tally.announced(line.id, number(0), number(1)),
            _ => {}
        }
        Vec::new()
    }

    fn message(&mut self, line: Line) -> Vec<ProgressEvent> {
        let text = without_colours(cut(&line.msg));
        if let Some(error) = line.raw_msg.filter(|_| line.level == 0) {
            if self.errors.len() < ERRORS {
                self.errors.push(without_colours(cut(&error)).trim().to_owned());
            }
            return vec![ProgressEvent::Log(text)];
        }
        if line.level > LEVEL_SHOWN {
            return Vec::new();
        }
        self.tally.said(&text);
        self.other_line(&text)
    }
}

/// As much of a text as is passed on.
fn cut(text: &str) -> &str {
    if text.len() <= LONGEST_TEXT { text } else { &text[..text.floor_char_boundary(LONGEST_TEXT)] }
}

/// `hello-2.12` of `/nix/store/…-hello-2.12.drv`.
fn derivation_name(path: &str) -> String {
    let name = package_name(path.as_bytes());
    name.strip_suffix(".drv").unwrap_or(&name).to_owned()
}

/// Takes out the escape sequences with which nix colours its messages; all other control characters
/// stay for the edge to make visible.
pub(super) fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        let parameters = after.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        if let Some(after) = parameters.strip_prefix('m') {
            rest = after;
        } else {
            plain.push_str("\u{1b}[");
            rest = after;
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::machine::{Building, Fetching};

    fn decode(decoder: &mut ProgressDecoder, lines: &str) -> Vec<ProgressEvent> {
        lines.lines().flat_map(|line| decoder.line(line.as_bytes())).collect()
    }

    fn log(text: &str) -> ProgressEvent {
        ProgressEvent::Log(text.to_owned())
    }

    #[test]
    fn a_failing_build_reports_its_log_and_its_errors() {
        let mut decoder = ProgressDecoder::default();
        let lines = r#"@nix {"action":"start","id":1,"level":4,"parent":0,"text":"evaluating","type":0}
@nix {"action":"stop","id":1}
@nix {"action":"start","fields":["/nix/store/f7bysflpb3mbba4kwld6jcfxybygphqf-fails-1.drv","",1,1],"id":2,"level":3,"parent":0,"text":"building '/nix/store/f7bysflpb3mbba4kwld6jcfxybygphqf-fails-1.drv'","type":105}
@nix {"action":"result","fields":["hi"],"id":2,"type":101}
@nix {"action":"result","fields":[0,1,0,1],"id":2,"type":105}
@nix {"action":"msg","column":null,"file":null,"level":0,"line":null,"msg":"\u001b[31;1merror:\u001b[0m Cannot build","raw_msg":"\u001b[35;1mCannot build\u001b[0m"}
@nix {"action":"msg","level":0,"msg":"Try 'nix --help'"}"#;
        let events = decode(&mut decoder, lines);
        let building = Building { of: 1, names: vec!["fails-1".to_owned()], ..Building::default() };
        let wanted = [
            ProgressEvent::Step(Step::Realise),
            log("building '/nix/store/f7bysflpb3mbba4kwld6jcfxybygphqf-fails-1.drv'"),
            ProgressEvent::Building(building),
            log("fails-1> hi"),
            log("error: Cannot build"),
            log("Try 'nix --help'"),
        ];
        assert_eq!(events, wanted);
        assert_eq!(decoder.complaint(), "Cannot build");
    }

    #[test]
    fn sources_that_are_downloaded_count_too() {
        let mut decoder = ProgressDecoder::default();
        let lines = r#"@nix {"action":"start","fields":["https://a"],"id":1,"level":4,"parent":0,"text":"downloading","type":101}
@nix {"action":"result","fields":[50,100,0,0],"id":1,"type":105}
@nix {"action":"result","fields":[100,100,0,0],"id":1,"type":105}
@nix {"action":"stop","id":1}
@nix {"action":"start","fields":["https://b"],"id":2,"level":4,"parent":0,"text":"downloading","type":101}
@nix {"action":"result","fields":[7,400,0,0],"id":2,"type":105}"#;
        let events = decode(&mut decoder, lines);
        let fetched =
            |bytes, of_bytes| ProgressEvent::Fetching(Fetching { bytes, of_bytes, ..Fetching::default() });
        assert_eq!(events, [fetched(50, 100), fetched(100, 100), fetched(107, 500)]);
    }

    #[test]
    fn what_is_kept_has_an_end() {
        let mut decoder = ProgressDecoder::default();
        let long = "é".repeat(20 << 10);
        let error = format!(r#"@nix {{"action":"msg","level":0,"msg":"{long}","raw_msg":"{long}"}}"#);
        for _ in 0..ERRORS + 10 {
            for event in decoder.line(error.as_bytes()) {
                let ProgressEvent::Log(text) = event else { panic!("{event:?}") };
                assert!(text.len() <= LONGEST_TEXT);
            }
        }
        assert!(decoder.complaint().len() <= ERRORS * (LONGEST_TEXT + 1));
        assert!(
            matches!(&decoder.line(long.as_bytes())[..], [ProgressEvent::Log(text)] if text.len() <= LONGEST_TEXT)
        );
    }

    #[test]
    fn other_lines_are_passed_on_and_end_up_in_the_complaint() {
        let mut decoder = ProgressDecoder::default();
        let lines = "warning: old\n@nix {broken\n\n@nix {\"action\":\"msg\",\"level\":5,\"msg\":\"detail\"}";
        assert_eq!(decode(&mut decoder, lines), [log("warning: old"), log("@nix {broken")]);
        assert_eq!(decoder.complaint(), "warning: old\n@nix {broken");
        decode(&mut decoder, &"x\n".repeat(50));
        assert_eq!(decoder.complaint().lines().count(), OTHER_LINES);
        assert_eq!(decoder.line(b"\xff\xfe"), [log("\u{fffd}\u{fffd}")]);
    }

    #[test]
    fn only_colours_are_taken_out() {
        assert_eq!(
            without_colours("\u{1b}[31;1merror:\u{1b}[0m a\u{1b}[2Jb\u{1b}"),
            "error: a\u{1b}[2Jb\u{1b}"
        );
        assert_eq!(without_colours("\u{1b}["), "\u{1b}[");
    }
}
