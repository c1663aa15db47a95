//! What a changing verb asks for, as a transaction on the profile as it stands; held elements are
//! left out of upgrades.

use std::path::Path;

use super::conversion;
use super::failure::Failure;
use super::meant::{ChangeRequest, Invocation};
use super::open::{standard_input, standard_input_as_word};
use super::pick;
use crate::core::change::Change;
use crate::core::installable;
use crate::core::plan::{Base, Left, LeftReason};
use crate::core::shell_words::quoted;
use crate::core::transaction::Transaction;
use crate::core::upgrade;
use crate::ops::Context;
use crate::ops::hold::held;
use crate::ops::remember_files::remembered_files;
use crate::system::plan_file;

/// What is asked for as a transaction, and what is left out of it; `None` if it is about no element at
/// all.
pub fn transaction(
    context: &Context,
    request: &ChangeRequest,
    base: &Base,
    invocation: &Invocation,
) -> Result<Option<(Transaction, Vec<Left>)>, Failure> {
    let printer = invocation.printer;
    let names = |picked| pick::names(picked, &base.manifest, &base.store_dir, printer);
    let (mut changes, left) = of_flakes(context, request, base, invocation)?;
    let others: Vec<Change> = match request {
        ChangeRequest::Upgrade { .. } | ChangeRequest::Outputs(..) | ChangeRequest::Retarget(..) => vec![],
        ChangeRequest::Add { .. } => additions(request)?,
        ChangeRequest::Convert { from, sources } => {
            let name_of = |word: &str| pick::one(word, &base.manifest, &base.store_dir);
            conversion::changes(&base.manifest, from.as_deref(), sources, &name_of)?
        }
        ChangeRequest::Apply(file) => return Ok(Some((read_transaction(file.as_deref())?, left))),
        ChangeRequest::Remove(picked) => {
            let names = names(picked)?;
            if names.is_empty() {
                printer.warn("No packages to remove. Use 'firn list' to see the current profile.");
            }
            names.into_iter().map(|element| Change::Remove { element }).collect()
        }
        ChangeRequest::Priority(picked, to) => {
            names(picked)?.into_iter().map(|element| Change::Priority { element, to: *to }).collect()
        }
        ChangeRequest::Active(picked, to) => {
            names(picked)?.into_iter().map(|element| Change::Active { element, to: *to }).collect()
        }
    };
    changes.extend(others);
    if changes.is_empty() && left.is_empty() && !invocation.json {
        return Ok(None);
    }
    let mut transaction = Transaction::default();
    transaction.stage(&base.manifest, &[], changes);
    Ok(Some((transaction, left)))
}

fn additions(request: &ChangeRequest) -> Result<Vec<Change>, Failure> {
    let ChangeRequest::Add { installables, priority, file, expr, stdin } = request else { return Ok(vec![]) };
    let mut installables = installables.clone();
    // nix itself gets no standard input: it is read here and handed on as an expression.
    let (file, expr) = match file.as_deref() {
        Some("-") => (None, Some(standard_input_as_word("--file FILE")?)),
        // By its whole path: a plan that is saved, and firn's memory, mean the same in every folder.
        _ => (file.as_deref().map(whole_path), expr.clone()),
    };
    if *stdin {
        installables.extend(standard_input()?.split_whitespace().map(str::to_owned));
    }
    let addition = |installable| Change::Add {
        installable,
        priority: *priority,
        file: file.clone(),
        expr: expr.clone(),
        locked: None,
        with: Vec::new(),
        name: None,
        active: true,
    };
    Ok(installables.into_iter().map(addition).collect())
}

fn whole_path(file: &str) -> String {
    let path = installable::path_of_file(file).and_then(|path| std::path::absolute(path).ok());
    path.and_then(|path| path.to_str().map(str::to_owned)).unwrap_or_else(|| file.to_owned())
}

fn read_transaction(file: Option<&Path>) -> Result<Transaction, Failure> {
    let name = file.map_or_else(|| "standard input".to_owned(), |file| format!("'{}'", file.display()));
    let text = plan_file::read(file).map_err(|error| anyhow::anyhow!("cannot read {name}: {error}"))?;
    Transaction::parse(&text).map_err(|error| {
        Failure::with_hint(
            anyhow::anyhow!("{name} is not a file of changes: {error}"),
            "'firn apply --help' shows what one looks like",
        )
    })
}

/// The changes, and what is left out before anything is planned.
type Asked = (Vec<Change>, Vec<Left>);

/// The changes that a request makes of a profile, if it is one of these.
fn of_flakes(
    context: &Context,
    request: &ChangeRequest,
    base: &Base,
    invocation: &Invocation,
) -> Result<Asked, Failure> {
    let printer = invocation.printer;
    let names = |picked| pick::names(picked, &base.manifest, &base.store_dir, printer);
    match request {
        ChangeRequest::Upgrade { pick, has_scope, file } => {
            // nix-env, unlike nix profile, knows what to do with a file.
            let file = file.as_deref().filter(|_| base.manifest.environment.is_some()).map(whole_path);
            if *has_scope && file.is_none() {
                printer.warn("--file and --expr mean nothing to an upgrade, here as in nix");
            }
            let names = names(pick)?;
            if names.is_empty() {
                printer.warn("No packages to upgrade. Use 'firn list' to see the current profile.");
            }
            let held = held(context, &base.manifest)?;
            let (held, free): (Vec<String>, _) = names.into_iter().partition(|name| held.contains(name));
            let program = invocation.place.program();
            let left = held.into_iter().map(|element| Left {
                message: format!("'{element}' is held; '{program} unhold {}' lets it go", quoted(&element)),
                reason: LeftReason::Held,
                element,
            });
            let files = remembered_files(context).unwrap_or_default();
            let change = |element: String| match &file {
                Some(file) => Change::UpgradeFrom { element, file: file.clone() },
                None => upgrade::change(&element, &base.manifest, &files),
            };
            Ok((free.into_iter().map(change).collect(), left.collect()))
        }
        ChangeRequest::Outputs(pick, to) => {
            let change = |element| Change::Outputs { element, to: to.clone() };
            Ok((names(pick)?.into_iter().map(change).collect(), Vec::new()))
        }
        ChangeRequest::Retarget(pick, to) => {
            let change = |element| Change::Retarget { element, to: to.clone() };
            Ok((names(pick)?.into_iter().map(change).collect(), Vec::new()))
        }
        _ => Ok((Vec::new(), Vec::new())),
    }
}
