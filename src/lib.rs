//! firn: Nix profiles in the terminal.
//!
//! # Modules
//!
//! Imports go one way: `main → cli, tui → ops → system → core`; `tests/architecture.rs` holds
//! them to it.
//!
//! - [`core`]: the rules, pure. Store paths and NARs ([`core::store_path`], [`core::nar`]),
//!   `manifest.json` ([`core::manifest`], [`core::flake_ref`]), nix-env's `manifest.nix` and what nix-env
//!   would make of it ([`core::user_environment`]), where its packages may be from ([`core::conversion`]), what packages hold
//!   ([`core::file_tree`]), which outputs they have ([`core::available_outputs`]), the symlink tree with everything that collides
//!   ([`core::link_tree`]), staged changes ([`core::change`], [`core::transaction`]), what
//!   they lead to ([`core::plan`]), what there is to add ([`core::package_list`], [`core::package_search`]), what a flake has today ([`core::evaluation`]) and what that
//!   means for an element ([`core::upgrade`]), what registries make of a name ([`core::registry`]), ways out
//!   of collisions ([`core::resolution`]), the nix commands that do the same
//!   ([`core::nix_commands`]), options of Nix as words ([`core::nix_options`]), where a file comes from ([`core::file_origin`]), the file that an element
//!   was added from ([`core::file_source`]), paths as they are typed ([`core::typed_path`]), what environments are made of and what collides inside them
//!   ([`core::contained_outputs`], [`core::environment_collision`], [`core::environment_difference`]), text of the Nix language ([`core::nix_text`]), a
//!   profile as something to keep ([`core::export`]), what can be wrong with one
//!   ([`core::diagnosis`]), generations and what differs between them ([`core::generation`],
//!   [`core::difference`], [`core::comparison`], [`core::closure_difference`]), what firn did to a
//!   profile and what an undo takes back ([`core::deeds`]), what a deletion loses and a garbage collection would free
//!   ([`core::deletion_loss`], [`core::store_graph`]), what a profile had better not lose ([`core::essentials`]),
//!   and what home-manager will do to it ([`core::home_manager`]).
//! - [`system`]: the only place that touches the machine. [`system::machine`] has the traits,
//!   [`system::progress`] what long deeds report;
//!   [`system::nix`] is the real Nix, through its commands; [`system::playground`] a store of our
//!   own on disk; [`system::profile_folder`] generation links, lock and atomic switch;
//!   [`system::registry_file`] where registries are; [`system::package_reader`] reads packages,
//!   [`system::package_size`] measures them, [`system::path_completion`] completes what is typed, [`system::binary_cache`] tells about those that are
//!   not here; [`system::journal`] remembers what firn did, [`system::notes`] what the user noted,
//!   [`system::holds`] what the user holds back, [`system::file_sources`] which files elements came
//!   from, [`system::remembered_options`] with which options of Nix elements are asked about. What others
//!   wrote is read through [`system::bounded_file`], which nothing can make wait or grow.
//! - [`ops`]: use cases, named by deed, shared by both front ends: load, gather, apply, roll back,
//!   delete, find a file, diagnose.
//! - [`tui`]: the interface. [`tui::model`] is everything it knows, [`tui::update`] answers a
//!   [`tui::msg`] with [`tui::effect`]s, [`tui::view`] draws, [`tui::runtime`] owns the terminal
//!   and the worker lanes, [`tui::keymap`] is the table of keys, [`tui::configuration`] what the user
//!   has set.
//! - [`cli`]: the verbs. `cli/typed.rs` is what was typed, `cli/meant.rs` what it means; help,
//!   completions and the manual page are made from the same grammar.
//!
//! # One change, from key to disk
//!
//! A key becomes an [`tui::action`], the action stages a [`core::change::Change`] in the
//! transaction, and `update` plans again at once: [`core::plan::Plan::make`] folds the changes
//! into the manifest and links the tree from the [`core::facts::Facts`] learnt so far. What is
//! missing leaves as [`core::facts::Needs`], is learnt on a lane by [`ops::gather_facts`], and the
//! plan is made again. `y` in Review hands the very plan that was shown to [`ops::apply_plan`],
//! which writes the profile into the store, takes the lock, checks that nobody moved the profile,
//! and switches. `firn remove x` walks the same road without the keys.
//!
//! Edits of the user's registry walk it too: the plan carries them out on the registries it was told,
//! additions and upgrades are asked for under the edited one, and [`ops::write_registry`] writes the
//! file behind the switch. They make no generation.
//!
//! # The screen
//!
//! ```text
//!  title line: profile, live generation, elements, store, what is staged, collisions by kind
//! ┏[1] Installed ━━━━━━━━━━━━━━━━┓┌[0]▌Tree▐ Diff  Info ── result if applied: gen 6 ─┐
//! ┃  glyph columns:              ┃│ tab line of the preview; the tree that would     │
//! ┃ ▸!+ fltk  ∅ → 1.3.11   5 n9f2┃│ result, one line per link or folder, with        │
//! ┃ │││ name  version    prio src┃│ + ~ - marks and what collides                    │
//! ┃ ││└ staged                   ┃│                                                  │
//! ┃ │└─ state                    ┃│                                                  │
//! ┃ └── cursor                   ┃│                                                  │
//! ┗━━━━━━━━━━━━━━━━━━━━━ 2 of 17 ━┛│                                                  │
//! ┌[2] Registry ────── user 1 ───┐│                                                  │
//! │ ▸  nixpkgs  user  github:…  3││                                                  │
//! └──────────────────────────────┘│                                                  │
//! ┌[3] History ──────────────────┐│ ──────────────────────────────────────────────── │
//! │ ▸● 5  today 01:18  + jujutsu ││ details of the row or line under the cursor      │
//! └──────────────────────────────┘└──────────────────────────────────────────────────┘
//!  plan line: what is staged and whether it can be applied, or the toast
//!  hint line: keys for here, from the keymap table
//! ```
//!
//! A *pane* is one of the boxes, numbered by its key; an *overlay* lies on top of all of them
//! (collisions, review, rollback sheet, help, palette, copy menu, command log, trace, a field, a
//! question); a *row* is an element, an entry of a registry or a generation, a *line* belongs to
//! the tree or the log.
//!
//! # Files on disk
//!
//! | file | what it is | who else writes it |
//! |---|---|---|
//! | `P`, `P-N-link` | the profile and its generations | Nix |
//! | `P.lock` | the profile's lock, gone when nobody holds it | Nix |
//! | `<config>/config.toml`, `<config>/themes/*.toml` | what the user has set; only read | the user |
//! | `<state>/journal.jsonl` | what firn did, one JSON line each | nobody |
//! | `<state>/holds.json`, `holds.lock` | elements that are not to be upgraded | nobody |
//! | `<state>/files.json`, `files.lock` | files and expressions that elements were added from | nobody |
//! | `<state>/options.json`, `options.lock` | options of Nix remembered for elements, flakes whose settings are accepted | nobody |
//! | `<state>/generation-notes.json` | labels of generations, and which are kept | nobody |
//! | `<state>/plans/*.json` | plans saved from Review | nobody |
//! | `<state>/registry-backups/` | registries as they were before firn changed them | nobody |
//! | `<cache>/evaluations/*.json` | what the packages of locked flakes are, so that they are evaluated once | nobody |
//! | `<cache>/nix.json` | what each nix program can do, so that it is asked once | nobody |
//! | `<cache>/listings/*.packages` | packages of locked flakes, so that each is listed once | nobody |
//! | `<data>/playground/` | the store, profile, registries and journal of `firn demo` | nobody |
//!
//! `<config>`, `<state>`, `<cache>` and `<data>` are the platform's folders for a program called
//! `firn` (`~/.config/firn`, `~/.local/state/firn`, `~/.cache/firn` and `~/.local/share/firn` on
//! Linux), or what `FIRN_CONFIG_DIR`, `FIRN_STATE_DIR`, `FIRN_CACHE_DIR` and `FIRN_DATA_DIR` name.
//! While applying there is also a temporary folder `firn-cache-…` with the NAR of the new profile,
//! and `firn-scratch-…` keeps what was resolved for an addition; both go with firn, or if it is
//! killed, when something is applied next.

pub mod cli;
pub mod core;
pub mod ops;
pub mod system;
pub mod tui;
