//! Plans saved from the review: files of the state folder that `firn apply` reads.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::bounded_file::{self, BoundedReadError};

/// A change takes some hundred bytes.
const LARGEST: u64 = 64 << 20;

/// Reads the text of a plan, or of a transaction of any origin; a pipe will do, as a shell's `<(…)`
/// is one. `None` stands for standard input.
pub fn read(file: Option<&Path>) -> Result<String, BoundedReadError> {
    match file {
        Some(file) => bounded_file::text(bounded_file::read_from(File::open(file)?, LARGEST)?),
        None => bounded_file::standard_input(LARGEST),
    }
}

/// Writes a transaction's JSON as `plans/<seconds since 1970>.json` of the state folder, with `-1`,
/// `-2`, … behind the seconds if that one is taken; tells the path.
pub fn save(state: &Path, now: i64, text: &str) -> io::Result<PathBuf> {
    let folder = state.join("plans");
    std::fs::create_dir_all(&folder)?;
    let mut number = 0;
    loop {
        let name = if number == 0 { format!("{now}.json") } else { format!("{now}-{number}.json") };
        let path = folder.join(name);
        match std::fs::File::create_new(&path) {
            Ok(mut file) => {
                io::Write::write_all(&mut file, text.as_bytes())?;
                file.sync_all()?;
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_plan_takes_the_place_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let first = save(folder.path(), 7, "one").unwrap();
        let second = save(folder.path(), 7, "two").unwrap();
        assert_eq!(std::fs::read_to_string(&first).unwrap(), "one");
        assert_eq!(std::fs::read_to_string(&second).unwrap(), "two");
        assert!(second.ends_with("plans/7-1.json"));
    }
}
