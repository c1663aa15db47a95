//! The popup that tells what is wrong with the configuration.

use super::cursor::Move;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::model::{Model, Overlay};
use crate::tui::view::max_scroll;

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
