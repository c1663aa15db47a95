//! `config`: the default configuration, or what is wrong with the user's.
//!
//! What can be set and what is wrong is known to the interface only; `main` hands that
//! in. Neither needs a store.

use std::process::ExitCode;

use serde_json::json;

use super::failure::Failure;
use super::open;
use super::printer::Printer;
use crate::core::visible;
use crate::system::configuration_file::Problem;
use crate::system::own_folders::OwnFolders;

/// What somebody wants to know.
pub struct ConfigurationQuestion {
    check: bool,
    folders: OwnFolders,
    printer: Printer,
    json: bool,
}

impl ConfigurationQuestion {
    pub(super) fn new(check: bool, (printer, json): (Printer, bool)) -> Result<Self, Failure> {
        Ok(Self { check, folders: open::own_folders()?, printer, json })
    }

    /// Answers it: `text` is the default configuration, `find` tells whether the user has one and
    /// what is wrong with it.
    pub fn answer(
        self,
        text: impl FnOnce() -> String,
        find: impl FnOnce(&OwnFolders) -> (bool, Vec<Problem>),
    ) -> ExitCode {
        let found = self.check.then(|| find(&self.folders));
        let printed = match &found {
            None if self.json => match toml::from_str::<serde_json::Value>(&text()) {
                Ok(value) => self.printer.json(&value),
                Err(error) => Err(std::io::Error::other(error)),
            },
            None => self.printer.data(&text().lines().map(str::to_owned).collect::<Vec<_>>()),
            Some((is_there, problems)) => self.report(*is_there, problems),
        };
        match printed {
            Ok(()) => ExitCode::from(u8::from(found.is_some_and(|(_, problems)| !problems.is_empty()))),
            Err(error) => super::fail(self.printer, &error.into(), "firn"),
        }
    }

    fn report(&self, is_there: bool, problems: &[Problem]) -> std::io::Result<()> {
        let file = self.folders.configuration();
        if self.json {
            let told = |problem: &Problem| json!({"file": problem.file, "line": problem.line, "message": problem.words});
            let problems: Vec<_> = problems.iter().map(told).collect();
            return self
                .printer
                .json(&json!({"file": file.to_string_lossy(), "found": is_there, "problems": problems}));
        }
        let lines: Vec<String> = problems.iter().map(|problem| visible::text(&problem.to_string())).collect();
        self.printer.data(&lines)?;
        let file = file.display();
        match (is_there, problems.len()) {
            (false, _) => self.printer.note(&format!("there is no {file}: the defaults count")),
            (true, 0) => self.printer.note(&format!("{file} is all right")),
            (true, _) => self.printer.note("what is wrong does not count; the defaults do there"),
        }
        Ok(())
    }
}
