//! Writes a PNG beside each SVG that is named: `pictures-png screenshots/*.svg`.
//!
//! The text is set in `DejaVu Sans Mono`, which comes with the crate `dejavu`, so the same
//! pictures come out wherever this runs. Each PNG carries the SHA-256 of its SVG under the
//! keyword `Source`; by that `tests/screenshots` finds one that is stale.

use std::error::Error;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{Options, Tree};
use sha2::{Digest as _, Sha256};

/// Pixels of the PNG for each of the SVG, for screens with small ones.
const ZOOM: u8 = 2;

fn main() -> ExitCode {
    let options = options();
    for name in std::env::args_os().skip(1) {
        if let Err(error) = convert(Path::new(&name), &options) {
            eprintln!("{}: {error}", Path::new(&name).display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// One font family, whatever the machine has.
fn options() -> Options<'static> {
    let mut fonts = Database::new();
    for font in [dejavu::sans_mono::regular(), dejavu::sans_mono::bold()] {
        fonts.load_font_data(font.to_vec());
    }
    fonts.set_monospace_family("DejaVu Sans Mono");
    Options { fontdb: Arc::new(fonts), ..Options::default() }
}

fn convert(file: &Path, options: &Options) -> Result<(), Box<dyn Error>> {
    let text = std::fs::read(file)?;
    let tree = Tree::from_data(&text, options)?;
    let size = tree.size().to_int_size();
    let (width, height) = (size.width() * u32::from(ZOOM), size.height() * u32::from(ZOOM));
    let mut pixels = Pixmap::new(width, height).ok_or("the picture has no size")?;
    let zoom = f32::from(ZOOM);
    resvg::render(&tree, Transform::from_scale(zoom, zoom), &mut pixels.as_mut());

    let target = BufWriter::new(File::create(file.with_extension("png"))?);
    let mut encoder = png::Encoder::new(target, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_compression(png::Compression::High);
    encoder.add_text_chunk("Source".to_owned(), format!("{:x}", Sha256::digest(&text)))?;
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels.take_demultiplied())?;
    writer.finish()?;
    Ok(())
}
