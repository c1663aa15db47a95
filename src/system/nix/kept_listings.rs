//! Listings of flakes on disk, so that each locked flake is listed once.
//!
//! They lie in firn's cache folder, one file each, named by a key that stands for everything the
//! listing depends on. They are a comfort: one that cannot be read, or is damaged, is made anew, and
//! one that cannot be written is made again next time. Only the latest few are kept.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::environment::NixEnvironment;
use super::kept_answers::forget_oldest;
use crate::core::package_list::PackageList;
use crate::core::package_list::file;
use crate::system::bounded_file;

/// A listing of nixpkgs has thirty megabytes.
const FLAKES: usize = 6;

/// The place of one listing.
pub(super) struct KeptListings {
    file: PathBuf,
    key: String,
}

impl KeptListings {
    /// The place of the listing that the key stands for.
    pub(super) fn of(environment: &NixEnvironment, key: String) -> Self {
        let folder = environment.own_cache_folder().join("listings");
        Self { file: folder.join(format!("{key}.packages")), key }
    }

    /// The listing, if it is there and whole.
    pub(super) fn read(&self) -> Option<PackageList> {
        let bytes = bounded_file::read(&self.file, file::LARGEST).ok()?;
        file::parse(&bytes, &self.key).ok()
    }

    pub(super) fn write(&self, list: &PackageList) {
        // It is listed again next time.
        let _ = self.try_write(list);
    }

    /// Writes the file at once, so that another firn never reads half of it.
    fn try_write(&self, list: &PackageList) -> std::io::Result<()> {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
        temporary.write_all(&file::to_bytes(list, &self.key))?;
        temporary.persist(&self.file)?;
        forget_oldest(folder, FLAKES)
    }
}
