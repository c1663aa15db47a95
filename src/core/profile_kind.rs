//! What a profile is of, by its name and by where it leads: who makes its generations, and who
//! may switch them.
//!
//! firn switches profiles that `nix profile` and `nix-env` made. Making a generation of a system
//! or of home-manager live is more than moving a link: their own tools start services and write
//! files, so firn shows their history and names the command.

use super::shell_words;

/// What made a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProfileKind {
    /// `nix profile`: it has a `manifest.json`.
    NixProfile,
    /// `nix-env` or `nix-channel`: it has a `manifest.nix`.
    NixEnv,
    /// home-manager.
    HomeManager,
    /// NixOS, nix-darwin or another that makes whole systems.
    System,
    /// Nothing is there yet.
    Empty,
    /// None of these.
    Unknown,
}

/// What tells the kind.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProfileSigns<'a> {
    /// The name of the profile's link.
    pub name: &'a str,
    /// The name of the store path it leads to, without the hash; empty if it leads to none.
    pub target: &'a str,
    /// Whether it has a `manifest.json`.
    pub has_json: bool,
    /// Whether it has a `manifest.nix`.
    pub has_nix: bool,
}

impl ProfileKind {
    /// The kind that the signs tell of.
    pub fn of(signs: ProfileSigns<'_>) -> Self {
        let ProfileSigns { name, target, has_json, has_nix } = signs;
        if target.ends_with("home-manager-generation") {
            Self::HomeManager
        } else if target.starts_with("nixos-system-") || target.starts_with("darwin-system-") {
            Self::System
        } else if has_json {
            Self::NixProfile
        } else if has_nix {
            Self::NixEnv
        } else if target.is_empty() {
            Self::Empty
        } else if name == "system" || target.starts_with("system-manager") {
            Self::System
        } else if name == "home-manager" {
            Self::HomeManager
        } else {
            Self::Unknown
        }
    }

    /// In words, for lists.
    pub fn words(self) -> &'static str {
        match self {
            Self::NixProfile => "nix profile",
            Self::NixEnv => "nix-env",
            Self::HomeManager => "home-manager",
            Self::System => "system",
            Self::Empty => "empty",
            Self::Unknown => "unknown",
        }
    }

    /// Whether switching it is left to a tool of its own.
    pub fn has_own_tool(self) -> bool {
        matches!(self, Self::HomeManager | Self::System)
    }

    /// The folders below a generation where its programs are.
    pub fn program_folders(self) -> &'static [&'static str] {
        match self {
            Self::System => &["sw/bin"],
            Self::HomeManager => &["home-path/bin"],
            _ => &["bin"],
        }
    }

    /// The link below a generation that leads to what holds the packages.
    pub fn packages_at(self) -> Option<&'static str> {
        match self {
            Self::System => Some("sw"),
            Self::HomeManager => Some("home-path"),
            _ => None,
        }
    }

    /// The command that makes a generation live, where firn does not. `link` is the generation's.
    pub fn switch_command(self, profile: &str, number: u64, link: &str) -> Option<String> {
        let quoted = |word: &str| shell_words::line([word]);
        match self {
            Self::HomeManager => Some(quoted(&format!("{link}/activate"))),
            Self::System => Some(format!(
                "sudo nix-env --profile {} --switch-generation {number} && sudo {} switch",
                quoted(profile),
                quoted(&format!("{link}/bin/switch-to-configuration"))
            )),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_tell_the_kind() {
        let kind = |name, target, has_json, has_nix| {
            ProfileKind::of(ProfileSigns { name, target, has_json, has_nix })
        };
        assert_eq!(kind("profile", "profile", true, false), ProfileKind::NixProfile);
        assert_eq!(kind("profile", "profile", true, true), ProfileKind::NixProfile);
        assert_eq!(kind("default", "user-environment", false, true), ProfileKind::NixEnv);
        assert_eq!(kind("system", "nixos-system-box-25.05", false, false), ProfileKind::System);
        assert_eq!(kind("test", "nixos-system-box-25.05", false, false), ProfileKind::System);
        assert_eq!(kind("home-manager", "home-manager-generation", false, false), ProfileKind::HomeManager);
        assert_eq!(kind("per-user", "", false, false), ProfileKind::Empty);
        assert_eq!(kind("x", "etc", false, false), ProfileKind::Unknown);
    }

    #[test]
    fn their_own_tools_are_named() {
        let command = |kind: ProfileKind| kind.switch_command("/p/system", 4, "/p/system-4-link");
        assert_eq!(command(ProfileKind::NixProfile), None);
        assert_eq!(command(ProfileKind::HomeManager).as_deref(), Some("/p/system-4-link/activate"));
        assert_eq!(
            command(ProfileKind::System).as_deref(),
            Some(
                "sudo nix-env --profile /p/system --switch-generation 4 && sudo \
                 /p/system-4-link/bin/switch-to-configuration switch"
            )
        );
    }
}
