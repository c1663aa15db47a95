//! One more reader: what firn notes about generations, and which elements are held.

use std::path::Path;

use firn::system::holds::{Holds, NotedElement};
use firn::system::notes::Notes;

use super::targets::{Target, about, shape};

pub const NOTES: Target = Target {
    name: "notes",
    is_toml: false,
    words: &[
        "\"version\":1",
        "\"profiles\":{",
        "\"holds\":[",
        "\"/p\"",
        "\"profile\":",
        "\"element\":",
        "\"source\":",
        "\"label\":",
        "\"kept\":true",
        "null",
    ],
    run: notes,
};

/// Writing another note or hold keeps what was read; what cannot be read is not written.
fn notes(input: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let notes = Notes::new(folder.path());
    let holds = Holds::new(folder.path());
    std::fs::write(notes.path(), input).unwrap();
    std::fs::write(holds.path(), input).unwrap();
    let profile = Path::new("/p");
    let about_notes = match notes.read(profile) {
        Ok(before) => {
            if let Some((target, note)) = before.iter().find(|(_, note)| !note.is_empty()) {
                notes.write(profile, target, note).unwrap();
                assert_eq!(notes.read(profile).unwrap(), before);
            }
            about(before.len()).to_string()
        }
        // The folder's name, which is another in every run, stands before.
        Err(error) => {
            let words = error.to_string();
            shape(&words.rsplit_once(": ").unwrap_or_default().1.to_owned(), input)
        }
    };
    let hold = NotedElement { profile: "/p".into(), element: "new".to_owned(), source: String::new() };
    let about_holds = match holds.read() {
        Ok(before) => {
            holds.change(|holds| _ = holds.insert(hold.clone())).unwrap();
            let after = holds.read().unwrap();
            assert!(after.contains(&hold) && before.is_subset(&after));
            about(before.len()).to_string()
        }
        Err(error) => {
            assert!(holds.change(|holds| _ = holds.insert(hold)).is_err());
            assert_eq!(std::fs::read(holds.path()).unwrap(), input, "what cannot be read was written");
            shape(&error, input)
        }
    };
    format!("{about_notes} {about_holds}")
}
