//! What binary caches answer: listings of packages, and their sizes and references.

use firn::core::nar_info::NarInfo;
use firn::core::nar_listing::NarListing;
use firn::core::store_path::StorePath;
use firn::system::package_reader::read_listed;

use super::targets::{Target, shape, store_dir};

/// `<hash>.ls`.
pub const LISTING: Target = Target {
    name: "listing",
    is_toml: false,
    words: &[
        r#"{"version":1,"root":"#,
        r#""type":"directory""#,
        r#""type":"regular""#,
        r#""type":"symlink""#,
        r#""entries":{"#,
        r#""target":""#,
        r#""size":"#,
        "../",
        "/nowhere/store/",
    ],
    run: listing,
};

/// `<hash>.narinfo`.
pub const INFO: Target = Target {
    name: "narinfo",
    is_toml: false,
    words: &["StorePath: ", "FileSize: ", "NarSize: ", "References: ", "/nix/store/", "\n"],
    run: info,
};

fn listing(input: &[u8]) -> String {
    let listing = match NarListing::parse(input) {
        Ok(listing) => listing,
        Err(error) => return shape(&error, input),
    };
    let path = StorePath::from_parts(&store_dir(), [7; 20], "package").unwrap();
    let mut find = |asked: &[StorePath]| {
        Ok(asked.iter().map(|asked| (*asked == path).then(|| listing.clone())).collect())
    };
    let trees = read_listed(std::slice::from_ref(&path), &store_dir(), &mut find).unwrap();
    let package = &trees.packages[path.as_str().as_bytes()];
    let kind = format!("{:?}", package.root);
    let kind = kind.split([' ', '(']).next().unwrap_or_default();
    format!("{kind} {:?} {}", package.basis, trees.directories.len().min(9))
}

fn info(input: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(input) else { return "not UTF-8".to_owned() };
    match NarInfo::parse(text, &store_dir()) {
        Ok(info) => {
            assert!(!info.references.contains(&info.path));
            format!("{} {}", info.download_size.is_some(), info.references.len().min(9))
        }
        Err(error) => shape(&error, input),
    }
}
