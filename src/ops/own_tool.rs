//! Leaves profiles of a system or of home-manager to their own tools: switching one by its link
//! alone would leave everything else as it was.

use crate::system::profile_folder::ProfileFolder;

use super::Context;
use super::find_profiles::kind_of;
use super::refusal::Refusal;

/// Fails if the profile is not firn's to switch. `to` is the generation that was asked for; the
/// error names the command that goes there.
pub fn check(context: &Context, folder: &ProfileFolder, to: Option<u64>) -> Result<(), Refusal> {
    let kind = kind_of(context, &folder.link);
    if !kind.has_own_tool() {
        return Ok(());
    }
    let command = to.and_then(|number| switch_command(context, folder, number));
    let command = command.unwrap_or_else(|| "home-manager switch, or nixos-rebuild switch".to_owned());
    Err(Refusal::OwnTool { profile: folder.link.clone(), made_by: kind.words(), command })
}

/// The command that makes a generation live, if that is not firn's to do.
pub fn switch_command(context: &Context, folder: &ProfileFolder, number: u64) -> Option<String> {
    let link = folder.generation_link(number)?;
    kind_of(context, &folder.link).switch_command(
        &folder.link.to_string_lossy(),
        number,
        &link.to_string_lossy(),
    )
}
