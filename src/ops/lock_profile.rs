//! Takes a profile's lock without losing the way out.
//!
//! Another program may hold the lock for long. The wait happens on a thread of its
//! own, so that whoever waits can be cancelled; a lock that arrives after that is
//! released at once, by being dropped.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use crate::system::machine::{Cancel, StoreError};
use crate::system::profile_folder::{ProfileFolder, ProfileLock};

/// How long a request to stop may go unnoticed while waiting.
const NOTICE: Duration = Duration::from_millis(20);

/// Waits for the lock, or for the request to stop.
pub(super) fn lock_profile(folder: &ProfileFolder, cancel: &Cancel) -> anyhow::Result<ProfileLock> {
    let (sender, receiver) = channel();
    let waiting = folder.clone();
    std::thread::spawn(move || {
        // Nobody listens any more: the lock comes back in the error and is dropped, that is, released.
        let _ = sender.send(waiting.lock());
    });
    loop {
        if cancel.is_requested() {
            return Err(StoreError::Cancelled.into());
        }
        match receiver.recv_timeout(NOTICE) {
            Ok(lock) => return Ok(lock?),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => anyhow::bail!("waiting for the profile's lock failed"),
        }
    }
}
