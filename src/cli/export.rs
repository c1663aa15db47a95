//! `firn export`: the profile as a list of installables, as a transaction, or as Nix expressions. What
//! comes back otherwise than it was is warned about; the file holds all the rest.

use super::failure::Failure;
use super::meant::Invocation;
use super::tree;
use super::typed::ExportFormat;
use crate::core::export::{self, Caveat, expressions};
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
            let (lines, caveats) = export::list(&base.manifest, &context.store.system());
            let lines: Vec<String> = lines.iter().map(|line| visible::text(line)).collect();
            printer.data(&lines)?;
            caveats
        }
        ExportFormat::Flake => text(invocation, expressions::flake(&base.manifest, &context.store.system()))?,
        ExportFormat::HomeManager => text(invocation, expressions::home_manager(&base.manifest))?,
        ExportFormat::Nix => text(invocation, expressions::file(&base.manifest))?,
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

/// Prints a whole file; whatever it holds is written so that it can be printed.
fn text(invocation: &Invocation, (text, caveats): (String, Vec<Caveat>)) -> Result<Vec<Caveat>, Failure> {
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    invocation.printer.data(&lines)?;
    Ok(caveats)
}
