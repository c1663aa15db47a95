//! `firn export`: the profile as a list of installables or as a transaction. What comes back
//! otherwise than it was is warned about; the file holds all the rest.

use super::failure::Failure;
use super::meant::Invocation;
use super::tree;
use super::typed::ExportFormat;
use crate::core::export::{self, Caveat};
use crate::core::manifest::ProfileManifest;
use crate::core::transaction::Transaction;
use crate::core::visible;
use crate::ops::Context;

/// Prints the live profile.
pub fn run(context: &Context, invocation: &Invocation, format: ExportFormat) -> Result<(), Failure> {
    let printer = invocation.printer;
    let base = tree::live(context, invocation)?;
    let caveats = match format {
        ExportFormat::List => {
            let (lines, caveats) = export::list(&base.manifest, &system());
            let lines: Vec<String> = lines.iter().map(|line| visible::text(line)).collect();
            printer.data(&lines)?;
            caveats
        }
        ExportFormat::Json => {
            let (changes, caveats) = export::transaction(&base.manifest);
            let mut transaction = Transaction::default();
            transaction.stage(&ProfileManifest::default(), &[], changes);
            printer.json_file(&transaction.to_json())?;
            caveats
        }
    };
    for caveat in caveats {
        match caveat {
            // What a list is, and nothing wrong with this profile.
            Caveat::NotInList { .. } => printer.note(&caveat.to_string()),
            _ => printer.warn(&caveat.to_string()),
        }
    }
    Ok(())
}

/// The platform as Nix names it.
fn system() -> String {
    let system = if std::env::consts::OS == "macos" { "darwin" } else { std::env::consts::OS };
    format!("{}-{system}", std::env::consts::ARCH)
}
