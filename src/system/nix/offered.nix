# What nix-env would record of the packages in a value.
#
# `names: value:` with the names (without versions) of the packages that an upgrade looks for, or with
# null for all packages of the value. Of names each package comes with the priority that nix-env
# compares, and one that does not evaluate costs only itself.
#
# A function without arguments that must be given is called. Packages are the value itself, those
# of a list, and those of a set, with the sets below it that say `recurseForDerivations`; a set with
# `_combineChannels` is several channels, each as if it stood alone. Of `meta` nix-env keeps what is
# made of numbers, booleans, strings, lists and sets, and no packages.
names:
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

  # As nix-env, which passes over what throws before it has told its name.
  attempt = value: builtins.tryEval (builtins.deepSeq value value);
  kind =
    value:
    if names == null then
      (if is_package value then "package" else "other")
    else
      let
        tried = attempt (if is_package value then builtins.seq value.name "package" else "other");
      in
      if tried.success then tried.value else "fails";

  is_name = name: builtins.match "[A-Za-z_][A-Za-z0-9_+-]*" name != null;
  derivations =
    value:
    let
      is = kind value;
      below =
        name:
        let
          inner = value.${name};
          of = kind inner;
        in
        if value ? _combineChannels then
          derivations inner
        else if of == "package" then
          [ inner ]
        else if of == "other" && builtins.isAttrs inner && (inner.recurseForDerivations or false) == true then
          derivations inner
        else
          [ ];
    in
    if is == "package" then
      [ value ]
    else if is == "fails" then
      [ ]
    else if builtins.isList value then
      builtins.concatMap derivations value
    else if builtins.isAttrs value then
      builtins.concatMap below (builtins.filter is_name (builtins.attrNames value))
    else if builtins.isFunction value then
      derivations (value { })
    else
      throw "it is ${builtins.typeOf value}, and neither a package nor a set or list of packages";

  is_wanted = value: builtins.elem (builtins.parseDrvName (plain value.name)).name names;
  candidate =
    value:
    let
      tried = attempt (package value);
      priority = attempt (value.meta.priority or 0);
    in
    {
      name = plain value.name;
      priority = if priority.success && is_kept priority.value then priority.value else 0;
      package = if tried.success then tried.value else null;
    };
in
value:
if names == null then
  map package (derivations value)
else
  map candidate (builtins.filter is_wanted (derivations value))
