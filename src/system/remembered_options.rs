//! Options of Nix that the user wants to be remembered, and flakes whose own settings are accepted or
//! not: a file of firn's own in the state folder.
//!
//! ```json
//! {"version":1,"elements":[{"profile":"/p","element":"zoom","source":"flake:nixpkgs#…","options":["NIXPKGS_ALLOW_UNFREE=1","--impure"]}],"flakes":{"github:a/b":true}}
//! ```

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::holds::NotedElement;
use super::own_file::OwnFile;
use crate::core::nix_options::NixOptions;

/// The file.
#[derive(Clone, Debug)]
pub struct OptionsFile(OwnFile);

/// What it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionsNoted {
    /// Options of elements.
    #[serde(default)]
    elements: Vec<ElementOptions>,
    /// Whether a flake's settings are accepted, by its reference.
    #[serde(default)]
    pub flakes: BTreeMap<String, bool>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ElementOptions {
    #[serde(flatten)]
    element: NotedElement,
    options: NixOptions,
}

impl OptionsFile {
    /// The file in a state folder.
    pub fn new(state: &Path) -> Self {
        Self(OwnFile::new(state, "options"))
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.0.path()
    }

    /// What is remembered.
    pub fn read(&self) -> io::Result<OptionsNoted> {
        self.0.read()
    }

    /// Changes what is remembered.
    pub fn change(&self, change: impl FnOnce(&mut OptionsNoted)) -> io::Result<bool> {
        self.0.change(change)
    }
}

impl OptionsNoted {
    /// The options of an element.
    pub fn of(&self, element: &NotedElement) -> Option<&NixOptions> {
        self.elements.iter().find(|noted| noted.element == *element).map(|noted| &noted.options)
    }

    /// Remembers options of an element; none are forgotten.
    pub fn set(&mut self, element: NotedElement, options: NixOptions) {
        self.elements.retain(|noted| noted.element != element);
        if !options.is_empty() {
            self.elements.push(ElementOptions { element, options });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_remembered_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let file = OptionsFile::new(folder.path());
        let zoom = NotedElement {
            profile: "/p".into(),
            element: "zoom".into(),
            source: "flake:nixpkgs#zoom".into(),
        };
        let options = NixOptions::parse("NIXPKGS_ALLOW_UNFREE=1 --impure").unwrap();
        file.change(|noted| noted.set(zoom.clone(), options.clone())).unwrap();
        file.change(|noted| noted.flakes.extend([("github:a/b".to_owned(), true)])).unwrap();
        let read = file.read().unwrap();
        assert_eq!((read.of(&zoom), read.flakes["github:a/b"]), (Some(&options), true));
        let other = NotedElement { source: "github:x/y#zoom".into(), ..zoom.clone() };
        assert_eq!(read.of(&other), None, "another package that takes the name");
        file.change(|noted| noted.set(zoom.clone(), NixOptions::default())).unwrap();
        assert_eq!(file.read().unwrap().of(&zoom), None);
        std::fs::write(file.path(), "{").unwrap();
        assert!(file.change(|noted| noted.set(zoom, options)).is_err());
    }
}
