//! What the shell runs when the name of one of the profile's programs is typed.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::system::search_path::SearchPath;

use super::Context;

/// Who runs when a program's name is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnPath {
    /// The profile's folder of programs.
    pub programs: PathBuf,
    /// The entry of PATH that leads there.
    pub entry: Option<PathBuf>,
    /// The program that runs.
    pub first: Option<PathBuf>,
    /// Whether that is the profile's.
    pub ours: bool,
}

/// Looks a program of the profile up in this process's PATH; `name` as it stands in `bin`.
pub fn on_path(context: &Context, name: &[u8]) -> OnPath {
    let search_path = SearchPath::of_process();
    let programs = context.profile.join("bin");
    let name = OsStr::from_bytes(name);
    let first = search_path.first(name);
    let real = |path: &Path| path.canonicalize().ok();
    let ours = first.as_deref().is_some_and(|first| real(first) == real(&programs.join(name)));
    let entry = search_path.entry_of(&programs).map(Path::to_owned);
    OnPath { programs, entry, first, ours }
}

impl OnPath {
    /// The answer in words; paths as they are.
    pub fn words(&self) -> String {
        match (&self.entry, &self.first) {
            (_, Some(first)) if self.ours => format!("yes, as {}", first.display()),
            (Some(_), Some(first)) => format!("no, {} comes first", first.display()),
            (None, Some(first)) => {
                format!("no, {} runs: {} is not on PATH", first.display(), self.programs.display())
            }
            (None, None) => format!("no: {} is not on PATH", self.programs.display()),
            (Some(_), None) => "no: it cannot be run".to_owned(),
        }
    }
}
