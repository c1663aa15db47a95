//! A profile on one of the two stores, and firn at work on it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{PrivateNix, write};

/// What a run left behind.
#[derive(Debug)]
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

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

/// A profile with something in it.
pub struct Arena<'a> {
    folder: Folder<'a>,
    /// An element that is there from the start.
    pub element: &'static str,
    /// What can be added: the installable, and the element's name.
    pub extra: (String, String),
}

enum Folder<'a> {
    /// With the name of one of its profiles.
    Playground(tempfile::TempDir, &'static str),
    Nix(&'a PrivateNix),
}

impl<'a> Arena<'a> {
    /// The playground, in which nothing was done yet.
    pub fn playground() -> Self {
        Self::of_playground("profile", "bat")
    }

    /// The profile of nix-env in the playground.
    pub fn playground_environment() -> Self {
        Self::of_playground("nix-env", "jq")
    }

    fn of_playground(profile: &'static str, element: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("tmp")).unwrap();
        let arena = Self {
            folder: Folder::Playground(folder, profile),
            element,
            extra: ("nixpkgs#fd".to_owned(), "fd".to_owned()),
        };
        arena.firn(&["list"]).expect(0);
        arena
    }

    /// A profile of a real Nix, made by it, with the packages `one` and `two`.
    pub fn nix(nix: &'a PrivateNix) -> Self {
        Self::made_by(nix, |profile, packages| {
            nix.run("nix", &[&["profile", "install", "--profile", profile], packages].concat());
        })
    }

    /// The same, made by nix-env.
    pub fn nix_environment(nix: &'a PrivateNix) -> Self {
        Self::made_by(nix, |profile, packages| {
            nix.run("nix-env", &[&["--profile", profile, "--install"], packages].concat());
        })
    }

    fn made_by(nix: &'a PrivateNix, make: impl Fn(&str, &[&str])) -> Self {
        let package = |name: &str| {
            nix.add_package(&format!("{name}-1.0"), |root| write(root, format!("bin/{name}"), name))
        };
        let (one, two, extra) = (package("one"), package("two"), package("extra"));
        let profile = nix.profile("p");
        make(profile.to_str().unwrap(), &[&one, &two]);
        Self { extra: (extra, "extra".to_owned()), ..Self::of_nix(nix) }
    }

    /// The profile of a Nix as it is, without anything to add.
    pub fn of_nix(nix: &'a PrivateNix) -> Self {
        Self { folder: Folder::Nix(nix), element: "one", extra: (String::new(), String::new()) }
    }

    pub fn title(&self) -> &'static str {
        match self.folder {
            Folder::Playground(..) => "playground",
            Folder::Nix(_) => "nix",
        }
    }

    /// The folder of everything.
    pub fn root(&self) -> &Path {
        match &self.folder {
            Folder::Playground(folder, _) => folder.path(),
            Folder::Nix(nix) => nix.root(),
        }
    }

    pub fn profile(&self) -> PathBuf {
        match &self.folder {
            Folder::Playground(folder, name) => folder.path().join("playground/profiles").join(name),
            Folder::Nix(nix) => nix.profile("p"),
        }
    }

    /// firn on this profile; what it says is caught.
    pub fn command(&self, words: &[&str]) -> Command {
        // Another firn than the one just built can be tried.
        let built = env!("CARGO_BIN_EXE_firn");
        let program = std::env::var("FIRN_TEST_FIRN").unwrap_or_else(|_| built.to_owned());
        let mut command = match &self.folder {
            Folder::Playground(folder, name) => {
                let mut command = Command::new(&program);
                command.env_clear().current_dir(folder.path()).env("HOME", folder.path().join("home"));
                command.env("TMPDIR", folder.path().join("tmp")).env("PATH", folder.path().join("bin"));
                command.arg("--demo=playground");
                if *name != "profile" {
                    command.arg("--profile").arg(self.profile());
                }
                command
            }
            Folder::Nix(nix) => {
                let mut command = nix.command(program);
                command.arg("--profile").arg(self.profile());
                command
            }
        };
        command.args(words).env("TZ", "UTC");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn firn(&self, words: &[&str]) -> Ran {
        ran(self.command(words))
    }

    /// The store path that is live.
    pub fn live(&self) -> String {
        PrivateNix::real_path(&self.profile())
    }

    /// The names of the elements, as firn reads them.
    pub fn elements(&self) -> Vec<String> {
        let list = self.firn(&["list", "--json"]).expect(0).json();
        list["elements"].as_object().unwrap().keys().cloned().collect()
    }

    /// The names in the folder of the profile, sorted.
    pub fn names(&self) -> Vec<String> {
        let folder = self.profile().parent().unwrap().to_owned();
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }
}

pub fn ran(mut command: Command) -> Ran {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { status: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}
