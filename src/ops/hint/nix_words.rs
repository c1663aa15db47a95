//! Advice for what Nix says when it refuses or fails, told apart by its words.
//!
//! Nix has no codes for its errors, only sentences, and they change between versions; so
//! each row names pieces that all versions since 2.20 have in common, and the first row
//! whose pieces all occur gives the advice. A sentence that no row knows gets no advice,
//! which is better than a wrong one.

/// Pieces of a message, and what to do about it.
const ADVICE: &[(&[&str], &str)] = &[
    // The daemon and the store.
    (
        &["cannot connect to socket"],
        "the Nix daemon does not run; start it ('sudo systemctl start nix-daemon' on most systems) and try again",
    ),
    (&["cannot open connection to remote store", "Broken pipe"], TURNED_AWAY),
    (&["cannot open connection to remote store", "Connection reset"], TURNED_AWAY),
    (&["cannot open connection to remote store", "end-of-file"], TURNED_AWAY),
    (&["not allowed to connect to the Nix daemon"], TURNED_AWAY),
    (
        &["Nix daemon disconnected unexpectedly"],
        "the Nix daemon has crashed or was stopped; start it and try again",
    ),
    (&["opening lock file", "/db/", "Permission denied"], NOT_YOURS),
    (&["run as non-root in a single-user Nix installation"], NOT_YOURS),
    (&["you don't have sufficient rights"], NOT_YOURS),
    (&["is not supported for this Nix store"], ELSEWHERE),
    (&["don't know how to open Nix store"], ELSEWHERE),
    (&["No space left on device"], DISK_FULL),
    (&["database or disk is full"], DISK_FULL),
    (&["Disk quota exceeded"], DISK_FULL),
    (
        &["Read-only file system"],
        "make the file system writable, or name a profile in another folder with --profile",
    ),
    (&["lacks a signature by a trusted key"], UNSIGNED),
    // The program itself.
    (&["is not a recognised command"], OLD),
    (&["unrecognised flag"], OLD),
    (
        &["experimental", "feature", "is disabled"],
        "add --extra-experimental-features NAME, or the name to 'experimental-features' in nix.conf",
    ),
    // Prompts, which a child of firn cannot show.
    (&["could not read Username"], PROMPT),
    (&["terminal prompts disabled"], PROMPT),
    (&["Permission denied (publickey"], PROMPT),
    (&["Host key verification failed"], PROMPT),
    // The network.
    (&["unable to download"], NETWORK),
    (&["resolve host"], NETWORK),
    (&["Could not connect to server"], NETWORK),
    // Flakes and evaluation.
    (&["unfree license"], "NIXPKGS_ALLOW_UNFREE=1 before the command, with --impure, allows it"),
    (&["is marked as insecure"], "NIXPKGS_ALLOW_INSECURE=1 before the command, with --impure, allows it"),
    (&["is marked as broken"], "NIXPKGS_ALLOW_BROKEN=1 before the command, with --impure, allows it"),
    (
        &["is not available on the requested hostPlatform"],
        "this package is not made for this kind of machine; look for another one",
    ),
    (
        &["cannot find flake 'flake:"],
        "'nix registry list' shows the names Nix knows; a whole reference looks like github:NixOS/nixpkgs",
    ),
    (&["does not provide attribute"], "'nix search' with the flake and a word finds the names it has"),
    (&["pure evaluation mode"], "--impure lets it read what it asks for"),
    (&["pure eval mode"], "--impure lets it read what it asks for"),
    (
        &["NAR hash mismatch in input 'path:"],
        "the folder has changed since it was locked; 'firn upgrade' of its element takes what it holds now",
    ),
    (
        &["hash mismatch"],
        "what lies at the address is not what the package expects; a newer revision of its flake may know",
    ),
    (&["requires lock file changes"], LOCK_FILE),
    (&["cannot write modified lock file"], LOCK_FILE),
    (&["Required system"], OTHER_MACHINE),
    (&["is required to build", "but I am a"], OTHER_MACHINE),
];

const TURNED_AWAY: &str = "the Nix daemon lets no connection of this user stand; 'allowed-users' in its nix.conf says who may use it";
const NOT_YOURS: &str =
    "the store belongs to another user; start the Nix daemon, through which everybody may use it";
const ELSEWHERE: &str =
    "firn works on the store of this machine; the setting 'store' (or NIX_REMOTE, or --store) names another";
const DISK_FULL: &str = "make room and try again: 'firn wipe-history --older-than 30d', then 'nix store gc', frees what nothing needs";
const UNSIGNED: &str =
    "an administrator can trust the key or the substituter in nix.conf; without, Nix has to build it";
const OLD: &str = "this nix does not know what firn asks for; firn needs Nix 2.20 or later, or Lix";
const PROMPT: &str =
    "it wanted to ask something, a password perhaps; run 'nix flake metadata' on it in a terminal once";
const NETWORK: &str = "look at the network connection; --offline makes do with what is here already";
const LOCK_FILE: &str = "the flake's lock file is not complete; 'nix flake lock' in its folder writes it";
const OTHER_MACHINE: &str =
    "this package is built on another kind of machine; no cache that Nix asks has it ready";

/// The advice for what a nix command said.
pub(super) fn advice(message: &str) -> Option<&'static str> {
    let fits = |pieces: &[&str]| pieces.iter().all(|piece| message.contains(piece));
    ADVICE.iter().find(|(pieces, _)| fits(pieces)).map(|(_, advice)| *advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_row_that_fits_decides() {
        let full = "error: writing to file '/nix/store/x': No space left on device";
        assert_eq!(advice(full), Some(DISK_FULL));
        assert_eq!(
            advice(
                "error: cannot open connection to remote store 'daemon': error: write of 16 bytes: Broken pipe"
            ),
            Some(TURNED_AWAY)
        );
        assert_eq!(advice("error: something new"), None);
    }
}
