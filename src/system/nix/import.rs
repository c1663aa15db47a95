//! Puts a finished profile into the store, with its references.
//!
//! `nix store add` records no references, so a garbage collection would delete packages
//! under a live profile. `nix-store --import` needs a trusted user. What works for
//! everybody is to pretend to be a binary cache: a folder with `nix-cache-info`, a narinfo
//! that says what the path is and refers to, and the NAR, from which `nix copy` fetches.
//! The path is content-addressed, so Nix checks it instead of asking for a signature. The manifest of
//! a user environment and its derivation go in the same way, as the texts they are.
//!
//! The NAR is not compressed: it is read once, from a folder that is deleted afterwards.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::environment::NixEnvironment;
use super::scratch::{self, ScratchFolder};
use super::{arguments, run};
use crate::core::nar::{NarHash, NarHasher, NarWriter, nix32};
use crate::core::store_path::{StoreDir, StorePath};
use crate::core::user_environment::object::TextObject;
use crate::system::machine::{ProfileObject, StoreError, Watch};
use crate::system::progress::LogOnly;

/// Copies the profile into the store through a temporary cache.
pub(super) fn import(
    environment: &NixEnvironment,
    (store_dir, options): (&StoreDir, &[String]),
    object: &ProfileObject<'_>,
    watch: &Watch<'_>,
) -> Result<(), StoreError> {
    let cached = CachedObject {
        path: object.path,
        references: object.references,
        nar: object.nar,
        address: format!("fixed:r:sha256:{}", nix32(&object.nar.sha256)),
        write_nar: object.write_nar,
    };
    copy(environment, (store_dir, options), &[cached], watch)
}

/// Copies texts into the store, each of which may refer to those before it.
pub(super) fn import_texts(
    environment: &NixEnvironment,
    place: (&StoreDir, &[String]),
    texts: &[&TextObject],
    watch: &Watch<'_>,
) -> Result<(), StoreError> {
    let writers: Vec<_> = texts.iter().map(|object| nar_of_text(object.text.as_bytes())).collect();
    let cached = texts.iter().zip(&writers).map(|(object, write_nar)| {
        let mut hasher = NarHasher::default();
        // A hasher takes every byte.
        let _ = write_nar(&mut hasher);
        CachedObject {
            path: &object.path,
            references: &object.references,
            nar: hasher.finish(),
            address: format!("text:sha256:{}", nix32(&Sha256::digest(object.text.as_bytes()))),
            write_nar,
        }
    });
    copy(environment, place, &cached.collect::<Vec<_>>(), watch)
}

/// Writes a text as the NAR of a file.
fn nar_of_text(text: &[u8]) -> impl Fn(&mut dyn io::Write) -> io::Result<()> {
    move |sink| NarWriter::new(sink)?.file(text, false)
}

/// Something that a binary cache has: the path, what it refers to, and its contents.
struct CachedObject<'a> {
    path: &'a StorePath,
    references: &'a [StorePath],
    nar: NarHash,
    /// How the path follows from the contents.
    address: String,
    write_nar: &'a dyn Fn(&mut dyn io::Write) -> io::Result<()>,
}

fn copy(
    environment: &NixEnvironment,
    (store_dir, options): (&StoreDir, &[String]),
    objects: &[CachedObject<'_>],
    watch: &Watch<'_>,
) -> Result<(), StoreError> {
    let parent = environment.temporary_folder();
    scratch::sweep(&parent);
    let cache = ScratchFolder::make(&parent, scratch::CACHE)?;
    write_cache(cache.path(), store_dir, objects).map_err(|error| StoreError::file(cache.path(), &error))?;
    let paths: Vec<&StorePath> = objects.iter().map(|object| object.path).collect();
    let arguments = arguments::copy_from_folder(cache.path(), store_dir, &paths, options);
    // Copying the profile is linking; what is fetched and built was before.
    let told = LogOnly(watch.progress);
    let watch = Watch { progress: &told, cancel: watch.cancel };
    let Err(error) = run::run(environment, &arguments, &watch) else { return Ok(()) };
    let references = objects.iter().flat_map(|object| object.references);
    let of_others = references.filter(|reference| !paths.contains(reference));
    Err(vanished_reference(of_others, &error).unwrap_or(error))
}

/// Whether copying failed because a garbage collection took something the profile refers to.
fn vanished_reference<'a>(
    mut references: impl Iterator<Item = &'a StorePath>,
    error: &StoreError,
) -> Option<StoreError> {
    let StoreError::Command { message, .. } = error else { return None };
    let named = |path: &&StorePath| message.contains(path.as_str());
    let gone = |path: &&StorePath| message.contains("is not valid") || !exists(path);
    let path = references.find(|path| named(path) && gone(path))?;
    Some(StoreError::Vanished(path.as_str().to_owned()))
}

/// Whether something is at a store path.
pub(super) fn exists(path: &StorePath) -> bool {
    Path::new(path.as_str()).symlink_metadata().is_ok()
}

fn write_cache(folder: &Path, store_dir: &StoreDir, objects: &[CachedObject<'_>]) -> io::Result<()> {
    std::fs::write(folder.join("nix-cache-info"), format!("StoreDir: {store_dir}\n"))?;
    for object in objects {
        let hash_part = object.path.hash_part();
        std::fs::write(folder.join(format!("{hash_part}.narinfo")), narinfo(object))?;
        let mut nar = BufWriter::new(File::create(folder.join(format!("{hash_part}.nar")))?);
        (object.write_nar)(&mut nar)?;
        nar.flush()?;
    }
    Ok(())
}

/// What a binary cache says about a path.
fn narinfo(object: &CachedObject<'_>) -> String {
    let references: Vec<&str> = object.references.iter().map(StorePath::base_name).collect();
    format!(
        "StorePath: {path}\n\
         URL: {hash_part}.nar\n\
         Compression: none\n\
         NarHash: sha256:{hash}\n\
         NarSize: {size}\n\
         References: {references}\n\
         CA: {address}\n",
        path = object.path,
        hash_part = object.path.hash_part(),
        hash = nix32(&object.nar.sha256),
        size = object.nar.size,
        references = references.join(" "),
        address = object.address,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths() -> [StorePath; 3] {
        let store_dir = StoreDir::new("/s");
        ["a", "b", "profile"].map(|name| {
            StorePath::parse(&store_dir, &format!("/s/i270m2h1x1mzqnkc1smn1mksy6mqkd8b-{name}")).unwrap()
        })
    }

    #[test]
    fn the_cache_says_everything_nix_asks() {
        let [a, b, profile] = paths();
        let zeros = "0".repeat(52);
        let object = CachedObject {
            path: &profile,
            references: &[a, b],
            nar: NarHash { sha256: [0; 32], size: 3 },
            address: format!("fixed:r:sha256:{zeros}"),
            write_nar: &|sink| sink.write_all(b"nar"),
        };
        let folder = tempfile::tempdir().unwrap();
        write_cache(folder.path(), &StoreDir::new("/s"), &[object]).unwrap();
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        let hash_part = "i270m2h1x1mzqnkc1smn1mksy6mqkd8b";
        assert_eq!(read("nix-cache-info"), "StoreDir: /s\n");
        assert_eq!(read(&format!("{hash_part}.nar")), "nar");
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
        let found = vanished_reference([&a, &b].into_iter(), &error(&format!("path '{b}' is not valid")));
        assert!(matches!(found, Some(StoreError::Vanished(path)) if path == b.as_str()));
        assert!(vanished_reference([&b].into_iter(), &error("no space left on device")).is_none());
    }
}
