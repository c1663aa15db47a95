//! What packages weigh, as far as it was asked.

use std::collections::HashMap;
use std::sync::Arc;

use crate::core::manifest::ProfileElement;
use crate::core::package::PackageSize;
use crate::core::store_path::StorePath;

/// Sizes by store path; they do not change, so they are kept for good.
#[derive(Debug, Default)]
pub struct MeasuredPackages {
    /// The size, or words that say why there is none.
    pub sizes: HashMap<StorePath, Result<PackageSize, Arc<str>>>,
    /// What was asked for last, so that nothing is asked for twice.
    pub asked: Vec<StorePath>,
}

/// What is known of the size of several packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Weight {
    /// All of them.
    Exact(PackageSize),
    /// At least one is not measured yet.
    Unknown,
    /// At least one cannot be measured, for this reason.
    Unreadable(Arc<str>),
}

impl MeasuredPackages {
    /// The packages of an element together.
    pub fn of_element(&self, element: &ProfileElement) -> Weight {
        let mut sum = PackageSize::default();
        for path in &element.store_paths {
            match self.sizes.get(path) {
                Some(Ok(size)) => sum += *size,
                Some(Err(reason)) => return Weight::Unreadable(Arc::clone(reason)),
                None => return Weight::Unknown,
            }
        }
        Weight::Exact(sum)
    }

    /// The packages of an element that were not measured.
    pub fn missing(&self, element: &ProfileElement) -> Vec<StorePath> {
        element.store_paths.iter().filter(|path| !self.sizes.contains_key(path)).cloned().collect()
    }
}
