//! The same by keys, as far as it is another road: the row, the reason, the upgrade and the collision.

use super::Walk;
use super::support::each_nix;

#[test]
fn a_row_tells_its_file_and_is_upgraded_by_keys() {
    each_nix("an environment file in the interface", |nix| {
        let walk = Walk::new(nix);
        walk.five("1.2.11");
        walk.firn(&["add", "--file", "myproject_env.nix"]).expect(0);
        let info = walk.frame("<enter>");
        assert!(info.contains("environment file"), "{info}");
        walk.five("1.2.13");
        let checked = walk.frame("u");
        assert!(checked.contains("myproject-env") && checked.contains("new build"), "{checked}");
        assert_eq!(walk.read("lib/libz.so"), "1.2.11");
        walk.frame("u w y");
        assert_eq!(walk.read("lib/libz.so"), "1.2.13", "{checked}");
        let same = walk.frame("u");
        assert!(same.contains("nothing newer"), "{same}");
    });
}

#[test]
fn the_collisions_screen_explains_what_is_contained() {
    each_nix("an environment next to what it contains, in the interface", |nix| {
        let walk = Walk::new(nix);
        walk.five("1.2.11");
        walk.firn(&["add", "--file", "myproject_env.nix"]).expect(0);
        walk.firn(&["add", "--file", "packages.nix", "zlib", "--priority", "6"]).expect(0);
        let frame = walk.frame("j p 5 <enter> c");
        assert!(frame.contains("contains zlib, which is installed on its own too"), "{frame}");
        assert!(frame.contains("remove zlib"), "{frame}");
    });
}
