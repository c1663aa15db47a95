//! What nix and its binary caches tell about packages that are not here yet.
//!
//! Which paths would be fetched and which derivations built is nix's word (`nix build
//! --dry-run`), as it depends on signatures, trust and settings. Sizes and contents come
//! from the caches that nix would ask ([`BinaryCaches`]).

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use super::environment::NixEnvironment;
use super::{arguments, run};
use crate::core::file_tree::FileTrees;
use crate::core::plan::ToRealise;
use crate::core::plan::cost::{Fetched, FetchedSizes, Obtainable};
use crate::core::store_path::{StoreDir, StorePath};
use crate::system::binary_cache::BinaryCaches;
use crate::system::machine::{Progress, ProgressEvent, StoreError, Watch};
use crate::system::package_reader::read_listed;

/// Where nix looks for certificates if nothing says otherwise.
const CERTIFICATES: [&str; 2] = ["/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs/ca-bundle.crt"];

/// Whom to ask: one store of one environment.
pub(super) struct Asking<'a> {
    pub environment: &'a NixEnvironment,
    pub store_dir: &'a StoreDir,
    pub options: &'a [String],
}

impl Asking<'_> {
    /// The contents of paths, each by its listing.
    pub(super) fn listings(&self, paths: &[StorePath], watch: &Watch<'_>) -> Result<FileTrees, StoreError> {
        let caches = self.caches(watch)?;
        let trees = read_listed(paths, self.store_dir, &mut |asked| caches.listings(asked, watch.cancel));
        report_problems(&caches, watch);
        trees
    }

    /// How paths would come here.
    pub(super) fn obtainable(
        &self,
        wanted: &[ToRealise],
        watch: &Watch<'_>,
    ) -> Result<Obtainable, StoreError> {
        let log = Recording { to: watch.progress, lines: Mutex::default() };
        let words = arguments::dry_run(wanted, self.options);
        run::run(self.environment, &words, &Watch { progress: &log, cancel: watch.cancel })?;
        let lines = log.lines.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (fetch, build) = announced(&lines, self.store_dir);
        if fetch.is_empty() {
            return Ok(Obtainable { fetch: Vec::new(), build });
        }
        let caches = self.caches(watch)?;
        let infos = caches.infos(&fetch, self.store_dir, watch.cancel)?;
        report_problems(&caches, watch);
        let sizes = infos.into_iter().map(|info| {
            info.map(|info| FetchedSizes {
                download: info.download_size,
                unpacked: info.nar_size,
                references: info.references,
            })
        });
        let fetch = fetch.into_iter().zip(sizes).map(|(path, sizes)| Fetched { path, sizes }).collect();
        Ok(Obtainable { fetch, build })
    }

    /// The caches that nix would ask, by its own settings.
    fn caches(&self, watch: &Watch<'_>) -> Result<BinaryCaches, StoreError> {
        let words = arguments::settings(self.options);
        let output = run::run(self.environment, &words, watch)?;
        let settings: Value = serde_json::from_slice(&output).map_err(|error| StoreError::Output {
            command: "nix config show --json".to_owned(),
            reason: error.to_string(),
        })?;
        let value = |name: &str| settings.get(name).and_then(|setting| setting.get("value"));
        let is_asked = value("substitute").and_then(Value::as_bool).unwrap_or(true);
        let urls = value("substituters").and_then(Value::as_array).into_iter().flatten();
        let urls: Vec<String> =
            urls.filter_map(Value::as_str).filter(|_| is_asked).map(str::to_owned).collect();
        let told = value("ssl-cert-file").and_then(Value::as_str).filter(|file| !file.is_empty());
        let certificates = told.map(PathBuf::from).or_else(|| self.usual_certificates());
        Ok(BinaryCaches::new(&urls, certificates.as_deref()))
    }

    fn usual_certificates(&self) -> Option<PathBuf> {
        let told = ["NIX_SSL_CERT_FILE", "SSL_CERT_FILE"].iter().find_map(|name| self.environment.get(name));
        let usual = || CERTIFICATES.iter().map(PathBuf::from).find(|file| file.exists());
        told.map(PathBuf::from).or_else(usual)
    }
}

fn report_problems(caches: &BinaryCaches, watch: &Watch<'_>) {
    for problem in caches.problems() {
        watch.progress.report(ProgressEvent::Log(problem));
    }
}

/// Keeps the log, which says what would be done, while it is passed on.
struct Recording<'a> {
    to: &'a dyn Progress,
    lines: Mutex<Vec<String>>,
}

impl Progress for Recording<'_> {
    fn report(&self, event: ProgressEvent) {
        if let ProgressEvent::Log(line) = &event {
            self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(line.clone());
        }
        self.to.report(event);
    }
}

/// Reads what would be fetched and built: a line that says which, then a path per line, indented.
fn announced(lines: &[String], store_dir: &StoreDir) -> (Vec<StorePath>, Vec<StorePath>) {
    let (mut fetch, mut build) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    let mut list: Option<&mut Vec<StorePath>> = None;
    for line in lines {
        let path = line.strip_prefix("  ").and_then(|path| StorePath::parse(store_dir, path.trim()).ok());
        match (path, &mut list) {
            (Some(path), Some(list)) if seen.insert(path.clone()) => list.push(path),
            (Some(_), _) => {}
            (None, _) if line.contains("will be built") => list = Some(&mut build),
            (None, _) if line.contains("will be fetched") => list = Some(&mut fetch),
            (None, _) => list = None,
        }
    }
    (fetch, build)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_fetched_and_built_is_read() {
        let hash = "i270m2h1x1mzqnkc1smn1mksy6mqkd8b";
        let other = "j270m2h1x1mzqnkc1smn1mksy6mqkd8b";
        let lines = [
            "querying info about missing paths".to_owned(),
            "this derivation will be built:".to_owned(),
            format!("  /s/{hash}-c.drv"),
            "these 2 paths will be fetched (0.00 MiB download, 0.00 MiB unpacked):".to_owned(),
            format!("  /s/{hash}-a"),
            format!("  /s/{other}-b"),
            format!("  /s/{hash}-a"),
            "warning: something else".to_owned(),
            format!("  /s/{hash}-no"),
        ];
        let (fetch, build) = announced(&lines, &StoreDir::new("/s"));
        let names = |paths: &[StorePath]| paths.iter().map(|path| path.name().to_owned()).collect::<Vec<_>>();
        assert_eq!((names(&fetch), names(&build)), (vec!["a".into(), "b".into()], vec!["c.drv".into()]));
    }
}
