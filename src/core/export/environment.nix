# What a flake and a file that firn exports are made with; these first lines are left out.
let
  # The outputs that 'nix profile' installs of a package if none are named.
  defaultOutputs =
    package:
    if package ? outputSpecified then
      [ (if package.outputSpecified then package.outputName else "out") ]
    else
      package.meta.outputsToInstall or [ "out" ];

  paths =
    element:
    let
      inherit (element) package;
      wanted = element.outputs or (defaultOutputs package);
      outputs = if wanted == "*" then package.outputs or [ "out" ] else wanted;
      path = output: if output == package.outputName or "out" then package else package.${output};
    in
    if builtins.isAttrs package then map path outputs else [ package ];

  # A path that is in the store already.
  stored = path: builtins.appendContext path { ${path} = { path = true; }; };

  # Links packages as 'nix profile' and 'nix-env' do; the lower priority wins.
  environment =
    elements:
    derivation {
      name = "profile";
      system = "builtin";
      builder = "builtin:buildenv";
      preferLocalBuild = true;
      allowSubstitutes = false;
      manifest = builtins.toFile "env-manifest.nix" "[ ]";
      derivations = builtins.concatMap (
        element:
        let
          found = paths element;
          active = if element.active or true then "true" else "false";
        in
        [ active (element.priority or 5) (builtins.length found) ] ++ found
      ) elements;
    };
in
