//! Asks binary caches about store paths that are not here: what is in them, how large they are.
//!
//! Read are two small files beside each package, `<hash>.narinfo` and `<hash>.ls`; packages
//! themselves are downloaded by nix alone, which checks signatures. Caches are asked in turn and
//! the first answer counts; several paths are asked for side by side. A cache that cannot be
//! reached is left out from then on and named, because the others may know. Caches that are
//! neither a folder nor a web server (`ssh`, `s3`) tell nothing here.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::bounded_file;
use super::machine::{Cancel, StoreError};
use crate::core::nar_info::NarInfo;
use crate::core::nar_listing::NarListing;
use crate::core::store_path::{StoreDir, StorePath};

mod web;

use web::Web;

/// As many questions are under way at once; they wait for the network, not for a processor.
const SIDE_BY_SIDE: usize = 16;

/// Larger answers are not read: the listing of a package of a million files has some 100 MB.
const LARGEST: u64 = 128 << 20;

/// How long a cancelled question is waited for at most.
const PATIENCE: Duration = Duration::from_millis(20);

/// The caches that can be asked.
pub struct BinaryCaches(Arc<Caches>);

struct Caches {
    caches: Vec<Cache>,
    web: Web,
}

/// One cache.
struct Cache {
    /// As in the settings.
    url: String,
    place: Place,
    /// Set once it could not be reached.
    is_silent: AtomicBool,
    /// Why.
    problem: Mutex<Option<String>>,
}

enum Place {
    Folder(PathBuf),
    /// The address with a slash at its end.
    Web(String),
}

/// What one cache says about one file.
enum Answer {
    Found(Vec<u8>),
    /// There is no such file, or it cannot be had from there.
    Nothing,
    /// The cache does not answer.
    Silent(String),
}

impl BinaryCaches {
    /// Caches by their URLs, in the order in which they are asked. `certificates` is a file of those
    /// that web servers are checked by.
    pub fn new(urls: &[String], certificates: Option<&Path>) -> Self {
        let cache = |url: &String| {
            let (url, place) = (url.clone(), place(url)?);
            Some(Cache { url, place, is_silent: AtomicBool::new(false), problem: Mutex::new(None) })
        };
        let caches = urls.iter().filter_map(cache).collect();
        Self(Arc::new(Caches { caches, web: Web::new(certificates) }))
    }

    /// What is in each path; `None` where no cache tells.
    pub fn listings(
        &self,
        paths: &[StorePath],
        cancel: &Cancel,
    ) -> Result<Vec<Option<NarListing>>, StoreError> {
        self.ask(paths, "ls", cancel, |_, text| NarListing::parse(text).ok())
    }

    /// Size and references of each path; `None` where no cache tells.
    pub fn infos(
        &self,
        paths: &[StorePath],
        store_dir: &StoreDir,
        cancel: &Cancel,
    ) -> Result<Vec<Option<NarInfo>>, StoreError> {
        let store_dir = store_dir.clone();
        self.ask(paths, "narinfo", cancel, move |path, text| {
            let info = NarInfo::parse(std::str::from_utf8(text).ok()?, &store_dir).ok()?;
            (info.path == *path).then_some(info)
        })
    }

    /// Caches that could not be reached, with the reason, in words.
    pub fn problems(&self) -> Vec<String> {
        let problem = |cache: &Cache| {
            let problem = cache.problem.lock().unwrap_or_else(PoisonError::into_inner);
            problem.as_ref().map(|problem| format!("the cache {} does not answer: {problem}", cache.url))
        };
        self.0.caches.iter().filter_map(problem).collect()
    }

    /// Asks for `<hash>.<suffix>` of each path, side by side. Threads that wait for a server are left
    /// behind when the user cancels; they end by themselves and touch nothing.
    fn ask<T: Send + 'static>(
        &self,
        paths: &[StorePath],
        suffix: &'static str,
        cancel: &Cancel,
        read: impl Fn(&StorePath, &[u8]) -> Option<T> + Send + Sync + 'static,
    ) -> Result<Vec<Option<T>>, StoreError> {
        let mut answers: Vec<Option<T>> = paths.iter().map(|_| None).collect();
        if self.0.caches.is_empty() || paths.is_empty() {
            return Ok(answers);
        }
        let questions = Arc::new(Questions {
            caches: Arc::clone(&self.0),
            paths: paths.to_vec(),
            suffix,
            next: AtomicUsize::new(0),
            cancel: cancel.clone(),
            read,
        });
        let (sender, receiver) = channel();
        for _ in 0..SIDE_BY_SIDE.min(paths.len()) {
            let (questions, sender) = (Arc::clone(&questions), sender.clone());
            std::thread::spawn(move || questions.work(&sender));
        }
        drop(sender);
        while !cancel.is_requested() {
            match receiver.recv_timeout(PATIENCE) {
                Ok((index, answer)) => answers[index] = answer,
                Err(RecvTimeoutError::Disconnected) => return Ok(answers),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
        Err(StoreError::Cancelled)
    }
}

/// Questions that several threads work off.
struct Questions<Read> {
    caches: Arc<Caches>,
    paths: Vec<StorePath>,
    suffix: &'static str,
    next: AtomicUsize,
    cancel: Cancel,
    read: Read,
}

impl<T, Read: Fn(&StorePath, &[u8]) -> Option<T>> Questions<Read> {
    fn work(&self, answers: &Sender<(usize, Option<T>)>) {
        while !self.cancel.is_requested() {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(path) = self.paths.get(index) else { return };
            let file = format!("{}.{}", path.hash_part(), self.suffix);
            let mut found = self.caches.ask(&file).filter_map(|text| (self.read)(path, &text));
            // Nobody listens any more once the user has cancelled.
            if answers.send((index, found.next())).is_err() {
                return;
            }
        }
    }
}

impl Caches {
    /// What the caches hold under a file name, each when it is asked for.
    fn ask(&self, file: &str) -> impl Iterator<Item = Vec<u8>> {
        self.caches.iter().filter_map(move |cache| {
            if cache.is_silent.load(Ordering::Relaxed) {
                return None;
            }
            let answer = match &cache.place {
                Place::Folder(folder) => from_folder(&folder.join(file)),
                Place::Web(address) => self.web.get(&format!("{address}{file}")),
            };
            match answer {
                Answer::Found(text) => Some(text),
                Answer::Nothing => None,
                Answer::Silent(problem) => {
                    cache.is_silent.store(true, Ordering::Relaxed);
                    *cache.problem.lock().unwrap_or_else(PoisonError::into_inner) = Some(problem);
                    None
                }
            }
        })
    }
}

fn from_folder(file: &Path) -> Answer {
    match bounded_file::read(file, LARGEST) {
        Ok(text) => Answer::Found(text),
        Err(error) if error.is_nothing() => Answer::Nothing,
        Err(error) => Answer::Silent(error.to_string()),
    }
}

/// Where a cache is; its settings behind a `?` are nix's.
fn place(url: &str) -> Option<Place> {
    let address = url.split('?').next().unwrap_or(url);
    if let Some(folder) = address.strip_prefix("file://") {
        let folder: Vec<u8> = percent_encoding::percent_decode_str(folder).collect();
        return Some(Place::Folder(PathBuf::from(std::ffi::OsString::from(String::from_utf8(folder).ok()?))));
    }
    let is_web = address.starts_with("https://") || address.starts_with("http://");
    is_web.then(|| Place::Web(format!("{}/", address.trim_end_matches('/'))))
}

#[cfg(test)]
mod tests;
