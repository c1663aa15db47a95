//! What a garbage collection of the real Nix would take, and the collection itself.
//!
//! Nix tells its roots (`nix-store --gc --print-roots`) and what refers to what
//! (`nix path-info --recursive --json`); which paths are freed is [`StoreGraph`]'s to say. Nix
//! itself can only tell what is garbage now, not what would be if a generation went.
//!
//! [`StoreGraph`]: crate::core::store_graph::StoreGraph

use std::path::Path;
use std::process::Stdio;

use super::arguments::{self, Reach};
use super::{NixStore, import, json, run, settings};
use crate::core::store_graph::{KeepRules, PathInfo, Root};
use crate::core::store_path::{StoreDir, StorePath};
use crate::system::machine::{Collected, ProgressEvent, Step, StoreError, Watch};

/// As many paths are named in one command; a command line has an end.
const PATHS_AT_ONCE: usize = 2_000;

/// What is recorded of paths, or of everything that they refer to.
pub(super) fn infos(
    store: &NixStore,
    paths: &[StorePath],
    reach: Reach,
    watch: &Watch<'_>,
) -> Result<Vec<PathInfo>, StoreError> {
    let present: Vec<StorePath> = paths.iter().filter(|path| import::exists(path)).cloned().collect();
    let mut infos = Vec::new();
    for part in present.chunks(PATHS_AT_ONCE) {
        match ask(store, part, reach, watch) {
            Ok(told) => infos.extend(told),
            // One that lies there and is not valid spoils the answer for all.
            Err(StoreError::Command { message, .. }) if message.contains("is not valid") => {
                for path in part {
                    match ask(store, std::slice::from_ref(path), reach, watch) {
                        Ok(told) => infos.extend(told),
                        Err(StoreError::Command { message, .. }) if message.contains("is not valid") => {}
                        Err(error) => return Err(error),
                    }
                }
            }
            Err(error) => return Err(error),
        }
    }
    infos.sort_unstable_by(|one: &PathInfo, two| one.path.cmp(&two.path));
    infos.dedup_by(|one, two| one.path == two.path);
    Ok(infos)
}

fn ask(
    store: &NixStore,
    paths: &[StorePath],
    reach: Reach,
    watch: &Watch<'_>,
) -> Result<Vec<PathInfo>, StoreError> {
    let format = store.abilities()?.path_info_format();
    let words = arguments::path_info(paths, reach, format, &store.options);
    let output = store.run(&words, watch)?;
    json::path_infos(&output, &store.store_dir)
        .map_err(|reason| StoreError::Output { command: "nix path-info --json".to_owned(), reason })
}

/// The roots, each with the link that is one.
pub(super) fn roots(store: &NixStore, watch: &Watch<'_>) -> Result<Vec<Root>, StoreError> {
    let words = arguments::print_roots();
    let output = run::run_program(&store.environment, ("nix-store", &words), Stdio::null(), watch)?;
    Ok(read_roots(&String::from_utf8_lossy(&output), &store.store_dir))
}

/// Lines `link -> path`, the link in quotes since 2.31. What is no store path is no root: Nix names
/// such links too.
fn read_roots(text: &str, store_dir: &StoreDir) -> Vec<Root> {
    let line = |line: &str| {
        let (link, path) = line.rsplit_once(" -> ")?;
        let link = link.strip_prefix('"').and_then(|link| link.strip_suffix('"')).unwrap_or(link);
        Some(Root { link: link.to_owned(), path: StorePath::parse(store_dir, path).ok()? })
    };
    text.lines().filter_map(line).collect()
}

/// By the settings.
pub(super) fn keep_rules(store: &NixStore) -> KeepRules {
    let (environment, options) = (&store.environment, store.options.as_slice());
    let derivations = settings::is_not_disabled("keep-derivations", environment, options)
        && settings::is_not_disabled("gc-keep-derivations", environment, options);
    let outputs = settings::is_enabled("keep-outputs", environment, options)
        || settings::is_enabled("gc-keep-outputs", environment, options);
    KeepRules { derivations, outputs }
}

/// Collects.
pub(super) fn collect(store: &NixStore, watch: &Watch<'_>) -> Result<Collected, StoreError> {
    watch.progress.report(ProgressEvent::Step(Step::Collect));
    let output = store.run(&arguments::collect_garbage(&store.options), watch)?;
    let text = String::from_utf8_lossy(&output);
    read_collected(&text).ok_or_else(|| StoreError::Output {
        command: "nix store gc".to_owned(),
        reason: format!("'{}' does not tell what was deleted", text.trim()),
    })
}

/// Reads `2 store paths deleted, 2.9 MiB freed`.
fn read_collected(text: &str) -> Option<Collected> {
    let line = text.lines().rev().find(|line| line.contains("store paths deleted"))?;
    let paths = line.split_whitespace().next()?.parse().ok()?;
    let freed = line.split_once(", ")?.1.trim_end().strip_suffix(" freed")?;
    Some(Collected { paths, freed: freed.to_owned() })
}

/// What `nix profile diff-closures` prints.
pub(super) fn closure_differences(
    store: &NixStore,
    profile: &Path,
    watch: &Watch<'_>,
) -> Result<String, StoreError> {
    let output = store.run(&arguments::diff_closures(profile, &store.options), watch)?;
    Ok(String::from_utf8_lossy(&output).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_read_with_and_without_quotes() {
        let path = "/s/i270m2h1x1mzqnkc1smn1mksy6mqkd8b-profile";
        let text = format!("\"/home/a -> b/p-1-link\" -> {path}\n{{temp:7}} -> {path}\n/x -> /elsewhere\n\n");
        let roots = read_roots(&text, &StoreDir::new("/s"));
        let links: Vec<&str> = roots.iter().map(|root| root.link.as_str()).collect();
        assert_eq!(links, ["/home/a -> b/p-1-link", "{temp:7}"]);
        assert!(roots.iter().all(|root| root.path.as_str() == path));
    }

    #[test]
    fn what_was_collected_is_read() {
        let wanted = Some(Collected { paths: 2, freed: "2.86 MiB".to_owned() });
        assert_eq!(read_collected("2 store paths deleted, 2.86 MiB freed\n"), wanted);
        assert_eq!(read_collected("nothing"), None);
    }
}
