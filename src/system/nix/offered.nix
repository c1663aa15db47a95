# What nix-env would record of the packages in a value: `value: [ package … ]`.
#
# A function without arguments that must be given is called. Packages are the value itself, those
# of a list, and those of a set, with the sets below it that say `recurseForDerivations`. Of `meta`
# nix-env keeps what is made of numbers, booleans, strings, lists and sets, and no packages.
value:
let
  plain = builtins.unsafeDiscardStringContext;
  is_package = value: builtins.isAttrs value && (value.type or null) == "derivation";
  is_kept =
    value:
    if builtins.isList value then
      builtins.all is_kept value
    else if builtins.isAttrs value then
      !(value ? outPath) && builtins.all is_kept (builtins.attrValues value)
    else
      builtins.elem (builtins.typeOf value) [ "int" "bool" "string" "float" ];
  kept =
    meta:
    removeAttrs meta (builtins.filter (name: !is_kept meta.${name}) (builtins.attrNames meta));

  package =
    value:
    let
      meta = kept (value.meta or { });
      all =
        if value ? outputs then
          builtins.listToAttrs (
            map (name: {
              inherit name;
              value = plain value.${name}.outPath;
            }) (builtins.filter (name: value ? ${name}.outPath) value.outputs)
          )
        else
          { out = plain value.outPath; };
    in
    {
      name = plain value.name;
      system = plain (value.system or "unknown");
      path = plain value.outPath;
      derivation = plain value.drvPath;
      inherit meta all;
      install =
        if value.outputSpecified or false then
          [ value.outputName ]
        else
          meta.outputsToInstall or (builtins.attrNames all);
    };

  is_name = name: builtins.match "[A-Za-z_][A-Za-z0-9_+-]*" name != null;
  packages =
    value:
    if is_package value then
      [ (package value) ]
    else if builtins.isList value then
      builtins.concatMap packages value
    else if builtins.isAttrs value then
      builtins.concatMap (
        name:
        let
          below = value.${name};
        in
        if is_package below then
          [ (package below) ]
        else if builtins.isAttrs below && (below.recurseForDerivations or false) == true then
          packages below
        else
          [ ]
      ) (builtins.filter is_name (builtins.attrNames value))
    else if builtins.isFunction value then
      packages (value { })
    else
      throw "it is ${builtins.typeOf value}, and neither a package nor a set or list of packages";
in
packages value
