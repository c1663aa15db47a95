//! What stands below the options in each `--help`: examples to copy.
//!
//! A line that starts with two blanks and `firn` is an example; words after three or more
//! blanks say what it does. A test reads all of them as command lines, so none can go
//! stale. The manual page prints them too.

/// `firn --help`.
pub const ROOT: &str = "\
Options may stand before or after the command. Nix's own options work too and go to every nix call
they apply to: --impure, --offline, --override-flake, --option NAME VALUE, any setting as a flag.

Exit status: 0 done, 1 error, 2 wrong usage, 3 collisions are in the way, 130 cancelled.

Examples:
  firn                              open the interface on your profile
  firn demo                         try everything, no Nix needed
  firn add nixpkgs#fltk --dry-run   see what adding would change, collisions included
  firn rollback                     go back to the generation before

'firn COMMAND --help' has more on each, 'firn man' all of it as a manual page.";

/// `firn demo --help`.
pub const DEMO: &str = "\
Examples:
  firn demo              in firn's own data folder
  firn demo --fresh      start over with a new playground
  firn --demo list       any other command, on the playground";

/// `firn list --help`.
pub const LIST: &str = "\
Examples:
  firn list
  firn list --json | jq -r '.elements | keys[]'
  firn list --profile /nix/var/nix/profiles/default";

/// `firn add --help`.
pub const ADD: &str = "\
Examples:
  firn add nixpkgs#ripgrep nixpkgs#fd
  firn add nixpkgs#fltk --priority 6      keep the files of elements at 5 where both have them
  firn add --file . hello                 an attribute of ./default.nix
  firn add nixpkgs#git^out,doc --dry-run --json";

/// `firn remove --help`.
pub const REMOVE: &str = "\
Examples:
  firn remove hello ripgrep
  firn remove --regex '.*#python3.*'      whose flake and attribute match as a whole
  firn remove --all --dry-run";

/// `firn upgrade --help`.
pub const UPGRADE: &str = "\
Examples:
  firn upgrade --all
  firn upgrade --all --dry-run            what is new, and why the rest stays
  firn upgrade git bat --impure           evaluate with the machine in sight
  firn upgrade --regex '.*#python3.*' --json
  firn upgrade --file pkgs.nix git        of a profile of nix-env: from this file";

/// `firn outputs --help`.
pub const OUTPUTS: &str = "\
Examples:
  firn outputs git                 list them, with what each would add
  firn outputs git out,doc         install these two
  firn outputs git default         what the package declares
  firn outputs nixpkgs#curl        of something that is not installed";

/// `firn retarget --help`.
pub const RETARGET: &str = "\
Examples:
  firn retarget git nixpkgs/nixos-25.05
  firn retarget --regex 'flake:nixpkgs/nixos-24.05#.*' nixpkgs/nixos-25.05
  firn retarget todo github:ada/todo#default --dry-run";

/// `firn convert --help`.
pub const CONVERT: &str = "\
Examples:
  firn convert --from nixpkgs --dry-run
  firn convert --from nixpkgs --source git=nixpkgs#gitMinimal --source mytool=none
  firn convert           no package gets a source; 'firn retarget' can tell it later";

/// `firn hold --help`.
pub const HOLD: &str = "\
Examples:
  firn hold podman
  firn hold neovim zed
  firn upgrade --all     leaves all three as they are";

/// `firn unhold --help`.
pub const UNHOLD: &str = "\
Examples:
  firn unhold podman
  firn unhold neovim zed";

/// `firn priority --help`.
pub const PRIORITY: &str = "\
Examples:
  firn priority fltk 6      let every element at 5 win over fltk
  firn priority jj -1       let jj win over all of them
  firn priority jj 4 --dry-run";

/// `firn enable --help`.
pub const ENABLE: &str = "\
Examples:
  firn enable podman
  firn enable podman --dry-run      see what would be linked, and what would collide";

/// `firn disable --help`.
pub const DISABLE: &str = "\
Examples:
  firn disable podman       'firn enable podman' brings it back
  firn disable hello jq --dry-run";

/// `firn apply --help`.
pub const APPLY: &str = r#"Examples:
  firn apply plan.json --dry-run      see what it would do
  firn apply plan.json
  firn apply - < plan.json

