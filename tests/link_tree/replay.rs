//! What Nix does, step by step, against the world in memory: the oracle.
//!
//! Written from Nix's behaviour alone and kept as literal as Rust allows; it
//! shares no code with the planner and knows no trick. It links package after
//! package and stops at the first conflict, as Nix does.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::world::{Errno, Object, World, parts, words};

/// What stands in the profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placed {
    Folder,
    Link(Vec<u8>),
}

/// The profile by path, without a leading slash.
pub type Profile = BTreeMap<Vec<u8>, Placed>;

#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    /// Two of one priority.
    Tie { path: Vec<u8>, there: Vec<u8>, newcomer: Vec<u8>, priority: i32 },
    /// A folder comes where a file is linked.
    FolderOnFile { path: Vec<u8>, there: Vec<u8>, newcomer: Vec<u8> },
    /// A file comes where a real folder is.
    FileOnFolder { path: Vec<u8>, newcomer: Vec<u8> },
    /// The machine refuses something.
    Unreadable(Errno),
    /// Not Nix's: the profile gets too big for a test.
    TooLarge,
}

/// Links the active elements' paths, then what they propagate.
pub fn replay(world: &World, active: &[(Vec<u8>, i32)]) -> Result<Profile, Failure> {
    let mut replay = Replay { world, profile: Profile::new(), priorities: HashMap::new() };
    let mut done: BTreeSet<Vec<Vec<u8>>> = BTreeSet::new();
    let mut postponed: BTreeMap<Vec<Vec<u8>>, Vec<u8>> = BTreeMap::new();
    let mut active = active.to_vec();
    active.sort_by(|left, right| (left.1, &left.0).cmp(&(right.1, &right.0)));
    for (path, priority) in active {
        replay.add(&path, priority, &mut done, &mut postponed)?;
    }
    let mut counter = 1000;
    while !postponed.is_empty() {
        for (_, path) in std::mem::take(&mut postponed) {
            replay.add(&path, counter, &mut done, &mut postponed)?;
            counter += 1;
        }
    }
    Ok(replay.profile)
}

struct Replay<'w> {
    world: &'w World,
    profile: Profile,
    priorities: HashMap<Vec<u8>, i32>,
}

impl Replay<'_> {
    fn add(
        &mut self,
        path: &[u8],
        priority: i32,
        done: &mut BTreeSet<Vec<Vec<u8>>>,
        postponed: &mut BTreeMap<Vec<Vec<u8>>, Vec<u8>>,
    ) -> Result<(), Failure> {
        if !done.insert(compared(path)) {
            return Ok(());
        }
        self.create_links(path, b"", priority)?;
        let propagated = below(&below(path, b"nix-support"), b"propagated-user-env-packages");
        match self.world.follow(&propagated) {
            Ok(found) => {
                let Object::File(text) = found.object else { return Err(Failure::Unreadable(Errno::Denied)) };
                for word in words(text) {
                    if !done.contains(&compared(&word)) {
                        postponed.entry(compared(&word)).or_insert(word);
                    }
                }
                Ok(())
            }
            Err(lost) => match lost.errno {
                Errno::NotFound | Errno::NotADirectory => Ok(()),
                errno => Err(Failure::Unreadable(errno)),
            },
        }
    }

    fn create_links(&mut self, source: &[u8], destination: &[u8], priority: i32) -> Result<(), Failure> {
        let names: Vec<Vec<u8>> = match self.world.follow(source) {
            Ok(found) => match found.object {
                Object::Folder(entries) => entries.keys().cloned().collect(),
                Object::Sealed => return Err(Failure::Unreadable(Errno::Denied)),
                _ => return Ok(()),
            },
            Err(lost) if lost.errno == Errno::NotADirectory => return Ok(()),
            Err(lost) => return Err(Failure::Unreadable(lost.errno)),
        };
        for name in names {
            if name.starts_with(b".") {
                continue;
            }
            let source_file = below(source, &name);
            let target = if destination.is_empty() { name.clone() } else { below(destination, &name) };
            let is_folder = match self.world.follow(&source_file) {
                Ok(found) => matches!(found.object, Object::Folder(_) | Object::Sealed),
                Err(lost) => match lost.errno {
                    Errno::NotFound | Errno::NotADirectory => continue,
                    errno => return Err(Failure::Unreadable(errno)),
                },
            };
            if is_skipped(&source_file) {
                continue;
            }
            let settled = if is_folder {
                self.folder_meets(&source_file, &target, priority)?
            } else {
                self.file_meets(&source_file, &target, priority)?
            };
            if !settled {
                self.profile.insert(target.clone(), Placed::Link(source_file));
                self.priorities.insert(target, priority);
            }
            if self.profile.len() > 20_000 {
                return Err(Failure::TooLarge);
            }
        }
        Ok(())
    }

    /// Tells whether nothing is left to link.
    fn folder_meets(&mut self, source: &[u8], target: &[u8], priority: i32) -> Result<bool, Failure> {
        match self.profile.get(target).cloned() {
            None => Ok(false),
            Some(Placed::Folder) => {
                self.create_links(source, target, priority)?;
                Ok(true)
            }
            Some(Placed::Link(there)) => {
                let found = self.world.follow(&there).map_err(|lost| Failure::Unreadable(lost.errno))?;
                if !matches!(found.object, Object::Folder(_) | Object::Sealed) {
                    let (path, newcomer) = (target.to_vec(), source.to_vec());
                    return Err(Failure::FolderOnFile { path, there, newcomer });
                }
                self.profile.insert(target.to_vec(), Placed::Folder);
                let before = self.priorities[target];
                self.create_links(&found.real_path, target, before)?;
                self.create_links(source, target, priority)?;
                Ok(true)
            }
        }
    }

    /// Tells whether nothing is left to link.
    fn file_meets(&mut self, source: &[u8], target: &[u8], priority: i32) -> Result<bool, Failure> {
        match self.profile.get(target).cloned() {
            None => Ok(false),
            Some(Placed::Folder) => {
                Err(Failure::FileOnFolder { path: target.to_vec(), newcomer: source.to_vec() })
            }
            Some(Placed::Link(there)) => {
                let before = self.priorities[target];
                if before == priority {
                    let (path, newcomer) = (target.to_vec(), source.to_vec());
                    return Err(Failure::Tie { path, there, newcomer, priority });
                }
                Ok(before < priority)
            }
        }
    }
}

fn is_skipped(path: &[u8]) -> bool {
    let endings: [&[u8]; 7] = [
        b"/propagated-build-inputs",
        b"/nix-support",
        b"/perllocal.pod",
        b"/info/dir",
        b"/log",
        b"/manifest.nix",
        b"/manifest.json",
    ];
    endings.iter().any(|ending| path.ends_with(ending))
}

/// A path as Nix compares it: its parts, and whether it ends in a slash.
fn compared(path: &[u8]) -> Vec<Vec<u8>> {
    let mut compared = parts(path);
    if path.ends_with(b"/") {
        compared.push(Vec::new());
    }
    compared
}

fn below(folder: &[u8], name: &[u8]) -> Vec<u8> {
    let slash: &[u8] = if folder.ends_with(b"/") { b"" } else { b"/" };
    [folder, slash, name].concat()
}
