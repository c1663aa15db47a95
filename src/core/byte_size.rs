//! Bytes as people read them.

/// Bytes in binary units with at most one decimal: `0 B`, `54 KiB`, `18.4 MiB`.
pub fn text(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    // Tenths of the unit, rounded half up; integers, so that no float rounding shows.
    let tenths_of = |scale: u128| (u128::from(bytes) * 10 + scale / 2) / scale;
    let (mut scale, mut unit) = (1024, 0);
    while tenths_of(scale) >= 10_240 && unit + 1 < UNITS.len() {
        scale *= 1024;
        unit += 1;
    }
    let tenths = tenths_of(scale);
    if tenths % 10 == 0 || tenths >= 1000 {
        format!("{} {}", tenths / 10, UNITS[unit])
    } else {
        format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_is_the_largest_that_fits() {
        for (bytes, wanted) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            (1024 * 1024 - 1, "1 MiB"),
            (u64::MAX, "16384 PiB"),
        ] {
            assert_eq!(text(bytes), wanted);
        }
    }
}