A file:
  {"version":1,"changes":[
    {"change":"remove","element":"tmux"},
    {"change":"priority","element":"jj","to":4},
    {"change":"active","element":"podman","to":true},
    {"change":"add","installable":"nixpkgs#fltk","priority":6},
    {"change":"registry-add","from":"nixpkgs","to":"github:NixOS/nixpkgs/nixos-25.05"},
    {"change":"registry-pin","from":"home-manager"},
    {"change":"registry-remove","from":"old"}]}

Changes of your registry decide what the additions of the same file mean. They are
written after the profile has switched, make no generation, and no rollback undoes them.

In a profile of nix-env there are also
    {"change":"keep","element":"git","to":true}
    {"change":"upgrade-from","element":"git","file":"pkgs.nix"}
    {"change":"convert"}                  makes it one of nix profile, which nix-env refuses

'firn export --format json' writes such a file; that of a profile of nix-env holds its manifest.nix
and makes an empty profile one of nix-env again."#;

/// `firn collisions --help`.
pub const COLLISIONS: &str = "\
Examples:
  firn collisions
  firn collisions --json | jq '.shadowed[].path'
  firn add nixpkgs#fltk --dry-run      the collisions that adding would make";

/// `firn tree --help`.
pub const TREE: &str = "\
Examples:
  firn tree | grep ^bin/
  firn tree --generation 41
  firn tree --json | jq -r 'to_entries[] | select(.value.element == \"git\") | .key'";

/// `firn which --help`.
pub const WHICH: &str = "\
Examples:
  firn which rg                     the element that brings bin/rg, and whom it hides
  firn which share/man/man1/rg.1    any path of the profile
  firn which ~/.nix-profile/bin/rg --json";

/// `firn export --help`.
pub const EXPORT: &str = "\
Examples:
  firn export > packages.txt
  firn add --stdin < packages.txt             add them again, as their flakes are then
  firn export --format json > profile.json
  firn apply profile.json --profile ./copy    the very same profile
  firn export --format flake > flake.nix      'nix build' makes the same links
  firn export --format nix > environment.nix  the same for nix-build and 'nix-env -i -f'
  firn export --format home-manager           a module with home.packages";

/// `firn history --help`.
pub const HISTORY: &str = "\
Examples:
  firn history
  firn history --json | jq '.[] | select(.current)'";

/// `firn rollback --help`.
pub const ROLLBACK: &str = "\
Examples:
  firn rollback
  firn rollback --to 40
  firn rollback --dry-run      only tell where it would lead";

/// `firn undo --help`.
pub const UNDO: &str = "\
Examples:
  firn undo
  firn undo --dry-run      only tell where it would lead";

/// `firn diff --help`.
pub const DIFF: &str = "\
Examples:
  firn diff 40 42
  firn diff 42 40                           the same, the other way round
  firn diff 40 42 --json | jq .programs";

/// `firn diff-closures --help`.
pub const DIFF_CLOSURES: &str = "\
Examples:
  firn diff-closures
  firn diff-closures --json";

/// `firn delete-generations --help`.
pub const DELETE_GENERATIONS: &str = "\
Examples:
  firn delete-generations 30 31 --dry-run      what would be lost, and what that frees
  firn delete-generations +5
  firn delete-generations 30d";

/// `firn wipe-history --help`.
pub const WIPE_HISTORY: &str = "\
Examples:
  firn wipe-history --older-than 30d --dry-run
  firn wipe-history --older-than 30d";

/// `firn config --help`.
pub const CONFIG: &str = "\
Examples:
  firn config > ~/.config/firn/config.toml      a file to change, with every default in it
  firn config --check                           where your file is, and what is wrong with it";

/// `firn doctor --help`.
pub const DOCTOR: &str = "\
Examples:
  firn doctor
  firn doctor --json | jq -r '.[].mend'
  firn doctor --profile /nix/var/nix/profiles/default";

/// `firn completions --help`.
pub const COMPLETIONS: &str = "\
Examples:
  firn completions bash > ~/.local/share/bash-completion/completions/firn
  firn completions zsh > ~/.zfunc/_firn      a folder that is in fpath
  firn completions fish > ~/.config/fish/completions/firn.fish";

/// `firn man --help`.
pub const MAN: &str = "\
Examples:
  firn man | man -l -
  firn man > ~/.local/share/man/man1/firn.1";

/// `firn registry --help`.
pub const REGISTRY: &str = "\
Examples:
  firn registry list
  firn registry pin nixpkgs                         nixpkgs stays at its revision of today
  firn registry add mine git+file:///home/me/mine
  firn registry remove nixpkgs --dry-run
  firn registry resolve nixpkgs/nixos-unstable --json";
