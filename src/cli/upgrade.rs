//! What `upgrade`, `outputs` and `retarget` ask for, as changes; held elements are left out.

use super::failure::Failure;
use super::meant::{ChangeRequest, Invocation};
use super::pick;
use crate::core::change::Change;
use crate::core::plan::{Base, Left, LeftReason};
use crate::core::shell_words::quoted;
use crate::ops::Context;
use crate::ops::hold::held;

/// The changes, and what is left out before anything is planned.
pub type Asked = (Vec<Change>, Vec<Left>);

/// The changes that a request makes of a profile, if it is one of these.
pub fn changes(
    context: &Context,
    request: &ChangeRequest,
    base: &Base,
    invocation: &Invocation,
) -> Result<Asked, Failure> {
    let printer = invocation.printer;
    let names = |picked| pick::names(picked, &base.manifest, &base.store_dir, printer);
    match request {
        ChangeRequest::Upgrade { pick, has_scope } => {
            if *has_scope {
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
            Ok((free.into_iter().map(|element| Change::Upgrade { element }).collect(), left.collect()))
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
