//! Puts a finished profile into the store, with its references.
//!
//! `nix store add` records no references, so a garbage collection would delete packages
//! under a live profile. `nix-store --import` needs a trusted user. What works for
//! everybody is to pretend to be a binary cache: a folder with `nix-cache-info`, a narinfo
//! that says what the path is and refers to, and the NAR, from which `nix copy` fetches.
//! The path is content-addressed, so Nix checks it instead of asking for a signature.
//!
//! The NAR is not compressed: it is read once, from a folder that is deleted afterwards.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use super::environment::NixEnvironment;
use super::scratch::{self, ScratchFolder};
use super::{arguments, run};
use crate::core::nar::nix32;
use crate::core::store_path::{StoreDir, StorePath};
use crate::system::machine::{ProfileObject, StoreError, Watch};
use crate::system::progress::LogOnly;

/// Copies the profile into the store through a temporary cache.
pub(super) fn import(
    environment: &NixEnvironment,
    (store_dir, options): (&StoreDir, &[String]),
    object: &ProfileObject<'_>,
    watch: &Watch<'_>,
) -> Result<(), StoreError> {
    let parent = environment.temporary_folder();
    scratch::sweep(&parent);
    let cache = ScratchFolder::make(&parent, scratch::CACHE)?;
    write_cache(cache.path(), store_dir, object).map_err(|error| StoreError::file(cache.path(), &error))?;
    // Copying the profile is linking; what is fetched and built was before.
    let told = LogOnly(watch.progress);
    let watch = &Watch { progress: &told, cancel: watch.cancel };
    let copied = run::run(
        environment,
        &arguments::copy_from_folder(cache.path(), store_dir, object.path, options),
        watch,
    );
    match copied {
        Ok(_) => Ok(()),
        Err(error) => Err(vanished_reference(object.references, &error).unwrap_or(error)),
    }
}

/// Whether copying failed because a garbage collection took something the profile refers to.
fn vanished_reference(references: &[StorePath], error: &StoreError) -> Option<StoreError> {
    let StoreError::Command { message, .. } = error else { return None };
    let named = |path: &&StorePath| message.contains(path.as_str());
    let gone = |path: &&StorePath| message.contains("is not valid") || !exists(path);
    let path = references.iter().filter(named).find(gone)?;
    Some(StoreError::Vanished(path.as_str().to_owned()))
}

/// Whether something is at a store path.
pub(super) fn exists(path: &StorePath) -> bool {
    Path::new(path.as_str()).symlink_metadata().is_ok()
}

fn write_cache(folder: &Path, store_dir: &StoreDir, object: &ProfileObject<'_>) -> io::Result<()> {
    let hash_part = object.path.hash_part();
    std::fs::write(folder.join("nix-cache-info"), format!("StoreDir: {store_dir}\n"))?;
    std::fs::write(folder.join(format!("{hash_part}.narinfo")), narinfo(object))?;
    let mut nar = BufWriter::new(File::create(folder.join(format!("{hash_part}.nar")))?);
    (object.write_nar)(&mut nar)?;
    nar.flush()
}

/// What a binary cache says about a path.
fn narinfo(object: &ProfileObject<'_>) -> String {
    let references: Vec<&str> = object.references.iter().map(StorePath::base_name).collect();
    let hash = nix32(&object.nar.sha256);
    format!(
        "StorePath: {path}\n\
         URL: {hash_part}.nar\n\
         Compression: none\n\
         NarHash: sha256:{hash}\n\
         NarSize: {size}\n\
         References: {references}\n\
         CA: fixed:r:sha256:{hash}\n",
        path = object.path,
        hash_part = object.path.hash_part(),
        size = object.nar.size,
        references = references.join(" "),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::nar::NarHash;

    fn paths() -> [StorePath; 3] {
        let store_dir = StoreDir::new("/s");
        ["a", "b", "profile"].map(|name| {
            StorePath::parse(&store_dir, &format!("/s/i270m2h1x1mzqnkc1smn1mksy6mqkd8b-{name}")).unwrap()
        })
    }

    #[test]
    fn the_cache_says_everything_nix_asks() {
        let [a, b, profile] = paths();
        let object = ProfileObject {
            path: &profile,
            references: &[a, b],
            nar: NarHash { sha256: [0; 32], size: 3 },
            write_nar: &|sink| sink.write_all(b"nar"),
        };
        let folder = tempfile::tempdir().unwrap();
        write_cache(folder.path(), &StoreDir::new("/s"), &object).unwrap();
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        let hash_part = "i270m2h1x1mzqnkc1smn1mksy6mqkd8b";
        assert_eq!(read("nix-cache-info"), "StoreDir: /s\n");
        assert_eq!(read(&format!("{hash_part}.nar")), "nar");
        let zeros = "0".repeat(52);
        assert_eq!(
            read(&format!("{hash_part}.narinfo")),
            format!(
                "StorePath: /s/{hash_part}-profile\nURL: {hash_part}.nar\nCompression: none\n\
                 NarHash: sha256:{zeros}\nNarSize: 3\nReferences: {hash_part}-a {hash_part}-b\n\
                 CA: fixed:r:sha256:{zeros}\n"
            )
        );
    }

    #[test]
    fn a_reference_that_is_gone_is_named() {
        let [a, b, _] = paths();
        let error = |message: &str| StoreError::Command {
            command: String::new(),
            status: String::new(),
            message: message.to_owned(),
        };
        let found = vanished_reference(&[a, b.clone()], &error(&format!("path '{b}' is not valid")));
        assert!(matches!(found, Some(StoreError::Vanished(path)) if path == b.as_str()));
        assert!(vanished_reference(&[b], &error("no space left on device")).is_none());
    }
}
