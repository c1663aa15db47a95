//! Runs nix commands: the one place that starts a process.
//!
//! A child gets no input, a process group of its own, and is told never to prompt, as
//! only firn touches the terminal. Its standard error is decoded line by line while it
//! runs. When the user cancels, the group gets SIGINT, on which nix ends its builds; if
//! that does not help within seconds, SIGTERM and then SIGKILL.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::environment::NixEnvironment;
use super::progress::ProgressDecoder;
use crate::core::shell_words;
use crate::system::bounded_file::{BoundedReadError, read_from};
use crate::system::machine::{ProgressEvent, StoreError, Watch};

/// How soon a cancel is noticed.
const TICK: Duration = Duration::from_millis(10);

/// How long pipes are still read after the child has ended.
const GRACE: Duration = Duration::from_secs(1);

/// How many lines of standard error wait to be reported: who prints without end has to wait.
const LINES_WAITING: usize = 16;

/// How long a child that is asked to stop is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// Until it has put things in order.
    Long,
    /// Hardly: nix hears nothing while it evaluates, and leaves nothing behind that matters.
    Short,
}

impl Patience {
    /// What the child gets, and how long after the first.
    fn signals(self) -> &'static [(Signal, Duration)] {
        const LONG: &[(Signal, Duration)] = &[
            (Signal::INT, Duration::ZERO),
            (Signal::TERM, Duration::from_secs(4)),
            (Signal::KILL, Duration::from_secs(8)),
        ];
        const SHORT: &[(Signal, Duration)] =
            &[(Signal::INT, Duration::ZERO), (Signal::KILL, Duration::from_millis(20))];
        match self {
            Self::Long => LONG,
            Self::Short => SHORT,
        }
    }
}

/// What nix prints of the largest closures is a tenth of this.
const LARGEST_OUTPUT: u64 = if cfg!(test) { 1 << 20 } else { 256 << 20 };

/// Of a longer line of its standard error the rest is dropped.
const LONGEST_LINE: u64 = 4 << 20;

/// A piece of what a child prints.
enum Piece {
    /// A line of standard error.
    Line(Vec<u8>),
    /// All of standard output.
    Output(Result<Vec<u8>, BoundedReadError>),
}

/// Runs `nix` with these arguments; gives what it prints.
pub(super) fn run(
    environment: &NixEnvironment,
    arguments: &[OsString],
    watch: &Watch<'_>,
) -> Result<Vec<u8>, StoreError> {
    run_on(environment, arguments, Stdio::null(), watch)
}

/// As [`run`], with another patience when it is to stop.
pub(super) fn run_with_patience(
    environment: &NixEnvironment,
    arguments: &[OsString],
    patience: Patience,
    watch: &Watch<'_>,
) -> Result<Vec<u8>, StoreError> {
    run_child(environment, ("nix", arguments), (Stdio::null(), patience), watch)
}

/// As [`run`], with a standard input that is empty or is not read.
pub(super) fn run_on(
    environment: &NixEnvironment,
    arguments: &[OsString],
    input: Stdio,
    watch: &Watch<'_>,
) -> Result<Vec<u8>, StoreError> {
    run_child(environment, ("nix", arguments), (input, Patience::Long), watch)
}

/// As [`run_on`], of another of Nix's programs.
pub(super) fn run_program(
    environment: &NixEnvironment,
    program: (&str, &[OsString]),
    input: Stdio,
    watch: &Watch<'_>,
) -> Result<Vec<u8>, StoreError> {
    run_child(environment, program, (input, Patience::Long), watch)
}

fn run_child(
    environment: &NixEnvironment,
    (name, arguments): (&str, &[OsString]),
    (input, patience): (Stdio, Patience),
    watch: &Watch<'_>,
) -> Result<Vec<u8>, StoreError> {
    if watch.cancel.is_requested() {
        return Err(StoreError::Cancelled);
    }
    let program = environment.program(name);
    let begun = Instant::now();
    let command_line = command_line(&program.to_string_lossy(), arguments);
    watch.progress.report(ProgressEvent::Started(command_line.clone()));
    let report_end = |failure: Option<String>| {
        watch.progress.report(ProgressEvent::Ended { failure, took: begun.elapsed() });
    };
    let mut command = Command::new(&program);
    command.args(arguments).env_clear().envs(environment.variables()).envs(no_prompts(environment));
    command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = command.spawn().map_err(|error| {
        report_end(Some(error.to_string()));
        StoreError::NoProgram { program: program.display().to_string(), reason: error.to_string() }
    })?;
    let pieces = read_pipes(&mut child);
    let mut decoder = ProgressDecoder::default();
    let ended = attend((&mut child, patience), &pieces, &mut decoder, watch);
    let failed =
        |status: String, message: String| StoreError::Command { command: command_line, status, message };
    let (failure, answer) = match ended {
        Ok((status, output)) if status.success() => (None, Ok(output)),
        Ok(_) if watch.cancel.is_requested() => (Some("stopped".to_owned()), Err(StoreError::Cancelled)),
        Ok((status, _)) => (Some(status.to_string()), Err(failed(status.to_string(), decoder.complaint()))),
        Err(error) => (Some(error.to_string()), Err(failed("no status".to_owned(), error.to_string()))),
    };
    report_end(failure);
    answer
}

