//! A temporary folder to run firn in.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

/// A home, a playground and nothing else.
pub struct Sandbox {
    folder: tempfile::TempDir,
}

/// What a run left behind.
pub struct Ran {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Checks the status; shows everything if it is another.
    #[track_caller]
    pub fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, status, "\n--- stdout\n{}\n--- stderr\n{}", self.out, self.err);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }

    pub fn lines(&self) -> Vec<&str> {
        self.out.lines().collect()
    }
}

impl Sandbox {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// firn with nothing of the machine in its environment.
    pub fn command(&self) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("firn"));
        command.env_clear().current_dir(self.folder.path());
        command.env("HOME", self.path("home")).env("PATH", self.path("bin")).env("TZ", "UTC");
        command
    }

    /// Runs firn on the playground; the words are separated by single blanks.
    pub fn firn(&self, line: &str) -> Ran {
        self.words(&line.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>())
    }

    pub fn words(&self, words: &[&str]) -> Ran {
        self.fed(words, "")
    }

    /// Runs firn on the playground with something to read.
    pub fn fed(&self, words: &[&str], input: &str) -> Ran {
        let mut command = self.command();
        command.arg("--demo=playground").args(words).write_stdin(input);
        run(command)
    }

    pub fn profile(&self) -> PathBuf {
        self.path("playground/profiles/profile")
    }

    /// Makes a profile of this name, outside the playground's folder and in its store, that holds a
    /// manifest and nothing else.
    pub fn profile_of(&self, name: &str, manifest: &Value) {
        self.firn("list").expect(0);
        let store = std::fs::canonicalize(self.path("playground/store")).unwrap();
        let path = store.join(format!("{}-profile", "a".repeat(32)));
        std::fs::create_dir(&path).unwrap();
        std::fs::write(path.join("manifest.json"), manifest.to_string()).unwrap();
        let generation = format!("{name}-1-link");
        std::os::unix::fs::symlink(&path, self.path(&generation)).unwrap();
        std::os::unix::fs::symlink(generation, self.path(name)).unwrap();
    }

    /// Where the profile points, through its generation.
    pub fn target(&self) -> PathBuf {
        std::fs::canonicalize(self.profile()).unwrap()
    }

    /// The generation links that exist.
    pub fn generation(&self) -> String {
        std::fs::read_link(self.profile()).unwrap().to_str().unwrap().to_owned()
    }
}

pub fn run(mut command: Command) -> Ran {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { status: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

/// The names of a profile's elements.
pub fn elements(list: &Value) -> Vec<String> {
    list["elements"].as_object().unwrap().keys().cloned().collect()
}

/// A link's target as text.
pub fn link_text(path: &Path) -> String {
    std::fs::read_link(path).unwrap().to_str().unwrap().to_owned()
}
