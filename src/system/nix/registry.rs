//! Locks references by letting nix pin them in a registry file of our own.
//!
//! What `nix registry pin` writes into an empty file is exactly the entry it would write into
//! any other, with the attributes that its version tells of a lock. Writing the user's file is
//! firn's own deed: nix would lose what it cannot read.

use super::environment::NixEnvironment;
use super::scratch::{self, ScratchFolder};
use super::{arguments, edited_registry, run};
use crate::core::flake_ref::FlakeRef;
use crate::core::registry::Registry;
use crate::system::bounded_file;
use crate::system::machine::{StoreError, Watch};
use crate::system::registry_file::LARGEST;

/// Fetches and locks `target`, which is direct.
pub(super) fn lock(
    environment: &NixEnvironment,
    options: &[String],
    (from, target): (&FlakeRef, &FlakeRef),
    watch: &Watch<'_>,
) -> Result<FlakeRef, StoreError> {
    let parent = environment.temporary_folder();
    let folder = ScratchFolder::make(&parent, scratch::PIN)?;
    let file = folder.path().join("registry.json");
    let words = arguments::registry_pin(&file, from.as_str(), target.as_str(), options);
    // What the target means was found out; an entry that stands in the user's registry and is about to
    // go must not send it elsewhere.
    let environment = edited_registry::environment(environment, folder.path(), edited_registry::EMPTY)?;
    run::run(&environment, &words, watch)?;
    let text = bounded_file::read(&file, LARGEST).map_err(|error| StoreError::file(&file, &error.into()))?;
    let pinned = Registry::parse(&text).entries.pop();
    let locked = pinned.map(|entry| entry.to.with_dir(b""));
    locked.ok_or_else(|| StoreError::Output {
        command: format!("nix registry pin {from} {target}"),
        reason: "it wrote no entry".to_owned(),
    })
}