/// Variables that keep git and ssh from asking on the terminal.
fn no_prompts(environment: &NixEnvironment) -> [(&'static str, OsString); 2] {
    let mut ssh = environment.get("GIT_SSH_COMMAND").map_or_else(|| OsString::from("ssh"), OsString::from);
    ssh.push(" -oBatchMode=yes");
    [("GIT_TERMINAL_PROMPT", "0".into()), ("GIT_SSH_COMMAND", ssh)]
}

/// Reads both pipes on threads of their own. The threads are not joined: something that nix started
/// and left behind (ssh's shared connection) can keep a pipe open for hours.
fn read_pipes(child: &mut Child) -> Receiver<Piece> {
    let (sender, pieces) = sync_channel(LINES_WAITING);
    if let Some(errors) = child.stderr.take() {
        let sender = sender.clone();
        std::thread::spawn(move || read_lines(errors, &sender));
    }
    if let Some(output) = child.stdout.take() {
        std::thread::spawn(move || {
            // Afterwards the pipe is closed, which ends a nix that has more to say.
            let _ = sender.send(Piece::Output(read_from(output, LARGEST_OUTPUT)));
        });
    }
    pieces
}

fn read_lines(errors: impl Read, sender: &SyncSender<Piece>) {
    let mut errors = BufReader::new(errors);
    loop {
        let mut line = Vec::new();
        match (&mut errors).take(LONGEST_LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {
                if line.ends_with(b"\n") {
                    line.pop();
                } else if errors.skip_until(b'\n').is_err() {
                    return;
                }
                if sender.send(Piece::Line(line)).is_err() {
                    return;
                }
            }
        }
    }
}

/// Reports what the child prints until it has ended, and ends it when the user cancels.
fn attend(
    (child, patience): (&mut Child, Patience),
    pieces: &Receiver<Piece>,
    decoder: &mut ProgressDecoder,
    watch: &Watch<'_>,
) -> std::io::Result<(ExitStatus, Vec<u8>)> {
    let mut output = Ok(Vec::new());
    let mut ended: Option<(ExitStatus, Instant)> = None;
    let mut stopping = Stopping { signals: patience.signals(), since: None };
    loop {
        if watch.cancel.is_requested() && ended.is_none() {
            stopping.signal(child);
        }
        match pieces.recv_timeout(TICK) {
            Ok(Piece::Line(line)) => {
                decoder.line(&line).into_iter().for_each(|event| watch.progress.report(event));
            }
            Ok(Piece::Output(text)) => output = text,
            Err(RecvTimeoutError::Disconnected) => return Ok((child.wait()?, whole(output)?)),
            Err(RecvTimeoutError::Timeout) => match ended {
                // A pipe is still open and nobody writes.
                Some((status, since)) if since.elapsed() >= GRACE => return Ok((status, whole(output)?)),
                Some(_) => {}
                None => ended = child.try_wait()?.map(|status| (status, Instant::now())),
            },
        }
    }
}

/// What could be read; whether it is whole shows when it is parsed. Too much of it is an error.
fn whole(output: Result<Vec<u8>, BoundedReadError>) -> std::io::Result<Vec<u8>> {
    match output {
        Ok(output) => Ok(output),
        Err(BoundedReadError::Io(_)) => Ok(Vec::new()),
        Err(error) => Err(std::io::Error::other(format!("what it prints cannot be read: {error}"))),
    }
}

/// How far stopping a child has come.
struct Stopping {
    /// What is still to be sent.
    signals: &'static [(Signal, Duration)],
    since: Option<Instant>,
}

impl Stopping {
    /// Sends the next signal if its time has come.
    fn signal(&mut self, child: &Child) {
        let since = *self.since.get_or_insert_with(Instant::now);
        if let Some(((signal, after), rest)) = self.signals.split_first()
            && since.elapsed() >= *after
        {
            self.signals = rest;
            // The child is not waited for yet, so the group's id cannot belong to anything else; that
            // it has just ended is no reason to complain.
            let _ = kill_process_group(Pid::from_child(child), *signal);
        }
    }
}

/// A command line as one would type it.
pub(super) fn command_line(program: &str, arguments: &[OsString]) -> String {
    let arguments = arguments.iter().map(|word| word.to_string_lossy());
    shell_words::line(std::iter::once(program.into()).chain(arguments))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;
    use std::sync::Mutex;

    use super::*;
    use crate::system::machine::{Cancel, NoProgress, Progress};

    /// A folder with a `nix` that is this shell script.
    fn fake(script: &str) -> (tempfile::TempDir, NixEnvironment) {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("nix");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let variables = [("FIRN_NIX_BIN", folder.path()), ("PATH", Path::new("/usr/bin:/bin"))];
        let environment = NixEnvironment::new(variables.map(|(name, value)| (name.into(), value.into())));
        (folder, environment)
    }

    fn quietly(script: &str) -> Result<Vec<u8>, StoreError> {
        let (_folder, environment) = fake(script);
        run(&environment, &["a b".into()], &Watch { progress: &NoProgress, cancel: &Cancel::default() })
    }

    #[derive(Default)]
    struct Heard(Mutex<Vec<ProgressEvent>>, Cancel);

    impl Progress for Heard {
        fn report(&self, event: ProgressEvent) {
            if event == ProgressEvent::Log("stop me".to_owned()) {
                self.1.request();
            }
            self.0.lock().unwrap().push(event);
        }
    }

    #[test]
    fn a_child_has_no_input_and_no_prompts() {
        let script = r#"cat; echo "$1|$GIT_TERMINAL_PROMPT|$GIT_SSH_COMMAND|$HOME""#;
        assert_eq!(quietly(script).unwrap(), b"a b|0|ssh -oBatchMode=yes|\n");
    }

    #[test]
    fn a_failure_names_the_command_and_what_it_said() {
        let error = quietly("echo one >&2; echo two >&2; exit 3").unwrap_err();
        let StoreError::Command { command, status, message } = error else { panic!("{error}") };
        assert!(command.ends_with("/nix 'a b'"), "{command}");
        assert_eq!((status.as_str(), message.as_str()), ("exit status: 3", "one\ntwo"));
    }

    #[test]
    fn a_missing_program_is_named() {
        let environment = NixEnvironment::new([("FIRN_NIX_BIN".into(), "/nowhere".into())]);
        let watch = Watch { progress: &NoProgress, cancel: &Cancel::default() };
        let error = run(&environment, &[], &watch).unwrap_err();
        assert!(
            matches!(&error, StoreError::NoProgram { program, .. } if program == "/nowhere/nix"),
            "{error}"
        );
    }

    #[test]
    fn the_log_is_reported_while_it_is_printed() {
        let (_folder, environment) = fake("echo one >&2; echo two >&2; echo done");
        let heard = Heard::default();
        let output = run(&environment, &[], &Watch { progress: &heard, cancel: &heard.1 }).unwrap();
        assert_eq!(output, b"done\n");
        let heard = heard.0.into_inner().unwrap();
        let [ProgressEvent::Started(command), lines @ .., ProgressEvent::Ended { failure: None, .. }] =
            &heard[..]
        else {
            panic!("{heard:?}")
        };
        assert!(command.ends_with("/nix"), "{command}");
        assert_eq!(lines, ["one", "two"].map(|line| ProgressEvent::Log(line.to_owned())));
    }

    #[test]
    fn a_nix_that_never_stops_printing_is_left() {
        let error = quietly("yes; echo never >&2").unwrap_err();
        let StoreError::Command { message, .. } = error else { panic!("{error}") };
        assert_eq!(message, "what it prints cannot be read: it has more than 1 MiB");
        let long = r"head -c 9000000 /dev/zero | tr '\0' x >&2; echo >&2; echo two >&2";
        let (_folder, environment) = fake(long);
        let heard = Heard::default();
        run(&environment, &[], &Watch { progress: &heard, cancel: &heard.1 }).unwrap();
        let heard = heard.0.into_inner().unwrap();
        let lines: Vec<&String> = heard
            .iter()
            .filter_map(|event| if let ProgressEvent::Log(line) = event { Some(line) } else { None })
            .collect();
        let most = usize::try_from(LONGEST_LINE).unwrap();
        assert!(lines.len() == 2 && lines[0].len() <= most && lines[1] == "two", "{}", lines.len());
    }

    #[test]
    fn cancelling_interrupts_the_whole_group() {
        // Busy, not asleep: a shell that has just started a program would wait for it first. Where
        // the tests themselves run with SIGINT ignored, no child can hear it; then SIGTERM follows.
        let (folder, environment) = fake(
            r#"trap 'echo interrupted > "$0.trace"; exit 1' INT TERM; echo "stop me" >&2; while :; do :; done"#,
        );
        let heard = Heard::default();
        let started = Instant::now();
        let error = run(&environment, &[], &Watch { progress: &heard, cancel: &heard.1 }).unwrap_err();
        assert!(matches!(error, StoreError::Cancelled), "{error}");
        assert!(started.elapsed() < Duration::from_secs(30));
        assert!(folder.path().join("nix.trace").exists());
        let again = run(&environment, &[], &Watch { progress: &heard, cancel: &heard.1 });
        assert!(matches!(again, Err(StoreError::Cancelled)));
    }

    #[test]
    fn a_pipe_that_stays_open_does_not_keep_the_command() {
        let started = Instant::now();
        assert_eq!(quietly("sleep 20 & echo done").unwrap(), b"");
        assert!(started.elapsed() < Duration::from_secs(15));
    }
}
