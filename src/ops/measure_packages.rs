//! Measures packages: files and bytes of each store path. Reads the disk only.

use std::path::Path;
use std::sync::Arc;

use crate::core::package::PackageSize;
use crate::core::store_path::StorePath;
use crate::system::package_size;

/// A store path with its size, or with words that say why it has none.
pub type Measurement = (StorePath, Result<PackageSize, Arc<str>>);

/// Measures each path on its own: one that cannot be read costs only itself.
pub fn measure_packages(paths: &[StorePath]) -> Vec<Measurement> {
    let measured = |path: &StorePath| {
        let size = package_size::measure(Path::new(path.as_str()));
        (path.clone(), size.map_err(|error| Arc::from(error.to_string())))
    };
    paths.iter().map(measured).collect()
}
