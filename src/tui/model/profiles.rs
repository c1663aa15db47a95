//! `P`: the profiles of the machine to choose from.

use super::ListCursor;
use crate::ops::find_profiles::FoundProfile;

/// The chooser.
#[derive(Debug, Default)]
pub struct ProfilesScreen {
    /// The default one first; nothing while they are looked for.
    pub found: Option<Vec<FoundProfile>>,
    /// Among them.
    pub cursor: ListCursor,
}

impl ProfilesScreen {
    /// The profile under the cursor.
    pub fn selected(&self) -> Option<&FoundProfile> {
        self.found.as_ref()?.get(self.cursor.selected)
    }
}
