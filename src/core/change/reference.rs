//! Flake references in a plan file: a text that is read as one, and printed in its short form.
//!
//! `"from": "nixpkgs"` is how people write and say it; the reference's own URL form would be
//! `flake:nixpkgs`. What is not a reference is refused when the file is read.

use serde::de::Error as _;
use serde::{Deserialize as _, Deserializer, Serializer};

use crate::core::flake_ref::FlakeRef;

/// The shortest text that reads as this reference.
pub fn short(reference: &FlakeRef) -> &str {
    let url = reference.as_str();
    match url.strip_prefix("flake:") {
        Some(name) if FlakeRef::parse(name).is_ok_and(|read| read == *reference) => name,
        _ => url,
    }
}

pub(super) fn serialize<S: Serializer>(reference: &FlakeRef, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(short(reference))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<FlakeRef, D::Error> {
    FlakeRef::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// A reference that need not be there.
pub(super) mod optional {
    use serde::{Deserializer, Serializer};

    use super::FlakeRef;

    #[expect(clippy::ref_option, reason = "serde gives the field as it is")]
    pub(in crate::core::change) fn serialize<S: Serializer>(
        reference: &Option<FlakeRef>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match reference {
            Some(reference) => super::serialize(reference, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(in crate::core::change) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<FlakeRef>, D::Error> {
        super::deserialize(deserializer).map(Some)
    }
}
