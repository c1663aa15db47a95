//! Draws the model.

use ratatui::Frame;

use super::model::Model;

/// Draws the whole screen.
pub fn view(model: &Model, frame: &mut Frame<'_>) {
    let _ = (model, frame);
}
