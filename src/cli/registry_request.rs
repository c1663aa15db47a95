//! What `firn registry` was asked for: its verb and references, checked.

use std::path::PathBuf;

use super::failure::Failure;
use super::typed::{RegistryVerb, RegistryWords};
use crate::core::flake_ref::FlakeRef;
use crate::ops::edit_registry::RegistryEdit;

/// What to do with registries.
#[derive(Debug, PartialEq, Eq)]
pub enum RegistryRequest {
    /// Print the entries of all registries, or of a file alone.
    List(Option<PathBuf>),
    /// Change the registry in a file, or the user's own.
    Edit(Option<PathBuf>, RegistryEdit),
    /// Print what references mean.
    Resolve(Vec<String>),
}

impl RegistryRequest {
    /// Tells what the words mean; how many references there are depends on the verb.
    pub fn understand(words: RegistryWords) -> Result<Self, Failure> {
        let RegistryWords { verb, references, registry } = words;
        let read = |text: &str| FlakeRef::parse(text).map_err(Failure::from);
        let edit = match (verb, references.as_slice()) {
            (RegistryVerb::List, []) => return Ok(Self::List(registry)),
            (RegistryVerb::Resolve, _) if registry.is_some() => {
                return Err(Failure::usage(
                    "'firn registry resolve' asks all registries; --registry is for list, add, remove and pin",
                ));
            }
            (RegistryVerb::Resolve, _) => return Ok(Self::Resolve(references)),
            (RegistryVerb::Add, [from, to]) => RegistryEdit::Add { from: read(from)?, to: read(to)? },
            (RegistryVerb::Remove, [from]) => RegistryEdit::Remove { from: read(from)? },
            (RegistryVerb::Pin, [from]) => RegistryEdit::Pin { from: read(from)?, wanted: None },
            (RegistryVerb::Pin, [from, to]) => {
                RegistryEdit::Pin { from: read(from)?, wanted: Some(read(to)?) }
            }
            (verb, _) => {
                let usage = match verb {
                    RegistryVerb::Add => "'firn registry add FROM TO' takes two references",
                    RegistryVerb::Remove => "'firn registry remove FROM' takes one reference",
                    RegistryVerb::Pin => "'firn registry pin FROM [TO]' takes one reference or two",
                    RegistryVerb::List | RegistryVerb::Resolve => "'firn registry list' takes no reference",
                };
                return Err(Failure::usage(usage));
            }
        };
        Ok(Self::Edit(registry, edit))
    }
}
