//! Takes a profile's lock without losing the way out: another program may hold it for
//! long, and whoever waits can be asked to stop.

use std::time::Duration;

use crate::system::machine::{Cancel, StoreError};
use crate::system::profile_folder::{ProfileFolder, ProfileLock};

/// How long a lock that is free again may go unnoticed, and a request to stop too.
const NOTICE: Duration = Duration::from_millis(10);

/// Waits for the lock, or for the request to stop.
pub(super) fn lock_profile(folder: &ProfileFolder, cancel: &Cancel) -> anyhow::Result<ProfileLock> {
    loop {
        if cancel.is_requested() {
            return Err(StoreError::Cancelled.into());
        }
        if let Some(lock) = folder.try_lock()? {
            return Ok(lock);
        }
        // A blocking wait would be woken earlier, and could not be cancelled.
        std::thread::sleep(NOTICE);
    }
}
