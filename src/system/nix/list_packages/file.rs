//! The packages of a file: what it is as a whole, and the packages in it if it is a set of them.
//!
//! A file is no flake: it has no lock, so what was listed is not kept. As `nix-build` does, a function
//! all of whose arguments have defaults is called with these; options like `--arg` count only once the
//! addition itself is evaluated, which nix does.

use serde::Deserialize;

use super::{Listing, Target, in_error};
use crate::core::evaluation::EvaluationFailure;
use crate::core::installable::{Installable, InstallableScope};
use crate::core::package_list::{PackageList, PackageSource};
use crate::system::machine::{Listed, ListingTold, Store as _, StoreError, Watch, WholeFile};
use crate::system::nix::NixStore;
use crate::system::nix::environment::NixEnvironment;
use crate::system::nix::locked::Trouble;

/// What a file is once it is called.
pub(super) const CALLED: &str = "(value: let arguments = builtins.functionArgs value; in if \
     builtins.isFunction value && builtins.all (name: arguments.${name}) (builtins.attrNames arguments) then \
     value { } else value)";

const SHAPE: &str = "(value: if builtins.isList value then { list = builtins.length value; } else if \
     !(builtins.isAttrs value) then { other = builtins.typeOf value; } else if (value.type or null) == \
     \"derivation\" then { package = value.name; } else { set = null; })";

/// What nix prints of the shape.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Told {
    List(usize),
    Other(String),
    Package(String),
    Set(()),
}

impl NixStore {
    /// Tells what a file is, and lists the packages in it.
    pub(super) fn list_file(
        &self,
        source: &PackageSource,
        environment: NixEnvironment,
        told: &ListingTold<'_>,
        watch: &Watch<'_>,
    ) -> Result<Listed, StoreError> {
        let scope = InstallableScope::File(source.reference.clone());
        let file = Installable { text: String::new(), scope, registry: None };
        let target = Target::File { file, environment, options: self.options.clone() };
        let listing =
            Listing { target, system: self.system(), found: std::sync::Mutex::default(), told, watch };
        let of_source = |trouble| in_error(source, trouble);
        let whole = listing.whole().map_err(of_source)?;
        let list = match whole {
            WholeFile::Set => listing.make().map_err(of_source)?,
            WholeFile::Package(_) | WholeFile::List(_) => PackageList::default(),
        };
        Ok(Listed {
            original_url: source.reference.clone(),
            url: source.reference.clone(),
            system: self.system(),
            whole: Some(whole),
            list,
        })
    }
}

impl Listing<'_> {
    /// What the file is as a whole.
    fn whole(&self) -> Result<WholeFile, Trouble> {
        match self.apply(SHAPE)? {
            Told::Package(name) => Ok(WholeFile::Package(name)),
            Told::List(count) => Ok(WholeFile::List(count)),
            Told::Set(()) => Ok(WholeFile::Set),
            Told::Other(kind) => {
                let kind = if kind == "lambda" { "a function that wants arguments" } else { kind.as_str() };
                let message = format!("there is no package in it: it is {kind}");
                Err(Trouble::Failed(EvaluationFailure::of_words(&message)))
            }
        }
    }
}
