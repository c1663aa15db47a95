//! Where the programs that firn rests on are: itself, and the nix it calls.

use std::path::PathBuf;

/// The real paths of this program and of the `nix` it finds (`FIRN_NIX_BIN`, then `PATH`).
pub fn real_paths() -> Vec<PathBuf> {
    let own = std::env::current_exe().ok();
    let named = std::env::var_os("FIRN_NIX_BIN").map(PathBuf::from);
    let searched = std::env::var_os("PATH");
    let searched = searched.iter().flat_map(std::env::split_paths);
    let nix = named.into_iter().chain(searched).map(|folder| folder.join("nix")).find(|path| path.is_file());
    own.into_iter().chain(nix).filter_map(|path| path.canonicalize().ok()).collect()
}
