//! The popup that tells what is wrong: with the configuration, or, when the doctor was asked, with
//! the profile.

use super::cursor::Move;
use crate::core::diagnosis::Finding;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::model::{Model, Notice, NoticeScreen, Overlay};
use crate::tui::view::max_scroll;

/// Has the profile looked at; the popup waits for the answer.
pub(super) fn diagnose(model: &mut Model) -> Vec<Effect> {
    model.overlays.push(Overlay::Notice(NoticeScreen { notice: Notice::Profile(None), scroll: 0 }));
    vec![Effect::Diagnose { program: model.commands.firn(&[]).trim_end().to_owned() }]
}

/// The doctor has answered; nobody waits if the popup was closed.
pub(super) fn diagnosed(model: &mut Model, answer: Result<Vec<Finding>, String>) {
    let notices = model.overlays.iter_mut().rev().filter_map(|overlay| match overlay {
        Overlay::Notice(screen) => Some(screen),
        _ => None,
    });
    for screen in notices {
        if matches!(screen.notice, Notice::Profile(None)) {
            screen.notice = Notice::Profile(Some(answer));
            return;
        }
    }
}

/// Scrolls, or goes on.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let limit = max_scroll(model);
    let Some(Overlay::Notice(screen)) = model.overlays.last_mut() else { return Vec::new() };
    let step = match action {
        Action::ScrollDown => Move::Down(1),
        Action::ScrollUp => Move::Up(1),
        Action::Top => Move::Top,
        Action::Bottom => Move::Bottom,
        Action::Accept => {
            model.overlays.pop();
            return Vec::new();
        }
        _ => return Vec::new(),
    };
    screen.scroll = step.from(screen.scroll.min(limit), limit);
    Vec::new()
}
