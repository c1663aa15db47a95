# Environments for tests: the interface of nixpkgs' buildEnv, as far as the tests use it, built by
# /bin/sh without anything else. Links files one by one; the lower meta.priority wins, and what is
# left of a collision ends the build with the words that nixpkgs' builder has for it.
{
  name,
  paths,
  extraOutputsToInstall ? [ ],
  pathsToLink ? [ "/" ],
  ignoreCollisions ? false,
}:
let
  has = package: output: builtins.elem output package.outputs or [ "out" ];
  default =
    package:
    if package.outputSpecified or false then
      [ package ]
    else
      map (output: package.${output}) (package.meta.outputsToInstall or [ "out" ]);
  extra =
    package: map (output: package.${output}) (builtins.filter (has package) extraOutputsToInstall);
  chosen =
    package:
    map (path: "${toString (package.meta.priority or 5)} ${path}") (default package ++ extra package);
in
derivation {
  inherit name;
  system = builtins.currentSystem or "x86_64-linux";
  builder = "/bin/sh";
  PATH = "/usr/bin:/bin";
  chosen = builtins.concatStringsSep "\n" (builtins.concatMap chosen paths);
  wanted = toString pathsToLink;
  ignore = if ignoreCollisions then "1" else "";
  args = [
    "-c"
    ''
      mkdir -p $out taken
      printf '%s\n' "$chosen" | sort -s -n -k 1,1 | while read -r priority package; do
        for top in $wanted; do
          test -e "$package$top" || continue
          (cd $package && find ".$top" ! -type d) | sed 's|^\./*||' | while read -r file; do
            if test -L "$out/$file"; then
              test "$(cat "taken/$(echo $file | tr / _)")" = "$priority" || continue
              test -z "$ignore" || continue
              old=$(readlink "$out/$file")
              test "$old" != "$package/$file" || continue
              echo "pkgs.buildEnv error: two given paths contain a conflicting subpath:" >&2
              printf "  \`%s' and\n  \`%s'\n" "$package/$file" "$old" >&2
              echo "hint: this may be caused by two different versions of the same package in buildEnv's \`paths\` parameter" >&2
              exit 25
            fi
            mkdir -p "$out/$(dirname "$file")"
            ln -s "$package/$file" "$out/$file"
            echo "$priority" > "taken/$(echo $file | tr / _)"
          done || exit 25
        done || exit 25
      done || exit 25
    ''
  ];
}
